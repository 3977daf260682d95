/**
 * Guard bands around the bytes of a block, in a debug heap.
 *
 * With KVS_HEAP_DEBUG a block is its header, a record of how many bytes were asked for, a band, the
 * bytes of the caller, and a band from there to the end, which is 32 bytes or up to 63. The bands
 * hold a pattern, as do fresh and free bytes. Without it all of this costs nothing.
 */
#ifndef KVS_HEAP_GUARD_H
#define KVS_HEAP_GUARD_H

#include "heap/block.h"

#ifdef KVS_HEAP_DEBUG

#define KVS__GUARD_BAND_CELLS 2u
/** Between the header and the bytes of the caller, and behind these. */
#define KVS__GUARD_FRONT_CELLS (1u + KVS__GUARD_BAND_CELLS)
#define KVS__GUARD_BACK_CELLS KVS__GUARD_BAND_CELLS

/** Writes record, bands and fresh bytes of the block at `offset`, which was cut for `len` bytes. */
void kvs__guard_set(struct kvs__block *cells, uint32_t offset, size_t len);

/** Whether record and bands of the block at `offset`, whose header is intact, are so too. */
bool kvs__guard_holds(const struct kvs__block *cells, uint32_t offset);

/** Fills what becomes free. */
void kvs__guard_wipe(struct kvs__block *cells, uint32_t offset, uint32_t size);

/** Whether nothing was written to a gap. */
bool kvs__guard_is_wiped(const struct kvs__block *cells, uint32_t offset, uint32_t size);

#else

#define KVS__GUARD_FRONT_CELLS 0u
#define KVS__GUARD_BACK_CELLS 0u

static inline void kvs__guard_set(struct kvs__block *cells, uint32_t offset, size_t len) {
    (void)cells;
    (void)offset;
    (void)len;
}

static inline bool kvs__guard_holds(const struct kvs__block *cells, uint32_t offset) {
    (void)cells;
    (void)offset;
    return true;
}

static inline void kvs__guard_wipe(struct kvs__block *cells, uint32_t offset, uint32_t size) {
    (void)cells;
    (void)offset;
    (void)size;
}

static inline bool kvs__guard_is_wiped(const struct kvs__block *cells, uint32_t offset,
                                       uint32_t size) {
    (void)cells;
    (void)offset;
    (void)size;
    return true;
}

#endif

#endif
