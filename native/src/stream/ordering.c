/** Frames that leave the order, or never wait in it, on their way into a fragment. */
#include "stream/stream_internal.h"

void kvs__stream_report_frame(struct kvs_stream *stream, uint64_t bytes, int64_t pts_ns,
                              enum kvs_drop_reason reason) {
    const struct drop_report report = {reason, 1, 0, bytes, pts_ns, pts_ns, 0};
    kvs__events_report_drop(stream, &report);
}

void kvs__stream_drop_frame(struct kvs_stream *stream, const struct kvs__staged_frame *frame,
                            enum kvs_drop_reason reason) {
    kvs__store_release(stream->client, &frame->place, frame->size);
    kvs__events_room_made(stream->client);
    kvs__stream_report_frame(stream, frame->size, frame->pts_ns, reason);
}

bool kvs__stream_give_up(struct kvs_stream *stream, kvs_status status) {
    if (!kvs__is_without_room(status) || !kvs__stream_may_drop(stream)) {
        return false;
    }
    kvs__retention_give_up_open(stream, KVS_DROP_STORE_PRESSURE);
    return status == KVS_STATUS_STORE_OUT_OF_MEMORY;
}

static void note_placed(struct kvs_stream *stream, const struct kvs__staged_frame *frame) {
    if (frame->track_index == stream->lead_track && frame->lead_count > stream->lead_placed) {
        stream->lead_placed = frame->lead_count;
    }
}

/**
 * Adds a frame that has left the order. Its put has returned, so that what cannot be added is
 * dropped; false when there is no room for it and nothing may be dropped to make some.
 */
static bool add_ordered(struct kvs_stream *stream, const struct kvs__staged_frame *frame) {
    struct placement placement;
    enum kvs_drop_reason reason = KVS_DROP_LATE;
    kvs_status status = kvs__fragment_place(stream, frame, &placement);
    if (status == KVS_STATUS_SUCCESS && placement.dropped) {
        reason = placement.drop_reason;
    } else if (status == KVS_STATUS_SUCCESS) {
        status = kvs__fragment_add(stream, frame, &placement);
        if (status == KVS_STATUS_SUCCESS) {
            note_placed(stream, frame);
            return true;
        }
        if (status == KVS_STATUS_STORE_OUT_OF_MEMORY && !kvs__stream_may_drop(stream)) {
            return false;
        }
        if (!kvs__stream_give_up(stream, status) && stream->fragment.open) {
            /* The fragment fills all there is, and its rest would lack this frame. */
            (void)kvs__fragment_end(stream, false);
            stream->fragment.open = false;
        }
        reason = KVS_DROP_STORE_PRESSURE;
    }
    note_placed(stream, frame);
    kvs__stream_drop_frame(stream, frame, reason);
    return true;
}

void kvs__stream_want_room(struct kvs_stream *stream) {
    stream->room_wanted = true;
    if (kvs__session_frees_room(stream) || kvs__session_bars_room(stream)) {
        kvs__events_data_available(stream);
    }
}

void kvs__stream_release_ordered(struct kvs_stream *stream, int64_t now_ns, bool flush) {
    struct ordering *ordering = &stream->ordering;
    for (;;) {
        if (!ordering->has_held &&
            !kvs__order_pop(ordering->order, stream->live_tracks, now_ns, flush, &ordering->held)) {
            return;
        }
        ordering->has_held = !add_ordered(stream, &ordering->held);
        if (ordering->has_held) {
            kvs__stream_want_room(stream);
            return;
        }
    }
}

kvs_status kvs__stream_order(struct kvs_stream *stream, const struct kvs__staged_frame *staged) {
    struct ordering *ordering = &stream->ordering;
    while (!kvs__order_push(ordering->order, staged)) {
        /* The queue of the track is full: what is in front may not wait any longer. */
        if (!kvs__order_pop(ordering->order, 0, staged->put_ns, true, &ordering->held)) {
            return KVS_STATUS_INTERNAL_ERROR;
        }
        ordering->has_held = !add_ordered(stream, &ordering->held);
        if (ordering->has_held) {
            return KVS_STATUS_STORE_OUT_OF_MEMORY;
        }
    }
    return KVS_STATUS_SUCCESS;
}
