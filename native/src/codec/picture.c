#include "picture.h"

uint32_t kvs__chroma_sub_width(uint8_t chroma_format_idc) {
    return chroma_format_idc == 1 || chroma_format_idc == 2 ? 2 : 1;
}

uint32_t kvs__chroma_sub_height(uint8_t chroma_format_idc) {
    return chroma_format_idc == 1 ? 2 : 1;
}

void kvs__read_cropping(struct kvs__bit_reader *reader, struct kvs__picture *picture) {
    picture->left = kvs__read_ue(reader);
    picture->right = kvs__read_ue(reader);
    picture->top = kvs__read_ue(reader);
    picture->bottom = kvs__read_ue(reader);
}

/* 0 when cropping leaves nothing; 64 bits hold any sum of what 32-bit codes can say. */
static uint64_t rest_after_cropping(uint64_t coded, uint32_t before, uint32_t after,
                                    uint32_t unit) {
    uint64_t cropped = ((uint64_t)before + after) * unit;
    return cropped < coded ? coded - cropped : 0;
}

kvs_status kvs__picture_size(const struct kvs__picture *picture, uint32_t *width,
                             uint32_t *height) {
    uint64_t shown_width =
        rest_after_cropping(picture->coded_width, picture->left, picture->right, picture->unit_x);
    uint64_t shown_height =
        rest_after_cropping(picture->coded_height, picture->top, picture->bottom, picture->unit_y);
    if (shown_width == 0 || shown_width > KVS_CODEC_MAX_PIXELS) {
        return KVS_STATUS_MKV_INVALID_H264_H265_SPS_WIDTH;
    }
    if (shown_height == 0 || shown_height > KVS_CODEC_MAX_PIXELS) {
        return KVS_STATUS_MKV_INVALID_H264_H265_SPS_HEIGHT;
    }
    *width = (uint32_t)shown_width;
    *height = (uint32_t)shown_height;
    return KVS_STATUS_SUCCESS;
}
