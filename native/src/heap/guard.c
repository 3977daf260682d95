#include "heap/guard.h"

#ifdef KVS_HEAP_DEBUG

#include <string.h>

/* Odd bytes that are no ASCII, no small number and no start code. */
#define BAND_BYTE 0xfd
#define FRESH_BYTE 0xcd
#define FREE_BYTE 0xdd

#define BAND_BYTES (KVS__GUARD_BAND_CELLS * KVS__CELL_BYTES)

/* How many bytes the caller asked for, twice, so that a write to the record itself is noticed. */
struct record {
    uint64_t len;
    uint64_t complement;
};

_Static_assert(sizeof(struct record) == KVS__CELL_BYTES, "a record is a cell");

/* Where the caller's bytes begin. */
static uint8_t *bytes_of(const struct kvs__block *cells, uint32_t offset) {
    return (uint8_t *)(uintptr_t)&cells[offset + 1 + KVS__GUARD_FRONT_CELLS];
}

/* The bytes from there to the end of the block. */
static uint64_t room_of(const struct kvs__block *cells, uint32_t offset) {
    return (cells[offset].size - 1 - KVS__GUARD_FRONT_CELLS) * (uint64_t)KVS__CELL_BYTES;
}

static bool is_filled(const uint8_t *bytes, uint8_t fill, size_t len) {
    return bytes[0] == fill && memcmp(bytes, bytes + 1, len - 1) == 0;
}

void kvs__guard_set(struct kvs__block *cells, uint32_t offset, size_t len) {
    const struct record record = {len, ~(uint64_t)len};
    uint8_t *bytes = bytes_of(cells, offset);
    memcpy(&cells[offset + 1], &record, sizeof record);
    memset(bytes - BAND_BYTES, BAND_BYTE, BAND_BYTES);
    memset(bytes, FRESH_BYTE, len);
    memset(bytes + len, BAND_BYTE, (size_t)room_of(cells, offset) - len);
}

bool kvs__guard_holds(const struct kvs__block *cells, uint32_t offset) {
    if (cells[offset].size <= 1 + KVS__GUARD_FRONT_CELLS + KVS__GUARD_BACK_CELLS) {
        return false;
    }
    struct record record;
    memcpy(&record, &cells[offset + 1], sizeof record);
    uint64_t room = room_of(cells, offset);
    if (record.complement != ~record.len || record.len > room - BAND_BYTES) {
        return false;
    }
    const uint8_t *bytes = bytes_of(cells, offset);
    return is_filled(bytes - BAND_BYTES, BAND_BYTE, BAND_BYTES) &&
           is_filled(bytes + record.len, BAND_BYTE, (size_t)(room - record.len));
}

void kvs__guard_wipe(struct kvs__block *cells, uint32_t offset, uint32_t size) {
    memset(&cells[offset], FREE_BYTE, size * KVS__CELL_BYTES);
}

bool kvs__guard_is_wiped(const struct kvs__block *cells, uint32_t offset, uint32_t size) {
    const void *bytes = &cells[offset];
    return is_filled(bytes, FREE_BYTE, size * KVS__CELL_BYTES);
}

#endif
