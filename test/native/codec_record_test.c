/* Configuration records: avcC and hvcC built from Annex-B. */
#include "codec_support.h"
#include "parameter_sets.h"

static kvs_status build(enum kvs_codec codec, struct kvs_span annexb, size_t capacity) {
    return codec == KVS_CODEC_H264 ? kvs_h264_avcc_from_annexb(annexb, out, capacity, &written)
                                   : kvs_h265_hvcc_from_annexb(annexb, out, capacity, &written);
}

KVS_TEST(records_have_the_bytes_that_ffmpeg_writes) {
    for (size_t i = 0; i < PARAMETER_SET_SAMPLES; i++) {
        const struct parameter_set_sample *sample = &parameter_set_samples[i];
        CHECK_STATUS(build(sample->codec, sample->annexb, sizeof(out)), KVS_STATUS_SUCCESS);
        check_written(sample->record);
        CHECK(written <= sample->annexb.len + KVS_CODEC_PRIVATE_OVERHEAD_BYTES);
    }
}

KVS_TEST(a_record_that_does_not_fit_is_refused_and_nothing_is_written_beyond) {
    for (size_t i = 0; i < PARAMETER_SET_SAMPLES; i++) {
        const struct parameter_set_sample *sample = &parameter_set_samples[i];
        for (size_t capacity = 0; capacity < sample->record.len; capacity++) {
            out[capacity] = 0xA5;
            written = 77;
            CHECK_STATUS(build(sample->codec, sample->annexb, capacity),
                         KVS_STATUS_BUFFER_TOO_SMALL);
            CHECK_EQ(out[capacity], 0xA5);
            CHECK_EQ(written, 77);
        }
        CHECK_STATUS(build(sample->codec, sample->annexb, sample->record.len), KVS_STATUS_SUCCESS);
    }
}

KVS_TEST(all_h264_sets_go_in_by_kind_and_in_their_order) {
    /* PPS, SPS, SPS extension, PPS, an SEI message, SPS, PPS. */
    struct kvs_span annexb = TEXT("\0\0\1\x68\x11\0\0\1\x67\x42\xC0\x1E\xAA\0\0\0\1\x6D\x55"
                                  "\0\0\1\x68\x22\x33\0\0\1\x06\x05\0\0\1\x67\x42\xC0\x1F\xBB"
                                  "\0\0\1\x28\x44");
    CHECK_STATUS(build(KVS_CODEC_H264, annexb, sizeof(out)), KVS_STATUS_SUCCESS);
    check_written(TEXT("\1\x42\xC0\x1E\xFF\xE2\0\5\x67\x42\xC0\x1E\xAA\0\5\x67\x42\xC0\x1F\xBB"
                       "\3\0\2\x68\x11\0\3\x68\x22\x33\0\2\x28\x44"));
}

KVS_TEST(an_sps_extension_ends_the_record_of_a_high_profile) {
    struct kvs_span annexb = join(SPAN(h264_high_10_annexb), TEXT("\0\0\1\x6D\x55\x80"), TEXT(""));
    CHECK_STATUS(build(KVS_CODEC_H264, annexb, sizeof(out)), KVS_STATUS_SUCCESS);
    /* The last byte of the plain record is the number of extensions. */
    struct kvs_span record = kvs_span_of(h264_high_10_record, sizeof(h264_high_10_record) - 1);
    check_written(join(record, TEXT("\1\0\3\x6D\x55\x80"), TEXT("")));
}

KVS_TEST(missing_or_malformed_h264_sets_are_told_apart) {
    static const struct {
        const char *bytes;
        size_t len;
        kvs_status status;
    } cases[] = {
        {"\0\0\1\x68\x11", 5, KVS_STATUS_MKV_MISSING_SPS_FROM_H264_CPD},
        {"\0\0\1\x67\x42\0\0\1\x68\x11", 10, KVS_STATUS_MKV_MISSING_SPS_FROM_H264_CPD},
        {"\0\0\1\x67\x42\xC0\x1E\xAA", 8, KVS_STATUS_MKV_MISSING_PPS_FROM_H264_CPD},
        {"\x67\x42\xC0\x1E\xAA", 5, KVS_STATUS_MKV_INVALID_ANNEXB_NALU_IN_CPD},
        {"\0\0\1", 3, KVS_STATUS_MKV_MISSING_SPS_FROM_H264_CPD},
        {"\0\0\1\x67\x64\0\x1E\0\0\1\x68\x11", 12, KVS_STATUS_MKV_INVALID_H264_H265_SPS_NALU},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct kvs_span annexb = kvs_span_of(cases[i].bytes, cases[i].len);
        CHECK_STATUS(build(KVS_CODEC_H264, annexb, sizeof(out)), cases[i].status);
    }
}

KVS_TEST(more_sets_than_a_record_can_count_are_refused) {
    static uint8_t annexb[8 * 32 + 5 * 256];
    size_t len = 0;
    for (size_t i = 0; i < 31; i++, len += 8) {
        memcpy(annexb + len, "\0\0\1\x67\x42\xC0\x1E\xAA", 8);
    }
    for (size_t i = 0; i < 255; i++, len += 5) {
        memcpy(annexb + len, "\0\0\1\x68\x11", 5);
    }
    CHECK_STATUS(build(KVS_CODEC_H264, kvs_span_of(annexb, len), sizeof(out)), KVS_STATUS_SUCCESS);
    CHECK_EQ(out[5], 0xFF);
    CHECK_EQ(out[6 + 31 * 7], 255);
    memcpy(annexb + len, "\0\0\1\x68\x11", 5);
    CHECK_STATUS(build(KVS_CODEC_H264, kvs_span_of(annexb, len + 5), sizeof(out)),
                 KVS_STATUS_MKV_INVALID_ANNEXB_CPD_NALUS);
    memcpy(annexb + len, "\0\0\1\x67\x42\xC0\x1E\xAA", 8);
    CHECK_STATUS(build(KVS_CODEC_H264, kvs_span_of(annexb, len + 8), sizeof(out)),
                 KVS_STATUS_MKV_INVALID_ANNEXB_CPD_NALUS);
}

KVS_TEST(a_set_too_long_for_its_length_field_is_refused) {
    static uint8_t annexb[70000];
    size_t len = sizeof(h265_main_annexb);
    memcpy(annexb, h265_main_annexb, len);
    memset(annexb + len, 0x11, sizeof(annexb) - len);
    CHECK_STATUS(build(KVS_CODEC_H265, SPAN(annexb), sizeof(out)),
                 KVS_STATUS_MKV_INVALID_ANNEXB_CPD_NALUS);
    len = sizeof(h264_baseline_annexb);
    memcpy(annexb, h264_baseline_annexb, len);
    memset(annexb + len, 0x11, sizeof(annexb) - len);
    CHECK_STATUS(build(KVS_CODEC_H264, SPAN(annexb), sizeof(out)),
                 KVS_STATUS_MKV_INVALID_ANNEXB_CPD_NALUS);
}

/* Each set alone is not enough, nor are two of three. */
KVS_TEST(h265_needs_all_three_kinds_of_sets) {
    static const uint8_t types[] = {32, 33, 34};
    for (size_t missing = 0; missing < sizeof(types); missing++) {
        uint8_t annexb[sizeof(h265_main_annexb)];
        memcpy(annexb, h265_main_annexb, sizeof(annexb));
        for (size_t i = 0; i + 3 < sizeof(annexb); i++) {
            if (memcmp(annexb + i, "\0\0\1", 3) == 0 && annexb[i + 3] >> 1 == types[missing]) {
                annexb[i + 3] = 35 << 1; /* an access unit delimiter */
            }
        }
        CHECK_STATUS(build(KVS_CODEC_H265, SPAN(annexb), sizeof(out)),
                     KVS_STATUS_MKV_ANNEXB_CPD_MISSING_NALUS);
    }
    CHECK_STATUS(build(KVS_CODEC_H265, TEXT("\x40\1\x0C\1"), sizeof(out)),
                 KVS_STATUS_MKV_INVALID_ANNEXB_NALU_IN_CPD);
}

KVS_TEST(sei_messages_beside_h265_sets_are_kept_in_arrays_of_their_own) {
    struct kvs_span annexb = join(SPAN(h265_main_annexb), TEXT("\0\0\1\x50\1\x84\0\0\1\x4E\1\5"),
                                  TEXT("\0\0\1\x4E\1\6\0\0\1\x46\1\x50"));
    CHECK_STATUS(build(KVS_CODEC_H265, annexb, sizeof(out)), KVS_STATUS_SUCCESS);
    uint8_t record[sizeof(h265_main_record)];
    memcpy(record, h265_main_record, sizeof(record));
    record[22] = 5; /* numOfArrays */
    check_written(join(SPAN(record), TEXT("\x27\0\2\0\3\x4E\1\5\0\3\x4E\1\6"),
                       TEXT("\x28\0\1\0\3\x50\1\x84")));
}

KVS_TEST(h265_sets_of_other_layers_are_left_out) {
    struct kvs_span annexb = join(TEXT("\0\0\1\x42\x09\1\1"), SPAN(h265_main_annexb),
                                  TEXT("\0\0\1\x44\x09\x11\0\0\1\x44"));
    CHECK_STATUS(build(KVS_CODEC_H265, annexb, sizeof(out)), KVS_STATUS_SUCCESS);
    check_written(SPAN(h265_main_record));
}

/* Two streams in one: the record has to be good for either. */
KVS_TEST(the_record_claims_the_most_that_any_h265_set_needs) {
    struct kvs_span sets[] = {SPAN(h265_main_10_annexb), SPAN(h265_everything_annexb)};
    for (size_t i = 0; i < 2; i++) {
        CHECK_STATUS(build(KVS_CODEC_H265, join(sets[i], sets[1 - i], TEXT("")), sizeof(out)),
                     KVS_STATUS_SUCCESS);
        /* Main 10 of level 63 and Main of level 93 agree on one compatibility flag. */
        CHECK_MEM(out, "\1\2\x20\0\0\0\x90\0\0\0\0\0\x5D", 13);
        CHECK_EQ(out[14], 0);          /* min_spatial_segmentation_idc: only one of them has it */
        CHECK_EQ(out[21] >> 3 & 7, 3); /* numTemporalLayers */
        CHECK_EQ(out[24] << 8 | out[25], 2); /* both video parameter sets */
    }
}

KVS_TEST(a_higher_tier_brings_its_own_level) {
    /* What precedes the profile in the video and in the sequence parameter set of the sample. */
    static const char *const before[] = {"\xC\1\xFF\xFF", "\1\x42\1\1"};
    for (size_t i = 0; i < 2; i++) {
        uint8_t annexb[sizeof(h265_main_annexb)];
        memcpy(annexb, h265_main_annexb, sizeof(annexb));
        size_t position = 0;
        while (memcmp(annexb + position, before[i], 4) != 0) {
            position++;
        }
        uint8_t *profile = annexb + position + 4;
        uint8_t *level = memchr(profile, 120, 16);
        if (!CHECK(level != NULL) || !CHECK_EQ(*profile, 1)) {
            return;
        }
        *profile |= 1 << 5; /* general_tier_flag */
        *level = 90;
        CHECK_STATUS(build(KVS_CODEC_H265, SPAN(annexb), sizeof(out)), KVS_STATUS_SUCCESS);
        CHECK_EQ(out[1], 1 << 5 | 1);
        CHECK_EQ(out[12], 90);
    }
}

KVS_TEST(the_record_tells_what_can_be_decoded_in_parallel) {
    /* The sample's own PPS is the last 9 bytes; these differ in tiles and wavefronts. */
    static const struct {
        const char *pps;
        uint8_t parallelism;
    } cases[] = {
        {"\0\0\1\x44\1\xC0\x72\x8A\x60\x22\x40", 0xFD},
        {"\0\0\1\x44\1\xC0\x72\x8A\x60\x97\x89", 0xFE},
        {"\0\0\1\x44\1\xC0\x72\x8A\x60\x62\x40", 0xFF},
        {"\0\0\1\x44\1\xC0\x72\x8A\x60\xD7\x89", 0xFC},
    };
    struct kvs_span sets = kvs_span_of(h265_everything_annexb, sizeof(h265_everything_annexb) - 12);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct kvs_span pps = kvs_span_of(cases[i].pps, 11);
        CHECK_STATUS(build(KVS_CODEC_H265, join(sets, pps, TEXT("")), sizeof(out)),
                     KVS_STATUS_SUCCESS);
        CHECK_EQ(out[15], cases[i].parallelism);
        /* Pictures that use different kinds leave it open. */
        struct kvs_span other = kvs_span_of(cases[(i + 1) % 4].pps, 11);
        CHECK_STATUS(build(KVS_CODEC_H265, join(sets, pps, other), sizeof(out)),
                     KVS_STATUS_SUCCESS);
        CHECK_EQ(out[15], 0xFC);
    }
}

int main(void) {
    RUN(records_have_the_bytes_that_ffmpeg_writes);
    RUN(a_record_that_does_not_fit_is_refused_and_nothing_is_written_beyond);
    RUN(all_h264_sets_go_in_by_kind_and_in_their_order);
    RUN(an_sps_extension_ends_the_record_of_a_high_profile);
    RUN(missing_or_malformed_h264_sets_are_told_apart);
    RUN(more_sets_than_a_record_can_count_are_refused);
    RUN(a_set_too_long_for_its_length_field_is_refused);
    RUN(h265_needs_all_three_kinds_of_sets);
    RUN(sei_messages_beside_h265_sets_are_kept_in_arrays_of_their_own);
    RUN(h265_sets_of_other_layers_are_left_out);
    RUN(the_record_claims_the_most_that_any_h265_set_needs);
    RUN(a_higher_tier_brings_its_own_level);
    RUN(the_record_tells_what_can_be_decoded_in_parallel);
    return kvs_test_report();
}
