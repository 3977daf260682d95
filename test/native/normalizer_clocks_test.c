/* Clocks that wrap, are reset, set or stand still, and tracks that stay in sync all the same. */
#include "normalizer_support.h"

#define WRAP_32_MS INT64_C(4294967296)

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

KVS_TEST(a_reset_is_no_wrap_when_that_would_lead_back) {
    begin(KVS_TIMESTAMPS_FIX);
    goes_to(VIDEO, WRAP_32_MS - 140, WRAP_32_MS - 140);
    goes_to(VIDEO, WRAP_32_MS - 100, WRAP_32_MS - 100);
    goes_to(VIDEO, -1000, WRAP_32_MS - 60);
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
    CHECK_STATUS(put_ns(VIDEO, KVS__MAX_TIME_NS, KVS__MAX_TIME_NS, 0),
                 KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP);
    passes(VIDEO, EPOCH_MS, EPOCH_MS, 40);
}

int main(void) {
    RUN(a_clock_that_stands_still_has_not_jumped);
    RUN(small_steps_back_add_up_to_a_jump);
    RUN(a_reset_to_zero_goes_on_from_where_the_track_was);
    RUN(a_reset_of_the_second_frame_goes_on_by_the_duration);
    RUN(a_clock_of_32_bits_of_milliseconds_may_wrap);
    RUN(a_clock_of_33_bits_of_90_khz_may_wrap);
    RUN(a_reset_is_no_wrap_when_that_would_lead_back);
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
    return kvs_test_report();
}
