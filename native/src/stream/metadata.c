#include <string.h>

#include "stream_internal.h"

static const char reserved_prefix[] = "AWS";

static kvs_status check(const char *name, const char *value) {
    if (name == NULL || value == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    size_t name_len = strlen(name);
    if (name_len == 0 || name_len > KVS__MAX_METADATA_NAME) {
        return KVS_STATUS_MKV_INVALID_TAG_NAME_LENGTH;
    }
    if (strlen(value) > KVS__MAX_METADATA_VALUE) {
        return KVS_STATUS_MKV_INVALID_TAG_VALUE_LENGTH;
    }
    if (strncmp(name, reserved_prefix, sizeof reserved_prefix - 1) == 0) {
        return KVS_STATUS_INVALID_METADATA_NAME;
    }
    return KVS_STATUS_SUCCESS;
}

static struct metadata_item *find_persistent(struct kvs_stream *stream, const char *name) {
    for (uint32_t i = 0; i < stream->metadata_count; i++) {
        if (stream->metadata[i].persistent && strcmp(stream->metadata[i].name, name) == 0) {
            return &stream->metadata[i];
        }
    }
    return NULL;
}

static void remove_item(struct kvs_stream *stream, const struct metadata_item *item) {
    size_t index = (size_t)(item - stream->metadata);
    stream->metadata_count--;
    memmove(&stream->metadata[index], &stream->metadata[index + 1],
            (stream->metadata_count - index) * sizeof *stream->metadata);
}

static kvs_status put(struct kvs_stream *stream, const char *name, const char *value,
                      bool persistent) {
    if (stream->stopped) {
        return KVS_STATUS_STREAM_HAS_BEEN_STOPPED;
    }
    struct metadata_item *item = persistent ? find_persistent(stream, name) : NULL;
    if (persistent && value[0] == '\0') {
        if (item != NULL) {
            remove_item(stream, item);
        }
        return KVS_STATUS_SUCCESS;
    }
    if (item == NULL) {
        if (stream->metadata_count == KVS__MAX_METADATA) {
            return KVS_STATUS_MAX_FRAGMENT_METADATA_COUNT;
        }
        item = &stream->metadata[stream->metadata_count++];
    }
    item->persistent = persistent;
    memcpy(item->name, name, strlen(name) + 1);
    memcpy(item->value, value, strlen(value) + 1);
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_stream_put_metadata(struct kvs_stream *stream, const char *name, const char *value,
                                   bool persistent) {
    kvs_status status = stream == NULL ? KVS_STATUS_NULL_ARG : check(name, value);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    kvs__lock_acquire(&stream->client->lock);
    status = put(stream, name, value, persistent);
    kvs__lock_release(&stream->client->lock);
    return status;
}

kvs_status kvs__metadata_take(struct kvs_stream *stream, uint8_t **tags, uint32_t *tags_len) {
    *tags = NULL;
    *tags_len = 0;
    if (stream->metadata_count == 0) {
        return KVS_STATUS_SUCCESS;
    }
    struct kvs_mkv_tag items[KVS__MAX_METADATA];
    for (uint32_t i = 0; i < stream->metadata_count; i++) {
        items[i].name = stream->metadata[i].name;
        items[i].value = stream->metadata[i].value;
    }
    size_t size = kvs_mkv_tags_size(items, stream->metadata_count);
    void *block = NULL;
    kvs_status status = kvs_heap_allocate(stream->client->heap, size, &block);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    size_t written = 0;
    status = kvs_mkv_write_tags(items, stream->metadata_count, block, size, &written);
    if (status != KVS_STATUS_SUCCESS) {
        kvs_heap_release(stream->client->heap, block);
        return status;
    }
    *tags = block;
    *tags_len = (uint32_t)written;
    return KVS_STATUS_SUCCESS;
}

void kvs__metadata_done(struct kvs_stream *stream) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < stream->metadata_count; i++) {
        if (stream->metadata[i].persistent) {
            stream->metadata[kept++] = stream->metadata[i];
        }
    }
    stream->metadata_count = kept;
}
