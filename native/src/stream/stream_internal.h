/**
 * What the files of stream/, session/ and metrics/ share. All of it is guarded by the client's
 * lock: the `kvs__` functions below expect that it is held, and the public ones take it.
 */
#ifndef KVS_STREAM_INTERNAL_H
#define KVS_STREAM_INTERNAL_H

#include "../client/client_internal.h"
#include "../platform/assert.h"
#include "kvs/codec.h"
#include "kvs/session.h"
#include "kvs/stream.h"
#include "kvs/view.h"

#define KVS__MAX_TRACKS 3u
#define KVS__MAX_METADATA 10u
#define KVS__MAX_METADATA_NAME 128u
#define KVS__MAX_METADATA_VALUE 256u
#define KVS__ACK_QUEUE 64u
#define KVS__MAX_STREAM_NAME 256u

struct stream_track {
    struct kvs_mkv_track mkv;
    enum kvs_codec codec;
    /** The codec private data came as avcC or hvcC: frames are expected with lengths. */
    bool expects_lengths;
    /** Owned copy of what mkv.codec_private shows, and what is behind mkv.codec_id and mkv.name. */
    uint8_t *codec_private;
    char codec_id[33];
    char name[33];
    bool has_dts;
    int64_t last_dts_ns;
};

/** The fragment that frames are added to. Timecodes are in units of the timecode scale. */
struct open_fragment {
    /** False until a key frame opens one, and after its rest had to be given up. */
    bool open;
    int64_t timecode;
    /** Latest timecode of any frame so far: the next fragment lies wholly beyond it. */
    bool has_latest;
    int64_t latest_timecode;
    /** latest_timecode as it was when this fragment opened. */
    bool has_floor;
    int64_t floor_timecode;
};

struct metadata_item {
    bool persistent;
    char name[KVS__MAX_METADATA_NAME + 1];
    char value[KVS__MAX_METADATA_VALUE + 1];
};

/** The bytes that are to be copied out next, in order: at most a header, tags, a cluster header and
 * a block. */
struct session_pieces {
    struct kvs_span items[4];
    uint32_t count;
    uint32_t next;
    size_t offset;
};

struct session {
    bool open;
    /** An ERROR ACK ended it: nothing more is read. */
    bool failed;
    uint64_t id;
    int64_t base_timecode;
    uint8_t *header;
    size_t header_len;
    uint8_t cluster[KVS_MKV_CLUSTER_MAX_BYTES];
    /** The view's current item is in `pieces`, wholly or partly unread. */
    bool item_loaded;
    struct session_pieces pieces;
    struct kvs_ack_parser ack_parser;
};

struct ack_queue {
    struct kvs_event events[KVS__ACK_QUEUE];
    uint32_t first;
    uint32_t count;
};

/** Drops since the last poll, a slot for each reason: this queue cannot overflow. */
struct drop_ledger {
    struct kvs_event slots[KVS_DROP_REASON_COUNT];
};

struct kvs_stream {
    struct kvs_client *client;
    struct kvs_stream *next;
    char name[KVS__MAX_STREAM_NAME + 1];
    struct kvs_stream_config config;
    char writing_app[129];
    int64_t fragment_duration_timecode;
    struct stream_track tracks[KVS__MAX_TRACKS];
    uint32_t track_count;
    /** The track whose frames open fragments: the first video track, else the first. */
    uint32_t lead_track;
    struct kvs_view *view;
    struct open_fragment fragment;
    struct metadata_item metadata[KVS__MAX_METADATA];
    uint32_t metadata_count;
    struct session session;
    uint64_t last_session_id;
    bool stopped;
    bool data_wanted;
    bool room_wanted;
    uint32_t signals;
    struct ack_queue acks;
    struct drop_ledger drops;
    struct kvs_stream_metrics counters;
    int64_t created_ns;
};

/* tracks.c */
kvs_status kvs__tracks_init(struct kvs_stream *stream, const struct kvs_stream_config *config);
void kvs__tracks_clean_up(struct kvs_stream *stream);
struct stream_track *kvs__tracks_find(struct kvs_stream *stream, uint64_t track_id);
/** Takes codec private data from a key frame when the track still lacks it. */
kvs_status kvs__track_learn(struct kvs_stream *stream, struct stream_track *track,
                            struct kvs_span key_frame);
void kvs__stream_header(const struct kvs_stream *stream, struct kvs_mkv_track *tracks,
                        struct kvs_mkv_header *header);

/* metadata.c */
/** Writes the pending metadata as a Tags element into the store; *tags is NULL when there is none.
 */
kvs_status kvs__metadata_take(struct kvs_stream *stream, uint8_t **tags, uint32_t *tags_len);
/** Forgets what is sent once only: called when the fragment that carries it is in the view. */
void kvs__metadata_done(struct kvs_stream *stream);

/* retention.c */
/** Drops the oldest fragment that is neither being sent nor being put. False when there is none. */
bool kvs__retention_evict(struct kvs_stream *stream, enum kvs_drop_reason reason);
/** Ends the fragment that is being put before its time, and drops it if none of it was sent. */
void kvs__retention_give_up_open(struct kvs_stream *stream);
/** Frees view slots at the tail, dropping what is there. False when the tail is being sent or put.
 */
bool kvs__retention_free_slot(struct kvs_stream *stream);
/** Makes a realtime stream hold no more than its buffer duration once a frame that ends at `end_ns`
 * is added. */
void kvs__retention_limit_duration(struct kvs_stream *stream, int64_t end_ns);
/** Drops all frames of the fragment that starts at `start`, and tells so unless it was sent and may
 * yet be confirmed. */
void kvs__retention_drop(struct kvs_stream *stream, uint64_t start, enum kvs_drop_reason reason);
/** Notes that the service has the fragment that starts at `start`. */
void kvs__retention_deliver(struct kvs_stream *stream, uint64_t start);
/** Frees the fragments at the tail that are done. */
void kvs__retention_trim(struct kvs_stream *stream);
/** Moves back to the oldest fragment that the service may not have. */
void kvs__retention_roll_back(struct kvs_stream *stream);

/* events.c */
bool kvs__events_ack_room(const struct kvs_stream *stream);
void kvs__events_push_ack(struct kvs_stream *stream, kvs_status status, const struct kvs_ack *ack);
struct drop_report {
    enum kvs_drop_reason reason;
    uint64_t frames;
    uint64_t fragments;
    uint64_t bytes;
    int64_t first_pts_ns;
    int64_t last_pts_ns;
};
void kvs__events_report_drop(struct kvs_stream *stream, const struct drop_report *report);
/** Raises KVS_SIGNAL_DATA if a reader waits for it. */
void kvs__events_data_available(struct kvs_stream *stream);
/** Raises KVS_SIGNAL_ROOM if a put was refused for want of room. */
void kvs__events_room_made(struct kvs_stream *stream);

/* session/ */
/** Applies one ACK to the view. */
void kvs__acks_apply(struct kvs_stream *stream, const struct kvs_ack *ack);
void kvs__session_clean_up(struct kvs_stream *stream);

#endif
