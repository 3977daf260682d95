/**
 * What has to be known about codecs: parameter sets of H.264 and H.265, the codec private data that
 * Matroska and MP4 store (avcC, hvcC, AudioSpecificConfig, OpusHead, WAVEFORMATEX,
 * BITMAPINFOHEADER), sizes in pixels. kvs_codec_complete_track puts all of it together.
 *
 * Everything works on memory of the caller, keeps nothing and allocates nothing. All input may be
 * hostile: it gives a status, never a crash or a loop that does not end.
 *
 * After an error, what was to be written is unchanged, except that a buffer `out` may hold a part.
 *
 * Thread: any, for every function here.
 */
#ifndef KVS_CODEC_H
#define KVS_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kvs/export.h"
#include "kvs/mkv.h"
#include "kvs/span.h"
#include "kvs/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Codecs that something here treats in a special way. */
enum kvs_codec {
    /** Anything else: passed through untouched. */
    KVS_CODEC_UNKNOWN = 0,
    KVS_CODEC_H264,
    KVS_CODEC_H265,
    KVS_CODEC_AAC,
    /** Any codec of Windows' audio compression manager; G.711 is stored this way. */
    KVS_CODEC_MS_ACM,
    /** Any codec of Video for Windows, told by its FOURCC. */
    KVS_CODEC_VFW,
    KVS_CODEC_OPUS,
    /** Samples of floating point; bits a sample are told by the track alone. */
    KVS_CODEC_PCM_FLOAT
};

/** Codec private data made from `n` bytes of Annex-B never needs more than `n` + this many bytes.
 */
#define KVS_CODEC_PRIVATE_OVERHEAD_BYTES 64
/** Largest width and height that is believed. */
#define KVS_CODEC_MAX_PIXELS 65535u

/** What a sequence parameter set says. Fields that only H.265 has are 0 for H.264. */
struct kvs_video_info {
    /**
     * Luma samples to be shown: after cropping; of whole frames for H.264 coded as fields, of one
     * field for H.265.
     */
    uint32_t width, height;
    /** profile_idc, general_profile_idc. */
    uint8_t profile_idc;
    /** level_idc, general_level_idc. */
    uint8_t level_idc;
    /** 0 monochrome, 1 4:2:0, 2 4:2:2, 3 4:4:4. */
    uint8_t chroma_format_idc;
    /** Bits a sample, at least 8. */
    uint8_t bit_depth_luma, bit_depth_chroma;
    /** H.264: the 8 bits between profile_idc and level_idc; H.265: the 48 bits before
     * general_level_idc. */
    uint64_t constraint_flags;
    /** H.265: general_profile_compatibility_flag[0] is the highest bit. */
    uint32_t profile_compatibility_flags;
    /** H.265: general_profile_space and general_tier_flag. */
    uint8_t profile_space, tier;
    /** H.265: sps_max_sub_layers_minus1 + 1. */
    uint8_t temporal_layers;
    /** H.265: sps_temporal_id_nesting_flag. */
    bool temporal_id_nested;
    /** H.265: min_spatial_segmentation_idc; 0 when not said, or when what precedes it is malformed.
     */
    uint16_t min_spatial_segmentation_idc;
};

/** The codec that a Matroska CodecID stands for; KVS_CODEC_UNKNOWN for NULL and for any other. */
KVS_API enum kvs_codec kvs_codec_from_id(const char *codec_id);

/**
 * Reads a sequence parameter set (ITU-T H.264, clause 7.3.2.1.1), NAL unit header included.
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_MKV_INVALID_H264_H265_SPS_NALU when it is something else,
 * cut short or out of range; KVS_STATUS_MKV_INVALID_H264_H265_SPS_WIDTH and …_HEIGHT when cropping
 * leaves nothing or the size is above KVS_CODEC_MAX_PIXELS.
 */
KVS_API kvs_status kvs_h264_parse_sps(struct kvs_span nal, struct kvs_video_info *info);

/**
 * Reads a sequence parameter set (ITU-T H.265, clause 7.3.2.2), NAL unit header included.
 *
 * What follows the bit depths is needed for min_spatial_segmentation_idc alone, so a defect there
 * is forgiven. Errors: as kvs_h264_parse_sps, and KVS_STATUS_MKV_INVALID_HEVC_SPS_CHROMA_FORMAT_IDC
 * above 3.
 */
KVS_API kvs_status kvs_h265_parse_sps(struct kvs_span nal, struct kvs_video_info *info);

/**
 * Builds an AVCDecoderConfigurationRecord (ISO/IEC 14496-15, clause 5.3.3) from Annex-B.
 *
 * All sequence and picture parameter sets go in, in their order, also sequence parameter set
 * extensions; other NAL units are left out. Lengths are said to have 4 bytes.
 * Capacity for parameter_sets.len + KVS_CODEC_PRIVATE_OVERHEAD_BYTES is always enough.
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_MKV_INVALID_ANNEXB_NALU_IN_CPD when it is not Annex-B;
 * KVS_STATUS_MKV_MISSING_SPS_FROM_H264_CPD; KVS_STATUS_MKV_MISSING_PPS_FROM_H264_CPD;
 * KVS_STATUS_MKV_INVALID_ANNEXB_CPD_NALUS for more than 31 SPS, 255 PPS or a set above 65535 bytes;
 * the errors of kvs_h264_parse_sps for the first SPS when the record has to repeat its chroma
 * format; KVS_STATUS_BUFFER_TOO_SMALL.
 */
KVS_API kvs_status kvs_h264_avcc_from_annexb(struct kvs_span parameter_sets, uint8_t *out,
                                             size_t capacity, size_t *written);

/**
 * Builds an HEVCDecoderConfigurationRecord (ISO/IEC 14496-15, clause 8.3.3) from Annex-B.
 *
 * All video, sequence and picture parameter sets of the base layer go in, and the SEI messages
 * among them, which describe the whole stream when they are given beside it. array_completeness is
 * 0: the stream may repeat its parameter sets. Capacity: as kvs_h264_avcc_from_annexb.
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_MKV_INVALID_ANNEXB_NALU_IN_CPD when it is not Annex-B;
 * KVS_STATUS_MKV_ANNEXB_CPD_MISSING_NALUS without a VPS, an SPS or a PPS;
 * KVS_STATUS_MKV_INVALID_ANNEXB_CPD_NALUS for a set above 65535 bytes or too many of them;
 * the errors of kvs_h265_parse_sps; KVS_STATUS_BUFFER_TOO_SMALL.
 */
KVS_API kvs_status kvs_h265_hvcc_from_annexb(struct kvs_span parameter_sets, uint8_t *out,
                                             size_t capacity, size_t *written);

/**
 * Codec private data as Matroska stores it: Annex-B of H.264 and H.265 becomes avcC or hvcC,
 * anything else is copied, above all what is avcC or hvcC already.
 *
 * Capacity: as kvs_h264_avcc_from_annexb.
 * Errors: those of the two builders; KVS_STATUS_MKV_INVALID_H264_H265_CPD when data for H.264 or
 * H.265 is neither Annex-B nor a complete record; KVS_STATUS_BUFFER_TOO_SMALL.
 */
KVS_API kvs_status kvs_codec_private_adapt(enum kvs_codec codec, struct kvs_span codec_private,
                                           uint8_t *out, size_t capacity, size_t *written);

/**
 * Codec private data for frames that have start codes: avcC and hvcC become the Annex-B parameter
 * sets that they hold, anything else is copied. Decoders take the framing of frames from the form
 * of the codec private data, so the two have to agree.
 *
 * Capacity for twice the codec private data is always enough.
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_MKV_INVALID_H264_H265_CPD when data for H.264 or H.265 is
 * neither Annex-B nor a complete record; KVS_STATUS_BUFFER_TOO_SMALL.
 */
KVS_API kvs_status kvs_codec_private_to_annexb(enum kvs_codec codec, struct kvs_span codec_private,
                                               uint8_t *out, size_t capacity, size_t *written);

/**
 * avcC or hvcC from the parameter sets before the first slice of a key frame, in either framing of
 * its NAL units (Annex-B, or lengths of 4 bytes).
 *
 * Capacity: KVS_CODEC_PRIVATE_OVERHEAD_BYTES more than what precedes the slice, thus than the
 * frame. Errors: those of the two builders, above all the ones for missing sets;
 * KVS_STATUS_INVALID_ARG for a codec other than H.264 and H.265.
 */
KVS_API kvs_status kvs_codec_private_from_key_frame(enum kvs_codec codec, struct kvs_span frame,
                                                    uint8_t *out, size_t capacity, size_t *written);

/**
 * Width and height that codec private data (avcC, hvcC, Annex-B parameter sets, BITMAPINFOHEADER)
 * tells.
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_INVALID_ARG for a codec that has none;
 * KVS_STATUS_MKV_INVALID_H264_H265_CPD for a malformed record;
 * KVS_STATUS_MKV_MISSING_SPS_FROM_H264_CPD or KVS_STATUS_MKV_HEVC_SPS_NALU_MISSING when it has no
 * SPS; those of the two SPS parsers; KVS_STATUS_MKV_INVALID_BIH_CPD.
 */
KVS_API kvs_status kvs_codec_pixel_size(enum kvs_codec codec, struct kvs_span codec_private,
                                        uint32_t *width, uint32_t *height);

/** The part of an AudioSpecificConfig that Matroska repeats. */
struct kvs_aac_config {
    /** audioObjectType, 1 to 95: 2 is AAC-LC; 5 and 29 are HE-AAC. */
    uint8_t object_type;
    /** Hertz, of the core; HE-AAC may double it on output. */
    uint32_t sampling_frequency;
    /** Channels, at least 1; of the core too: the decoder of HE-AAC v2 may make 2 of 1. */
    uint8_t channels;
};

/**
 * Reads an AudioSpecificConfig (ISO/IEC 14496-3, clause 1.6.2.1).
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_MKV_INVALID_AAC_CPD when it is cut short or has object
 * type 0; KVS_STATUS_MKV_INVALID_AAC_CPD_SAMPLING_FREQUENCY_INDEX for a reserved index or 0 Hz;
 * KVS_STATUS_MKV_INVALID_AAC_CPD_CHANNEL_CONFIG for a reserved channel configuration, or none where
 * no program_config_element tells the channels.
 */
KVS_API kvs_status kvs_aac_parse_config(struct kvs_span codec_private,
                                        struct kvs_aac_config *config);

/** Room that kvs_aac_write_config needs for any configuration. */
#define KVS_AAC_CONFIG_MAX_BYTES 5

/**
 * Writes an AudioSpecificConfig for frames of 1024 samples; 2 bytes for the usual frequencies.
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_MKV_INVALID_AAC_CPD for an object type other than AAC
 * Main, LC, SSR and LTP (1 to 4); KVS_STATUS_MKV_INVALID_AAC_CPD_SAMPLING_FREQUENCY_INDEX for 0 Hz
 * or more than 24 bits; KVS_STATUS_MKV_INVALID_AAC_CPD_CHANNEL_CONFIG for other than 1 to 6 or 8
 * channels; KVS_STATUS_BUFFER_TOO_SMALL.
 */
KVS_API kvs_status kvs_aac_write_config(const struct kvs_aac_config *config, uint8_t *out,
                                        size_t capacity, size_t *written);

/** Samples a second that every Opus decoder gives, and that pre-skip is counted in. */
#define KVS_OPUS_SAMPLING_FREQUENCY 48000u
/** What a decoder has to be fed before the point that is sought (RFC 7845, section 4.6). */
#define KVS_OPUS_SEEK_PRE_ROLL_NS 80000000u
/** Bytes that kvs_opus_write_head writes. */
#define KVS_OPUS_HEAD_BYTES 19

/** The codec private data of A_OPUS: an identification header (RFC 7845, section 5.1). */
struct kvs_opus_head {
    uint8_t channels;
    /** Samples at 48 kHz that the decoder gives before the first one to be heard. */
    uint16_t pre_skip;
    /** Hertz of what was encoded; 0 when not said. */
    uint32_t input_sampling_frequency;
};

/**
 * Reads an OpusHead.
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_INVALID_ARG when it is something else, cut short, of an
 * incompatible version, or without channels or streams for them.
 */
KVS_API kvs_status kvs_opus_parse_head(struct kvs_span codec_private, struct kvs_opus_head *head);

/**
 * Writes the OpusHead of one stream of 1 or 2 channels (mapping family 0) without gain.
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_INVALID_ARG for other than 1 or 2 channels, where only
 * the encoder knows how they are coupled; KVS_STATUS_BUFFER_TOO_SMALL.
 */
KVS_API kvs_status kvs_opus_write_head(const struct kvs_opus_head *head, uint8_t *out,
                                       size_t capacity, size_t *written);

/** wFormatTag in a WAVEFORMATEX: of G.711, and of samples that are not coded. */
#define KVS_WAVE_FORMAT_PCM 1
#define KVS_WAVE_FORMAT_FLOAT 3
#define KVS_WAVE_FORMAT_ALAW 6
#define KVS_WAVE_FORMAT_MULAW 7
/** Bytes that kvs_wave_write_format writes. */
#define KVS_WAVE_FORMAT_BYTES 18

/** The codec private data of A_MS/ACM: a WAVEFORMATEX. */
struct kvs_wave_format {
    uint16_t format_tag;
    uint16_t channels;
    /** Hertz. */
    uint32_t sampling_frequency;
    /** Bits a sample; 0 when not said. */
    uint16_t bits_per_sample;
};

/**
 * Reads a WAVEFORMATEX.
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_MKV_INVALID_AMS_ACM_CPD when it has less than 16 bytes,
 * no channels or 0 Hz.
 */
KVS_API kvs_status kvs_wave_parse_format(struct kvs_span codec_private,
                                         struct kvs_wave_format *format);

/**
 * Writes the WAVEFORMATEX of uncompressed or G.711 audio.
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_MKV_INVALID_AMS_ACM_CPD for no channels, 0 Hz, bits a
 * sample that are no whole bytes, or a byte rate above 32 bits; KVS_STATUS_BUFFER_TOO_SMALL.
 */
KVS_API kvs_status kvs_wave_write_format(const struct kvs_wave_format *format, uint8_t *out,
                                         size_t capacity, size_t *written);

/** Bytes that kvs_bitmap_write_header writes. */
#define KVS_BITMAP_HEADER_BYTES 40

/** The codec private data of V_MS/VFW/FOURCC: a BITMAPINFOHEADER. */
struct kvs_bitmap_header {
    /** Pixels, 1 to KVS_CODEC_MAX_PIXELS. */
    uint32_t width, height;
    /** biCompression, such as "MJPG". */
    uint8_t fourcc[4];
};

/**
 * Reads a BITMAPINFOHEADER; a negative height, which means that the top row comes first, is made
 * positive.
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_MKV_INVALID_BIH_CPD when it has less than 40 bytes, or no
 * size that is to be believed.
 */
KVS_API kvs_status kvs_bitmap_parse_header(struct kvs_span codec_private,
                                           struct kvs_bitmap_header *header);

/**
 * Writes the BITMAPINFOHEADER of pictures with 24 bits a pixel.
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_MKV_INVALID_BIH_CPD for a width or height out of range;
 * KVS_STATUS_BUFFER_TOO_SMALL.
 */
KVS_API kvs_status kvs_bitmap_write_header(const struct kvs_bitmap_header *header, uint8_t *out,
                                           size_t capacity, size_t *written);

/** Room that kvs_codec_complete_track needs for any codec private data that it generates. */
#define KVS_CODEC_GENERATED_MAX_BYTES KVS_BITMAP_HEADER_BYTES
/** Codec private data of A_MS/ACM that is only a format tag (little-endian), and of V_MS/VFW/FOURCC
 * that is only a FOURCC: the header around it is generated. */
#define KVS_CODEC_FORMAT_TAG_BYTES 2
#define KVS_CODEC_FOURCC_BYTES 4

/**
 * Fills in what the description of a track leaves out and its codec tells, codec private data
 * included.
 *
 * What is given stays; 0 and an empty span mean that it is not. In both directions:
 * - sizes in pixels, sampling frequency, channels, bits a sample and codec delay are read from the
 *   codec private data, where it can be read; otherwise they stay unknown.
 * - codec private data that is missing is generated: of AAC from sampling frequency and channels;
 *   of Opus from channels, with the pre-skip that the codec delay says; of A_MS/ACM around the
 *   format tag that is given in its place; of V_MS/VFW/FOURCC around the FOURCC given in its place,
 *   "MJPG" when there is none. H.264 and H.265 get theirs with the first key frame, see
 *   kvs_codec_private_from_key_frame, after which this function finds their size.
 *
 * For H.264 and H.265 it does not matter whether it is called before or after
 * kvs_codec_private_adapt.
 *
 * Ownership: generated codec private data lies in `generated`, and track->codec_private points
 * there; it is the caller's to copy or to keep.
 * Errors: KVS_STATUS_NULL_ARG; and, only where codec private data had to be generated, what is
 * missing for it: the statuses of kvs_aac_write_config; KVS_STATUS_INVALID_ARG for Opus with more
 * than 2 channels; KVS_STATUS_MKV_INVALID_AMS_ACM_CPD; KVS_STATUS_MKV_INVALID_BIH_CPD;
 * KVS_STATUS_BUFFER_TOO_SMALL. The track is unchanged then.
 */
KVS_API kvs_status kvs_codec_complete_track(struct kvs_mkv_track *track, uint8_t *generated,
                                            size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
