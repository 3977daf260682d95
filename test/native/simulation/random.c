#include "random.h"

/* SplitMix64, which spreads neighbouring seeds over the whole range. */
uint64_t random_mix(uint64_t value) {
    value += UINT64_C(0x9E3779B97F4A7C15);
    value = (value ^ (value >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94D049BB133111EB);
    return value ^ (value >> 31);
}

void random_seed(struct random *random, uint64_t seed) {
    *random = (struct random){0};
    for (uint32_t i = 0; i < 4; i++) {
        random->state[i] = random_mix(seed + i * UINT64_C(0x9E3779B97F4A7C15));
    }
}

void random_from_bytes(struct random *random, struct kvs_span bytes) {
    *random = (struct random){.from_bytes = true, .bytes = bytes};
}

bool random_is_used_up(const struct random *random) {
    return random->from_bytes && random->bytes.len == 0;
}

static uint64_t take_bytes(struct random *random, uint32_t count) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < count && random->bytes.len > 0; i++) {
        value = value << 8 | *random->bytes.data;
        random->bytes.data++;
        random->bytes.len--;
    }
    return value;
}

static uint64_t rotate(uint64_t value, uint32_t by) { return value << by | value >> (64 - by); }

/* xoshiro256**, by Blackman and Vigna. */
uint64_t random_next(struct random *random) {
    if (random->from_bytes) {
        return take_bytes(random, 8);
    }
    uint64_t *s = random->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t shifted = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t random_below(struct random *random, uint64_t limit) {
    if (!random->from_bytes) {
        return random_next(random) % limit;
    }
    uint32_t bytes = 0;
    for (uint64_t rest = limit - 1; rest > 0; rest >>= 8) {
        bytes++;
    }
    return take_bytes(random, bytes) % limit;
}

int64_t random_between(struct random *random, int64_t first, int64_t last) {
    return first + (int64_t)random_below(random, (uint64_t)(last - first) + 1);
}

bool random_chance(struct random *random, uint32_t per_mille) {
    /* Nothing is asked when there is nothing to decide, which spares a fuzzer's bytes. */
    return per_mille > 0 && (per_mille >= 1000 || random_below(random, 1000) >= 1000 - per_mille);
}

int64_t random_of(struct random *random, const int64_t *values, uint32_t count) {
    return values[random_below(random, count)];
}
