/* Frames with 4-byte lengths (ISO/IEC 14496-15) into Annex-B, and how to recognise them. */
#include <string.h>

#include "kvs/nal.h"

/* A length is read the same way everywhere; compilers make one load of it where that may be. */
static size_t read_length(const uint8_t *at) {
    return (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
}

bool kvs_is_avcc(struct kvs_span frame) {
    size_t position = 0;
    bool any = false;
    while (position < frame.len) {
        size_t left = frame.len - position;
        if (left < KVS_NAL_LENGTH_BYTES) {
            return false;
        }
        size_t nal_len = read_length(frame.data + position);
        if (nal_len > left - KVS_NAL_LENGTH_BYTES) {
            return false;
        }
        any = any || nal_len != 0;
        position += KVS_NAL_LENGTH_BYTES + nal_len;
    }
    return any;
}

kvs_status kvs_avcc_to_annexb(uint8_t *frame, size_t len) {
    static const uint8_t start_code[KVS_NAL_LENGTH_BYTES] = {0, 0, 0, 1};
    if (frame == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    if (!kvs_is_avcc(kvs_span_of(frame, len))) {
        return KVS_STATUS_MKV_INVALID_AVCC_NALU_IN_FRAME_DATA;
    }
    size_t position = 0;
    while (position < len) {
        uint8_t *at = frame + position;
        size_t nal_len = read_length(at);
        memcpy(at, start_code, sizeof(start_code));
        position += KVS_NAL_LENGTH_BYTES + nal_len;
    }
    return KVS_STATUS_SUCCESS;
}
