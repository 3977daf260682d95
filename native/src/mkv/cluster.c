/* Clusters and their blocks (RFC 9559, sections 5.1.3 and 10.2). */
#include "ebml.h"
#include "kvs/mkv.h"

/* What a SimpleBlock has before its payload: track number, relative timestamp (2 bytes), flags. */
#define BLOCK_FIELD_BYTES 4

#define SIMPLE_BLOCK_KEY 0x80u
#define SIMPLE_BLOCK_INVISIBLE 0x08u
#define SIMPLE_BLOCK_DISCARDABLE 0x01u

static void put_cluster(struct kvs__ebml_writer *writer, const void *context) {
    const uint64_t *timecode = context;
    kvs__ebml_put_id(writer, KVS_EBML_ID_CLUSTER);
    kvs__ebml_put_unknown_size(writer);
    kvs__ebml_put_uint(writer, KVS_EBML_ID_TIMESTAMP, *timecode);
}

kvs_status kvs_mkv_write_cluster(uint64_t timecode, uint8_t *out, size_t capacity,
                                 size_t *written) {
    return kvs__ebml_write(put_cluster, &timecode, out, capacity, written);
}

static uint8_t simple_block_flags(uint32_t flags) {
    uint32_t bits = 0;
    bits |= (flags & KVS_BLOCK_KEY) != 0 ? SIMPLE_BLOCK_KEY : 0;
    bits |= (flags & KVS_BLOCK_DISCARDABLE) != 0 ? SIMPLE_BLOCK_DISCARDABLE : 0;
    bits |= (flags & KVS_BLOCK_INVISIBLE) != 0 ? SIMPLE_BLOCK_INVISIBLE : 0;
    return (uint8_t)bits;
}

static kvs_status validate_block(uint8_t track_number, int64_t relative_timecode,
                                 uint64_t payload_len) {
    if (track_number == 0 || track_number > KVS_MKV_MAX_TRACK_NUMBER) {
        return KVS_STATUS_INVALID_ARG;
    }
    if (relative_timecode < INT16_MIN || relative_timecode > INT16_MAX) {
        return KVS_STATUS_MKV_LARGE_FRAME_TIMECODE;
    }
    if (payload_len == 0) {
        return KVS_STATUS_MKV_INVALID_FRAME_DATA;
    }
    if (payload_len > KVS_EBML_MAX_SIZE - BLOCK_FIELD_BYTES) {
        return KVS_STATUS_MKV_NUMBER_TOO_BIG;
    }
    return KVS_STATUS_SUCCESS;
}

size_t kvs_mkv_block_header_size(uint64_t payload_len) {
    if (payload_len > KVS_EBML_MAX_SIZE - BLOCK_FIELD_BYTES) {
        return 0;
    }
    return 1 + kvs__ebml_size_len(payload_len + BLOCK_FIELD_BYTES) + BLOCK_FIELD_BYTES;
}

/* Runs once a frame, so it stores its bytes directly instead of through a writer. */
kvs_status kvs_mkv_write_block_header(uint8_t track_number, int64_t relative_timecode,
                                      uint32_t flags, uint64_t payload_len, uint8_t *out,
                                      size_t capacity, size_t *written) {
    if (out == NULL || written == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs_status status = validate_block(track_number, relative_timecode, payload_len);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    uint64_t size = payload_len + BLOCK_FIELD_BYTES;
    size_t size_len = kvs__ebml_size_len(size);
    if (capacity < 1 + size_len + BLOCK_FIELD_BYTES) {
        return KVS_STATUS_BUFFER_TOO_SMALL;
    }
    uint16_t relative = (uint16_t)relative_timecode;
    out[0] = KVS_EBML_ID_SIMPLE_BLOCK;
    kvs__ebml_store_size(size, size_len, out + 1);
    uint8_t *fields = out + 1 + size_len;
    fields[0] = (uint8_t)(0x80u | track_number);
    fields[1] = (uint8_t)(relative >> 8);
    fields[2] = (uint8_t)relative;
    fields[3] = simple_block_flags(flags);
    *written = 1 + size_len + BLOCK_FIELD_BYTES;
    return KVS_STATUS_SUCCESS;
}
