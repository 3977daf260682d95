/**
 * The state of a content store, shared by its operations and its auditor.
 *
 * Cell 0 is a block of one cell that is never released, so that every block and every gap has a
 * block before it. Blocks and gaps fill the cells up to `top`. What lies behind, the wilderness, is
 * no gap, as it may never have been touched; a block that is released in front of it falls back to
 * it. So no gap ends at `top`, and no two gaps are neighbours.
 */
#ifndef KVS_HEAP_INTERNAL_H
#define KVS_HEAP_INTERNAL_H

#include "heap/block.h"
#include "heap/gaps.h"
#include "kvs/heap.h"
#include "platform/pages.h"

/* All numbers count cells, unless their name says otherwise. */
struct kvs_heap {
    const struct kvs_allocator *allocator;
    struct kvs_pages arena;
    /** The arena, of `end` cells. */
    struct kvs__block *cells;
    uint32_t end;
    /** Where the wilderness begins, and the size of the block before it. */
    uint32_t top;
    uint32_t before_top;
    /** What live blocks take, and the most that this has been. */
    uint32_t allocated;
    uint32_t peak;
    uint32_t block_count;
    struct kvs__gaps gaps;
};

/** The cells that blocks can take: all but cell 0. */
static inline uint32_t kvs__heap_capacity(const struct kvs_heap *heap) { return heap->end - 1; }

#endif
