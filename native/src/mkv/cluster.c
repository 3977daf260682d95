/* Clusters and their blocks (RFC 9559, sections 5.1.3 and 10.2). */
#include "mkv/block.h"

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
    if (payload_len > KVS__BLOCK_MAX_PAYLOAD) {
        return KVS_STATUS_MKV_NUMBER_TOO_BIG;
    }
    return KVS_STATUS_SUCCESS;
}

size_t kvs_mkv_block_header_size(uint64_t payload_len) {
    if (payload_len > KVS__BLOCK_MAX_PAYLOAD) {
        return 0;
    }
    return kvs__block_header_size(payload_len);
}

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
    size_t header_size = kvs__block_header_size(payload_len);
    if (capacity < header_size) {
        return KVS_STATUS_BUFFER_TOO_SMALL;
    }
    kvs__block_store_header(track_number, (int16_t)relative_timecode, flags, payload_len,
                            header_size, out);
    *written = header_size;
    return KVS_STATUS_SUCCESS;
}
