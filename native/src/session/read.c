#include <string.h>

#include "../stream/stream_internal.h"

static void add_piece(struct session_pieces *pieces, const void *data, size_t len) {
    if (len > 0) {
        pieces->items[pieces->count++] = kvs_span_of(data, len);
    }
}

/** Moves past fragments that are gone, or that the service has already. */
static struct kvs_view_item *next_item(struct kvs_stream *stream) {
    for (;;) {
        uint64_t current = kvs_view_current(stream->view);
        struct kvs_view_item *item = kvs_view_at(stream->view, current);
        if (item == NULL || (item->flags & (KVS_ITEM_DROPPED | KVS_ITEM_PERSISTED)) == 0) {
            return item;
        }
        kvs_status status =
            kvs_view_set_current(stream->view, kvs_view_fragment_end(stream->view, current));
        KVS_ASSERT(status == KVS_STATUS_SUCCESS, "a fragment ends in the view");
        (void)status;
    }
}

/** Lines up the bytes of the next frame; false when there is none. */
static bool load_item(struct kvs_stream *stream) {
    struct session *session = &stream->session;
    const struct kvs_view_item *item = next_item(stream);
    if (item == NULL) {
        return false;
    }
    struct session_pieces *pieces = &session->pieces;
    *pieces = (struct session_pieces){0};
    add_piece(pieces, session->header, session->header_len);
    session->header_len = 0;
    if ((item->flags & KVS_ITEM_FRAGMENT_START) != 0) {
        size_t cluster_len = 0;
        uint64_t timecode = (uint64_t)(item->fragment_timecode - session->base_timecode);
        kvs_status status = kvs_mkv_write_cluster(timecode, session->cluster,
                                                  sizeof session->cluster, &cluster_len);
        KVS_ASSERT(status == KVS_STATUS_SUCCESS, "a cluster header fits its buffer");
        (void)status;
        add_piece(pieces, item->tags, item->tags_len);
        add_piece(pieces, session->cluster, cluster_len);
    }
    add_piece(pieces, item->data, item->len);
    session->item_loaded = true;
    return true;
}

static size_t copy_pieces(struct session_pieces *pieces, uint8_t *out, size_t capacity) {
    size_t len = 0;
    while (len < capacity && pieces->next < pieces->count) {
        const struct kvs_span *piece = &pieces->items[pieces->next];
        size_t left = piece->len - pieces->offset;
        size_t part = left < capacity - len ? left : capacity - len;
        memcpy(out + len, piece->data + pieces->offset, part);
        len += part;
        pieces->offset += part;
        if (pieces->offset == piece->len) {
            pieces->next++;
            pieces->offset = 0;
        }
    }
    return len;
}

/** Without ACKs nobody will say that a fragment arrived: being sent must do. */
static void deliver_sent(struct kvs_stream *stream) {
    uint64_t tail = kvs_view_tail(stream->view);
    uint64_t current = kvs_view_current(stream->view);
    while (tail < current && kvs_view_fragment_end(stream->view, tail) <= current) {
        kvs__retention_deliver(stream, tail);
        if (kvs_view_tail(stream->view) == tail) {
            return;
        }
        tail = kvs_view_tail(stream->view);
    }
}

/** A put that was refused for the backlog may be tried again once half of that is sent. */
static void relieve_backlog(struct kvs_stream *stream) {
    struct kvs_view_window pending;
    if (!stream->room_wanted || stream->config.high_water_bytes == 0) {
        return;
    }
    kvs_view_window(stream->view, NULL, &pending);
    if (pending.bytes <= stream->config.high_water_bytes / 2) {
        kvs__events_room_made(stream);
    }
}

static void finish_item(struct kvs_stream *stream) {
    stream->session.item_loaded = false;
    kvs_status status = kvs_view_set_current(stream->view, kvs_view_current(stream->view) + 1);
    KVS_ASSERT(status == KVS_STATUS_SUCCESS, "the item that was sent lies in the view");
    (void)status;
    stream->counters.frames_sent++;
    relieve_backlog(stream);
    if (!stream->config.fragment_acks) {
        deliver_sent(stream);
    }
}

static kvs_status read_session(struct kvs_stream *stream, uint64_t session_id, uint8_t *out,
                               size_t capacity, size_t *len) {
    struct session *session = &stream->session;
    if (!session->open || session->id != session_id || session->failed) {
        return KVS_STATUS_UPLOAD_HANDLE_ABORTED;
    }
    while (*len < capacity) {
        if (!session->item_loaded && !load_item(stream)) {
            break;
        }
        *len += copy_pieces(&session->pieces, out + *len, capacity - *len);
        if (session->pieces.next == session->pieces.count) {
            finish_item(stream);
        }
    }
    stream->counters.bytes_sent += *len;
    if (*len == capacity) {
        return KVS_STATUS_SUCCESS;
    }
    stream->data_wanted = !stream->stopped;
    return stream->stopped ? KVS_STATUS_END_OF_STREAM : KVS_STATUS_NO_MORE_DATA_AVAILABLE;
}

kvs_status kvs_session_read(struct kvs_stream *stream, uint64_t session_id, uint8_t *out,
                            size_t capacity, size_t *len) {
    if (stream == NULL || out == NULL || len == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    if (capacity == 0) {
        return KVS_STATUS_INVALID_ARG;
    }
    kvs__lock_acquire(&stream->client->lock);
    size_t read = 0;
    kvs_status status = read_session(stream, session_id, out, capacity, &read);
    *len = read;
    kvs__lock_release(&stream->client->lock);
    return status;
}
