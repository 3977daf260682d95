/*
 * Big-endian fields of the configuration records of ISO/IEC 14496-15, written into and read from
 * memory of the caller, within its bounds.
 */
#ifndef KVS_CODEC_RECORD_H
#define KVS_CODEC_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kvs/span.h"

/* Longest parameter set that a record's 16-bit lengths can state. */
#define KVS_RECORD_MAX_SET_BYTES UINT16_MAX

struct kvs__record_writer {
    uint8_t *out;
    size_t capacity;
    /* Bytes that were to be written: above capacity when they did not fit. */
    size_t len;
};

/* Stores the low 1 to 8 bytes of `value`. */
void kvs__record_put(struct kvs__record_writer *writer, uint64_t value, size_t bytes);
void kvs__record_put_bytes(struct kvs__record_writer *writer, struct kvs_span bytes);
/* A 16-bit length and the parameter set. */
void kvs__record_put_set(struct kvs__record_writer *writer, struct kvs_span set);

struct kvs__record_reader {
    struct kvs_span bytes;
    size_t position;
    /* A field went beyond the end. */
    bool failed;
};

/* The next 1 or 2 bytes; 0 when they are not there. */
uint32_t kvs__record_get(struct kvs__record_reader *reader, size_t bytes);
/* `len` bytes; an empty span when they are not there. */
struct kvs_span kvs__record_get_bytes(struct kvs__record_reader *reader, size_t len);
/* A 16-bit length and as many bytes; an empty span when they are not there. */
struct kvs_span kvs__record_get_set(struct kvs__record_reader *reader);

#endif
