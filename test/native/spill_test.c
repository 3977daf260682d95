/* The spill: its bookkeeping against a model, and with I/O that fails on purpose. */
#include "spill/spill.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

#define UNIT ((uint32_t)1 << KVS__SPILL_MIN_UNIT_BITS)
#define KIB ((size_t)1024)

/* Memory in place of a file. */
struct memory_file {
    uint8_t *bytes;
    size_t size;
    size_t fail_write_in;
    size_t fail_read_in;
    size_t calls;
    size_t closed;
};

static kvs_status memory_write(void *context, uint64_t offset, const void *data, size_t len) {
    struct memory_file *file = context;
    file->calls++;
    if (file->fail_write_in > 0 && --file->fail_write_in == 0) {
        return KVS_STATUS_WRITE_TO_FILE_FAILED;
    }
    CHECK(offset <= file->size && len <= file->size - offset);
    memcpy(file->bytes + offset, data, len);
    return KVS_STATUS_SUCCESS;
}

static kvs_status memory_read(void *context, uint64_t offset, void *out, size_t len) {
    struct memory_file *file = context;
    file->calls++;
    if (file->fail_read_in > 0 && --file->fail_read_in == 0) {
        return KVS_STATUS_READ_FILE_FAILED;
    }
    CHECK(offset <= file->size && len <= file->size - offset);
    memcpy(out, file->bytes + offset, len);
    return KVS_STATUS_SUCCESS;
}

static void memory_close(void *context) {
    struct memory_file *file = context;
    file->closed++;
    free(file->bytes);
    file->bytes = NULL;
}

static struct kvs__spill *new_spill(struct memory_file *file, size_t size) {
    struct memory_file empty = {.bytes = calloc(1, size), .size = size};
    *file = empty;
    const struct kvs_spill_io io = {file, memory_write, memory_read, memory_close};
    struct kvs__spill *spill = kvs__spill_new(kvs_test_allocator(), &io, size);
    CHECK(spill != NULL);
    return spill;
}

static struct kvs__spill_stats stats_of(const struct kvs__spill *spill) {
    struct kvs__spill_stats stats;
    kvs__spill_stats(spill, &stats);
    return stats;
}

static uint64_t take(struct kvs__spill *spill, uint32_t len) {
    uint64_t offset = UINT64_MAX;
    CHECK_STATUS(kvs__spill_allocate(spill, len, &offset), KVS_STATUS_SUCCESS);
    return offset;
}

/* Whether everything is free again and in one piece. */
static bool is_empty(struct kvs__spill *spill) {
    uint64_t offset = 1;
    struct kvs__spill_stats stats = stats_of(spill);
    uint32_t all = (uint32_t)stats.size_bytes;
    bool fits = kvs__spill_allocate(spill, all, &offset) == KVS_STATUS_SUCCESS && offset == 0;
    if (fits) {
        kvs__spill_release(spill, offset, all);
    }
    return fits && stats.allocated_bytes == 0 && kvs__spill_check(spill);
}

KVS_TEST(a_spill_that_cannot_be_made_leaves_nothing_behind) {
    struct memory_file file = {.closed = 0};
    const struct kvs_spill_io io = {&file, memory_write, memory_read, memory_close};
    kvs_test_fail_after(1);
    CHECK(kvs__spill_new(kvs_test_allocator(), &io, KVS_SPILL_MIN_BYTES) == NULL);
    CHECK_EQ(kvs_test_live_blocks(), 0);
    CHECK_EQ(file.closed, 0);
    kvs__spill_destroy(NULL);
    CHECK_EQ(stats_of(NULL).size_bytes, 0);
    CHECK(!kvs__spill_check(NULL));
}

KVS_TEST(a_spill_hands_out_what_it_has_and_no_more) {
    struct memory_file file;
    struct kvs__spill *spill = new_spill(&file, 10 * KIB + 7);
    uint64_t offset = 77;
    CHECK_EQ(stats_of(spill).size_bytes, 10 * KIB);
    CHECK_STATUS(kvs__spill_allocate(spill, 0, &offset), KVS_STATUS_INVALID_ARG);
    CHECK_STATUS(kvs__spill_allocate(spill, UINT32_MAX, &offset), KVS_STATUS_STORE_OUT_OF_MEMORY);
    CHECK_STATUS(kvs__spill_allocate(spill, 10 * KIB + 1, &offset), KVS_STATUS_STORE_OUT_OF_MEMORY);
    CHECK_EQ(offset, 77);
    CHECK_EQ(take(spill, 1), 0);
    CHECK_EQ(take(spill, 1024), 1 * KIB);
    CHECK_EQ(take(spill, 1025), 2 * KIB);
    CHECK_EQ(take(spill, 6 * KIB), 4 * KIB);
    CHECK_STATUS(kvs__spill_allocate(spill, 1, &offset), KVS_STATUS_STORE_OUT_OF_MEMORY);
    CHECK_EQ(stats_of(spill).allocated_bytes, 10 * KIB);
    kvs__spill_release(spill, 1 * KIB, 1024);
    kvs__spill_release(spill, 4 * KIB, 6 * KIB);
    CHECK_EQ(stats_of(spill).allocated_bytes, 3 * KIB);
    CHECK_EQ(stats_of(spill).peak_bytes, 10 * KIB);
    CHECK_EQ(take(spill, 1000), 1 * KIB);
    kvs__spill_release(spill, 1 * KIB, 1000);
    kvs__spill_release(spill, 0, 1);
    kvs__spill_release(spill, 2 * KIB, 1025);
    CHECK(is_empty(spill));
    CHECK_EQ(file.calls, 0);
    CHECK_EQ(file.closed, 0);
    kvs__spill_destroy(spill);
    CHECK_EQ(file.closed, 1);
}

KVS_TEST(a_large_spill_has_few_units_and_offsets_beyond_four_gibibytes) {
    struct memory_file file;
    const struct kvs_spill_io io = {&file, memory_write, memory_read, memory_close};
    static const uint64_t sizes[] = {UINT64_C(16) << 30, UINT64_C(17) << 30, UINT64_C(1) << 40};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct memory_file empty = {.closed = 0};
        file = empty;
        struct kvs__spill *spill = kvs__spill_new(kvs_test_allocator(), &io, sizes[i]);
        if (!CHECK(spill != NULL)) {
            continue;
        }
        CHECK_EQ(stats_of(spill).size_bytes, sizes[i]);
        CHECK(spill->units <= KVS__SPILL_MAX_UNITS);
        uint64_t large[4];
        for (size_t n = 0; n < 3; n++) {
            large[n] = take(spill, UINT32_MAX);
        }
        large[3] = take(spill, 1);
        CHECK(large[3] >= 3 * (uint64_t)UINT32_MAX);
        CHECK(kvs__spill_check(spill));
        for (size_t n = 0; n < 3; n++) {
            kvs__spill_release(spill, large[n], UINT32_MAX);
        }
        kvs__spill_release(spill, large[3], 1);
        CHECK_EQ(stats_of(spill).allocated_bytes, 0);
        CHECK(kvs__spill_check(spill));
        kvs__spill_destroy(spill);
    }
}

KVS_TEST(failing_io_is_reported_and_leaves_the_bookkeeping_alone) {
    struct memory_file file;
    struct kvs__spill *spill = new_spill(&file, 10 * KIB);
    uint8_t bytes[100];
    uint8_t back[100] = {0};
    memset(bytes, 7, sizeof bytes);
    uint64_t offset = take(spill, 100);
    file.fail_write_in = 1;
    CHECK_STATUS(kvs__spill_write(spill, offset, bytes, 100), KVS_STATUS_WRITE_TO_FILE_FAILED);
    CHECK(kvs__spill_check(spill));
    CHECK_STATUS(kvs__spill_write(spill, offset, bytes, 100), KVS_STATUS_SUCCESS);
    file.fail_read_in = 1;
    CHECK_STATUS(kvs__spill_read(spill, offset, back, 100), KVS_STATUS_READ_FILE_FAILED);
    CHECK_STATUS(kvs__spill_read(spill, offset + 50, back, 50), KVS_STATUS_SUCCESS);
    CHECK_MEM(back, bytes, 50);
    size_t calls = file.calls;
    CHECK_STATUS(kvs__spill_write(spill, 10 * KIB - 99, bytes, 100), KVS_STATUS_INTERNAL_ERROR);
    CHECK_STATUS(kvs__spill_read(spill, UINT64_MAX, back, 100), KVS_STATUS_INTERNAL_ERROR);
    CHECK_EQ(file.calls, calls);
    kvs__spill_release(spill, offset, 100);
    CHECK(is_empty(spill));
    kvs__spill_destroy(spill);
}

/* An extent as the model knows it. */
struct extent {
    uint64_t offset;
    uint32_t len;
    uint8_t fill;
};

static uint8_t scratch[64 * 1024];

static void store_fill(struct kvs__spill *spill, const struct extent *extent) {
    memset(scratch, extent->fill, extent->len);
    CHECK_STATUS(kvs__spill_write(spill, extent->offset, scratch, extent->len), KVS_STATUS_SUCCESS);
}

static bool holds_fill(struct kvs__spill *spill, const struct extent *extent) {
    CHECK_STATUS(kvs__spill_read(spill, extent->offset, scratch, extent->len), KVS_STATUS_SUCCESS);
    return scratch[0] == extent->fill && memcmp(scratch, scratch + 1, extent->len - 1) == 0;
}

/* A byte for each unit: taken or not. */
struct unit_map {
    uint8_t taken[1024];
    uint32_t units;
};

static uint32_t units_of(uint32_t len) { return (len + UNIT - 1) / UNIT; }

/* Marks an extent; false when some of it was marked so already. */
static bool mark(struct unit_map *map, const struct extent *extent, uint8_t taken) {
    uint32_t first = (uint32_t)(extent->offset / UNIT);
    for (uint32_t i = 0; i < units_of(extent->len); i++) {
        if (first + i >= map->units || map->taken[first + i] == taken) {
            return false;
        }
        map->taken[first + i] = taken;
    }
    return true;
}

static uint32_t longest_gap(const struct unit_map *map) {
    uint32_t longest = 0;
    uint32_t run = 0;
    for (uint32_t i = 0; i < map->units; i++) {
        run = map->taken[i] != 0 ? 0 : run + 1;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static uint32_t count_taken(const struct unit_map *map) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < map->units; i++) {
        count += map->taken[i];
    }
    return count;
}

enum { MOST = 500 };

/* Takes an extent if the spill says it can, which is as the model says. */
static bool take_like_model(struct kvs__spill *spill, struct unit_map *map, struct extent *made) {
    uint32_t units = units_of(made->len);
    kvs_status status = kvs__spill_allocate(spill, made->len, &made->offset);
    if (status != KVS_STATUS_SUCCESS) {
        CHECK_STATUS(status, KVS_STATUS_STORE_OUT_OF_MEMORY);
        CHECK(longest_gap(map) <= units + units / 32 + 1);
        return false;
    }
    CHECK(mark(map, made, 1));
    store_fill(spill, made);
    return true;
}

/* Random traffic; `ordered` streams release their oldest first, as sent frames do. */
static void run_model(uint64_t seed, uint32_t units, uint32_t max_len, bool ordered) {
    struct memory_file file;
    struct kvs__spill *spill = new_spill(&file, units * UNIT);
    struct unit_map *map = calloc(1, sizeof *map);
    struct extent *live = calloc(MOST, sizeof *live);
    uint32_t count = 0;
    bool intact = true;
    map->units = units;
    kvs_test_seed_random(seed);
    for (uint32_t step = 0; step < 20000 && intact; step++) {
        struct extent made = {0, 1 + kvs_test_random_below(max_len), (uint8_t)step};
        if (count < MOST && kvs_test_random_below(100) < 52) {
            if (take_like_model(spill, map, &made)) {
                live[count++] = made;
            }
        } else if (count > 0) {
            uint32_t at = kvs_test_random_below(ordered && count > 4 ? 4 : count);
            intact = CHECK(holds_fill(spill, &live[at])) && CHECK(mark(map, &live[at], 0));
            kvs__spill_release(spill, live[at].offset, live[at].len);
            memmove(live + at, live + at + 1, (--count - at) * sizeof *live);
        }
        intact = intact && CHECK_EQ(stats_of(spill).allocated_bytes, count_taken(map) * UNIT) &&
                 (step % 8 != 0 || CHECK(kvs__spill_check(spill)));
    }
    CHECK_EQ(kvs_test_allocations(), 1);
    while (count > 0) {
        CHECK(holds_fill(spill, &live[--count]));
        kvs__spill_release(spill, live[count].offset, live[count].len);
    }
    CHECK(is_empty(spill));
    kvs__spill_destroy(spill);
    free(live);
    free(map);
}

KVS_TEST(random_traffic_of_small_frames_agrees_with_a_model) { run_model(1, 300, 3000, false); }

KVS_TEST(random_traffic_of_large_frames_agrees_with_a_model) { run_model(2, 1024, 60000, false); }

KVS_TEST(frames_that_leave_in_order_agree_with_a_model) { run_model(3, 900, 20000, true); }

KVS_TEST(a_spill_of_one_unit_works) { run_model(4, 1, 1024, false); }

KVS_TEST(frames_of_a_stream_that_stands_still_pin_only_themselves) {
    enum { FRAMES = 100 };
    struct memory_file file;
    struct kvs__spill *spill = new_spill(&file, FRAMES * 10 * KIB);
    uint64_t still[FRAMES];
    uint64_t moving[FRAMES];
    for (size_t i = 0; i < FRAMES; i++) {
        still[i] = take(spill, 1 * KIB);
        moving[i] = take(spill, 9 * KIB);
    }
    for (size_t round = 0; round < 10; round++) {
        for (size_t i = 0; i < FRAMES; i++) {
            kvs__spill_release(spill, moving[i], 9 * KIB);
        }
        for (size_t i = 0; i < FRAMES; i++) {
            moving[i] = take(spill, 9 * KIB);
        }
    }
    for (size_t i = 0; i < FRAMES; i++) {
        kvs__spill_release(spill, moving[i], 9 * KIB);
        kvs__spill_release(spill, still[i], 1 * KIB);
    }
    CHECK(is_empty(spill));
    kvs__spill_destroy(spill);
}

KVS_TEST(the_auditor_notices_every_kind_of_damage) {
    struct memory_file file;
    struct kvs__spill *spill = new_spill(&file, 10 * KIB);
    uint64_t first = take(spill, 2 * KIB);
    uint64_t second = take(spill, 2 * KIB);
    uint64_t third = take(spill, 2 * KIB);
    kvs__spill_release(spill, second, 2 * KIB);
    CHECK(kvs__spill_check(spill));
    for (uint32_t unit = 0; unit < 10; unit++) {
        bool is_inside_last_gap = unit == 7 || unit == 8;
        spill->tags[unit] ^= 0x80;
        CHECK_EQ(kvs__spill_check(spill), is_inside_last_gap);
        spill->tags[unit] ^= 0x80;
    }
    uint32_t *const totals[] = {&spill->allocated, &spill->extent_count, &spill->gaps.map,
                                &spill->gaps.row_map[0], &spill->gaps.heads[0][2]};
    for (size_t i = 0; i < sizeof totals / sizeof totals[0]; i++) {
        *totals[i] ^= 1;
        CHECK(!kvs__spill_check(spill));
        *totals[i] ^= 1;
    }
    spill->peak = 1;
    CHECK(!kvs__spill_check(spill));
    spill->peak = 6;
    kvs__spill_release(spill, first, 2 * KIB);
    kvs__spill_release(spill, third, 2 * KIB);
    CHECK(is_empty(spill));
    kvs__spill_destroy(spill);
}

#ifndef KVS_CHECKED
KVS_TEST(a_release_of_what_is_no_extent_changes_nothing) {
    struct memory_file file;
    struct kvs__spill *spill = new_spill(&file, 10 * KIB);
    uint64_t offset = take(spill, 4 * KIB);
    kvs__spill_release(spill, offset, 3 * KIB);
    kvs__spill_release(spill, offset, 0);
    kvs__spill_release(spill, offset + 1, 4 * KIB);
    kvs__spill_release(spill, offset + 1024, 4 * KIB);
    kvs__spill_release(spill, 4 * KIB, 4 * KIB);
    kvs__spill_release(spill, UINT64_MAX - 1023, 4 * KIB);
    CHECK_EQ(stats_of(spill).allocated_bytes, 4 * KIB);
    kvs__spill_release(spill, offset, 4 * KIB);
    kvs__spill_release(spill, offset, 4 * KIB);
    CHECK(is_empty(spill));
    kvs__spill_destroy(spill);
}
#endif

int main(void) {
    RUN(a_spill_that_cannot_be_made_leaves_nothing_behind);
    RUN(a_spill_hands_out_what_it_has_and_no_more);
    RUN(a_large_spill_has_few_units_and_offsets_beyond_four_gibibytes);
    RUN(failing_io_is_reported_and_leaves_the_bookkeeping_alone);
    RUN(random_traffic_of_small_frames_agrees_with_a_model);
    RUN(random_traffic_of_large_frames_agrees_with_a_model);
    RUN(frames_that_leave_in_order_agree_with_a_model);
    RUN(a_spill_of_one_unit_works);
    RUN(frames_of_a_stream_that_stands_still_pin_only_themselves);
    RUN(the_auditor_notices_every_kind_of_damage);
#ifndef KVS_CHECKED
    RUN(a_release_of_what_is_no_extent_changes_nothing);
#endif
    return kvs_test_report();
}
