#include <string.h>

#include "stream/stream_internal.h"

#define FRAMES_PER_SECOND_AT_MOST 256
#define NS_PER_SECOND INT64_C(1000000000)
#define LONGEST_BUFFER_NS (INT64_C(366) * 24 * 3600 * NS_PER_SECOND)

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

static bool are_choices_known(const struct kvs_stream_config *config) {
    return (uint32_t)config->streaming_type <= KVS_STREAMING_OFFLINE &&
           (uint32_t)config->store_pressure <= KVS_STORE_PRESSURE_DROP_OLDEST &&
           (uint32_t)config->replay_point <= KVS_REPLAY_AFTER_RECEIVED &&
           (uint32_t)config->frame_order <= KVS_FRAME_ORDER_PTS_EOFR &&
           (uint32_t)config->timestamp_policy <= KVS_TIMESTAMPS_FIX;
}

static bool are_durations_sane(const struct kvs_stream_config *config) {
    return config->replay_duration_ns >= 0 && config->max_latency_ns >= 0 &&
           config->staleness_ns >= 0 && config->idle_ns >= 0 && config->order_window_ns >= 0;
}

static kvs_status check_nal_adaptation(uint32_t nal_adaptation) {
    const uint32_t both = KVS_NAL_ADAPTATION_ANNEXB_FRAMES | KVS_NAL_ADAPTATION_AVCC_FRAMES;
    return (nal_adaptation & both) == both ? KVS_STATUS_MKV_BOTH_ANNEXB_AND_AVCC_SPECIFIED
                                           : KVS_STATUS_SUCCESS;
}

static kvs_status check_config(const struct kvs_client *client,
                               const struct kvs_stream_config *config) {
    if (client->stream_count >= client->max_streams) {
        return KVS_STATUS_MAX_STREAM_COUNT;
    }
    if (!are_choices_known(config) || !are_durations_sane(config)) {
        return KVS_STATUS_INVALID_ARG;
    }
    if (config->fragment_duration_ns < NS_PER_SECOND ||
        config->fragment_duration_ns > 30 * NS_PER_SECOND) {
        return KVS_STATUS_MKV_INVALID_CLUSTER_DURATION;
    }
    if (config->buffer_duration_ns < NS_PER_SECOND ||
        config->buffer_duration_ns > LONGEST_BUFFER_NS) {
        return KVS_STATUS_INVALID_CONTENT_VIEW_DURATION;
    }
    if (config->streaming_type == KVS_STREAMING_OFFLINE &&
        (!config->fragment_acks || !config->retained)) {
        return KVS_STATUS_OFFLINE_MODE_WITH_ZERO_RETENTION;
    }
    if (strlen(config->writing_app) >= sizeof client->streams->writing_app) {
        return KVS_STATUS_MKV_INVALID_CLIENT_ID_LENGTH;
    }
    kvs_status status = check_nal_adaptation(config->nal_adaptation);
    return status == KVS_STATUS_SUCCESS ? check_name(client, config->name) : status;
}

static uint32_t max_frames(const struct kvs_stream_config *config) {
    if (config->max_frames != 0) {
        return config->max_frames;
    }
    int64_t seconds = config->buffer_duration_ns / NS_PER_SECOND + 1;
    int64_t frames = seconds * FRAMES_PER_SECOND_AT_MOST;
    return frames < 65536 ? (uint32_t)frames : 65536u;
}

/** One slot more than there are frames: for the metadata of the fragment that is open. */
static kvs_status new_view(struct kvs_stream *stream) {
    if (stream->max_frames < KVS_VIEW_MIN_CAPACITY || stream->max_frames == UINT32_MAX) {
        return KVS_STATUS_MIN_CONTENT_VIEW_ITEMS;
    }
    return kvs_view_new(stream->client->allocator, stream->max_frames + 1, &stream->view);
}

static kvs_status init_order(struct kvs_stream *stream) {
    const struct kvs_stream_config *config = &stream->config;
    if (config->frame_order == KVS_FRAME_ORDER_PASS_THROUGH) {
        return KVS_STATUS_SUCCESS;
    }
    bool has_video = stream->tracks[stream->lead_track].type == KVS_TRACK_VIDEO;
    const struct kvs__order_config order = {
        .order = config->frame_order,
        .window_ns =
            config->order_window_ns > 0 ? config->order_window_ns : KVS_STREAM_DEFAULT_ORDER_NS,
        .timecode_scale_ns = config->timecode_scale_ns,
        .track_count = stream->track_count,
        .lead_track = has_video ? stream->lead_track : UINT32_MAX,
    };
    stream->ordering.order = kvs__order_new(stream->client->allocator, &order);
    return stream->ordering.order != NULL ? KVS_STATUS_SUCCESS : KVS_STATUS_NOT_ENOUGH_MEMORY;
}

static void copy_config(struct kvs_stream *stream, const struct kvs_stream_config *config) {
    stream->config = *config;
    stream->config.name = stream->name;
    stream->config.writing_app = stream->writing_app;
    stream->config.tracks = NULL;
    if (config->generated_timestamps && config->timestamp_policy == KVS_TIMESTAMPS_THROW) {
        /* The caller of a put can do nothing about the clock. */
        stream->config.timestamp_policy = KVS_TIMESTAMPS_FIX;
    }
    memcpy(stream->name, config->name, strlen(config->name) + 1);
    memcpy(stream->writing_app, config->writing_app, strlen(config->writing_app) + 1);
}

static kvs_status init_stream(struct kvs_stream *stream, const struct kvs_stream_config *config) {
    copy_config(stream, config);
    stream->data_wanted = true;
    stream->active = SESSION_NONE;
    stream->waiting = SESSION_NONE;
    stream->rewind = UINT64_MAX;
    stream->next_tick_ns = INT64_MAX;
    kvs_status status = kvs__formats_init(stream, config);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    stream->fragment_duration_timecode =
        kvs_timecode_from_ns(config->fragment_duration_ns, config->timecode_scale_ns);
    stream->stretch_timecode = kvs_timecode_from_ns(KVS__STRETCH_NS, config->timecode_scale_ns);
    kvs__normalizer_init(&stream->normalizer, stream->config.timestamp_policy,
                         config->timecode_scale_ns);
    stream->max_frames = max_frames(config);
    status = new_view(stream);
    if (status != KVS_STATUS_SUCCESS) {
        goto fail_view;
    }
    status = init_order(stream);
    if (status != KVS_STATUS_SUCCESS) {
        goto fail_order;
    }
    return KVS_STATUS_SUCCESS;

fail_order:
    kvs_view_destroy(stream->view);
fail_view:
    kvs__formats_clean_up(stream);
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
    struct kvs_stream_config full = *config;
    if (full.writing_app == NULL) {
        full.writing_app = "kinesis-video-producer";
    }
    kvs__lock_acquire(&client->lock);
    kvs_status status = make_stream(client, &full, stream);
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

/** Frees what frames that wait in the order hold. */
static void empty_order(struct kvs_stream *stream,
                        void (*each)(struct kvs_stream *, const struct kvs__staged_frame *)) {
    struct ordering *ordering = &stream->ordering;
    struct kvs__staged_frame frame;
    if (ordering->has_held) {
        ordering->has_held = false;
        each(stream, &ordering->held);
    }
    while (ordering->order != NULL && kvs__order_pop(ordering->order, 0, 0, true, &frame)) {
        each(stream, &frame);
    }
}

static void free_staged(struct kvs_stream *stream, const struct kvs__staged_frame *frame) {
    kvs__store_release(stream->client, &frame->place, frame->size);
}

static void drop_staged(struct kvs_stream *stream, const struct kvs__staged_frame *frame) {
    kvs__stream_drop_frame(stream, frame, KVS_DROP_RESET);
}

static void free_view(struct kvs_stream *stream) {
    struct kvs__heap_run run = {0};
    struct kvs_view_item item;
    while (kvs_view_pop_tail(stream->view, &item) == KVS_STATUS_SUCCESS) {
        kvs__retention_free_payload(stream, &run, &item);
    }
    kvs__heap_run_end(stream->client->heap, &run);
    kvs_view_destroy(stream->view);
}

void kvs_stream_destroy(struct kvs_stream *stream) {
    if (stream == NULL) {
        return;
    }
    struct kvs_client *client = stream->client;
    kvs__lock_acquire(&client->lock);
    unlink_stream(client, stream);
    kvs__sessions_clean_up(stream);
    empty_order(stream, free_staged);
    kvs__order_destroy(stream->ordering.order);
    free_view(stream);
    kvs__metadata_clean_up(stream);
    kvs__formats_clean_up(stream);
    client->allocator->release(client->allocator->context, stream);
    kvs__events_room_made(client);
    kvs__lock_release(&client->lock);
}

void kvs__stream_finish_stop(struct kvs_stream *stream) {
    kvs__stream_release_order(stream, stream->last_put_ns, true);
    if (stream->ordering.has_held) {
        return; /* until an ACK makes room */
    }
    if (stream->fragment.open && kvs__fragment_end(stream, false) != KVS_STATUS_SUCCESS) {
        if (!kvs__stream_holds_open_fragment_only(stream)) {
            stream->room_wanted = true; /* for its tags */
            return;
        }
        stream->fragment.open = false;
    }
    stream->stopped = true;
    kvs__events_metadata_dropped(stream, kvs__metadata_done(stream, true));
    kvs__events_data_available(stream);
}

kvs_status kvs_stream_stop(struct kvs_stream *stream) {
    if (stream == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs__lock_acquire(&stream->client->lock);
    stream->stopping = true;
    kvs__stream_finish(stream);
    if (kvs__session_bars_room(stream)) {
        kvs__events_data_available(stream);
    }
    kvs__lock_release(&stream->client->lock);
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_stream_set_nal_adaptation(struct kvs_stream *stream, uint32_t nal_adaptation) {
    kvs_status status = stream != NULL ? check_nal_adaptation(nal_adaptation) : KVS_STATUS_NULL_ARG;
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    kvs__lock_acquire(&stream->client->lock);
    stream->config.nal_adaptation = nal_adaptation;
    kvs__lock_release(&stream->client->lock);
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_stream_reset_connection(struct kvs_stream *stream) {
    if (stream == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs__lock_acquire(&stream->client->lock);
    kvs__sessions_fail_all(stream);
    kvs__lock_release(&stream->client->lock);
    return KVS_STATUS_SUCCESS;
}

/** What comes next may be from a clock that was set back, or from another camera. */
static void begin_anew(struct kvs_stream *stream) {
    const struct kvs_stream_config *config = &stream->config;
    stream->fragment = (struct open_fragment){0};
    stream->evict_from = 0;
    stream->has_first_pts = false;
    for (uint32_t i = 0; i < stream->track_count; i++) {
        stream->tracks[i].has_pts = false;
        kvs__track_set_live(stream, i, true);
    }
    kvs_view_restart(stream->view);
    kvs__normalizer_init(&stream->normalizer, config->timestamp_policy, config->timecode_scale_ns);
}

kvs_status kvs_stream_reset(struct kvs_stream *stream) {
    if (stream == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs__lock_acquire(&stream->client->lock);
    kvs__sessions_fail_all(stream);
    empty_order(stream, drop_staged);
    stream->lead_placed = stream->lead_put;
    kvs__retention_drop_all(stream, KVS_DROP_RESET);
    kvs__events_metadata_dropped(stream, kvs__metadata_done(stream, true));
    begin_anew(stream);
    kvs__events_room_made(stream->client);
    kvs__stream_finish(stream);
    kvs__lock_release(&stream->client->lock);
    return KVS_STATUS_SUCCESS;
}
