/**
 * What a live block of the content store looks like in memory.
 *
 * The arena is an array of cells of 16 bytes; offsets and sizes count cells. A block is one cell of
 * header and then the bytes of the caller, which are aligned to 16 that way. Blocks and gaps (free
 * stretches) lie one behind the other without holes. Gaps have nothing in the arena: they are
 * records in the table of gaps.h.
 *
 * A block knows what lies on either side. So a release reads its own header and the table, both of
 * which it needs anyway, and only writes to its neighbours' headers. Reading them would cost two
 * more waits for memory, which is where an allocator's time goes once a store is large.
 */
#ifndef KVS_HEAP_BLOCK_H
#define KVS_HEAP_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kvs__block {
    /**
     * Tells a live block from any other bytes. It comes first, so that a write that runs over the
     * end of the block before breaks it before anything else.
     */
    uint32_t seal;
    /** The size of the block with its header. */
    uint32_t size;
    /** Twice the size of the block before, or twice the number of the gap before plus 1. */
    uint32_t before;
    /** The number of the gap behind, or 0 when a block or the wilderness follows. */
    uint32_t after;
};

#define KVS__CELL_BYTES ((size_t)16)

/** A header, and something behind it. */
#define KVS__BLOCK_MIN_CELLS 2u

_Static_assert(sizeof(struct kvs__block) == KVS__CELL_BYTES, "a header is a cell");
_Static_assert(KVS__CELL_BYTES % 8 == 0, "blocks are aligned for every type, in every build");

/** The seal of a block; it depends on the place, so that a copy of a header does not count. */
static inline uint32_t kvs__block_seal(uint32_t offset, uint32_t size) {
    return (size ^ UINT32_C(0x5bd1e995)) * UINT32_C(0x9e3779b1) + offset * UINT32_C(0x85ebca77);
}

static inline bool kvs__block_is_live(const struct kvs__block *cells, uint32_t offset) {
    return cells[offset].seal == kvs__block_seal(offset, cells[offset].size);
}

/** Makes a header count for nothing, even when a block that is cut later has it in its middle. */
static inline void kvs__block_break_seal(struct kvs__block *cells, uint32_t offset) {
    cells[offset].seal = ~kvs__block_seal(offset, cells[offset].size);
}

static inline uint32_t kvs__before_gap(uint32_t gap) { return gap << 1 | 1; }

static inline uint32_t kvs__before_block(uint32_t size) { return size << 1; }

/** The number of the gap that `before` of a block tells of; 0 when a block lies there. */
static inline uint32_t kvs__gap_before(uint32_t before) {
    return (before & 1) != 0 ? before >> 1 : 0;
}

#endif
