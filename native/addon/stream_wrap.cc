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
                       {Method<StreamWrap, &StreamWrap::Id>("id"),
                        HotMethod<StreamWrap, &StreamWrap::PutFrame>("putFrame"),
                        Method<StreamWrap, &StreamWrap::PutMetadata>("putMetadata"),
                        Method<StreamWrap, &StreamWrap::PutEvent>("putEvent"),
                        Method<StreamWrap, &StreamWrap::SetCodecPrivate>("setCodecPrivate"),
                        Method<StreamWrap, &StreamWrap::SetNalAdaptation>("setNalAdaptation"),
                        Method<StreamWrap, &StreamWrap::OpenSession>("openSession"),
                        HotMethod<StreamWrap, &StreamWrap::ReadSession>("readSession"),
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
    if (!made.stream) {
        napi_throw_type_error(info.Env(), nullptr, "A stream is made by createStream()");
        return;
    }
    stream_ = made.stream;
    owned_ = made.owned;
    parent_ = made.parent;
    parent_object_ = Napi::Persistent(parent_->Value());
    const napi_type_tag tag = TypeTag<StreamWrap>();
    napi_type_tag_object(info.Env(), info.This(), &tag);
    parent_->Attach(this);
}

StreamWrap::~StreamWrap() { Close(); }

StreamWrap **StreamWrap::Recent(napi_env env) { return Module::Of(env)->recent_stream(); }

void StreamWrap::Close() {
    if (!stream_) {
        return;
    }
    // Not by Env(): an object that could not be wrapped, as in a worker that ends, has none.
    StreamWrap **recent = parent_->module()->recent_stream();
    *recent = *recent == this ? nullptr : *recent;
    if (owned_) {
        stream_->Close();
    } else {
        EndSessions();
    }
    stream_.Reset();
    parent_->Detach(this);
    parent_ = nullptr;
    parent_object_.Reset();
}

void StreamWrap::EndSessions() {
    stream_->Use([&](kvs_stream *stream) {
        for (uint64_t session_id : sessions_) {
            kvs_session_close(stream, session_id, stream_->Now(), KVS_SESSION_RESULT_DISCONNECTED);
        }
    });
    sessions_.clear();
}

/** id() → what attachStream() takes in another thread; 0 once closed */
napi_value StreamWrap::Id(const Napi::CallbackInfo &info) {
    return Number(info.Env(), stream_ ? static_cast<double>(stream_->id()) : 0);
}

kvs_status StreamWrap::PutFrameStatus(const Napi::CallbackInfo &info, uint32_t *signals) {
    napi_env env = info.Env();
    if (!stream_) {
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
    return Ask([&](kvs_stream *stream) {
        kvs_status status = kvs_stream_put_frame(stream, &frame, stream_->Now());
        *signals = kvs_stream_take_signals(stream);
        return status;
    });
}

/**
 * putFrame(data, flags, trackId, pts, dts, duration) → status + 2^32 × signals
 *
 * Copies `data` before it returns. Times are milliseconds.
 */
napi_value StreamWrap::PutFrame(const Napi::CallbackInfo &info) {
    uint32_t signals = 0;
    kvs_status status = PutFrameStatus(info, &signals);
    return Number(info.Env(), status + kHighPart * signals);
}

/** putMetadata(name, value, persistent) → status */
napi_value StreamWrap::PutMetadata(const Napi::CallbackInfo &info) {
    napi_env env = info.Env();
    std::string name;
    std::string value;
    bool persistent = false;
    if (!stream_) {
        return Number(env, KVS_STATUS_INVALID_HANDLE_ERROR);
    }
    if (!ReadString(env, info[0], &name) || !ReadString(env, info[1], &value) ||
        napi_get_value_bool(env, info[2], &persistent) != napi_ok) {
        return Number(env, KVS_STATUS_INVALID_ARG);
    }
    return Number(env, Ask([&](kvs_stream *stream) {
                      return kvs_stream_put_metadata(stream, name.c_str(), value.c_str(),
                                                     persistent);
                  }));
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
    std::vector<kvs_mkv_tag> pairs(texts.size() / 2);
    for (size_t i = 0; i < pairs.size(); i++) {
        pairs[i].name = texts[2 * i].c_str();
        pairs[i].value = texts[2 * i + 1].c_str();
    }
    kvs_fragment_event_details details = {};
    details.image_prefix = prefix_type == napi_null ? nullptr : image_prefix.c_str();
    details.pairs = pairs.data();
    details.pair_count = static_cast<uint32_t>(pairs.size());
    // Only now: reading the list ran its getters, and one of them may have closed the stream.
    return Ask([&](kvs_stream *stream) { return kvs_stream_put_event(stream, events, &details); });
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
    if (!stream_) {
        return KVS_STATUS_INVALID_HANDLE_ERROR;
    }
    if (!ReadUnsigned(env, info[0], &track_id) || !ReadBytes(env, info[1], &bytes)) {
        return KVS_STATUS_INVALID_ARG;
    }
    if (!stable.Assign(bytes)) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    return Ask([&](kvs_stream *stream) {
        return kvs_stream_set_codec_private(stream, track_id, stable.span());
    });
}

/** setCodecPrivate(trackId, data) → status */
napi_value StreamWrap::SetCodecPrivate(const Napi::CallbackInfo &info) {
    return Number(info.Env(), SetCodecPrivateStatus(info));
}

/** setNalAdaptation(flags) → status */
napi_value StreamWrap::SetNalAdaptation(const Napi::CallbackInfo &info) {
    napi_env env = info.Env();
    uint32_t flags = 0;
    if (!stream_) {
        return Number(env, KVS_STATUS_INVALID_HANDLE_ERROR);
    }
    if (!ReadUint32(env, info[0], &flags)) {
        return Number(env, KVS_STATUS_INVALID_ARG);
    }
    return Number(env, Ask([flags](kvs_stream *stream) {
                      return kvs_stream_set_nal_adaptation(stream, flags);
                  }));
}

/** tick() → milliseconds until it is to be called again at the latest, Infinity for never */
napi_value StreamWrap::Tick(const Napi::CallbackInfo &info) {
    int64_t next_ns = INT64_MAX;
    int64_t now_ns = stream_ ? stream_->Now() : 0;
    kvs_status status =
        Ask([&](kvs_stream *stream) { return kvs_stream_tick(stream, now_ns, &next_ns); });
    if (status != KVS_STATUS_SUCCESS || next_ns == INT64_MAX) {
        return Number(info.Env(), std::numeric_limits<double>::infinity());
    }
    return Number(info.Env(), next_ns > now_ns ? MillisFromNanos(next_ns - now_ns) : 0);
}

/** pollEvent() → the oldest event | undefined */
napi_value StreamWrap::PollEvent(const Napi::CallbackInfo &info) {
    kvs_event event;
    bool found = false;
    Use([&](kvs_stream *stream) { found = kvs_stream_next_event(stream, &event); });
    return found ? EventToValue(info.Env(), event, stream_->timecode_scale_ns())
                 : Undefined(info.Env());
}

/** takeSignals() → bits of kvs_signal */
napi_value StreamWrap::TakeSignals(const Napi::CallbackInfo &info) {
    uint32_t signals = 0;
    Use([&](kvs_stream *stream) { signals = kvs_stream_take_signals(stream); });
    return Number(info.Env(), signals);
}

/** metrics() → the stream's counters | status number */
napi_value StreamWrap::Metrics(const Napi::CallbackInfo &info) {
    napi_env env = info.Env();
    struct kvs_stream_metrics metrics = {};
    kvs_status status = Ask(
        [&](kvs_stream *stream) { return kvs_stream_metrics(stream, stream_->Now(), &metrics); });
    return status == KVS_STATUS_SUCCESS ? StreamMetricsToValue(env, metrics) : Number(env, status);
}

/** stop() → status */
napi_value StreamWrap::Stop(const Napi::CallbackInfo &info) {
    return Number(info.Env(), Ask(kvs_stream_stop));
}

/** reset() → status */
napi_value StreamWrap::Reset(const Napi::CallbackInfo &info) {
    return Number(info.Env(), Ask(kvs_stream_reset));
}

/** resetConnection() → status */
napi_value StreamWrap::ResetConnection(const Napi::CallbackInfo &info) {
    return Number(info.Env(), Ask(kvs_stream_reset_connection));
}

/** close() */
napi_value StreamWrap::CloseMethod(const Napi::CallbackInfo &info) {
    Close();
    return Undefined(info.Env());
}

} // namespace kvs_addon
