/*
 * Limits of streams, ends of fragments and events: each has a status of its own.
 */
#include <stdio.h>
#include <string.h>

#include "producer.h"
#include "test.h"

static kvs_status end_fragment(struct producer *producer) {
    const struct kvs_frame frame = {.flags = KVS_FRAME_END_OF_FRAGMENT, .track_id = 1};
    return kvs_stream_put_frame(producer->stream, &frame, producer->now_ns);
}

KVS_TEST(a_client_makes_as_many_streams_as_it_may) {
    const struct kvs_client_config client_config = {
        .storage_bytes = 10 * 1024 * 1024, .max_streams = 2, .allocator = kvs_test_allocator()};
    struct kvs_stream_config config = test_stream_config(false);
    struct kvs_client *client = NULL;
    struct kvs_stream *streams[3] = {NULL};
    CHECK_STATUS(kvs_client_new(&client_config, &client), KVS_STATUS_SUCCESS);
    config.name = "one";
    CHECK_STATUS(kvs_stream_new(client, &config, 0, &streams[0]), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_new(client, &config, 0, &streams[1]), KVS_STATUS_DUPLICATE_STREAM_NAME);
    config.name = "two";
    CHECK_STATUS(kvs_stream_new(client, &config, 0, &streams[1]), KVS_STATUS_SUCCESS);
    config.name = "three";
    CHECK_STATUS(kvs_stream_new(client, &config, 0, &streams[2]), KVS_STATUS_MAX_STREAM_COUNT);
    kvs_stream_destroy(streams[0]);
    CHECK_STATUS(kvs_stream_new(client, &config, 0, &streams[2]), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_client_destroy(client), KVS_STATUS_INVALID_OPERATION);
    kvs_stream_destroy(streams[1]);
    kvs_stream_destroy(streams[2]);
    CHECK_STATUS(kvs_client_destroy(client), KVS_STATUS_SUCCESS);
}

KVS_TEST(an_end_of_fragment_needs_a_fragment_to_end) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    CHECK_STATUS(end_fragment(&producer), KVS_STATUS_CONTENT_VIEW_NO_MORE_ITEMS);
    put_fragment(&producer, 0, 3);
    CHECK_STATUS(end_fragment(&producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(end_fragment(&producer), KVS_STATUS_MULTIPLE_CONSECUTIVE_EOFR);
    put_fragment(&producer, 1000, 3);
    CHECK_STATUS(end_fragment(&producer), KVS_STATUS_SUCCESS);
    producer_close(&producer);
}

KVS_TEST(an_end_of_fragment_needs_fragments_that_key_frames_begin) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    config.key_frame_fragmentation = false;
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 3);
    CHECK_STATUS(end_fragment(&producer), KVS_STATUS_END_OF_FRAGMENT_FRAME_INVALID_STATE);
    producer_close(&producer);
}

KVS_TEST(orders_without_ends_of_fragments_refuse_them) {
    static const enum kvs_frame_order orders[] = {KVS_FRAME_ORDER_DTS, KVS_FRAME_ORDER_PTS};
    for (uint32_t i = 0; i < 2; i++) {
        struct producer producer;
        struct kvs_stream_config config = test_stream_config(false);
        config.frame_order = orders[i];
        producer_open(&producer, &config);
        put_fragment(&producer, 0, 3);
        CHECK_STATUS(end_fragment(&producer), KVS_STATUS_SETTING_KEY_FRAME_FLAG_WHILE_USING_EOFR);
        producer_close(&producer);
    }
}

KVS_TEST(an_event_needs_a_stream_that_has_begun) {
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    CHECK_STATUS(kvs_stream_put_event(producer.stream, KVS_FRAGMENT_EVENT_IMAGE, NULL),
                 KVS_STATUS_STREAM_NOT_STARTED);
    put_fragment(&producer, 0, 1);
    CHECK_STATUS(kvs_stream_put_event(producer.stream, KVS_FRAGMENT_EVENT_IMAGE, NULL),
                 KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_stop(producer.stream), KVS_STATUS_SUCCESS);
    CHECK_STATUS(kvs_stream_put_event(producer.stream, KVS_FRAGMENT_EVENT_IMAGE, NULL),
                 KVS_STATUS_STREAM_HAS_BEEN_STOPPED);
    producer_close(&producer);
}

struct pair_case {
    struct kvs_mkv_tag pair;
    kvs_status status;
};

KVS_TEST(pairs_of_an_event_have_limits_of_their_own) {
    char name[130];
    char value[258];
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    memset(value, 'v', sizeof value);
    value[sizeof value - 1] = '\0';
    const struct pair_case cases[] = {
        {{.name = name, .value = "v"}, KVS_STATUS_INVALID_IMAGE_METADATA_KEY_LENGTH},
        {{.name = "", .value = "v"}, KVS_STATUS_INVALID_IMAGE_METADATA_KEY_LENGTH},
        {{.name = "n", .value = value}, KVS_STATUS_INVALID_IMAGE_METADATA_VALUE_LENGTH},
        {{.name = "AWS", .value = "v"}, KVS_STATUS_INVALID_METADATA_NAME},
        {{.name = NULL, .value = "v"}, KVS_STATUS_NULL_ARG},
        {{.name = "n", .value = NULL}, KVS_STATUS_NULL_ARG},
    };
    struct producer producer;
    struct kvs_stream_config config = test_stream_config(false);
    producer_open(&producer, &config);
    put_fragment(&producer, 0, 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct kvs_fragment_event_details details = {.pairs = &cases[i].pair,
                                                           .pair_count = 1};
        CHECK_STATUS(
            kvs_stream_put_event(producer.stream, KVS_FRAGMENT_EVENT_NOTIFICATION, &details),
            cases[i].status);
    }
    struct kvs_mkv_tag pairs[11];
    for (uint32_t i = 0; i < 11; i++) {
        pairs[i] = (struct kvs_mkv_tag){.name = "n", .value = "v"};
    }
    const struct kvs_fragment_event_details many = {.pairs = pairs, .pair_count = 11};
    CHECK_STATUS(kvs_stream_put_event(producer.stream, KVS_FRAGMENT_EVENT_NOTIFICATION, &many),
                 KVS_STATUS_INVALID_ARG);
    CHECK_STATUS(kvs_stream_put_event(producer.stream, 0, NULL), KVS_STATUS_INVALID_ARG);
    CHECK_STATUS(kvs_stream_put_event(producer.stream, 4, NULL), KVS_STATUS_INVALID_ARG);
    producer_close(&producer);
}

int main(void) {
    RUN(a_client_makes_as_many_streams_as_it_may);
    RUN(an_end_of_fragment_needs_a_fragment_to_end);
    RUN(an_end_of_fragment_needs_fragments_that_key_frames_begin);
    RUN(orders_without_ends_of_fragments_refuse_them);
    RUN(an_event_needs_a_stream_that_has_begun);
    RUN(pairs_of_an_event_have_limits_of_their_own);
    return kvs_test_report();
}
