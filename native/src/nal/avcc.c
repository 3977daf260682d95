/* Frames with 4-byte lengths (ISO/IEC 14496-15) into Annex-B, and how to recognise them. */
#include <string.h>

#include "kvs/nal.h"

bool kvs_is_avcc(struct kvs_span frame) {
    struct kvs_nal_reader reader = kvs_nal_reader_lengths(frame, KVS_NAL_LENGTH_BYTES);
    struct kvs_span nal;
    bool any = false;
    while (kvs_nal_reader_next(&reader, &nal)) {
        any = true;
    }
    return any && !reader.malformed;
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
        size_t nal_len = (size_t)at[0] << 24 | (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
        memcpy(at, start_code, sizeof(start_code));
        position += KVS_NAL_LENGTH_BYTES + nal_len;
    }
    return KVS_STATUS_SUCCESS;
}
