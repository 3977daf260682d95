/**
 * NAL units in their two framings: Annex-B start codes (ITU-T H.264 and H.265, Annex B) and 4-byte
 * big-endian lengths ("AVCC", ISO/IEC 14496-15), which is what Matroska stores.
 *
 * Everything works on memory of the caller, keeps nothing and allocates nothing. NAL units are
 * passed on as they are: emulation prevention bytes stay. Remote or broken bytes give a status.
 *
 * Thread: any, for every function here.
 */
#ifndef KVS_NAL_H
#define KVS_NAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kvs/export.h"
#include "kvs/span.h"
#include "kvs/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** NAL units of a frame that an index remembers; frames with more are scanned again from there on.
 */
#define KVS_NAL_INDEX_INLINE 64
/** Bytes of the length before each NAL unit in the AVCC framing that is written and read here. */
#define KVS_NAL_LENGTH_BYTES 4

/** Where the NAL units of an Annex-B frame are. Plain data, valid as long as the frame is
 * unchanged. */
struct kvs_annexb_index {
    /** Bytes that kvs_annexb_to_avcc writes. */
    size_t avcc_size;
    /** All NAL units, also those beyond the table. */
    uint32_t nal_count;
    /** The first KVS_NAL_INDEX_INLINE of them; without start code and trailing zeros. */
    struct {
        uint32_t offset, len;
    } nals[KVS_NAL_INDEX_INLINE];
};

/** How the NAL units that a reader walks through are framed. */
enum kvs_nal_framing {
    KVS_NAL_FRAMING_ANNEXB,
    /** Big-endian lengths of 1 to 4 bytes. */
    KVS_NAL_FRAMING_LENGTHS
};

/** Walks through NAL units one at a time. Set up by kvs_nal_reader_annexb or
 * kvs_nal_reader_lengths. */
struct kvs_nal_reader {
    struct kvs_span bytes;
    /** Where the next NAL unit (Annex-B) or its length starts; bytes.len at the end. */
    size_t position;
    enum kvs_nal_framing framing;
    /** KVS_NAL_FRAMING_LENGTHS: bytes of each length. */
    uint8_t length_bytes;
    /** Set when the walk ended early because the bytes are malformed. */
    bool malformed;
};

/**
 * The first position at or after `from` where 00 00 01 starts, or bytes.len when there is none.
 *
 * Uses SSE2 or NEON where every processor of the target has it, and AVX2 on one that does.
 */
KVS_API size_t kvs_find_start_code(struct kvs_span bytes, size_t from);

/**
 * Finds the NAL units of an Annex-B frame in one scan.
 *
 * Any number of zero bytes may precede a start code; zeros at the end of a NAL unit
 * (trailing_zero_8bits) are left out; empty NAL units and a start code at the very end are skipped.
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_MKV_INVALID_ANNEXB_NALU_IN_FRAME_DATA when something
 * other than zeros precedes the first start code, or there is no NAL unit at all (kvs_is_avcc tells
 * whether the frame is in the other framing); KVS_STATUS_MKV_INVALID_FRAME_DATA for more than 4
 * GiB.
 */
KVS_API kvs_status kvs_annexb_index(struct kvs_span frame, struct kvs_annexb_index *index);

/**
 * Copies a frame in the AVCC framing: exactly index->avcc_size bytes.
 *
 * @param index what kvs_annexb_index found in this very frame
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_BUFFER_TOO_SMALL; KVS_STATUS_INVALID_ARG when the frame
 * turns out to have other NAL units than when it was indexed, after a part of `out` was written.
 */
KVS_API kvs_status kvs_annexb_to_avcc(struct kvs_span frame, const struct kvs_annexb_index *index,
                                      uint8_t *out, size_t capacity);

/**
 * Whether a frame consists of NAL units after 4-byte lengths that add up exactly, at least one of
 * them not empty.
 *
 * To be asked about a frame that kvs_annexb_index has refused, or where the framing is known not to
 * be Annex-B: a frame that starts with 00 00 01 can be well-formed in both.
 */
KVS_API bool kvs_is_avcc(struct kvs_span frame);

/**
 * Turns the 4-byte lengths of a frame into start codes 00 00 00 01, in place.
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_MKV_INVALID_AVCC_NALU_IN_FRAME_DATA when kvs_is_avcc does
 * not hold, and then no byte has been changed.
 */
KVS_API kvs_status kvs_avcc_to_annexb(uint8_t *frame, size_t len);

/**
 * A reader for Annex-B bytes; malformed at once when they do not begin with a start code, before
 * which any number of zeros may stand.
 */
KVS_API struct kvs_nal_reader kvs_nal_reader_annexb(struct kvs_span bytes);

/** A reader for NAL units after lengths of 1 to 4 bytes each. */
KVS_API struct kvs_nal_reader kvs_nal_reader_lengths(struct kvs_span bytes, uint8_t length_bytes);

/**
 * The next NAL unit that is not empty; false at the end, where reader->malformed tells whether all
 * bytes were understood.
 *
 * Ownership: the NAL unit lies in the reader's bytes.
 */
KVS_API bool kvs_nal_reader_next(struct kvs_nal_reader *reader, struct kvs_span *nal);

#ifdef __cplusplus
}
#endif

#endif
