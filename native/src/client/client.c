#include "client_internal.h"

kvs_status kvs_client_new(const struct kvs_client_config *config, struct kvs_client **client) {
    if (config == NULL || client == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    const struct kvs_allocator *allocator =
        config->allocator != NULL ? config->allocator : kvs_default_allocator();
    struct kvs_client *made = allocator->allocate(allocator->context, sizeof *made);
    if (made == NULL) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    kvs_status status = kvs_heap_new(allocator, config->storage_bytes, &made->heap);
    if (status != KVS_STATUS_SUCCESS) {
        allocator->release(allocator->context, made);
        return status;
    }
    made->allocator = allocator;
    made->max_streams =
        config->max_streams != 0 ? config->max_streams : KVS_CLIENT_DEFAULT_MAX_STREAMS;
    kvs__lock_init(&made->lock);
    *client = made;
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_client_destroy(struct kvs_client *client) {
    if (client == NULL) {
        return KVS_STATUS_SUCCESS;
    }
    if (client->stream_count != 0) {
        return KVS_STATUS_INVALID_OPERATION;
    }
    const struct kvs_allocator *allocator = client->allocator;
    kvs_heap_destroy(client->heap);
    kvs__lock_destroy(&client->lock);
    allocator->release(allocator->context, client);
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_client_metrics(struct kvs_client *client, struct kvs_client_metrics *metrics) {
    if (client == NULL || metrics == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs__lock_acquire(&client->lock);
    struct kvs_heap_stats stats;
    kvs_heap_stats(client->heap, &stats);
    metrics->storage_bytes = stats.size_bytes;
    metrics->storage_allocated_bytes = stats.allocated_bytes;
    metrics->storage_available_bytes = stats.available_bytes;
    metrics->storage_peak_bytes = stats.peak_bytes;
    metrics->stream_count = client->stream_count;
    kvs__lock_release(&client->lock);
    return KVS_STATUS_SUCCESS;
}
