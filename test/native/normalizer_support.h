/*
 * A normaliser for tests, and frames put into it: `came` is the newest one, `went` what it became,
 * and `fixed` whether that differs.
 */
#ifndef KVS_TEST_NORMALIZER_SUPPORT_H
#define KVS_TEST_NORMALIZER_SUPPORT_H

#include "timestamps/normalizer.h"

#include "test.h"

#define MS INT64_C(1000000)
#define EPOCH_MS INT64_C(1700000000000)
#define HOUR_MS INT64_C(3600000)
#define VIDEO 0u
#define AUDIO 1u

static struct kvs__normalizer normalizer;
static struct kvs__frame_times came;
static struct kvs__frame_times went;
static bool fixed;

static inline void begin(enum kvs_timestamp_policy policy) {
    kvs__normalizer_init(&normalizer, policy, (uint64_t)MS);
}

static inline kvs_status put_ns(uint32_t track, int64_t pts_ns, int64_t dts_ns,
                                int64_t duration_ns) {
    struct kvs__normalizer_step next;
    const struct kvs__frame_times in = {pts_ns, dts_ns, duration_ns};
    came = in;
    kvs_status status = kvs__normalizer_apply(&normalizer, track, &came, &went, &next);
    if (status == KVS_STATUS_SUCCESS) {
        fixed = next.fixed;
        kvs__normalizer_commit(&normalizer, track, &went, &next);
    }
    return status;
}

static inline kvs_status put(uint32_t track, int64_t pts_ms, int64_t dts_ms, int64_t duration_ms) {
    return put_ns(track, pts_ms * MS, dts_ms * MS, duration_ms * MS);
}

/* Puts a frame whose times are the same; whether it comes out at that time. */
static inline bool goes_to(uint32_t track, int64_t in_ms, int64_t out_ms) {
    return CHECK_STATUS(put(track, in_ms, in_ms, 40), KVS_STATUS_SUCCESS) &&
           CHECK_EQ(went.dts_ns, out_ms * MS) && CHECK_EQ(went.pts_ns, out_ms * MS) &&
           CHECK_EQ(went.duration_ns, 40 * MS) && CHECK_EQ(fixed, in_ms != out_ms);
}

static inline bool passes(uint32_t track, int64_t pts_ms, int64_t dts_ms, int64_t duration_ms) {
    return CHECK_STATUS(put(track, pts_ms, dts_ms, duration_ms), KVS_STATUS_SUCCESS) &&
           CHECK_MEM(&went, &came, sizeof came) && CHECK(!fixed);
}

#endif
