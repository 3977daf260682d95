/* Start code search, and Annex-B frames into 4-byte lengths. */
#include <stdlib.h>
#include <string.h>

#include "kvs/nal.h"
#include "nal/scan.h"
#include "test.h"

static uint32_t random_state = 1;

/* The same numbers on every platform (Numerical Recipes' generator, its high bits). */
static uint32_t random_below(uint32_t limit) {
    random_state = random_state * 1664525u + 1013904223u;
    return (random_state >> 8) % limit;
}

static size_t find_naively(struct kvs_span bytes, size_t from) {
    for (size_t i = from; i + 3 <= bytes.len; i++) {
        if (bytes.data[i] == 0 && bytes.data[i + 1] == 0 && bytes.data[i + 2] == 1) {
            return i;
        }
    }
    return bytes.len;
}

/* What is chosen among, and what is chosen. */
static void check_searches(struct kvs_span bytes, size_t from, size_t expected) {
    CHECK_EQ(kvs_find_start_code(bytes, from), expected);
    CHECK_EQ(kvs__find_start_code_portable(bytes, from), expected);
    CHECK_EQ(kvs__find_start_code_vector(bytes, from), expected);
#ifdef KVS_HAS_AVX2_CODE
    if (kvs__cpu_has_avx2()) {
        CHECK_EQ(kvs__find_start_code_avx2(bytes, from), expected);
    }
#endif
}

/* Bytes between 0 and `variety` - 1, so that a small variety is full of start codes. */
static void fill(uint8_t *bytes, size_t len, uint32_t variety) {
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (uint8_t)random_below(variety);
    }
}

KVS_TEST(every_search_finds_what_a_naive_loop_finds) {
    static const uint32_t varieties[] = {1, 2, 3, 5, 20, 256};
    for (int round = 0; round < 20000; round++) {
        size_t len = random_below(400);
        size_t offset = random_below(17);
        /* Memory of its own, so that a sanitizer sees a read beyond either end. */
        uint8_t *memory = malloc(offset + len + 1);
        fill(memory, offset + len, varieties[random_below(6)]);
        struct kvs_span bytes = kvs_span_of(memory + offset, len);
        size_t from = random_below((uint32_t)len + 3);
        size_t expected = find_naively(bytes, from);
        check_searches(bytes, from, expected);
        free(memory);
    }
}

KVS_TEST(a_start_code_is_found_wherever_it_stands) {
    static uint8_t bytes[300];
    for (size_t len = 3; len <= sizeof(bytes); len += 7) {
        for (size_t position = 0; position + 3 <= len; position++) {
            memset(bytes, 0x80, sizeof(bytes));
            memcpy(bytes + position, "\0\0\1", 3);
            struct kvs_span span = kvs_span_of(bytes, len);
            check_searches(span, 0, position);
            check_searches(span, position, position);
            check_searches(span, position + 1, len);
        }
    }
}

KVS_TEST(all_searches_agree_at_every_alignment) {
    enum { ALIGNMENTS = 32, LEN = 310 };
    static _Alignas(ALIGNMENTS) uint8_t memory[ALIGNMENTS + LEN];
    for (size_t offset = 0; offset < ALIGNMENTS; offset++) {
        for (size_t position = 0; position + 3 <= LEN; position++) {
            /* Start codes on either side of the bytes, which must not be seen. */
            memset(memory, 0, sizeof(memory));
            memset(memory + offset, 0x80, LEN);
            memcpy(memory + offset + position, "\0\0\1", 3);
            for (size_t len = position + 2; len <= position + 4 && len <= LEN; len++) {
                struct kvs_span bytes = kvs_span_of(memory + offset, len);
                size_t expected = len < position + 3 ? len : position;
                check_searches(bytes, 0, expected);
            }
            struct kvs_span bytes = kvs_span_of(memory + offset, LEN);
            for (size_t from = position >= 40 ? position - 40 : 0; from <= position; from++) {
                check_searches(bytes, from, position);
            }
        }
    }
}

KVS_TEST(a_search_beyond_the_end_finds_nothing) {
    struct kvs_span bytes = kvs_span_of("\0\0\1\0\0\1", 6);
    check_searches(bytes, 7, 6);
    check_searches(bytes, SIZE_MAX, 6);
    check_searches(kvs_span_of(NULL, 0), 0, 0);
}

struct conversion {
    const char *annexb;
    size_t annexb_len;
    const char *avcc;
    size_t avcc_len;
    uint32_t nal_count;
};

#define CONVERSION(annexb, avcc, count)                                                            \
    { annexb, sizeof(annexb) - 1, avcc, sizeof(avcc) - 1, count }

static const struct conversion conversions[] = {
    CONVERSION("\0\0\1\x65\1\2", "\0\0\0\3\x65\1\2", 1),
    CONVERSION("\0\0\0\1\x09\xF0\0\0\1\x65\1", "\0\0\0\2\x09\xF0\0\0\0\2\x65\1", 2),
    /* Any number of zeros before a start code, at the beginning and in between. */
    CONVERSION("\0\0\0\0\0\0\0\1\x65\1", "\0\0\0\2\x65\1", 1),
    CONVERSION("\0\0\1\x41\0\0\0\0\0\1\x65", "\0\0\0\1\x41\0\0\0\1\x65", 2),
    /* Zeros at the very end. */
    CONVERSION("\0\0\1\x65\1\0\0\0", "\0\0\0\2\x65\1", 1),
    /* Empty NAL units, and start codes that nothing follows. */
    CONVERSION("\0\0\1\0\0\1\x65", "\0\0\0\1\x65", 1),
    CONVERSION("\0\0\1\x65\0\0\1", "\0\0\0\1\x65", 1),
    CONVERSION("\0\0\1\x65\0\0\1\0\0\0\1", "\0\0\0\1\x65", 1),
    /* What only looks like a start code, and emulation prevention. */
    CONVERSION("\0\0\1\x65\0\0\2\0\0\0\2\0\1", "\0\0\0\xA\x65\0\0\2\0\0\0\2\0\1", 1),
    CONVERSION("\0\0\1\x65\0\0\3\1\0\0\3", "\0\0\0\x8\x65\0\0\3\1\0\0\3", 1),
    CONVERSION("\0\0\1\x65\0\1", "\0\0\0\3\x65\0\1", 1),
};

KVS_TEST(start_codes_become_lengths) {
    for (size_t i = 0; i < sizeof(conversions) / sizeof(conversions[0]); i++) {
        const struct conversion *c = &conversions[i];
        struct kvs_span frame = kvs_span_of(c->annexb, c->annexb_len);
        struct kvs_annexb_index index;
        uint8_t out[64];
        CHECK_STATUS(kvs_annexb_index(frame, &index), KVS_STATUS_SUCCESS);
        CHECK_EQ(index.nal_count, c->nal_count);
        if (CHECK_EQ(index.avcc_size, c->avcc_len)) {
            out[index.avcc_size] = 0xA5;
            CHECK_STATUS(kvs_annexb_to_avcc(frame, &index, out, index.avcc_size),
                         KVS_STATUS_SUCCESS);
            CHECK_MEM(out, c->avcc, c->avcc_len);
            CHECK_EQ(out[index.avcc_size], 0xA5);
        }
    }
}

KVS_TEST(frames_that_are_not_annexb_are_refused) {
    static const struct kvs_span frames[] = {
        {(const uint8_t *)"", 0},
        {(const uint8_t *)"\0\0", 2},
        {(const uint8_t *)"\0\0\0\0\0", 5},
        {(const uint8_t *)"\0\0\1", 3},
        {(const uint8_t *)"\0\0\1\0\0\0\0\1", 8},
        {(const uint8_t *)"\1\x65", 2},
        {(const uint8_t *)"\0\1\x65", 3},
        {(const uint8_t *)"\x65\x88\x84\x21", 4},
        {(const uint8_t *)"\x09\x08\0\0\1\x65", 6},
        {(const uint8_t *)"\0\0\2\0\0\1\x65", 7},
        {(const uint8_t *)"\0\0\0\5\x65\1\2\3\4", 9},
    };
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        struct kvs_annexb_index index = {.avcc_size = 77, .nal_count = 77};
        CHECK_STATUS(kvs_annexb_index(frames[i], &index),
                     KVS_STATUS_MKV_INVALID_ANNEXB_NALU_IN_FRAME_DATA);
        CHECK_EQ(index.avcc_size, 77);
        CHECK_EQ(index.nal_count, 77);
    }
}

/* `count` NAL units of 1 to 3 bytes; returns the length of the frame. */
static size_t build_frame(uint8_t *frame, uint8_t *avcc, uint32_t count, size_t *avcc_len) {
    size_t len = 0;
    *avcc_len = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t zeros = 2 + random_below(3);
        size_t nal_len = 1 + random_below(3);
        memset(frame + len, 0, zeros);
        frame[len + zeros] = 1;
        len += zeros + 1;
        memcpy(avcc + *avcc_len, "\0\0\0", 3);
        avcc[*avcc_len + 3] = (uint8_t)nal_len;
        *avcc_len += 4;
        for (size_t j = 0; j < nal_len; j++) {
            uint8_t byte = (uint8_t)(1 + random_below(255));
            frame[len++] = byte;
            avcc[(*avcc_len)++] = byte;
        }
    }
    return len;
}

KVS_TEST(frames_with_more_nal_units_than_the_table_are_complete) {
    static const uint32_t counts[] = {1, KVS_NAL_INDEX_INLINE - 1, KVS_NAL_INDEX_INLINE,
                                      KVS_NAL_INDEX_INLINE + 1, 1000};
    static uint8_t frame[8000], expected[8000], out[8001];
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        size_t expected_len;
        size_t len = build_frame(frame, expected, counts[i], &expected_len);
        struct kvs_annexb_index index;
        CHECK_STATUS(kvs_annexb_index(kvs_span_of(frame, len), &index), KVS_STATUS_SUCCESS);
        CHECK_EQ(index.nal_count, counts[i]);
        if (CHECK_EQ(index.avcc_size, expected_len)) {
            out[expected_len] = 0xA5;
            CHECK_STATUS(kvs_annexb_to_avcc(kvs_span_of(frame, len), &index, out, index.avcc_size),
                         KVS_STATUS_SUCCESS);
            CHECK_MEM(out, expected, expected_len);
            CHECK_EQ(out[expected_len], 0xA5);
        }
    }
}

KVS_TEST(a_buffer_one_byte_too_small_is_left_alone) {
    struct kvs_span frame = kvs_span_of("\0\0\1\x65\1", 5);
    struct kvs_annexb_index index;
    uint8_t out[6] = {9, 9, 9, 9, 9, 9};
    CHECK_STATUS(kvs_annexb_index(frame, &index), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_annexb_to_avcc(frame, &index, out, 5), KVS_STATUS_BUFFER_TOO_SMALL);
    CHECK_MEM(out, "\x9\x9\x9\x9\x9\x9", 6);
    CHECK_STATUS(kvs_annexb_to_avcc(frame, &index, out, 6), KVS_STATUS_SUCCESS);
}

KVS_TEST(a_long_nal_unit_keeps_its_length_in_all_four_bytes) {
    static uint8_t frame[0x10000 * 2 + 4], out[0x10000 * 2 + 4];
    const size_t len = 0x10203;
    memset(frame, 0x5A, sizeof(frame));
    memcpy(frame, "\0\0\0\1", 4);
    struct kvs_annexb_index index;
    CHECK_STATUS(kvs_annexb_index(kvs_span_of(frame, 4 + len), &index), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_annexb_to_avcc(kvs_span_of(frame, 4 + len), &index, out, 4 + len),
                 KVS_STATUS_SUCCESS);
    CHECK_MEM(out, "\0\1\2\3", 4);
    CHECK_MEM(out + 4, frame + 4, len);
}

/* As when another thread writes to shared memory between the two calls. */
KVS_TEST(a_frame_that_changed_after_it_was_indexed_is_refused) {
    static uint8_t frame[8000], expected[8000], out[8000];
    size_t avcc_len;
    size_t len = build_frame(frame, expected, 200, &avcc_len);
    struct kvs_annexb_index index;
    struct kvs_span two = kvs_span_of("\0\0\1\x41\0\0\1\x42", 8);
    CHECK_STATUS(kvs_annexb_index(two, &index), KVS_STATUS_SUCCESS);
    two.len = 7;
    CHECK_STATUS(kvs_annexb_to_avcc(two, &index, out, 10), KVS_STATUS_INVALID_ARG);

    CHECK_STATUS(kvs_annexb_index(kvs_span_of(frame, len), &index), KVS_STATUS_SUCCESS);
    out[avcc_len] = 0xA5;
    CHECK_STATUS(kvs_annexb_to_avcc(kvs_span_of(frame, 10), &index, out, avcc_len),
                 KVS_STATUS_INVALID_ARG);
    for (size_t i = 400; i + 4 <= len; i += 4) {
        memcpy(frame + i, "\0\0\1\x41", 4);
    }
    CHECK_STATUS(kvs_annexb_to_avcc(kvs_span_of(frame, len), &index, out, avcc_len),
                 KVS_STATUS_INVALID_ARG);
    CHECK_EQ(out[avcc_len], 0xA5);
}

KVS_TEST(missing_arguments_are_refused) {
    struct kvs_span frame = kvs_span_of("\0\0\1\x65", 4);
    struct kvs_annexb_index index;
    uint8_t out[8];
    CHECK_STATUS(kvs_annexb_index(frame, &index), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_annexb_index(frame, NULL), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_annexb_index(kvs_span_of(NULL, 4), &index), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_annexb_to_avcc(frame, NULL, out, 8), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_annexb_to_avcc(frame, &index, NULL, 8), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_annexb_to_avcc(kvs_span_of(NULL, 0), &index, out, 8), KVS_STATUS_NULL_ARG);
}

#if SIZE_MAX > UINT32_MAX
KVS_TEST(a_frame_above_4_gib_is_refused_before_it_is_read) {
    struct kvs_annexb_index index;
    CHECK_STATUS(kvs_annexb_index(kvs_span_of("\0\0\1\x65", (size_t)UINT32_MAX + 1), &index),
                 KVS_STATUS_MKV_INVALID_FRAME_DATA);
}
#endif

int main(void) {
    RUN(every_search_finds_what_a_naive_loop_finds);
    RUN(a_start_code_is_found_wherever_it_stands);
    RUN(all_searches_agree_at_every_alignment);
    RUN(a_search_beyond_the_end_finds_nothing);
    RUN(start_codes_become_lengths);
    RUN(frames_that_are_not_annexb_are_refused);
    RUN(frames_with_more_nal_units_than_the_table_are_complete);
    RUN(a_long_nal_unit_keeps_its_length_in_all_four_bytes);
    RUN(a_buffer_one_byte_too_small_is_left_alone);
    RUN(a_frame_that_changed_after_it_was_indexed_is_refused);
    RUN(missing_arguments_are_refused);
#if SIZE_MAX > UINT32_MAX
    RUN(a_frame_above_4_gib_is_refused_before_it_is_read);
#endif
    return kvs_test_report();
}
