/* Times of frames of random sources, well-formed, hostile, and with clocks that are reset. */
#include "timestamps/normalizer.h"

#include "test.h"

#define MS INT64_C(1000000)
#define TRACKS KVS_MKV_MAX_TRACKS

static void seed_random(uint64_t seed) {
    kvs_test_seed_random(seed * UINT64_C(0x9e3779b97f4a7c15));
}

static int64_t random_time(void) {
    static const int64_t times[] = {0,
                                    1,
                                    -1,
                                    INT64_MIN,
                                    INT64_MAX,
                                    KVS__MAX_TIME_NS,
                                    -KVS__MAX_TIME_NS,
                                    INT64_C(4294967295000000),
                                    INT64_C(95443717688888),
                                    INT64_C(1700000000000000000)};
    uint32_t choice = kvs_test_random_below(12);
    return choice < 10 ? times[choice] : (int64_t)kvs_test_random_64();
}

/* The next times of a source that does whatever it likes. */
static void hostile_next(struct kvs__frame_times *times) {
    int64_t step_ns = (int64_t)kvs_test_random_below(100) * MS;
    uint32_t choice = kvs_test_random_below(40);
    if (choice == 0) {
        times->dts_ns = random_time();
    } else if (choice <= 2) {
        step_ns = (int64_t)kvs_test_random_below(4000) * -MS;
    } else if (choice <= 4) {
        step_ns = (int64_t)(kvs_test_random_64() >> kvs_test_random_below(64));
    }
    times->dts_ns = (int64_t)((uint64_t)times->dts_ns + (uint64_t)step_ns);
    int64_t delay_ns = (int64_t)(kvs_test_random_below(6)) * 40 * MS;
    times->pts_ns = times->dts_ns < INT64_MAX - delay_ns ? times->dts_ns + delay_ns : INT64_MAX;
    times->pts_ns = kvs_test_random_below(20) == 0 ? random_time() : times->pts_ns;
    times->duration_ns = kvs_test_random_below(10) == 0 ? random_time() : 40 * MS;
}

static bool are_equal(const struct kvs__frame_times *a, const struct kvs__frame_times *b) {
    return a->pts_ns == b->pts_ns && a->dts_ns == b->dts_ns && a->duration_ns == b->duration_ns;
}

static bool are_clocks_equal(const struct kvs__clock *a, const struct kvs__clock *b) {
    return a->known == b->known && a->offset_ns == b->offset_ns && a->last_ns == b->last_ns;
}

/* Whether the same is remembered of a track. */
static bool are_tracks_equal(const struct kvs__track_times *a, const struct kvs__track_times *b) {
    return a->started == b->started && are_clocks_equal(&a->current, &b->current) &&
           are_clocks_equal(&a->previous, &b->previous) && a->last_dts_ns == b->last_dts_ns &&
           a->distance_ns == b->distance_ns && a->duration_ns == b->duration_ns &&
           a->delay_ns == b->delay_ns;
}

/* What is remembered of a track after a step. */
static struct kvs__track_times after(const struct kvs__normalizer *normalizer, uint32_t track,
                                     const struct kvs__frame_times *out,
                                     const struct kvs__normalizer_step *next) {
    struct kvs__normalizer copy = *normalizer;
    kvs__normalizer_commit(&copy, track, out, next);
    return copy.tracks[track];
}

/* Applies the normalizer, which has a short way for the usual frame, and compares it with the long
 * one. */
static kvs_status apply(const struct kvs__normalizer *normalizer, uint32_t track,
                        const struct kvs__frame_times *in, struct kvs__frame_times *out,
                        struct kvs__normalizer_step *next) {
    struct kvs__normalizer_step expected;
    struct kvs__frame_times expected_times;
    kvs_status status = kvs__normalizer_apply(normalizer, track, in, out, next);
    CHECK_STATUS(kvs__normalizer_fix(normalizer, track, in, &expected_times, &expected), status);
    if (status == KVS_STATUS_SUCCESS) {
        struct kvs__track_times one = after(normalizer, track, out, next);
        struct kvs__track_times other = after(normalizer, track, &expected_times, &expected);
        CHECK(are_equal(out, &expected_times) && next->fixed == expected.fixed);
        CHECK(are_tracks_equal(&one, &other));
    }
    return status;
}

/* What is promised of one frame, beside that its decoding time rises. */
static bool is_mended(const struct kvs__frame_times *in, const struct kvs__frame_times *out,
                      const struct kvs__normalizer_step *next) {
    bool has_duration = in->duration_ns > 0 && in->duration_ns <= KVS__MAX_TIME_NS;
    return CHECK(out->pts_ns >= 0 && out->pts_ns <= KVS__MAX_TIME_NS) &&
           CHECK(out->dts_ns <= KVS__MAX_TIME_NS) &&
           CHECK(in->pts_ns < in->dts_ns || out->pts_ns >= out->dts_ns) &&
           CHECK(has_duration ? out->duration_ns == in->duration_ns
                              : out->duration_ns >= 0 && out->duration_ns <= 2000 * MS) &&
           CHECK_EQ(next->fixed, !are_equal(in, out));
}

static void put_hostile_frames(uint64_t scale_ns) {
    struct kvs__normalizer normalizer;
    struct kvs__frame_times in[TRACKS] = {{0, 0, 0}};
    int64_t last_timecode[TRACKS] = {INT64_MIN, INT64_MIN, INT64_MIN};
    uint32_t refused = 0;
    kvs__normalizer_init(&normalizer, KVS_TIMESTAMPS_FIX, scale_ns);
    for (uint32_t i = 0; i < 2000; i++) {
        uint32_t track = kvs_test_random_below(TRACKS);
        struct kvs__normalizer_step next;
        struct kvs__frame_times out;
        hostile_next(&in[track]);
        kvs_status status = apply(&normalizer, track, &in[track], &out, &next);
        if (status != KVS_STATUS_SUCCESS) {
            CHECK_STATUS(status, KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP);
            refused++;
            in[track].dts_ns = 0;
            continue;
        }
        int64_t timecode = kvs_timecode_from_ns(out.dts_ns, scale_ns);
        if (!is_mended(&in[track], &out, &next) || !CHECK(timecode > last_timecode[track])) {
            return;
        }
        last_timecode[track] = timecode;
        kvs__normalizer_commit(&normalizer, track, &out, &next);
    }
    CHECK(refused < 200);
}

KVS_TEST(hostile_times_are_mended) {
    const uint64_t scales_ns[] = {100, 1000000, 1000000, 1000000000};
    for (uint64_t seed = 1; seed <= 200; seed++) {
        seed_random(seed);
        put_hostile_frames(scales_ns[seed % 4]);
    }
}

static void put_well_formed_frames(void) {
    struct kvs__normalizer normalizer;
    kvs__normalizer_init(&normalizer, KVS_TIMESTAMPS_FIX, (uint64_t)MS);
    int64_t start_ns = (int64_t)(kvs_test_random_64() >> 3 >> kvs_test_random_below(60));
    int64_t delay_ns = (int64_t)kvs_test_random_below(5) * 40 * MS;
    int64_t dts_ns[TRACKS] = {start_ns - delay_ns, start_ns, start_ns};
    for (uint32_t i = 0; i < 500; i++) {
        uint32_t track = kvs_test_random_below(TRACKS);
        /* Delays of B-frames, and now and then a gap of up to 50 days. */
        int64_t pts_ns =
            track == 0 ? dts_ns[0] + delay_ns * (1 + kvs_test_random_below(2)) : dts_ns[track];
        const struct kvs__frame_times in = {pts_ns, dts_ns[track],
                                            1 + kvs_test_random_below(UINT32_MAX)};
        struct kvs__normalizer_step next;
        struct kvs__frame_times out;
        bool passes =
            CHECK_STATUS(apply(&normalizer, track, &in, &out, &next), KVS_STATUS_SUCCESS) &&
            CHECK(are_equal(&in, &out)) && CHECK(!next.fixed);
        if (!passes) {
            return;
        }
        kvs__normalizer_commit(&normalizer, track, &out, &next);
        dts_ns[track] += kvs_test_random_below(50) == 0
                             ? (int64_t)kvs_test_random_below(UINT32_MAX) * MS
                             : MS + (int64_t)kvs_test_random_below(100000000);
    }
}

KVS_TEST(well_formed_times_pass_bit_for_bit) {
    for (uint64_t seed = 1; seed <= 200; seed++) {
        seed_random(seed);
        put_well_formed_frames();
    }
}

/*
 * A source of steady tracks, one clock and no gaps, which resets its clock now and then. What comes
 * out has to be the time of the media, as though the clock had never been reset.
 */
struct source {
    struct kvs__normalizer normalizer;
    /* When the clock was reset, in time of the media, and what it showed from then on. */
    int64_t reset_ms;
    int64_t before_ms;
    int64_t after_ms;
    /* How many frames each track has put. */
    int64_t frames[TRACKS];
};

static const int64_t distances_ms[TRACKS] = {40, 21, 33};

static int64_t media_ms(const struct source *source, uint32_t track) {
    return source->frames[track] * distances_ms[track];
}

static int64_t clock_ms(const struct source *source, int64_t ms) {
    return ms < source->reset_ms ? ms + source->before_ms : ms + source->after_ms;
}

static int64_t put_at(struct source *source, uint32_t track, int64_t in_ms) {
    const struct kvs__frame_times in = {in_ms * MS, in_ms * MS, distances_ms[track] * MS};
    struct kvs__normalizer_step next;
    struct kvs__frame_times out = {0, 0, 0};
    CHECK_STATUS(apply(&source->normalizer, track, &in, &out, &next), KVS_STATUS_SUCCESS);
    kvs__normalizer_commit(&source->normalizer, track, &out, &next);
    return out.dts_ns;
}

/* Puts the next frame of a track; some time after a reset one of the old clock comes behind it. */
static bool put_next(struct source *source, uint32_t track, int64_t start_ms) {
    int64_t ms = media_ms(source, track);
    bool fits = CHECK_EQ(put_at(source, track, clock_ms(source, ms)), (start_ms + ms) * MS);
    if (source->reset_ms <= ms && ms < source->reset_ms + 300 && kvs_test_random_below(4) == 0) {
        put_at(source, track,
               source->reset_ms - 1 - kvs_test_random_below(300) + source->before_ms);
    }
    source->frames[track]++;
    return fits;
}

/* The track that is behind, or at random one that is not half a second ahead of another. */
static uint32_t pick_track(const struct source *source) {
    uint32_t behind = 0;
    for (uint32_t track = 1; track < TRACKS; track++) {
        behind = media_ms(source, track) < media_ms(source, behind) ? track : behind;
    }
    uint32_t track = kvs_test_random_below(TRACKS);
    return media_ms(source, track) < media_ms(source, behind) + 500 ? track : behind;
}

static void reset_clocks(void) {
    int64_t start_ms = 2000 + (int64_t)kvs_test_random_below(100000000);
    struct source source = {.before_ms = start_ms, .after_ms = start_ms};
    kvs__normalizer_init(&source.normalizer, KVS_TIMESTAMPS_FIX, (uint64_t)MS);
    for (uint32_t i = 0; i < 4000; i++) {
        uint32_t track = pick_track(&source);
        int64_t ms = media_ms(&source, track);
        /* No further one before all tracks are past the last. */
        if (ms > source.reset_ms + 10000) {
            source.before_ms = source.after_ms;
            source.reset_ms = ms + 1000;
            source.after_ms = (int64_t)kvs_test_random_below(1500) - source.reset_ms;
        }
        if (!put_next(&source, track, start_ms)) {
            return;
        }
    }
    CHECK(source.reset_ms > 20000);
}

KVS_TEST(tracks_stay_in_sync_whenever_their_clock_is_reset) {
    for (uint64_t seed = 1; seed <= 200; seed++) {
        seed_random(seed);
        reset_clocks();
    }
}

int main(void) {
    RUN(hostile_times_are_mended);
    RUN(well_formed_times_pass_bit_for_bit);
    RUN(tracks_stay_in_sync_whenever_their_clock_is_reset);
    return kvs_test_report();
}
