#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "producer.h"

static struct sim_item *new_item(struct sim_stream *stream, const char *name, bool persistent) {
    stream->items = world_grow(stream->items, stream->item_count, &stream->item_capacity,
                               sizeof *stream->items);
    struct sim_item *item = &stream->items[stream->item_count++];
    *item = (struct sim_item){
        .persistent = persistent, .put_after = stream->frame_count, .until = SIM_NEVER};
    snprintf(item->name, sizeof item->name, "%s", name);
    if (!persistent && stream->config.frame_order == KVS_FRAME_ORDER_PASS_THROUGH) {
        item->anchor = stream->open == SIM_OPEN ? stream->last_in_fragment : 0;
        item->awaits_fragment = stream->open == SIM_CLOSED;
    }
    return item;
}

static void object(struct world *world, const struct sim_stream *stream, const char *what,
                   kvs_status status) {
    world_fail(world, "stream %d: %s is answered with %s", (int)stream->number, what,
               kvs_status_name(status));
}

static void end_persistent(struct sim_stream *stream, const char *name) {
    for (uint64_t i = 0; i < stream->item_count; i++) {
        struct sim_item *item = &stream->items[i];
        if (item->persistent && item->until == SIM_NEVER && strcmp(item->name, name) == 0) {
            item->until = stream->frame_count;
        }
    }
}

void producer_put_metadata(struct world *world, struct sim_stream *stream) {
    char name[16];
    char value[32];
    bool persistent = world_chance(world, 300);
    bool removes = persistent && world_chance(world, 300);
    snprintf(name, sizeof name, "%c%d", persistent ? 'p' : 'n',
             (int)random_below(&world->random, 3));
    snprintf(value, sizeof value, "m%" PRIu64, stream->item_count + 1);
    kvs_status status =
        kvs_stream_put_metadata(stream->stream, name, removes ? "" : value, persistent);
    world_trace(world, "metadata %s=%s: %s", name, removes ? "" : value, kvs_status_name(status));
    if (status == KVS_STATUS_SUCCESS && !stream->stopped) {
        if (persistent) {
            end_persistent(stream, name);
        }
        if (!removes) {
            new_item(stream, name, persistent);
        }
        return;
    }
    bool sound = stream->stopped ? status == KVS_STATUS_STREAM_HAS_BEEN_STOPPED
                                 : status == KVS_STATUS_MAX_FRAGMENT_METADATA_COUNT;
    if (!sound) {
        object(world, stream, "metadata", status);
    }
}

static bool may_refuse_event(const struct world *world, const struct sim_stream *stream,
                             kvs_status status) {
    switch (status) {
    case KVS_STATUS_NOT_ENOUGH_MEMORY:
        return world->memory.failures > 0;
    case KVS_STATUS_STREAM_HAS_BEEN_STOPPED:
        return stream->stopped;
    case KVS_STATUS_STREAM_NOT_STARTED:
    case KVS_STATUS_DUPLICATE_STREAM_EVENT_TYPE:
    case KVS_STATUS_MAX_FRAGMENT_METADATA_COUNT:
        return true;
    default:
        return false;
    }
}

void producer_put_event(struct world *world, struct sim_stream *stream) {
    uint32_t events = 1 + (uint32_t)random_below(&world->random, 3);
    uint32_t pairs = (uint32_t)random_below(&world->random, 3);
    char names[2][16];
    char values[2][32];
    struct kvs_mkv_tag tags[2];
    for (uint32_t i = 0; i < pairs; i++) {
        snprintf(names[i], sizeof names[i], "e%d", (int)i);
        snprintf(values[i], sizeof values[i], "m%" PRIu64, stream->item_count + 1 + i);
        tags[i] = (struct kvs_mkv_tag){names[i], values[i]};
    }
    const struct kvs_fragment_event_details details = {
        .image_prefix = world_chance(world, 300) ? "images/" : NULL,
        .pairs = pairs > 0 ? tags : NULL,
        .pair_count = pairs};
    bool plain = pairs == 0 && world_chance(world, 500);
    kvs_status status = kvs_stream_put_event(stream->stream, events, plain ? NULL : &details);
    world_trace(world, "event %" PRIu32 " with %" PRIu32 " pairs: %s", events, pairs,
                kvs_status_name(status));
    if (status == KVS_STATUS_SUCCESS && !stream->stopped) {
        stream->image_events += events & 1;
        stream->notification_events += events >> 1;
        for (uint32_t i = 0; i < pairs; i++) {
            new_item(stream, names[i], false)->kinds = events == 3 ? 2 : 1;
        }
    } else if (!may_refuse_event(world, stream, status)) {
        object(world, stream, "an event", status);
    }
}

void producer_change_format(struct world *world, struct sim_stream *stream) {
    uint32_t index = (uint32_t)random_below(&world->random, stream->config.track_count);
    struct sim_track *track = &stream->tracks[index];
    uint32_t version = track->version + 1;
    const uint8_t bytes[16] = {'#', (uint8_t)version, (uint8_t)(version >> 8)};
    kvs_status status = kvs_stream_set_codec_private(stream->stream, track->mkv.track_id,
                                                     kvs_span_of(bytes, sizeof bytes));
    world_trace(world, "codec private data %" PRIu32 " of track %" PRIu32 ": %s", version, index,
                kvs_status_name(status));
    if (status == KVS_STATUS_SUCCESS && !stream->stopped) {
        track->version = version;
        return;
    }
    bool sound = stream->stopped
                     ? status == KVS_STATUS_STREAM_HAS_BEEN_STOPPED
                     : status == KVS_STATUS_NOT_ENOUGH_MEMORY && world->weather.memory_failures > 0;
    if (!sound) {
        object(world, stream, "codec private data", status);
    }
}

void producer_stop(struct world *world, struct sim_stream *stream) {
    kvs_status status = kvs_stream_stop(stream->stream);
    world_trace(world, "stop: %s", kvs_status_name(status));
    stream->stopped = true;
    if (status != KVS_STATUS_SUCCESS) {
        object(world, stream, "a stop", status);
    }
}

void producer_reset(struct world *world, struct sim_stream *stream, bool connection_only) {
    kvs_status status = connection_only ? kvs_stream_reset_connection(stream->stream)
                                        : kvs_stream_reset(stream->stream);
    world_trace(world, "reset %s: %s", connection_only ? "of the connection" : "",
                kvs_status_name(status));
    stream->resets++;
    if (!connection_only) {
        stream->was_reset = true;
        producer_forget(stream);
    }
    if (status != KVS_STATUS_SUCCESS) {
        object(world, stream, "a reset", status);
    }
}
