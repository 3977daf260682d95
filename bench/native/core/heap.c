/*
 * The allocator: random sizes in random order while many blocks live, and one after another as
 * frames come and go.
 */
#include <stdlib.h>
#include <string.h>

#include "kvs/heap.h"
#include "trials.h"

#define MAX_LIVE 60000u
#define MIN_BYTES 64u
#define MAX_BYTES 2048u
/* Calls that are timed one by one, an allocation after each release. */
#define TIMED_PAIRS 20000u
#define FIFO_LIVE 100u

struct blocks {
    struct kvs_heap *heap;
    uint32_t live;
    uint32_t random;
    void *items[MAX_LIVE];
};

static size_t random_size(struct blocks *blocks) {
    return MIN_BYTES + bench_random(&blocks->random) % (MAX_BYTES - MIN_BYTES);
}

static void *allocate(struct blocks *blocks, size_t size) {
    void *block = NULL;
    bench_must(kvs_heap_allocate(blocks->heap, size, &block));
    return block;
}

/* A store in which `live` blocks of random sizes have come and gone for a while. */
static struct blocks *open_blocks(uint32_t live) {
    struct blocks *blocks = bench_allocate(sizeof *blocks);
    bench_must(kvs_heap_new(kvs_default_allocator(), UINT64_C(128) * 1024 * 1024, &blocks->heap));
    blocks->live = live;
    blocks->random = 1;
    for (uint32_t i = 0; i < live; i++) {
        blocks->items[i] = allocate(blocks, random_size(blocks));
    }
    for (uint32_t i = 0; i < 4 * live; i++) {
        void **item = &blocks->items[bench_random(&blocks->random) % live];
        kvs_heap_release(blocks->heap, *item);
        *item = allocate(blocks, random_size(blocks));
    }
    return blocks;
}

static void close_blocks(struct blocks *blocks) {
    kvs_heap_destroy(blocks->heap);
    free(blocks);
}

static void measure_mean(const struct bench_options *options, uint32_t live) {
    struct blocks *blocks = open_blocks(live);
    struct bench_result mean = {0};
    uint32_t pairs = bench_repeats(options, 300);
    for (uint32_t round = 0; round < bench_rounds(options); round++) {
        int64_t before = bench_cpu_ns();
        for (uint32_t i = 0; i < pairs; i++) {
            void **item = &blocks->items[bench_random(&blocks->random) % live];
            kvs_heap_release(blocks->heap, *item);
            *item = allocate(blocks, random_size(blocks));
        }
        bench_add(&mean, (double)(bench_cpu_ns() - before) / (2.0 * pairs));
    }
    bench_print("heap-random", live, "ns", &mean);
    close_blocks(blocks);
}

/* Times each call of a run that is the same every time: its slowest call, and in `least` the
 * shortest time that each call has taken in any run. */
static double time_calls(uint32_t live, uint32_t pairs, double *least) {
    struct blocks *blocks = open_blocks(live);
    double worst = 0;
    for (uint32_t i = 0; i < pairs; i++) {
        void **item = &blocks->items[bench_random(&blocks->random) % live];
        size_t size = random_size(blocks);
        int64_t start = bench_now_ns();
        kvs_heap_release(blocks->heap, *item);
        int64_t between = bench_now_ns();
        *item = allocate(blocks, size);
        int64_t end = bench_now_ns();
        double times[] = {(double)(between - start), (double)(end - between)};
        for (uint32_t call = 0; call < 2; call++) {
            double *shortest = &least[2 * (size_t)i + call];
            worst = times[call] > worst ? times[call] : worst;
            *shortest = *shortest == 0 || times[call] < *shortest ? times[call] : *shortest;
        }
    }
    close_blocks(blocks);
    return worst;
}

/*
 * The slowest call. A scheduler that takes the processor away makes any call slow, but not the same
 * one each time: what remains when each call counts with its shortest time is the allocator's.
 */
static void measure_worst(const struct bench_options *options, uint32_t live) {
    struct bench_result raw = {0};
    struct bench_result own = {0};
    uint32_t pairs = options->quick ? TIMED_PAIRS / 10 : TIMED_PAIRS;
    double *least = bench_allocate(2 * (size_t)pairs * sizeof *least);
    for (uint32_t round = 0; round < bench_rounds(options); round++) {
        bench_add(&raw, time_calls(live, pairs, least));
    }
    double worst = 0;
    for (size_t i = 0; i < 2 * (size_t)pairs; i++) {
        worst = least[i] > worst ? least[i] : worst;
    }
    bench_add(&own, worst);
    bench_print("heap-random-worst", live, "ns", &own);
    bench_print("heap-random-worst-with-scheduler", live, "ns", &raw);
    free(least);
}

static void measure_fifo(const struct bench_options *options) {
    struct blocks *blocks = open_blocks(FIFO_LIVE);
    struct bench_result mean = {0};
    uint32_t pairs = bench_repeats(options, 60);
    for (uint32_t round = 0; round < bench_rounds(options); round++) {
        uint32_t oldest = 0;
        int64_t before = bench_cpu_ns();
        for (uint32_t i = 0; i < pairs; i++) {
            kvs_heap_release(blocks->heap, blocks->items[oldest]);
            blocks->items[oldest] = allocate(blocks, random_size(blocks));
            oldest = oldest + 1 < FIFO_LIVE ? oldest + 1 : 0;
        }
        bench_add(&mean, (double)(bench_cpu_ns() - before) / (2.0 * pairs));
    }
    bench_print("heap-fifo", 0, "ns", &mean);
    close_blocks(blocks);
}

void bench_heap(const struct bench_options *options) {
    static const uint32_t levels[] = {1000, 10000, MAX_LIVE};
    for (uint32_t i = 0; i < 3; i++) {
        measure_mean(options, levels[i]);
        measure_worst(options, levels[i]);
    }
    measure_fifo(options);
}
