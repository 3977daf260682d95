/* Codec private data of any codec: which one it is, into Matroska's form, the size in pixels. */
#include <string.h>

#include "h264.h"
#include "h265.h"
#include "kvs/codec.h"
#include "kvs/nal.h"

struct codec_id {
    const char *id;
    enum kvs_codec codec;
};

/* Also the spellings that the service's guide uses beside those of the Matroska registry. */
static const struct codec_id codec_ids[] = {
    {"V_MPEG4/ISO/AVC", KVS_CODEC_H264},
    {"V_MPEG/ISO/AVC", KVS_CODEC_H264},
    {"V_MPEGH/ISO/HEVC", KVS_CODEC_H265},
    {"V_MPEG/ISO/HEVC", KVS_CODEC_H265},
    {"A_AAC", KVS_CODEC_AAC},
    {"A_AAC/MPEG4/MAIN", KVS_CODEC_AAC},
    {"A_AAC/MPEG4/LC", KVS_CODEC_AAC},
    {"A_MS/ACM", KVS_CODEC_MS_ACM},
    {"V_MS/VFW/FOURCC", KVS_CODEC_VFW},
    {"A_OPUS", KVS_CODEC_OPUS},
    {"A_PCM/FLOAT/IEEE", KVS_CODEC_PCM_FLOAT},
};

enum kvs_codec kvs_codec_from_id(const char *codec_id) {
    if (codec_id == NULL) {
        return KVS_CODEC_UNKNOWN;
    }
    for (size_t i = 0; i < sizeof(codec_ids) / sizeof(codec_ids[0]); i++) {
        if (strcmp(codec_ids[i].id, codec_id) == 0) {
            return codec_ids[i].codec;
        }
    }
    return KVS_CODEC_UNKNOWN;
}

/* The first SPS of an avcC or hvcC; its malformedness is what tells other data from it. */
static kvs_status sps_of_record(enum kvs_codec codec, struct kvs_span record,
                                struct kvs_span *sps) {
    return codec == KVS_CODEC_H264 ? kvs__h264_avcc_sps(record, sps)
                                   : kvs__h265_hvcc_sps(record, sps);
}

static kvs_status copy(struct kvs_span bytes, uint8_t *out, size_t capacity, size_t *written) {
    if (bytes.len > capacity) {
        return KVS_STATUS_BUFFER_TOO_SMALL;
    }
    if (bytes.len != 0) {
        memcpy(out, bytes.data, bytes.len);
    }
    *written = bytes.len;
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_codec_private_adapt(enum kvs_codec codec, struct kvs_span codec_private,
                                   uint8_t *out, size_t capacity, size_t *written) {
    if (out == NULL || written == NULL || (codec_private.data == NULL && codec_private.len != 0)) {
        return KVS_STATUS_NULL_ARG;
    }
    if (codec != KVS_CODEC_H264 && codec != KVS_CODEC_H265) {
        return copy(codec_private, out, capacity, written);
    }
    if (!kvs_nal_reader_annexb(codec_private).malformed) {
        return codec == KVS_CODEC_H264
                   ? kvs_h264_avcc_from_annexb(codec_private, out, capacity, written)
                   : kvs_h265_hvcc_from_annexb(codec_private, out, capacity, written);
    }
    struct kvs_span sps;
    kvs_status status = sps_of_record(codec, codec_private, &sps);
    return status != KVS_STATUS_SUCCESS ? status : copy(codec_private, out, capacity, written);
}

static struct kvs_nal_reader read_units(struct kvs_span bytes, enum kvs_nal_framing framing) {
    return framing == KVS_NAL_FRAMING_ANNEXB ? kvs_nal_reader_annexb(bytes)
                                             : kvs_nal_reader_lengths(bytes, KVS_NAL_LENGTH_BYTES);
}

/* The bytes before the first slice; parameter sets behind it belong to later pictures. */
static struct kvs_span before_first_slice(enum kvs_codec codec, struct kvs_span frame,
                                          enum kvs_nal_framing framing) {
    /* The slice's start code may remain at the end, where it stands for nothing; a length may not.
     */
    size_t kept = framing == KVS_NAL_FRAMING_ANNEXB ? 0 : KVS_NAL_LENGTH_BYTES;
    struct kvs_nal_reader reader = read_units(frame, framing);
    struct kvs_span nal;
    while (kvs_nal_reader_next(&reader, &nal)) {
        if (codec == KVS_CODEC_H264 ? kvs__h264_is_vcl(nal) : kvs__h265_is_vcl(nal)) {
            return kvs_span_of(frame.data, (size_t)(nal.data - frame.data) - kept);
        }
    }
    return frame;
}

static kvs_status build_from_key_frame(enum kvs_codec codec, struct kvs_span frame,
                                       enum kvs_nal_framing framing, uint8_t *out, size_t capacity,
                                       size_t *written) {
    struct kvs_nal_reader units = read_units(before_first_slice(codec, frame, framing), framing);
    /* SEI messages of a frame speak of that frame, so they stay out of the record. */
    return codec == KVS_CODEC_H264 ? kvs__h264_build_avcc(units, out, capacity, written)
                                   : kvs__h265_build_hvcc(units, false, out, capacity, written);
}

kvs_status kvs_codec_private_from_key_frame(enum kvs_codec codec, struct kvs_span frame,
                                            uint8_t *out, size_t capacity, size_t *written) {
    if (codec != KVS_CODEC_H264 && codec != KVS_CODEC_H265) {
        return KVS_STATUS_INVALID_ARG;
    }
    if (frame.data == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs_status status =
        build_from_key_frame(codec, frame, KVS_NAL_FRAMING_ANNEXB, out, capacity, written);
    /* A first length of 256 to 511 looks like a start code, so either framing gets its chance. */
    if (status != KVS_STATUS_SUCCESS && status != KVS_STATUS_NULL_ARG && kvs_is_avcc(frame)) {
        status =
            build_from_key_frame(codec, frame, KVS_NAL_FRAMING_LENGTHS, out, capacity, written);
    }
    return status;
}

/* The first SPS among Annex-B parameter sets; an empty span when there is none. */
static struct kvs_span sps_of_annexb(enum kvs_codec codec, struct kvs_span annexb) {
    struct kvs_nal_reader reader = kvs_nal_reader_annexb(annexb);
    struct kvs_span nal;
    while (kvs_nal_reader_next(&reader, &nal)) {
        if (codec == KVS_CODEC_H264
                ? kvs__h264_nal_type(nal) == KVS_H264_NAL_SPS
                : kvs__h265_nal_type(nal) == KVS_H265_NAL_SPS && kvs__h265_is_base_layer(nal)) {
            return nal;
        }
    }
    return kvs_span_of(NULL, 0);
}

static kvs_status nal_codec_pixel_size(enum kvs_codec codec, struct kvs_span codec_private,
                                       uint32_t *width, uint32_t *height) {
    struct kvs_span sps = sps_of_annexb(codec, codec_private);
    kvs_status status =
        sps.len != 0 ? KVS_STATUS_SUCCESS : sps_of_record(codec, codec_private, &sps);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    if (sps.len == 0) {
        return codec == KVS_CODEC_H264 ? KVS_STATUS_MKV_MISSING_SPS_FROM_H264_CPD
                                       : KVS_STATUS_MKV_HEVC_SPS_NALU_MISSING;
    }
    struct kvs_video_info info;
    status =
        codec == KVS_CODEC_H264 ? kvs_h264_parse_sps(sps, &info) : kvs_h265_parse_sps(sps, &info);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    *width = info.width;
    *height = info.height;
    return KVS_STATUS_SUCCESS;
}

static kvs_status bitmap_pixel_size(struct kvs_span codec_private, uint32_t *width,
                                    uint32_t *height) {
    struct kvs_bitmap_header header;
    kvs_status status = kvs_bitmap_parse_header(codec_private, &header);
    if (status == KVS_STATUS_SUCCESS) {
        *width = header.width;
        *height = header.height;
    }
    return status;
}

kvs_status kvs_codec_pixel_size(enum kvs_codec codec, struct kvs_span codec_private,
                                uint32_t *width, uint32_t *height) {
    if (width == NULL || height == NULL || (codec_private.data == NULL && codec_private.len != 0)) {
        return KVS_STATUS_NULL_ARG;
    }
    switch (codec) {
    case KVS_CODEC_H264:
    case KVS_CODEC_H265:
        return nal_codec_pixel_size(codec, codec_private, width, height);
    case KVS_CODEC_VFW:
        return bitmap_pixel_size(codec_private, width, height);
    default:
        return KVS_STATUS_INVALID_ARG;
    }
}
