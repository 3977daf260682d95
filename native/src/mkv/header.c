/* What stands before the first cluster: EBML header, Segment, Info, Tracks (RFC 9559, 5.1). */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "ebml.h"
#include "kvs/mkv.h"

#define MUXING_APP "kinesis-video-producer"

static bool is_printable_ascii(const char *text) {
    for (; *text != '\0'; text++) {
        if (*text < 0x20 || *text > 0x7E) {
            return false;
        }
    }
    return true;
}

static kvs_status validate_codec_private(struct kvs_span codec_private) {
    if (codec_private.len > KVS_MKV_MAX_CODEC_PRIVATE_BYTES) {
        return KVS_STATUS_MKV_INVALID_CODEC_PRIVATE_LENGTH;
    }
    if (codec_private.len != 0 && codec_private.data == NULL) {
        return KVS_STATUS_MKV_CODEC_PRIVATE_NULL;
    }
    return KVS_STATUS_SUCCESS;
}

static kvs_status validate_media(const struct kvs_mkv_track *track) {
    bool known_type = track->type == KVS_TRACK_VIDEO || track->type == KVS_TRACK_AUDIO ||
                      track->type == KVS_TRACK_UNKNOWN;
    bool half_a_size = (track->width == 0) != (track->height == 0);
    if (!known_type || half_a_size || !isfinite(track->sampling_frequency) ||
        track->sampling_frequency < 0) {
        return KVS_STATUS_INVALID_ARG;
    }
    return KVS_STATUS_SUCCESS;
}

static kvs_status validate_track(const struct kvs_mkv_track *track) {
    if (track->track_id == 0) {
        return KVS_STATUS_MKV_INVALID_TRACK_UID;
    }
    if (track->number == 0 || track->number > KVS_MKV_MAX_TRACK_NUMBER) {
        return KVS_STATUS_INVALID_ARG;
    }
    size_t codec_id_len = track->codec_id == NULL ? 0 : strlen(track->codec_id);
    if (codec_id_len == 0 || codec_id_len > KVS_MKV_MAX_CODEC_ID_LEN) {
        return KVS_STATUS_MKV_INVALID_CODEC_ID_LENGTH;
    }
    if (!is_printable_ascii(track->codec_id)) {
        return KVS_STATUS_INVALID_ARG;
    }
    if (track->name != NULL && strlen(track->name) > KVS_MKV_MAX_TRACK_NAME_LEN) {
        return KVS_STATUS_MKV_INVALID_TRACK_NAME_LENGTH;
    }
    kvs_status status = validate_codec_private(track->codec_private);
    return status != KVS_STATUS_SUCCESS ? status : validate_media(track);
}

static kvs_status validate_tracks(const struct kvs_mkv_track *tracks, uint32_t count) {
    if (tracks == NULL || count == 0) {
        return KVS_STATUS_TRACK_INFO_MISSING;
    }
    if (count > KVS_MKV_MAX_TRACKS) {
        return KVS_STATUS_MAX_TRACK_COUNT_EXCEEDED;
    }
    for (uint32_t i = 0; i < count; i++) {
        kvs_status status = validate_track(&tracks[i]);
        if (status != KVS_STATUS_SUCCESS) {
            return status;
        }
        for (uint32_t j = 0; j < i; j++) {
            if (tracks[j].track_id == tracks[i].track_id || tracks[j].number == tracks[i].number) {
                return KVS_STATUS_DUPLICATE_TRACK_ID_FOUND;
            }
        }
    }
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_mkv_header_validate(const struct kvs_mkv_header *header) {
    static const uint8_t zeros[sizeof(header->segment_uid)];
    if (header == NULL || header->writing_app == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    size_t writing_app_len = strlen(header->writing_app);
    if (writing_app_len == 0 || writing_app_len > KVS_MKV_MAX_WRITING_APP_LEN) {
        return KVS_STATUS_MKV_INVALID_CLIENT_ID_LENGTH;
    }
    if (memcmp(header->segment_uid, zeros, sizeof(zeros)) == 0) {
        return KVS_STATUS_MKV_INVALID_SEGMENT_UUID;
    }
    if (header->timecode_scale_ns < KVS_MKV_MIN_TIMECODE_SCALE_NS ||
        header->timecode_scale_ns > KVS_MKV_MAX_TIMECODE_SCALE_NS) {
        return KVS_STATUS_MKV_INVALID_TIMECODE_SCALE;
    }
    return validate_tracks(header->tracks, header->track_count);
}

/* SimpleBlock came with version 2; a reader of that version understands everything that follows,
 * and may pass over CodecDelay and SeekPreRoll, which came with version 4. */
static void put_ebml_header(struct kvs__ebml_writer *writer, const void *context) {
    (void)context;
    kvs__ebml_put_uint(writer, KVS_EBML_ID_EBML_VERSION, 1);
    kvs__ebml_put_uint(writer, KVS_EBML_ID_EBML_READ_VERSION, 1);
    kvs__ebml_put_uint(writer, KVS_EBML_ID_EBML_MAX_ID_LENGTH, 4);
    kvs__ebml_put_uint(writer, KVS_EBML_ID_EBML_MAX_SIZE_LENGTH, 8);
    kvs__ebml_put_string(writer, KVS_EBML_ID_DOC_TYPE, "matroska");
    kvs__ebml_put_uint(writer, KVS_EBML_ID_DOC_TYPE_VERSION, 4);
    kvs__ebml_put_uint(writer, KVS_EBML_ID_DOC_TYPE_READ_VERSION, 2);
}

static void put_info(struct kvs__ebml_writer *writer, const void *context) {
    const struct kvs_mkv_header *header = context;
    kvs__ebml_put_binary(writer, KVS_EBML_ID_SEGMENT_UID,
                         kvs_span_of(header->segment_uid, sizeof(header->segment_uid)));
    kvs__ebml_put_uint(writer, KVS_EBML_ID_TIMESTAMP_SCALE, header->timecode_scale_ns);
    kvs__ebml_put_string(writer, KVS_EBML_ID_MUXING_APP, MUXING_APP);
    kvs__ebml_put_string(writer, KVS_EBML_ID_WRITING_APP, header->writing_app);
}

static void put_video(struct kvs__ebml_writer *writer, const void *context) {
    const struct kvs_mkv_track *track = context;
    kvs__ebml_put_uint(writer, KVS_EBML_ID_PIXEL_WIDTH, track->width);
    kvs__ebml_put_uint(writer, KVS_EBML_ID_PIXEL_HEIGHT, track->height);
}

static void put_audio(struct kvs__ebml_writer *writer, const void *context) {
    const struct kvs_mkv_track *track = context;
    kvs__ebml_put_float64(writer, KVS_EBML_ID_SAMPLING_FREQUENCY, track->sampling_frequency);
    if (track->channels != 0) {
        kvs__ebml_put_uint(writer, KVS_EBML_ID_CHANNELS, track->channels);
    }
    if (track->bit_depth != 0) {
        kvs__ebml_put_uint(writer, KVS_EBML_ID_BIT_DEPTH, track->bit_depth);
    }
}

static void put_track(struct kvs__ebml_writer *writer, const void *context) {
    const struct kvs_mkv_track *track = context;
    kvs__ebml_put_uint(writer, KVS_EBML_ID_TRACK_NUMBER, track->number);
    kvs__ebml_put_uint(writer, KVS_EBML_ID_TRACK_UID, track->track_id);
    kvs__ebml_put_uint(writer, KVS_EBML_ID_TRACK_TYPE, (uint64_t)track->type);
    /* The defaults of these two would promise laced blocks and English. */
    kvs__ebml_put_uint(writer, KVS_EBML_ID_FLAG_LACING, 0);
    kvs__ebml_put_string(writer, KVS_EBML_ID_LANGUAGE, "und");
    if (track->name != NULL && track->name[0] != '\0') {
        kvs__ebml_put_string(writer, KVS_EBML_ID_NAME, track->name);
    }
    kvs__ebml_put_string(writer, KVS_EBML_ID_CODEC_ID, track->codec_id);
    if (track->codec_private.len != 0) {
        kvs__ebml_put_binary(writer, KVS_EBML_ID_CODEC_PRIVATE, track->codec_private);
    }
    if (track->codec_delay_ns != 0) {
        kvs__ebml_put_uint(writer, KVS_EBML_ID_CODEC_DELAY, track->codec_delay_ns);
    }
    if (track->seek_pre_roll_ns != 0) {
        kvs__ebml_put_uint(writer, KVS_EBML_ID_SEEK_PRE_ROLL, track->seek_pre_roll_ns);
    }
    if (track->width != 0) {
        kvs__ebml_put_master(writer, KVS_EBML_ID_VIDEO, put_video, track);
    }
    if (track->sampling_frequency > 0) {
        kvs__ebml_put_master(writer, KVS_EBML_ID_AUDIO, put_audio, track);
    }
}

static void put_tracks(struct kvs__ebml_writer *writer, const void *context) {
    const struct kvs_mkv_header *header = context;
    for (uint32_t i = 0; i < header->track_count; i++) {
        kvs__ebml_put_master(writer, KVS_EBML_ID_TRACK_ENTRY, put_track, &header->tracks[i]);
    }
}

static void put_header(struct kvs__ebml_writer *writer, const void *context) {
    kvs__ebml_put_master(writer, KVS_EBML_ID_EBML, put_ebml_header, NULL);
    kvs__ebml_put_id(writer, KVS_EBML_ID_SEGMENT);
    kvs__ebml_put_unknown_size(writer);
    kvs__ebml_put_master(writer, KVS_EBML_ID_INFO, put_info, context);
    kvs__ebml_put_master(writer, KVS_EBML_ID_TRACKS, put_tracks, context);
}

size_t kvs_mkv_header_size(const struct kvs_mkv_header *header) {
    if (kvs_mkv_header_validate(header) != KVS_STATUS_SUCCESS) {
        return 0;
    }
    return kvs__ebml_measure(put_header, header);
}

kvs_status kvs_mkv_write_header(const struct kvs_mkv_header *header, uint8_t *out, size_t capacity,
                                size_t *written) {
    kvs_status status = kvs_mkv_header_validate(header);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    return kvs__ebml_write(put_header, header, out, capacity, written);
}
