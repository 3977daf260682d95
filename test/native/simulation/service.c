#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "network.h"
#include "wire.h"

#define ERROR_FRAMES_MISSING_FOR_TRACK 4011u

static void respond(struct sim_session *session, const char *text) {
    for (; *text != '\0'; text++) {
        session->response =
            world_grow(session->response, session->response_len, &session->response_capacity, 1);
        session->response[session->response_len++] = *text;
    }
}

static void remember(struct sim_session *session, const struct sim_ack *ack) {
    session->acks = world_grow(session->acks, session->ack_count, &session->ack_capacity,
                               sizeof *session->acks);
    session->acks[session->ack_count] = *ack;
    session->acks[session->ack_count++].end = session->response_len;
}

static void respond_junk(struct world *world, struct sim_session *session) {
    static const char *const junk[] = {
        "\n",
        "\r\n \t\n",
        "junk\n",
        "{\"EventType\":\"PERSI\n",
        "{\"EventType\":\"UNHEARD\",\"FragmentTimecode\":1}\n",
        "{\"EventType\":\"IDLE\"}\n",
        "{\"EventType\":\"ERROR\"}\n",
        "{\"FragmentTimecode\":12.5}\n",
        "{}}}[[\"\n",
    };
    respond(session, junk[random_below(&world->random, sizeof junk / sizeof junk[0])]);
}

static const char *name_of(enum kvs_ack_type type) {
    static const char *const names[] = {"", "BUFFERING", "RECEIVED", "PERSISTED", "ERROR", "IDLE"};
    return names[type];
}

/** Writes an acknowledgement on a line of its own, with its keys in one of two orders. */
static void write_ack(struct world *world, struct sim_session *session, const struct sim_ack *ack,
                      int64_t timecode) {
    char text[256];
    char error[64] = "";
    if (ack->type == KVS_ACK_ERROR) {
        snprintf(error, sizeof error, ",\"ErrorCode\":\"X\",\"ErrorId\":%" PRIu32, ack->error_id);
    }
    if (world_chance(world, 200)) {
        snprintf(text, sizeof text,
                 "{ \"FragmentNumber\" : \"%d\", \"FragmentTimecode\" : %" PRId64
                 ",\r\n \"EventType\" : \"%s\"%s }",
                 (int)session->ack_count, timecode, name_of(ack->type), error);
    } else {
        snprintf(text, sizeof text,
                 "{\"EventType\":\"%s\",\"FragmentTimecode\":%" PRId64
                 ",\"FragmentNumber\":\"%d\"%s}",
                 name_of(ack->type), timecode, (int)session->ack_count, error);
    }
    respond(session, text);
    remember(session, ack);
    respond(session, "\n");
}

static void acknowledge(struct world *world, struct sim_stream *stream, struct sim_session *session,
                        enum kvs_ack_type type, uint64_t index) {
    const struct sim_ack ack = {.type = type, .has_fragment = true, .fragment = index};
    if (!stream->config.fragment_acks) {
        return;
    }
    if (!world->healthy && world_chance(world, world->weather.junk_acks)) {
        respond_junk(world, session);
    }
    int64_t timecode = (int64_t)session->fragments[index].timecode;
    write_ack(world, session, &ack, timecode);
    if (!world->healthy && world_chance(world, world->weather.duplicate_acks)) {
        write_ack(world, session, &ack, timecode);
    }
}

/** Something about a fragment that does not exist, or that the service should not say yet. */
static void respond_falsely(struct world *world, struct sim_session *session) {
    const struct sim_ack ack = {.type = (enum kvs_ack_type)random_between(&world->random, 1, 3)};
    const struct sim_fragment *newest = &session->fragments[session->fragment_count - 1];
    write_ack(world, session, &ack, (int64_t)newest->timecode + 1000000);
}

/** The service refuses a fragment. */
static void refuse(struct world *world, struct sim_stream *stream, struct sim_session *session,
                   uint64_t index, uint32_t error_id) {
    const struct sim_ack ack = {
        .type = KVS_ACK_ERROR, .error_id = error_id, .has_fragment = true, .fragment = index};
    world_trace(world,
                "stream %d session %" PRIu64 ": the service refuses %" PRIu64 " with %" PRIu32,
                (int)stream->number, session->id, session->fragments[index].timecode, error_id);
    session->service_failed = true;
    write_ack(world, session, &ack, (int64_t)session->fragments[index].timecode);
}

/** The service says some error. */
static void fail_session(struct world *world, struct sim_stream *stream,
                         struct sim_session *session) {
    static const int64_t errors[] = {4000, 4001, 4002, 4003, 4004, 4006, 4007, 4008,
                                     4009, 4010, 4011, 4500, 4507, 5000, 5001, 9999};
    struct random *random = &world->random;
    struct sim_ack ack = {.type = KVS_ACK_ERROR,
                          .error_id = (uint32_t)random_of(random, errors, 16),
                          .has_fragment = session->fragment_count > 0 && world_chance(world, 700)};
    int64_t timecode = -1;
    if (ack.has_fragment) {
        uint64_t recent = session->fragment_count < 3 ? session->fragment_count : 3;
        ack.fragment = session->fragment_count - 1 - random_below(random, recent);
        timecode = (int64_t)session->fragments[ack.fragment].timecode;
    }
    world_trace(world,
                "stream %d session %" PRIu64 ": the service says error %" PRIu32 " of %" PRId64,
                (int)stream->number, session->id, ack.error_id, timecode);
    session->service_failed = true;
    write_ack(world, session, &ack, timecode);
}

static void store(struct sim_stream *stream, struct sim_session *session,
                  struct sim_fragment *fragment) {
    if (!fragment->stored && stream->config.fragment_acks) {
        fragment->stored = true;
        wire_delivered(stream, session, fragment);
    }
}

static void work_on(struct world *world, struct sim_stream *stream, struct sim_session *session,
                    uint64_t index) {
    struct sim_fragment *fragment = &session->fragments[index];
    bool slow = !world->healthy && world_chance(world, 300);
    if (!fragment->buffering && session->arrived > fragment->first_offset) {
        fragment->buffering = true;
        acknowledge(world, stream, session, KVS_ACK_BUFFERING, index);
    }
    if (!fragment->complete || session->arrived < fragment->end_offset || slow) {
        return;
    }
    if (fragment->lacks_track && stream->config.fragment_acks) {
        refuse(world, stream, session, index, ERROR_FRAMES_MISSING_FOR_TRACK);
        return;
    }
    if (!fragment->received) {
        fragment->received = true;
        if (!stream->config.retained) {
            store(stream, session, fragment);
        }
        acknowledge(world, stream, session, KVS_ACK_RECEIVED, index);
    }
    slow = !world->healthy && world_chance(world, 500);
    if (!fragment->persisted && stream->config.retained && !slow) {
        fragment->persisted = true;
        store(stream, session, fragment);
        acknowledge(world, stream, session, KVS_ACK_PERSISTED, index);
    }
}

void service_work(struct world *world, struct sim_stream *stream, struct sim_session *session) {
    for (uint64_t i = 0; i < session->fragment_count && !session->service_failed; i++) {
        if (!session->fragments[i].persisted) {
            work_on(world, stream, session, i);
        }
    }
    if (world->healthy || session->service_failed || !stream->config.fragment_acks) {
        return;
    }
    if (session->fragment_count > 0 && world_chance(world, world->weather.false_acks)) {
        respond_falsely(world, session);
    }
    if (session->arrived > 0 && world_chance(world, world->weather.service_errors)) {
        fail_session(world, stream, session);
    }
}

void service_lose(struct world *world, struct sim_stream *stream, struct sim_session *session,
                  bool lives_on) {
    for (uint64_t i = 0; i < session->fragment_count; i++) {
        struct sim_fragment *fragment = &session->fragments[i];
        bool arrived = fragment->complete && !fragment->lacks_track &&
                       session->arrived >= fragment->end_offset;
        if (stream->config.fragment_acks && fragment->received && !fragment->stored &&
            (lives_on || world_chance(world, 500))) {
            store(stream, session, fragment);
        } else if (arrived && !fragment->stored && world_chance(world, 300)) {
            store(stream, session, fragment);
        }
    }
}

static void hear_error(struct world *world, struct sim_stream *stream, struct sim_session *session,
                       const struct sim_ack *ack) {
    stream->error_acks++;
    bool decides = !session->aborted && session->resets == stream->resets;
    if (session->error_heard || !decides) {
        return; /* it has ended already */
    }
    session->error_heard = true;
    session->error_id = ack->error_id;
    /* What lacks a track may be sent again with another header. */
    bool is_mended = ack->error_id == ERROR_FRAMES_MISSING_FOR_TRACK;
    if (ack->has_fragment && !is_mended && kvs_service_result_is_fragment_fault(ack->error_id)) {
        wire_done(world, stream, session, &session->fragments[ack->fragment]);
    }
}

static void hear(struct world *world, struct sim_stream *stream, struct sim_session *session,
                 const struct sim_ack *ack) {
    if (ack->type == KVS_ACK_ERROR) {
        hear_error(world, stream, session, ack);
        return;
    }
    /* What comes after an error or a reset need not be believed any more. */
    if (!ack->has_fragment || session->error_heard || session->resets != stream->resets) {
        return;
    }
    struct sim_fragment *fragment = &session->fragments[ack->fragment];
    fragment->received_heard |= ack->type == KVS_ACK_RECEIVED;
    bool last_word = ack->type == KVS_ACK_PERSISTED ||
                     (ack->type == KVS_ACK_RECEIVED && !stream->config.retained);
    if (last_word) {
        wire_done(world, stream, session, fragment);
    }
}

void service_heard(struct world *world, struct sim_stream *stream, struct sim_session *session) {
    while (session->acks_heard < session->ack_count &&
           session->acks[session->acks_heard].end <= session->response_taken) {
        hear(world, stream, session, &session->acks[session->acks_heard++]);
    }
}
