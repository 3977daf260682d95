#define _DEFAULT_SOURCE

#include "kvs/heap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

#ifndef _WIN32
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

#define MIB ((size_t)1024 * 1024)

static uint64_t random_state;

static uint32_t random_below(uint32_t limit) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)((random_state >> 32) * limit >> 32);
}

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
    CHECK(stats.allocated_bytes >= 10001 && stats.allocated_bytes <= 10001 + 2 * 31);
    kvs_heap_release(heap, first);
    kvs_heap_release(heap, second);
    CHECK_EQ(stats_of(heap).peak_bytes, stats.allocated_bytes);
    CHECK(is_empty(heap));
    kvs_heap_destroy(heap);
}

KVS_TEST(an_exhausted_store_recovers_completely) {
    enum { SIZE = 10000, MOST = 1100 };
    struct kvs_heap *heap = new_heap(KVS_HEAP_MIN_BYTES);
    void *blocks[MOST];
    size_t count = 0;
    while (kvs_heap_allocate(heap, SIZE, &blocks[count]) == KVS_STATUS_SUCCESS) {
        count++;
    }
    CHECK_EQ(count, KVS_HEAP_MIN_BYTES / (SIZE + 16));
    /* Every hole is as large as what it held, and filled before anything else is tried. */
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
    random_state = seed;
    for (size_t step = 0; step < steps && intact; step++) {
        if (count < most && random_below(100) < 52) {
            struct model_block made = {NULL, 1 + random_below(max_size), (uint8_t)step};
            void *block = NULL;
            if (kvs_heap_allocate(heap, made.size, &block) == KVS_STATUS_SUCCESS) {
                made.bytes = block;
                memset(made.bytes, made.fill, made.size);
                bytes += made.size;
                model[count++] = made;
            }
        } else if (count > 0) {
            size_t at = random_below((uint32_t)count);
            intact = CHECK(holds_fill(&model[at]));
            kvs_heap_release(heap, model[at].bytes);
            bytes -= model[at].size;
            model[at] = model[--count];
        }
        struct kvs_heap_stats stats = stats_of(heap);
        intact = intact && CHECK_EQ(stats.block_count, count) &&
                 CHECK(stats.allocated_bytes >= bytes + 16 * count) &&
                 CHECK(stats.allocated_bytes <= bytes + 48 * count) &&
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

/* What a release that is a defect of the caller does to the heap. */
static void check_bad_release(struct kvs_heap *heap, void *block) {
#if !defined(KVS_CHECKED)
    struct kvs_heap_stats before = stats_of(heap);
    kvs_heap_release(heap, block);
    struct kvs_heap_stats after = stats_of(heap);
    CHECK_MEM(&after, &before, sizeof before);
#elif !defined(_WIN32)
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        if (freopen("/dev/null", "w", stderr) != NULL) {
            kvs_heap_release(heap, block);
        }
        _exit(0);
    }
    int result = 0;
    CHECK_EQ(waitpid(child, &result, 0), child);
    CHECK(WIFSIGNALED(result) && WTERMSIG(result) == SIGABRT);
#else
    (void)heap;
    (void)block;
#endif
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
    check_bad_release(heap, first + 5 * MIB);
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

#ifdef __linux__
struct process_memory {
    size_t reserved;
    size_t resident;
};

static struct process_memory process_memory(void) {
    unsigned long pages[2] = {0, 0};
    FILE *file = fopen("/proc/self/statm", "r");
    if (CHECK(file != NULL)) {
        CHECK_EQ(fscanf(file, "%lu %lu", &pages[0], &pages[1]), 2);
        fclose(file);
    }
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    struct process_memory memory = {pages[0] * page, pages[1] * page};
    return memory;
}

KVS_TEST(a_store_is_refused_when_the_system_has_no_address_space_for_it) {
    /* First the arena does not fit, then what is needed beside it. */
    static const size_t room[] = {32 * MIB, 520 * MIB};
    struct kvs_heap *heap = NULL;
    struct rlimit usual;
    CHECK_EQ(getrlimit(RLIMIT_AS, &usual), 0);
    for (size_t i = 0; i < 2; i++) {
        size_t reserved = process_memory().reserved;
        struct rlimit tight = {reserved + room[i], usual.rlim_max};
        CHECK_EQ(setrlimit(RLIMIT_AS, &tight), 0);
        kvs_status status = kvs_heap_new(kvs_test_allocator(), 512 * MIB, &heap);
        CHECK_EQ(setrlimit(RLIMIT_AS, &usual), 0);
        CHECK_STATUS(status, KVS_STATUS_NOT_ENOUGH_MEMORY);
        CHECK_EQ(process_memory().reserved, reserved);
    }
    CHECK(heap == NULL);
}

KVS_TEST(the_largest_store_costs_no_memory_until_it_is_used) {
    size_t before = process_memory().resident;
    struct kvs_heap *heap = new_heap(sizeof(size_t) < 8 ? 512 * MIB : KVS_HEAP_MAX_BYTES);
    void *all = take(heap, kvs_heap_max_allocation(heap));
    kvs_heap_release(heap, all);
    CHECK(process_memory().resident - before < MIB);
    kvs_heap_destroy(heap);
}

KVS_TEST(streaming_through_a_store_keeps_to_the_memory_of_its_window) {
    enum { WINDOW = 100, FRAMES = 30000 };
    struct kvs_heap *heap = new_heap(512 * MIB);
    void *frames[WINDOW] = {NULL};
    size_t before = process_memory().resident;
    random_state = 4;
    for (size_t i = 0; i < FRAMES; i++) {
        kvs_heap_release(heap, frames[i % WINDOW]);
        size_t size = 8000 + random_below(4000);
        frames[i % WINDOW] = take(heap, size);
        memset(frames[i % WINDOW], 1, size);
    }
    CHECK(process_memory().resident - before < 3 * MIB);
    for (size_t i = 0; i < WINDOW; i++) {
        kvs_heap_release(heap, frames[i]);
    }
    CHECK(is_empty(heap));
    kvs_heap_destroy(heap);
}
#endif

int main(void) {
    RUN(a_store_of_a_size_outside_the_limits_is_refused);
    RUN(a_store_that_cannot_be_made_leaves_nothing_behind);
    RUN(wrong_arguments_are_refused_and_change_nothing);
    RUN(blocks_of_any_size_are_aligned_and_hold_what_is_written);
    RUN(stats_add_up_and_remember_the_peak);
    RUN(an_exhausted_store_recovers_completely);
    RUN(the_largest_block_takes_the_whole_store);
    RUN(random_traffic_of_small_blocks_agrees_with_a_model);
    RUN(random_traffic_of_frames_agrees_with_a_model);
    RUN(random_traffic_beyond_the_size_of_the_store_agrees_with_a_model);
    RUN(a_release_of_what_is_no_live_block_is_caught);
    RUN(a_block_that_was_written_in_front_of_is_not_released);
#ifdef __linux__
    RUN(a_store_is_refused_when_the_system_has_no_address_space_for_it);
    RUN(the_largest_store_costs_no_memory_until_it_is_used);
    RUN(streaming_through_a_store_keeps_to_the_memory_of_its_window);
#endif
    return kvs_test_report();
}
