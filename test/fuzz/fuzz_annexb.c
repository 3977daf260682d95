/*
 * Frames in both NAL framings: the searches agree, a converted frame has the same NAL units, and
 * nothing is read or written outside the frame and the buffer, which have exactly the size that is
 * asked for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kvs/nal.h"
#include "nal/scan.h"

static void require(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

static size_t find_naively(struct kvs_span bytes, size_t from) {
    for (size_t i = from; i + 3 <= bytes.len; i++) {
        if (kvs__is_start_code(bytes.data + i)) {
            return i;
        }
    }
    return bytes.len;
}

static void compare_searches(struct kvs_span bytes) {
    size_t from = 0;
    while (from < bytes.len) {
        size_t expected = find_naively(bytes, from);
        require(kvs_find_start_code(bytes, from) == expected, "the search finds the first one");
        require(kvs__find_start_code_portable(bytes, from) == expected, "the portable one too");
        require(kvs__find_start_code_vector(bytes, from) == expected, "the one with vectors too");
#ifdef KVS_HAS_AVX2_CODE
        require(!kvs__cpu_has_avx2() || kvs__find_start_code_avx2(bytes, from) == expected,
                "the one with AVX2 too");
#endif
        from = expected + 1;
    }
}

/* Both readers give the same NAL units; returns how many. */
static uint32_t compare_units(struct kvs_nal_reader first, struct kvs_nal_reader second) {
    struct kvs_span nal, other;
    uint32_t count = 0;
    while (kvs_nal_reader_next(&first, &nal)) {
        require(kvs_nal_reader_next(&second, &other), "no NAL unit is lost");
        require(nal.len != 0, "no NAL unit is empty");
        require(nal.len == other.len && memcmp(nal.data, other.data, nal.len) == 0,
                "NAL units are kept as they are");
        count++;
    }
    require(!kvs_nal_reader_next(&second, &other), "no NAL unit is added");
    require(!first.malformed && !second.malformed, "what was accepted is well-formed");
    return count;
}

static void convert_to_lengths(struct kvs_span frame) {
    struct kvs_annexb_index index;
    if (kvs_annexb_index(frame, &index) != KVS_STATUS_SUCCESS) {
        return;
    }
    uint8_t *out = malloc(index.avcc_size);
    require(kvs_annexb_to_avcc(frame, &index, out, index.avcc_size - 1) ==
                KVS_STATUS_BUFFER_TOO_SMALL,
            "a smaller buffer is refused");
    require(kvs_annexb_to_avcc(frame, &index, out, index.avcc_size) == KVS_STATUS_SUCCESS,
            "an indexed frame converts");
    struct kvs_span avcc = kvs_span_of(out, index.avcc_size);
    require(kvs_is_avcc(avcc), "the result is well-formed");
    uint32_t count = compare_units(kvs_nal_reader_annexb(frame), kvs_nal_reader_lengths(avcc, 4));
    require(count == index.nal_count, "the index counts all NAL units");
    free(out);
}

static void convert_to_start_codes(struct kvs_span frame) {
    if (frame.len == 0) {
        return;
    }
    uint8_t *copy = malloc(frame.len);
    memcpy(copy, frame.data, frame.len);
    bool well_formed = kvs_is_avcc(frame);
    kvs_status status = kvs_avcc_to_annexb(copy, frame.len);
    require((status == KVS_STATUS_SUCCESS) == well_formed, "what is recognised converts");
    if (well_formed) {
        struct kvs_nal_reader reader = kvs_nal_reader_annexb(kvs_span_of(copy, frame.len));
        require(!reader.malformed, "the result begins with a start code");
    } else {
        require(memcmp(copy, frame.data, frame.len) == 0, "a malformed frame is left alone");
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct kvs_span frame = kvs_span_of(data, size);
    compare_searches(frame);
    convert_to_lengths(frame);
    convert_to_start_codes(frame);
    for (uint8_t length_bytes = 1; length_bytes <= 4; length_bytes++) {
        struct kvs_nal_reader reader = kvs_nal_reader_lengths(frame, length_bytes);
        struct kvs_span nal;
        while (kvs_nal_reader_next(&reader, &nal)) {
            require(nal.data + nal.len <= data + size, "a NAL unit lies in the frame");
        }
    }
    return 0;
}
