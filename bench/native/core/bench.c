#ifndef _WIN32
#define _POSIX_C_SOURCE 200809L
#endif

#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S INT64_C(1000000000)
#define ROUND_NS 100000000u
#define QUICK_ROUND_NS 10000000u

int64_t bench_now_ns(void) {
    struct timespec now;
#ifdef _WIN32
    timespec_get(&now, TIME_UTC);
#else
    clock_gettime(CLOCK_MONOTONIC, &now);
#endif
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t bench_cpu_ns(void) {
#ifdef CLOCK_PROCESS_CPUTIME_ID
    struct timespec used;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0) {
        return used.tv_sec * NS_PER_S + used.tv_nsec;
    }
#endif
    return bench_now_ns();
}

uint32_t bench_random(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

uint32_t bench_rounds(const struct bench_options *options) {
    return options->quick ? 5 : BENCH_MAX_ROUNDS;
}

uint32_t bench_repeats(const struct bench_options *options, uint32_t ns) {
    return (options->quick ? QUICK_ROUND_NS : ROUND_NS) / ns + 1;
}

void bench_add(struct bench_result *result, double value) {
    if (result->count < BENCH_MAX_ROUNDS) {
        result->rounds[result->count++] = value;
    }
}

void bench_print(const char *name, size_t size, const char *unit,
                 const struct bench_result *result) {
    printf("{\"name\": \"%s", name);
    if (size > 0) {
        printf("-%zu", size);
    }
    printf("\", \"unit\": \"%s\", \"rounds\": [", unit);
    for (uint32_t i = 0; i < result->count; i++) {
        printf("%s%.2f", i == 0 ? "" : ", ", result->rounds[i]);
    }
    printf("]}\n");
    fflush(stdout);
}

void bench_must(kvs_status status) {
    if (status != KVS_STATUS_SUCCESS) {
        fprintf(stderr, "%s: %s\n", kvs_status_name(status), kvs_status_text(status));
        exit(EXIT_FAILURE);
    }
}

void *bench_allocate(size_t size) {
    void *memory = calloc(1, size);
    if (memory == NULL) {
        fprintf(stderr, "there is no memory for %zu bytes\n", size);
        exit(EXIT_FAILURE);
    }
    return memory;
}
