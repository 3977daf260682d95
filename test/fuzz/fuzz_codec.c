/*
 * Headers of audio and of Windows, and tracks that are completed from them: parsers end, what was
 * read can be written and read again, and a track is completed once and for all or not at all.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kvs/codec.h"

static void require(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

static const char *const codec_ids[] = {
    "V_MPEG4/ISO/AVC", "V_MPEGH/ISO/HEVC", "A_AAC",  "A_AAC/MPEG4/MAIN",
    "A_MS/ACM",        "V_MS/VFW/FOURCC",  "A_OPUS", "A_PCM/FLOAT/IEEE",
    "A_PCM/INT/LIT",   "V_MJPEG",          "",
};
#define CODEC_ID_COUNT (sizeof(codec_ids) / sizeof(codec_ids[0]))

/* Exactly as large as it is, so that a read beyond the end is seen. Released by the caller. */
static struct kvs_span tight(struct kvs_span bytes) {
    uint8_t *copy = malloc(bytes.len == 0 ? 1 : bytes.len);
    if (bytes.len != 0) {
        memcpy(copy, bytes.data, bytes.len);
    }
    return kvs_span_of(copy, bytes.len);
}

static void read_opus(struct kvs_span bytes) {
    struct kvs_opus_head head;
    struct kvs_opus_head again;
    uint8_t out[KVS_OPUS_HEAD_BYTES];
    size_t written = 0;
    if (kvs_opus_parse_head(bytes, &head) != KVS_STATUS_SUCCESS) {
        return;
    }
    require(head.channels != 0, "there are channels");
    if (kvs_opus_write_head(&head, out, sizeof(out), &written) != KVS_STATUS_SUCCESS) {
        require(head.channels > 2, "the simple family is written");
        return;
    }
    require(kvs_opus_parse_head(kvs_span_of(out, written), &again) == KVS_STATUS_SUCCESS &&
                again.channels == head.channels && again.pre_skip == head.pre_skip &&
                again.input_sampling_frequency == head.input_sampling_frequency,
            "an OpusHead reads back");
}

static void read_wave(struct kvs_span bytes) {
    struct kvs_wave_format wave;
    struct kvs_wave_format again;
    uint8_t out[KVS_WAVE_FORMAT_BYTES];
    size_t written = 0;
    if (kvs_wave_parse_format(bytes, &wave) != KVS_STATUS_SUCCESS ||
        kvs_wave_write_format(&wave, out, sizeof(out), &written) != KVS_STATUS_SUCCESS) {
        return;
    }
    require(kvs_wave_parse_format(kvs_span_of(out, written), &again) == KVS_STATUS_SUCCESS &&
                again.format_tag == wave.format_tag && again.channels == wave.channels &&
                again.sampling_frequency == wave.sampling_frequency &&
                again.bits_per_sample == wave.bits_per_sample,
            "a WAVEFORMATEX reads back");
}

static void read_bitmap(struct kvs_span bytes) {
    struct kvs_bitmap_header bitmap;
    struct kvs_bitmap_header again;
    uint8_t out[KVS_BITMAP_HEADER_BYTES];
    size_t written = 0;
    if (kvs_bitmap_parse_header(bytes, &bitmap) != KVS_STATUS_SUCCESS) {
        return;
    }
    require(kvs_bitmap_write_header(&bitmap, out, sizeof(out), &written) == KVS_STATUS_SUCCESS &&
                kvs_bitmap_parse_header(kvs_span_of(out, written), &again) == KVS_STATUS_SUCCESS &&
                again.width == bitmap.width && again.height == bitmap.height &&
                memcmp(again.fourcc, bitmap.fourcc, sizeof(bitmap.fourcc)) == 0,
            "a BITMAPINFOHEADER reads back");
}

static void read_aac(struct kvs_span bytes) {
    struct kvs_aac_config aac;
    struct kvs_aac_config again;
    uint8_t out[KVS_AAC_CONFIG_MAX_BYTES];
    size_t written = 0;
    if (kvs_aac_parse_config(bytes, &aac) != KVS_STATUS_SUCCESS ||
        kvs_aac_write_config(&aac, out, sizeof(out), &written) != KVS_STATUS_SUCCESS) {
        return;
    }
    require(kvs_aac_parse_config(kvs_span_of(out, written), &again) == KVS_STATUS_SUCCESS &&
                again.object_type == aac.object_type && again.channels == aac.channels &&
                again.sampling_frequency == aac.sampling_frequency,
            "a configuration reads back");
}

/* Bytes of a track's description before its codec private data. */
#define DESCRIPTION_BYTES 32

/* Which codec, and what is given of it. */
static struct kvs_mkv_track describe(struct kvs_span bytes) {
    uint8_t fields[DESCRIPTION_BYTES] = {0};
    size_t len = bytes.len < sizeof(fields) ? bytes.len : sizeof(fields);
    if (len != 0) {
        memcpy(fields, bytes.data, len);
    }
    struct kvs_mkv_track track = {.track_id = 1, .number = 1, .type = KVS_TRACK_VIDEO};
    track.codec_id = codec_ids[fields[0] % CODEC_ID_COUNT];
    /* Mostly values that occur, now and then any. */
    track.channels = fields[1] & 3;
    track.bit_depth = fields[2] & 0x38;
    memcpy(&track.width, fields + 4, 2);
    memcpy(&track.height, fields + 6, 2);
    track.codec_delay_ns = (fields[3] & 1) != 0 ? 6500000 : 0;
    if ((fields[3] & 2) != 0) {
        memcpy(&track.channels, fields + 8, sizeof(track.channels));
        memcpy(&track.bit_depth, fields + 12, sizeof(track.bit_depth));
        memcpy(&track.sampling_frequency, fields + 16, sizeof(track.sampling_frequency));
        memcpy(&track.codec_delay_ns, fields + 24, sizeof(track.codec_delay_ns));
    } else {
        track.sampling_frequency = 1000.0 * (fields[3] >> 2);
    }
    return track;
}

static bool is_same(const struct kvs_mkv_track *a, const struct kvs_mkv_track *b) {
    return a->codec_private.data == b->codec_private.data &&
           a->codec_private.len == b->codec_private.len && a->width == b->width &&
           a->height == b->height && a->channels == b->channels && a->bit_depth == b->bit_depth &&
           a->codec_delay_ns == b->codec_delay_ns && a->seek_pre_roll_ns == b->seek_pre_roll_ns &&
           memcmp(&a->sampling_frequency, &b->sampling_frequency, sizeof(double)) == 0;
}

static bool is_valid(const struct kvs_mkv_track *track) {
    const struct kvs_mkv_header header = {{1}, 1000000, "fuzz", track, 1};
    return kvs_mkv_header_validate(&header) == KVS_STATUS_SUCCESS;
}

static void complete_track(struct kvs_span bytes) {
    struct kvs_mkv_track given = describe(bytes);
    size_t skipped = bytes.len < DESCRIPTION_BYTES ? bytes.len : DESCRIPTION_BYTES;
    given.codec_private = tight(kvs_span_of(bytes.data + skipped, bytes.len - skipped));
    bool valid = is_valid(&given);
    uint8_t *generated = malloc(KVS_CODEC_GENERATED_MAX_BYTES);
    struct kvs_mkv_track track = given;
    kvs_status status = kvs_codec_complete_track(&track, generated, KVS_CODEC_GENERATED_MAX_BYTES);
    require(status != KVS_STATUS_BUFFER_TOO_SMALL, "the promised room is enough");
    if (status != KVS_STATUS_SUCCESS) {
        require(is_same(&track, &given), "a track that is refused is as it was");
    } else {
        bool made = track.codec_private.data == generated;
        require(made ? track.codec_private.len <= KVS_CODEC_GENERATED_MAX_BYTES
                     : track.codec_private.len == given.codec_private.len,
                "private data is generated or as it was");
        require(given.width == 0 || track.width == given.width, "a width that is given stays");
        require(given.channels == 0 || track.channels == given.channels, "so do channels");
        require(!valid || is_valid(&track), "a valid track stays one");
        struct kvs_mkv_track again = track;
        uint8_t other[KVS_CODEC_GENERATED_MAX_BYTES];
        require(kvs_codec_complete_track(&again, other, sizeof(other)) == KVS_STATUS_SUCCESS &&
                    is_same(&again, &track),
                "there is nothing left to complete");
    }
    free(generated);
    free((void *)given.codec_private.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct kvs_span bytes = kvs_span_of(data, size);
    read_opus(bytes);
    read_wave(bytes);
    read_bitmap(bytes);
    read_aac(bytes);
    complete_track(bytes);
    return 0;
}
