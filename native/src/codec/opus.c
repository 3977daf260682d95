/* Identification header of Opus (RFC 7845, section 5.1), which Matroska stores as it is. */
#include <stdbool.h>
#include <string.h>

#include "kvs/codec.h"

#define MAGIC "OpusHead"
#define MAGIC_BYTES 8
#define VERSION_OFFSET 8
#define CHANNELS_OFFSET 9
#define PRE_SKIP_OFFSET 10
#define FREQUENCY_OFFSET 12
#define GAIN_OFFSET 16
#define FAMILY_OFFSET 18
#define STREAMS_OFFSET 19
#define COUPLED_OFFSET 20
#define MAPPING_OFFSET 21
/* The upper half counts incompatible changes. */
#define VERSION 1
#define MAX_VERSION 15
/* Most channels of mapping family 0, which has no table of streams. */
#define MAX_SIMPLE_CHANNELS 2

/* A family other than 0 tells how many streams there are, and which feeds each channel. */
static bool has_streams(struct kvs_span head) {
    const uint8_t *bytes = head.data;
    if (head.len < MAPPING_OFFSET + (size_t)bytes[CHANNELS_OFFSET]) {
        return false;
    }
    uint32_t streams = bytes[STREAMS_OFFSET];
    uint32_t coupled = bytes[COUPLED_OFFSET];
    return streams != 0 && coupled <= streams && streams + coupled <= UINT8_MAX;
}

kvs_status kvs_opus_parse_head(struct kvs_span codec_private, struct kvs_opus_head *head) {
    if (head == NULL || (codec_private.data == NULL && codec_private.len != 0)) {
        return KVS_STATUS_NULL_ARG;
    }
    const uint8_t *bytes = codec_private.data;
    if (codec_private.len < KVS_OPUS_HEAD_BYTES || memcmp(bytes, MAGIC, MAGIC_BYTES) != 0 ||
        bytes[VERSION_OFFSET] > MAX_VERSION || bytes[CHANNELS_OFFSET] == 0) {
        return KVS_STATUS_INVALID_ARG;
    }
    bool simple = bytes[FAMILY_OFFSET] == 0;
    if (simple ? bytes[CHANNELS_OFFSET] > MAX_SIMPLE_CHANNELS : !has_streams(codec_private)) {
        return KVS_STATUS_INVALID_ARG;
    }
    const uint8_t *frequency = bytes + FREQUENCY_OFFSET;
    head->channels = bytes[CHANNELS_OFFSET];
    head->pre_skip = (uint16_t)(bytes[PRE_SKIP_OFFSET] | bytes[PRE_SKIP_OFFSET + 1] << 8);
    head->input_sampling_frequency = frequency[0] | (uint32_t)frequency[1] << 8 |
                                     (uint32_t)frequency[2] << 16 | (uint32_t)frequency[3] << 24;
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_opus_write_head(const struct kvs_opus_head *head, uint8_t *out, size_t capacity,
                               size_t *written) {
    if (head == NULL || out == NULL || written == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    if (head->channels == 0 || head->channels > MAX_SIMPLE_CHANNELS) {
        return KVS_STATUS_INVALID_ARG;
    }
    if (capacity < KVS_OPUS_HEAD_BYTES) {
        return KVS_STATUS_BUFFER_TOO_SMALL;
    }
    memcpy(out, MAGIC, MAGIC_BYTES);
    out[VERSION_OFFSET] = VERSION;
    out[CHANNELS_OFFSET] = head->channels;
    out[PRE_SKIP_OFFSET] = (uint8_t)head->pre_skip;
    out[PRE_SKIP_OFFSET + 1] = (uint8_t)(head->pre_skip >> 8);
    for (int i = 0; i < 4; i++) {
        out[FREQUENCY_OFFSET + i] = (uint8_t)(head->input_sampling_frequency >> (8 * i));
    }
    out[GAIN_OFFSET] = 0;
    out[GAIN_OFFSET + 1] = 0;
    out[FAMILY_OFFSET] = 0;
    *written = KVS_OPUS_HEAD_BYTES;
    return KVS_STATUS_SUCCESS;
}
