#include "stream_wrap.h"

#include <string>

#include "args.h"
#include "client_wrap.h"
#include "clock.h"
#include "module.h"
#include "values.h"
#include "wrap.h"

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

/** Reads a string without NUL, which the core could not see behind. */
bool ReadString(napi_env env, napi_value value, std::string *text) {
    size_t len = 0;
    if (napi_get_value_string_utf8(env, value, nullptr, 0, &len) != napi_ok) {
        return false;
    }
    text->resize(len);
    return napi_get_value_string_utf8(env, value, &(*text)[0], len + 1, &len) == napi_ok &&
           text->find('\0') == std::string::npos;
}

} // namespace

Napi::Function StreamWrap::Define(Napi::Env env) {
    return DefineClass(env, "NativeStream",
                       {Method<StreamWrap, &StreamWrap::PutFrame>("putFrame"),
                        Method<StreamWrap, &StreamWrap::PutMetadata>("putMetadata"),
                        Method<StreamWrap, &StreamWrap::OpenSession>("openSession"),
                        Method<StreamWrap, &StreamWrap::ReadSession>("readSession"),
                        Method<StreamWrap, &StreamWrap::AckBytes>("ackBytes"),
                        Method<StreamWrap, &StreamWrap::CloseSession>("closeSession"),
                        Method<StreamWrap, &StreamWrap::PollEvent>("pollEvent"),
                        Method<StreamWrap, &StreamWrap::TakeSignals>("takeSignals"),
                        Method<StreamWrap, &StreamWrap::Metrics>("metrics"),
                        Method<StreamWrap, &StreamWrap::Stop>("stop"),
                        Method<StreamWrap, &StreamWrap::CloseMethod>("close")});
}

StreamWrap::StreamWrap(const Napi::CallbackInfo &info) : Napi::ObjectWrap<StreamWrap>(info) {
    NewStream made = Module::Of(info.Env())->TakeNewStream();
    if (made.stream == nullptr) {
        napi_throw_type_error(info.Env(), nullptr, "A stream is made by createStream()");
        return;
    }
    stream_ = made.stream;
    parent_ = made.parent;
    timecode_scale_ns_ = made.timecode_scale_ns;
    parent_object_ = Napi::Persistent(parent_->Value());
    napi_type_tag_object(info.Env(), info.This(), &TypeTag<StreamWrap>());
    parent_->Attach(this);
}

StreamWrap::~StreamWrap() { Close(); }

void StreamWrap::Close() {
    if (stream_ == nullptr) {
        return;
    }
    kvs_stream_destroy(stream_);
    stream_ = nullptr;
    parent_->Detach(this);
    parent_ = nullptr;
    parent_object_.Reset();
}

kvs_status StreamWrap::PutFrameStatus(const Napi::CallbackInfo &info) {
    napi_env env = info.Env();
    if (stream_ == nullptr) {
        return KVS_STATUS_INVALID_HANDLE_ERROR;
    }
    Bytes bytes;
    StableBytes stable;
    kvs_frame frame = {};
    if (!ReadBytes(env, info[0], &bytes) || !ReadUint32(env, info[1], &frame.flags) ||
        !ReadUnsigned(env, info[2], &frame.track_id)) {
        return KVS_STATUS_INVALID_ARG;
    }
    if (!ReadNanos(env, info[3], &frame.pts_ns) || !ReadNanos(env, info[4], &frame.dts_ns) ||
        !ReadNanos(env, info[5], &frame.duration_ns)) {
        return KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP;
    }
    if (!stable.Assign(bytes)) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    frame.data = stable.span();
    return kvs_stream_put_frame(stream_, &frame);
}

/**
 * putFrame(data, flags, trackId, pts, dts, duration) → status + 2^32 × signals
 *
 * Copies `data` before it returns. Times are milliseconds.
 */
napi_value StreamWrap::PutFrame(const Napi::CallbackInfo &info) {
    kvs_status status = PutFrameStatus(info);
    uint32_t signals = stream_ != nullptr ? kvs_stream_take_signals(stream_) : 0;
    return Number(info.Env(), status + kHighPart * signals);
}

/** putMetadata(name, value, persistent) → status */
napi_value StreamWrap::PutMetadata(const Napi::CallbackInfo &info) {
    napi_env env = info.Env();
    std::string name;
    std::string value;
    bool persistent = false;
    if (stream_ == nullptr) {
        return Number(env, KVS_STATUS_INVALID_HANDLE_ERROR);
    }
    if (!ReadString(env, info[0], &name) || !ReadString(env, info[1], &value) ||
        napi_get_value_bool(env, info[2], &persistent) != napi_ok) {
        return Number(env, KVS_STATUS_INVALID_ARG);
    }
    return Number(env, kvs_stream_put_metadata(stream_, name.c_str(), value.c_str(), persistent));
}

/** openSession() → { sessionId, startTimestamp } | status number */
napi_value StreamWrap::OpenSession(const Napi::CallbackInfo &info) {
    napi_env env = info.Env();
    if (stream_ == nullptr) {
        return Number(env, KVS_STATUS_INVALID_HANDLE_ERROR);
    }
    kvs_session_start start = {};
    kvs_status status = kvs_session_open(stream_, &start);
    if (status != KVS_STATUS_SUCCESS) {
        return Number(env, status);
    }
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
    if (stream_ == nullptr || !ReadUnsigned(env, info[0], &session_id) ||
        !ReadBytes(env, info[1], &out) || out.len == 0) {
        return Number(env, kHighPart * kReadAborted);
    }
    size_t len = 0;
    kvs_status status = kvs_session_read(stream_, session_id, out.data, out.len, &len);
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
    if (stream_ == nullptr) {
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
    kvs_status status = kvs_session_ack_bytes(stream_, session_id, &rest);
    if (status != KVS_STATUS_SUCCESS) {
        return Number(env, -static_cast<double>(status));
    }
    return Number(env, static_cast<double>(bytes.len - rest.len));
}

/** closeSession(sessionId) → status */
napi_value StreamWrap::CloseSession(const Napi::CallbackInfo &info) {
    napi_env env = info.Env();
    uint64_t session_id = 0;
    if (stream_ == nullptr) {
        return Number(env, KVS_STATUS_INVALID_HANDLE_ERROR);
    }
    if (!ReadUnsigned(env, info[0], &session_id)) {
        return Number(env, KVS_STATUS_INVALID_ARG);
    }
    return Number(env, kvs_session_close(stream_, session_id));
}

/** pollEvent() → the oldest event | undefined */
napi_value StreamWrap::PollEvent(const Napi::CallbackInfo &info) {
    kvs_event event;
    if (stream_ == nullptr || !kvs_stream_next_event(stream_, &event)) {
        return Undefined(info.Env());
    }
    return EventToValue(info.Env(), event, timecode_scale_ns_);
}

/** takeSignals() → bits of kvs_signal */
napi_value StreamWrap::TakeSignals(const Napi::CallbackInfo &info) {
    return Number(info.Env(), stream_ != nullptr ? kvs_stream_take_signals(stream_) : 0);
}

/** metrics() → the stream's counters | status number */
napi_value StreamWrap::Metrics(const Napi::CallbackInfo &info) {
    napi_env env = info.Env();
    if (stream_ == nullptr) {
        return Number(env, KVS_STATUS_INVALID_HANDLE_ERROR);
    }
    struct kvs_stream_metrics metrics = {};
    kvs_status status = kvs_stream_metrics(stream_, NowNanos(), &metrics);
    return status == KVS_STATUS_SUCCESS ? StreamMetricsToValue(env, metrics) : Number(env, status);
}

/** stop() → status */
napi_value StreamWrap::Stop(const Napi::CallbackInfo &info) {
    kvs_status status = KVS_STATUS_INVALID_HANDLE_ERROR;
    if (stream_ != nullptr) {
        status = kvs_stream_stop(stream_);
    }
    return Number(info.Env(), status);
}

/** close() */
napi_value StreamWrap::CloseMethod(const Napi::CallbackInfo &info) {
    Close();
    return Undefined(info.Env());
}

} // namespace kvs_addon
