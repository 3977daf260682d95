/*
 * Cuts an H.264 file with start codes (Annex-B), as x264 and rpicam-vid write it, into pictures. A
 * helper of the example, no part of the library.
 *
 * Pictures may have several slices and B-pictures among them. What it does not know: pictures in
 * two fields, slices in arbitrary order, and entry points other than IDR pictures.
 */
#ifndef H264_READER_H
#define H264_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "h264_order.h"
#include "kvs/span.h"

/* No H.264 stream has more pictures than this that are decoded before and shown after another. */
#define H264_MAX_REORDER 16

struct h264_picture {
    /* One access unit with its start codes; valid until the next call. */
    struct kvs_span data;
    /* Decoding can start here. */
    bool key;
    /* No other picture refers to it. */
    bool discardable;
    /* Its place in the order in which the pictures are shown, counted from 0. */
    uint64_t shown;
};

/* A picture that is cut, and that may have to wait until its place is known. */
struct h264_waiting {
    size_t offset;
    size_t len;
    int64_t order_count;
    uint64_t shown;
    bool placed;
    bool key;
    bool discardable;
};

/* The fields are for h264_reader.c, but for error and skipped. */
struct h264_reader {
    FILE *file;
    /* What went wrong; NULL when nothing did. */
    const char *error;
    /* Pictures that were left out, since they came before the parameter sets. */
    uint64_t skipped;

    uint8_t *bytes;
    size_t len;
    size_t capacity;
    bool at_end;
    /* The NAL unit whose end is looked for: its start code, its header (0 when there is none yet),
     * and how far the search has come. */
    size_t code;
    size_t nal;
    size_t scanned;

    /* The picture that is being cut: where it starts, and what its NAL units say so far. */
    size_t start;
    bool has_slice;
    struct h264_waiting picture;
    struct h264_order order;

    /* In the order of decoding. */
    struct h264_waiting waiting[2 * H264_MAX_REORDER + 2];
    uint32_t waiting_count;
    uint64_t shown_count;
};

void h264_reader_init(struct h264_reader *reader, FILE *file);
void h264_reader_clean_up(struct h264_reader *reader);

/* The next picture in the order of decoding. False at the end, and when something went wrong. */
bool h264_reader_next(struct h264_reader *reader, struct h264_picture *picture);

#endif
