/* Frames with 4-byte lengths: how they are recognised and turned into Annex-B; the NAL readers. */
#include <string.h>

#include "kvs/nal.h"
#include "test.h"
#include "tiny_media.h"

#define TEXT(text) kvs_span_of((text), sizeof(text) - 1)

static const struct kvs_span well_formed[] = {
    {(const uint8_t *)"\0\0\0\1\x65", 5},
    {(const uint8_t *)"\0\0\0\2\x09\xF0\0\0\0\3\x65\1\0", 13},
    /* An empty unit is harmless beside one that is not. */
    {(const uint8_t *)"\0\0\0\0\0\0\0\1\x65", 9},
    {(const uint8_t *)"\0\0\0\1\x65\0\0\0\0", 9},
};
#define WELL_FORMED (sizeof(well_formed) / sizeof(well_formed[0]))

static const struct kvs_span malformed[] = {
    {(const uint8_t *)"", 0},
    {(const uint8_t *)"\0\0\0", 3},
    {(const uint8_t *)"\0\0\0\0", 4},
    {(const uint8_t *)"\0\0\0\0\0\0\0\0", 8},
    /* A length beyond the end, also one that would wrap around, and bytes left over. */
    {(const uint8_t *)"\0\0\0\2\x65", 5},
    {(const uint8_t *)"\xFF\xFF\xFF\xFF\x65", 5},
    {(const uint8_t *)"\0\0\0\1\x65\0", 6},
    {(const uint8_t *)"\0\0\0\1\x65\0\0\0", 8},
    {(const uint8_t *)"\0\0\0\1\x65\0\0\0\5\x41", 10},
    {(const uint8_t *)"\x65\x88\x84\x21\xA0", 5},
};
#define MALFORMED (sizeof(malformed) / sizeof(malformed[0]))

KVS_TEST(frames_whose_lengths_add_up_are_recognised) {
    for (size_t i = 0; i < WELL_FORMED; i++) {
        CHECK(kvs_is_avcc(well_formed[i]));
    }
    for (size_t i = 0; i < MALFORMED; i++) {
        CHECK(!kvs_is_avcc(malformed[i]));
    }
    CHECK(!kvs_is_avcc(kvs_span_of(NULL, 0)));
}

KVS_TEST(real_annexb_frames_are_not_taken_for_lengths) {
    CHECK(!kvs_is_avcc(kvs_span_of(tiny_h264_frame_1, sizeof(tiny_h264_frame_1))));
    CHECK(!kvs_is_avcc(kvs_span_of(tiny_h264_frame_2, sizeof(tiny_h264_frame_2))));
    CHECK(!kvs_is_avcc(kvs_span_of(tiny_h265_frame_1, sizeof(tiny_h265_frame_1))));
    CHECK(!kvs_is_avcc(kvs_span_of(tiny_h265_frame_2, sizeof(tiny_h265_frame_2))));
}

KVS_TEST(lengths_become_start_codes_in_place) {
    uint8_t whole[14 + 258];
    memcpy(whole, "\0\0\0\2\x09\xF0\0\0\0\0\0\0\1\2", 14);
    memset(whole + 14, 0x5A, 258);
    CHECK_STATUS(kvs_avcc_to_annexb(whole, sizeof(whole)), KVS_STATUS_SUCCESS);
    CHECK_MEM(whole, "\0\0\0\1\x09\xF0\0\0\0\1\0\0\0\1\x5A", 15);
    CHECK_EQ(whole[sizeof(whole) - 1], 0x5A);
}

KVS_TEST(a_malformed_frame_is_refused_before_anything_is_changed) {
    for (size_t i = 0; i < MALFORMED; i++) {
        uint8_t frame[16];
        memcpy(frame, malformed[i].data, malformed[i].len);
        CHECK_STATUS(kvs_avcc_to_annexb(frame, malformed[i].len),
                     KVS_STATUS_MKV_INVALID_AVCC_NALU_IN_FRAME_DATA);
        CHECK_MEM(frame, malformed[i].data, malformed[i].len);
    }
    CHECK_STATUS(kvs_avcc_to_annexb(NULL, 0), KVS_STATUS_NULL_ARG);
}

KVS_TEST(real_frames_survive_the_way_to_lengths_and_back) {
    struct kvs_span frames[] = {{tiny_h264_frame_1, sizeof(tiny_h264_frame_1)},
                                {tiny_h265_frame_1, sizeof(tiny_h265_frame_1)}};
    for (size_t i = 0; i < 2; i++) {
        uint8_t out[512];
        struct kvs_annexb_index index;
        CHECK_STATUS(kvs_annexb_index(frames[i], &index), KVS_STATUS_SUCCESS);
        CHECK_STATUS(kvs_annexb_to_avcc(frames[i], &index, out, sizeof(out)), KVS_STATUS_SUCCESS);
        CHECK(kvs_is_avcc(kvs_span_of(out, index.avcc_size)));
        CHECK_STATUS(kvs_avcc_to_annexb(out, index.avcc_size), KVS_STATUS_SUCCESS);

        struct kvs_nal_reader before = kvs_nal_reader_annexb(frames[i]);
        struct kvs_nal_reader after = kvs_nal_reader_annexb(kvs_span_of(out, index.avcc_size));
        struct kvs_span expected, nal;
        while (kvs_nal_reader_next(&before, &expected)) {
            CHECK(kvs_nal_reader_next(&after, &nal));
            CHECK_EQ(nal.len, expected.len);
            CHECK_MEM(nal.data, expected.data, expected.len);
        }
        CHECK(!kvs_nal_reader_next(&after, &nal));
        CHECK(!before.malformed && !after.malformed);
    }
}

KVS_TEST(a_reader_takes_lengths_of_one_to_four_bytes) {
    static const struct kvs_span frames[] = {
        {(const uint8_t *)"\2\x65\1\1\x41", 5},
        {(const uint8_t *)"\0\2\x65\1\0\1\x41", 7},
        {(const uint8_t *)"\0\0\2\x65\1\0\0\1\x41", 9},
        {(const uint8_t *)"\0\0\0\2\x65\1\0\0\0\1\x41", 11},
    };
    for (uint8_t i = 0; i < 4; i++) {
        struct kvs_nal_reader reader = kvs_nal_reader_lengths(frames[i], (uint8_t)(i + 1));
        struct kvs_span nal;
        CHECK(kvs_nal_reader_next(&reader, &nal));
        CHECK_EQ(nal.len, 2);
        CHECK_MEM(nal.data, "\x65\1", 2);
        CHECK(kvs_nal_reader_next(&reader, &nal));
        CHECK_EQ(nal.len, 1);
        CHECK_EQ(nal.data[0], 0x41);
        CHECK(!kvs_nal_reader_next(&reader, &nal));
        CHECK(!reader.malformed);
    }
}

KVS_TEST(a_reader_says_when_it_stopped_early) {
    struct kvs_span nal;
    struct kvs_nal_reader reader = kvs_nal_reader_lengths(TEXT("\0\0\0\1\x65\0\0\0\2\x41"), 4);
    CHECK(kvs_nal_reader_next(&reader, &nal));
    CHECK(!kvs_nal_reader_next(&reader, &nal));
    CHECK(reader.malformed);
    CHECK(!kvs_nal_reader_next(&reader, &nal));
    reader = kvs_nal_reader_annexb(TEXT("\x65\0\0\1\x65"));
    CHECK(reader.malformed);
    CHECK(!kvs_nal_reader_next(&reader, &nal));
    /* Nothing behind the start code is no defect. */
    reader = kvs_nal_reader_annexb(TEXT("\0\0\1"));
    CHECK(!kvs_nal_reader_next(&reader, &nal));
    CHECK(!reader.malformed);
}

int main(void) {
    RUN(frames_whose_lengths_add_up_are_recognised);
    RUN(real_annexb_frames_are_not_taken_for_lengths);
    RUN(lengths_become_start_codes_in_place);
    RUN(a_malformed_frame_is_refused_before_anything_is_changed);
    RUN(real_frames_survive_the_way_to_lengths_and_back);
    RUN(a_reader_takes_lengths_of_one_to_four_bytes);
    RUN(a_reader_says_when_it_stopped_early);
    return kvs_test_report();
}
