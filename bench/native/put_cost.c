/*
 * What a put costs while more and more frames are queued, in nanoseconds. Prints one line of JSON
 * for each depth. bench/trials/queued.mjs runs it; test/native/put_cost_test.c counts what this
 * measures. With --quick it measures once.
 */
#ifndef _WIN32
#define _POSIX_C_SOURCE 200809L
#endif

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kvs/stream.h"

#define NS_PER_S INT64_C(1000000000)
#define FRAME_NS INT64_C(10000000)
#define FRAMES_PER_FRAGMENT 50
#define FRAME_BYTES 200
#define BATCH 500
#define ROUNDS 15
#define START_NS (INT64_C(1700000000) * NS_PER_S)

static const uint32_t depths[] = {1000, 2000, 4000, 8000, 16000, 32000, 64000};

static int64_t clock_ns(void) {
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static void must(kvs_status status) {
    if (status != KVS_STATUS_SUCCESS) {
        fprintf(stderr, "%s: %s\n", kvs_status_name(status), kvs_status_text(status));
        exit(EXIT_FAILURE);
    }
}

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
    must(kvs_stream_new(client, &config, START_NS, &stream));
    return stream;
}

/* Puts frames [from, to). */
static void put(struct kvs_stream *stream, uint32_t from, uint32_t to) {
    static const uint8_t payload[FRAME_BYTES] = {1};
    for (uint32_t i = from; i < to; i++) {
        int64_t time_ns = START_NS + i * FRAME_NS;
        const struct kvs_frame frame = {
            .flags = i % FRAMES_PER_FRAGMENT == 0 ? KVS_FRAME_KEY : 0,
            .track_id = 1,
            .pts_ns = time_ns,
            .dts_ns = time_ns,
            .duration_ns = FRAME_NS,
            .data = {payload, sizeof payload},
        };
        must(kvs_stream_put_frame(stream, &frame, time_ns));
    }
}

/* The time of a put on top of `depth` frames; the stream is made anew, so that nothing else is. */
static double measure(uint32_t depth) {
    const struct kvs_client_config config = {.storage_bytes = UINT64_C(64) * 1024 * 1024};
    struct kvs_client *client = NULL;
    must(kvs_client_new(&config, &client));
    struct kvs_stream *stream = new_stream(client);
    put(stream, 0, depth);
    int64_t before = clock_ns();
    put(stream, depth, depth + BATCH);
    int64_t after = clock_ns();
    kvs_stream_destroy(stream);
    must(kvs_client_destroy(client));
    return (double)(after - before) / BATCH;
}

int main(int argc, char **argv) {
    int rounds = argc == 2 && strcmp(argv[1], "--quick") == 0 ? 1 : ROUNDS;
    for (size_t i = 0; i < sizeof depths / sizeof depths[0]; i++) {
        printf("{\"name\": \"%" PRIu32 "\", \"unit\": \"ns\", \"rounds\": [", depths[i]);
        for (int round = 0; round < rounds; round++) {
            printf("%s%.1f", round == 0 ? "" : ", ", measure(depths[i]));
        }
        printf("]}\n");
        fflush(stdout);
    }
    return EXIT_SUCCESS;
}
