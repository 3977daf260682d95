/**
 * What is noted about each unit of a spill.
 *
 * The first unit of an extent has its size, the first and the last of a gap have its number. The
 * last unit of an extent that has more than one holds nothing, so that what lies before any unit is
 * told by the tag there. All other tags mean nothing and may be left over from before.
 */
#ifndef KVS_SPILL_TAG_H
#define KVS_SPILL_TAG_H

#include <stdint.h>

#include "heap/gaps.h"

#define KVS__TAG_NOTHING 0u

static inline uint32_t kvs__tag_of_extent(uint32_t units) { return units << 1; }

static inline uint32_t kvs__tag_of_gap(uint32_t gap) { return gap << 1 | 1; }

/** The number of the gap, KVS__GAP_NONE when the tag is not one of a gap. */
static inline uint32_t kvs__tag_gap(uint32_t tag) {
    return (tag & 1) != 0 ? tag >> 1 : KVS__GAP_NONE;
}

#endif
