/*
 * Writing EBML elements (RFC 8794) into memory of the caller.
 *
 * A writer without memory only counts, so that one description of an element serves for its size
 * and for its bytes, and the two cannot disagree.
 */
#ifndef KVS_MKV_EBML_H
#define KVS_MKV_EBML_H

#include <stddef.h>
#include <stdint.h>

#include "kvs/span.h"
#include "kvs/status.h"
#include "platform/assert.h"

/* Element ids with their length marker (RFC 8794, section 5; RFC 9559, section 5.1). */
#define KVS_EBML_ID_EBML 0x1A45DFA3u
#define KVS_EBML_ID_EBML_VERSION 0x4286u
#define KVS_EBML_ID_EBML_READ_VERSION 0x42F7u
#define KVS_EBML_ID_EBML_MAX_ID_LENGTH 0x42F2u
#define KVS_EBML_ID_EBML_MAX_SIZE_LENGTH 0x42F3u
#define KVS_EBML_ID_DOC_TYPE 0x4282u
#define KVS_EBML_ID_DOC_TYPE_VERSION 0x4287u
#define KVS_EBML_ID_DOC_TYPE_READ_VERSION 0x4285u
#define KVS_EBML_ID_SEGMENT 0x18538067u
#define KVS_EBML_ID_INFO 0x1549A966u
#define KVS_EBML_ID_SEGMENT_UID 0x73A4u
#define KVS_EBML_ID_TIMESTAMP_SCALE 0x2AD7B1u
#define KVS_EBML_ID_MUXING_APP 0x4D80u
#define KVS_EBML_ID_WRITING_APP 0x5741u
#define KVS_EBML_ID_TRACKS 0x1654AE6Bu
#define KVS_EBML_ID_TRACK_ENTRY 0xAEu
#define KVS_EBML_ID_TRACK_NUMBER 0xD7u
#define KVS_EBML_ID_TRACK_UID 0x73C5u
#define KVS_EBML_ID_TRACK_TYPE 0x83u
#define KVS_EBML_ID_FLAG_LACING 0x9Cu
#define KVS_EBML_ID_NAME 0x536Eu
#define KVS_EBML_ID_LANGUAGE 0x22B59Cu
#define KVS_EBML_ID_CODEC_ID 0x86u
#define KVS_EBML_ID_CODEC_PRIVATE 0x63A2u
#define KVS_EBML_ID_CODEC_DELAY 0x56AAu
#define KVS_EBML_ID_SEEK_PRE_ROLL 0x56BBu
#define KVS_EBML_ID_VIDEO 0xE0u
#define KVS_EBML_ID_PIXEL_WIDTH 0xB0u
#define KVS_EBML_ID_PIXEL_HEIGHT 0xBAu
#define KVS_EBML_ID_AUDIO 0xE1u
#define KVS_EBML_ID_SAMPLING_FREQUENCY 0xB5u
#define KVS_EBML_ID_CHANNELS 0x9Fu
#define KVS_EBML_ID_BIT_DEPTH 0x6264u
#define KVS_EBML_ID_CLUSTER 0x1F43B675u
#define KVS_EBML_ID_TIMESTAMP 0xE7u
#define KVS_EBML_ID_SIMPLE_BLOCK 0xA3u
#define KVS_EBML_ID_TAGS 0x1254C367u
#define KVS_EBML_ID_TAG 0x7373u
#define KVS_EBML_ID_SIMPLE_TAG 0x67C8u
#define KVS_EBML_ID_TAG_NAME 0x45A3u
#define KVS_EBML_ID_TAG_STRING 0x4487u

/* The largest element that a size of 8 bytes can state; all ones mean "unknown". */
#define KVS_EBML_MAX_SIZE (((uint64_t)1 << 56) - 2)

struct kvs__ebml_writer {
    /* NULL when only counting. */
    uint8_t *out;
    size_t capacity;
    /* Bytes written, or that would have been: above capacity when they did not fit. */
    size_t len;
};

/* Writes one or more elements that `context` describes. */
typedef void kvs__ebml_body(struct kvs__ebml_writer *writer, const void *context);

/* Bytes of the shortest size field that states `size`, which is at most KVS_EBML_MAX_SIZE. */
static inline size_t kvs__ebml_size_len(uint64_t size) {
    KVS_ASSERT(size <= KVS_EBML_MAX_SIZE, "an EBML size has at most 56 bits");
    /* All ones are reserved for "unknown" (RFC 8794, section 6.2), hence the -1. */
    if (size >= 0x7F && size < 0x3FFF) {
        return 2; /* most frames, in one step */
    }
    size_t len = 1;
    while (len < 8 && size >= ((uint64_t)1 << (7 * len)) - 1) {
        len++;
    }
    return len;
}

/* Stores the lowest `len` bytes of a number. */
static inline void kvs__store_big_endian(uint64_t value, size_t len, uint8_t *out) {
    while (len > 0) {
        out[--len] = (uint8_t)value;
        value >>= 8;
    }
}

/* Stores a size field of kvs__ebml_size_len(size) bytes. */
static inline void kvs__ebml_store_size(uint64_t size, size_t len, uint8_t *out) {
    /* The marker bit makes the number exactly `len` bytes long. */
    kvs__store_big_endian(size | (uint64_t)1 << (7 * len), len, out);
}

/* How many bytes `body` writes. */
size_t kvs__ebml_measure(kvs__ebml_body *body, const void *context);
/*
 * Writes all of `body` into memory of the caller, or nothing.
 * Errors: KVS_STATUS_NULL_ARG without out or written; KVS_STATUS_BUFFER_TOO_SMALL.
 */
kvs_status kvs__ebml_write(kvs__ebml_body *body, const void *context, uint8_t *out, size_t capacity,
                           size_t *written);

/* Raw bytes, such as a whole element; nothing is copied that does not fit. */
void kvs__ebml_put_bytes(struct kvs__ebml_writer *writer, const void *bytes, size_t len);
void kvs__ebml_put_id(struct kvs__ebml_writer *writer, uint32_t id);
void kvs__ebml_put_size(struct kvs__ebml_writer *writer, uint64_t size);
/* The 1-byte form of "unknown", for elements that end where the next one of their level starts. */
void kvs__ebml_put_unknown_size(struct kvs__ebml_writer *writer);

/* Whole elements. An unsigned integer takes as few bytes as it needs, at least 1. */
void kvs__ebml_put_uint(struct kvs__ebml_writer *writer, uint32_t id, uint64_t value);
void kvs__ebml_put_float64(struct kvs__ebml_writer *writer, uint32_t id, double value);
void kvs__ebml_put_string(struct kvs__ebml_writer *writer, uint32_t id, const char *value);
void kvs__ebml_put_binary(struct kvs__ebml_writer *writer, uint32_t id, struct kvs_span value);
/* Calls `body` twice: to measure and to write. */
void kvs__ebml_put_master(struct kvs__ebml_writer *writer, uint32_t id, kvs__ebml_body *body,
                          const void *context);

#endif
