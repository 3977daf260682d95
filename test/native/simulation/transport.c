#include <inttypes.h>

#include "network.h"
#include "oracle.h"
#include "wire.h"

bool transport_take_signals(struct world *world, struct sim_stream *stream) {
    uint32_t signals = kvs_stream_take_signals(stream->stream);
    if (signals != 0) {
        world_trace(world, "signals %" PRIu32, signals);
    }
    if ((signals & KVS_SIGNAL_EVENTS) != 0) {
        oracle_take_events(world, stream);
    }
    if ((signals & KVS_SIGNAL_DATA) != 0) {
        stream->may_open = true;
        for (uint32_t i = 0; i < KVS_SESSION_MAX_OPEN; i++) {
            stream->sessions[i].dry = false;
        }
    }
    if ((signals & KVS_SIGNAL_TICK) != 0) {
        stream->next_tick_ns = world->now_ns;
    }
    stream->rotate |= (signals & KVS_SIGNAL_ROTATE) != 0;
    stream->room_wanted &= (signals & KVS_SIGNAL_ROOM) == 0;
    return signals != 0;
}

static struct sim_session *free_slot(struct sim_stream *stream) {
    for (uint32_t i = 0; i < KVS_SESSION_MAX_OPEN; i++) {
        if (!stream->sessions[i].used) {
            return &stream->sessions[i];
        }
    }
    return NULL;
}

static bool is_read_from(const struct sim_session *session) {
    return session->used && !session->ended && !session->aborted;
}

static bool has_reader(const struct sim_stream *stream) {
    for (uint32_t i = 0; i < KVS_SESSION_MAX_OPEN; i++) {
        if (is_read_from(&stream->sessions[i])) {
            return true;
        }
    }
    return false;
}

static int64_t choose_expiry(struct world *world) {
    if (!world->healthy && world_chance(world, world->weather.short_credentials)) {
        return world->now_ns + random_between(&world->random, 30, 40) * SIM_SECOND;
    }
    return world_chance(world, 500) ? 0 : world->now_ns + 3600 * SIM_SECOND;
}

static void judge_open(struct world *world, struct sim_stream *stream, kvs_status status) {
    bool sound = false;
    switch (status) {
    case KVS_STATUS_NO_MORE_DATA_AVAILABLE:
        sound = true;
        stream->may_open = false;
        break;
    case KVS_STATUS_INVALID_OPERATION:
        /* One waits or has failed, which is known only when there is one. */
        sound = stream->sessions_used > 0;
        break;
    case KVS_STATUS_NOT_ENOUGH_MEMORY:
        sound = world->memory.failures > 0;
        break;
    default:
        break;
    }
    if (!sound) {
        world_fail(world, "stream %d: a session is answered with %s", (int)stream->number,
                   kvs_status_name(status));
    }
}

/** What lets a session fail by itself: there is no memory for its header, the spill gives nothing
 * back, or what another one has left to be sent again is too early for it, or has to go first. */
static uint64_t count_faults(const struct world *world, const struct sim_stream *stream) {
    return world->memory.failures + world->spill.read_failures + stream->sessions_closed;
}

static void open_session(struct world *world, struct sim_stream *stream) {
    struct sim_session *session = free_slot(stream);
    struct kvs_session_start start = {0};
    kvs_status status =
        kvs_session_open(stream->stream, world->now_ns, choose_expiry(world), &start);
    world_trace(world, "open session %" PRIu64 " from %" PRId64 ": %s", start.session_id,
                start.start_ns, kvs_status_name(status));
    if (status != KVS_STATUS_SUCCESS) {
        judge_open(world, stream, status);
        return;
    }
    if (session == NULL) {
        world_fail(world, "more sessions than there may be");
        return;
    }
    *session = (struct sim_session){.used = true,
                                    .id = start.session_id,
                                    .start_ns = start.start_ns,
                                    .opened_step = world->step,
                                    .resets = stream->resets,
                                    .faults = count_faults(world, stream)};
    session->black_hole = !world->healthy && world_chance(world, world->weather.black_hole);
    stream->sessions_opened++;
    stream->sessions_used++;
    stream->rotate = false;
    stream->may_open = false;
}

void transport_open(struct world *world, struct sim_stream *stream) {
    bool wanted = stream->rotate || (stream->may_open && !has_reader(stream));
    bool on_a_whim = !world->healthy && (world_chance(world, world->weather.idle_polls) ||
                                         world_chance(world, world->weather.rotate));
    if (wanted || on_a_whim) {
        open_session(world, stream);
    }
}

static struct sim_session *choose_session(struct world *world, struct sim_stream *stream) {
    struct sim_session *chosen = NULL;
    uint64_t candidates = 0;
    bool polls = !world->healthy && world_chance(world, world->weather.idle_polls);
    for (uint32_t i = 0; i < KVS_SESSION_MAX_OPEN; i++) {
        struct sim_session *session = &stream->sessions[i];
        if (is_read_from(session) && (!session->dry || polls) &&
            random_below(&world->random, ++candidates) == 0) {
            chosen = session;
        }
    }
    return chosen;
}

static void judge_read(struct world *world, struct sim_stream *stream, struct sim_session *session,
                       kvs_status status, bool full) {
    switch (status) {
    case KVS_STATUS_SUCCESS:
        if (!full) {
            world_fail(world, "session %" PRIu64 ": a read that succeeds is not full", session->id);
        }
        break;
    case KVS_STATUS_NO_MORE_DATA_AVAILABLE:
        session->dry = true;
        break;
    case KVS_STATUS_END_OF_STREAM:
        session->ended = true;
        stream->may_open = true;
        wire_end(world, stream, session);
        break;
    case KVS_STATUS_UPLOAD_HANDLE_ABORTED:
        session->aborted = true;
        if (!session->error_heard && session->resets == stream->resets &&
            session->faults == count_faults(world, stream)) {
            world_fail(world, "session %" PRIu64 " is ended without a cause", session->id);
        }
        break;
    default:
        world_fail(world, "session %" PRIu64 ": a read is answered with %s", session->id,
                   kvs_status_name(status));
    }
}

bool transport_read(struct world *world, struct sim_stream *stream) {
    struct sim_session *session = choose_session(world, stream);
    if (session == NULL) {
        return false;
    }
    size_t capacity = 262144;
    if (!world->healthy && world_chance(world, 700)) {
        capacity = (size_t)random_between(&world->random, 1, world->weather.read_len);
    }
    size_t len = SIZE_MAX;
    kvs_status status =
        kvs_session_read(stream->stream, session->id, world->now_ns, world->buffer, capacity, &len);
    world_trace(world, "read %zu of %zu from session %" PRIu64 ": %s", len, capacity, session->id,
                kvs_status_name(status));
    bool has_len = status == KVS_STATUS_SUCCESS || status == KVS_STATUS_NO_MORE_DATA_AVAILABLE ||
                   status == KVS_STATUS_END_OF_STREAM || status == KVS_STATUS_UPLOAD_HANDLE_ABORTED;
    if (has_len && len > capacity) {
        world_fail(world, "session %" PRIu64 ": a read of %zu in %zu", session->id, len, capacity);
        return false;
    }
    stream->bytes_read += len;
    wire_take(world, stream, session, kvs_span_of(world->buffer, len));
    judge_read(world, stream, session, status, len == capacity);
    return true;
}

static bool take_acks(struct world *world, struct sim_stream *stream, struct sim_session *session) {
    uint64_t left = session->response_len - session->response_taken;
    if (left == 0) {
        return false;
    }
    uint64_t part =
        world->healthy || world_chance(world, 500) ? left : 1 + random_below(&world->random, left);
    const uint8_t *from = (const uint8_t *)session->response + session->response_taken;
    struct kvs_span bytes = kvs_span_of(from, (size_t)part);
    kvs_status status = kvs_session_ack_bytes(stream->stream, session->id, world->now_ns, &bytes);
    session->response_taken += part - bytes.len;
    world_trace(world, "session %" PRIu64 " takes %" PRIu64 " bytes of ACKs: %s", session->id,
                part - bytes.len, kvs_status_name(status));
    if (status != KVS_STATUS_SUCCESS) {
        world_fail(world, "session %" PRIu64 ": ACKs are answered with %s", session->id,
                   kvs_status_name(status));
    }
    if (bytes.len > 0) {
        uint64_t before = stream->event_acks;
        oracle_take_events(world, stream);
        if (stream->event_acks == before) {
            world_fail(world, "session %" PRIu64 ": ACKs are left and no event is", session->id);
        }
    }
    service_heard(world, stream, session);
    return true;
}

static bool carry(struct world *world, struct sim_stream *stream, struct sim_session *session) {
    bool moved = false;
    uint64_t under_way = session->sent - session->arrived;
    bool slow = !world->healthy && world_chance(world, world->weather.slow_network);
    if (session->black_hole) {
        return false;
    }
    if (under_way > 0 && !slow) {
        session->arrived += world->healthy || world_chance(world, 500)
                                ? under_way
                                : 1 + random_below(&world->random, under_way);
        moved = true;
    }
    service_work(world, stream, session);
    bool late = !world->healthy && world_chance(world, world->weather.slow_network);
    return (!late && take_acks(world, stream, session)) || moved;
}

bool transport_carry(struct world *world, struct sim_stream *stream) {
    bool moved = false;
    for (uint32_t i = 0; i < KVS_SESSION_MAX_OPEN && !world->failed; i++) {
        if (stream->sessions[i].used) {
            moved |= carry(world, stream, &stream->sessions[i]);
        }
    }
    return moved;
}

static void presume(struct world *world, struct sim_stream *stream, struct sim_session *session) {
    for (uint64_t i = 0; i < session->fragment_count; i++) {
        if (session->fragments[i].received_heard) {
            wire_done(world, stream, session, &session->fragments[i]);
        }
    }
}

static void close_session(struct world *world, struct sim_stream *stream,
                          struct sim_session *session, uint32_t result) {
    uint32_t verdict = result;
    if (session->error_heard) {
        verdict = session->error_id;
    } else if (session->aborted || session->resets != stream->resets) {
        verdict = KVS_SESSION_RESULT_OK; /* the producer itself has ended it */
    }
    bool lives_on = kvs_service_result_host_is_alive(verdict);
    service_lose(world, stream, session, lives_on);
    kvs_status status = kvs_session_close(stream->stream, session->id, world->now_ns, result);
    world_trace(world, "close session %" PRIu64 " with %" PRIu32 ": %s", session->id, result,
                kvs_status_name(status));
    if (status != KVS_STATUS_SUCCESS) {
        world_fail(world, "a close is answered with %s", kvs_status_name(status));
    }
    bool undisturbed = !session->error_heard && session->resets == stream->resets;
    if (lives_on && undisturbed && stream->config.replay_point == KVS_REPLAY_AFTER_RECEIVED) {
        presume(world, stream, session);
    }
    wire_clean_up(session);
    stream->sessions_used--;
    stream->sessions_closed++;
    stream->may_open = true;
}

/** The service has said all that it will say, and the core has heard it. */
static bool is_over(const struct sim_stream *stream, const struct sim_session *session) {
    if (session->black_hole || session->arrived < session->sent ||
        session->response_taken < session->response_len) {
        return false;
    }
    for (uint64_t i = 0; i < session->fragment_count && stream->config.fragment_acks; i++) {
        if (!session->fragments[i].stored && !session->service_failed) {
            return false;
        }
    }
    return true;
}

static void close_ended(struct world *world, struct sim_stream *stream,
                        struct sim_session *session) {
    bool settled = kvs_session_is_settled(stream->stream, session->id);
    bool over = is_over(stream, session);
    bool undisturbed = !session->error_heard && session->resets == stream->resets;
    if (over && undisturbed && !settled) {
        world_fail(world, "session %" PRIu64 " is over and not settled", session->id);
    }
    if (over || settled || (world->healthy && session->black_hole)) {
        bool fine = settled || !session->black_hole;
        close_session(world, stream, session,
                      fine ? KVS_SESSION_RESULT_OK : KVS_SESSION_RESULT_DISCONNECTED);
    }
}

void transport_close(struct world *world, struct sim_stream *stream) {
    static const int64_t results[] = {200, 401, 403,  404,  408,  500,  503,
                                      598, 599, 4000, 4003, 5000, 10006};
    for (uint32_t i = 0; i < KVS_SESSION_MAX_OPEN && !world->failed; i++) {
        struct sim_session *session = &stream->sessions[i];
        if (!session->used) {
            continue;
        }
        bool answered = session->response_taken == session->response_len;
        bool lost = !world->healthy && world_chance(world, world->weather.lose_connection);
        bool dead = session->aborted || (session->service_failed && answered) ||
                    (world->healthy && session->black_hole && !session->ended);
        if (lost || dead) {
            uint32_t result = (uint32_t)random_of(&world->random, results, 13);
            close_session(world, stream, session, result);
        } else if (session->ended) {
            close_ended(world, stream, session);
        }
    }
}

void transport_tick(struct world *world, struct sim_stream *stream) {
    int64_t next = INT64_MIN;
    if (world->now_ns < stream->next_tick_ns && !world_chance(world, 20)) {
        return;
    }
    kvs_status status = kvs_stream_tick(stream->stream, world->now_ns, &next);
    if (status != KVS_STATUS_SUCCESS || next <= world->now_ns) {
        world_fail(world, "stream %d: a tick is answered with %s and %" PRId64, (int)stream->number,
                   kvs_status_name(status), next);
    }
    stream->next_tick_ns = next;
    if (stream->config.idle_ns > 0 && stream->open == SIM_OPEN) {
        stream->open = SIM_OPEN_UNKNOWN;
    }
}
