#include "oracle.h"

#include <inttypes.h>

#include "producer.h"

static const char *const reason_names[KVS_DROP_REASON_COUNT] = {
    "no key frame", "buffer duration", "store pressure", "rejected",  "frame count",
    "replay",       "reset",           "late",           "timestamp", "spill"};

static void take_drop(struct world *world, struct sim_stream *stream,
                      const struct kvs_event *event) {
    uint32_t reason = (uint32_t)event->as.dropped.reason;
    if (reason >= KVS_DROP_REASON_COUNT || event->as.dropped.frames == 0 ||
        event->as.dropped.first_pts_ns > event->as.dropped.last_pts_ns) {
        world_fail(world, "stream %d: an event about dropped frames that makes no sense",
                   (int)stream->number);
        return;
    }
    stream->event_drops[reason] += event->as.dropped.frames;
    stream->event_fragments_dropped += event->as.dropped.fragments;
    stream->drops = world_grow(stream->drops, stream->drop_count, &stream->drop_capacity,
                               sizeof *stream->drops);
    stream->drops[stream->drop_count++] =
        (struct sim_drop){event->as.dropped.first_pts_ns, event->as.dropped.last_pts_ns};
    producer_note_drop(stream, event);
    world_trace(world, "  dropped %" PRIu64 " frames of %" PRIu64 " fragments: %s",
                event->as.dropped.frames, event->as.dropped.fragments, reason_names[reason]);
}

static void take_event(struct world *world, struct sim_stream *stream,
                       const struct kvs_event *event) {
    switch (event->type) {
    case KVS_EVENT_FRAMES_DROPPED:
        take_drop(world, stream, event);
        break;
    case KVS_EVENT_ACK:
        stream->event_acks++;
        break;
    case KVS_EVENT_METADATA_DROPPED:
        stream->event_metadata_dropped += event->as.metadata.items;
        break;
    case KVS_EVENT_UNDERFLOW:
        world_trace(world, "  underflow");
        break;
    case KVS_EVENT_FORMAT_CHANGED:
    case KVS_EVENT_TRACK:
    case KVS_EVENT_STALE:
    case KVS_EVENT_STORAGE_PRESSURE:
    case KVS_EVENT_BUFFER_PRESSURE:
    case KVS_EVENT_LATENCY_PRESSURE:
        world_trace(world, "  event %d", (int)event->type);
        break;
    default:
        world_fail(world, "stream %d: an event of no known type", (int)stream->number);
    }
}

void oracle_take_events(struct world *world, struct sim_stream *stream) {
    struct kvs_event event;
    while (kvs_stream_next_event(stream->stream, &event)) {
        take_event(world, stream, &event);
    }
}

static void expect(struct world *world, const struct sim_stream *stream, bool holds,
                   const char *claim, uint64_t left, uint64_t right) {
    if (!holds) {
        world_fail(world, "stream %d: %s, with %" PRIu64 " and %" PRIu64, (int)stream->number,
                   claim, left, right);
    }
}

static uint64_t all_drops(const struct kvs_stream_metrics *metrics) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < KVS_DROP_REASON_COUNT; i++) {
        sum += metrics->frames_dropped[i];
    }
    return sum;
}

/** Each frame is delivered, dropped or held. */
static void check_ledger(struct world *world, struct sim_stream *stream) {
    const struct kvs_stream_metrics *m = &stream->metrics;
    uint64_t drops = all_drops(m);
    uint64_t known =
        m->frames_delivered + drops + m->view_frames + m->ordering_frames + m->awaited_frames;
    expect(world, stream, m->frames_put == stream->frames_accepted,
           "frames_put is what was accepted", m->frames_put, stream->frames_accepted);
    expect(world, stream, m->bytes_put == stream->bytes_accepted, "bytes_put is what was accepted",
           m->bytes_put, stream->bytes_accepted);
    expect(world, stream, m->put_errors == stream->puts_refused, "put_errors is what was refused",
           m->put_errors, stream->puts_refused);
    expect(world, stream, known == m->frames_put, "every frame is delivered, dropped or held",
           known, m->frames_put);
    expect(world, stream, m->frames_delivered <= stream->frames_delivered,
           "what is counted as delivered has arrived", m->frames_delivered,
           stream->frames_delivered);
    expect(world, stream, m->pending_frames <= m->view_frames, "pending is part of the view",
           m->pending_frames, m->view_frames);
    expect(world, stream, m->pending_bytes <= m->view_bytes, "pending bytes are part of the view",
           m->pending_bytes, m->view_bytes);
    expect(world, stream, m->bytes_sent == stream->bytes_read, "bytes_sent is what was read",
           m->bytes_sent, stream->bytes_read);
    expect(world, stream, m->sessions == stream->sessions_opened, "all sessions are counted",
           m->sessions, stream->sessions_opened);
    expect(world, stream, m->sessions_open == stream->sessions_used, "open sessions are counted",
           m->sessions_open, stream->sessions_used);
}

/** Each reason needs its cause. */
static void check_reasons(struct world *world, struct sim_stream *stream) {
    const struct kvs_stream_config *config = &stream->config;
    const uint64_t *drops = stream->metrics.frames_dropped;
    bool offline = config->streaming_type == KVS_STREAMING_OFFLINE;
    bool drops_oldest = !offline && config->store_pressure == KVS_STORE_PRESSURE_DROP_OLDEST;
    const bool allowed[KVS_DROP_REASON_COUNT] = {
        true,
        !offline,
        /* Behind an order the put has returned when it turns out that there is no room. */
        drops_oldest || config->frame_order != KVS_FRAME_ORDER_PASS_THROUGH,
        stream->error_acks > 0,
        !offline,
        config->streaming_type == KVS_STREAMING_REALTIME,
        stream->was_reset,
        config->track_count > 1 || !stream->well_formed,
        !stream->well_formed,
        world->spill.read_failures > 0,
    };
    for (uint32_t i = 0; i < KVS_DROP_REASON_COUNT; i++) {
        if (drops[i] > 0 && !allowed[i]) {
            world_fail(world, "stream %d: %" PRIu64 " frames dropped without cause: %s",
                       (int)stream->number, drops[i], reason_names[i]);
        }
    }
}

static void check_events(struct world *world, struct sim_stream *stream) {
    const struct kvs_stream_metrics *m = &stream->metrics;
    for (uint32_t i = 0; i < KVS_DROP_REASON_COUNT; i++) {
        expect(world, stream, m->frames_dropped[i] == stream->event_drops[i],
               "each drop is told by an event", m->frames_dropped[i], stream->event_drops[i]);
    }
    uint64_t acks = m->acks_buffering + m->acks_received + m->acks_persisted + m->acks_error +
                    m->acks_idle + m->acks_unreadable;
    expect(world, stream, acks == stream->event_acks, "each ACK is told by an event", acks,
           stream->event_acks);
    expect(world, stream, m->fragments_dropped == stream->event_fragments_dropped,
           "each dropped fragment is told by an event", m->fragments_dropped,
           stream->event_fragments_dropped);
    expect(world, stream, m->metadata_dropped == stream->event_metadata_dropped,
           "dropped metadata is told by an event", m->metadata_dropped,
           stream->event_metadata_dropped);
}

static void check_store(struct world *world) {
    struct kvs_client_metrics m;
    if (kvs_client_metrics(world->client, &m) != KVS_STATUS_SUCCESS) {
        world_fail(world, "no metrics of the client");
        return;
    }
    bool fits = m.storage_allocated_bytes <= m.storage_bytes &&
                m.storage_bytes <= world->storage_bytes &&
                m.storage_peak_bytes <= m.storage_bytes &&
                m.storage_allocated_bytes + m.storage_available_bytes == m.storage_bytes;
    if (!fits || m.stream_count != world->stream_count) {
        world_fail(world, "the store has %" PRIu64 " of %" PRIu64 " bytes in use",
                   m.storage_allocated_bytes, m.storage_bytes);
    }
    if (m.spill_allocated_bytes > m.spill_bytes ||
        m.spill_bytes > (world->has_spill ? world->spill.size : 0) || world->spill.overrun) {
        world_fail(world, "the spill is used outside of its bounds");
    }
}

/** Drops that may have taken the fragment which was being put. */
static uint64_t lost_fragments(const struct kvs_stream_metrics *metrics) {
    return metrics->frames_dropped[KVS_DROP_REJECTED] +
           metrics->frames_dropped[KVS_DROP_SPILL_FAILED];
}

void oracle_check(struct world *world, struct sim_stream *stream) {
    uint64_t lost = lost_fragments(&stream->metrics);
    if (kvs_stream_metrics(stream->stream, world->now_ns, &stream->metrics) != KVS_STATUS_SUCCESS) {
        world_fail(world, "no metrics of the stream");
        return;
    }
    if (lost_fragments(&stream->metrics) != lost && stream->open == SIM_OPEN) {
        stream->open = SIM_OPEN_UNKNOWN;
    }
    if (!kvs__stream_check(stream->stream)) {
        world_fail(world, "stream %d: the audit fails", (int)stream->number);
    }
    check_ledger(world, stream);
    check_reasons(world, stream);
    check_store(world);
}

/** Whether an event told that frames of that time were dropped. */
static bool is_told(const struct sim_stream *stream, int64_t pts_ns) {
    /* Frames that meet are moved by a unit for each track. */
    int64_t moved = (int64_t)stream->config.timecode_scale_ns * MKV_MAX_TRACKS;
    for (uint64_t i = 0; i < stream->drop_count; i++) {
        if (pts_ns >= stream->drops[i].first_pts_ns - moved &&
            pts_ns <= stream->drops[i].last_pts_ns) {
            return true;
        }
    }
    return false;
}

static void check_lost_frames(struct world *world, struct sim_stream *stream) {
    bool keeps_times = !stream->config.generated_timestamps &&
                       stream->config.timestamp_policy != KVS_TIMESTAMPS_FIX;
    for (uint64_t i = 0; i < stream->frame_count && keeps_times; i++) {
        const struct sim_frame *frame = &stream->frames[i];
        if (frame->accepted && !frame->delivered && !is_told(stream, frame->pts_ns)) {
            world_fail(world, "stream %d: frame %" PRIu64 " is lost and no event tells so",
                       (int)stream->number, i + 1);
        }
    }
}

static void check_items(struct world *world, struct sim_stream *stream) {
    uint64_t lost = 0;
    for (uint64_t i = 0; i < stream->item_count; i++) {
        const struct sim_item *item = &stream->items[i];
        /* An event is told as one item, whatever pairs it has. */
        lost += !item->persistent && !item->delivered && item->kinds == 0 ? 1 : 0;
    }
    expect(world, stream, lost <= stream->metrics.metadata_dropped,
           "each lost item of metadata is told", lost, stream->metrics.metadata_dropped);
    expect(world, stream,
           stream->metrics.metadata_dropped <=
               stream->item_count + stream->image_events + stream->notification_events,
           "no more metadata is dropped than was put", stream->metrics.metadata_dropped,
           stream->item_count);
    expect(world, stream, stream->fragments_with_image <= stream->image_events,
           "each image event is in one fragment", stream->fragments_with_image,
           stream->image_events);
    expect(world, stream, stream->fragments_with_notification <= stream->notification_events,
           "each notification is in one fragment", stream->fragments_with_notification,
           stream->notification_events);
}

void oracle_check_drained(struct world *world, struct sim_stream *stream) {
    oracle_take_events(world, stream);
    oracle_check(world, stream);
    check_events(world, stream);
    const struct kvs_stream_metrics *m = &stream->metrics;
    uint64_t drops = all_drops(m);
    expect(world, stream, m->view_frames + m->ordering_frames == 0, "nothing is held any more",
           m->view_frames, m->ordering_frames);
    expect(world, stream, m->frames_delivered + drops == m->frames_put,
           "every frame is delivered or dropped", m->frames_delivered + drops, m->frames_put);
    uint64_t lost = stream->frames_accepted - stream->frames_delivered;
    expect(world, stream, lost <= drops, "each lost frame is told", lost, drops);
    expect(world, stream, stream->frames_missing <= drops,
           "each frame missing from a fragment is told", stream->frames_missing, drops);
    check_lost_frames(world, stream);
    check_items(world, stream);
}
