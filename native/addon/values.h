/** Making values for JavaScript. */
#ifndef KVS_ADDON_VALUES_H
#define KVS_ADDON_VALUES_H

#include <napi.h>

#include <cstddef>
#include <vector>

#include "kvs/status.h"
#include "kvs/stream.h"

namespace kvs_addon {

/** 2^32: a method that returns two numbers returns the second one times this. */
constexpr double kHighPart = 4294967296.0;

inline napi_value Number(napi_env env, double number) {
    napi_value value = nullptr;
    napi_create_double(env, number, &value);
    return value;
}

inline napi_value Undefined(napi_env env) {
    napi_value value = nullptr;
    napi_get_undefined(env, &value);
    return value;
}

/**
 * A plain object in the making. Its properties are defined and not assigned, so that no setter of a
 * script's Object.prototype runs.
 */
class Record {
  public:
    explicit Record(napi_env env) : env_(env) {}

    void Add(const char *name, napi_value value);
    void Add(const char *name, bool flag);
    void Add(const char *name, double number) { Add(name, Number(env_, number)); }
    void Add(const char *name, const char *text);

    /** The object, or nullptr when JavaScript cannot go on, as in a worker that is terminated. */
    napi_value Finish() const;

  private:
    napi_env env_;
    std::vector<napi_property_descriptor> properties_;
};

/** What `pollEvent()` returns. `timecode_scale_ns` turns timecodes into milliseconds. */
napi_value EventToValue(napi_env env, const kvs_event &event, uint64_t timecode_scale_ns);

/** What `metrics()` of a stream returns. */
napi_value StreamMetricsToValue(napi_env env, const struct kvs_stream_metrics &metrics);

/** What `metrics()` of a client returns. */
napi_value ClientMetricsToValue(napi_env env, const struct kvs_client_metrics &metrics);

} // namespace kvs_addon

#endif
