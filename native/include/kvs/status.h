/*
 * Statuses: what every fallible function returns, their names and texts, and how a result of the
 * service becomes a status.
 */
#ifndef KVS_STATUS_H
#define KVS_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#include "kvs/export.h"
#include "kvs/status_table.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A status code: 0 is success, any other value is one of the constants below. */
typedef uint32_t kvs_status;

/** One constant for each status and for each alias in status_table.h, with the service's code. */
enum kvs_status_code {
    KVS_STATUS_SUCCESS = 0,
#define KVS_STATUS_CONSTANT(name, code, text) KVS_STATUS_##name = (code),
    KVS_STATUS_TABLE(KVS_STATUS_CONSTANT)
#undef KVS_STATUS_CONSTANT
#define KVS_STATUS_CONSTANT(alias, name) KVS_STATUS_##alias = KVS_STATUS_##name,
        KVS_STATUS_ALIAS_TABLE(KVS_STATUS_CONSTANT)
#undef KVS_STATUS_CONSTANT
};

/**
 * The name of a status, such as "STATUS_STORE_OUT_OF_MEMORY".
 *
 * 0 gives "STATUS_SUCCESS". A number that is no status gives "STATUS_UNKNOWN", which is not the
 * name of any status. Where the guide spells a status in several ways, this is the one spelling
 * that status_table.h lists as the name. Ownership: a constant, never freed. Thread: any.
 */
KVS_API const char *kvs_status_name(kvs_status status);

/**
 * One English sentence, of at most 160 bytes, that says what happened and what to do about it.
 *
 * A number that is no status gives a sentence that says so.
 * Ownership: a constant, never freed. Thread: any.
 */
KVS_API const char *kvs_status_text(kvs_status status);

/**
 * Finds a status by its name or by one of its aliases; case matters, the STATUS_ prefix is part of
 * it.
 *
 * Errors: KVS_STATUS_NULL_ARG when an argument is NULL; KVS_STATUS_NOT_FOUND when no status has
 * that name. Thread: any.
 */
KVS_API kvs_status kvs_status_from_name(const char *name, kvs_status *status);

/**
 * The status for the ErrorId of an ERROR acknowledgement (4000 to 4012, 4500 to 4507, 5000, 5001).
 *
 * Any other number gives KVS_STATUS_ACK_ERR_UNKNOWN_ACK_ERROR, never success. Thread: any.
 */
KVS_API kvs_status kvs_status_from_ack_error(uint32_t error_id);

/**
 * The status for the result of a service call or of an upload: an HTTP status, a number of the
 * producer's own (10000 to 10401), or the ErrorId that ended the upload (4000 to 5999, 7000).
 *
 * 200 and 10401 (token rotation) give success; every number without a meaning of its own gives
 * KVS_STATUS_SERVICE_CALL_UNKNOWN_ERROR. What an acknowledgement carries goes through
 * kvs_status_from_ack_error() instead, since the service may put any number there. Thread: any.
 */
KVS_API kvs_status kvs_status_from_service_result(uint32_t result);

/**
 * Whether the ErrorId of an ERROR acknowledgement blames what is in the fragment, so that sending
 * it again would fail again and it is skipped: 4001, 4002, 4004 to 4007, 4009 to 4012.
 *
 * False for every other number: the fragment is sent again. That holds for a stream that is not
 * active or deleted (4008, 4507) and for its key (4500 to 4506) too, where the AWS producer skips
 * fragments: whoever mends the stream or the key gets them all. Thread: any.
 */
KVS_API bool kvs_service_result_is_fragment_fault(uint32_t result);

/**
 * Whether the end of a session shows that the service lives on, so that what it said it had
 * received is safe: 200, the limits, 401 and the ErrorIds that are about the connection, the
 * stream's key or the service itself.
 */
KVS_API bool kvs_service_result_host_is_alive(uint32_t result);

/**
 * Whether the producer goes on by itself after this status, by sending again, reconnecting or
 * resetting the stream; false when the application has to change something first, and for success.
 * Thread: any.
 */
KVS_API bool kvs_status_is_retryable(kvs_status status);

#ifdef __cplusplus
}
#endif

#endif
