#include "kvs/session.h"

#include <string.h>

#include "kvs/heap.h"
#include "producer.h"
#include "test.h"

static uint8_t out[1 << 20];
static struct block blocks[4096];

static struct kvs_stream_metrics metrics_of(struct producer *producer) {
    struct kvs_stream_metrics metrics;
    CHECK_STATUS(kvs_stream_metrics(producer->stream, 0, &metrics), KVS_STATUS_SUCCESS);
    return metrics;
}

/* Reads all that is there and takes it apart. */
static uint32_t read_blocks(struct producer *producer, kvs_status expected) {
    size_t len = 0;
    uint32_t count = 0;
    CHECK_STATUS(read_session(producer, 1000, out, sizeof out, &len), expected);
    CHECK(parse_session(out, len, blocks, 4096, &count));
    return count;
}

static void start(struct producer *producer, const struct kvs_stream_config *config) {
    producer_open(producer, config);
    put_fragment(producer, 0, 3);
    put_fragment(producer, 1000, 3);
    put_fragment(producer, 2000, 3);
    CHECK_STATUS(open_session(producer), KVS_STATUS_SUCCESS);
}

static void close_session(struct producer *producer) {
    CHECK_STATUS(kvs_session_close(producer->stream, producer->session_id, producer->now_ns,
                                   KVS_SESSION_RESULT_DISCONNECTED),
                 KVS_STATUS_SUCCESS);
}

KVS_TEST(a_session_carries_what_was_put) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config);
    CHECK_EQ(producer.start_ms, TEST_EPOCH_MS);
    CHECK_EQ(read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 9);
    for (uint32_t i = 0; i < 9; i++) {
        int64_t pts = 1000 * (i / 3) + 40 * (i % 3);
        CHECK_EQ(blocks[i].timecode_ms, TEST_EPOCH_MS + pts);
        CHECK_EQ(blocks[i].opens_cluster, i % 3 == 0);
        CHECK_EQ(blocks[i].key, i % 3 == 0);
        CHECK_EQ(blocks[i].len, 100);
        CHECK_EQ(blocks[i].first_byte, (uint8_t)pts);
    }
    producer_close(&producer);
}

KVS_TEST(the_bytes_do_not_depend_on_how_they_are_read) {
    static uint8_t whole[1 << 16];
    size_t whole_len = 0;
    for (size_t step = 4096; step > 0; step = step > 64 ? step / 3 : step - 1) {
        struct producer producer;
        struct kvs_stream_config config = test_stream_config(false);
        size_t len = 0;
        start(&producer, &config);
        CHECK_STATUS(read_session(&producer, step, out, sizeof out, &len),
                     KVS_STATUS_NO_MORE_DATA_AVAILABLE);
        if (whole_len == 0) {
            memcpy(whole, out, len);
            whole_len = len;
        }
        CHECK_EQ(len, whole_len);
        CHECK_MEM(out, whole, whole_len);
        producer_close(&producer);
    }
}

KVS_TEST(nothing_to_send_opens_no_session) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    kvs_stream_take_signals(producer.stream);
    put_fragment(&producer, 0, 2);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_DATA) != 0);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    producer_close(&producer);
}

KVS_TEST(a_dry_session_is_woken_once) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config);
    kvs_stream_take_signals(producer.stream);
    CHECK_STATUS(put(&producer, 1, false, 2120, 10), KVS_STATUS_SUCCESS);
    CHECK_EQ(kvs_stream_take_signals(producer.stream), 0);
    read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_STATUS(put(&producer, 1, false, 2160, 10), KVS_STATUS_SUCCESS);
    CHECK_EQ(kvs_stream_take_signals(producer.stream), KVS_SIGNAL_DATA);
    CHECK_STATUS(put(&producer, 1, false, 2200, 10), KVS_STATUS_SUCCESS);
    CHECK_EQ(kvs_stream_take_signals(producer.stream), 0);
    producer_close(&producer);
}

KVS_TEST(a_persisted_fragment_leaves_the_store) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config);
    read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    ack(&producer, "BUFFERING", TEST_EPOCH_MS);
    ack(&producer, "RECEIVED", TEST_EPOCH_MS);
    CHECK_EQ(metrics_of(&producer).view_frames, 9);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS + 1000);
    CHECK_EQ(metrics_of(&producer).view_frames, 6);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS);
    CHECK_EQ(metrics_of(&producer).view_frames, 3);
    CHECK_EQ(metrics_of(&producer).frames_delivered, 6);
    CHECK_EQ(metrics_of(&producer).fragments_delivered, 2);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS);
    CHECK_EQ(metrics_of(&producer).fragments_delivered, 2);
    producer_close(&producer);
}

KVS_TEST(a_fragment_that_is_still_being_sent_or_put_is_not_believed_persisted) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    size_t len = 0;
    start(&producer, &config);
    CHECK_STATUS(
        kvs_session_read(producer.stream, producer.session_id, producer.now_ns, out, 300, &len),
        KVS_STATUS_SUCCESS);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS + 2000);
    CHECK_EQ(metrics_of(&producer).view_frames, 9);
    CHECK_STATUS(read_session(&producer, 1000, out, sizeof out, &len),
                 KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS + 2000);
    CHECK_EQ(metrics_of(&producer).view_frames, 9);
    producer_close(&producer);
}

KVS_TEST(without_retention_received_is_enough) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.retained = false;
    start(&producer, &config);
    read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    ack(&producer, "RECEIVED", TEST_EPOCH_MS);
    CHECK_EQ(metrics_of(&producer).fragments_delivered, 1);
    producer_close(&producer);
}

KVS_TEST(without_acks_being_sent_is_enough) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.fragment_acks = false;
    start(&producer, &config);
    read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_EQ(metrics_of(&producer).fragments_delivered, 2);
    producer_close(&producer);
}

KVS_TEST(a_new_session_starts_at_the_oldest_fragment_not_persisted) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config);
    read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS);
    ack(&producer, "RECEIVED", TEST_EPOCH_MS + 1000);
    uint64_t first = producer.session_id;
    close_session(&producer);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_DATA) != 0);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK(producer.session_id != first);
    CHECK_EQ(read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 6);
    CHECK_EQ(blocks[0].timecode_ms, TEST_EPOCH_MS + 1000);
    CHECK(blocks[0].key);
    size_t len = 0;
    CHECK_STATUS(kvs_session_read(producer.stream, first, producer.now_ns, out, 100, &len),
                 KVS_STATUS_UPLOAD_HANDLE_ABORTED);
    producer_close(&producer);
}

KVS_TEST(a_session_cut_in_the_middle_of_a_frame_sends_the_fragment_again) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    size_t len = 0;
    start(&producer, &config);
    CHECK_STATUS(
        kvs_session_read(producer.stream, producer.session_id, producer.now_ns, out, 250, &len),
        KVS_STATUS_SUCCESS);
    close_session(&producer);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_EQ(read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 9);
    producer_close(&producer);
}

KVS_TEST(a_fragment_persisted_out_of_order_is_not_sent_again) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config);
    read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS + 1000);
    close_session(&producer);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_EQ(read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 6);
    CHECK_EQ(blocks[3].timecode_ms, TEST_EPOCH_MS + 2000);
    producer_close(&producer);
}

KVS_TEST(a_refused_fragment_is_dropped_and_the_rest_goes_on) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event;
    start(&producer, &config);
    read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    kvs_stream_take_signals(producer.stream);
    ack_text(&producer,
             "{\"EventType\":\"ERROR\",\"FragmentTimecode\":1700000001000,\"FragmentNumber\":\"7\","
             "\"ErrorId\":4006,\"ErrorCode\":\"INVALID_MKV_DATA\"}\n");
    CHECK_EQ(kvs_stream_take_signals(producer.stream), KVS_SIGNAL_DATA | KVS_SIGNAL_EVENTS);
    if (CHECK(kvs_stream_next_event(producer.stream, &event))) {
        CHECK_EQ(event.type, KVS_EVENT_ACK);
        CHECK_STATUS(event.as.ack.status, KVS_STATUS_ACK_ERR_INVALID_MKV_DATA);
    }
    if (CHECK(kvs_stream_next_event(producer.stream, &event))) {
        CHECK_EQ(event.as.dropped.reason, KVS_DROP_REJECTED);
        CHECK_EQ(event.as.dropped.frames, 3);
    }
    size_t len = 0;
    CHECK_STATUS(
        kvs_session_read(producer.stream, producer.session_id, producer.now_ns, out, 100, &len),
        KVS_STATUS_UPLOAD_HANDLE_ABORTED);
    close_session(&producer);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_EQ(read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 6);
    CHECK_EQ(blocks[3].timecode_ms, TEST_EPOCH_MS + 2000);
    producer_close(&producer);
}

KVS_TEST(an_error_that_is_not_the_fragments_fault_loses_nothing) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config);
    read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    ack_text(&producer,
             "{\"EventType\":\"ERROR\",\"FragmentTimecode\":1700000001000,\"ErrorId\":5000}\n");
    close_session(&producer);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_EQ(read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 9);
    CHECK_EQ(metrics_of(&producer).fragments_dropped, 0);
    producer_close(&producer);
}

KVS_TEST(an_error_without_a_fragment_blames_the_oldest_not_received) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config);
    read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    ack(&producer, "RECEIVED", TEST_EPOCH_MS);
    ack_text(&producer, "{\"EventType\":\"ERROR\",\"FragmentTimecode\":-1,\"FragmentNumber\":\"\","
                        "\"ErrorId\":4006}\n");
    close_session(&producer);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_EQ(read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 6);
    CHECK_EQ(blocks[0].timecode_ms, TEST_EPOCH_MS);
    CHECK_EQ(blocks[3].timecode_ms, TEST_EPOCH_MS + 2000);
    producer_close(&producer);
}

KVS_TEST(a_refused_fragment_that_is_still_put_loses_its_rest_too) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    start(&producer, &config);
    read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    ack_text(&producer,
             "{\"EventType\":\"ERROR\",\"FragmentTimecode\":1700000002000,\"ErrorId\":4002}\n");
    CHECK_STATUS(put(&producer, 1, false, 2120, 10), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_NO_KEY_FRAME], 1);
    close_session(&producer);
    put_fragment(&producer, 3000, 1);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_EQ(read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 7);
    producer_close(&producer);
}

KVS_TEST(relative_timecodes_count_from_the_start_of_the_session) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    config.absolute_timecodes = false;
    producer_open(&producer, &config);
    CHECK_STATUS(put(&producer, 1, true, 100, 10), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 2, true, 79, 10),
                 KVS_STATUS_SUCCESS); /* audio priming: earlier than the key frame */
    put_fragment(&producer, 1000, 2);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_EQ(producer.start_ms, TEST_EPOCH_MS + 79);
    CHECK_EQ(read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 4);
    CHECK_EQ(blocks[0].timecode_ms, 21);
    CHECK_EQ(blocks[1].timecode_ms, 0);
    CHECK_EQ(blocks[2].timecode_ms, 921);
    ack(&producer, "PERSISTED", 21);
    CHECK_EQ(metrics_of(&producer).fragments_delivered, 1);
    close_session(&producer);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_EQ(producer.start_ms, TEST_EPOCH_MS + 1000);
    CHECK_EQ(read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE), 2);
    CHECK_EQ(blocks[0].timecode_ms, 0);
    producer_close(&producer);
}

KVS_TEST(a_stopped_stream_ends_its_session_when_all_is_sent_and_acknowledged) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    size_t len = 0;
    start(&producer, &config);
    CHECK_STATUS(read_session(&producer, 1000, out, sizeof out, &len),
                 KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    kvs_stream_take_signals(producer.stream);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    CHECK_EQ(kvs_stream_take_signals(producer.stream), KVS_SIGNAL_DATA);
    CHECK_STATUS(read_session(&producer, 1000, out, sizeof out, &len), KVS_STATUS_END_OF_STREAM);
    CHECK_EQ(len, 0);
    for (int64_t pts = 0; pts <= 2000; pts += 1000) {
        ack(&producer, "PERSISTED", TEST_EPOCH_MS + pts);
    }
    CHECK_EQ(metrics_of(&producer).view_frames, 0);
    CHECK_EQ(metrics_of(&producer).frames_delivered, 9);
    close_session(&producer);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    producer_close(&producer);
}

KVS_TEST(a_flood_of_acks_waits_for_its_events_to_be_taken) {
    static char flood[40000];
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event;
    start(&producer, &config);
    read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    size_t len = 0;
    for (int i = 0; i < 1000; i++) {
        memcpy(flood + len, "{\"EventType\":\"IDLE\"}\n", 21);
        len += 21;
    }
    struct kvs_span span = kvs_span_of(flood, len);
    uint32_t events = 0;
    while (span.len > 0) {
        size_t before = span.len;
        CHECK_STATUS(
            kvs_session_ack_bytes(producer.stream, producer.session_id, producer.now_ns, &span),
            KVS_STATUS_SUCCESS);
        if (!CHECK(span.len < before)) {
            break;
        }
        while (kvs_stream_next_event(producer.stream, &event)) {
            events++;
        }
    }
    CHECK_EQ(events, 1000);
    producer_close(&producer);
}

KVS_TEST(an_unreadable_ack_is_an_event_and_the_next_one_counts) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event;
    start(&producer, &config);
    read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    ack_text(&producer, "{\"EventType\":\"NONSENSE\"}\n");
    ack(&producer, "PERSISTED", TEST_EPOCH_MS);
    CHECK_EQ(metrics_of(&producer).acks_unreadable, 1);
    CHECK_EQ(metrics_of(&producer).fragments_delivered, 1);
    CHECK(kvs_stream_next_event(producer.stream, &event));
    CHECK_STATUS(event.as.ack.status, KVS_STATUS_INVALID_PARSED_ACK_TYPE);
    producer_close(&producer);
}

KVS_TEST(the_fragment_being_sent_is_never_dropped) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    size_t len = 0;
    config.buffer_duration_ns = 3000 * MS;
    start(&producer, &config);
    CHECK_STATUS(
        kvs_session_read(producer.stream, producer.session_id, producer.now_ns, out, 300, &len),
        KVS_STATUS_SUCCESS);
    size_t sent = len;
    for (int64_t pts = 3000; pts < 20000; pts += 1000) {
        put_fragment(&producer, pts, 3);
    }
    CHECK_STATUS(read_session(&producer, 1000, out + sent, sizeof out - sent, &len),
                 KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    uint32_t count = 0;
    CHECK(parse_session(out, sent + len, blocks, 4096, &count));
    CHECK_EQ(blocks[0].timecode_ms, TEST_EPOCH_MS);
    CHECK_EQ(blocks[2].timecode_ms, TEST_EPOCH_MS + 80);
    CHECK(blocks[3].opens_cluster);
    CHECK(blocks[3].timecode_ms > TEST_EPOCH_MS + 15000);
    CHECK_EQ(count % 3, 0);
    producer_close(&producer);
}

KVS_TEST(sent_frames_that_made_room_are_lost_only_when_no_ack_comes) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.buffer_duration_ns = 3000 * MS;
    start(&producer, &config);
    read_blocks(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    put_fragment(&producer, 3000, 3);
    put_fragment(&producer, 4000, 3);
    CHECK_EQ(metrics_of(&producer).fragments_dropped, 0);
    CHECK_EQ(metrics_of(&producer).undelivered_first_pts_ns, TEST_EPOCH_MS * MS);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS);
    CHECK_EQ(metrics_of(&producer).fragments_delivered, 1);
    CHECK_EQ(metrics_of(&producer).undelivered_first_pts_ns, (TEST_EPOCH_MS + 1000) * MS);
    close_session(&producer);
    CHECK_EQ(metrics_of(&producer).fragments_dropped, 1);
    struct kvs_stream_metrics metrics = metrics_of(&producer);
    CHECK_EQ(metrics.frames_put, metrics.frames_delivered + metrics.view_frames + 3);
    producer_close(&producer);
}

KVS_TEST(an_offline_stream_waits_for_a_backlog_to_be_sent) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    size_t len = 0;
    config.streaming_type = KVS_STREAMING_OFFLINE;
    config.high_water_bytes = 100000;
    producer_open(&producer, &config);
    CHECK_STATUS(put(&producer, 1, true, 0, 200000), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, false, 40, 10), KVS_STATUS_STORE_OUT_OF_MEMORY);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    kvs_stream_take_signals(producer.stream);
    CHECK_STATUS(
        kvs_session_read(producer.stream, producer.session_id, producer.now_ns, out, 150000, &len),
        KVS_STATUS_SUCCESS);
    CHECK_EQ(kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_ROOM, 0);
    CHECK_STATUS(
        kvs_session_read(producer.stream, producer.session_id, producer.now_ns, out, 150000, &len),
        KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_EQ(kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_ROOM, KVS_SIGNAL_ROOM);
    CHECK_STATUS(put(&producer, 1, false, 40, 10), KVS_STATUS_SUCCESS);
    producer_close(&producer);
}

static uint32_t next_random(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static uint64_t total_dropped(const struct kvs_stream_metrics *metrics) {
    uint64_t total = 0;
    for (uint32_t reason = 0; reason < KVS_DROP_REASON_COUNT; reason++) {
        total += metrics->frames_dropped[reason];
    }
    return total;
}

/* A key frame that was refused leaves the frames behind it too far from the fragment they now fall
 * to. */
static bool is_refusal(kvs_status status) {
    return status == KVS_STATUS_STORE_OUT_OF_MEMORY ||
           status == KVS_STATUS_INVALID_ALLOCATION_SIZE ||
           status == KVS_STATUS_MKV_LARGE_FRAME_TIMECODE;
}

/* Whatever the order of puts, reads, ACKs and cuts: each frame put ends delivered, dropped and
 * told, or still held. */
static void play(uint32_t seed, enum kvs_streaming_type type) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event;
    uint32_t state = seed;
    uint64_t told = 0;
    int64_t pts = 0;
    static int64_t keys[3000];
    uint32_t key_count = 0;
    uint32_t acked = 0;
    bool is_open = false;
    config.streaming_type = type;
    config.buffer_duration_ns = 8000 * MS;
    config.max_frames = 64;
    producer_open(&producer, &config);
    for (int i = 0; i < 3000; i++) {
        uint32_t dice = next_random(&state) % 100;
        size_t len = 0;
        if (dice < 50) {
            kvs_status status = put(&producer, 1, dice < 10, pts, 1 + next_random(&state) % 300000);
            CHECK(status == KVS_STATUS_SUCCESS || is_refusal(status));
            if (status == KVS_STATUS_SUCCESS && dice < 10) {
                keys[key_count++] = pts;
            }
            pts += 100;
        } else if (dice < 75) {
            is_open = is_open || open_session(&producer) == KVS_STATUS_SUCCESS;
            kvs_status status =
                kvs_session_read(producer.stream, producer.session_id, producer.now_ns, out,
                                 1 + next_random(&state) % 400000, &len);
            if (is_open && status == KVS_STATUS_UPLOAD_HANDLE_ABORTED) {
                close_session(&producer);
                is_open = false;
            }
        } else if (dice < 97) {
            acked += next_random(&state) % 8 < 6 ? 1 : 2;
            acked = acked < key_count ? acked : key_count - (key_count < 16 ? key_count : 16);
            ack(&producer, dice < 90 ? "PERSISTED" : "RECEIVED", TEST_EPOCH_MS + keys[acked]);
        } else if (dice < 98) {
            ack_text(&producer,
                     "{\"EventType\":\"ERROR\",\"FragmentTimecode\":-1,\"ErrorId\":4006}");
        } else {
            close_session(&producer);
            is_open = false;
        }
        CHECK(kvs__stream_check(producer.stream));
        while (kvs_stream_next_event(producer.stream, &event)) {
            told += event.type == KVS_EVENT_FRAMES_DROPPED ? event.as.dropped.frames : 0;
        }
    }
    close_session(&producer);
    while (kvs_stream_next_event(producer.stream, &event)) {
        told += event.type == KVS_EVENT_FRAMES_DROPPED ? event.as.dropped.frames : 0;
    }
    struct kvs_stream_metrics metrics = metrics_of(&producer);
    CHECK_EQ(metrics.frames_put,
             metrics.frames_delivered + total_dropped(&metrics) + metrics.view_frames);
    CHECK_EQ(told, total_dropped(&metrics));
    CHECK(metrics.frames_put > 100);
    CHECK(metrics.frames_delivered > 20);
    producer_close(&producer);
}

KVS_TEST(the_ledger_balances_in_any_order_of_events) {
    for (uint32_t seed = 1; seed <= 40; seed++) {
        play(seed * 2654435761u, seed % 2 == 0 ? KVS_STREAMING_REALTIME : KVS_STREAMING_OFFLINE);
    }
}

int main(void) {
    RUN(a_session_carries_what_was_put);
    RUN(the_bytes_do_not_depend_on_how_they_are_read);
    RUN(nothing_to_send_opens_no_session);
    RUN(a_dry_session_is_woken_once);
    RUN(a_persisted_fragment_leaves_the_store);
    RUN(a_fragment_that_is_still_being_sent_or_put_is_not_believed_persisted);
    RUN(without_retention_received_is_enough);
    RUN(without_acks_being_sent_is_enough);
    RUN(a_new_session_starts_at_the_oldest_fragment_not_persisted);
    RUN(a_session_cut_in_the_middle_of_a_frame_sends_the_fragment_again);
    RUN(a_fragment_persisted_out_of_order_is_not_sent_again);
    RUN(a_refused_fragment_is_dropped_and_the_rest_goes_on);
    RUN(an_error_that_is_not_the_fragments_fault_loses_nothing);
    RUN(an_error_without_a_fragment_blames_the_oldest_not_received);
    RUN(a_refused_fragment_that_is_still_put_loses_its_rest_too);
    RUN(relative_timecodes_count_from_the_start_of_the_session);
    RUN(a_stopped_stream_ends_its_session_when_all_is_sent_and_acknowledged);
    RUN(a_flood_of_acks_waits_for_its_events_to_be_taken);
    RUN(an_unreadable_ack_is_an_event_and_the_next_one_counts);
    RUN(the_fragment_being_sent_is_never_dropped);
    RUN(sent_frames_that_made_room_are_lost_only_when_no_ack_comes);
    RUN(an_offline_stream_waits_for_a_backlog_to_be_sent);
    RUN(the_ledger_balances_in_any_order_of_events);
    return kvs_test_report();
}
