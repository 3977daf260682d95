/*
 * The part of an H.265 SPS that stands between the bit depths and the VUI (ITU-T H.265, clauses
 * 7.3.2.2, 7.3.4 and 7.3.7). Nothing of it is kept: it has to be read only to get past it.
 */
#include "h265.h"

#define MAX_LOG2_ORDER_COUNT_MINUS4 12
#define MAX_REFERENCE_PICTURE_SETS 64
#define MAX_LONG_TERM_PICTURES 32
#define MAX_PICTURES 16

static void skip_scaling_lists(struct kvs__bit_reader *reader) {
    for (uint32_t size_id = 0; size_id < 4; size_id++) {
        uint32_t matrix_step = size_id == 3 ? 3 : 1;
        uint32_t coefficients = size_id == 0 ? 16 : 64;
        for (uint32_t matrix_id = 0; matrix_id < 6; matrix_id += matrix_step) {
            bool explicit_list = kvs__read_flag(reader); /* scaling_list_pred_mode_flag */
            if (!explicit_list) {
                kvs__skip_golomb(reader, 1); /* scaling_list_pred_matrix_id_delta */
            } else {
                kvs__skip_golomb(reader, size_id > 1 ? coefficients + 1 : coefficients);
            }
        }
    }
}

/* Predicted from the set before, which has `reference_count` pictures; returns how many remain. */
static uint32_t skip_predicted_set(struct kvs__bit_reader *reader, uint32_t reference_count) {
    uint32_t count = 0;
    kvs__skip_bits(reader, 1);   /* delta_rps_sign */
    kvs__skip_golomb(reader, 1); /* abs_delta_rps_minus1 */
    for (uint32_t i = 0; i <= reference_count && !reader->failed; i++) {
        bool used = kvs__read_flag(reader);
        bool kept = used || kvs__read_flag(reader); /* use_delta_flag */
        count += kept;
    }
    return count;
}

static uint32_t skip_explicit_set(struct kvs__bit_reader *reader) {
    uint32_t count = kvs__read_ue_max(reader, MAX_PICTURES); /* num_negative_pics */
    count += kvs__read_ue_max(reader, MAX_PICTURES);         /* num_positive_pics */
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        kvs__skip_golomb(reader, 1); /* delta_poc_s0_minus1, delta_poc_s1_minus1 */
        kvs__skip_bits(reader, 1);   /* used_by_curr_pic_s0_flag, used_by_curr_pic_s1_flag */
    }
    return count;
}

static void skip_short_term_sets(struct kvs__bit_reader *reader) {
    uint32_t sets = kvs__read_ue_max(reader, MAX_REFERENCE_PICTURE_SETS);
    uint32_t count = 0;
    for (uint32_t i = 0; i < sets && !reader->failed; i++) {
        bool predicted = i != 0 && kvs__read_flag(reader); /* inter_ref_pic_set_prediction_flag */
        count = predicted ? skip_predicted_set(reader, count) : skip_explicit_set(reader);
    }
}

static void skip_long_term_pictures(struct kvs__bit_reader *reader, uint32_t order_count_bits) {
    uint32_t count = kvs__read_ue_max(reader, MAX_LONG_TERM_PICTURES);
    /* lt_ref_pic_poc_lsb_sps and used_by_curr_pic_lt_sps_flag */
    kvs__skip_bits(reader, count * (order_count_bits + 1));
}

static void skip_pcm(struct kvs__bit_reader *reader) {
    kvs__skip_bits(reader, 4 + 4); /* pcm_sample_bit_depth_luma_minus1, …_chroma_minus1 */
    kvs__skip_golomb(reader, 2);   /* log2_min_pcm_luma_coding_block_size_minus3, its difference */
    kvs__skip_bits(reader, 1);     /* pcm_loop_filter_disabled_flag */
}

void kvs__h265_read_sps_tail(struct kvs__bit_reader *reader, uint32_t max_sub_layers,
                             struct kvs_video_info *info) {
    uint32_t order_count_bits = 4 + kvs__read_ue_max(reader, MAX_LOG2_ORDER_COUNT_MINUS4);
    bool each_sub_layer = kvs__read_flag(reader); /* sps_sub_layer_ordering_info_present_flag */
    kvs__skip_golomb(reader, 3 * (each_sub_layer ? max_sub_layers : 1));
    kvs__skip_golomb(reader, 6); /* sizes of coding and transform blocks, hierarchy depths */
    /* scaling_list_enabled_flag, sps_scaling_list_data_present_flag */
    if (kvs__read_flag(reader) && kvs__read_flag(reader)) {
        skip_scaling_lists(reader);
    }
    kvs__skip_bits(reader, 2); /* amp_enabled_flag, sample_adaptive_offset_enabled_flag */
    if (kvs__read_flag(reader)) {
        skip_pcm(reader);
    }
    skip_short_term_sets(reader);
    if (kvs__read_flag(reader)) { /* long_term_ref_pics_present_flag */
        skip_long_term_pictures(reader, order_count_bits);
    }
    kvs__skip_bits(reader, 2); /* sps_temporal_mvp_…, strong_intra_smoothing_enabled_flag */
    if (kvs__read_flag(reader)) {
        kvs__h265_read_vui(reader, max_sub_layers, info);
    }
}
