/*
 * Memory, bytes and work where the service's own C producer is wasteful, see docs/aws-defects.md.
 * put_cost_test.c counts what a put takes.
 */
#include <stdio.h>
#include <string.h>

#include "kvs/spill.h"
#include "producer.h"
#include "test.h"

#define SECOND INT64_C(1000000000)
#define MIB (1024u * 1024u)

static uint8_t out[12u << 20];

static int64_t at(int64_t ms) { return (TEST_EPOCH_MS + ms) * MS; }

static struct kvs_client_metrics store_of(struct producer *producer) {
    struct kvs_client_metrics metrics;
    CHECK_STATUS(kvs_client_metrics(producer->client, &metrics), KVS_STATUS_SUCCESS);
    return metrics;
}

static size_t read_all(struct producer *producer) {
    size_t len = 0;
    read_session(producer, 65536, out, sizeof out, &len);
    return len;
}

/* Performance 3: theirs keeps 1.8 times the largest frame back for ever. */
KVS_TEST(a_large_frame_takes_no_room_once_it_is_gone) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    for (int64_t pts_ms = 0; pts_ms < 10000; pts_ms += 1000) {
        /* Twice what is left would not fit, were anything kept of the one before. */
        CHECK_STATUS(put(&producer, 1, true, pts_ms, 9 * MIB), KVS_STATUS_SUCCESS);
        if (pts_ms == 0) {
            CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
        }
        CHECK(read_all(&producer) > 9 * MIB);
        CHECK_STATUS(put(&producer, 1, true, pts_ms + 500, 10), KVS_STATUS_SUCCESS);
        read_all(&producer);
        CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS + pts_ms), KVS_STATUS_SUCCESS);
        CHECK(store_of(&producer).storage_allocated_bytes < MIB / 2);
        CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS + pts_ms + 500), KVS_STATUS_SUCCESS);
    }
    producer_close(&producer);
}

/* Performance 3: 48 bytes a block and 48 a frame of the view in theirs. */
KVS_TEST(a_small_frame_costs_the_store_few_bytes_more_than_it_has) {
    enum { FRAMES = 1000, SIZE = 200 };
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    for (int64_t i = 0; i < FRAMES; i++) {
        CHECK_STATUS(put(&producer, 1, i % 25 == 0, 40 * i, SIZE), KVS_STATUS_SUCCESS);
    }
    uint64_t bytes = store_of(&producer).storage_allocated_bytes;
    printf("  %.1f bytes a frame of %d\n", (double)bytes / FRAMES, SIZE);
    CHECK(bytes >= (uint64_t)FRAMES * SIZE);
    CHECK(bytes <= (uint64_t)FRAMES * (SIZE + 48));
    producer_close(&producer);
}

/* Performance 5: every block of theirs has a size of 8 bytes, 13 bytes of header in all. */
KVS_TEST(a_small_frame_costs_few_bytes_on_the_wire) {
    enum { FRAMES = 500, SIZE = 100 };
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    CHECK_STATUS(put(&producer, 1, true, 0, SIZE), KVS_STATUS_SUCCESS);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    read_all(&producer);
    for (int64_t i = 1; i <= FRAMES; i++) {
        CHECK_STATUS(put(&producer, 1, false, 40 * i, SIZE), KVS_STATUS_SUCCESS);
    }
    size_t len = read_all(&producer);
    printf("  %.1f bytes a frame of %d\n", (double)len / FRAMES, SIZE);
    CHECK(len <= (size_t)FRAMES * (SIZE + 7));
    producer_close(&producer);
}

/* Performance 6: theirs tells of data with each frame, whether anybody waits for it or not. */
KVS_TEST(data_are_told_of_once_while_the_reader_is_behind) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    uint32_t told = 0;
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 1);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    read_all(&producer);
    kvs_stream_take_signals(producer.stream);
    for (int64_t i = 1; i <= 100; i++) {
        CHECK_STATUS(put(&producer, 1, false, 40 * i, 100), KVS_STATUS_SUCCESS);
        told += (kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_DATA) != 0;
    }
    CHECK_EQ(told, 1);
    read_all(&producer);
    CHECK_STATUS(put(&producer, 1, false, 4040, 100), KVS_STATUS_SUCCESS);
    CHECK_EQ(kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_DATA, KVS_SIGNAL_DATA);
    producer_close(&producer);
}

struct memory_spill {
    uint8_t bytes[16u << 20];
    uint64_t writes;
    uint64_t written;
};

static kvs_status spill_write(void *context, uint64_t offset, const void *data, size_t len) {
    struct memory_spill *spill = context;
    CHECK(offset + len <= sizeof spill->bytes);
    memcpy(spill->bytes + offset, data, len);
    spill->writes++;
    spill->written += len;
    return KVS_STATUS_SUCCESS;
}

static kvs_status spill_read(void *context, uint64_t offset, void *data, size_t len) {
    const struct memory_spill *spill = context;
    CHECK(offset + len <= sizeof spill->bytes);
    memcpy(data, spill->bytes + offset, len);
    return KVS_STATUS_SUCCESS;
}

static void spill_close(void *context) { (void)context; }

/* Performance 5: theirs writes the whole file of a frame anew whenever it is let go of. */
KVS_TEST(a_frame_is_written_to_the_spill_once) {
    enum { FRAMES = 60, SIZE = 250000 };
    static struct memory_spill memory;
    const struct kvs_spill_io io = {&memory, spill_write, spill_read, spill_close};
    const struct kvs_client_config client_config = {.storage_bytes = 10 * MIB,
                                                    .spill = &io,
                                                    .spill_bytes = sizeof memory.bytes,
                                                    .allocator = kvs_test_allocator()};
    struct kvs_stream_config config = test_stream_config(false);
    struct producer producer = {0};
    struct kvs_stream_metrics metrics;
    config.replay_duration_ns = 60 * SECOND;
    CHECK_STATUS(kvs_client_new(&client_config, &producer.client), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_new(producer.client, &config, at(0), &producer.stream),
                 KVS_STATUS_SUCCESS);
    for (int64_t i = 0; i < FRAMES; i++) {
        CHECK_STATUS(put(&producer, 1, i % 5 == 0, 200 * i, SIZE), KVS_STATUS_SUCCESS);
    }
    for (uint32_t round = 0; round < 2; round++) {
        CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
        read_all(&producer);
        CHECK_STATUS(kvs_session_close(producer.stream, producer.session_id, at(12000),
                                       KVS_SESSION_RESULT_DISCONNECTED),
                     KVS_STATUS_SUCCESS);
    }
    CHECK_STATUS(kvs_stream_metrics(producer.stream, at(12000), &metrics), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics.view_frames, FRAMES);
    CHECK(memory.writes > 0 && memory.writes <= FRAMES);
    CHECK(memory.written <= (uint64_t)memory.writes * (SIZE + 64));
    producer_close(&producer);
}

int main(void) {
    RUN(a_large_frame_takes_no_room_once_it_is_gone);
    RUN(a_small_frame_costs_the_store_few_bytes_more_than_it_has);
    RUN(a_small_frame_costs_few_bytes_on_the_wire);
    RUN(data_are_told_of_once_while_the_reader_is_behind);
    RUN(a_frame_is_written_to_the_spill_once);
    return kvs_test_report();
}
