/* Frames copied, as put-read does beside all else. */
#ifndef KVS_BENCH_COPIES_H
#define KVS_BENCH_COPIES_H

#include "bench.h"

struct bench_copies;

/* Frames of AVCC, copied a while already. */
struct bench_copies *bench_copies_new(size_t frame_bytes);
void bench_copies_destroy(struct bench_copies *copies);
/* Copies frames for a round, each once or twice. Returns MB/s. */
double bench_copies_round(struct bench_copies *copies, const struct bench_options *options,
                          bool twice);

#endif
