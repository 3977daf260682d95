#include "producer.h"

#include <inttypes.h>
#include <string.h>

#include "oracle.h"
#include "payload.h"
#include "wire.h"

/* How long a picture is waited for. */
#define SILENCE_NS (10 * SIM_SECOND)

/* A frame that the smallest store holds when it is empty. */
#define ALWAYS_FITS (9u << 20)

/** The put that is going on, for the events that it causes. */
static struct {
    int64_t pts_ns;
    bool hit[KVS_DROP_REASON_COUNT];
} current;

void producer_note_drop(struct sim_stream *stream, const struct kvs_event *event) {
    (void)stream;
    current.hit[event->as.dropped.reason] |= event->as.dropped.first_pts_ns <= current.pts_ns &&
                                             current.pts_ns <= event->as.dropped.last_pts_ns;
}

static bool is_hostile(struct world *world) {
    return world_chance(world, world->weather.hostile_times);
}

static void make_hostile(struct world *world, struct kvs_frame *frame) {
    struct random *random = &world->random;
    switch (random_below(random, 9)) {
    case 0:
        frame->dts_ns -= random_between(random, 1, 5000) * SIM_MS;
        break;
    case 1:
        frame->pts_ns -= random_between(random, 1, 5000) * SIM_MS;
        break;
    case 2:
        frame->pts_ns = frame->dts_ns = random_between(random, 0, 1000) * SIM_MS;
        break;
    case 3:
        frame->pts_ns = -1;
        break;
    case 4:
        frame->duration_ns = -random_between(random, 1, 1000) * SIM_MS;
        break;
    case 5:
        frame->pts_ns = frame->dts_ns = INT64_MAX - random_between(random, 0, 10);
        break;
    case 6:
        frame->pts_ns += random_between(random, 1, 100) * SIM_SECOND;
        frame->dts_ns = frame->pts_ns;
        break;
    case 7:
        frame->dts_ns = INT64_MIN;
        break;
    default:
        frame->dts_ns = frame->pts_ns - random_between(random, 0, 1) * 33 * SIM_MS;
    }
}

/** Display order I B B P of decoding order I P B B, so that times are within their group. */
static int64_t display_offset(const struct sim_track *track) {
    static const int64_t shifts[] = {1, 3, 0, 0};
    uint32_t place = track->group_at == 0 ? 0 : 1 + (track->group_at - 1) % 3;
    return track->b_frames ? shifts[place] * track->interval_ns : 0;
}

static uint32_t choose_track(struct world *world, struct sim_stream *stream) {
    uint32_t count = stream->config.track_count;
    if (world_chance(world, world->weather.skew)) {
        return (uint32_t)random_below(&world->random, count);
    }
    uint32_t chosen = stream->lead_track;
    for (uint32_t i = 0; i < count; i++) {
        if (!stream->tracks[i].silent &&
            stream->tracks[i].next_dts_ns < stream->tracks[chosen].next_dts_ns) {
            chosen = i;
        }
    }
    return chosen;
}

static uint32_t choose_len(struct world *world) {
    struct random *random = &world->random;
    if (world_chance(world, world->weather.huge_frames)) {
        return (uint32_t)random_between(random, 1,
                                        world_chance(world, 50) ? 11 * 1048576 : 2097152) +
               PAYLOAD_MIN_LEN;
    }
    return (uint32_t)random_between(random, PAYLOAD_MIN_LEN, world->weather.max_frame_len);
}

static void make_frame(struct world *world, struct sim_stream *stream, uint32_t index,
                       struct kvs_frame *frame) {
    const struct sim_track *track = &stream->tracks[index];
    bool is_video = track->mkv.type == KVS_TRACK_VIDEO;
    frame->track_id = track->mkv.track_id;
    frame->dts_ns = track->next_dts_ns;
    frame->pts_ns = track->next_dts_ns + display_offset(track);
    frame->duration_ns = world_chance(world, 100) ? 0 : track->interval_ns;
    if (is_video ? track->group_at == 0 : world_chance(world, 500)) {
        frame->flags |= KVS_FRAME_KEY;
    } else if (world_chance(world, 100)) {
        frame->flags |= world_chance(world, 500) ? KVS_FRAME_DISCARDABLE : KVS_FRAME_INVISIBLE;
    }
    if (is_hostile(world)) {
        make_hostile(world, frame);
    }
}

static bool may_be_full(const struct sim_stream *stream) {
    return stream->config.streaming_type == KVS_STREAMING_OFFLINE ||
           stream->config.store_pressure == KVS_STORE_PRESSURE_FAIL;
}

/** Whether the frame begins a fragment for certain, so that it can wait for all others to go. */
static bool begins_fragment(const struct sim_stream *stream, const struct kvs_frame *frame) {
    const struct kvs_stream_config *config = &stream->config;
    return config->track_count == 1 && stream->has_video && config->key_frame_fragmentation &&
           config->frame_order == KVS_FRAME_ORDER_PASS_THROUGH &&
           (frame->flags & KVS_FRAME_KEY) != 0;
}

static bool may_answer(const struct world *world, const struct sim_stream *stream,
                       const struct kvs_frame *frame, kvs_status status) {
    bool is_alone = world->stream_count == 1;
    switch (status) {
    case KVS_STATUS_SUCCESS:
        return !stream->stopped;
    case KVS_STATUS_STREAM_HAS_BEEN_STOPPED:
        return stream->stopped;
    case KVS_STATUS_STORE_OUT_OF_MEMORY:
        return may_be_full(stream);
    case KVS_STATUS_INVALID_ALLOCATION_SIZE:
        return frame->data.len > ALWAYS_FITS || (!(is_alone && begins_fragment(stream, frame)) &&
                                                 (frame->data.len > 100000 || may_be_full(stream)));
    case KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP:
    case KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP:
    case KVS_STATUS_MKV_LARGE_FRAME_TIMECODE:
        return !stream->well_formed;
    default:
        return false;
    }
}

/** A frame was dropped for want of a key frame, though its fragment was open for certain. */
static void note_closed(struct world *world, struct sim_stream *stream) {
    /* A picture may be dropped while a fragment without one is open. */
    stream->open = SIM_OPEN_UNKNOWN;
    if (stream->config.track_count == 1) {
        world_fail(world, "stream %d: the fragment that frame %" PRIu64 " belongs to is gone",
                   (int)stream->number, stream->frame_count);
    }
}

static void note_put(struct world *world, struct sim_stream *stream, struct sim_frame *frame,
                     const struct kvs_stream_metrics *before) {
    struct kvs_stream_metrics after;
    const bool in_order = stream->config.frame_order == KVS_FRAME_ORDER_PASS_THROUGH;
    bool lazy = world->weather.lazy_events > 0;
    kvs_stream_metrics(stream->stream, world->now_ns, &after);
    memset(current.hit, 0, sizeof current.hit);
    if (!lazy) {
        oracle_take_events(world, stream);
    }
    uint64_t grown[KVS_DROP_REASON_COUNT];
    for (uint32_t i = 0; i < KVS_DROP_REASON_COUNT; i++) {
        grown[i] = after.frames_dropped[i] - before->frames_dropped[i];
    }
    uint64_t own = grown[KVS_DROP_NO_KEY_FRAME] + grown[KVS_DROP_LATE] + grown[KVS_DROP_TIMESTAMP];
    bool room = grown[KVS_DROP_STORE_PRESSURE] + grown[KVS_DROP_FRAME_COUNT] > 0;
    /* Of frames whose times were mended the events tell those. */
    bool hit = lazy || stream->config.timestamp_policy == KVS_TIMESTAMPS_FIX ||
               current.hit[KVS_DROP_STORE_PRESSURE] || current.hit[KVS_DROP_FRAME_COUNT];
    if (!in_order) {
        frame->excuse = room || own > 0 ? SIM_EXCUSE_MAYBE : SIM_EXCUSE_NONE;
        return;
    }
    if (own > 1) {
        world_fail(world, "stream %d: one put drops %d frames of its own", (int)stream->number,
                   (int)own);
    } else if (own == 1) {
        frame->excuse = SIM_EXCUSE_DROPPED;
        if (grown[KVS_DROP_NO_KEY_FRAME] > 0 && stream->open == SIM_OPEN) {
            note_closed(world, stream);
        }
    } else if (room && hit) {
        frame->excuse = SIM_EXCUSE_MAYBE;
        stream->open = SIM_OPEN_UNKNOWN;
    } else {
        stream->open = SIM_OPEN;
        stream->last_in_fragment = stream->frame_count;
    }
    for (uint64_t i = 0; i < stream->item_count; i++) {
        struct sim_item *item = &stream->items[i];
        if (item->awaits_fragment && frame->excuse != SIM_EXCUSE_DROPPED) {
            item->awaits_fragment = false;
            item->anchor = frame->excuse == SIM_EXCUSE_NONE ? stream->frame_count : 0;
        }
    }
}

/** Whether the frame shows that there has been no picture for a while. */
static bool makes_silent(const struct sim_stream *stream, const struct sim_frame *frame) {
    bool has_since = stream->has_lead_pts || stream->has_first_pts;
    int64_t since = stream->has_lead_pts ? stream->lead_pts_ns : stream->first_pts_ns;
    return has_since && frame->track != stream->lead_track && frame->pts_ns > since &&
           (uint64_t)frame->pts_ns - (uint64_t)since >= SILENCE_NS;
}

/** Key frames of the leading track open fragments; without a picture, for long enough, others. */
static bool may_open(const struct world *world, const struct sim_stream *stream, uint32_t index,
                     const struct sim_frame *frame) {
    if (!stream->has_video || index == stream->lead_track) {
        return !stream->has_video || frame->key;
    }
    /* A wild time of another track makes the picture look silent for a while. */
    bool times_differ = stream->config.generated_timestamps || world->weather.hostile_times > 0;
    return times_differ || stream->lead_silent || makes_silent(stream, frame);
}

static void note_time(struct sim_stream *stream, const struct sim_frame *frame) {
    stream->lead_silent |= makes_silent(stream, frame);
    if (frame->track != stream->lead_track) {
        stream->first_pts_ns = stream->has_first_pts ? stream->first_pts_ns : frame->pts_ns;
        stream->has_first_pts = true;
    } else if (frame->excuse == SIM_EXCUSE_NONE) {
        bool is_later = !stream->has_lead_pts || frame->pts_ns > stream->lead_pts_ns;
        stream->lead_pts_ns = is_later ? frame->pts_ns : stream->lead_pts_ns;
        stream->has_lead_pts = true;
        /* Behind an order it may still be dropped, but for a key frame. */
        bool is_placed = stream->config.frame_order == KVS_FRAME_ORDER_PASS_THROUGH || frame->key;
        stream->lead_silent = stream->lead_silent && !is_placed;
    }
}

static kvs_status put(struct world *world, struct sim_stream *stream, uint32_t index,
                      struct kvs_frame *frame) {
    const struct kvs_stream_metrics before = stream->metrics;
    stream->frames = world_grow(stream->frames, stream->frame_count, &stream->frame_capacity,
                                sizeof *stream->frames);
    struct sim_frame *record = &stream->frames[stream->frame_count++];
    *record = (struct sim_frame){
        .key = (frame->flags & KVS_FRAME_KEY) != 0,
        .track = (uint8_t)index,
        .flags = frame->flags,
        .len = (uint32_t)frame->data.len,
        .pts_ns = frame->pts_ns,
        .dts_ns = frame->dts_ns,
        .done_step = SIM_NEVER,
    };
    record->opener = may_open(world, stream, index, record);
    for (uint32_t i = 0; i < stream->config.track_count; i++) {
        record->versions[i] = stream->tracks[i].version;
    }
    payload_write(wire_frame_id(stream, stream->frame_count), world->buffer, record->len);
    frame->data.data = world->buffer;
    current.pts_ns = frame->pts_ns;
    kvs_status status = kvs_stream_put_frame(stream->stream, frame, world->now_ns);
    world_trace(world,
                "put %" PRIu64 " track %" PRIu32 " flags %" PRIu32 " pts %" PRId64 " dts %" PRId64
                " len %" PRIu32 ": %s",
                stream->frame_count, index, frame->flags, frame->pts_ns, frame->dts_ns, record->len,
                kvs_status_name(status));
    if (!may_answer(world, stream, frame, status)) {
        world_fail(world, "stream %d: frame %" PRIu64 " is answered with %s", (int)stream->number,
                   stream->frame_count, kvs_status_name(status));
    }
    if (status == KVS_STATUS_SUCCESS) {
        record->accepted = true;
        stream->frames_accepted++;
        stream->bytes_accepted += record->len;
        note_put(world, stream, record, &before);
        note_time(stream, record);
    } else {
        stream->puts_refused++;
        stream->room_wanted |= status == KVS_STATUS_STORE_OUT_OF_MEMORY;
        stream->open = stream->open == SIM_OPEN ? SIM_OPEN_UNKNOWN : stream->open;
    }
    return status;
}

static void change_silence(struct world *world, struct sim_stream *stream) {
    uint32_t index = (uint32_t)random_below(&world->random, stream->config.track_count);
    struct sim_track *track = &stream->tracks[index];
    if (index == stream->lead_track) {
        return;
    }
    track->silent = !track->silent;
    if (!track->silent && world_chance(world, 700)) {
        const struct sim_track *lead = &stream->tracks[stream->lead_track];
        track->next_dts_ns =
            lead->next_dts_ns > track->next_dts_ns ? lead->next_dts_ns : track->next_dts_ns;
    }
    world_trace(world, "track %" PRIu32 " %s", index, track->silent ? "falls silent" : "is back");
}

void producer_put(struct world *world, struct sim_stream *stream) {
    if (world_chance(world, world->weather.silence)) {
        change_silence(world, stream);
    }
    uint32_t index = choose_track(world, stream);
    struct sim_track *track = &stream->tracks[index];
    struct kvs_frame frame = {0};
    frame.data.len = choose_len(world);
    make_frame(world, stream, index, &frame);
    world->now_ns += (int64_t)random_below(
        &world->random, (uint64_t)(2 * track->interval_ns / stream->config.track_count) + 1);
    kvs_status status = put(world, stream, index, &frame);
    bool again = status == KVS_STATUS_STORE_OUT_OF_MEMORY && world_chance(world, 700);
    if (!again) {
        track->next_dts_ns += track->interval_ns;
        track->group_at = (track->group_at + 1) % track->group_len;
    }
}

void producer_end_fragment(struct world *world, struct sim_stream *stream) {
    const struct kvs_frame frame = {.flags = KVS_FRAME_END_OF_FRAGMENT};
    kvs_status status = kvs_stream_put_frame(stream->stream, &frame, world->now_ns);
    world_trace(world, "end of fragment: %s", kvs_status_name(status));
    switch (status) {
    case KVS_STATUS_SUCCESS:
        stream->open = SIM_CLOSED;
        return;
    case KVS_STATUS_END_OF_FRAGMENT_FRAME_INVALID_STATE:
    case KVS_STATUS_MULTIPLE_CONSECUTIVE_EOFR:
    case KVS_STATUS_CONTENT_VIEW_NO_MORE_ITEMS:
    case KVS_STATUS_SETTING_KEY_FRAME_FLAG_WHILE_USING_EOFR:
    case KVS_STATUS_STREAM_HAS_BEEN_STOPPED:
        stream->puts_refused++;
        return;
    case KVS_STATUS_STORE_OUT_OF_MEMORY:
        stream->puts_refused++;
        return;
    default:
        world_fail(world, "stream %d: the end of a fragment is answered with %s",
                   (int)stream->number, kvs_status_name(status));
    }
}

void producer_forget(struct sim_stream *stream) {
    stream->open = SIM_CLOSED;
    stream->has_lead_pts = false;
    stream->has_first_pts = false;
    stream->lead_silent = false;
    for (uint64_t i = 0; i < stream->item_count; i++) {
        struct sim_item *item = &stream->items[i];
        item->awaits_fragment = false;
        item->until = item->until == SIM_NEVER ? stream->frame_count : item->until;
        item->anchor = item->fragment == 0 ? 0 : item->anchor;
    }
}
