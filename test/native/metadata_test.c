/* Fragment metadata and events: each exactly once, behind the cluster of the fragment it is for. */
#include <string.h>

#include "kvs/session.h"
#include "producer.h"
#include "test.h"

#define END_OF_FRAGMENT "AWS_KINESISVIDEO_END_OF_FRAGMENT"

static uint8_t out[1 << 20];
static size_t out_len;

static void read_all(struct producer *producer, kvs_status expected) {
    CHECK_STATUS(read_session(producer, 77, out, sizeof out, &out_len), expected);
}

static uint32_t count_text(const uint8_t *bytes, size_t len, const char *text) {
    return occurrences(bytes, len, text, strlen(text));
}

/* How often a text stands between the start of cluster `number`, counted from 0, and the next one.
 */
static uint32_t in_fragment(uint32_t number, const char *text) {
    static const uint8_t cluster[] = {0x1F, 0x43, 0xB6, 0x75};
    size_t begin = out_len;
    size_t end = out_len;
    for (size_t i = 0; i + 4 <= out_len; i++) {
        if (memcmp(out + i, cluster, 4) != 0) {
            continue;
        }
        if (number == 0 && begin == out_len) {
            begin = i;
        } else if (begin != out_len) {
            end = i;
            break;
        } else {
            number--;
        }
    }
    return begin < end ? count_text(out + begin, end - begin, text) : 0;
}

static struct kvs_stream_metrics metrics_of(struct producer *producer) {
    struct kvs_stream_metrics metrics;
    CHECK_STATUS(kvs_stream_metrics(producer->stream, 0, &metrics), KVS_STATUS_SUCCESS);
    return metrics;
}

static kvs_status put_end(struct producer *producer) {
    const struct kvs_frame frame = {.flags = KVS_FRAME_END_OF_FRAGMENT};
    return kvs_stream_put_frame(producer->stream, &frame, producer->now_ns);
}

static kvs_status put_meta(struct producer *producer, const char *name, bool persistent) {
    return kvs_stream_put_metadata(producer->stream, name, "value", persistent);
}

KVS_TEST(metadata_goes_with_the_fragment_that_is_open) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct block blocks[16];
    uint32_t count = 0;
    producer_open(&producer, &config);
    CHECK_STATUS(put_meta(&producer, "first", false), KVS_STATUS_SUCCESS);
    put_fragment(&producer, 0, 2);
    CHECK_STATUS(put_meta(&producer, "also-first", false), KVS_STATUS_SUCCESS);
    put_fragment(&producer, 1000, 2);
    CHECK_STATUS(put_meta(&producer, "second", false), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put_meta(&producer, "from-second-on", true), KVS_STATUS_SUCCESS);
    put_fragment(&producer, 2000, 2);
    CHECK_STATUS(put_meta(&producer, "last", false), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    read_all(&producer, KVS_STATUS_END_OF_STREAM);
    CHECK(parse_session(out, out_len, blocks, 16, &count));
    CHECK_EQ(count, 6);
    CHECK_EQ(in_fragment(0, "first"), 2);
    CHECK_EQ(in_fragment(0, "also-first"), 1);
    CHECK_EQ(in_fragment(1, "second"), 2);
    CHECK_EQ(in_fragment(1, "from-second-on"), 1);
    CHECK_EQ(in_fragment(2, "from-second-on"), 1);
    CHECK_EQ(in_fragment(2, "last"), 1);
    CHECK_EQ(count_text(out, out_len, "last"), 1);
    CHECK_EQ(metrics_of(&producer).frames_sent, 6);
    CHECK_EQ(metrics_of(&producer).metadata_dropped, 0);
    producer_close(&producer);
}

KVS_TEST(a_session_that_begins_anew_sends_metadata_with_its_fragment_again) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 2);
    CHECK_STATUS(put_meta(&producer, "once", false), KVS_STATUS_SUCCESS);
    put_fragment(&producer, 1000, 2);
    for (int i = 0; i < 3; i++) {
        CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
        read_all(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
        CHECK_EQ(in_fragment(0, "once"), 1);
        CHECK_EQ(in_fragment(1, "once"), 0);
        kvs_session_close(producer.stream, producer.session_id, producer.now_ns, 598);
    }
    producer_close(&producer);
}

KVS_TEST(an_end_of_fragment_is_told_to_the_service_behind_the_metadata) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    CHECK_STATUS(put_end(&producer), KVS_STATUS_CONTENT_VIEW_NO_MORE_ITEMS);
    put_fragment(&producer, 0, 2);
    CHECK_STATUS(put_meta(&producer, "meta", false), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put_end(&producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put_end(&producer), KVS_STATUS_MULTIPLE_CONSECUTIVE_EOFR);
    CHECK_STATUS(put(&producer, 1, false, 200, 10), KVS_STATUS_SUCCESS);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_NO_KEY_FRAME], 1);
    put_fragment(&producer, 1000, 2);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    read_all(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK_EQ(in_fragment(0, "meta"), 1);
    CHECK_EQ(in_fragment(0, END_OF_FRAGMENT), 1);
    CHECK_EQ(count_text(out, out_len, END_OF_FRAGMENT), 1);
    /* 84 bytes in AWS's library, whose sizes all have 8 bytes. */
    CHECK_STATUS(put_end(&producer), KVS_STATUS_SUCCESS);
    read_all(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    CHECK(out_len < 60);
    CHECK_EQ(count_text(out, out_len, END_OF_FRAGMENT), 1);
    producer_close(&producer);
}

KVS_TEST(an_ended_fragment_can_be_delivered_before_the_next_one_begins) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 2);
    CHECK_STATUS(put_end(&producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    read_all(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    ack(&producer, "PERSISTED", TEST_EPOCH_MS);
    CHECK_EQ(metrics_of(&producer).fragments_delivered, 1);
    CHECK_EQ(metrics_of(&producer).view_frames, 0);
    producer_close(&producer);
}

KVS_TEST(ends_of_fragments_are_refused_where_they_cannot_be) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.key_frame_fragmentation = false;
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 2);
    CHECK_STATUS(put_end(&producer), KVS_STATUS_END_OF_FRAGMENT_FRAME_INVALID_STATE);
    producer_close(&producer);
    config = test_stream_config(true);
    config.frame_order = KVS_FRAME_ORDER_PTS;
    producer_open(&producer, &config);
    CHECK_STATUS(put_end(&producer), KVS_STATUS_SETTING_KEY_FRAME_FLAG_WHILE_USING_EOFR);
    producer_close(&producer);
}

KVS_TEST(events_ask_for_images_and_notifications_of_their_fragment) {
    static const struct kvs_mkv_tag pairs[] = {{"zone", "north"}, {"door", "open"}};
    const struct kvs_fragment_event_details details = {"cam/", pairs, 2};
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    struct kvs_stream *stream = producer.stream;
    CHECK_STATUS(kvs_stream_put_event(stream, KVS_FRAGMENT_EVENT_IMAGE, NULL),
                 KVS_STATUS_STREAM_NOT_STARTED);
    put_fragment(&producer, 0, 2);
    CHECK_STATUS(kvs_stream_put_event(
                     stream, KVS_FRAGMENT_EVENT_IMAGE | KVS_FRAGMENT_EVENT_NOTIFICATION, &details),
                 KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_put_event(stream, KVS_FRAGMENT_EVENT_IMAGE, NULL),
                 KVS_STATUS_DUPLICATE_STREAM_EVENT_TYPE);
    put_fragment(&producer, 1000, 2);
    CHECK_STATUS(kvs_stream_put_event(stream, KVS_FRAGMENT_EVENT_IMAGE, NULL), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_stop(stream), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_put_event(stream, KVS_FRAGMENT_EVENT_IMAGE, NULL),
                 KVS_STATUS_STREAM_HAS_BEEN_STOPPED);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    read_all(&producer, KVS_STATUS_END_OF_STREAM);
    CHECK_EQ(in_fragment(0, "AWS_KINESISVIDEO_NOTIFICATION"), 1);
    CHECK_EQ(in_fragment(0, "AWS_KINESISVIDEO_IMAGE_GENERATION"), 1);
    CHECK_EQ(in_fragment(0, "AWS_KINESISVIDEO_IMAGE_PREFIX"), 1);
    CHECK_EQ(in_fragment(0, "cam/"), 1);
    CHECK_EQ(in_fragment(0, "north"), 2);
    CHECK_EQ(in_fragment(1, "AWS_KINESISVIDEO_IMAGE_GENERATION"), 1);
    CHECK_EQ(in_fragment(1, "AWS_KINESISVIDEO_IMAGE_PREFIX"), 0);
    CHECK_EQ(in_fragment(1, "AWS_KINESISVIDEO_NOTIFICATION"), 0);
    producer_close(&producer);
}

KVS_TEST(an_event_that_is_refused_leaves_nothing_behind) {
    static char long_text[300];
    struct kvs_mkv_tag pairs[11];
    struct kvs_fragment_event_details details = {NULL, pairs, 1};
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    memset(long_text, 'x', sizeof long_text - 1);
    for (size_t i = 0; i < 11; i++) {
        pairs[i] = (struct kvs_mkv_tag){"name", "value"};
    }
    producer_open(&producer, &config);
    struct kvs_stream *stream = producer.stream;
    const uint32_t both = KVS_FRAGMENT_EVENT_IMAGE | KVS_FRAGMENT_EVENT_NOTIFICATION;
    put_fragment(&producer, 0, 1);
    CHECK_STATUS(kvs_stream_put_event(stream, 0, NULL), KVS_STATUS_INVALID_ARG);
    CHECK_STATUS(kvs_stream_put_event(stream, 4, NULL), KVS_STATUS_INVALID_ARG);
    CHECK_STATUS(kvs_stream_put_event(NULL, both, NULL), KVS_STATUS_NULL_ARG);
    details.pair_count = 11;
    CHECK_STATUS(kvs_stream_put_event(stream, both, &details), KVS_STATUS_INVALID_ARG);
    details.pair_count = 10;
    CHECK_STATUS(kvs_stream_put_event(stream, KVS_FRAGMENT_EVENT_IMAGE, &details),
                 KVS_STATUS_MAX_FRAGMENT_METADATA_COUNT);
    details.pair_count = 5;
    CHECK_STATUS(kvs_stream_put_event(stream, both, &details),
                 KVS_STATUS_MAX_FRAGMENT_METADATA_COUNT);
    details.pair_count = 1;
    pairs[0].name = NULL;
    CHECK_STATUS(kvs_stream_put_event(stream, both, &details), KVS_STATUS_NULL_ARG);
    pairs[0].name = "";
    CHECK_STATUS(kvs_stream_put_event(stream, both, &details),
                 KVS_STATUS_INVALID_IMAGE_METADATA_KEY_LENGTH);
    pairs[0].name = long_text;
    CHECK_STATUS(kvs_stream_put_event(stream, both, &details),
                 KVS_STATUS_INVALID_IMAGE_METADATA_KEY_LENGTH);
    pairs[0] = (struct kvs_mkv_tag){"name", long_text};
    CHECK_STATUS(kvs_stream_put_event(stream, both, &details),
                 KVS_STATUS_INVALID_IMAGE_METADATA_VALUE_LENGTH);
    pairs[0] = (struct kvs_mkv_tag){"AWSname", ""};
    CHECK_STATUS(kvs_stream_put_event(stream, both, &details), KVS_STATUS_INVALID_METADATA_NAME);
    pairs[0] = (struct kvs_mkv_tag){"name", ""};
    details.image_prefix = long_text;
    CHECK_STATUS(kvs_stream_put_event(stream, both, &details),
                 KVS_STATUS_INVALID_IMAGE_PREFIX_LENGTH);
    details.image_prefix = "AWS";
    CHECK_STATUS(kvs_stream_put_event(stream, both, &details), KVS_STATUS_INVALID_METADATA_NAME);
    details.image_prefix = "";
    for (size_t n = 1; n <= 2; n++) {
        kvs_test_fail_after(n);
        CHECK_STATUS(kvs_stream_put_event(stream, both, &details), KVS_STATUS_NOT_ENOUGH_MEMORY);
    }
    kvs_test_fail_after(0);
    CHECK_STATUS(kvs_stream_put_event(stream, both, &details), KVS_STATUS_SUCCESS);
    producer_close(&producer);
}

KVS_TEST(metadata_put_behind_a_frame_that_waits_goes_with_that_frames_fragment) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    config.frame_order = KVS_FRAME_ORDER_MULTI_TRACK;
    producer_open(&producer, &config);
    CHECK_STATUS(put(&producer, 1, true, 0, 10), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 2, true, 5, 10), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, true, 500, 10), KVS_STATUS_SUCCESS);
    /* The key frame at 500 still waits for sound. */
    CHECK_STATUS(kvs_stream_put_event(producer.stream, KVS_FRAGMENT_EVENT_NOTIFICATION, NULL),
                 KVS_STATUS_SUCCESS);
    CHECK_STATUS(put_meta(&producer, "second", false), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 2, true, 505, 10), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 1, true, 900, 10), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put(&producer, 2, true, 905, 10), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    read_all(&producer, KVS_STATUS_END_OF_STREAM);
    CHECK_EQ(in_fragment(0, "second"), 0);
    CHECK_EQ(in_fragment(1, "second"), 1);
    CHECK_EQ(in_fragment(1, "AWS_KINESISVIDEO_NOTIFICATION"), 1);
    CHECK_EQ(count_text(out, out_len, "AWS_KINESISVIDEO_NOTIFICATION"), 1);
    producer_close(&producer);
}

KVS_TEST(a_stream_that_is_full_of_frames_has_room_for_their_metadata) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.max_frames = 12;
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 12);
    CHECK_STATUS(put_meta(&producer, "last", false), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    read_all(&producer, KVS_STATUS_END_OF_STREAM);
    CHECK_EQ(in_fragment(0, "last"), 1);
    CHECK_EQ(metrics_of(&producer).metadata_dropped, 0);
    producer_close(&producer);
}

KVS_TEST(metadata_without_a_fragment_is_told) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_event event;
    producer_open(&producer, &config);
    CHECK_STATUS(put_meta(&producer, "lost", false), KVS_STATUS_SUCCESS);
    CHECK_STATUS(put_meta(&producer, "kept", true), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    CHECK(kvs_stream_next_event(producer.stream, &event));
    CHECK_EQ(event.type, KVS_EVENT_METADATA_DROPPED);
    CHECK_EQ(event.as.metadata.items, 1);
    CHECK_EQ(metrics_of(&producer).metadata_dropped, 1);
    CHECK_STATUS(put_meta(&producer, "late", false), KVS_STATUS_STREAM_HAS_BEEN_STOPPED);
    producer_close(&producer);
}

KVS_TEST(metadata_of_a_refused_fragment_is_told) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 2);
    CHECK_STATUS(put_meta(&producer, "once", false), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_put_event(producer.stream, KVS_FRAGMENT_EVENT_IMAGE, NULL),
                 KVS_STATUS_SUCCESS);
    put_fragment(&producer, 1000, 2);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    read_all(&producer, KVS_STATUS_NO_MORE_DATA_AVAILABLE);
    ack_text(&producer, "{\"EventType\":\"ERROR\",\"FragmentTimecode\":1700000000000,"
                        "\"FragmentNumber\":\"1\",\"ErrorId\":4006}");
    CHECK_EQ(metrics_of(&producer).metadata_dropped, 2);
    CHECK_EQ(metrics_of(&producer).frames_dropped[KVS_DROP_REJECTED], 2);
    producer_close(&producer);
}

KVS_TEST(each_fragment_has_an_event_of_its_own_while_its_key_frame_waits) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    config.frame_order = KVS_FRAME_ORDER_MULTI_TRACK;
    producer_open(&producer, &config);
    for (int64_t pts = 0; pts < 4000; pts += 1000) {
        CHECK_STATUS(put(&producer, 1, true, pts, 10), KVS_STATUS_SUCCESS);
        CHECK_STATUS(kvs_stream_put_event(producer.stream, KVS_FRAGMENT_EVENT_IMAGE, NULL),
                     KVS_STATUS_SUCCESS);
        CHECK_STATUS(kvs_stream_put_event(producer.stream, KVS_FRAGMENT_EVENT_IMAGE, NULL),
                     KVS_STATUS_DUPLICATE_STREAM_EVENT_TYPE);
        CHECK_STATUS(put(&producer, 2, true, pts + 5, 10), KVS_STATUS_SUCCESS);
    }
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    read_all(&producer, KVS_STATUS_END_OF_STREAM);
    for (uint32_t fragment = 0; fragment < 4; fragment++) {
        CHECK_EQ(in_fragment(fragment, "AWS_KINESISVIDEO_IMAGE_GENERATION"), 1);
    }
    producer_close(&producer);
}

KVS_TEST(a_value_replaced_while_a_key_frame_waits_stays_with_the_fragment_before) {
    static const char *const values[] = {"one", "two", "", "three"};
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(true);
    config.frame_order = KVS_FRAME_ORDER_MULTI_TRACK;
    producer_open(&producer, &config);
    for (int64_t i = 0; i < 4; i++) {
        CHECK_STATUS(put(&producer, 1, true, i * 1000, 10), KVS_STATUS_SUCCESS);
        CHECK_STATUS(kvs_stream_put_metadata(producer.stream, "scene", "draft", true),
                     KVS_STATUS_SUCCESS);
        CHECK_STATUS(kvs_stream_put_metadata(producer.stream, "scene", values[i], true),
                     KVS_STATUS_SUCCESS);
        CHECK_STATUS(put(&producer, 2, true, i * 1000 + 5, 10), KVS_STATUS_SUCCESS);
    }
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    CHECK_STATUS(open_session(&producer), KVS_STATUS_SUCCESS);
    read_all(&producer, KVS_STATUS_END_OF_STREAM);
    CHECK_EQ(count_text(out, out_len, "scene"), 3);
    CHECK_EQ(count_text(out, out_len, "draft"), 0);
    CHECK_EQ(in_fragment(0, "one"), 1);
    CHECK_EQ(in_fragment(1, "two"), 1);
    CHECK_EQ(in_fragment(3, "three"), 1);
    producer_close(&producer);
}

int main(void) {
    RUN(metadata_goes_with_the_fragment_that_is_open);
    RUN(a_session_that_begins_anew_sends_metadata_with_its_fragment_again);
    RUN(an_end_of_fragment_is_told_to_the_service_behind_the_metadata);
    RUN(an_ended_fragment_can_be_delivered_before_the_next_one_begins);
    RUN(ends_of_fragments_are_refused_where_they_cannot_be);
    RUN(events_ask_for_images_and_notifications_of_their_fragment);
    RUN(an_event_that_is_refused_leaves_nothing_behind);
    RUN(metadata_put_behind_a_frame_that_waits_goes_with_that_frames_fragment);
    RUN(a_stream_that_is_full_of_frames_has_room_for_their_metadata);
    RUN(metadata_without_a_fragment_is_told);
    RUN(metadata_of_a_refused_fragment_is_told);
    RUN(each_fragment_has_an_event_of_its_own_while_its_key_frame_waits);
    RUN(a_value_replaced_while_a_key_frame_waits_stays_with_the_fragment_before);
    return kvs_test_report();
}
