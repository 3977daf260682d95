/*
 * Start code search with the vector unit that every processor of the target has. It loads from any
 * address, which KVS_ALIGNED_MEMORY forbids; the portable search only loads aligned words.
 */
#include "scan.h"

#if defined(KVS_ALIGNED_MEMORY)
/* No vectors. */
#elif defined(__SSE2__) || defined(_M_X64)
#define KVS_SCAN_VECTORS 1
#include <emmintrin.h>

typedef __m128i vector;

static vector load(const uint8_t *bytes) {
    return _mm_loadu_si128((const __m128i *)(const void *)bytes);
}

static vector either(vector a, vector b) { return _mm_or_si128(a, b); }

static vector differs_from_one(vector bytes) { return _mm_xor_si128(bytes, _mm_set1_epi8(1)); }

static vector smaller(vector a, vector b) { return _mm_min_epu8(a, b); }

static bool has_zero(vector bytes) {
    return _mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_setzero_si128())) != 0;
}

#elif defined(__ARM_NEON) || defined(_M_ARM64)
#define KVS_SCAN_VECTORS 1
#include <arm_neon.h>

typedef uint8x16_t vector;

static vector load(const uint8_t *bytes) { return vld1q_u8(bytes); }

static vector either(vector a, vector b) { return vorrq_u8(a, b); }

static vector differs_from_one(vector bytes) { return veorq_u8(bytes, vdupq_n_u8(1)); }

static vector smaller(vector a, vector b) { return vminq_u8(a, b); }

static bool has_zero(vector bytes) {
    uint64x2_t zeros = vreinterpretq_u64_u8(vceqq_u8(bytes, vdupq_n_u8(0)));
    return (vgetq_lane_u64(zeros, 0) | vgetq_lane_u64(zeros, 1)) != 0;
}
#endif

#ifdef KVS_SCAN_VECTORS
#define VECTOR_BYTES ((size_t)16)
#define BLOCK_BYTES (4 * VECTOR_BYTES)

/* Zero in each byte that is zero and has a zero behind it. */
static vector zero_pairs(const uint8_t *bytes) { return either(load(bytes), load(bytes + 1)); }

static bool block_has_zero_pair(const uint8_t *bytes) {
    vector front = smaller(zero_pairs(bytes), zero_pairs(bytes + VECTOR_BYTES));
    vector back =
        smaller(zero_pairs(bytes + 2 * VECTOR_BYTES), zero_pairs(bytes + 3 * VECTOR_BYTES));
    return has_zero(smaller(front, back));
}

/* Whether a start code begins in the 16 bytes; looks at 2 bytes more. */
static bool vector_has_start_code(const uint8_t *bytes) {
    return has_zero(either(zero_pairs(bytes), differs_from_one(load(bytes + 2))));
}

/* The position of the first start code in the 16 bytes, of which there is one. */
static size_t position_in_vector(const uint8_t *bytes) {
    size_t position = 0;
    while (!kvs__is_start_code(bytes + position)) {
        position++;
    }
    return position;
}

/* The position of the first start code that begins in the 64 bytes, or 64. */
static size_t position_in_block(const uint8_t *bytes) {
    for (size_t i = 0; i < BLOCK_BYTES; i += VECTOR_BYTES) {
        if (vector_has_start_code(bytes + i)) {
            return i + position_in_vector(bytes + i);
        }
    }
    return BLOCK_BYTES;
}

/*
 * Compressed media hardly ever has two zeros in a row, so 64 bytes are ruled out by that first;
 * only then are start codes looked for, which keeps the speed on padding too.
 */
size_t kvs__find_start_code_vector(struct kvs_span bytes, size_t from) {
    if (from >= bytes.len) {
        return bytes.len;
    }
    const size_t reach = KVS_START_CODE_BYTES - 1;
    const uint8_t *data = bytes.data;
    size_t position = from;
    while (bytes.len - position >= BLOCK_BYTES + reach) {
        size_t skipped = BLOCK_BYTES;
        if (block_has_zero_pair(data + position)) {
            skipped = position_in_block(data + position);
        }
        position += skipped;
        if (skipped < BLOCK_BYTES) {
            return position;
        }
    }
    if (bytes.len - from < VECTOR_BYTES + reach) {
        return kvs__find_start_code_portable(bytes, from);
    }
    /* The last vector overlaps with what was searched, which has no start code. */
    const size_t last = bytes.len - VECTOR_BYTES - reach;
    while (position + reach < bytes.len) {
        position = position < last ? position : last;
        if (vector_has_start_code(data + position)) {
            return position + position_in_vector(data + position);
        }
        position += VECTOR_BYTES;
    }
    return bytes.len;
}

#else

size_t kvs__find_start_code_vector(struct kvs_span bytes, size_t from) {
    return kvs__find_start_code_portable(bytes, from);
}
#endif

size_t kvs_find_start_code(struct kvs_span bytes, size_t from) {
#ifdef KVS_HAS_AVX2_CODE
    if (kvs__cpu_has_avx2()) {
        return kvs__find_start_code_avx2(bytes, from);
    }
#endif
    return kvs__find_start_code_vector(bytes, from);
}
