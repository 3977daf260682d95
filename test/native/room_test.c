/*
 * A stream that is full must never stand still: whatever holds the room has to get out. And what is
 * given up for room is told for what it is.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "producer.h"
#include "test.h"

/* One frame of 6 MiB fills a store of 10 MiB so far that there is no room for a second one. */
#define BIG ((size_t)6 << 20)

static uint8_t bytes[1 << 20];
static size_t len;

/* An offline stream for 12 frames. */
static struct kvs_stream_config small_config(void) {
    struct kvs_stream_config config = test_stream_config(false);
    config.streaming_type = KVS_STREAMING_OFFLINE;
    config.max_frames = 12;
    return config;
}

static kvs_status read_all(struct producer *producer) {
    return read_session(producer, 4096, bytes, sizeof bytes, &len);
}

static bool has(const char *text) { return occurrences(bytes, len, text, strlen(text)) == 1; }

static struct kvs_stream_metrics metrics_of(struct producer *producer) {
    struct kvs_stream_metrics metrics;
    CHECK_STATUS(kvs_stream_metrics(producer->stream, producer->now_ns, &metrics),
                 KVS_STATUS_SUCCESS);
    return metrics;
}

static void close_session(struct producer *producer, uint64_t session_id, uint32_t result) {
    CHECK_STATUS(kvs_session_close(producer->stream, session_id, producer->now_ns, result),
                 KVS_STATUS_SUCCESS);
}

static bool take_drop(struct producer *producer, enum kvs_drop_reason reason,
                      struct kvs_event *event) {
    while (kvs_stream_next_event(producer->stream, event)) {
        if (event->type == KVS_EVENT_FRAMES_DROPPED && event->as.dropped.reason == reason) {
            return true;
        }
    }
    return false;
}

KVS_TEST(a_fragment_that_fills_the_stream_ends_its_session) {
    struct producer producer;
    struct kvs_stream_config config = small_config();
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 12);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(read_all(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    (void)kvs_stream_take_signals(producer.stream);

    /* A key frame ends the fragment. The service knows that only once something follows it. */
    CHECK_STATUS(put(&producer, 1, true, 1000, 100), KVS_STATUS_STORE_OUT_OF_MEMORY);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_DATA) != 0);
    CHECK_STATUS(read_all(&producer), KVS_STATUS_END_OF_STREAM);
    CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS), KVS_STATUS_SUCCESS);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_ROOM) != 0);
    CHECK_STATUS(put(&producer, 1, true, 1000, 100), KVS_STATUS_SUCCESS);
    producer_close(&producer);
}

KVS_TEST(what_is_sent_again_goes_ahead_of_a_session_that_waits_for_the_rest) {
    struct producer producer;
    struct kvs_stream_config config = small_config();
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 6);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    uint64_t first = producer.session_id;
    CHECK_STATUS(read_all(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    put_fragment(&producer, 1000, 6);
    uint64_t second = producer.session_id;
    producer.session_id = first;
    CHECK_STATUS(read_all(&producer), KVS_STATUS_END_OF_STREAM);
    producer.session_id = second;
    CHECK_STATUS(read_all(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_STATUS(put(&producer, 1, false, 1300, 100), KVS_STATUS_STORE_OUT_OF_MEMORY);

    /* The room is with the first fragment, which nobody can send while the second one is open. */
    close_session(&producer, first, KVS_SESSION_RESULT_DISCONNECTED);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_DATA) != 0);
    CHECK_STATUS(read_all(&producer), KVS_STATUS_UPLOAD_HANDLE_ABORTED);
    close_session(&producer, second, KVS_SESSION_RESULT_OK);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(read_all(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, false, 1300, 100), KVS_STATUS_SUCCESS);
    producer_close(&producer);
}

/* Puts frames of one fragment until the store has no room for the smallest; returns the time behind
 * the last. */
static int64_t fill_store(struct producer *producer, int64_t pts) {
    for (size_t size = 1 << 20; size > 0; size /= 2) {
        while (put(producer, 1, false, pts, size) == KVS_STATUS_SUCCESS) {
            pts++;
        }
    }
    return pts;
}

KVS_TEST(tags_for_which_there_is_never_room_hold_nothing_up) {
    struct producer producer;
    struct kvs_stream_config config = small_config();
    config.max_frames = 1000;
    producer_open(&producer, &config);
    CHECK_STATUS(put(&producer, 1, true, 0, 100), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_put_metadata(producer.stream, "name", "value", false),
                 KVS_STATUS_SUCCESS);
    int64_t pts = fill_store(&producer, 1);
    CHECK_STATUS(put(&producer, 1, false, pts, 100), KVS_STATUS_INVALID_ALLOCATION_SIZE);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).metadata_dropped, 1);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    while (read_all(&producer) == KVS_STATUS_SUCCESS) {
    }
    CHECK_STATUS(read_all(&producer), KVS_STATUS_END_OF_STREAM);
    producer_close(&producer);
}

KVS_TEST(a_fragment_that_fills_the_store_gets_out_when_the_next_one_comes) {
    struct producer producer;
    struct kvs_stream_config config = small_config();
    config.max_frames = 1000;
    producer_open(&producer, &config);
    CHECK_STATUS(put(&producer, 1, true, 0, 100), KVS_STATUS_SUCCESS);
    int64_t pts = fill_store(&producer, 1);
    CHECK_STATUS(put(&producer, 1, true, pts + 1, 100), KVS_STATUS_STORE_OUT_OF_MEMORY);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    while (read_all(&producer) == KVS_STATUS_SUCCESS) {
    }
    CHECK_STATUS(read_all(&producer), KVS_STATUS_END_OF_STREAM);
    CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS), KVS_STATUS_SUCCESS);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_ROOM) != 0);
    CHECK_STATUS(put(&producer, 1, true, pts + 1, 100), KVS_STATUS_SUCCESS);
    producer_close(&producer);
}

KVS_TEST(a_stop_waits_for_room_for_the_last_tags) {
    struct producer producer;
    struct kvs_stream_config config = small_config();
    config.max_frames = 1000;
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 6);
    CHECK_STATUS(put(&producer, 1, true, 1000, 100), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_put_metadata(producer.stream, "last", "words", false),
                 KVS_STATUS_SUCCESS);
    fill_store(&producer, 1001);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    while (read_all(&producer) == KVS_STATUS_SUCCESS) {
    }
    CHECK_STATUS(read_all(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS), KVS_STATUS_SUCCESS);
    CHECK_STATUS(read_all(&producer), KVS_STATUS_END_OF_STREAM);
    CHECK(has("words"));
    CHECK_EQ(metrics_of(&producer).metadata_dropped, 0);
    producer_close(&producer);
}

KVS_TEST(metadata_of_a_fragment_that_is_given_up_goes_with_no_other) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 2);
    CHECK_STATUS(kvs_stream_put_metadata(producer.stream, "name", "value", false),
                 KVS_STATUS_SUCCESS);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(read_all(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_STATUS(ack_text(&producer, "{\"EventType\":\"ERROR\",\"FragmentTimecode\":1700000000000,"
                                     "\"ErrorId\":4002}\n"),
                 KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).metadata_dropped, 1);
    close_session(&producer, producer.session_id, KVS_SESSION_RESULT_OK);
    put_fragment(&producer, 1000, 2);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(read_all(&producer), KVS_STATUS_END_OF_STREAM);
    CHECK(!has("value"));
    producer_close(&producer);
}

KVS_TEST(without_acks_a_sent_fragment_is_done_though_the_one_behind_it_was_dropped) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.fragment_acks = false;
    config.max_frames = 12;
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 11);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(
        kvs_session_read(producer.stream, producer.session_id, producer.now_ns, bytes, 10, &len),
        KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, true, 1000, 100), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, false, 1040, 100), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_STORE_PRESSURE], 2);
    CHECK_STATUS(read_all(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_EQ(metrics_of(&producer).frames_delivered, 11);
    CHECK_EQ(metrics_of(&producer).view_frames, 0);
    producer_close(&producer);
}

KVS_TEST(fragments_whose_bytes_are_gone_are_no_room_to_wait_for) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.buffer_duration_ns = 1000 * MS;
    producer_open(&producer, &config);
    config.name = "other";
    config.streaming_type = KVS_STREAMING_OFFLINE;
    struct producer other = producer;
    CHECK_STATUS(kvs_stream_new(producer.client, &config, producer.now_ns, &other.stream),
                 KVS_STATUS_SUCCESS);
    put_fragment(&producer, 0, 2);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    put_fragment(&producer, 500, 2);
    CHECK_STATUS(read_all(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    put_fragment(&producer, 5000, 2);
    CHECK_EQ(metrics_of(&producer).awaited_frames, 4);
    CHECK_STATUS(put(&other, 1, true, 0, BIG), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&other, 1, false, 40, BIG), KVS_STATUS_INVALID_ALLOCATION_SIZE);
    kvs_stream_destroy(other.stream);
    producer_close(&producer);
}

KVS_TEST(the_fragment_being_put_survives_the_loss_of_its_session) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 3);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(read_all(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    close_session(&producer, producer.session_id, KVS_SESSION_RESULT_DISCONNECTED);
    CHECK_STATUS(put(&producer, 1, false, 120, 100), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).view_frames, 4);
    producer_close(&producer);
}

KVS_TEST(a_session_that_ends_looks_past_what_has_left_the_view) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.replay_point = KVS_REPLAY_AFTER_RECEIVED;
    config.replay_duration_ns = 60000 * MS;
    producer_open(&producer, &config);
    for (int64_t at = 0; at < 4000; at += 1000) {
        put_fragment(&producer, at, 2);
    }
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(read_all(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS + 1000), KVS_STATUS_SUCCESS);
    CHECK_STATUS(ack(&producer, "RECEIVED", TEST_EPOCH_MS), KVS_STATUS_SUCCESS);
    close_session(&producer, producer.session_id, KVS_SESSION_RESULT_OK);
    struct kvs_stream_metrics metrics = metrics_of(&producer);
    CHECK_EQ(metrics.fragments_delivered, 2);
    CHECK_EQ(metrics.view_frames, 4);
    producer_close(&producer);
}

KVS_TEST(frames_that_made_room_before_the_loss_are_told_with_that_reason) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event;
    config.streaming_type = KVS_STREAMING_NEAR_REALTIME;
    config.buffer_duration_ns = 1000 * MS;
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 2);
    put_fragment(&producer, 500, 2);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(read_all(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    put_fragment(&producer, 2000, 2);
    CHECK_EQ(metrics_of(&producer).awaited_frames, 4);
    close_session(&producer, producer.session_id, KVS_SESSION_RESULT_DISCONNECTED);
    CHECK(!take_drop(&producer, KVS_DROP_REPLAY_DURATION, &event));
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_BUFFER_DURATION], 4);
    producer_close(&producer);
}

KVS_TEST(the_times_of_dropped_frames_span_them_in_any_order) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event;
    producer_open(&producer, &config);
    CHECK_STATUS(put(&producer, 1, false, 200, 100), KVS_STATUS_SUCCESS);
    const struct kvs_frame early = {.track_id = 1,
                                    .pts_ns = (TEST_EPOCH_MS + 100) * MS,
                                    .dts_ns = (TEST_EPOCH_MS + 210) * MS,
                                    .data = {bytes, 100}};
    CHECK_STATUS(kvs_stream_put_frame(producer.stream, &early, producer.now_ns),
                 KVS_STATUS_SUCCESS);
    CHECK(take_drop(&producer, KVS_DROP_NO_KEY_FRAME, &event));
    CHECK_EQ(event.as.dropped.first_pts_ns, (TEST_EPOCH_MS + 100) * MS);
    CHECK_EQ(event.as.dropped.last_pts_ns, (TEST_EPOCH_MS + 200) * MS);
    producer_close(&producer);
}

KVS_TEST(the_picture_opens_fragments_whatever_its_place_among_the_tracks) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    const struct kvs_mkv_track swapped[] = {config.tracks[1], config.tracks[0]};
    config.tracks = swapped;
    producer_open(&producer, &config);
    CHECK_STATUS(put(&producer, 2, true, 0, 100), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_NO_KEY_FRAME], 1);
    CHECK_STATUS(put(&producer, 1, true, 10, 100), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).fragments_put, 1);
    producer_close(&producer);
}

KVS_TEST(room_that_one_stream_makes_is_told_to_all) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.streaming_type = KVS_STREAMING_OFFLINE;
    producer_open(&producer, &config);
    config.name = "other";
    struct producer other = producer;
    CHECK_STATUS(kvs_stream_new(producer.client, &config, producer.now_ns, &other.stream),
                 KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, true, 0, BIG), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, true, 1000, 100), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&other, 1, true, 0, BIG), KVS_STATUS_STORE_OUT_OF_MEMORY);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    static uint8_t all[BIG + 4096];
    CHECK_STATUS(read_session(&producer, 65536, all, sizeof all, &len),
                 KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS), KVS_STATUS_SUCCESS);
    CHECK((kvs_stream_take_signals(other.stream) & KVS_SIGNAL_ROOM) != 0);
    CHECK_STATUS(put(&other, 1, true, 0, BIG), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&other, 1, true, 1000, 100), KVS_STATUS_SUCCESS);

    CHECK_STATUS(put(&producer, 1, true, 2000, BIG), KVS_STATUS_STORE_OUT_OF_MEMORY);
    kvs_stream_destroy(other.stream);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_ROOM) != 0);
    producer_close(&producer);
}

KVS_TEST(a_source_that_waits_for_room_is_not_idle) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    int64_t next = 0;
    config.streaming_type = KVS_STREAMING_OFFLINE;
    config.high_water_bytes = 1000;
    config.idle_ns = 20000 * MS;
    producer_open(&producer, &config);
    CHECK_STATUS(put(&producer, 1, true, 0, 900), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, false, 40, 900), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, false, 80, 900), KVS_STATUS_STORE_OUT_OF_MEMORY);
    producer.now_ns += 60000 * MS;
    CHECK_STATUS(kvs_stream_tick(producer.stream, producer.now_ns, &next), KVS_STATUS_SUCCESS);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(read_all(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_STATUS(put(&producer, 1, false, 80, 900), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_NO_KEY_FRAME], 0);
    /* From now on it is. */
    CHECK_STATUS(kvs_stream_tick(producer.stream, producer.now_ns, &next), KVS_STATUS_SUCCESS);
    CHECK_EQ(next, producer.now_ns + 20000 * MS);
    CHECK_STATUS(kvs_stream_tick(producer.stream, next, &next), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, false, 120, 10), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_NO_KEY_FRAME], 1);
    producer_close(&producer);
}

int main(void) {
    RUN(a_fragment_that_fills_the_stream_ends_its_session);
    RUN(what_is_sent_again_goes_ahead_of_a_session_that_waits_for_the_rest);
    RUN(tags_for_which_there_is_never_room_hold_nothing_up);
    RUN(a_fragment_that_fills_the_store_gets_out_when_the_next_one_comes);
    RUN(a_stop_waits_for_room_for_the_last_tags);
    RUN(metadata_of_a_fragment_that_is_given_up_goes_with_no_other);
    RUN(without_acks_a_sent_fragment_is_done_though_the_one_behind_it_was_dropped);
    RUN(fragments_whose_bytes_are_gone_are_no_room_to_wait_for);
    RUN(the_fragment_being_put_survives_the_loss_of_its_session);
    RUN(a_session_that_ends_looks_past_what_has_left_the_view);
    RUN(frames_that_made_room_before_the_loss_are_told_with_that_reason);
    RUN(the_times_of_dropped_frames_span_them_in_any_order);
    RUN(the_picture_opens_fragments_whatever_its_place_among_the_tracks);
    RUN(room_that_one_stream_makes_is_told_to_all);
    RUN(a_source_that_waits_for_room_is_not_idle);
    return kvs_test_report();
}
