/* Headers of Windows that Matroska stores as codec private data: WAVEFORMATEX, BITMAPINFOHEADER. */
#include "ms_headers.h"

#define WAVE_MIN_BYTES 16
#define BITMAP_MIN_BYTES 40
#define BITMAP_WIDTH_OFFSET 4
#define BITMAP_HEIGHT_OFFSET 8

static uint32_t get_u16(const uint8_t *bytes) { return bytes[0] | (uint32_t)bytes[1] << 8; }

static uint32_t get_u32(const uint8_t *bytes) { return get_u16(bytes) | get_u16(bytes + 2) << 16; }

static void put_u16(uint8_t *out, uint32_t value) {
    out[0] = (uint8_t)value;
    out[1] = (uint8_t)(value >> 8);
}

static void put_u32(uint8_t *out, uint32_t value) {
    put_u16(out, value);
    put_u16(out + 2, value >> 16);
}

kvs_status kvs_wave_parse_format(struct kvs_span codec_private, struct kvs_wave_format *format) {
    if (format == NULL || (codec_private.data == NULL && codec_private.len != 0)) {
        return KVS_STATUS_NULL_ARG;
    }
    if (codec_private.len < WAVE_MIN_BYTES) {
        return KVS_STATUS_MKV_INVALID_AMS_ACM_CPD;
    }
    const uint8_t *bytes = codec_private.data;
    struct kvs_wave_format found = {
        .format_tag = (uint16_t)get_u16(bytes),
        .channels = (uint16_t)get_u16(bytes + 2),
        .sampling_frequency = get_u32(bytes + 4),
        .bits_per_sample = (uint16_t)get_u16(bytes + 14),
    };
    if (found.channels == 0 || found.sampling_frequency == 0) {
        return KVS_STATUS_MKV_INVALID_AMS_ACM_CPD;
    }
    *format = found;
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_wave_write_format(const struct kvs_wave_format *format, uint8_t *out,
                                 size_t capacity, size_t *written) {
    if (format == NULL || out == NULL || written == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    uint32_t block_bytes = (uint32_t)format->channels * (format->bits_per_sample / 8u);
    uint64_t bytes_per_second = (uint64_t)block_bytes * format->sampling_frequency;
    if (format->bits_per_sample % 8 != 0 || block_bytes > UINT16_MAX || bytes_per_second == 0 ||
        bytes_per_second > UINT32_MAX) {
        return KVS_STATUS_MKV_INVALID_AMS_ACM_CPD;
    }
    if (capacity < KVS_WAVE_FORMAT_BYTES) {
        return KVS_STATUS_BUFFER_TOO_SMALL;
    }
    put_u16(out, format->format_tag);
    put_u16(out + 2, format->channels);
    put_u32(out + 4, format->sampling_frequency);
    put_u32(out + 8, (uint32_t)bytes_per_second);
    put_u16(out + 12, block_bytes);
    put_u16(out + 14, format->bits_per_sample);
    put_u16(out + 16, 0); /* cbSize: nothing follows */
    *written = KVS_WAVE_FORMAT_BYTES;
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs__bitmap_size(struct kvs_span header, uint32_t *width, uint32_t *height) {
    if (header.len < BITMAP_MIN_BYTES) {
        return KVS_STATUS_MKV_INVALID_BIH_CPD;
    }
    uint32_t across = get_u32(header.data + BITMAP_WIDTH_OFFSET);
    uint32_t down = get_u32(header.data + BITMAP_HEIGHT_OFFSET);
    /* A negative height means that the top row comes first. */
    down = down > INT32_MAX ? 0 - down : down;
    if (across == 0 || across > KVS_CODEC_MAX_PIXELS || down == 0 || down > KVS_CODEC_MAX_PIXELS) {
        return KVS_STATUS_MKV_INVALID_BIH_CPD;
    }
    *width = across;
    *height = down;
    return KVS_STATUS_SUCCESS;
}
