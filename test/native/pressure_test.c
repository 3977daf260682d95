/* Pressures, staleness, idling, rates: what a stream tells besides ACKs and drops. */
#include "kvs/heap.h"
#include "kvs/session.h"
#include "producer.h"
#include "test.h"

static uint8_t out[1 << 20];

static struct kvs_stream_metrics metrics_of(struct producer *producer) {
    struct kvs_stream_metrics metrics;
    CHECK(kvs__stream_check(producer->stream));
    CHECK_STATUS(kvs_stream_metrics(producer->stream, producer->now_ns, &metrics),
                 KVS_STATUS_SUCCESS);
    return metrics;
}

/* Takes all events; returns how many are of the type, and keeps the last of these. */
static uint32_t count_events(struct producer *producer, enum kvs_event_type type,
                             struct kvs_event *last) {
    struct kvs_event event;
    uint32_t count = 0;
    while (kvs_stream_next_event(producer->stream, &event)) {
        if (event.type == type) {
            count++;
            *last = event;
        }
    }
    return count;
}

static int64_t tick(struct producer *producer) {
    int64_t next = 0;
    CHECK_STATUS(kvs_stream_tick(producer->stream, producer->now_ns, &next), KVS_STATUS_SUCCESS);
    return next;
}

static void read_all(struct producer *producer) {
    size_t len = 0;
    CHECK_STATUS(read_session(producer, 4096, out, sizeof out, &len),
                 KVS_STATUS_NO_MORE_DATA_AVAILABLE);
}

KVS_TEST(a_nearly_full_store_is_told_once) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event = {0};
    producer_open(&producer, &config);
    /* 10 MiB hold 104 frames of 100 kB; the 100th leaves less than 5 %. */
    for (int64_t pts = 0; pts < 99 * 100; pts += 100) {
        CHECK_STATUS(put(&producer, 1, pts % 1000 == 0, pts, 100000), KVS_STATUS_SUCCESS);
    }
    CHECK_EQ(count_events(&producer, KVS_EVENT_STORAGE_PRESSURE, &event), 0);
    for (int64_t pts = 99 * 100; pts < 103 * 100; pts += 100) {
        CHECK_STATUS(put(&producer, 1, pts % 1000 == 0, pts, 100000), KVS_STATUS_SUCCESS);
    }
    CHECK_EQ(count_events(&producer, KVS_EVENT_STORAGE_PRESSURE, &event), 1);
    CHECK(event.as.pressure.remaining <= KVS_HEAP_MIN_BYTES / 20);
    CHECK(event.as.pressure.remaining > KVS_HEAP_MIN_BYTES / 25);
    CHECK_EQ(metrics_of(&producer).storage_pressures, 1);
    producer_close(&producer);
}

KVS_TEST(a_nearly_full_buffer_is_told_when_it_begins) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event = {0};
    config.buffer_duration_ns = 10000 * MS;
    producer_open(&producer, &config);
    for (int64_t pts = 0; pts < 9000; pts += 1000) {
        put_fragment(&producer, pts, 25);
    }
    CHECK_EQ(count_events(&producer, KVS_EVENT_BUFFER_PRESSURE, &event), 0);
    put_fragment(&producer, 9000, 25);
    CHECK_EQ(count_events(&producer, KVS_EVENT_BUFFER_PRESSURE, &event), 1);
    CHECK(event.as.pressure.remaining <= 500 * MS);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_BUFFER_DURATION], 0);
    producer_close(&producer);
}

KVS_TEST(latency_is_told_when_too_much_is_still_to_be_sent) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event = {0};
    config.max_latency_ns = 2500 * MS;
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 25);
    put_fragment(&producer, 1000, 25);
    CHECK_EQ(count_events(&producer, KVS_EVENT_LATENCY_PRESSURE, &event), 0);
    put_fragment(&producer, 2000, 25);
    CHECK_EQ(count_events(&producer, KVS_EVENT_LATENCY_PRESSURE, &event), 1);
    CHECK(event.as.latency.duration_ns > 2500 * MS && event.as.latency.duration_ns < 2600 * MS);
    /* Once sent it is over, and can begin anew. */
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    read_all(&producer);
    for (int64_t pts = 3000; pts < 7000; pts += 1000) {
        put_fragment(&producer, pts, 25);
    }
    CHECK_EQ(count_events(&producer, KVS_EVENT_LATENCY_PRESSURE, &event), 1);
    CHECK_EQ(metrics_of(&producer).latency_pressures, 2);
    producer_close(&producer);
    config.streaming_type = KVS_STREAMING_NEAR_REALTIME;
    producer_open(&producer, &config);
    for (int64_t pts = 0; pts < 7000; pts += 1000) {
        put_fragment(&producer, pts, 25);
    }
    CHECK_EQ(count_events(&producer, KVS_EVENT_LATENCY_PRESSURE, &event), 0);
    producer_close(&producer);
}

KVS_TEST(an_offline_stream_knows_no_pressure) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.streaming_type = KVS_STREAMING_OFFLINE;
    config.buffer_duration_ns = 1000 * MS;
    config.max_latency_ns = 1000 * MS;
    producer_open(&producer, &config);
    for (int64_t pts = 0; pts < 10300; pts += 100) {
        CHECK_STATUS(put(&producer, 1, pts % 1000 == 0, pts, 100000), KVS_STATUS_SUCCESS);
    }
    struct kvs_stream_metrics metrics = metrics_of(&producer);
    CHECK_EQ(metrics.storage_pressures + metrics.buffer_pressures + metrics.latency_pressures, 0);
    CHECK_EQ(metrics.fragments_dropped, 0);
    producer_close(&producer);
}

KVS_TEST(a_silent_service_is_stale_by_the_clock) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event = {0};
    config.staleness_ns = 5000 * MS;
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 2);
    put_fragment(&producer, 1000, 2);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    tick(&producer);
    read_all(&producer);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_TICK) != 0);
    CHECK_EQ(tick(&producer), producer.now_ns + 5000 * MS);
    producer.now_ns += 4000 * MS;
    ack(&producer, "BUFFERING", TEST_EPOCH_MS);
    CHECK_EQ(count_events(&producer, KVS_EVENT_STALE, &event), 0);
    CHECK_EQ(tick(&producer), producer.now_ns + 5000 * MS);
    producer.now_ns += 5000 * MS;
    tick(&producer);
    CHECK_EQ(count_events(&producer, KVS_EVENT_STALE, &event), 1);
    CHECK_EQ(event.as.stale.session_id, producer.session_id);
    CHECK_EQ(event.as.stale.duration_ns, 5000 * MS);
    producer.now_ns += 5000 * MS;
    tick(&producer);
    CHECK_EQ(count_events(&producer, KVS_EVENT_STALE, &event), 0);
    CHECK_EQ(metrics_of(&producer).stale_events, 1);
    producer_close(&producer);
}

KVS_TEST(a_service_that_owes_nothing_is_not_stale) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event = {0};
    config.staleness_ns = 5000 * MS;
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 2);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    read_all(&producer);
    for (int i = 0; i < 10; i++) {
        producer.now_ns += 5000 * MS;
        tick(&producer); /* the fragment is still open */
    }
    CHECK_EQ(count_events(&producer, KVS_EVENT_STALE, &event), 0);
    put_fragment(&producer, 1000, 2);
    read_all(&producer);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS);
    for (int i = 0; i < 10; i++) {
        producer.now_ns += 5000 * MS;
        tick(&producer);
    }
    CHECK_EQ(count_events(&producer, KVS_EVENT_STALE, &event), 0);
    producer_close(&producer);
}

KVS_TEST(a_fragment_that_nothing_is_put_into_is_ended) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event = {0};
    config.idle_ns = 20000 * MS;
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 2);
    CHECK_EQ(tick(&producer), producer.now_ns + 20000 * MS);
    producer.now_ns += 15000 * MS;
    CHECK_STATUS(put(&producer, 1, false, 15000, 10), KVS_STATUS_SUCCESS);
    CHECK_EQ(tick(&producer), producer.now_ns + 20000 * MS);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    read_all(&producer);
    producer.now_ns += 20000 * MS;
    kvs_stream_take_signals(producer.stream);
    tick(&producer);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_DATA) != 0);
    CHECK_EQ(count_events(&producer, KVS_EVENT_UNDERFLOW, &event), 1);
    size_t len = 0;
    CHECK_STATUS(read_session(&producer, 4096, out, sizeof out, &len),
                 KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_EQ(occurrences(out, len, "END_OF_FRAGMENT", 15), 1);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS);
    CHECK_EQ(metrics_of(&producer).fragments_delivered, 1);
    /* Once a gap, and a producer that ends its fragments itself is not told that it is late. */
    producer.now_ns += 60000 * MS;
    tick(&producer);
    CHECK_EQ(count_events(&producer, KVS_EVENT_UNDERFLOW, &event), 0);
    const struct kvs_frame end = {.flags = KVS_FRAME_END_OF_FRAGMENT};
    CHECK_STATUS(kvs_stream_put_frame(producer.stream, &end, producer.now_ns), KVS_STATUS_SUCCESS);
    put_fragment(&producer, 90000, 2);
    CHECK_EQ(metrics_of(&producer).fragments_put, 2);
    producer_close(&producer);
}

KVS_TEST(rates_follow_the_clock_and_the_media) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_client_metrics client;
    producer_open(&producer, &config);
    CHECK_STATUS(put(&producer, 1, true, 0, 1000), KVS_STATUS_SUCCESS);
    int64_t started_ns = producer.now_ns;
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    for (int64_t pts = 40; pts < 4000; pts += 40) {
        /* 25 frames a second of media, put at 20 a second, two of them close together. */
        producer.now_ns += (pts % 80 == 0 ? 99 : 1) * MS;
        CHECK_STATUS(put(&producer, 1, pts % 1000 == 0, pts, 1000), KVS_STATUS_SUCCESS);
        read_all(&producer);
    }
    struct kvs_stream_metrics metrics = metrics_of(&producer);
    CHECK(metrics.frame_rate > 18 && metrics.frame_rate < 22);
    CHECK(metrics.elementary_frame_rate > 24.9 && metrics.elementary_frame_rate < 25.1);
    CHECK(metrics.transfer_rate > 18000 && metrics.transfer_rate < 24000);
    CHECK(metrics.view_memory_bytes > 0);
    CHECK_EQ(metrics.uptime_ns, producer.now_ns);
    CHECK_STATUS(kvs_client_metrics(producer.client, &client), KVS_STATUS_SUCCESS);
    CHECK(client.frame_rate == metrics.frame_rate);
    CHECK(client.transfer_rate == metrics.transfer_rate);
    CHECK_EQ(client.view_memory_bytes, metrics.view_memory_bytes);
    kvs_session_close(producer.stream, producer.session_id, producer.now_ns, 200);
    CHECK_EQ(metrics_of(&producer).session_duration_ns, producer.now_ns - started_ns);
    producer_close(&producer);
}

/* The clock is the caller's, and it may be wrong. */
KVS_TEST(a_clock_that_jumps_breaks_nothing) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    config.idle_ns = 1000 * MS;
    config.staleness_ns = 1000 * MS;
    config.frame_order = KVS_FRAME_ORDER_PTS;
    static const int64_t clocks[] = {0, 1, INT64_MAX, -1, INT64_MAX / 2, 5, INT64_MIN, 7};
    producer_open(&producer, &config);
    for (int64_t i = 0; i < 64; i++) {
        producer.now_ns = clocks[i % 8];
        CHECK_STATUS(put(&producer, 1, i % 4 == 0, 300 * i, 100), KVS_STATUS_SUCCESS);
        CHECK_STATUS(put(&producer, 2, true, 300 * i, 100), KVS_STATUS_SUCCESS);
        tick(&producer);
        if (i == 8) {
            CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
        }
        if (i >= 8) {
            size_t len = 0;
            read_session(&producer, 4096, out, sizeof out, &len);
            ack(&producer, "RECEIVED", TEST_EPOCH_MS);
        }
        metrics_of(&producer);
    }
    kvs_session_close(producer.stream, producer.session_id, INT64_MIN, 200);
    producer_close(&producer);
}

int main(void) {
    RUN(a_nearly_full_store_is_told_once);
    RUN(a_nearly_full_buffer_is_told_when_it_begins);
    RUN(latency_is_told_when_too_much_is_still_to_be_sent);
    RUN(an_offline_stream_knows_no_pressure);
    RUN(a_silent_service_is_stale_by_the_clock);
    RUN(a_service_that_owes_nothing_is_not_stale);
    RUN(a_fragment_that_nothing_is_put_into_is_ended);
    RUN(rates_follow_the_clock_and_the_media);
    RUN(a_clock_that_jumps_breaks_nothing);
    return kvs_test_report();
}
