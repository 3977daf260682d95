#include "test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* With AddressSanitizer the guards are poisoned, so that a stray access is reported where it is. */
#ifdef __has_include
#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#endif
#endif
#ifndef ASAN_POISON_MEMORY_REGION
#define ASAN_POISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

/* As large as the strictest alignment, so that the block behind it is aligned like malloc's. */
#define GUARD_SIZE 32
#define GUARD_BYTE 0xA5

struct block_header {
    size_t size;
};

static struct {
    size_t run;
    size_t failed;
    bool current_failed;
    size_t live_blocks;
    size_t allocations;
    size_t fail_after;
} state;

static void fail(const char *file, int line, const char *text) {
    state.current_failed = true;
    printf("  %s:%d: %s\n", file, line, text);
}

void kvs_test_run(const char *name, void (*test)(void)) {
    state.current_failed = false;
    state.live_blocks = 0;
    state.allocations = 0;
    state.fail_after = 0;
    test();
    if (state.live_blocks != 0) {
        printf("  %zu blocks were not released\n", state.live_blocks);
        state.current_failed = true;
    }
    state.run++;
    if (state.current_failed) {
        state.failed++;
    }
    printf("%s %s\n", state.current_failed ? "FAIL" : "ok  ", name);
    fflush(stdout);
}

bool kvs_test_check(bool holds, const char *text, const char *file, int line) {
    if (!holds) {
        fail(file, line, text);
    }
    return holds;
}

bool kvs_test_check_eq(uint64_t actual, uint64_t expected, const char *text, const char *file,
                       int line) {
    if (actual == expected) {
        return true;
    }
    fail(file, line, text);
    printf("    is       %" PRId64 " (0x%" PRIx64 ")\n", (int64_t)actual, actual);
    printf("    expected %" PRId64 " (0x%" PRIx64 ")\n", (int64_t)expected, expected);
    return false;
}

bool kvs_test_check_mem(const void *actual, const void *expected, size_t len, const char *text,
                        const char *file, int line) {
    const uint8_t *a = actual;
    const uint8_t *b = expected;
    for (size_t i = 0; i < len; i++) {
        if (a[i] != b[i]) {
            fail(file, line, text);
            printf("    byte %zu of %zu is 0x%02x, expected 0x%02x\n", i, len, a[i], b[i]);
            return false;
        }
    }
    return true;
}

bool kvs_test_check_status(kvs_status actual, kvs_status expected, const char *text,
                           const char *file, int line) {
    if (actual == expected) {
        return true;
    }
    fail(file, line, text);
    printf("    is       0x%08" PRIx32 " %s\n", actual, kvs_status_name(actual));
    printf("    expected 0x%08" PRIx32 " %s\n", expected, kvs_status_name(expected));
    return false;
}

int kvs_test_report(void) {
    printf("%zu passed, %zu failed\n", state.run - state.failed, state.failed);
    return state.run > 0 && state.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* Layout of an allocation: guard holding the header, the caller's bytes, guard. */
static void *test_allocate(void *context, size_t size) {
    (void)context;
    if (state.fail_after > 0 && --state.fail_after == 0) {
        return NULL;
    }
    if (size > SIZE_MAX - 2 * GUARD_SIZE) {
        return NULL;
    }
    uint8_t *base = malloc(size + 2 * GUARD_SIZE);
    if (base == NULL) {
        return NULL;
    }
    memset(base, GUARD_BYTE, size + 2 * GUARD_SIZE);
    const struct block_header header = {.size = size};
    memcpy(base, &header, sizeof header);
    uint8_t *bytes = base + GUARD_SIZE;
    memset(bytes, 0, size);
    ASAN_POISON_MEMORY_REGION(base, GUARD_SIZE);
    ASAN_POISON_MEMORY_REGION(bytes + size, GUARD_SIZE);
    state.live_blocks++;
    state.allocations++;
    return bytes;
}

static bool is_guard(const uint8_t *bytes, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != GUARD_BYTE) {
            return false;
        }
    }
    return true;
}

static void test_release(void *context, void *pointer) {
    (void)context;
    if (pointer == NULL) {
        return;
    }
    uint8_t *bytes = pointer;
    uint8_t *base = bytes - GUARD_SIZE;
    struct block_header header;
    ASAN_UNPOISON_MEMORY_REGION(base, GUARD_SIZE);
    memcpy(&header, base, sizeof header);
    ASAN_UNPOISON_MEMORY_REGION(bytes + header.size, GUARD_SIZE);
    CHECK(is_guard(base + sizeof header, GUARD_SIZE - sizeof header) && "no write before a block");
    CHECK(is_guard(bytes + header.size, GUARD_SIZE) && "no write behind a block");
    CHECK(state.live_blocks > 0 && "no release of a block of an earlier test");
    state.live_blocks--;
    free(base);
}

struct kvs_allocator *kvs_test_allocator(void) {
    static struct kvs_allocator allocator = {
        .context = NULL, .allocate = test_allocate, .release = test_release};
    return &allocator;
}

void kvs_test_fail_after(size_t n) { state.fail_after = n; }

size_t kvs_test_live_blocks(void) { return state.live_blocks; }

size_t kvs_test_allocations(void) { return state.allocations; }

static uint64_t random_state;

void kvs_test_seed_random(uint64_t seed) { random_state = seed; }

uint64_t kvs_test_random_64(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

uint32_t kvs_test_random_below(uint32_t limit) {
    return (uint32_t)((kvs_test_random_64() >> 32) * limit >> 32);
}
