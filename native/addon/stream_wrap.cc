#include "stream_wrap.h"

#include <limits>
#include <string>
#include <vector>

#include "args.h"
#include "client_wrap.h"
#include "module.h"
#include "values.h"
#include "wrap.h"

namespace kvs_addon {
Napi::Function StreamWrap::Define(Napi::Env env) {
    return DefineClass(env, "NativeStream",
                       {Method<StreamWrap, &StreamWrap::PutFrame>("putFrame"),
                        Method<StreamWrap, &StreamWrap::PutMetadata>("putMetadata"),
                        Method<StreamWrap, &StreamWrap::PutEvent>("putEvent"),
                        Method<StreamWrap, &StreamWrap::SetCodecPrivate>("setCodecPrivate"),
                        Method<StreamWrap, &StreamWrap::SetNalAdaptation>("setNalAdaptation"),
                        Method<StreamWrap, &StreamWrap::OpenSession>("openSession"),
                        Method<StreamWrap, &StreamWrap::ReadSession>("readSession"),
                        Method<StreamWrap, &StreamWrap::AckBytes>("ackBytes"),
                        Method<StreamWrap, &StreamWrap::CloseSession>("closeSession"),
                        Method<StreamWrap, &StreamWrap::IsSettled>("isSettled"),
                        Method<StreamWrap, &StreamWrap::Tick>("tick"),
                        Method<StreamWrap, &StreamWrap::PollEvent>("pollEvent"),
                        Method<StreamWrap, &StreamWrap::TakeSignals>("takeSignals"),
                        Method<StreamWrap, &StreamWrap::Metrics>("metrics"),
                        Method<StreamWrap, &StreamWrap::Stop>("stop"),
                        Method<StreamWrap, &StreamWrap::Reset>("reset"),
                        Method<StreamWrap, &StreamWrap::ResetConnection>("resetConnection"),
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
    clock_ = made.clock;
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
    if (!ReadFrameTime(env, info[3], &frame.pts_ns) ||
        !ReadFrameTime(env, info[4], &frame.dts_ns) ||
        !ReadFrameTime(env, info[5], &frame.duration_ns)) {
        return KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP;
    }
    if (!stable.Assign(bytes)) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    frame.data = stable.span();
    return kvs_stream_put_frame(stream_, &frame, clock_.Now());
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

kvs_status StreamWrap::PutEventStatus(const Napi::CallbackInfo &info) {
    napi_env env = info.Env();
    uint32_t events = 0;
    std::string image_prefix;
    std::vector<std::string> texts;
    napi_valuetype prefix_type = napi_undefined;
    if (!ReadUint32(env, info[0], &events) || napi_typeof(env, info[1], &prefix_type) != napi_ok ||
        (prefix_type != napi_null && !ReadString(env, info[1], &image_prefix)) ||
        !ReadStrings(env, info[2], &texts) || texts.size() % 2 != 0) {
        return KVS_STATUS_INVALID_ARG;
    }
    // Only now: reading the list ran its getters, and one of them may have closed the stream.
    if (stream_ == nullptr) {
        return KVS_STATUS_INVALID_HANDLE_ERROR;
    }
    std::vector<kvs_mkv_tag> pairs(texts.size() / 2);
    for (size_t i = 0; i < pairs.size(); i++) {
        pairs[i].name = texts[2 * i].c_str();
        pairs[i].value = texts[2 * i + 1].c_str();
    }
    kvs_fragment_event_details details = {};
    details.image_prefix = prefix_type == napi_null ? nullptr : image_prefix.c_str();
    details.pairs = pairs.data();
    details.pair_count = static_cast<uint32_t>(pairs.size());
    return kvs_stream_put_event(stream_, events, &details);
}

/** putEvent(events, imagePrefix | null, [name, value, …]) → status */
napi_value StreamWrap::PutEvent(const Napi::CallbackInfo &info) {
    kvs_status status = PutEventStatus(info);
    // A getter that threw: the exception is the result.
    return info.Env().IsExceptionPending() ? nullptr : Number(info.Env(), status);
}

kvs_status StreamWrap::SetCodecPrivateStatus(const Napi::CallbackInfo &info) {
    napi_env env = info.Env();
    uint64_t track_id = 0;
    Bytes bytes;
    StableBytes stable;
    if (stream_ == nullptr) {
        return KVS_STATUS_INVALID_HANDLE_ERROR;
    }
    if (!ReadUnsigned(env, info[0], &track_id) || !ReadBytes(env, info[1], &bytes)) {
        return KVS_STATUS_INVALID_ARG;
    }
    if (!stable.Assign(bytes)) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    return kvs_stream_set_codec_private(stream_, track_id, stable.span());
}

/** setCodecPrivate(trackId, data) → status */
napi_value StreamWrap::SetCodecPrivate(const Napi::CallbackInfo &info) {
    return Number(info.Env(), SetCodecPrivateStatus(info));
}

/** setNalAdaptation(flags) → status */
napi_value StreamWrap::SetNalAdaptation(const Napi::CallbackInfo &info) {
    napi_env env = info.Env();
    uint32_t flags = 0;
    if (stream_ == nullptr) {
        return Number(env, KVS_STATUS_INVALID_HANDLE_ERROR);
    }
    if (!ReadUint32(env, info[0], &flags)) {
        return Number(env, KVS_STATUS_INVALID_ARG);
    }
    return Number(env, kvs_stream_set_nal_adaptation(stream_, flags));
}

/** tick() → milliseconds until it is to be called again at the latest, Infinity for never */
napi_value StreamWrap::Tick(const Napi::CallbackInfo &info) {
    int64_t next_ns = INT64_MAX;
    int64_t now_ns = clock_.Now();
    if (stream_ == nullptr || kvs_stream_tick(stream_, now_ns, &next_ns) != KVS_STATUS_SUCCESS ||
        next_ns == INT64_MAX) {
        return Number(info.Env(), std::numeric_limits<double>::infinity());
    }
    return Number(info.Env(), next_ns > now_ns ? MillisFromNanos(next_ns - now_ns) : 0);
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
    kvs_status status = kvs_stream_metrics(stream_, clock_.Now(), &metrics);
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

/** reset() → status */
napi_value StreamWrap::Reset(const Napi::CallbackInfo &info) {
    kvs_status status = KVS_STATUS_INVALID_HANDLE_ERROR;
    if (stream_ != nullptr) {
        status = kvs_stream_reset(stream_);
    }
    return Number(info.Env(), status);
}

/** resetConnection() → status */
napi_value StreamWrap::ResetConnection(const Napi::CallbackInfo &info) {
    kvs_status status = KVS_STATUS_INVALID_HANDLE_ERROR;
    if (stream_ != nullptr) {
        status = kvs_stream_reset_connection(stream_);
    }
    return Number(info.Env(), status);
}

/** close() */
napi_value StreamWrap::CloseMethod(const Napi::CallbackInfo &info) {
    Close();
    return Undefined(info.Env());
}

} // namespace kvs_addon
