#include "kvs/stream.h"

#include <string.h>

#include "kvs/heap.h"
#include "producer.h"
#include "test.h"

static struct kvs_stream_metrics metrics_of(struct producer *producer) {
    struct kvs_stream_metrics metrics;
    CHECK_STATUS(kvs_stream_metrics(producer->stream, 5, &metrics), KVS_STATUS_SUCCESS);
    return metrics;
}

static uint64_t dropped_frames(struct producer *producer, enum kvs_drop_reason reason) {
    return metrics_of(producer).frames_dropped[reason];
}

static kvs_status try_config(const struct kvs_stream_config *config) {
    struct producer producer;
    struct kvs_stream_config good = test_stream_config(false);
    struct kvs_stream *stream = NULL;
    good.name = "other";
    producer_open(&producer, &good);
    kvs_status status = kvs_stream_new(producer.client, config, 0, &stream);
    kvs_stream_destroy(stream);
    producer_close(&producer);
    return status;
}

KVS_TEST(a_bad_configuration_has_a_status_of_its_own) {
    struct kvs_stream_config config = test_stream_config(false);
    CHECK_STATUS(try_config(&config), KVS_STATUS_SUCCESS);
    config.name = "";
    CHECK_STATUS(try_config(&config), KVS_STATUS_INVALID_STREAM_NAME_LENGTH);
    config.name = "a/b";
    CHECK_STATUS(try_config(&config), KVS_STATUS_INVALID_STREAM_NAME_LENGTH);
    config.name = "other";
    CHECK_STATUS(try_config(&config), KVS_STATUS_DUPLICATE_STREAM_NAME);
    config = test_stream_config(false);
    config.track_count = 0;
    CHECK_STATUS(try_config(&config), KVS_STATUS_TRACK_INFO_MISSING);
    config = test_stream_config(false);
    config.fragment_duration_ns = 999 * MS;
    CHECK_STATUS(try_config(&config), KVS_STATUS_MKV_INVALID_CLUSTER_DURATION);
    config = test_stream_config(false);
    config.buffer_duration_ns = 0;
    CHECK_STATUS(try_config(&config), KVS_STATUS_INVALID_CONTENT_VIEW_DURATION);
    config = test_stream_config(false);
    config.writing_app = NULL; /* the library's name */
    CHECK_STATUS(try_config(&config), KVS_STATUS_SUCCESS);
    config.writing_app = "";
    CHECK_STATUS(try_config(&config), KVS_STATUS_MKV_INVALID_CLIENT_ID_LENGTH);
    config = test_stream_config(false);
    config.timecode_scale_ns = 99;
    CHECK_STATUS(try_config(&config), KVS_STATUS_MKV_INVALID_TIMECODE_SCALE);
    config = test_stream_config(false);
    config.nal_adaptation = KVS_NAL_ADAPTATION_ANNEXB_FRAMES | KVS_NAL_ADAPTATION_AVCC_FRAMES;
    CHECK_STATUS(try_config(&config), KVS_STATUS_MKV_BOTH_ANNEXB_AND_AVCC_SPECIFIED);
}

KVS_TEST(a_failing_allocation_leaves_nothing_behind) {
    struct kvs_stream_config config = test_stream_config(true);
    for (size_t n = 1; n < 12; n++) {
        const struct kvs_client_config client_config = {.storage_bytes = KVS_HEAP_MIN_BYTES,
                                                        .allocator = kvs_test_allocator()};
        struct kvs_client *client = NULL;
        struct kvs_stream *stream = NULL;
        kvs_test_fail_after(n);
        if (kvs_client_new(&client_config, &client) == KVS_STATUS_SUCCESS) {
            kvs_status status = kvs_stream_new(client, &config, 0, &stream);
            CHECK(status == KVS_STATUS_SUCCESS || status == KVS_STATUS_NOT_ENOUGH_MEMORY);
            CHECK_EQ(stream != NULL, status == KVS_STATUS_SUCCESS);
        }
        kvs_test_fail_after(0);
        kvs_stream_destroy(stream);
        CHECK_STATUS(kvs_client_destroy(client), KVS_STATUS_SUCCESS);
        CHECK_EQ(kvs_test_live_blocks(), 0);
    }
}

KVS_TEST(a_client_outlives_its_streams) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    CHECK_STATUS(kvs_client_destroy(producer.client), KVS_STATUS_INVALID_OPERATION);
    producer_close(&producer);
}

KVS_TEST(frames_before_the_first_key_frame_are_dropped_and_told) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    struct kvs_event event;
    producer_open(&producer, &config);
    CHECK_STATUS(put(&producer, 1, false, 0, 100), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 2, true, 10, 50), KVS_STATUS_SUCCESS);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_EVENTS) != 0);
    if (CHECK(kvs_stream_next_event(producer.stream, &event))) {
        CHECK_EQ(event.type, KVS_EVENT_FRAMES_DROPPED);
        CHECK_EQ(event.as.dropped.reason, KVS_DROP_NO_KEY_FRAME);
        CHECK_EQ(event.as.dropped.frames, 2);
        CHECK_EQ(event.as.dropped.bytes, 150);
        CHECK_EQ(event.as.dropped.last_pts_ns, (TEST_EPOCH_MS + 10) * MS);
    }
    CHECK(!kvs_stream_next_event(producer.stream, &event));
    CHECK_STATUS(put(&producer, 1, true, 40, 100), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).view_frames, 1);
    producer_close(&producer);
}

KVS_TEST(a_frame_that_cannot_be_sent_is_refused_by_name) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    producer_open(&producer, &config);
    CHECK_STATUS(put(&producer, 1, true, 0, 0), KVS_STATUS_MKV_INVALID_FRAME_DATA);
    CHECK_STATUS(put(&producer, 9, true, 0, 10), KVS_STATUS_MKV_TRACK_INFO_NOT_FOUND);
    CHECK_STATUS(put(&producer, 1, true, -TEST_EPOCH_MS - 1, 10),
                 KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP);
    CHECK_STATUS(put(&producer, 1, true, 1000, 10), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, false, 999, 10), KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP);
    CHECK_STATUS(put(&producer, 1, false, 1000 + 32768, 10), KVS_STATUS_MKV_LARGE_FRAME_TIMECODE);
    CHECK_STATUS(put(&producer, 1, false, 1000 + 32767, 10), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).put_errors, 5);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, true, 90000, 10), KVS_STATUS_STREAM_HAS_BEEN_STOPPED);
    producer_close(&producer);
}

KVS_TEST(fragments_never_overlap_in_time) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 25);
    CHECK_STATUS(put(&producer, 2, true, 990, 10), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, true, 990, 10), KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP);
    CHECK_STATUS(put(&producer, 1, true, 1000, 10), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 2, true, 990, 10), KVS_STATUS_MKV_INVALID_FRAME_TIMESTAMP);
    CHECK_STATUS(put(&producer, 2, true, 991, 10),
                 KVS_STATUS_SUCCESS); /* before its key frame, beyond the last fragment */
    CHECK_STATUS(put(&producer, 2, true, 1000, 10), KVS_STATUS_SUCCESS);
    producer_close(&producer);
}

KVS_TEST(without_video_fragments_are_cut_by_duration) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    config.tracks++;
    config.track_count = 1;
    producer_open(&producer, &config);
    for (int64_t pts = 0; pts <= 4000; pts += 20) {
        CHECK_STATUS(put(&producer, 2, true, pts, 20), KVS_STATUS_SUCCESS);
    }
    CHECK_EQ(metrics_of(&producer).fragments_put, 3);
    producer_close(&producer);
}

KVS_TEST(without_key_frame_fragmentation_short_gops_share_a_fragment) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.key_frame_fragmentation = false;
    producer_open(&producer, &config);
    for (int64_t pts = 0; pts < 4000; pts += 500) {
        put_fragment(&producer, pts, 2);
    }
    CHECK_EQ(metrics_of(&producer).fragments_put, 2);
    producer_close(&producer);
}

KVS_TEST(h264_without_parameter_sets_is_refused) {
    static const uint8_t idr[] = {0, 0, 0, 1, 0x65, 1, 2, 3};
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_mkv_track track = config.tracks[0];
    track.codec_id = "V_MPEG4/ISO/AVC";
    config.tracks = &track;
    producer_open(&producer, &config);
    const struct kvs_frame frame = {KVS_FRAME_KEY, 1, MS, MS, MS, {idr, sizeof idr}};
    CHECK_STATUS(kvs_stream_put_frame(producer.stream, &frame, 0),
                 KVS_STATUS_MKV_MISSING_SPS_FROM_H264_CPD);
    CHECK_EQ(metrics_of(&producer).view_frames, 0);
    producer_close(&producer);
}

/* Puts one key frame of one NAL unit of `len` bytes behind `prefix` and returns the bytes stored.
 */
static uint64_t stored_bytes(const char *codec_private, size_t private_len, const uint8_t *prefix,
                             size_t prefix_len, size_t len) {
    static uint8_t bytes[1000];
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_mkv_track track = config.tracks[0];
    track.codec_id = "V_MPEG4/ISO/AVC";
    track.codec_private = kvs_span_of(codec_private, private_len);
    config.tracks = &track;
    producer_open(&producer, &config);
    memset(bytes, 0x65, sizeof bytes);
    memcpy(bytes, prefix, prefix_len);
    const struct kvs_frame frame = {KVS_FRAME_KEY, 1, MS, MS, MS, {bytes, prefix_len + len}};
    CHECK_STATUS(kvs_stream_put_frame(producer.stream, &frame, 0), KVS_STATUS_SUCCESS);
    uint64_t stored = metrics_of(&producer).view_bytes;
    producer_close(&producer);
    return stored;
}

/* A NAL unit of 256 to 511 bytes begins, in a frame with lengths, like a start code. */
KVS_TEST(codec_private_data_tells_how_an_ambiguous_frame_is_read) {
    static const char avcc[] =
        "\x01\x64\x00\x1f\xff\xe1\x00\x04\x67\x64\x00\x1f\x01\x00\x02\x68\xee";
    static const char annexb[] = "\0\0\0\1\x67\x42\x00\x1f\0\0\0\1\x68\xee";
    static const uint8_t length[] = {0, 0, 1, 44};
    static const uint8_t start_code[] = {0, 0, 1};
    uint64_t with_lengths = stored_bytes(avcc, sizeof avcc - 1, length, 4, 300);
    CHECK_EQ(stored_bytes(avcc, sizeof avcc - 1, start_code, 3, 300), with_lengths);
    CHECK_EQ(stored_bytes(annexb, sizeof annexb - 1, start_code, 3, 300), with_lengths);
}

KVS_TEST(a_full_store_drops_the_oldest_whole_fragments) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    for (int64_t pts = 0; pts < 20000; pts += 1000) {
        CHECK_STATUS(put(&producer, 1, true, pts, 500000), KVS_STATUS_SUCCESS);
        CHECK_STATUS(put(&producer, 1, false, pts + 40, 500000), KVS_STATUS_SUCCESS);
    }
    struct kvs_stream_metrics metrics = metrics_of(&producer);
    CHECK(metrics.frames_dropped[KVS_DROP_STORE_PRESSURE] > 0);
    CHECK_EQ(metrics.frames_dropped[KVS_DROP_STORE_PRESSURE] % 2, 0);
    CHECK_EQ(metrics.frames_dropped[KVS_DROP_STORE_PRESSURE], 2 * metrics.fragments_dropped);
    CHECK_EQ(metrics.frames_put,
             metrics.view_frames + metrics.frames_dropped[KVS_DROP_STORE_PRESSURE]);
    producer_close(&producer);
}

KVS_TEST(a_realtime_stream_keeps_its_buffer_duration) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.buffer_duration_ns = 5000 * MS;
    producer_open(&producer, &config);
    for (int64_t pts = 0; pts < 30000; pts += 1000) {
        put_fragment(&producer, pts, 25);
        CHECK(metrics_of(&producer).view_duration_ns <= 5000 * MS);
    }
    CHECK(metrics_of(&producer).view_duration_ns > 3000 * MS);
    CHECK_EQ(dropped_frames(&producer, KVS_DROP_BUFFER_DURATION) % 25, 0);
    producer_close(&producer);
}

KVS_TEST(a_full_view_drops_the_oldest_fragment) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.max_frames = 20;
    producer_open(&producer, &config);
    for (int64_t pts = 0; pts < 10000; pts += 1000) {
        put_fragment(&producer, pts, 5);
    }
    CHECK_EQ(metrics_of(&producer).view_frames, 20);
    CHECK_EQ(dropped_frames(&producer, KVS_DROP_FRAME_COUNT), 30);
    producer_close(&producer);
}

KVS_TEST(a_stream_that_must_not_drop_refuses) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.store_pressure = KVS_STORE_PRESSURE_FAIL;
    producer_open(&producer, &config);
    kvs_status status = KVS_STATUS_SUCCESS;
    int64_t pts = 0;
    for (; status == KVS_STATUS_SUCCESS && pts < 60000; pts += 1000) {
        status = put(&producer, 1, true, pts, 1000000);
    }
    CHECK_STATUS(status, KVS_STATUS_STORE_OUT_OF_MEMORY);
    CHECK_EQ(metrics_of(&producer).fragments_dropped, 0);
    CHECK_EQ(metrics_of(&producer).frames_put, pts / 1000 - 1);
    producer_close(&producer);
}

KVS_TEST(an_offline_stream_tells_when_there_is_room_again) {
    static uint8_t out[1 << 20];
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.streaming_type = KVS_STREAMING_OFFLINE;
    config.max_frames = 20;
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 15);
    put_fragment(&producer, 1000, 5);
    CHECK_STATUS(put(&producer, 1, false, 1400, 10), KVS_STATUS_STORE_OUT_OF_MEMORY);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    size_t len = 0;
    CHECK_STATUS(read_session(&producer, 4096, out, sizeof out, &len),
                 KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    kvs_stream_take_signals(producer.stream);
    CHECK_STATUS(ack(&producer, "RECEIVED", TEST_EPOCH_MS), KVS_STATUS_SUCCESS);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_ROOM) == 0);
    CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS), KVS_STATUS_SUCCESS);
    CHECK((kvs_stream_take_signals(producer.stream) & KVS_SIGNAL_ROOM) != 0);
    CHECK_STATUS(put(&producer, 1, false, 1400, 10), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).fragments_dropped, 0);
    producer_close(&producer);
}

KVS_TEST(what_can_never_fit_is_told_from_what_does_not_fit_now) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.streaming_type = KVS_STREAMING_OFFLINE;
    producer_open(&producer, &config);
    CHECK_STATUS(put(&producer, 1, true, 0, 10u * 1024 * 1024), KVS_STATUS_INVALID_ALLOCATION_SIZE);
    CHECK_STATUS(put(&producer, 1, true, 0, 6u * 1024 * 1024), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, false, 40, 6u * 1024 * 1024),
                 KVS_STATUS_INVALID_ALLOCATION_SIZE);
    /* A key frame ends the fragment, so that it can get out and make room. */
    CHECK_STATUS(put(&producer, 1, true, 1000, 6u * 1024 * 1024), KVS_STATUS_STORE_OUT_OF_MEMORY);
    producer_close(&producer);
}

KVS_TEST(fragments_of_several_streams_that_fill_the_store_are_told_from_a_store_that_empties) {
    struct producer producer;
    struct producer other = {0};
    struct kvs_stream_config config = test_stream_config(false);
    config.streaming_type = KVS_STREAMING_OFFLINE;
    producer_open(&producer, &config);
    config.name = "other";
    CHECK_STATUS(kvs_stream_new(producer.client, &config, 0, &other.stream), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&other, 1, true, 0, 1000), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, true, 0, 6u * 1024 * 1024), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, false, 40, 6u * 1024 * 1024),
                 KVS_STATUS_INVALID_ALLOCATION_SIZE);
    CHECK_STATUS(put(&other, 1, true, 1000, 1000), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, false, 40, 6u * 1024 * 1024), KVS_STATUS_STORE_OUT_OF_MEMORY);
    kvs_stream_destroy(other.stream);
    producer_close(&producer);
}

KVS_TEST(a_fragment_that_outgrows_the_store_is_given_up_and_the_next_one_goes) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    CHECK_STATUS(put(&producer, 1, true, 0, 6u * 1024 * 1024), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, false, 40, 6u * 1024 * 1024), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, false, 80, 10), KVS_STATUS_SUCCESS);
    CHECK_EQ(dropped_frames(&producer, KVS_DROP_STORE_PRESSURE), 2);
    CHECK_EQ(dropped_frames(&producer, KVS_DROP_NO_KEY_FRAME), 1);
    CHECK_STATUS(put(&producer, 1, true, 1000, 6u * 1024 * 1024), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).view_frames, 1);
    CHECK_EQ(metrics_of(&producer).frames_put, 4);
    producer_close(&producer);
}

KVS_TEST(metadata_has_limits_and_a_reserved_prefix) {
    char name[130];
    char value[258];
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    memset(name, 'n', sizeof name);
    memset(value, 'v', sizeof value);
    name[129] = value[257] = '\0';
    producer_open(&producer, &config);
    struct kvs_stream *stream = producer.stream;
    CHECK_STATUS(kvs_stream_put_metadata(stream, "", "v", false),
                 KVS_STATUS_MKV_INVALID_TAG_NAME_LENGTH);
    CHECK_STATUS(kvs_stream_put_metadata(stream, name, "v", false),
                 KVS_STATUS_MKV_INVALID_TAG_NAME_LENGTH);
    CHECK_STATUS(kvs_stream_put_metadata(stream, "n", value, false),
                 KVS_STATUS_MKV_INVALID_TAG_VALUE_LENGTH);
    CHECK_STATUS(kvs_stream_put_metadata(stream, "AWS_X", "v", false),
                 KVS_STATUS_INVALID_METADATA_NAME);
    name[128] = value[256] = '\0';
    for (int i = 0; i < 9; i++) {
        CHECK_STATUS(kvs_stream_put_metadata(stream, name, value, false), KVS_STATUS_SUCCESS);
    }
    CHECK_STATUS(kvs_stream_put_metadata(stream, "p", "1", true), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_put_metadata(stream, "q", "1", false),
                 KVS_STATUS_MAX_FRAGMENT_METADATA_COUNT);
    CHECK_STATUS(kvs_stream_put_metadata(stream, "p", "2", true), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_put_metadata(stream, "p", "", true), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_put_metadata(stream, "q", "1", false), KVS_STATUS_SUCCESS);
    /* They belong to the fragment that opens, and go when it ends. */
    put_fragment(&producer, 0, 1);
    CHECK_STATUS(kvs_stream_put_metadata(stream, "r", "1", false),
                 KVS_STATUS_MAX_FRAGMENT_METADATA_COUNT);
    put_fragment(&producer, 1000, 1);
    CHECK_STATUS(kvs_stream_put_metadata(stream, "r", "1", false), KVS_STATUS_SUCCESS);
    producer_close(&producer);
}

KVS_TEST(a_frame_allocates_nothing) {
    static uint8_t out[1 << 16];
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 2);
    size_t len = 0;
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(read_session(&producer, 1000, out, sizeof out, &len),
                 KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    size_t before = kvs_test_allocations();
    for (int64_t pts = 1000; pts < 100000; pts += 1000) {
        put_fragment(&producer, pts, 3);
        CHECK_STATUS(read_session(&producer, 1000, out, sizeof out, &len),
                     KVS_STATUS_NO_MORE_DATA_AVAILABLE);
        CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS + pts - 1000), KVS_STATUS_SUCCESS);
    }
    CHECK_EQ(kvs_test_allocations(), before);
    producer_close(&producer);
}

KVS_TEST(a_fragment_without_video_is_cut_where_its_timecodes_end) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    config.tracks = &config.tracks[1];
    config.track_count = 1;
    config.timecode_scale_ns = 100000;
    config.fragment_duration_ns = 10000 * MS;
    producer_open(&producer, &config);
    for (int64_t pts = 0; pts < 10000; pts += 100) {
        CHECK_STATUS(put(&producer, 2, true, pts, 10), KVS_STATUS_SUCCESS);
    }
    CHECK_EQ(metrics_of(&producer).fragments_put, 4);
    producer_close(&producer);
}

KVS_TEST(generated_times_go_on_whatever_the_clock_does) {
    static const int64_t steps_ms[] = {40, 0, -5, -3600000, 0, 7200000, 40};
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    config.generated_timestamps = true;
    producer_open(&producer, &config);
    for (size_t i = 0; i < sizeof steps_ms / sizeof *steps_ms; i++) {
        producer.now_ns += steps_ms[i] * MS;
        CHECK_STATUS(put(&producer, 1, true, 0, 10), KVS_STATUS_SUCCESS);
        CHECK_STATUS(put(&producer, 2, true, 0, 10), KVS_STATUS_SUCCESS);
    }
    CHECK_EQ(dropped_frames(&producer, KVS_DROP_TIMESTAMP), 0);
    CHECK_EQ(dropped_frames(&producer, KVS_DROP_NO_KEY_FRAME), 0);
    producer_close(&producer);
}

KVS_TEST(times_that_cannot_be_mended_are_dropped_and_told_until_a_key_frame) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.timestamp_policy = KVS_TIMESTAMPS_FIX;
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 5);
    /* A clock that was set forward by more than the timecodes of the open fragment reach. */
    for (int64_t pts = 3600000; pts < 3600200; pts += 40) {
        CHECK_STATUS(put(&producer, 1, false, pts, 10), KVS_STATUS_SUCCESS);
    }
    CHECK_STATUS(put(&producer, 1, false, INT64_MAX / MS - TEST_EPOCH_MS, 10), KVS_STATUS_SUCCESS);
    put_fragment(&producer, 3601000, 5);
    CHECK_EQ(dropped_frames(&producer, KVS_DROP_TIMESTAMP), 6);
    CHECK_EQ(metrics_of(&producer).fragments_put, 2);
    CHECK_EQ(metrics_of(&producer).put_errors, 0);
    producer_close(&producer);
}

int main(void) {
    RUN(a_bad_configuration_has_a_status_of_its_own);
    RUN(a_failing_allocation_leaves_nothing_behind);
    RUN(a_client_outlives_its_streams);
    RUN(frames_before_the_first_key_frame_are_dropped_and_told);
    RUN(a_frame_that_cannot_be_sent_is_refused_by_name);
    RUN(fragments_never_overlap_in_time);
    RUN(without_video_fragments_are_cut_by_duration);
    RUN(without_key_frame_fragmentation_short_gops_share_a_fragment);
    RUN(h264_without_parameter_sets_is_refused);
    RUN(codec_private_data_tells_how_an_ambiguous_frame_is_read);
    RUN(a_full_store_drops_the_oldest_whole_fragments);
    RUN(a_realtime_stream_keeps_its_buffer_duration);
    RUN(a_full_view_drops_the_oldest_fragment);
    RUN(a_stream_that_must_not_drop_refuses);
    RUN(an_offline_stream_tells_when_there_is_room_again);
    RUN(what_can_never_fit_is_told_from_what_does_not_fit_now);
    RUN(fragments_of_several_streams_that_fill_the_store_are_told_from_a_store_that_empties);
    RUN(a_fragment_that_outgrows_the_store_is_given_up_and_the_next_one_goes);
    RUN(metadata_has_limits_and_a_reserved_prefix);
    RUN(a_frame_allocates_nothing);
    RUN(a_fragment_without_video_is_cut_where_its_timecodes_end);
    RUN(generated_times_go_on_whatever_the_clock_does);
    RUN(times_that_cannot_be_mended_are_dropped_and_told_until_a_key_frame);
    return kvs_test_report();
}
