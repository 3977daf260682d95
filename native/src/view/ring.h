/**
 * The memory of a view's items: a ring by their indices, in chunks of a page or so.
 *
 * A chunk that is let go is the first to be used again. So a view that holds little touches little,
 * and always the same: going round all of a ring meets memory that no cache has, and the first time
 * costs a page fault for each chunk, within a put.
 */
#ifndef KVS_VIEW_RING_H
#define KVS_VIEW_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kvs/allocator.h"
#include "kvs/view.h"
#include "platform/assert.h"

#define KVS__RING_CHUNK_BITS 6u
#define KVS__RING_CHUNK_ITEMS (UINT32_C(1) << KVS__RING_CHUNK_BITS)

struct kvs__ring {
    /** Of the items; and what that and the tables below take. */
    void *memory;
    uint64_t memory_bytes;
    /** The chunk of an index; there are mask + 1, a power of two. */
    struct kvs_view_item **chunks;
    uint32_t mask;
    /** A stack of the chunks that are in no use, behind `chunks`. */
    uint32_t unused_count;
    struct kvs_view_item **unused;
};

/** How many chunks `capacity` items take at most: the oldest and the newest may be in chunks that
 * hold little else. */
static inline uint32_t kvs__ring_chunk_count(uint32_t capacity) {
    return capacity / KVS__RING_CHUNK_ITEMS + 2;
}

/** Makes `ring` ready for `capacity` items at a time; false when there is no memory. */
bool kvs__ring_init(struct kvs__ring *ring, const struct kvs_allocator *allocator,
                    uint32_t capacity);

void kvs__ring_clean_up(struct kvs__ring *ring, const struct kvs_allocator *allocator);

/** Where the chunk of `index` is noted. */
static inline struct kvs_view_item **kvs__ring_chunk(const struct kvs__ring *ring, uint64_t index) {
    return &ring->chunks[(size_t)(index >> KVS__RING_CHUNK_BITS) & ring->mask];
}

/** The place of the item at `index`, which lies from the oldest item to the newest. */
static inline struct kvs_view_item *kvs__ring_at(const struct kvs__ring *ring, uint64_t index) {
    return &(*kvs__ring_chunk(ring, index))[index % KVS__RING_CHUNK_ITEMS];
}

/** A place for the item at `index`, which comes next. */
static inline struct kvs_view_item *kvs__ring_next(struct kvs__ring *ring, uint64_t index) {
    if (index % KVS__RING_CHUNK_ITEMS == 0) {
        KVS_ASSERT(ring->unused_count > 0, "there are chunks for as many items as there may be");
        *kvs__ring_chunk(ring, index) = ring->unused[--ring->unused_count];
    }
    return kvs__ring_at(ring, index);
}

/** Lets go the oldest item, at `index`. It can be looked at until the next one comes. */
static inline void kvs__ring_forget(struct kvs__ring *ring, uint64_t index) {
    if ((index + 1) % KVS__RING_CHUNK_ITEMS == 0) {
        ring->unused[ring->unused_count++] = *kvs__ring_chunk(ring, index);
    }
}

#endif
