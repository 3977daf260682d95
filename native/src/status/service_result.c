/*
 * What a number from the service means: the status it becomes, and whether to go on after it.
 */
#include <stddef.h>

#include "kvs/status.h"

/* Numbers of the producer's own, for outcomes that HTTP has no status for. */
enum {
    RESULT_CLIENT_LIMIT = 10000,
    RESULT_DEVICE_LIMIT = 10001,
    RESULT_STREAM_LIMIT = 10002,
    RESULT_RESOURCE_IN_USE = 10003,
    RESULT_DEVICE_NOT_PROVISIONED = 10004,
    RESULT_DEVICE_NOT_FOUND = 10005,
    RESULT_RESOURCE_DELETED = 10400,
    RESULT_IN_GRACE_PERIOD = 10401,
};

/* The ErrorIds of one range, which have no gaps, each with its status. */
struct error_range {
    uint32_t first;
    uint32_t count;
    const kvs_status *statuses;
};

static const kvs_status input_errors[] = {
    KVS_STATUS_ACK_ERR_STREAM_READ_ERROR,               /* 4000 */
    KVS_STATUS_ACK_ERR_FRAGMENT_SIZE_REACHED,           /* 4001 */
    KVS_STATUS_ACK_ERR_FRAGMENT_DURATION_REACHED,       /* 4002 */
    KVS_STATUS_ACK_ERR_CONNECTION_DURATION_REACHED,     /* 4003 */
    KVS_STATUS_ACK_ERR_FRAGMENT_TIMECODE_NOT_MONOTONIC, /* 4004 */
    KVS_STATUS_ACK_ERR_MULTI_TRACK_MKV,                 /* 4005 */
    KVS_STATUS_ACK_ERR_INVALID_MKV_DATA,                /* 4006 */
    KVS_STATUS_ACK_ERR_INVALID_PRODUCER_TIMESTAMP,      /* 4007 */
    KVS_STATUS_ACK_ERR_STREAM_NOT_ACTIVE,               /* 4008 */
    KVS_STATUS_ACK_ERR_FRAGMENT_METADATA_LIMIT_REACHED, /* 4009 */
    KVS_STATUS_ACK_ERR_TRACK_NUMBER_MISMATCH,           /* 4010 */
    KVS_STATUS_ACK_ERR_FRAMES_MISSING_FOR_TRACK,        /* 4011 */
    KVS_STATUS_ACK_ERR_MORE_THAN_ALLOWED_TRACKS_FOUND,  /* 4012 */
};

static const kvs_status key_errors[] = {
    KVS_STATUS_ACK_ERR_KMS_KEY_ACCESS_DENIED,    /* 4500 */
    KVS_STATUS_ACK_ERR_KMS_KEY_DISABLED,         /* 4501 */
    KVS_STATUS_ACK_ERR_KMS_KEY_VALIDATION_ERROR, /* 4502 */
    KVS_STATUS_ACK_ERR_KMS_KEY_UNAVAILABLE,      /* 4503 */
    KVS_STATUS_ACK_ERR_KMS_KEY_INVALID_USAGE,    /* 4504 */
    KVS_STATUS_ACK_ERR_KMS_KEY_INVALID_STATE,    /* 4505 */
    KVS_STATUS_ACK_ERR_KMS_KEY_NOT_FOUND,        /* 4506 */
    KVS_STATUS_ACK_ERR_STREAM_DELETED,           /* 4507 */
};

static const kvs_status service_errors[] = {
    KVS_STATUS_ACK_ERR_ACK_INTERNAL_ERROR,      /* 5000 */
    KVS_STATUS_ACK_ERR_FRAGMENT_ARCHIVAL_ERROR, /* 5001 */
};

static const struct error_range error_ranges[] = {
    {4000, sizeof(input_errors) / sizeof(input_errors[0]), input_errors},
    {4500, sizeof(key_errors) / sizeof(key_errors[0]), key_errors},
    {5000, sizeof(service_errors) / sizeof(service_errors[0]), service_errors},
};

kvs_status kvs_status_from_ack_error(uint32_t error_id) {
    for (size_t i = 0; i < sizeof(error_ranges) / sizeof(error_ranges[0]); i++) {
        const struct error_range *range = &error_ranges[i];
        if (error_id >= range->first && error_id - range->first < range->count) {
            return range->statuses[error_id - range->first];
        }
    }
    return KVS_STATUS_ACK_ERR_UNKNOWN_ACK_ERROR;
}

kvs_status kvs_status_from_service_result(uint32_t result) {
    switch (result) {
    case 200:
    case RESULT_IN_GRACE_PERIOD:
        return KVS_STATUS_SUCCESS;
    case 401:
    case 403:
        return KVS_STATUS_SERVICE_CALL_NOT_AUTHORIZED_ERROR;
    case 404:
        return KVS_STATUS_SERVICE_CALL_RESOURCE_NOT_FOUND_ERROR;
    case 406:
        return KVS_STATUS_SERVICE_CALL_INVALID_ARG_ERROR;
    case 408:
    case 504:
    case 598:
    case 599:
        return KVS_STATUS_SERVICE_CALL_TIMEOUT_ERROR;
    case RESULT_CLIENT_LIMIT:
        return KVS_STATUS_SERVICE_CALL_CLIENT_LIMIT_ERROR;
    case RESULT_DEVICE_LIMIT:
        return KVS_STATUS_SERVICE_CALL_DEVICE_LIMIT_ERROR;
    case RESULT_STREAM_LIMIT:
        return KVS_STATUS_SERVICE_CALL_STREAM_LIMIT_ERROR;
    case RESULT_RESOURCE_IN_USE:
        return KVS_STATUS_SERVICE_CALL_RESOURCE_IN_USE_ERROR;
    case RESULT_DEVICE_NOT_PROVISIONED:
        return KVS_STATUS_SERVICE_CALL_DEVICE_NOT_PROVISIONED_ERROR;
    case RESULT_DEVICE_NOT_FOUND:
        return KVS_STATUS_SERVICE_CALL_DEVICE_NOT_FOUND_ERROR;
    case RESULT_RESOURCE_DELETED:
        return KVS_STATUS_SERVICE_CALL_RESOURCE_DELETED_ERROR;
    default:
        return (result >= 4000 && result <= 5999) || result == 7000
                   ? kvs_status_from_ack_error(result)
                   : KVS_STATUS_SERVICE_CALL_UNKNOWN_ERROR;
    }
}

bool kvs_service_result_is_fragment_fault(uint32_t result) {
    return result == 4001 || result == 4002 || (result >= 4004 && result <= 4007) ||
           (result >= 4009 && result <= 4012);
}

bool kvs_service_result_host_is_alive(uint32_t result) {
    switch (result) {
    case 200:
    case 401:
    case RESULT_CLIENT_LIMIT:
    case RESULT_DEVICE_LIMIT:
    case RESULT_STREAM_LIMIT:
    case 4000:
    case 4003:
    case 4008:
    case 5000:
    case 5001:
        return true;
    default:
        return result >= 4500 && result <= 4507;
    }
}
