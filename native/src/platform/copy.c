#include "platform/copy.h"

#ifdef KVS_HAS_AVX2_CODE

#include <immintrin.h>

#include "platform/assert.h"

#define VECTOR_BYTES ((size_t)32)
#define BLOCK_BYTES (4 * VECTOR_BYTES)

/* Loads all before it stores any. */
KVS_AVX2 static inline void copy_block(uint8_t *to, const uint8_t *from) {
    __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)from);
    __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(from + VECTOR_BYTES));
    __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)(from + 2 * VECTOR_BYTES));
    __m256i d = _mm256_loadu_si256((const __m256i *)(const void *)(from + 3 * VECTOR_BYTES));
    _mm256_storeu_si256((__m256i *)(void *)to, a);
    _mm256_storeu_si256((__m256i *)(void *)(to + VECTOR_BYTES), b);
    _mm256_storeu_si256((__m256i *)(void *)(to + 2 * VECTOR_BYTES), c);
    _mm256_storeu_si256((__m256i *)(void *)(to + 3 * VECTOR_BYTES), d);
}

KVS_AVX2 void kvs__copy_avx2(uint8_t *to, const uint8_t *from, size_t len) {
    KVS_ASSERT(len >= BLOCK_BYTES + VECTOR_BYTES, "what is copied is larger than a block");
    /* Stores that cross cache lines cost more than such loads, so the destination is aligned. The
     * first vector and the last block overlap with what lies between. */
    size_t head = VECTOR_BYTES - (size_t)((uintptr_t)to % VECTOR_BYTES);
    _mm256_storeu_si256((__m256i *)(void *)to,
                        _mm256_loadu_si256((const __m256i *)(const void *)from));
    size_t last = len - BLOCK_BYTES;
    for (size_t at = head; at < last; at += BLOCK_BYTES) {
        copy_block(to + at, from + at);
    }
    copy_block(to + last, from + last);
}

#else

/* A file that declares nothing is no C. */
typedef int kvs__copy_is_memcpy;

#endif
