/*
 * Parameter sets, codec private data and audio headers from anywhere: parsers end, records fit into
 * the room that the headers promise, and a record that was built is accepted as one.
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

static void check_size(uint32_t width, uint32_t height) {
    require(width >= 1 && width <= KVS_CODEC_MAX_PIXELS, "a width is one to be believed");
    require(height >= 1 && height <= KVS_CODEC_MAX_PIXELS, "a height is one to be believed");
}

static void parse_sps(struct kvs_span bytes) {
    struct kvs_video_info info;
    if (kvs_h264_parse_sps(bytes, &info) == KVS_STATUS_SUCCESS) {
        check_size(info.width, info.height);
    }
    if (kvs_h265_parse_sps(bytes, &info) == KVS_STATUS_SUCCESS) {
        check_size(info.width, info.height);
        require(info.temporal_layers >= 1 && info.temporal_layers <= 7, "there are 1 to 7 layers");
    }
}

/* What either builder made is a record that stays as it is when it is adapted again. */
static void check_record(enum kvs_codec codec, struct kvs_span record) {
    uint8_t *again = malloc(record.len);
    size_t written = 0;
    require(kvs_codec_private_adapt(codec, record, again, record.len, &written) ==
                KVS_STATUS_SUCCESS,
            "a record is accepted");
    require(written == record.len && memcmp(again, record.data, written) == 0,
            "a record is left as it is");
    uint32_t width, height;
    kvs_status status = kvs_codec_pixel_size(codec, record, &width, &height);
    if (status == KVS_STATUS_SUCCESS) {
        check_size(width, height);
    }
    free(again);
}

static void unpack_record(enum kvs_codec codec, struct kvs_span bytes) {
    size_t capacity = 2 * bytes.len;
    uint8_t *out = malloc(capacity + 1);
    size_t written = 0;
    kvs_status status = kvs_codec_private_to_annexb(codec, bytes, out, capacity, &written);
    require(status != KVS_STATUS_BUFFER_TOO_SMALL, "twice the room is enough");
    free(out);
}

static void build_records(enum kvs_codec codec, struct kvs_span bytes) {
    size_t capacity = bytes.len + KVS_CODEC_PRIVATE_OVERHEAD_BYTES;
    uint8_t *out = malloc(capacity);
    size_t written = 0;
    kvs_status status = kvs_codec_private_adapt(codec, bytes, out, capacity, &written);
    require(status != KVS_STATUS_BUFFER_TOO_SMALL, "the promised room is enough");
    if (status == KVS_STATUS_SUCCESS) {
        struct kvs_span record = kvs_span_of(out, written);
        check_record(codec, record);
        if (written != 0) {
            require(kvs_codec_private_adapt(codec, bytes, out, written - 1, &written) ==
                        KVS_STATUS_BUFFER_TOO_SMALL,
                    "less room than the record needs is refused");
        }
    }
    status = kvs_codec_private_from_key_frame(codec, bytes, out, capacity, &written);
    require(status != KVS_STATUS_BUFFER_TOO_SMALL, "the promised room is enough for a key frame");
    if (status == KVS_STATUS_SUCCESS) {
        check_record(codec, kvs_span_of(out, written));
    }
    free(out);
}

static void parse_audio(struct kvs_span bytes) {
    struct kvs_aac_config aac;
    uint8_t out[KVS_AAC_CONFIG_MAX_BYTES];
    size_t written = 0;
    if (kvs_aac_parse_config(bytes, &aac) == KVS_STATUS_SUCCESS) {
        require(aac.object_type != 0 && aac.sampling_frequency != 0 && aac.channels != 0,
                "a configuration is complete");
        if (kvs_aac_write_config(&aac, out, sizeof(out), &written) == KVS_STATUS_SUCCESS) {
            struct kvs_aac_config again;
            require(kvs_aac_parse_config(kvs_span_of(out, written), &again) == KVS_STATUS_SUCCESS &&
                        again.object_type == aac.object_type && again.channels == aac.channels &&
                        again.sampling_frequency == aac.sampling_frequency,
                    "a configuration reads back");
        }
    }
    struct kvs_wave_format wave;
    uint8_t wave_out[KVS_WAVE_FORMAT_BYTES];
    if (kvs_wave_parse_format(bytes, &wave) == KVS_STATUS_SUCCESS) {
        kvs_wave_write_format(&wave, wave_out, sizeof(wave_out), &written);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct kvs_span bytes = kvs_span_of(data, size);
    uint32_t width, height;
    parse_sps(bytes);
    build_records(KVS_CODEC_H264, bytes);
    build_records(KVS_CODEC_H265, bytes);
    unpack_record(KVS_CODEC_H264, bytes);
    unpack_record(KVS_CODEC_H265, bytes);
    if (kvs_codec_pixel_size(KVS_CODEC_VFW, bytes, &width, &height) == KVS_STATUS_SUCCESS) {
        check_size(width, height);
    }
    parse_audio(bytes);
    return 0;
}
