/**
 * A client: one content store shared by the streams that are made from it.
 *
 * The library does no I/O, has no clock and starts no thread: time is an argument, events are
 * polled. Every function that takes a client or one of its streams may be called from any thread;
 * one lock per client orders them.
 */
#ifndef KVS_CLIENT_H
#define KVS_CLIENT_H

#include <stdint.h>

#include "kvs/allocator.h"
#include "kvs/export.h"
#include "kvs/spill.h"
#include "kvs/status.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kvs_client;

struct kvs_client_config {
    /** Size of the content store, KVS_HEAP_MIN_BYTES to KVS_HEAP_MAX_BYTES. Pages are backed as
     * they are used. */
    uint64_t storage_bytes;
    /** Where frames go while the store is full, and how much of that may be used; NULL for
     * nowhere. The client closes it. */
    const struct kvs_spill_io *spill;
    uint64_t spill_bytes;
    /** Streams of this client; 0 means KVS_CLIENT_DEFAULT_MAX_STREAMS. */
    uint32_t max_streams;
    /** NULL means kvs_default_allocator(). */
    const struct kvs_allocator *allocator;
};

#define KVS_CLIENT_DEFAULT_MAX_STREAMS 128u

struct kvs_client_metrics {
    uint64_t storage_bytes;
    uint64_t storage_allocated_bytes;
    uint64_t storage_available_bytes;
    uint64_t storage_peak_bytes;
    /** The spill, in bytes; all 0 without one. */
    uint64_t spill_bytes, spill_allocated_bytes;
    /** How often it could not be written. */
    uint64_t spill_failures;
    uint32_t stream_count;
    /** Memory of all the streams' views, beside the store. */
    uint64_t view_memory_bytes;
    /** Sums over the streams, see struct kvs_stream_metrics. */
    double frame_rate, elementary_frame_rate, transfer_rate;
};

/**
 * Makes a client with an empty store.
 *
 * Ownership: the caller destroys it with kvs_client_destroy.
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_INVALID_STORAGE_SIZE when the size is out of range;
 * KVS_STATUS_NOT_ENOUGH_MEMORY when the system refuses the arena or the allocator is exhausted.
 */
KVS_API kvs_status kvs_client_new(const struct kvs_client_config *config,
                                  struct kvs_client **client);

/**
 * Destroys the client and its store. Accepts NULL.
 *
 * Errors: KVS_STATUS_INVALID_OPERATION, and nothing happens, while one of its streams lives.
 * Thread: no other call on the client may be in progress.
 */
KVS_API kvs_status kvs_client_destroy(struct kvs_client *client);

/** Reads the counters of the store. Errors: KVS_STATUS_NULL_ARG. */
KVS_API kvs_status kvs_client_metrics(struct kvs_client *client,
                                      struct kvs_client_metrics *metrics);

#ifdef __cplusplus
}
#endif

#endif
