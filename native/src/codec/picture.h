/* What the sequence parameter sets of H.264 and H.265 have in common. */
#ifndef KVS_CODEC_PICTURE_H
#define KVS_CODEC_PICTURE_H

#include <stdint.h>

#include "bit_reader.h"
#include "kvs/codec.h"

/* A picture before cropping, in luma samples, and how much is cut off each side. */
struct kvs__picture {
    uint64_t coded_width, coded_height;
    /* In crop units, in the order of the syntax. */
    uint32_t left, right, top, bottom;
    uint32_t unit_x, unit_y;
};

/* Luma samples for each chroma sample; 1 for monochrome (Table 6-1 of both standards). */
uint32_t kvs__chroma_sub_width(uint8_t chroma_format_idc);
uint32_t kvs__chroma_sub_height(uint8_t chroma_format_idc);

/* The four cropping offsets, ue(v) each. */
void kvs__read_cropping(struct kvs__bit_reader *reader, struct kvs__picture *picture);

/*
 * What is left to be shown.
 * Errors: KVS_STATUS_MKV_INVALID_H264_H265_SPS_WIDTH or …_HEIGHT when that is nothing or too much.
 */
kvs_status kvs__picture_size(const struct kvs__picture *picture, uint32_t *width, uint32_t *height);

#endif
