/* Reads EBML (RFC 8794) strictly, and ends the program at the first thing that is not as expected.
 */
#ifndef KVS_FUZZ_EBML_WALKER_H
#define KVS_FUZZ_EBML_WALKER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kvs/span.h"

static void require(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

/* A position in what was written. */
struct walker {
    const uint8_t *at;
    const uint8_t *end;
};

struct element {
    uint32_t id;
    bool unknown_size;
    struct walker content;
};

/* RFC 8794, section 5: the leading zeros of the first byte tell the length. */
static size_t vint_len(uint8_t first) {
    size_t len = 1;
    while (len <= 8 && (first & (0x80 >> (len - 1))) == 0) {
        len++;
    }
    return len;
}

static uint64_t big_endian(const uint8_t *bytes, size_t len) {
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        value = value << 8 | bytes[i];
    }
    return value;
}

/* The next element, which has to be `id`, and lies wholly in what is walked. */
static struct element next(struct walker *walker, uint32_t id) {
    struct element element = {0, false, {NULL, NULL}};
    require(walker->at < walker->end, "there is another element");
    size_t id_len = vint_len(walker->at[0]);
    require(id_len <= 4 && id_len < (size_t)(walker->end - walker->at), "an id has 1 to 4 bytes");
    element.id = (uint32_t)big_endian(walker->at, id_len);
    require(element.id == id, "the element is the one that is expected");
    walker->at += id_len;
    size_t size_len = vint_len(walker->at[0]);
    require(size_len <= 8 && size_len <= (size_t)(walker->end - walker->at), "a size is whole");
    uint64_t all_ones = ((uint64_t)1 << (7 * size_len)) - 1;
    uint64_t size = big_endian(walker->at, size_len) & all_ones;
    walker->at += size_len;
    element.unknown_size = size == all_ones;
    size = element.unknown_size ? 0 : size;
    require(size <= (uint64_t)(walker->end - walker->at), "an element ends in its parent");
    require(element.unknown_size || size_len == 1 || size >= all_ones >> 7,
            "a size is as short as it can be");
    element.content = (struct walker){walker->at, walker->at + size};
    walker->at += size;
    return element;
}

static struct walker open_master(struct walker *walker, uint32_t id) {
    struct element element = next(walker, id);
    require(!element.unknown_size, "the size is known");
    return element.content;
}

static void close_master(const struct walker *content) {
    require(content->at == content->end, "nothing is left in the element");
}

static void expect_uint(struct walker *walker, uint32_t id, uint64_t value) {
    struct element element = next(walker, id);
    size_t len = (size_t)(element.content.end - element.content.at);
    require(len >= 1 && len <= 8 && big_endian(element.content.at, len) == value,
            "a number is as it was said");
    require(len == 1 || element.content.at[0] != 0, "a number is as short as it can be");
}

static void expect_bytes(struct walker *walker, uint32_t id, struct kvs_span bytes) {
    struct element element = next(walker, id);
    size_t len = (size_t)(element.content.end - element.content.at);
    require(len == bytes.len && (len == 0 || memcmp(element.content.at, bytes.data, len) == 0),
            "bytes are as they were said");
}

static void expect_text(struct walker *walker, uint32_t id, const char *text) {
    expect_bytes(walker, id, kvs_span_of(text, strlen(text)));
}

static void expect_float(struct walker *walker, uint32_t id, double value) {
    struct element element = next(walker, id);
    uint64_t bits;
    memcpy(&bits, &value, sizeof(bits));
    require(element.content.end - element.content.at == 8 &&
                big_endian(element.content.at, 8) == bits,
            "a float is as it was said");
}

#endif
