/**
 * How long a fragment stays in the store: until the service has it, or until room must be made.
 *
 * A fragment is dropped whole or not at all, and never while it is being sent or put, so that no
 * half fragment goes out. A fragment that was sent but not confirmed may lose its bytes to make
 * room; whether its frames were lost is known only when its ACK arrives or the session ends, and is
 * reported then (KVS_ITEM_SENT marks that state).
 */
#include "stream_internal.h"

static void free_payload(struct kvs_stream *stream, const struct kvs_view_item *item) {
    kvs_heap_release(stream->client->heap, item->data);
    kvs_heap_release(stream->client->heap, item->tags);
}

static bool is_being_put(const struct kvs_stream *stream, uint64_t end) {
    return stream->fragment.open && end == kvs_view_head(stream->view);
}

static bool is_being_sent(const struct kvs_stream *stream, uint64_t start, uint64_t end) {
    uint64_t current = kvs_view_current(stream->view);
    if (!stream->session.open || stream->session.failed) {
        return false;
    }
    return (current > start && current < end) || (current == start && stream->session.item_loaded);
}

static bool is_sent(const struct kvs_stream *stream, uint64_t end) {
    return stream->session.open && end <= kvs_view_current(stream->view);
}

/** Counts the frames of [start, end) that hold their bytes, for a report. */
static struct drop_report measure(struct kvs_stream *stream, uint64_t start, uint64_t end,
                                  enum kvs_drop_reason reason) {
    struct drop_report report = {reason, end - start, 1, 0, 0, 0};
    for (uint64_t index = start; index < end; index++) {
        const struct kvs_view_item *item = kvs_view_at(stream->view, index);
        report.bytes += item->len;
        if (index == start || item->pts_ns < report.first_pts_ns) {
            report.first_pts_ns = item->pts_ns;
        }
        if (index == start || item->pts_ns > report.last_pts_ns) {
            report.last_pts_ns = item->pts_ns;
        }
    }
    return report;
}

/** Whether the fragment was dropped and told. */
static bool is_reported(const struct kvs_stream *stream, uint64_t start) {
    uint32_t flags = kvs_view_at(stream->view, start)->flags;
    return (flags & (KVS_ITEM_DROPPED | KVS_ITEM_SENT | KVS_ITEM_PERSISTED)) == KVS_ITEM_DROPPED;
}

void kvs__retention_drop(struct kvs_stream *stream, uint64_t start, enum kvs_drop_reason reason) {
    if (is_reported(stream, start)) {
        return;
    }
    uint64_t end = kvs_view_fragment_end(stream->view, start);
    struct kvs_view_item *first = kvs_view_at(stream->view, start);
    bool persisted = (first->flags & KVS_ITEM_PERSISTED) != 0;
    bool awaits_ack = reason != KVS_DROP_REJECTED && is_sent(stream, end);
    struct drop_report report = measure(stream, start, end, reason);
    for (uint64_t index = start; index < end; index++) {
        struct kvs_view_item dropped;
        if (kvs_view_drop(stream->view, index, &dropped) == KVS_STATUS_SUCCESS) {
            free_payload(stream, &dropped);
        }
    }
    if (awaits_ack) {
        first->flags |= KVS_ITEM_SENT;
    } else if (!persisted) {
        first->flags &= ~(uint32_t)KVS_ITEM_SENT;
        kvs__events_report_drop(stream, &report);
    }
    if (is_being_put(stream, end)) {
        stream->fragment.open = false;
    }
    kvs__events_room_made(stream);
}

bool kvs__retention_evict(struct kvs_stream *stream, enum kvs_drop_reason reason) {
    uint64_t head = kvs_view_head(stream->view);
    uint64_t end = 0;
    for (uint64_t start = kvs_view_tail(stream->view); start < head; start = end) {
        end = kvs_view_fragment_end(stream->view, start);
        bool dropped = (kvs_view_at(stream->view, start)->flags & KVS_ITEM_DROPPED) != 0;
        if (!dropped && !is_being_put(stream, end) && !is_being_sent(stream, start, end)) {
            kvs__retention_drop(stream, start, reason);
            kvs__retention_trim(stream);
            return true;
        }
    }
    return false;
}

/** Gives up the confirmation of the sent fragment at the tail: its slots are needed. */
static bool forget_tail(struct kvs_stream *stream) {
    uint64_t tail = kvs_view_tail(stream->view);
    struct kvs_view_item *item = kvs_view_at(stream->view, tail);
    if (item == NULL || (item->flags & KVS_ITEM_SENT) == 0) {
        return false;
    }
    struct drop_report report =
        measure(stream, tail, kvs_view_fragment_end(stream->view, tail), KVS_DROP_STORE_PRESSURE);
    kvs__events_report_drop(stream, &report);
    item->flags &= ~(uint32_t)KVS_ITEM_SENT;
    kvs__retention_trim(stream);
    return true;
}

bool kvs__retention_free_slot(struct kvs_stream *stream) {
    uint64_t tail = kvs_view_tail(stream->view);
    while (kvs_view_tail(stream->view) == tail) {
        if (!forget_tail(stream) && !kvs__retention_evict(stream, KVS_DROP_STORE_PRESSURE)) {
            return false;
        }
    }
    return true;
}

void kvs__retention_give_up_open(struct kvs_stream *stream) {
    uint64_t head = kvs_view_head(stream->view);
    if (stream->fragment.open && kvs_view_tail(stream->view) < head) {
        uint64_t start = kvs_view_fragment_start(stream->view, head - 1);
        bool begun = kvs_view_current(stream->view) > start || is_being_sent(stream, start, head);
        if (!begun) {
            kvs__retention_drop(stream, start, KVS_DROP_STORE_PRESSURE);
            kvs__retention_trim(stream);
        }
    }
    stream->fragment.open = false;
}

void kvs__retention_limit_duration(struct kvs_stream *stream, int64_t end_ns) {
    uint64_t head = kvs_view_head(stream->view);
    uint64_t start = kvs_view_tail(stream->view);
    while (start < head &&
           end_ns - kvs_view_at(stream->view, start)->pts_ns > stream->config.buffer_duration_ns) {
        uint64_t end = kvs_view_fragment_end(stream->view, start);
        bool dropped = (kvs_view_at(stream->view, start)->flags & KVS_ITEM_DROPPED) != 0;
        if (!dropped && !is_being_put(stream, end) && !is_being_sent(stream, start, end)) {
            kvs__retention_drop(stream, start, KVS_DROP_BUFFER_DURATION);
        }
        start = end;
    }
    kvs__retention_trim(stream);
}

void kvs__retention_deliver(struct kvs_stream *stream, uint64_t start) {
    uint64_t end = kvs_view_fragment_end(stream->view, start);
    bool complete = end <= kvs_view_current(stream->view) && !is_being_put(stream, end);
    if (!complete || is_reported(stream, start)) {
        return; /* nobody can have a fragment that was not wholly sent: do not believe it */
    }
    kvs_view_at(stream->view, start)->flags |= KVS_ITEM_PERSISTED;
    kvs__retention_trim(stream);
}

static void pop_fragment(struct kvs_stream *stream, uint64_t end, bool delivered) {
    while (kvs_view_tail(stream->view) < end) {
        struct kvs_view_item removed;
        kvs_status status = kvs_view_pop_tail(stream->view, &removed);
        KVS_ASSERT(status == KVS_STATUS_SUCCESS, "the tail lies before the end of its fragment");
        (void)status;
        free_payload(stream, &removed);
        stream->counters.frames_delivered += delivered ? 1 : 0;
    }
    stream->counters.fragments_delivered += delivered ? 1 : 0;
    kvs__events_room_made(stream);
}

void kvs__retention_trim(struct kvs_stream *stream) {
    uint64_t head = kvs_view_head(stream->view);
    while (kvs_view_tail(stream->view) < head) {
        uint64_t tail = kvs_view_tail(stream->view);
        uint32_t flags = kvs_view_at(stream->view, tail)->flags;
        bool delivered = (flags & KVS_ITEM_PERSISTED) != 0;
        if (!delivered && !is_reported(stream, tail)) {
            return;
        }
        pop_fragment(stream, kvs_view_fragment_end(stream->view, tail), delivered);
    }
}

/** The session ended: what it sent and nobody confirmed can no longer be told from lost. */
static void report_unconfirmed(struct kvs_stream *stream) {
    uint64_t head = kvs_view_head(stream->view);
    uint64_t end = 0;
    for (uint64_t start = kvs_view_tail(stream->view); start < head; start = end) {
        end = kvs_view_fragment_end(stream->view, start);
        struct kvs_view_item *item = kvs_view_at(stream->view, start);
        if ((item->flags & (KVS_ITEM_SENT | KVS_ITEM_PERSISTED)) == KVS_ITEM_SENT) {
            struct drop_report report = measure(stream, start, end, KVS_DROP_STORE_PRESSURE);
            kvs__events_report_drop(stream, &report);
            item->flags &= ~(uint32_t)KVS_ITEM_SENT;
        }
    }
}

void kvs__retention_roll_back(struct kvs_stream *stream) {
    report_unconfirmed(stream);
    kvs__retention_trim(stream);
    uint64_t tail = kvs_view_tail(stream->view);
    uint64_t head = kvs_view_head(stream->view);
    for (uint64_t start = tail; start < head; start = kvs_view_fragment_end(stream->view, start)) {
        kvs_view_at(stream->view, start)->flags &=
            ~(uint32_t)(KVS_ITEM_BUFFERING | KVS_ITEM_RECEIVED);
    }
    kvs_status status = kvs_view_set_current(stream->view, tail);
    KVS_ASSERT(status == KVS_STATUS_SUCCESS, "the tail lies in the view");
    (void)status;
}
