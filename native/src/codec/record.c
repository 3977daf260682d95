#include "record.h"

#include <string.h>

void kvs__record_put_bytes(struct kvs__record_writer *writer, struct kvs_span bytes) {
    if (bytes.len != 0 && writer->len <= writer->capacity &&
        bytes.len <= writer->capacity - writer->len) {
        memcpy(writer->out + writer->len, bytes.data, bytes.len);
    }
    writer->len += bytes.len;
}

void kvs__record_put(struct kvs__record_writer *writer, uint64_t value, size_t bytes) {
    uint8_t field[8];
    for (size_t i = 0; i < bytes; i++) {
        field[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
    }
    kvs__record_put_bytes(writer, kvs_span_of(field, bytes));
}

void kvs__record_put_set(struct kvs__record_writer *writer, struct kvs_span set) {
    kvs__record_put(writer, set.len, 2);
    kvs__record_put_bytes(writer, set);
}

struct kvs_span kvs__record_get_bytes(struct kvs__record_reader *reader, size_t len) {
    if (reader->failed || len > reader->bytes.len - reader->position) {
        reader->failed = true;
        return kvs_span_of(NULL, 0);
    }
    struct kvs_span field = kvs_span_of(reader->bytes.data + reader->position, len);
    reader->position += len;
    return field;
}

uint32_t kvs__record_get(struct kvs__record_reader *reader, size_t bytes) {
    struct kvs_span field = kvs__record_get_bytes(reader, bytes);
    uint32_t value = 0;
    for (size_t i = 0; i < field.len; i++) {
        value = value << 8 | field.data[i];
    }
    return value;
}

struct kvs_span kvs__record_get_set(struct kvs__record_reader *reader) {
    return kvs__record_get_bytes(reader, kvs__record_get(reader, 2));
}
