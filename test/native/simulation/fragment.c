/*
 * A fragment is all or nothing: from the frame that opens it to the one that opens the next, every
 * frame that was accepted is in it, but for those whose puts dropped them. And it carries what was
 * put for it, once.
 */
#include <inttypes.h>

#include "wire.h"

struct view {
    struct world *world;
    struct sim_stream *stream;
    struct sim_session *session;
    struct sim_fragment *fragment;
    const uint64_t *frames;
    uint64_t first;
};

static void object(const struct view *view, uint64_t number, const char *text) {
    world_fail(view->world, "stream %d session %" PRIu64 " cluster %" PRIu64 ": %s %" PRIu64,
               (int)view->stream->number, view->session->id, view->fragment->timecode, text,
               number);
}

static bool passes_through(const struct sim_stream *stream) {
    return stream->config.frame_order == KVS_FRAME_ORDER_PASS_THROUGH;
}

/** The next frame that has to be in a fragment; 0 when there is none. */
static uint64_t next_certain(const struct sim_stream *stream, uint64_t number) {
    for (uint64_t next = number + 1; next <= stream->frame_count; next++) {
        const struct sim_frame *frame = &stream->frames[next - 1];
        if (frame->accepted && frame->excuse == SIM_EXCUSE_NONE) {
            return next;
        }
    }
    return 0;
}

static void check_versions(const struct view *view) {
    const struct sim_frame *first = &view->stream->frames[view->first - 1];
    for (uint32_t i = 0; i < view->session->header.track_count; i++) {
        const struct mkv_track *track = &view->session->header.tracks[i];
        const uint8_t *bytes = track->codec_private;
        uint32_t version = track->codec_private_len < 5 || bytes[0] != '#'
                               ? 0
                               : bytes[1] | (uint32_t)bytes[2] << 8;
        if (version != first->versions[track->number - 1]) {
            object(view, track->number, "codec private data of another fragment, for track");
        }
    }
}

/** Frames are ordered by units of the scale. */
static int64_t timecode_of(const struct kvs_stream_config *config, int64_t ns) {
    int64_t scale = (int64_t)config->timecode_scale_ns;
    return ns < 0 ? -1 : (ns + scale / 2) / scale;
}

/** Two frames of different tracks, the earlier one put after the later one: it must go first. */
static void check_order(const struct view *view) {
    const struct kvs_stream_config *config = &view->stream->config;
    bool by_dts = config->frame_order == KVS_FRAME_ORDER_MULTI_TRACK ||
                  config->frame_order == KVS_FRAME_ORDER_DTS ||
                  config->frame_order == KVS_FRAME_ORDER_DTS_EOFR;
    if (!by_dts || config->timestamp_policy == KVS_TIMESTAMPS_FIX || config->generated_timestamps) {
        return;
    }
    for (uint64_t i = 1; i < view->fragment->block_count; i++) {
        const struct sim_frame *a = &view->stream->frames[view->frames[i - 1] - 1];
        const struct sim_frame *b = &view->stream->frames[view->frames[i] - 1];
        /* A key frame goes by the first of the pictures that lead it, which come behind it. */
        uint32_t lead = view->stream->lead_track;
        bool goes_by_others = (a->key && a->track == lead) || (b->key && b->track == lead);
        if (a->track != b->track && !goes_by_others && view->frames[i - 1] > view->frames[i] &&
            timecode_of(config, a->dts_ns) > timecode_of(config, b->dts_ns)) {
            object(view, view->frames[i], "a frame behind a later one:");
        }
    }
}

/** The frame that would have to be in the fragment that ends with `last`, since none before it can
 * have opened another; 0 when there is none. */
static uint64_t first_cut_off(const struct sim_stream *stream, uint64_t last) {
    for (uint64_t number = last + 1; number <= stream->frame_count; number++) {
        const struct sim_frame *frame = &stream->frames[number - 1];
        bool taken = frame->accepted && frame->excuse != SIM_EXCUSE_DROPPED;
        if (taken && frame->opener) {
            return 0;
        }
        if (taken && frame->excuse == SIM_EXCUSE_NONE) {
            return number;
        }
    }
    return 0;
}

static void check_whole(const struct view *view) {
    struct sim_stream *stream = view->stream;
    uint64_t at = 0;
    uint64_t last = view->frames[view->fragment->block_count - 1];
    for (uint64_t number = view->first; number <= last; number++) {
        const struct sim_frame *frame = &stream->frames[number - 1];
        if (at < view->fragment->block_count && view->frames[at] == number) {
            at++;
        } else if (frame->accepted && frame->excuse == SIM_EXCUSE_NONE) {
            object(view, number, "the fragment lacks frame");
        }
    }
    if (at != view->fragment->block_count) {
        object(view, view->frames[at], "frames that are out of order, at");
    }
    uint64_t cut = first_cut_off(stream, last);
    if (cut != 0 && !stream->was_reset) {
        object(view, cut, "the fragment is cut before frame");
    }
}

/** Without knowing which frames are dropped on the way, counts what is missing: no more may be than
 * is reported. */
static void count_missing(const struct view *view) {
    struct sim_stream *stream = view->stream;
    uint64_t last_of[MKV_MAX_TRACKS] = {0};
    uint64_t first_of[MKV_MAX_TRACKS] = {0};
    for (uint64_t i = 0; i < view->fragment->block_count; i++) {
        uint64_t number = view->frames[i];
        uint32_t track = stream->frames[number - 1].track;
        first_of[track] = first_of[track] == 0 ? number : first_of[track];
        last_of[track] = number;
    }
    uint64_t accepted = 0;
    for (uint32_t track = 0; track < stream->config.track_count; track++) {
        for (uint64_t number = first_of[track]; number != 0 && number <= last_of[track]; number++) {
            const struct sim_frame *frame = &stream->frames[number - 1];
            accepted += frame->accepted && frame->track == track ? 1 : 0;
        }
    }
    stream->frames_missing += accepted - view->fragment->block_count;
    uint64_t number = last_of[stream->lead_track];
    while (stream->has_video && number != 0 && ++number <= stream->frame_count) {
        const struct sim_frame *frame = &stream->frames[number - 1];
        bool leads = frame->accepted && frame->track == stream->lead_track;
        if (leads && frame->opener) {
            return;
        }
        stream->frames_missing += leads ? 1 : 0;
    }
}

static bool carries(const struct view *view, uint64_t item) {
    for (uint64_t i = 0; i < view->fragment->item_count; i++) {
        if (view->session->items[view->fragment->first_item + i] == item) {
            return true;
        }
    }
    return false;
}

static void check_carried_item(const struct view *view, uint64_t number) {
    struct sim_item *item = &view->stream->items[number - 1];
    uint64_t end = next_certain(view->stream, view->frames[view->fragment->block_count - 1]);
    bool certain = passes_through(view->stream);
    if (item->persistent) {
        bool too_late = end != 0 && item->put_after >= end;
        if (certain && (too_late || item->until < view->first)) {
            object(view, number, "a persistent item outside of its time,");
        }
        return;
    }
    if (item->fragment != 0 && item->fragment != view->first) {
        object(view, number, "a second fragment with item");
    }
    item->fragment = view->first;
    bool elsewhere =
        item->anchor != 0 && view->stream->frames[item->anchor - 1].fragment != view->first;
    if (certain && elsewhere) {
        world_trace(view->world, "item %" PRIu64 " belongs to frame %" PRIu64 ", not to %" PRIu64,
                    number, item->anchor, view->first);
        object(view, number, "the wrong fragment for item");
    }
}

/** What had to go for want of room is told, but for items that are sent with each fragment. */
static bool may_lack(const struct sim_stream *stream, const struct sim_item *item) {
    struct kvs_stream_metrics metrics = {0};
    (void)kvs_stream_metrics(stream->stream, 0, &metrics);
    return metrics.metadata_dropped > 0 ||
           (item->persistent &&
            (stream->puts_refused > 0 || metrics.frames_dropped[KVS_DROP_STORE_PRESSURE] > 0 ||
             metrics.frames_dropped[KVS_DROP_FRAME_COUNT] > 0));
}

static void check_items(const struct view *view) {
    struct sim_stream *stream = view->stream;
    for (uint64_t i = 0; i < view->fragment->item_count; i++) {
        uint64_t number = view->session->items[view->fragment->first_item + i];
        uint64_t times = 0;
        for (uint64_t j = 0; j <= i; j++) {
            times += view->session->items[view->fragment->first_item + j] == number ? 1 : 0;
        }
        /* The pairs of an event go with each of its kinds. */
        if (times > (stream->items[number - 1].kinds > 1 ? 2u : 1u)) {
            object(view, number, "too often the item");
        }
        check_carried_item(view, number);
    }
    uint64_t end = next_certain(stream, view->frames[view->fragment->block_count - 1]);
    for (uint64_t number = 1; number <= stream->item_count && passes_through(stream); number++) {
        const struct sim_item *item = &stream->items[number - 1];
        bool spans = item->persistent && item->put_after < view->first &&
                     (end == 0 ? item->until == SIM_NEVER : item->until >= end);
        bool anchored = !item->persistent && item->anchor != 0 &&
                        stream->frames[item->anchor - 1].fragment == view->first;
        if ((spans || anchored) && !carries(view, number) && !may_lack(stream, item)) {
            object(view, number, "the fragment lacks item");
        }
    }
}

/** What is sent again is the same as before. */
static void check_same(const struct view *view) {
    struct sim_stream *stream = view->stream;
    struct sim_frame *first = &stream->frames[view->first - 1];
    uint64_t last = view->frames[view->fragment->block_count - 1];
    bool seen = first->fragment_count != 0;
    if (seen &&
        (first->fragment_count != view->fragment->block_count || first->fragment_last != last)) {
        object(view, view->first, "sent again with other frames, fragment");
    }
    if (!seen) {
        stream->fragments_with_image += view->fragment->image ? 1 : 0;
        stream->fragments_with_notification += view->fragment->notification ? 1 : 0;
        if (!passes_through(stream)) {
            count_missing(view);
        }
    }
    first->fragment_count = (uint32_t)view->fragment->block_count;
    first->fragment_last = last;
    for (uint64_t i = 0; i < view->fragment->block_count; i++) {
        struct sim_frame *frame = &stream->frames[view->frames[i] - 1];
        if (frame->fragment != 0 && frame->fragment != view->first) {
            object(view, view->frames[i], "two fragments with frame");
        }
        frame->fragment = view->first;
    }
}

void fragment_check(struct world *world, struct sim_stream *stream, struct sim_session *session,
                    struct sim_fragment *fragment) {
    struct view view = {world, stream, session, fragment, session->blocks + fragment->first_block,
                        0};
    view.first = view.frames[0];
    /* Only a track that has just fallen silent may be declared in vain: the service refuses that.
     */
    fragment->lacks_track = fragment->tracks_seen != session->declared_tracks;
    if (fragment->lacks_track && stream->config.track_count == 1) {
        object(&view, view.first, "the only track has no frame (4011):");
    }
    check_same(&view);
    if (passes_through(stream)) {
        check_whole(&view);
        check_versions(&view);
    }
    check_order(&view);
    check_items(&view);
}
