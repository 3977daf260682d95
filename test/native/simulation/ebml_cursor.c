#include "ebml_cursor.h"

#include <string.h>

static size_t width_of(uint8_t first) {
    size_t width = 1;
    while (width <= 8 && (first & (0x80u >> (width - 1))) == 0) {
        width++;
    }
    return width;
}

static uint64_t value_of(const uint8_t *bytes, size_t width, uint8_t first_mask) {
    uint64_t value = bytes[0] & first_mask;
    for (size_t i = 1; i < width; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

static enum ebml_result peek_id(struct kvs_span in, struct ebml_element *element) {
    if (in.len == 0) {
        return EBML_MORE;
    }
    size_t width = width_of(in.data[0]);
    if (width > 4) {
        return EBML_BROKEN;
    }
    if (in.len < width) {
        return EBML_MORE;
    }
    element->id = (uint32_t)value_of(in.data, width, 0xff);
    element->head_len = width;
    return EBML_DONE;
}

static bool is_shortest(uint64_t size, size_t width) {
    return width == 1 || size >= (UINT64_C(1) << (7 * (width - 1))) - 1;
}

enum ebml_result ebml_peek(struct kvs_span in, struct ebml_element *element) {
    enum ebml_result result = peek_id(in, element);
    if (result != EBML_DONE || in.len == element->head_len) {
        return result == EBML_DONE ? EBML_MORE : result;
    }
    const uint8_t *size_bytes = in.data + element->head_len;
    size_t width = width_of(size_bytes[0]);
    if (width > 8) {
        return EBML_BROKEN;
    }
    if (in.len - element->head_len < width) {
        return EBML_MORE;
    }
    uint64_t size = value_of(size_bytes, width, (uint8_t)(0xffu >> width));
    element->head_len += width;
    element->unknown_size = size == (UINT64_C(1) << (7 * width)) - 1;
    element->body = kvs_span_of(in.data + element->head_len, 0);
    element->len = element->head_len;
    if (element->unknown_size) {
        return EBML_DONE;
    }
    if (!is_shortest(size, width)) {
        return EBML_BROKEN;
    }
    if (size > in.len - element->head_len) {
        return EBML_MORE;
    }
    element->body.len = (size_t)size;
    element->len += (size_t)size;
    return EBML_DONE;
}

bool ebml_take(struct kvs_span *in, struct ebml_element *element) {
    if (ebml_peek(*in, element) != EBML_DONE || element->unknown_size) {
        return false;
    }
    *in = kvs_span_of(in->data + element->len, in->len - element->len);
    return true;
}

bool ebml_uint(const struct ebml_element *element, uint64_t *value) {
    if (element->body.len < 1 || element->body.len > 8) {
        return false;
    }
    *value = value_of(element->body.data, element->body.len, 0xff);
    return true;
}

bool ebml_text(const struct ebml_element *element, char *out, size_t capacity) {
    if (element->body.len >= capacity || memchr(element->body.data, 0, element->body.len) != NULL) {
        return false;
    }
    memcpy(out, element->body.data, element->body.len);
    out[element->body.len] = '\0';
    return true;
}
