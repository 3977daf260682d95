/* Start code search with 8 bytes at a time, for processors without a vector unit. */
#include <string.h>

#include "scan.h"

#define WORD_BYTES sizeof(uint64_t)

#if defined(__GNUC__)
#define ASSUME_WORD_ALIGNED(pointer) __builtin_assume_aligned((pointer), WORD_BYTES)
#else
#define ASSUME_WORD_ALIGNED(pointer) (pointer)
#endif

/* Of a word without zero bytes no byte is borrowed from, so no high bit survives. */
static bool has_zero_byte(uint64_t word) {
    return ((word - 0x0101010101010101u) & ~word & 0x8080808080808080u) != 0;
}

/* Tries each position up to `end`; returns `end` when none fits. */
static size_t find_bytewise(const uint8_t *data, size_t from, size_t end) {
    while (from < end && !kvs__is_start_code(data + from)) {
        from++;
    }
    return from;
}

size_t kvs__find_start_code_portable(struct kvs_span bytes, size_t from) {
    if (from > bytes.len || bytes.len - from < KVS_START_CODE_BYTES) {
        return bytes.len;
    }
    const uint8_t *data = bytes.data;
    /* Positions from here on are too near to the end. */
    size_t end = bytes.len - KVS_START_CODE_BYTES + 1;
    size_t position = from;

    /* Aligned words, because some ARM processors load no others. */
    size_t misaligned = (size_t)((uintptr_t)(data + position) % WORD_BYTES);
    size_t head = misaligned == 0 ? 0 : WORD_BYTES - misaligned;
    size_t aligned = head < end - position ? position + head : end;
    position = find_bytewise(data, position, aligned);
    if (position < aligned) {
        return position;
    }
    while (end - position >= WORD_BYTES) {
        uint64_t word;
        memcpy(&word, ASSUME_WORD_ALIGNED(data + position), WORD_BYTES);
        size_t next = position + WORD_BYTES;
        if (has_zero_byte(word)) {
            position = find_bytewise(data, position, next);
            if (position < next) {
                return position;
            }
        }
        position = next;
    }
    position = find_bytewise(data, position, end);
    return position < end ? position : bytes.len;
}
