/**
 * An upload session: one PutMedia connection's view of a stream.
 *
 * The transport opens a session, reads the Matroska bytes that its request body shall carry, feeds
 * back the bytes of the response, and closes the session with how it ended. One session at a time
 * is read from; the next one may be opened beside it and takes over at a fragment's start, while
 * those before it stay open until their last ACKs have come.
 */
#ifndef KVS_SESSION_H
#define KVS_SESSION_H

#include <stddef.h>
#include <stdint.h>

#include "kvs/export.h"
#include "kvs/span.h"
#include "kvs/status.h"
#include "kvs/stream.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Sessions of a stream that may be open at once. */
#define KVS_SESSION_MAX_OPEN 8

/** A session's life: the service ends it after 45 minutes, so the core asks for the next one
 * after 40. */
#define KVS_SESSION_MAX_NS (INT64_C(40) * 60 * 1000000000)
/** How long before its end a session asks to be replaced. */
#define KVS_SESSION_GRACE_NS (INT64_C(3) * 1000000000)
/** What credentials have to last for a session to be opened with them. */
#define KVS_SESSION_MIN_NS (INT64_C(30) * 1000000000)

/** How a session ended, for kvs_session_close: an HTTP status, the ErrorId of an ERROR ACK, or one
 * of these. */
enum kvs_session_result {
    KVS_SESSION_RESULT_OK = 200,
    /** The connection was lost, without a word from the service. */
    KVS_SESSION_RESULT_DISCONNECTED = 598
};

struct kvs_session_start {
    /** Never 0, never used twice. */
    uint64_t session_id;
    /** What the request's producer start timestamp must say: relative timecodes count from here. */
    int64_t start_ns;
};

/**
 * Opens a session at the oldest fragment that is neither delivered, dropped nor on its way.
 *
 * Its bytes begin with an EBML header, whatever was sent before. While another session is being
 * read from, that one ends with the fragment that it is in, and this one goes on behind it.
 *
 * @param expires_ns when the credentials that it uses run out; 0 when they do not
 * Errors: KVS_STATUS_NO_MORE_DATA_AVAILABLE when there is no such fragment (KVS_SIGNAL_DATA tells
 * when there is); KVS_STATUS_INVALID_OPERATION when one waits already, one has failed and is not
 * closed, or KVS_SESSION_MAX_OPEN are open; KVS_STATUS_INVALID_TOKEN_EXPIRATION when expires_ns is
 * less than KVS_SESSION_MIN_NS away.
 */
KVS_API kvs_status kvs_session_open(struct kvs_stream *stream, int64_t now_ns, int64_t expires_ns,
                                    struct kvs_session_start *start);

/**
 * Copies the next bytes of the request body into `out`.
 *
 * `len` is set on success and with each of the three results below, and may be greater than 0 with
 * any of them. Returns KVS_STATUS_SUCCESS when `out` is full; KVS_STATUS_NO_MORE_DATA_AVAILABLE
 * when the rest is still to be put, or another session has to finish first;
 * KVS_STATUS_END_OF_STREAM when the session's part is sent, because the stream is stopped, the next
 * session takes over, or what follows needs a header of its own: end the body, and read the ACKs to
 * their end, while the next session, if there is more, is opened beside it;
 * KVS_STATUS_UPLOAD_HANDLE_ABORTED when the session is not open, or an ERROR ACK or a reset ended
 * it: close it.
 */
KVS_API kvs_status kvs_session_read(struct kvs_stream *stream, uint64_t session_id, int64_t now_ns,
                                    uint8_t *out, size_t capacity, size_t *len);

/**
 * Takes bytes of the response body, split anywhere, and advances `bytes` past what was used.
 *
 * It stops early only when the event queue is full: take the events and call again. An unreadable
 * ACK becomes an event with its status, and parsing goes on after it. Errors:
 * KVS_STATUS_UPLOAD_HANDLE_ABORTED when the session is not open.
 */
KVS_API kvs_status kvs_session_ack_bytes(struct kvs_stream *stream, uint64_t session_id,
                                         int64_t now_ns, struct kvs_span *bytes);

/**
 * Ends the session. What it sent without seeing it delivered is sent again by the next one, as far
 * back as the stream's type, replay duration and replay point say.
 *
 * @param result how it ended, see enum kvs_session_result: it decides whether the service is known
 * to live on (kvs_service_result_host_is_alive). An ERROR ACK that came before wins.
 * Closing a session that is not open does nothing.
 */
KVS_API kvs_status kvs_session_close(struct kvs_stream *stream, uint64_t session_id, int64_t now_ns,
                                     uint32_t result);

/** Whether all that the session has sent is delivered or dropped; true for one that is not open.
 * After KVS_STATUS_END_OF_STREAM such a session can be closed without waiting for the service. */
KVS_API bool kvs_session_is_settled(struct kvs_stream *stream, uint64_t session_id);

#ifdef __cplusplus
}
#endif

#endif
