/*
 * What a put costs while more and more frames are queued, as when the network is away.
 * test/native/put_cost_test.c counts what this measures.
 */
#include "kvs/stream.h"
#include "trials.h"

#define NS_PER_S INT64_C(1000000000)
#define FRAME_NS INT64_C(10000000)
#define FRAME_BYTES 200
#define BATCH 500u
#define START_NS (INT64_C(1700000000) * NS_PER_S)

static const uint32_t depths[] = {1000, 2000, 4000, 8000, 16000, 32000, 64000};

static struct kvs_stream *new_stream(struct kvs_client *client) {
    static const struct kvs_mkv_track track = {
        .track_id = 1, .type = KVS_TRACK_VIDEO, .codec_id = "V_BENCH", .width = 16, .height = 16};
    const struct kvs_stream_config config = {
        .name = "bench",
        .fragment_acks = true,
        .retained = true,
        .absolute_timecodes = true,
        .key_frame_fragmentation = true,
        .fragment_duration_ns = 2 * NS_PER_S,
        .buffer_duration_ns = 3600 * NS_PER_S,
        .timecode_scale_ns = 1000000,
        .max_frames = 80000,
        .segment_uid = {1},
        .writing_app = "bench",
        .tracks = &track,
        .track_count = 1,
    };
    struct kvs_stream *stream = NULL;
    bench_must(kvs_stream_new(client, &config, START_NS, &stream));
    return stream;
}

/* Puts frames [from, to). */
static void put(struct kvs_stream *stream, uint32_t from, uint32_t to) {
    static const uint8_t payload[FRAME_BYTES] = {1};
    for (uint32_t i = from; i < to; i++) {
        int64_t time_ns = START_NS + i * FRAME_NS;
        const struct kvs_frame frame = {
            .flags = i % BENCH_FRAMES_PER_FRAGMENT == 0 ? KVS_FRAME_KEY : 0,
            .track_id = 1,
            .pts_ns = time_ns,
            .dts_ns = time_ns,
            .duration_ns = FRAME_NS,
            .data = {payload, sizeof payload},
        };
        bench_must(kvs_stream_put_frame(stream, &frame, time_ns));
    }
}

/* The time of a put on top of `depth` frames; the stream is made anew, so that nothing else is. */
static double measure(uint32_t depth) {
    const struct kvs_client_config config = {.storage_bytes = UINT64_C(64) * 1024 * 1024};
    struct kvs_client *client = NULL;
    bench_must(kvs_client_new(&config, &client));
    struct kvs_stream *stream = new_stream(client);
    put(stream, 0, depth);
    int64_t before = bench_cpu_ns();
    put(stream, depth, depth + BATCH);
    int64_t after = bench_cpu_ns();
    kvs_stream_destroy(stream);
    bench_must(kvs_client_destroy(client));
    return (double)(after - before) / BATCH;
}

void bench_queued(const struct bench_options *options) {
    for (size_t i = 0; i < sizeof depths / sizeof depths[0]; i++) {
        struct bench_result result = {0};
        for (uint32_t round = 0; round < bench_rounds(options); round++) {
            bench_add(&result, measure(depths[i]));
        }
        bench_print("queued", depths[i], "ns", &result);
    }
}
