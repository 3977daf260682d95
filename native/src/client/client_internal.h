#ifndef KVS_CLIENT_INTERNAL_H
#define KVS_CLIENT_INTERNAL_H

#include "kvs/client.h"
#include "kvs/heap.h"
#include "platform/lock.h"

/** Everything but `allocator` is guarded by `lock`, which public entry points alone take. */
struct kvs_client {
    const struct kvs_allocator *allocator;
    struct kvs_lock lock;
    struct kvs_heap *heap;
    /** NULL when there is none. */
    struct kvs__spill *spill;
    /** How often the spill is still passed over since it could not be written, and how often that
     * has been so. */
    uint32_t spill_hold_off;
    uint64_t spill_failures;
    /** Where payloads are written on their way to the spill; as large as the largest so far. */
    uint8_t *scratch;
    size_t scratch_bytes;
    struct kvs_stream *streams;
    uint32_t stream_count;
    uint32_t max_streams;
};

#endif
