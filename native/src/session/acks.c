#include "stream/stream_internal.h"

/** The fragment that an ACK is about, if the session has sent it. */
static bool find_fragment(struct kvs_stream *stream, const struct session *session,
                          const struct kvs_ack *ack, uint64_t *start) {
    if (!ack->has_timecode || ack->timecode < 0 ||
        ack->timecode > INT64_MAX - session->base_timecode) {
        return false;
    }
    int64_t timecode = ack->timecode + session->base_timecode;
    return kvs_view_find_fragment(stream->view, timecode, start) == KVS_STATUS_SUCCESS &&
           kvs__session_of(stream, kvs__view_at(stream->view, *start)) == session;
}

/** An error that names no fragment is blamed on the oldest one sent of which the service has said
 * nothing good. */
static bool find_suspect(struct kvs_stream *stream, const struct session *session,
                         uint64_t *start) {
    uint64_t head = kvs__view_head(stream->view);
    uint64_t index = kvs__stream_not_gone(stream, session->first);
    while (session->fragments_begun > 0 && index < head && index <= session->at) {
        const struct kvs_view_item *item = kvs__view_at(stream->view, index);
        if (kvs__session_of(stream, item) == session &&
            (item->flags & (KVS_ITEM_RECEIVED | KVS_ITEM_DROPPED)) == 0) {
            *start = index;
            return true;
        }
        index = kvs_view_fragment_end(stream->view, index);
    }
    return false;
}

/** Whether a fragment lacks a track that its session's header names: with another header it can be
 * sent again (FRAMES_MISSING_FOR_TRACK). */
static bool lacks_track(struct kvs_stream *stream, const struct session *session, uint64_t start) {
    uint8_t present = kvs__view_at(stream->view, start)->track_mask;
    return (session->track_mask & (uint8_t)~present) != 0;
}

#define ACK_ERROR_FRAMES_MISSING_FOR_TRACK 4011u

static void silence_missing(struct kvs_stream *stream, uint64_t start) {
    uint8_t present = kvs__view_at(stream->view, start)->track_mask;
    bool grows = kvs__fragment_grows(stream, start);
    for (uint32_t i = 0; grows && i < stream->track_count; i++) {
        if ((present & kvs__track_bit(i)) == 0) {
            kvs__track_set_live(stream, i, false);
        }
    }
}

static void apply_error(struct kvs_stream *stream, struct session *session,
                        const struct kvs_ack *ack) {
    uint64_t start = 0;
    stream->counters.acks_error++;
    if (session->state == SESSION_FAILED) {
        return; /* one error ends a session; what it blames is decided by then */
    }
    bool blamed =
        kvs_service_result_is_fragment_fault(ack->error_id) &&
        (find_fragment(stream, session, ack, &start) || find_suspect(stream, session, &start));
    kvs__session_fail(stream, session, ack->error_id);
    if (blamed && ack->error_id == ACK_ERROR_FRAMES_MISSING_FOR_TRACK &&
        lacks_track(stream, session, start)) {
        silence_missing(stream, start);
    } else if (blamed) {
        kvs__retention_drop(stream, start, KVS_DROP_REJECTED);
        kvs__retention_trim(stream);
    }
}

static uint32_t count_ack(struct kvs_stream *stream, enum kvs_ack_type type) {
    switch (type) {
    case KVS_ACK_BUFFERING:
        stream->counters.acks_buffering++;
        return KVS_ITEM_BUFFERING;
    case KVS_ACK_RECEIVED:
        stream->counters.acks_received++;
        return KVS_ITEM_RECEIVED;
    case KVS_ACK_PERSISTED:
        stream->counters.acks_persisted++;
        return 0;
    case KVS_ACK_IDLE:
        stream->counters.acks_idle++;
        return 0;
    default:
        return 0;
    }
}

void kvs__acks_apply(struct kvs_stream *stream, struct session *session,
                     const struct kvs_ack *ack) {
    uint64_t start = 0;
    if (ack->type == KVS_ACK_ERROR) {
        apply_error(stream, session, ack);
        return;
    }
    uint32_t flag = count_ack(stream, ack->type);
    if (ack->type == KVS_ACK_IDLE || !find_fragment(stream, session, ack, &start)) {
        return;
    }
    kvs__view_at(stream->view, start)->flags |= flag;
    if (ack->type == KVS_ACK_PERSISTED ||
        (ack->type == KVS_ACK_RECEIVED && !stream->config.retained)) {
        kvs__retention_deliver(stream, start);
    }
}

static kvs_status ack_status(const struct kvs_ack *ack) {
    return ack->type == KVS_ACK_ERROR ? kvs_status_from_ack_error(ack->error_id)
                                      : KVS_STATUS_SUCCESS;
}

static void take_acks(struct kvs_stream *stream, struct session *session, struct kvs_span *bytes) {
    while (bytes->len > 0 && kvs__events_ack_room(stream)) {
        struct kvs_ack ack = {0};
        bool ready = false;
        kvs_status status = kvs_ack_parser_next(&session->ack_parser, bytes, &ack, &ready);
        if (status != KVS_STATUS_SUCCESS) {
            stream->counters.acks_unreadable++;
            kvs__events_push_ack(stream, session->id, status, &ack);
        } else if (ready) {
            kvs__events_push_ack(stream, session->id, ack_status(&ack), &ack);
            kvs__acks_apply(stream, session, &ack);
        }
    }
}

/** The service has said something, so what it owes counts from now. */
static void note_answer(struct kvs_stream *stream, struct session *session, int64_t now_ns) {
    bool owes = session->fragments_begun > session->fragments_settled;
    session->unanswered_ns = 0;
    session->stale_told = false;
    if (owes) {
        kvs__session_await_answer(stream, session, now_ns);
    }
}

kvs_status kvs_session_ack_bytes(struct kvs_stream *stream, uint64_t session_id, int64_t now_ns,
                                 struct kvs_span *bytes) {
    if (stream == NULL || bytes == NULL || (bytes->data == NULL && bytes->len > 0)) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs_status status = KVS_STATUS_UPLOAD_HANDLE_ABORTED;
    kvs__lock_acquire(&stream->client->lock);
    struct session *session = kvs__session_find(stream, session_id);
    if (session != NULL) {
        take_acks(stream, session, bytes);
        note_answer(stream, session, now_ns);
        kvs__stream_finish(stream);
        status = KVS_STATUS_SUCCESS;
    }
    kvs__lock_release(&stream->client->lock);
    return status;
}
