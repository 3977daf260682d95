/*
 * Bits of a header, most significant first, with the Exp-Golomb codes of ITU-T H.264 and H.265
 * (clauses 9.1 and 9.2).
 *
 * Reading beyond the end gives zeros and sets `failed`, so that a parser checks once, at its end or
 * before a value decides how much more is read.
 */
#ifndef KVS_CODEC_BIT_READER_H
#define KVS_CODEC_BIT_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "kvs/span.h"

struct kvs__bit_reader {
    struct kvs_span bytes;
    /* The next byte to take. */
    size_t position;
    /* Zero bytes taken in a row, where those in front of a 3 have to be told. */
    uint32_t zeros;
    /* Whether 00 00 03 stands for 00 00 (emulation_prevention_three_byte). */
    bool escaped;
    uint8_t current;
    uint8_t bits_left;
    /* A read went beyond the end, or a code had no value. */
    bool failed;
};

/* Over the payload of a NAL unit, whose emulation prevention is undone on the way. */
struct kvs__bit_reader kvs__bit_reader_of_nal(struct kvs_span payload);
/* Over plain bytes. */
struct kvs__bit_reader kvs__bit_reader_of_bytes(struct kvs_span bytes);

/* u(n): 0 to 32 bits. */
uint32_t kvs__read_bits(struct kvs__bit_reader *reader, uint32_t count);
/* u(1) */
bool kvs__read_flag(struct kvs__bit_reader *reader);
/* ue(v) */
uint32_t kvs__read_ue(struct kvs__bit_reader *reader);
/* se(v) */
int32_t kvs__read_se(struct kvs__bit_reader *reader);
/* ue(v) that a standard limits: beyond `limit` the reader fails and the value is 0. */
uint32_t kvs__read_ue_max(struct kvs__bit_reader *reader, uint32_t limit);

void kvs__skip_bits(struct kvs__bit_reader *reader, uint32_t count);
/* Skips `count` codes of ue(v) or se(v), which are equally long. */
void kvs__skip_golomb(struct kvs__bit_reader *reader, uint32_t count);

#endif
