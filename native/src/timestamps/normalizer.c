#include "timestamps/normalizer.h"

#include <string.h>

#include "platform/assert.h"
#include "timestamps/clocks.h"

/* Distances and durations above this say nothing about the frames that follow. */
#define MAX_PLAUSIBLE_NS INT64_C(2000000000)
/* A presentation time that is further before its decoding time is of another clock. */
#define MAX_LEAD_NS INT64_C(10000000000)

void kvs__normalizer_init(struct kvs__normalizer *normalizer, enum kvs_timestamp_policy policy,
                          uint64_t timecode_scale_ns) {
    memset(normalizer, 0, sizeof *normalizer);
    normalizer->policy = policy;
    normalizer->timecode_scale_ns = timecode_scale_ns;
}

static bool is_between(int64_t ns, int64_t low_ns, int64_t high_ns) {
    return ns >= low_ns && ns <= high_ns;
}

static kvs_status check(const struct kvs__track_times *track, const struct kvs__frame_times *in) {
    if (!is_between(in->pts_ns, 0, KVS__MAX_TIME_NS) ||
        !is_between(in->dts_ns, -KVS__MAX_TIME_NS, KVS__MAX_TIME_NS) ||
        !is_between(in->duration_ns, 0, KVS__MAX_TIME_NS)) {
        return KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP;
    }
    return track->started && in->dts_ns < track->last_dts_ns
               ? KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP
               : KVS_STATUS_SUCCESS;
}

/* How far from its newest decoding time a track is expected to go on. */
static int64_t expected_advance(const struct kvs__track_times *track, int64_t unit_ns) {
    int64_t advance_ns = track->distance_ns > 0 ? track->distance_ns : track->duration_ns;
    return advance_ns > unit_ns ? advance_ns : unit_ns;
}

static void remember_clock(struct kvs__track_times *track, int64_t offset_ns, int64_t dts_ns) {
    if (track->current.known && track->current.offset_ns != offset_ns) {
        track->previous = track->current;
    }
    const struct kvs__clock current = {true, offset_ns, dts_ns};
    track->current = current;
}

/* Learns the distance of two frames, when both are where their clock has them. */
static void learn_distance(struct kvs__track_times *track, const struct kvs__track_times *before,
                           int64_t mended_ns) {
    bool is_plain =
        before->current.offset_ns == track->current.offset_ns &&
        before->last_dts_ns == kvs__add_ns(before->current.last_ns, before->current.offset_ns) &&
        track->last_dts_ns == mended_ns;
    int64_t distance_ns = kvs__subtract_ns(track->last_dts_ns, before->last_dts_ns);
    if (is_plain && distance_ns <= MAX_PLAUSIBLE_NS) {
        track->distance_ns = distance_ns;
    }
}

/* Finds the decoding time; afterwards `track` is what is remembered of it. */
static kvs_status place_dts(const struct kvs__normalizer *normalizer, uint32_t track_index,
                            const struct kvs__frame_times *in, struct kvs__track_times *track) {
    const struct kvs__track_times *before = &normalizer->tracks[track_index];
    uint64_t scale_ns = normalizer->timecode_scale_ns;
    int64_t unit_ns = (int64_t)scale_ns;
    int64_t offset_ns =
        kvs__next_offset(normalizer, track_index, in->dts_ns, expected_advance(before, unit_ns));
    int64_t mended_ns = kvs__add_ns(in->dts_ns, offset_ns);
    bool rises = kvs_timecode_from_ns(mended_ns, scale_ns) >
                 kvs_timecode_from_ns(before->last_dts_ns, scale_ns);
    track->last_dts_ns = rises ? mended_ns : before->last_dts_ns + unit_ns;
    if (track->last_dts_ns > KVS__MAX_TIME_NS) {
        return KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP;
    }
    remember_clock(track, offset_ns, in->dts_ns);
    learn_distance(track, before, mended_ns);
    return KVS_STATUS_SUCCESS;
}

/* As place_dts, for the first frame of a track. */
static kvs_status place_first_dts(const struct kvs__normalizer *normalizer, uint32_t track_index,
                                  const struct kvs__frame_times *in,
                                  struct kvs__track_times *track) {
    bool is_first = true;
    for (uint32_t i = 0; i < KVS_MKV_MAX_TRACKS; i++) {
        is_first = is_first && !normalizer->tracks[i].started;
    }
    int64_t offset_ns = kvs__first_offset(normalizer, track_index, in->dts_ns);
    if (is_first && in->pts_ns < 0) {
        offset_ns = -in->pts_ns;
    }
    int64_t mended_ns = kvs__add_ns(in->dts_ns, offset_ns);
    if (mended_ns > KVS__MAX_JUMP_END_NS) {
        return KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP;
    }
    track->started = true;
    track->last_dts_ns = mended_ns;
    remember_clock(track, offset_ns, in->dts_ns);
    return KVS_STATUS_SUCCESS;
}

/*
 * The presentation time that belongs to the decoding time found. It stays where its clock has it,
 * which keeps the order of B-frames when decoding times had to be moved, unless it would be before
 * its decoding time and was not.
 */
static int64_t place_pts(const struct kvs__frame_times *in, struct kvs__track_times *track) {
    int64_t delay_ns = in->pts_ns - in->dts_ns;
    int64_t period_ns;
    if (delay_ns < -MAX_LEAD_NS) {
        /* It is of the clock to which the decoding times will come. */
        delay_ns = kvs__find_wrap(in->pts_ns, in->dts_ns, &period_ns) ? delay_ns + period_ns
                                                                      : track->delay_ns;
    }
    if (delay_ns <= MAX_LEAD_NS) {
        track->delay_ns = delay_ns;
    }
    int64_t dts_ns = track->last_dts_ns;
    int64_t pts_ns = kvs__add_ns(dts_ns, delay_ns);
    if (delay_ns >= 0) {
        int64_t by_clock_ns =
            kvs__add_ns(kvs__add_ns(in->dts_ns, track->current.offset_ns), delay_ns);
        pts_ns = by_clock_ns > dts_ns ? by_clock_ns : dts_ns;
    }
    pts_ns = pts_ns < KVS__MAX_TIME_NS ? pts_ns : KVS__MAX_TIME_NS;
    return pts_ns > 0 ? pts_ns : 0;
}

static int64_t place_duration(const struct kvs__frame_times *in, struct kvs__track_times *track) {
    if (!is_between(in->duration_ns, 1, KVS__MAX_TIME_NS)) {
        return track->distance_ns;
    }
    if (in->duration_ns <= MAX_PLAUSIBLE_NS) {
        track->duration_ns = in->duration_ns;
    }
    return in->duration_ns;
}

kvs_status kvs__normalizer_fix(const struct kvs__normalizer *normalizer, uint32_t track_index,
                               const struct kvs__frame_times *in, struct kvs__frame_times *out,
                               struct kvs__normalizer_step *next) {
    if (!is_between(in->pts_ns, -KVS__MAX_TIME_NS, KVS__MAX_TIME_NS) ||
        !is_between(in->dts_ns, -KVS__MAX_TIME_NS, KVS__MAX_TIME_NS)) {
        return KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP;
    }
    struct kvs__track_times track = normalizer->tracks[track_index];
    kvs_status status = track.started ? place_dts(normalizer, track_index, in, &track)
                                      : place_first_dts(normalizer, track_index, in, &track);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    struct kvs__frame_times times = {.pts_ns = place_pts(in, &track),
                                     .dts_ns = track.last_dts_ns,
                                     .duration_ns = place_duration(in, &track)};
    next->track = track;
    next->goes_on = false;
    next->fixed = times.pts_ns != in->pts_ns || times.dts_ns != in->dts_ns ||
                  times.duration_ns != in->duration_ns;
    *out = times;
    return KVS_STATUS_SUCCESS;
}

/*
 * Takes the usual frame, whose times simply go on by the clock that its track is on, with nothing
 * to find out; false when it is another one. With remember_going_on it does what
 * kvs__normalizer_fix would do.
 */
static bool go_on(const struct kvs__track_times *track, int64_t unit_ns,
                  const struct kvs__frame_times *in, struct kvs__frame_times *out) {
    if (!track->started || !is_between(in->pts_ns, -KVS__MAX_TIME_NS, KVS__MAX_TIME_NS) ||
        !is_between(in->dts_ns, -KVS__MAX_TIME_NS, KVS__MAX_TIME_NS) ||
        !is_between(in->duration_ns, 1, MAX_PLAUSIBLE_NS)) {
        return false;
    }
    int64_t delay_ns = in->pts_ns - in->dts_ns;
    int64_t dts_ns = kvs__add_ns(in->dts_ns, track->current.offset_ns);
    /* A step of a unit is one of the timecode too. */
    if (!is_between(kvs__subtract_ns(dts_ns, track->last_dts_ns), unit_ns, KVS__CLOCK_JUMP_NS) ||
        dts_ns > KVS__MAX_TIME_NS ||
        kvs__subtract_ns(in->dts_ns, track->current.last_ns) <= -KVS__CLOCK_JUMP_NS ||
        !is_between(delay_ns, -MAX_LEAD_NS, MAX_LEAD_NS) ||
        !is_between(dts_ns + delay_ns, 0, KVS__MAX_TIME_NS)) {
        return false;
    }
    out->pts_ns = dts_ns + delay_ns;
    out->dts_ns = dts_ns;
    out->duration_ns = in->duration_ns;
    return true;
}

static void remember_going_on(struct kvs__track_times *track, const struct kvs__frame_times *out) {
    int64_t offset_ns = track->current.offset_ns;
    if (track->last_dts_ns == kvs__add_ns(track->current.last_ns, offset_ns)) {
        track->distance_ns = out->dts_ns - track->last_dts_ns;
    }
    track->current.last_ns = out->dts_ns - offset_ns;
    track->last_dts_ns = out->dts_ns;
    track->duration_ns = out->duration_ns;
    track->delay_ns = out->pts_ns - out->dts_ns;
}

kvs_status kvs__normalizer_apply(const struct kvs__normalizer *normalizer, uint32_t track_index,
                                 const struct kvs__frame_times *in, struct kvs__frame_times *out,
                                 struct kvs__normalizer_step *next) {
    KVS_ASSERT(track_index < KVS_MKV_MAX_TRACKS, "the track has been looked up");
    const struct kvs__track_times *track = &normalizer->tracks[track_index];
    if (normalizer->policy == KVS_TIMESTAMPS_FIX) {
        if (go_on(track, (int64_t)normalizer->timecode_scale_ns, in, out)) {
            next->goes_on = true;
            next->fixed = track->current.offset_ns != 0;
            return KVS_STATUS_SUCCESS;
        }
        return kvs__normalizer_fix(normalizer, track_index, in, out, next);
    }
    kvs_status status = check(track, in);
    if (status == KVS_STATUS_SUCCESS) {
        next->goes_on = false;
        next->track = *track;
        next->track.started = true;
        next->track.last_dts_ns = in->dts_ns;
        next->fixed = false;
        *out = *in;
    }
    return status;
}

void kvs__normalizer_commit(struct kvs__normalizer *normalizer, uint32_t track_index,
                            const struct kvs__frame_times *out,
                            const struct kvs__normalizer_step *next) {
    KVS_ASSERT(track_index < KVS_MKV_MAX_TRACKS, "the track has been looked up");
    if (next->goes_on) {
        remember_going_on(&normalizer->tracks[track_index], out);
    } else {
        normalizer->tracks[track_index] = next->track;
    }
}
