/** The copy of a payload into the store, adapted on the way, and the room that it takes. */
#include "kvs/nal.h"
#include "mkv/block.h"
#include "platform/copy.h"
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
    packaging->size = kvs__block_header_size(packaging->payload_len) + packaging->payload_len;
    return KVS_STATUS_SUCCESS;
}

static kvs_status write_payload(struct kvs_span data, const struct packaging *packaging,
                                uint8_t *out) {
    if (packaging->to_avcc) {
        return kvs_annexb_to_avcc(data, &packaging->index, out, packaging->payload_len);
    }
    kvs__copy(out, data.data, data.len);
    return packaging->to_annexb ? kvs_avcc_to_annexb(out, packaging->payload_len)
                                : KVS_STATUS_SUCCESS;
}

bool kvs__stream_holds_open_fragment_only(const struct kvs_stream *stream) {
    uint64_t tail = kvs__view_tail(stream->view);
    return tail == kvs__view_head(stream->view) ||
           (stream->fragment.open && stream->fragment.start <= tail);
}

/** Whether an ACK may free bytes of the stream: it holds some beside the fragment being put. */
static bool may_free_bytes(const struct kvs_stream *stream) {
    uint64_t head = kvs__view_head(stream->view);
    uint64_t end = stream->fragment.open ? stream->fragment.start : head;
    uint64_t start = kvs__view_tail(stream->view);
    /* Fragments whose bytes made room stay in the view until their ACK comes. */
    while (start < end && (kvs__view_at(stream->view, start)->flags & KVS_ITEM_DROPPED) != 0) {
        start = kvs_view_fragment_end(stream->view, start);
    }
    return start < end;
}

/** Whether fragments that still grow fill the store: no ACK of any stream will ever make room then.
 */
static bool is_deadlocked(const struct kvs_stream *stream) {
    const struct kvs_stream *other = stream->client->streams;
    while (other != NULL && !may_free_bytes(other)) {
        other = other->next;
    }
    return other == NULL;
}

/** `is_stuck`: waiting makes no room. A stream that may drop has another way out than waiting. */
static kvs_status refusal(const struct kvs_stream *stream, size_t size, bool is_stuck) {
    bool can_never_fit = size > kvs__store_max_allocation(stream->client);
    return can_never_fit || (is_stuck && !kvs__stream_may_drop(stream))
               ? KVS_STATUS_INVALID_ALLOCATION_SIZE
               : KVS_STATUS_STORE_OUT_OF_MEMORY;
}

bool kvs__stream_may_drop(const struct kvs_stream *stream) {
    return !kvs__is_offline(stream) &&
           stream->config.store_pressure == KVS_STORE_PRESSURE_DROP_OLDEST;
}

kvs_status kvs__stream_allocate_in_full(struct kvs_stream *stream, size_t size,
                                        struct kvs__place *place) {
    bool can_never_fit = size > kvs__store_max_allocation(stream->client);
    while (!can_never_fit && kvs__stream_may_drop(stream) &&
           kvs__retention_evict(stream, KVS_DROP_STORE_PRESSURE)) {
        if (kvs__store_allocate(stream->client, size, place) == KVS_STATUS_SUCCESS) {
            return KVS_STATUS_SUCCESS;
        }
    }
    return refusal(stream, size, is_deadlocked(stream));
}

kvs_status kvs__stream_append_in_full(struct kvs_stream *stream, const struct kvs_view_item *item) {
    if (kvs__stream_may_drop(stream) && kvs__retention_free_slot(stream) &&
        kvs__stream_has_slot(stream, item)) {
        return kvs__view_append(stream->view, item);
    }
    return refusal(stream, item->len, kvs__stream_holds_open_fragment_only(stream));
}

/** Copies a payload into the store, with room for its block header in front. */
static kvs_status store(struct kvs_stream *stream, struct kvs_span data,
                        const struct packaging *packaging, struct kvs__staged_frame *frame) {
    struct kvs_client *client = stream->client;
    kvs_status status = kvs__stream_allocate(stream, packaging->size, &frame->place);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    size_t header = packaging->size - packaging->payload_len;
    uint8_t *buffer = kvs__store_buffer(client, &frame->place, packaging->size);
    status = buffer != NULL ? write_payload(data, packaging, buffer + header)
                            : KVS_STATUS_STORE_OUT_OF_MEMORY;
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

kvs_status kvs__stream_stage(struct kvs_stream *stream, struct kvs_span data,
                             struct kvs__staged_frame *frame) {
    struct packaging packaging;
    kvs_status status =
        package_frame(stream, &stream->tracks[frame->track_index], data, &packaging);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    uint64_t failures = 0;
    do { /* once more where the spill has failed, which is then not asked again for a while */
        failures = stream->client->spill_failures;
        status = store(stream, data, &packaging, frame);
    } while (stream->client->spill_failures > failures);
    return status;
}
