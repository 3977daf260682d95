/**
 * The formats of a stream: what the headers of its sessions say of the tracks.
 *
 * A format never changes. New codec private data makes a new one, which comes into force with the
 * fragment that opens next and begins a session there.
 */
#include <string.h>

#include "stream/stream_internal.h"

static void destroy_format(struct kvs_stream *stream, struct stream_format *format) {
    const struct kvs_allocator *allocator = stream->client->allocator;
    if (format != NULL) {
        for (uint32_t i = 0; i < KVS__MAX_TRACKS; i++) {
            allocator->release(allocator->context, format->codec_private[i]);
        }
        allocator->release(allocator->context, format);
    }
}

static void set_codec_private(struct kvs_stream *stream, struct stream_format *format,
                              uint32_t index, uint8_t *bytes, size_t len) {
    const struct kvs_allocator *allocator = stream->client->allocator;
    allocator->release(allocator->context, format->codec_private[index]);
    format->codec_private[index] = bytes;
    format->tracks[index].codec_private = kvs_span_of(bytes, len);
}

static bool is_nal_codec(enum kvs_codec codec) {
    return codec == KVS_CODEC_H264 || codec == KVS_CODEC_H265;
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

/** Makes `source`, which is not empty, the codec private data of a track. */
static kvs_status adopt_codec_private(struct kvs_stream *stream, struct stream_format *format,
                                      uint32_t index, struct kvs_span source, uint32_t adaptation) {
    const struct kvs_allocator *allocator = stream->client->allocator;
    size_t capacity = 2 * source.len + KVS_CODEC_PRIVATE_OVERHEAD_BYTES;
    uint8_t *bytes = allocator->allocate(allocator->context, capacity);
    if (bytes == NULL) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    size_t len = 0;
    kvs_status status =
        adapt_codec_private(adaptation, stream->tracks[index].codec, source, bytes, capacity, &len);
    if (status != KVS_STATUS_SUCCESS) {
        allocator->release(allocator->context, bytes);
        return status;
    }
    set_codec_private(stream, format, index, bytes, len);
    return KVS_STATUS_SUCCESS;
}

/** Takes codec private data, the track's own or (when that is missing) one that its numbers give,
 * and what it tells of the track. */
static kvs_status complete_track(struct kvs_stream *stream, struct stream_format *format,
                                 uint32_t index, struct kvs_span source, uint32_t adaptation) {
    uint8_t generated[KVS_CODEC_GENERATED_MAX_BYTES];
    struct kvs_mkv_track *track = &format->tracks[index];
    track->codec_private = source;
    kvs_status status = kvs_codec_complete_track(track, generated, sizeof generated);
    struct kvs_span codec_private = track->codec_private;
    track->codec_private = kvs_span_of(NULL, 0);
    if (status != KVS_STATUS_SUCCESS || codec_private.len == 0) {
        return status;
    }
    return adopt_codec_private(stream, format, index, codec_private, adaptation);
}

/** Copies a track without its codec private data; texts become the format's own. */
static void copy_track(struct stream_format *format, uint32_t index,
                       const struct kvs_mkv_track *source) {
    struct kvs_mkv_track *track = &format->tracks[index];
    const char *name = source->name != NULL ? source->name : "";
    *track = *source;
    memcpy(format->codec_ids[index], source->codec_id, strlen(source->codec_id) + 1);
    memcpy(format->names[index], name, strlen(name) + 1);
    track->codec_id = format->codec_ids[index];
    track->name = format->names[index];
    track->codec_private = kvs_span_of(NULL, 0);
}

static kvs_status init_track(struct kvs_stream *stream, struct stream_format *format,
                             uint32_t index, const struct kvs_mkv_track *source) {
    struct stream_track *track = &stream->tracks[index];
    track->track_id = source->track_id;
    track->number = source->number;
    track->type = source->type;
    track->codec = kvs_codec_from_id(source->codec_id);
    /* avcC and hvcC begin with their version, 1; Annex-B begins with the zeros of a start code. */
    track->expects_lengths = source->codec_private.len > 0 && source->codec_private.data[0] == 1;
    copy_track(format, index, source);
    return complete_track(stream, format, index, source->codec_private,
                          stream->config.nal_adaptation);
}

static kvs_status validate(const struct kvs_stream_config *config, struct kvs_mkv_track *numbered) {
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
    return kvs_mkv_header_validate(&header);
}

static uint32_t find_lead(const struct kvs_stream *stream) {
    for (uint32_t i = 0; i < stream->track_count; i++) {
        if (stream->tracks[i].type == KVS_TRACK_VIDEO) {
            return i;
        }
    }
    return 0;
}

kvs_status kvs__formats_init(struct kvs_stream *stream, const struct kvs_stream_config *config) {
    const struct kvs_allocator *allocator = stream->client->allocator;
    struct kvs_mkv_track numbered[KVS__MAX_TRACKS];
    kvs_status status = validate(config, numbered);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    struct stream_format *format = allocator->allocate(allocator->context, sizeof *format);
    if (format == NULL) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    format->number = 1;
    stream->track_count = config->track_count;
    for (uint32_t i = 0; status == KVS_STATUS_SUCCESS && i < config->track_count; i++) {
        status = init_track(stream, format, i, &numbered[i]);
        stream->live_tracks |= kvs__track_bit(i);
    }
    stream->oldest_format = format;
    stream->newest_format = format;
    if (status != KVS_STATUS_SUCCESS) {
        kvs__formats_clean_up(stream);
        return status;
    }
    stream->lead_track = find_lead(stream);
    return KVS_STATUS_SUCCESS;
}

void kvs__formats_clean_up(struct kvs_stream *stream) {
    const struct kvs_allocator *allocator = stream->client->allocator;
    while (stream->oldest_format != NULL) {
        struct stream_format *format = stream->oldest_format;
        stream->oldest_format = format->newer;
        destroy_format(stream, format);
    }
    stream->newest_format = NULL;
    stream->pending_format = NULL;
    for (uint32_t i = 0; i < stream->track_count; i++) {
        allocator->release(allocator->context, stream->tracks[i].sets);
        stream->tracks[i].sets = NULL;
    }
}

const struct stream_format *kvs__format_find(const struct kvs_stream *stream, uint32_t number) {
    const struct stream_format *format = stream->oldest_format;
    while (format->number != number && format->newer != NULL) {
        format = format->newer;
    }
    KVS_ASSERT(format->number == number, "a format lives as long as a fragment is in it");
    return format;
}

void kvs__format_apply(struct kvs_stream *stream, const struct kvs__staged_frame *frame) {
    while (kvs__format_is_due(stream, frame)) {
        stream->newest_format = stream->newest_format->newer;
    }
    if (stream->newest_format == stream->pending_format) {
        stream->pending_format = NULL;
    }
}

/** Makes a format the latest one. */
static void append_format(struct kvs_stream *stream, struct stream_format *format) {
    struct stream_format *last = stream->newest_format;
    while (last->newer != NULL && last->newer->has_frames) {
        last = last->newer;
    }
    destroy_format(stream, last->newer);
    last->newer = format;
    format->number = last->number + 1;
    stream->pending_format = format;
}

void kvs__formats_trim(struct kvs_stream *stream) {
    if (stream->oldest_format == stream->newest_format) {
        return;
    }
    uint64_t tail = kvs__view_tail(stream->view);
    uint32_t used = tail < kvs__view_head(stream->view) ? kvs__view_at(stream->view, tail)->format
                                                        : stream->newest_format->number;
    while (stream->oldest_format->number != used &&
           stream->oldest_format != stream->newest_format) {
        struct stream_format *format = stream->oldest_format;
        stream->oldest_format = format->newer;
        destroy_format(stream, format);
    }
}

/** A copy of what will be in force next, to be changed. */
static struct stream_format *copy_format(struct kvs_stream *stream) {
    const struct kvs_allocator *allocator = stream->client->allocator;
    const struct stream_format *base = kvs__format_latest(stream);
    struct stream_format *copy = allocator->allocate(allocator->context, sizeof *copy);
    if (copy == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; i < stream->track_count; i++) {
        struct kvs_span data = base->tracks[i].codec_private;
        copy_track(copy, i, &base->tracks[i]);
        if (data.len > 0) {
            uint8_t *bytes = allocator->allocate(allocator->context, data.len);
            if (bytes == NULL) {
                destroy_format(stream, copy);
                return NULL;
            }
            memcpy(bytes, data.data, data.len);
            set_codec_private(stream, copy, i, bytes, data.len);
        }
    }
    return copy;
}

static void tell_change(struct kvs_stream *stream, uint32_t index) {
    struct kvs_event *event = kvs__events_notice(stream, NOTICE_FORMAT + index);
    event->type = KVS_EVENT_FORMAT_CHANGED;
    event->as.track.track_id = stream->tracks[index].track_id;
    event->as.track.present = true;
}

/** What the old codec private data told must not outlive it. */
static void forget_derived(struct kvs_mkv_track *track, enum kvs_codec codec) {
    if (codec == KVS_CODEC_UNKNOWN || codec == KVS_CODEC_PCM_FLOAT) {
        return; /* nothing is told: what is known was given */
    }
    track->width = 0;
    track->height = 0;
    track->sampling_frequency = 0;
    track->channels = 0;
    track->bit_depth = 0;
    track->codec_delay_ns = 0;
    track->seek_pre_roll_ns = 0;
}

kvs_status kvs__format_change(struct kvs_stream *stream, uint32_t index,
                              struct kvs_span codec_private, uint32_t adaptation) {
    struct stream_format *format = copy_format(stream);
    if (format == NULL) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    bool first = format->tracks[index].codec_private.len == 0;
    forget_derived(&format->tracks[index], stream->tracks[index].codec);
    kvs_status status = complete_track(stream, format, index, codec_private, adaptation);
    if (status != KVS_STATUS_SUCCESS) {
        destroy_format(stream, format);
        return status;
    }
    append_format(stream, format);
    if (!first) {
        tell_change(stream, index);
    }
    return KVS_STATUS_SUCCESS;
}

static kvs_status set_track_codec_private(struct kvs_stream *stream, uint64_t track_id,
                                          struct kvs_span codec_private) {
    struct stream_track *track = kvs__tracks_find(stream, track_id);
    if (stream->stopping) {
        return KVS_STATUS_STREAM_HAS_BEEN_STOPPED;
    }
    if (track == NULL) {
        return KVS_STATUS_MKV_TRACK_INFO_NOT_FOUND;
    }
    if (codec_private.len == 0 || codec_private.len > KVS_MKV_MAX_CODEC_PRIVATE_BYTES) {
        return KVS_STATUS_MKV_INVALID_CODEC_PRIVATE_LENGTH;
    }
    kvs_status status = kvs__format_change(stream, (uint32_t)(track - stream->tracks),
                                           codec_private, stream->config.nal_adaptation);
    if (status == KVS_STATUS_SUCCESS) {
        track->expects_lengths = codec_private.data[0] == 1;
    }
    return status;
}

kvs_status kvs_stream_set_codec_private(struct kvs_stream *stream, uint64_t track_id,
                                        struct kvs_span codec_private) {
    if (stream == NULL || (codec_private.data == NULL && codec_private.len > 0)) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs__lock_acquire(&stream->client->lock);
    kvs_status status = set_track_codec_private(stream, track_id, codec_private);
    kvs__lock_release(&stream->client->lock);
    return status;
}
