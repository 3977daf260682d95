/*
 * The limit of put-read: the same frames copied into places that take turns as those of the store
 * do, and from there into the same kind of buffer; or into that at once.
 */
#include <stdlib.h>
#include <string.h>

#include "trials.h"

#define OUT_BYTES 65536u
/* put-read has two fragments in the store when one of them is confirmed. */
#define PLACES (2 * BENCH_FRAMES_PER_FRAGMENT)
/* What a place takes beside the frame: the allocator's header and that of the block. */
#define OVERHEAD_BYTES 32u

struct buffers {
    struct bench_source source;
    uint8_t *store;
    size_t at;
    uint8_t out[OUT_BYTES];
};

/* Copies to the end of the buffer and goes on at its beginning, as reads do. */
static void copy_out(struct buffers *buffers, const uint8_t *bytes, size_t len) {
    while (len > 0) {
        size_t left = OUT_BYTES - buffers->at;
        size_t part = len < left ? len : left;
        memcpy(buffers->out + buffers->at, bytes, part);
        buffers->at = part < left ? buffers->at + part : 0;
        bytes += part;
        len -= part;
    }
}

static void copy_once(struct buffers *buffers, size_t frame_bytes, uint32_t frames) {
    for (uint32_t i = 0; i < frames; i++) {
        copy_out(buffers, bench_source_frame(&buffers->source, i).data, frame_bytes);
    }
}

static void copy_twice(struct buffers *buffers, size_t frame_bytes, uint32_t frames) {
    for (uint32_t i = 0; i < frames; i++) {
        uint8_t *place = buffers->store + i % PLACES * (frame_bytes + OVERHEAD_BYTES);
        memcpy(place, bench_source_frame(&buffers->source, i).data, frame_bytes);
        copy_out(buffers, place, frame_bytes);
    }
}

static void measure(const struct bench_options *options, const char *name, size_t frame_bytes,
                    void (*copy)(struct buffers *buffers, size_t frame_bytes, uint32_t frames)) {
    struct bench_result speed = {0};
    struct buffers *buffers = bench_allocate(sizeof *buffers);
    buffers->store = bench_allocate(PLACES * (frame_bytes + OVERHEAD_BYTES));
    bench_source_open(&buffers->source, BENCH_AVCC, frame_bytes);
    uint32_t repeats = bench_repeats(options, 10 + (uint32_t)frame_bytes / 8);
    copy(buffers, frame_bytes, 4 * PLACES);
    for (uint32_t round = 0; round < bench_rounds(options); round++) {
        int64_t before = bench_cpu_ns();
        copy(buffers, frame_bytes, repeats);
        double elapsed = (double)(bench_cpu_ns() - before);
        bench_add(&speed, (double)frame_bytes * repeats * 1000 / elapsed);
    }
    bench_print(name, frame_bytes, "MB/s", &speed);
    bench_source_close(&buffers->source);
    free(buffers->store);
    free(buffers);
}

void bench_memcpy(const struct bench_options *options) {
    static const size_t sizes[] = {10240, 200};
    for (uint32_t i = 0; i < 2; i++) {
        measure(options, "memcpy-once", sizes[i], copy_once);
        measure(options, "memcpy-twice", sizes[i], copy_twice);
    }
}
