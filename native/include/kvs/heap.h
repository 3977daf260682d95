/**
 * The content store: blocks of any size out of one arena of fixed size.
 *
 * The arena is address space. The system backs a page when it is first written, and blocks are cut
 * from the part used before whenever one fits, so that the resident memory follows the high-water
 * mark of use and not the size of the store.
 *
 * Allocation and release take the same few steps however many blocks there are: free blocks are
 * kept in lists by size class (two-level segregated fit), and a released block is merged with its
 * free neighbours at once. A block costs 16 bytes plus rounding to 16.
 *
 * A library that is built with KVS_HEAP_DEBUG surrounds each block with guard bands of 32 bytes and
 * fills fresh and free bytes with patterns. A write that is out by a single byte is found then when
 * the block is released, and by kvs_heap_audit. A block costs 80 bytes more.
 *
 * Thread: a heap is not locked. Its owner calls it from one thread at a time.
 */
#ifndef KVS_HEAP_H
#define KVS_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kvs/allocator.h"
#include "kvs/export.h"
#include "kvs/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The smallest store, 10 MiB. */
#define KVS_HEAP_MIN_BYTES (UINT64_C(10) * 1024 * 1024)

/** The largest store, 10 GiB. */
#define KVS_HEAP_MAX_BYTES (UINT64_C(10) * 1024 * 1024 * 1024)

struct kvs_heap;

/** How full a store is. size_bytes is always allocated_bytes plus available_bytes. */
struct kvs_heap_stats {
    /** The size asked for, rounded down to a multiple of 16. */
    uint64_t size_bytes;
    /** What live blocks take, their overhead included. */
    uint64_t allocated_bytes;
    /** What is left. It may be in pieces, so that a block of this size need not fit. */
    uint64_t available_bytes;
    /** The most that allocated_bytes has ever been. */
    uint64_t peak_bytes;
    /** Live blocks. */
    uint64_t block_count;
};

/**
 * Makes a store of `size_bytes`. It reserves address space for all of it and touches a few pages
 * only.
 *
 * @param allocator gives the bookkeeping; it must outlive the heap. The arena comes from the
 * system. Ownership: the caller destroys *heap. Errors: KVS_STATUS_NULL_ARG;
 * KVS_STATUS_INVALID_STORAGE_SIZE when `size_bytes` is below KVS_HEAP_MIN_BYTES or above
 * KVS_HEAP_MAX_BYTES; KVS_STATUS_NOT_ENOUGH_MEMORY when the allocator has nothing left or the
 * system has no address space of that size, as on a 32-bit system with a large store.
 */
KVS_API kvs_status kvs_heap_new(const struct kvs_allocator *allocator, uint64_t size_bytes,
                                struct kvs_heap **heap);

/** Gives back the arena with every block in it; accepts NULL. */
KVS_API void kvs_heap_destroy(struct kvs_heap *heap);

/**
 * Takes `size` bytes, aligned to 16. Their content is undefined.
 *
 * Ownership: the block is the caller's until it is released; it dies with the heap.
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_INVALID_ARG when `size` is 0;
 * KVS_STATUS_STORE_OUT_OF_MEMORY when no free block is large enough, and on Windows also when the
 * system cannot back more of the arena. The remedy in both cases is to release blocks.
 */
KVS_API kvs_status kvs_heap_allocate(struct kvs_heap *heap, size_t size, void **block);

/**
 * Gives a block back; NULL does nothing.
 *
 * A pointer that is no live block of this heap (released before, in the middle of a block, of
 * another heap), or something that was written outside of its bytes, is a defect of the caller:
 * checked builds end the process where they notice, others ignore the call and leave the heap as it
 * is.
 */
KVS_API void kvs_heap_release(struct kvs_heap *heap, void *block);

/** The largest size that kvs_heap_allocate can serve while the store is empty, in bytes; 0 for
 * NULL. */
KVS_API size_t kvs_heap_max_allocation(const struct kvs_heap *heap);

/** Writes how full the store is to `stats`; all zero for a NULL heap. */
KVS_API void kvs_heap_stats(const struct kvs_heap *heap, struct kvs_heap_stats *stats);

/**
 * Walks every block and every list and compares them with each other and with the totals; in a
 * debug heap, see above, also with the patterns in guard bands and free bytes. Takes time in
 * proportion to the number of blocks, in a debug heap to the size of the store.
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_HEAP_CORRUPTED when anything is broken.
 */
KVS_API kvs_status kvs_heap_audit(const struct kvs_heap *heap);

/** The same for tests and fuzzers: false when anything is broken, or NULL. */
bool kvs__heap_check(const struct kvs_heap *heap);

#ifdef __cplusplus
}
#endif

#endif
