/* Times of frames, checked or mended one by one. */
#include "normalizer_support.h"

#define INVALID KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP
#define BACKWARD KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP

static bool is_refused(const struct kvs__frame_times *in, kvs_status status) {
    struct kvs__normalizer_step next = {.fixed = true};
    struct kvs__frame_times out = {1, 2, 3};
    return CHECK_STATUS(kvs__normalizer_apply(&normalizer, VIDEO, in, &out, &next), status) &&
           CHECK(next.fixed && out.pts_ns == 1 && out.dts_ns == 2 && out.duration_ns == 3);
}

KVS_TEST(what_is_out_of_range_is_refused_unless_it_is_mended) {
    const int64_t over = KVS__MAX_TIME_NS + 1;
    const struct kvs__frame_times refused[] = {
        {-1, 0, 0}, {over, 0, 0}, {INT64_MIN, 0, 0}, {0, over, 0},      {0, -over, 0},
        {0, 0, -1}, {0, 0, over}, {0, INT64_MIN, 0}, {0, 0, INT64_MIN}, {INT64_MAX, INT64_MAX, 0},
    };
    for (int policy = KVS_TIMESTAMPS_THROW; policy <= KVS_TIMESTAMPS_DROP; policy++) {
        begin((enum kvs_timestamp_policy)policy);
        for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
            is_refused(&refused[i], INVALID);
        }
        CHECK_STATUS(put_ns(VIDEO, 0, -KVS__MAX_TIME_NS, 0), KVS_STATUS_SUCCESS);
        CHECK_STATUS(put_ns(VIDEO, KVS__MAX_TIME_NS, KVS__MAX_TIME_NS, KVS__MAX_TIME_NS),
                     KVS_STATUS_SUCCESS);
    }
}

KVS_TEST(backward_decoding_times_are_refused_unless_they_are_mended) {
    for (int policy = KVS_TIMESTAMPS_THROW; policy <= KVS_TIMESTAMPS_DROP; policy++) {
        begin((enum kvs_timestamp_policy)policy);
        passes(VIDEO, 180, 100, 40);
        passes(VIDEO, 100, 100, 0);
        const struct kvs__frame_times backward = {100 * MS, 100 * MS - 1, 0};
        is_refused(&backward, BACKWARD);
        passes(AUDIO, 20, 20, 0);
        passes(VIDEO, 60, 100, 0);
        passes(VIDEO, EPOCH_MS, EPOCH_MS, 0);
    }
}

KVS_TEST(nothing_is_remembered_without_a_commit) {
    begin(KVS_TIMESTAMPS_FIX);
    goes_to(VIDEO, 0, 0);
    goes_to(VIDEO, 40, 40);
    const struct kvs__normalizer before = normalizer;
    const struct kvs__frame_times in = {20 * MS, 20 * MS, 0};
    struct kvs__normalizer_step next;
    struct kvs__frame_times out;
    for (int i = 0; i < 3; i++) {
        CHECK_STATUS(kvs__normalizer_apply(&normalizer, VIDEO, &in, &out, &next),
                     KVS_STATUS_SUCCESS);
        CHECK_EQ(out.dts_ns, 41 * MS);
        CHECK(next.fixed);
    }
    CHECK_MEM(&normalizer, &before, sizeof before);
}

KVS_TEST(well_formed_times_pass) {
    begin(KVS_TIMESTAMPS_FIX);
    passes(VIDEO, EPOCH_MS + 80, EPOCH_MS, 40);
    passes(AUDIO, EPOCH_MS + 2, EPOCH_MS + 2, 21);
    passes(VIDEO, EPOCH_MS + 40, EPOCH_MS + 40, 40);
    passes(VIDEO, EPOCH_MS + 160, EPOCH_MS + 80, 33);
    passes(AUDIO, EPOCH_MS + 23, EPOCH_MS + 23, 21);
}

KVS_TEST(decoding_times_may_begin_before_zero) {
    begin(KVS_TIMESTAMPS_FIX);
    passes(VIDEO, 0, -80, 40);
    passes(VIDEO, 120, -40, 40);
    passes(VIDEO, 40, 0, 40);
    passes(AUDIO, 0, 0, 20);
}

KVS_TEST(presentation_times_before_zero_move_all_tracks) {
    begin(KVS_TIMESTAMPS_FIX);
    CHECK_STATUS(put(VIDEO, -100, -140, 40), KVS_STATUS_SUCCESS);
    CHECK_EQ(went.pts_ns, 0);
    CHECK_EQ(went.dts_ns, -40 * MS);
    goes_to(AUDIO, -60, 40);
    goes_to(VIDEO, -60, 40);
    goes_to(AUDIO, -20, 80);
    goes_to(VIDEO, 100, 200);
}

KVS_TEST(a_later_track_does_not_begin_before_zero) {
    begin(KVS_TIMESTAMPS_FIX);
    goes_to(VIDEO, 0, 0);
    CHECK_STATUS(put(AUDIO, -20, -20, 20), KVS_STATUS_SUCCESS);
    CHECK_EQ(went.pts_ns, 0);
    CHECK_EQ(went.dts_ns, -20 * MS);
    goes_to(AUDIO, 1, 1);
}

KVS_TEST(equal_decoding_times_move_forward_by_a_unit) {
    begin(KVS_TIMESTAMPS_FIX);
    goes_to(VIDEO, 1000, 1000);
    goes_to(VIDEO, 1000, 1001);
    goes_to(VIDEO, 1000, 1002);
    goes_to(VIDEO, 1040, 1040);
    /* Within half a unit is the same timecode. */
    CHECK_STATUS(put_ns(VIDEO, 1040 * MS + 499999, 1040 * MS + 499999, MS), KVS_STATUS_SUCCESS);
    CHECK_EQ(went.dts_ns, 1041 * MS);
}

KVS_TEST(backward_decoding_times_move_forward_by_a_unit) {
    begin(KVS_TIMESTAMPS_FIX);
    goes_to(VIDEO, 1000, 1000);
    goes_to(VIDEO, 1040, 1040);
    goes_to(VIDEO, 1020, 1041);
    goes_to(VIDEO, 120, 1042);
    goes_to(VIDEO, 1080, 1080);
}

KVS_TEST(missing_durations_follow_from_the_distance) {
    begin(KVS_TIMESTAMPS_FIX);
    passes(VIDEO, 0, 0, 0);
    CHECK_STATUS(put(VIDEO, 40, 40, 0), KVS_STATUS_SUCCESS);
    CHECK_EQ(went.duration_ns, 40 * MS);
    CHECK_STATUS(put(VIDEO, 73, 73, -5), KVS_STATUS_SUCCESS);
    CHECK_EQ(went.duration_ns, 33 * MS);
    /* Neither a gap nor a frame that was moved is a distance. */
    CHECK_STATUS(put(VIDEO, HOUR_MS, HOUR_MS, 0), KVS_STATUS_SUCCESS);
    CHECK_EQ(went.duration_ns, 33 * MS);
    CHECK_STATUS(put(VIDEO, HOUR_MS, HOUR_MS, INT64_MIN / MS), KVS_STATUS_SUCCESS);
    CHECK_EQ(went.duration_ns, 33 * MS);
    CHECK_STATUS(put_ns(AUDIO, 0, 0, INT64_MAX), KVS_STATUS_SUCCESS);
    CHECK_EQ(went.duration_ns, 0);
}

KVS_TEST(b_frames_keep_their_order) {
    const int64_t pts_ms[] = {0, 160, 80, 40, 120, 320, 240, 200, 280};
    begin(KVS_TIMESTAMPS_FIX);
    for (int64_t i = 0; i < 9; i++) {
        passes(VIDEO, EPOCH_MS + pts_ms[i] + 80, EPOCH_MS + i * 40, 40);
    }
    /* The same after a reset. */
    for (int64_t i = 0; i < 9; i++) {
        CHECK_STATUS(put(VIDEO, pts_ms[i] + 80, i * 40, 40), KVS_STATUS_SUCCESS);
        CHECK_EQ(went.dts_ns, (EPOCH_MS + 360 + i * 40) * MS);
        CHECK_EQ(went.pts_ns, (EPOCH_MS + 360 + 80 + pts_ms[i]) * MS);
    }
}

KVS_TEST(b_frames_keep_their_presentation_times_when_decoding_times_repeat) {
    const int64_t pts_ms[] = {80, 240, 160, 120, 200};
    const int64_t dts_ms[] = {0, 40, 40, 80, 120};
    begin(KVS_TIMESTAMPS_FIX);
    int64_t last_ns = -1;
    for (int64_t i = 0; i < 5; i++) {
        CHECK_STATUS(put(VIDEO, pts_ms[i], dts_ms[i], 40), KVS_STATUS_SUCCESS);
        CHECK_EQ(went.pts_ns, pts_ms[i] * MS);
        CHECK(went.dts_ns > last_ns);
        last_ns = went.dts_ns;
    }
}

KVS_TEST(presentation_before_decoding_is_not_invented) {
    begin(KVS_TIMESTAMPS_FIX);
    passes(VIDEO, 1000, 1000, 40);
    CHECK_STATUS(put(VIDEO, 980, 980, 40), KVS_STATUS_SUCCESS);
    CHECK_EQ(went.dts_ns, 1001 * MS);
    CHECK_EQ(went.pts_ns, 1001 * MS);
    /* As it came: 40 ms before. */
    passes(VIDEO, 1000, 1040, 40);
    CHECK_STATUS(put(VIDEO, 1000, 1040, 40), KVS_STATUS_SUCCESS);
    CHECK_EQ(went.dts_ns, 1041 * MS);
    CHECK_EQ(went.pts_ns, 1001 * MS);
}

KVS_TEST(a_presentation_time_of_nowhere_is_near_its_decoding_time) {
    begin(KVS_TIMESTAMPS_FIX);
    passes(VIDEO, EPOCH_MS + 80, EPOCH_MS, 40);
    CHECK_STATUS(put(VIDEO, 0, EPOCH_MS + 40, 40), KVS_STATUS_SUCCESS);
    CHECK_EQ(went.dts_ns, (EPOCH_MS + 40) * MS);
    CHECK_EQ(went.pts_ns, (EPOCH_MS + 120) * MS);
}

KVS_TEST(what_is_no_time_is_refused_even_when_times_are_mended) {
    begin(KVS_TIMESTAMPS_FIX);
    const struct kvs__frame_times refused[] = {
        {INT64_MIN, 0, 0}, {INT64_MAX, 0, 0}, {0, INT64_MIN, 0}, {0, INT64_MAX, 0}};
    for (size_t i = 0; i < 4; i++) {
        is_refused(&refused[i], INVALID);
    }
}

int main(void) {
    RUN(what_is_out_of_range_is_refused_unless_it_is_mended);
    RUN(backward_decoding_times_are_refused_unless_they_are_mended);
    RUN(nothing_is_remembered_without_a_commit);
    RUN(well_formed_times_pass);
    RUN(decoding_times_may_begin_before_zero);
    RUN(presentation_times_before_zero_move_all_tracks);
    RUN(a_later_track_does_not_begin_before_zero);
    RUN(equal_decoding_times_move_forward_by_a_unit);
    RUN(backward_decoding_times_move_forward_by_a_unit);
    RUN(missing_durations_follow_from_the_distance);
    RUN(b_frames_keep_their_order);
    RUN(b_frames_keep_their_presentation_times_when_decoding_times_repeat);
    RUN(presentation_before_decoding_is_not_invented);
    RUN(a_presentation_time_of_nowhere_is_near_its_decoding_time);
    RUN(what_is_no_time_is_refused_even_when_times_are_mended);
    return kvs_test_report();
}
