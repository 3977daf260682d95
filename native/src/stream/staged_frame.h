/**
 * A frame that is in the store, adapted, and not yet in the view: it may wait for frames of other
 * tracks. Room for its block header is left in front of the payload; it is written once the frame's
 * fragment, and so its relative timecode, is known.
 */
#ifndef KVS_STREAM_STAGED_FRAME_H
#define KVS_STREAM_STAGED_FRAME_H

#include <stdint.h>

/** Where a payload is: at `data` in memory, or, when that is NULL, at `offset` in the spill. */
struct kvs__place {
    uint8_t *data;
    uint64_t offset;
};

struct kvs__staged_frame {
    /** Bits of enum kvs_frame_flags. */
    uint32_t flags;
    uint32_t track_index;
    int64_t pts_ns;
    int64_t dts_ns;
    int64_t duration_ns;
    struct kvs__place place;
    /** With and without the block header. */
    uint32_t size;
    uint32_t payload_len;
    /** When it was put. */
    int64_t put_ns;
    /** Frames of the lead track put so far, this one included: what metadata is ordered by. */
    uint64_t lead_count;
    /** Number of the format that it was put in, see struct stream_format. */
    uint32_t format;
};

#endif
