/* Start code search with AVX2: as in scan.c, with vectors twice as long. */
#include "nal/scan.h"

#ifdef KVS_HAS_AVX2_CODE

#include <immintrin.h>

#define VECTOR_BYTES ((size_t)32)
#define BLOCK_BYTES (4 * VECTOR_BYTES)

KVS_AVX2 static inline __m256i load(const uint8_t *bytes) {
    return _mm256_loadu_si256((const __m256i *)(const void *)bytes);
}

/* Zero in each byte that is zero and has a zero behind it. */
KVS_AVX2 static inline __m256i zero_pairs(const uint8_t *bytes) {
    return _mm256_or_si256(load(bytes), load(bytes + 1));
}

/* A bit for each byte that is zero. */
KVS_AVX2 static inline uint32_t zeros_of(__m256i bytes) {
    return (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(bytes, _mm256_setzero_si256()));
}

KVS_AVX2 static inline bool block_has_zero_pair(const uint8_t *bytes) {
    __m256i front = _mm256_min_epu8(zero_pairs(bytes), zero_pairs(bytes + VECTOR_BYTES));
    __m256i back =
        _mm256_min_epu8(zero_pairs(bytes + 2 * VECTOR_BYTES), zero_pairs(bytes + 3 * VECTOR_BYTES));
    return zeros_of(_mm256_min_epu8(front, back)) != 0;
}

static size_t lowest_bit(uint32_t bits) {
#ifdef __GNUC__
    return (size_t)__builtin_ctz(bits);
#else
    return (size_t)_tzcnt_u32(bits); /* which every processor with AVX2 has */
#endif
}

/* The first start code that begins in the 32 bytes, or 32; looks at 2 bytes more. */
KVS_AVX2 static inline size_t position_in_vector(const uint8_t *bytes) {
    __m256i differs_from_one = _mm256_xor_si256(load(bytes + 2), _mm256_set1_epi8(1));
    uint32_t found = zeros_of(_mm256_or_si256(zero_pairs(bytes), differs_from_one));
    return found != 0 ? lowest_bit(found) : VECTOR_BYTES;
}

KVS_AVX2 static size_t position_in_block(const uint8_t *bytes) {
    for (size_t i = 0; i < BLOCK_BYTES; i += VECTOR_BYTES) {
        size_t position = position_in_vector(bytes + i);
        if (position < VECTOR_BYTES) {
            return i + position;
        }
    }
    return BLOCK_BYTES;
}

KVS_AVX2 size_t kvs__find_start_code_avx2(struct kvs_span bytes, size_t from) {
    const size_t reach = KVS_START_CODE_BYTES - 1;
    const uint8_t *data = bytes.data;
    size_t position = from;
    if (from >= bytes.len || bytes.len - from < VECTOR_BYTES + reach) {
        return kvs__find_start_code_portable(bytes, from);
    }
    while (bytes.len - position >= BLOCK_BYTES + reach) {
        if (block_has_zero_pair(data + position)) {
            size_t skipped = position_in_block(data + position);
            if (skipped < BLOCK_BYTES) {
                return position + skipped;
            }
        }
        position += BLOCK_BYTES;
    }
    /* The last vector overlaps with what was searched, which has no start code. */
    const size_t last = bytes.len - VECTOR_BYTES - reach;
    while (position + reach < bytes.len) {
        position = position < last ? position : last;
        size_t skipped = position_in_vector(data + position);
        position += skipped;
        if (skipped < VECTOR_BYTES) {
            return position;
        }
    }
    return bytes.len;
}

#else

/* A file that declares nothing is no C. */
typedef int kvs__scan_has_no_avx2;

#endif
