/* Sequence parameter sets of H.264 (ITU-T H.264, clause 7.3.2.1.1). */
#include "h264.h"
#include "picture.h"

#define MAX_BIT_DEPTH_MINUS8 6
#define MAX_SPS_ID 31

/* Profiles whose SPS says how chroma is coded; the others are 4:2:0 with 8 bits. */
static bool has_chroma_format(uint8_t profile_idc) {
    static const uint8_t profiles[] = {44,  83,  86,  100, 110, 118, 122,
                                       128, 134, 135, 138, 139, 244};
    for (size_t i = 0; i < sizeof(profiles); i++) {
        if (profiles[i] == profile_idc) {
            return true;
        }
    }
    return false;
}

/* Clause 7.3.2.1.1.1; nothing more is coded once the next scale is 0. */
static void skip_scaling_list(struct kvs__bit_reader *reader, uint32_t size) {
    int32_t scale = 8;
    for (uint32_t i = 0; i < size && scale != 0 && !reader->failed; i++) {
        int32_t delta = kvs__read_se(reader);
        if (delta < -128 || delta > 127) {
            reader->failed = true;
            return;
        }
        scale = (scale + delta + 256) % 256;
    }
}

/* Six lists of 4x4, then those of 8x8: two, or six where chroma is as large as luma. */
static void skip_scaling_matrix(struct kvs__bit_reader *reader, uint8_t chroma_format_idc) {
    uint32_t lists = chroma_format_idc == 3 ? 12 : 8;
    for (uint32_t i = 0; i < lists; i++) {
        if (kvs__read_flag(reader)) {
            skip_scaling_list(reader, i < 6 ? 16 : 64);
        }
    }
}

/* Returns ChromaArrayType: 0 also where the colour planes are coded like monochrome pictures. */
static uint8_t read_chroma_format(struct kvs__bit_reader *reader, struct kvs_video_info *info) {
    info->chroma_format_idc = (uint8_t)kvs__read_ue_max(reader, 3);
    bool separate_planes = info->chroma_format_idc == 3 && kvs__read_flag(reader);
    info->bit_depth_luma = (uint8_t)(8 + kvs__read_ue_max(reader, MAX_BIT_DEPTH_MINUS8));
    info->bit_depth_chroma = (uint8_t)(8 + kvs__read_ue_max(reader, MAX_BIT_DEPTH_MINUS8));
    kvs__skip_bits(reader, 1); /* qpprime_y_zero_transform_bypass_flag */
    if (kvs__read_flag(reader)) {
        skip_scaling_matrix(reader, info->chroma_format_idc);
    }
    return separate_planes ? 0 : info->chroma_format_idc;
}

static void skip_order_count(struct kvs__bit_reader *reader) {
    uint32_t type = kvs__read_ue_max(reader, 2);
    if (type == 0) {
        kvs__skip_golomb(reader, 1); /* log2_max_pic_order_cnt_lsb_minus4 */
    } else if (type == 1) {
        kvs__skip_bits(reader, 1);   /* delta_pic_order_always_zero_flag */
        kvs__skip_golomb(reader, 2); /* offset_for_non_ref_pic, offset_for_top_to_bottom_field */
        kvs__skip_golomb(reader, kvs__read_ue_max(reader, 255)); /* offset_for_ref_frame */
    }
}

static void read_picture(struct kvs__bit_reader *reader, uint8_t chroma_array_type,
                         struct kvs__picture *picture) {
    picture->coded_width = ((uint64_t)kvs__read_ue(reader) + 1) * 16;
    uint64_t map_units = (uint64_t)kvs__read_ue(reader) + 1;
    bool frames_only = kvs__read_flag(reader);
    if (!frames_only) {
        kvs__skip_bits(reader, 1); /* mb_adaptive_frame_field_flag */
    }
    /* A map unit is half as high as a pair of field macroblocks. */
    uint32_t fields = frames_only ? 1 : 2;
    picture->coded_height = map_units * 16 * fields;
    picture->unit_x = kvs__chroma_sub_width(chroma_array_type);
    picture->unit_y = kvs__chroma_sub_height(chroma_array_type) * fields;
    kvs__skip_bits(reader, 1); /* direct_8x8_inference_flag */
    if (kvs__read_flag(reader)) {
        kvs__read_cropping(reader, picture);
    }
}

kvs_status kvs_h264_parse_sps(struct kvs_span nal, struct kvs_video_info *info) {
    if (nal.data == NULL || info == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    if (nal.len <= KVS_H264_NAL_HEADER_BYTES || kvs__h264_nal_type(nal) != KVS_H264_NAL_SPS) {
        return KVS_STATUS_MKV_INVALID_H264_H265_SPS_NALU;
    }
    struct kvs_video_info found = {0};
    struct kvs__picture picture = {0};
    struct kvs__bit_reader reader = kvs__bit_reader_of_nal(
        kvs_span_of(nal.data + KVS_H264_NAL_HEADER_BYTES, nal.len - KVS_H264_NAL_HEADER_BYTES));
    found.profile_idc = (uint8_t)kvs__read_bits(&reader, 8);
    found.constraint_flags = kvs__read_bits(&reader, 8);
    found.level_idc = (uint8_t)kvs__read_bits(&reader, 8);
    found.chroma_format_idc = 1;
    found.bit_depth_luma = 8;
    found.bit_depth_chroma = 8;
    kvs__read_ue_max(&reader, MAX_SPS_ID);
    uint8_t chroma_array_type = 1;
    if (has_chroma_format(found.profile_idc)) {
        chroma_array_type = read_chroma_format(&reader, &found);
    }
    kvs__skip_golomb(&reader, 1); /* log2_max_frame_num_minus4 */
    skip_order_count(&reader);
    kvs__skip_golomb(&reader, 1); /* max_num_ref_frames */
    kvs__skip_bits(&reader, 1);   /* gaps_in_frame_num_value_allowed_flag */
    read_picture(&reader, chroma_array_type, &picture);
    if (reader.failed) {
        return KVS_STATUS_MKV_INVALID_H264_H265_SPS_NALU;
    }
    kvs_status status = kvs__picture_size(&picture, &found.width, &found.height);
    if (status == KVS_STATUS_SUCCESS) {
        *info = found;
    }
    return status;
}
