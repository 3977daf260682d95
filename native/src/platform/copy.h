/**
 * Copying frames.
 *
 * A frame's bytes lie behind a block header in the store and anywhere in a socket's buffer, so that
 * source and destination are hardly ever aligned to each other. What a C library does with larger
 * sizes then (`rep movsb` on x86) takes up to twice as long as for aligned ones on some processors.
 */
#ifndef KVS_COPY_H
#define KVS_COPY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "platform/simd.h"

/** From here on the way a copy is made counts for more than the choice of it. */
#define KVS__COPY_MIN_BYTES ((size_t)1024)
/** Above, what is copied is out of the cache before it is read, which the C library knows to treat.
 */
#define KVS__COPY_MAX_BYTES ((size_t)256 * 1024)

#ifdef KVS_HAS_AVX2_CODE
/** memcpy for at least 160 bytes, on a processor with AVX2. */
void kvs__copy_avx2(uint8_t *to, const uint8_t *from, size_t len);
#endif

/** memcpy. */
static inline void kvs__copy(uint8_t *to, const uint8_t *from, size_t len) {
#ifdef KVS_HAS_AVX2_CODE
    if (len >= KVS__COPY_MIN_BYTES && len <= KVS__COPY_MAX_BYTES && kvs__cpu_has_avx2()) {
        kvs__copy_avx2(to, from, len);
        return;
    }
#endif
    memcpy(to, from, len);
}

#endif
