#include "client/client_internal.h"
#include "spill/spill.h"
#include "stream/stream_internal.h"

static kvs_status open_spill(struct kvs_client *client, const struct kvs_client_config *config) {
    if (config->spill == NULL) {
        return KVS_STATUS_SUCCESS;
    }
    if (config->spill_bytes < KVS_SPILL_MIN_BYTES) {
        return KVS_STATUS_INVALID_STORAGE_SIZE;
    }
    client->spill = kvs__spill_new(client->allocator, config->spill, config->spill_bytes);
    return client->spill != NULL ? KVS_STATUS_SUCCESS : KVS_STATUS_NOT_ENOUGH_MEMORY;
}

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
    made->allocator = allocator;
    kvs_status status = kvs_heap_new(allocator, config->storage_bytes, &made->heap);
    if (status != KVS_STATUS_SUCCESS) {
        goto fail_heap;
    }
    status = open_spill(made, config);
    if (status != KVS_STATUS_SUCCESS) {
        goto fail_spill;
    }
    made->max_streams =
        config->max_streams != 0 ? config->max_streams : KVS_CLIENT_DEFAULT_MAX_STREAMS;
    kvs__lock_init(&made->lock);
    *client = made;
    return KVS_STATUS_SUCCESS;

fail_spill:
    kvs_heap_destroy(made->heap);
fail_heap:
    allocator->release(allocator->context, made);
    return status;
}

kvs_status kvs_client_destroy(struct kvs_client *client) {
    if (client == NULL) {
        return KVS_STATUS_SUCCESS;
    }
    if (client->stream_count != 0) {
        return KVS_STATUS_INVALID_OPERATION;
    }
    const struct kvs_allocator *allocator = client->allocator;
    kvs__lock_destroy(&client->lock);
    kvs__spill_destroy(client->spill);
    allocator->release(allocator->context, client->scratch);
    kvs_heap_destroy(client->heap);
    allocator->release(allocator->context, client);
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_client_metrics(struct kvs_client *client, struct kvs_client_metrics *metrics) {
    if (client == NULL || metrics == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    struct kvs_client_metrics found = {0};
    struct kvs_heap_stats stats;
    kvs__lock_acquire(&client->lock);
    kvs_heap_stats(client->heap, &stats);
    found.storage_bytes = stats.size_bytes;
    found.storage_allocated_bytes = stats.allocated_bytes;
    found.storage_available_bytes = stats.available_bytes;
    found.storage_peak_bytes = stats.peak_bytes;
    if (client->spill != NULL) {
        struct kvs__spill_stats spill;
        kvs__spill_stats(client->spill, &spill);
        found.spill_bytes = spill.size_bytes;
        found.spill_allocated_bytes = spill.allocated_bytes;
    }
    found.spill_failures = client->spill_failures;
    found.stream_count = client->stream_count;
    for (const struct kvs_stream *stream = client->streams; stream != NULL; stream = stream->next) {
        found.view_memory_bytes += kvs_view_memory_bytes(stream->view);
        found.frame_rate += kvs__rates_frame_rate(stream);
        found.elementary_frame_rate += kvs__rates_elementary(stream);
        found.transfer_rate += stream->rates.transfer_rate;
    }
    kvs__lock_release(&client->lock);
    *metrics = found;
    return KVS_STATUS_SUCCESS;
}
