/**
 * Releasing blocks of which many lie one behind the other, as the frames of a fragment do: they
 * become one gap at once, where each by itself would be moved from list to list.
 */
#ifndef KVS_HEAP_RUN_H
#define KVS_HEAP_RUN_H

#include "kvs/heap.h"

/** Blocks next to each other that are released and no gap yet; all zero for none. Cells, and what a
 * block says of its neighbours. */
struct kvs__heap_run {
    uint32_t begin;
    uint32_t end;
    uint32_t before;
    uint32_t after;
};

/** Releases a block as kvs_heap_release does. The heap is not used for anything else until
 * kvs__heap_run_end. */
void kvs__heap_run_add(struct kvs_heap *heap, struct kvs__heap_run *run, void *block);

/** Has a place for new blocks where those of the run were. */
void kvs__heap_run_end(struct kvs_heap *heap, struct kvs__heap_run *run);

#endif
