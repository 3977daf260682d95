#ifndef KVS_ADDON_CLIENT_WRAP_H
#define KVS_ADDON_CLIENT_WRAP_H

#include <napi.h>

#include <cstdint>
#include <unordered_set>

#include "kvs/client.h"

namespace kvs_addon {

class Module;
class StreamWrap;

/**
 * The JavaScript object that owns a client of the core.
 *
 * Closed by `close()`, by the environment's cleanup hook, or as the last resort when it is
 * collected; each of them closes its streams first. It points to its streams without owning them,
 * and each open stream keeps it from being collected. Thread: the environment's.
 */
class ClientWrap : public Napi::ObjectWrap<ClientWrap> {
  public:
    static constexpr uint64_t kTypeTag = 0x8f1b3c0e5a7d4e21u;

    static Napi::Function Define(Napi::Env env);

    explicit ClientWrap(const Napi::CallbackInfo &info);
    ~ClientWrap();

    /** Destroys the streams and the client of the core. Idempotent. */
    void Close();

    void Attach(StreamWrap *stream) { streams_.insert(stream); }
    void Detach(StreamWrap *stream) { streams_.erase(stream); }

    /** Tells V8 how much memory collecting this object would free: what the store has touched. */
    void ReportMemory();

  private:
    napi_value CreateStream(const Napi::CallbackInfo &info);
    napi_value Metrics(const Napi::CallbackInfo &info);
    napi_value CloseMethod(const Napi::CallbackInfo &info);
    void AdjustMemory(int64_t reported_bytes);

    Module *module_;
    /** nullptr once closed. */
    kvs_client *client_ = nullptr;
    std::unordered_set<StreamWrap *> streams_;
    int64_t reported_bytes_ = 0;
};

} // namespace kvs_addon

#endif
