#include "weather.h"

#include <stdio.h>
#include <string.h>

/* Leaves it out of most worlds, so that what is left happens more. */
static uint32_t sometimes(struct world *world, uint32_t worlds_per_mille, uint32_t most_per_mille) {
    return world_chance(world, worlds_per_mille)
               ? (uint32_t)random_between(&world->random, 1, (int64_t)most_per_mille)
               : 0;
}

static void choose_network(struct world *world, struct sim_weather *weather) {
    static const int64_t read_lens[] = {1, 7, 64, 1000, 16384, 262144};
    weather->lose_connection = sometimes(world, 500, 60);
    weather->black_hole = sometimes(world, 200, 200);
    weather->service_errors = sometimes(world, 300, 60);
    weather->junk_acks = sometimes(world, 250, 200);
    weather->duplicate_acks = sometimes(world, 250, 200);
    weather->false_acks = sometimes(world, 200, 100);
    weather->slow_network = sometimes(world, 400, 900);
    weather->idle_polls = sometimes(world, 500, 300);
    weather->rotate = sometimes(world, 300, 80);
    weather->short_credentials = sometimes(world, 200, 300);
    weather->connection_resets = sometimes(world, 200, 15);
    weather->read_len = (uint32_t)random_of(&world->random, read_lens, 6);
}

void weather_choose(struct world *world) {
    static const int64_t frame_lens[] = {24, 200, 200, 200, 1500, 20000};
    struct sim_weather *weather = &world->weather;
    choose_network(world, weather);
    weather->memory_failures = sometimes(world, 200, 300);
    weather->spill_write_failures = sometimes(world, 300, 300);
    weather->spill_read_failures = sometimes(world, 300, 200);
    weather->clock_jumps = sometimes(world, 250, 30);
    weather->long_jumps = sometimes(world, 150, 20);
    weather->hostile_times = sometimes(world, 250, 120);
    weather->bad_calls = sometimes(world, 300, 80);
    weather->resets = sometimes(world, 150, 10);
    weather->format_changes = sometimes(world, 250, 30);
    weather->metadata = sometimes(world, 500, 150);
    weather->events = sometimes(world, 300, 80);
    weather->end_of_fragment = sometimes(world, 250, 60);
    weather->silence = sometimes(world, 400, 40);
    weather->early_stop = sometimes(world, 200, 5);
    weather->lazy_events = sometimes(world, 200, 990);
    weather->skew = sometimes(world, 400, 300);
    weather->huge_frames = sometimes(world, 100, 300);
    weather->max_frame_len = (uint32_t)random_of(&world->random, frame_lens, 6);
    if (world_chance(world, 60)) {
        weather->max_frame_len = 700000;
    }
}

static void configure_tracks(struct world *world, struct sim_stream *stream) {
    static const struct kvs_mkv_track kinds[] = {
        {.type = KVS_TRACK_VIDEO, .codec_id = "V_TEST", .width = 640, .height = 360},
        {.type = KVS_TRACK_AUDIO, .codec_id = "A_TEST", .sampling_frequency = 48000, .channels = 2},
        {.type = KVS_TRACK_UNKNOWN, .codec_id = "X_TEST", .name = "data"},
    };
    stream->config.track_count = world_chance(world, 500) ? 1 : 2 + world_chance(world, 300);
    uint32_t first = world_chance(world, 750) ? 0 : 1;
    for (uint32_t i = 0; i < stream->config.track_count; i++) {
        struct sim_track *track = &stream->tracks[i];
        uint32_t kind = (first + i) % 3;
        track->mkv = kinds[kind];
        track->mkv.track_id = 10 + 7 * i;
        memcpy(track->codec_private, &kinds[kind].codec_id[0], 1);
        track->mkv.codec_private =
            kvs_span_of(track->codec_private, world_chance(world, 700) ? 16 : 0);
        stream->mkv_tracks[i] = track->mkv;
        if (kind == 0) {
            stream->has_video = true;
            stream->lead_track = i;
        }
    }
    stream->config.tracks = stream->mkv_tracks;
}

static void configure_media(struct world *world, struct sim_stream *stream) {
    static const int64_t intervals_ms[] = {5, 20, 33, 40, 100};
    const int64_t scale = (int64_t)stream->config.timecode_scale_ns;
    /* A group has to fit the 16 bits of a block's time. */
    const int64_t longest = scale * 32767 / 60;
    int64_t start = world_chance(world, 800) ? world->now_ns : 0;
    for (uint32_t i = 0; i < stream->config.track_count; i++) {
        struct sim_track *track = &stream->tracks[i];
        int64_t interval = random_of(&world->random, intervals_ms, 5) * SIM_MS;
        track->interval_ns = interval < longest ? interval : longest;
        if (track->interval_ns < scale) {
            track->interval_ns = scale;
        }
        track->b_frames = track->mkv.type == KVS_TRACK_VIDEO && world_chance(world, 300);
        track->group_len = 1 + 3 * (uint32_t)random_below(&world->random, 8);
        track->start_ns = start;
        track->next_dts_ns = start;
        track->last_dts_ns = -1;
    }
}

static void configure_pressures(struct world *world, struct kvs_stream_config *config) {
    struct random *random = &world->random;
    config->buffer_duration_ns = random_between(random, 1, 20) * SIM_SECOND;
    config->replay_duration_ns =
        world_chance(world, 300) ? 0 : random_between(random, 1, 10000) * SIM_MS;
    config->replay_point = (enum kvs_replay_point)random_below(random, 2);
    config->max_latency_ns =
        world_chance(world, 500) ? 0 : random_between(random, 100, 5000) * SIM_MS;
    config->staleness_ns =
        world_chance(world, 500) ? 0 : random_between(random, 100, 10000) * SIM_MS;
    config->idle_ns = world_chance(world, 600) ? 0 : random_between(random, 500, 5000) * SIM_MS;
    config->max_frames = world_chance(world, 600) ? 0 : (uint32_t)random_between(random, 11, 60);
    config->high_water_bytes =
        world_chance(world, 700) ? 0 : (uint32_t)random_between(random, 100, 200000);
}

void weather_configure(struct world *world, struct sim_stream *stream) {
    static const int64_t scales[] = {1000000,  1000000, 1000000, 100000,
                                     10000000, 10000,   100,     1000000000};
    struct random *random = &world->random;
    struct kvs_stream_config *config = &stream->config;
    snprintf(stream->name, sizeof stream->name, "camera-%d", (int)stream->number);
    snprintf(stream->writing_app, sizeof stream->writing_app, "app %d", (int)stream->number);
    config->name = stream->name;
    config->writing_app = stream->writing_app;
    config->streaming_type = (enum kvs_streaming_type)random_below(random, 3);
    config->store_pressure = (enum kvs_store_pressure)(world_chance(world, 700) ? 1 : 0);
    config->fragment_acks = world_chance(world, 850);
    config->retained = world_chance(world, 850);
    if (config->streaming_type == KVS_STREAMING_OFFLINE) {
        config->fragment_acks = true;
        config->retained = true;
    }
    config->absolute_timecodes = world_chance(world, 500);
    config->key_frame_fragmentation = world_chance(world, 700);
    config->generated_timestamps = world_chance(world, 80);
    config->fragment_duration_ns = random_between(random, 1, 4) * SIM_SECOND;
    config->timecode_scale_ns = (uint64_t)random_of(random, scales, 8);
    config->frame_order =
        (enum kvs_frame_order)(world_chance(world, 500) ? 0 : random_below(random, 6));
    config->order_window_ns =
        world_chance(world, 400) ? 0 : random_between(random, 10, 2000) * SIM_MS;
    config->timestamp_policy = (enum kvs_timestamp_policy)random_below(random, 3);
    config->segment_uid[0] = (uint8_t)(1 + stream->number);
    config->segment_uid[15] = (uint8_t)world->seed;
    configure_pressures(world, config);
    configure_tracks(world, stream);
    configure_media(world, stream);
    stream->well_formed = config->track_count == 1 && !config->generated_timestamps &&
                          config->timecode_scale_ns == 1000000 && world->weather.hostile_times == 0;
}
