/* Several sessions of one stream: rotation, change of format, resets, late failures. */
#include "kvs/session.h"

#include <string.h>

#include "producer.h"
#include "test.h"

static uint8_t out[1 << 20];
static struct block blocks[4096];

static struct kvs_stream_metrics metrics_of(struct producer *producer) {
    struct kvs_stream_metrics metrics;
    CHECK_STATUS(kvs_stream_metrics(producer->stream, 0, &metrics), KVS_STATUS_SUCCESS);
    return metrics;
}

/* Makes `id` the session that the support functions read from and acknowledge. */
static void use(struct producer *producer, uint64_t id) { producer->session_id = id; }

static uint64_t open_next(struct producer *producer) {
    CHECK_STATUS(open_session(producer), KVS_STATUS_SUCCESS);
    return producer->session_id;
}

/* Reads from a session and takes it apart; the first read of a session has the header. */
static uint32_t read_first(struct producer *producer, uint64_t id, kvs_status expected) {
    size_t len = 0;
    uint32_t count = 0;
    use(producer, id);
    CHECK_STATUS(read_session(producer, 1000, out, sizeof out, &len), expected);
    CHECK(len == 0 || parse_session(out, len, blocks, 4096, &count));
    return count;
}

static size_t read_more(struct producer *producer, uint64_t id, kvs_status expected) {
    size_t len = 0;
    use(producer, id);
    CHECK_STATUS(read_session(producer, 1000, out, sizeof out, &len), expected);
    return len;
}

static void close_with(struct producer *producer, uint64_t id, uint32_t result) {
    CHECK_STATUS(kvs_session_close(producer->stream, id, producer->now_ns, result),
                 KVS_STATUS_SUCCESS);
    CHECK(kvs__stream_check(producer->stream));
}

static void start(struct producer *producer, const struct kvs_stream_config *config) {
    producer_open(producer, config);
    put_fragment(producer, 0, 3);
    put_fragment(producer, 1000, 3);
}

KVS_TEST(a_second_session_takes_over_at_a_fragments_start) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config);
    uint64_t first = open_next(&producer);
    CHECK_EQ(read_first(&producer, first, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 6);
    uint64_t second = open_next(&producer);
    CHECK(second != first);
    /* The open fragment stays the first one's. */
    CHECK_STATUS(put(&producer, 1, false, 1120, 10), KVS_STATUS_SUCCESS);
    CHECK_EQ(read_first(&producer, second, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 0);
    CHECK(read_more(&producer, first, KVS_STATUS_NO_MORE_DATA_AVAILABLE) > 0);
    put_fragment(&producer, 2000, 2);
    CHECK_EQ(read_more(&producer, first, KVS_STATUS_END_OF_STREAM), 0);
    CHECK_EQ(read_first(&producer, second, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 2);
    CHECK_EQ(blocks[0].timecode_ms, TEST_EPOCH_MS + 2000);
    CHECK(blocks[0].opens_cluster);
    /* Both are acknowledged, each on its own connection. */
    use(&producer, second);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS);
    CHECK_EQ(metrics_of(&producer).fragments_delivered, 0);
    CHECK(!kvs_session_is_settled(producer.stream, first));
    use(&producer, first);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS + 1000);
    CHECK_EQ(metrics_of(&producer).fragments_delivered, 2);
    CHECK(kvs_session_is_settled(producer.stream, first));
    close_with(&producer, first, 200);
    CHECK_EQ(metrics_of(&producer).frames_sent, 9);
    CHECK_EQ(metrics_of(&producer).sessions_open, 1);
    CHECK(kvs_session_is_settled(producer.stream, first));
    producer_close(&producer);
}

KVS_TEST(only_one_session_waits_at_a_time) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config);
    open_next(&producer);
    uint64_t second = open_next(&producer);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_INVALID_OPERATION);
    close_with(&producer, second, 200);
    open_next(&producer);
    producer_close(&producer);
}

KVS_TEST(no_more_sessions_are_open_than_allowed) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 2);
    for (int64_t i = 0; i < KVS_SESSION_MAX_OPEN; i++) {
        uint64_t id = open_next(&producer);
        put_fragment(&producer, 1000 * (i + 1), 2);
        if (i > 0) {
            read_more(&producer, id - 1, KVS_STATUS_END_OF_STREAM);
        }
        read_more(&producer, id, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    }
    CHECK_STATUS(open_session(&producer), KVS_STATUS_INVALID_OPERATION);
    CHECK_EQ(metrics_of(&producer).sessions_open, KVS_SESSION_MAX_OPEN);
    close_with(&producer, 3, 200);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    producer_close(&producer);
}

KVS_TEST(credentials_that_run_out_are_refused_and_later_ones_are_rotated_early) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_session_start start_of;
    int64_t next = 0;
    start(&producer, &config);
    int64_t now = producer.now_ns;
    CHECK_STATUS(kvs_session_open(producer.stream, now, now + 29000 * MS, &start_of),
                 KVS_STATUS_INVALID_TOKEN_EXPIRATION);
    CHECK_STATUS(kvs_session_open(producer.stream, now, now + 31000 * MS, &start_of),
                 KVS_STATUS_SUCCESS);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_TICK) != 0);
    CHECK_STATUS(kvs_stream_tick(producer.stream, now, &next), KVS_STATUS_SUCCESS);
    CHECK_EQ(next, now + 28000 * MS);
    CHECK_EQ(kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_ROTATE, 0);
    CHECK_STATUS(kvs_stream_tick(producer.stream, next, &next), KVS_STATUS_SUCCESS);
    CHECK_EQ(next, INT64_MAX);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_ROTATE) != 0);
    producer_close(&producer);
}

KVS_TEST(a_session_is_rotated_before_forty_minutes) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    int64_t next = 0;
    start(&producer, &config);
    open_next(&producer);
    CHECK_STATUS(kvs_stream_tick(producer.stream, producer.now_ns, &next), KVS_STATUS_SUCCESS);
    CHECK_EQ(next, producer.now_ns + 40 * 60000 * MS - 3000 * MS);
    CHECK_STATUS(kvs_stream_tick(producer.stream, next, &next), KVS_STATUS_SUCCESS);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_ROTATE) != 0);
    producer_close(&producer);
}

KVS_TEST(a_session_that_fails_after_its_end_has_its_fragments_sent_again) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config);
    uint64_t first = open_next(&producer);
    read_first(&producer, first, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    uint64_t second = open_next(&producer);
    put_fragment(&producer, 2000, 2);
    read_more(&producer, first, KVS_STATUS_END_OF_STREAM);
    read_first(&producer, second, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    use(&producer, first);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS);
    close_with(&producer, first, 598);
    /* The second one is ahead: it ends, and a third one brings what is missing. */
    put_fragment(&producer, 3000, 2);
    CHECK_EQ(read_more(&producer, second, KVS_STATUS_END_OF_STREAM), 0);
    uint64_t third = open_next(&producer);
    CHECK_EQ(read_first(&producer, third, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 5);
    CHECK_EQ(blocks[0].timecode_ms, TEST_EPOCH_MS + 1000);
    CHECK_EQ(blocks[3].timecode_ms, TEST_EPOCH_MS + 3000); /* 2000 is on its way in the second */
    use(&producer, second);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS + 2000);
    use(&producer, third);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS + 1000);
    CHECK_EQ(metrics_of(&producer).fragments_delivered, 3);
    producer_close(&producer);
}

KVS_TEST(closing_a_session_that_is_not_known_opens_nothing) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config);
    uint64_t first = open_next(&producer);
    read_first(&producer, first, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    kvs_stream_take_signals(producer.stream);
    close_with(&producer, 77, 598);
    CHECK_EQ(kvs_stream_take_signals(producer.stream), 0);
    CHECK_EQ(metrics_of(&producer).sessions, 1);
    producer_close(&producer);
}

KVS_TEST(new_codec_private_data_begins_a_session_at_the_next_fragment) {
    static const uint8_t data[] = "a new format";
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event;
    start(&producer, &config);
    uint64_t first = open_next(&producer);
    read_first(&producer, first, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_STATUS(kvs_stream_set_codec_private(producer.stream, 9, kvs_span_of(data, 3)),
                 KVS_STATUS_MKV_TRACK_INFO_NOT_FOUND);
    CHECK_STATUS(kvs_stream_set_codec_private(producer.stream, 1, kvs_span_of(data, sizeof data)),
                 KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, false, 1120, 10), KVS_STATUS_SUCCESS);
    CHECK(read_more(&producer, first, KVS_STATUS_NO_MORE_DATA_AVAILABLE) > 0);
    put_fragment(&producer, 2000, 2);
    CHECK_EQ(read_more(&producer, first, KVS_STATUS_END_OF_STREAM), 0);
    uint64_t second = open_next(&producer);
    CHECK_EQ(read_first(&producer, second, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 2);
    CHECK_EQ(occurrences(out, 400, data, sizeof data), 1);
    /* A second change is told; the first one gave the track data that it had not. */
    CHECK(!kvs_stream_next_event(producer.stream, &event));
    CHECK_STATUS(kvs_stream_set_codec_private(producer.stream, 1, kvs_span_of(data, 4)),
                 KVS_STATUS_SUCCESS);
    CHECK(kvs_stream_next_event(producer.stream, &event));
    CHECK_EQ(event.type, KVS_EVENT_FORMAT_CHANGED);
    CHECK_EQ(event.as.track.track_id, 1);
    producer_close(&producer);
}

KVS_TEST(fragments_of_an_old_format_are_sent_again_under_their_own_header) {
    static const uint8_t old_data[] = "the old format";
    static const uint8_t new_data[] = "the new format";
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_mkv_track track = config.tracks[0];
    track.codec_private = kvs_span_of(old_data, sizeof old_data);
    config.tracks = &track;
    start(&producer, &config);
    uint64_t first = open_next(&producer);
    read_first(&producer, first, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_STATUS(
        kvs_stream_set_codec_private(producer.stream, 1, kvs_span_of(new_data, sizeof new_data)),
        KVS_STATUS_SUCCESS);
    put_fragment(&producer, 2000, 2);
    read_more(&producer, first, KVS_STATUS_END_OF_STREAM);
    close_with(&producer, first, 598);
    uint64_t second = open_next(&producer);
    CHECK_EQ(read_first(&producer, second, KVS_STATUS_END_OF_STREAM), 6);
    CHECK_EQ(occurrences(out, 400, old_data, sizeof old_data), 1);
    uint64_t third = open_next(&producer);
    CHECK_EQ(read_first(&producer, third, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 2);
    CHECK_EQ(occurrences(out, 400, new_data, sizeof new_data), 1);
    producer_close(&producer);
}

KVS_TEST(a_reset_connection_sends_what_is_not_confirmed_again) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config);
    uint64_t first = open_next(&producer);
    read_first(&producer, first, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS);
    kvs_stream_take_signals(producer.stream);
    CHECK_STATUS(kvs_stream_reset_connection(producer.stream), KVS_STATUS_SUCCESS);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_DATA) != 0);
    read_more(&producer, first, KVS_STATUS_UPLOAD_HANDLE_ABORTED);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_INVALID_OPERATION);
    close_with(&producer, first, 200);
    uint64_t second = open_next(&producer);
    CHECK_EQ(read_first(&producer, second, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 3);
    CHECK_EQ(blocks[0].timecode_ms, TEST_EPOCH_MS + 1000);
    producer_close(&producer);
}

KVS_TEST(a_reset_stream_drops_all_and_begins_anew_even_earlier) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event;
    start(&producer, &config);
    CHECK_STATUS(kvs_stream_put_metadata(producer.stream, "m", "1", true), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_put_metadata(producer.stream, "n", "1", false), KVS_STATUS_SUCCESS);
    uint64_t first = open_next(&producer);
    read_first(&producer, first, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_STATUS(kvs_stream_reset(producer.stream), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).view_frames, 0);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_RESET], 6);
    CHECK_EQ(metrics_of(&producer).metadata_dropped, 1);
    CHECK(kvs_stream_next_event(producer.stream, &event));
    CHECK_EQ(event.as.dropped.reason, KVS_DROP_RESET);
    read_more(&producer, first, KVS_STATUS_UPLOAD_HANDLE_ABORTED);
    close_with(&producer, first, 200);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_STATUS(put(&producer, 1, false, 40, 10), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_NO_KEY_FRAME], 1);
    put_fragment(&producer, 80, 2);
    uint64_t second = open_next(&producer);
    CHECK_EQ(read_first(&producer, second, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 2);
    producer_close(&producer);
}

KVS_TEST(a_stop_ends_the_session_that_waits_too) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config);
    uint64_t first = open_next(&producer);
    uint64_t second = open_next(&producer);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    CHECK_EQ(read_first(&producer, first, KVS_STATUS_END_OF_STREAM), 3);
    CHECK_EQ(read_first(&producer, second, KVS_STATUS_END_OF_STREAM), 3);
    CHECK_EQ(read_more(&producer, second, KVS_STATUS_END_OF_STREAM), 0);
    producer_close(&producer);
}

KVS_TEST(relative_timecodes_of_a_session_that_takes_over_count_from_what_is_still_to_come) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.absolute_timecodes = false;
    start(&producer, &config);
    uint64_t first = open_next(&producer);
    read_first(&producer, first, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    uint64_t second = open_next(&producer);
    CHECK_EQ(producer.start_ms, TEST_EPOCH_MS + 1081);
    CHECK_STATUS(put(&producer, 1, false, 1120, 10), KVS_STATUS_SUCCESS);
    put_fragment(&producer, 2000, 2);
    CHECK(read_more(&producer, first, KVS_STATUS_END_OF_STREAM) > 0);
    CHECK_EQ(read_first(&producer, second, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 2);
    CHECK_EQ(blocks[0].timecode_ms, 2000 - 1081);
    ack(&producer, "PERSISTED", 2000 - 1081); /* still open, not believed */
    CHECK_EQ(metrics_of(&producer).fragments_delivered, 0);
    put_fragment(&producer, 3000, 2);
    read_more(&producer, second, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    ack(&producer, "PERSISTED", 2000 - 1081);
    CHECK_EQ(metrics_of(&producer).fragments_delivered, 1);
    producer_close(&producer);
}

KVS_TEST(what_is_gone_of_a_lost_session_does_not_decide_what_the_next_one_counts_from) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.streaming_type = KVS_STREAMING_NEAR_REALTIME;
    config.absolute_timecodes = false;
    config.max_frames = 12;
    start(&producer, &config);
    uint64_t first = open_next(&producer);
    read_first(&producer, first, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    uint64_t second = open_next(&producer);
    put_fragment(&producer, 2000, 3);
    read_more(&producer, first, KVS_STATUS_END_OF_STREAM);
    read_first(&producer, second, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    close_with(&producer, first, KVS_SESSION_RESULT_DISCONNECTED);
    while (metrics_of(&producer).frames_dropped[KVS_DROP_FRAME_COUNT] == 0) {
        put_fragment(&producer, 3000 + 1000 * (int64_t)metrics_of(&producer).fragments_put, 3);
    }
    open_next(&producer);
    CHECK_EQ(producer.start_ms * MS, metrics_of(&producer).undelivered_first_pts_ns);
    producer_close(&producer);
}

KVS_TEST(a_session_that_took_over_asks_to_be_replaced_in_time_too) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    int64_t next = 0;
    start(&producer, &config);
    uint64_t first = open_next(&producer);
    read_first(&producer, first, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    uint64_t second = open_next(&producer);
    CHECK_STATUS(kvs_stream_tick(producer.stream, producer.now_ns, &next), KVS_STATUS_SUCCESS);
    CHECK_EQ(next, INT64_MAX);
    put_fragment(&producer, 2000, 2);
    kvs_stream_take_signals(producer.stream);
    read_more(&producer, first, KVS_STATUS_END_OF_STREAM);
    CHECK(read_first(&producer, second, KVS_STATUS_NO_MORE_DATA_AVAILABLE) > 0);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_TICK) != 0);
    CHECK_STATUS(kvs_stream_tick(producer.stream, producer.now_ns, &next), KVS_STATUS_SUCCESS);
    CHECK_EQ(next, producer.now_ns + KVS_SESSION_MAX_NS - KVS_SESSION_GRACE_NS);
    producer_close(&producer);
}

KVS_TEST(another_session_is_asked_for_when_the_one_that_waits_is_lost) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    int64_t next = 0;
    start(&producer, &config);
    uint64_t first = open_next(&producer);
    read_first(&producer, first, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    producer.now_ns += KVS_SESSION_MAX_NS;
    CHECK_STATUS(kvs_stream_tick(producer.stream, producer.now_ns, &next), KVS_STATUS_SUCCESS);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_ROTATE) != 0);
    close_with(&producer, open_next(&producer), KVS_SESSION_RESULT_DISCONNECTED);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_TICK) != 0);
    CHECK_STATUS(kvs_stream_tick(producer.stream, producer.now_ns, &next), KVS_STATUS_SUCCESS);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_ROTATE) != 0);
    producer_close(&producer);
}

static kvs_status set_format(struct producer *producer, const char *data) {
    return kvs_stream_set_codec_private(producer->stream, 1, kvs_span_of(data, strlen(data)));
}

KVS_TEST(frames_that_wait_in_the_order_go_out_in_the_format_that_they_were_put_in) {
    static const char *const formats[] = {"first format", "second format", "third format"};
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    config.frame_order = KVS_FRAME_ORDER_MULTI_TRACK;
    producer_open(&producer, &config);
    for (int64_t i = 0; i < 3; i++) {
        CHECK_STATUS(set_format(&producer, "no frame is in it"), KVS_STATUS_SUCCESS);
        CHECK_STATUS(set_format(&producer, formats[i]), KVS_STATUS_SUCCESS);
        put_fragment(&producer, 200 * i, 3);
    }
    for (int64_t pts = 0; pts < 600; pts += 40) {
        CHECK_STATUS(put(&producer, 2, true, pts, 10), KVS_STATUS_SUCCESS);
    }
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    for (int64_t i = 0; i < 3; i++) {
        CHECK_EQ(read_first(&producer, open_next(&producer), KVS_STATUS_END_OF_STREAM), 8);
        CHECK_EQ(blocks[0].timecode_ms, TEST_EPOCH_MS + 200 * i);
        for (int64_t j = 0; j < 3; j++) {
            CHECK_EQ(occurrences(out, 400, formats[j], strlen(formats[j])), i == j ? 1 : 0);
        }
        CHECK_EQ(occurrences(out, 400, "no frame", 8), 0);
    }
    producer_close(&producer);
}

static void put_picture(struct producer *producer, bool key, int64_t pts_ms, int64_t dts_ms) {
    const struct kvs_frame frame = {.flags = key ? KVS_FRAME_KEY : 0,
                                    .track_id = 1,
                                    .pts_ns = (TEST_EPOCH_MS + pts_ms) * MS,
                                    .dts_ns = (TEST_EPOCH_MS + dts_ms) * MS,
                                    .duration_ns = 40 * MS,
                                    .data = kvs_span_of("picture", 7)};
    CHECK_STATUS(kvs_stream_put_frame(producer->stream, &frame, producer->now_ns),
                 KVS_STATUS_SUCCESS);
}

KVS_TEST(relative_timecodes_have_room_for_pictures_that_lead_the_key_frame) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.absolute_timecodes = false;
    producer_open(&producer, &config);
    put_picture(&producer, true, 80, 0);
    uint64_t first = open_next(&producer);
    put_picture(&producer, false, 40, 40);
    CHECK_EQ(producer.start_ms, TEST_EPOCH_MS);
    CHECK_EQ(read_first(&producer, first, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 2);
    CHECK_EQ(blocks[0].timecode_ms, 80);
    CHECK_EQ(blocks[1].timecode_ms, 40);
    producer_close(&producer);
}

int main(void) {
    RUN(a_second_session_takes_over_at_a_fragments_start);
    RUN(only_one_session_waits_at_a_time);
    RUN(no_more_sessions_are_open_than_allowed);
    RUN(credentials_that_run_out_are_refused_and_later_ones_are_rotated_early);
    RUN(a_session_is_rotated_before_forty_minutes);
    RUN(a_session_that_fails_after_its_end_has_its_fragments_sent_again);
    RUN(closing_a_session_that_is_not_known_opens_nothing);
    RUN(new_codec_private_data_begins_a_session_at_the_next_fragment);
    RUN(fragments_of_an_old_format_are_sent_again_under_their_own_header);
    RUN(a_reset_connection_sends_what_is_not_confirmed_again);
    RUN(a_reset_stream_drops_all_and_begins_anew_even_earlier);
    RUN(a_stop_ends_the_session_that_waits_too);
    RUN(relative_timecodes_of_a_session_that_takes_over_count_from_what_is_still_to_come);
    RUN(what_is_gone_of_a_lost_session_does_not_decide_what_the_next_one_counts_from);
    RUN(a_session_that_took_over_asks_to_be_replaced_in_time_too);
    RUN(another_session_is_asked_for_when_the_one_that_waits_is_lost);
    RUN(frames_that_wait_in_the_order_go_out_in_the_format_that_they_were_put_in);
    RUN(relative_timecodes_have_room_for_pictures_that_lead_the_key_frame);
    return kvs_test_report();
}
