/* Sequence parameter sets of H.265 (ITU-T H.265, clauses 7.3.2.2 and 7.3.3). */
#include "h265.h"
#include "picture.h"

#define MAX_BIT_DEPTH_MINUS8 8
#define MAX_SPS_ID 15
#define PROFILE_BITS 88
#define LEVEL_BITS 8

struct kvs__bit_reader kvs__h265_payload(struct kvs_span nal) {
    return kvs__bit_reader_of_nal(
        kvs_span_of(nal.data + KVS_H265_NAL_HEADER_BYTES, nal.len - KVS_H265_NAL_HEADER_BYTES));
}

static void skip_sub_layers(struct kvs__bit_reader *reader, uint32_t max_sub_layers) {
    bool has_profile[KVS_H265_MAX_SUB_LAYERS] = {false};
    bool has_level[KVS_H265_MAX_SUB_LAYERS] = {false};
    /* The highest sub-layer is described by the general part. */
    uint32_t described = max_sub_layers - 1;
    if (described == 0) {
        return;
    }
    for (uint32_t i = 0; i < described; i++) {
        has_profile[i] = kvs__read_flag(reader);
        has_level[i] = kvs__read_flag(reader);
    }
    kvs__skip_bits(reader, 2 * (8 - described)); /* reserved_zero_2bits */
    for (uint32_t i = 0; i < described; i++) {
        kvs__skip_bits(reader, has_profile[i] ? PROFILE_BITS : 0);
        kvs__skip_bits(reader, has_level[i] ? LEVEL_BITS : 0);
    }
}

void kvs__h265_read_profile_tier_level(struct kvs__bit_reader *reader, uint32_t max_sub_layers,
                                       struct kvs_video_info *info) {
    info->profile_space = (uint8_t)kvs__read_bits(reader, 2);
    info->tier = (uint8_t)kvs__read_bits(reader, 1);
    info->profile_idc = (uint8_t)kvs__read_bits(reader, 5);
    info->profile_compatibility_flags = kvs__read_bits(reader, 32);
    info->constraint_flags = (uint64_t)kvs__read_bits(reader, 16) << 32;
    info->constraint_flags |= kvs__read_bits(reader, 32);
    info->level_idc = (uint8_t)kvs__read_bits(reader, 8);
    skip_sub_layers(reader, max_sub_layers);
}

static void read_picture(struct kvs__bit_reader *reader, uint8_t chroma_format_idc,
                         struct kvs__picture *picture) {
    bool separate_planes = chroma_format_idc == 3 && kvs__read_flag(reader);
    uint8_t chroma_array_type = separate_planes ? 0 : chroma_format_idc;
    picture->coded_width = kvs__read_ue(reader);
    picture->coded_height = kvs__read_ue(reader);
    picture->unit_x = kvs__chroma_sub_width(chroma_array_type);
    picture->unit_y = kvs__chroma_sub_height(chroma_array_type);
    if (kvs__read_flag(reader)) {
        kvs__read_cropping(reader, picture); /* conf_win_…_offset */
    }
}

kvs_status kvs_h265_parse_sps(struct kvs_span nal, struct kvs_video_info *info) {
    if (nal.data == NULL || info == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    if (!kvs__h265_is_base_layer(nal) || kvs__h265_nal_type(nal) != KVS_H265_NAL_SPS) {
        return KVS_STATUS_MKV_INVALID_H264_H265_SPS_NALU;
    }
    struct kvs_video_info found = {0};
    struct kvs__picture picture = {0};
    struct kvs__bit_reader reader = kvs__h265_payload(nal);
    kvs__skip_bits(&reader, 4); /* sps_video_parameter_set_id */
    uint32_t max_sub_layers = kvs__read_bits(&reader, 3) + 1;
    if (max_sub_layers > KVS_H265_MAX_SUB_LAYERS) {
        return KVS_STATUS_MKV_INVALID_H264_H265_SPS_NALU;
    }
    found.temporal_layers = (uint8_t)max_sub_layers;
    found.temporal_id_nested = kvs__read_flag(&reader);
    kvs__h265_read_profile_tier_level(&reader, max_sub_layers, &found);
    kvs__read_ue_max(&reader, MAX_SPS_ID);
    uint32_t chroma_format_idc = kvs__read_ue(&reader);
    if (!reader.failed && chroma_format_idc > 3) {
        return KVS_STATUS_MKV_INVALID_HEVC_SPS_CHROMA_FORMAT_IDC;
    }
    found.chroma_format_idc = (uint8_t)chroma_format_idc;
    read_picture(&reader, found.chroma_format_idc, &picture);
    found.bit_depth_luma = (uint8_t)(8 + kvs__read_ue_max(&reader, MAX_BIT_DEPTH_MINUS8));
    found.bit_depth_chroma = (uint8_t)(8 + kvs__read_ue_max(&reader, MAX_BIT_DEPTH_MINUS8));
    if (reader.failed) {
        return KVS_STATUS_MKV_INVALID_H264_H265_SPS_NALU;
    }
    kvs_status status = kvs__picture_size(&picture, &found.width, &found.height);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    kvs__h265_read_sps_tail(&reader, max_sub_layers, &found);
    *info = found;
    return KVS_STATUS_SUCCESS;
}
