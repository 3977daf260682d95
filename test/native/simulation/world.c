#include "world.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "network.h"
#include "oracle.h"
#include "payload.h"
#include "producer.h"
#include "weather.h"
#include "wire.h"

#define START_NS (INT64_C(1700000000) * SIM_SECOND)
#define SPILL_BYTES KVS_SPILL_MIN_BYTES
/* Rounds in which nothing moves, after which nothing will. */
#define PATIENCE 40u

void world_fail(struct world *world, const char *format, ...) {
    va_list arguments;
    if (world->failed) {
        return;
    }
    world->failed = true;
    va_start(arguments, format);
    vsnprintf(world->failure, sizeof world->failure, format, arguments);
    va_end(arguments);
    world_trace(world, "OBJECTION: %s", world->failure);
}

void world_trace(const struct world *world, const char *format, ...) {
    va_list arguments;
    if (!world->verbose) {
        return;
    }
    printf("%5" PRIu64 " %12.6f  %" PRIu64 ": ", world->step,
           (double)(world->now_ns - START_NS) / 1e9, world->current);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
    fflush(stdout);
}

void *world_grow(void *array, uint64_t count, uint64_t *capacity, size_t size) {
    if (count < *capacity) {
        return array;
    }
    *capacity = *capacity == 0 ? 16 : 2 * *capacity;
    void *grown = realloc(array, (size_t)*capacity * size);
    if (grown == NULL) {
        fprintf(stderr, "no memory\n");
        exit(EXIT_FAILURE);
    }
    return grown;
}

static void trace_config(const struct world *world, const struct sim_stream *stream) {
    const struct kvs_stream_config *c = &stream->config;
    world_trace(world,
                "stream %d: type %d pressure %d acks %d retained %d absolute %d key-frame %d "
                "generated %d fragment %" PRId64 " buffer %" PRId64 " replay %" PRId64
                " point %d latency %" PRId64 " stale %" PRId64 " idle %" PRId64
                " order %d window %" PRId64 " policy %d scale %" PRIu64 " frames %" PRIu32
                " high water %" PRIu32 " tracks %" PRIu32 " lead %" PRIu32 " video %d",
                (int)stream->number, (int)c->streaming_type, (int)c->store_pressure,
                c->fragment_acks, c->retained, c->absolute_timecodes, c->key_frame_fragmentation,
                c->generated_timestamps, c->fragment_duration_ns, c->buffer_duration_ns,
                c->replay_duration_ns, (int)c->replay_point, c->max_latency_ns, c->staleness_ns,
                c->idle_ns, (int)c->frame_order, c->order_window_ns, (int)c->timestamp_policy,
                c->timecode_scale_ns, c->max_frames, c->high_water_bytes, c->track_count,
                stream->lead_track, stream->has_video);
}

static bool make_stream(struct world *world, uint32_t number) {
    struct sim_stream *stream = &world->streams[number];
    stream->number = number;
    weather_configure(world, stream);
    trace_config(world, stream);
    kvs_status status = KVS_STATUS_NOT_ENOUGH_MEMORY;
    for (uint32_t tries = 0; tries < 30 && status == KVS_STATUS_NOT_ENOUGH_MEMORY; tries++) {
        world->memory.fail_per_mille = tries < 29 ? world->memory.fail_per_mille : 0;
        status = kvs_stream_new(world->client, &stream->config, world->now_ns, &stream->stream);
    }
    world->memory.fail_per_mille = world->weather.memory_failures;
    if (status != KVS_STATUS_SUCCESS) {
        world_fail(world, "making a stream is answered with %s", kvs_status_name(status));
        return false;
    }
    world->stream_count++;
    oracle_check(world, stream);
    return true;
}

static bool make_world(struct world *world) {
    struct random *random = &world->random;
    world->now_ns = START_NS;
    weather_choose(world);
    memory_init(&world->memory, random);
    world->storage_bytes = KVS_HEAP_MIN_BYTES;
    world->has_spill = world_chance(world, world->weather.max_frame_len > 100000 ? 500 : 100);
    struct kvs_client_config config = {.storage_bytes = world->storage_bytes,
                                       .allocator = &world->memory.allocator};
    if (world->has_spill && spill_init(&world->spill, random, SPILL_BYTES)) {
        config.spill = &world->spill.io;
        config.spill_bytes = SPILL_BYTES;
        world->spill.write_fail_per_mille = world->weather.spill_write_failures;
        world->spill.read_fail_per_mille = world->weather.spill_read_failures;
    }
    kvs_status status = kvs_client_new(&config, &world->client);
    if (status != KVS_STATUS_SUCCESS) {
        world_fail(world, "making a client is answered with %s", kvs_status_name(status));
        return false;
    }
    world->memory.fail_per_mille = world->weather.memory_failures;
    uint32_t count = world_chance(world, 700) ? 1 : 2 + world_chance(world, 300);
    while (world->stream_count < count && make_stream(world, world->stream_count)) {
    }
    world->steps = 40 + random_below(random, 400);
    return !world->failed;
}

static void jump_clock(struct world *world) {
    if (world_chance(world, world->weather.clock_jumps)) {
        world->now_ns += random_between(&world->random, -100000, 100000) * SIM_MS;
        world_trace(world, "the clock jumps");
    }
    if (world_chance(world, world->weather.long_jumps)) {
        world->now_ns += random_between(&world->random, 1, 41) * 60 * SIM_SECOND;
        world_trace(world, "time passes");
    }
}

/** Does one of the rarer things; false when none of them is due. */
static bool do_rarely(struct world *world, struct sim_stream *stream) {
    const struct sim_weather *weather = &world->weather;
    if (world_chance(world, weather->metadata)) {
        producer_put_metadata(world, stream);
    } else if (world_chance(world, weather->events)) {
        producer_put_event(world, stream);
    } else if (world_chance(world, weather->end_of_fragment)) {
        producer_end_fragment(world, stream);
    } else if (world_chance(world, weather->format_changes)) {
        producer_change_format(world, stream);
    } else if (world_chance(world, weather->bad_calls)) {
        producer_call_badly(world, stream);
    } else if (world_chance(world, weather->connection_resets)) {
        producer_reset(world, stream, true);
    } else if (world_chance(world, weather->resets)) {
        producer_reset(world, stream, false);
    } else if (world_chance(world, weather->early_stop)) {
        producer_stop(world, stream);
    } else {
        return false;
    }
    return true;
}

static void do_something(struct world *world, struct sim_stream *stream) {
    uint64_t what = random_below(&world->random, 100);
    if (what < 45) {
        producer_put(world, stream);
    } else if (what < 65) {
        transport_read(world, stream);
    } else if (what < 80) {
        transport_carry(world, stream);
    } else if (what < 90) {
        transport_open(world, stream);
    } else {
        transport_close(world, stream);
    }
}

static void check(struct world *world, struct sim_stream *stream) {
    if (!world_chance(world, world->weather.lazy_events)) {
        oracle_take_events(world, stream);
    }
    oracle_check(world, stream);
    for (uint32_t i = 0; i < world->stream_count && world->step % 16 == 0; i++) {
        oracle_check(world, &world->streams[i]);
    }
}

static void live(struct world *world) {
    while (world->step < world->steps && !world->failed && !random_is_used_up(&world->random)) {
        world->step++;
        struct sim_stream *stream =
            &world->streams[random_below(&world->random, world->stream_count)];
        world->current = stream->number;
        jump_clock(world);
        if (world_chance(world, 700)) {
            transport_take_signals(world, stream);
        }
        transport_tick(world, stream);
        if (!do_rarely(world, stream)) {
            do_something(world, stream);
        }
        check(world, stream);
    }
}

/** Everything moves that can; false when nothing did. */
static bool drain_round(struct world *world, struct sim_stream *stream) {
    uint64_t opened = stream->sessions_opened;
    uint64_t used = stream->sessions_used;
    bool moved = transport_take_signals(world, stream);
    transport_tick(world, stream);
    transport_open(world, stream);
    while (!world->failed && transport_read(world, stream)) {
        moved = true;
    }
    moved |= transport_carry(world, stream);
    transport_close(world, stream);
    oracle_take_events(world, stream);
    oracle_check(world, stream);
    return moved || stream->sessions_opened != opened || stream->sessions_used != used;
}

static bool is_drained(const struct sim_stream *stream) {
    return stream->sessions_used == 0 && !stream->may_open && stream->metrics.view_frames == 0 &&
           stream->metrics.ordering_frames == 0;
}

static void end_faults(struct world *world) {
    world->healthy = true;
    world->memory.fail_per_mille = 0;
    world->spill.write_fail_per_mille = 0;
    world->spill.read_fail_per_mille = 0;
    world->weather.lazy_events = 0;
}

/** Lets everything happen that happens by itself; gives up after a while when `until_drained` is
 * not what comes of it. */
static void run_on(struct world *world, bool until_drained) {
    uint32_t idle = 0;
    bool drained = false;
    while (!drained && idle <= PATIENCE && !world->failed) {
        bool moved = false;
        world->step++;
        world->now_ns += 100 * SIM_MS;
        drained = until_drained;
        for (uint32_t i = 0; i < world->stream_count && !world->failed; i++) {
            world->current = i;
            moved |= drain_round(world, &world->streams[i]);
            drained = drained && is_drained(&world->streams[i]);
        }
        idle = moved ? 0 : idle + 1;
    }
    if (until_drained && !drained) {
        world_fail(world, "a healthy network does not drain the streams");
    }
}

/** Whether another stream keeps a fragment that only its producer's next frame would end. */
static bool others_hold(const struct world *world, uint32_t number) {
    for (uint32_t i = 0; i < world->stream_count; i++) {
        const struct kvs_stream_metrics *metrics = &world->streams[i].metrics;
        if (i != number && metrics->view_frames + metrics->ordering_frames > 0) {
            return true;
        }
    }
    return false;
}

/** Without faults whatever can be sent is sent, and whoever waits for room is told of it. */
static void settle(struct world *world) {
    bool was_faulty = world->memory.failures > 0 || world->spill.write_failures > 0;
    bool moved = true;
    while (moved && !world->failed) {
        run_on(world, false);
        moved = false;
        for (uint32_t i = 0; i < world->stream_count; i++) {
            moved |= transport_take_signals(world, &world->streams[i]);
        }
    }
    for (uint32_t i = 0; i < world->stream_count && !world->failed; i++) {
        const struct sim_stream *stream = &world->streams[i];
        if (stream->metrics.pending_frames > 0) {
            world_fail(world, "stream %d: nobody is told of the frames that are left to send",
                       (int)i);
        }
        if (stream->room_wanted && !was_faulty && !others_hold(world, i)) {
            world_fail(world, "stream %d: a producer waits for room and is not told of it", (int)i);
        }
    }
}

static void drain(struct world *world) {
    end_faults(world);
    settle(world);
    for (uint32_t i = 0; i < world->stream_count && !world->failed; i++) {
        world->current = i;
        producer_stop(world, &world->streams[i]);
    }
    run_on(world, true);
    for (uint32_t i = 0; i < world->stream_count && !world->failed; i++) {
        oracle_check_drained(world, &world->streams[i]);
    }
}

static void end_stream(struct world *world, struct sim_stream *stream) {
    for (uint32_t i = 0; i < KVS_SESSION_MAX_OPEN; i++) {
        wire_clean_up(&stream->sessions[i]);
    }
    kvs_stream_destroy(stream->stream);
    free(stream->frames);
    free(stream->items);
    free(stream->drops);
    world->stream_count--;
}

static void end_world(struct world *world) {
    while (world->stream_count > 0) {
        end_stream(world, &world->streams[world->stream_count - 1]);
    }
    struct kvs_client_metrics metrics;
    if (world->client != NULL) {
        if (kvs_client_metrics(world->client, &metrics) != KVS_STATUS_SUCCESS ||
            metrics.storage_allocated_bytes != 0 || metrics.spill_allocated_bytes != 0) {
            world_fail(world, "the streams have left something in the store");
        }
        if (kvs_client_destroy(world->client) != KVS_STATUS_SUCCESS) {
            world_fail(world, "the client does not go");
        }
    }
    if (world->memory.live_blocks != 0) {
        world_fail(world, "%" PRIu64 " blocks of memory leak", world->memory.live_blocks);
    }
    if (world->has_spill && !world->spill.closed) {
        world_fail(world, "the spill is not closed");
    }
    spill_clean_up(&world->spill);
}

bool world_run(struct world *world) {
    static uint8_t buffer[PAYLOAD_MAX_LEN];
    world->buffer = buffer;
    bool abruptly = world_chance(world, 50);
    if (make_world(world)) {
        live(world);
        if (!abruptly && !world->failed) {
            drain(world);
        }
    }
    end_world(world);
    return !world->failed;
}
