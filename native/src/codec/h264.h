/* NAL units of H.264 (ITU-T H.264, clause 7.3.1 and Table 7-1). */
#ifndef KVS_CODEC_H264_H
#define KVS_CODEC_H264_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kvs/codec.h"
#include "kvs/nal.h"

#define KVS_H264_NAL_HEADER_BYTES 1

enum kvs__h264_nal_type {
    KVS_H264_NAL_SLICE = 1,
    KVS_H264_NAL_IDR_SLICE = 5,
    KVS_H264_NAL_SPS = 7,
    KVS_H264_NAL_PPS = 8,
    KVS_H264_NAL_SPS_EXTENSION = 13
};

/* nal_unit_type of a NAL unit that is not empty. */
static inline uint8_t kvs__h264_nal_type(struct kvs_span nal) { return nal.data[0] & 0x1F; }

/* Whether it is part of a coded picture: a slice or a data partition of one. */
static inline bool kvs__h264_is_vcl(struct kvs_span nal) {
    uint8_t type = kvs__h264_nal_type(nal);
    return type >= KVS_H264_NAL_SLICE && type <= KVS_H264_NAL_IDR_SLICE;
}

/* kvs_h264_avcc_from_annexb for either framing: `units` is a reader at the first NAL unit. */
kvs_status kvs__h264_build_avcc(struct kvs_nal_reader units, uint8_t *out, size_t capacity,
                                size_t *written);

/*
 * The first SPS of an AVCDecoderConfigurationRecord; an empty span when it has none.
 * Errors: KVS_STATUS_MKV_INVALID_H264_H265_CPD when it is no complete record.
 */
kvs_status kvs__h264_avcc_sps(struct kvs_span record, struct kvs_span *sps);

#endif
