/*
 * The header of a SimpleBlock (RFC 9559, section 10.2). It is written once a frame, hence in a
 * header, and byte by byte instead of through a writer.
 */
#ifndef KVS_MKV_BLOCK_H
#define KVS_MKV_BLOCK_H

#include "kvs/mkv.h"
#include "mkv/ebml.h"

/* What a SimpleBlock has before its payload: track number, relative timestamp (2 bytes), flags. */
#define KVS__BLOCK_FIELD_BYTES 4u
#define KVS__BLOCK_MAX_PAYLOAD (KVS_EBML_MAX_SIZE - KVS__BLOCK_FIELD_BYTES)

/* The flags of a SimpleBlock: key frame 80, invisible 08, discardable 01. */
static inline uint8_t kvs__block_flags(uint32_t flags) {
    return (uint8_t)((flags & KVS_BLOCK_KEY) << 7 | (flags & KVS_BLOCK_INVISIBLE) << 1 |
                     (flags & KVS_BLOCK_DISCARDABLE) >> 1);
}

_Static_assert(KVS_BLOCK_KEY << 7 == 0x80 && KVS_BLOCK_INVISIBLE << 1 == 0x08 &&
                   KVS_BLOCK_DISCARDABLE >> 1 == 0x01,
               "flags move into place");

/* Bytes of the header of a block with a payload of at most KVS__BLOCK_MAX_PAYLOAD bytes. */
static inline size_t kvs__block_header_size(uint64_t payload_len) {
    return 1 + kvs__ebml_size_len(payload_len + KVS__BLOCK_FIELD_BYTES) + KVS__BLOCK_FIELD_BYTES;
}

/* Writes the `header_size` bytes that kvs__block_header_size has found for the payload. Everything
 * is in range. */
static inline void kvs__block_store_header(uint8_t track_number, int16_t relative_timecode,
                                           uint32_t flags, uint64_t payload_len, size_t header_size,
                                           uint8_t *out) {
    size_t size_len = header_size - 1 - KVS__BLOCK_FIELD_BYTES;
    uint16_t relative = (uint16_t)relative_timecode;
    uint8_t *fields = out + 1 + size_len;
    out[0] = KVS_EBML_ID_SIMPLE_BLOCK;
    kvs__ebml_store_size(payload_len + KVS__BLOCK_FIELD_BYTES, size_len, out + 1);
    fields[0] = (uint8_t)(0x80u | track_number);
    fields[1] = (uint8_t)(relative >> 8);
    fields[2] = (uint8_t)relative;
    fields[3] = kvs__block_flags(flags);
}

#endif
