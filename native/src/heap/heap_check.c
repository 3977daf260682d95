#include "heap/heap_internal.h"

/* What is found by walking the arena, and again by walking the lists. */
struct tally {
    uint64_t live_cells;
    uint64_t live_blocks;
    uint64_t gap_cells;
    uint64_t gaps;
};

/* Whether a gap that lies behind a block of `before` cells at `offset` is recorded so. */
static bool gap_is_recorded(const struct kvs_heap *heap, uint32_t number, uint32_t offset,
                            uint32_t before) {
    const struct kvs__gap *gap = kvs__gaps_at(&heap->gaps, number);
    return gap != NULL && gap->offset == offset && gap->before == before &&
           gap->size >= KVS__BLOCK_MIN_CELLS && gap->size < heap->top - offset;
}

/* Walks blocks and gaps in the order of their addresses. */
static bool walk_arena(const struct kvs_heap *heap, struct tally *tally) {
    uint32_t expected_before = kvs__before_block(0);
    uint32_t offset = 0;
    while (offset < heap->top) {
        const struct kvs__block *block = &heap->cells[offset];
        if (!kvs__block_is_live(heap->cells, offset) || block->before != expected_before ||
            block->size < (offset == 0 ? 1 : KVS__BLOCK_MIN_CELLS) ||
            block->size > heap->top - offset) {
            return false;
        }
        if (offset != 0) {
            tally->live_blocks++;
            tally->live_cells += block->size;
        }
        offset += block->size;
        expected_before = kvs__before_block(block->size);
        if (block->after != KVS__GAP_NONE) {
            if (!gap_is_recorded(heap, block->after, offset, block->size)) {
                return false;
            }
            uint32_t size = kvs__gaps_at(&heap->gaps, block->after)->size;
            tally->gaps++;
            tally->gap_cells += size;
            offset += size;
            expected_before = kvs__before_gap(block->after);
        }
    }
    return expected_before == kvs__before_block(heap->before_top);
}

/* Whether the gaps of a list are linked both ways and belong to its class. */
static bool walk_list(const struct kvs__gaps *gaps, unsigned row, unsigned column,
                      struct tally *tally) {
    uint32_t prev = KVS__GAP_NONE;
    uint32_t number = gaps->heads[row][column];
    while (number != KVS__GAP_NONE) {
        const struct kvs__gap *gap = kvs__gaps_at(gaps, number);
        if (gap == NULL || gap->prev != prev) {
            return false;
        }
        struct kvs__gap_class class = kvs__gap_class_of(gap->size);
        if (class.row != row || class.column != column) {
            return false;
        }
        tally->gaps++;
        tally->gap_cells += gap->size;
        prev = number;
        number = gap->next;
    }
    return true;
}

static bool walk_lists(const struct kvs__gaps *gaps, struct tally *tally) {
    for (unsigned row = 0; row < KVS__GAPS_ROWS; row++) {
        if ((gaps->row_map[row] != 0) != ((gaps->map >> row & 1) != 0)) {
            return false;
        }
        for (unsigned column = 0; column < KVS__GAPS_COLUMNS; column++) {
            bool marked = (gaps->row_map[row] >> column & 1) != 0;
            if (marked != (gaps->heads[row][column] != KVS__GAP_NONE) ||
                !walk_list(gaps, row, column, tally)) {
                return false;
            }
        }
    }
    return gaps->map >> KVS__GAPS_ROWS == 0;
}

/* Whether the records that hold no gap are `count` in number and all in the list of unused ones. */
static bool walk_unused(const struct kvs__gaps *gaps, uint64_t count) {
    uint32_t number = gaps->unused;
    for (; number != KVS__GAP_NONE && count > 0; count--) {
        if (number >= gaps->end || gaps->table[number].size != 0) {
            return false;
        }
        number = gaps->table[number].next;
    }
    return number == KVS__GAP_NONE && count == 0;
}

bool kvs__heap_check(const struct kvs_heap *heap) {
    struct tally arena = {0};
    struct tally lists = {0};
    if (heap == NULL || heap->top > heap->end || !walk_arena(heap, &arena) ||
        !walk_lists(&heap->gaps, &lists) ||
        !walk_unused(&heap->gaps, heap->gaps.end - 1 - lists.gaps)) {
        return false;
    }
    /* Equal counts and sums: every gap is in a list, and in one only. */
    return arena.gaps == lists.gaps && arena.gap_cells == lists.gap_cells &&
           arena.live_blocks == heap->block_count && arena.live_cells == heap->allocated &&
           heap->allocated <= heap->peak && heap->peak <= kvs__heap_capacity(heap);
}
