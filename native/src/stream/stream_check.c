#include "stream/stream_internal.h"

/** Whether the fragment at `start` fits what its session says of it. */
static bool is_fragment_sane(struct kvs_stream *stream, uint64_t start) {
    const struct kvs_view_item *first = kvs__view_at(stream->view, start);
    if ((first->flags & KVS_ITEM_FRAGMENT_START) == 0 || first->owner > KVS_SESSION_MAX_OPEN) {
        return false;
    }
    const struct session *session = kvs__session_of(stream, first);
    bool is_done = (first->flags & KVS_ITEM_PERSISTED) != 0 ||
                   (first->flags & (KVS_ITEM_DROPPED | KVS_ITEM_SENT)) == KVS_ITEM_DROPPED;
    if (session == NULL) {
        return (first->flags & KVS_ITEM_SENT) == 0;
    }
    return !is_done && session->state != SESSION_CLOSED && session->fragments_begun > 0 &&
           start >= session->first && start <= session->at;
}

static bool are_fragments_sane(struct kvs_stream *stream, uint64_t *awaited) {
    uint64_t head = kvs__view_head(stream->view);
    uint64_t end = 0;
    for (uint64_t start = kvs__view_tail(stream->view); start < head; start = end) {
        end = kvs_view_fragment_end(stream->view, start);
        if (!is_fragment_sane(stream, start)) {
            return false;
        }
        bool is_awaited = (kvs__view_at(stream->view, start)->flags & KVS_ITEM_SENT) != 0;
        for (uint64_t index = start; is_awaited && index < end; index++) {
            *awaited += (kvs__view_at(stream->view, index)->flags & KVS_ITEM_TAGS) == 0 ? 1 : 0;
        }
    }
    return true;
}

static bool are_sessions_sane(const struct kvs_stream *stream) {
    uint64_t open = 0;
    for (uint32_t slot = 0; slot < KVS_SESSION_MAX_OPEN; slot++) {
        const struct session *session = &stream->sessions[slot];
        bool is_active = session->state == SESSION_ACTIVE;
        bool is_waiting = session->state == SESSION_WAITING;
        open += session->state != SESSION_CLOSED ? 1 : 0;
        if ((is_active && stream->active != slot) || (is_waiting && stream->waiting != slot) ||
            session->fragments_settled > session->fragments_begun ||
            (session->item_loaded && !is_active)) {
            return false;
        }
    }
    return open == stream->counters.sessions_open;
}

static bool is_ledger_balanced(const struct kvs_stream *stream, uint64_t awaited) {
    const struct kvs_stream_metrics *counters = &stream->counters;
    struct kvs_view_window all;
    kvs_view_window(stream->view, &all, NULL);
    uint64_t known = counters->frames_delivered + all.frames + awaited;
    known += stream->ordering.has_held ? 1 : 0;
    known += stream->ordering.order != NULL ? kvs__order_count(stream->ordering.order) : 0;
    for (uint32_t reason = 0; reason < KVS_DROP_REASON_COUNT; reason++) {
        known += counters->frames_dropped[reason];
    }
    return known == counters->frames_put && awaited == counters->awaited_frames;
}

static bool is_open_fragment_sane(const struct kvs_stream *stream) {
    const struct open_fragment *fragment = &stream->fragment;
    return !fragment->open || (fragment->first != NULL &&
                               fragment->first == kvs__view_at(stream->view, fragment->start));
}

static bool check(struct kvs_stream *stream) {
    uint64_t awaited = 0;
    return kvs__view_check(stream->view) && is_open_fragment_sane(stream) &&
           are_fragments_sane(stream, &awaited) && are_sessions_sane(stream) &&
           is_ledger_balanced(stream, awaited) &&
           (stream->ordering.order == NULL || kvs__order_check(stream->ordering.order));
}

bool kvs__stream_check(struct kvs_stream *stream) {
    if (stream == NULL) {
        return false;
    }
    kvs__lock_acquire(&stream->client->lock);
    bool is_sane = check(stream);
    kvs__lock_release(&stream->client->lock);
    return is_sane;
}
