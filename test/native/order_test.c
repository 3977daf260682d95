/* The order of frames of several tracks. */
#include "order/order.h"

#include "test.h"

#define MS INT64_C(1000000)
#define WINDOW_MS 1000
#define VIDEO 0u
#define AUDIO 1u
#define DATA 2u
#define ALL 7u

static struct kvs__order *make_order(enum kvs_frame_order frame_order, uint32_t track_count,
                                     uint32_t lead_track) {
    const struct kvs__order_config config = {.order = frame_order,
                                             .window_ns = WINDOW_MS * MS,
                                             .timecode_scale_ns = (uint64_t)MS,
                                             .track_count = track_count,
                                             .lead_track = lead_track};
    return kvs__order_new(kvs_test_allocator(), &config);
}

/* Puts a frame with both times the same, at clock 0. */
static bool push(struct kvs__order *order, uint32_t track, uint32_t flags, int64_t ms) {
    const struct kvs__staged_frame frame = {
        .flags = flags, .track_index = track, .pts_ns = ms * MS, .dts_ns = ms * MS};
    return kvs__order_push(order, &frame) && CHECK(kvs__order_check(order));
}

static bool push_at(struct kvs__order *order, uint32_t track, int64_t ms, int64_t put_ms) {
    const struct kvs__staged_frame frame = {
        .track_index = track, .pts_ns = ms * MS, .dts_ns = ms * MS, .put_ns = put_ms * MS};
    return kvs__order_push(order, &frame) && CHECK(kvs__order_check(order));
}

static bool push_times(struct kvs__order *order, uint32_t track, int64_t pts_ms, int64_t dts_ms) {
    const struct kvs__staged_frame frame = {
        .track_index = track, .pts_ns = pts_ms * MS, .dts_ns = dts_ms * MS};
    return kvs__order_push(order, &frame) && CHECK(kvs__order_check(order));
}

static bool pop(struct kvs__order *order, uint32_t live, int64_t now_ms,
                struct kvs__staged_frame *frame) {
    return kvs__order_pop(order, live, now_ms * MS, false, frame) && CHECK(kvs__order_check(order));
}

/* Flushes one frame; whether it is of that track and leaves with that presentation time. */
static bool flushes(struct kvs__order *order, uint32_t track, int64_t pts_ms) {
    struct kvs__staged_frame frame = {0};
    return CHECK(kvs__order_pop(order, ALL, 0, true, &frame)) && CHECK(kvs__order_check(order)) &&
           CHECK_EQ(frame.track_index, track) && CHECK_EQ(frame.pts_ns, pts_ms * MS);
}

KVS_TEST(the_lowest_decoding_time_goes_first) {
    const enum kvs_frame_order by_dts[] = {KVS_FRAME_ORDER_MULTI_TRACK, KVS_FRAME_ORDER_DTS,
                                           KVS_FRAME_ORDER_DTS_EOFR};
    for (size_t i = 0; i < sizeof by_dts / sizeof *by_dts; i++) {
        struct kvs__order *order = make_order(by_dts[i], 2, VIDEO);
        push_times(order, VIDEO, 90, 20);
        push_times(order, AUDIO, 30, 30);
        push_times(order, AUDIO, 40, 40);
        push_times(order, VIDEO, 50, 50);
        flushes(order, VIDEO, 90);
        flushes(order, AUDIO, 30);
        flushes(order, AUDIO, 40);
        flushes(order, VIDEO, 50);
        kvs__order_destroy(order);
    }
}

KVS_TEST(what_is_shown_before_a_key_frame_goes_before_it) {
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_MULTI_TRACK, 2, VIDEO);
    const struct kvs__staged_frame key = {
        .flags = KVS_FRAME_KEY, .track_index = VIDEO, .pts_ns = 100 * MS, .dts_ns = 20 * MS};
    CHECK(kvs__order_push(order, &key));
    push_times(order, VIDEO, 180, 60);
    push_times(order, AUDIO, 50, 50);
    push_times(order, AUDIO, 99, 99);
    push_times(order, AUDIO, 100, 100);
    flushes(order, AUDIO, 50);
    flushes(order, AUDIO, 99);
    flushes(order, VIDEO, 100);
    flushes(order, VIDEO, 180);
    flushes(order, AUDIO, 100);
    kvs__order_destroy(order);
}

KVS_TEST(the_lowest_presentation_time_goes_first_when_ordered_by_it) {
    const enum kvs_frame_order by_pts[] = {KVS_FRAME_ORDER_PTS, KVS_FRAME_ORDER_PTS_EOFR};
    for (size_t i = 0; i < sizeof by_pts / sizeof *by_pts; i++) {
        struct kvs__order *order = make_order(by_pts[i], 2, VIDEO);
        push_times(order, VIDEO, 90, 20);
        push_times(order, AUDIO, 30, 30);
        push_times(order, AUDIO, 95, 95);
        flushes(order, AUDIO, 30);
        flushes(order, VIDEO, 90);
        flushes(order, AUDIO, 95);
        kvs__order_destroy(order);
    }
}

KVS_TEST(times_are_compared_in_units_of_the_timecode_scale) {
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_MULTI_TRACK, 2, VIDEO);
    struct kvs__staged_frame frame = {.track_index = VIDEO, .pts_ns = 10 * MS + 400000};
    frame.dts_ns = frame.pts_ns;
    CHECK(kvs__order_push(order, &frame));
    push(order, AUDIO, 0, 10);
    /* Less than half a unit later is no later, and the video track is the lower one. */
    CHECK(kvs__order_pop(order, ALL, 0, true, &frame));
    CHECK_EQ(frame.track_index, VIDEO);
    flushes(order, AUDIO, 10);
    kvs__order_destroy(order);
}

KVS_TEST(of_equals_a_key_frame_of_the_lead_track_goes_first) {
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_MULTI_TRACK, 3, DATA);
    push(order, AUDIO, KVS_FRAME_KEY, 10);
    push(order, VIDEO, KVS_FRAME_KEY, 10);
    push(order, DATA, KVS_FRAME_KEY, 10);
    flushes(order, DATA, 10);
    flushes(order, VIDEO, 10);
    flushes(order, AUDIO, 10);
    kvs__order_destroy(order);
}

KVS_TEST(of_equals_the_lower_track_goes_first) {
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_MULTI_TRACK, 3, DATA);
    push(order, DATA, 0, 10);
    push(order, AUDIO, 0, 10);
    push(order, VIDEO, 0, 10);
    flushes(order, VIDEO, 10);
    flushes(order, AUDIO, 10);
    flushes(order, DATA, 10);
    kvs__order_destroy(order);
}

KVS_TEST(without_a_lead_track_key_frames_mean_nothing) {
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_MULTI_TRACK, 2, UINT32_MAX);
    push(order, AUDIO, KVS_FRAME_KEY, 10);
    push(order, VIDEO, 0, 10);
    flushes(order, VIDEO, 10);
    flushes(order, AUDIO, 10);
    kvs__order_destroy(order);
}

KVS_TEST(a_frame_at_the_time_of_another_track_is_moved_by_a_unit) {
    const enum kvs_frame_order orders[] = {KVS_FRAME_ORDER_DTS, KVS_FRAME_ORDER_PTS,
                                           KVS_FRAME_ORDER_DTS_EOFR, KVS_FRAME_ORDER_PTS_EOFR};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct kvs__order *order = make_order(orders[i], 2, VIDEO);
        push(order, AUDIO, 0, 10);
        push(order, VIDEO, KVS_FRAME_KEY, 10);
        flushes(order, VIDEO, 10);
        struct kvs__staged_frame frame = {0};
        CHECK(kvs__order_pop(order, ALL, 0, true, &frame));
        CHECK_EQ(frame.track_index, AUDIO);
        CHECK_EQ(frame.pts_ns, 11 * MS);
        CHECK_EQ(frame.dts_ns, 10 * MS);
        kvs__order_destroy(order);
    }
}

KVS_TEST(the_one_that_goes_second_is_moved_whichever_track_is_listed_first) {
    /* The lead track is listed last. */
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_PTS, 2, AUDIO);
    push(order, VIDEO, 0, 10);
    push(order, AUDIO, KVS_FRAME_KEY, 10);
    push(order, VIDEO, 0, 20);
    push(order, AUDIO, 0, 20);
    flushes(order, AUDIO, 10);
    flushes(order, VIDEO, 11);
    flushes(order, VIDEO, 20);
    flushes(order, AUDIO, 21);
    kvs__order_destroy(order);
}

KVS_TEST(three_tracks_at_one_time_leave_at_three) {
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_DTS, 3, VIDEO);
    push(order, VIDEO, 0, 10);
    push(order, AUDIO, 0, 10);
    push(order, DATA, 0, 10);
    push(order, AUDIO, 0, 11);
    push(order, VIDEO, 0, 11);
    flushes(order, VIDEO, 10);
    flushes(order, AUDIO, 11);
    flushes(order, DATA, 12);
    flushes(order, VIDEO, 13);
    flushes(order, AUDIO, 11);
    kvs__order_destroy(order);
}

KVS_TEST(frames_of_one_track_at_one_time_are_moved_alike) {
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_DTS, 2, VIDEO);
    push(order, VIDEO, 0, 10);
    push(order, AUDIO, 0, 10);
    push(order, AUDIO, 0, 10);
    flushes(order, VIDEO, 10);
    flushes(order, AUDIO, 11);
    flushes(order, AUDIO, 11);
    push(order, VIDEO, 0, 20);
    flushes(order, VIDEO, 20);
    push(order, AUDIO, 0, 10);
    flushes(order, AUDIO, 11);
    kvs__order_destroy(order);
}

KVS_TEST(multi_track_order_moves_nothing) {
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_MULTI_TRACK, 2, VIDEO);
    push(order, AUDIO, 0, 10);
    push(order, VIDEO, KVS_FRAME_KEY, 10);
    flushes(order, VIDEO, 10);
    flushes(order, AUDIO, 10);
    kvs__order_destroy(order);
}

KVS_TEST(frames_of_one_track_keep_their_order) {
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_PTS, 2, VIDEO);
    const int64_t pts_ms[] = {120, 40, 80, 80, 0};
    for (size_t i = 0; i < 5; i++) {
        push(order, VIDEO, 0, pts_ms[i]);
    }
    for (size_t i = 0; i < 5; i++) {
        flushes(order, VIDEO, pts_ms[i]);
    }
    kvs__order_destroy(order);
}

KVS_TEST(a_frame_waits_until_every_live_track_has_one) {
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_PTS, 3, VIDEO);
    struct kvs__staged_frame frame = {.size = 77};
    push(order, VIDEO, KVS_FRAME_KEY, 0);
    CHECK(!pop(order, ALL, 0, &frame));
    push(order, AUDIO, 0, 5);
    CHECK(!pop(order, ALL, 0, &frame));
    CHECK_EQ(frame.size, 77);
    push(order, DATA, 0, 2);
    CHECK(pop(order, ALL, 0, &frame));
    CHECK_EQ(frame.track_index, VIDEO);
    CHECK(!pop(order, ALL, 0, &frame));
    CHECK_EQ(kvs__order_count(order), 2);
    kvs__order_destroy(order);
}

KVS_TEST(a_track_that_is_not_live_is_not_waited_for) {
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_PTS, 3, VIDEO);
    struct kvs__staged_frame frame;
    push(order, VIDEO, KVS_FRAME_KEY, 0);
    CHECK(pop(order, 1u << VIDEO, 0, &frame));
    push(order, VIDEO, 0, 40);
    CHECK(pop(order, 0, 0, &frame));
    push(order, VIDEO, 0, 80);
    CHECK(pop(order, ~(uint32_t)6, 0, &frame));
    kvs__order_destroy(order);
}

KVS_TEST(a_silent_track_holds_back_no_longer_than_the_window) {
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_PTS, 2, VIDEO);
    struct kvs__staged_frame frame;
    CHECK_EQ(kvs__order_next_ns(order), INT64_MAX);
    push_at(order, VIDEO, 0, 5000);
    push_at(order, VIDEO, 40, 5040);
    CHECK_EQ(kvs__order_next_ns(order), (5000 + WINDOW_MS) * MS);
    CHECK(!pop(order, ALL, 5000 + WINDOW_MS - 1, &frame));
    CHECK(pop(order, ALL, 5000 + WINDOW_MS, &frame));
    CHECK_EQ(frame.pts_ns, 0);
    CHECK(!pop(order, ALL, 5000 + WINDOW_MS, &frame));
    CHECK_EQ(kvs__order_next_ns(order), (5040 + WINDOW_MS) * MS);
    kvs__order_destroy(order);
}

KVS_TEST(a_frame_that_has_waited_lets_those_before_it_go) {
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_PTS, 3, VIDEO);
    struct kvs__staged_frame frame;
    push_at(order, VIDEO, 500, 0);
    push_at(order, AUDIO, 100, 900);
    CHECK(pop(order, ALL, WINDOW_MS, &frame));
    CHECK_EQ(frame.track_index, AUDIO);
    CHECK(pop(order, ALL, WINDOW_MS, &frame));
    CHECK_EQ(frame.track_index, VIDEO);
    kvs__order_destroy(order);
}

KVS_TEST(media_further_apart_than_the_window_does_not_wait) {
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_PTS, 2, VIDEO);
    struct kvs__staged_frame frame;
    push(order, VIDEO, 0, 0);
    push(order, VIDEO, 0, WINDOW_MS);
    CHECK(!pop(order, ALL, 0, &frame));
    push(order, VIDEO, 0, WINDOW_MS + 1);
    CHECK(pop(order, ALL, 0, &frame));
    CHECK_EQ(frame.pts_ns, 0);
    CHECK(!pop(order, ALL, 0, &frame));
    kvs__order_destroy(order);
}

KVS_TEST(a_full_queue_takes_no_more_and_does_not_wait) {
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_PTS, 2, VIDEO);
    struct kvs__staged_frame frame;
    for (uint32_t i = 0; i < KVS__ORDER_CAPACITY; i++) {
        CHECK(push(order, VIDEO, 0, i));
        CHECK_EQ(pop(order, ALL, 0, &frame), i + 1 == KVS__ORDER_CAPACITY);
    }
    CHECK_EQ(frame.pts_ns, 0);
    CHECK(push(order, VIDEO, 0, 400));
    CHECK(!push(order, VIDEO, 0, 401));
    CHECK_EQ(kvs__order_count(order), KVS__ORDER_CAPACITY);
    CHECK(push(order, AUDIO, 0, 0));
    CHECK(kvs__order_pop(order, ALL, 0, true, &frame));
    CHECK_EQ(frame.track_index, AUDIO);
    CHECK(kvs__order_pop(order, ALL, 0, true, &frame));
    CHECK(push(order, VIDEO, 0, 401));
    CHECK_EQ(kvs_test_allocations(), 1);
    kvs__order_destroy(order);
}

KVS_TEST(a_clock_that_is_set_back_makes_a_frame_wait_from_then_on) {
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_PTS, 2, VIDEO);
    struct kvs__staged_frame frame;
    push_at(order, VIDEO, 0, 3600000);
    CHECK(!pop(order, ALL, 10, &frame));
    CHECK_EQ(kvs__order_next_ns(order), (10 + WINDOW_MS) * MS);
    CHECK(!pop(order, ALL, 9 + WINDOW_MS, &frame));
    CHECK(pop(order, ALL, 10 + WINDOW_MS, &frame));
    kvs__order_destroy(order);
}

KVS_TEST(a_clock_that_is_set_forward_makes_frames_go) {
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_PTS, 2, VIDEO);
    struct kvs__staged_frame frame;
    push_at(order, VIDEO, 0, 0);
    push_at(order, VIDEO, 40, 40);
    CHECK(pop(order, ALL, 7200000, &frame));
    CHECK(pop(order, ALL, 7200000, &frame));
    kvs__order_destroy(order);
}

KVS_TEST(extreme_times_and_clocks_do_no_harm) {
    const int64_t extremes[] = {INT64_MIN, INT64_MIN / 2, -1, 0, 1, INT64_MAX / 2, INT64_MAX};
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_DTS, 2, VIDEO);
    struct kvs__staged_frame frame;
    for (size_t i = 0; i < 7 * 7 * 7; i++) {
        frame = (struct kvs__staged_frame){.track_index = i % 2,
                                           .pts_ns = extremes[i % 7],
                                           .dts_ns = extremes[i / 7 % 7],
                                           .put_ns = extremes[i / 49]};
        while (!kvs__order_push(order, &frame)) {
            struct kvs__staged_frame popped;
            CHECK(kvs__order_pop(order, ALL, 0, true, &popped));
        }
        CHECK(kvs__order_check(order));
        kvs__order_pop(order, ALL, extremes[(i + 3) % 7], false, &frame);
        CHECK(kvs__order_check(order));
        kvs__order_next_ns(order);
    }
    while (kvs__order_pop(order, ALL, 0, true, &frame)) {
        CHECK(kvs__order_check(order));
    }
    CHECK_EQ(kvs__order_count(order), 0);
    kvs__order_destroy(order);
}

KVS_TEST(without_memory_there_is_no_order) {
    kvs_test_fail_after(1);
    CHECK(make_order(KVS_FRAME_ORDER_PTS, 2, VIDEO) == NULL);
    kvs__order_destroy(NULL);
    CHECK(!kvs__order_check(NULL));
}

int main(void) {
    RUN(the_lowest_decoding_time_goes_first);
    RUN(what_is_shown_before_a_key_frame_goes_before_it);
    RUN(the_lowest_presentation_time_goes_first_when_ordered_by_it);
    RUN(times_are_compared_in_units_of_the_timecode_scale);
    RUN(of_equals_a_key_frame_of_the_lead_track_goes_first);
    RUN(of_equals_the_lower_track_goes_first);
    RUN(without_a_lead_track_key_frames_mean_nothing);
    RUN(a_frame_at_the_time_of_another_track_is_moved_by_a_unit);
    RUN(the_one_that_goes_second_is_moved_whichever_track_is_listed_first);
    RUN(three_tracks_at_one_time_leave_at_three);
    RUN(frames_of_one_track_at_one_time_are_moved_alike);
    RUN(multi_track_order_moves_nothing);
    RUN(frames_of_one_track_keep_their_order);
    RUN(a_frame_waits_until_every_live_track_has_one);
    RUN(a_track_that_is_not_live_is_not_waited_for);
    RUN(a_silent_track_holds_back_no_longer_than_the_window);
    RUN(a_frame_that_has_waited_lets_those_before_it_go);
    RUN(media_further_apart_than_the_window_does_not_wait);
    RUN(a_full_queue_takes_no_more_and_does_not_wait);
    RUN(a_clock_that_is_set_back_makes_a_frame_wait_from_then_on);
    RUN(a_clock_that_is_set_forward_makes_frames_go);
    RUN(extreme_times_and_clocks_do_no_harm);
    RUN(without_memory_there_is_no_order);
    return kvs_test_report();
}
