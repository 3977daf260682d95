/* The steps of a reader for Annex-B bytes, for those who know that theirs is one. */
#ifndef KVS_NAL_ANNEXB_READER_H
#define KVS_NAL_ANNEXB_READER_H

#include "nal/scan.h"

/* The position behind the first start code, before which only zeros may stand; 0 when there is
 * none. */
static inline size_t kvs__skip_first_start_code(struct kvs_span bytes) {
    size_t zeros = 0;
    while (zeros < bytes.len && bytes.data[zeros] == 0) {
        zeros++;
    }
    bool found = zeros >= KVS_START_CODE_BYTES - 1 && zeros < bytes.len && bytes.data[zeros] == 1;
    return found ? zeros + 1 : 0;
}

/* The NAL unit at or behind *position, which moves on to the next; false when there is none. */
static inline bool kvs__next_annexb(struct kvs_span bytes, size_t *position, struct kvs_span *nal) {
    const uint8_t *data = bytes.data;
    while (*position < bytes.len) {
        size_t start = *position;
        size_t code = kvs_find_start_code(bytes, start);
        size_t end = code;
        /* trailing_zero_8bits and leading_zero_8bits; a NAL unit never ends with a zero. */
        while (end > start && data[end - 1] == 0) {
            end--;
        }
        *position = code == bytes.len ? code : code + KVS_START_CODE_BYTES;
        if (end > start) {
            *nal = kvs_span_of(data + start, end - start);
            return true;
        }
    }
    return false;
}

#endif
