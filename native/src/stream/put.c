/**
 * Puts a frame: its times are normalised, its payload goes into the store, and then it is placed in
 * a fragment, or waits for frames of other tracks.
 */
#include "stream/stream_internal.h"

static bool is_backlogged(const struct kvs_stream *stream) {
    uint32_t limit = stream->config.high_water_bytes;
    return limit != 0 && kvs__is_offline(stream) && stream->view->pending.bytes > limit;
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
    kvs__stream_report_frame(stream, frame->data.len, frame->pts_ns, reason);
    return KVS_STATUS_SUCCESS;
}

/**
 * There is no room for a frame that opens a fragment. The one before is whole without it, so that
 * it is not given up with it, and may be dropped to make room, or has to get out to do so. False
 * when nothing has changed.
 */
static bool end_before(struct kvs_stream *stream, const struct placement *placement,
                       kvs_status status) {
    bool helps = kvs__stream_may_drop(stream) || status == KVS_STATUS_INVALID_ALLOCATION_SIZE;
    return helps && placement->opens_fragment && stream->fragment.open &&
           kvs__fragment_complete(stream, placement->timecode) == KVS_STATUS_SUCCESS;
}

/** Stores a frame that has its place. */
static kvs_status store_frame(struct kvs_stream *stream, const struct kvs_frame *frame,
                              struct kvs__staged_frame *staged, const struct placement *placement) {
    if (!kvs__is_offline(stream)) {
        kvs__retention_limit_duration(stream, staged->pts_ns + staged->duration_ns);
    }
    kvs_status status = kvs__stream_stage(stream, frame->data, staged);
    if (status != KVS_STATUS_SUCCESS) {
        if (!kvs__is_without_room(status) || !end_before(stream, placement, status)) {
            return status;
        }
        status = kvs__stream_stage(stream, frame->data, staged);
        if (status != KVS_STATUS_SUCCESS) {
            return status;
        }
    }
    status = stream->ordering.order == NULL ? kvs__fragment_add(stream, staged, placement)
                                            : kvs__stream_order(stream, staged);
    if (status != KVS_STATUS_SUCCESS) {
        kvs__store_release(stream->client, &staged->place, staged->size);
    }
    return status;
}

static kvs_status put_payload(struct kvs_stream *stream, const struct kvs_frame *frame,
                              struct stream_track *track, struct kvs__staged_frame *staged) {
    struct placement placement = {0};
    kvs_status status = KVS_STATUS_SUCCESS;
    if ((frame->flags & KVS_FRAME_KEY) != 0) {
        status = kvs__parameter_sets_learn(stream, staged->track_index, frame->data);
    }
    struct stream_format *format = kvs__format_latest(stream);
    staged->format = format->number;
    if (stream->ordering.order != NULL) {
        format->has_frames = true;
    } else if (status == KVS_STATUS_SUCCESS) {
        status = kvs__fragment_place(stream, staged, &placement);
    }
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    if (placement.dropped) {
        return drop_at_once(stream, frame, placement.drop_reason);
    }
    status = store_frame(stream, frame, staged, &placement);
    if (status == KVS_STATUS_SUCCESS) {
        count_put(stream, frame, track, staged->pts_ns);
    } else if (kvs__stream_give_up(stream, status)) {
        status = drop_at_once(stream, frame, KVS_DROP_STORE_PRESSURE);
    }
    return status;
}

static void after_put(struct kvs_stream *stream, const struct kvs__staged_frame *staged) {
    stream->last_put_ns = staged->put_ns;
    if (staged->track_index == stream->lead_track) {
        stream->lead_put = staged->lead_count;
        if ((staged->flags & KVS_FRAME_KEY) != 0) {
            stream->lead_key_put = staged->lead_count;
        }
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

/** Whether the stream goes on without a frame whose times cannot go out, not even mended. */
static bool drops_for_times(const struct kvs_stream *stream, kvs_status status) {
    return stream->config.timestamp_policy != KVS_TIMESTAMPS_THROW &&
           (status == KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP ||
            status == KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP ||
            status == KVS_STATUS_MKV_LARGE_FRAME_TIMECODE);
}

/** Puts a frame whose times are settled. */
static kvs_status put_timed(struct kvs_stream *stream, const struct kvs_frame *frame,
                            uint32_t track_index, const struct kvs__frame_times *times,
                            int64_t now_ns) {
    struct kvs__staged_frame staged = {
        .flags = frame->flags,
        .track_index = track_index,
        .pts_ns = times->pts_ns,
        .dts_ns = times->dts_ns,
        .duration_ns = times->duration_ns,
        .put_ns = now_ns,
        .lead_count = stream->lead_put + (track_index == stream->lead_track ? 1 : 0),
    };
    kvs_status status = put_payload(stream, frame, &stream->tracks[track_index], &staged);
    if (status == KVS_STATUS_SUCCESS) {
        after_put(stream, &staged);
    }
    return status;
}

static kvs_status put_media(struct kvs_stream *stream, const struct kvs_frame *frame,
                            int64_t now_ns) {
    struct stream_track *track = NULL;
    kvs_status status = check_frame(stream, frame, &track);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    kvs__stream_release_order(stream, now_ns, false);
    if (is_backlogged(stream) || stream->ordering.has_held) {
        return KVS_STATUS_STORE_OUT_OF_MEMORY;
    }
    bool is_generated = stream->config.generated_timestamps;
    const struct kvs__frame_times in = {is_generated ? now_ns : frame->pts_ns,
                                        is_generated ? now_ns : frame->dts_ns, frame->duration_ns};
    uint32_t index = (uint32_t)(track - stream->tracks);
    struct kvs__frame_times times;
    struct kvs__normalizer_step step;
    status = kvs__normalizer_apply(&stream->normalizer, index, &in, &times, &step);
    if (status == KVS_STATUS_SUCCESS) {
        status = put_timed(stream, frame, index, &times, now_ns);
    }
    if (status == KVS_STATUS_SUCCESS) {
        kvs__normalizer_commit(&stream->normalizer, index, &times, &step);
        stream->counters.timestamps_fixed += step.fixed ? 1 : 0;
        return status;
    }
    return drops_for_times(stream, status) ? drop_at_once(stream, frame, KVS_DROP_TIMESTAMP)
                                           : status;
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
    if (status == KVS_STATUS_STORE_OUT_OF_MEMORY) {
        stream->last_put_ns = now_ns;
        kvs__stream_want_room(stream);
    }
    kvs__lock_release(&stream->client->lock);
    return status;
}
