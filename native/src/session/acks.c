#include "../stream/stream_internal.h"

static bool find_fragment(struct kvs_stream *stream, const struct kvs_ack *ack, uint64_t *start) {
    if (!ack->has_timecode || ack->timecode < 0 ||
        ack->timecode > INT64_MAX - stream->session.base_timecode) {
        return false;
    }
    int64_t timecode = ack->timecode + stream->session.base_timecode;
    return kvs_view_find_fragment(stream->view, timecode, start) == KVS_STATUS_SUCCESS;
}

/** An error that names no fragment is blamed on the oldest one sent of which the service has said
 * nothing good. */
static bool find_suspect(struct kvs_stream *stream, uint64_t *start) {
    const uint32_t cleared = KVS_ITEM_RECEIVED | KVS_ITEM_PERSISTED | KVS_ITEM_DROPPED;
    uint64_t end = 0;
    uint64_t current = kvs_view_current(stream->view);
    uint64_t limit = stream->session.item_loaded ? current + 1 : current;
    for (uint64_t index = kvs_view_tail(stream->view); index < limit; index = end) {
        end = kvs_view_fragment_end(stream->view, index);
        if ((kvs_view_at(stream->view, index)->flags & cleared) == 0) {
            *start = index;
            return true;
        }
    }
    return false;
}

static void apply_error(struct kvs_stream *stream, const struct kvs_ack *ack) {
    struct session *session = &stream->session;
    uint64_t start = 0;
    stream->counters.acks_error++;
    if (session->failed) {
        return; /* one error ends a session; what it blames is decided by then */
    }
    bool blamed = kvs_service_result_is_fragment_fault(ack->error_id) &&
                  (find_fragment(stream, ack, &start) || find_suspect(stream, &start));
    session->failed = true;
    session->item_loaded = false;
    stream->signals |= KVS_SIGNAL_DATA; /* the reader learns of it by reading */
    if (blamed) {
        kvs__retention_drop(stream, start, KVS_DROP_REJECTED);
        kvs__retention_trim(stream);
    }
}

void kvs__acks_apply(struct kvs_stream *stream, const struct kvs_ack *ack) {
    uint64_t start = 0;
    bool found = find_fragment(stream, ack, &start);
    uint32_t flag = 0;
    switch (ack->type) {
    case KVS_ACK_BUFFERING:
        stream->counters.acks_buffering++;
        flag = KVS_ITEM_BUFFERING;
        break;
    case KVS_ACK_RECEIVED:
        stream->counters.acks_received++;
        flag = KVS_ITEM_RECEIVED;
        break;
    case KVS_ACK_PERSISTED:
        stream->counters.acks_persisted++;
        break;
    case KVS_ACK_ERROR:
        apply_error(stream, ack);
        return;
    case KVS_ACK_IDLE:
        stream->counters.acks_idle++;
        return;
    }
    if (!found) {
        return;
    }
    kvs_view_at(stream->view, start)->flags |= flag;
    if (ack->type == KVS_ACK_PERSISTED ||
        (ack->type == KVS_ACK_RECEIVED && !stream->config.retained)) {
        kvs__retention_deliver(stream, start);
    }
}

static kvs_status ack_status(const struct kvs_ack *ack) {
    return ack->type == KVS_ACK_ERROR ? kvs_status_from_ack_error(ack->error_id)
                                      : KVS_STATUS_SUCCESS;
}

static void take_acks(struct kvs_stream *stream, struct kvs_span *bytes) {
    while (bytes->len > 0 && kvs__events_ack_room(stream)) {
        struct kvs_ack ack = {0};
        bool ready = false;
        kvs_status status = kvs_ack_parser_next(&stream->session.ack_parser, bytes, &ack, &ready);
        if (status != KVS_STATUS_SUCCESS) {
            stream->counters.acks_unreadable++;
            kvs__events_push_ack(stream, status, &ack);
        } else if (ready) {
            kvs__events_push_ack(stream, ack_status(&ack), &ack);
            kvs__acks_apply(stream, &ack);
        }
    }
}

kvs_status kvs_session_ack_bytes(struct kvs_stream *stream, uint64_t session_id,
                                 struct kvs_span *bytes) {
    if (stream == NULL || bytes == NULL || (bytes->data == NULL && bytes->len > 0)) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs_status status = KVS_STATUS_SUCCESS;
    kvs__lock_acquire(&stream->client->lock);
    if (stream->session.open && stream->session.id == session_id) {
        take_acks(stream, bytes);
    } else {
        status = KVS_STATUS_UPLOAD_HANDLE_ABORTED;
    }
    kvs__lock_release(&stream->client->lock);
    return status;
}
