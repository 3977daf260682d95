/** What is due with time alone. */
#include "stream/stream_internal.h"

int64_t kvs__time_since(int64_t now_ns, int64_t then_ns) {
    if (now_ns <= then_ns) {
        return 0; /* the clock was set back */
    }
    uint64_t distance = (uint64_t)now_ns - (uint64_t)then_ns;
    return distance < INT64_MAX ? (int64_t)distance : INT64_MAX;
}

static int64_t earlier(int64_t a, int64_t b) { return a < b ? a : b; }

/** Ends a fragment that nothing is put into, so that the service stores it. */
static int64_t tick_idle(struct kvs_stream *stream, int64_t now_ns) {
    if (!stream->fragment.open || stream->config.idle_ns == 0) {
        return INT64_MAX;
    }
    if (now_ns < stream->last_put_ns || stream->room_wanted) {
        /* The clock was set back, or a frame waits for room: its source is not idle. */
        stream->last_put_ns = now_ns;
    }
    int64_t due = kvs__time_after(stream->last_put_ns, stream->config.idle_ns);
    if (now_ns < due) {
        return due;
    }
    if (kvs__fragment_end(stream, true) != KVS_STATUS_SUCCESS) {
        return kvs__time_after(now_ns, stream->config.idle_ns); /* no room for the tags yet */
    }
    stream->fragment.ended = false;
    kvs__events_notice(stream, NOTICE_UNDERFLOW)->type = KVS_EVENT_UNDERFLOW;
    return INT64_MAX;
}

static int64_t tick_order(struct kvs_stream *stream, int64_t now_ns) {
    if (stream->ordering.order == NULL) {
        return INT64_MAX;
    }
    kvs__stream_release_order(stream, now_ns, false);
    return stream->ordering.has_held ? INT64_MAX : kvs__order_next_ns(stream->ordering.order);
}

kvs_status kvs_stream_tick(struct kvs_stream *stream, int64_t now_ns, int64_t *next_ns) {
    if (stream == NULL || next_ns == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs__lock_acquire(&stream->client->lock);
    int64_t next = tick_order(stream, now_ns);
    kvs__stream_finish(stream);
    next = earlier(next, tick_idle(stream, now_ns));
    next = earlier(next, kvs__sessions_tick(stream, now_ns));
    stream->next_tick_ns = next;
    stream->signals &= ~(uint32_t)KVS_SIGNAL_TICK;
    kvs__lock_release(&stream->client->lock);
    *next_ns = next;
    return KVS_STATUS_SUCCESS;
}
