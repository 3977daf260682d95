/* Times of frames, checked or mended. */
#include "timestamps/normalizer.h"

#include "test.h"

#define MS INT64_C(1000000)
#define EPOCH_MS INT64_C(1700000000000)
#define HOUR_MS INT64_C(3600000)
#define WRAP_32_MS INT64_C(4294967296)
#define VIDEO 0u
#define AUDIO 1u
#define INVALID KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP
#define BACKWARD KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP

static struct kvs__normalizer normalizer;
static struct kvs__frame_times came;
static struct kvs__frame_times went;
static bool fixed;

static void begin(enum kvs_timestamp_policy policy) {
    kvs__normalizer_init(&normalizer, policy, (uint64_t)MS);
}

static kvs_status put_ns(uint32_t track, int64_t pts_ns, int64_t dts_ns, int64_t duration_ns) {
    struct kvs__normalizer_step next;
    const struct kvs__frame_times in = {pts_ns, dts_ns, duration_ns};
    came = in;
    kvs_status status = kvs__normalizer_apply(&normalizer, track, &came, &went, &next);
    if (status == KVS_STATUS_SUCCESS) {
        fixed = next.fixed;
        kvs__normalizer_commit(&normalizer, track, &next);
    }
    return status;
}

static kvs_status put(uint32_t track, int64_t pts_ms, int64_t dts_ms, int64_t duration_ms) {
    return put_ns(track, pts_ms * MS, dts_ms * MS, duration_ms * MS);
}

/* Puts a frame whose times are the same; whether it comes out at that time. */
static bool goes_to(uint32_t track, int64_t in_ms, int64_t out_ms) {
    return CHECK_STATUS(put(track, in_ms, in_ms, 40), KVS_STATUS_SUCCESS) &&
           CHECK_EQ(went.dts_ns, out_ms * MS) && CHECK_EQ(went.pts_ns, out_ms * MS) &&
           CHECK_EQ(went.duration_ns, 40 * MS) && CHECK_EQ(fixed, in_ms != out_ms);
}

static bool passes(uint32_t track, int64_t pts_ms, int64_t dts_ms, int64_t duration_ms) {
    return CHECK_STATUS(put(track, pts_ms, dts_ms, duration_ms), KVS_STATUS_SUCCESS) &&
           CHECK_MEM(&went, &came, sizeof came) && CHECK(!fixed);
}

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

KVS_TEST(a_clock_that_stands_still_has_not_jumped) {
    begin(KVS_TIMESTAMPS_FIX);
    for (int64_t i = 0; i < 3000; i++) {
        CHECK_STATUS(put(VIDEO, i * 40, 0, 40), KVS_STATUS_SUCCESS);
        CHECK_EQ(went.dts_ns, i * MS);
        CHECK_EQ(went.pts_ns, i * 40 * MS);
    }
}

KVS_TEST(small_steps_back_add_up_to_a_jump) {
    begin(KVS_TIMESTAMPS_FIX);
    int64_t last_ns = -1;
    for (int64_t i = 0; i < 1000; i++) {
        /* A clip of 0.8 s that is played in a loop. */
        int64_t ms = i % 20 * 40;
        CHECK_STATUS(put(VIDEO, ms, ms, 40), KVS_STATUS_SUCCESS);
        CHECK(went.dts_ns > last_ns);
        last_ns = went.dts_ns;
    }
    CHECK(last_ns > 2000 * MS);
}

KVS_TEST(a_reset_to_zero_goes_on_from_where_the_track_was) {
    begin(KVS_TIMESTAMPS_FIX);
    goes_to(VIDEO, HOUR_MS, HOUR_MS);
    goes_to(VIDEO, HOUR_MS + 40, HOUR_MS + 40);
    goes_to(VIDEO, 0, HOUR_MS + 80);
    goes_to(VIDEO, 40, HOUR_MS + 120);
    goes_to(VIDEO, 1000, HOUR_MS + 1080);
    goes_to(VIDEO, 1040, HOUR_MS + 1120);
    goes_to(VIDEO, 0, HOUR_MS + 1160);
    goes_to(VIDEO, 40, HOUR_MS + 1200);
}

KVS_TEST(a_reset_of_the_second_frame_goes_on_by_the_duration) {
    begin(KVS_TIMESTAMPS_FIX);
    goes_to(VIDEO, HOUR_MS, HOUR_MS);
    goes_to(VIDEO, 0, HOUR_MS + 40);
    begin(KVS_TIMESTAMPS_FIX);
    CHECK_STATUS(put(VIDEO, HOUR_MS, HOUR_MS, 0), KVS_STATUS_SUCCESS);
    goes_to(VIDEO, 0, HOUR_MS + 1);
}

KVS_TEST(a_clock_of_32_bits_of_milliseconds_may_wrap) {
    begin(KVS_TIMESTAMPS_FIX);
    for (int64_t i = -50; i < 50; i++) {
        /* The frame that would have been at the wrap is missing, and stays so. */
        int64_t ms = WRAP_32_MS + i * 40;
        if (i != 0) {
            goes_to(VIDEO, ms % WRAP_32_MS, ms);
            goes_to(AUDIO, (ms + 20) % WRAP_32_MS, ms + 20);
        }
    }
}

/* 90 kHz in nanoseconds, as a demultiplexer converts it. */
static int64_t ns_of_ticks(int64_t ticks) { return ticks * 100000 / 9; }

KVS_TEST(a_clock_of_33_bits_of_90_khz_may_wrap) {
    const int64_t wrap = INT64_C(1) << 33;
    /* Decoding order of I P B B, in frames: presentation is 1 to 3 frames later. */
    const int64_t delays[] = {1, 3, 0, 0};
    begin(KVS_TIMESTAMPS_FIX);
    for (int64_t i = -20; i < 20; i++) {
        int64_t dts = wrap + i * 3600;
        int64_t pts = dts + delays[(i + 20) % 4] * 3600;
        /* Presentation times wrap first. */
        CHECK_STATUS(put_ns(VIDEO, ns_of_ticks(pts % wrap), ns_of_ticks(dts % wrap), 40 * MS),
                     KVS_STATUS_SUCCESS);
        CHECK(went.dts_ns - ns_of_ticks(dts) <= 1 && ns_of_ticks(dts) - went.dts_ns <= 1);
        CHECK(went.pts_ns - ns_of_ticks(pts) <= 1 && ns_of_ticks(pts) - went.pts_ns <= 1);
    }
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

/* Audio and video whose clock is reset when it is at 1 hour; each stays where it would have been,
   moved alike. */
static void reset_both(uint32_t first, int64_t first_ms, uint32_t second, int64_t second_ms) {
    begin(KVS_TIMESTAMPS_FIX);
    for (int64_t i = 0; i < 20; i++) {
        goes_to(VIDEO, HOUR_MS + i * 40, HOUR_MS + i * 40);
        goes_to(AUDIO, HOUR_MS + i * 40 + 13, HOUR_MS + i * 40 + 13);
    }
    CHECK_STATUS(put(first, first_ms, first_ms, 40), KVS_STATUS_SUCCESS);
    int64_t offset_ns = went.dts_ns - came.dts_ns;
    for (int64_t i = 0; i < 20; i++) {
        int64_t ms = second_ms + i * 40;
        CHECK_STATUS(put(second, ms, ms, 40), KVS_STATUS_SUCCESS);
        CHECK_EQ(went.dts_ns - came.dts_ns, offset_ns);
        ms = first_ms + (i + 1) * 40;
        CHECK_STATUS(put(first, ms, ms, 40), KVS_STATUS_SUCCESS);
        CHECK_EQ(went.dts_ns - came.dts_ns, offset_ns);
    }
}

KVS_TEST(sound_follows_a_reset_of_the_picture) { reset_both(VIDEO, 0, AUDIO, 13); }

KVS_TEST(the_picture_follows_a_reset_of_the_sound) {
    reset_both(AUDIO, 13, VIDEO, 40);
    reset_both(AUDIO, 500, VIDEO, 513);
}

KVS_TEST(a_track_follows_a_reset_after_frames_of_the_old_clock) {
    begin(KVS_TIMESTAMPS_FIX);
    for (int64_t i = 0; i < 10; i++) {
        goes_to(VIDEO, HOUR_MS + i * 40, HOUR_MS + i * 40);
        goes_to(AUDIO, HOUR_MS - 200 + i * 40, HOUR_MS - 200 + i * 40);
    }
    goes_to(VIDEO, 0, HOUR_MS + 400);
    for (int64_t i = 10; i < 15; i++) {
        goes_to(AUDIO, HOUR_MS - 200 + i * 40, HOUR_MS - 200 + i * 40);
        goes_to(VIDEO, (i - 9) * 40, HOUR_MS + i * 40 + 40);
    }
    goes_to(AUDIO, 0, HOUR_MS + 400);
    goes_to(AUDIO, 40, HOUR_MS + 440);
    goes_to(VIDEO, 240, HOUR_MS + 640);
}

KVS_TEST(frames_of_the_old_clock_do_not_wreck_a_track) {
    begin(KVS_TIMESTAMPS_FIX);
    for (int64_t i = 0; i < 10; i++) {
        goes_to(VIDEO, HOUR_MS + i * 40, HOUR_MS + i * 40);
        goes_to(AUDIO, HOUR_MS + i * 40, HOUR_MS + i * 40);
    }
    goes_to(VIDEO, 0, HOUR_MS + 400);
    goes_to(VIDEO, HOUR_MS + 380, HOUR_MS + 401);
    goes_to(VIDEO, 40, HOUR_MS + 440);
    goes_to(AUDIO, HOUR_MS + 400, HOUR_MS + 400);
    goes_to(AUDIO, 40, HOUR_MS + 440);
    goes_to(VIDEO, HOUR_MS + 390, HOUR_MS + 441);
    goes_to(VIDEO, HOUR_MS + 395, HOUR_MS + 442);
    goes_to(VIDEO, 80, HOUR_MS + 480);
    goes_to(AUDIO, HOUR_MS + 399, HOUR_MS + 441);
    goes_to(AUDIO, 80, HOUR_MS + 480);
}

KVS_TEST(a_reset_within_a_second_of_the_beginning_keeps_tracks_in_sync) {
    begin(KVS_TIMESTAMPS_FIX);
    for (int64_t ms = 0; ms <= 1000; ms += 40) {
        goes_to(VIDEO, ms, ms);
        if (ms <= 960) {
            goes_to(AUDIO, ms + 2, ms + 2);
        }
    }
    /* Not far enough for a jump, until the picture shows that it was one. */
    goes_to(AUDIO, 2, 963);
    goes_to(VIDEO, 0, 1040);
    goes_to(AUDIO, 42, 1082);
    goes_to(VIDEO, 40, 1080);
    goes_to(AUDIO, 82, 1122);
}

KVS_TEST(a_track_that_begins_after_a_reset_is_in_sync) {
    begin(KVS_TIMESTAMPS_FIX);
    goes_to(VIDEO, HOUR_MS, HOUR_MS);
    goes_to(VIDEO, 0, HOUR_MS + 40);
    goes_to(AUDIO, 20, HOUR_MS + 60);
    begin(KVS_TIMESTAMPS_FIX);
    goes_to(VIDEO, HOUR_MS, HOUR_MS);
    goes_to(VIDEO, 0, HOUR_MS + 40);
    goes_to(AUDIO, HOUR_MS + 20, HOUR_MS + 20);
    goes_to(AUDIO, 20, HOUR_MS + 60);
}

KVS_TEST(a_silent_track_follows_a_reset_when_it_is_back) {
    begin(KVS_TIMESTAMPS_FIX);
    goes_to(AUDIO, HOUR_MS, HOUR_MS);
    goes_to(VIDEO, HOUR_MS, HOUR_MS);
    goes_to(VIDEO, HOUR_MS + 40, HOUR_MS + 40);
    goes_to(VIDEO, 0, HOUR_MS + 80);
    goes_to(VIDEO, 60000, HOUR_MS + 60080);
    goes_to(AUDIO, 60010, HOUR_MS + 60090);
}

KVS_TEST(gaps_are_kept) {
    begin(KVS_TIMESTAMPS_FIX);
    passes(VIDEO, 0, 0, 40);
    passes(VIDEO, 40, 40, 40);
    passes(VIDEO, HOUR_MS, HOUR_MS, 40);
    passes(VIDEO, 100 * HOUR_MS, 100 * HOUR_MS, 40);
    /* After a reset too. */
    goes_to(VIDEO, 0, 100 * HOUR_MS + 40);
    goes_to(VIDEO, 2 * HOUR_MS, 102 * HOUR_MS + 40);
}

KVS_TEST(a_clock_that_is_set_from_1970_leaves_a_gap) {
    begin(KVS_TIMESTAMPS_FIX);
    passes(VIDEO, 5000, 5000, 40);
    passes(AUDIO, 5000, 5000, 40);
    passes(VIDEO, EPOCH_MS, EPOCH_MS, 40);
    passes(AUDIO, 5040, 5040, 40);
    passes(AUDIO, EPOCH_MS + 10, EPOCH_MS + 10, 40);
    /* The camera boots anew, and again has no time at first. */
    goes_to(VIDEO, 3000, EPOCH_MS + 40);
    goes_to(AUDIO, 3000, EPOCH_MS + 40);
    goes_to(VIDEO, 3040, EPOCH_MS + 80);
    goes_to(AUDIO, 3040, EPOCH_MS + 80);
    passes(VIDEO, EPOCH_MS + 60000, EPOCH_MS + 60000, 40);
    passes(AUDIO, EPOCH_MS + 60000, EPOCH_MS + 60000, 40);
}

KVS_TEST(a_clock_that_only_was_away_is_back) {
    begin(KVS_TIMESTAMPS_FIX);
    passes(VIDEO, HOUR_MS, HOUR_MS, 40);
    passes(VIDEO, HOUR_MS + 40, HOUR_MS + 40, 40);
    goes_to(VIDEO, 12345, HOUR_MS + 80);
    passes(VIDEO, HOUR_MS + 120, HOUR_MS + 120, 40);
    passes(VIDEO, HOUR_MS + 160, HOUR_MS + 160, 40);
}

KVS_TEST(a_time_of_nowhere_leaves_room_to_go_on) {
    begin(KVS_TIMESTAMPS_FIX);
    passes(VIDEO, EPOCH_MS, EPOCH_MS, 40);
    CHECK_STATUS(put_ns(VIDEO, KVS__MAX_TIME_NS, KVS__MAX_TIME_NS, 40 * MS), KVS_STATUS_SUCCESS);
    CHECK_EQ(went.dts_ns, (EPOCH_MS + 40) * MS);
    passes(VIDEO, EPOCH_MS + 80, EPOCH_MS + 80, 40);
    begin(KVS_TIMESTAMPS_FIX);
    const struct kvs__frame_times late = {KVS__MAX_TIME_NS, KVS__MAX_TIME_NS, 0};
    is_refused(&late, INVALID);
    passes(VIDEO, EPOCH_MS, EPOCH_MS, 40);
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
    RUN(a_clock_that_stands_still_has_not_jumped);
    RUN(small_steps_back_add_up_to_a_jump);
    RUN(a_reset_to_zero_goes_on_from_where_the_track_was);
    RUN(a_reset_of_the_second_frame_goes_on_by_the_duration);
    RUN(a_clock_of_32_bits_of_milliseconds_may_wrap);
    RUN(a_clock_of_33_bits_of_90_khz_may_wrap);
    RUN(missing_durations_follow_from_the_distance);
    RUN(b_frames_keep_their_order);
    RUN(b_frames_keep_their_presentation_times_when_decoding_times_repeat);
    RUN(presentation_before_decoding_is_not_invented);
    RUN(a_presentation_time_of_nowhere_is_near_its_decoding_time);
    RUN(sound_follows_a_reset_of_the_picture);
    RUN(the_picture_follows_a_reset_of_the_sound);
    RUN(a_track_follows_a_reset_after_frames_of_the_old_clock);
    RUN(frames_of_the_old_clock_do_not_wreck_a_track);
    RUN(a_reset_within_a_second_of_the_beginning_keeps_tracks_in_sync);
    RUN(a_track_that_begins_after_a_reset_is_in_sync);
    RUN(a_silent_track_follows_a_reset_when_it_is_back);
    RUN(gaps_are_kept);
    RUN(a_clock_that_is_set_from_1970_leaves_a_gap);
    RUN(a_clock_that_only_was_away_is_back);
    RUN(a_time_of_nowhere_leaves_room_to_go_on);
    RUN(what_is_no_time_is_refused_even_when_times_are_mended);
    return kvs_test_report();
}
