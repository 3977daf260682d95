#include "heap/gaps_check.h"
#include "heap/guard.h"
#include "heap/heap_internal.h"

/* What is found by walking the arena. */
struct tally {
    uint64_t live_cells;
    uint64_t live_blocks;
    struct kvs__gaps_tally gaps;
};

/* Whether a gap that lies behind a block of `before` cells at `offset` is recorded and left so. */
static bool gap_is_intact(const struct kvs_heap *heap, uint32_t number, uint32_t offset,
                          uint32_t before) {
    const struct kvs__gap *gap = kvs__gaps_at(&heap->gaps, number);
    return gap != NULL && gap->offset == offset && gap->before == before &&
           gap->size >= KVS__BLOCK_MIN_CELLS && gap->size < heap->top - offset &&
           kvs__guard_is_wiped(heap->cells, offset, gap->size);
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
            if (!kvs__guard_holds(heap->cells, offset)) {
                return false;
            }
            tally->live_blocks++;
            tally->live_cells += block->size;
        }
        offset += block->size;
        expected_before = kvs__before_block(block->size);
        if (block->after != KVS__GAP_NONE) {
            if (!gap_is_intact(heap, block->after, offset, block->size)) {
                return false;
            }
            uint32_t size = kvs__gaps_at(&heap->gaps, block->after)->size;
            tally->gaps.count++;
            tally->gaps.size += size;
            offset += size;
            expected_before = kvs__before_gap(block->after);
        }
    }
    return expected_before == kvs__before_block(heap->before_top);
}

bool kvs__heap_check(const struct kvs_heap *heap) {
    struct tally arena = {0};
    struct kvs__gaps_tally lists = {0};
    if (heap == NULL || heap->top > heap->end || !walk_arena(heap, &arena) ||
        !kvs__gaps_check(&heap->gaps, &lists)) {
        return false;
    }
    /* Equal counts and sums: every gap is in a list or the one cut last, and in one place only. */
    return arena.gaps.count == lists.count && arena.gaps.size == lists.size &&
           arena.live_blocks == heap->block_count && arena.live_cells == heap->allocated &&
           heap->allocated <= heap->peak && heap->peak <= kvs__heap_capacity(heap);
}

kvs_status kvs_heap_audit(const struct kvs_heap *heap) {
    if (heap == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    return kvs__heap_check(heap) ? KVS_STATUS_SUCCESS : KVS_STATUS_HEAP_CORRUPTED;
}
