/*
 * A world made of a seed: one client, its streams, those who put frames into them, a network, a
 * service at its far end, a clock, and what all of them remember for the oracle to judge by.
 */
#ifndef KVS_SIMULATION_WORLD_H
#define KVS_SIMULATION_WORLD_H

#include "kvs/heap.h"
#include "kvs/session.h"
#include "kvs/stream.h"
#include "memory.h"
#include "mkv_reader.h"
#include "random.h"

#define SIM_MS INT64_C(1000000)
#define SIM_SECOND INT64_C(1000000000)
#define SIM_MAX_STREAMS 3u
#define SIM_NEVER UINT64_MAX

/** Whether a frame that was accepted may be missing from the fragment it would be in. */
enum sim_excuse {
    SIM_EXCUSE_NONE = 0,
    /** It may have been dropped by its own put; which of several frames was cannot be told. */
    SIM_EXCUSE_MAYBE = 1,
    /** Its put dropped it, and counted that. */
    SIM_EXCUSE_DROPPED = 2
};

/** Whether metadata goes with a fragment that is open, or with the next one. */
enum sim_open { SIM_CLOSED = 0, SIM_OPEN = 1, SIM_OPEN_UNKNOWN = 2 };

/** A frame that was offered. Its number is its place in the stream's history, from 1. */
struct sim_frame {
    bool accepted, key, opener;
    uint8_t track;
    enum sim_excuse excuse;
    uint32_t flags, len;
    int64_t pts_ns, dts_ns;
    /** Which codec private data each track had by then. */
    uint32_t versions[MKV_MAX_TRACKS];
    /** Whether the service has it, by the rules that the stream is configured for. */
    bool delivered;
    /** When the core was told that it is stored, or refused; SIM_NEVER until then. */
    uint64_t done_step;
    /** The first frame of the fragment that it was seen in, once that was whole; 0 until then. */
    uint64_t fragment;
    /** Of a first frame: the last one, how many there are, and a digest of the items sent once. */
    uint64_t fragment_last;
    uint32_t fragment_count;
    uint64_t tags_digest;
};

/** Metadata, or a pair of an event. Its value says its place among the stream's items. */
struct sim_item {
    bool persistent;
    /** Of an event's pair: how many kinds of event it goes with. */
    uint32_t kinds;
    char name[16];
    /** How many frames had been offered before it was put, and before it was replaced. */
    uint64_t put_after, until;
    /** A frame of the fragment that it has to be in; 0 when that is not known. */
    uint64_t anchor;
    /** It goes with the next fragment that opens. */
    bool awaits_fragment;
    /** The first frame of the fragment that it was seen in; 0 until then. */
    uint64_t fragment;
    bool delivered;
};

/** What a session sent between the starts of two clusters. */
struct sim_fragment {
    uint64_t timecode;
    uint64_t first_offset, end_offset;
    uint64_t stamp;
    /** Where its frames' numbers are in the session's list. */
    uint64_t first_block, block_count;
    /** Of its frames, absolute, in units of the scale. */
    int64_t earliest, latest;
    uint32_t tracks_seen;
    uint64_t first_item, item_count;
    uint32_t tag_count;
    bool image, notification, ended_by_tag, lacks_track;
    bool complete;
    /** What the service has said, and whether it has stored it. */
    bool buffering, received, persisted, stored, received_heard;
};

struct sim_ack {
    enum kvs_ack_type type;
    bool has_fragment;
    uint64_t fragment;
    uint32_t error_id;
    /** Where its closing brace ends in the response. */
    uint64_t end;
};

struct sim_session {
    bool used;
    uint64_t id;
    int64_t start_ns;
    uint64_t opened_step;
    /** Nothing to read until a signal; the body has ended; an ERROR ACK was taken; the core ended
     * it. */
    bool dry, ended, error_heard, aborted;
    uint32_t error_id;
    struct mkv_reader reader;
    bool has_header;
    struct mkv_header header;
    /** The stream's track of each TrackNumber of the header. */
    uint32_t declared_tracks;
    struct sim_fragment *fragments;
    uint64_t fragment_count, fragment_capacity;
    /** The numbers of the frames and of the items, as they came. */
    uint64_t *blocks;
    uint64_t block_count, block_capacity;
    uint64_t *items;
    uint64_t item_count, item_capacity;
    uint64_t last_frame[MKV_MAX_TRACKS];
    /** Bytes read, and how many of them the service has. */
    uint64_t sent, arrived;
    bool black_hole, service_failed;
    char *response;
    uint64_t response_len, response_capacity;
    /** How much of it the core has taken. */
    uint64_t response_taken;
    struct sim_ack *acks;
    uint64_t ack_count, ack_capacity, acks_heard;
    /** Of the stream, and failures of memory and spill, when it was opened. */
    uint64_t resets, faults;
};

struct sim_track {
    struct kvs_mkv_track mkv;
    uint8_t codec_private[16];
    /** Of the media it makes. */
    int64_t interval_ns, next_dts_ns, start_ns;
    uint32_t group_len, group_at;
    bool b_frames, silent;
    int64_t last_dts_ns;
    uint32_t version;
};

/** Frames that an event told to be dropped. */
struct sim_drop {
    int64_t first_pts_ns, last_pts_ns;
};

struct sim_stream {
    struct kvs_stream *stream;
    struct kvs_stream_config config;
    char name[32], writing_app[32];
    uint64_t number;
    struct sim_track tracks[MKV_MAX_TRACKS];
    struct kvs_mkv_track mkv_tracks[MKV_MAX_TRACKS];
    uint32_t lead_track;
    bool has_video, stopped;
    /** Every frame so far had times that no stream may refuse. */
    bool well_formed;
    struct sim_frame *frames;
    uint64_t frame_count, frame_capacity;
    struct sim_item *items;
    uint64_t item_count, item_capacity;
    uint64_t frames_accepted, bytes_accepted, puts_refused, image_events, notification_events;
    /** Resets of the stream or its connection: what was open before has ended. */
    uint64_t resets;
    bool was_reset;
    /** The latest time of the leading track, and the first one of the others. */
    bool has_lead_pts, has_first_pts, lead_silent;
    int64_t lead_pts_ns, first_pts_ns;
    enum sim_open open;
    /** The latest frame that went into a fragment for certain. */
    uint64_t last_in_fragment;
    struct sim_session sessions[KVS_SESSION_MAX_OPEN];
    bool may_open, rotate, room_wanted;
    int64_t next_tick_ns;
    struct kvs_stream_metrics metrics;
    /** Sums of the events taken. */
    uint64_t event_drops[KVS_DROP_REASON_COUNT], event_fragments_dropped, event_metadata_dropped;
    uint64_t event_acks, event_bad_acks;
    struct sim_drop *drops;
    uint64_t drop_count, drop_capacity;
    /** Sessions, bytes read and ACKs heard so far. */
    uint64_t sessions_opened, sessions_closed, bytes_read, sessions_used;
    /** Frames that the service has; those that are missing from whole fragments, and need a drop
     * that says why. */
    uint64_t frames_delivered, frames_missing;
    uint64_t fragments_with_image, fragments_with_notification, error_acks;
};

/** What may happen in this world: each seed leaves some of it out, so that what is left happens
 * more. */
struct sim_weather {
    uint32_t lose_connection, black_hole, service_errors, junk_acks, duplicate_acks, false_acks;
    uint32_t memory_failures, spill_write_failures, spill_read_failures;
    uint32_t clock_jumps, hostile_times, bad_calls, resets, connection_resets, format_changes;
    uint32_t metadata, events, end_of_fragment, silence, early_stop, idle_polls, huge_frames;
    uint32_t lazy_events, skew, slow_network, rotate, short_credentials, long_jumps;
    uint32_t max_frame_len, read_len;
};

struct world {
    struct random random;
    uint64_t seed;
    bool verbose;
    struct sim_weather weather;
    struct memory memory;
    struct spill spill;
    bool has_spill;
    struct kvs_client *client;
    uint64_t storage_bytes;
    struct sim_stream streams[SIM_MAX_STREAMS];
    uint32_t stream_count;
    int64_t now_ns;
    uint64_t step, steps;
    /** The stream that something happens to, for the trace. */
    uint64_t current;
    /** The faults are over, and all that is held has to get out. */
    bool healthy;
    uint8_t *buffer;
    bool failed;
    char failure[512];
};

#if defined(__GNUC__)
#define SIM_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define SIM_PRINTF(text, first)
#endif

/* world.c */
/* Makes the world of world->random and lets `steps` steps happen in it, then lets it end well.
 * False when the oracle objects; world->failure says to what. */
bool world_run(struct world *world);
/* Remembers the first objection. */
void world_fail(struct world *world, const char *format, ...) SIM_PRINTF(2, 3);
/* Tells what happens, when asked to. */
void world_trace(const struct world *world, const char *format, ...) SIM_PRINTF(2, 3);
/* Grows an array for one more; the process ends when there is no memory. */
void *world_grow(void *array, uint64_t count, uint64_t *capacity, size_t size);

static inline bool world_chance(struct world *world, uint32_t per_mille) {
    return random_chance(&world->random, per_mille);
}

#endif
