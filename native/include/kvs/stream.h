/**
 * A stream: frames go in here, packaged as Matroska in the client's store; sessions (session.h)
 * carry them out.
 *
 * Times are nanoseconds since the Unix epoch. What happens on the way is told by events, which the
 * caller polls.
 */
#ifndef KVS_STREAM_H
#define KVS_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "kvs/ack.h"
#include "kvs/client.h"
#include "kvs/mkv.h"
#include "kvs/span.h"
#include "kvs/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kvs_stream;

/** What happens to a frame for which there is no room. */
enum kvs_streaming_type {
    /** The oldest whole fragments make room, by age (buffer_duration_ns) and by store_pressure. */
    KVS_STREAMING_REALTIME = 0,
    /** The put is refused with KVS_STATUS_STORE_OUT_OF_MEMORY; KVS_SIGNAL_ROOM tells when to try
       again. */
    KVS_STREAMING_OFFLINE = 2
};

/** What a realtime stream does when the store is full. */
enum kvs_store_pressure { KVS_STORE_PRESSURE_FAIL = 0, KVS_STORE_PRESSURE_DROP_OLDEST = 1 };

/** How video frames and codec private data are rewritten on the way in; bits. */
enum kvs_nal_adaptation {
    KVS_NAL_ADAPTATION_NONE = 0,
    /** Frames: Annex-B start codes become 4-byte lengths (ISO/IEC 14496-15). */
    KVS_NAL_ADAPTATION_ANNEXB_FRAMES = 8,
    /** Frames: 4-byte lengths become Annex-B start codes. */
    KVS_NAL_ADAPTATION_AVCC_FRAMES = 16,
    /** Codec private data: Annex-B parameter sets become avcC or hvcC. */
    KVS_NAL_ADAPTATION_ANNEXB_CODEC_PRIVATE = 32
};

struct kvs_stream_config {
    /** 1 to 256 characters of [a-zA-Z0-9_.-]. */
    const char *name;
    enum kvs_streaming_type streaming_type;
    enum kvs_store_pressure store_pressure;
    /** Whether the service sends ACKs. Without them a fragment leaves the store once it is sent. */
    bool fragment_acks;
    /** Whether the stream retains data, so that PERSISTED, not RECEIVED, ends a fragment's life
     * here. */
    bool retained;
    /** Cluster timecodes since the epoch; otherwise since the start of the session. */
    bool absolute_timecodes;
    /** Every video key frame opens a fragment; otherwise the first one after fragment_duration_ns.
     */
    bool key_frame_fragmentation;
    /** 1 s to 30 s. Also where fragments of a stream without video are cut. */
    int64_t fragment_duration_ns;
    /** How much media a realtime stream keeps, at least 1 s. */
    int64_t buffer_duration_ns;
    /** 100 ns to 1 s. */
    uint64_t timecode_scale_ns;
    /** Bits of enum kvs_nal_adaptation. */
    uint32_t nal_adaptation;
    /** Frames that the stream can hold; 0 derives it from buffer_duration_ns. */
    uint32_t max_frames;
    /** An offline stream refuses frames while more than this is still to be sent, so that a source
     * faster than the network does not fill the store; 0 sets no limit. */
    uint32_t high_water_bytes;
    uint8_t segment_uid[16];
    const char *writing_app;
    /** Copied. A track's `number` is set by its position; codec private data may be Annex-B, or
     * empty for H.264 and H.265 in Annex-B, where the first key frame brings it. */
    const struct kvs_mkv_track *tracks;
    uint32_t track_count;
};

enum kvs_frame_flags { KVS_FRAME_KEY = 1, KVS_FRAME_DISCARDABLE = 2, KVS_FRAME_INVISIBLE = 4 };

struct kvs_frame {
    uint32_t flags;
    uint64_t track_id;
    int64_t pts_ns;
    int64_t dts_ns;
    int64_t duration_ns;
    struct kvs_span data;
};

/** Why frames did not reach the service. */
enum kvs_drop_reason {
    /** No fragment is open and the frame cannot open one: a key frame is awaited. */
    KVS_DROP_NO_KEY_FRAME = 0,
    /** Older than the buffer duration, and not acknowledged. */
    KVS_DROP_BUFFER_DURATION = 1,
    /** The store or the view was full. */
    KVS_DROP_STORE_PRESSURE = 2,
    /** The service refused the fragment. */
    KVS_DROP_REJECTED = 3,
    KVS_DROP_REASON_COUNT = 4
};

enum kvs_event_type { KVS_EVENT_ACK = 1, KVS_EVENT_FRAMES_DROPPED = 2 };

struct kvs_event {
    enum kvs_event_type type;
    union {
        struct {
            uint64_t session_id;
            /** KVS_STATUS_SUCCESS, or what an ERROR ACK or an unreadable one means. */
            kvs_status status;
            struct kvs_ack ack;
        } ack;
        struct {
            enum kvs_drop_reason reason;
            uint64_t frames;
            uint64_t fragments;
            uint64_t bytes;
            int64_t first_pts_ns;
            int64_t last_pts_ns;
        } dropped;
    } as;
};

/** What changed since the signals were last taken; bits. */
enum kvs_signal {
    /** kvs_stream_next_event has something. */
    KVS_SIGNAL_EVENTS = 1,
    /** A session that had run dry, or that is still to be opened, has something to read. */
    KVS_SIGNAL_DATA = 2,
    /** A put was refused for want of room, and room was made since. */
    KVS_SIGNAL_ROOM = 4
};

struct kvs_stream_metrics {
    uint64_t frames_put;
    uint64_t bytes_put;
    uint64_t put_errors;
    uint64_t fragments_put;
    uint64_t frames_sent;
    uint64_t bytes_sent;
    uint64_t sessions;
    uint64_t acks_buffering, acks_received, acks_persisted, acks_error, acks_idle, acks_unreadable;
    /** Frames and fragments that are done: persisted (or received, without retention; or sent,
     * without ACKs). */
    uint64_t frames_delivered, fragments_delivered;
    uint64_t frames_dropped[KVS_DROP_REASON_COUNT];
    uint64_t fragments_dropped;
    /** Everything held, and what is still to be sent. */
    uint64_t view_frames, view_bytes, pending_frames, pending_bytes;
    int64_t view_duration_ns, pending_duration_ns;
    /** Presentation times of the first and last frame held that are not delivered; 0 when
     * view_frames is 0. */
    int64_t undelivered_first_pts_ns, undelivered_last_pts_ns;
    int64_t uptime_ns;
};

/**
 * Makes a stream.
 *
 * Ownership: the caller destroys it before its client. All that `config` points to is copied.
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_MAX_STREAM_COUNT; KVS_STATUS_INVALID_STREAM_NAME_LENGTH
 * (by length or character); KVS_STATUS_DUPLICATE_STREAM_NAME; the statuses of
 * kvs_mkv_header_validate, of codec private data and of the view; KVS_STATUS_NOT_ENOUGH_MEMORY.
 */
kvs_status kvs_stream_new(struct kvs_client *client, const struct kvs_stream_config *config,
                          int64_t now_ns, struct kvs_stream **stream);

/** Destroys the stream and frees what it holds in the store. Accepts NULL. Thread: no other call on
 * it in progress. */
void kvs_stream_destroy(struct kvs_stream *stream);

/**
 * Copies a frame into the store, adapted and packaged. Never waits.
 *
 * A frame that must be dropped for want of a key frame is counted, told by an event, and not an
 * error.
 *
 * Errors: KVS_STATUS_STREAM_HAS_BEEN_STOPPED; KVS_STATUS_MKV_TRACK_INFO_NOT_FOUND;
 * KVS_STATUS_MKV_INVALID_FRAME_DATA when it is empty; KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP when a
 * time is negative, or not after the last frame of the fragment before its own;
 * KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP when decoding runs backwards on the track;
 * KVS_STATUS_MKV_LARGE_FRAME_TIMECODE when it is too far from its fragment's start; NAL and codec
 * private data statuses; KVS_STATUS_STORE_OUT_OF_MEMORY when there is no room now
 * and nothing may be dropped for it (a stream that may drop gives up the frame's fragment, and
 * tells); KVS_STATUS_INVALID_ALLOCATION_SIZE when there can never be: the frame, or its fragment,
 * is larger than the store.
 */
kvs_status kvs_stream_put_frame(struct kvs_stream *stream, const struct kvs_frame *frame);

/**
 * Attaches a name and a value to the fragment that opens next, or (persistent) to each until it is
 * replaced, or removed by an empty value.
 *
 * Errors: KVS_STATUS_MKV_INVALID_TAG_NAME_LENGTH (1 to 128 bytes);
 * KVS_STATUS_MKV_INVALID_TAG_VALUE_LENGTH (256); KVS_STATUS_INVALID_METADATA_NAME for the reserved
 * prefix "AWS"; KVS_STATUS_MAX_FRAGMENT_METADATA_COUNT over 10.
 */
kvs_status kvs_stream_put_metadata(struct kvs_stream *stream, const char *name, const char *value,
                                   bool persistent);

/** No more frames: sessions end once all that is held is sent. Idempotent. */
kvs_status kvs_stream_stop(struct kvs_stream *stream);

/** Takes the oldest event. Returns false when there is none. */
bool kvs_stream_next_event(struct kvs_stream *stream, struct kvs_event *event);

/** Takes the signals raised since the last call: bits of enum kvs_signal. */
uint32_t kvs_stream_take_signals(struct kvs_stream *stream);

/** Reads the counters. Errors: KVS_STATUS_NULL_ARG. */
kvs_status kvs_stream_metrics(struct kvs_stream *stream, int64_t now_ns,
                              struct kvs_stream_metrics *metrics);

#ifdef __cplusplus
}
#endif

#endif
