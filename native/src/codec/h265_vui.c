/* Video usability information of H.265 (ITU-T H.265, clauses E.2.1 to E.2.3). */
#include "h265.h"

#define EXTENDED_SAR 255
#define MAX_CPB_COUNT_MINUS1 31
#define MAX_MIN_SPATIAL_SEGMENTATION_IDC 4095

struct hrd {
    bool nal, vcl, sub_pictures;
};

static void skip_sub_layer_hrd(struct kvs__bit_reader *reader, uint32_t cpb_count,
                               bool sub_pictures) {
    for (uint32_t i = 0; i < cpb_count && !reader->failed; i++) {
        kvs__skip_golomb(reader, sub_pictures ? 4 : 2); /* bit rates and buffer sizes */
        kvs__skip_bits(reader, 1);                      /* cbr_flag */
    }
}

static struct hrd read_hrd_common(struct kvs__bit_reader *reader) {
    struct hrd hrd = {false, false, false};
    hrd.nal = kvs__read_flag(reader);
    hrd.vcl = kvs__read_flag(reader);
    if (hrd.nal || hrd.vcl) {
        hrd.sub_pictures = kvs__read_flag(reader);
        kvs__skip_bits(reader, hrd.sub_pictures ? 8 + 5 + 1 + 5 : 0); /* ticks and delays of them */
        kvs__skip_bits(reader, 4 + 4);                    /* bit_rate_scale, cpb_size_scale */
        kvs__skip_bits(reader, hrd.sub_pictures ? 4 : 0); /* cpb_size_du_scale */
        kvs__skip_bits(reader, 5 + 5 + 5);                /* lengths of delays */
    }
    return hrd;
}

static void skip_hrd(struct kvs__bit_reader *reader, uint32_t max_sub_layers) {
    struct hrd hrd = read_hrd_common(reader);
    for (uint32_t i = 0; i < max_sub_layers && !reader->failed; i++) {
        bool fixed_rate_general = kvs__read_flag(reader);
        bool fixed_rate_in_sequence = fixed_rate_general || kvs__read_flag(reader);
        bool low_delay = false;
        if (fixed_rate_in_sequence) {
            kvs__skip_golomb(reader, 1); /* elemental_duration_in_tc_minus1 */
        } else {
            low_delay = kvs__read_flag(reader);
        }
        uint32_t cpb_count = 1;
        if (!low_delay) {
            cpb_count += kvs__read_ue_max(reader, MAX_CPB_COUNT_MINUS1);
        }
        skip_sub_layer_hrd(reader, hrd.nal ? cpb_count : 0, hrd.sub_pictures);
        skip_sub_layer_hrd(reader, hrd.vcl ? cpb_count : 0, hrd.sub_pictures);
    }
}

static void skip_sample_description(struct kvs__bit_reader *reader) {
    if (kvs__read_flag(reader) && kvs__read_bits(reader, 8) == EXTENDED_SAR) {
        kvs__skip_bits(reader, 16 + 16); /* sar_width, sar_height */
    }
    if (kvs__read_flag(reader)) {
        kvs__skip_bits(reader, 1); /* overscan_appropriate_flag */
    }
    if (kvs__read_flag(reader)) {
        kvs__skip_bits(reader, 3 + 1); /* video_format, video_full_range_flag */
        kvs__skip_bits(reader, kvs__read_flag(reader) ? 8 + 8 + 8 : 0); /* colour description */
    }
    if (kvs__read_flag(reader)) {
        kvs__skip_golomb(reader, 2); /* chroma_sample_loc_type_top_field, …_bottom_field */
    }
}

static void skip_timing(struct kvs__bit_reader *reader, uint32_t max_sub_layers) {
    kvs__skip_bits(reader, 32 + 32); /* vui_num_units_in_tick, vui_time_scale */
    if (kvs__read_flag(reader)) {
        kvs__skip_golomb(reader, 1); /* vui_num_ticks_poc_diff_one_minus1 */
    }
    if (kvs__read_flag(reader)) {
        skip_hrd(reader, max_sub_layers);
    }
}

void kvs__h265_read_vui(struct kvs__bit_reader *reader, uint32_t max_sub_layers,
                        struct kvs_video_info *info) {
    skip_sample_description(reader);
    kvs__skip_bits(reader, 3); /* neutral_chroma_…, field_seq_flag, frame_field_info_present_flag */
    if (kvs__read_flag(reader)) {
        kvs__skip_golomb(reader, 4); /* default display window */
    }
    if (kvs__read_flag(reader)) {
        skip_timing(reader, max_sub_layers);
    }
    if (kvs__read_flag(reader)) {
        kvs__skip_bits(reader, 3); /* flags on tiles, motion vectors and reference lists */
        uint32_t idc = kvs__read_ue_max(reader, MAX_MIN_SPATIAL_SEGMENTATION_IDC);
        info->min_spatial_segmentation_idc = reader->failed ? 0 : (uint16_t)idc;
    }
}
