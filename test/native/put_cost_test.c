/*
 * What a call costs does not depend on how much is queued. The core that is linked here calls
 * __sanitizer_cov_trace_pc() from each of its basic blocks (see CMakeLists.txt), so that the cost
 * is counted and not measured.
 */
#include <stdio.h>
#include <string.h>

#include "kvs/heap.h"
#include "kvs/nal.h"
#include "kvs/session.h"
#include "producer.h"
#include "test.h"

#define FRAME_MS 10
#define FRAMES_PER_FRAGMENT 50
#define BATCH 1000
#define LEVELS 4

static const uint32_t queued[LEVELS] = {1000, 4000, 16000, 64000};

static uint64_t steps;

void __sanitizer_cov_trace_pc(void);

/* NOLINTNEXTLINE(bugprone-reserved-identifier): the compilers' name. */
void __sanitizer_cov_trace_pc(void) { steps++; }

struct cost {
    uint64_t sum;
    uint64_t worst;
};

static void add_cost(struct cost *cost, uint64_t of_one) {
    cost->sum += of_one;
    cost->worst = of_one > cost->worst ? of_one : cost->worst;
}

static struct kvs_stream_config deep_config(void) {
    struct kvs_stream_config config = test_stream_config(false);
    config.buffer_duration_ns = 3600 * 1000 * MS;
    config.max_frames = 100000;
    config.max_latency_ns = config.buffer_duration_ns;
    config.staleness_ns = config.buffer_duration_ns;
    config.idle_ns = config.buffer_duration_ns;
    return config;
}

/* Puts frames [from, to) and returns what they cost. */
static struct cost put_frames(struct kvs_stream *stream, uint32_t from, uint32_t to) {
    static const uint8_t payload[100] = {1};
    struct cost cost = {0};
    for (uint32_t i = from; i < to; i++) {
        int64_t time_ns = (TEST_EPOCH_MS + (int64_t)i * FRAME_MS) * MS;
        const struct kvs_frame frame = {
            .flags = i % FRAMES_PER_FRAGMENT == 0 ? KVS_FRAME_KEY : 0,
            .track_id = 1,
            .pts_ns = time_ns,
            .dts_ns = time_ns,
            .duration_ns = FRAME_MS * MS,
            .data = {payload, sizeof payload},
        };
        uint64_t before = steps;
        CHECK_STATUS(kvs_stream_put_frame(stream, &frame, time_ns), KVS_STATUS_SUCCESS);
        add_cost(&cost, steps - before);
    }
    return cost;
}

static void open_deep(struct producer *producer) {
    const struct kvs_client_config client_config = {.storage_bytes = 64 * 1024 * 1024};
    struct kvs_stream_config config = deep_config();
    memset(producer, 0, sizeof *producer);
    CHECK_STATUS(kvs_client_new(&client_config, &producer->client), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_new(producer->client, &config, 0, &producer->stream),
                 KVS_STATUS_SUCCESS);
}

/* The same work at any depth: `percent` more in all, which leaves room for a binary search, and no
 * call twice as expensive as any at the first depth. */
static void check_flat(const char *what, const struct cost costs[LEVELS], uint32_t percent) {
    printf("  steps of %s:", what);
    for (uint32_t level = 0; level < LEVELS; level++) {
        printf(" %.1f at %u", (double)costs[level].sum / BATCH, queued[level]);
    }
    printf("\n");
    for (uint32_t level = 0; level < LEVELS; level++) {
#ifdef KVS_COUNTS_STEPS
        CHECK(costs[level].sum > 0);
#endif
        CHECK(costs[level].sum <= costs[0].sum + costs[0].sum * percent / 100);
        CHECK(costs[level].worst <= 2 * costs[0].worst);
    }
}

KVS_TEST(putting_a_frame_takes_as_many_steps_however_much_is_queued) {
    struct producer producer;
    struct cost costs[LEVELS];
    uint32_t put = 0;
    open_deep(&producer);
    for (uint32_t level = 0; level < LEVELS; level++) {
        put_frames(producer.stream, put, queued[level]);
        put = queued[level] + BATCH;
        costs[level] = put_frames(producer.stream, queued[level], put);
    }
    check_flat("a put", costs, 5);
    producer_close(&producer);
}

KVS_TEST(reading_a_frame_takes_as_many_steps_however_much_is_queued) {
    static uint8_t out[1000];
    struct producer producer;
    struct cost costs[LEVELS];
    uint32_t put = 0;
    open_deep(&producer);
    put_frames(producer.stream, put, 1);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    put = 1;
    for (uint32_t level = 0; level < LEVELS; level++) {
        put_frames(producer.stream, put, queued[level]);
        put = queued[level];
        memset(&costs[level], 0, sizeof costs[level]);
        for (uint32_t i = 0; i < BATCH / 10; i++) {
            size_t len = 0;
            uint64_t before = steps;
            CHECK_STATUS(kvs_session_read(producer.stream, producer.session_id, producer.now_ns,
                                          out, sizeof out, &len),
                         KVS_STATUS_SUCCESS);
            add_cost(&costs[level], steps - before);
        }
    }
    check_flat("reading 100 bytes", costs, 5);
    producer_close(&producer);
}

KVS_TEST(metrics_take_as_many_steps_however_much_is_queued) {
    struct producer producer;
    struct cost costs[LEVELS];
    uint32_t put = 0;
    open_deep(&producer);
    for (uint32_t level = 0; level < LEVELS; level++) {
        struct kvs_stream_metrics metrics;
        put_frames(producer.stream, put, queued[level]);
        put = queued[level];
        memset(&costs[level], 0, sizeof costs[level]);
        uint64_t before = steps;
        for (uint32_t i = 0; i < BATCH; i++) {
            CHECK_STATUS(kvs_stream_metrics(producer.stream, 0, &metrics), KVS_STATUS_SUCCESS);
        }
        add_cost(&costs[level], steps - before);
        CHECK_EQ(metrics.view_frames, queued[level]);
    }
    check_flat("the metrics", costs, 50);
    producer_close(&producer);
}

/* Reads all that there is. */
static void read_all(struct producer *producer) {
    static uint8_t out[1 << 16];
    size_t len = 0;
    kvs_status status = KVS_STATUS_SUCCESS;
    while (status == KVS_STATUS_SUCCESS) {
        status = kvs_session_read(producer->stream, producer->session_id, producer->now_ns, out,
                                  sizeof out, &len);
    }
    CHECK_STATUS(status, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
}

KVS_TEST(a_live_frame_takes_as_many_steps_however_much_is_unconfirmed) {
    struct producer producer;
    struct cost costs[LEVELS];
    uint32_t put = 1;
    open_deep(&producer);
    put_frames(producer.stream, 0, 1);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    for (uint32_t level = 0; level < LEVELS; level++) {
        put_frames(producer.stream, put, queued[level]);
        read_all(&producer);
        memset(&costs[level], 0, sizeof costs[level]);
        for (put = queued[level]; put < queued[level] + BATCH; put++) {
            uint64_t before = steps;
            put_frames(producer.stream, put, put + 1);
            read_all(&producer);
            add_cost(&costs[level], steps - before);
        }
    }
    check_flat("putting and reading a frame", costs, 5);
    producer_close(&producer);
}

KVS_TEST(a_tick_takes_as_many_steps_however_much_is_queued) {
    struct producer producer;
    struct cost costs[LEVELS];
    uint32_t put = 1;
    open_deep(&producer);
    put_frames(producer.stream, 0, 1);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    for (uint32_t level = 0; level < LEVELS; level++) {
        int64_t next_ns = 0;
        put_frames(producer.stream, put, queued[level]);
        put = queued[level];
        read_all(&producer);
        memset(&costs[level], 0, sizeof costs[level]);
        for (uint32_t i = 0; i < BATCH; i++) {
            uint64_t before = steps;
            CHECK_STATUS(kvs_stream_tick(producer.stream, producer.now_ns + i, &next_ns),
                         KVS_STATUS_SUCCESS);
            add_cost(&costs[level], steps - before);
        }
    }
    check_flat("a tick", costs, 5);
    producer_close(&producer);
}

static uint32_t next_random(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* Leaves `holes` holes of many sizes in an empty store, and as many blocks between them. */
static void make_holes(struct kvs_heap *heap, void **blocks, uint32_t holes, uint32_t *random) {
    for (uint32_t i = 0; i < 2 * holes; i++) {
        CHECK_STATUS(kvs_heap_allocate(heap, 100 + next_random(random) % 800, &blocks[i]),
                     KVS_STATUS_SUCCESS);
    }
    for (uint32_t i = 0; i < 2 * holes; i += 2) {
        kvs_heap_release(heap, blocks[i]);
    }
}

KVS_TEST(allocating_takes_as_many_steps_however_many_holes_there_are) {
    static void *blocks[2 * 64000];
    struct cost costs[LEVELS];
    for (uint32_t level = 0; level < LEVELS; level++) {
        struct kvs_heap *heap = NULL;
        uint32_t random = 1;
        CHECK_STATUS(kvs_heap_new(kvs_default_allocator(), 128 * 1024 * 1024, &heap),
                     KVS_STATUS_SUCCESS);
        make_holes(heap, blocks, queued[level], &random);
        memset(&costs[level], 0, sizeof costs[level]);
        for (uint32_t i = 0; i < BATCH; i++) {
            void *block = NULL;
            uint64_t before = steps;
            CHECK_STATUS(kvs_heap_allocate(heap, 50 + next_random(&random) % 1000, &block),
                         KVS_STATUS_SUCCESS);
            kvs_heap_release(heap, block);
            add_cost(&costs[level], steps - before);
        }
        kvs_heap_destroy(heap);
    }
    check_flat("allocating and releasing", costs, 50);
}

KVS_TEST(searching_a_frame_takes_a_fraction_of_a_step_a_byte) {
    enum { SIZE = 1 << 20 };
    static uint8_t frame[SIZE];
    static uint8_t avcc[SIZE + 4];
    struct kvs_annexb_index index;
    uint32_t random = 1;
    for (size_t i = 0; i < SIZE; i++) {
        frame[i] = (uint8_t)(next_random(&random) >> 8);
    }
    memcpy(frame, "\0\0\1\x65", 4);
    uint64_t before = steps;
    CHECK_STATUS(kvs_annexb_index(kvs_span_of(frame, SIZE), &index), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_annexb_to_avcc(kvs_span_of(frame, SIZE), &index, avcc, sizeof avcc),
                 KVS_STATUS_SUCCESS);
    uint64_t cost = steps - before;
    printf("  %.2f steps a byte\n", (double)cost / SIZE);
    CHECK(index.avcc_size > SIZE - 4);
#if defined(__OPTIMIZE__) && (defined(__SSE2__) || defined(__ARM_NEON))
    CHECK(cost < SIZE / 2);
#else
    CHECK(cost < 2 * (uint64_t)SIZE);
#endif
}

int main(void) {
    RUN(putting_a_frame_takes_as_many_steps_however_much_is_queued);
    RUN(reading_a_frame_takes_as_many_steps_however_much_is_queued);
    RUN(metrics_take_as_many_steps_however_much_is_queued);
    RUN(a_live_frame_takes_as_many_steps_however_much_is_unconfirmed);
    RUN(a_tick_takes_as_many_steps_however_much_is_queued);
    RUN(allocating_takes_as_many_steps_however_many_holes_there_are);
    RUN(searching_a_frame_takes_a_fraction_of_a_step_a_byte);
    return kvs_test_report();
}
