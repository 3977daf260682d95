/* How fast Annex-B frames are searched and rewritten with lengths. */
#include <stdlib.h>

#include "kvs/nal.h"
#include "trials.h"

#define NS_A_BYTE_GUESS 0.2

static void run(const struct bench_options *options, size_t frame_bytes) {
    struct bench_source source;
    struct bench_result speed = {0};
    /* A start code may have a byte less than a length. */
    size_t capacity = frame_bytes + BENCH_SOURCE_FRAMES;
    uint8_t *out = bench_allocate(capacity);
    bench_source_open(&source, BENCH_ANNEXB, frame_bytes);
    uint32_t guess_ns = 20 + (uint32_t)(NS_A_BYTE_GUESS * (double)frame_bytes);
    uint32_t repeats = bench_repeats(options, guess_ns);
    for (uint32_t round = 0; round < bench_rounds(options) + 1; round++) {
        int64_t before = bench_cpu_ns();
        for (uint32_t i = 0; i < repeats; i++) {
            struct kvs_annexb_index index;
            struct kvs_span frame = bench_source_frame(&source, i);
            bench_must(kvs_annexb_index(frame, &index));
            bench_must(kvs_annexb_to_avcc(frame, &index, out, capacity));
        }
        int64_t after = bench_cpu_ns();
        if (round > 0) { /* the first one warms up */
            bench_add(&speed, (double)frame_bytes * repeats * 1000 / (double)(after - before));
        }
    }
    bench_print("annexb", frame_bytes, "MB/s", &speed);
    bench_source_close(&source);
    free(out);
}

void bench_annexb(const struct bench_options *options) {
    run(options, 10240);
    run(options, 200);
}
