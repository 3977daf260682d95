/* Headers of Windows that Matroska stores as codec private data: WAVEFORMATEX, BITMAPINFOHEADER. */
#include <stdbool.h>
#include <string.h>

#include "kvs/codec.h"

#define WAVE_MIN_BYTES 16
#define BITMAP_WIDTH_OFFSET 4
#define BITMAP_HEIGHT_OFFSET 8
#define BITMAP_PLANES_OFFSET 12
#define BITMAP_BIT_COUNT_OFFSET 14
#define BITMAP_COMPRESSION_OFFSET 16
#define BITMAP_IMAGE_BYTES_OFFSET 20
#define BITMAP_BITS_PER_PIXEL 24

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

static bool is_pixel_count(uint32_t count) { return count != 0 && count <= KVS_CODEC_MAX_PIXELS; }

kvs_status kvs_bitmap_parse_header(struct kvs_span codec_private,
                                   struct kvs_bitmap_header *header) {
    if (header == NULL || (codec_private.data == NULL && codec_private.len != 0)) {
        return KVS_STATUS_NULL_ARG;
    }
    if (codec_private.len < KVS_BITMAP_HEADER_BYTES) {
        return KVS_STATUS_MKV_INVALID_BIH_CPD;
    }
    const uint8_t *bytes = codec_private.data;
    struct kvs_bitmap_header found = {
        get_u32(bytes + BITMAP_WIDTH_OFFSET), get_u32(bytes + BITMAP_HEIGHT_OFFSET), {0}};
    /* A negative height means that the top row comes first. */
    found.height = found.height > INT32_MAX ? 0 - found.height : found.height;
    if (!is_pixel_count(found.width) || !is_pixel_count(found.height)) {
        return KVS_STATUS_MKV_INVALID_BIH_CPD;
    }
    memcpy(found.fourcc, bytes + BITMAP_COMPRESSION_OFFSET, sizeof(found.fourcc));
    *header = found;
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_bitmap_write_header(const struct kvs_bitmap_header *header, uint8_t *out,
                                   size_t capacity, size_t *written) {
    if (header == NULL || out == NULL || written == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    if (!is_pixel_count(header->width) || !is_pixel_count(header->height)) {
        return KVS_STATUS_MKV_INVALID_BIH_CPD;
    }
    if (capacity < KVS_BITMAP_HEADER_BYTES) {
        return KVS_STATUS_BUFFER_TOO_SMALL;
    }
    uint64_t image_bytes = (uint64_t)header->width * header->height * (BITMAP_BITS_PER_PIXEL / 8);
    memset(out, 0, KVS_BITMAP_HEADER_BYTES);
    put_u32(out, KVS_BITMAP_HEADER_BYTES); /* biSize */
    put_u32(out + BITMAP_WIDTH_OFFSET, header->width);
    put_u32(out + BITMAP_HEIGHT_OFFSET, header->height);
    put_u16(out + BITMAP_PLANES_OFFSET, 1);
    put_u16(out + BITMAP_BIT_COUNT_OFFSET, BITMAP_BITS_PER_PIXEL);
    memcpy(out + BITMAP_COMPRESSION_OFFSET, header->fourcc, sizeof(header->fourcc));
    /* Only a hint for the size of buffers, so a picture too large for the field says nothing. */
    put_u32(out + BITMAP_IMAGE_BYTES_OFFSET, image_bytes > UINT32_MAX ? 0 : (uint32_t)image_bytes);
    *written = KVS_BITMAP_HEADER_BYTES;
    return KVS_STATUS_SUCCESS;
}
