/*
 * A producer, a transport and an observer call one stream from three threads at once. What they see
 * is checked, but the point is ThreadSanitizer: `npm run test:core -- threads`
 */
#include <stdio.h>
#include <string.h>

#include "kvs/heap.h"
#include "kvs/session.h"
#include "mkv_reader.h"
#include "payload.h"
#include "test.h"

#ifndef _WIN32
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define FRAMES 20000u
#define GROUP 20u
#define FRAME_NS INT64_C(40000000)
#define START_NS INT64_C(1700000000000000000)
#define FRAME_LEN 200u

struct scene {
    struct kvs_client *client;
    struct kvs_stream *stream;
    /** The frame that is put, which tells the time; not every processor has atomics of 64 bits. */
    atomic_uint frame;
    atomic_bool done;
    uint64_t frames_seen;
    bool in_order;
};

static int64_t time_of(uint64_t frame) { return START_NS + (int64_t)frame * FRAME_NS; }

static int64_t now_of(struct scene *scene) { return time_of(atomic_load(&scene->frame)); }

static void *produce(void *context) {
    struct scene *scene = context;
    uint8_t bytes[FRAME_LEN];
    for (uint64_t i = 0; i < FRAMES; i++) {
        int64_t now = time_of(i);
        const struct kvs_frame frame = {.flags = i % GROUP == 0 ? KVS_FRAME_KEY : 0,
                                        .track_id = 1,
                                        .pts_ns = now,
                                        .dts_ns = now,
                                        .duration_ns = FRAME_NS,
                                        .data = {bytes, FRAME_LEN}};
        char value[16];
        snprintf(value, sizeof value, "%d", (int)i);
        payload_write(i + 1, bytes, FRAME_LEN);
        atomic_store(&scene->frame, (unsigned)i);
        while (kvs_stream_put_frame(scene->stream, &frame, now) == KVS_STATUS_STORE_OUT_OF_MEMORY) {
            sched_yield();
        }
        if (i % GROUP == 1) {
            (void)kvs_stream_put_metadata(scene->stream, "frame", value, false);
        }
    }
    (void)kvs_stream_stop(scene->stream);
    return NULL;
}

static void *observe(void *context) {
    struct scene *scene = context;
    while (!atomic_load(&scene->done)) {
        struct kvs_stream_metrics metrics;
        struct kvs_client_metrics totals;
        struct kvs_event event;
        int64_t next = 0;
        int64_t now = now_of(scene);
        (void)kvs_stream_metrics(scene->stream, now, &metrics);
        (void)kvs_client_metrics(scene->client, &totals);
        (void)kvs_stream_tick(scene->stream, now, &next);
        while (kvs_stream_next_event(scene->stream, &event)) {
        }
        sched_yield();
    }
    return NULL;
}

static void acknowledge(struct scene *scene, uint64_t session_id, uint64_t timecode) {
    char text[128];
    snprintf(text, sizeof text, "{\"EventType\":\"PERSISTED\",\"FragmentTimecode\":%llu}\n",
             (unsigned long long)timecode);
    struct kvs_span bytes = kvs_span_of(text, strlen(text));
    while (bytes.len > 0 && kvs_session_ack_bytes(scene->stream, session_id, now_of(scene),
                                                  &bytes) == KVS_STATUS_SUCCESS) {
    }
}

static void take_block(struct scene *scene, struct kvs_span payload) {
    uint64_t id = 0;
    scene->in_order = scene->in_order && payload_read(payload, &id) && id == scene->frames_seen + 1;
    scene->frames_seen = id;
}

/** Reads a session to its end, and confirms each fragment once the next one begins. */
static void run_session(struct scene *scene, uint64_t session_id) {
    struct mkv_reader reader = {0};
    struct mkv_item item;
    uint64_t open_cluster = 0;
    kvs_status status = KVS_STATUS_SUCCESS;
    while (status == KVS_STATUS_SUCCESS || status == KVS_STATUS_NO_MORE_DATA_AVAILABLE) {
        uint8_t bytes[1500];
        size_t len = 0;
        status =
            kvs_session_read(scene->stream, session_id, now_of(scene), bytes, sizeof bytes, &len);
        mkv_reader_feed(&reader, kvs_span_of(bytes, len), 0);
        enum mkv_kind kind = MKV_MORE;
        while ((kind = mkv_reader_next(&reader, &item)) != MKV_MORE && kind != MKV_BROKEN) {
            if (kind == MKV_CLUSTER && open_cluster != 0) {
                acknowledge(scene, session_id, open_cluster);
            }
            if (kind == MKV_BLOCK) {
                take_block(scene, item.payload);
            }
            open_cluster = kind == MKV_CLUSTER ? item.timecode : open_cluster;
        }
        scene->in_order = scene->in_order && kind != MKV_BROKEN;
        if (len == 0) {
            sched_yield();
        }
    }
    CHECK_STATUS(status, KVS_STATUS_END_OF_STREAM);
    acknowledge(scene, session_id, open_cluster);
    CHECK(kvs_session_is_settled(scene->stream, session_id));
    CHECK_STATUS(kvs_session_close(scene->stream, session_id, now_of(scene), KVS_SESSION_RESULT_OK),
                 KVS_STATUS_SUCCESS);
    mkv_reader_clean_up(&reader);
}

static void transport(struct scene *scene) {
    while (scene->frames_seen < FRAMES && scene->in_order) {
        struct kvs_session_start start;
        (void)kvs_stream_take_signals(scene->stream);
        if (kvs_session_open(scene->stream, now_of(scene), 0, &start) == KVS_STATUS_SUCCESS) {
            run_session(scene, start.session_id);
        }
        sched_yield();
    }
}

static void open_scene(struct scene *scene) {
    static const struct kvs_mkv_track track = {
        .track_id = 1, .type = KVS_TRACK_VIDEO, .codec_id = "V_TEST", .width = 2, .height = 2};
    const struct kvs_client_config client = {.storage_bytes = KVS_HEAP_MIN_BYTES};
    const struct kvs_stream_config config = {
        .name = "camera",
        .streaming_type = KVS_STREAMING_OFFLINE,
        .fragment_acks = true,
        .retained = true,
        .absolute_timecodes = true,
        .key_frame_fragmentation = true,
        .fragment_duration_ns = 2000000000,
        .buffer_duration_ns = 60000000000,
        .timecode_scale_ns = 1000000,
        .max_frames = 200,
        .segment_uid = {1},
        .writing_app = "test",
        .tracks = &track,
        .track_count = 1,
    };
    atomic_init(&scene->frame, 0);
    atomic_init(&scene->done, false);
    scene->in_order = true;
    CHECK_STATUS(kvs_client_new(&client, &scene->client), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_new(scene->client, &config, START_NS, &scene->stream),
                 KVS_STATUS_SUCCESS);
}

KVS_TEST(a_stream_serves_several_threads) {
    struct scene scene = {0};
    pthread_t producer, observer;
    open_scene(&scene);
    CHECK_EQ(pthread_create(&producer, NULL, produce, &scene), 0);
    CHECK_EQ(pthread_create(&observer, NULL, observe, &scene), 0);
    transport(&scene);
    pthread_join(producer, NULL);
    atomic_store(&scene.done, true);
    pthread_join(observer, NULL);
    CHECK(scene.in_order);
    CHECK_EQ(scene.frames_seen, FRAMES);
    CHECK(kvs__stream_check(scene.stream));
    struct kvs_stream_metrics metrics;
    CHECK_STATUS(kvs_stream_metrics(scene.stream, START_NS, &metrics), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics.frames_delivered, FRAMES);
    kvs_stream_destroy(scene.stream);
    CHECK_STATUS(kvs_client_destroy(scene.client), KVS_STATUS_SUCCESS);
}
#else
KVS_TEST(a_stream_serves_several_threads) { CHECK(true); }
#endif

int main(void) {
    RUN(a_stream_serves_several_threads);
    return kvs_test_report();
}
