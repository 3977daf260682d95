#include "values.h"

#include <cstring>

#include "args.h"

namespace kvs_addon {

void Record::Add(const char *name, napi_value value) {
    napi_property_descriptor descriptor = {};
    descriptor.utf8name = name;
    descriptor.value = value;
    descriptor.attributes = napi_default_jsproperty;
    properties_.push_back(descriptor);
}

void Record::Add(const char *name, bool flag) {
    napi_value value = nullptr;
    napi_get_boolean(env_, flag, &value);
    Add(name, value);
}

void Record::Add(const char *name, const char *text) {
    napi_value value = nullptr;
    napi_create_string_utf8(env_, text, std::strlen(text), &value);
    Add(name, value);
}

napi_value Record::Finish() const {
    napi_value object = nullptr;
    if (napi_create_object(env_, &object) != napi_ok ||
        napi_define_properties(env_, object, properties_.size(), properties_.data()) != napi_ok) {
        return nullptr;
    }
    return object;
}

namespace {

/** JavaScript's numbers hold 53 bits, more than any of these counters will see. */
double Count(uint64_t count) { return static_cast<double>(count); }

/** Dropped frames by reason. */
napi_value DropCountsToValue(napi_env env, const uint64_t *frames) {
    static const char *const kNames[] = {
        "noKeyFrame", "bufferDuration", "storePressure", "rejected",  "frameCount",
        "replay",     "reset",          "late",          "timestamp", "spillFailed",
    };
    static_assert(sizeof kNames / sizeof *kNames == KVS_DROP_REASON_COUNT, "a name a reason");
    Record record(env);
    for (size_t i = 0; i < KVS_DROP_REASON_COUNT; i++) {
        record.Add(kNames[i], Count(frames[i]));
    }
    return record.Finish();
}

napi_value AckToValue(napi_env env, const kvs_event &event, uint64_t timecode_scale_ns) {
    const kvs_ack &ack = event.as.ack.ack;
    Record record(env);
    record.Add("type", "ack");
    record.Add("sessionId", Count(event.as.ack.session_id));
    record.Add("status", Count(event.as.ack.status));
    record.Add("ackType", Count(ack.type));
    record.Add("fragmentNumber", ack.fragment_number);
    if (ack.has_timecode) {
        int64_t nanos = kvs_timecode_to_ns(ack.timecode, timecode_scale_ns);
        record.Add("fragmentTimecode", MillisFromNanos(nanos));
    }
    record.Add("errorId", Count(ack.error_id));
    record.Add("errorCode", ack.error_code);
    return record.Finish();
}

napi_value DropToValue(napi_env env, const kvs_event &event) {
    Record record(env);
    record.Add("type", "dropped");
    record.Add("reason", Count(event.as.dropped.reason));
    record.Add("frames", Count(event.as.dropped.frames));
    record.Add("fragments", Count(event.as.dropped.fragments));
    record.Add("bytes", Count(event.as.dropped.bytes));
    record.Add("firstPresentationTs", MillisFromNanos(event.as.dropped.first_pts_ns));
    record.Add("lastPresentationTs", MillisFromNanos(event.as.dropped.last_pts_ns));
    return record.Finish();
}

/** An event that is told by its type and one number. */
napi_value NumberEvent(napi_env env, const char *type, const char *name, double number) {
    Record record(env);
    record.Add("type", type);
    record.Add(name, number);
    return record.Finish();
}

napi_value TrackToValue(napi_env env, const kvs_event &event) {
    Record record(env);
    record.Add("type", "track");
    record.Add("trackId", Count(event.as.track.track_id));
    record.Add("present", event.as.track.present);
    return record.Finish();
}

napi_value StaleToValue(napi_env env, const kvs_event &event) {
    Record record(env);
    record.Add("type", "stale");
    record.Add("sessionId", Count(event.as.stale.session_id));
    record.Add("duration", MillisFromNanos(event.as.stale.duration_ns));
    return record.Finish();
}

napi_value UnderflowToValue(napi_env env) {
    Record record(env);
    record.Add("type", "underflow");
    return record.Finish();
}

} // namespace

napi_value EventToValue(napi_env env, const kvs_event &event, uint64_t timecode_scale_ns) {
    switch (event.type) {
    case KVS_EVENT_ACK:
        return AckToValue(env, event, timecode_scale_ns);
    case KVS_EVENT_FRAMES_DROPPED:
        return DropToValue(env, event);
    case KVS_EVENT_STORAGE_PRESSURE:
        return NumberEvent(env, "storagePressure", "remaining", Count(event.as.pressure.remaining));
    case KVS_EVENT_BUFFER_PRESSURE:
        return NumberEvent(env, "bufferPressure", "remaining",
                           MillisFromNanos(static_cast<int64_t>(event.as.pressure.remaining)));
    case KVS_EVENT_LATENCY_PRESSURE:
        return NumberEvent(env, "latencyPressure", "duration",
                           MillisFromNanos(event.as.latency.duration_ns));
    case KVS_EVENT_STALE:
        return StaleToValue(env, event);
    case KVS_EVENT_UNDERFLOW:
        return UnderflowToValue(env);
    case KVS_EVENT_FORMAT_CHANGED:
        return NumberEvent(env, "formatChanged", "trackId", Count(event.as.track.track_id));
    case KVS_EVENT_TRACK:
        return TrackToValue(env, event);
    case KVS_EVENT_METADATA_DROPPED:
        return NumberEvent(env, "metadataDropped", "items", Count(event.as.metadata.items));
    }
    return Undefined(env);
}

napi_value StreamMetricsToValue(napi_env env, const struct kvs_stream_metrics &metrics) {
    Record record(env);
    record.Add("framesPut", Count(metrics.frames_put));
    record.Add("bytesPut", Count(metrics.bytes_put));
    record.Add("putErrors", Count(metrics.put_errors));
    record.Add("fragmentsPut", Count(metrics.fragments_put));
    record.Add("framesSent", Count(metrics.frames_sent));
    record.Add("bytesSent", Count(metrics.bytes_sent));
    record.Add("sessions", Count(metrics.sessions));
    record.Add("sessionsOpen", Count(metrics.sessions_open));
    record.Add("bufferingAcks", Count(metrics.acks_buffering));
    record.Add("receivedAcks", Count(metrics.acks_received));
    record.Add("persistedAcks", Count(metrics.acks_persisted));
    record.Add("errorAcks", Count(metrics.acks_error));
    record.Add("idleAcks", Count(metrics.acks_idle));
    record.Add("unreadableAcks", Count(metrics.acks_unreadable));
    record.Add("framesDelivered", Count(metrics.frames_delivered));
    record.Add("fragmentsDelivered", Count(metrics.fragments_delivered));
    record.Add("fragmentsPresumed", Count(metrics.fragments_presumed));
    record.Add("framesDropped", DropCountsToValue(env, metrics.frames_dropped));
    record.Add("fragmentsDropped", Count(metrics.fragments_dropped));
    record.Add("metadataDropped", Count(metrics.metadata_dropped));
    record.Add("timestampsFixed", Count(metrics.timestamps_fixed));
    record.Add("storagePressures", Count(metrics.storage_pressures));
    record.Add("bufferPressures", Count(metrics.buffer_pressures));
    record.Add("latencyPressures", Count(metrics.latency_pressures));
    record.Add("staleEvents", Count(metrics.stale_events));
    record.Add("viewFrames", Count(metrics.view_frames));
    record.Add("viewBytes", Count(metrics.view_bytes));
    record.Add("viewDuration", MillisFromNanos(metrics.view_duration_ns));
    record.Add("pendingFrames", Count(metrics.pending_frames));
    record.Add("pendingBytes", Count(metrics.pending_bytes));
    record.Add("pendingDuration", MillisFromNanos(metrics.pending_duration_ns));
    record.Add("orderingFrames", Count(metrics.ordering_frames));
    record.Add("awaitedFrames", Count(metrics.awaited_frames));
    record.Add("viewMemory", Count(metrics.view_memory_bytes));
    record.Add("undeliveredFirstTs", MillisFromNanos(metrics.undelivered_first_pts_ns));
    record.Add("undeliveredLastTs", MillisFromNanos(metrics.undelivered_last_pts_ns));
    record.Add("frameRate", metrics.frame_rate);
    record.Add("elementaryFrameRate", metrics.elementary_frame_rate);
    record.Add("transferRate", metrics.transfer_rate);
    record.Add("sessionDuration", MillisFromNanos(metrics.session_duration_ns));
    record.Add("uptime", MillisFromNanos(metrics.uptime_ns));
    return record.Finish();
}

napi_value ClientMetricsToValue(napi_env env, const struct kvs_client_metrics &metrics) {
    Record record(env);
    record.Add("storageSize", Count(metrics.storage_bytes));
    record.Add("storageAllocated", Count(metrics.storage_allocated_bytes));
    record.Add("storageAvailable", Count(metrics.storage_available_bytes));
    record.Add("storagePeak", Count(metrics.storage_peak_bytes));
    record.Add("spillSize", Count(metrics.spill_bytes));
    record.Add("spillAllocated", Count(metrics.spill_allocated_bytes));
    record.Add("streamCount", Count(metrics.stream_count));
    record.Add("viewMemory", Count(metrics.view_memory_bytes));
    record.Add("frameRate", metrics.frame_rate);
    record.Add("elementaryFrameRate", metrics.elementary_frame_rate);
    record.Add("transferRate", metrics.transfer_rate);
    return record.Finish();
}

} // namespace kvs_addon
