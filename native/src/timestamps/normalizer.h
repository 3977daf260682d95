/**
 * Mends, or refuses, times of frames that the service or players would not take: clocks that wrap
 * or are reset, decoding times that repeat or run backwards, durations that are missing.
 *
 * Mended times are those of the source plus an offset. Each track has the offset of the clock it is
 * on, and that of the clock it was on before. When a track's decoding times jump back, what it goes
 * on with is, in this order of trust: an offset in use, of its own or of another track, with which
 * it goes on about where it was, so that tracks of one source stay in sync; the same clock wrapped;
 * a new offset with which it goes on exactly there. Jumps forward are gaps, and kept, but for those
 * that another offset in use explains far better: a clock that only was away.
 *
 * Well-formed times come out as they went in, bit for bit.
 *
 * Thread: one at a time.
 */
#ifndef KVS_TIMESTAMPS_NORMALIZER_H
#define KVS_TIMESTAMPS_NORMALIZER_H

#include <stdbool.h>
#include <stdint.h>

#include "kvs/mkv.h"
#include "kvs/stream.h"

/** The largest time, and duration, that is taken, and the largest that comes out. */
#define KVS__MAX_TIME_NS (INT64_MAX / 2)

struct kvs__frame_times {
    int64_t pts_ns;
    int64_t dts_ns;
    int64_t duration_ns;
};

/** A clock that decoding times of a track are, or were, of. */
struct kvs__clock {
    bool known;
    /** What is added to its times. */
    int64_t offset_ns;
    /** The newest time of it. */
    int64_t last_ns;
};

/** What is remembered of a track. */
struct kvs__track_times {
    bool started;
    struct kvs__clock current;
    struct kvs__clock previous;
    /** The newest decoding time that came out. */
    int64_t last_dts_ns;
    /** The newest plausible distance of two decoding times, and duration; 0 until known. */
    int64_t distance_ns;
    int64_t duration_ns;
    /** The newest plausible distance from decoding to presentation time. */
    int64_t delay_ns;
};

/** Plain data; nothing to clean up. */
struct kvs__normalizer {
    enum kvs_timestamp_policy policy;
    uint64_t timecode_scale_ns;
    struct kvs__track_times tracks[KVS_MKV_MAX_TRACKS];
};

/** What kvs__normalizer_apply found, for kvs__normalizer_commit. */
struct kvs__normalizer_step {
    /** Whether any time was changed. */
    bool fixed;
    /** The frame is as usual: what is remembered then follows from its times. Else it is `track`.
     */
    bool goes_on;
    struct kvs__track_times track;
};

void kvs__normalizer_init(struct kvs__normalizer *normalizer, enum kvs_timestamp_policy policy,
                          uint64_t timecode_scale_ns);

/**
 * Computes in `out` what `in`, another object, becomes and in `next` the state after it; nothing is
 * remembered until kvs__normalizer_commit, since the put may still be refused and made again.
 *
 * With KVS_TIMESTAMPS_FIX the timecodes of a track's decoding times rise by one at least from frame
 * to frame, no presentation time is negative, and none is before its decoding time that was not so
 * in the source. With the other policies times are checked and stay as they are.
 *
 * Errors, for KVS_TIMESTAMPS_THROW and KVS_TIMESTAMPS_DROP: KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP
 * when a time or duration is above KVS__MAX_TIME_NS, or negative (a decoding time: below
 * -KVS__MAX_TIME_NS, since B-frames start before 0); KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP when
 * the decoding time is before the track's newest. For KVS_TIMESTAMPS_FIX:
 * KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP when pts or dts is beyond ±KVS__MAX_TIME_NS, or a track
 * begins within 10 years of it or has got there.
 */
kvs_status kvs__normalizer_apply(const struct kvs__normalizer *normalizer, uint32_t track_index,
                                 const struct kvs__frame_times *in, struct kvs__frame_times *out,
                                 struct kvs__normalizer_step *next);

/** As kvs__normalizer_apply does for KVS_TIMESTAMPS_FIX, but the long way for every frame. Tests
 * compare it with the short one. */
kvs_status kvs__normalizer_fix(const struct kvs__normalizer *normalizer, uint32_t track_index,
                               const struct kvs__frame_times *in, struct kvs__frame_times *out,
                               struct kvs__normalizer_step *next);

/** Remembers a step, and the times `out`, that kvs__normalizer_apply made for that track and this
 * state. */
void kvs__normalizer_commit(struct kvs__normalizer *normalizer, uint32_t track_index,
                            const struct kvs__frame_times *out,
                            const struct kvs__normalizer_step *next);

#endif
