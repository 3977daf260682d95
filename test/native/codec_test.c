/* Codec private data of video: which codec, into Matroska's form, from key frames, sizes in pixels.
 */
#include "codec_support.h"
#include "kvs/nal.h"
#include "parameter_sets.h"
#include "tiny_media.h"

static kvs_status adapt(enum kvs_codec codec, struct kvs_span codec_private) {
    return kvs_codec_private_adapt(codec, codec_private, out, sizeof(out), &written);
}

static kvs_status from_key_frame(enum kvs_codec codec, struct kvs_span frame) {
    return kvs_codec_private_from_key_frame(codec, frame, out, sizeof(out), &written);
}

KVS_TEST(codec_ids_are_recognised_in_every_spelling_the_service_knows) {
    CHECK_EQ(kvs_codec_from_id("V_MPEG4/ISO/AVC"), KVS_CODEC_H264);
    CHECK_EQ(kvs_codec_from_id("V_MPEG/ISO/AVC"), KVS_CODEC_H264);
    CHECK_EQ(kvs_codec_from_id("V_MPEGH/ISO/HEVC"), KVS_CODEC_H265);
    CHECK_EQ(kvs_codec_from_id("V_MPEG/ISO/HEVC"), KVS_CODEC_H265);
    CHECK_EQ(kvs_codec_from_id("A_AAC"), KVS_CODEC_AAC);
    CHECK_EQ(kvs_codec_from_id("A_MS/ACM"), KVS_CODEC_MS_ACM);
    CHECK_EQ(kvs_codec_from_id("A_AAC/MPEG4/MAIN"), KVS_CODEC_AAC);
    CHECK_EQ(kvs_codec_from_id("V_MS/VFW/FOURCC"), KVS_CODEC_VFW);
    CHECK_EQ(kvs_codec_from_id("A_OPUS"), KVS_CODEC_OPUS);
    CHECK_EQ(kvs_codec_from_id("A_PCM/FLOAT/IEEE"), KVS_CODEC_PCM_FLOAT);
    CHECK_EQ(kvs_codec_from_id("A_PCM/INT/LIT"), KVS_CODEC_UNKNOWN);
    CHECK_EQ(kvs_codec_from_id("V_MJPEG"), KVS_CODEC_UNKNOWN);
    CHECK_EQ(kvs_codec_from_id("V_MPEG4/ISO/AVC2"), KVS_CODEC_UNKNOWN);
    CHECK_EQ(kvs_codec_from_id(""), KVS_CODEC_UNKNOWN);
    CHECK_EQ(kvs_codec_from_id(NULL), KVS_CODEC_UNKNOWN);
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

/* The frame with lengths in front of its NAL units, behind a first one of `filler` bytes. */
static struct kvs_span with_lengths(struct kvs_span annexb, size_t filler) {
    static uint8_t frame[sizeof(out)];
    struct kvs_annexb_index index;
    memset(frame, 0x06, 4 + filler); /* an SEI message of H.264, or a VCL unit of H.265 */
    memcpy(frame, (const uint8_t[]){0, 0, (uint8_t)(filler >> 8), (uint8_t)filler}, 4);
    size_t start = filler == 0 ? 0 : 4 + filler;
    CHECK_STATUS(kvs_annexb_index(annexb, &index), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_annexb_to_avcc(annexb, &index, frame + start, sizeof(frame) - start),
                 KVS_STATUS_SUCCESS);
    return kvs_span_of(frame, start + index.avcc_size);
}

KVS_TEST(a_key_frame_with_lengths_brings_the_same_record) {
    uint8_t record[200];
    CHECK_STATUS(from_key_frame(KVS_CODEC_H264, SPAN(tiny_h264_frame_1)), KVS_STATUS_SUCCESS);
    size_t len = written;
    memcpy(record, out, len);
    struct kvs_span frame = with_lengths(SPAN(tiny_h264_frame_1), 0);
    CHECK_STATUS(from_key_frame(KVS_CODEC_H264, frame), KVS_STATUS_SUCCESS);
    check_written(kvs_span_of(record, len));
    /* 00 00 01 2C is a length here, and looks like a start code. */
    frame = with_lengths(SPAN(tiny_h264_frame_1), 300);
    CHECK_STATUS(from_key_frame(KVS_CODEC_H264, frame), KVS_STATUS_SUCCESS);
    check_written(kvs_span_of(record, len));

    CHECK_STATUS(from_key_frame(KVS_CODEC_H265, SPAN(tiny_h265_frame_1)), KVS_STATUS_SUCCESS);
    len = written;
    memcpy(record, out, len);
    frame = with_lengths(SPAN(tiny_h265_frame_1), 0);
    CHECK_STATUS(from_key_frame(KVS_CODEC_H265, frame), KVS_STATUS_SUCCESS);
    check_written(kvs_span_of(record, len));
    frame = with_lengths(SPAN(tiny_h264_frame_2), 0);
    CHECK_STATUS(from_key_frame(KVS_CODEC_H264, frame), KVS_STATUS_MKV_MISSING_SPS_FROM_H264_CPD);
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

static kvs_status to_annexb(enum kvs_codec codec, struct kvs_span codec_private) {
    return kvs_codec_private_to_annexb(codec, codec_private, out, 2 * codec_private.len, &written);
}

KVS_TEST(records_become_annexb_from_which_the_same_record_is_built) {
    for (size_t i = 0; i < PARAMETER_SET_SAMPLES; i++) {
        const struct parameter_set_sample *sample = &parameter_set_samples[i];
        CHECK_STATUS(to_annexb(sample->codec, sample->record), KVS_STATUS_SUCCESS);
        static uint8_t annexb[sizeof(out)];
        memcpy(annexb, out, written);
        CHECK_STATUS(adapt(sample->codec, kvs_span_of(annexb, written)), KVS_STATUS_SUCCESS);
        check_written(sample->record);
        CHECK_STATUS(to_annexb(sample->codec, sample->annexb), KVS_STATUS_SUCCESS);
        check_written(sample->annexb);
    }
}

KVS_TEST(annexb_of_a_record_has_its_sets_in_order_and_nothing_else) {
    /* Two SPS, one of them empty, a PPS, chroma fields and an SPS extension. */
    CHECK_STATUS(to_annexb(KVS_CODEC_H264, TEXT("\1\x64\0\x28\xFF\xE2\0\2\x67\x64\0\0\1\0\1\x68"
                                                "\xFD\xF8\xF8\1\0\2\x6D\5")),
                 KVS_STATUS_SUCCESS);
    check_written(TEXT("\0\0\0\1\x67\x64\0\0\0\1\x68\0\0\0\1\x6D\5"));
    /* Many sets of one byte need more room than they had. */
    struct kvs_span crowded = TEXT("\1\x64\0\x28\xFF\xE3\0\1\x67\0\1\x67\0\1\x67\3\0\1\x68\0\1\x68"
                                   "\0\1\x68");
    CHECK_STATUS(to_annexb(KVS_CODEC_H264, crowded), KVS_STATUS_SUCCESS);
    CHECK_EQ(written, 30);
    CHECK_STATUS(kvs_codec_private_to_annexb(KVS_CODEC_H264, crowded, out, 29, &written),
                 KVS_STATUS_BUFFER_TOO_SMALL);
}

KVS_TEST(only_whole_records_become_annexb) {
    const kvs_status refused = KVS_STATUS_MKV_INVALID_H264_H265_CPD;
    CHECK_STATUS(to_annexb(KVS_CODEC_H264, TEXT("\1\x64\0\x28\xFF\xE1\0\x09\x67")), refused);
    CHECK_STATUS(to_annexb(KVS_CODEC_H265, TEXT("\1\x64")), refused);
    CHECK_STATUS(to_annexb(KVS_CODEC_H265, kvs_span_of(NULL, 0)), refused);
    CHECK_STATUS(to_annexb(KVS_CODEC_AAC, TEXT("\x12\x10")), KVS_STATUS_SUCCESS);
    check_written(TEXT("\x12\x10"));
    CHECK_STATUS(kvs_codec_private_to_annexb(KVS_CODEC_H264, TEXT("\1"), NULL, 0, &written),
                 KVS_STATUS_NULL_ARG);
}

KVS_TEST(annexb_parameter_sets_tell_the_size_in_pixels_too) {
    for (size_t i = 0; i < PARAMETER_SET_SAMPLES; i++) {
        const struct parameter_set_sample *sample = &parameter_set_samples[i];
        uint32_t width = 0, height = 0;
        CHECK_STATUS(kvs_codec_pixel_size(sample->codec, sample->annexb, &width, &height),
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
    CHECK_STATUS(
        kvs_codec_pixel_size(KVS_CODEC_H264, TEXT("\0\0\1\x68\xCE\x0F\xC8"), &width, &height),
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
    RUN(adapting_converts_annexb_and_passes_records_on);
    RUN(adapting_refuses_what_is_neither_annexb_nor_a_whole_record);
    RUN(other_codecs_keep_their_private_data);
    RUN(a_key_frame_brings_its_own_record);
    RUN(a_key_frame_with_lengths_brings_the_same_record);
    RUN(sei_messages_of_a_key_frame_stay_out_of_its_record);
    RUN(a_key_frame_without_parameter_sets_is_told_by_what_is_missing);
    RUN(records_tell_the_size_in_pixels);
    RUN(records_become_annexb_from_which_the_same_record_is_built);
    RUN(annexb_of_a_record_has_its_sets_in_order_and_nothing_else);
    RUN(only_whole_records_become_annexb);
    RUN(annexb_parameter_sets_tell_the_size_in_pixels_too);
    RUN(a_bitmap_header_tells_its_size_in_either_row_order);
    RUN(private_data_without_a_size_is_told_by_what_is_missing);
    return kvs_test_report();
}
