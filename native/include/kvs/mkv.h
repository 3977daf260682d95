/**
 * Matroska as the service takes it: one header a connection, then clusters of SimpleBlocks and
 * tags.
 *
 * The functions write into memory of the caller, keep nothing and allocate nothing. EBML is
 * RFC 8794, the elements are RFC 9559. The Segment and each Cluster have an unknown size (RFC 8794,
 * section 6.2), so that nothing is ever patched afterwards; every other size is as short as it can
 * be.
 *
 * Thread: any, for every function here.
 */
#ifndef KVS_MKV_H
#define KVS_MKV_H

#include <stddef.h>
#include <stdint.h>

#include "kvs/export.h"
#include "kvs/span.h"
#include "kvs/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Most tracks of a stream. */
#define KVS_MKV_MAX_TRACKS 3
/** Largest TrackNumber: a block names its track by 1 byte, whose 127 would be EBML's "unknown". */
#define KVS_MKV_MAX_TRACK_NUMBER 126
/** Longest CodecID, in bytes. */
#define KVS_MKV_MAX_CODEC_ID_LEN 32
/** Longest track name, in bytes of UTF-8. */
#define KVS_MKV_MAX_TRACK_NAME_LEN 32
/** Longest WritingApp, in bytes of UTF-8. */
#define KVS_MKV_MAX_WRITING_APP_LEN 256
/** Largest codec private data, in bytes. */
#define KVS_MKV_MAX_CODEC_PRIVATE_BYTES ((size_t)1024 * 1024)
/** Finest and coarsest timecode scale, in nanoseconds. */
#define KVS_MKV_MIN_TIMECODE_SCALE_NS 100u
#define KVS_MKV_MAX_TIMECODE_SCALE_NS 1000000000u
/** Longest name of a tag, in bytes of UTF-8; the shortest has 1. */
#define KVS_MKV_MAX_TAG_NAME_LEN 128
/** Longest value of a tag, in bytes of UTF-8; it may be empty. */
#define KVS_MKV_MAX_TAG_VALUE_LEN 256
/** Room that kvs_mkv_write_cluster needs for any timecode. */
#define KVS_MKV_CLUSTER_MAX_BYTES 15
/** Room that kvs_mkv_write_block_header needs for any payload. */
#define KVS_MKV_BLOCK_MAX_BYTES 13

/** TrackType of RFC 9559, section 5.1.4.1.3, as far as the service knows it. */
enum kvs_track_type {
    KVS_TRACK_VIDEO = 1,
    KVS_TRACK_AUDIO = 2,
    /** A kind of track that the service does not play; "complex" in RFC 9559. */
    KVS_TRACK_UNKNOWN = 3
};

/** Flags of a SimpleBlock; the values are those of the frame flags of the service's producers. */
enum kvs_block_flags {
    KVS_BLOCK_KEY = 1,
    /** Nothing else refers to the frame, so a player in trouble may skip it. */
    KVS_BLOCK_DISCARDABLE = 2,
    /** The frame is decoded and not shown. */
    KVS_BLOCK_INVISIBLE = 4
};

/** One TrackEntry (RFC 9559, section 5.1.4.1). */
struct kvs_mkv_track {
    /** TrackUID, not 0. */
    uint64_t track_id;
    /** TrackNumber, 1 to KVS_MKV_MAX_TRACK_NUMBER: what a block names its track by. */
    uint8_t number;
    enum kvs_track_type type;
    /** CodecID, such as "V_MPEG4/ISO/AVC": 1 to KVS_MKV_MAX_CODEC_ID_LEN printable ASCII
     * characters. */
    const char *codec_id;
    /** Name; NULL or "" when there is none. */
    const char *name;
    /** CodecPrivate as Matroska wants it (avcC, hvcC, AudioSpecificConfig …); empty when absent. */
    struct kvs_span codec_private;
    /** Pixels; both 0 when unknown, and the Video element is left out. */
    uint32_t width, height;
    /** Hertz; 0 when unknown, and the Audio element is left out. */
    double sampling_frequency;
    /** 0 when unknown, which Matroska reads as 1 channel. */
    uint32_t channels;
    /** Bits a sample; 0 when unknown. */
    uint32_t bit_depth;
    /**
     * CodecDelay: how much of what the decoder gives first is not to be heard. Block times include
     * it, as an encoder stamps its packets; players subtract it. 0 when there is none.
     */
    uint64_t codec_delay_ns;
    /** SeekPreRoll: how much has to be decoded before the point that is sought; 0 when nothing. */
    uint64_t seek_pre_roll_ns;
};

/** What stands before the first cluster of a connection. */
struct kvs_mkv_header {
    /** SegmentUID, not all zero. */
    uint8_t segment_uid[16];
    /** Nanoseconds that one unit of a timecode stands for. */
    uint64_t timecode_scale_ns;
    /** WritingApp: 1 to KVS_MKV_MAX_WRITING_APP_LEN bytes. */
    const char *writing_app;
    const struct kvs_mkv_track *tracks;
    /** 1 to KVS_MKV_MAX_TRACKS. */
    uint32_t track_count;
};

/** One SimpleTag. */
struct kvs_mkv_tag {
    /** TagName: 1 to KVS_MKV_MAX_TAG_NAME_LEN bytes. */
    const char *name;
    /** TagString: at most KVS_MKV_MAX_TAG_VALUE_LEN bytes; "" for a tag that is only a mark. */
    const char *value;
};

/**
 * Checks everything about a header that would make a file other programs or the service refuse.
 *
 * Errors: KVS_STATUS_NULL_ARG for no header or no writing_app;
 * KVS_STATUS_MKV_INVALID_CLIENT_ID_LENGTH when writing_app is empty or too long;
 * KVS_STATUS_MKV_INVALID_SEGMENT_UUID when segment_uid is all zero;
 * KVS_STATUS_MKV_INVALID_TIMECODE_SCALE outside 100 ns to 1 s;
 * KVS_STATUS_TRACK_INFO_MISSING for no tracks, KVS_STATUS_MAX_TRACK_COUNT_EXCEEDED for too many;
 * KVS_STATUS_DUPLICATE_TRACK_ID_FOUND when two tracks share a track_id or a number;
 * and for a track: KVS_STATUS_MKV_INVALID_TRACK_UID when track_id is 0;
 * KVS_STATUS_MKV_INVALID_CODEC_ID_LENGTH when codec_id is missing, empty or too long;
 * KVS_STATUS_MKV_INVALID_TRACK_NAME_LENGTH; KVS_STATUS_MKV_CODEC_PRIVATE_NULL for a length without
 * bytes; KVS_STATUS_MKV_INVALID_CODEC_PRIVATE_LENGTH above the limit;
 * KVS_STATUS_INVALID_ARG for a number outside 1 to 126, an unknown type, a codec_id that is not
 * printable ASCII, a width without a height or the reverse, or a sampling_frequency that is
 * negative or not finite.
 */
KVS_API kvs_status kvs_mkv_header_validate(const struct kvs_mkv_header *header);

/** How many bytes kvs_mkv_write_header writes; 0 when kvs_mkv_header_validate refuses the header.
 */
KVS_API size_t kvs_mkv_header_size(const struct kvs_mkv_header *header);

/**
 * Writes EBML header, Segment (unknown size), Info and Tracks.
 *
 * The same header gives the same bytes each time, which a resumed upload relies on.
 * Errors: those of kvs_mkv_header_validate; KVS_STATUS_NULL_ARG; KVS_STATUS_BUFFER_TOO_SMALL.
 */
KVS_API kvs_status kvs_mkv_write_header(const struct kvs_mkv_header *header, uint8_t *out,
                                        size_t capacity, size_t *written);

/**
 * Opens a Cluster of unknown size with its Timestamp, in units of the timecode scale.
 *
 * The Cluster has no Position: in a stream that starts anew on each connection the offset in the
 * Segment means nothing, and RFC 9559 (section 5.1.3.2) has readers take 0 for "live".
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_BUFFER_TOO_SMALL.
 */
KVS_API kvs_status kvs_mkv_write_cluster(uint64_t timecode, uint8_t *out, size_t capacity,
                                         size_t *written);

/** Bytes before a payload of that length in its SimpleBlock; 0 when it is longer than EBML can say.
 */
KVS_API size_t kvs_mkv_block_header_size(uint64_t payload_len);

/**
 * Opens a SimpleBlock (RFC 9559, section 10.2) without lacing; the payload has to follow.
 *
 * @param relative_timecode presentation time less the time of the cluster, in units of the scale
 * @param flags bits of enum kvs_block_flags; others are ignored, so frame flags may be passed as
 * they are
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_INVALID_ARG for a track number outside 1 to 126;
 * KVS_STATUS_MKV_LARGE_FRAME_TIMECODE when relative_timecode is outside -32768 to 32767;
 * KVS_STATUS_MKV_INVALID_FRAME_DATA when the payload is empty; KVS_STATUS_MKV_NUMBER_TOO_BIG when
 * it is longer than EBML can say; KVS_STATUS_BUFFER_TOO_SMALL.
 */
KVS_API kvs_status kvs_mkv_write_block_header(uint8_t track_number, int64_t relative_timecode,
                                              uint32_t flags, uint64_t payload_len, uint8_t *out,
                                              size_t capacity, size_t *written);

/** How many bytes kvs_mkv_write_tags writes; 0 when it would refuse the tags. */
KVS_API size_t kvs_mkv_tags_size(const struct kvs_mkv_tag *tags, size_t count);

/**
 * Writes one Tags element with one Tag that holds all the SimpleTags.
 *
 * There is no Targets element: the tags describe the whole fragment, and this is the form in which
 * the service is known to look for them.
 * Errors: KVS_STATUS_NULL_ARG, also for a tag without name or value; KVS_STATUS_INVALID_ARG when
 * count is 0; KVS_STATUS_MKV_INVALID_TAG_NAME_LENGTH; KVS_STATUS_MKV_INVALID_TAG_VALUE_LENGTH;
 * KVS_STATUS_BUFFER_TOO_SMALL.
 */
KVS_API kvs_status kvs_mkv_write_tags(const struct kvs_mkv_tag *tags, size_t count, uint8_t *out,
                                      size_t capacity, size_t *written);

/**
 * The timecode nearest to a time, halves rounded up (towards later), for negative times too.
 *
 * @param scale_ns 100 ns to 1 s, checked by kvs_mkv_header_validate
 */
KVS_API int64_t kvs_timecode_from_ns(int64_t ns, uint64_t scale_ns);

/** The time that a timecode stands for; the nearest int64_t when it is out of range. */
KVS_API int64_t kvs_timecode_to_ns(int64_t timecode, uint64_t scale_ns);

#ifdef __cplusplus
}
#endif

#endif
