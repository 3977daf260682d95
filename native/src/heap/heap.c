#include "heap/guard.h"
#include "heap/heap_internal.h"
#include "heap/heap_run.h"

#include "platform/assert.h"

/*
 * How many gaps of the exact size class are tried before a larger class, and when nothing else is
 * left. The list is never searched to its end, so that the time stays bounded.
 */
#define PROBES_USUAL 4
#define PROBES_LAST_RESORT 64

/* What a block has in front of the bytes of the caller, and in all beside them. */
#define FRONT_CELLS (1u + KVS__GUARD_FRONT_CELLS)
#define OVERHEAD_CELLS (FRONT_CELLS + KVS__GUARD_BACK_CELLS)

/* Between two gaps, and behind the last, lies a live block, and both have a smallest size. */
static uint32_t gap_limit(uint32_t cells) { return cells / (2 * KVS__BLOCK_MIN_CELLS) + 1; }

/* Writes the header of a live block. */
static void set_block(struct kvs_heap *heap, uint32_t offset, uint32_t size, uint32_t before,
                      uint32_t after) {
    const struct kvs__block block = {kvs__block_seal(offset, size), size, before, after};
    heap->cells[offset] = block;
}

kvs_status kvs_heap_new(const struct kvs_allocator *allocator, uint64_t size_bytes,
                        struct kvs_heap **heap) {
    if (allocator == NULL || heap == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    if (size_bytes < KVS_HEAP_MIN_BYTES || size_bytes > KVS_HEAP_MAX_BYTES) {
        return KVS_STATUS_INVALID_STORAGE_SIZE;
    }
    if (size_bytes > SIZE_MAX - KVS__CELL_BYTES) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    struct kvs_heap *made = allocator->allocate(allocator->context, sizeof *made);
    if (made == NULL) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    made->allocator = allocator;
    made->end = (uint32_t)(size_bytes / KVS__CELL_BYTES) + 1;
    if (!kvs__pages_reserve(&made->arena, made->end * KVS__CELL_BYTES)) {
        goto fail_arena;
    }
    if (!kvs__pages_back(&made->arena, KVS__CELL_BYTES) ||
        !kvs__gaps_init(&made->gaps, gap_limit(made->end))) {
        goto fail_gaps;
    }
    made->cells = (struct kvs__block *)(void *)made->arena.base;
    made->top = 1;
    made->before_top = 1;
    set_block(made, 0, 1, kvs__before_block(0), KVS__GAP_NONE);
    *heap = made;
    return KVS_STATUS_SUCCESS;

fail_gaps:
    kvs__pages_release(&made->arena);
fail_arena:
    allocator->release(allocator->context, made);
    return KVS_STATUS_NOT_ENOUGH_MEMORY;
}

void kvs_heap_destroy(struct kvs_heap *heap) {
    if (heap != NULL) {
        kvs__gaps_clean_up(&heap->gaps);
        kvs__pages_release(&heap->arena);
        heap->allocator->release(heap->allocator->context, heap);
    }
}

/* Cuts a block of `size` cells, or a little more, from the front of a gap that is large enough. */
static uint32_t cut_gap(struct kvs_heap *heap, uint32_t number, uint32_t size) {
    const struct kvs__gap *gap = &heap->gaps.table[number];
    uint32_t offset = gap->offset;
    uint32_t before = gap->before;
    if (gap->size - size >= KVS__BLOCK_MIN_CELLS) {
        set_block(heap, offset, size, kvs__before_block(before), number);
        kvs__gaps_cut(&heap->gaps, number, size);
    } else {
        set_block(heap, offset, gap->size, kvs__before_block(before), KVS__GAP_NONE);
        heap->cells[offset + gap->size].before = kvs__before_block(gap->size);
        kvs__gaps_remove(&heap->gaps, number);
    }
    heap->cells[offset - before].after = KVS__GAP_NONE;
    return offset;
}

/* Cuts a block of `size` cells from the wilderness, if it has them and the system can back them. */
static bool cut_wilderness(struct kvs_heap *heap, uint32_t size, uint32_t *offset) {
    if (size > heap->end - heap->top ||
        !kvs__pages_back(&heap->arena, (heap->top + size) * KVS__CELL_BYTES)) {
        return false;
    }
    set_block(heap, heap->top, size, kvs__before_block(heap->before_top), KVS__GAP_NONE);
    *offset = heap->top;
    heap->top += size;
    heap->before_top = size;
    return true;
}

/* Cuts a block of at least `size` cells where there is room; false when there is none. */
static bool cut(struct kvs_heap *heap, uint32_t size, uint32_t *offset) {
    /* Releasing cannot fail, so the record that it may need is secured here. */
    if (!kvs__gaps_back(&heap->gaps, heap->block_count + 1)) {
        return false;
    }
    uint32_t gap = kvs__gaps_find(&heap->gaps, size, PROBES_USUAL);
    if (gap == KVS__GAP_NONE) {
        if (cut_wilderness(heap, size, offset)) {
            return true;
        }
        gap = kvs__gaps_find(&heap->gaps, size, PROBES_LAST_RESORT);
    }
    if (gap == KVS__GAP_NONE) {
        return false;
    }
    *offset = cut_gap(heap, gap, size);
    return true;
}

kvs_status kvs_heap_allocate(struct kvs_heap *heap, size_t size, void **block) {
    if (heap == NULL || block == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    if (size == 0) {
        return KVS_STATUS_INVALID_ARG;
    }
    if (size > kvs_heap_max_allocation(heap)) {
        return KVS_STATUS_STORE_OUT_OF_MEMORY;
    }
    uint32_t offset;
    uint32_t payload = (uint32_t)((size - 1) / KVS__CELL_BYTES) + 1;
    if (!cut(heap, OVERHEAD_CELLS + payload, &offset)) {
        return KVS_STATUS_STORE_OUT_OF_MEMORY;
    }
    heap->block_count++;
    heap->allocated += heap->cells[offset].size;
    if (heap->allocated > heap->peak) {
        heap->peak = heap->allocated;
    }
    kvs__guard_set(heap->cells, offset, size);
    *block = &heap->cells[offset + FRONT_CELLS];
    return KVS_STATUS_SUCCESS;
}

/* Finds the live block whose bytes begin at `pointer`; false when there is none. */
static bool find_live(const struct kvs_heap *heap, const void *pointer, uint32_t *offset) {
    /* A pointer below the arena gives a distance that is larger than any. */
    uintptr_t distance = (uintptr_t)pointer - (uintptr_t)heap->cells;
    uintptr_t cell = distance / KVS__CELL_BYTES;
    if (distance % KVS__CELL_BYTES != 0 || cell < 1 + FRONT_CELLS || cell >= heap->top) {
        return false;
    }
    *offset = (uint32_t)cell - FRONT_CELLS;
    return kvs__block_is_live(heap->cells, *offset);
}

/*
 * Whether what a live block says about its neighbours agrees with the table of gaps. It does unless
 * somebody wrote in front of the block's bytes.
 */
static bool is_intact(const struct kvs_heap *heap, uint32_t offset) {
    const struct kvs__block *block = &heap->cells[offset];
    const struct kvs__gap *gap;
    if ((block->before & 1) != 0) {
        gap = kvs__gaps_at(&heap->gaps, kvs__gap_before(block->before));
        if (gap == NULL || gap->offset + gap->size != offset) {
            return false;
        }
    } else if (block->before == 0 || block->before >> 1 > offset) {
        return false;
    }
    if (block->after != KVS__GAP_NONE) {
        gap = kvs__gaps_at(&heap->gaps, block->after);
        return gap != NULL && gap->offset == offset + block->size;
    }
    return block->size <= heap->top - offset;
}

/* Makes one gap of the place of a run and of the gaps on either side of it. */
static void merge(struct kvs_heap *heap, const struct kvs__heap_run *run, uint32_t gap_before) {
    struct kvs__gaps *gaps = &heap->gaps;
    uint32_t gap_after = run->after;
    uint32_t begin = run->begin;
    uint32_t end = run->end;
    uint32_t before = run->before >> 1;
    if (gap_before != KVS__GAP_NONE) {
        begin = kvs__gaps_at(gaps, gap_before)->offset;
        before = kvs__gaps_at(gaps, gap_before)->before;
    }
    if (gap_after != KVS__GAP_NONE) {
        end += kvs__gaps_at(gaps, gap_after)->size;
    }
    if (gap_before != KVS__GAP_NONE) {
        if (gap_after != KVS__GAP_NONE) {
            kvs__gaps_remove(gaps, gap_after);
        }
        kvs__gaps_move(gaps, gap_before, begin, end - begin, before);
        heap->cells[end].before = kvs__before_gap(gap_before);
    } else if (gap_after != KVS__GAP_NONE) {
        kvs__gaps_move(gaps, gap_after, begin, end - begin, before);
        heap->cells[begin - before].after = gap_after;
    } else {
        uint32_t gap = kvs__gaps_add(gaps, begin, end - begin, before);
        heap->cells[begin - before].after = gap;
        heap->cells[end].before = kvs__before_gap(gap);
    }
}

/* Gives the place of a run that ends at the top, and the gap before it, back to the wilderness. */
static void fall_back(struct kvs_heap *heap, const struct kvs__heap_run *run, uint32_t gap_before) {
    heap->top = run->begin;
    heap->before_top = run->before >> 1;
    if (gap_before != KVS__GAP_NONE) {
        heap->top = kvs__gaps_at(&heap->gaps, gap_before)->offset;
        heap->before_top = kvs__gaps_at(&heap->gaps, gap_before)->before;
        kvs__gaps_remove(&heap->gaps, gap_before);
        heap->cells[heap->top - heap->before_top].after = KVS__GAP_NONE;
    }
}

void kvs__heap_run_end(struct kvs_heap *heap, struct kvs__heap_run *run) {
    if (run->end == 0) {
        return;
    }
    uint32_t gap_before = kvs__gap_before(run->before);
    if (run->end == heap->top) {
        fall_back(heap, run, gap_before);
    } else {
        merge(heap, run, gap_before);
    }
    *run = (struct kvs__heap_run){0};
}

/* Whether `block` may be released: it is a live block, and nobody wrote where he should not. */
static bool check_release(const struct kvs_heap *heap, uint32_t offset) {
    bool intact = is_intact(heap, offset);
    KVS_ASSERT(intact, "nobody writes in front of a block");
    if (!intact) {
        return false;
    }
    bool guarded = kvs__guard_holds(heap->cells, offset);
    KVS_ASSERT(guarded, "nobody writes outside of a block's bytes");
    if (!guarded) {
        return false;
    }
    KVS_ASSERT(offset + heap->cells[offset].size == heap->top ||
                   heap->cells[offset].after != KVS__GAP_NONE ||
                   kvs__block_is_live(heap->cells, offset + heap->cells[offset].size),
               "nobody writes past the end of a block");
    return true;
}

void kvs__heap_run_add(struct kvs_heap *heap, struct kvs__heap_run *run, void *block) {
    uint32_t offset = 0;
    bool live = find_live(heap, block, &offset);
    KVS_ASSERT(live, "what is released is a live block of the heap");
    if (!live) {
        return;
    }
    if (offset != run->end) {
        kvs__heap_run_end(heap, run);
    }
    if (!check_release(heap, offset)) {
        return;
    }
    const struct kvs__block released = heap->cells[offset];
    kvs__block_break_seal(heap->cells, offset);
    kvs__guard_wipe(heap->cells, offset, released.size);
    heap->block_count--;
    heap->allocated -= released.size;
    if (run->end == 0) {
        run->begin = offset;
        run->before = released.before;
    }
    run->end = offset + released.size;
    run->after = released.after;
}

void kvs_heap_release(struct kvs_heap *heap, void *block) {
    if (heap == NULL || block == NULL) {
        return;
    }
    struct kvs__heap_run run = {0};
    kvs__heap_run_add(heap, &run, block);
    kvs__heap_run_end(heap, &run);
}

size_t kvs_heap_max_allocation(const struct kvs_heap *heap) {
    return heap == NULL ? 0 : (kvs__heap_capacity(heap) - OVERHEAD_CELLS) * KVS__CELL_BYTES;
}

void kvs_heap_stats(const struct kvs_heap *heap, struct kvs_heap_stats *stats) {
    if (stats == NULL) {
        return;
    }
    struct kvs_heap_stats now = {0};
    if (heap != NULL) {
        now.size_bytes = (uint64_t)kvs__heap_capacity(heap) * KVS__CELL_BYTES;
        now.allocated_bytes = (uint64_t)heap->allocated * KVS__CELL_BYTES;
        now.available_bytes = now.size_bytes - now.allocated_bytes;
        now.peak_bytes = (uint64_t)heap->peak * KVS__CELL_BYTES;
        now.block_count = heap->block_count;
    }
    *stats = now;
}
