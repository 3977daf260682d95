/*
 * What the trials of bench_core share: a clock, rounds, frames that look like those of a camera,
 * and the line of JSON that each result is printed as.
 */
#ifndef KVS_BENCH_H
#define KVS_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kvs/span.h"
#include "kvs/status.h"

#define BENCH_MAX_ROUNDS 15
/* Frames of a fragment; the first one is a key frame. */
#define BENCH_FRAMES_PER_FRAGMENT 50u
/* Frames that a source goes round in, as a camera does in its buffers. */
#define BENCH_SOURCE_FRAMES 16u

struct bench_options {
    /* Fewer and shorter rounds: the figures are rough. */
    bool quick;
};

/* What one result has to say; values are added by bench_add. */
struct bench_result {
    uint32_t count;
    double rounds[BENCH_MAX_ROUNDS];
};

enum bench_framing { BENCH_ANNEXB, BENCH_AVCC };

/* Frames of one size, one after the other in memory: a key frame with parameter sets and then
 * frames of one slice, whose bytes are random but for emulation prevention. */
struct bench_source {
    uint8_t *bytes;
    struct kvs_span frames[BENCH_SOURCE_FRAMES];
};

/* Nanoseconds of a clock that nobody sets. */
int64_t bench_now_ns(void);
/* Nanoseconds of processor time that this process has used, where the system tells: on a machine
 * that others use too, less depends on them than on bench_now_ns. */
int64_t bench_cpu_ns(void);
uint32_t bench_random(uint32_t *state);
uint32_t bench_rounds(const struct bench_options *options);
/* How often to repeat what takes about `ns` in one round. */
uint32_t bench_repeats(const struct bench_options *options, uint32_t ns);
void bench_add(struct bench_result *result, double value);
/* Prints {"name": …, "unit": …, "rounds": […]}. The name ends with `size` unless that is 0. */
void bench_print(const char *name, size_t size, const char *unit,
                 const struct bench_result *result);
/* Ends the program unless the status is a success. */
void bench_must(kvs_status status);
/* Memory, or the end of the program. */
void *bench_allocate(size_t size);

void bench_source_open(struct bench_source *source, enum bench_framing framing, size_t frame_bytes);
void bench_source_close(struct bench_source *source);
/* avcC of the parameter sets. */
struct kvs_span bench_codec_private(void);
/* Frame number `i` of the source: a key frame where a fragment begins. */
struct kvs_span bench_source_frame(const struct bench_source *source, uint32_t i);

#endif
