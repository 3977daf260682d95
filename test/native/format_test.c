/* Codec private data that comes with key frames, and changes with them. */
#include <string.h>

#include "kvs/codec.h"
#include "kvs/session.h"
#include "parameter_sets.h"
#include "producer.h"
#include "test.h"

static uint8_t out[1 << 16];
static size_t out_len;

static struct kvs_mkv_track video_of(const char *codec_id, const uint8_t *codec_private,
                                     size_t len) {
    struct kvs_mkv_track track = test_stream_config(false).tracks[0];
    track.codec_id = codec_id;
    track.width = 0;
    track.height = 0;
    track.codec_private = kvs_span_of(codec_private, len);
    return track;
}

/* Puts a key frame of parameter sets, which may be missing, and one slice. */
static kvs_status put_key(struct producer *producer, int64_t pts_ms, const uint8_t *sets,
                          size_t len, uint8_t slice_type) {
    static uint8_t bytes[1024];
    const uint8_t slice[] = {0, 0, 0, 1, slice_type, 1, 0x88, 0x84};
    if (len > 0) {
        memcpy(bytes, sets, len);
    }
    memcpy(bytes + len, slice, sizeof slice);
    const struct kvs_frame frame = {KVS_FRAME_KEY, 1,       pts_ms * MS,
                                    pts_ms * MS,   40 * MS, {bytes, len + sizeof slice}};
    return kvs_stream_put_frame(producer->stream, &frame, producer->now_ns);
}

/* Reads a whole session; it begins with the header of what it carries. */
static kvs_status read_next(struct producer *producer) {
    CHECK_STATUS(open_session(producer), KVS_STATUS_SUCCESS);
    return read_session(producer, 4096, out, sizeof out, &out_len);
}

static uint32_t header_has(const uint8_t *record, size_t len) {
    return occurrences(out, out_len, record, len);
}

KVS_TEST(parameter_sets_that_change_begin_a_session) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    const struct kvs_mkv_track track = video_of("V_MPEG4/ISO/AVC", NULL, 0);
    struct kvs_event event;
    config.tracks = &track;
    producer_open(&producer, &config);
#define H264(name) name##_annexb, sizeof name##_annexb, 0x65
#define RECORD(name) name##_record, sizeof name##_record
    CHECK_STATUS(put_key(&producer, 0, H264(h264_baseline)), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put_key(&producer, 1000, H264(h264_baseline)), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put_key(&producer, 2000, NULL, 0, 0x65), KVS_STATUS_SUCCESS);
    CHECK(!kvs_stream_next_event(producer.stream, &event));
    CHECK_STATUS(put_key(&producer, 3000, H264(h264_high_1080p)), KVS_STATUS_SUCCESS);
    CHECK(kvs_stream_next_event(producer.stream, &event));
    CHECK_EQ(event.type, KVS_EVENT_FORMAT_CHANGED);
    CHECK_STATUS(put_key(&producer, 4000, H264(h264_high_1080p)), KVS_STATUS_SUCCESS);
    CHECK(!kvs_stream_next_event(producer.stream, &event));
    CHECK_STATUS(read_next(&producer), KVS_STATUS_END_OF_STREAM);
    CHECK_EQ(header_has(RECORD(h264_baseline)), 1);
    CHECK_STATUS(read_next(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_EQ(header_has(RECORD(h264_high_1080p)), 1);
    CHECK_EQ(header_has(RECORD(h264_baseline)), 0);
    /* Width 1920 and height 1080, read from the new sets: B0 82 07 80, BA 82 04 38. */
    static const uint8_t size[] = {0xB0, 0x82, 0x07, 0x80, 0xBA, 0x82, 0x04, 0x38};
    CHECK_EQ(occurrences(out, out_len, size, sizeof size), 1);
    producer_close(&producer);
}

KVS_TEST(h265_sets_are_noticed_too) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    const struct kvs_mkv_track track = video_of("V_MPEGH/ISO/HEVC", NULL, 0);
    config.tracks = &track;
    producer_open(&producer, &config);
    CHECK_STATUS(put_key(&producer, 0, NULL, 0, 0x26), KVS_STATUS_MKV_ANNEXB_CPD_MISSING_NALUS);
    CHECK_STATUS(put_key(&producer, 0, h265_main_annexb, sizeof h265_main_annexb, 0x26),
                 KVS_STATUS_SUCCESS);
    CHECK_STATUS(put_key(&producer, 1000, h265_main_10_annexb, sizeof h265_main_10_annexb, 0x26),
                 KVS_STATUS_SUCCESS);
    CHECK_STATUS(read_next(&producer), KVS_STATUS_END_OF_STREAM);
    CHECK_STATUS(read_next(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    producer_close(&producer);
}

KVS_TEST(sets_that_the_given_data_has_already_change_nothing) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    const struct kvs_mkv_track track = video_of("V_MPEG4/ISO/AVC", RECORD(h264_baseline));
    struct kvs_event event;
    config.tracks = &track;
    producer_open(&producer, &config);
    CHECK_STATUS(put_key(&producer, 0, H264(h264_baseline)), KVS_STATUS_SUCCESS);
    CHECK(!kvs_stream_next_event(producer.stream, &event));
    CHECK_STATUS(put_key(&producer, 1000, H264(h264_high_1080p)), KVS_STATUS_SUCCESS);
    CHECK(kvs_stream_next_event(producer.stream, &event));
    CHECK_STATUS(read_next(&producer), KVS_STATUS_END_OF_STREAM);
    CHECK_EQ(header_has(RECORD(h264_baseline)), 1);
    CHECK_STATUS(read_next(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_EQ(header_has(RECORD(h264_high_1080p)), 1);
    producer_close(&producer);
}

KVS_TEST(given_data_that_the_first_key_frame_contradicts_gives_way) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    const struct kvs_mkv_track track = video_of("V_MPEG4/ISO/AVC", RECORD(h264_baseline));
    config.tracks = &track;
    producer_open(&producer, &config);
    CHECK_STATUS(put_key(&producer, 0, H264(h264_high_1080p)), KVS_STATUS_SUCCESS);
    CHECK_STATUS(read_next(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_EQ(header_has(RECORD(h264_high_1080p)), 1);
    producer_close(&producer);
}

KVS_TEST(a_format_cuts_a_fragment_that_would_have_gone_on) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_stream_metrics metrics;
    const struct kvs_mkv_track track = video_of("V_MPEG4/ISO/AVC", NULL, 0);
    config.tracks = &track;
    config.key_frame_fragmentation = false;
    config.fragment_duration_ns = 10000 * MS;
    producer_open(&producer, &config);
    CHECK_STATUS(put_key(&producer, 0, H264(h264_baseline)), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put_key(&producer, 1000, H264(h264_baseline)), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put_key(&producer, 2000, H264(h264_high_1080p)), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_metrics(producer.stream, 0, &metrics), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics.fragments_put, 2);
    producer_close(&producer);
}

KVS_TEST(a_change_without_memory_refuses_the_frame_and_changes_nothing) {
    for (size_t n = 1; n < 6; n++) {
        struct producer producer;
        struct kvs_stream_config config = test_stream_config(false);
        const struct kvs_mkv_track track = video_of("V_MPEG4/ISO/AVC", NULL, 0);
        config.tracks = &track;
        producer_open(&producer, &config);
        CHECK_STATUS(put_key(&producer, 0, H264(h264_baseline)), KVS_STATUS_SUCCESS);
        kvs_test_fail_after(n);
        kvs_status status = put_key(&producer, 1000, H264(h264_high_1080p));
        CHECK(status == KVS_STATUS_NOT_ENOUGH_MEMORY || status == KVS_STATUS_SUCCESS);
        kvs_test_fail_after(0);
        CHECK(kvs__stream_check(producer.stream));
        if (status != KVS_STATUS_SUCCESS) {
            CHECK_STATUS(put_key(&producer, 1000, H264(h264_high_1080p)), KVS_STATUS_SUCCESS);
        }
        CHECK_STATUS(read_next(&producer), KVS_STATUS_END_OF_STREAM);
        CHECK_STATUS(read_next(&producer), KVS_STATUS_NO_MORE_DATA_AVAILABLE);
        CHECK_EQ(header_has(RECORD(h264_high_1080p)), 1);
        producer_close(&producer);
    }
}

KVS_TEST(codec_private_data_that_cannot_be_is_refused) {
    static uint8_t large[1024 * 1024 + 1];
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    const struct kvs_mkv_track track = video_of("V_MPEG4/ISO/AVC", NULL, 0);
    config.tracks = &track;
    producer_open(&producer, &config);
    struct kvs_stream *stream = producer.stream;
    CHECK_STATUS(kvs_stream_set_codec_private(NULL, 1, kvs_span_of(large, 1)), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_stream_set_codec_private(stream, 1, kvs_span_of(NULL, 1)),
                 KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_stream_set_codec_private(stream, 2, kvs_span_of(large, 1)),
                 KVS_STATUS_MKV_TRACK_INFO_NOT_FOUND);
    CHECK_STATUS(kvs_stream_set_codec_private(stream, 1, kvs_span_of(large, sizeof large)),
                 KVS_STATUS_MKV_INVALID_CODEC_PRIVATE_LENGTH);
    CHECK_STATUS(kvs_stream_set_codec_private(stream, 1, kvs_span_of(large, 0)),
                 KVS_STATUS_MKV_INVALID_CODEC_PRIVATE_LENGTH);
    CHECK_STATUS(kvs_stream_set_codec_private(stream, 1, kvs_span_of(large, 20)),
                 KVS_STATUS_MKV_INVALID_H264_H265_CPD);
    CHECK_STATUS(kvs_stream_set_nal_adaptation(stream, 8 | 16),
                 KVS_STATUS_MKV_BOTH_ANNEXB_AND_AVCC_SPECIFIED);
    CHECK_STATUS(kvs_stream_set_nal_adaptation(stream, KVS_NAL_ADAPTATION_NONE),
                 KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_stop(stream), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_set_codec_private(stream, 1, kvs_span_of(large, 20)),
                 KVS_STATUS_STREAM_HAS_BEEN_STOPPED);
    producer_close(&producer);
}

int main(void) {
    RUN(parameter_sets_that_change_begin_a_session);
    RUN(h265_sets_are_noticed_too);
    RUN(sets_that_the_given_data_has_already_change_nothing);
    RUN(given_data_that_the_first_key_frame_contradicts_gives_way);
    RUN(a_format_cuts_a_fragment_that_would_have_gone_on);
    RUN(a_change_without_memory_refuses_the_frame_and_changes_nothing);
    RUN(codec_private_data_that_cannot_be_is_refused);
    return kvs_test_report();
}
