#include "stream/stream_internal.h"

bool kvs__events_ack_room(const struct kvs_stream *stream) {
    return stream->acks.count < KVS__ACK_QUEUE;
}

void kvs__events_push_ack(struct kvs_stream *stream, uint64_t session_id, kvs_status status,
                          const struct kvs_ack *ack) {
    KVS_ASSERT(kvs__events_ack_room(stream),
               "an ACK is parsed only when there is room for its event");
    struct ack_queue *queue = &stream->acks;
    struct kvs_event *event = &queue->events[(queue->first + queue->count) % KVS__ACK_QUEUE];
    event->type = KVS_EVENT_ACK;
    event->as.ack.session_id = session_id;
    event->as.ack.status = status;
    event->as.ack.ack = *ack;
    queue->count++;
    stream->signals |= KVS_SIGNAL_EVENTS;
}

void kvs__events_metadata_dropped(struct kvs_stream *stream, uint64_t items) {
    if (items == 0) {
        return;
    }
    bool pending = stream->notices.pending[NOTICE_METADATA];
    struct kvs_event *event = kvs__events_notice(stream, NOTICE_METADATA);
    event->type = KVS_EVENT_METADATA_DROPPED;
    event->as.metadata.items = items + (pending ? event->as.metadata.items : 0);
    stream->counters.metadata_dropped += items;
}

void kvs__events_report_drop(struct kvs_stream *stream, const struct drop_report *report) {
    stream->counters.frames_dropped[report->reason] += report->frames;
    stream->counters.fragments_dropped += report->fragments;
    struct kvs_event *slot = &stream->drops[report->reason];
    if (slot->as.dropped.frames == 0) {
        slot->type = KVS_EVENT_FRAMES_DROPPED;
        slot->as.dropped.reason = report->reason;
        slot->as.dropped.first_pts_ns = report->first_pts_ns;
        slot->as.dropped.last_pts_ns = report->last_pts_ns;
    }
    if (report->first_pts_ns < slot->as.dropped.first_pts_ns) {
        slot->as.dropped.first_pts_ns = report->first_pts_ns;
    }
    if (report->last_pts_ns > slot->as.dropped.last_pts_ns) {
        slot->as.dropped.last_pts_ns = report->last_pts_ns;
    }
    slot->as.dropped.frames += report->frames;
    slot->as.dropped.fragments += report->fragments;
    slot->as.dropped.bytes += report->bytes;
    stream->signals |= KVS_SIGNAL_EVENTS;
    kvs__events_metadata_dropped(stream, report->metadata);
}

struct kvs_event *kvs__events_notice(struct kvs_stream *stream, uint32_t notice) {
    stream->notices.pending[notice] = true;
    stream->signals |= KVS_SIGNAL_EVENTS;
    return &stream->notices.events[notice];
}

void kvs__events_room_made(const struct kvs_client *client) {
    for (struct kvs_stream *stream = client->streams; stream != NULL; stream = stream->next) {
        if (stream->room_wanted) {
            stream->room_wanted = false;
            stream->signals |= KVS_SIGNAL_ROOM;
            /* Frames that wait themselves go on with the next tick. */
            stream->signals |=
                stream->ordering.has_held || stream->stopping ? (uint32_t)KVS_SIGNAL_TICK : 0;
        }
    }
}

static bool next_drop(struct kvs_stream *stream, struct kvs_event *event) {
    for (uint32_t reason = 0; reason < KVS_DROP_REASON_COUNT; reason++) {
        struct kvs_event *slot = &stream->drops[reason];
        if (slot->as.dropped.frames > 0) {
            *event = *slot;
            slot->as.dropped.frames = 0;
            slot->as.dropped.fragments = 0;
            slot->as.dropped.bytes = 0;
            return true;
        }
    }
    return false;
}

static bool next_notice(struct notices *notices, struct kvs_event *event) {
    for (uint32_t notice = 0; notice < NOTICE_COUNT; notice++) {
        if (notices->pending[notice]) {
            notices->pending[notice] = false;
            *event = notices->events[notice];
            return true;
        }
    }
    return false;
}

static bool next_event(struct kvs_stream *stream, struct kvs_event *event) {
    struct ack_queue *queue = &stream->acks;
    if (queue->count == 0) {
        return next_drop(stream, event) || next_notice(&stream->notices, event);
    }
    *event = queue->events[queue->first];
    queue->first = (queue->first + 1) % KVS__ACK_QUEUE;
    queue->count--;
    return true;
}

bool kvs_stream_next_event(struct kvs_stream *stream, struct kvs_event *event) {
    if (stream == NULL || event == NULL) {
        return false;
    }
    kvs__lock_acquire(&stream->client->lock);
    bool found = next_event(stream, event);
    kvs__lock_release(&stream->client->lock);
    return found;
}

uint32_t kvs_stream_take_signals(struct kvs_stream *stream) {
    if (stream == NULL) {
        return 0;
    }
    kvs__lock_acquire(&stream->client->lock);
    uint32_t signals = stream->signals;
    stream->signals = 0;
    kvs__lock_release(&stream->client->lock);
    return signals;
}
