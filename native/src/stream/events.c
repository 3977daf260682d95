#include "stream_internal.h"

bool kvs__events_ack_room(const struct kvs_stream *stream) {
    return stream->acks.count < KVS__ACK_QUEUE;
}

void kvs__events_push_ack(struct kvs_stream *stream, kvs_status status, const struct kvs_ack *ack) {
    KVS_ASSERT(kvs__events_ack_room(stream),
               "an ACK is parsed only when there is room for its event");
    struct ack_queue *queue = &stream->acks;
    struct kvs_event *event = &queue->events[(queue->first + queue->count) % KVS__ACK_QUEUE];
    event->type = KVS_EVENT_ACK;
    event->as.ack.session_id = stream->session.id;
    event->as.ack.status = status;
    event->as.ack.ack = *ack;
    queue->count++;
    stream->signals |= KVS_SIGNAL_EVENTS;
}

void kvs__events_report_drop(struct kvs_stream *stream, const struct drop_report *report) {
    stream->counters.frames_dropped[report->reason] += report->frames;
    stream->counters.fragments_dropped += report->fragments;
    struct kvs_event *slot = &stream->drops.slots[report->reason];
    if (slot->as.dropped.frames == 0) {
        slot->type = KVS_EVENT_FRAMES_DROPPED;
        slot->as.dropped.reason = report->reason;
        slot->as.dropped.first_pts_ns = report->first_pts_ns;
    }
    slot->as.dropped.last_pts_ns = report->last_pts_ns;
    slot->as.dropped.frames += report->frames;
    slot->as.dropped.fragments += report->fragments;
    slot->as.dropped.bytes += report->bytes;
    stream->signals |= KVS_SIGNAL_EVENTS;
}

void kvs__events_data_available(struct kvs_stream *stream) {
    if (stream->data_wanted) {
        stream->data_wanted = false;
        stream->signals |= KVS_SIGNAL_DATA;
    }
}

void kvs__events_room_made(struct kvs_stream *stream) {
    if (stream->room_wanted) {
        stream->room_wanted = false;
        stream->signals |= KVS_SIGNAL_ROOM;
    }
}

static bool next_drop(struct drop_ledger *drops, struct kvs_event *event) {
    for (uint32_t reason = 0; reason < KVS_DROP_REASON_COUNT; reason++) {
        struct kvs_event *slot = &drops->slots[reason];
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

static bool next_event(struct kvs_stream *stream, struct kvs_event *event) {
    struct ack_queue *queue = &stream->acks;
    if (queue->count == 0) {
        return next_drop(&stream->drops, event);
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
