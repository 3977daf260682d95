/**
 * Reading arguments from JavaScript without ever throwing: each function tells by its result
 * whether the value has the type and range asked for. TypeScript has checked both and explained
 * what is wrong; here a bad value only must not do harm.
 */
#ifndef KVS_ADDON_ARGS_H
#define KVS_ADDON_ARGS_H

#include <napi.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "kvs/span.h"

namespace kvs_addon {

/** 2^53 - 1, up to which a double holds every integer. */
constexpr double kMaxSafeInteger = 9007199254740991.0;
/** The nanoseconds of later and earlier times, in milliseconds, do not fit 64 bits. */
constexpr double kMaxMillis = 9.2e12;
constexpr int64_t kNanosPerMilli = 1000000;

/** Bytes of a Uint8Array: valid until JavaScript runs again, which may move or detach them. */
struct Bytes {
    uint8_t *data = nullptr;
    size_t len = 0;
    /** Other threads may be writing to them. */
    bool shared = false;
};

/**
 * Reads a Uint8Array or Buffer as it is now: a detached one is empty, one over a resizable buffer
 * has its present length. False for any other value.
 */
inline bool ReadBytes(napi_env env, napi_value value, Bytes *bytes) {
    napi_typedarray_type type = napi_int8_array;
    size_t len = 0;
    void *data = nullptr;
    napi_value buffer = nullptr;
    size_t offset = 0;
    if (napi_get_typedarray_info(env, value, &type, &len, &data, &buffer, &offset) != napi_ok ||
        type != napi_uint8_array) {
        return false;
    }
    bool is_private = false;
    if (napi_is_arraybuffer(env, buffer, &is_private) != napi_ok) {
        return false;
    }
    bytes->data = len > 0 ? static_cast<uint8_t *>(data) : nullptr;
    bytes->len = len;
    bytes->shared = !is_private;
    return true;
}

/**
 * Bytes that nobody can change while the core looks at them. Shared memory is copied, since the
 * core measures a frame before it writes it and must see the same bytes both times.
 */
class StableBytes {
  public:
    /** False when memory ran out. */
    bool Assign(const Bytes &bytes) {
        span_ = kvs_span_of(bytes.data, bytes.len);
        if (!bytes.shared || bytes.len == 0) {
            return true;
        }
        copy_.reset(new (std::nothrow) uint8_t[bytes.len]);
        if (copy_ == nullptr) {
            return false;
        }
        std::memcpy(copy_.get(), bytes.data, bytes.len);
        span_.data = copy_.get();
        return true;
    }

    kvs_span span() const { return span_; }

  private:
    kvs_span span_ = {nullptr, 0};
    std::unique_ptr<uint8_t[]> copy_;
};

/** Reads a string without NUL, which the core could not see behind. */
inline bool ReadString(napi_env env, napi_value value, std::string *text) {
    size_t len = 0;
    if (napi_get_value_string_utf8(env, value, nullptr, 0, &len) != napi_ok) {
        return false;
    }
    text->resize(len);
    return napi_get_value_string_utf8(env, value, &(*text)[0], len + 1, &len) == napi_ok &&
           text->find('\0') == std::string::npos;
}

/** Longest list of strings that is read; the core refuses much shorter ones. */
constexpr uint32_t kMaxStrings = 1000;

/** Reads an array of strings. False also when reading an element threw. */
inline bool ReadStrings(napi_env env, napi_value value, std::vector<std::string> *texts) {
    bool is_array = false;
    uint32_t count = 0;
    if (napi_is_array(env, value, &is_array) != napi_ok || !is_array ||
        napi_get_array_length(env, value, &count) != napi_ok || count > kMaxStrings) {
        return false;
    }
    texts->resize(count);
    for (uint32_t i = 0; i < count; i++) {
        napi_value item = nullptr;
        if (napi_get_element(env, value, i, &item) != napi_ok ||
            !ReadString(env, item, &(*texts)[i])) {
            return false;
        }
    }
    return true;
}

/** Reads an integer from 0 to 2^53 - 1. */
inline bool ReadUnsigned(napi_env env, napi_value value, uint64_t *out) {
    double number = 0;
    if (napi_get_value_double(env, value, &number) != napi_ok ||
        !(number >= 0 && number <= kMaxSafeInteger) || number != std::floor(number)) {
        return false;
    }
    *out = static_cast<uint64_t>(number);
    return true;
}

/** Reads an integer from 0 to 2^32 - 1. */
inline bool ReadUint32(napi_env env, napi_value value, uint32_t *out) {
    uint64_t number = 0;
    if (!ReadUnsigned(env, value, &number) || number > UINT32_MAX) {
        return false;
    }
    *out = static_cast<uint32_t>(number);
    return true;
}

/**
 * Converts milliseconds to the nearest nanosecond. False for NaN and for what does not fit.
 *
 * Whole and fraction are converted apart: near the present a double of milliseconds is precise to
 * 0.2 us, one of nanoseconds only to 0.26 us, so that a product would change most values. A
 * fraction below a half stays below it, so that rounding the result to milliseconds is rounding
 * `millis`.
 */
inline bool NanosFromMillis(double millis, int64_t *nanos) {
    if (!(std::fabs(millis) <= kMaxMillis)) {
        return false;
    }
    double whole = std::floor(millis);
    double fraction = millis - whole;
    int64_t part = std::llround(fraction * static_cast<double>(kNanosPerMilli));
    if (fraction < 0.5 && part >= kNanosPerMilli / 2) {
        part = kNanosPerMilli / 2 - 1;
    }
    *nanos = static_cast<int64_t>(whole) * kNanosPerMilli + part;
    return true;
}

/** Reads a time or a duration in milliseconds as nanoseconds. */
inline bool ReadNanos(napi_env env, napi_value value, int64_t *nanos) {
    double millis = 0;
    return napi_get_value_double(env, value, &millis) == napi_ok && NanosFromMillis(millis, nanos);
}

/**
 * Reads a time of a frame as ReadNanos does; one that does not fit becomes the first or the last
 * that there is, which the core answers as it answers all times that cannot be.
 */
inline bool ReadFrameTime(napi_env env, napi_value value, int64_t *nanos) {
    double millis = 0;
    if (napi_get_value_double(env, value, &millis) != napi_ok) {
        return false;
    }
    if (!NanosFromMillis(millis, nanos)) {
        *nanos = millis > 0 ? INT64_MAX : INT64_MIN;
    }
    return true;
}

/** The double of milliseconds nearest to a time in nanoseconds. */
inline double MillisFromNanos(int64_t nanos) {
    return static_cast<double>(nanos / kNanosPerMilli) +
           static_cast<double>(nanos % kNanosPerMilli) / static_cast<double>(kNanosPerMilli);
}

} // namespace kvs_addon

#endif
