#include "payload.h"

#include <string.h>

#include "random.h"

#define NOISE_LEN 4096u

/* A payload is its id, a number made of id and length, and then noise from a place that the id
 * decides. */
static const uint8_t *noise_of(uint64_t id, uint32_t *offset) {
    static uint8_t noise[NOISE_LEN];
    static bool made;
    if (!made) {
        for (uint32_t i = 0; i < NOISE_LEN; i++) {
            noise[i] = (uint8_t)random_mix(i);
        }
        made = true;
    }
    *offset = (uint32_t)(random_mix(id) % NOISE_LEN);
    return noise;
}

static void store(uint8_t *out, uint64_t value) {
    for (uint32_t i = 0; i < 8; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

static uint64_t load(const uint8_t *in) {
    uint64_t value = 0;
    for (uint32_t i = 8; i > 0; i--) {
        value = value << 8 | in[i - 1];
    }
    return value;
}

void payload_write(uint64_t id, uint8_t *out, uint32_t len) {
    uint32_t offset = 0;
    const uint8_t *noise = noise_of(id, &offset);
    store(out, id);
    store(out + 8, random_mix(id ^ len));
    for (uint32_t at = PAYLOAD_MIN_LEN; at < len; offset = 0) {
        uint32_t part = NOISE_LEN - offset < len - at ? NOISE_LEN - offset : len - at;
        memcpy(out + at, noise + offset, part);
        at += part;
    }
}

bool payload_read(struct kvs_span payload, uint64_t *id) {
    if (payload.len < PAYLOAD_MIN_LEN) {
        return false;
    }
    uint32_t len = (uint32_t)payload.len;
    uint32_t offset = 0;
    *id = load(payload.data);
    const uint8_t *noise = noise_of(*id, &offset);
    if (load(payload.data + 8) != random_mix(*id ^ len)) {
        return false;
    }
    for (uint32_t at = PAYLOAD_MIN_LEN; at < len; offset = 0) {
        uint32_t part = NOISE_LEN - offset < len - at ? NOISE_LEN - offset : len - at;
        if (memcmp(payload.data + at, noise + offset, part) != 0) {
            return false;
        }
        at += part;
    }
    return true;
}
