#include <string.h>

#include "producer.h"

struct call {
    struct world *world;
    struct sim_stream *stream;
};

static void expect(const struct call *call, const char *what, kvs_status status,
                   kvs_status expected) {
    /* A stopped stream may say so first. */
    bool stopped = call->stream->stopped && status == KVS_STATUS_STREAM_HAS_BEEN_STOPPED;
    world_trace(call->world, "%s: %s", what, kvs_status_name(status));
    if (status != expected && !stopped) {
        world_fail(call->world, "stream %d: %s is answered with %s, not %s",
                   (int)call->stream->number, what, kvs_status_name(status),
                   kvs_status_name(expected));
    }
}

static void put_badly(const struct call *call) {
    struct sim_stream *s = call->stream;
    int64_t now = call->world->now_ns;
    struct kvs_frame frame = {.track_id = 999,
                              .pts_ns = s->tracks[0].next_dts_ns,
                              .dts_ns = s->tracks[0].next_dts_ns,
                              .data = {call->world->buffer, 16}};
    expect(call, "a frame of no track", kvs_stream_put_frame(s->stream, &frame, now),
           KVS_STATUS_MKV_TRACK_INFO_NOT_FOUND);
    frame.track_id = s->tracks[0].mkv.track_id;
    frame.data.len = 0;
    expect(call, "an empty frame", kvs_stream_put_frame(s->stream, &frame, now),
           KVS_STATUS_MKV_INVALID_FRAME_DATA);
    s->puts_refused += 2;
    expect(call, "no frame", kvs_stream_put_frame(s->stream, NULL, now), KVS_STATUS_NULL_ARG);
    expect(call, "a frame for no stream", kvs_stream_put_frame(NULL, &frame, now),
           KVS_STATUS_NULL_ARG);
}

static void put_metadata_badly(const struct call *call) {
    struct kvs_stream *stream = call->stream->stream;
    char name[130];
    char value[258];
    memset(name, 'n', sizeof name);
    memset(value, 'v', sizeof value);
    name[129] = '\0';
    value[257] = '\0';
    expect(call, "a name that is too long", kvs_stream_put_metadata(stream, name, "", false),
           KVS_STATUS_MKV_INVALID_TAG_NAME_LENGTH);
    expect(call, "an empty name", kvs_stream_put_metadata(stream, "", "v", true),
           KVS_STATUS_MKV_INVALID_TAG_NAME_LENGTH);
    expect(call, "a value that is too long", kvs_stream_put_metadata(stream, "n", value, true),
           KVS_STATUS_MKV_INVALID_TAG_VALUE_LENGTH);
    expect(call, "a reserved name", kvs_stream_put_metadata(stream, "AWSome", "v", false),
           KVS_STATUS_INVALID_METADATA_NAME);
    expect(call, "no name", kvs_stream_put_metadata(stream, NULL, "v", false), KVS_STATUS_NULL_ARG);
}

static void put_event_badly(const struct call *call) {
    struct kvs_stream *stream = call->stream->stream;
    expect(call, "no event", kvs_stream_put_event(stream, 0, NULL), KVS_STATUS_INVALID_ARG);
    expect(call, "an unknown event", kvs_stream_put_event(stream, 5, NULL), KVS_STATUS_INVALID_ARG);
}

static void use_sessions_badly(const struct call *call) {
    struct kvs_stream *stream = call->stream->stream;
    int64_t now = call->world->now_ns;
    uint8_t out[8];
    size_t len = 0;
    struct kvs_span bytes = kvs_span_of("{}", 2);
    struct kvs_session_start start;
    expect(call, "a read of no session", kvs_session_read(stream, 999999, now, out, 8, &len),
           KVS_STATUS_UPLOAD_HANDLE_ABORTED);
    expect(call, "ACKs of no session", kvs_session_ack_bytes(stream, 999999, now, &bytes),
           KVS_STATUS_UPLOAD_HANDLE_ABORTED);
    expect(call, "a close of no session", kvs_session_close(stream, 999999, now, 200),
           KVS_STATUS_SUCCESS);
    if (!kvs_session_is_settled(stream, 999999)) {
        world_fail(call->world, "a session that is not open is not settled");
    }
    kvs_status status = kvs_session_open(stream, now, now + 29 * SIM_SECOND, &start);
    if (status != KVS_STATUS_NO_MORE_DATA_AVAILABLE && status != KVS_STATUS_INVALID_OPERATION) {
        expect(call, "a session with old credentials", status, KVS_STATUS_INVALID_TOKEN_EXPIRATION);
    }
}

static void make_badly(const struct call *call) {
    struct kvs_stream *made = NULL;
    struct sim_stream *s = call->stream;
    struct kvs_client *client = call->world->client;
    int64_t now = call->world->now_ns;
    struct kvs_stream_config config = s->config;
    kvs_status status = kvs_stream_new(client, &config, now, &made);
    if (status != KVS_STATUS_NOT_ENOUGH_MEMORY) {
        expect(call, "a second stream of the name", status, KVS_STATUS_DUPLICATE_STREAM_NAME);
    }
    config.name = "a/b";
    expect(call, "a name with a slash", kvs_stream_new(client, &config, now, &made),
           KVS_STATUS_INVALID_STREAM_NAME_LENGTH);
    config.name = "other";
    config.streaming_type = KVS_STREAMING_OFFLINE;
    config.retained = false;
    expect(call, "offline without retention", kvs_stream_new(client, &config, now, &made),
           KVS_STATUS_OFFLINE_MODE_WITH_ZERO_RETENTION);
    expect(call, "the end of a client in use", kvs_client_destroy(client),
           KVS_STATUS_INVALID_OPERATION);
    if (made != NULL) {
        world_fail(call->world, "a refused stream was made");
    }
}

static void change_badly(const struct call *call) {
    struct kvs_stream *stream = call->stream->stream;
    const uint32_t both = KVS_NAL_ADAPTATION_ANNEXB_FRAMES | KVS_NAL_ADAPTATION_AVCC_FRAMES;
    expect(call, "both adaptations", kvs_stream_set_nal_adaptation(stream, both),
           KVS_STATUS_MKV_BOTH_ANNEXB_AND_AVCC_SPECIFIED);
    expect(call, "codec private data of no track",
           kvs_stream_set_codec_private(stream, 999, kvs_span_of("x", 1)),
           KVS_STATUS_MKV_TRACK_INFO_NOT_FOUND);
}

void producer_call_badly(struct world *world, struct sim_stream *stream) {
    static void (*const calls[])(const struct call *) = {put_badly,       put_metadata_badly,
                                                         put_event_badly, use_sessions_badly,
                                                         make_badly,      change_badly};
    const struct call call = {world, stream};
    calls[random_below(&world->random, sizeof calls / sizeof calls[0])](&call);
}
