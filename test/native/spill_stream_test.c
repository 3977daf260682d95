/* Streams whose frames go to a spill while the store is full. */
#include <stdlib.h>
#include <string.h>

#include "kvs/heap.h"
#include "kvs/session.h"
#include "kvs/spill.h"
#include "producer.h"
#include "test.h"

#define SPILL_BYTES (UINT64_C(16) * 1024 * 1024)

/* A spill in memory that can be told to fail. */
struct disk {
    uint8_t *bytes;
    bool write_fails;
    bool read_fails;
    uint32_t reads;
    bool closed;
};

static kvs_status write_disk(void *context, uint64_t offset, const void *data, size_t len) {
    struct disk *disk = context;
    CHECK(offset + len <= SPILL_BYTES);
    if (disk->write_fails) {
        return KVS_STATUS_WRITE_TO_FILE_FAILED;
    }
    memcpy(disk->bytes + offset, data, len);
    return KVS_STATUS_SUCCESS;
}

static kvs_status read_disk(void *context, uint64_t offset, void *bytes, size_t len) {
    struct disk *disk = context;
    CHECK(offset + len <= SPILL_BYTES);
    disk->reads++;
    if (disk->read_fails) {
        return KVS_STATUS_READ_FILE_FAILED;
    }
    memcpy(bytes, disk->bytes + offset, len);
    return KVS_STATUS_SUCCESS;
}

static void close_disk(void *context) {
    struct disk *disk = context;
    disk->closed = true;
    free(disk->bytes);
}

static void open_with_spill(struct producer *producer, const struct kvs_stream_config *config,
                            struct disk *disk) {
    const struct kvs_spill_io io = {disk, write_disk, read_disk, close_disk};
    const struct kvs_client_config client_config = {.storage_bytes = KVS_HEAP_MIN_BYTES,
                                                    .spill = &io,
                                                    .spill_bytes = SPILL_BYTES,
                                                    .allocator = kvs_test_allocator()};
    *disk = (struct disk){.bytes = malloc(SPILL_BYTES)};
    *producer = (struct producer){.now_ns = TEST_EPOCH_MS * MS};
    CHECK_STATUS(kvs_client_new(&client_config, &producer->client), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_new(producer->client, config, 0, &producer->stream),
                 KVS_STATUS_SUCCESS);
}

static void close_with_spill(struct producer *producer, const struct disk *disk) {
    struct kvs_client_metrics metrics;
    kvs_stream_destroy(producer->stream);
    CHECK_STATUS(kvs_client_metrics(producer->client, &metrics), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics.storage_allocated_bytes, 0);
    CHECK_EQ(metrics.spill_allocated_bytes, 0);
    CHECK_STATUS(kvs_client_destroy(producer->client), KVS_STATUS_SUCCESS);
    CHECK(disk->closed);
}

static struct kvs_stream_metrics metrics_of(struct producer *producer) {
    struct kvs_stream_metrics metrics;
    CHECK(kvs__stream_check(producer->stream));
    CHECK_STATUS(kvs_stream_metrics(producer->stream, 0, &metrics), KVS_STATUS_SUCCESS);
    return metrics;
}

/* 20 fragments of two frames of 500 kB: twice what the store holds. */
static void put_much(struct producer *producer, uint32_t tracks) {
    for (int64_t pts = 0; pts < 20000; pts += 1000) {
        CHECK_STATUS(put(producer, 1, true, pts, 500000), KVS_STATUS_SUCCESS);
        CHECK_STATUS(put(producer, tracks, tracks == 2, pts + 40, 500000), KVS_STATUS_SUCCESS);
    }
}

KVS_TEST(what_the_store_cannot_hold_goes_to_the_spill_and_comes_back) {
    for (uint32_t ordered = 0; ordered < 2; ordered++) {
        static uint8_t out[21 * 1024 * 1024];
        static struct block blocks[100];
        struct producer producer;
        struct disk disk;
        struct kvs_client_metrics client;
        struct kvs_stream_config config = test_stream_config(ordered != 0);
        size_t len = 0;
        uint32_t count = 0;
        config.frame_order =
            ordered != 0 ? KVS_FRAME_ORDER_MULTI_TRACK : KVS_FRAME_ORDER_PASS_THROUGH;
        open_with_spill(&producer, &config, &disk);
        put_much(&producer, 1 + ordered);
        CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
        CHECK_EQ(metrics_of(&producer).view_frames, 40);
        CHECK_STATUS(kvs_client_metrics(producer.client, &client), KVS_STATUS_SUCCESS);
        CHECK_EQ(client.spill_bytes, SPILL_BYTES);
        CHECK(client.spill_allocated_bytes > 9 * 1000 * 1000);
        CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
        CHECK_STATUS(read_session(&producer, 65536, out, sizeof out, &len),
                     KVS_STATUS_END_OF_STREAM);
        CHECK(parse_session(out, len, blocks, 100, &count));
        CHECK_EQ(count, 40);
        for (uint32_t i = 0; i < count; i++) {
            int64_t pts = 1000 * (int64_t)(i / 2) + 40 * (i % 2);
            CHECK_EQ(blocks[i].timecode_ms, TEST_EPOCH_MS + pts);
            CHECK_EQ(blocks[i].first_byte, (uint8_t)pts);
            CHECK_EQ(blocks[i].len, 500000);
        }
        CHECK(disk.reads > 0);
        close_with_spill(&producer, &disk);
    }
}

KVS_TEST(without_a_working_spill_the_store_is_all_there_is) {
    struct producer producer;
    struct disk disk;
    struct kvs_client_metrics client;
    struct kvs_stream_config config = test_stream_config(false);
    config.store_pressure = KVS_STORE_PRESSURE_FAIL;
    open_with_spill(&producer, &config, &disk);
    disk.write_fails = true;
    kvs_status status = KVS_STATUS_SUCCESS;
    int64_t pts = 0;
    for (; status == KVS_STATUS_SUCCESS; pts += 1000) {
        status = put(&producer, 1, true, pts, 500000);
    }
    CHECK_STATUS(status, KVS_STATUS_STORE_OUT_OF_MEMORY);
    CHECK_EQ(metrics_of(&producer).frames_put, pts / 1000 - 1);
    CHECK_STATUS(kvs_client_metrics(producer.client, &client), KVS_STATUS_SUCCESS);
    CHECK_EQ(client.spill_failures, 1);
    /* It is tried again later, and works. */
    disk.write_fails = false;
    for (int i = 0; i < 1000 && status != KVS_STATUS_SUCCESS; i++) {
        status = put(&producer, 1, true, pts, 500000);
    }
    CHECK_STATUS(status, KVS_STATUS_SUCCESS);
    close_with_spill(&producer, &disk);
}

KVS_TEST(a_realtime_stream_drops_its_oldest_when_the_spill_fails) {
    struct producer producer;
    struct disk disk;
    struct kvs_stream_config config = test_stream_config(false);
    open_with_spill(&producer, &config, &disk);
    disk.write_fails = true;
    for (int64_t pts = 0; pts < 60000; pts += 1000) {
        CHECK_STATUS(put(&producer, 1, true, pts, 500000), KVS_STATUS_SUCCESS);
    }
    struct kvs_stream_metrics metrics = metrics_of(&producer);
    CHECK_EQ(metrics.view_frames, 20);
    CHECK_EQ(metrics.frames_dropped[KVS_DROP_STORE_PRESSURE], 40);
    close_with_spill(&producer, &disk);
}

KVS_TEST(a_fragment_that_the_spill_does_not_give_back_is_dropped_and_the_rest_goes) {
    static uint8_t out[1 << 20];
    struct producer producer;
    struct disk disk;
    struct kvs_stream_config config = test_stream_config(false);
    open_with_spill(&producer, &config, &disk);
    put_much(&producer, 1);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    disk.read_fails = true;
    uint32_t sessions = 0;
    kvs_status status = KVS_STATUS_SUCCESS;
    while (status != KVS_STATUS_END_OF_STREAM && sessions < 100) {
        size_t len = 0;
        if (status != KVS_STATUS_SUCCESS || sessions == 0) {
            CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
            sessions++;
        }
        status = kvs_session_read(producer.stream, producer.session_id, producer.now_ns, out,
                                  sizeof out, &len);
        if (status == KVS_STATUS_UPLOAD_HANDLE_ABORTED) {
            kvs_session_close(producer.stream, producer.session_id, producer.now_ns, 200);
            disk.read_fails = sessions < 3;
        }
    }
    CHECK_EQ(sessions, 4);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_SPILL_FAILED], 6);
    CHECK_EQ(metrics_of(&producer).fragments_dropped, 3);
    close_with_spill(&producer, &disk);
}

KVS_TEST(a_full_spill_is_a_full_store) {
    struct producer producer;
    struct disk disk;
    struct kvs_stream_config config = test_stream_config(false);
    open_with_spill(&producer, &config, &disk);
    for (int64_t pts = 0; pts < 100000; pts += 1000) {
        CHECK_STATUS(put(&producer, 1, true, pts, 500000), KVS_STATUS_SUCCESS);
    }
    CHECK(metrics_of(&producer).frames_dropped[KVS_DROP_BUFFER_DURATION] +
              metrics_of(&producer).frames_dropped[KVS_DROP_STORE_PRESSURE] >
          40);
    CHECK(metrics_of(&producer).view_frames > 45);
    close_with_spill(&producer, &disk);
}

KVS_TEST(a_client_with_a_spill_that_cannot_be_says_so) {
    struct disk disk = {0};
    const struct kvs_spill_io io = {&disk, write_disk, read_disk, close_disk};
    struct kvs_client_config config = {.storage_bytes = KVS_HEAP_MIN_BYTES,
                                       .spill = &io,
                                       .spill_bytes = KVS_SPILL_MIN_BYTES - 1,
                                       .allocator = kvs_test_allocator()};
    struct kvs_client *client = NULL;
    CHECK_STATUS(kvs_client_new(&config, &client), KVS_STATUS_INVALID_STORAGE_SIZE);
    config.spill_bytes = KVS_SPILL_MIN_BYTES;
    for (size_t n = 1; n < 8; n++) {
        kvs_test_fail_after(n);
        kvs_status status = kvs_client_new(&config, &client);
        kvs_test_fail_after(0);
        CHECK(status == KVS_STATUS_SUCCESS || status == KVS_STATUS_NOT_ENOUGH_MEMORY);
        CHECK_EQ(disk.closed, false);
        if (status == KVS_STATUS_SUCCESS) {
            CHECK_STATUS(kvs_client_destroy(client), KVS_STATUS_SUCCESS);
            disk.closed = false;
        }
    }
}

int main(void) {
    RUN(what_the_store_cannot_hold_goes_to_the_spill_and_comes_back);
    RUN(without_a_working_spill_the_store_is_all_there_is);
    RUN(a_realtime_stream_drops_its_oldest_when_the_spill_fails);
    RUN(a_fragment_that_the_spill_does_not_give_back_is_dropped_and_the_rest_goes);
    RUN(a_full_spill_is_a_full_store);
    RUN(a_client_with_a_spill_that_cannot_be_says_so);
    return kvs_test_report();
}
