#include <string.h>

#include "stream_internal.h"

static bool is_nal_codec(enum kvs_codec codec) {
    return codec == KVS_CODEC_H264 || codec == KVS_CODEC_H265;
}

static void set_codec_private(struct kvs_stream *stream, struct stream_track *track, uint8_t *bytes,
                              size_t len) {
    const struct kvs_allocator *allocator = stream->client->allocator;
    allocator->release(allocator->context, track->codec_private);
    track->codec_private = bytes;
    track->mkv.codec_private = kvs_span_of(bytes, len);
}

/** Fills in what the codec private data tells. */
static kvs_status complete(struct kvs_mkv_track *track, uint8_t *generated) {
    return kvs_codec_complete_track(track, generated, KVS_CODEC_GENERATED_MAX_BYTES);
}

/** Codec private data in the form that goes with the stream's frames. */
static kvs_status adapt_codec_private(uint32_t adaptation, enum kvs_codec codec,
                                      struct kvs_span source, uint8_t *out, size_t capacity,
                                      size_t *len) {
    if (is_nal_codec(codec) && (adaptation & KVS_NAL_ADAPTATION_AVCC_FRAMES) != 0) {
        return kvs_codec_private_to_annexb(codec, source, out, capacity, len);
    }
    if (is_nal_codec(codec) && (adaptation & KVS_NAL_ADAPTATION_ANNEXB_CODEC_PRIVATE) != 0) {
        return kvs_codec_private_adapt(codec, source, out, capacity, len);
    }
    memcpy(out, source.data, source.len);
    *len = source.len;
    return KVS_STATUS_SUCCESS;
}

/** Makes codec private data the track's own. */
static kvs_status adopt_codec_private(struct kvs_stream *stream, struct stream_track *track,
                                      struct kvs_span source) {
    const struct kvs_allocator *allocator = stream->client->allocator;
    size_t capacity = 2 * source.len + KVS_CODEC_PRIVATE_OVERHEAD_BYTES;
    uint8_t *bytes = allocator->allocate(allocator->context, capacity);
    if (bytes == NULL) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    size_t len = 0;
    kvs_status status = adapt_codec_private(stream->config.nal_adaptation, track->codec, source,
                                            bytes, capacity, &len);
    if (status != KVS_STATUS_SUCCESS) {
        allocator->release(allocator->context, bytes);
        return status;
    }
    set_codec_private(stream, track, bytes, len);
    return KVS_STATUS_SUCCESS;
}

static kvs_status init_track(struct kvs_stream *stream, struct stream_track *track,
                             const struct kvs_mkv_track *source) {
    uint8_t generated[KVS_CODEC_GENERATED_MAX_BYTES];
    track->mkv = *source;
    kvs_status status = complete(&track->mkv, generated);
    if (status != KVS_STATUS_SUCCESS) {
        track->mkv.codec_private = kvs_span_of(NULL, 0);
        return status;
    }
    struct kvs_span codec_private = track->mkv.codec_private;
    track->codec = kvs_codec_from_id(source->codec_id);
    memcpy(track->codec_id, source->codec_id, strlen(source->codec_id) + 1);
    track->mkv.codec_id = track->codec_id;
    if (source->name != NULL) {
        memcpy(track->name, source->name, strlen(source->name) + 1);
    }
    track->mkv.name = track->name;
    track->mkv.codec_private = kvs_span_of(NULL, 0);
    /* avcC and hvcC begin with their version, 1; Annex-B begins with the zeros of a start code. */
    track->expects_lengths = codec_private.len > 0 && codec_private.data[0] == 1;
    return codec_private.len > 0 ? adopt_codec_private(stream, track, codec_private)
                                 : KVS_STATUS_SUCCESS;
}

kvs_status kvs__tracks_init(struct kvs_stream *stream, const struct kvs_stream_config *config) {
    struct kvs_mkv_track numbered[KVS__MAX_TRACKS];
    if (config->tracks == NULL || config->track_count == 0) {
        return KVS_STATUS_TRACK_INFO_MISSING;
    }
    if (config->track_count > KVS__MAX_TRACKS) {
        return KVS_STATUS_MAX_TRACK_COUNT_EXCEEDED;
    }
    for (uint32_t i = 0; i < config->track_count; i++) {
        numbered[i] = config->tracks[i];
        numbered[i].number = (uint8_t)(i + 1);
    }
    struct kvs_mkv_header header = {
        {0}, config->timecode_scale_ns, config->writing_app, numbered, config->track_count};
    memcpy(header.segment_uid, config->segment_uid, sizeof header.segment_uid);
    kvs_status status = kvs_mkv_header_validate(&header);
    for (uint32_t i = 0; status == KVS_STATUS_SUCCESS && i < config->track_count; i++) {
        stream->track_count = i + 1;
        status = init_track(stream, &stream->tracks[i], &numbered[i]);
    }
    if (status != KVS_STATUS_SUCCESS) {
        kvs__tracks_clean_up(stream);
        return status;
    }
    while (stream->lead_track < stream->track_count &&
           stream->tracks[stream->lead_track].mkv.type != KVS_TRACK_VIDEO) {
        stream->lead_track++;
    }
    stream->lead_track %= stream->track_count;
    return KVS_STATUS_SUCCESS;
}

void kvs__tracks_clean_up(struct kvs_stream *stream) {
    for (uint32_t i = 0; i < stream->track_count; i++) {
        set_codec_private(stream, &stream->tracks[i], NULL, 0);
    }
}

struct stream_track *kvs__tracks_find(struct kvs_stream *stream, uint64_t track_id) {
    for (uint32_t i = 0; i < stream->track_count; i++) {
        if (stream->tracks[i].mkv.track_id == track_id) {
            return &stream->tracks[i];
        }
    }
    return NULL;
}

kvs_status kvs__track_learn(struct kvs_stream *stream, struct stream_track *track,
                            struct kvs_span key_frame) {
    if (track->mkv.codec_private.len > 0 || !is_nal_codec(track->codec)) {
        return KVS_STATUS_SUCCESS;
    }
    const struct kvs_allocator *allocator = stream->client->allocator;
    size_t capacity = key_frame.len + KVS_CODEC_PRIVATE_OVERHEAD_BYTES;
    uint8_t *bytes = allocator->allocate(allocator->context, capacity);
    if (bytes == NULL) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    size_t len = 0;
    kvs_status status =
        kvs_codec_private_from_key_frame(track->codec, key_frame, bytes, capacity, &len);
    if (status == KVS_STATUS_SUCCESS) {
        status = adopt_codec_private(stream, track, kvs_span_of(bytes, len));
    }
    allocator->release(allocator->context, bytes);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    /* There is nothing left to generate: only the size in pixels was not known. */
    uint8_t generated[KVS_CODEC_GENERATED_MAX_BYTES];
    return complete(&track->mkv, generated);
}

void kvs__stream_header(const struct kvs_stream *stream, struct kvs_mkv_track *tracks,
                        struct kvs_mkv_header *header) {
    for (uint32_t i = 0; i < stream->track_count; i++) {
        tracks[i] = stream->tracks[i].mkv;
    }
    memcpy(header->segment_uid, stream->config.segment_uid, sizeof header->segment_uid);
    header->timecode_scale_ns = stream->config.timecode_scale_ns;
    header->writing_app = stream->writing_app;
    header->tracks = tracks;
    header->track_count = stream->track_count;
}
