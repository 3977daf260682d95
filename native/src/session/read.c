#include <string.h>

#include "platform/copy.h"
#include "spill/spill.h"
#include "stream/stream_internal.h"

static void add_piece(struct session_pieces *pieces, const uint8_t *data, uint64_t spill_offset,
                      size_t len) {
    pieces->items[pieces->count++] = (struct session_piece){data, spill_offset, len};
}

/** Whether nothing of the fragment at `item` is to be read: it is gone, or on its way in another
 * session, whose ACKs will tell. */
static bool is_passed_over(const struct kvs_stream *stream, const struct kvs_view_item *item) {
    return (item->flags & KVS_ITEM_DROPPED) != 0 ||
           (item->owner != 0 && item->owner != stream->active + 1);
}

struct kvs_view_item *kvs__session_next_item(struct kvs_stream *stream) {
    for (;;) {
        struct kvs_view_item *item = kvs__view_current_item(stream->view);
        if (item == NULL || !is_passed_over(stream, item)) {
            return item;
        }
        uint64_t current = kvs__view_current(stream->view);
        kvs_status status =
            kvs_view_set_current(stream->view, kvs_view_fragment_end(stream->view, current));
        KVS_ASSERT(status == KVS_STATUS_SUCCESS, "a fragment ends in the view");
        (void)status;
    }
}

/** Leaves out of a header the tracks that its fragments have no frames of. */
static void select_tracks(const struct stream_format *format, uint32_t count, uint8_t mask,
                          struct kvs_mkv_track *tracks, struct kvs_mkv_header *header) {
    for (uint32_t i = 0; i < count; i++) {
        if ((mask & kvs__track_bit(i)) != 0) {
            tracks[header->track_count++] = format->tracks[i];
        }
    }
    header->tracks = tracks;
}

/** Writes the header for the fragment that starts with `item`. */
static kvs_status write_header(struct kvs_stream *stream, struct session *session,
                               const struct kvs_view_item *item, size_t *len) {
    const struct kvs_allocator *allocator = stream->client->allocator;
    const struct stream_format *format = kvs__format_find(stream, item->format);
    struct kvs_mkv_track tracks[KVS__MAX_TRACKS];
    struct kvs_mkv_header header = {.timecode_scale_ns = stream->config.timecode_scale_ns,
                                    .writing_app = stream->writing_app};
    memcpy(header.segment_uid, stream->config.segment_uid, sizeof header.segment_uid);
    uint8_t mask = kvs__fragment_tracks(stream, kvs__view_current(stream->view));
    select_tracks(format, stream->track_count, mask, tracks, &header);
    size_t size = kvs_mkv_header_size(&header);
    session->header = allocator->allocate(allocator->context, size);
    if (session->header == NULL) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    session->format = item->format;
    session->track_mask = mask;
    session->first = kvs__view_current(stream->view);
    session->end = session->first;
    return kvs_mkv_write_header(&header, session->header, size, len);
}

/** Whether the session ends with the fragment that it sends, for another one to go on. */
static bool is_relieved(const struct kvs_stream *stream) {
    return stream->waiting != SESSION_NONE || stream->rewind != UINT64_MAX;
}

/** Whether the session ends in front of the fragment that starts with `item`. */
static bool ends_before(struct kvs_stream *stream, const struct session *session,
                        const struct kvs_view_item *item) {
    if (session->header == NULL) {
        return false; /* it has not begun: whatever comes, it begins with that */
    }
    return is_relieved(stream) || item->format != session->format ||
           kvs__fragment_tracks(stream, kvs__view_current(stream->view)) != session->track_mask;
}

bool kvs__session_frees_room(struct kvs_stream *stream) {
    uint64_t tail = kvs__view_tail(stream->view);
    uint64_t head = kvs__view_head(stream->view);
    if (!stream->room_wanted || stream->fragment.open || tail == head) {
        return false;
    }
    /* Fragments behind it may be done already, and keep their slots for it. */
    uint64_t next = kvs_view_fragment_end(stream->view, tail);
    while (next < head && (kvs__view_at(stream->view, next)->flags & KVS_ITEM_DROPPED) != 0) {
        next = kvs_view_fragment_end(stream->view, next);
    }
    return next == head;
}

bool kvs__session_bars_room(const struct kvs_stream *stream) {
    bool wants_room = stream->room_wanted || (stream->stopping && !stream->stopped);
    return wants_room && stream->rewind != UINT64_MAX && stream->fragment.open;
}

/** Whether the session ends with nothing more to read in the view. */
static bool ends_here(struct kvs_stream *stream, const struct session *session) {
    if (stream->stopped) {
        return true;
    }
    bool shall_end = is_relieved(stream) || kvs__session_frees_room(stream);
    return shall_end && session->header != NULL && !stream->fragment.open;
}

static kvs_status load_fragment(struct kvs_stream *stream, struct session *session,
                                struct kvs_view_item *item) {
    struct session_pieces *pieces = &session->pieces;
    size_t len = 0;
    if (item->fragment_timecode < session->base_timecode) {
        /* What is sent again lies before the time that the request has named. */
        return KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP;
    }
    if (session->header == NULL) {
        kvs_status status = write_header(stream, session, item, &len);
        if (status != KVS_STATUS_SUCCESS) {
            return status;
        }
        add_piece(pieces, session->header, 0, len);
    } else {
        kvs__session_deliver_sent(stream, session);
        kvs__retention_unpin(stream, session->at);
    }
    session->at = kvs__view_current(stream->view);
    session->fragments_begun++;
    item->owner = (uint8_t)(session - stream->sessions + 1);
    uint64_t timecode = (uint64_t)(item->fragment_timecode - session->base_timecode);
    kvs_status status =
        kvs_mkv_write_cluster(timecode, session->cluster, sizeof session->cluster, &len);
    add_piece(pieces, session->cluster, 0, len);
    return status;
}

/** Tells why there is nothing to read. */
static kvs_status load_nothing(struct kvs_stream *stream, struct session *session) {
    if (stream->fragment.open && !stream->room_wanted && !stream->stopping) {
        return KVS_STATUS_NO_MORE_DATA_AVAILABLE; /* as the checks below would find */
    }
    if (!stream->fragment.open) {
        kvs__session_deliver_sent(stream, session); /* what followed it was dropped */
    }
    if (kvs__session_bars_room(stream)) {
        return KVS_STATUS_STORE_OUT_OF_MEMORY;
    }
    return ends_here(stream, session) ? KVS_STATUS_END_OF_STREAM
                                      : KVS_STATUS_NO_MORE_DATA_AVAILABLE;
}

/**
 * Lines up the bytes of the next frame. Otherwise tells why not:
 * KVS_STATUS_NO_MORE_DATA_AVAILABLE, KVS_STATUS_END_OF_STREAM, or what went wrong.
 */
static kvs_status load_item(struct kvs_stream *stream, struct session *session,
                            struct kvs_view_item *item) {
    if (item == NULL) {
        return load_nothing(stream, session);
    }
    session->pieces.count = 0;
    session->pieces.next = 0;
    session->pieces.offset = 0;
    if ((item->flags & KVS_ITEM_FRAGMENT_START) != 0) {
        if (ends_before(stream, session, item)) {
            return KVS_STATUS_END_OF_STREAM;
        }
        kvs_status status = load_fragment(stream, session, item);
        if (status != KVS_STATUS_SUCCESS) {
            return status;
        }
    }
    add_piece(&session->pieces, item->data, item->spill_offset, item->len);
    session->item_loaded = true;
    return KVS_STATUS_SUCCESS;
}

static kvs_status copy_pieces(struct kvs_stream *stream, struct session_pieces *pieces,
                              uint8_t *out, size_t capacity, size_t *copied) {
    while (*copied < capacity && pieces->next < pieces->count) {
        const struct session_piece *piece = &pieces->items[pieces->next];
        size_t left = piece->len - pieces->offset;
        size_t part = left < capacity - *copied ? left : capacity - *copied;
        if (piece->data != NULL) {
            kvs__copy(out + *copied, piece->data + pieces->offset, part);
        } else {
            kvs_status status =
                kvs__spill_read(stream->client->spill, piece->spill_offset + pieces->offset,
                                out + *copied, (uint32_t)part);
            if (status != KVS_STATUS_SUCCESS) {
                return status;
            }
        }
        *copied += part;
        pieces->offset += part;
        if (pieces->offset == piece->len) {
            pieces->next++;
            pieces->offset = 0;
        }
    }
    return KVS_STATUS_SUCCESS;
}

/** A put that was refused for the backlog may be tried again once half of that is sent. */
static void relieve_backlog(struct kvs_stream *stream) {
    uint32_t limit = stream->config.high_water_bytes;
    if (stream->room_wanted && limit != 0 && stream->view->pending.bytes <= limit / 2) {
        kvs__events_room_made(stream->client);
    }
}

static void finish_item(struct kvs_stream *stream, struct session *session) {
    uint64_t current = kvs__view_current(stream->view);
    KVS_ASSERT(current < kvs__view_head(stream->view), "the item that was sent lies in the view");
    stream->counters.frames_sent += kvs__view_frames_of(kvs__view_current_item(stream->view));
    session->item_loaded = false;
    session->end = current + 1;
    kvs__view_step(stream->view);
    relieve_backlog(stream);
    if (!stream->fragment.open && current + 1 == kvs__view_head(stream->view)) {
        kvs__session_deliver_sent(stream, session); /* nothing follows that would do it */
    }
}

/** Gives up the fragment that the spill does not give back, and with it the session. */
static kvs_status lose_fragment(struct kvs_stream *stream, struct session *session) {
    kvs__session_fail(stream, session, KVS_SESSION_RESULT_OK);
    kvs__retention_drop(stream, session->at, KVS_DROP_SPILL_FAILED);
    kvs__retention_give_up_ack(stream, session->at, KVS_DROP_SPILL_FAILED);
    kvs__retention_trim(stream);
    return KVS_STATUS_UPLOAD_HANDLE_ABORTED;
}

/** Whether all that is to be copied out is the bytes of `item`, and they are in memory and fit. */
static bool is_plain(const struct kvs_view_item *item, size_t room) {
    return item != NULL && (item->flags & KVS_ITEM_FRAGMENT_START) == 0 && item->data != NULL &&
           item->len <= room;
}

static kvs_status read_items(struct kvs_stream *stream, struct session *session, uint8_t *out,
                             size_t capacity, size_t *len) {
    while (*len < capacity) {
        kvs_status status = KVS_STATUS_SUCCESS;
        if (!session->item_loaded) {
            struct kvs_view_item *item = kvs__session_next_item(stream);
            if (is_plain(item, capacity - *len)) {
                kvs__copy(out + *len, item->data, item->len);
                *len += item->len;
                finish_item(stream, session);
                continue;
            }
            status = load_item(stream, session, item);
        }
        if (status != KVS_STATUS_SUCCESS) {
            return status;
        }
        status = copy_pieces(stream, &session->pieces, out, capacity, len);
        if (status != KVS_STATUS_SUCCESS) {
            return lose_fragment(stream, session);
        }
        if (session->pieces.next == session->pieces.count) {
            finish_item(stream, session);
        }
    }
    return KVS_STATUS_SUCCESS;
}

static kvs_status read_active(struct kvs_stream *stream, struct session *session, int64_t now_ns,
                              uint8_t *out, size_t capacity, size_t *len) {
    kvs_status status = read_items(stream, session, out, capacity, len);
    if (*len > 0 && session->unanswered_ns == 0) {
        kvs__session_await_answer(stream, session, now_ns);
    }
    stream->counters.bytes_sent += *len;
    kvs__rates_transfer(stream, *len, now_ns);
    switch (status) {
    case KVS_STATUS_SUCCESS:
    case KVS_STATUS_UPLOAD_HANDLE_ABORTED:
        return status;
    case KVS_STATUS_END_OF_STREAM:
        kvs__session_end(stream, session);
        return status;
    case KVS_STATUS_NO_MORE_DATA_AVAILABLE:
        stream->data_wanted = true;
        return status;
    default:
        /* Another session may do better: find memory for its header, begin at an earlier time, or
         * make room. */
        kvs__session_fail(stream, session, KVS_SESSION_RESULT_OK);
        return KVS_STATUS_UPLOAD_HANDLE_ABORTED;
    }
}

static kvs_status read_session(struct kvs_stream *stream, uint64_t session_id, int64_t now_ns,
                               uint8_t *out, size_t capacity, size_t *len) {
    struct session *session = kvs__session_find(stream, session_id);
    if (session == NULL || session->state == SESSION_FAILED) {
        return KVS_STATUS_UPLOAD_HANDLE_ABORTED;
    }
    if (session->state == SESSION_WAITING) {
        stream->data_wanted = true;
        return KVS_STATUS_NO_MORE_DATA_AVAILABLE;
    }
    if (session->state == SESSION_ENDED) {
        return KVS_STATUS_END_OF_STREAM;
    }
    return read_active(stream, session, now_ns, out, capacity, len);
}

kvs_status kvs_session_read(struct kvs_stream *stream, uint64_t session_id, int64_t now_ns,
                            uint8_t *out, size_t capacity, size_t *len) {
    if (stream == NULL || out == NULL || len == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    if (capacity == 0) {
        return KVS_STATUS_INVALID_ARG;
    }
    kvs__lock_acquire(&stream->client->lock);
    size_t read = 0;
    kvs_status status = read_session(stream, session_id, now_ns, out, capacity, &read);
    kvs__stream_finish(stream);
    *len = read;
    kvs__lock_release(&stream->client->lock);
    return status;
}
