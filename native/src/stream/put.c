#include <string.h>

#include "kvs/nal.h"
#include "stream_internal.h"

/** The limit that keeps every sum of a time and a duration within 64 bits. */
#define LATEST_TIMESTAMP_NS (INT64_MAX / 2)

/** Where a frame goes: into the fragment that is open, or into one that it opens. */
struct placement {
    bool opens_fragment;
    bool awaits_key_frame;
    int64_t timecode;
    int64_t fragment_timecode;
};

/** What is stored of a frame: its block header, then its bytes, rewritten as the stream's NAL
 * adaptation asks. */
struct packaging {
    bool to_avcc;
    bool to_annexb;
    struct kvs_annexb_index index;
    size_t payload_len;
    size_t size;
};

static kvs_status check_frame(struct kvs_stream *stream, const struct kvs_frame *frame,
                              struct stream_track **track) {
    if (stream->stopped) {
        return KVS_STATUS_STREAM_HAS_BEEN_STOPPED;
    }
    if (frame->data.data == NULL || frame->data.len == 0) {
        return KVS_STATUS_MKV_INVALID_FRAME_DATA;
    }
    struct stream_track *found = kvs__tracks_find(stream, frame->track_id);
    if (found == NULL) {
        return KVS_STATUS_MKV_TRACK_INFO_NOT_FOUND;
    }
    if (frame->pts_ns < 0 || frame->pts_ns > LATEST_TIMESTAMP_NS ||
        frame->dts_ns > LATEST_TIMESTAMP_NS || frame->dts_ns < -LATEST_TIMESTAMP_NS ||
        frame->duration_ns < 0 || frame->duration_ns > LATEST_TIMESTAMP_NS) {
        return KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP;
    }
    if (found->has_dts && frame->dts_ns < found->last_dts_ns) {
        return KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP;
    }
    *track = found;
    return KVS_STATUS_SUCCESS;
}

static bool opens_fragment(const struct kvs_stream *stream, const struct stream_track *track,
                           const struct kvs_frame *frame, int64_t timecode) {
    const struct stream_track *lead = &stream->tracks[stream->lead_track];
    if (track != lead) {
        return false;
    }
    bool is_video = lead->mkv.type == KVS_TRACK_VIDEO;
    if (is_video && (frame->flags & KVS_FRAME_KEY) == 0) {
        return false;
    }
    if (!stream->fragment.open || (is_video && stream->config.key_frame_fragmentation)) {
        return true;
    }
    return timecode - stream->fragment.timecode >= stream->fragment_duration_timecode;
}

static kvs_status place_frame(const struct kvs_stream *stream, const struct stream_track *track,
                              const struct kvs_frame *frame, struct placement *placement) {
    const struct open_fragment *fragment = &stream->fragment;
    int64_t timecode = kvs_timecode_from_ns(frame->pts_ns, stream->config.timecode_scale_ns);
    bool opens = opens_fragment(stream, track, frame, timecode);
    placement->opens_fragment = opens;
    placement->awaits_key_frame = !opens && !fragment->open;
    placement->timecode = timecode;
    placement->fragment_timecode = opens ? timecode : fragment->timecode;
    if (placement->awaits_key_frame) {
        return KVS_STATUS_SUCCESS;
    }
    /* The service refuses a fragment that does not lie wholly beyond the one before it (error
     * 4004). */
    bool has_floor = opens ? fragment->has_latest : fragment->has_floor;
    int64_t floor = opens ? fragment->latest_timecode : fragment->floor_timecode;
    if (has_floor && timecode <= floor) {
        return KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP;
    }
    int64_t relative = timecode - placement->fragment_timecode;
    return relative < INT16_MIN || relative > INT16_MAX ? KVS_STATUS_MKV_LARGE_FRAME_TIMECODE
                                                        : KVS_STATUS_SUCCESS;
}

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
    if (packaging->payload_len > UINT32_MAX - KVS_MKV_BLOCK_MAX_BYTES) {
        return KVS_STATUS_INVALID_ALLOCATION_SIZE;
    }
    packaging->size = kvs_mkv_block_header_size(packaging->payload_len) + packaging->payload_len;
    return KVS_STATUS_SUCCESS;
}

static kvs_status write_frame(const struct stream_track *track, const struct kvs_frame *frame,
                              const struct placement *placement, const struct packaging *packaging,
                              uint8_t *out) {
    size_t header = 0;
    kvs_status status = kvs_mkv_write_block_header(
        track->mkv.number, placement->timecode - placement->fragment_timecode, frame->flags,
        packaging->payload_len, out, packaging->size, &header);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    uint8_t *payload = out + header;
    if (packaging->to_avcc) {
        return kvs_annexb_to_avcc(frame->data, &packaging->index, payload, packaging->payload_len);
    }
    memcpy(payload, frame->data.data, frame->data.len);
    return packaging->to_annexb ? kvs_avcc_to_annexb(payload, packaging->payload_len)
                                : KVS_STATUS_SUCCESS;
}

/** Whether all that the stream holds is the fragment that is being put. */
static bool holds_open_fragment_only(const struct kvs_stream *stream) {
    uint64_t tail = kvs_view_tail(stream->view);
    uint64_t head = kvs_view_head(stream->view);
    return tail == head ||
           (stream->fragment.open && kvs_view_fragment_end(stream->view, tail) == head);
}

/** Whether fragments that still grow fill the store: no ACK of any stream will ever make room then.
 */
static bool is_deadlocked(const struct kvs_stream *stream) {
    if (stream->config.streaming_type != KVS_STREAMING_OFFLINE) {
        return false;
    }
    const struct kvs_stream *other = stream->client->streams;
    while (other != NULL && holds_open_fragment_only(other)) {
        other = other->next;
    }
    return other == NULL;
}

static kvs_status refusal(const struct kvs_stream *stream, size_t size) {
    bool can_never_fit = size > kvs_heap_max_allocation(stream->client->heap);
    return can_never_fit || is_deadlocked(stream) ? KVS_STATUS_INVALID_ALLOCATION_SIZE
                                                  : KVS_STATUS_STORE_OUT_OF_MEMORY;
}

static bool is_backlogged(const struct kvs_stream *stream) {
    struct kvs_view_window pending;
    uint32_t limit = stream->config.high_water_bytes;
    if (limit == 0 || stream->config.streaming_type != KVS_STREAMING_OFFLINE) {
        return false;
    }
    kvs_view_window(stream->view, NULL, &pending);
    return pending.bytes > limit;
}

static bool may_drop(const struct kvs_stream *stream) {
    return stream->config.streaming_type != KVS_STREAMING_OFFLINE &&
           stream->config.store_pressure == KVS_STORE_PRESSURE_DROP_OLDEST;
}

static kvs_status allocate(struct kvs_stream *stream, size_t size, uint8_t **out) {
    for (;;) {
        void *block = NULL;
        if (kvs_heap_allocate(stream->client->heap, size, &block) == KVS_STATUS_SUCCESS) {
            *out = block;
            return KVS_STATUS_SUCCESS;
        }
        bool can_never_fit = size > kvs_heap_max_allocation(stream->client->heap);
        if (can_never_fit || !may_drop(stream) ||
            !kvs__retention_evict(stream, KVS_DROP_STORE_PRESSURE)) {
            return refusal(stream, size);
        }
    }
}

static void advance_fragment(struct kvs_stream *stream, const struct placement *placement) {
    struct open_fragment *fragment = &stream->fragment;
    if (placement->opens_fragment) {
        fragment->has_floor = fragment->has_latest;
        fragment->floor_timecode = fragment->latest_timecode;
        fragment->timecode = placement->timecode;
        fragment->open = true;
        stream->counters.fragments_put++;
    }
    if (!fragment->has_latest || placement->timecode > fragment->latest_timecode) {
        fragment->has_latest = true;
        fragment->latest_timecode = placement->timecode;
    }
}

static kvs_status append(struct kvs_stream *stream, const struct kvs_view_item *item) {
    uint64_t index = 0;
    kvs_status status = kvs_view_append(stream->view, item, &index);
    if (status == KVS_STATUS_STORE_OUT_OF_MEMORY && may_drop(stream) &&
        kvs__retention_free_slot(stream)) {
        status = kvs_view_append(stream->view, item, &index);
    }
    return status == KVS_STATUS_STORE_OUT_OF_MEMORY ? refusal(stream, item->len) : status;
}

static kvs_status store_frame(struct kvs_stream *stream, const struct stream_track *track,
                              const struct kvs_frame *frame, const struct placement *placement,
                              const struct packaging *packaging) {
    struct kvs_heap *heap = stream->client->heap;
    uint8_t *block = NULL;
    struct kvs_view_item item = {0};
    kvs_status status = allocate(stream, packaging->size, &block);
    if (block == NULL) {
        return status;
    }
    status = write_frame(track, frame, placement, packaging, block);
    if (status == KVS_STATUS_SUCCESS && placement->opens_fragment) {
        status = kvs__metadata_take(stream, &item.tags, &item.tags_len);
    }
    if (status == KVS_STATUS_SUCCESS) {
        item.pts_ns = frame->pts_ns;
        item.dts_ns = frame->dts_ns;
        item.duration_ns = frame->duration_ns;
        item.fragment_timecode = placement->fragment_timecode;
        item.data = block;
        item.len = (uint32_t)packaging->size;
        item.flags = (placement->opens_fragment ? (uint32_t)KVS_ITEM_FRAGMENT_START : 0) |
                     ((frame->flags & KVS_FRAME_KEY) != 0 ? (uint32_t)KVS_ITEM_KEY : 0);
        item.track_index = (uint32_t)(track - stream->tracks);
        status = append(stream, &item);
    }
    if (status != KVS_STATUS_SUCCESS) {
        kvs_heap_release(heap, block);
        kvs_heap_release(heap, item.tags);
    }
    return status;
}

static void tell_dropped(struct kvs_stream *stream, const struct kvs_frame *frame,
                         enum kvs_drop_reason reason) {
    const struct drop_report report = {reason, 1, 0, frame->data.len, frame->pts_ns, frame->pts_ns};
    kvs__events_report_drop(stream, &report);
}

static void count_put(struct kvs_stream *stream, struct stream_track *track,
                      const struct kvs_frame *frame) {
    track->has_dts = true;
    track->last_dts_ns = frame->dts_ns;
    stream->counters.frames_put++;
    stream->counters.bytes_put += frame->data.len;
}

/**
 * There is no room for the frame. A stream that may drop gives up the fragment that it belongs to,
 * whose rest could not be decoded, and goes on with the next one; one that may not says so, and
 * keeps what it has.
 */
static kvs_status give_up(struct kvs_stream *stream, struct stream_track *track,
                          const struct kvs_frame *frame, kvs_status status) {
    if (!may_drop(stream)) {
        return status;
    }
    kvs__retention_give_up_open(stream);
    if (status != KVS_STATUS_STORE_OUT_OF_MEMORY) {
        return status;
    }
    count_put(stream, track, frame);
    tell_dropped(stream, frame, KVS_DROP_STORE_PRESSURE);
    return KVS_STATUS_SUCCESS;
}

static kvs_status put_frame(struct kvs_stream *stream, const struct kvs_frame *frame) {
    struct stream_track *track = NULL;
    struct placement placement;
    struct packaging packaging;
    kvs_status status = check_frame(stream, frame, &track);
    if (status == KVS_STATUS_SUCCESS) {
        status = place_frame(stream, track, frame, &placement);
    }
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    if (placement.awaits_key_frame) {
        tell_dropped(stream, frame, KVS_DROP_NO_KEY_FRAME);
        return KVS_STATUS_SUCCESS;
    }
    if (is_backlogged(stream)) {
        return KVS_STATUS_STORE_OUT_OF_MEMORY;
    }
    status = package_frame(stream, track, frame->data, &packaging);
    if (status == KVS_STATUS_SUCCESS && (frame->flags & KVS_FRAME_KEY) != 0) {
        status = kvs__track_learn(stream, track, frame->data);
    }
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    if (stream->config.streaming_type != KVS_STREAMING_OFFLINE) {
        kvs__retention_limit_duration(stream, frame->pts_ns + frame->duration_ns);
    }
    status = store_frame(stream, track, frame, &placement, &packaging);
    if (status != KVS_STATUS_SUCCESS) {
        return give_up(stream, track, frame, status);
    }
    if (placement.opens_fragment) {
        kvs__metadata_done(stream);
    }
    advance_fragment(stream, &placement);
    count_put(stream, track, frame);
    kvs__events_data_available(stream);
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_stream_put_frame(struct kvs_stream *stream, const struct kvs_frame *frame) {
    if (stream == NULL || frame == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs__lock_acquire(&stream->client->lock);
    kvs_status status = put_frame(stream, frame);
    stream->counters.put_errors += status != KVS_STATUS_SUCCESS ? 1 : 0;
    stream->room_wanted |= status == KVS_STATUS_STORE_OUT_OF_MEMORY;
    kvs__lock_release(&stream->client->lock);
    return status;
}
