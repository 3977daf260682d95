/*
 * What a session makes of everything that the service may say is wrong: each becomes an event that
 * has the status of its own.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "producer.h"
#include "test.h"

struct error_case {
    uint32_t error_id;
    kvs_status status;
};

struct broken_case {
    const char *text;
    kvs_status status;
};

static uint8_t out[1 << 16];

static void start(struct producer *producer) {
    const struct kvs_stream_config config = test_stream_config(false);
    size_t len = 0;
    producer_open(producer, &config);
    put_fragment(producer, 0, 3);
    CHECK_STATUS(open_session(producer), KVS_STATUS_SUCCESS);
    CHECK_STATUS(read_session(producer, sizeof out, out, sizeof out, &len),
                 KVS_STATUS_NO_MORE_DATA_AVAILABLE);
}

/* Feeds `text` and returns the first event of an ACK that it makes. */
static struct kvs_event event_of(struct producer *producer, const char *text) {
    struct kvs_span bytes = kvs_span_of(text, strlen(text));
    struct kvs_event event = {0};
    CHECK_STATUS(
        kvs_session_ack_bytes(producer->stream, producer->session_id, producer->now_ns, &bytes),
        KVS_STATUS_SUCCESS);
    while (kvs_stream_next_event(producer->stream, &event)) {
        if (event.type == KVS_EVENT_ACK) {
            return event;
        }
    }
    CHECK(false && "there is an event");
    return event;
}

KVS_TEST(every_error_of_the_service_becomes_an_event_with_its_status) {
    static const struct error_case cases[] = {
        {4000, KVS_STATUS_ACK_ERR_STREAM_READ_ERROR},
        {4001, KVS_STATUS_ACK_ERR_FRAGMENT_SIZE_REACHED},
        {4002, KVS_STATUS_ACK_ERR_FRAGMENT_DURATION_REACHED},
        {4003, KVS_STATUS_ACK_ERR_CONNECTION_DURATION_REACHED},
        {4004, KVS_STATUS_ACK_ERR_FRAGMENT_TIMECODE_NOT_MONOTONIC},
        {4005, KVS_STATUS_ACK_ERR_MULTI_TRACK_MKV},
        {4006, KVS_STATUS_ACK_ERR_INVALID_MKV_DATA},
        {4007, KVS_STATUS_ACK_ERR_INVALID_PRODUCER_TIMESTAMP},
        {4008, KVS_STATUS_ACK_ERR_STREAM_NOT_ACTIVE},
        {4009, KVS_STATUS_ACK_ERR_FRAGMENT_METADATA_LIMIT_REACHED},
        {4010, KVS_STATUS_ACK_ERR_TRACK_NUMBER_MISMATCH},
        {4011, KVS_STATUS_ACK_ERR_FRAMES_MISSING_FOR_TRACK},
        {4012, KVS_STATUS_ACK_ERR_MORE_THAN_ALLOWED_TRACKS_FOUND},
        {4500, KVS_STATUS_ACK_ERR_KMS_KEY_ACCESS_DENIED},
        {4501, KVS_STATUS_ACK_ERR_KMS_KEY_DISABLED},
        {4502, KVS_STATUS_ACK_ERR_KMS_KEY_VALIDATION_ERROR},
        {4503, KVS_STATUS_ACK_ERR_KMS_KEY_UNAVAILABLE},
        {4504, KVS_STATUS_ACK_ERR_KMS_KEY_INVALID_USAGE},
        {4505, KVS_STATUS_ACK_ERR_KMS_KEY_INVALID_STATE},
        {4506, KVS_STATUS_ACK_ERR_KMS_KEY_NOT_FOUND},
        {4507, KVS_STATUS_ACK_ERR_STREAM_DELETED},
        {5000, KVS_STATUS_ACK_ERR_ACK_INTERNAL_ERROR},
        {5001, KVS_STATUS_ACK_ERR_FRAGMENT_ARCHIVAL_ERROR},
        {4013, KVS_STATUS_ACK_ERR_UNKNOWN_ACK_ERROR},
        {200, KVS_STATUS_ACK_ERR_UNKNOWN_ACK_ERROR},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct producer producer;
        char text[160];
        snprintf(text, sizeof text,
                 "{\"EventType\":\"ERROR\",\"FragmentTimecode\":%" PRId64 ",\"ErrorId\":%" PRIu32
                 "}\n",
                 TEST_EPOCH_MS, cases[i].error_id);
        start(&producer);
        struct kvs_event event = event_of(&producer, text);
        CHECK_STATUS(event.as.ack.status, cases[i].status);
        CHECK_EQ(event.as.ack.ack.error_id, cases[i].error_id);
        producer_close(&producer);
    }
}

KVS_TEST(every_unreadable_acknowledgement_becomes_an_event_that_says_what_is_wrong) {
    char too_long[1100];
    const struct broken_case cases[] = {
        {"{x}\n", KVS_STATUS_INVALID_ACK_KEY_START},
        {"{\"EventType\":\"IDLE\",\"EventType\":\"IDLE\"}\n",
         KVS_STATUS_INVALID_ACK_DUPLICATE_KEY_NAME},
        {"{\"EventType\":1}\n", KVS_STATUS_INVALID_ACK_INVALID_VALUE_START},
        {"{\"FragmentTimecode\":-9,\"EventType\":\"IDLE\"}\n",
         KVS_STATUS_INVALID_ACK_INVALID_VALUE_END},
        {"{\"EventType\":\"PERISHED\"}\n", KVS_STATUS_INVALID_PARSED_ACK_TYPE},
        {"{\"EventType\":\"ERROR\"}\n", KVS_STATUS_MISSING_ERR_ACK_ID},
        {too_long, KVS_STATUS_INVALID_ACK_SEGMENT_LEN},
    };
    snprintf(too_long, sizeof too_long, "{\"EventType\":\"IDLE\",\"%0*d\":0}\n", 1050, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct producer producer;
        start(&producer);
        struct kvs_event event = event_of(&producer, cases[i].text);
        CHECK_STATUS(event.as.ack.status, cases[i].status);
        CHECK_STATUS(ack(&producer, "PERSISTED", TEST_EPOCH_MS), KVS_STATUS_SUCCESS);
        producer_close(&producer);
    }
}

KVS_TEST(results_that_only_a_transport_of_ones_own_can_have_are_statuses_too) {
    static const struct error_case cases[] = {
        {10004, KVS_STATUS_SERVICE_CALL_DEVICE_NOT_PROVISIONED_ERROR},
        {10005, KVS_STATUS_SERVICE_CALL_DEVICE_NOT_FOUND_ERROR},
        {10400, KVS_STATUS_SERVICE_CALL_RESOURCE_DELETED_ERROR},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_STATUS(kvs_status_from_service_result(cases[i].error_id), cases[i].status);
    }
}

int main(void) {
    RUN(every_error_of_the_service_becomes_an_event_with_its_status);
    RUN(every_unreadable_acknowledgement_becomes_an_event_that_says_what_is_wrong);
    RUN(results_that_only_a_transport_of_ones_own_can_have_are_statuses_too);
    return kvs_test_report();
}
