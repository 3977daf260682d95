#include "../stream/stream_internal.h"

/** The earliest time in the first fragment, as far as it is put: no timecode of the session may be
 * negative. */
static int64_t earliest_timecode(struct kvs_stream *stream) {
    uint64_t first = kvs_view_current(stream->view);
    uint64_t end = kvs_view_fragment_end(stream->view, first);
    int64_t earliest = kvs_view_at(stream->view, first)->fragment_timecode;
    for (uint64_t index = first; index < end; index++) {
        int64_t timecode = kvs_timecode_from_ns(kvs_view_at(stream->view, index)->pts_ns,
                                                stream->config.timecode_scale_ns);
        earliest = timecode < earliest ? timecode : earliest;
    }
    return earliest;
}

static kvs_status write_header(struct kvs_stream *stream, struct session *session) {
    const struct kvs_allocator *allocator = stream->client->allocator;
    struct kvs_mkv_track tracks[KVS__MAX_TRACKS];
    struct kvs_mkv_header header;
    kvs__stream_header(stream, tracks, &header);
    size_t size = kvs_mkv_header_size(&header);
    uint8_t *bytes = allocator->allocate(allocator->context, size);
    if (bytes == NULL) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    size_t written = 0;
    kvs_status status = kvs_mkv_write_header(&header, bytes, size, &written);
    if (status != KVS_STATUS_SUCCESS) {
        allocator->release(allocator->context, bytes);
        return status;
    }
    session->header = bytes;
    session->header_len = written;
    return KVS_STATUS_SUCCESS;
}

static kvs_status open_session(struct kvs_stream *stream, struct kvs_session_start *start) {
    if (stream->session.open) {
        return KVS_STATUS_INVALID_OPERATION;
    }
    if (kvs_view_current(stream->view) == kvs_view_head(stream->view)) {
        stream->data_wanted = true;
        return KVS_STATUS_NO_MORE_DATA_AVAILABLE;
    }
    struct session session = {0};
    kvs_status status = write_header(stream, &session);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    session.open = true;
    session.id = ++stream->last_session_id;
    int64_t base = earliest_timecode(stream);
    session.base_timecode = stream->config.absolute_timecodes ? 0 : base;
    kvs_ack_parser_init(&session.ack_parser);
    stream->session = session;
    stream->counters.sessions++;
    start->session_id = session.id;
    start->start_ns = kvs_timecode_to_ns(base, stream->config.timecode_scale_ns);
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_session_open(struct kvs_stream *stream, struct kvs_session_start *start) {
    if (stream == NULL || start == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs__lock_acquire(&stream->client->lock);
    kvs_status status = open_session(stream, start);
    kvs__lock_release(&stream->client->lock);
    return status;
}

void kvs__session_clean_up(struct kvs_stream *stream) {
    const struct kvs_allocator *allocator = stream->client->allocator;
    allocator->release(allocator->context, stream->session.header);
    stream->session = (struct session){0};
}

kvs_status kvs_session_close(struct kvs_stream *stream, uint64_t session_id) {
    if (stream == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs__lock_acquire(&stream->client->lock);
    if (stream->session.open && stream->session.id == session_id) {
        kvs__session_clean_up(stream);
        kvs__retention_roll_back(stream);
        stream->data_wanted = true;
        if (kvs_view_current(stream->view) < kvs_view_head(stream->view)) {
            kvs__events_data_available(stream);
        }
    }
    kvs__lock_release(&stream->client->lock);
    return KVS_STATUS_SUCCESS;
}
