/*
 * One EBML element after another (RFC 8794), strictly: sizes are as short as they can be.
 */
#ifndef KVS_SIMULATION_EBML_CURSOR_H
#define KVS_SIMULATION_EBML_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kvs/span.h"

enum ebml_result { EBML_DONE, EBML_MORE, EBML_BROKEN };

struct ebml_element {
    uint32_t id;
    bool unknown_size;
    size_t head_len;
    /** Empty for an unknown size. */
    struct kvs_span body;
    /** head_len, and the body's length. */
    size_t len;
};

/* Looks at the element that begins `in`; EBML_MORE when it goes on behind it. */
enum ebml_result ebml_peek(struct kvs_span in, struct ebml_element *element);
/* The same, and advances `in` past it; for bodies, of which all is there. */
bool ebml_take(struct kvs_span *in, struct ebml_element *element);
/* The value of an unsigned integer: 1 to 8 bytes. */
bool ebml_uint(const struct ebml_element *element, uint64_t *value);
/* Copies a text with at most `capacity` - 1 bytes, none of them 0. */
bool ebml_text(const struct ebml_element *element, char *out, size_t capacity);

#endif
