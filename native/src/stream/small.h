/**
 * What every frame asks of a stream, and a few instructions answer. In a header, since a call costs
 * more than most of it. Included by stream_internal.h only.
 */
#ifndef KVS_STREAM_SMALL_H
#define KVS_STREAM_SMALL_H

static inline bool kvs__is_offline(const struct kvs_stream *stream) {
    return stream->config.streaming_type == KVS_STREAMING_OFFLINE;
}

static inline uint8_t kvs__track_bit(uint32_t track_index) { return (uint8_t)(1u << track_index); }

/** The track of that id, or NULL. */
static inline struct stream_track *kvs__tracks_find(struct kvs_stream *stream, uint64_t track_id) {
    for (uint32_t i = 0; i < stream->track_count; i++) {
        if (stream->tracks[i].track_id == track_id) {
            return &stream->tracks[i];
        }
    }
    return NULL;
}

/** The format that frames are put in from now on. */
static inline struct stream_format *kvs__format_latest(const struct kvs_stream *stream) {
    return stream->pending_format != NULL ? stream->pending_format : stream->newest_format;
}

/** Whether a frame was put in a format that is not in force yet. */
static inline bool kvs__format_is_due(const struct kvs_stream *stream,
                                      const struct kvs__staged_frame *frame) {
    return frame->format > stream->newest_format->number;
}

/** What kvs__track_set_live does when that is new. */
void kvs__track_change_live(struct kvs_stream *stream, uint32_t track_index, bool live);

/** Notes whether a track has frames, and tells so when it is new. */
static inline void kvs__track_set_live(struct kvs_stream *stream, uint32_t track_index, bool live) {
    if (((stream->live_tracks & kvs__track_bit(track_index)) != 0) != live) {
        kvs__track_change_live(stream, track_index, live);
    }
}

/** `index`, or the tail of the view when what was there has left it. */
static inline uint64_t kvs__stream_not_gone(const struct kvs_stream *stream, uint64_t index) {
    uint64_t tail = kvs__view_tail(stream->view);
    return index > tail ? index : tail;
}

/** No fragment before this one may be dropped. */
static inline uint64_t kvs__retention_oldest(const struct kvs_stream *stream) {
    return kvs__stream_not_gone(stream, stream->evict_from);
}

/** Whether the fragment at `start` is older than what a stream keeps that goes on to `end_ns`. */
static inline bool kvs__retention_is_too_old(const struct kvs_stream *stream, uint64_t start,
                                             int64_t end_ns) {
    const struct kvs_view_item *first = kvs__view_at(stream->view, start);
    return first != NULL && end_ns - first->pts_ns > stream->config.buffer_duration_ns;
}

/** What kvs__retention_limit_duration does when something may be too old. */
void kvs__retention_drop_old(struct kvs_stream *stream, int64_t end_ns);

/** Makes a stream that is not offline hold no more than its buffer duration once a frame that ends
 * at `end_ns` is added. */
static inline void kvs__retention_limit_duration(struct kvs_stream *stream, int64_t end_ns) {
    if (kvs__retention_is_too_old(stream, kvs__retention_oldest(stream), end_ns)) {
        kvs__retention_drop_old(stream, end_ns);
    }
}

/** What kvs__stream_allocate does once the store is full. */
kvs_status kvs__stream_allocate_in_full(struct kvs_stream *stream, size_t size,
                                        struct kvs__place *place);

/** Takes room in the store, evicting fragments where that is allowed. */
static inline kvs_status kvs__stream_allocate(struct kvs_stream *stream, size_t size,
                                              struct kvs__place *place) {
    return kvs__store_allocate(stream->client, size, place) == KVS_STATUS_SUCCESS
               ? KVS_STATUS_SUCCESS
               : kvs__stream_allocate_in_full(stream, size, place);
}

/** Whether the view has a slot for `item`: the last one is kept for the metadata of the fragment
 * that is open. */
static inline bool kvs__stream_has_slot(const struct kvs_stream *stream,
                                        const struct kvs_view_item *item) {
    uint64_t held = kvs__view_head(stream->view) - kvs__view_tail(stream->view);
    return held < stream->max_frames + ((item->flags & KVS_ITEM_TAGS) != 0 ? 1 : 0);
}

/** What kvs__stream_append does once the view is full. */
kvs_status kvs__stream_append_in_full(struct kvs_stream *stream, const struct kvs_view_item *item);

/** Appends to the view, making room as is allowed. */
static inline kvs_status kvs__stream_append(struct kvs_stream *stream,
                                            const struct kvs_view_item *item) {
    if (kvs__stream_has_slot(stream, item)) {
        return kvs__view_append(stream->view, item);
    }
    /* The copy alone has its address taken, so that the item of the usual way can be in registers.
     */
    const struct kvs_view_item copy = *item;
    return kvs__stream_append_in_full(stream, &copy);
}

/** How long ago `then_ns` was; 0 when it is still to come. Without overflow. */
int64_t kvs__time_since(int64_t now_ns, int64_t then_ns);

/** A transfer rate is taken over at least this long. */
#define KVS__TRANSFER_WINDOW_NS INT64_C(200000000)

/** What kvs__rates_transfer does once the window has passed. */
void kvs__rates_end_window(struct rates *rates, int64_t now_ns);

/** Counts bytes that were read. */
static inline void kvs__rates_transfer(struct kvs_stream *stream, size_t bytes, int64_t now_ns) {
    struct rates *rates = &stream->rates;
    if (rates->transfer_since_ns == 0 || now_ns < rates->transfer_since_ns) {
        rates->transfer_since_ns = now_ns;
    }
    rates->transfer_bytes += bytes;
    if (kvs__subtract_ns(now_ns, rates->transfer_since_ns) > KVS__TRANSFER_WINDOW_NS) {
        kvs__rates_end_window(rates, now_ns);
    }
}

/** What kvs__stream_release_order does where frames are brought into order. */
void kvs__stream_release_ordered(struct kvs_stream *stream, int64_t now_ns, bool flush);

/** Lets frames leave the order: those that may go, or (flush) all. */
static inline void kvs__stream_release_order(struct kvs_stream *stream, int64_t now_ns,
                                             bool flush) {
    if (stream->ordering.order != NULL) {
        kvs__stream_release_ordered(stream, now_ns, flush);
    }
}

/** What kvs__stream_finish does while a stop is not done. */
void kvs__stream_finish_stop(struct kvs_stream *stream);

/** Does what is left to do of a stop, once there is room for it. */
static inline void kvs__stream_finish(struct kvs_stream *stream) {
    if (stream->stopping && !stream->stopped) {
        kvs__stream_finish_stop(stream);
    }
}

/** Whether a status says that there is no room, now or ever. */
static inline bool kvs__is_without_room(kvs_status status) {
    return status == KVS_STATUS_STORE_OUT_OF_MEMORY || status == KVS_STATUS_INVALID_ALLOCATION_SIZE;
}

/** Raises KVS_SIGNAL_DATA if a reader waits for it. */
static inline void kvs__events_data_available(struct kvs_stream *stream) {
    if (stream->data_wanted) {
        stream->data_wanted = false;
        stream->signals |= KVS_SIGNAL_DATA;
    }
}

/** now_ns + wait_ns, without overflow. */
static inline int64_t kvs__time_after(int64_t now_ns, int64_t wait_ns) {
    return now_ns > INT64_MAX - wait_ns ? INT64_MAX : now_ns + wait_ns;
}

/** Raises KVS_SIGNAL_TICK when a tick is due earlier than the caller knows. */
static inline void kvs__tick_by(struct kvs_stream *stream, int64_t deadline_ns) {
    if (deadline_ns < stream->next_tick_ns) {
        stream->next_tick_ns = deadline_ns;
        stream->signals |= KVS_SIGNAL_TICK;
    }
}

/** The open session of that id, or NULL. */
static inline struct session *kvs__session_find(struct kvs_stream *stream, uint64_t session_id) {
    for (uint32_t slot = 0; slot < KVS_SESSION_MAX_OPEN; slot++) {
        struct session *session = &stream->sessions[slot];
        if (session->state != SESSION_CLOSED && session->id == session_id) {
            return session;
        }
    }
    return NULL;
}

/** The session that has begun to send the fragment which starts with `item`, or NULL. */
static inline struct session *kvs__session_of(struct kvs_stream *stream,
                                              const struct kvs_view_item *item) {
    return item->owner != 0 ? &stream->sessions[item->owner - 1] : NULL;
}

#endif
