/** What becomes of a session's fragments when it is closed: which are sent again, which are lost.
 */
#include "stream/stream_internal.h"

/** Where the session was in the media: replay goes back from here. */
static int64_t position_ns(struct kvs_stream *stream, const struct session *session) {
    const struct kvs_view_item *item = kvs__view_at(stream->view, session->end);
    if (item != NULL) {
        return item->pts_ns;
    }
    uint64_t head = kvs__view_head(stream->view);
    item = head > kvs__view_tail(stream->view) ? kvs__view_at(stream->view, head - 1) : NULL;
    return item != NULL ? item->pts_ns + item->duration_ns : 0;
}

/** Whether the fragment is too old to be sent again: all of it was put and sent, and lies before
 * the replay window. */
static bool is_too_old(struct kvs_stream *stream, const struct session *session, uint64_t start,
                       int64_t position) {
    uint64_t end = kvs_view_fragment_end(stream->view, start);
    if (stream->config.streaming_type != KVS_STREAMING_REALTIME ||
        kvs__fragment_grows(stream, start) || end > session->end) {
        return false;
    }
    const struct kvs_view_item *next = kvs__view_at(stream->view, end);
    int64_t next_ns = next != NULL ? next->pts_ns : position;
    return kvs__time_since(position, next_ns) >= stream->config.replay_duration_ns &&
           position >= next_ns;
}

/** Has RECEIVED do for a fragment that the service lives on with. */
static bool presume_delivered(struct kvs_stream *stream, uint64_t start) {
    uint64_t before = stream->counters.fragments_delivered;
    if ((kvs__view_at(stream->view, start)->flags & KVS_ITEM_RECEIVED) != 0) {
        kvs__retention_deliver(stream, start);
    }
    bool delivered = stream->counters.fragments_delivered > before;
    stream->counters.fragments_presumed += delivered ? 1 : 0;
    return delivered;
}

/** Has a fragment sent again, as it is neither delivered nor dropped. */
static void send_again(struct kvs_stream *stream, uint64_t start) {
    struct kvs_view_item *first = kvs__view_at(stream->view, start);
    first->owner = 0;
    first->flags &= ~(uint32_t)(KVS_ITEM_BUFFERING | KVS_ITEM_RECEIVED);
    stream->rewind = start < stream->rewind ? start : stream->rewind;
}

void kvs__session_replay(struct kvs_stream *stream, struct session *session, uint32_t result) {
    const uint8_t owner = (uint8_t)(session - stream->sessions + 1);
    bool trusts_received = stream->config.replay_point == KVS_REPLAY_AFTER_RECEIVED &&
                           stream->config.fragment_acks && kvs_service_result_host_is_alive(result);
    int64_t position = position_ns(stream, session);
    uint64_t head = kvs__view_head(stream->view);
    uint64_t start = kvs__stream_not_gone(stream, session->first);
    uint64_t end = 0;
    for (; session->fragments_begun > 0 && start < head && start <= session->at; start = end) {
        /* What is presumed delivered leaves the view, and what was done behind it with it. */
        start = kvs__stream_not_gone(stream, start);
        if (start >= head) {
            break;
        }
        end = kvs_view_fragment_end(stream->view, start);
        if (kvs__view_at(stream->view, start)->owner != owner ||
            (trusts_received && presume_delivered(stream, start))) {
            continue;
        }
        if (is_too_old(stream, session, start, position)) {
            kvs__retention_drop(stream, start, KVS_DROP_REPLAY_DURATION);
        }
        kvs__retention_give_up_ack(stream, start, kvs__retention_reason(stream, start));
        if (kvs__view_at(stream->view, start)->owner == owner) {
            send_again(stream, start);
        }
    }
    kvs__retention_unpin(stream, session->at);
    kvs__retention_trim(stream);
}
