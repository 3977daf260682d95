/**
 * A view of bytes that somebody else owns.
 *
 * A span never owns its memory; each function that keeps one beyond the call says so.
 */
#ifndef KVS_SPAN_H
#define KVS_SPAN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct kvs_span {
    const uint8_t *data;
    size_t len;
};

/** The span over `len` bytes at `data`; `data` may be NULL only when `len` is 0. */
static inline struct kvs_span kvs_span_of(const void *data, size_t len) {
    struct kvs_span span = {(const uint8_t *)data, len};
    return span;
}

#ifdef __cplusplus
}
#endif

#endif
