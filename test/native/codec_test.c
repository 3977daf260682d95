/* Codec private data of video: configuration records, key frames, sizes in pixels. */
#include <string.h>

#include "kvs/codec.h"
#include "parameter_sets.h"
#include "test.h"
#include "tiny_media.h"

#define SPAN(bytes) kvs_span_of((bytes), sizeof(bytes))
#define TEXT(text) kvs_span_of((text), sizeof(text) - 1)

static uint8_t out[4096];
static size_t written;

static kvs_status build(enum kvs_codec codec, struct kvs_span annexb, size_t capacity) {
    return codec == KVS_CODEC_H264 ? kvs_h264_avcc_from_annexb(annexb, out, capacity, &written)
                                   : kvs_h265_hvcc_from_annexb(annexb, out, capacity, &written);
}

static kvs_status adapt(enum kvs_codec codec, struct kvs_span codec_private) {
    return kvs_codec_private_adapt(codec, codec_private, out, sizeof(out), &written);
}

static kvs_status from_key_frame(enum kvs_codec codec, struct kvs_span frame) {
    return kvs_codec_private_from_key_frame(codec, frame, out, sizeof(out), &written);
}

static void check_written(struct kvs_span expected) {
    if (CHECK_EQ(written, expected.len)) {
        CHECK_MEM(out, expected.data, expected.len);
    }
}

/* Joins the parts in a buffer that the next call uses again. */
static struct kvs_span join(struct kvs_span first, struct kvs_span second, struct kvs_span third) {
    static uint8_t joined[4096];
    memcpy(joined, first.data, first.len);
    memcpy(joined + first.len, second.data, second.len);
    memcpy(joined + first.len + second.len, third.data, third.len);
    return kvs_span_of(joined, first.len + second.len + third.len);
}

KVS_TEST(codec_ids_are_recognised_in_every_spelling_the_service_knows) {
    CHECK_EQ(kvs_codec_from_id("V_MPEG4/ISO/AVC"), KVS_CODEC_H264);
    CHECK_EQ(kvs_codec_from_id("V_MPEG/ISO/AVC"), KVS_CODEC_H264);
    CHECK_EQ(kvs_codec_from_id("V_MPEGH/ISO/HEVC"), KVS_CODEC_H265);
    CHECK_EQ(kvs_codec_from_id("V_MPEG/ISO/HEVC"), KVS_CODEC_H265);
    CHECK_EQ(kvs_codec_from_id("A_AAC"), KVS_CODEC_AAC);
    CHECK_EQ(kvs_codec_from_id("A_MS/ACM"), KVS_CODEC_MS_ACM);
    CHECK_EQ(kvs_codec_from_id("V_MS/VFW/FOURCC"), KVS_CODEC_VFW);
    CHECK_EQ(kvs_codec_from_id("V_MPEG4/ISO/AVC2"), KVS_CODEC_UNKNOWN);
    CHECK_EQ(kvs_codec_from_id(""), KVS_CODEC_UNKNOWN);
    CHECK_EQ(kvs_codec_from_id(NULL), KVS_CODEC_UNKNOWN);
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

KVS_TEST(adapting_converts_annexb_and_passes_records_on) {
    for (size_t i = 0; i < PARAMETER_SET_SAMPLES; i++) {
        const struct parameter_set_sample *sample = &parameter_set_samples[i];
        CHECK_STATUS(adapt(sample->codec, sample->annexb), KVS_STATUS_SUCCESS);
        check_written(sample->record);
        CHECK_STATUS(adapt(sample->codec, sample->record), KVS_STATUS_SUCCESS);
        check_written(sample->record);
    }
}

KVS_TEST(adapting_refuses_what_is_neither_annexb_nor_a_whole_record) {
    const kvs_status refused = KVS_STATUS_MKV_INVALID_H264_H265_CPD;
    for (size_t i = 0; i < PARAMETER_SET_SAMPLES; i++) {
        const struct parameter_set_sample *sample = &parameter_set_samples[i];
        /* The fields at the end of a High record are missing from many files. */
        bool has_tail = sample->codec == KVS_CODEC_H264 && sample->info.profile_idc >= 100;
        for (size_t len = 0; len < sample->record.len - (has_tail ? 4 : 0); len++) {
            CHECK_STATUS(adapt(sample->codec, kvs_span_of(sample->record.data, len)), refused);
        }
    }
    CHECK_STATUS(adapt(KVS_CODEC_H264, TEXT("\2\x64\0\x28\xFF\xE0\0")), refused);
    CHECK_STATUS(adapt(KVS_CODEC_H264, TEXT("\1\x64\0\x28\xFF\xE0\0")), KVS_STATUS_SUCCESS);
}

KVS_TEST(other_codecs_keep_their_private_data) {
    static const enum kvs_codec codecs[] = {KVS_CODEC_UNKNOWN, KVS_CODEC_AAC, KVS_CODEC_MS_ACM,
                                            KVS_CODEC_VFW};
    for (size_t i = 0; i < sizeof(codecs) / sizeof(codecs[0]); i++) {
        struct kvs_span data = TEXT("\0\0\0\1\x67");
        CHECK_STATUS(adapt(codecs[i], data), KVS_STATUS_SUCCESS);
        check_written(data);
        CHECK_STATUS(kvs_codec_private_adapt(codecs[i], data, out, data.len - 1, &written),
                     KVS_STATUS_BUFFER_TOO_SMALL);
        CHECK_STATUS(adapt(codecs[i], kvs_span_of(NULL, 0)), KVS_STATUS_SUCCESS);
        CHECK_EQ(written, 0);
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

KVS_TEST(a_key_frame_brings_its_own_record) {
    CHECK_STATUS(from_key_frame(KVS_CODEC_H264, SPAN(tiny_h264_frame_1)), KVS_STATUS_SUCCESS);
    uint8_t h264_record[200];
    size_t h264_len = written;
    memcpy(h264_record, out, written);
    uint32_t width, height;
    CHECK_STATUS(kvs_codec_pixel_size(KVS_CODEC_H264, kvs_span_of(out, written), &width, &height),
                 KVS_STATUS_SUCCESS);
    CHECK_EQ(width, 32);
    CHECK_EQ(height, 32);
    /* The same sets beside an access unit delimiter, an SEI message and, later, sets of another. */
    struct kvs_span frame = join(TEXT("\0\0\0\1\x09\x10\0\0\1\x06\5\1\0\x80"),
                                 SPAN(tiny_h264_frame_3), SPAN(h264_baseline_annexb));
    CHECK_STATUS(from_key_frame(KVS_CODEC_H264, frame), KVS_STATUS_SUCCESS);
    check_written(kvs_span_of(h264_record, h264_len));

    CHECK_STATUS(from_key_frame(KVS_CODEC_H265, SPAN(tiny_h265_frame_1)), KVS_STATUS_SUCCESS);
    CHECK_EQ(out[22], 3);
    CHECK_STATUS(kvs_codec_pixel_size(KVS_CODEC_H265, kvs_span_of(out, written), &width, &height),
                 KVS_STATUS_SUCCESS);
    CHECK_EQ(width, 32);
    CHECK_EQ(height, 32);
}

KVS_TEST(sei_messages_of_a_key_frame_stay_out_of_its_record) {
    struct kvs_span frame =
        join(SPAN(h265_main_annexb), TEXT("\0\0\1\x4E\1\5\1\x80"), TEXT("\0\0\1\x26\1\xAF"));
    CHECK_STATUS(from_key_frame(KVS_CODEC_H265, frame), KVS_STATUS_SUCCESS);
    check_written(SPAN(h265_main_record));
}

KVS_TEST(a_key_frame_without_parameter_sets_is_told_by_what_is_missing) {
    CHECK_STATUS(from_key_frame(KVS_CODEC_H264, SPAN(tiny_h264_frame_2)),
                 KVS_STATUS_MKV_MISSING_SPS_FROM_H264_CPD);
    CHECK_STATUS(from_key_frame(KVS_CODEC_H264, TEXT("\0\0\1\x67\x42\xC0\x1E\xAA\0\0\1\x65\x88")),
                 KVS_STATUS_MKV_MISSING_PPS_FROM_H264_CPD);
    CHECK_STATUS(from_key_frame(KVS_CODEC_H265, SPAN(tiny_h265_frame_2)),
                 KVS_STATUS_MKV_ANNEXB_CPD_MISSING_NALUS);
    CHECK_STATUS(from_key_frame(KVS_CODEC_AAC, SPAN(tiny_aac_frame_1)), KVS_STATUS_INVALID_ARG);
    CHECK_STATUS(from_key_frame(KVS_CODEC_H264, kvs_span_of(NULL, 0)), KVS_STATUS_NULL_ARG);
}

KVS_TEST(records_tell_the_size_in_pixels) {
    for (size_t i = 0; i < PARAMETER_SET_SAMPLES; i++) {
        const struct parameter_set_sample *sample = &parameter_set_samples[i];
        uint32_t width = 0, height = 0;
        CHECK_STATUS(kvs_codec_pixel_size(sample->codec, sample->record, &width, &height),
                     KVS_STATUS_SUCCESS);
        CHECK_EQ(width, sample->info.width);
        CHECK_EQ(height, sample->info.height);
    }
}

static void check_bitmap(uint32_t width, int32_t height, size_t len, kvs_status status) {
    uint8_t header[40] = {40};
    for (int i = 0; i < 4; i++) {
        header[4 + i] = (uint8_t)(width >> 8 * i);
        header[8 + i] = (uint8_t)((uint32_t)height >> 8 * i);
    }
    uint32_t found_width = 0, found_height = 0;
    CHECK_STATUS(
        kvs_codec_pixel_size(KVS_CODEC_VFW, kvs_span_of(header, len), &found_width, &found_height),
        status);
    if (status == KVS_STATUS_SUCCESS) {
        CHECK_EQ(found_width, width);
        CHECK_EQ(found_height, height < 0 ? -height : height);
    }
}

KVS_TEST(a_bitmap_header_tells_its_size_in_either_row_order) {
    check_bitmap(1280, 720, 40, KVS_STATUS_SUCCESS);
    check_bitmap(65535, -720, 40, KVS_STATUS_SUCCESS);
    check_bitmap(1280, 720, 39, KVS_STATUS_MKV_INVALID_BIH_CPD);
    check_bitmap(0, 720, 40, KVS_STATUS_MKV_INVALID_BIH_CPD);
    check_bitmap(1280, 0, 40, KVS_STATUS_MKV_INVALID_BIH_CPD);
    check_bitmap(65536, 720, 40, KVS_STATUS_MKV_INVALID_BIH_CPD);
    check_bitmap(1280, INT32_MIN, 40, KVS_STATUS_MKV_INVALID_BIH_CPD);
}

KVS_TEST(private_data_without_a_size_is_told_by_what_is_missing) {
    static const uint8_t hvcc_without_arrays[23] = {1};
    uint32_t width = 7, height = 7;
    CHECK_STATUS(
        kvs_codec_pixel_size(KVS_CODEC_H264, TEXT("\1\x64\0\x28\xFF\xE0\0"), &width, &height),
        KVS_STATUS_MKV_MISSING_SPS_FROM_H264_CPD);
    CHECK_STATUS(kvs_codec_pixel_size(KVS_CODEC_H265, SPAN(hvcc_without_arrays), &width, &height),
                 KVS_STATUS_MKV_HEVC_SPS_NALU_MISSING);
    CHECK_STATUS(kvs_codec_pixel_size(KVS_CODEC_H264, SPAN(h264_baseline_annexb), &width, &height),
                 KVS_STATUS_MKV_INVALID_H264_H265_CPD);
    CHECK_STATUS(kvs_codec_pixel_size(KVS_CODEC_H265, kvs_span_of(NULL, 0), &width, &height),
                 KVS_STATUS_MKV_INVALID_H264_H265_CPD);
    CHECK_STATUS(kvs_codec_pixel_size(KVS_CODEC_AAC, TEXT("\x12\x10"), &width, &height),
                 KVS_STATUS_INVALID_ARG);
    CHECK_STATUS(kvs_codec_pixel_size(KVS_CODEC_H264, TEXT("\1"), NULL, &height),
                 KVS_STATUS_NULL_ARG);
    CHECK_EQ(width, 7);
    CHECK_EQ(height, 7);
}

int main(void) {
    RUN(codec_ids_are_recognised_in_every_spelling_the_service_knows);
    RUN(records_have_the_bytes_that_ffmpeg_writes);
    RUN(a_record_that_does_not_fit_is_refused_and_nothing_is_written_beyond);
    RUN(adapting_converts_annexb_and_passes_records_on);
    RUN(adapting_refuses_what_is_neither_annexb_nor_a_whole_record);
    RUN(other_codecs_keep_their_private_data);
    RUN(all_h264_sets_go_in_by_kind_and_in_their_order);
    RUN(an_sps_extension_ends_the_record_of_a_high_profile);
    RUN(missing_or_malformed_h264_sets_are_told_apart);
    RUN(more_sets_than_a_record_can_count_are_refused);
    RUN(a_set_too_long_for_its_length_field_is_refused);
    RUN(h265_needs_all_three_kinds_of_sets);
    RUN(sei_messages_beside_h265_sets_are_kept_in_arrays_of_their_own);
    RUN(h265_sets_of_other_layers_are_left_out);
    RUN(the_record_tells_what_can_be_decoded_in_parallel);
    RUN(a_key_frame_brings_its_own_record);
    RUN(sei_messages_of_a_key_frame_stay_out_of_its_record);
    RUN(a_key_frame_without_parameter_sets_is_told_by_what_is_missing);
    RUN(records_tell_the_size_in_pixels);
    RUN(a_bitmap_header_tells_its_size_in_either_row_order);
    RUN(private_data_without_a_size_is_told_by_what_is_missing);
    return kvs_test_report();
}
