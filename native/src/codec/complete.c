/* What the description of a track leaves out and its codec tells. */
#include <string.h>

#include "kvs/codec.h"

#define AAC_MAIN 1
#define AAC_LC 2
#define G711_BITS 8
#define DEFAULT_FLOAT_BITS 32
#define NS_PER_SECOND 1000000000u

/* Headers of audio count whole hertz; 0 for a frequency that they cannot state. */
static uint32_t whole_hertz(double frequency) {
    return frequency >= 1 && frequency <= UINT32_MAX ? (uint32_t)frequency : 0;
}

static kvs_status generate_aac(const struct kvs_mkv_track *track, uint8_t *out, size_t capacity,
                               size_t *written) {
    /* The CodecIDs of old name the object type; all that is said otherwise is AAC. */
    bool main_profile = strcmp(track->codec_id, "A_AAC/MPEG4/MAIN") == 0;
    const struct kvs_aac_config config = {
        .object_type = main_profile ? AAC_MAIN : AAC_LC,
        .sampling_frequency = whole_hertz(track->sampling_frequency),
        /* Too many is refused as too many, not for what is left of it in 8 bits. */
        .channels = (uint8_t)(track->channels > UINT8_MAX ? UINT8_MAX : track->channels),
    };
    return kvs_aac_write_config(&config, out, capacity, written);
}

static kvs_status generate_opus(const struct kvs_mkv_track *track, uint8_t *out, size_t capacity,
                                size_t *written) {
    /* More than a second and a third of delay does not fit the field, and no encoder has it. */
    uint64_t delay_ns = track->codec_delay_ns < NS_PER_SECOND ? track->codec_delay_ns : 0;
    uint64_t samples = (delay_ns * KVS_OPUS_SAMPLING_FREQUENCY + NS_PER_SECOND / 2) / NS_PER_SECOND;
    const struct kvs_opus_head head = {
        /* As Matroska reads a track that does not tell. */
        .channels = (uint8_t)(track->channels == 0          ? 1
                              : track->channels > UINT8_MAX ? UINT8_MAX
                                                            : track->channels),
        .pre_skip = (uint16_t)samples,
        .input_sampling_frequency = whole_hertz(track->sampling_frequency),
    };
    return kvs_opus_write_head(&head, out, capacity, written);
}

static kvs_status generate_wave(const struct kvs_mkv_track *track, uint8_t *out, size_t capacity,
                                size_t *written) {
    if (track->codec_private.len != KVS_CODEC_FORMAT_TAG_BYTES || track->channels > UINT16_MAX ||
        track->bit_depth > UINT16_MAX) {
        return KVS_STATUS_MKV_INVALID_AMS_ACM_CPD;
    }
    const uint8_t *tag = track->codec_private.data;
    struct kvs_wave_format format = {
        .format_tag = (uint16_t)(tag[0] | tag[1] << 8),
        .channels = (uint16_t)track->channels,
        .sampling_frequency = whole_hertz(track->sampling_frequency),
        .bits_per_sample = (uint16_t)track->bit_depth,
    };
    switch (format.format_tag) {
    case KVS_WAVE_FORMAT_ALAW:
    case KVS_WAVE_FORMAT_MULAW:
        /* Those that are stored: some describe G.711 by the 13 or 14 bits that come out of it. */
        format.bits_per_sample = G711_BITS;
        break;
    case KVS_WAVE_FORMAT_PCM:
    case KVS_WAVE_FORMAT_FLOAT:
        break;
    default:
        /* Of other codecs the sizes of blocks are not known, and often more than this follows. */
        return KVS_STATUS_MKV_INVALID_AMS_ACM_CPD;
    }
    return kvs_wave_write_format(&format, out, capacity, written);
}

static kvs_status generate_bitmap(const struct kvs_mkv_track *track, uint8_t *out, size_t capacity,
                                  size_t *written) {
    struct kvs_bitmap_header header = {track->width, track->height, {'M', 'J', 'P', 'G'}};
    if (track->codec_private.len == KVS_CODEC_FOURCC_BYTES) {
        memcpy(header.fourcc, track->codec_private.data, KVS_CODEC_FOURCC_BYTES);
    }
    return kvs_bitmap_write_header(&header, out, capacity, written);
}

/* Leaves *written 0 when there is nothing to generate. */
static kvs_status generate(enum kvs_codec codec, const struct kvs_mkv_track *track, uint8_t *out,
                           size_t capacity, size_t *written) {
    size_t given = track->codec_private.len;
    switch (codec) {
    case KVS_CODEC_AAC:
        return given == 0 ? generate_aac(track, out, capacity, written) : KVS_STATUS_SUCCESS;
    case KVS_CODEC_OPUS:
        return given == 0 ? generate_opus(track, out, capacity, written) : KVS_STATUS_SUCCESS;
    case KVS_CODEC_MS_ACM:
        return given <= KVS_CODEC_FORMAT_TAG_BYTES ? generate_wave(track, out, capacity, written)
                                                   : KVS_STATUS_SUCCESS;
    case KVS_CODEC_VFW:
        return given == 0 || given == KVS_CODEC_FOURCC_BYTES
                   ? generate_bitmap(track, out, capacity, written)
                   : KVS_STATUS_SUCCESS;
    default:
        return KVS_STATUS_SUCCESS;
    }
}

static void set_audio(struct kvs_mkv_track *track, double sampling_frequency, uint32_t channels,
                      uint32_t bit_depth) {
    track->sampling_frequency =
        track->sampling_frequency > 0 ? track->sampling_frequency : sampling_frequency;
    track->channels = track->channels != 0 ? track->channels : channels;
    track->bit_depth = track->bit_depth != 0 ? track->bit_depth : bit_depth;
}

static void derive_opus(struct kvs_mkv_track *track) {
    struct kvs_opus_head head;
    if (kvs_opus_parse_head(track->codec_private, &head) != KVS_STATUS_SUCCESS) {
        return;
    }
    /* Whatever was encoded, decoders give 48 kHz. */
    set_audio(track, KVS_OPUS_SAMPLING_FREQUENCY, head.channels, 0);
    if (track->codec_delay_ns == 0) {
        track->codec_delay_ns =
            (uint64_t)head.pre_skip * NS_PER_SECOND / KVS_OPUS_SAMPLING_FREQUENCY;
    }
    if (track->seek_pre_roll_ns == 0) {
        track->seek_pre_roll_ns = KVS_OPUS_SEEK_PRE_ROLL_NS;
    }
}

static void derive_audio(enum kvs_codec codec, struct kvs_mkv_track *track) {
    struct kvs_aac_config aac;
    struct kvs_wave_format wave;
    switch (codec) {
    case KVS_CODEC_AAC:
        if (kvs_aac_parse_config(track->codec_private, &aac) == KVS_STATUS_SUCCESS) {
            set_audio(track, aac.sampling_frequency, aac.channels, 0);
        }
        break;
    case KVS_CODEC_MS_ACM:
        if (kvs_wave_parse_format(track->codec_private, &wave) == KVS_STATUS_SUCCESS) {
            set_audio(track, wave.sampling_frequency, wave.channels, wave.bits_per_sample);
        }
        break;
    case KVS_CODEC_OPUS:
        derive_opus(track);
        break;
    case KVS_CODEC_PCM_FLOAT:
        set_audio(track, 0, 0, DEFAULT_FLOAT_BITS);
        break;
    default:
        break;
    }
}

/* The size in the Video element is a convenience for players: without a readable SPS it stays
 * absent. */
static void derive_pixel_size(enum kvs_codec codec, struct kvs_mkv_track *track) {
    uint32_t width = 0;
    uint32_t height = 0;
    if (track->width == 0 && track->height == 0 &&
        kvs_codec_pixel_size(codec, track->codec_private, &width, &height) == KVS_STATUS_SUCCESS) {
        track->width = width;
        track->height = height;
    }
}

kvs_status kvs_codec_complete_track(struct kvs_mkv_track *track, uint8_t *generated,
                                    size_t capacity) {
    if (track == NULL || track->codec_id == NULL || generated == NULL ||
        (track->codec_private.data == NULL && track->codec_private.len != 0)) {
        return KVS_STATUS_NULL_ARG;
    }
    enum kvs_codec codec = kvs_codec_from_id(track->codec_id);
    size_t written = 0;
    kvs_status status = generate(codec, track, generated, capacity, &written);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    if (written != 0) {
        track->codec_private = kvs_span_of(generated, written);
    }
    derive_audio(codec, track);
    derive_pixel_size(codec, track);
    return KVS_STATUS_SUCCESS;
}
