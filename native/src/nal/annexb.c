/* Annex-B frames (ITU-T H.264 and H.265, clause B.1) into 4-byte lengths (ISO/IEC 14496-15). */
#include "nal/annexb_reader.h"
#include "platform/copy.h"

/* The table has 32-bit offsets. A length can be a byte longer than its start code, so that 4 bytes
 * of input may become 5 of output, which a size_t has to hold too. */
#define MAX_FRAME_BYTES (SIZE_MAX / 5 * 4 < UINT32_MAX ? SIZE_MAX / 5 * 4 : UINT32_MAX)

kvs_status kvs_annexb_index(struct kvs_span frame, struct kvs_annexb_index *index) {
    if (index == NULL || (frame.data == NULL && frame.len != 0)) {
        return KVS_STATUS_NULL_ARG;
    }
    if (frame.len > MAX_FRAME_BYTES) {
        return KVS_STATUS_MKV_INVALID_FRAME_DATA;
    }
    struct kvs_span nal;
    size_t position = kvs__skip_first_start_code(frame);
    if (position == 0) {
        return KVS_STATUS_MKV_INVALID_ANNEXB_NALU_IN_FRAME_DATA;
    }
    size_t avcc_size = 0;
    uint32_t count = 0;
    while (kvs__next_annexb(frame, &position, &nal)) {
        if (count < KVS_NAL_INDEX_INLINE) {
            index->nals[count].offset = (uint32_t)(nal.data - frame.data);
            index->nals[count].len = (uint32_t)nal.len;
        }
        count++;
        avcc_size += KVS_NAL_LENGTH_BYTES + nal.len;
    }
    if (count == 0) {
        return KVS_STATUS_MKV_INVALID_ANNEXB_NALU_IN_FRAME_DATA;
    }
    index->avcc_size = avcc_size;
    index->nal_count = count;
    return KVS_STATUS_SUCCESS;
}

struct output {
    uint8_t *at;
    size_t left;
};

/* False when the NAL unit does not fit, thus is not one of those that were counted. */
static bool put_nal(struct output *output, const uint8_t *nal, size_t len) {
    if (output->left < KVS_NAL_LENGTH_BYTES || len > output->left - KVS_NAL_LENGTH_BYTES) {
        return false;
    }
    output->at[0] = (uint8_t)(len >> 24);
    output->at[1] = (uint8_t)(len >> 16);
    output->at[2] = (uint8_t)(len >> 8);
    output->at[3] = (uint8_t)len;
    kvs__copy(output->at + KVS_NAL_LENGTH_BYTES, nal, len);
    output->at += KVS_NAL_LENGTH_BYTES + len;
    output->left -= KVS_NAL_LENGTH_BYTES + len;
    return true;
}

/* The NAL units from `from` on, which is where one ends. */
static bool put_rest(struct output *output, struct kvs_span frame, size_t from) {
    size_t code = kvs_find_start_code(frame, from);
    struct kvs_nal_reader reader =
        kvs_nal_reader_annexb(kvs_span_of(frame.data + code, frame.len - code));
    struct kvs_span nal;
    while (kvs_nal_reader_next(&reader, &nal)) {
        if (!put_nal(output, nal.data, nal.len)) {
            return false;
        }
    }
    return true;
}

kvs_status kvs_annexb_to_avcc(struct kvs_span frame, const struct kvs_annexb_index *index,
                              uint8_t *out, size_t capacity) {
    if (frame.data == NULL || index == NULL || out == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    if (capacity < index->avcc_size) {
        return KVS_STATUS_BUFFER_TOO_SMALL;
    }
    struct output output = {out, index->avcc_size};
    bool inlined = index->nal_count <= KVS_NAL_INDEX_INLINE;
    uint32_t known = inlined ? index->nal_count : KVS_NAL_INDEX_INLINE;
    size_t end = 0;
    /* Bounds are checked again: memory shared with another thread may have changed meanwhile. */
    for (uint32_t i = 0; i < known; i++) {
        size_t offset = index->nals[i].offset;
        size_t len = index->nals[i].len;
        if (offset > frame.len || len > frame.len - offset ||
            !put_nal(&output, frame.data + offset, len)) {
            return KVS_STATUS_INVALID_ARG;
        }
        end = offset + len;
    }
    if (!inlined && !put_rest(&output, frame, end)) {
        return KVS_STATUS_INVALID_ARG;
    }
    return output.left == 0 ? KVS_STATUS_SUCCESS : KVS_STATUS_INVALID_ARG;
}
