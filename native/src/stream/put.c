/**
 * The way of a frame into the view: its times are normalised, its payload is adapted and copied
 * into the store, it may wait for frames of other tracks, and then it is placed in a fragment.
 */
#include <string.h>

#include "kvs/nal.h"
#include "stream/stream_internal.h"

/** How a payload is stored: rewritten as the stream's NAL adaptation asks. */
struct packaging {
    bool to_avcc;
    bool to_annexb;
    struct kvs_annexb_index index;
    size_t payload_len;
    size_t size;
};

/**
 * Finds the start codes of a frame, or that it has lengths already. The first bytes cannot tell: 00
 * 00 01 begins an Annex-B frame, and also one whose first NAL unit has 256 to 511 bytes, so the
 * track's codec private data decides which is tried first.
 */
static kvs_status find_framing(const struct stream_track *track, struct kvs_span data,
                               struct packaging *packaging) {
    if (track->expects_lengths && kvs_is_avcc(data)) {
        return KVS_STATUS_SUCCESS;
    }
    kvs_status status = kvs_annexb_index(data, &packaging->index);
    if (status == KVS_STATUS_SUCCESS) {
        packaging->to_avcc = true;
        packaging->payload_len = packaging->index.avcc_size;
        return KVS_STATUS_SUCCESS;
    }
    return kvs_is_avcc(data) ? KVS_STATUS_SUCCESS : status;
}

static kvs_status package_frame(const struct kvs_stream *stream, const struct stream_track *track,
                                struct kvs_span data, struct packaging *packaging) {
    const uint32_t adaptation = stream->config.nal_adaptation;
    bool is_nal = track->codec == KVS_CODEC_H264 || track->codec == KVS_CODEC_H265;
    packaging->to_avcc = false;
    packaging->to_annexb = is_nal && (adaptation & KVS_NAL_ADAPTATION_AVCC_FRAMES) != 0;
    packaging->payload_len = data.len;
    if (is_nal && (adaptation & KVS_NAL_ADAPTATION_ANNEXB_FRAMES) != 0) {
        kvs_status status = find_framing(track, data, packaging);
        if (status != KVS_STATUS_SUCCESS) {
            return status;
        }
    }
    if (packaging->to_annexb && !kvs_is_avcc(data)) {
        return KVS_STATUS_MKV_INVALID_AVCC_NALU_IN_FRAME_DATA;
    }
    if (packaging->payload_len > UINT32_MAX - KVS_MKV_BLOCK_MAX_BYTES) {
        return KVS_STATUS_INVALID_ALLOCATION_SIZE;
    }
    packaging->size = kvs_mkv_block_header_size(packaging->payload_len) + packaging->payload_len;
    return KVS_STATUS_SUCCESS;
}

static kvs_status write_payload(struct kvs_span data, const struct packaging *packaging,
                                uint8_t *out) {
    if (packaging->to_avcc) {
        return kvs_annexb_to_avcc(data, &packaging->index, out, packaging->payload_len);
    }
    memcpy(out, data.data, data.len);
    return packaging->to_annexb ? kvs_avcc_to_annexb(out, packaging->payload_len)
                                : KVS_STATUS_SUCCESS;
}

/** Whether all that the stream holds is the fragment that is being put. */
static bool holds_open_fragment_only(const struct kvs_stream *stream) {
    uint64_t tail = kvs_view_tail(stream->view);
    return tail == kvs_view_head(stream->view) ||
           (stream->fragment.open && stream->fragment.start <= tail);
}

/** Whether fragments that still grow fill the store: no ACK of any stream will ever make room then.
 */
static bool is_deadlocked(const struct kvs_stream *stream) {
    if (!kvs__is_offline(stream)) {
        return false;
    }
    const struct kvs_stream *other = stream->client->streams;
    while (other != NULL && holds_open_fragment_only(other)) {
        other = other->next;
    }
    return other == NULL;
}

static kvs_status refusal(const struct kvs_stream *stream, size_t size) {
    bool can_never_fit = size > kvs__store_max_allocation(stream->client);
    return can_never_fit || is_deadlocked(stream) ? KVS_STATUS_INVALID_ALLOCATION_SIZE
                                                  : KVS_STATUS_STORE_OUT_OF_MEMORY;
}

static bool is_backlogged(const struct kvs_stream *stream) {
    struct kvs_view_window pending;
    uint32_t limit = stream->config.high_water_bytes;
    if (limit == 0 || !kvs__is_offline(stream)) {
        return false;
    }
    kvs_view_window(stream->view, NULL, &pending);
    return pending.bytes > limit;
}

bool kvs__stream_may_drop(const struct kvs_stream *stream) {
    return !kvs__is_offline(stream) &&
           stream->config.store_pressure == KVS_STORE_PRESSURE_DROP_OLDEST;
}

kvs_status kvs__stream_allocate(struct kvs_stream *stream, size_t size, struct kvs__place *place) {
    for (;;) {
        if (kvs__store_allocate(stream->client, size, place) == KVS_STATUS_SUCCESS) {
            return KVS_STATUS_SUCCESS;
        }
        bool can_never_fit = size > kvs__store_max_allocation(stream->client);
        if (can_never_fit || !kvs__stream_may_drop(stream) ||
            !kvs__retention_evict(stream, KVS_DROP_STORE_PRESSURE)) {
            return refusal(stream, size);
        }
    }
}

kvs_status kvs__stream_append(struct kvs_stream *stream, const struct kvs_view_item *item) {
    uint64_t index = 0;
    kvs_status status = kvs_view_append(stream->view, item, &index);
    if (status == KVS_STATUS_STORE_OUT_OF_MEMORY && kvs__stream_may_drop(stream) &&
        kvs__retention_free_slot(stream)) {
        status = kvs_view_append(stream->view, item, &index);
    }
    return status == KVS_STATUS_STORE_OUT_OF_MEMORY ? refusal(stream, item->len) : status;
}

/** Copies a payload into the store, with room for its block header in front. */
static kvs_status stage(struct kvs_stream *stream, struct kvs_span data,
                        const struct packaging *packaging, struct kvs__staged_frame *frame) {
    struct kvs_client *client = stream->client;
    kvs_status status = kvs__stream_allocate(stream, packaging->size, &frame->place);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    size_t header = packaging->size - packaging->payload_len;
    uint8_t *buffer = kvs__store_buffer(client, &frame->place, packaging->size);
    status = buffer != NULL ? write_payload(data, packaging, buffer + header)
                            : KVS_STATUS_NOT_ENOUGH_MEMORY;
    if (status == KVS_STATUS_SUCCESS) {
        status = kvs__store_flush(client, &frame->place, buffer, header, packaging->size);
    }
    if (status != KVS_STATUS_SUCCESS) {
        kvs__store_release(client, &frame->place, packaging->size);
        return status;
    }
    frame->size = (uint32_t)packaging->size;
    frame->payload_len = (uint32_t)packaging->payload_len;
    return KVS_STATUS_SUCCESS;
}

static void report_frame(struct kvs_stream *stream, uint64_t bytes, int64_t pts_ns,
                         enum kvs_drop_reason reason) {
    const struct drop_report report = {reason, 1, 0, bytes, pts_ns, pts_ns, 0};
    kvs__events_report_drop(stream, &report);
}

void kvs__stream_drop_frame(struct kvs_stream *stream, const struct kvs__staged_frame *frame,
                            enum kvs_drop_reason reason) {
    kvs__store_release(stream->client, &frame->place, frame->size);
    report_frame(stream, frame->size, frame->pts_ns, reason);
}

/**
 * There is no room for a frame. A stream that may drop gives up the fragment that it belongs to,
 * whose rest could not be decoded, and goes on with the next one; one that may not says so, and
 * keeps what it has. True when the frame counts as dropped.
 */
static bool give_up(struct kvs_stream *stream, kvs_status status) {
    bool is_full = status == KVS_STATUS_STORE_OUT_OF_MEMORY;
    if ((!is_full && status != KVS_STATUS_INVALID_ALLOCATION_SIZE) ||
        !kvs__stream_may_drop(stream)) {
        return false;
    }
    kvs__retention_give_up_open(stream, KVS_DROP_STORE_PRESSURE);
    return is_full;
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
        give_up(stream, status);
        reason = KVS_DROP_STORE_PRESSURE;
    }
    note_placed(stream, frame);
    kvs__stream_drop_frame(stream, frame, reason);
    return true;
}

void kvs__stream_release_order(struct kvs_stream *stream, int64_t now_ns, bool flush) {
    struct ordering *ordering = &stream->ordering;
    while (ordering->order != NULL) {
        if (!ordering->has_held &&
            !kvs__order_pop(ordering->order, stream->live_tracks, now_ns, flush, &ordering->held)) {
            return;
        }
        ordering->has_held = !add_ordered(stream, &ordering->held);
        if (ordering->has_held) {
            stream->room_wanted = true;
            return;
        }
    }
}

static kvs_status check_frame(struct kvs_stream *stream, const struct kvs_frame *frame,
                              struct stream_track **track) {
    if (frame->data.data == NULL || frame->data.len == 0) {
        return KVS_STATUS_MKV_INVALID_FRAME_DATA;
    }
    *track = kvs__tracks_find(stream, frame->track_id);
    return *track != NULL ? KVS_STATUS_SUCCESS : KVS_STATUS_MKV_TRACK_INFO_NOT_FOUND;
}

static void count_put(struct kvs_stream *stream, const struct kvs_frame *frame,
                      struct stream_track *track, int64_t pts_ns) {
    stream->counters.frames_put++;
    stream->counters.bytes_put += frame->data.len;
    if (!track->has_pts || pts_ns > track->last_pts_ns) {
        track->has_pts = true;
        track->last_pts_ns = pts_ns;
    }
}

/** A frame that is accepted and goes nowhere. */
static kvs_status drop_at_once(struct kvs_stream *stream, const struct kvs_frame *frame,
                               enum kvs_drop_reason reason) {
    stream->counters.frames_put++;
    stream->counters.bytes_put += frame->data.len;
    report_frame(stream, frame->data.len, frame->pts_ns, reason);
    return KVS_STATUS_SUCCESS;
}

/** Puts a staged frame where it belongs: into the order, or into a fragment. */
static kvs_status dispatch(struct kvs_stream *stream, const struct kvs__staged_frame *staged,
                           const struct placement *placement) {
    struct ordering *ordering = &stream->ordering;
    if (ordering->order == NULL) {
        return kvs__fragment_add(stream, staged, placement);
    }
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

/** Stores a frame whose times are settled. */
static kvs_status put_payload(struct kvs_stream *stream, const struct kvs_frame *frame,
                              struct stream_track *track, struct kvs__staged_frame *staged) {
    struct packaging packaging;
    struct placement placement = {0};
    kvs_status status = package_frame(stream, track, frame->data, &packaging);
    if (status == KVS_STATUS_SUCCESS && stream->ordering.order == NULL) {
        status = kvs__fragment_place(stream, staged, &placement);
    }
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    if (placement.dropped) {
        return drop_at_once(stream, frame, placement.drop_reason);
    }
    if ((frame->flags & KVS_FRAME_KEY) != 0) {
        status = kvs__parameter_sets_learn(stream, staged->track_index, frame->data);
        if (status != KVS_STATUS_SUCCESS) {
            return status;
        }
        /* What was learnt may have the frame open a fragment. */
        if (stream->ordering.order == NULL) {
            status = kvs__fragment_place(stream, staged, &placement);
        }
    }
    if (status == KVS_STATUS_SUCCESS && !kvs__is_offline(stream)) {
        kvs__retention_limit_duration(stream, staged->pts_ns + staged->duration_ns);
    }
    if (status == KVS_STATUS_SUCCESS) {
        status = stage(stream, frame->data, &packaging, staged);
    }
    if (status == KVS_STATUS_SUCCESS) {
        status = dispatch(stream, staged, &placement);
        if (status != KVS_STATUS_SUCCESS) {
            kvs__store_release(stream->client, &staged->place, staged->size);
        }
    }
    if (status == KVS_STATUS_SUCCESS) {
        count_put(stream, frame, track, staged->pts_ns);
        return status;
    }
    return give_up(stream, status) ? drop_at_once(stream, frame, KVS_DROP_STORE_PRESSURE) : status;
}

static void after_put(struct kvs_stream *stream, const struct kvs__staged_frame *staged) {
    stream->last_put_ns = staged->put_ns;
    if (staged->track_index == stream->lead_track) {
        stream->lead_put = staged->lead_count;
        if (stream->ordering.order == NULL) {
            stream->lead_placed = stream->lead_put;
        }
        kvs__rates_frame(stream, staged);
    }
    if (stream->ordering.order != NULL) {
        kvs__stream_release_order(stream, staged->put_ns, false);
        kvs__tick_by(stream, kvs__order_next_ns(stream->ordering.order));
    }
    if (stream->fragment.open && stream->config.idle_ns > 0) {
        kvs__tick_by(stream, kvs__time_after(staged->put_ns, stream->config.idle_ns));
    }
    kvs__pressure_check(stream);
}

static kvs_status put_media(struct kvs_stream *stream, const struct kvs_frame *frame,
                            int64_t now_ns) {
    struct stream_track *track = NULL;
    struct kvs__normalizer_step step;
    struct kvs__frame_times times = {frame->pts_ns, frame->dts_ns, frame->duration_ns};
    kvs_status status = check_frame(stream, frame, &track);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    kvs__stream_release_order(stream, now_ns, false);
    if (is_backlogged(stream) || stream->ordering.has_held) {
        return KVS_STATUS_STORE_OUT_OF_MEMORY;
    }
    if (stream->config.generated_timestamps) {
        times.pts_ns = now_ns;
        times.dts_ns = now_ns;
    }
    uint32_t index = (uint32_t)(track - stream->tracks);
    status = kvs__normalizer_apply(&stream->normalizer, index, &times, &times, &step);
    struct kvs__staged_frame staged = {
        .flags = frame->flags,
        .track_index = index,
        .pts_ns = times.pts_ns,
        .dts_ns = times.dts_ns,
        .duration_ns = times.duration_ns,
        .put_ns = now_ns,
        .lead_count = stream->lead_put + (index == stream->lead_track ? 1 : 0),
    };
    if (status == KVS_STATUS_SUCCESS) {
        status = put_payload(stream, frame, track, &staged);
    }
    if (stream->config.timestamp_policy == KVS_TIMESTAMPS_DROP &&
        (status == KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP ||
         status == KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP ||
         status == KVS_STATUS_MKV_LARGE_FRAME_TIMECODE)) {
        return drop_at_once(stream, frame, KVS_DROP_TIMESTAMP);
    }
    if (status == KVS_STATUS_SUCCESS) {
        kvs__normalizer_commit(&stream->normalizer, index, &step);
        stream->counters.timestamps_fixed += step.fixed ? 1 : 0;
        after_put(stream, &staged);
    }
    return status;
}

static bool refuses_end_of_fragment(const struct kvs_stream *stream) {
    return stream->config.frame_order == KVS_FRAME_ORDER_DTS ||
           stream->config.frame_order == KVS_FRAME_ORDER_PTS;
}

static kvs_status put_end_of_fragment(struct kvs_stream *stream, int64_t now_ns) {
    bool has_video = stream->tracks[stream->lead_track].type == KVS_TRACK_VIDEO;
    if (has_video && !stream->config.key_frame_fragmentation) {
        return KVS_STATUS_END_OF_FRAGMENT_FRAME_INVALID_STATE;
    }
    if (refuses_end_of_fragment(stream)) {
        return KVS_STATUS_SETTING_KEY_FRAME_FLAG_WHILE_USING_EOFR;
    }
    kvs__stream_release_order(stream, now_ns, true);
    if (stream->ordering.has_held) {
        return KVS_STATUS_STORE_OUT_OF_MEMORY;
    }
    if (stream->fragment.open) {
        return kvs__fragment_end(stream, true);
    }
    if (stream->counters.fragments_put == 0) {
        return KVS_STATUS_CONTENT_VIEW_NO_MORE_ITEMS;
    }
    if (stream->fragment.ended) {
        return KVS_STATUS_MULTIPLE_CONSECUTIVE_EOFR;
    }
    stream->fragment.ended = true; /* what it ends was given up, or ended for want of frames */
    return KVS_STATUS_SUCCESS;
}

static kvs_status put_frame(struct kvs_stream *stream, const struct kvs_frame *frame,
                            int64_t now_ns) {
    if (stream->stopping) {
        return KVS_STATUS_STREAM_HAS_BEEN_STOPPED;
    }
    return (frame->flags & KVS_FRAME_END_OF_FRAGMENT) != 0 ? put_end_of_fragment(stream, now_ns)
                                                           : put_media(stream, frame, now_ns);
}

kvs_status kvs_stream_put_frame(struct kvs_stream *stream, const struct kvs_frame *frame,
                                int64_t now_ns) {
    if (stream == NULL || frame == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs__lock_acquire(&stream->client->lock);
    kvs_status status = put_frame(stream, frame, now_ns);
    stream->counters.put_errors += status != KVS_STATUS_SUCCESS ? 1 : 0;
    stream->room_wanted |= status == KVS_STATUS_STORE_OUT_OF_MEMORY;
    kvs__lock_release(&stream->client->lock);
    return status;
}
