/* Sequence parameter sets of H.264 and H.265: what encoders write, what is rare, what is broken. */
#include "bit_writer.h"
#include "kvs/codec.h"
#include "kvs/nal.h"
#include "parameter_sets.h"
#include "test.h"

static struct kvs_span sps_of(const struct parameter_set_sample *sample) {
    struct kvs_nal_reader reader = kvs_nal_reader_annexb(sample->annexb);
    struct kvs_span nal = {NULL, 0};
    while (kvs_nal_reader_next(&reader, &nal)) {
        int type = sample->codec == KVS_CODEC_H264 ? nal.data[0] & 31 : nal.data[0] >> 1;
        if (type == (sample->codec == KVS_CODEC_H264 ? 7 : 33)) {
            return nal;
        }
    }
    return nal;
}

static kvs_status parse(enum kvs_codec codec, struct kvs_span nal, struct kvs_video_info *info) {
    return codec == KVS_CODEC_H264 ? kvs_h264_parse_sps(nal, info) : kvs_h265_parse_sps(nal, info);
}

KVS_TEST(sets_of_real_encoders_say_what_the_encoder_was_told) {
    for (size_t i = 0; i < PARAMETER_SET_SAMPLES; i++) {
        const struct parameter_set_sample *sample = &parameter_set_samples[i];
        const struct kvs_video_info *expected = &sample->info;
        struct kvs_video_info info = {0};
        CHECK_STATUS(parse(sample->codec, sps_of(sample), &info), KVS_STATUS_SUCCESS);
        CHECK_EQ(info.width, expected->width);
        CHECK_EQ(info.height, expected->height);
        CHECK_EQ(info.profile_idc, expected->profile_idc);
        CHECK_EQ(info.level_idc, expected->level_idc);
        CHECK_EQ(info.chroma_format_idc, expected->chroma_format_idc);
        CHECK_EQ(info.bit_depth_luma, expected->bit_depth_luma);
        CHECK_EQ(info.bit_depth_chroma, expected->bit_depth_chroma);
        CHECK_EQ(info.constraint_flags, expected->constraint_flags);
        CHECK_EQ(info.profile_compatibility_flags, expected->profile_compatibility_flags);
        CHECK_EQ(info.profile_space, 0);
        CHECK_EQ(info.tier, 0);
        CHECK_EQ(info.temporal_layers, expected->temporal_layers);
        CHECK_EQ(info.temporal_id_nested, expected->temporal_id_nested);
        CHECK_EQ(info.min_spatial_segmentation_idc, expected->min_spatial_segmentation_idc);
    }
}

/* Once long enough to have a size, a set may only lose its tail, never change it. */
KVS_TEST(a_set_cut_short_is_refused_or_keeps_its_size) {
    for (size_t i = 0; i < PARAMETER_SET_SAMPLES; i++) {
        const struct parameter_set_sample *sample = &parameter_set_samples[i];
        struct kvs_span nal = sps_of(sample);
        bool accepted = false;
        for (size_t len = 0; len < nal.len; len++) {
            struct kvs_video_info info = {.width = 7};
            kvs_status status = parse(sample->codec, kvs_span_of(nal.data, len), &info);
            CHECK(!accepted || status == KVS_STATUS_SUCCESS);
            accepted = status == KVS_STATUS_SUCCESS;
            if (accepted) {
                CHECK_EQ(info.width, sample->info.width);
                CHECK_EQ(info.height, sample->info.height);
            } else {
                CHECK_STATUS(status, KVS_STATUS_MKV_INVALID_H264_H265_SPS_NALU);
                CHECK_EQ(info.width, 7);
            }
        }
        CHECK(!accepted || nal.len > 12);
    }
}

KVS_TEST(other_nal_units_and_missing_arguments_are_refused) {
    static const uint8_t pps[] = {0x68, 0xEB, 0xE3, 0xCB};
    static const uint8_t hevc_pps[] = {0x44, 0x01, 0xC1, 0x72};
    static const uint8_t enhancement_layer[] = {0x42, 0x09, 0x01, 0x01};
    struct kvs_video_info info;
    const kvs_status refused = KVS_STATUS_MKV_INVALID_H264_H265_SPS_NALU;
    CHECK_STATUS(kvs_h264_parse_sps(kvs_span_of(pps, sizeof(pps)), &info), refused);
    CHECK_STATUS(kvs_h265_parse_sps(kvs_span_of(hevc_pps, sizeof(hevc_pps)), &info), refused);
    CHECK_STATUS(kvs_h265_parse_sps(kvs_span_of(enhancement_layer, 4), &info), refused);
    CHECK_STATUS(kvs_h264_parse_sps(kvs_span_of(NULL, 0), &info), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_h265_parse_sps(kvs_span_of(NULL, 0), &info), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_h264_parse_sps(kvs_span_of(pps, 4), NULL), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_h265_parse_sps(kvs_span_of(pps, 4), NULL), KVS_STATUS_NULL_ARG);
}

struct h264_fields {
    uint8_t profile_idc;
    uint32_t chroma_format_idc;
    uint32_t order_count_type;
    uint32_t width_mbs_minus1, height_map_units_minus1;
    bool fields;
    uint32_t crop[4];
    /* Writes the scaling matrix, flag included. */
    void (*put_scaling_matrix)(struct bit_writer *writer);
};

static void put_h264_sps(struct bit_writer *writer, const struct h264_fields *fields) {
    put_bits(writer, fields->profile_idc, 8);
    put_bits(writer, 0, 8);
    put_bits(writer, 31, 8);
    put_ue(writer, 0);
    if (fields->profile_idc >= 100) {
        put_ue(writer, fields->chroma_format_idc);
        put_bits(writer, 0, fields->chroma_format_idc == 3 ? 1 : 0);
        put_ue(writer, 0);
        put_ue(writer, 0);
        put_bits(writer, 0, 1);
        if (fields->put_scaling_matrix != NULL) {
            fields->put_scaling_matrix(writer);
        } else {
            put_bits(writer, 0, 1);
        }
    }
    put_ue(writer, 0);
    put_ue(writer, fields->order_count_type);
    if (fields->order_count_type == 0) {
        put_ue(writer, 2);
    } else if (fields->order_count_type == 1) {
        put_bits(writer, 1, 1);
        put_se(writer, -5);
        put_se(writer, 1000);
        put_ue(writer, 3);
        put_se(writer, 1);
        put_se(writer, -1);
        put_se(writer, 1 << 30);
    }
    put_ue(writer, 4);
    put_bits(writer, 0, 1);
    put_ue(writer, fields->width_mbs_minus1);
    put_ue(writer, fields->height_map_units_minus1);
    put_bits(writer, fields->fields ? 0 : 1, 1);
    put_bits(writer, 0, fields->fields ? 1 : 0);
    put_bits(writer, 1, 1);
    put_bits(writer, 1, 1);
    for (int i = 0; i < 4; i++) {
        put_ue(writer, fields->crop[i]);
    }
    put_bits(writer, 0, 1);
}

static kvs_status parse_h264_fields(const struct h264_fields *fields, struct kvs_video_info *info) {
    struct bit_writer writer = {{0}, 0, {0}};
    put_h264_sps(&writer, fields);
    return kvs_h264_parse_sps(finish_nal(&writer, "\x67", 1), info);
}

KVS_TEST(cropping_counts_in_chroma_samples_and_in_pairs_of_lines_of_fields) {
    static const struct {
        uint32_t chroma_format_idc;
        bool fields;
        uint32_t width, height;
    } cases[] = {
        /* 64x64 coded; 1, 2, 1 and 3 crop units are cut off left, right, top and bottom. */
        {0, false, 61, 60}, {1, false, 58, 56}, {2, false, 58, 60}, {3, false, 61, 60},
        {0, true, 61, 56},  {1, true, 58, 48},  {2, true, 58, 56},  {3, true, 61, 56},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct h264_fields fields = {.profile_idc = 244,
                                     .chroma_format_idc = cases[i].chroma_format_idc,
                                     .width_mbs_minus1 = 3,
                                     .height_map_units_minus1 = cases[i].fields ? 1 : 3,
                                     .fields = cases[i].fields,
                                     .crop = {1, 2, 1, 3}};
        struct kvs_video_info info = {0};
        CHECK_STATUS(parse_h264_fields(&fields, &info), KVS_STATUS_SUCCESS);
        CHECK_EQ(info.width, cases[i].width);
        CHECK_EQ(info.height, cases[i].height);
        CHECK_EQ(info.chroma_format_idc, cases[i].chroma_format_idc);
    }
}

KVS_TEST(emulation_prevention_inside_the_size_is_undone) {
    /* One of the offsets of order count type 1 starts with 31 zero bits. */
    struct h264_fields fields = {.profile_idc = 66,
                                 .order_count_type = 1,
                                 .width_mbs_minus1 = 2047,
                                 .height_map_units_minus1 = 4094};
    struct bit_writer writer = {{0}, 0, {0}};
    put_h264_sps(&writer, &fields);
    struct kvs_span nal = finish_nal(&writer, "\x67", 1);
    CHECK(nal.len > 1 + (writer.bits + 8) / 8);
    struct kvs_video_info info = {0};
    CHECK_STATUS(kvs_h264_parse_sps(nal, &info), KVS_STATUS_SUCCESS);
    CHECK_EQ(info.width, 32768);
    CHECK_EQ(info.height, 65520);
}

KVS_TEST(sizes_that_cannot_be_are_refused) {
    const kvs_status bad_width = KVS_STATUS_MKV_INVALID_H264_H265_SPS_WIDTH;
    const kvs_status bad_height = KVS_STATUS_MKV_INVALID_H264_H265_SPS_HEIGHT;
    struct kvs_video_info info = {0};
    struct h264_fields fields = {.profile_idc = 66, .crop = {4, 4, 0, 0}};
    CHECK_STATUS(parse_h264_fields(&fields, &info), bad_width);
    fields = (struct h264_fields){.profile_idc = 66, .crop = {0, 0, 0, 8}};
    CHECK_STATUS(parse_h264_fields(&fields, &info), bad_height);
    fields = (struct h264_fields){.profile_idc = 66, .width_mbs_minus1 = 4095};
    CHECK_STATUS(parse_h264_fields(&fields, &info), bad_width);
    fields.crop[0] = 1;
    CHECK_STATUS(parse_h264_fields(&fields, &info), KVS_STATUS_SUCCESS);
    CHECK_EQ(info.width, 65534);
    fields = (struct h264_fields){.profile_idc = 66, .height_map_units_minus1 = 0xFFFFFFFE};
    CHECK_STATUS(parse_h264_fields(&fields, &info), bad_height);
    /* All of it at once must not wrap around to something small. */
    fields = (struct h264_fields){.profile_idc = 66,
                                  .width_mbs_minus1 = 0x10000000,
                                  .height_map_units_minus1 = 0x10000000,
                                  .crop = {0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFE, 0xFFFFFFFE}};
    CHECK_STATUS(parse_h264_fields(&fields, &info), bad_width);
}

/* Lists that end early, at once and through the wrap at 256, and one that does not end. */
static void put_odd_scaling_matrix(struct bit_writer *writer) {
    put_bits(writer, 1, 1);
    put_bits(writer, 1, 1);
    put_se(writer, -8);
    put_bits(writer, 1, 1);
    put_se(writer, 127);
    put_se(writer, 121);
    put_bits(writer, 1, 1);
    put_se(writer, -128);
    put_se(writer, 127);
    put_se(writer, -7);
    put_bits(writer, 1, 1);
    put_se(writer, 127);
    put_se(writer, 120);
    put_se(writer, -128);
    put_se(writer, -128);
    for (int i = 4; i < 16; i++) {
        put_se(writer, i % 2 == 0 ? 3 : -3);
    }
    put_bits(writer, 0, 8);
}

static void put_scaling_delta_out_of_range(struct bit_writer *writer) {
    put_bits(writer, 1, 1);
    put_bits(writer, 1, 1);
    put_se(writer, 128);
}

KVS_TEST(scaling_lists_are_followed_by_their_running_value) {
    struct h264_fields fields = {.profile_idc = 244,
                                 .chroma_format_idc = 3,
                                 .width_mbs_minus1 = 9,
                                 .height_map_units_minus1 = 4,
                                 .put_scaling_matrix = put_odd_scaling_matrix};
    struct kvs_video_info info = {0};
    CHECK_STATUS(parse_h264_fields(&fields, &info), KVS_STATUS_SUCCESS);
    CHECK_EQ(info.width, 160);
    CHECK_EQ(info.height, 80);
    fields.put_scaling_matrix = put_scaling_delta_out_of_range;
    CHECK_STATUS(parse_h264_fields(&fields, &info), KVS_STATUS_MKV_INVALID_H264_H265_SPS_NALU);
}

/* Each list says its first scale against 8, ends at its second, and the next begins at 8 again. */
static void put_scaling_lists(struct bit_writer *writer, int count) {
    put_bits(writer, 1, 1);
    for (int i = 0; i < count; i++) {
        put_bits(writer, 1, 1);
        put_se(writer, i + 1);
        put_se(writer, -(8 + i + 1));
    }
}

static void put_eight_scaling_lists(struct bit_writer *writer) { put_scaling_lists(writer, 8); }

static void put_twelve_scaling_lists(struct bit_writer *writer) { put_scaling_lists(writer, 12); }

KVS_TEST(scaling_lists_are_twelve_where_chroma_is_as_large_as_luma_and_else_eight) {
    for (uint32_t chroma_format_idc = 0; chroma_format_idc <= 3; chroma_format_idc++) {
        struct h264_fields fields = {.profile_idc = 244,
                                     .chroma_format_idc = chroma_format_idc,
                                     .width_mbs_minus1 = 9,
                                     .height_map_units_minus1 = 4,
                                     .put_scaling_matrix = chroma_format_idc == 3
                                                               ? put_twelve_scaling_lists
                                                               : put_eight_scaling_lists};
        struct kvs_video_info info = {0};
        CHECK_STATUS(parse_h264_fields(&fields, &info), KVS_STATUS_SUCCESS);
        CHECK_EQ(info.width, 160);
        CHECK_EQ(info.height, 80);
    }
}

static void put_h265_sps(struct bit_writer *writer, int sub_layers, uint32_t chroma_format_idc,
                         uint32_t width, uint32_t height, uint32_t crop) {
    put_bits(writer, 0, 4);
    put_bits(writer, (uint64_t)sub_layers - 1, 3);
    put_bits(writer, 1, 1);
    put_bits(writer, 1 << 6 | 1 << 5 | 2, 8); /* profile space 1, high tier, profile 2 */
    put_bits(writer, 0x20000000, 32);
    put_bits(writer, 0x800000000001, 48);
    put_bits(writer, 153, 8);
    for (int i = 1; i < sub_layers; i++) {
        put_bits(writer, 3, 2);
    }
    put_bits(writer, 0, sub_layers > 1 ? 2 * (9 - sub_layers) : 0);
    for (int i = 1; i < sub_layers; i++) {
        put_bits(writer, 0x5A5A5A5A5A5A, 48);
        put_bits(writer, 0x5A5A5A5A5A5A, 48);
    }
    put_ue(writer, 0);
    put_ue(writer, chroma_format_idc);
    put_bits(writer, 0, chroma_format_idc == 3 ? 1 : 0);
    put_ue(writer, width);
    put_ue(writer, height);
    put_bits(writer, 1, 1);
    for (int i = 0; i < 4; i++) {
        put_ue(writer, crop);
    }
    put_ue(writer, 2);
    put_ue(writer, 4);
}

static kvs_status parse_h265_fields(int sub_layers, uint32_t chroma_format_idc, uint32_t width,
                                    uint32_t crop, struct kvs_video_info *info) {
    struct bit_writer writer = {{0}, 0, {0}};
    put_h265_sps(&writer, sub_layers, chroma_format_idc, width, 1000, crop);
    return kvs_h265_parse_sps(finish_nal(&writer, "\x42\x01", 2), info);
}

KVS_TEST(sub_layers_with_profiles_of_their_own_are_passed_over) {
    for (int sub_layers = 1; sub_layers <= 7; sub_layers++) {
        struct kvs_video_info info = {0};
        CHECK_STATUS(parse_h265_fields(sub_layers, 2, 2000, 3, &info), KVS_STATUS_SUCCESS);
        CHECK_EQ(info.temporal_layers, sub_layers);
        CHECK_EQ(info.width, 2000 - 2 * 2 * 3);
        CHECK_EQ(info.height, 1000 - 2 * 3);
        CHECK_EQ(info.profile_space, 1);
        CHECK_EQ(info.tier, 1);
        CHECK_EQ(info.profile_idc, 2);
        CHECK_EQ(info.constraint_flags, 0x800000000001);
        CHECK_EQ(info.bit_depth_luma, 10);
        CHECK_EQ(info.bit_depth_chroma, 12);
        /* Nothing follows the bit depths, which only costs the hint on segmentation. */
        CHECK_EQ(info.min_spatial_segmentation_idc, 0);
    }
}

KVS_TEST(values_that_h265_does_not_have_are_refused) {
    struct kvs_video_info info = {0};
    CHECK_STATUS(parse_h265_fields(8, 1, 2000, 0, &info),
                 KVS_STATUS_MKV_INVALID_H264_H265_SPS_NALU);
    CHECK_STATUS(parse_h265_fields(1, 4, 2000, 0, &info),
                 KVS_STATUS_MKV_INVALID_HEVC_SPS_CHROMA_FORMAT_IDC);
    CHECK_STATUS(parse_h265_fields(1, 1, 0, 0, &info), KVS_STATUS_MKV_INVALID_H264_H265_SPS_WIDTH);
    CHECK_STATUS(parse_h265_fields(1, 1, 65536, 0, &info),
                 KVS_STATUS_MKV_INVALID_H264_H265_SPS_WIDTH);
    CHECK_STATUS(parse_h265_fields(1, 0, 65535, 500, &info),
                 KVS_STATUS_MKV_INVALID_H264_H265_SPS_HEIGHT);
    CHECK_STATUS(parse_h265_fields(1, 1, 2000, 0xFFFFFFFE, &info),
                 KVS_STATUS_MKV_INVALID_H264_H265_SPS_WIDTH);
}

int main(void) {
    RUN(sets_of_real_encoders_say_what_the_encoder_was_told);
    RUN(a_set_cut_short_is_refused_or_keeps_its_size);
    RUN(other_nal_units_and_missing_arguments_are_refused);
    RUN(cropping_counts_in_chroma_samples_and_in_pairs_of_lines_of_fields);
    RUN(emulation_prevention_inside_the_size_is_undone);
    RUN(sizes_that_cannot_be_are_refused);
    RUN(scaling_lists_are_followed_by_their_running_value);
    RUN(scaling_lists_are_twelve_where_chroma_is_as_large_as_luma_and_else_eight);
    RUN(sub_layers_with_profiles_of_their_own_are_passed_over);
    RUN(values_that_h265_does_not_have_are_refused);
    return kvs_test_report();
}
