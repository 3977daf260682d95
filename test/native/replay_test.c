/* What a new session sends again: by streaming type, replay duration, replay point, and what the
 * end of the session before says of the service. */
#include "kvs/session.h"

#include "producer.h"
#include "test.h"

static uint8_t out[1 << 20];
static struct block blocks[4096];

/* Six fragments of a second, all read; the service has said RECEIVED of the first four and
 * PERSISTED of the first. */
static void start(struct producer *producer, const struct kvs_stream_config *config) {
    size_t len = 0;
    producer_open(producer, config);
    for (int64_t pts = 0; pts < 6000; pts += 1000) {
        put_fragment(producer, pts, 25);
    }
    CHECK_STATUS(open_session(producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(read_session(producer, 4096, out, sizeof out, &len),
                 KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    for (int64_t pts = 0; pts < 4000; pts += 1000) {
        ack(producer, "RECEIVED", TEST_EPOCH_MS + pts);
    }
    ack(producer, "PERSISTED", TEST_EPOCH_MS);
}

static struct kvs_stream_metrics metrics_of(struct producer *producer) {
    struct kvs_stream_metrics metrics;
    CHECK(kvs__stream_check(producer->stream));
    CHECK_STATUS(kvs_stream_metrics(producer->stream, 0, &metrics), KVS_STATUS_SUCCESS);
    return metrics;
}

/* Closes the session and tells with which fragment, in ms, the next one begins. */
static int64_t replayed_from(struct producer *producer, uint32_t result) {
    size_t len = 0;
    uint32_t count = 0;
    kvs_session_close(producer->stream, producer->session_id, producer->now_ns, result);
    CHECK_STATUS(open_session(producer), KVS_STATUS_SUCCESS);
    read_session(producer, 4096, out, sizeof out, &len);
    CHECK(parse_session(out, len, blocks, 4096, &count));
    CHECK(count > 0);
    return blocks[0].timecode_ms - TEST_EPOCH_MS;
}

KVS_TEST(everything_not_persisted_is_sent_again) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config);
    CHECK_EQ(replayed_from(&producer, 200), 1000);
    producer_close(&producer);
}

KVS_TEST(received_is_enough_when_the_service_lives_on) {
    static const uint32_t alive[] = {200, 401, 4000, 4003, 4008, 4500, 4507, 5000, 5001, 10000};
    for (size_t i = 0; i < sizeof alive / sizeof alive[0]; i++) {
        struct producer producer;
        struct kvs_stream_config config = test_stream_config(false);
        config.replay_point = KVS_REPLAY_AFTER_RECEIVED;
        start(&producer, &config);
        CHECK_EQ(replayed_from(&producer, alive[i]), 4000);
        CHECK_EQ(metrics_of(&producer).fragments_delivered, 4);
        CHECK_EQ(metrics_of(&producer).fragments_presumed, 3);
        producer_close(&producer);
    }
}

KVS_TEST(received_is_not_enough_when_the_host_may_be_dead) {
    static const uint32_t dead[] = {0, 404, 408, 500, 598, 599, 4001, 10400};
    for (size_t i = 0; i < sizeof dead / sizeof dead[0]; i++) {
        struct producer producer;
        struct kvs_stream_config config = test_stream_config(false);
        config.replay_point = KVS_REPLAY_AFTER_RECEIVED;
        start(&producer, &config);
        CHECK_EQ(replayed_from(&producer, dead[i]), 1000);
        CHECK_EQ(metrics_of(&producer).fragments_presumed, 0);
        producer_close(&producer);
    }
}

KVS_TEST(an_error_ack_tells_more_than_how_the_connection_ended) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.replay_point = KVS_REPLAY_AFTER_RECEIVED;
    start(&producer, &config);
    ack_text(&producer, "{\"EventType\":\"ERROR\",\"FragmentTimecode\":-1,\"ErrorId\":4003}");
    CHECK_EQ(replayed_from(&producer, 598), 4000);
    producer_close(&producer);
}

KVS_TEST(a_realtime_stream_goes_back_no_further_than_its_replay_duration) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.replay_duration_ns = 2500 * MS;
    start(&producer, &config);
    /* All is read, up to 6000: the fragment at 3000 holds what is 2500 back. */
    CHECK_EQ(replayed_from(&producer, 598), 3000);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_REPLAY_DURATION], 50);
    CHECK_EQ(metrics_of(&producer).fragments_dropped, 2);
    producer_close(&producer);
}

KVS_TEST(without_replay_duration_only_the_fragment_at_hand_is_sent_again) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    size_t len = 0;
    config.replay_duration_ns = 0;
    producer_open(&producer, &config);
    for (int64_t pts = 0; pts < 6000; pts += 1000) {
        put_fragment(&producer, pts, 25);
    }
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    /* Two fragments and a half. */
    CHECK_STATUS(
        kvs_session_read(producer.stream, producer.session_id, producer.now_ns, out, 7000, &len),
        KVS_STATUS_SUCCESS);
    CHECK_EQ(replayed_from(&producer, 598), 2000);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_REPLAY_DURATION], 50);
    producer_close(&producer);
}

KVS_TEST(the_fragment_at_hand_is_sent_again_although_all_of_it_was_sent) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    size_t len = 0;
    config.replay_duration_ns = 0;
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 25);
    put_fragment(&producer, 1000, 10);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_session_read(producer.stream, producer.session_id, producer.now_ns, out,
                                  sizeof out, &len),
                 KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_EQ(replayed_from(&producer, 598), 1000);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_REPLAY_DURATION], 25);
    producer_close(&producer);
}

KVS_TEST(the_other_streaming_types_send_everything_again) {
    static const enum kvs_streaming_type types[] = {KVS_STREAMING_NEAR_REALTIME,
                                                    KVS_STREAMING_OFFLINE};
    for (size_t i = 0; i < 2; i++) {
        struct producer producer;
        struct kvs_stream_config config = test_stream_config(false);
        config.streaming_type = types[i];
        config.replay_duration_ns = 1000 * MS;
        start(&producer, &config);
        CHECK_EQ(replayed_from(&producer, 598), 1000);
        CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_REPLAY_DURATION], 0);
        producer_close(&producer);
    }
}

KVS_TEST(an_ack_of_the_session_before_changes_nothing) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config);
    uint64_t first = producer.session_id;
    CHECK_EQ(replayed_from(&producer, 598), 1000);
    producer.session_id = first;
    CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS + 1000),
                 KVS_STATUS_UPLOAD_HANDLE_ABORTED);
    CHECK_EQ(metrics_of(&producer).fragments_delivered, 1);
    producer_close(&producer);
}

int main(void) {
    RUN(everything_not_persisted_is_sent_again);
    RUN(received_is_enough_when_the_service_lives_on);
    RUN(received_is_not_enough_when_the_host_may_be_dead);
    RUN(an_error_ack_tells_more_than_how_the_connection_ended);
    RUN(a_realtime_stream_goes_back_no_further_than_its_replay_duration);
    RUN(without_replay_duration_only_the_fragment_at_hand_is_sent_again);
    RUN(the_fragment_at_hand_is_sent_again_although_all_of_it_was_sent);
    RUN(the_other_streaming_types_send_everything_again);
    RUN(an_ack_of_the_session_before_changes_nothing);
    return kvs_test_report();
}
