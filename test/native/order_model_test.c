/* The order of frames under random traffic: nothing is lost, doubled or out of its track's order.
 */
#include "order/order.h"

#include <string.h>

#include "test.h"

#define MS INT64_C(1000000)
#define WINDOW_MS 1000
#define ALL 7u
#define TRACKS 3u
#define PER_TRACK 400u

static struct kvs__order *make_order(enum kvs_frame_order frame_order) {
    const struct kvs__order_config config = {.order = frame_order,
                                             .window_ns = WINDOW_MS * MS,
                                             .timecode_scale_ns = (uint64_t)MS,
                                             .track_count = TRACKS,
                                             .lead_track = 0};
    return kvs__order_new(kvs_test_allocator(), &config);
}

struct traffic {
    struct kvs__order *order;
    int64_t now_ms;
    /* The time of the next frame of each track, and how many came in and out. */
    int64_t next_ms[TRACKS];
    uint32_t in[TRACKS];
    uint32_t out[TRACKS];
    int64_t last_key;
    uint32_t unsorted;
};

/* Takes what may go and compares it with what was put: `lead_count` is the number in its track. */
static void take_all(struct traffic *traffic, bool flush) {
    struct kvs__staged_frame frame;
    while (kvs__order_pop(traffic->order, ALL, traffic->now_ms * MS, flush, &frame)) {
        uint32_t track = frame.track_index;
        CHECK(kvs__order_check(traffic->order));
        CHECK_EQ(frame.lead_count, traffic->out[track]);
        CHECK(traffic->now_ms * MS - frame.put_ns <= WINDOW_MS * MS);
        traffic->out[track]++;
        traffic->unsorted += frame.dts_ns < traffic->last_key;
        traffic->last_key = frame.dts_ns;
    }
}

static void put_next(struct traffic *traffic, uint32_t track) {
    const struct kvs__staged_frame frame = {.track_index = track,
                                            .pts_ns = traffic->next_ms[track] * MS,
                                            .dts_ns = traffic->next_ms[track] * MS,
                                            .put_ns = traffic->now_ms * MS,
                                            .lead_count = traffic->in[track]};
    CHECK(kvs__order_push(traffic->order, &frame));
    traffic->in[track]++;
    traffic->next_ms[track] += 1 + kvs_test_random_below(80);
    take_all(traffic, false);
}

/* Every track puts its frames up to `late_ms` after their time; the clock ticks each ms. */
static void random_traffic(struct traffic *traffic, uint32_t late_ms) {
    int64_t due_ms[TRACKS] = {0};
    const int64_t end_ms = PER_TRACK * 40;
    for (; traffic->now_ms < end_ms; traffic->now_ms++) {
        for (uint32_t track = 0; track < TRACKS; track++) {
            while (due_ms[track] <= traffic->now_ms) {
                put_next(traffic, track);
                int64_t due = traffic->next_ms[track] + kvs_test_random_below(late_ms);
                due_ms[track] = due > due_ms[track] ? due : due_ms[track];
            }
        }
        take_all(traffic, false);
    }
    take_all(traffic, true);
    for (uint32_t track = 0; track < TRACKS; track++) {
        CHECK_EQ(traffic->in[track], traffic->out[track]);
    }
    CHECK_EQ(kvs__order_count(traffic->order), 0);
}

KVS_TEST(any_interleaving_within_the_window_comes_out_sorted) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        kvs_test_seed_random(seed * UINT64_C(0x9e3779b97f4a7c15));
        struct traffic traffic = {.order = make_order(1 + seed % 5)};
        random_traffic(&traffic, WINDOW_MS / 2);
        CHECK_EQ(traffic.unsorted, 0);
        kvs__order_destroy(traffic.order);
    }
}

KVS_TEST(any_interleaving_beyond_the_window_keeps_each_track_in_order) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        kvs_test_seed_random(seed * UINT64_C(0x9e3779b97f4a7c15));
        struct traffic traffic = {.order = make_order(1 + seed % 5)};
        random_traffic(&traffic, WINDOW_MS * 5);
        kvs__order_destroy(traffic.order);
    }
}

KVS_TEST(no_two_tracks_leave_with_one_time) {
    kvs_test_seed_random(7);
    struct kvs__order *order = make_order(KVS_FRAME_ORDER_PTS);
    int64_t next_ms[TRACKS] = {0};
    /* By timecode, the track that left with it, from 1. */
    static uint8_t left[8000];
    memset(left, 0, sizeof left);
    for (uint32_t i = 0; i < 3000; i++) {
        uint32_t track = kvs_test_random_below(TRACKS);
        while (next_ms[track] > next_ms[(track + 1) % TRACKS] + 100) {
            track = (track + 1) % TRACKS;
        }
        struct kvs__staged_frame frame = {
            .track_index = track, .pts_ns = next_ms[track] * MS, .dts_ns = next_ms[track] * MS};
        CHECK(kvs__order_push(order, &frame));
        next_ms[track] += kvs_test_random_below(5);
        while (kvs__order_pop(order, ALL, 0, false, &frame)) {
            CHECK(kvs__order_check(order));
            uint8_t *owner = &left[frame.pts_ns / MS];
            CHECK(*owner == 0 || *owner == frame.track_index + 1);
            *owner = (uint8_t)(frame.track_index + 1);
            CHECK(frame.pts_ns - frame.dts_ns <= 2 * MS);
        }
    }
    kvs__order_destroy(order);
}

int main(void) {
    RUN(any_interleaving_within_the_window_comes_out_sorted);
    RUN(any_interleaving_beyond_the_window_keeps_each_track_in_order);
    RUN(no_two_tracks_leave_with_one_time);
    return kvs_test_report();
}
