/*
 * Choices from a seed: the same seed makes the same choices on every machine. A fuzzer's input can
 * stand in for the seed, so that its bytes decide.
 */
#ifndef KVS_SIMULATION_RANDOM_H
#define KVS_SIMULATION_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

#include "kvs/span.h"

struct random {
    uint64_t state[4];
    /** Bytes that decide in place of the seed, when `from_bytes`. */
    bool from_bytes;
    struct kvs_span bytes;
};

void random_seed(struct random *random, uint64_t seed);
/* Decides by `bytes`, which have to stay, and always for the first choice once they are used up. */
void random_from_bytes(struct random *random, struct kvs_span bytes);
bool random_is_used_up(const struct random *random);

uint64_t random_next(struct random *random);
/* 0 to limit - 1; limit is not 0. */
uint64_t random_below(struct random *random, uint64_t limit);
/* first to last, both included. */
int64_t random_between(struct random *random, int64_t first, int64_t last);
/* True `per_mille` times of 1000. */
bool random_chance(struct random *random, uint32_t per_mille);
/* One of `count` values. */
int64_t random_of(struct random *random, const int64_t *values, uint32_t count);

/* A well-mixed number for a number. */
uint64_t random_mix(uint64_t value);

#endif
