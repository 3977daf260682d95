/* NAL units of H.265 (ITU-T H.265, clause 7.3.1 and Table 7-1) and what their headers share. */
#ifndef KVS_CODEC_H265_H
#define KVS_CODEC_H265_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bit_reader.h"
#include "kvs/codec.h"
#include "kvs/nal.h"

#define KVS_H265_NAL_HEADER_BYTES 2
#define KVS_H265_MAX_SUB_LAYERS 7

enum kvs__h265_nal_type {
    KVS_H265_NAL_FIRST_NON_VCL = 32,
    KVS_H265_NAL_VPS = 32,
    KVS_H265_NAL_SPS = 33,
    KVS_H265_NAL_PPS = 34,
    KVS_H265_NAL_PREFIX_SEI = 39,
    KVS_H265_NAL_SUFFIX_SEI = 40
};

/* nal_unit_type of a NAL unit that is not empty. */
static inline uint8_t kvs__h265_nal_type(struct kvs_span nal) { return (nal.data[0] >> 1) & 0x3F; }

/* Whether it is part of a coded picture. */
static inline bool kvs__h265_is_vcl(struct kvs_span nal) {
    return kvs__h265_nal_type(nal) < KVS_H265_NAL_FIRST_NON_VCL;
}

/* Whether it belongs to the layer that every decoder decodes; it has a whole header then. */
static inline bool kvs__h265_is_base_layer(struct kvs_span nal) {
    return nal.len > KVS_H265_NAL_HEADER_BYTES && (nal.data[0] & 1) == 0 && nal.data[1] >> 3 == 0;
}

/* A reader behind the header of a NAL unit. */
struct kvs__bit_reader kvs__h265_payload(struct kvs_span nal);

/* The general part of profile_tier_level() (clause 7.3.3); sub-layers are skipped. */
void kvs__h265_read_profile_tier_level(struct kvs__bit_reader *reader, uint32_t max_sub_layers,
                                       struct kvs_video_info *info);

/* The rest of an SPS behind the bit depths: sets info->min_spatial_segmentation_idc when it can. */
void kvs__h265_read_sps_tail(struct kvs__bit_reader *reader, uint32_t max_sub_layers,
                             struct kvs_video_info *info);

/* The VUI parameters (clause E.2.1). */
void kvs__h265_read_vui(struct kvs__bit_reader *reader, uint32_t max_sub_layers,
                        struct kvs_video_info *info);

/* kvs_h265_hvcc_from_annexb for either framing, with or without the SEI messages; `units` is a
 * reader at the first NAL unit. */
kvs_status kvs__h265_build_hvcc(struct kvs_nal_reader units, bool with_sei, uint8_t *out,
                                size_t capacity, size_t *written);

/*
 * The first SPS of an HEVCDecoderConfigurationRecord; an empty span when it has none.
 * Errors: KVS_STATUS_MKV_INVALID_H264_H265_CPD when it is no complete record.
 */
kvs_status kvs__h265_hvcc_sps(struct kvs_span record, struct kvs_span *sps);

#endif
