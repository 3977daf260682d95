/*
 * Sessions and acknowledgements where the service's own C producer goes wrong, see
 * docs/aws-defects.md.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "producer.h"
#include "test.h"

#define SECOND INT64_C(1000000000)

static uint8_t out[3u << 20];
static struct block blocks[4096];

static int64_t at(int64_t ms) { return (TEST_EPOCH_MS + ms) * MS; }

static struct kvs_stream_metrics metrics_of(struct producer *producer) {
    struct kvs_stream_metrics metrics;
    CHECK_STATUS(kvs_stream_metrics(producer->stream, at(0), &metrics), KVS_STATUS_SUCCESS);
    return metrics;
}

static uint32_t read_blocks(struct producer *producer, kvs_status expected) {
    size_t len = 0;
    uint32_t count = 0;
    CHECK_STATUS(read_session(producer, 4096, out, sizeof out, &len), expected);
    CHECK(parse_session(out, len, blocks, 4096, &count));
    return count;
}

static void close_with(struct producer *producer, uint32_t result) {
    CHECK_STATUS(kvs_session_close(producer->stream, producer->session_id, at(0), result),
                 KVS_STATUS_SUCCESS);
}

/* A stream of `fragments` fragments of three frames, a second apart, in an open session. */
static void start(struct producer *producer, const struct kvs_stream_config *config,
                  uint32_t fragments) {
    producer_open(producer, config);
    for (uint32_t i = 0; i < fragments; i++) {
        put_fragment(producer, 1000 * (int64_t)i, 3);
    }
    CHECK_STATUS(open_session(producer), KVS_STATUS_SUCCESS);
}

static uint64_t dropped(struct producer *producer) {
    struct kvs_stream_metrics metrics = metrics_of(producer);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < KVS_DROP_REASON_COUNT; i++) {
        sum += metrics.frames_dropped[i];
    }
    return sum;
}

/* Correctness 1: a time-out wedges theirs for good, any other failure stops it without a word. */
KVS_TEST(a_session_that_ends_in_any_way_is_followed_by_another) {
    static const uint32_t results[] = {
        200,  400,  401,  403,  404,   408, 429,  500,   503,   504,   598,   599,   4000,
        4003, 4008, 4500, 5000, 10000, 0,   7000, 10001, 10003, 10006, 10400, 10401, UINT32_MAX};
    for (size_t i = 0; i < sizeof results / sizeof results[0]; i++) {
        struct producer producer;
        struct kvs_stream_config config = test_stream_config(false);
        size_t len = 0;
        config.replay_duration_ns = 60 * SECOND;
        start(&producer, &config, 3);
        CHECK_STATUS(kvs_session_read(producer.stream, producer.session_id, at(0), out, 200, &len),
                     KVS_STATUS_SUCCESS);
        close_with(&producer, results[i]);
        CHECK_STATUS(put(&producer, 1, false, 2200, 10), KVS_STATUS_SUCCESS);
        CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
        CHECK_EQ(read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 10);
        CHECK_EQ(blocks[0].timecode_ms, TEST_EPOCH_MS);
        producer_close(&producer);
    }
}

/* Correctness 4: of several in one segment theirs takes the first and loses the rest. */
KVS_TEST(acks_that_come_in_one_segment_all_count) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    char text[512];
    start(&producer, &config, 4);
    read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    snprintf(text, sizeof text,
             "{\"EventType\":\"PERSISTED\",\"FragmentTimecode\":%" PRId64 "}"
             "{\"EventType\":\"PERSISTED\",\"FragmentTimecode\":%" PRId64 "}\r\n"
             "{\"EventType\":\"PERSISTED\",\"FragmentTimecode\":%" PRId64 "}",
             TEST_EPOCH_MS, TEST_EPOCH_MS + 1000, TEST_EPOCH_MS + 2000);
    CHECK_STATUS(ack_text(&producer, text), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).acks_persisted, 3);
    CHECK_EQ(metrics_of(&producer).fragments_delivered, 3);
    producer_close(&producer);
}

/* Correctness 5: theirs looks a time up that two fragments share and marks the earlier one. */
KVS_TEST(an_ack_at_the_boundary_of_two_fragments_is_for_the_later_one) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.replay_duration_ns = 60 * SECOND;
    producer_open(&producer, &config);
    for (int64_t pts_ms = 0; pts_ms < 3000; pts_ms += 1000) {
        put_fragment(&producer, pts_ms, 25);
    }
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS + 1000), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).frames_delivered, 25);
    close_with(&producer, KVS_SESSION_RESULT_DISCONNECTED);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_EQ(read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 50);
    CHECK_EQ(blocks[0].timecode_ms, TEST_EPOCH_MS);
    CHECK_EQ(blocks[25].timecode_ms, TEST_EPOCH_MS + 2000);
    producer_close(&producer);
}

/* Correctness 6: with everything sent theirs rolls back to the oldest frame that it has. */
KVS_TEST(a_loss_after_all_was_sent_goes_back_no_further_than_the_replay_duration) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.replay_duration_ns = 3 * SECOND;
    start(&producer, &config, 10);
    CHECK_EQ(read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 30);
    close_with(&producer, KVS_SESSION_RESULT_DISCONNECTED);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    uint32_t count = read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK(count > 0 && blocks[0].opens_cluster);
    CHECK(blocks[0].timecode_ms >= TEST_EPOCH_MS + 6000);
    CHECK(blocks[0].timecode_ms <= TEST_EPOCH_MS + 8000);
    CHECK_EQ(blocks[count - 1].timecode_ms, TEST_EPOCH_MS + 9080);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_REPLAY_DURATION], 30 - count);
    producer_close(&producer);
}

/* Correctness 7: theirs keeps the header with the first frame and drops it with that. */
KVS_TEST(a_session_begins_with_a_header_when_the_first_frames_are_gone) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.buffer_duration_ns = 3 * SECOND;
    producer_open(&producer, &config);
    for (int64_t pts_ms = 0; pts_ms < 20000; pts_ms += 1000) {
        put_fragment(&producer, pts_ms, 3);
    }
    CHECK(metrics_of(&producer).frames_dropped[KVS_DROP_BUFFER_DURATION] >= 45);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK(read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE) >= 6);
    CHECK(blocks[0].opens_cluster && blocks[0].key);
    producer_close(&producer);
}

/* Correctness 8: theirs counts the header in 16 bits. */
KVS_TEST(a_header_carries_codec_private_data_of_one_mebibyte) {
    static uint8_t codec_private[KVS_MKV_MAX_CODEC_PRIVATE_BYTES];
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_mkv_track track = config.tracks[0];
    for (size_t i = 0; i < sizeof codec_private; i++) {
        codec_private[i] = (uint8_t)(i * 31 + (i >> 8));
    }
    track.codec_private = kvs_span_of(codec_private, sizeof codec_private);
    config.tracks = &track;
    config.replay_duration_ns = 60 * SECOND;
    struct producer producer;
    start(&producer, &config, 2);
    for (uint32_t round = 0; round < 2; round++) {
        size_t len = 0;
        uint32_t count = 0;
        CHECK_STATUS(read_session(&producer, 65536, out, sizeof out, &len),
                     KVS_STATUS_NO_MORE_DATA_AVAILABLE);
        CHECK(parse_session(out, len, blocks, 4096, &count));
        CHECK_EQ(count, 6);
        const uint8_t *found = memchr(out, codec_private[0], 1000);
        while (found != NULL && memcmp(found, codec_private, 64) != 0) {
            found = memchr(found + 1, codec_private[0], 1000);
        }
        if (CHECK(found != NULL)) {
            CHECK_MEM(found, codec_private, sizeof codec_private);
        }
        close_with(&producer, KVS_SESSION_RESULT_DISCONNECTED);
        CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    }
    producer_close(&producer);
}

/* Correctness 10: theirs tells of frames as dropped that had been sent, and are confirmed later. */
KVS_TEST(frames_that_were_sent_are_not_told_as_dropped_when_they_are_confirmed) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.buffer_duration_ns = 3 * SECOND;
    start(&producer, &config, 3);
    read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    for (int64_t pts_ms = 3000; pts_ms < 8000; pts_ms += 1000) {
        put_fragment(&producer, pts_ms, 3);
        read_session(&producer, 4096, out, sizeof out, &(size_t){0});
    }
    CHECK_EQ(dropped(&producer), 0);
    for (int64_t pts_ms = 0; pts_ms < 8000; pts_ms += 1000) {
        CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS + pts_ms), KVS_STATUS_SUCCESS);
    }
    CHECK_EQ(dropped(&producer), 0);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_BUFFER_DURATION], 0);
    CHECK(metrics_of(&producer).fragments_delivered >= 7);
    producer_close(&producer);
}

/* Correctness 13: theirs waits for 120 s and loses the data when the last session is lost. */
KVS_TEST(a_stop_whose_last_session_was_lost_sends_the_rest_again) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.replay_duration_ns = 60 * SECOND;
    start(&producer, &config, 2);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    CHECK_EQ(read_blocks(&producer, KVS_STATUS_END_OF_STREAM), 6);
    CHECK(!kvs_session_is_settled(producer.stream, producer.session_id));
    close_with(&producer, 599);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_EQ(read_blocks(&producer, KVS_STATUS_END_OF_STREAM), 6);
    CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS), KVS_STATUS_SUCCESS);
    CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS + 1000), KVS_STATUS_SUCCESS);
    CHECK(kvs_session_is_settled(producer.stream, producer.session_id));
    close_with(&producer, KVS_SESSION_RESULT_OK);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_EQ(metrics_of(&producer).frames_delivered, 6);
    producer_close(&producer);
}

/* Correctness 15: after a time-out with nothing to send theirs opens a session for nothing. */
KVS_TEST(the_end_of_an_idle_session_opens_no_other) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config, 1);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    read_blocks(&producer, KVS_STATUS_END_OF_STREAM);
    CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS), KVS_STATUS_SUCCESS);
    kvs_stream_take_signals(producer.stream);
    close_with(&producer, 599);
    CHECK_EQ(kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_DATA, 0);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_EQ(metrics_of(&producer).sessions, 1);
    producer_close(&producer);
}

/* Correctness 15: one that it does not know makes theirs open a second session beside the first. */
KVS_TEST(closing_a_session_that_is_not_open_disturbs_no_other) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config, 2);
    kvs_stream_take_signals(producer.stream);
    CHECK_STATUS(kvs_session_close(producer.stream, producer.session_id + 7, at(0), 599),
                 KVS_STATUS_SUCCESS);
    CHECK_EQ(kvs_stream_take_signals(producer.stream), 0);
    CHECK_EQ(metrics_of(&producer).sessions_open, 1);
    CHECK_EQ(read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 6);
    producer_close(&producer);
}

/* Correctness 16: with relative times theirs starts at the time of the call, not of the media. */
KVS_TEST(a_session_of_relative_times_starts_at_its_first_frame) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_session_start session = {0};
    config.absolute_timecodes = false;
    producer_open(&producer, &config);
    put_fragment(&producer, 500, 3);
    CHECK_STATUS(kvs_session_open(producer.stream, at(77000), 0, &session), KVS_STATUS_SUCCESS);
    producer.session_id = session.session_id;
    CHECK_EQ(session.start_ns, at(500));
    CHECK_EQ(read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 3);
    CHECK_EQ(blocks[0].timecode_ms, 0);
    CHECK_EQ(blocks[2].timecode_ms, 80);
    producer_close(&producer);
}

/* Correctness 17: staleness is never measured by the clock in theirs, and told once. */
KVS_TEST(a_service_that_owes_an_ack_is_stale_by_the_clock_in_each_session) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.staleness_ns = 5 * SECOND;
    config.replay_duration_ns = 60 * SECOND;
    start(&producer, &config, 2);
    for (uint32_t round = 1; round <= 3; round++) {
        int64_t now_ms = 20000 * (int64_t)round;
        int64_t next_ns = 0;
        size_t len = 0;
        while (kvs_session_read(producer.stream, producer.session_id, at(now_ms), out, sizeof out,
                                &len) == KVS_STATUS_SUCCESS) {
        }
        CHECK_STATUS(kvs_stream_tick(producer.stream, at(now_ms + 4000), &next_ns),
                     KVS_STATUS_SUCCESS);
        CHECK_EQ(metrics_of(&producer).stale_events, round - 1);
        CHECK(next_ns <= at(now_ms + 5000));
        CHECK_STATUS(kvs_stream_tick(producer.stream, at(now_ms + 6000), &next_ns),
                     KVS_STATUS_SUCCESS);
        CHECK_EQ(metrics_of(&producer).stale_events, round);
        CHECK_STATUS(kvs_session_close(producer.stream, producer.session_id, at(now_ms + 6000),
                                       KVS_SESSION_RESULT_DISCONNECTED),
                     KVS_STATUS_SUCCESS);
        struct kvs_session_start session = {0};
        CHECK_STATUS(kvs_session_open(producer.stream, at(now_ms + 7000), 0, &session),
                     KVS_STATUS_SUCCESS);
        producer.session_id = session.session_id;
    }
    producer_close(&producer);
}

/* Correctness 17: the last fragment stays in theirs for ever. */
KVS_TEST(the_last_fragment_leaves_the_store_when_it_is_persisted) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_client_metrics client;
    start(&producer, &config, 2);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    read_blocks(&producer, KVS_STATUS_END_OF_STREAM);
    CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS), KVS_STATUS_SUCCESS);
    CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS + 1000), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).view_frames, 0);
    CHECK_STATUS(kvs_client_metrics(producer.client, &client), KVS_STATUS_SUCCESS);
    CHECK_EQ(client.storage_allocated_bytes, 0);
    producer_close(&producer);
}

int main(void) {
    RUN(a_session_that_ends_in_any_way_is_followed_by_another);
    RUN(acks_that_come_in_one_segment_all_count);
    RUN(an_ack_at_the_boundary_of_two_fragments_is_for_the_later_one);
    RUN(a_loss_after_all_was_sent_goes_back_no_further_than_the_replay_duration);
    RUN(a_session_begins_with_a_header_when_the_first_frames_are_gone);
    RUN(a_header_carries_codec_private_data_of_one_mebibyte);
    RUN(frames_that_were_sent_are_not_told_as_dropped_when_they_are_confirmed);
    RUN(a_stop_whose_last_session_was_lost_sends_the_rest_again);
    RUN(the_end_of_an_idle_session_opens_no_other);
    RUN(closing_a_session_that_is_not_open_disturbs_no_other);
    RUN(a_session_of_relative_times_starts_at_its_first_frame);
    RUN(a_service_that_owes_an_ack_is_stale_by_the_clock_in_each_session);
    RUN(the_last_fragment_leaves_the_store_when_it_is_persisted);
    return kvs_test_report();
}
