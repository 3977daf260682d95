/** The methods of StreamWrap that are about upload sessions. */
#include <algorithm>

#include "args.h"
#include "client_wrap.h"
#include "stream_wrap.h"
#include "values.h"

namespace kvs_addon {
namespace {

/** How `readSession()` ended, in the high part of its result. */
enum ReadKind { kReadFull = 0, kReadStarved = 1, kReadEndOfStream = 2, kReadAborted = 3 };

ReadKind ReadKindOf(kvs_status status) {
    switch (status) {
    case KVS_STATUS_SUCCESS:
        return kReadFull;
    case KVS_STATUS_NO_MORE_DATA_AVAILABLE:
        return kReadStarved;
    case KVS_STATUS_END_OF_STREAM:
        return kReadEndOfStream;
    default:
        return kReadAborted;
    }
}

} // namespace

/**
 * openSession(expires) → { sessionId, startTimestamp } | status number
 *
 * `expires` is when the credentials run out, in milliseconds since the epoch; 0 for never.
 */
napi_value StreamWrap::OpenSession(const Napi::CallbackInfo &info) {
    napi_env env = info.Env();
    int64_t expires_ns = 0;
    if (!stream_) {
        return Number(env, KVS_STATUS_INVALID_HANDLE_ERROR);
    }
    if (!ReadNanos(env, info[0], &expires_ns)) {
        return Number(env, KVS_STATUS_INVALID_ARG);
    }
    if (expires_ns != 0) {
        expires_ns = stream_->clock().FromSystem(expires_ns);
    }
    kvs_session_start start = {};
    kvs_status status = Ask([&](kvs_stream *stream) {
        return kvs_session_open(stream, stream_->Now(), expires_ns, &start);
    });
    if (status != KVS_STATUS_SUCCESS) {
        return Number(env, status);
    }
    sessions_.push_back(start.session_id);
    parent_->ReportMemory();
    Record record(env);
    record.Add("sessionId", static_cast<double>(start.session_id));
    record.Add("startTimestamp", MillisFromNanos(start.start_ns));
    return record.Finish();
}

/** readSession(sessionId, out) → bytes written to `out` + 2^32 × ReadKind */
napi_value StreamWrap::ReadSession(const Napi::CallbackInfo &info) {
    napi_env env = info.Env();
    uint64_t session_id = 0;
    Bytes out;
    if (!ReadUnsigned(env, info[0], &session_id) || !ReadBytes(env, info[1], &out) ||
        out.len == 0) {
        return Number(env, kHighPart * kReadAborted);
    }
    size_t len = 0;
    kvs_status status = Ask([&](kvs_stream *stream) {
        return kvs_session_read(stream, session_id, stream_->Now(), out.data, out.len, &len);
    });
    return Number(env, static_cast<double>(len) + kHighPart * ReadKindOf(status));
}

/**
 * ackBytes(sessionId, data, offset) → how many bytes of `data` from `offset` on were used, or minus
 * a status
 *
 * Fewer than all when the event queue is full: poll the events and call again.
 */
napi_value StreamWrap::AckBytes(const Napi::CallbackInfo &info) {
    napi_env env = info.Env();
    uint64_t session_id = 0;
    uint64_t offset = 0;
    Bytes bytes;
    StableBytes stable;
    if (!stream_) {
        return Number(env, -static_cast<double>(KVS_STATUS_INVALID_HANDLE_ERROR));
    }
    if (!ReadUnsigned(env, info[0], &session_id) || !ReadBytes(env, info[1], &bytes) ||
        !ReadUnsigned(env, info[2], &offset) || offset > bytes.len) {
        return Number(env, -static_cast<double>(KVS_STATUS_INVALID_ARG));
    }
    bytes.data += offset;
    bytes.len -= static_cast<size_t>(offset);
    if (!stable.Assign(bytes)) {
        return Number(env, -static_cast<double>(KVS_STATUS_NOT_ENOUGH_MEMORY));
    }
    kvs_span rest = stable.span();
    kvs_status status = Ask([&](kvs_stream *stream) {
        return kvs_session_ack_bytes(stream, session_id, stream_->Now(), &rest);
    });
    if (status != KVS_STATUS_SUCCESS) {
        return Number(env, -static_cast<double>(status));
    }
    return Number(env, static_cast<double>(bytes.len - rest.len));
}

/**
 * closeSession(sessionId, result) → status
 *
 * `result` is an HTTP status, the id of an ERROR acknowledgement or a kvs_session_result.
 */
napi_value StreamWrap::CloseSession(const Napi::CallbackInfo &info) {
    napi_env env = info.Env();
    uint64_t session_id = 0;
    uint32_t result = 0;
    if (!stream_) {
        return Number(env, KVS_STATUS_INVALID_HANDLE_ERROR);
    }
    if (!ReadUnsigned(env, info[0], &session_id) || !ReadUint32(env, info[1], &result)) {
        return Number(env, KVS_STATUS_INVALID_ARG);
    }
    sessions_.erase(std::remove(sessions_.begin(), sessions_.end(), session_id), sessions_.end());
    return Number(env, Ask([&](kvs_stream *stream) {
                      return kvs_session_close(stream, session_id, stream_->Now(), result);
                  }));
}

/** isSettled(sessionId) → whether all that the session has sent is delivered or dropped */
napi_value StreamWrap::IsSettled(const Napi::CallbackInfo &info) {
    napi_env env = info.Env();
    uint64_t session_id = 0;
    bool settled = true;
    if (ReadUnsigned(env, info[0], &session_id)) {
        Use([&](kvs_stream *stream) { settled = kvs_session_is_settled(stream, session_id); });
    }
    napi_value value = nullptr;
    napi_get_boolean(env, settled, &value);
    return value;
}

} // namespace kvs_addon
