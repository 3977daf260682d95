/*
 * Feeds frames whose times the fuzzer chooses to the normaliser, and what it makes of them to the
 * order, with a clock and tracks that are live as the fuzzer likes. Mended times must keep the
 * normaliser's promises, and each track's frames must come out once and in their order.
 *
 * Input: a byte with the order, the policy and the scale, then commands of a byte with arguments.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "order/order.h"
#include "timestamps/normalizer.h"

#define MS INT64_C(1000000)
#define WINDOW_NS (1000 * MS)
#define TRACKS KVS_MKV_MAX_TRACKS

#define REQUIRE(condition)                                                                         \
    ((condition) ? (void)0                                                                         \
                 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition), abort()))

struct input {
    const uint8_t *data;
    size_t len;
};

struct state {
    struct kvs__normalizer normalizer;
    struct kvs__order *order;
    uint64_t scale_ns;
    int64_t now_ns;
    /* Per track: the times that came last, the decoding time that left the normaliser last, and how
       many frames went into the order and out of it. */
    struct kvs__frame_times came[TRACKS];
    bool started[TRACKS];
    int64_t dts_ns[TRACKS];
    uint64_t in[TRACKS];
    uint64_t out[TRACKS];
};

static uint8_t take_byte(struct input *input) {
    if (input->len == 0) {
        return 0;
    }
    input->len--;
    return *input->data++;
}

static int64_t take_time(struct input *input) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        value = value << 8 | take_byte(input);
    }
    return (int64_t)value;
}

/* Steps wrap around, as the clocks of some sources do. */
static int64_t step(int64_t ns, int64_t by_ns) { return (int64_t)((uint64_t)ns + (uint64_t)by_ns); }

static void check_out(const struct state *state, const struct kvs__frame_times *in,
                      const struct kvs__frame_times *out, uint32_t track, bool fixed) {
    bool same = in->pts_ns == out->pts_ns && in->dts_ns == out->dts_ns &&
                in->duration_ns == out->duration_ns;
    REQUIRE(fixed == !same);
    REQUIRE(out->pts_ns >= 0 && out->pts_ns <= KVS__MAX_TIME_NS);
    REQUIRE(out->dts_ns <= KVS__MAX_TIME_NS);
    REQUIRE(out->duration_ns >= 0 && out->duration_ns <= KVS__MAX_TIME_NS);
    if (state->normalizer.policy != KVS_TIMESTAMPS_FIX) {
        REQUIRE(same);
        REQUIRE(!state->started[track] || out->dts_ns >= state->dts_ns[track]);
        return;
    }
    REQUIRE(in->pts_ns < in->dts_ns || out->pts_ns >= out->dts_ns);
    REQUIRE(!state->started[track] ||
            kvs_timecode_from_ns(out->dts_ns, state->scale_ns) >
                kvs_timecode_from_ns(state->dts_ns[track], state->scale_ns));
}

static bool normalize(struct state *state, uint32_t track, struct kvs__frame_times *out) {
    const struct kvs__frame_times *in = &state->came[track];
    struct kvs__normalizer_step next;
    kvs_status status = kvs__normalizer_apply(&state->normalizer, track, in, out, &next);
    if (status != KVS_STATUS_SUCCESS) {
        REQUIRE(status == KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP ||
                (status == KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP &&
                 state->normalizer.policy != KVS_TIMESTAMPS_FIX));
        return false;
    }
    check_out(state, in, out, track, next.fixed);
    state->started[track] = true;
    state->dts_ns[track] = out->dts_ns;
    kvs__normalizer_commit(&state->normalizer, track, out, &next);
    return true;
}

static bool pop(struct state *state, uint32_t live_tracks, bool flush) {
    struct kvs__staged_frame frame;
    bool popped = kvs__order_pop(state->order, live_tracks, state->now_ns, flush, &frame);
    REQUIRE(kvs__order_check(state->order));
    if (!popped) {
        REQUIRE(!flush || kvs__order_count(state->order) == 0);
        REQUIRE(kvs__order_next_ns(state->order) > state->now_ns || state->now_ns == INT64_MAX);
        return false;
    }
    REQUIRE(frame.track_index < TRACKS);
    REQUIRE(frame.lead_count == state->out[frame.track_index]);
    state->out[frame.track_index]++;
    return true;
}

static void put(struct state *state, uint32_t track, bool key) {
    struct kvs__frame_times times;
    if (!normalize(state, track, &times)) {
        return;
    }
    const struct kvs__staged_frame frame = {.flags = key ? KVS_FRAME_KEY : 0,
                                            .track_index = track,
                                            .pts_ns = times.pts_ns,
                                            .dts_ns = times.dts_ns,
                                            .duration_ns = times.duration_ns,
                                            .put_ns = state->now_ns,
                                            .lead_count = state->in[track]};
    while (!kvs__order_push(state->order, &frame)) {
        REQUIRE(state->in[track] - state->out[track] == KVS__ORDER_CAPACITY);
        REQUIRE(pop(state, UINT32_MAX, false));
    }
    state->in[track]++;
    REQUIRE(kvs__order_check(state->order));
}

/* One command: two bits for what, two for the track, and a key frame's. */
static void obey(struct state *state, struct input *input) {
    uint8_t command = take_byte(input);
    uint32_t track = (command >> 2 & 3u) % TRACKS;
    struct kvs__frame_times *times = &state->came[track];
    switch (command & 3u) {
    case 0:
        times->dts_ns = step(times->dts_ns, (int8_t)take_byte(input) * 5 * MS);
        times->pts_ns = step(times->dts_ns, (int64_t)take_byte(input) % 16 * 40 * MS);
        times->duration_ns = (command & 0x20u) != 0 ? 40 * MS : 0;
        put(state, track, (command & 0x10u) != 0);
        break;
    case 1:
        times->pts_ns = take_time(input);
        times->dts_ns = (command & 0x20u) != 0 ? take_time(input) : times->pts_ns;
        times->duration_ns = (command & 0x40u) != 0 ? take_time(input) : 20 * MS;
        put(state, track, (command & 0x10u) != 0);
        break;
    case 2:
        state->now_ns = step(state->now_ns, (int8_t)take_byte(input) * 10 * MS);
        break;
    default:
        state->now_ns = (command & 0x80u) != 0 ? take_time(input) : state->now_ns;
        break;
    }
    while (pop(state, command >> 4 & 7u, false)) {
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint64_t scales_ns[] = {1000000, 100, 1000000000, 12345};
    struct input input = {data, size};
    uint8_t choice = take_byte(&input);
    struct state state = {.scale_ns = scales_ns[choice >> 6]};
    enum kvs_timestamp_policy policy =
        (choice & 0x30u) == 0 ? KVS_TIMESTAMPS_THROW : KVS_TIMESTAMPS_FIX;
    const struct kvs__order_config config = {
        .order = (enum kvs_frame_order)(KVS_FRAME_ORDER_MULTI_TRACK + choice % 16 % 5),
        .window_ns = WINDOW_NS,
        .timecode_scale_ns = state.scale_ns,
        .track_count = TRACKS,
        .lead_track = choice % 16 % 3};
    kvs__normalizer_init(&state.normalizer, policy, state.scale_ns);
    state.order = kvs__order_new(kvs_default_allocator(), &config);
    REQUIRE(state.order != NULL);
    while (input.len > 0) {
        obey(&state, &input);
    }
    while (pop(&state, 0, true)) {
    }
    REQUIRE(memcmp(state.in, state.out, sizeof state.in) == 0);
    kvs__order_destroy(state.order);
    return 0;
}
