#include <string.h>

#include "stream_internal.h"

#define FRAMES_PER_SECOND_AT_MOST 256
#define NS_PER_SECOND INT64_C(1000000000)

static bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

static kvs_status check_name(const struct kvs_client *client, const char *name) {
    size_t len = name != NULL ? strlen(name) : 0;
    if (len == 0 || len > KVS__MAX_STREAM_NAME) {
        return KVS_STATUS_INVALID_STREAM_NAME_LENGTH;
    }
    for (size_t i = 0; i < len; i++) {
        if (!is_name_character(name[i])) {
            return KVS_STATUS_INVALID_STREAM_NAME_LENGTH;
        }
    }
    for (const struct kvs_stream *other = client->streams; other != NULL; other = other->next) {
        if (strcmp(other->name, name) == 0) {
            return KVS_STATUS_DUPLICATE_STREAM_NAME;
        }
    }
    return KVS_STATUS_SUCCESS;
}

static kvs_status check_config(const struct kvs_client *client,
                               const struct kvs_stream_config *config) {
    if (client->stream_count >= client->max_streams) {
        return KVS_STATUS_MAX_STREAM_COUNT;
    }
    if (config->fragment_duration_ns < NS_PER_SECOND ||
        config->fragment_duration_ns > 30 * NS_PER_SECOND) {
        return KVS_STATUS_MKV_INVALID_CLUSTER_DURATION;
    }
    if (config->buffer_duration_ns < NS_PER_SECOND) {
        return KVS_STATUS_INVALID_CONTENT_VIEW_DURATION;
    }
    const uint32_t both = KVS_NAL_ADAPTATION_ANNEXB_FRAMES | KVS_NAL_ADAPTATION_AVCC_FRAMES;
    if ((config->nal_adaptation & both) == both) {
        return KVS_STATUS_MKV_BOTH_ANNEXB_AND_AVCC_SPECIFIED;
    }
    if (config->writing_app == NULL ||
        strlen(config->writing_app) >= sizeof client->streams->writing_app) {
        return KVS_STATUS_MKV_INVALID_CLIENT_ID_LENGTH;
    }
    return check_name(client, config->name);
}

static uint32_t view_capacity(const struct kvs_stream_config *config) {
    if (config->max_frames != 0) {
        return config->max_frames;
    }
    int64_t seconds = config->buffer_duration_ns / NS_PER_SECOND + 1;
    int64_t frames = seconds * FRAMES_PER_SECOND_AT_MOST;
    return frames < 65536 ? (uint32_t)frames : 65536u;
}

static kvs_status init_stream(struct kvs_stream *stream, const struct kvs_stream_config *config) {
    stream->config = *config;
    stream->config.name = stream->name;
    stream->config.writing_app = stream->writing_app;
    stream->config.tracks = NULL;
    memcpy(stream->name, config->name, strlen(config->name) + 1);
    memcpy(stream->writing_app, config->writing_app, strlen(config->writing_app) + 1);
    stream->data_wanted = true;
    kvs_status status = kvs__tracks_init(stream, config);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    stream->fragment_duration_timecode =
        kvs_timecode_from_ns(config->fragment_duration_ns, config->timecode_scale_ns);
    status = kvs_view_new(stream->client->allocator, view_capacity(config), &stream->view);
    if (status != KVS_STATUS_SUCCESS) {
        kvs__tracks_clean_up(stream);
    }
    return status;
}

static kvs_status make_stream(struct kvs_client *client, const struct kvs_stream_config *config,
                              struct kvs_stream **stream) {
    const struct kvs_allocator *allocator = client->allocator;
    kvs_status status = check_config(client, config);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    struct kvs_stream *made = allocator->allocate(allocator->context, sizeof *made);
    if (made == NULL) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    made->client = client;
    status = init_stream(made, config);
    if (status != KVS_STATUS_SUCCESS) {
        allocator->release(allocator->context, made);
        return status;
    }
    made->next = client->streams;
    client->streams = made;
    client->stream_count++;
    *stream = made;
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_stream_new(struct kvs_client *client, const struct kvs_stream_config *config,
                          int64_t now_ns, struct kvs_stream **stream) {
    if (client == NULL || config == NULL || stream == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs__lock_acquire(&client->lock);
    kvs_status status = make_stream(client, config, stream);
    if (status == KVS_STATUS_SUCCESS) {
        (*stream)->created_ns = now_ns;
    }
    kvs__lock_release(&client->lock);
    return status;
}

static void unlink_stream(struct kvs_client *client, const struct kvs_stream *stream) {
    struct kvs_stream **link = &client->streams;
    while (*link != stream) {
        link = &(*link)->next;
    }
    *link = stream->next;
    client->stream_count--;
}

static void free_view(struct kvs_stream *stream) {
    struct kvs_view_item item;
    while (kvs_view_pop_tail(stream->view, &item) == KVS_STATUS_SUCCESS) {
        kvs_heap_release(stream->client->heap, item.data);
        kvs_heap_release(stream->client->heap, item.tags);
    }
    kvs_view_destroy(stream->view);
}

void kvs_stream_destroy(struct kvs_stream *stream) {
    if (stream == NULL) {
        return;
    }
    struct kvs_client *client = stream->client;
    kvs__lock_acquire(&client->lock);
    unlink_stream(client, stream);
    kvs__session_clean_up(stream);
    free_view(stream);
    kvs__tracks_clean_up(stream);
    client->allocator->release(client->allocator->context, stream);
    kvs__lock_release(&client->lock);
}

kvs_status kvs_stream_stop(struct kvs_stream *stream) {
    if (stream == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs__lock_acquire(&stream->client->lock);
    stream->stopped = true;
    stream->fragment.open = false;
    kvs__events_data_available(stream);
    kvs__lock_release(&stream->client->lock);
    return KVS_STATUS_SUCCESS;
}
