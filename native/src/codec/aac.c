/* AudioSpecificConfig (ISO/IEC 14496-3, clause 1.6.2.1). */
#include "bit_reader.h"
#include "kvs/codec.h"

#define OBJECT_TYPE_ESCAPE 31
#define OBJECT_TYPE_SBR 5
#define OBJECT_TYPE_PS 29
#define OBJECT_TYPE_ER_BSAC 22
#define FREQUENCY_INDEX_ESCAPE 15
#define MAX_FREQUENCY 0xFFFFFFu
#define MAX_WRITTEN_OBJECT_TYPE 4

/* Table 1.18: samplingFrequencyIndex. */
static const uint32_t frequencies[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                       22050, 16000, 12000, 11025, 8000,  7350};
#define FREQUENCY_COUNT (sizeof(frequencies) / sizeof(frequencies[0]))

/* Table 1.19: channels of each channelConfiguration; 0 where it is reserved or told elsewhere. */
static const uint8_t channel_counts[16] = {0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0};

static uint8_t read_object_type(struct kvs__bit_reader *reader) {
    uint32_t type = kvs__read_bits(reader, 5);
    return (uint8_t)(type == OBJECT_TYPE_ESCAPE ? 32 + kvs__read_bits(reader, 6) : type);
}

/* 0 for a reserved index. */
static uint32_t read_frequency(struct kvs__bit_reader *reader) {
    uint32_t index = kvs__read_bits(reader, 4);
    if (index == FREQUENCY_INDEX_ESCAPE) {
        return kvs__read_bits(reader, 24);
    }
    return index < FREQUENCY_COUNT ? frequencies[index] : 0;
}

/* Object types whose configuration goes on with a GASpecificConfig (Table 1.15). */
static bool has_general_config(uint8_t object_type) {
    return (object_type >= 1 && object_type <= 7 && object_type != OBJECT_TYPE_SBR) ||
           object_type == 17 || (object_type >= 19 && object_type <= 23);
}

/* Channels of a program_config_element (clause 4.4.1.1), which the reader is at. */
static uint8_t read_program_channels(struct kvs__bit_reader *reader) {
    kvs__skip_bits(reader, 4 + 2 + 4); /* tag, object type, frequency */
    uint32_t pairable = kvs__read_bits(reader, 4);
    pairable += kvs__read_bits(reader, 4);
    pairable += kvs__read_bits(reader, 4);         /* front, side and back elements */
    uint32_t channels = kvs__read_bits(reader, 2); /* low frequency effects */
    kvs__skip_bits(reader, 3 + 4); /* counts of associated data and coupling elements */
    kvs__skip_bits(reader, kvs__read_flag(reader) ? 4 : 0);     /* mono mix-down */
    kvs__skip_bits(reader, kvs__read_flag(reader) ? 4 : 0);     /* stereo mix-down */
    kvs__skip_bits(reader, kvs__read_flag(reader) ? 2 + 1 : 0); /* matrix mix-down */
    for (uint32_t i = 0; i < pairable; i++) {
        channels += kvs__read_flag(reader) ? 2 : 1;
        kvs__skip_bits(reader, 4);
    }
    return (uint8_t)channels;
}

/* Channels that a GASpecificConfig tells (clause 4.4.1); the reader is at its start. */
static uint8_t read_general_config_channels(struct kvs__bit_reader *reader) {
    kvs__skip_bits(reader, 1);                               /* frameLengthFlag */
    kvs__skip_bits(reader, kvs__read_flag(reader) ? 14 : 0); /* coreCoderDelay */
    kvs__skip_bits(reader, 1);                               /* extensionFlag */
    return read_program_channels(reader);
}

kvs_status kvs_aac_parse_config(struct kvs_span codec_private, struct kvs_aac_config *config) {
    if (config == NULL || (codec_private.data == NULL && codec_private.len != 0)) {
        return KVS_STATUS_NULL_ARG;
    }
    struct kvs__bit_reader reader = kvs__bit_reader_of_bytes(codec_private);
    struct kvs_aac_config found = {0};
    found.object_type = read_object_type(&reader);
    found.sampling_frequency = read_frequency(&reader);
    uint32_t channel_configuration = kvs__read_bits(&reader, 4);
    uint8_t core_type = found.object_type;
    if (core_type == OBJECT_TYPE_SBR || core_type == OBJECT_TYPE_PS) {
        read_frequency(&reader); /* of the output */
        core_type = read_object_type(&reader);
        kvs__skip_bits(&reader, core_type == OBJECT_TYPE_ER_BSAC ? 4 : 0);
    }
    if (reader.failed || found.object_type == 0) {
        return KVS_STATUS_MKV_INVALID_AAC_CPD;
    }
    if (found.sampling_frequency == 0) {
        return KVS_STATUS_MKV_INVALID_AAC_CPD_SAMPLING_FREQUENCY_INDEX;
    }
    found.channels = channel_counts[channel_configuration];
    if (channel_configuration == 0 && has_general_config(core_type)) {
        found.channels = read_general_config_channels(&reader);
    }
    if (found.channels == 0 || reader.failed) {
        return KVS_STATUS_MKV_INVALID_AAC_CPD_CHANNEL_CONFIG;
    }
    *config = found;
    return KVS_STATUS_SUCCESS;
}

/* FREQUENCY_INDEX_ESCAPE when the table does not have it. */
static uint32_t frequency_index(uint32_t frequency) {
    for (uint32_t i = 0; i < FREQUENCY_COUNT; i++) {
        if (frequencies[i] == frequency) {
            return i;
        }
    }
    return FREQUENCY_INDEX_ESCAPE;
}

/* 0 when no configuration that every decoder knows has that many. */
static uint32_t channel_configuration_of(uint8_t channels) {
    if (channels == 8) {
        return 7;
    }
    return channels <= 6 ? channels : 0;
}

kvs_status kvs_aac_write_config(const struct kvs_aac_config *config, uint8_t *out, size_t capacity,
                                size_t *written) {
    if (config == NULL || out == NULL || written == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    if (config->object_type == 0 || config->object_type > MAX_WRITTEN_OBJECT_TYPE) {
        return KVS_STATUS_MKV_INVALID_AAC_CPD;
    }
    if (config->sampling_frequency == 0 || config->sampling_frequency > MAX_FREQUENCY) {
        return KVS_STATUS_MKV_INVALID_AAC_CPD_SAMPLING_FREQUENCY_INDEX;
    }
    uint32_t channel_configuration = channel_configuration_of(config->channels);
    if (channel_configuration == 0) {
        return KVS_STATUS_MKV_INVALID_AAC_CPD_CHANNEL_CONFIG;
    }
    /* 5 + 4 (+ 24) + 4 bits, and three zero bits of GASpecificConfig fill the last byte. */
    uint32_t index = frequency_index(config->sampling_frequency);
    bool escaped = index == FREQUENCY_INDEX_ESCAPE;
    uint64_t bits = (uint64_t)config->object_type << 4 | index;
    bits = escaped ? bits << 24 | config->sampling_frequency : bits;
    bits = (bits << 4 | channel_configuration) << 3;
    size_t len = escaped ? KVS_AAC_CONFIG_MAX_BYTES : KVS_AAC_CONFIG_MAX_BYTES - 3;
    if (capacity < len) {
        return KVS_STATUS_BUFFER_TOO_SMALL;
    }
    for (size_t i = 0; i < len; i++) {
        out[i] = (uint8_t)(bits >> (8 * (len - 1 - i)));
    }
    *written = len;
    return KVS_STATUS_SUCCESS;
}
