/* Start code search, private to the NAL code and its tests. */
#ifndef KVS_NAL_SCAN_H
#define KVS_NAL_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "kvs/nal.h"
#include "platform/simd.h"

/* Bytes of the shortest start code, 00 00 01. */
#define KVS_START_CODE_BYTES 3

/* Whether the 3 bytes at `bytes` are a start code. */
static inline bool kvs__is_start_code(const uint8_t *bytes) {
    return bytes[0] == 0 && bytes[1] == 0 && bytes[2] == 1;
}

/* kvs_find_start_code chooses among these; each finds the same, and tests compare them. */

/* Without vector instructions; compiled everywhere. */
size_t kvs__find_start_code_portable(struct kvs_span bytes, size_t from);

/* With the vectors that every processor of the target has; without such, the portable one. */
size_t kvs__find_start_code_vector(struct kvs_span bytes, size_t from);

#ifdef KVS_HAS_AVX2_CODE
/* For processors with AVX2, see kvs__cpu_has_avx2. */
size_t kvs__find_start_code_avx2(struct kvs_span bytes, size_t from);
#endif

#endif
