#include "stream/stream_internal.h"

void kvs__session_settle(struct kvs_stream *stream, struct kvs_view_item *item) {
    struct session *session = kvs__session_of(stream, item);
    if (session != NULL) {
        session->fragments_settled++;
        item->owner = 0;
    }
}

/** How far before its presentation time a decoding time is believed to be. */
#define MAX_REORDERING_NS (INT64_C(10) * 1000000000)

/** The earliest time in the fragment at `first`: no timecode of the session may be negative. What
 * is still to be put into one that grows may be shown before its key frame, but not before that is
 * decoded. */
static int64_t earliest_timecode(struct kvs_stream *stream, uint64_t first) {
    uint64_t end = kvs_view_fragment_end(stream->view, first);
    const struct kvs_view_item *key_frame = kvs__view_at(stream->view, first);
    int64_t earliest = key_frame->fragment_timecode;
    if (kvs__fragment_grows(stream, first) && key_frame->dts_ns >= 0 &&
        key_frame->dts_ns < key_frame->pts_ns &&
        key_frame->pts_ns - key_frame->dts_ns <= MAX_REORDERING_NS) {
        earliest = kvs_timecode_from_ns(key_frame->dts_ns, stream->config.timecode_scale_ns);
    }
    for (uint64_t index = first; index < end; index++) {
        int64_t timecode = kvs_timecode_from_ns(kvs__view_at(stream->view, index)->pts_ns,
                                                stream->config.timecode_scale_ns);
        earliest = timecode < earliest ? timecode : earliest;
    }
    return earliest;
}

/** Where the session that takes over from the active one begins, at the latest. */
static uint64_t next_start(struct kvs_stream *stream) {
    const struct session *active = &stream->sessions[stream->active];
    uint64_t at = active->fragments_begun > 0 ? active->at : kvs__view_current(stream->view);
    uint64_t tail = kvs__view_tail(stream->view);
    uint64_t next = at >= tail ? kvs_view_fragment_end(stream->view, at) : tail;
    uint64_t start = stream->rewind < next ? stream->rewind : next;
    return kvs__stream_not_gone(stream, start); /* what was to be sent again may be */
}

/** What the session that takes over from the active one counts from. It may begin with a fragment
 * that is still to be put, which lies beyond all that was. */
static int64_t next_base(struct kvs_stream *stream) {
    uint64_t next = next_start(stream);
    if (next >= kvs__view_tail(stream->view) && next < kvs__view_head(stream->view)) {
        return earliest_timecode(stream, next);
    }
    return stream->fragment.has_latest ? stream->fragment.latest_timecode + 1 : 0;
}

static uint32_t find_free_slot(const struct kvs_stream *stream) {
    uint32_t slot = 0;
    while (slot < KVS_SESSION_MAX_OPEN && stream->sessions[slot].state != SESSION_CLOSED) {
        slot++;
    }
    return slot;
}

static int64_t rotation_time(int64_t now_ns, int64_t expires_ns) {
    int64_t life = KVS_SESSION_MAX_NS;
    int64_t left = kvs__time_since(expires_ns, now_ns);
    if (expires_ns != 0 && left < life) {
        life = left;
    }
    return kvs__time_after(now_ns, life - KVS_SESSION_GRACE_NS);
}

static kvs_status check_open(struct kvs_stream *stream, int64_t now_ns, int64_t expires_ns) {
    bool has_active = stream->active != SESSION_NONE;
    if (stream->waiting != SESSION_NONE || find_free_slot(stream) == KVS_SESSION_MAX_OPEN ||
        (has_active && stream->sessions[stream->active].state == SESSION_FAILED)) {
        return KVS_STATUS_INVALID_OPERATION;
    }
    if (expires_ns != 0 && kvs__time_since(expires_ns, now_ns) < KVS_SESSION_MIN_NS) {
        return KVS_STATUS_INVALID_TOKEN_EXPIRATION;
    }
    if (!has_active && kvs__session_next_item(stream) == NULL) {
        stream->data_wanted = true;
        return KVS_STATUS_NO_MORE_DATA_AVAILABLE;
    }
    return KVS_STATUS_SUCCESS;
}

static kvs_status open_session(struct kvs_stream *stream, int64_t now_ns, int64_t expires_ns,
                               struct kvs_session_start *start) {
    kvs_status status = check_open(stream, now_ns, expires_ns);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    bool follows = stream->active != SESSION_NONE;
    uint32_t slot = find_free_slot(stream);
    int64_t base =
        follows ? next_base(stream) : earliest_timecode(stream, kvs__view_current(stream->view));
    struct session *session = &stream->sessions[slot];
    *session = (struct session){
        .state = follows ? SESSION_WAITING : SESSION_ACTIVE,
        .id = ++stream->last_session_id,
        .base_timecode = stream->config.absolute_timecodes ? 0 : base,
        .opened_ns = now_ns,
        .rotate_ns = rotation_time(now_ns, expires_ns),
    };
    kvs_ack_parser_init(&session->ack_parser);
    *(follows ? &stream->waiting : &stream->active) = slot;
    stream->counters.sessions++;
    stream->counters.sessions_open++;
    kvs__tick_by(stream, session->rotate_ns);
    kvs__events_data_available(stream);
    start->session_id = session->id;
    start->start_ns = kvs_timecode_to_ns(base, stream->config.timecode_scale_ns);
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_session_open(struct kvs_stream *stream, int64_t now_ns, int64_t expires_ns,
                            struct kvs_session_start *start) {
    if (stream == NULL || start == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs__lock_acquire(&stream->client->lock);
    kvs_status status = open_session(stream, now_ns, expires_ns, start);
    kvs__lock_release(&stream->client->lock);
    return status;
}

/** Goes back to what is to be sent again. */
static void apply_rewind(struct kvs_stream *stream) {
    if (stream->rewind < kvs__view_current(stream->view)) {
        kvs_status status =
            kvs_view_set_current(stream->view, kvs__stream_not_gone(stream, stream->rewind));
        KVS_ASSERT(status == KVS_STATUS_SUCCESS, "what is sent again lies in the view");
        (void)status;
    }
    stream->rewind = UINT64_MAX;
}

/** Nobody reads any more: lets the session that waits begin. */
static void hand_over(struct kvs_stream *stream) {
    apply_rewind(stream);
    stream->active = stream->waiting;
    stream->waiting = SESSION_NONE;
    if (stream->active != SESSION_NONE &&
        stream->sessions[stream->active].state == SESSION_WAITING) {
        stream->sessions[stream->active].state = SESSION_ACTIVE;
        kvs__tick_by(stream, stream->sessions[stream->active].rotate_ns);
    }
    if (stream->active != SESSION_NONE || kvs__session_next_item(stream) != NULL) {
        kvs__events_data_available(stream);
    }
}

void kvs__session_deliver_sent(struct kvs_stream *stream, const struct session *session) {
    uint64_t start = session->at;
    if (!stream->config.fragment_acks && session->fragments_begun > 0 &&
        start >= kvs__view_tail(stream->view) &&
        kvs_view_fragment_end(stream->view, start) <= kvs__view_current(stream->view)) {
        kvs__retention_deliver(stream, start);
    }
}

void kvs__session_end(struct kvs_stream *stream, struct session *session) {
    session->state = SESSION_ENDED;
    session->item_loaded = false;
    kvs__session_deliver_sent(stream, session);
    kvs__retention_unpin(stream, session->at);
    stream->data_wanted = true;
    hand_over(stream);
}

void kvs__session_fail(struct kvs_stream *stream, struct session *session, uint32_t result) {
    if (session->state == SESSION_FAILED) {
        return;
    }
    session->state = SESSION_FAILED;
    session->result = result;
    session->item_loaded = false;
    stream->signals |= KVS_SIGNAL_DATA; /* the reader learns of it by reading */
}

void kvs__sessions_fail_all(struct kvs_stream *stream) {
    for (uint32_t slot = 0; slot < KVS_SESSION_MAX_OPEN; slot++) {
        if (stream->sessions[slot].state != SESSION_CLOSED) {
            kvs__session_fail(stream, &stream->sessions[slot], KVS_SESSION_RESULT_OK);
        }
    }
}

static void free_session(struct kvs_stream *stream, struct session *session) {
    const struct kvs_allocator *allocator = stream->client->allocator;
    allocator->release(allocator->context, session->header);
    *session = (struct session){0};
}

void kvs__sessions_clean_up(struct kvs_stream *stream) {
    for (uint32_t slot = 0; slot < KVS_SESSION_MAX_OPEN; slot++) {
        free_session(stream, &stream->sessions[slot]);
    }
}

/** The session that was to take over is gone: another one is asked for, in time. */
static void rotate_again(struct kvs_stream *stream, int64_t now_ns) {
    stream->waiting = SESSION_NONE;
    if (stream->active != SESSION_NONE) {
        struct session *active = &stream->sessions[stream->active];
        active->rotate_ns = active->rotate_ns != INT64_MAX ? active->rotate_ns : now_ns;
        kvs__tick_by(stream, active->rotate_ns);
    }
}

static void close_session(struct kvs_stream *stream, struct session *session, int64_t now_ns,
                          uint32_t result) {
    uint32_t slot = (uint32_t)(session - stream->sessions);
    bool was_active = stream->active == slot;
    if (stream->waiting == slot) {
        rotate_again(stream, now_ns);
    }
    kvs__rates_session(stream, kvs__time_since(now_ns, session->opened_ns));
    session->item_loaded = false;
    kvs__session_replay(stream, session, session->result != 0 ? session->result : result);
    free_session(stream, session);
    stream->counters.sessions_open--;
    stream->data_wanted = true;
    if (was_active || stream->active == SESSION_NONE) {
        hand_over(stream);
    } else if (stream->sessions[stream->active].header == NULL) {
        apply_rewind(stream); /* the active one has not begun yet */
        kvs__events_data_available(stream);
    }
    kvs__stream_finish(stream);
    if (stream->rewind != UINT64_MAX) {
        kvs__events_data_available(stream); /* the active one may end where it has run dry */
    }
}

kvs_status kvs_session_close(struct kvs_stream *stream, uint64_t session_id, int64_t now_ns,
                             uint32_t result) {
    if (stream == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs__lock_acquire(&stream->client->lock);
    struct session *session = kvs__session_find(stream, session_id);
    if (session != NULL) {
        close_session(stream, session, now_ns, result);
    }
    kvs__lock_release(&stream->client->lock);
    return KVS_STATUS_SUCCESS;
}

bool kvs_session_is_settled(struct kvs_stream *stream, uint64_t session_id) {
    if (stream == NULL) {
        return true;
    }
    kvs__lock_acquire(&stream->client->lock);
    const struct session *session = kvs__session_find(stream, session_id);
    bool settled = session == NULL || session->fragments_begun == session->fragments_settled;
    kvs__lock_release(&stream->client->lock);
    return settled;
}

/** Whether the service owes the session an ACK: about a fragment that still grows it says nothing
 * more than that it has begun. */
static bool is_owed(const struct kvs_stream *stream, const struct session *session) {
    uint64_t unsettled = session->fragments_begun - session->fragments_settled;
    bool is_reading =
        session->state == SESSION_ACTIVE && (session->item_loaded || stream->fragment.open);
    return unsettled > (is_reading ? 1u : 0u);
}

void kvs__session_await_answer(struct kvs_stream *stream, struct session *session, int64_t now_ns) {
    session->unanswered_ns = now_ns != 0 ? now_ns : 1; /* 0 is that nothing is awaited */
    if (stream->config.staleness_ns > 0) {
        kvs__tick_by(stream, kvs__time_after(now_ns, stream->config.staleness_ns));
    }
}

static void tell_stale(struct kvs_stream *stream, struct session *session, int64_t waited_ns) {
    struct kvs_event *event = kvs__events_notice(stream, NOTICE_STALE);
    event->type = KVS_EVENT_STALE;
    event->as.stale.session_id = session->id;
    event->as.stale.duration_ns = waited_ns;
    session->stale_told = true;
    stream->counters.stale_events++;
}

static int64_t tick_stale(struct kvs_stream *stream, struct session *session, int64_t now_ns) {
    if (stream->config.staleness_ns == 0 || !stream->config.fragment_acks ||
        session->unanswered_ns == 0 || session->stale_told || session->state == SESSION_FAILED) {
        return INT64_MAX;
    }
    if (now_ns < session->unanswered_ns) {
        session->unanswered_ns = now_ns; /* the clock was set back */
    }
    int64_t due = kvs__time_after(session->unanswered_ns, stream->config.staleness_ns);
    if (now_ns < due) {
        return due;
    }
    if (!is_owed(stream, session)) {
        return kvs__time_after(now_ns, stream->config.staleness_ns);
    }
    tell_stale(stream, session, kvs__time_since(now_ns, session->unanswered_ns));
    return INT64_MAX;
}

static int64_t tick_rotation(struct kvs_stream *stream, struct session *session, int64_t now_ns) {
    if (session->state != SESSION_ACTIVE || stream->waiting != SESSION_NONE) {
        return INT64_MAX;
    }
    if (now_ns >= session->rotate_ns) {
        session->rotate_ns = INT64_MAX;
        stream->signals |= KVS_SIGNAL_ROTATE;
    }
    return session->rotate_ns;
}

int64_t kvs__sessions_tick(struct kvs_stream *stream, int64_t now_ns) {
    int64_t next = INT64_MAX;
    for (uint32_t slot = 0; slot < KVS_SESSION_MAX_OPEN; slot++) {
        struct session *session = &stream->sessions[slot];
        if (session->state != SESSION_CLOSED) {
            int64_t stale = tick_stale(stream, session, now_ns);
            int64_t rotation = tick_rotation(stream, session, now_ns);
            int64_t due = stale < rotation ? stale : rotation;
            next = due < next ? due : next;
        }
    }
    return next;
}
