/**
 * A stream: frames go in here, packaged as Matroska in the client's store; sessions (session.h)
 * carry them out.
 *
 * Times are nanoseconds since the Unix epoch. `now_ns` is the caller's clock: it may be wrong and
 * it may jump, which makes what waits for it early or late and breaks nothing. What happens on the
 * way is told by events, which the caller polls.
 */
#ifndef KVS_STREAM_H
#define KVS_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "kvs/ack.h"
#include "kvs/client.h"
#include "kvs/export.h"
#include "kvs/mkv.h"
#include "kvs/span.h"
#include "kvs/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kvs_stream;

/** What happens to a frame for which there is no room, and to what a lost connection left behind.
 */
enum kvs_streaming_type {
    /** The oldest whole fragments make room, by age (buffer_duration_ns) and by store_pressure.
        After a loss no more than replay_duration_ns is sent again. */
    KVS_STREAMING_REALTIME = 0,
    /** As realtime, but delay is tolerated: everything unconfirmed is sent again, however old, and
        latency is no pressure. */
    KVS_STREAMING_NEAR_REALTIME = 1,
    /** The put is refused with KVS_STATUS_STORE_OUT_OF_MEMORY; KVS_SIGNAL_ROOM tells when to try
       again. Everything unconfirmed is sent again. */
    KVS_STREAMING_OFFLINE = 2
};

/** What a stream that is not offline does when the store is full. */
enum kvs_store_pressure { KVS_STORE_PRESSURE_FAIL = 0, KVS_STORE_PRESSURE_DROP_OLDEST = 1 };

/** Which acknowledgement ends the need to send a fragment again. */
enum kvs_replay_point {
    /** PERSISTED: the service has stored it. */
    KVS_REPLAY_AFTER_PERSISTED = 0,
    /** RECEIVED is enough when the session's end shows that the service lives on. */
    KVS_REPLAY_AFTER_RECEIVED = 1
};

/** How frames of several tracks, put in any interleaving, are brought into one order. */
enum kvs_frame_order {
    /** They are in order as they come. */
    KVS_FRAME_ORDER_PASS_THROUGH = 0,
    /** By decoding time. */
    KVS_FRAME_ORDER_MULTI_TRACK = 1,
    /** By decoding time; of two frames at one time the second is moved by one unit of the
       timecode scale. Frames that end a fragment are refused. */
    KVS_FRAME_ORDER_DTS = 2,
    /** The same, by presentation time. */
    KVS_FRAME_ORDER_PTS = 3,
    /** As KVS_FRAME_ORDER_DTS, with frames that end a fragment. */
    KVS_FRAME_ORDER_DTS_EOFR = 4,
    /** As KVS_FRAME_ORDER_PTS, with frames that end a fragment. */
    KVS_FRAME_ORDER_PTS_EOFR = 5
};

/** What happens to a frame whose times cannot go out as they are. */
enum kvs_timestamp_policy {
    /** The put fails. */
    KVS_TIMESTAMPS_THROW = 0,
    /** The frame is dropped, and told. */
    KVS_TIMESTAMPS_DROP = 1,
    /** They are mended: a clock that was reset or wrapped goes on from where it was, equal and
       backward times move forward by a unit, missing durations follow from the distance. What
       cannot be mended is dropped: times out of all range, or too far from their fragment's. */
    KVS_TIMESTAMPS_FIX = 2
};

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
    /** Frames carry the times of the put, `now_ns`, in place of their own. Where that clock jumps
     * or two tracks meet, no put fails for it: they are mended, unless the policy is to drop. */
    bool generated_timestamps;
    /** 1 s to 30 s. Also where fragments of a stream without video are cut. */
    int64_t fragment_duration_ns;
    /** How much media a stream that is not offline keeps, at least 1 s. */
    int64_t buffer_duration_ns;
    /** How far back a realtime stream goes after a loss; what is older is dropped. 0 goes back to
     * the fragment that was being sent. */
    int64_t replay_duration_ns;
    enum kvs_replay_point replay_point;
    /** Media still to be sent above which KVS_EVENT_LATENCY_PRESSURE tells so; 0 never. */
    int64_t max_latency_ns;
    /** How long the service may owe an ACK until KVS_EVENT_STALE tells so; 0 never. */
    int64_t staleness_ns;
    /** Without a frame for so long the open fragment is ended, so that the service stores it; 0
     * never. */
    int64_t idle_ns;
    enum kvs_frame_order frame_order;
    /** How long a frame waits for those of other tracks; 0 means KVS_STREAM_DEFAULT_ORDER_NS. */
    int64_t order_window_ns;
    enum kvs_timestamp_policy timestamp_policy;
    /** 100 ns to 1 s. */
    uint64_t timecode_scale_ns;
    /** Bits of enum kvs_nal_adaptation. */
    uint32_t nal_adaptation;
    /** Frames that the stream can hold; 0 derives it from buffer_duration_ns. */
    uint32_t max_frames;
    /** An offline stream refuses frames while more than this is still to be sent, so that a source
     * faster than the network does not fill the store; 0 sets no limit. */
    uint32_t high_water_bytes;
    /** Matroska SegmentUID: random, not all zeros. */
    uint8_t segment_uid[16];
    /** Matroska WritingApp: the name of the program, 1 to 256 bytes; NULL gives the library's. */
    const char *writing_app;
    /** Copied. A track's `number` is set by its position; codec private data may be Annex-B, or
     * empty for H.264 and H.265 in Annex-B, where the first key frame brings it. */
    const struct kvs_mkv_track *tracks;
    uint32_t track_count;
};

#define KVS_STREAM_DEFAULT_ORDER_NS INT64_C(1000000000)

enum kvs_frame_flags {
    KVS_FRAME_KEY = 1,
    KVS_FRAME_DISCARDABLE = 2,
    KVS_FRAME_INVISIBLE = 4,
    /** No frame: ends the open fragment. Everything else in it is ignored. */
    KVS_FRAME_END_OF_FRAGMENT = 8
};

struct kvs_frame {
    uint32_t flags;
    uint64_t track_id;
    int64_t pts_ns;
    int64_t dts_ns;
    int64_t duration_ns;
    struct kvs_span data;
};

/** What the service shall do with a fragment; bits. */
enum kvs_fragment_event { KVS_FRAGMENT_EVENT_IMAGE = 1, KVS_FRAGMENT_EVENT_NOTIFICATION = 2 };

/** What goes with an event of a fragment. */
struct kvs_fragment_event_details {
    /** Prefix of the image's name, at most 256 bytes; NULL for none. */
    const char *image_prefix;
    /** Names and values, at most 10. */
    const struct kvs_mkv_tag *pairs;
    uint32_t pair_count;
};

/** Why frames did not reach the service. */
enum kvs_drop_reason {
    /** No fragment is open and the frame cannot open one: a key frame is awaited. */
    KVS_DROP_NO_KEY_FRAME = 0,
    /** Older than the buffer duration, and not acknowledged. */
    KVS_DROP_BUFFER_DURATION = 1,
    /** The store was full. */
    KVS_DROP_STORE_PRESSURE = 2,
    /** The service refused the fragment. */
    KVS_DROP_REJECTED = 3,
    /** The stream held as many frames as it can. */
    KVS_DROP_FRAME_COUNT = 4,
    /** Sent and not confirmed when the connection was lost, and older than the replay duration. */
    KVS_DROP_REPLAY_DURATION = 5,
    /** The stream was reset. */
    KVS_DROP_RESET = 6,
    /** Came when the fragment that it belongs to was closed, or had been begun without its track.
     */
    KVS_DROP_LATE = 7,
    /** Its times could not go out, and the stream drops such frames. */
    KVS_DROP_TIMESTAMP = 8,
    /** It had been moved to the spill, which could not give it back. */
    KVS_DROP_SPILL_FAILED = 9,
    KVS_DROP_REASON_COUNT = 10
};

enum kvs_event_type {
    KVS_EVENT_ACK = 1,
    KVS_EVENT_FRAMES_DROPPED = 2,
    /** No more than 5 % of the store is free. */
    KVS_EVENT_STORAGE_PRESSURE = 3,
    /** No more than 5 % of the buffer duration is free. */
    KVS_EVENT_BUFFER_PRESSURE = 4,
    /** More than max_latency_ns of media is still to be sent. */
    KVS_EVENT_LATENCY_PRESSURE = 5,
    /** The service has owed an ACK for staleness_ns. */
    KVS_EVENT_STALE = 6,
    /** No frame came for idle_ns, and the open fragment was ended. */
    KVS_EVENT_UNDERFLOW = 7,
    /** A track's format changed; the next fragment goes out in a session of its own. */
    KVS_EVENT_FORMAT_CHANGED = 8,
    /** A track is left out of the sessions that follow, having had no frames, or is in them again.
     */
    KVS_EVENT_TRACK = 9,
    /** Fragment metadata found no fragment to go with. */
    KVS_EVENT_METADATA_DROPPED = 10
};

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
        /** Bytes (storage) or nanoseconds (buffer) that are left. */
        struct {
            uint64_t remaining;
        } pressure;
        struct {
            int64_t duration_ns;
        } latency;
        struct {
            uint64_t session_id;
            int64_t duration_ns;
        } stale;
        struct {
            uint64_t track_id;
            /** KVS_EVENT_TRACK: whether the track is in the sessions that follow. */
            bool present;
        } track;
        struct {
            uint64_t items;
        } metadata;
    } as;
};

/** What changed since the signals were last taken; bits. */
enum kvs_signal {
    /** kvs_stream_next_event has something. */
    KVS_SIGNAL_EVENTS = 1,
    /** A session that had run dry, or that is still to be opened, has something to read. */
    KVS_SIGNAL_DATA = 2,
    /** A put was refused for want of room, and room was made since. */
    KVS_SIGNAL_ROOM = 4,
    /** The open session is near the end of its life: open the next one beside it. */
    KVS_SIGNAL_ROTATE = 8,
    /** kvs_stream_tick is due earlier than it said. */
    KVS_SIGNAL_TICK = 16
};

struct kvs_stream_metrics {
    /** Frames whose put succeeded: they are delivered, dropped, or held (view_frames,
     * ordering_frames, awaited_frames). */
    uint64_t frames_put;
    uint64_t bytes_put;
    uint64_t put_errors;
    uint64_t fragments_put;
    uint64_t frames_sent;
    uint64_t bytes_sent;
    /** Sessions so far, and those that are open now. */
    uint64_t sessions, sessions_open;
    uint64_t acks_buffering, acks_received, acks_persisted, acks_error, acks_idle, acks_unreadable;
    /** Frames and fragments that are done: persisted (or received, without retention; or sent,
     * without ACKs). */
    uint64_t frames_delivered, fragments_delivered;
    /** Of the fragments delivered, those for which RECEIVED had to do (KVS_REPLAY_AFTER_RECEIVED).
     */
    uint64_t fragments_presumed;
    uint64_t frames_dropped[KVS_DROP_REASON_COUNT];
    uint64_t fragments_dropped;
    uint64_t metadata_dropped;
    /** Frames whose times were mended (KVS_TIMESTAMPS_FIX). */
    uint64_t timestamps_fixed;
    uint64_t storage_pressures, buffer_pressures, latency_pressures, stale_events;
    /** Everything held, and what is still to be sent. */
    uint64_t view_frames, view_bytes, pending_frames, pending_bytes;
    int64_t view_duration_ns, pending_duration_ns;
    /** Frames that wait for those of other tracks; part of neither of the above. */
    uint64_t ordering_frames;
    /** Frames that were sent and then made room for others: their ACK is awaited, and they are lost
     * only when the session ends without it. Part of none of the above. */
    uint64_t awaited_frames;
    /** Memory of the view itself, beside the store. */
    uint64_t view_memory_bytes;
    /** Presentation times of the first and last frame held that are not delivered; 0 when
     * view_frames is 0. */
    int64_t undelivered_first_pts_ns, undelivered_last_pts_ns;
    /** Frames a second of the lead track, by the clock (from a moving average of the
     * intervals) and by the two latest decoding times; 0 until known. */
    double frame_rate, elementary_frame_rate;
    /** Bytes a second that sessions read, moving average. */
    double transfer_rate;
    /** Moving average over the sessions that have ended. */
    int64_t session_duration_ns;
    int64_t uptime_ns;
};

/**
 * Makes a stream.
 *
 * Ownership: the caller destroys it before its client. All that `config` points to is copied.
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_MAX_STREAM_COUNT; KVS_STATUS_INVALID_STREAM_NAME_LENGTH
 * (by length or character); KVS_STATUS_DUPLICATE_STREAM_NAME;
 * KVS_STATUS_OFFLINE_MODE_WITH_ZERO_RETENTION for an offline stream without ACKs or retention;
 * KVS_STATUS_INVALID_ARG for a value that its enum does not have or a negative duration; the
 * statuses of kvs_mkv_header_validate, of codec private data and of the view;
 * KVS_STATUS_NOT_ENOUGH_MEMORY.
 */
KVS_API kvs_status kvs_stream_new(struct kvs_client *client, const struct kvs_stream_config *config,
                                  int64_t now_ns, struct kvs_stream **stream);

/** Destroys the stream and frees what it holds in the store. Accepts NULL. Thread: no other call on
 * it in progress. */
KVS_API void kvs_stream_destroy(struct kvs_stream *stream);

/**
 * Copies a frame into the store, adapted and packaged. Never waits.
 *
 * A frame that must be dropped for want of a key frame is counted, told by an event, and not an
 * error. With a frame order other than pass-through the frame may wait for those of other tracks;
 * should it turn out then that it cannot go out, it is dropped and told, since its put has
 * returned.
 *
 * Errors: KVS_STATUS_STREAM_HAS_BEEN_STOPPED; KVS_STATUS_MKV_TRACK_INFO_NOT_FOUND;
 * KVS_STATUS_MKV_INVALID_FRAME_DATA when it is empty; KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP when a
 * time is negative, or not after the last frame of the fragment before its own;
 * KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP when decoding runs backwards on the track;
 * KVS_STATUS_MKV_LARGE_FRAME_TIMECODE when it is too far from its fragment's start; NAL and codec
 * private data statuses; KVS_STATUS_STORE_OUT_OF_MEMORY when there is no room now
 * and nothing may be dropped for it (a stream that may drop gives up the frame's fragment, and
 * tells); KVS_STATUS_INVALID_ALLOCATION_SIZE when there can never be: the frame, or its fragment,
 * is larger than the store. For KVS_FRAME_END_OF_FRAGMENT:
 * KVS_STATUS_END_OF_FRAGMENT_FRAME_INVALID_STATE without key-frame fragmentation;
 * KVS_STATUS_MULTIPLE_CONSECUTIVE_EOFR when the fragment has ended;
 * KVS_STATUS_CONTENT_VIEW_NO_MORE_ITEMS before the first one;
 * KVS_STATUS_SETTING_KEY_FRAME_FLAG_WHILE_USING_EOFR in an order that refuses it.
 */
KVS_API kvs_status kvs_stream_put_frame(struct kvs_stream *stream, const struct kvs_frame *frame,
                                        int64_t now_ns);

/**
 * Attaches a name and a value to the fragment that is open, or else to the one that opens next; or
 * (persistent) to it and each after it until the value is replaced, or removed by an empty one.
 *
 * The service takes what follows a cluster as the metadata of its fragment, so that this is where
 * it is sent.
 *
 * Errors: KVS_STATUS_MKV_INVALID_TAG_NAME_LENGTH (1 to 128 bytes);
 * KVS_STATUS_MKV_INVALID_TAG_VALUE_LENGTH (256); KVS_STATUS_INVALID_METADATA_NAME for the reserved
 * prefix "AWS"; KVS_STATUS_MAX_FRAGMENT_METADATA_COUNT over 10, tags of events included;
 * KVS_STATUS_STREAM_HAS_BEEN_STOPPED.
 */
KVS_API kvs_status kvs_stream_put_metadata(struct kvs_stream *stream, const char *name,
                                           const char *value, bool persistent);

/**
 * Asks for images of the open fragment, or for a notification about it; of the next one when none
 * is open.
 *
 * @param events bits of enum kvs_fragment_event
 * @param details may be NULL
 * Errors: KVS_STATUS_INVALID_ARG for other bits or none, or more than 10 pairs;
 * KVS_STATUS_NULL_ARG for a pair without name or value;
 * KVS_STATUS_STREAM_NOT_STARTED before the first frame; KVS_STATUS_DUPLICATE_STREAM_EVENT_TYPE when
 * the fragment has such an event already; KVS_STATUS_INVALID_IMAGE_PREFIX_LENGTH;
 * KVS_STATUS_INVALID_IMAGE_METADATA_KEY_LENGTH; KVS_STATUS_INVALID_IMAGE_METADATA_VALUE_LENGTH;
 * KVS_STATUS_INVALID_METADATA_NAME for a name or prefix that begins with "AWS";
 * KVS_STATUS_MAX_FRAGMENT_METADATA_COUNT; KVS_STATUS_STREAM_HAS_BEEN_STOPPED. After an error no
 * event is pending that was not before.
 */
KVS_API kvs_status kvs_stream_put_event(struct kvs_stream *stream, uint32_t events,
                                        const struct kvs_fragment_event_details *details);

/**
 * Gives a track new codec private data, from the next fragment on, which then begins a session.
 *
 * H.264 and H.265 whose key frames carry their parameter sets need no call: a change there is
 * noticed.
 * Errors: KVS_STATUS_MKV_TRACK_INFO_NOT_FOUND; KVS_STATUS_MKV_INVALID_CODEC_PRIVATE_LENGTH; the
 * statuses of kvs_codec_private_adapt; KVS_STATUS_NOT_ENOUGH_MEMORY;
 * KVS_STATUS_STREAM_HAS_BEEN_STOPPED.
 */
KVS_API kvs_status kvs_stream_set_codec_private(struct kvs_stream *stream, uint64_t track_id,
                                                struct kvs_span codec_private);

/** Changes how the frames that follow are adapted. Errors:
 * KVS_STATUS_MKV_BOTH_ANNEXB_AND_AVCC_SPECIFIED, and nothing changes. */
KVS_API kvs_status kvs_stream_set_nal_adaptation(struct kvs_stream *stream,
                                                 uint32_t nal_adaptation);

/**
 * Does what is due at `now_ns`: ends a fragment that nothing is put into, lets frames go that wait
 * for a silent track, tells of stale and ageing sessions.
 *
 * @param next_ns when to call again at the latest; INT64_MAX when nothing is waited for
 */
KVS_API kvs_status kvs_stream_tick(struct kvs_stream *stream, int64_t now_ns, int64_t *next_ns);

/** No more frames: sessions end once all that is held is sent. Idempotent. */
KVS_API kvs_status kvs_stream_stop(struct kvs_stream *stream);

/** Ends all sessions at once, as if the service had closed them: close them, and open anew. */
KVS_API kvs_status kvs_stream_reset_connection(struct kvs_stream *stream);

/** Drops all that is held, metadata included, and ends all sessions; a key frame begins anew. */
KVS_API kvs_status kvs_stream_reset(struct kvs_stream *stream);

/** Takes the oldest event. Returns false when there is none. */
KVS_API bool kvs_stream_next_event(struct kvs_stream *stream, struct kvs_event *event);

/** Takes the signals raised since the last call: bits of enum kvs_signal. */
KVS_API uint32_t kvs_stream_take_signals(struct kvs_stream *stream);

/** Reads the counters, in time that does not depend on what is held. Errors: KVS_STATUS_NULL_ARG.
 */
KVS_API kvs_status kvs_stream_metrics(struct kvs_stream *stream, int64_t now_ns,
                                      struct kvs_stream_metrics *metrics);

/** Audits the stream for tests and fuzzers. Takes time in proportion to what it holds. */
bool kvs__stream_check(struct kvs_stream *stream);

#ifdef __cplusplus
}
#endif

#endif
