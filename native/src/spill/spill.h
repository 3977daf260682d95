/**
 * Hands out the space of a spill and does its I/O.
 *
 * The space is an array of units. Extents (what is handed out) and gaps (free stretches) lie one
 * behind the other without holes, and a released extent merges with the gaps on either side at
 * once. So a stream that keeps its frames for long pins these frames only, and not what was spilt
 * beside them.
 *
 * All of the bookkeeping is in memory, 4 bytes a unit and 20 a gap. These pages cost memory only
 * once the part of the spill that they describe is used; nothing is allocated after
 * kvs__spill_new. Each operation takes the same few steps however much is in the spill.
 *
 * Thread: not locked, as the heap.
 */
#ifndef KVS_SPILL_SPILL_H
#define KVS_SPILL_SPILL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "heap/gaps.h"
#include "kvs/allocator.h"
#include "kvs/spill.h"
#include "platform/pages.h"

/** The smallest unit, to which an extent is rounded up, is 2 to the power of this many bytes. */
#define KVS__SPILL_MIN_UNIT_BITS 10u

/**
 * The most units. A spill of over 16 GiB has larger units in place of more of them, so that the
 * bookkeeping stays below a bound.
 */
#define KVS__SPILL_MAX_UNITS (UINT32_C(1) << 24)

struct kvs__spill_stats {
    /** The size asked for, rounded down to units. */
    uint64_t size_bytes;
    /** What extents take, their rounding included, and the most that this has been. */
    uint64_t allocated_bytes;
    uint64_t peak_bytes;
};

/* What the operations and the auditor share. */
struct kvs__spill {
    const struct kvs_allocator *allocator;
    struct kvs_spill_io io;
    struct kvs_pages pages;
    /** In `pages`, one for each unit; see tag.h. */
    uint32_t *tags;
    /** A unit is 2 to the power of this many bytes. */
    unsigned unit_bits;
    /** How many units there are, how many are handed out, and the most that this has been. */
    uint32_t units;
    uint32_t allocated;
    uint32_t peak;
    uint32_t extent_count;
    struct kvs__gaps gaps;
};

/**
 * Makes an empty spill of `bytes`, which is at least one unit.
 *
 * Ownership: the caller destroys it; `io` is copied, and closed by kvs__spill_destroy. On failure
 * it stays open.
 * Errors: NULL when there is no memory.
 */
struct kvs__spill *kvs__spill_new(const struct kvs_allocator *allocator,
                                  const struct kvs_spill_io *io, uint64_t bytes);

/** Closes the I/O and gives back the bookkeeping. Accepts NULL. */
void kvs__spill_destroy(struct kvs__spill *spill);

/**
 * Takes room for `len` bytes.
 *
 * Errors: KVS_STATUS_INVALID_ARG when `len` is 0; KVS_STATUS_STORE_OUT_OF_MEMORY when no gap that
 * is found is large enough; one that is larger by 1/32 and a unit always is found. On Windows also
 * when the system cannot back more of the bookkeeping.
 */
kvs_status kvs__spill_allocate(struct kvs__spill *spill, uint32_t len, uint64_t *offset);

/**
 * Gives back what kvs__spill_allocate gave for the same `len`. Anything else is a defect of this
 * library: checked builds end the process, others ignore the call where they notice.
 */
void kvs__spill_release(struct kvs__spill *spill, uint64_t offset, uint32_t len);

/**
 * Stores `len` bytes anywhere in an extent. When that fails their place has undefined bytes in it.
 *
 * Errors: those of the I/O; KVS_STATUS_INTERNAL_ERROR for a place that is not in the spill.
 */
kvs_status kvs__spill_write(struct kvs__spill *spill, uint64_t offset, const void *data,
                            uint32_t len);

/**
 * Reads `len` bytes from anywhere in an extent, where they were written.
 *
 * Errors: as above.
 */
kvs_status kvs__spill_read(struct kvs__spill *spill, uint64_t offset, void *out, uint32_t len);

/** Writes how full the spill is to `stats`; all zero for no spill. */
void kvs__spill_stats(const struct kvs__spill *spill, struct kvs__spill_stats *stats);

/**
 * Audits the bookkeeping for tests and fuzzers: walks every extent, every gap and every list and
 * compares them with each other and with the totals. The I/O is not touched.
 */
bool kvs__spill_check(const struct kvs__spill *spill);

#endif
