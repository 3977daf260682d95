/*
 * Formats of a stream: codec private data that are given, that key frames bring, and that change.
 */
#include <string.h>

#include "parameter_sets.h"
#include "producer.h"
#include "test.h"

#define SLICE "\0\0\0\1\x65\x11\x22"

static uint8_t out[1 << 20];
static struct block blocks[1024];

static const struct kvs_mkv_track h264_track = {
    .track_id = 1, .type = KVS_TRACK_VIDEO, .codec_id = "V_MPEG4/ISO/AVC", .name = "video"};

static struct kvs_stream_config config_of(const struct kvs_mkv_track *track) {
    struct kvs_stream_config config = test_stream_config(false);
    config.tracks = track;
    return config;
}

/* Puts `sets`, a slice behind them, as one frame. */
static kvs_status put_sets(struct producer *producer, bool key, int64_t pts_ms, const void *sets,
                           size_t len) {
    uint8_t bytes[512];
    memcpy(bytes, sets, len);
    memcpy(bytes + len, SLICE, sizeof SLICE - 1);
    const struct kvs_frame frame = {
        .flags = key ? KVS_FRAME_KEY : 0,
        .track_id = 1,
        .pts_ns = (TEST_EPOCH_MS + pts_ms) * MS,
        .dts_ns = (TEST_EPOCH_MS + pts_ms) * MS,
        .duration_ns = 40 * MS,
        .data = {bytes, len + sizeof SLICE - 1},
    };
    return kvs_stream_put_frame(producer->stream, &frame, producer->now_ns);
}

static uint32_t count_changes(struct producer *producer) {
    struct kvs_event event;
    uint32_t count = 0;
    while (kvs_stream_next_event(producer->stream, &event)) {
        count += event.type == KVS_EVENT_FORMAT_CHANGED;
    }
    return count;
}

static bool holds(size_t len, const void *bytes, size_t size) {
    for (size_t i = 0; i + size <= len; i++) {
        if (memcmp(out + i, bytes, size) == 0) {
            return true;
        }
    }
    return false;
}

/* Reads a session from its beginning; it has `frames` blocks and `record` in its header. */
static void check_session(struct producer *producer, kvs_status end, uint32_t frames,
                          const void *record, size_t record_len) {
    size_t len = 0;
    uint32_t count = 0;
    CHECK_STATUS(open_session(producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(read_session(producer, 4096, out, sizeof out, &len), end);
    CHECK(parse_session(out, len, blocks, 1024, &count));
    CHECK_EQ(count, frames);
    CHECK(holds(len, record, record_len));
}

KVS_TEST(a_key_frame_brings_the_codec_private_data_that_a_track_lacks) {
    struct producer producer;
    struct kvs_stream_config config = config_of(&h264_track);
    producer_open(&producer, &config);
    CHECK_STATUS(put_sets(&producer, true, 0, "", 0), KVS_STATUS_MKV_MISSING_SPS_FROM_H264_CPD);
    CHECK_STATUS(put_sets(&producer, true, 1000, h264_baseline_annexb, sizeof h264_baseline_annexb),
                 KVS_STATUS_SUCCESS);
    CHECK_STATUS(put_sets(&producer, true, 2000, "", 0), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put_sets(&producer, true, 3000, h264_baseline_annexb, sizeof h264_baseline_annexb),
                 KVS_STATUS_SUCCESS);
    CHECK_EQ(count_changes(&producer), 0);
    check_session(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE, 3, h264_baseline_record,
                  sizeof h264_baseline_record);
    producer_close(&producer);
}

KVS_TEST(other_parameter_sets_in_a_key_frame_begin_a_session) {
    struct producer producer;
    struct kvs_mkv_track track = h264_track;
    track.codec_private = kvs_span_of(h264_baseline_annexb, sizeof h264_baseline_annexb);
    struct kvs_stream_config config = config_of(&track);
    producer_open(&producer, &config);
    CHECK_STATUS(put_sets(&producer, true, 0, h264_baseline_annexb, sizeof h264_baseline_annexb),
                 KVS_STATUS_SUCCESS);
    CHECK_STATUS(put_sets(&producer, false, 40, "", 0), KVS_STATUS_SUCCESS);
    CHECK_EQ(count_changes(&producer), 0);
    for (int64_t pts_ms = 1000; pts_ms < 3000; pts_ms += 1000) {
        CHECK_STATUS(put_sets(&producer, true, pts_ms, h264_high_1080p_annexb,
                              sizeof h264_high_1080p_annexb),
                     KVS_STATUS_SUCCESS);
    }
    CHECK_EQ(count_changes(&producer), 1);
    check_session(&producer, KVS_STATUS_END_OF_STREAM, 2, h264_baseline_record,
                  sizeof h264_baseline_record);
    check_session(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE, 2, h264_high_1080p_record,
                  sizeof h264_high_1080p_record);
    producer_close(&producer);
}

KVS_TEST(a_lone_parameter_set_leaves_the_codec_private_data_as_they_are) {
    static const uint8_t lone_pps[] = {0, 0, 0, 1, 0x68, 0xCE, 0x0F, 0xC9};
    struct producer producer;
    struct kvs_mkv_track track = h264_track;
    track.codec_private = kvs_span_of(h264_baseline_record, sizeof h264_baseline_record);
    struct kvs_stream_config config = config_of(&track);
    producer_open(&producer, &config);
    CHECK_STATUS(put_sets(&producer, true, 0, lone_pps, sizeof lone_pps), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put_sets(&producer, true, 1000, lone_pps, sizeof lone_pps), KVS_STATUS_SUCCESS);
    CHECK_EQ(count_changes(&producer), 0);
    check_session(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE, 2, h264_baseline_record,
                  sizeof h264_baseline_record);
    producer_close(&producer);
}

KVS_TEST(h265_brings_its_parameter_sets_too) {
    static const uint8_t slice[] = {0, 0, 0, 1, 0x26, 0x01, 0xAF, 0x09};
    uint8_t bytes[512];
    struct producer producer;
    struct kvs_mkv_track track = h264_track;
    track.codec_id = "V_MPEGH/ISO/HEVC";
    struct kvs_stream_config config = config_of(&track);
    const struct kvs_frame frame = {
        .flags = KVS_FRAME_KEY,
        .track_id = 1,
        .pts_ns = TEST_EPOCH_MS * MS,
        .dts_ns = TEST_EPOCH_MS * MS,
        .data = {bytes, sizeof h265_main_10_annexb + sizeof slice},
    };
    memcpy(bytes, h265_main_10_annexb, sizeof h265_main_10_annexb);
    memcpy(bytes + sizeof h265_main_10_annexb, slice, sizeof slice);
    producer_open(&producer, &config);
    CHECK_STATUS(kvs_stream_put_frame(producer.stream, &frame, producer.now_ns),
                 KVS_STATUS_SUCCESS);
    check_session(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE, 1, h265_main_10_record,
                  sizeof h265_main_10_record);
    producer_close(&producer);
}

KVS_TEST(codec_private_data_that_are_refused_change_nothing) {
    static uint8_t too_long[KVS_MKV_MAX_CODEC_PRIVATE_BYTES + 1];
    struct producer producer;
    struct kvs_mkv_track track = h264_track;
    track.codec_private = kvs_span_of(h264_baseline_record, sizeof h264_baseline_record);
    struct kvs_stream_config config = config_of(&track);
    producer_open(&producer, &config);
    struct kvs_stream *stream = producer.stream;
    CHECK_STATUS(kvs_stream_set_codec_private(NULL, 1, kvs_span_of("", 0)), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_stream_set_codec_private(stream, 1, kvs_span_of(NULL, 1)),
                 KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_stream_set_codec_private(stream, 2, kvs_span_of("x", 1)),
                 KVS_STATUS_MKV_TRACK_INFO_NOT_FOUND);
    CHECK_STATUS(kvs_stream_set_codec_private(stream, 1, kvs_span_of(too_long, sizeof too_long)),
                 KVS_STATUS_MKV_INVALID_CODEC_PRIVATE_LENGTH);
    CHECK_STATUS(kvs_stream_set_codec_private(stream, 1, kvs_span_of("rubbish", 7)),
                 KVS_STATUS_MKV_INVALID_H264_H265_CPD);
    CHECK_STATUS(put_sets(&producer, true, 0, "", 0), KVS_STATUS_SUCCESS);
    CHECK_EQ(count_changes(&producer), 0);
    check_session(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE, 1, h264_baseline_record,
                  sizeof h264_baseline_record);
    CHECK_STATUS(kvs_stream_stop(stream), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_set_codec_private(stream, 1, kvs_span_of("x", 1)),
                 KVS_STATUS_STREAM_HAS_BEEN_STOPPED);
    producer_close(&producer);
}

KVS_TEST(aac_without_codec_private_data_gets_those_of_its_rate_and_channels) {
    static const uint8_t stereo_48k[] = {0x63, 0xA2, 0x82, 0x11, 0x90};
    const struct kvs_mkv_track tracks[] = {{.track_id = 1,
                                            .type = KVS_TRACK_AUDIO,
                                            .codec_id = "A_AAC",
                                            .sampling_frequency = 48000,
                                            .channels = 2},
                                           {.track_id = 1,
                                            .type = KVS_TRACK_AUDIO,
                                            .codec_id = "A_AAC",
                                            .codec_private = {(const uint8_t *)"\x11\x90", 2}}};
    for (uint32_t i = 0; i < 2; i++) {
        struct producer producer;
        struct kvs_stream_config config = config_of(&tracks[i]);
        producer_open(&producer, &config);
        CHECK_STATUS(put(&producer, 1, false, 0, 100), KVS_STATUS_SUCCESS);
        check_session(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE, 1, stereo_48k,
                      sizeof stereo_48k);
        producer_close(&producer);
    }
}

KVS_TEST(a_change_for_which_there_is_no_memory_can_be_made_again) {
    struct kvs_mkv_track track = h264_track;
    track.codec_private = kvs_span_of(h264_baseline_record, sizeof h264_baseline_record);
    struct kvs_stream_config config = config_of(&track);
    for (size_t n = 1; n < 12; n++) {
        struct producer producer;
        producer_open(&producer, &config);
        kvs_test_fail_after(n);
        kvs_status status =
            put_sets(&producer, true, 0, h264_high_1080p_annexb, sizeof h264_high_1080p_annexb);
        kvs_test_fail_after(0);
        if (status != KVS_STATUS_SUCCESS) {
            CHECK_STATUS(status, KVS_STATUS_NOT_ENOUGH_MEMORY);
            CHECK_STATUS(
                put_sets(&producer, true, 0, h264_high_1080p_annexb, sizeof h264_high_1080p_annexb),
                KVS_STATUS_SUCCESS);
        }
        check_session(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE, 1, h264_high_1080p_record,
                      sizeof h264_high_1080p_record);
        producer_close(&producer);
    }
}

KVS_TEST(a_stream_for_which_there_is_no_memory_leaves_nothing_behind) {
    const struct kvs_client_config client_config = {.storage_bytes = 10u << 20,
                                                    .allocator = kvs_test_allocator()};
    struct kvs_mkv_track track = h264_track;
    track.codec_private = kvs_span_of(h264_baseline_annexb, sizeof h264_baseline_annexb);
    struct kvs_stream_config config = config_of(&track);
    config.frame_order = KVS_FRAME_ORDER_DTS;
    bool is_made = false;
    for (size_t n = 1; n < 40 && !is_made; n++) {
        struct kvs_client *client = NULL;
        struct kvs_stream *stream = NULL;
        kvs_test_fail_after(n);
        kvs_status status = kvs_client_new(&client_config, &client);
        if (status == KVS_STATUS_SUCCESS) {
            status = kvs_stream_new(client, &config, 0, &stream);
        }
        kvs_test_fail_after(0);
        CHECK(status == KVS_STATUS_SUCCESS || status == KVS_STATUS_NOT_ENOUGH_MEMORY);
        is_made = status == KVS_STATUS_SUCCESS;
        kvs_stream_destroy(stream);
        CHECK_STATUS(kvs_client_destroy(client), KVS_STATUS_SUCCESS);
        CHECK_EQ(kvs_test_live_blocks(), 0);
    }
    CHECK(is_made);
}

int main(void) {
    RUN(a_key_frame_brings_the_codec_private_data_that_a_track_lacks);
    RUN(other_parameter_sets_in_a_key_frame_begin_a_session);
    RUN(a_lone_parameter_set_leaves_the_codec_private_data_as_they_are);
    RUN(h265_brings_its_parameter_sets_too);
    RUN(codec_private_data_that_are_refused_change_nothing);
    RUN(aac_without_codec_private_data_gets_those_of_its_rate_and_channels);
    RUN(a_change_for_which_there_is_no_memory_can_be_made_again);
    RUN(a_stream_for_which_there_is_no_memory_leaves_nothing_behind);
    return kvs_test_report();
}
