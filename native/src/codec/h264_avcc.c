/* AVCDecoderConfigurationRecord (ISO/IEC 14496-15, clause 5.3.3). */
#include "h264.h"
#include "kvs/nal.h"
#include "record.h"

#define MAX_SPS_COUNT 31
#define MAX_PPS_COUNT 255
#define MAX_EXTENSION_COUNT 255
/* Up to and including level_idc, which the record repeats. */
#define MIN_SPS_BYTES 4
#define RECORD_VERSION 1

struct parameter_sets {
    /* At the first NAL unit. */
    struct kvs_nal_reader units;
    struct kvs_span first_sps;
    uint32_t sps_count, pps_count, extension_count;
};

static kvs_status collect(struct kvs_nal_reader units, struct parameter_sets *sets) {
    struct kvs_nal_reader reader = units;
    struct kvs_span nal;
    bool too_long = false;
    while (kvs_nal_reader_next(&reader, &nal)) {
        uint8_t type = kvs__h264_nal_type(nal);
        if (type == KVS_H264_NAL_SPS && sets->sps_count++ == 0) {
            sets->first_sps = nal;
        }
        sets->pps_count += type == KVS_H264_NAL_PPS;
        sets->extension_count += type == KVS_H264_NAL_SPS_EXTENSION;
        bool used = type == KVS_H264_NAL_SPS || type == KVS_H264_NAL_PPS ||
                    type == KVS_H264_NAL_SPS_EXTENSION;
        too_long = too_long || (used && nal.len > KVS_RECORD_MAX_SET_BYTES);
    }
    if (reader.malformed) {
        return KVS_STATUS_MKV_INVALID_ANNEXB_NALU_IN_CPD;
    }
    if (sets->sps_count == 0 || sets->first_sps.len < MIN_SPS_BYTES) {
        return KVS_STATUS_MKV_MISSING_SPS_FROM_H264_CPD;
    }
    if (sets->pps_count == 0) {
        return KVS_STATUS_MKV_MISSING_PPS_FROM_H264_CPD;
    }
    if (too_long || sets->sps_count > MAX_SPS_COUNT || sets->pps_count > MAX_PPS_COUNT ||
        sets->extension_count > MAX_EXTENSION_COUNT) {
        return KVS_STATUS_MKV_INVALID_ANNEXB_CPD_NALUS;
    }
    sets->units = units;
    return KVS_STATUS_SUCCESS;
}

static void put_sets(struct kvs__record_writer *writer, struct kvs_nal_reader reader,
                     uint8_t type) {
    struct kvs_span nal;
    while (kvs_nal_reader_next(&reader, &nal)) {
        if (kvs__h264_nal_type(nal) == type) {
            kvs__record_put_set(writer, nal);
        }
    }
}

/* Baseline, Main and Extended are always 4:2:0 with 8 bits, so their record ends early. */
static bool has_chroma_fields(uint8_t profile_idc) {
    return profile_idc != 66 && profile_idc != 77 && profile_idc != 88;
}

static void put_chroma_fields(struct kvs__record_writer *writer, const struct kvs_video_info *info,
                              const struct parameter_sets *sets) {
    kvs__record_put(writer, 0xFC | (uint64_t)info->chroma_format_idc, 1);
    kvs__record_put(writer, 0xF8 | (uint64_t)(info->bit_depth_luma - 8), 1);
    kvs__record_put(writer, 0xF8 | (uint64_t)(info->bit_depth_chroma - 8), 1);
    kvs__record_put(writer, sets->extension_count, 1);
    put_sets(writer, sets->units, KVS_H264_NAL_SPS_EXTENSION);
}

kvs_status kvs__h264_build_avcc(struct kvs_nal_reader units, uint8_t *out, size_t capacity,
                                size_t *written) {
    if (units.bytes.data == NULL || out == NULL || written == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    struct parameter_sets sets = {0};
    kvs_status status = collect(units, &sets);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    struct kvs_video_info info = {0};
    const uint8_t *profile = sets.first_sps.data + KVS_H264_NAL_HEADER_BYTES;
    if (has_chroma_fields(profile[0])) {
        status = kvs_h264_parse_sps(sets.first_sps, &info);
        if (status != KVS_STATUS_SUCCESS) {
            return status;
        }
    }
    struct kvs__record_writer writer = {out, capacity, 0};
    kvs__record_put(&writer, RECORD_VERSION, 1);
    kvs__record_put(&writer, profile[0], 1);
    kvs__record_put(&writer, profile[1], 1);
    kvs__record_put(&writer, profile[2], 1);
    kvs__record_put(&writer, 0xFC | (KVS_NAL_LENGTH_BYTES - 1), 1);
    kvs__record_put(&writer, 0xE0 | (uint64_t)sets.sps_count, 1);
    put_sets(&writer, units, KVS_H264_NAL_SPS);
    kvs__record_put(&writer, sets.pps_count, 1);
    put_sets(&writer, units, KVS_H264_NAL_PPS);
    if (has_chroma_fields(profile[0])) {
        put_chroma_fields(&writer, &info, &sets);
    }
    if (writer.len > capacity) {
        return KVS_STATUS_BUFFER_TOO_SMALL;
    }
    *written = writer.len;
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_h264_avcc_from_annexb(struct kvs_span parameter_sets, uint8_t *out, size_t capacity,
                                     size_t *written) {
    return kvs__h264_build_avcc(kvs_nal_reader_annexb(parameter_sets), out, capacity, written);
}

kvs_status kvs__h264_avcc_sps(struct kvs_span record, struct kvs_span *sps) {
    struct kvs__record_reader reader = {record, 0, false};
    uint32_t version = kvs__record_get(&reader, 1);
    kvs__record_get_bytes(&reader, 4); /* profile, constraints, level, lengthSizeMinusOne */
    uint32_t sps_count = kvs__record_get(&reader, 1) & 0x1F;
    struct kvs_span first = kvs_span_of(NULL, 0);
    for (uint32_t i = 0; i < sps_count; i++) {
        struct kvs_span set = kvs__record_get_set(&reader);
        first = i == 0 ? set : first;
    }
    uint32_t pps_count = kvs__record_get(&reader, 1);
    for (uint32_t i = 0; i < pps_count; i++) {
        kvs__record_get_set(&reader);
    }
    /* What follows for High profiles is missing from many files, so it is not asked for. */
    if (reader.failed || version != RECORD_VERSION) {
        return KVS_STATUS_MKV_INVALID_H264_H265_CPD;
    }
    *sps = first;
    return KVS_STATUS_SUCCESS;
}
