/**
 * An upload session: one PutMedia connection's view of a stream.
 *
 * The transport opens a session, reads the Matroska bytes that its request body shall carry, feeds
 * back the bytes of the response, and closes the session with how it ended. A stream has one
 * session at a time.
 */
#ifndef KVS_SESSION_H
#define KVS_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "kvs/span.h"
#include "kvs/status.h"
#include "kvs/stream.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kvs_session_start {
    /** Never 0, never used twice. */
    uint64_t session_id;
    /** What the request's producer start timestamp must say: relative timecodes count from here. */
    int64_t start_ns;
};

/**
 * Opens a session at the oldest fragment that is neither delivered nor dropped.
 *
 * Its bytes begin with an EBML header, whatever was sent before.
 * Errors: KVS_STATUS_NO_MORE_DATA_AVAILABLE when there is no such fragment (KVS_SIGNAL_DATA tells
 * when there is); KVS_STATUS_INVALID_OPERATION when a session is open;
 * KVS_STATUS_NOT_ENOUGH_MEMORY.
 */
kvs_status kvs_session_open(struct kvs_stream *stream, struct kvs_session_start *start);

/**
 * Copies the next bytes of the request body into `out`.
 *
 * `len` is set on success and with each of the three results below, and may be greater than 0 with
 * any of them. Returns KVS_STATUS_SUCCESS when `out` is full; KVS_STATUS_NO_MORE_DATA_AVAILABLE
 * when the rest is still to be put; KVS_STATUS_END_OF_STREAM when the stream is stopped and all is
 * sent: end the body, and read the ACKs to their end; KVS_STATUS_UPLOAD_HANDLE_ABORTED when the
 * session is not open, or an ERROR ACK ended it: close it.
 */
kvs_status kvs_session_read(struct kvs_stream *stream, uint64_t session_id, uint8_t *out,
                            size_t capacity, size_t *len);

/**
 * Takes bytes of the response body, split anywhere, and advances `bytes` past what was used.
 *
 * It stops early only when the event queue is full: take the events and call again. An unreadable
 * ACK becomes an event with its status, and parsing goes on after it. Errors:
 * KVS_STATUS_UPLOAD_HANDLE_ABORTED when the session is not open.
 */
kvs_status kvs_session_ack_bytes(struct kvs_stream *stream, uint64_t session_id,
                                 struct kvs_span *bytes);

/**
 * Ends the session. What it sent without seeing it delivered is sent again by the next one, from
 * the key frame of the oldest such fragment. Closing a session that is not open does nothing.
 */
kvs_status kvs_session_close(struct kvs_stream *stream, uint64_t session_id);

#ifdef __cplusplus
}
#endif

#endif
