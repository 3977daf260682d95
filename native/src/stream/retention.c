/**
 * How long a fragment stays in the store: until the service has it, or until room must be made.
 *
 * A fragment is dropped whole or not at all, and never while it is being sent or put, so that no
 * half fragment goes out. A fragment that was sent but not confirmed may lose its bytes to make
 * room; whether its frames were lost is known only when its ACK arrives or the session ends, and is
 * reported then (KVS_ITEM_SENT marks that state). What is dropped or delivered keeps its place in
 * the view until everything before it is done too.
 */
#include "stream/stream_internal.h"

/** Where the flags of a fragment that is awaited keep what its bytes were dropped for. */
#define REASON_SHIFT 24

void kvs__retention_free_payload(struct kvs_stream *stream, struct kvs__heap_run *run,
                                 const struct kvs_view_item *item) {
    if ((item->flags & KVS_ITEM_DROPPED) == 0) {
        const struct kvs__place place = {item->data, item->spill_offset};
        kvs__store_release_in(stream->client, run, &place, item->len);
    }
}

static void free_payloads(struct kvs_stream *stream, uint64_t start, uint64_t end) {
    struct kvs__heap_run run = {0};
    for (uint64_t index = start; index < end; index++) {
        struct kvs_view_item item;
        if (kvs_view_drop(stream->view, index, &item) == KVS_STATUS_SUCCESS) {
            kvs__retention_free_payload(stream, &run, &item);
        }
    }
    kvs__heap_run_end(stream->client->heap, &run);
}

static bool is_being_put(const struct kvs_stream *stream, uint64_t start) {
    return stream->fragment.open && start >= stream->fragment.start;
}

static bool is_being_sent(const struct kvs_stream *stream, uint64_t start, uint64_t end) {
    if (stream->active == SESSION_NONE) {
        return false;
    }
    const struct session *session = &stream->sessions[stream->active];
    uint64_t current = kvs__view_current(stream->view);
    return session->state == SESSION_ACTIVE &&
           ((current > start && current < end) || (current == start && session->item_loaded));
}

/** Whether all of a fragment was read by a session that is still open, so that its ACK may come. */
static bool awaits_ack(struct kvs_stream *stream, uint64_t start, uint64_t end) {
    const struct session *session = kvs__session_of(stream, kvs_view_at(stream->view, start));
    return session != NULL && !is_being_put(stream, start) && !is_being_sent(stream, start, end) &&
           end <= session->end;
}

/** Counts the frames of [start, end), for a report. */
static struct drop_report measure(struct kvs_stream *stream, uint64_t start, uint64_t end,
                                  enum kvs_drop_reason reason) {
    struct drop_report report = {reason, 0, 1, 0, 0, 0, 0};
    for (uint64_t index = start; index < end; index++) {
        const struct kvs_view_item *item = kvs_view_at(stream->view, index);
        report.bytes += item->len;
        if ((item->flags & KVS_ITEM_TAGS) != 0) {
            report.metadata += item->track_index;
            continue;
        }
        if (report.frames == 0 || item->pts_ns < report.first_pts_ns) {
            report.first_pts_ns = item->pts_ns;
        }
        if (report.frames == 0 || item->pts_ns > report.last_pts_ns) {
            report.last_pts_ns = item->pts_ns;
        }
        report.frames++;
    }
    return report;
}

static uint64_t count_frames(const struct kvs_stream *stream, uint64_t start, uint64_t end) {
    uint64_t frames = 0;
    for (uint64_t index = start; index < end; index++) {
        frames += kvs__view_frames_of(kvs__view_item(stream->view, index));
    }
    return frames;
}

/** Whether nothing more can become of the fragment: it is delivered, or dropped and told. */
static bool is_done(const struct kvs_view_item *first) {
    return (first->flags & KVS_ITEM_PERSISTED) != 0 ||
           (first->flags & (KVS_ITEM_DROPPED | KVS_ITEM_SENT)) == KVS_ITEM_DROPPED;
}

void kvs__retention_drop(struct kvs_stream *stream, uint64_t start, enum kvs_drop_reason reason) {
    struct kvs_view_item *first = kvs_view_at(stream->view, start);
    if (is_done(first)) {
        return;
    }
    uint64_t end = kvs_view_fragment_end(stream->view, start);
    bool was_awaited = (first->flags & KVS_ITEM_SENT) != 0;
    bool may_arrive = reason != KVS_DROP_REJECTED && awaits_ack(stream, start, end);
    struct drop_report report = measure(stream, start, end, reason);
    free_payloads(stream, start, end);
    if (is_being_put(stream, start)) {
        stream->fragment.open = false;
        /* What was put for this fragment must not go with another. */
        kvs__events_metadata_dropped(stream, kvs__metadata_done(stream, false));
    }
    if (may_arrive) {
        first->flags |= was_awaited ? 0 : (uint32_t)reason << REASON_SHIFT;
        stream->counters.awaited_frames += was_awaited ? 0 : report.frames;
        first->flags |= KVS_ITEM_SENT;
    } else {
        stream->counters.awaited_frames -= was_awaited ? report.frames : 0;
        first->flags &= ~(uint32_t)KVS_ITEM_SENT;
        kvs__session_settle(stream, first);
        kvs__events_report_drop(stream, &report);
    }
    kvs__events_room_made(stream->client);
}

enum kvs_drop_reason kvs__retention_reason(struct kvs_stream *stream, uint64_t start) {
    return (enum kvs_drop_reason)(kvs_view_at(stream->view, start)->flags >> REASON_SHIFT);
}

void kvs__retention_give_up_ack(struct kvs_stream *stream, uint64_t start,
                                enum kvs_drop_reason reason) {
    struct kvs_view_item *first = kvs_view_at(stream->view, start);
    if ((first->flags & (KVS_ITEM_SENT | KVS_ITEM_PERSISTED)) != KVS_ITEM_SENT) {
        return;
    }
    struct drop_report report =
        measure(stream, start, kvs_view_fragment_end(stream->view, start), reason);
    stream->counters.awaited_frames -= report.frames;
    first->flags &= ~(uint32_t)KVS_ITEM_SENT;
    kvs__session_settle(stream, first);
    kvs__events_report_drop(stream, &report);
}

void kvs__retention_unpin(struct kvs_stream *stream, uint64_t start) {
    if (start < stream->evict_from) {
        stream->evict_from = start;
    }
}

/** The oldest fragment that may be dropped; the head when there is none. */
static uint64_t find_evictable(struct kvs_stream *stream) {
    uint64_t head = kvs__view_head(stream->view);
    uint64_t start = kvs__retention_oldest(stream);
    while (start < head && !is_being_put(stream, start)) {
        uint64_t end = kvs_view_fragment_end(stream->view, start);
        bool has_bytes = (kvs_view_at(stream->view, start)->flags & KVS_ITEM_DROPPED) == 0;
        if (has_bytes && !is_being_sent(stream, start, end)) {
            break;
        }
        /* What is being sent comes up again when it is not any more, see kvs__retention_unpin. */
        start = end;
    }
    stream->evict_from = start;
    return start < head && !is_being_put(stream, start) ? start : head;
}

bool kvs__retention_evict(struct kvs_stream *stream, enum kvs_drop_reason reason) {
    uint64_t start = find_evictable(stream);
    if (start == kvs__view_head(stream->view)) {
        return false;
    }
    kvs__retention_drop(stream, start, reason);
    kvs__retention_trim(stream);
    return true;
}

bool kvs__retention_free_slot(struct kvs_stream *stream) {
    uint64_t tail = kvs__view_tail(stream->view);
    uint64_t end = kvs_view_fragment_end(stream->view, tail);
    if (is_being_put(stream, tail) || is_being_sent(stream, tail, end)) {
        return false;
    }
    /* The slots are needed, so that its confirmation cannot be waited for either. */
    kvs__retention_drop(stream, tail, KVS_DROP_FRAME_COUNT);
    kvs__retention_give_up_ack(stream, tail, KVS_DROP_FRAME_COUNT);
    kvs__retention_trim(stream);
    return true;
}

void kvs__retention_give_up_open(struct kvs_stream *stream, enum kvs_drop_reason reason) {
    uint64_t head = kvs__view_head(stream->view);
    uint64_t start = stream->fragment.start;
    if (!stream->fragment.open) {
        return;
    }
    bool is_begun = kvs__view_current(stream->view) > start || is_being_sent(stream, start, head);
    if (!is_begun) {
        kvs__retention_drop(stream, start, reason);
        kvs__retention_trim(stream);
    }
    if (is_begun && kvs__fragment_end(stream, false) != KVS_STATUS_SUCCESS) {
        kvs__events_metadata_dropped(stream, kvs__metadata_done(stream, false));
    }
    stream->fragment.open = false;
    kvs__events_data_available(stream);
}

void kvs__retention_drop_old(struct kvs_stream *stream, int64_t end_ns) {
    while (kvs__retention_is_too_old(stream, kvs__retention_oldest(stream), end_ns)) {
        uint64_t start = find_evictable(stream);
        if (!kvs__retention_is_too_old(stream, start, end_ns)) {
            return;
        }
        kvs__retention_drop(stream, start, KVS_DROP_BUFFER_DURATION);
        kvs__retention_trim(stream);
    }
}

void kvs__retention_deliver(struct kvs_stream *stream, uint64_t start) {
    uint64_t end = kvs_view_fragment_end(stream->view, start);
    struct kvs_view_item *first = kvs_view_at(stream->view, start);
    if (is_done(first) || !awaits_ack(stream, start, end)) {
        return; /* nobody can have a fragment that was not wholly sent: do not believe it */
    }
    uint64_t frames = count_frames(stream, start, end);
    stream->counters.awaited_frames -= (first->flags & KVS_ITEM_SENT) != 0 ? frames : 0;
    stream->counters.frames_delivered += frames;
    stream->counters.fragments_delivered++;
    first->flags |= KVS_ITEM_PERSISTED;
    first->flags &= ~(uint32_t)KVS_ITEM_SENT;
    if (start != kvs__view_tail(stream->view)) {
        free_payloads(stream, start, end); /* else they go with their items */
    }
    kvs__session_settle(stream, first);
    kvs__retention_trim(stream);
    kvs__events_room_made(stream->client);
}

void kvs__retention_trim(struct kvs_stream *stream) {
    uint64_t tail = kvs__view_tail(stream->view);
    uint64_t head = kvs__view_head(stream->view);
    struct kvs__heap_run run = {0};
    bool trimmed = false;
    while (tail < head && is_done(kvs_view_at(stream->view, tail)) && !is_being_put(stream, tail)) {
        uint64_t end = kvs_view_fragment_end(stream->view, tail);
        for (; tail < end; tail++) {
            kvs__retention_free_payload(stream, &run, kvs__view_pop(stream->view));
        }
        trimmed = true;
    }
    kvs__heap_run_end(stream->client->heap, &run);
    if (trimmed) {
        kvs__formats_trim(stream);
        kvs__events_room_made(stream->client);
    }
}

void kvs__retention_drop_all(struct kvs_stream *stream, enum kvs_drop_reason reason) {
    uint64_t head = kvs__view_head(stream->view);
    uint64_t end = 0;
    for (uint64_t start = kvs__view_tail(stream->view); start < head; start = end) {
        end = kvs_view_fragment_end(stream->view, start);
        kvs__retention_drop(stream, start, reason);
        kvs__retention_give_up_ack(stream, start, reason);
    }
    kvs__retention_trim(stream);
}
