/*
 * In which order the pictures of an H.264 stream are shown. A helper of the example, no part of the
 * library: a raw stream carries no times, so that the headers of its slices have to tell.
 */
#ifndef H264_ORDER_H
#define H264_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "kvs/span.h"

/* The fields are for h264_order.c, but for has_sps and reorders. */
struct h264_order {
    /* Slices can be read. */
    bool has_sps;
    /* A picture may be shown before one that is decoded earlier. */
    bool reorders;
    bool separate_planes;
    bool frames_only;
    uint32_t frame_num_bits;
    uint32_t lsb_bits;
    int64_t previous_msb;
    int64_t previous_lsb;
};

/* Takes a sequence parameter set (H.264, clause 7.3.2.1.1). Returns NULL, or what is wrong. */
const char *h264_order_read_sps(struct h264_order *order, struct kvs_span nal);

/* Sets `count` to the picture order count (clause 8.2.1) of the picture that the slice belongs to:
 * pictures from one IDR picture to the next are shown by ascending count. To be called for one
 * slice of each picture. Returns NULL, or what is wrong. */
const char *h264_order_read_slice(struct h264_order *order, struct kvs_span nal, int64_t *count);

#endif
