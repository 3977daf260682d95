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

} // namespace

napi_value EventToValue(napi_env env, const kvs_event &event, uint64_t timecode_scale_ns) {
    return event.type == KVS_EVENT_ACK ? AckToValue(env, event, timecode_scale_ns)
                                       : DropToValue(env, event);
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
    record.Add("bufferingAcks", Count(metrics.acks_buffering));
    record.Add("receivedAcks", Count(metrics.acks_received));
    record.Add("persistedAcks", Count(metrics.acks_persisted));
    record.Add("errorAcks", Count(metrics.acks_error));
    record.Add("idleAcks", Count(metrics.acks_idle));
    record.Add("unreadableAcks", Count(metrics.acks_unreadable));
    record.Add("framesDelivered", Count(metrics.frames_delivered));
    record.Add("fragmentsDelivered", Count(metrics.fragments_delivered));
    record.Add("framesAwaitingKeyFrame", Count(metrics.frames_dropped[KVS_DROP_NO_KEY_FRAME]));
    record.Add("framesOverBufferDuration", Count(metrics.frames_dropped[KVS_DROP_BUFFER_DURATION]));
    record.Add("framesOverStorage", Count(metrics.frames_dropped[KVS_DROP_STORE_PRESSURE]));
    record.Add("framesRejected", Count(metrics.frames_dropped[KVS_DROP_REJECTED]));
    record.Add("fragmentsDropped", Count(metrics.fragments_dropped));
    record.Add("viewFrames", Count(metrics.view_frames));
    record.Add("viewBytes", Count(metrics.view_bytes));
    record.Add("viewDuration", MillisFromNanos(metrics.view_duration_ns));
    record.Add("pendingFrames", Count(metrics.pending_frames));
    record.Add("pendingBytes", Count(metrics.pending_bytes));
    record.Add("pendingDuration", MillisFromNanos(metrics.pending_duration_ns));
    record.Add("undeliveredFirstTs", MillisFromNanos(metrics.undelivered_first_pts_ns));
    record.Add("undeliveredLastTs", MillisFromNanos(metrics.undelivered_last_pts_ns));
    record.Add("uptime", MillisFromNanos(metrics.uptime_ns));
    return record.Finish();
}

napi_value ClientMetricsToValue(napi_env env, const struct kvs_client_metrics &metrics) {
    Record record(env);
    record.Add("storageSize", Count(metrics.storage_bytes));
    record.Add("storageAllocated", Count(metrics.storage_allocated_bytes));
    record.Add("storageAvailable", Count(metrics.storage_available_bytes));
    record.Add("storagePeak", Count(metrics.storage_peak_bytes));
    record.Add("streamCount", Count(metrics.stream_count));
    return record.Finish();
}

} // namespace kvs_addon
