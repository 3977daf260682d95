/*
 * What the keys and values of an object mean as an acknowledgement (PutMedia, response syntax).
 */
#include <string.h>

#include "ack_internal.h"

static const char *const key_names[KVS__ACK_KEY_COUNT] = {
    [KVS__ACK_KEY_EVENT_TYPE] = "EventType",
    [KVS__ACK_KEY_FRAGMENT_TIMECODE] = "FragmentTimecode",
    [KVS__ACK_KEY_FRAGMENT_NUMBER] = "FragmentNumber",
    [KVS__ACK_KEY_ERROR_ID] = "ErrorId",
    [KVS__ACK_KEY_ERROR_CODE] = "ErrorCode",
};

static const char *const type_names[] = {
    [KVS_ACK_BUFFERING] = "BUFFERING", [KVS_ACK_RECEIVED] = "RECEIVED",
    [KVS_ACK_PERSISTED] = "PERSISTED", [KVS_ACK_ERROR] = "ERROR",
    [KVS_ACK_IDLE] = "IDLE",
};

static bool text_is(const struct kvs_ack_parser *parser, const char *expected) {
    size_t len = strlen(expected);
    return parser->text_len == len && memcmp(parser->text, expected, len) == 0;
}

void kvs__ack_note_fault(struct kvs_ack_parser *parser, kvs_status fault) {
    if (parser->fault == KVS_STATUS_SUCCESS) {
        parser->fault = fault;
    }
}

void kvs__ack_take_key(struct kvs_ack_parser *parser) {
    parser->key = KVS__ACK_KEY_OTHER;
    if (parser->depth > 1) {
        return;
    }
    for (int key = KVS__ACK_KEY_EVENT_TYPE; key < KVS__ACK_KEY_COUNT; key++) {
        if (text_is(parser, key_names[key])) {
            parser->key = (uint8_t)key;
            break;
        }
    }
    if (parser->key == KVS__ACK_KEY_OTHER) {
        return;
    }
    uint8_t bit = (uint8_t)(1u << parser->key);
    if ((parser->seen_keys & bit) != 0) {
        kvs__ack_note_fault(parser, KVS_STATUS_INVALID_ACK_DUPLICATE_KEY_NAME);
    }
    parser->seen_keys |= bit;
}

static void take_type(struct kvs_ack_parser *parser) {
    for (int type = KVS_ACK_BUFFERING; type <= KVS_ACK_IDLE; type++) {
        if (text_is(parser, type_names[type])) {
            parser->ack.type = (enum kvs_ack_type)type;
            return;
        }
    }
    kvs__ack_note_fault(parser, KVS_STATUS_INVALID_PARSED_ACK_TYPE);
}

/** Copies the text into `out`, as much of it as fits. */
static void take_text(const struct kvs_ack_parser *parser, char *out, size_t max_len) {
    size_t len = parser->text_len < max_len ? parser->text_len : max_len;
    memcpy(out, parser->text, len);
    out[len] = '\0';
}

/** Takes the text as a timecode or an ErrorId. */
static void take_number(struct kvs_ack_parser *parser) {
    bool is_timecode = parser->key == KVS__ACK_KEY_FRAGMENT_TIMECODE;
    int64_t min = is_timecode ? -1 : 0;
    int64_t max = is_timecode ? INT64_MAX : (int64_t)UINT32_MAX;
    int64_t value = 0;
    enum kvs__ack_number kind = kvs__ack_parse_number(parser->text, parser->text_len, &value);
    if (parser->text_cut || kind != KVS__ACK_NUMBER_WHOLE || value < min || value > max) {
        kvs__ack_note_fault(parser, KVS_STATUS_INVALID_ACK_INVALID_VALUE_END);
    } else if (!is_timecode) {
        parser->ack.error_id = (uint32_t)value;
        parser->has_error_id = true;
    } else if (value >= 0) {
        parser->ack.timecode = value;
        parser->ack.has_timecode = true;
    }
}

void kvs__ack_take_string(struct kvs_ack_parser *parser) {
    switch ((enum kvs__ack_key)parser->key) {
    case KVS__ACK_KEY_EVENT_TYPE:
        take_type(parser);
        break;
    case KVS__ACK_KEY_FRAGMENT_TIMECODE:
    case KVS__ACK_KEY_ERROR_ID:
        take_number(parser);
        break;
    case KVS__ACK_KEY_FRAGMENT_NUMBER:
        take_text(parser, parser->ack.fragment_number, KVS_ACK_MAX_TEXT_LEN);
        break;
    case KVS__ACK_KEY_ERROR_CODE:
        take_text(parser, parser->ack.error_code, KVS_ACK_MAX_ERROR_CODE_LEN);
        break;
    default:
        break;
    }
}

bool kvs__ack_take_bare(struct kvs_ack_parser *parser) {
    if (text_is(parser, "null")) {
        return true;
    }
    if (text_is(parser, "true") || text_is(parser, "false")) {
        kvs__ack_take_other(parser);
        return true;
    }
    int64_t value = 0;
    if (parser->text_cut || kvs__ack_parse_number(parser->text, parser->text_len, &value) ==
                                KVS__ACK_NUMBER_MALFORMED) {
        return false;
    }
    if (parser->key == KVS__ACK_KEY_FRAGMENT_TIMECODE || parser->key == KVS__ACK_KEY_ERROR_ID) {
        take_number(parser);
    } else {
        kvs__ack_take_other(parser);
    }
    return true;
}

void kvs__ack_take_other(struct kvs_ack_parser *parser) {
    if (parser->key != KVS__ACK_KEY_OTHER) {
        kvs__ack_note_fault(parser, KVS_STATUS_INVALID_ACK_INVALID_VALUE_START);
    }
}

kvs_status kvs__ack_finish(struct kvs_ack_parser *parser) {
    struct kvs_ack *ack = &parser->ack;
    if (parser->fault != KVS_STATUS_SUCCESS) {
        return parser->fault;
    }
    if (ack->type == 0) {
        return KVS_STATUS_INVALID_PARSED_ACK_TYPE;
    }
    if (ack->type != KVS_ACK_ERROR) {
        ack->error_id = 0;
        ack->error_code[0] = '\0';
        return KVS_STATUS_SUCCESS;
    }
    return parser->has_error_id ? KVS_STATUS_SUCCESS : KVS_STATUS_MISSING_ERR_ACK_ID;
}
