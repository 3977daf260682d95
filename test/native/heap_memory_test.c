/* What a store and a spill cost the process, as the system counts it. */
#include <stdio.h>
#include <string.h>

#include "kvs/build.h"
#include "kvs/heap.h"
#include "spill/spill.h"
#include "test.h"

#define MIB ((size_t)1024 * 1024)

#ifdef __linux__
#include <sys/resource.h>
#include <unistd.h>

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

static void never_closed(void *context) {
    (void)context;
    CHECK(false && "a spill that was not made leaves its file open");
}

KVS_TEST(a_spill_is_refused_when_the_system_has_no_address_space_for_it) {
    /* First its tags do not fit, then its gaps. */
    static const size_t room[] = {32 * MIB, 100 * MIB};
    const struct kvs_spill_io io = {NULL, NULL, NULL, never_closed};
    struct rlimit usual;
    CHECK_EQ(getrlimit(RLIMIT_AS, &usual), 0);
    for (size_t i = 0; i < 2; i++) {
        size_t reserved = process_memory().reserved;
        struct rlimit tight = {reserved + room[i], usual.rlim_max};
        CHECK_EQ(setrlimit(RLIMIT_AS, &tight), 0);
        struct kvs__spill *spill = kvs__spill_new(kvs_test_allocator(), &io, UINT64_C(16) << 30);
        CHECK_EQ(setrlimit(RLIMIT_AS, &usual), 0);
        CHECK(spill == NULL);
        CHECK_EQ(process_memory().reserved, reserved);
    }
}

KVS_TEST(the_largest_store_costs_no_memory_until_it_is_used) {
    size_t before = process_memory().resident;
    struct kvs_heap *heap = NULL;
    void *all = NULL;
    uint64_t size = sizeof(size_t) < 8 ? 512 * MIB : KVS_HEAP_MAX_BYTES;
    CHECK_STATUS(kvs_heap_new(kvs_test_allocator(), size, &heap), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_heap_allocate(heap, kvs_heap_max_allocation(heap), &all), KVS_STATUS_SUCCESS);
    kvs_heap_release(heap, all);
    CHECK(process_memory().resident < before + MIB);
    kvs_heap_destroy(heap);
}

KVS_TEST(blocks_beyond_four_gibibytes_are_like_others) {
    if (sizeof(size_t) < 8) {
        return;
    }
    const size_t gib = 1024 * MIB;
    struct kvs_heap *heap = NULL;
    void *large = NULL;
    void *block = NULL;
    void *last = NULL;
    CHECK_STATUS(kvs_heap_new(kvs_test_allocator(), 10 * (uint64_t)gib, &heap), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_heap_allocate(heap, 5 * gib, &large), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_heap_allocate(heap, 10000, &block), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_heap_allocate(heap, 4 * gib, &last), KVS_STATUS_SUCCESS);
    memset(block, 1, 10000);
    kvs_heap_release(heap, large);
    CHECK(kvs__heap_check(heap));
    CHECK_STATUS(kvs_heap_allocate(heap, 5 * gib - 10000, &large), KVS_STATUS_SUCCESS);
    CHECK(kvs__heap_check(heap));
    kvs_heap_release(heap, block);
    kvs_heap_release(heap, last);
    kvs_heap_release(heap, large);
    CHECK(kvs__heap_check(heap));
    CHECK_STATUS(kvs_heap_allocate(heap, kvs_heap_max_allocation(heap), &large),
                 KVS_STATUS_SUCCESS);
    kvs_heap_destroy(heap);
}

KVS_TEST(streaming_through_a_store_keeps_to_the_memory_of_its_window) {
    enum { WINDOW = 100, FRAMES = 30000 };
    struct kvs_heap *heap = NULL;
    CHECK_STATUS(kvs_heap_new(kvs_test_allocator(), 512 * MIB, &heap), KVS_STATUS_SUCCESS);
    void *frames[WINDOW] = {NULL};
    size_t before = process_memory().resident;
    for (size_t i = 0; i < FRAMES; i++) {
        kvs_heap_release(heap, frames[i % WINDOW]);
        /* From 8000 to 12000 bytes, in no simple order. */
        size_t size = 8000 + i * 7919 % 4001;
        CHECK_STATUS(kvs_heap_allocate(heap, size, &frames[i % WINDOW]), KVS_STATUS_SUCCESS);
        memset(frames[i % WINDOW], 1, size);
    }
    CHECK(process_memory().resident < before + 3 * MIB);
    for (size_t i = 0; i < WINDOW; i++) {
        kvs_heap_release(heap, frames[i]);
    }
    kvs_heap_destroy(heap);
}
#endif

KVS_TEST(a_whole_store_can_be_written) {
    struct kvs_heap *heap = NULL;
    void *all = NULL;
    CHECK_STATUS(kvs_heap_new(kvs_test_allocator(), 64 * MIB, &heap), KVS_STATUS_SUCCESS);
    size_t size = kvs_heap_max_allocation(heap);
    CHECK_STATUS(kvs_heap_allocate(heap, size, &all), KVS_STATUS_SUCCESS);
    memset(all, 1, size);
    kvs_heap_release(heap, all);
    CHECK(kvs__heap_check(heap));
    kvs_heap_destroy(heap);
}

int main(void) {
    RUN(a_whole_store_can_be_written);
#ifdef __linux__
    RUN(a_store_is_refused_when_the_system_has_no_address_space_for_it);
    RUN(a_spill_is_refused_when_the_system_has_no_address_space_for_it);
    if ((kvs_build_flags() & KVS_BUILD_HEAP_DEBUG) == 0) {
        RUN(the_largest_store_costs_no_memory_until_it_is_used);
        RUN(blocks_beyond_four_gibibytes_are_like_others);
    } else {
        puts("not run: a debug heap fills fresh blocks, which would take gibibytes of memory");
    }
    RUN(streaming_through_a_store_keeps_to_the_memory_of_its_window);
#endif
    return kvs_test_report();
}
