/**
 * Fragments: which frame opens one, which goes into the one that is open, and how it ends.
 *
 * The service wants each fragment wholly beyond the one before (error 4004) and to hold frames of
 * every track that the session's header names (4011). So a fragment is stretched a while for a
 * track that has no frame in it yet, and a track that stays silent is left out of the header.
 */
#include "mkv/block.h"
#include "stream/stream_internal.h"

void kvs__track_change_live(struct kvs_stream *stream, uint32_t track_index, bool live) {
    stream->live_tracks ^= kvs__track_bit(track_index);
    struct kvs_event *event = kvs__events_notice(stream, NOTICE_TRACK + track_index);
    event->type = KVS_EVENT_TRACK;
    event->as.track.track_id = stream->tracks[track_index].track_id;
    event->as.track.present = live;
}

static bool is_lead_video(const struct kvs_stream *stream, uint32_t track_index) {
    return track_index == stream->lead_track && stream->tracks[track_index].type == KVS_TRACK_VIDEO;
}

/** The track that cuts fragments: the leading one, or while that is silent the first one that has
 * frames. */
static uint32_t cutting_track(const struct kvs_stream *stream) {
    uint32_t index = 0;
    if ((stream->live_tracks & kvs__track_bit(stream->lead_track)) != 0) {
        return stream->lead_track;
    }
    while (index + 1 < stream->track_count && (stream->live_tracks & kvs__track_bit(index)) == 0) {
        index++;
    }
    return index;
}

/** Tracks that the open fragment may have frames of: those in the header under which it is being
 * sent, and while it is not sent, all. */
static uint8_t declared_tracks(struct kvs_stream *stream) {
    const struct session *session = kvs__session_of(stream, stream->fragment.first);
    return session != NULL ? session->track_mask : UINT8_MAX;
}

/** Tracks that the open fragment has no frame of, and may still get one of. */
static uint8_t missing_tracks(struct kvs_stream *stream) {
    return stream->live_tracks & declared_tracks(stream) &
           (uint8_t)~stream->fragment.first->track_mask;
}

static bool is_stretched(struct kvs_stream *stream, int64_t elapsed) {
    return missing_tracks(stream) != 0 && elapsed < stream->stretch_timecode;
}

/** Whether a frame that may open a fragment does so although one is open. */
static bool is_cut_due(struct kvs_stream *stream, const struct kvs__staged_frame *frame,
                       int64_t elapsed) {
    if (elapsed > INT16_MAX || kvs__format_is_due(stream, frame)) {
        return true; /* it cannot go into the one that is open */
    }
    bool at_each = stream->config.key_frame_fragmentation &&
                   stream->tracks[frame->track_index].type == KVS_TRACK_VIDEO;
    return (at_each || elapsed >= stream->fragment_duration_timecode) &&
           !is_stretched(stream, elapsed);
}

static bool opens_fragment(struct kvs_stream *stream, const struct kvs__staged_frame *frame,
                           int64_t timecode) {
    bool is_video = stream->tracks[frame->track_index].type == KVS_TRACK_VIDEO;
    if (is_video && (frame->flags & KVS_FRAME_KEY) == 0) {
        return false;
    }
    if (!is_lead_video(stream, frame->track_index) && frame->track_index != cutting_track(stream)) {
        return false;
    }
    if (!stream->fragment.open) {
        return true;
    }
    return is_cut_due(stream, frame, timecode - stream->fragment.timecode);
}

/** Without a picture for long enough the sound goes on alone. */
static void notice_silent_video(struct kvs_stream *stream, const struct kvs__staged_frame *frame) {
    const struct stream_track *lead = &stream->tracks[stream->lead_track];
    if (lead->type != KVS_TRACK_VIDEO || frame->track_index == stream->lead_track) {
        return;
    }
    if (!stream->has_first_pts) {
        stream->has_first_pts = true;
        stream->first_pts_ns = frame->pts_ns;
    }
    int64_t since = lead->has_pts ? lead->last_pts_ns : stream->first_pts_ns;
    if (frame->pts_ns - since >= KVS__STRETCH_NS) {
        kvs__track_set_live(stream, stream->lead_track, false);
    }
}

/** A frame of the lead track that no key frame of its fragment goes ahead of shows nothing. */
static bool awaits_key_frame(const struct kvs_stream *stream,
                             const struct kvs__staged_frame *frame) {
    return !stream->fragment.open ||
           (is_lead_video(stream, frame->track_index) && (frame->flags & KVS_FRAME_KEY) == 0 &&
            (stream->fragment.first->track_mask & kvs__track_bit(frame->track_index)) == 0);
}

/** Whether the open fragment has a frame of that track already, so that it can have more. */
static bool has_track(const struct kvs_stream *stream, uint32_t track_index) {
    return stream->fragment.open &&
           (stream->fragment.first->track_mask & kvs__track_bit(track_index)) != 0;
}

/** Whether the open fragment is being sent under a header that lacks the frame's track. */
static bool is_undeclared(struct kvs_stream *stream, const struct kvs__staged_frame *frame) {
    return (declared_tracks(stream) & kvs__track_bit(frame->track_index)) == 0;
}

static int64_t timecode_of(const struct kvs_stream *stream, int64_t pts_ns) {
    return kvs_timecode_from_ns(pts_ns, stream->config.timecode_scale_ns);
}

static void drop(struct placement *placement, enum kvs_drop_reason reason) {
    placement->dropped = true;
    placement->drop_reason = reason;
}

/** Keeps a frame beyond the fragment before its own, moving it there where the stream mends. */
static kvs_status check_floor(struct kvs_stream *stream, struct placement *placement) {
    const struct open_fragment *fragment = &stream->fragment;
    bool opens = placement->opens_fragment;
    bool has_floor = opens ? fragment->has_latest : fragment->has_floor;
    int64_t floor = opens ? fragment->latest_timecode : fragment->floor_timecode;
    if (!has_floor || placement->timecode > floor) {
        return KVS_STATUS_SUCCESS;
    }
    if (stream->config.timestamp_policy != KVS_TIMESTAMPS_FIX) {
        return KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP;
    }
    placement->timecode = floor + 1;
    placement->pts_ns = kvs_timecode_to_ns(floor + 1, stream->config.timecode_scale_ns);
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs__fragment_place(struct kvs_stream *stream, const struct kvs__staged_frame *frame,
                               struct placement *placement) {
    *placement = (struct placement){.pts_ns = frame->pts_ns};
    notice_silent_video(stream, frame);
    placement->timecode = timecode_of(stream, frame->pts_ns);
    placement->opens_fragment = opens_fragment(stream, frame, placement->timecode);
    bool joins = !placement->opens_fragment && !has_track(stream, frame->track_index);
    if (joins && awaits_key_frame(stream, frame)) {
        drop(placement, KVS_DROP_NO_KEY_FRAME);
        return KVS_STATUS_SUCCESS;
    }
    KVS_ASSERT(joins || placement->opens_fragment || !is_undeclared(stream, frame),
               "the header that a fragment is sent under names the tracks that it has");
    if (joins && is_undeclared(stream, frame)) {
        kvs__track_set_live(stream, frame->track_index, true);
        drop(placement, KVS_DROP_LATE);
        return KVS_STATUS_SUCCESS;
    }
    kvs_status status = check_floor(stream, placement);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    placement->fragment_timecode =
        placement->opens_fragment ? placement->timecode : stream->fragment.timecode;
    int64_t relative = placement->timecode - placement->fragment_timecode;
    return relative < INT16_MIN || relative > INT16_MAX ? KVS_STATUS_MKV_LARGE_FRAME_TIMECODE
                                                        : KVS_STATUS_SUCCESS;
}

/** Writes the block header, which the payload's place has room for, and makes the item. */
static kvs_status write_item(struct kvs_stream *stream, const struct kvs__staged_frame *frame,
                             const struct placement *placement, struct kvs_view_item *item) {
    size_t room = frame->size - frame->payload_len;
    uint8_t spilled[KVS_MKV_BLOCK_MAX_BYTES];
    uint8_t *header = frame->place.data != NULL ? frame->place.data : spilled;
    KVS_ASSERT(room == kvs__block_header_size(frame->payload_len),
               "a block header's size follows from the payload's");
    /* That its timecode fits was made sure of when the frame was placed. */
    int64_t relative = placement->timecode - placement->fragment_timecode;
    kvs__block_store_header(stream->tracks[frame->track_index].number, (int16_t)relative,
                            frame->flags, frame->payload_len, room, header);
    kvs_status status = kvs__store_flush(stream->client, &frame->place, header, 0, room);
    *item = (struct kvs_view_item){
        .pts_ns = placement->pts_ns,
        .dts_ns = frame->dts_ns,
        .duration_ns = frame->duration_ns,
        .fragment_timecode = placement->fragment_timecode,
        .data = frame->place.data,
        .spill_offset = frame->place.offset,
        .len = frame->size,
        .track_index = (uint8_t)frame->track_index,
        .track_mask = kvs__track_bit(frame->track_index),
        .flags = ((frame->flags & KVS_FRAME_KEY) != 0 ? (uint32_t)KVS_ITEM_KEY : 0) |
                 (frame->place.data == NULL ? (uint32_t)KVS_ITEM_SPILLED : 0),
    };
    return status;
}

static void advance(struct kvs_stream *stream, const struct placement *placement,
                    const struct kvs_view_item *item) {
    struct open_fragment *fragment = &stream->fragment;
    if (placement->opens_fragment) {
        fragment->has_floor = fragment->has_latest;
        fragment->floor_timecode = fragment->latest_timecode;
        fragment->timecode = placement->timecode;
        fragment->start = kvs__view_head(stream->view) - 1;
        fragment->first = kvs__view_item(stream->view, fragment->start);
        fragment->open = true;
        fragment->latest_pts_ns = item->pts_ns;
        stream->counters.fragments_put++;
    } else {
        fragment->first->track_mask |= item->track_mask;
    }
    fragment->ended = false;
    if (!fragment->has_latest || placement->timecode > fragment->latest_timecode) {
        fragment->has_latest = true;
        fragment->latest_timecode = placement->timecode;
    }
    if (item->pts_ns > fragment->latest_pts_ns) {
        fragment->latest_pts_ns = item->pts_ns;
    }
    kvs__track_set_live(stream, item->track_index, true);
}

/** Tracks that had their time, and stayed without a frame, are no longer waited for. */
static void notice_silent_tracks(struct kvs_stream *stream, int64_t next_timecode) {
    uint8_t missing = missing_tracks(stream);
    if (next_timecode - stream->fragment.timecode < stream->stretch_timecode) {
        return;
    }
    for (uint32_t i = 0; i < stream->track_count; i++) {
        if ((missing & kvs__track_bit(i)) != 0) {
            kvs__track_set_live(stream, i, false);
        }
    }
}

kvs_status kvs__fragment_complete(struct kvs_stream *stream, int64_t next_timecode) {
    notice_silent_tracks(stream, next_timecode);
    return kvs__fragment_end(stream, false);
}

kvs_status kvs__fragment_add(struct kvs_stream *stream, const struct kvs__staged_frame *frame,
                             const struct placement *placement) {
    struct kvs_view_item item;
    kvs_status status = write_item(stream, frame, placement, &item);
    if (status == KVS_STATUS_SUCCESS && placement->opens_fragment && stream->fragment.open) {
        status = kvs__fragment_complete(stream, placement->timecode);
    }
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    if (placement->opens_fragment) {
        kvs__format_apply(stream, frame);
        item.format = stream->newest_format->number;
        item.flags |= KVS_ITEM_FRAGMENT_START;
    }
    status = kvs__stream_append(stream, &item);
    if (status == KVS_STATUS_SUCCESS) {
        advance(stream, placement, &item);
        stream->counters.timestamps_fixed += placement->pts_ns != frame->pts_ns ? 1 : 0;
        kvs__events_data_available(stream);
    }
    return status;
}

/** Appends the tags of the fragment that ends. */
static kvs_status append_tags(struct kvs_stream *stream, bool explicitly, size_t size) {
    struct kvs__place place;
    kvs_status status = kvs__stream_allocate(stream, size, &place);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    struct kvs_view_item item = {
        .pts_ns = stream->fragment.latest_pts_ns,
        .dts_ns = stream->fragment.latest_pts_ns,
        .fragment_timecode = stream->fragment.timecode,
        .data = place.data,
        .spill_offset = place.offset,
        .len = (uint32_t)size,
        .flags = KVS_ITEM_TAGS | (place.data == NULL ? (uint32_t)KVS_ITEM_SPILLED : 0),
    };
    uint8_t *buffer = kvs__store_buffer(stream->client, &place, size);
    status = KVS_STATUS_STORE_OUT_OF_MEMORY;
    if (buffer != NULL) {
        item.track_index = (uint8_t)kvs__metadata_write(stream, explicitly, buffer, size);
        status = kvs__store_flush(stream->client, &place, buffer, 0, size);
    }
    if (status == KVS_STATUS_SUCCESS) {
        status = kvs__stream_append(stream, &item);
    }
    if (status != KVS_STATUS_SUCCESS) {
        kvs__store_release(stream->client, &place, size);
        return status;
    }
    /* More is done than sent where a key frame and its event went into a fragment that had one. */
    kvs__events_metadata_dropped(stream, kvs__metadata_done(stream, false) - item.track_index);
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs__fragment_end(struct kvs_stream *stream, bool explicitly) {
    size_t size = kvs__metadata_size(stream, explicitly);
    kvs_status status = size > 0 ? append_tags(stream, explicitly, size) : KVS_STATUS_SUCCESS;
    if (status == KVS_STATUS_INVALID_ALLOCATION_SIZE) {
        /* The fragment fills all there is, and nothing will make room for its tags. */
        kvs__events_metadata_dropped(stream, kvs__metadata_done(stream, false));
        status = KVS_STATUS_SUCCESS;
    }
    if (status == KVS_STATUS_SUCCESS) {
        stream->fragment.open = false;
        stream->fragment.ended = explicitly;
        kvs__events_data_available(stream);
    }
    return status;
}

bool kvs__fragment_grows(const struct kvs_stream *stream, uint64_t start) {
    return stream->fragment.open && stream->fragment.start == start;
}

uint8_t kvs__fragment_tracks(struct kvs_stream *stream, uint64_t start) {
    uint8_t present = kvs__view_at(stream->view, start)->track_mask;
    return kvs__fragment_grows(stream, start) ? present | stream->live_tracks : present;
}
