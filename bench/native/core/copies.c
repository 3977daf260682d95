/*
 * The limit of put-read: what it copies, copied by memcpy from and to the same places. Frames go
 * behind the header of their block into the store, whose places take turns, and from there with the
 * header into the same kind of buffer; or into that at once.
 */
#include "copies.h"

#include <stdlib.h>
#include <string.h>

#define OUT_BYTES 65536u
/* put-read has a fragment and the first frame of the next one in the store when it confirms the
 * former, whose places the next ones take. */
#define PLACES (BENCH_FRAMES_PER_FRAGMENT + 1)
/* What the allocator has in front of a block, which is what blocks are aligned to. */
#define ALLOCATOR_BYTES 16u
/* Of a SimpleBlock of 123 to 16378 bytes. */
#define BLOCK_HEADER_BYTES 7u

struct bench_copies {
    size_t frame_bytes;
    size_t place_bytes;
    struct bench_source source;
    uint8_t *store;
    size_t at;
    uint8_t out[OUT_BYTES];
};

/* Copies to the end of the buffer and goes on at its beginning, as reads do. */
static void copy_out(struct bench_copies *copies, const uint8_t *bytes, size_t len) {
    while (len > 0) {
        size_t left = OUT_BYTES - copies->at;
        size_t part = len < left ? len : left;
        memcpy(copies->out + copies->at, bytes, part);
        copies->at = part < left ? copies->at + part : 0;
        bytes += part;
        len -= part;
    }
}

static void copy_once(struct bench_copies *copies, uint32_t frames) {
    for (uint32_t i = 0; i < frames; i++) {
        copy_out(copies, bench_source_frame(&copies->source, i).data, copies->frame_bytes);
    }
}

static void copy_twice(struct bench_copies *copies, uint32_t frames) {
    for (uint32_t i = 0; i < frames; i++) {
        uint8_t *block = copies->store + i % PLACES * copies->place_bytes + ALLOCATOR_BYTES;
        memcpy(block + BLOCK_HEADER_BYTES, bench_source_frame(&copies->source, i).data,
               copies->frame_bytes);
        copy_out(copies, block, BLOCK_HEADER_BYTES + copies->frame_bytes);
    }
}

struct bench_copies *bench_copies_new(size_t frame_bytes) {
    struct bench_copies *copies = bench_allocate(sizeof *copies);
    size_t place = ALLOCATOR_BYTES + BLOCK_HEADER_BYTES + frame_bytes;
    copies->frame_bytes = frame_bytes;
    copies->place_bytes = (place + ALLOCATOR_BYTES - 1) / ALLOCATOR_BYTES * ALLOCATOR_BYTES;
    copies->store = bench_allocate(PLACES * copies->place_bytes);
    bench_source_open(&copies->source, BENCH_AVCC, frame_bytes);
    copy_twice(copies, 4 * PLACES);
    return copies;
}

void bench_copies_destroy(struct bench_copies *copies) {
    bench_source_close(&copies->source);
    free(copies->store);
    free(copies);
}

double bench_copies_round(struct bench_copies *copies, const struct bench_options *options,
                          bool twice) {
    uint32_t frames = bench_repeats(options, 10 + (uint32_t)copies->frame_bytes / 8);
    int64_t before = bench_cpu_ns();
    (twice ? copy_twice : copy_once)(copies, frames);
    return (double)copies->frame_bytes * frames * 1000 / (double)(bench_cpu_ns() - before);
}
