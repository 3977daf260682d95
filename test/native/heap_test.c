#include "kvs/heap.h"

#include <stdlib.h>
#include <string.h>

#include "bad_release.h"
#include "kvs/build.h"
#include "test.h"

static bool is_guarded(void) { return (kvs_build_flags() & KVS_BUILD_HEAP_DEBUG) != 0; }

/* What a block costs beside its bytes and their rounding. */
static size_t overhead(void) { return is_guarded() ? 96 : 16; }

static struct kvs_heap *new_heap(uint64_t size) {
    struct kvs_heap *heap = NULL;
    CHECK_STATUS(kvs_heap_new(kvs_test_allocator(), size, &heap), KVS_STATUS_SUCCESS);
    return heap;
}

static void *take(struct kvs_heap *heap, size_t size) {
    void *block = NULL;
    CHECK_STATUS(kvs_heap_allocate(heap, size, &block), KVS_STATUS_SUCCESS);
    return block;
}

static struct kvs_heap_stats stats_of(const struct kvs_heap *heap) {
    struct kvs_heap_stats stats;
    kvs_heap_stats(heap, &stats);
    return stats;
}

/* Whether the store has nothing in it and no trace of what was. */
static bool is_empty(struct kvs_heap *heap) {
    struct kvs_heap_stats stats = stats_of(heap);
    void *all = NULL;
    bool fits = kvs_heap_allocate(heap, kvs_heap_max_allocation(heap), &all) == KVS_STATUS_SUCCESS;
    kvs_heap_release(heap, all);
    return fits && stats.block_count == 0 && stats.allocated_bytes == 0 && kvs__heap_check(heap);
}

KVS_TEST(a_store_of_a_size_outside_the_limits_is_refused) {
    struct kvs_heap *heap = NULL;
    const struct kvs_allocator *allocator = kvs_test_allocator();
    CHECK_STATUS(kvs_heap_new(allocator, 0, &heap), KVS_STATUS_INVALID_STORAGE_SIZE);
    CHECK_STATUS(kvs_heap_new(allocator, KVS_HEAP_MIN_BYTES - 1, &heap),
                 KVS_STATUS_INVALID_STORAGE_SIZE);
    CHECK_STATUS(kvs_heap_new(allocator, KVS_HEAP_MAX_BYTES + 1, &heap),
                 KVS_STATUS_INVALID_STORAGE_SIZE);
    CHECK_STATUS(kvs_heap_new(allocator, UINT64_MAX, &heap), KVS_STATUS_INVALID_STORAGE_SIZE);
    CHECK_STATUS(kvs_heap_new(NULL, KVS_HEAP_MIN_BYTES, &heap), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_heap_new(allocator, KVS_HEAP_MIN_BYTES, NULL), KVS_STATUS_NULL_ARG);
    CHECK(heap == NULL);
}

KVS_TEST(a_store_that_cannot_be_made_leaves_nothing_behind) {
    struct kvs_heap *heap = NULL;
    kvs_test_fail_after(1);
    CHECK_STATUS(kvs_heap_new(kvs_test_allocator(), KVS_HEAP_MIN_BYTES, &heap),
                 KVS_STATUS_NOT_ENOUGH_MEMORY);
    CHECK(heap == NULL);
    CHECK_EQ(kvs_test_live_blocks(), 0);
}

KVS_TEST(wrong_arguments_are_refused_and_change_nothing) {
    struct kvs_heap *heap = new_heap(KVS_HEAP_MIN_BYTES);
    void *block = &heap;
    CHECK_STATUS(kvs_heap_allocate(heap, 0, &block), KVS_STATUS_INVALID_ARG);
    CHECK_STATUS(kvs_heap_allocate(NULL, 1, &block), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_heap_allocate(heap, 1, NULL), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_heap_allocate(heap, SIZE_MAX, &block), KVS_STATUS_STORE_OUT_OF_MEMORY);
    CHECK_STATUS(kvs_heap_allocate(heap, kvs_heap_max_allocation(heap) + 1, &block),
                 KVS_STATUS_STORE_OUT_OF_MEMORY);
    CHECK(block == &heap);
    kvs_heap_release(heap, NULL);
    kvs_heap_release(NULL, NULL);
    kvs_heap_stats(heap, NULL);
    CHECK_EQ(kvs_heap_max_allocation(NULL), 0);
    CHECK_EQ(stats_of(NULL).size_bytes, 0);
    CHECK(is_empty(heap));
    kvs_heap_destroy(heap);
    kvs_heap_destroy(NULL);
}

KVS_TEST(blocks_of_any_size_are_aligned_and_hold_what_is_written) {
    struct kvs_heap *heap = new_heap(KVS_HEAP_MIN_BYTES);
    uint8_t *blocks[300];
    for (size_t size = 1; size < 300; size++) {
        blocks[size] = take(heap, size);
        CHECK_EQ((uintptr_t)blocks[size] % 16, 0);
        CHECK_EQ(stats_of(heap).allocated_bytes % 16, 0);
        memset(blocks[size], (int)(size & 0xff), size);
    }
    for (size_t size = 1; size < 300; size++) {
        CHECK_EQ(blocks[size][0], size & 0xff);
        CHECK_EQ(blocks[size][size - 1], size & 0xff);
        kvs_heap_release(heap, blocks[size]);
    }
    CHECK(is_empty(heap));
    kvs_heap_destroy(heap);
}

KVS_TEST(stats_add_up_and_remember_the_peak) {
    struct kvs_heap *heap = new_heap(KVS_HEAP_MIN_BYTES + 7);
    CHECK_EQ(stats_of(heap).size_bytes, KVS_HEAP_MIN_BYTES);
    CHECK_EQ(stats_of(heap).available_bytes, KVS_HEAP_MIN_BYTES);
    void *first = take(heap, 10000);
    void *second = take(heap, 1);
    struct kvs_heap_stats stats = stats_of(heap);
    CHECK_EQ(stats.block_count, 2);
    CHECK_EQ(stats.size_bytes, stats.allocated_bytes + stats.available_bytes);
    CHECK(stats.allocated_bytes >= 10001 && stats.allocated_bytes <= 10001 + 2 * (overhead() + 15));
    kvs_heap_release(heap, first);
    kvs_heap_release(heap, second);
    CHECK_EQ(stats_of(heap).peak_bytes, stats.allocated_bytes);
    CHECK(is_empty(heap));
    kvs_heap_destroy(heap);
}

/* Fills the store with blocks of `size` bytes and returns how many there are. */
static size_t fill(struct kvs_heap *heap, size_t size, void **blocks, size_t most) {
    size_t count = 0;
    while (count < most && kvs_heap_allocate(heap, size, &blocks[count]) == KVS_STATUS_SUCCESS) {
        count++;
    }
    CHECK(count < most);
    return count;
}

KVS_TEST(an_exhausted_store_recovers_completely) {
    enum { SIZE = 10000, MOST = 1100 };
    struct kvs_heap *heap = new_heap(KVS_HEAP_MIN_BYTES);
    void *blocks[MOST];
    size_t count = fill(heap, SIZE, blocks, MOST);
    CHECK_EQ(count, KVS_HEAP_MIN_BYTES / (SIZE + overhead()));
    /* Each hole takes what it held again, and nothing larger. */
    for (size_t i = 0; i < count; i += 2) {
        kvs_heap_release(heap, blocks[i]);
    }
    void *larger = NULL;
    CHECK_STATUS(kvs_heap_allocate(heap, SIZE + 1, &larger), KVS_STATUS_STORE_OUT_OF_MEMORY);
    for (size_t i = 0; i < count; i += 2) {
        blocks[i] = take(heap, SIZE);
    }
    CHECK(kvs__heap_check(heap));
    CHECK_EQ(stats_of(heap).block_count, count);
    for (size_t i = 0; i < count; i++) {
        kvs_heap_release(heap, blocks[(i * 7919) % count]);
    }
    CHECK(is_empty(heap));
    kvs_heap_destroy(heap);
}

KVS_TEST(a_hole_is_found_behind_others_that_are_a_little_too_small) {
    enum { SIZE = 10000, SMALLER = 20, MOST = 1100 };
    struct kvs_heap *heap = new_heap(KVS_HEAP_MIN_BYTES);
    void *fitting = take(heap, SIZE + 32);
    void *blocks[MOST];
    size_t count = fill(heap, SIZE, blocks, MOST);
    kvs_heap_release(heap, fitting);
    for (size_t i = 1; i <= SMALLER; i++) {
        kvs_heap_release(heap, blocks[2 * i]);
    }
    CHECK(take(heap, SIZE + 32) == fitting);
    void *more = NULL;
    CHECK_STATUS(kvs_heap_allocate(heap, SIZE + 32, &more), KVS_STATUS_STORE_OUT_OF_MEMORY);
    CHECK_EQ(stats_of(heap).block_count, 1 + count - SMALLER);
    CHECK(kvs__heap_check(heap));
    kvs_heap_destroy(heap);
}

KVS_TEST(holes_are_filled_before_fresh_memory_is_used) {
    struct kvs_heap *heap = new_heap(KVS_HEAP_MIN_BYTES);
    uint8_t *blocks[200];
    for (size_t i = 0; i < 200; i++) {
        blocks[i] = take(heap, 10000);
    }
    for (size_t i = 0; i < 199; i += 2) {
        kvs_heap_release(heap, blocks[i]);
    }
    for (size_t i = 0; i < 199; i += 2) {
        uint8_t *again = take(heap, 10000);
        CHECK(again < blocks[199]);
    }
    CHECK((uint8_t *)take(heap, 10000) > blocks[199]);
    kvs_heap_destroy(heap);
}

KVS_TEST(the_largest_block_takes_the_whole_store) {
    struct kvs_heap *heap = new_heap(KVS_HEAP_MIN_BYTES);
    uint8_t *all = take(heap, kvs_heap_max_allocation(heap));
    all[0] = 1;
    all[kvs_heap_max_allocation(heap) - 1] = 1;
    void *more = NULL;
    CHECK_STATUS(kvs_heap_allocate(heap, 1, &more), KVS_STATUS_STORE_OUT_OF_MEMORY);
    CHECK_EQ(stats_of(heap).available_bytes, 0);
    kvs_heap_release(heap, all);
    CHECK(is_empty(heap));
    kvs_heap_destroy(heap);
}

/* A live block as a naive model knows it. */
struct model_block {
    uint8_t *bytes;
    uint32_t size;
    uint8_t fill;
};

static bool holds_fill(const struct model_block *block) {
    return block->bytes[0] == block->fill &&
           memcmp(block->bytes, block->bytes + 1, block->size - 1) == 0;
}

/* Random traffic of blocks below `max_size`, at most `most` at a time, against the model. */
static void run_model(uint64_t seed, size_t steps, size_t most, uint32_t max_size) {
    struct kvs_heap *heap = new_heap(KVS_HEAP_MIN_BYTES);
    struct model_block *model = calloc(most, sizeof *model);
    size_t count = 0;
    size_t bytes = 0;
    bool intact = true;
    kvs_test_seed_random(seed);
    if (is_guarded()) {
        /* Every check looks at every byte. */
        steps /= 10;
    }
    for (size_t step = 0; step < steps && intact; step++) {
        if (count < most && kvs_test_random_below(100) < 52) {
            struct model_block made = {NULL, 1 + kvs_test_random_below(max_size), (uint8_t)step};
            void *block = NULL;
            if (kvs_heap_allocate(heap, made.size, &block) == KVS_STATUS_SUCCESS) {
                made.bytes = block;
                memset(made.bytes, made.fill, made.size);
                bytes += made.size;
                model[count++] = made;
            }
        } else if (count > 0) {
            size_t at = kvs_test_random_below((uint32_t)count);
            intact = CHECK(holds_fill(&model[at]));
            kvs_heap_release(heap, model[at].bytes);
            bytes -= model[at].size;
            model[at] = model[--count];
        }
        struct kvs_heap_stats stats = stats_of(heap);
        intact = intact && CHECK_EQ(stats.block_count, count) &&
                 CHECK(stats.allocated_bytes >= bytes + overhead() * count) &&
                 CHECK(stats.allocated_bytes <= bytes + (overhead() + 32) * count) &&
                 (step % 32 != 0 || CHECK(kvs__heap_check(heap)));
    }
    while (count > 0) {
        CHECK(holds_fill(&model[--count]));
        kvs_heap_release(heap, model[count].bytes);
    }
    CHECK(is_empty(heap));
    free(model);
    kvs_heap_destroy(heap);
}

KVS_TEST(random_traffic_of_small_blocks_agrees_with_a_model) { run_model(1, 200000, 1000, 200); }

KVS_TEST(random_traffic_of_frames_agrees_with_a_model) { run_model(2, 200000, 400, 12000); }

KVS_TEST(random_traffic_beyond_the_size_of_the_store_agrees_with_a_model) {
    run_model(3, 20000, 300, 400000);
}

KVS_TEST(a_hole_that_fits_is_taken_before_what_is_left_of_the_last_one) {
    struct kvs_heap *heap = new_heap(KVS_HEAP_MIN_BYTES);
    uint8_t *large = take(heap, 2000);
    uint8_t *between = take(heap, 16);
    uint8_t *small = take(heap, 200);
    uint8_t *behind = take(heap, 16);
    kvs_heap_release(heap, large);
    uint8_t *first = take(heap, 300);
    CHECK(first == large);
    kvs_heap_release(heap, small);
    CHECK(take(heap, 200) == small);
    uint8_t *second = take(heap, 300);
    CHECK(second > first && second < between);
    CHECK(kvs__heap_check(heap));
    kvs_heap_release(heap, second);
    kvs_heap_release(heap, first);
    CHECK(take(heap, 2000) == large);
    kvs_heap_release(heap, between);
    kvs_heap_release(heap, large);
    kvs_heap_release(heap, behind);
    kvs_heap_release(heap, small);
    CHECK(is_empty(heap));
    kvs_heap_destroy(heap);
}

KVS_TEST(a_release_of_what_is_no_live_block_is_caught) {
    struct kvs_heap *heap = new_heap(KVS_HEAP_MIN_BYTES);
    struct kvs_heap *other = new_heap(KVS_HEAP_MIN_BYTES);
    uint8_t *first = take(heap, 100);
    uint8_t *second = take(heap, 100);
    uint8_t *third = take(heap, 100);
    uint8_t *last = take(heap, 100);
    uint8_t *foreign = take(other, 100);
    int local = 0;
    memset(second, 0, 100);
    check_bad_release(heap, foreign);
    check_bad_release(heap, &local);
    check_bad_release(heap, second + 1);
    check_bad_release(heap, second + 16);
    check_bad_release(heap, first - 16);
    check_bad_release(heap, first + KVS_HEAP_MIN_BYTES / 2);
    kvs_heap_release(heap, second);
    check_bad_release(heap, second);
    kvs_heap_release(heap, third);
    check_bad_release(heap, third);
    kvs_heap_release(heap, last);
    check_bad_release(heap, last);
    CHECK(kvs__heap_check(heap));
    /* Its place is in the middle of a larger block now. */
    uint8_t *large = take(heap, 1000);
    CHECK(large < third && third < large + 1000);
    check_bad_release(heap, third);
    kvs_heap_release(heap, large);
    kvs_heap_release(heap, first);
    CHECK(is_empty(heap));
    kvs_heap_release(other, foreign);
    kvs_heap_destroy(other);
    kvs_heap_destroy(heap);
}

KVS_TEST(a_block_that_was_written_in_front_of_is_not_released) {
    struct kvs_heap *heap = new_heap(KVS_HEAP_MIN_BYTES);
    uint8_t *first = take(heap, 96);
    uint8_t *second = take(heap, 96);
    uint8_t *third = take(heap, 96);
    uint8_t header[16];
    memcpy(header, second - 16, 16);
    for (size_t i = 0; i < 12; i++) {
        second[(ptrdiff_t)i - 16] ^= 0x80;
        check_bad_release(heap, second);
        memcpy(second - 16, header, 16);
    }
    CHECK(kvs__heap_check(heap));
    kvs_heap_release(heap, second);
    kvs_heap_release(heap, first);
    kvs_heap_release(heap, third);
    CHECK(is_empty(heap));
    kvs_heap_destroy(heap);
}

int main(void) {
    RUN(a_store_of_a_size_outside_the_limits_is_refused);
    RUN(a_store_that_cannot_be_made_leaves_nothing_behind);
    RUN(wrong_arguments_are_refused_and_change_nothing);
    RUN(blocks_of_any_size_are_aligned_and_hold_what_is_written);
    RUN(stats_add_up_and_remember_the_peak);
    RUN(an_exhausted_store_recovers_completely);
    RUN(a_hole_is_found_behind_others_that_are_a_little_too_small);
    RUN(holes_are_filled_before_fresh_memory_is_used);
    RUN(the_largest_block_takes_the_whole_store);
    RUN(random_traffic_of_small_blocks_agrees_with_a_model);
    RUN(random_traffic_of_frames_agrees_with_a_model);
    RUN(random_traffic_beyond_the_size_of_the_store_agrees_with_a_model);
    RUN(a_hole_that_fits_is_taken_before_what_is_left_of_the_last_one);
    RUN(a_release_of_what_is_no_live_block_is_caught);
    RUN(a_block_that_was_written_in_front_of_is_not_released);
    return kvs_test_report();
}
