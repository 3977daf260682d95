/* Builds headers bit by bit, for what no encoder at hand produces. */
#ifndef KVS_TEST_BIT_WRITER_H
#define KVS_TEST_BIT_WRITER_H

#include <stdint.h>
#include <string.h>

#include "kvs/span.h"

struct bit_writer {
    uint8_t bytes[1024];
    size_t bits;
    uint8_t nal[1024];
};

static inline void put_bits(struct bit_writer *writer, uint64_t value, int count) {
    for (int i = count - 1; i >= 0; i--) {
        if ((value >> i & 1) != 0) {
            writer->bytes[writer->bits / 8] |= (uint8_t)(0x80 >> writer->bits % 8);
        }
        writer->bits++;
    }
}

static inline void put_ue(struct bit_writer *writer, uint32_t value) {
    uint64_t code = (uint64_t)value + 1;
    int length = 0;
    while (code >> length > 1) {
        length++;
    }
    put_bits(writer, code, 2 * length + 1);
}

static inline void put_se(struct bit_writer *writer, int32_t value) {
    put_ue(writer, value > 0 ? 2 * (uint32_t)value - 1 : 2 * (uint32_t)-value);
}

/* The NAL unit: header, what was put with emulation prevention, a stop bit. Valid until changed. */
static inline struct kvs_span finish_nal(struct bit_writer *writer, const char *header,
                                         size_t header_len) {
    struct bit_writer copy = *writer;
    put_bits(&copy, 1, 1);
    memcpy(writer->nal, header, header_len);
    size_t len = header_len;
    int zeros = 0;
    for (size_t i = 0; i < (copy.bits + 7) / 8; i++) {
        if (zeros >= 2 && copy.bytes[i] <= 3) {
            writer->nal[len++] = 3;
            zeros = 0;
        }
        writer->nal[len++] = copy.bytes[i];
        zeros = copy.bytes[i] == 0 ? zeros + 1 : 0;
    }
    return kvs_span_of(writer->nal, len);
}

#endif
