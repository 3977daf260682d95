/** Pressures: told when they begin, and again when they begin anew. */
#include "stream/stream_internal.h"

/** Pressure begins when a 20th, 5 %, is left. */
#define PRESSURE_SHARE 20u

/** True when `holds` is new. */
static bool begins(bool *state, bool holds) {
    if (holds == *state) {
        return false;
    }
    *state = holds;
    return holds;
}

static void check_storage(struct kvs_stream *stream) {
    uint64_t size = 0;
    uint64_t available = 0;
    kvs__store_level(stream->client, &size, &available);
    if (begins(&stream->pressures.storage, available * PRESSURE_SHARE <= size)) {
        struct kvs_event *event = kvs__events_notice(stream, NOTICE_STORAGE);
        event->type = KVS_EVENT_STORAGE_PRESSURE;
        event->as.pressure.remaining = available;
        stream->counters.storage_pressures++;
    }
}

static void check_buffer(struct kvs_stream *stream, int64_t held_ns) {
    int64_t limit = stream->config.buffer_duration_ns;
    int64_t remaining = held_ns < limit ? limit - held_ns : 0;
    if (begins(&stream->pressures.buffer, remaining <= limit / (int64_t)PRESSURE_SHARE)) {
        struct kvs_event *event = kvs__events_notice(stream, NOTICE_BUFFER);
        event->type = KVS_EVENT_BUFFER_PRESSURE;
        event->as.pressure.remaining = (uint64_t)remaining;
        stream->counters.buffer_pressures++;
    }
}

static void check_latency(struct kvs_stream *stream, int64_t pending_ns) {
    int64_t limit = stream->config.max_latency_ns;
    if (begins(&stream->pressures.latency, limit > 0 && pending_ns > limit)) {
        struct kvs_event *event = kvs__events_notice(stream, NOTICE_LATENCY);
        event->type = KVS_EVENT_LATENCY_PRESSURE;
        event->as.latency.duration_ns = pending_ns;
        stream->counters.latency_pressures++;
    }
}

void kvs__pressure_check(struct kvs_stream *stream) {
    if (kvs__is_offline(stream)) {
        return; /* waiting for room is what an offline stream does */
    }
    const struct kvs_view *view = stream->view;
    check_storage(stream);
    check_buffer(stream, kvs__view_duration(view, view->tail, &view->all));
    if (stream->config.streaming_type == KVS_STREAMING_REALTIME) {
        check_latency(stream, kvs__view_duration(view, view->current, &view->pending));
    }
}
