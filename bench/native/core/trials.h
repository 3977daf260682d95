/* The trials of bench_core, one a file. */
#ifndef KVS_BENCH_TRIALS_H
#define KVS_BENCH_TRIALS_H

#include "bench.h"

void bench_heap(const struct bench_options *options);
void bench_annexb(const struct bench_options *options);
void bench_mkv(const struct bench_options *options);
void bench_put_read(const struct bench_options *options);
void bench_queued(const struct bench_options *options);

/* Puts, reads and confirms exactly `frames` frames in bench_counted_frames(), for a tool that
 * counts instructions. False when the case is unknown: annexb-10240, annexb-200, avcc-10240 or
 * avcc-200. */
bool bench_count(const char *name, uint32_t frames);

#endif
