/**
 * What the files of stream/, session/ and metrics/ share. All of it is guarded by the client's
 * lock: the `kvs__` functions below expect that it is held, and the public ones take it.
 */
#ifndef KVS_STREAM_INTERNAL_H
#define KVS_STREAM_INTERNAL_H

#include "client/client_internal.h"
#include "client/store.h"
#include "kvs/codec.h"
#include "kvs/session.h"
#include "kvs/stream.h"
#include "order/order.h"
#include "platform/assert.h"
#include "stream/staged_frame.h"
#include "timestamps/clocks.h"
#include "timestamps/normalizer.h"
#include "view/view_internal.h"

#define KVS__MAX_TRACKS 3u
#define KVS__MAX_METADATA 10u
/** With values that wait to replace others. */
#define KVS__MAX_METADATA_ITEMS (2u * KVS__MAX_METADATA)
#define KVS__MAX_METADATA_NAME 128u
#define KVS__MAX_METADATA_VALUE 256u
#define KVS__EVENT_KINDS 2u
/** Those of the fragment at hand, and of one that begins with a key frame which waits in the order.
 */
#define KVS__EVENT_SLOTS (2u * KVS__EVENT_KINDS)
#define KVS__ACK_QUEUE 64u
#define KVS__MAX_STREAM_NAME 256u
/** How long a fragment is stretched for a track that has no frame in it yet, and how long a track
 * may be without frames until it counts as silent: half of what the service allows a fragment. */
#define KVS__STRETCH_NS (INT64_C(10) * 1000000000)

struct stream_track {
    uint64_t track_id;
    uint8_t number;
    enum kvs_track_type type;
    enum kvs_codec codec;
    /** The codec private data came as avcC or hvcC: frames are expected with lengths. */
    bool expects_lengths;
    bool has_pts;
    int64_t last_pts_ns;
    /** Parameter sets of the last key frame that had some, each behind its length of 4 bytes: when
     * they change, so does the format. */
    uint8_t *sets;
    size_t sets_len;
};

/** What the header of a session says of the tracks. A change makes a new one, in force from the
 * next fragment that a frame put in it opens; the old one stays for the fragments that are in it.
 */
struct stream_format {
    struct stream_format *newer;
    uint32_t number;
    /** Frames that wait in the order may be in it; otherwise one that is newer replaces it. */
    bool has_frames;
    struct kvs_mkv_track tracks[KVS__MAX_TRACKS];
    /** Owned; what `tracks` shows. */
    uint8_t *codec_private[KVS__MAX_TRACKS];
    char codec_ids[KVS__MAX_TRACKS][KVS_MKV_MAX_CODEC_ID_LEN + 1];
    char names[KVS__MAX_TRACKS][KVS_MKV_MAX_TRACK_NAME_LEN + 1];
};

/** The fragment that frames are added to. Timecodes are in units of the timecode scale. */
struct open_fragment {
    /** False until a key frame opens one, and once it is ended or its rest had to be given up. */
    bool open;
    /** The last thing put was the end of a fragment. */
    bool ended;
    /** Of its first item, which is `first` in the view while the fragment is open. */
    uint64_t start;
    int64_t timecode;
    struct kvs_view_item *first;
    /** Latest timecode of any frame so far: the next fragment lies wholly beyond it. */
    bool has_latest;
    int64_t latest_timecode;
    int64_t latest_pts_ns;
    /** latest_timecode as it was when this fragment opened. */
    bool has_floor;
    int64_t floor_timecode;
};

struct metadata_item {
    bool persistent;
    /** It belongs behind that many frames of the lead track, see kvs__staged_frame. */
    uint64_t after;
    char name[KVS__MAX_METADATA_NAME + 1];
    char value[KVS__MAX_METADATA_VALUE + 1];
};

/** An event of a fragment, as the Tags element that asks for it. */
struct fragment_event {
    uint64_t after;
    uint32_t tag_count;
    uint8_t *tags;
    size_t len;
};

struct metadata {
    /** Versions of a persistent item follow one another. */
    struct metadata_item items[KVS__MAX_METADATA_ITEMS];
    uint32_t count;
    /** Notification, then image: the order in which they are sent; then the same for the fragment
     * after that. NULL tags: none pending. */
    struct fragment_event events[KVS__EVENT_SLOTS];
};

/** Bytes that are to be copied out: in memory, or in the spill where `data` is NULL. */
struct session_piece {
    const uint8_t *data;
    uint64_t spill_offset;
    size_t len;
};

/** What is to be copied out next, in order: at most a header, a cluster header and a block. */
struct session_pieces {
    struct session_piece items[3];
    uint32_t count;
    uint32_t next;
    size_t offset;
};

enum session_state {
    SESSION_CLOSED = 0,
    /** Opened beside the active one, and next to be read from. */
    SESSION_WAITING,
    /** Read from; there is at most one. */
    SESSION_ACTIVE,
    /** All of its part is read; its ACKs are awaited. */
    SESSION_ENDED,
    /** An ERROR ACK or a reset ended it: nothing more is read. */
    SESSION_FAILED
};

struct session {
    enum session_state state;
    uint64_t id;
    int64_t base_timecode;
    uint8_t *header;
    /** What the header that was sent says; 0 before. */
    uint32_t format;
    uint8_t track_mask;
    uint8_t cluster[KVS_MKV_CLUSTER_MAX_BYTES];
    /** The view's current item is in `pieces`, wholly or partly unread. */
    bool item_loaded;
    struct session_pieces pieces;
    /** The fragments that it sent lie in [first, end); `at` is where the last one begun starts. */
    uint64_t first;
    uint64_t at;
    uint64_t end;
    /** Fragments that it has begun, and those of them that are delivered or dropped. */
    uint64_t fragments_begun;
    uint64_t fragments_settled;
    /** The ErrorId that failed it, or 0. */
    uint32_t result;
    int64_t opened_ns;
    /** When it asks to be replaced; INT64_MAX once it has, until the next one is lost. */
    int64_t rotate_ns;
    /** Since when bytes that it sent are unanswered; 0 when none are. */
    int64_t unanswered_ns;
    bool stale_told;
    struct kvs_ack_parser ack_parser;
};

#define SESSION_NONE UINT32_MAX

struct ack_queue {
    struct kvs_event events[KVS__ACK_QUEUE];
    uint32_t first;
    uint32_t count;
};

/** Events that are told by their latest state, a slot for each, so that they cannot overflow. */
enum notice {
    NOTICE_STORAGE,
    NOTICE_BUFFER,
    NOTICE_LATENCY,
    NOTICE_STALE,
    NOTICE_UNDERFLOW,
    NOTICE_METADATA,
    NOTICE_FORMAT,
    NOTICE_TRACK = NOTICE_FORMAT + KVS__MAX_TRACKS,
    NOTICE_COUNT = NOTICE_TRACK + KVS__MAX_TRACKS
};

struct notices {
    bool pending[NOTICE_COUNT];
    struct kvs_event events[NOTICE_COUNT];
};

/** Frames on their way from the put to their fragment. */
struct ordering {
    /** NULL for KVS_FRAME_ORDER_PASS_THROUGH. */
    struct kvs__order *order;
    /** One that has left the order and found no room, in a stream that must not drop. */
    bool has_held;
    struct kvs__staged_frame held;
};

/** Which pressures hold now: each is told when it begins. */
struct pressures {
    bool storage, buffer, latency;
};

/** Moving averages, and what they are taken from. */
struct rates {
    bool has_frame;
    int64_t last_put_ns, last_dts_ns;
    double put_interval_ns;
    /** Of the last two decoding times; 0 until known. */
    int64_t dts_distance_ns;
    int64_t transfer_since_ns;
    uint64_t transfer_bytes;
    double transfer_rate;
    double session_ns;
};

/** What is large and not for every frame comes last, so that the rest is in few cache lines. */
struct kvs_stream {
    struct kvs_client *client;
    struct kvs_stream *next;
    struct kvs_stream_config config;
    int64_t fragment_duration_timecode;
    int64_t stretch_timecode;
    struct stream_track tracks[KVS__MAX_TRACKS];
    uint32_t track_count;
    /** The track whose frames open fragments: the first video track, else the first. */
    uint32_t lead_track;
    /** From the oldest to the newest that is in force. `pending_format`, unless NULL, is the last
     * of those behind it, in which frames were put that wait in the order. */
    struct stream_format *oldest_format;
    struct stream_format *newest_format;
    struct stream_format *pending_format;
    struct kvs__normalizer normalizer;
    struct ordering ordering;
    /** Frames of the lead track that were put, and that have left the order. */
    uint64_t lead_put;
    uint64_t lead_placed;
    /** lead_put at its latest key frame. */
    uint64_t lead_key_put;
    int64_t first_pts_ns;
    /** Has one slot more than `max_frames`. */
    struct kvs_view *view;
    uint32_t max_frames;
    /** Fragments before this index need not be looked at to find one to evict. */
    uint64_t evict_from;
    struct open_fragment fragment;
    uint32_t active;
    uint32_t waiting;
    /** Where reading goes back to once the active session has ended; UINT64_MAX when it goes on. */
    uint64_t rewind;
    uint64_t last_session_id;
    uint32_t signals;
    struct rates rates;
    int64_t last_put_ns;
    int64_t next_tick_ns;
    struct kvs_stream_metrics counters;
    int64_t created_ns;
    /** Bits of the tracks that are believed to have frames in each fragment. */
    uint8_t live_tracks;
    bool has_first_pts;
    /** kvs_stream_stop was called, and (stopped) all that was put has reached the view. */
    bool stopping;
    bool stopped;
    bool data_wanted;
    bool room_wanted;
    struct pressures pressures;
    struct session sessions[KVS_SESSION_MAX_OPEN];
    struct metadata metadata;
    struct ack_queue acks;
    /** Drops since the last poll, a slot for each reason. */
    struct kvs_event drops[KVS_DROP_REASON_COUNT];
    struct notices notices;
    char name[KVS__MAX_STREAM_NAME + 1];
    char writing_app[KVS_MKV_MAX_WRITING_APP_LEN + 1];
};

#include "stream/small.h"

/* format.c */
kvs_status kvs__formats_init(struct kvs_stream *stream, const struct kvs_stream_config *config);
void kvs__formats_clean_up(struct kvs_stream *stream);
/** The format of that number, which a fragment of the view is in. */
const struct stream_format *kvs__format_find(const struct kvs_stream *stream, uint32_t number);
/** Puts the format of a frame into force, which opens a fragment. */
void kvs__format_apply(struct kvs_stream *stream, const struct kvs__staged_frame *frame);
/** Forgets formats that no fragment is in any more. */
void kvs__formats_trim(struct kvs_stream *stream);
/** Has `codec_private` of a track in force from the next fragment on; `adaptation`: bits of enum
 * kvs_nal_adaptation. */
kvs_status kvs__format_change(struct kvs_stream *stream, uint32_t track_index,
                              struct kvs_span codec_private, uint32_t adaptation);

/* parameter_sets.c */
/** Takes the parameter sets of a key frame: the first ones, or changed ones. */
kvs_status kvs__parameter_sets_learn(struct kvs_stream *stream, uint32_t track_index,
                                     struct kvs_span key_frame);

/* stage.c */
/** Whether all that the stream holds is the fragment that is being put: no ACK makes room then. */
bool kvs__stream_holds_open_fragment_only(const struct kvs_stream *stream);
/** Whether fragments may be dropped to make room. */
bool kvs__stream_may_drop(const struct kvs_stream *stream);
/** Copies a payload into the store, with room for its block header in front. */
kvs_status kvs__stream_stage(struct kvs_stream *stream, struct kvs_span data,
                             struct kvs__staged_frame *frame);

/* ordering.c */
/** Has a staged frame wait in the order of a stream that has one. On failure its place stays the
 * caller's. */
kvs_status kvs__stream_order(struct kvs_stream *stream, const struct kvs__staged_frame *staged);
/** Asks for room, and has the reader end its session when that alone makes some. */
void kvs__stream_want_room(struct kvs_stream *stream);
/** Tells that one frame is dropped. */
void kvs__stream_report_frame(struct kvs_stream *stream, uint64_t bytes, int64_t pts_ns,
                              enum kvs_drop_reason reason);
/** Drops a frame that is in the store and not in the view. */
void kvs__stream_drop_frame(struct kvs_stream *stream, const struct kvs__staged_frame *frame,
                            enum kvs_drop_reason reason);
/**
 * There is no room for a frame. A stream that may drop gives up the fragment that it belongs to,
 * whose rest could not be decoded, and goes on with the next one; one that may not says so, and
 * keeps what it has. True when the frame counts as dropped.
 */
bool kvs__stream_give_up(struct kvs_stream *stream, kvs_status status);

/* fragment.c */
/** Where a frame goes: into the fragment that is open, or into one that it opens. */
struct placement {
    bool opens_fragment;
    /** It cannot go anywhere: `drop_reason` tells why. */
    bool dropped;
    enum kvs_drop_reason drop_reason;
    /** Its presentation time, mended where the stream mends. */
    int64_t pts_ns;
    int64_t timecode;
    int64_t fragment_timecode;
};
kvs_status kvs__fragment_place(struct kvs_stream *stream, const struct kvs__staged_frame *frame,
                               struct placement *placement);
/** Adds a frame as placed. On failure nothing is added and the frame's place stays the caller's. */
kvs_status kvs__fragment_add(struct kvs_stream *stream, const struct kvs__staged_frame *frame,
                             const struct placement *placement);
/** Ends the open fragment because one with that timecode opens next. */
kvs_status kvs__fragment_complete(struct kvs_stream *stream, int64_t next_timecode);
/** Ends the open fragment, with its metadata behind it; with the tag that tells the service so when
 * `explicitly`. */
kvs_status kvs__fragment_end(struct kvs_stream *stream, bool explicitly);
/** Whether the fragment at `start` is the one that is being put. */
bool kvs__fragment_grows(const struct kvs_stream *stream, uint64_t start);
/** Bits of the tracks that the header of a session must have for the fragment at `start`. */
uint8_t kvs__fragment_tracks(struct kvs_stream *stream, uint64_t start);
void kvs__track_set_live(struct kvs_stream *stream, uint32_t track_index, bool live);

/* metadata.c */
size_t kvs__metadata_size(const struct kvs_stream *stream, bool explicitly);
/** Writes the Tags elements of the fragment that ends: exactly kvs__metadata_size bytes. Returns
 * how many items that are sent once they hold. */
uint32_t kvs__metadata_write(const struct kvs_stream *stream, bool explicitly, uint8_t *out,
                             size_t size);
/** Forgets what is sent once only: called when what carries it is in the view. Returns how many
 * items that were. */
uint32_t kvs__metadata_done(struct kvs_stream *stream, bool all);
void kvs__metadata_clean_up(struct kvs_stream *stream);

/* retention.c */
/** Drops the oldest fragment that is neither being sent nor being put. False when there is none. */
bool kvs__retention_evict(struct kvs_stream *stream, enum kvs_drop_reason reason);
/** Ends the fragment that is being put before its time, and drops it if none of it was sent. */
void kvs__retention_give_up_open(struct kvs_stream *stream, enum kvs_drop_reason reason);
/** Frees view slots at the tail, dropping what is there. False when the tail is being sent or put.
 */
bool kvs__retention_free_slot(struct kvs_stream *stream);
/** Gives the bytes of an item back to the store, unless that was done; `run` is as in
 * kvs__store_release_in. */
void kvs__retention_free_payload(struct kvs_stream *stream, struct kvs__heap_run *run,
                                 const struct kvs_view_item *item);
/** Drops all frames of the fragment that starts at `start`, and tells so unless it was sent and may
 * yet be confirmed. */
void kvs__retention_drop(struct kvs_stream *stream, uint64_t start, enum kvs_drop_reason reason);
/** Notes that the service has the fragment that starts at `start`. */
void kvs__retention_deliver(struct kvs_stream *stream, uint64_t start);
/** The fragment at `start` is no longer being sent: it may be evicted again. */
void kvs__retention_unpin(struct kvs_stream *stream, uint64_t start);
/** Frees the fragments at the tail that are done. */
void kvs__retention_trim(struct kvs_stream *stream);
/** A session ends: tells what of the fragment at `start` is lost by that. */
void kvs__retention_give_up_ack(struct kvs_stream *stream, uint64_t start,
                                enum kvs_drop_reason reason);
/** What the bytes of a fragment whose ACK is awaited were dropped for. */
enum kvs_drop_reason kvs__retention_reason(struct kvs_stream *stream, uint64_t start);
/** Drops everything. No session is being read from. */
void kvs__retention_drop_all(struct kvs_stream *stream, enum kvs_drop_reason reason);

/* events.c */
bool kvs__events_ack_room(const struct kvs_stream *stream);
void kvs__events_push_ack(struct kvs_stream *stream, uint64_t session_id, kvs_status status,
                          const struct kvs_ack *ack);
struct drop_report {
    enum kvs_drop_reason reason;
    uint64_t frames;
    uint64_t fragments;
    uint64_t bytes;
    int64_t first_pts_ns;
    int64_t last_pts_ns;
    /** Items of metadata that are sent once and were lost with the frames. */
    uint64_t metadata;
};
void kvs__events_report_drop(struct kvs_stream *stream, const struct drop_report *report);
void kvs__events_metadata_dropped(struct kvs_stream *stream, uint64_t items);
/** The event behind a notice, which is pending from now on; its type is set by the caller. */
struct kvs_event *kvs__events_notice(struct kvs_stream *stream, uint32_t notice);
/** Raises KVS_SIGNAL_ROOM for the streams whose puts were refused for want of room: they share the
 * store. */
void kvs__events_room_made(const struct kvs_client *client);

/* pressure.c */
/** Looks for pressures after a put. */
void kvs__pressure_check(struct kvs_stream *stream);

/* tick.c */

/* metrics/ */
void kvs__rates_frame(struct kvs_stream *stream, const struct kvs__staged_frame *frame);
/** Frames a second of the lead track by the clock; 0 until known. */
double kvs__rates_frame_rate(const struct kvs_stream *stream);
/** Frames a second of the lead track by the last two decoding times; 0 until known. */
double kvs__rates_elementary(const struct kvs_stream *stream);
void kvs__rates_session(struct kvs_stream *stream, int64_t duration_ns);

/* session/ */
/** The fragment at `start` is delivered or dropped: its session has one less to wait for. */
void kvs__session_settle(struct kvs_stream *stream, struct kvs_view_item *item);
/** Whether puts wait for room that only the fragment sent last can give: the service knows that it
 * is whole, and stores it, once the session ends. */
bool kvs__session_frees_room(struct kvs_stream *stream);
/** Whether puts wait for room that fragments give which are to be sent again, while the session
 * that is read from waits for the rest of its fragment: it has to go. */
bool kvs__session_bars_room(const struct kvs_stream *stream);
/** What can be read next, past fragments that are gone, delivered or on their way; NULL when there
 * is nothing. */
struct kvs_view_item *kvs__session_next_item(struct kvs_stream *stream);
/** Without ACKs nobody will say that the fragment which was read last has arrived: being sent must
 * do, once it is complete. */
void kvs__session_deliver_sent(struct kvs_stream *stream, const struct session *session);
/** The service owes the session an answer from now on. */
void kvs__session_await_answer(struct kvs_stream *stream, struct session *session, int64_t now_ns);
/** Ends a session's reading; the one that waits takes over. */
void kvs__session_end(struct kvs_stream *stream, struct session *session);
void kvs__session_fail(struct kvs_stream *stream, struct session *session, uint32_t result);
/** Decides what a closed session's fragments have become, and where reading goes on. */
void kvs__session_replay(struct kvs_stream *stream, struct session *session, uint32_t result);
/** Applies one ACK to the view. */
void kvs__acks_apply(struct kvs_stream *stream, struct session *session, const struct kvs_ack *ack);
void kvs__sessions_fail_all(struct kvs_stream *stream);
void kvs__sessions_clean_up(struct kvs_stream *stream);
/** When the sessions need a tick. */
int64_t kvs__sessions_tick(struct kvs_stream *stream, int64_t now_ns);

#endif
