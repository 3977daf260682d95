#include "timestamps/clocks.h"

#include <stddef.h>

/* How many times smaller another clock has to make a gap to be believed. */
#define FAR_BETTER 8

static int64_t distance_between(int64_t a, int64_t b) {
    return a < b ? kvs__subtract_ns(b, a) : kvs__subtract_ns(a, b);
}

bool kvs__find_wrap(int64_t ns, int64_t expected_ns, int64_t *period_ns) {
    static const int64_t periods_ns[] = {
        INT64_C(4294967296000000), /* 32 bits of milliseconds */
        INT64_C(95443717688889),   /* 33 bits of 90 kHz, MPEG-TS */
        INT64_C(47721858844444),   /* 32 bits of 90 kHz, RTP */
    };
    for (size_t i = 0; i < sizeof periods_ns / sizeof *periods_ns; i++) {
        if (distance_between(kvs__add_ns(ns, periods_ns[i]), expected_ns) <= KVS__CLOCK_NEAR_NS) {
            *period_ns = periods_ns[i];
            return true;
        }
    }
    return false;
}

int64_t kvs__first_offset(const struct kvs__normalizer *normalizer, uint32_t track_index,
                          int64_t dts_ns) {
    for (uint32_t i = 0; i < KVS_MKV_MAX_TRACKS; i++) {
        const struct kvs__track_times *other = &normalizer->tracks[i];
        const struct kvs__clock *clocks[] = {&other->current, &other->previous};
        for (size_t j = 0; i != track_index && j < 2; j++) {
            int64_t mended_ns = kvs__add_ns(dts_ns, clocks[j]->offset_ns);
            if (clocks[j]->known &&
                distance_between(mended_ns, other->last_dts_ns) <= KVS__CLOCK_NEAR_NS) {
                return clocks[j]->offset_ns;
            }
        }
    }
    return 0;
}

/* A search for the clock with which a decoding time comes nearest to where it is expected. */
struct search {
    int64_t dts_ns;
    /* The track's newest decoding time that came out, and what is expected now. */
    int64_t last_ns;
    int64_t expected_ns;
    /* The track is led back by less than this. */
    int64_t max_back_ns;
    /* How far off the clock may be, later how far off the best one is, and its offset. */
    int64_t error_ns;
    bool found;
    int64_t offset_ns;
};

/* Looks at a clock; `owner` is the track that is on it. */
static void consider(struct search *search, const struct kvs__clock *clock,
                     const struct kvs__track_times *owner) {
    int64_t mended_ns = kvs__add_ns(search->dts_ns, clock->offset_ns);
    if (!clock->known || kvs__subtract_ns(mended_ns, search->last_ns) <= -search->max_back_ns) {
        return;
    }
    int64_t error_ns = distance_between(mended_ns, search->expected_ns);
    /* A track that was silent goes on where the others are. */
    int64_t from_owner_ns = distance_between(mended_ns, owner->last_dts_ns);
    error_ns = from_owner_ns < error_ns ? from_owner_ns : error_ns;
    if (error_ns < search->error_ns) {
        search->error_ns = error_ns;
        search->found = true;
        search->offset_ns = clock->offset_ns;
    }
}

/* Looks at all clocks in use but the track's current one. */
static void consider_others(struct search *search, const struct kvs__normalizer *normalizer,
                            uint32_t track_index) {
    for (uint32_t i = 0; i < KVS_MKV_MAX_TRACKS; i++) {
        const struct kvs__track_times *track = &normalizer->tracks[i];
        if (i != track_index) {
            consider(search, &track->current, track);
        }
        consider(search, &track->previous, track);
    }
}

static int64_t offset_after_jump_back(struct search *search,
                                      const struct kvs__normalizer *normalizer,
                                      uint32_t track_index) {
    search->max_back_ns = KVS__CLOCK_JUMP_NS;
    search->error_ns = KVS__CLOCK_NEAR_NS;
    consider_others(search, normalizer, track_index);
    if (search->found) {
        return search->offset_ns;
    }
    int64_t offset_ns = normalizer->tracks[track_index].current.offset_ns;
    int64_t mended_ns = kvs__add_ns(search->dts_ns, offset_ns);
    int64_t period_ns;
    if (kvs__find_wrap(mended_ns, search->expected_ns, &period_ns) &&
        kvs__add_ns(mended_ns, period_ns) >= search->last_ns) {
        return kvs__add_ns(offset_ns, period_ns);
    }
    return kvs__subtract_ns(search->expected_ns, search->dts_ns);
}

static int64_t offset_after_gap(struct search *search, const struct kvs__normalizer *normalizer,
                                uint32_t track_index) {
    int64_t offset_ns = normalizer->tracks[track_index].current.offset_ns;
    int64_t mended_ns = kvs__add_ns(search->dts_ns, offset_ns);
    /* Frames of a clock that was left may come late. */
    search->max_back_ns = KVS__CLOCK_NEAR_NS;
    search->error_ns = kvs__subtract_ns(mended_ns, search->last_ns) / FAR_BETTER;
    consider_others(search, normalizer, track_index);
    if (search->found) {
        return search->offset_ns;
    }
    return mended_ns <= KVS__MAX_JUMP_END_NS
               ? offset_ns
               : kvs__subtract_ns(search->expected_ns, search->dts_ns);
}

/*
 * The offset of a time that does not rise above what came out. A clock that was reset less than the
 * threshold after it began looks the same as one that is not steady, unless another track shows the
 * offset.
 */
static int64_t offset_after_step_back(const struct search *search,
                                      const struct kvs__normalizer *normalizer,
                                      uint32_t track_index) {
    for (uint32_t i = 0; i < KVS_MKV_MAX_TRACKS; i++) {
        const struct kvs__clock *clock = &normalizer->tracks[i].current;
        int64_t mended_ns = kvs__add_ns(search->dts_ns, clock->offset_ns);
        int64_t step_ns = kvs__subtract_ns(mended_ns, search->last_ns);
        if (i != track_index && clock->known && step_ns > 0 && step_ns <= KVS__CLOCK_JUMP_NS) {
            return clock->offset_ns;
        }
    }
    return normalizer->tracks[track_index].current.offset_ns;
}

int64_t kvs__next_offset(const struct kvs__normalizer *normalizer, uint32_t track_index,
                         int64_t dts_ns, int64_t advance_ns) {
    const struct kvs__track_times *track = &normalizer->tracks[track_index];
    struct search search = {.dts_ns = dts_ns,
                            .last_ns = track->last_dts_ns,
                            .expected_ns = track->last_dts_ns + advance_ns};
    int64_t by_source_ns = kvs__subtract_ns(dts_ns, track->current.last_ns);
    int64_t mended_ns = kvs__add_ns(dts_ns, track->current.offset_ns);
    int64_t step_ns = kvs__subtract_ns(mended_ns, track->last_dts_ns);
    /* A clock that stands still leaves what comes out ahead, but has not jumped; one that runs, and
       is that far behind, has done so in small steps. */
    if (by_source_ns <= -KVS__CLOCK_JUMP_NS ||
        (by_source_ns > 0 && step_ns <= -KVS__CLOCK_JUMP_NS)) {
        return offset_after_jump_back(&search, normalizer, track_index);
    }
    if (step_ns > KVS__CLOCK_JUMP_NS) {
        return offset_after_gap(&search, normalizer, track_index);
    }
    if (step_ns <= 0) {
        return offset_after_step_back(&search, normalizer, track_index);
    }
    return track->current.offset_ns;
}
