#include "kvs/view.h"

#include "test.h"

#define CAPACITY 64u

/* The view never looks at payloads, so that all items can share these. */
static uint8_t payload[16];

static struct kvs_view *new_view(uint32_t capacity) {
    struct kvs_view *view = NULL;
    CHECK_STATUS(kvs_view_new(kvs_test_allocator(), capacity, &view), KVS_STATUS_SUCCESS);
    return view;
}

/* An item of the fragment `timecode` that lasts for 1000 ns. */
static struct kvs_view_item item_of(int64_t timecode, uint32_t flags, int64_t pts_ns) {
    struct kvs_view_item item = {.pts_ns = pts_ns,
                                 .dts_ns = pts_ns,
                                 .duration_ns = 1000,
                                 .fragment_timecode = timecode,
                                 .data = payload,
                                 .len = 10,
                                 .flags = flags};
    return item;
}

static void append(struct kvs_view *view, struct kvs_view_item item) {
    uint64_t index = 0;
    uint64_t head = kvs_view_head(view);
    CHECK_STATUS(kvs_view_append(view, &item, &index), KVS_STATUS_SUCCESS);
    CHECK_EQ(index, head);
}

/* Fragments at 100, 200, 300 … of three items each. */
static void append_fragments(struct kvs_view *view, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        int64_t timecode = 100 * (i + 1);
        append(view, item_of(timecode, KVS_ITEM_FRAGMENT_START | KVS_ITEM_KEY, 3000 * i));
        append(view, item_of(timecode, 0, 3000 * i + 1000));
        append(view, item_of(timecode, 0, 3000 * i + 2000));
    }
}

static struct kvs_view_window all_of(const struct kvs_view *view) {
    struct kvs_view_window window;
    kvs_view_window(view, &window, NULL);
    return window;
}

static struct kvs_view_window pending_of(const struct kvs_view *view) {
    struct kvs_view_window window;
    kvs_view_window(view, NULL, &window);
    return window;
}

static void check_window(struct kvs_view_window window, uint64_t frames, uint64_t bytes,
                         int64_t duration_ns) {
    CHECK_EQ(window.frames, frames);
    CHECK_EQ(window.bytes, bytes);
    CHECK_EQ(window.duration_ns, duration_ns);
}

KVS_TEST(a_view_of_too_few_items_is_refused) {
    struct kvs_view *view = NULL;
    CHECK_STATUS(kvs_view_new(kvs_test_allocator(), 0, &view), KVS_STATUS_MIN_CONTENT_VIEW_ITEMS);
    CHECK_STATUS(kvs_view_new(kvs_test_allocator(), KVS_VIEW_MIN_CAPACITY, &view),
                 KVS_STATUS_MIN_CONTENT_VIEW_ITEMS);
    CHECK_STATUS(kvs_view_new(NULL, CAPACITY, &view), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_view_new(kvs_test_allocator(), CAPACITY, NULL), KVS_STATUS_NULL_ARG);
    CHECK(view == NULL);
    view = new_view(KVS_VIEW_MIN_CAPACITY + 1);
    kvs_view_destroy(view);
    kvs_view_destroy(NULL);
}

KVS_TEST(a_view_that_cannot_be_made_leaves_nothing_behind) {
    for (size_t n = 1; n <= 3; n++) {
        struct kvs_view *view = NULL;
        kvs_test_fail_after(n);
        CHECK_STATUS(kvs_view_new(kvs_test_allocator(), CAPACITY, &view),
                     KVS_STATUS_NOT_ENOUGH_MEMORY);
        CHECK(view == NULL);
        CHECK_EQ(kvs_test_live_blocks(), 0);
    }
}

KVS_TEST(an_empty_view_has_nothing_to_give) {
    struct kvs_view *view = new_view(CAPACITY);
    struct kvs_view_item item = item_of(0, 0, 0);
    uint64_t index = 7;
    CHECK(kvs_view_at(view, 0) == NULL);
    CHECK(kvs_view_at(NULL, 0) == NULL);
    CHECK_STATUS(kvs_view_pop_tail(view, &item), KVS_STATUS_CONTENT_VIEW_NO_MORE_ITEMS);
    CHECK_STATUS(kvs_view_drop(view, 0, &item), KVS_STATUS_CONTENT_VIEW_INVALID_INDEX);
    CHECK_STATUS(kvs_view_set_current(view, 1), KVS_STATUS_CONTENT_VIEW_INVALID_INDEX);
    CHECK_STATUS(kvs_view_find_fragment(view, 0, &index),
                 KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP);
    CHECK_STATUS(kvs_view_find_time(view, INT64_MAX, &index),
                 KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP);
    CHECK_EQ(index, 7);
    CHECK_EQ(kvs_view_fragment_start(view, 0), 0);
    CHECK_EQ(kvs_view_fragment_end(view, 0), 0);
    check_window(all_of(view), 0, 0, 0);
    check_window(pending_of(view), 0, 0, 0);
    kvs_view_destroy(view);
}

KVS_TEST(items_that_cannot_be_sent_are_refused) {
    struct kvs_view *view = new_view(CAPACITY);
    struct kvs_view_item good = item_of(100, KVS_ITEM_FRAGMENT_START, 0);
    struct kvs_view_item item = good;
    CHECK_STATUS(kvs_view_append(NULL, &good, NULL), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_view_append(view, NULL, NULL), KVS_STATUS_NULL_ARG);
    item.data = NULL;
    CHECK_STATUS(kvs_view_append(view, &item, NULL), KVS_STATUS_NULL_ARG);
    item = good;
    item.len = 0;
    CHECK_STATUS(kvs_view_append(view, &item, NULL), KVS_STATUS_INVALID_CONTENT_VIEW_LENGTH);
    item = good;
    item.flags |= KVS_ITEM_SPILLED;
    CHECK_STATUS(kvs_view_append(view, &item, NULL), KVS_STATUS_INVALID_ARG);
    item = good;
    item.flags |= KVS_ITEM_DROPPED;
    CHECK_STATUS(kvs_view_append(view, &item, NULL), KVS_STATUS_INVALID_ARG);
    item = good;
    item.flags = KVS_ITEM_KEY;
    CHECK_STATUS(kvs_view_append(view, &item, NULL), KVS_STATUS_INVALID_ARG);
    CHECK_EQ(kvs_view_head(view), 0);
    CHECK_STATUS(kvs_view_append(view, &good, NULL), KVS_STATUS_SUCCESS);
    CHECK_EQ(kvs_view_head(view), 1);
    CHECK(kvs__view_check(view));
    kvs_view_destroy(view);
}

KVS_TEST(fragments_have_to_ascend) {
    struct kvs_view *view = new_view(CAPACITY);
    append_fragments(view, 2);
    struct kvs_view_item start = item_of(200, KVS_ITEM_FRAGMENT_START, 9000);
    struct kvs_view_item rest = item_of(199, 0, 9000);
    CHECK_STATUS(kvs_view_append(view, &start, NULL), KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP);
    start.fragment_timecode = -1;
    CHECK_STATUS(kvs_view_append(view, &start, NULL), KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP);
    CHECK_STATUS(kvs_view_append(view, &rest, NULL), KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP);
    rest.fragment_timecode = 201;
    CHECK_STATUS(kvs_view_append(view, &rest, NULL), KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP);
    CHECK_EQ(kvs_view_head(view), 6);
    start.fragment_timecode = 201;
    append(view, start);
    append(view, rest);
    /* What has left the view still counts. */
    struct kvs_view_item removed;
    while (kvs_view_pop_tail(view, &removed) == KVS_STATUS_SUCCESS) {
        CHECK(removed.data == payload);
    }
    CHECK_STATUS(kvs_view_append(view, &start, NULL), KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP);
    append(view, rest);
    kvs_view_destroy(view);
}

KVS_TEST(a_full_view_takes_no_more_until_an_item_leaves) {
    struct kvs_view *view = new_view(12);
    append_fragments(view, 4);
    struct kvs_view_item next = item_of(500, KVS_ITEM_FRAGMENT_START, 12000);
    struct kvs_view_item bad = item_of(400, KVS_ITEM_FRAGMENT_START, 12000);
    struct kvs_view_item removed;
    CHECK_STATUS(kvs_view_append(view, &next, NULL), KVS_STATUS_STORE_OUT_OF_MEMORY);
    CHECK_STATUS(kvs_view_append(view, &bad, NULL), KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP);
    CHECK_EQ(kvs_view_head(view), 12);
    CHECK_STATUS(kvs_view_pop_tail(view, &removed), KVS_STATUS_SUCCESS);
    append(view, next);
    CHECK_EQ(kvs_view_at(view, 12)->fragment_timecode, 500);
    CHECK(kvs_view_at(view, 0) == NULL);
    CHECK(kvs_view_at(view, 13) == NULL);
    CHECK(kvs__view_check(view));
    kvs_view_destroy(view);
}

KVS_TEST(popping_returns_the_item_and_moves_current_along) {
    struct kvs_view *view = new_view(CAPACITY);
    struct kvs_view_item first = item_of(100, KVS_ITEM_FRAGMENT_START, 5);
    first.data = NULL;
    first.spill_offset = 77;
    first.flags |= KVS_ITEM_SPILLED;
    append(view, first);
    append(view, item_of(100, KVS_ITEM_DISCARDABLE, 6));
    struct kvs_view_item removed;
    CHECK_STATUS(kvs_view_pop_tail(view, NULL), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_view_pop_tail(view, &removed), KVS_STATUS_SUCCESS);
    CHECK_MEM(&removed, &first, sizeof first);
    CHECK_EQ(kvs_view_tail(view), 1);
    CHECK_EQ(kvs_view_current(view), 1);
    CHECK_STATUS(kvs_view_set_current(view, 2), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_view_pop_tail(view, &removed), KVS_STATUS_SUCCESS);
    CHECK_EQ(removed.flags, KVS_ITEM_DISCARDABLE);
    CHECK_EQ(kvs_view_current(view), 2);
    check_window(all_of(view), 0, 0, 0);
    kvs_view_destroy(view);
}

KVS_TEST(current_moves_both_ways_within_the_view) {
    struct kvs_view *view = new_view(CAPACITY);
    append_fragments(view, 3);
    struct kvs_view_item removed;
    CHECK_STATUS(kvs_view_pop_tail(view, &removed), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_view_set_current(view, 0), KVS_STATUS_CONTENT_VIEW_INVALID_INDEX);
    CHECK_STATUS(kvs_view_set_current(view, 10), KVS_STATUS_CONTENT_VIEW_INVALID_INDEX);
    CHECK_STATUS(kvs_view_set_current(NULL, 1), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_view_set_current(view, 9), KVS_STATUS_SUCCESS);
    check_window(pending_of(view), 0, 0, 0);
    check_window(all_of(view), 8, 80, 8000);
    CHECK_STATUS(kvs_view_set_current(view, 6), KVS_STATUS_SUCCESS);
    check_window(pending_of(view), 3, 30, 3000);
    CHECK(kvs__view_check(view));
    kvs_view_destroy(view);
}

KVS_TEST(a_dropped_item_keeps_its_place_and_counts_for_nothing) {
    struct kvs_view *view = new_view(CAPACITY);
    struct kvs_view_item start = item_of(50, KVS_ITEM_FRAGMENT_START, -1000);
    start.data = NULL;
    start.flags |= KVS_ITEM_SPILLED;
    append(view, start);
    append_fragments(view, 1);
    check_window(all_of(view), 4, 40, 4000);
    struct kvs_view_item dropped;
    CHECK_STATUS(kvs_view_drop(view, 4, &dropped), KVS_STATUS_CONTENT_VIEW_INVALID_INDEX);
    CHECK_STATUS(kvs_view_drop(view, 0, NULL), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_view_drop(view, 0, &dropped), KVS_STATUS_SUCCESS);
    CHECK_MEM(&dropped, &start, sizeof start);
    const struct kvs_view_item *left = kvs_view_at(view, 0);
    CHECK_EQ(left->flags, KVS_ITEM_FRAGMENT_START | KVS_ITEM_DROPPED);
    CHECK(left->data == NULL && left->len == 0);
    CHECK_EQ(left->pts_ns, -1000);
    check_window(all_of(view), 3, 30, 4000);
    check_window(pending_of(view), 3, 30, 4000);
    /* The second time there is nothing to free. */
    CHECK_STATUS(kvs_view_drop(view, 0, &dropped), KVS_STATUS_SUCCESS);
    CHECK(dropped.data == NULL && dropped.len == 0);
    for (uint64_t index = 1; index < 4; index++) {
        CHECK_STATUS(kvs_view_drop(view, index, &dropped), KVS_STATUS_SUCCESS);
    }
    check_window(all_of(view), 0, 0, 0);
    CHECK(kvs__view_check(view));
    kvs_view_destroy(view);
}

KVS_TEST(fragments_are_found_by_timecode_and_by_the_time_they_cover) {
    struct kvs_view *view = new_view(CAPACITY);
    append_fragments(view, 3);
    uint64_t index = 99;
    CHECK_STATUS(kvs_view_find_fragment(view, 200, &index), KVS_STATUS_SUCCESS);
    CHECK_EQ(index, 3);
    CHECK_STATUS(kvs_view_find_fragment(view, 201, &index),
                 KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP);
    CHECK_STATUS(kvs_view_find_fragment(view, 400, &index),
                 KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP);
    CHECK_STATUS(kvs_view_find_time(view, 99, &index), KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP);
    CHECK_EQ(index, 3);
    CHECK_STATUS(kvs_view_find_time(view, 199, &index), KVS_STATUS_SUCCESS);
    CHECK_EQ(index, 0);
    CHECK_STATUS(kvs_view_find_time(view, 200, &index), KVS_STATUS_SUCCESS);
    CHECK_EQ(index, 3);
    CHECK_STATUS(kvs_view_find_time(view, INT64_MAX, &index), KVS_STATUS_SUCCESS);
    CHECK_EQ(index, 6);
    CHECK_STATUS(kvs_view_find_time(view, 0, NULL), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_view_find_fragment(NULL, 0, &index), KVS_STATUS_NULL_ARG);
    kvs_view_destroy(view);
}

KVS_TEST(a_fragment_without_its_start_begins_at_its_oldest_item) {
    struct kvs_view *view = new_view(CAPACITY);
    append_fragments(view, 2);
    struct kvs_view_item removed;
    CHECK_STATUS(kvs_view_pop_tail(view, &removed), KVS_STATUS_SUCCESS);
    uint64_t index = 99;
    CHECK_STATUS(kvs_view_find_fragment(view, 100, &index), KVS_STATUS_SUCCESS);
    CHECK_EQ(index, 1);
    CHECK_EQ(kvs_view_fragment_start(view, 2), 1);
    CHECK_EQ(kvs_view_fragment_end(view, 2), 3);
    CHECK_EQ(kvs_view_fragment_start(view, 5), 3);
    CHECK_EQ(kvs_view_fragment_end(view, 3), 6);
    CHECK_EQ(kvs_view_fragment_start(view, 0), 6);
    CHECK_EQ(kvs_view_fragment_end(view, 6), 6);
    kvs_view_destroy(view);
}

KVS_TEST(the_duration_reaches_to_the_furthest_end_in_the_window) {
    struct kvs_view *view = new_view(CAPACITY);
    struct kvs_view_item item = item_of(1, KVS_ITEM_FRAGMENT_START, 0);
    item.duration_ns = 50000;
    append(view, item);
    append(view, item_of(1, 0, 3000));
    append(view, item_of(1, 0, 1000));
    check_window(all_of(view), 3, 30, 50000);
    CHECK_STATUS(kvs_view_set_current(view, 1), KVS_STATUS_SUCCESS);
    check_window(pending_of(view), 2, 20, 1000);
    CHECK_STATUS(kvs_view_set_current(view, 2), KVS_STATUS_SUCCESS);
    check_window(pending_of(view), 1, 10, 1000);
    item = item_of(1, 0, 2000);
    item.duration_ns = -5;
    append(view, item);
    check_window(pending_of(view), 2, 20, 1000);
    kvs_view_destroy(view);
}

KVS_TEST(times_at_the_limits_give_the_longest_duration) {
    struct kvs_view *view = new_view(CAPACITY);
    append(view, item_of(INT64_MIN, KVS_ITEM_FRAGMENT_START, INT64_MIN));
    append(view, item_of(INT64_MAX, KVS_ITEM_FRAGMENT_START, INT64_MAX));
    check_window(all_of(view), 2, 20, INT64_MAX);
    uint64_t index = 99;
    CHECK_STATUS(kvs_view_find_time(view, INT64_MIN, &index), KVS_STATUS_SUCCESS);
    CHECK_EQ(index, 0);
    CHECK_EQ(kvs_view_fragment_end(view, 0), 1);
    CHECK_EQ(kvs_view_fragment_end(view, 1), 2);
    CHECK(kvs__view_check(view));
    kvs_view_destroy(view);
}

/* Memory that was never touched costs a page fault, and memory that was not for long a cache miss,
 * each within a put. */
KVS_TEST(a_view_that_holds_little_touches_little) {
    const uintptr_t page = 4096;
    struct kvs_view *view = new_view(65536);
    uintptr_t first = UINTPTR_MAX;
    uintptr_t last = 0;
    for (uint64_t i = 0; i < 100000; i++) {
        struct kvs_view_item popped;
        append(view, item_of((int64_t)i, KVS_ITEM_FRAGMENT_START, (int64_t)i));
        uintptr_t at = (uintptr_t)kvs_view_at(view, i);
        first = at < first ? at : first;
        last = at > last ? at : last;
        if (i >= 100) {
            CHECK_STATUS(kvs_view_pop_tail(view, &popped), KVS_STATUS_SUCCESS);
        }
    }
    CHECK(last - first < 4 * page);
    CHECK(kvs__view_check(view));
    kvs_view_destroy(view);
}

int main(void) {
    RUN(a_view_of_too_few_items_is_refused);
    RUN(a_view_that_cannot_be_made_leaves_nothing_behind);
    RUN(an_empty_view_has_nothing_to_give);
    RUN(items_that_cannot_be_sent_are_refused);
    RUN(fragments_have_to_ascend);
    RUN(a_full_view_takes_no_more_until_an_item_leaves);
    RUN(popping_returns_the_item_and_moves_current_along);
    RUN(current_moves_both_ways_within_the_view);
    RUN(a_dropped_item_keeps_its_place_and_counts_for_nothing);
    RUN(fragments_are_found_by_timecode_and_by_the_time_they_cover);
    RUN(a_fragment_without_its_start_begins_at_its_oldest_item);
    RUN(the_duration_reaches_to_the_furthest_end_in_the_window);
    RUN(times_at_the_limits_give_the_longest_duration);
    RUN(a_view_that_holds_little_touches_little);
    return kvs_test_report();
}
