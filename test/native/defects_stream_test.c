/*
 * Frames, their order and their store where the service's own C producer goes wrong, see
 * docs/aws-defects.md.
 */
#include <stdio.h>
#include <string.h>

#ifndef _WIN32
#include <signal.h>
#endif

#include "producer.h"
#include "test.h"

#define SECOND INT64_C(1000000000)
#define MIB (1024u * 1024u)

static uint8_t out[12u << 20];
static struct block blocks[4096];

static int64_t at(int64_t ms) { return (TEST_EPOCH_MS + ms) * MS; }

static struct kvs_stream_metrics metrics_of(struct producer *producer, int64_t now_ns) {
    struct kvs_stream_metrics metrics;
    CHECK_STATUS(kvs_stream_metrics(producer->stream, now_ns, &metrics), KVS_STATUS_SUCCESS);
    return metrics;
}

static struct kvs_client_metrics store_of(struct producer *producer) {
    struct kvs_client_metrics metrics;
    CHECK_STATUS(kvs_client_metrics(producer->client, &metrics), KVS_STATUS_SUCCESS);
    return metrics;
}

static bool find_event(struct producer *producer, enum kvs_event_type type,
                       struct kvs_event *event) {
    while (kvs_stream_next_event(producer->stream, event)) {
        if (event->type == type) {
            return true;
        }
    }
    return false;
}

static kvs_status end_fragment(struct producer *producer) {
    const struct kvs_frame frame = {.flags = KVS_FRAME_END_OF_FRAGMENT, .track_id = 1};
    return kvs_stream_put_frame(producer->stream, &frame, at(0));
}

/* Sends and confirms all that the stopped stream has; counts the frames of each track. */
static void deliver(struct producer *producer, uint32_t frames[3]) {
    memset(frames, 0, 3 * sizeof frames[0]);
    CHECK_STATUS(kvs_stream_stop(producer->stream), KVS_STATUS_SUCCESS);
    while (open_session(producer) == KVS_STATUS_SUCCESS) {
        size_t len = 0;
        uint32_t count = 0;
        CHECK_STATUS(read_session(producer, 65536, out, sizeof out, &len),
                     KVS_STATUS_END_OF_STREAM);
        if (!CHECK(parse_session(out, len, blocks, 4096, &count) && count > 0)) {
            return;
        }
        for (uint32_t i = 0; i < count; i++) {
            frames[blocks[i].track < 3 ? blocks[i].track : 0]++;
            if (blocks[i].opens_cluster) {
                CHECK_STATUS(ack(producer, "PERSISTED", blocks[i].timecode_ms), KVS_STATUS_SUCCESS);
            }
        }
        CHECK_STATUS(
            kvs_session_close(producer->stream, producer->session_id, at(0), KVS_SESSION_RESULT_OK),
            KVS_STATUS_SUCCESS);
    }
}

/* Correctness 9: with a policy that drops, theirs drops for ever to make room for it. */
KVS_TEST(a_frame_larger_than_the_store_is_refused_and_drops_nothing) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 3);
    CHECK_STATUS(put(&producer, 1, true, 1000, 10 * MIB), KVS_STATUS_INVALID_ALLOCATION_SIZE);
    CHECK_STATUS(put(&producer, 1, true, 1000, 11 * MIB), KVS_STATUS_INVALID_ALLOCATION_SIZE);
    put_fragment(&producer, 2000, 3);
    CHECK_EQ(metrics_of(&producer, at(0)).view_frames, 6);
    CHECK_EQ(metrics_of(&producer, at(0)).fragments_dropped, 0);
    producer_close(&producer);
}

/* Correctness 9: a store that is full of the fragment before has room for the next one. */
KVS_TEST(a_fragment_that_fills_the_store_gives_way_to_the_next_one) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    CHECK_STATUS(put(&producer, 1, true, 0, 6 * MIB), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, false, 40, 3 * MIB), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, true, 1000, 6 * MIB), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer, at(0)).frames_dropped[KVS_DROP_STORE_PRESSURE], 2);
    CHECK_EQ(metrics_of(&producer, at(0)).frames_dropped[KVS_DROP_NO_KEY_FRAME], 0);
    CHECK_EQ(metrics_of(&producer, at(0)).view_frames, 1);
    producer_close(&producer);
}

/* Correctness 10: a near-realtime stream of theirs tells of frames where it dropped fragments. */
KVS_TEST(a_dropped_fragment_is_told_with_all_its_frames) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event;
    uint64_t frames = 0;
    uint64_t fragments = 0;
    config.streaming_type = KVS_STREAMING_NEAR_REALTIME;
    config.buffer_duration_ns = 3 * SECOND;
    producer_open(&producer, &config);
    for (int64_t pts_ms = 0; pts_ms < 10000; pts_ms += 1000) {
        put_fragment(&producer, pts_ms, 4);
    }
    while (find_event(&producer, KVS_EVENT_FRAMES_DROPPED, &event)) {
        CHECK_EQ(event.as.dropped.reason, KVS_DROP_BUFFER_DURATION);
        CHECK_EQ(event.as.dropped.frames, 4 * event.as.dropped.fragments);
        frames += event.as.dropped.frames;
        fragments += event.as.dropped.fragments;
    }
    CHECK(fragments >= 6);
    CHECK_EQ(metrics_of(&producer, at(0)).fragments_dropped, fragments);
    CHECK_EQ(metrics_of(&producer, at(0)).view_frames, 40 - frames);
    producer_close(&producer);
}

/* Correctness 12: a track that falls silent fails the others of theirs once 60 frames wait. */
KVS_TEST(a_silent_track_neither_blocks_nor_fails_the_others) {
    for (uint32_t order = KVS_FRAME_ORDER_PASS_THROUGH; order <= KVS_FRAME_ORDER_PTS_EOFR;
         order++) {
        struct producer producer;
        struct kvs_stream_config config = test_stream_config(true);
        uint32_t frames[3];
        config.frame_order = (enum kvs_frame_order)order;
        producer_open(&producer, &config);
        CHECK_STATUS(put(&producer, 1, true, 0, 100), KVS_STATUS_SUCCESS);
        CHECK_STATUS(put(&producer, 2, false, 5, 50), KVS_STATUS_SUCCESS);
        for (int64_t i = 1; i < 500; i++) {
            int64_t next_ns = 0;
            CHECK_STATUS(put(&producer, 1, i % 25 == 0, 40 * i, 100), KVS_STATUS_SUCCESS);
            CHECK_STATUS(kvs_stream_tick(producer.stream, at(40 * i), &next_ns),
                         KVS_STATUS_SUCCESS);
        }
        CHECK(metrics_of(&producer, at(20000)).ordering_frames < 60);
        deliver(&producer, frames);
        CHECK_EQ(frames[1], 500);
        CHECK_EQ(frames[2], 1);
        producer_close(&producer);
    }
}

/* Correctness 12: by one order of theirs only video survives, by others no track may lead. */
KVS_TEST(every_order_keeps_the_frames_of_every_track) {
    for (uint32_t order = KVS_FRAME_ORDER_PASS_THROUGH; order <= KVS_FRAME_ORDER_PTS_EOFR;
         order++) {
        struct producer producer;
        struct kvs_stream_config config = test_stream_config(true);
        uint32_t frames[3];
        config.frame_order = (enum kvs_frame_order)order;
        producer_open(&producer, &config);
        for (int64_t i = 0; i < 200; i++) {
            CHECK_STATUS(put(&producer, 1, i % 25 == 0, 40 * i, 100), KVS_STATUS_SUCCESS);
            CHECK_STATUS(put(&producer, 2, false, 40 * i, 50), KVS_STATUS_SUCCESS);
            CHECK_STATUS(put(&producer, 2, false, 40 * i + 20, 50), KVS_STATUS_SUCCESS);
        }
        deliver(&producer, frames);
        CHECK_EQ(frames[1], 200);
        CHECK_EQ(frames[2], 400);
        producer_close(&producer);
    }
}

/* Correctness 12: theirs turns the frame after an end of fragment into a key frame, by DTS only. */
KVS_TEST(an_end_of_fragment_means_the_same_in_both_orders) {
    static const enum kvs_frame_order orders[] = {KVS_FRAME_ORDER_DTS_EOFR,
                                                  KVS_FRAME_ORDER_PTS_EOFR};
    for (uint32_t i = 0; i < 2; i++) {
        struct producer producer;
        struct kvs_stream_config config = test_stream_config(false);
        uint32_t frames[3];
        config.frame_order = orders[i];
        producer_open(&producer, &config);
        put_fragment(&producer, 0, 3);
        CHECK_STATUS(end_fragment(&producer), KVS_STATUS_SUCCESS);
        CHECK_STATUS(put(&producer, 1, false, 1000, 10), KVS_STATUS_SUCCESS);
        put_fragment(&producer, 2000, 3);
        deliver(&producer, frames);
        CHECK_EQ(frames[1], 6);
        CHECK(!blocks[1].key && !blocks[2].key && blocks[3].key && !blocks[4].key);
        CHECK_EQ(blocks[3].timecode_ms, TEST_EPOCH_MS + 2000);
        CHECK_EQ(metrics_of(&producer, at(0)).frames_dropped[KVS_DROP_NO_KEY_FRAME], 1);
        producer_close(&producer);
    }
}

/* Correctness 14: theirs frees its generator, and later frees it again. */
KVS_TEST(both_adaptations_at_once_are_refused_and_change_nothing) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    uint32_t frames[3];
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 3);
    CHECK_STATUS(kvs_stream_set_nal_adaptation(producer.stream, KVS_NAL_ADAPTATION_ANNEXB_FRAMES |
                                                                    KVS_NAL_ADAPTATION_AVCC_FRAMES),
                 KVS_STATUS_MKV_BOTH_ANNEXB_AND_AVCC_SPECIFIED);
    put_fragment(&producer, 1000, 3);
    CHECK_STATUS(kvs_stream_set_nal_adaptation(producer.stream, KVS_NAL_ADAPTATION_NONE),
                 KVS_STATUS_SUCCESS);
    put_fragment(&producer, 2000, 3);
    deliver(&producer, frames);
    CHECK_EQ(frames[1], 9);
    producer_close(&producer);
}

static bool holds(size_t len, const char *text) {
    for (size_t i = 0; i + strlen(text) <= len; i++) {
        if (memcmp(out + i, text, strlen(text)) == 0) {
            return true;
        }
    }
    return false;
}

/* Correctness 14: theirs cannot change the format of a stream that streams. */
KVS_TEST(the_format_can_change_while_streaming) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_mkv_track track = config.tracks[0];
    struct kvs_event event;
    size_t len = 0;
    track.codec_private = kvs_span_of("old-format", 10);
    config.tracks = &track;
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 3);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(read_session(&producer, 65536, out, sizeof out, &len),
                 KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK(holds(len, "old-format") && !holds(len, "new-format"));
    CHECK_STATUS(kvs_stream_set_codec_private(producer.stream, 1, kvs_span_of("new-format", 10)),
                 KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, false, 120, 100), KVS_STATUS_SUCCESS);
    put_fragment(&producer, 1000, 3);
    CHECK(find_event(&producer, KVS_EVENT_FORMAT_CHANGED, &event));
    CHECK_EQ(event.as.track.track_id, 1);
    CHECK_STATUS(read_session(&producer, 65536, out, sizeof out, &len), KVS_STATUS_END_OF_STREAM);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    uint32_t count = 0;
    CHECK_STATUS(read_session(&producer, 65536, out, sizeof out, &len),
                 KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK(parse_session(out, len, blocks, 4096, &count));
    CHECK_EQ(count, 3);
    CHECK_EQ(blocks[0].timecode_ms, TEST_EPOCH_MS + 1000);
    CHECK(holds(len, "new-format") && !holds(len, "old-format"));
    producer_close(&producer);
}

/* Correctness 17: theirs rounds the share of the store that is free to whole numbers. */
KVS_TEST(storage_pressure_comes_when_five_percent_are_left) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event;
    producer_open(&producer, &config);
    for (int64_t pts_ms = 0;; pts_ms += 40) {
        CHECK_STATUS(put(&producer, 1, pts_ms % 1000 == 0, pts_ms, 20000), KVS_STATUS_SUCCESS);
        struct kvs_client_metrics store = store_of(&producer);
        uint64_t limit = store.storage_bytes / 20;
        bool is_told = find_event(&producer, KVS_EVENT_STORAGE_PRESSURE, &event);
        CHECK_EQ(is_told, store.storage_available_bytes <= limit);
        if (is_told || store.storage_available_bytes <= limit) {
            CHECK(event.as.pressure.remaining <= limit);
            break;
        }
    }
    CHECK_EQ(metrics_of(&producer, at(0)).storage_pressures, 1);
    producer_close(&producer);
}

/* Correctness 17: after a failed call theirs refuses the event as one that is pending. */
KVS_TEST(an_event_that_is_refused_leaves_none_pending) {
    char prefix[300];
    const struct kvs_mkv_tag reserved = {.name = "AWS_X", .value = "1"};
    const struct kvs_fragment_event_details details[] = {{.image_prefix = prefix},
                                                         {.pairs = &reserved, .pair_count = 1}};
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    memset(prefix, 'p', sizeof prefix - 1);
    prefix[sizeof prefix - 1] = '\0';
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 1);
    const uint32_t both = KVS_FRAGMENT_EVENT_IMAGE | KVS_FRAGMENT_EVENT_NOTIFICATION;
    CHECK_STATUS(kvs_stream_put_event(producer.stream, both, &details[0]),
                 KVS_STATUS_INVALID_IMAGE_PREFIX_LENGTH);
    CHECK_STATUS(kvs_stream_put_event(producer.stream, both, &details[1]),
                 KVS_STATUS_INVALID_METADATA_NAME);
    CHECK_STATUS(kvs_stream_put_event(producer.stream, KVS_FRAGMENT_EVENT_IMAGE, NULL),
                 KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_put_event(producer.stream, both, NULL),
                 KVS_STATUS_DUPLICATE_STREAM_EVENT_TYPE);
    CHECK_STATUS(kvs_stream_put_event(producer.stream, KVS_FRAGMENT_EVENT_NOTIFICATION, NULL),
                 KVS_STATUS_SUCCESS);
    producer_close(&producer);
}

/* Correctness 17: theirs has an event for a stream that runs dry, and never gives it. */
KVS_TEST(a_stream_that_runs_dry_tells_so) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event;
    int64_t next_ns = 0;
    config.idle_ns = 2 * SECOND;
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 3);
    CHECK_STATUS(kvs_stream_tick(producer.stream, at(1000), &next_ns), KVS_STATUS_SUCCESS);
    CHECK(!find_event(&producer, KVS_EVENT_UNDERFLOW, &event));
    CHECK_STATUS(kvs_stream_tick(producer.stream, at(10000), &next_ns), KVS_STATUS_SUCCESS);
    CHECK(find_event(&producer, KVS_EVENT_UNDERFLOW, &event));
    CHECK_STATUS(kvs_stream_tick(producer.stream, at(20000), &next_ns), KVS_STATUS_SUCCESS);
    CHECK(!find_event(&producer, KVS_EVENT_UNDERFLOW, &event));
    producer_close(&producer);
}

/* Correctness 17: theirs begins with a number of bits for one of bytes. */
KVS_TEST(the_transfer_rate_is_that_of_the_bytes_read) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_session_start session = {0};
    size_t len = 0;
    producer_open(&producer, &config);
    CHECK(metrics_of(&producer, at(0)).transfer_rate == 0.0);
    CHECK_STATUS(put(&producer, 1, true, 0, 8 * MIB), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_session_open(producer.stream, at(0), 0, &session), KVS_STATUS_SUCCESS);
    for (int64_t ms = 0; ms < 60000; ms += 100) {
        CHECK_STATUS(
            kvs_session_read(producer.stream, session.session_id, at(ms), out, 10000, &len),
            KVS_STATUS_SUCCESS);
    }
    double rate = metrics_of(&producer, at(60000)).transfer_rate;
    CHECK(rate > 90000.0 && rate < 110000.0);
    producer_close(&producer);
}

/* Security 4: theirs ignores SIGPIPE for the whole process. */
KVS_TEST(streaming_leaves_the_signals_of_the_process_alone) {
#ifndef _WIN32
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    uint32_t frames[3];
    CHECK(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 3);
    deliver(&producer, frames);
    producer_close(&producer);
    CHECK(signal(SIGPIPE, SIG_DFL) == SIG_DFL);
#endif
}

int main(void) {
    RUN(a_frame_larger_than_the_store_is_refused_and_drops_nothing);
    RUN(a_fragment_that_fills_the_store_gives_way_to_the_next_one);
    RUN(a_dropped_fragment_is_told_with_all_its_frames);
    RUN(a_silent_track_neither_blocks_nor_fails_the_others);
    RUN(every_order_keeps_the_frames_of_every_track);
    RUN(an_end_of_fragment_means_the_same_in_both_orders);
    RUN(both_adaptations_at_once_are_refused_and_change_nothing);
    RUN(the_format_can_change_while_streaming);
    RUN(storage_pressure_comes_when_five_percent_are_left);
    RUN(an_event_that_is_refused_leaves_none_pending);
    RUN(a_stream_that_runs_dry_tells_so);
    RUN(the_transfer_rate_is_that_of_the_bytes_read);
    RUN(streaming_leaves_the_signals_of_the_process_alone);
    return kvs_test_report();
}
