/**
 * Which clock a decoding time is of, when it does not simply go on with its track's.
 */
#ifndef KVS_TIMESTAMPS_CLOCKS_H
#define KVS_TIMESTAMPS_CLOCKS_H

#include "timestamps/normalizer.h"

/** From here on a step back is a jump of the clock, and a step forward a gap. */
#define KVS__CLOCK_JUMP_NS INT64_C(1000000000)
/** A clock is believed to go on where a track was when it does so within this. */
#define KVS__CLOCK_NEAR_NS INT64_C(3000000000)
/** No track begins and no gap ends later, so that after a time that is nonsense 10 years are left
 * to go on in. */
#define KVS__MAX_JUMP_END_NS (KVS__MAX_TIME_NS - INT64_C(315360000000000000))

/** Sums and differences, the nearest int64_t when they are out of range. */
static inline int64_t kvs__add_ns(int64_t a, int64_t b) {
    if (b > 0 && a > INT64_MAX - b) {
        return INT64_MAX;
    }
    if (b < 0 && a < INT64_MIN - b) {
        return INT64_MIN;
    }
    return a + b;
}

static inline int64_t kvs__subtract_ns(int64_t a, int64_t b) {
    if (b < 0 && a > INT64_MAX + b) {
        return INT64_MAX;
    }
    if (b > 0 && a < INT64_MIN + b) {
        return INT64_MIN;
    }
    return a - b;
}

/**
 * Whether a clock that wraps explains that `ns` is far before `expected_ns`; if so *period_ns is
 * what has to be added to `ns`.
 */
bool kvs__find_wrap(int64_t ns, int64_t expected_ns, int64_t *period_ns);

/** The offset for the first decoding time of a track: that of a track which is about there, or 0.
 */
int64_t kvs__first_offset(const struct kvs__normalizer *normalizer, uint32_t track_index,
                          int64_t dts_ns);

/**
 * The offset for a decoding time; that of the track's current clock when it goes on.
 *
 * @param advance_ns how far from its newest decoding time the track is expected to go on
 */
int64_t kvs__next_offset(const struct kvs__normalizer *normalizer, uint32_t track_index,
                         int64_t dts_ns, int64_t advance_ns);

#endif
