#include "ebml.h"

#include <string.h>

/* Big-endian bytes of `value`, without leading zeros but at least one. */
static size_t big_endian(uint64_t value, uint8_t bytes[8]) {
    size_t len = 1;
    while (len < 8 && (value >> (8 * len)) != 0) {
        len++;
    }
    kvs__store_big_endian(value, len, bytes);
    return len;
}

size_t kvs__ebml_measure(kvs__ebml_body *body, const void *context) {
    struct kvs__ebml_writer counter = {NULL, 0, 0};
    body(&counter, context);
    return counter.len;
}

kvs_status kvs__ebml_write(kvs__ebml_body *body, const void *context, uint8_t *out, size_t capacity,
                           size_t *written) {
    if (out == NULL || written == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    if (capacity < kvs__ebml_measure(body, context)) {
        return KVS_STATUS_BUFFER_TOO_SMALL;
    }
    struct kvs__ebml_writer writer = {out, capacity, 0};
    body(&writer, context);
    *written = writer.len;
    return KVS_STATUS_SUCCESS;
}

void kvs__ebml_put_bytes(struct kvs__ebml_writer *writer, const void *bytes, size_t len) {
    if (writer->out != NULL && len != 0 && writer->len <= writer->capacity &&
        len <= writer->capacity - writer->len) {
        memcpy(writer->out + writer->len, bytes, len);
    }
    writer->len += len;
}

void kvs__ebml_put_id(struct kvs__ebml_writer *writer, uint32_t id) {
    uint8_t bytes[8];
    size_t len = big_endian(id, bytes);
    kvs__ebml_put_bytes(writer, bytes, len);
}

void kvs__ebml_put_size(struct kvs__ebml_writer *writer, uint64_t size) {
    uint8_t bytes[8];
    size_t len = kvs__ebml_size_len(size);
    kvs__ebml_store_size(size, len, bytes);
    kvs__ebml_put_bytes(writer, bytes, len);
}

void kvs__ebml_put_unknown_size(struct kvs__ebml_writer *writer) {
    static const uint8_t unknown = 0xFF;
    kvs__ebml_put_bytes(writer, &unknown, 1);
}

void kvs__ebml_put_uint(struct kvs__ebml_writer *writer, uint32_t id, uint64_t value) {
    uint8_t bytes[8];
    size_t len = big_endian(value, bytes);
    kvs__ebml_put_binary(writer, id, kvs_span_of(bytes, len));
}

void kvs__ebml_put_float64(struct kvs__ebml_writer *writer, uint32_t id, double value) {
    uint64_t bits;
    uint8_t bytes[8];
    memcpy(&bits, &value, sizeof(bits));
    kvs__store_big_endian(bits, sizeof(bytes), bytes);
    kvs__ebml_put_binary(writer, id, kvs_span_of(bytes, sizeof(bytes)));
}

void kvs__ebml_put_string(struct kvs__ebml_writer *writer, uint32_t id, const char *value) {
    kvs__ebml_put_binary(writer, id, kvs_span_of(value, strlen(value)));
}

void kvs__ebml_put_binary(struct kvs__ebml_writer *writer, uint32_t id, struct kvs_span value) {
    kvs__ebml_put_id(writer, id);
    kvs__ebml_put_size(writer, value.len);
    kvs__ebml_put_bytes(writer, value.data, value.len);
}

void kvs__ebml_put_master(struct kvs__ebml_writer *writer, uint32_t id, kvs__ebml_body *body,
                          const void *context) {
    kvs__ebml_put_id(writer, id);
    kvs__ebml_put_size(writer, kvs__ebml_measure(body, context));
    body(writer, context);
}
