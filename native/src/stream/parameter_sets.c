/**
 * Parameter sets that come with key frames: they bring the codec private data that a track lacks,
 * and tell when the camera's settings have changed.
 */
#include <string.h>

#include "codec/h264.h"
#include "codec/h265.h"
#include "kvs/nal.h"
#include "stream/stream_internal.h"

#define START_CODE_BYTES 4u

static bool is_parameter_set(enum kvs_codec codec, struct kvs_span nal) {
    if (codec == KVS_CODEC_H264) {
        uint8_t type = kvs__h264_nal_type(nal);
        return type == KVS_H264_NAL_SPS || type == KVS_H264_NAL_PPS ||
               type == KVS_H264_NAL_SPS_EXTENSION;
    }
    uint8_t type = kvs__h265_nal_type(nal);
    return type == KVS_H265_NAL_VPS || type == KVS_H265_NAL_SPS || type == KVS_H265_NAL_PPS;
}

static bool is_slice(enum kvs_codec codec, struct kvs_span nal) {
    return codec == KVS_CODEC_H264 ? kvs__h264_is_vcl(nal) : kvs__h265_is_vcl(nal);
}

static struct kvs_nal_reader open_frame(const struct stream_track *track, struct kvs_span frame) {
    struct kvs_nal_reader reader = kvs_nal_reader_annexb(frame);
    bool has_lengths = track->expects_lengths || reader.malformed;
    return has_lengths && kvs_is_avcc(frame) ? kvs_nal_reader_lengths(frame, KVS_NAL_LENGTH_BYTES)
                                             : reader;
}

/** The next parameter set before the first slice. */
static bool next_set(struct kvs_nal_reader *reader, enum kvs_codec codec, struct kvs_span *set) {
    while (kvs_nal_reader_next(reader, set)) {
        if (is_slice(codec, *set)) {
            return false;
        }
        if (is_parameter_set(codec, *set)) {
            return true;
        }
    }
    return false;
}

/** Bytes of the sets, each behind a start code. */
static size_t measure(struct kvs_nal_reader reader, enum kvs_codec codec) {
    struct kvs_span set;
    size_t len = 0;
    while (next_set(&reader, codec, &set)) {
        len += START_CODE_BYTES + set.len;
    }
    return len;
}

static bool are_known(const struct stream_track *track, struct kvs_nal_reader reader) {
    struct kvs_span set;
    size_t at = 0;
    while (next_set(&reader, track->codec, &set)) {
        if (track->sets_len - at < START_CODE_BYTES + set.len ||
            memcmp(track->sets + at + START_CODE_BYTES, set.data, set.len) != 0) {
            return false;
        }
        at += START_CODE_BYTES + set.len;
    }
    return at == track->sets_len;
}

static bool contains(struct kvs_span bytes, struct kvs_span part) {
    for (size_t at = 0; part.len <= bytes.len && at <= bytes.len - part.len; at++) {
        if (memcmp(bytes.data + at, part.data, part.len) == 0) {
            return true;
        }
    }
    return false;
}

/** Whether the codec private data that was given has all of the sets. */
static bool are_in(struct kvs_span codec_private, struct kvs_nal_reader reader,
                   enum kvs_codec codec) {
    struct kvs_span set;
    while (next_set(&reader, codec, &set)) {
        if (!contains(codec_private, set)) {
            return false;
        }
    }
    return codec_private.len > 0;
}

static uint8_t *copy_sets(struct kvs_stream *stream, struct kvs_nal_reader reader,
                          enum kvs_codec codec, size_t len) {
    static const uint8_t start_code[START_CODE_BYTES] = {0, 0, 0, 1};
    const struct kvs_allocator *allocator = stream->client->allocator;
    uint8_t *copy = allocator->allocate(allocator->context, len);
    struct kvs_span set;
    size_t at = 0;
    while (copy != NULL && next_set(&reader, codec, &set)) {
        memcpy(copy + at, start_code, START_CODE_BYTES);
        memcpy(copy + at + START_CODE_BYTES, set.data, set.len);
        at += START_CODE_BYTES + set.len;
    }
    return copy;
}

/** Why a key frame without parameter sets cannot begin a track that lacks codec private data. */
static kvs_status missing_sets(enum kvs_codec codec, struct kvs_span key_frame) {
    uint8_t none[KVS_CODEC_PRIVATE_OVERHEAD_BYTES];
    size_t len = 0;
    return kvs_codec_private_from_key_frame(codec, key_frame, none, sizeof none, &len);
}

/** The codec private data that the next fragment will have. */
static struct kvs_span latest_codec_private(const struct kvs_stream *stream, uint32_t index) {
    return kvs__format_latest(stream)->tracks[index].codec_private;
}

kvs_status kvs__parameter_sets_learn(struct kvs_stream *stream, uint32_t track_index,
                                     struct kvs_span key_frame) {
    struct stream_track *track = &stream->tracks[track_index];
    if (track->codec != KVS_CODEC_H264 && track->codec != KVS_CODEC_H265) {
        return KVS_STATUS_SUCCESS;
    }
    const struct kvs_allocator *allocator = stream->client->allocator;
    struct kvs_nal_reader reader = open_frame(track, key_frame);
    struct kvs_span present = latest_codec_private(stream, track_index);
    size_t len = measure(reader, track->codec);
    if (len == 0) {
        return present.len > 0 ? KVS_STATUS_SUCCESS : missing_sets(track->codec, key_frame);
    }
    if (are_known(track, reader)) {
        return KVS_STATUS_SUCCESS;
    }
    uint8_t *sets = copy_sets(stream, reader, track->codec, len);
    if (sets == NULL) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    if (track->sets != NULL || !are_in(present, reader, track->codec)) {
        kvs_status status = kvs__format_change(stream, track_index, kvs_span_of(sets, len),
                                               stream->config.nal_adaptation |
                                                   KVS_NAL_ADAPTATION_ANNEXB_CODEC_PRIVATE);
        /* Sets that make no complete codec private data belong to the one that there is. */
        if (status == KVS_STATUS_NOT_ENOUGH_MEMORY ||
            (status != KVS_STATUS_SUCCESS && present.len == 0)) {
            allocator->release(allocator->context, sets);
            return status;
        }
    }
    allocator->release(allocator->context, track->sets);
    track->sets = sets;
    track->sets_len = len;
    return KVS_STATUS_SUCCESS;
}
