#include "bit_reader.h"

#include "platform/assert.h"

struct kvs__bit_reader kvs__bit_reader_of_nal(struct kvs_span payload) {
    struct kvs__bit_reader reader = {payload, 0, 0, true, 0, 0, false};
    return reader;
}

struct kvs__bit_reader kvs__bit_reader_of_bytes(struct kvs_span bytes) {
    struct kvs__bit_reader reader = {bytes, 0, 0, false, 0, 0, false};
    return reader;
}

static void take_byte(struct kvs__bit_reader *reader) {
    if (reader->escaped && reader->zeros >= 2 && reader->position < reader->bytes.len &&
        reader->bytes.data[reader->position] == 3) {
        reader->position++;
        reader->zeros = 0;
    }
    if (reader->position >= reader->bytes.len) {
        reader->failed = true;
        reader->current = 0;
    } else {
        reader->current = reader->bytes.data[reader->position++];
    }
    reader->zeros = reader->current == 0 ? reader->zeros + 1 : 0;
    reader->bits_left = 8;
}

uint32_t kvs__read_bits(struct kvs__bit_reader *reader, uint32_t count) {
    KVS_ASSERT(count <= 32, "at most 32 bits are read at a time");
    uint32_t value = 0;
    while (count > 0 && !reader->failed) {
        if (reader->bits_left == 0) {
            take_byte(reader);
        }
        uint32_t take = count < reader->bits_left ? count : reader->bits_left;
        uint32_t rest = reader->bits_left - take;
        value = value << take | ((uint32_t)(reader->current >> rest) & ((1u << take) - 1));
        reader->bits_left = (uint8_t)rest;
        count -= take;
    }
    return reader->failed ? 0 : value;
}

bool kvs__read_flag(struct kvs__bit_reader *reader) { return kvs__read_bits(reader, 1) != 0; }

uint32_t kvs__read_ue(struct kvs__bit_reader *reader) {
    uint32_t zeros = 0;
    while (!kvs__read_flag(reader)) {
        zeros++;
        /* The longest code, of 2^32 - 2, starts with 31 zeros. */
        if (zeros > 31 || reader->failed) {
            reader->failed = true;
            return 0;
        }
    }
    uint32_t suffix = kvs__read_bits(reader, zeros);
    return reader->failed ? 0 : ((1u << zeros) - 1) + suffix;
}

int32_t kvs__read_se(struct kvs__bit_reader *reader) {
    uint32_t code = kvs__read_ue(reader);
    int32_t magnitude = (int32_t)(code / 2);
    return code % 2 == 0 ? -magnitude : magnitude + 1;
}

uint32_t kvs__read_ue_max(struct kvs__bit_reader *reader, uint32_t limit) {
    uint32_t value = kvs__read_ue(reader);
    if (value > limit) {
        reader->failed = true;
        return 0;
    }
    return value;
}

void kvs__skip_bits(struct kvs__bit_reader *reader, uint32_t count) {
    while (count > 32) {
        kvs__read_bits(reader, 32);
        count -= 32;
    }
    kvs__read_bits(reader, count);
}

void kvs__skip_golomb(struct kvs__bit_reader *reader, uint32_t count) {
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        kvs__read_ue(reader);
    }
}
