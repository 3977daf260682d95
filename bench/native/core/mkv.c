/* What Matroska costs by itself: block headers, payloads and clusters written one after another. */
#include <stdlib.h>
#include <string.h>

#include "kvs/mkv.h"
#include "trials.h"

#define FRAME_MS 20u
#define HEADER_BYTES 1024u
#define HEADERS 1000u

static size_t write_cluster(uint8_t *out, uint32_t i) {
    size_t len = 0;
    bench_must(kvs_mkv_write_cluster(UINT64_C(1700000000000) + (uint64_t)i * FRAME_MS, out,
                                     KVS_MKV_CLUSTER_MAX_BYTES, &len));
    return len;
}

static size_t write_block(uint8_t *out, uint32_t i, struct kvs_span frame) {
    uint32_t place = i % BENCH_FRAMES_PER_FRAGMENT;
    size_t len = 0;
    bench_must(kvs_mkv_write_block_header(1, place * FRAME_MS, place == 0 ? KVS_BLOCK_KEY : 0,
                                          frame.len, out, KVS_MKV_BLOCK_MAX_BYTES, &len));
    memcpy(out + len, frame.data, frame.len);
    return len + frame.len;
}

static void measure_frames(const struct bench_options *options, size_t frame_bytes) {
    struct bench_source source;
    struct bench_result speed = {0};
    struct bench_result time = {0};
    uint8_t *out =
        bench_allocate(KVS_MKV_CLUSTER_MAX_BYTES +
                       BENCH_FRAMES_PER_FRAGMENT * (KVS_MKV_BLOCK_MAX_BYTES + frame_bytes));
    bench_source_open(&source, BENCH_AVCC, frame_bytes);
    uint32_t repeats = bench_repeats(options, 10 + (uint32_t)frame_bytes / 10);
    for (uint32_t round = 0; round < bench_rounds(options) + 1; round++) {
        size_t at = 0;
        int64_t before = bench_cpu_ns();
        for (uint32_t i = 0; i < repeats; i++) {
            at = i % BENCH_FRAMES_PER_FRAGMENT == 0 ? write_cluster(out, i) : at;
            at += write_block(out + at, i, bench_source_frame(&source, i));
        }
        double elapsed = (double)(bench_cpu_ns() - before);
        if (round > 0) { /* the first one warms up */
            bench_add(&speed, (double)frame_bytes * repeats * 1000 / elapsed);
            bench_add(&time, elapsed / repeats);
        }
    }
    bench_print("mkv", frame_bytes, "MB/s", &speed);
    bench_print("mkv-frame", frame_bytes, "ns", &time);
    bench_source_close(&source);
    free(out);
}

static void measure_header(const struct bench_options *options) {
    static const struct kvs_mkv_track track = {.track_id = 1,
                                               .number = 1,
                                               .type = KVS_TRACK_VIDEO,
                                               .codec_id = "V_MPEG4/ISO/AVC",
                                               .width = 1920,
                                               .height = 1080};
    static const struct kvs_mkv_header header = {.segment_uid = {1},
                                                 .timecode_scale_ns = 1000000,
                                                 .writing_app = "bench",
                                                 .tracks = &track,
                                                 .track_count = 1};
    struct bench_result time = {0};
    uint8_t out[HEADER_BYTES];
    for (uint32_t round = 0; round < bench_rounds(options); round++) {
        int64_t before = bench_cpu_ns();
        for (uint32_t i = 0; i < HEADERS; i++) {
            size_t len = 0;
            bench_must(kvs_mkv_write_header(&header, out, sizeof out, &len));
        }
        bench_add(&time, (double)(bench_cpu_ns() - before) / HEADERS);
    }
    bench_print("mkv-header", 0, "ns", &time);
}

void bench_mkv(const struct bench_options *options) {
    measure_frames(options, 10240);
    measure_frames(options, 200);
    measure_header(options);
}
