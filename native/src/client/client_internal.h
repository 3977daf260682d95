#ifndef KVS_CLIENT_INTERNAL_H
#define KVS_CLIENT_INTERNAL_H

#include "../platform/lock.h"
#include "kvs/client.h"
#include "kvs/heap.h"

/** Everything but `allocator` is guarded by `lock`, which public entry points alone take. */
struct kvs_client {
    const struct kvs_allocator *allocator;
    struct kvs_lock lock;
    struct kvs_heap *heap;
    struct kvs_stream *streams;
    uint32_t stream_count;
    uint32_t max_streams;
};

#endif
