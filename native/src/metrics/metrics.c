#include "../stream/stream_internal.h"

static void read_undelivered(struct kvs_stream *stream, struct kvs_stream_metrics *metrics) {
    uint64_t head = kvs_view_head(stream->view);
    const struct kvs_view_item *first = NULL;
    for (uint64_t index = kvs_view_tail(stream->view); first == NULL && index < head;
         index = kvs_view_fragment_end(stream->view, index)) {
        const struct kvs_view_item *item = kvs_view_at(stream->view, index);
        /* What was sent and then made room for others may still be confirmed, or turn out lost. */
        bool told = (item->flags & (KVS_ITEM_DROPPED | KVS_ITEM_SENT)) == KVS_ITEM_DROPPED;
        first = told ? NULL : item;
    }
    if (first != NULL) {
        metrics->undelivered_first_pts_ns = first->pts_ns;
        metrics->undelivered_last_pts_ns = kvs_view_at(stream->view, head - 1)->pts_ns;
    }
}

kvs_status kvs_stream_metrics(struct kvs_stream *stream, int64_t now_ns,
                              struct kvs_stream_metrics *metrics) {
    if (stream == NULL || metrics == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs__lock_acquire(&stream->client->lock);
    *metrics = stream->counters;
    struct kvs_view_window all;
    struct kvs_view_window pending;
    kvs_view_window(stream->view, &all, &pending);
    metrics->view_frames = all.frames;
    metrics->view_bytes = all.bytes;
    metrics->view_duration_ns = all.duration_ns;
    metrics->pending_frames = pending.frames;
    metrics->pending_bytes = pending.bytes;
    metrics->pending_duration_ns = pending.duration_ns;
    read_undelivered(stream, metrics);
    metrics->uptime_ns = now_ns - stream->created_ns;
    kvs__lock_release(&stream->client->lock);
    return KVS_STATUS_SUCCESS;
}
