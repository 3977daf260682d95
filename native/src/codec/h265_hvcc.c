/* HEVCDecoderConfigurationRecord (ISO/IEC 14496-15, clause 8.3.3). */
#include "h265.h"
#include "kvs/nal.h"
#include "record.h"

#define RECORD_VERSION 1
/* Everything before numOfArrays. */
#define FIXED_PART_BYTES 22
#define MAX_SETS_OF_A_TYPE UINT16_MAX

/* The arrays of a record, in their order. */
static const uint8_t array_types[] = {KVS_H265_NAL_VPS, KVS_H265_NAL_SPS, KVS_H265_NAL_PPS,
                                      KVS_H265_NAL_PREFIX_SEI, KVS_H265_NAL_SUFFIX_SEI};
enum array { ARRAY_VPS, ARRAY_SPS, ARRAY_PPS, ARRAY_PREFIX_SEI, ARRAY_SUFFIX_SEI, ARRAY_COUNT };

/* parallelismType: what a decoder can work on at the same time. */
enum parallelism {
    PARALLELISM_UNKNOWN = 0,
    PARALLELISM_SLICES = 1,
    PARALLELISM_TILES = 2,
    PARALLELISM_WAVEFRONTS = 3
};

/* What the record says about all parameter sets together. */
struct summary {
    struct kvs_video_info info;
    bool has_profile, has_sps, has_parallelism;
    enum parallelism parallelism;
    uint32_t counts[ARRAY_COUNT];
    bool too_long;
};

/* ARRAY_COUNT for a NAL unit that no array holds. */
static enum array array_of(struct kvs_span nal, bool with_sei) {
    uint32_t arrays = with_sei ? ARRAY_COUNT : ARRAY_PREFIX_SEI;
    for (uint32_t i = 0; kvs__h265_is_base_layer(nal) && i < arrays; i++) {
        if (array_types[i] == kvs__h265_nal_type(nal)) {
            return (enum array)i;
        }
    }
    return ARRAY_COUNT;
}

/* A decoder has to cope with the highest profile, tier and level, and only what all share is sure.
 */
static void merge_profile(struct summary *summary, const struct kvs_video_info *info) {
    struct kvs_video_info *all = &summary->info;
    if (!summary->has_profile) {
        *all = *info;
        summary->has_profile = true;
        return;
    }
    if (info->tier > all->tier || (info->tier == all->tier && info->level_idc > all->level_idc)) {
        all->level_idc = info->level_idc;
        all->tier = info->tier;
    }
    all->profile_space = info->profile_space;
    all->profile_idc = info->profile_idc > all->profile_idc ? info->profile_idc : all->profile_idc;
    all->profile_compatibility_flags &= info->profile_compatibility_flags;
    all->constraint_flags &= info->constraint_flags;
    if (info->temporal_layers > all->temporal_layers) {
        all->temporal_layers = info->temporal_layers;
    }
}

/* Clause 7.3.2.1 of ITU-T H.265. */
static kvs_status add_vps(struct summary *summary, struct kvs_span nal) {
    struct kvs_video_info info = {0};
    struct kvs__bit_reader reader = kvs__h265_payload(nal);
    kvs__skip_bits(&reader, 4 + 2 + 6); /* identity and layers */
    uint32_t max_sub_layers = kvs__read_bits(&reader, 3) + 1;
    if (max_sub_layers > KVS_H265_MAX_SUB_LAYERS) {
        return KVS_STATUS_MKV_INVALID_ANNEXB_CPD_NALUS;
    }
    info.temporal_layers = (uint8_t)max_sub_layers;
    kvs__skip_bits(&reader, 1 + 16); /* vps_temporal_id_nesting_flag, vps_reserved_0xffff_16bits */
    kvs__h265_read_profile_tier_level(&reader, max_sub_layers, &info);
    if (reader.failed) {
        return KVS_STATUS_MKV_INVALID_ANNEXB_CPD_NALUS;
    }
    merge_profile(summary, &info);
    return KVS_STATUS_SUCCESS;
}

static kvs_status add_sps(struct summary *summary, struct kvs_span nal) {
    struct kvs_video_info info;
    kvs_status status = kvs_h265_parse_sps(nal, &info);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    merge_profile(summary, &info);
    struct kvs_video_info *all = &summary->info;
    all->chroma_format_idc = info.chroma_format_idc;
    all->bit_depth_luma = info.bit_depth_luma;
    all->bit_depth_chroma = info.bit_depth_chroma;
    all->temporal_id_nested = info.temporal_id_nested;
    if (!summary->has_sps ||
        info.min_spatial_segmentation_idc < all->min_spatial_segmentation_idc) {
        all->min_spatial_segmentation_idc = info.min_spatial_segmentation_idc;
    }
    summary->has_sps = true;
    return KVS_STATUS_SUCCESS;
}

/* Clause 7.3.2.3.1 of ITU-T H.265. A PPS that cannot be read only leaves the kind unknown. */
static void add_pps(struct summary *summary, struct kvs_span nal) {
    struct kvs__bit_reader reader = kvs__h265_payload(nal);
    kvs__skip_golomb(&reader, 2);       /* pps_pic_parameter_set_id, its SPS */
    kvs__skip_bits(&reader, 2 + 3 + 2); /* slice header and residual flags */
    kvs__skip_golomb(&reader, 3);       /* default reference counts, init_qp_minus26 */
    kvs__skip_bits(&reader, 2);         /* constrained_intra_pred_flag, transform_skip_… */
    if (kvs__read_flag(&reader)) {
        kvs__skip_golomb(&reader, 1); /* diff_cu_qp_delta_depth */
    }
    kvs__skip_golomb(&reader, 2);              /* pps_cb_qp_offset, pps_cr_qp_offset */
    kvs__skip_bits(&reader, 4);                /* offsets, weighted prediction, lossless */
    bool tiles = kvs__read_flag(&reader);      /* tiles_enabled_flag */
    bool wavefronts = kvs__read_flag(&reader); /* entropy_coding_sync_enabled_flag */
    enum parallelism found = tiles ? PARALLELISM_TILES : PARALLELISM_SLICES;
    found = wavefronts ? PARALLELISM_WAVEFRONTS : found;
    bool mixed =
        (tiles && wavefronts) || (summary->has_parallelism && summary->parallelism != found);
    summary->parallelism = mixed || reader.failed ? PARALLELISM_UNKNOWN : found;
    summary->has_parallelism = true;
}

static kvs_status collect(struct kvs_nal_reader reader, bool with_sei, struct summary *summary) {
    struct kvs_span nal;
    while (kvs_nal_reader_next(&reader, &nal)) {
        enum array array = array_of(nal, with_sei);
        if (array == ARRAY_COUNT) {
            continue;
        }
        kvs_status status = KVS_STATUS_SUCCESS;
        if (array == ARRAY_VPS) {
            status = add_vps(summary, nal);
        } else if (array == ARRAY_SPS) {
            status = add_sps(summary, nal);
        } else if (array == ARRAY_PPS) {
            add_pps(summary, nal);
        }
        if (status != KVS_STATUS_SUCCESS) {
            return status;
        }
        summary->counts[array]++;
        summary->too_long = summary->too_long || nal.len > KVS_RECORD_MAX_SET_BYTES ||
                            summary->counts[array] > MAX_SETS_OF_A_TYPE;
    }
    if (reader.malformed) {
        return KVS_STATUS_MKV_INVALID_ANNEXB_NALU_IN_CPD;
    }
    if (summary->counts[ARRAY_VPS] == 0 || summary->counts[ARRAY_SPS] == 0 ||
        summary->counts[ARRAY_PPS] == 0) {
        return KVS_STATUS_MKV_ANNEXB_CPD_MISSING_NALUS;
    }
    return summary->too_long ? KVS_STATUS_MKV_INVALID_ANNEXB_CPD_NALUS : KVS_STATUS_SUCCESS;
}

/* FIXED_PART_BYTES of them. */
static void put_fixed_part(struct kvs__record_writer *writer, const struct summary *summary) {
    const struct kvs_video_info *info = &summary->info;
    uint32_t segmentation = info->min_spatial_segmentation_idc;
    /* The kind of parallelism is only meaningful together with a segmentation. */
    uint32_t parallelism = segmentation != 0 ? (uint32_t)summary->parallelism : 0;
    kvs__record_put(writer, RECORD_VERSION, 1);
    kvs__record_put(writer,
                    (uint64_t)info->profile_space << 6 | info->tier << 5 | info->profile_idc, 1);
    kvs__record_put(writer, info->profile_compatibility_flags, 4);
    kvs__record_put(writer, info->constraint_flags, 6);
    kvs__record_put(writer, info->level_idc, 1);
    kvs__record_put(writer, 0xF000 | segmentation, 2);
    kvs__record_put(writer, 0xFC | parallelism, 1);
    kvs__record_put(writer, 0xFC | (uint64_t)info->chroma_format_idc, 1);
    kvs__record_put(writer, 0xF8 | (uint64_t)(info->bit_depth_luma - 8), 1);
    kvs__record_put(writer, 0xF8 | (uint64_t)(info->bit_depth_chroma - 8), 1);
    kvs__record_put(writer, 0, 2); /* avgFrameRate: not known */
    /* constantFrameRate: not known; numTemporalLayers, temporalIdNested, lengthSizeMinusOne */
    kvs__record_put(writer,
                    (uint64_t)info->temporal_layers << 3 | info->temporal_id_nested << 2 |
                        (KVS_NAL_LENGTH_BYTES - 1),
                    1);
}

static void put_array(struct kvs__record_writer *writer, struct kvs_nal_reader reader,
                      enum array array, uint32_t count) {
    /* array_completeness stays 0: more sets may come inside the stream. */
    kvs__record_put(writer, array_types[array], 1);
    kvs__record_put(writer, count, 2);
    struct kvs_span nal;
    while (kvs_nal_reader_next(&reader, &nal)) {
        if (array_of(nal, true) == array) {
            kvs__record_put_set(writer, nal);
        }
    }
}

kvs_status kvs__h265_build_hvcc(struct kvs_nal_reader units, bool with_sei, uint8_t *out,
                                size_t capacity, size_t *written) {
    if (units.bytes.data == NULL || out == NULL || written == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    struct summary summary = {0};
    kvs_status status = collect(units, with_sei, &summary);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    uint32_t arrays = 0;
    for (uint32_t i = 0; i < ARRAY_COUNT; i++) {
        arrays += summary.counts[i] != 0;
    }
    struct kvs__record_writer writer = {out, capacity, 0};
    put_fixed_part(&writer, &summary);
    kvs__record_put(&writer, arrays, 1);
    for (uint32_t i = 0; i < ARRAY_COUNT; i++) {
        if (summary.counts[i] != 0) {
            put_array(&writer, units, (enum array)i, summary.counts[i]);
        }
    }
    if (writer.len > capacity) {
        return KVS_STATUS_BUFFER_TOO_SMALL;
    }
    *written = writer.len;
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_h265_hvcc_from_annexb(struct kvs_span parameter_sets, uint8_t *out, size_t capacity,
                                     size_t *written) {
    return kvs__h265_build_hvcc(kvs_nal_reader_annexb(parameter_sets), true, out, capacity,
                                written);
}

kvs_status kvs__h265_hvcc_sps(struct kvs_span record, struct kvs_span *sps) {
    struct kvs__record_reader reader = {record, 0, false};
    uint32_t version = kvs__record_get(&reader, 1);
    kvs__record_get_bytes(&reader, FIXED_PART_BYTES - 1);
    uint32_t arrays = kvs__record_get(&reader, 1);
    struct kvs_span first = kvs_span_of(NULL, 0);
    for (uint32_t i = 0; i < arrays; i++) {
        uint32_t type = kvs__record_get(&reader, 1) & 0x3F;
        uint32_t count = kvs__record_get(&reader, 2);
        for (uint32_t j = 0; j < count && !reader.failed; j++) {
            struct kvs_span set = kvs__record_get_set(&reader);
            if (type == KVS_H265_NAL_SPS && first.len == 0) {
                first = set;
            }
        }
    }
    if (reader.failed || version != RECORD_VERSION) {
        return KVS_STATUS_MKV_INVALID_H264_H265_CPD;
    }
    *sps = first;
    return KVS_STATUS_SUCCESS;
}
