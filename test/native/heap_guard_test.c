/* A debug heap: built with the sources of the heap and KVS_HEAP_DEBUG, whatever the library has. */
#include <string.h>

#include "bad_release.h"
#include "kvs/build.h"
#include "kvs/heap.h"
#include "test.h"

enum { BAND = 32, FRESH = 0xcd };

static struct kvs_heap *new_heap(void) {
    struct kvs_heap *heap = NULL;
    CHECK_STATUS(kvs_heap_new(kvs_test_allocator(), KVS_HEAP_MIN_BYTES, &heap), KVS_STATUS_SUCCESS);
    return heap;
}

static uint8_t *take(struct kvs_heap *heap, size_t size) {
    void *block = NULL;
    CHECK_STATUS(kvs_heap_allocate(heap, size, &block), KVS_STATUS_SUCCESS);
    return block;
}

KVS_TEST(the_library_tells_that_it_has_a_debug_heap) {
    CHECK_EQ(kvs_build_flags() & KVS_BUILD_HEAP_DEBUG, KVS_BUILD_HEAP_DEBUG);
}

KVS_TEST(fresh_blocks_are_aligned_and_hold_a_pattern) {
    struct kvs_heap *heap = new_heap();
    for (size_t size = 1; size < 100; size++) {
        const uint8_t *block = take(heap, size);
        CHECK_EQ((uintptr_t)block % 16, 0);
        for (size_t i = 0; i < size; i++) {
            CHECK_EQ(block[i], FRESH);
        }
    }
    CHECK_STATUS(kvs_heap_audit(heap), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_heap_audit(NULL), KVS_STATUS_NULL_ARG);
    kvs_heap_destroy(heap);
}

/* Changes one byte outside of a block, which has to be noticed, and mends it. */
static void check_damage(struct kvs_heap *heap, uint8_t *block, ptrdiff_t at, bool try_release) {
    block[at] ^= 1;
    CHECK_STATUS(kvs_heap_audit(heap), KVS_STATUS_HEAP_CORRUPTED);
    if (try_release) {
        check_bad_release(heap, block);
    }
    block[at] ^= 1;
}

KVS_TEST(one_byte_past_either_end_of_a_block_is_noticed) {
    struct kvs_heap *heap = new_heap();
    for (size_t size = 1; size <= 48; size++) {
        uint8_t *before = take(heap, 100);
        uint8_t *block = take(heap, size);
        uint8_t *behind = take(heap, 100);
        memset(block, 0, size);
        check_damage(heap, block, -1, true);
        check_damage(heap, block, (ptrdiff_t)size, true);
        CHECK_STATUS(kvs_heap_audit(heap), KVS_STATUS_SUCCESS);
        kvs_heap_release(heap, block);
        CHECK_STATUS(kvs_heap_audit(heap), KVS_STATUS_SUCCESS);
        kvs_heap_release(heap, before);
        kvs_heap_release(heap, behind);
    }
    kvs_heap_destroy(heap);
}

KVS_TEST(every_byte_around_a_block_is_guarded) {
    struct kvs_heap *heap = new_heap();
    for (size_t size = 1; size <= 33; size += 16) {
        uint8_t *block = take(heap, size);
        uint8_t *behind = take(heap, 100);
        /* The header and the record of the size are in front of the band. */
        for (ptrdiff_t at = -BAND - 32; at < 0; at++) {
            check_damage(heap, block, at, at % 8 == 0);
        }
        for (ptrdiff_t at = 0; at < BAND; at++) {
            check_damage(heap, block, (ptrdiff_t)size + at, at % 8 == 0);
        }
        kvs_heap_release(heap, block);
        kvs_heap_release(heap, behind);
    }
    CHECK_STATUS(kvs_heap_audit(heap), KVS_STATUS_SUCCESS);
    kvs_heap_destroy(heap);
}

KVS_TEST(a_write_to_a_released_block_is_noticed) {
    struct kvs_heap *heap = new_heap();
    uint8_t *blocks[5];
    for (size_t i = 0; i < 5; i++) {
        blocks[i] = take(heap, 1000);
    }
    kvs_heap_release(heap, blocks[1]);
    kvs_heap_release(heap, blocks[3]);
    kvs_heap_release(heap, blocks[2]);
    for (size_t i = 1; i <= 3; i++) {
        CHECK(blocks[i][0] != FRESH);
        check_damage(heap, blocks[i], 0, true);
        check_damage(heap, blocks[i], 999, false);
    }
    CHECK_STATUS(kvs_heap_audit(heap), KVS_STATUS_SUCCESS);
    /* What is left of a gap is still watched. */
    CHECK(take(heap, 500) == blocks[1]);
    CHECK_EQ(blocks[1][0], FRESH);
    check_damage(heap, blocks[3], 0, false);
    kvs_heap_destroy(heap);
}

int main(void) {
    RUN(the_library_tells_that_it_has_a_debug_heap);
    RUN(fresh_blocks_are_aligned_and_hold_a_pattern);
    RUN(one_byte_past_either_end_of_a_block_is_noticed);
    RUN(every_byte_around_a_block_is_guarded);
    RUN(a_write_to_a_released_block_is_noticed);
    return kvs_test_report();
}
