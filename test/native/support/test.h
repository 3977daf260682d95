/*
 * A test harness small enough for every cross compiler: no library, no registration.
 *
 *     KVS_TEST(a_sentence_about_behaviour) { CHECK_EQ(1 + 1, 2); }
 *
 *     int main(void) {
 *         RUN(a_sentence_about_behaviour);
 *         return kvs_test_report();
 *     }
 *
 * A failed check is counted and printed and the test goes on, so a check that protects what
 * follows is written `if (!CHECK(p != NULL)) return;`. The checks stay on in release builds.
 */
#ifndef KVS_TEST_H
#define KVS_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kvs/allocator.h"
#include "kvs/status.h"

#define KVS_TEST(name) static void name(void)

/* Runs a test; fails it when it leaves blocks of kvs_test_allocator() behind. */
#define RUN(name) kvs_test_run(#name, name)

/* True when the condition holds. */
#define CHECK(cond) kvs_test_check((cond), #cond, __FILE__, __LINE__)

/* Integers of any type that fits int64_t or uint64_t; prints both on failure. */
#define CHECK_EQ(actual, expected)                                                                 \
    kvs_test_check_eq((uint64_t)(actual), (uint64_t)(expected), #actual, __FILE__, __LINE__)

/* Compares bytes; prints where they differ first. */
#define CHECK_MEM(actual, expected, len)                                                           \
    kvs_test_check_mem((actual), (expected), (len), #actual, __FILE__, __LINE__)

/* Compares a kvs_status with the expected one; prints the names of both on failure. */
#define CHECK_STATUS(expr, expected)                                                               \
    kvs_test_check_status((expr), (expected), #expr, __FILE__, __LINE__)

void kvs_test_run(const char *name, void (*test)(void));
bool kvs_test_check(bool holds, const char *text, const char *file, int line);
bool kvs_test_check_eq(uint64_t actual, uint64_t expected, const char *text, const char *file,
                       int line);
bool kvs_test_check_mem(const void *actual, const void *expected, size_t len, const char *text,
                        const char *file, int line);
bool kvs_test_check_status(kvs_status actual, kvs_status expected, const char *text,
                           const char *file, int line);

/* Prints the totals. Returns what main() returns: 0 only when a test ran and none failed. */
int kvs_test_report(void);

/*
 * An allocator that counts live blocks and can fail on purpose. Its blocks are surrounded by a
 * known pattern, so that a write past either end fails the test without a sanitizer too.
 */
struct kvs_allocator *kvs_test_allocator(void);

/* Makes the nth allocation from now fail, counted from 1; those after it succeed. 0: none fails. */
void kvs_test_fail_after(size_t n);

/* Blocks of kvs_test_allocator() that have not been released. */
size_t kvs_test_live_blocks(void);

/* Successful allocations since the test began: proves that a path does not allocate. */
size_t kvs_test_allocations(void);

/* Pseudo-random numbers, the same after the same seed, which is not 0. */
void kvs_test_seed_random(uint64_t seed);
uint64_t kvs_test_random_64(void);
/* At least 0, less than `limit`. */
uint32_t kvs_test_random_below(uint32_t limit);

#endif
