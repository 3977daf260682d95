#include <string.h>

#include "ack_internal.h"

void kvs_ack_parser_init(struct kvs_ack_parser *parser) {
    memset(parser, 0, sizeof(*parser));
    parser->state = KVS__ACK_BETWEEN;
    parser->at_line_start = true;
}

/** What it means that the object breaks off in the present state. */
static kvs_status broken_status(const struct kvs_ack_parser *parser) {
    switch ((enum kvs__ack_state)parser->state) {
    case KVS__ACK_KEY_OR_END:
    case KVS__ACK_KEY:
        return KVS_STATUS_INVALID_ACK_KEY_START;
    case KVS__ACK_COLON:
    case KVS__ACK_VALUE:
    case KVS__ACK_VALUE_OR_END:
        return KVS_STATUS_INVALID_ACK_INVALID_VALUE_START;
    default:
        return KVS_STATUS_INVALID_ACK_INVALID_VALUE_END;
    }
}

static void skip_byte(struct kvs_ack_parser *parser, uint8_t byte) {
    if (byte == '\n') {
        /* No string spans lines, so one that is open here was opened by the damage. */
        parser->skips_string = false;
        parser->skips_escape = false;
    } else if (parser->skips_escape) {
        parser->skips_escape = false;
    } else if (parser->skips_string) {
        parser->skips_escape = byte == '\\';
        parser->skips_string = byte != '"';
    } else if (byte == '"') {
        parser->skips_string = true;
    } else if (byte == '{' && parser->open_braces < UINT32_MAX) {
        parser->open_braces++;
    } else if (byte == '}') {
        parser->open_braces--;
        if (parser->open_braces == 0) {
            parser->state = KVS__ACK_BETWEEN;
        }
    }
}

/** Gives up the open object at `byte` and starts to skip what is left of it. */
static void skip_rest(struct kvs_ack_parser *parser, uint8_t byte) {
    parser->open_braces = 0;
    for (uint32_t bits = parser->object_bits; bits != 0; bits >>= 1) {
        parser->open_braces += bits & 1;
    }
    parser->skips_escape = parser->state == KVS__ACK_ESCAPE;
    parser->skips_string = parser->skips_escape || parser->state == KVS__ACK_STRING ||
                           parser->state == KVS__ACK_CODE_UNIT;
    parser->state = KVS__ACK_SKIP;
    parser->depth = 0;
    parser->object_bits = 0;
    skip_byte(parser, byte);
}

/** Takes a byte of the open object; `complete` is set when it completes an acknowledgement. */
static kvs_status object_byte(struct kvs_ack_parser *parser, uint8_t byte, bool *complete) {
    if (parser->size == KVS_ACK_MAX_OBJECT_SIZE) {
        skip_rest(parser, byte);
        return KVS_STATUS_INVALID_ACK_SEGMENT_LEN;
    }
    parser->size++;
    if (!kvs__ack_json_byte(parser, byte)) {
        kvs_status status = broken_status(parser);
        skip_rest(parser, byte);
        return status;
    }
    if (parser->depth > 0) {
        return KVS_STATUS_SUCCESS;
    }
    parser->state = KVS__ACK_BETWEEN;
    kvs_status status = kvs__ack_finish(parser);
    *complete = status == KVS_STATUS_SUCCESS;
    return status;
}

static kvs_status parser_byte(struct kvs_ack_parser *parser, uint8_t byte, bool *complete) {
    bool begins_line = parser->at_line_start;
    parser->at_line_start = byte == '\n' || (begins_line && kvs__ack_is_space(byte));

    bool outside = parser->state == KVS__ACK_BETWEEN || parser->state == KVS__ACK_GARBAGE;
    if (byte == '{' && (begins_line || outside)) {
        kvs_status status = parser->depth > 0 ? broken_status(parser) : KVS_STATUS_SUCCESS;
        kvs__ack_begin_object(parser);
        return status;
    }
    if (parser->state == KVS__ACK_SKIP) {
        skip_byte(parser, byte);
        return KVS_STATUS_SUCCESS;
    }
    if (!outside) {
        return object_byte(parser, byte, complete);
    }
    if (parser->state == KVS__ACK_GARBAGE || kvs__ack_is_space(byte)) {
        return KVS_STATUS_SUCCESS;
    }
    parser->state = KVS__ACK_GARBAGE;
    return KVS_STATUS_INVALID_ACK_KEY_START;
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

/** Takes the plain characters within a string at once; what else there is, byte by byte. */
static void take_plain_text(struct kvs_ack_parser *parser, struct kvs_span *input) {
    if (parser->state != KVS__ACK_STRING || parser->at_line_start || parser->high_surrogate != 0) {
        return;
    }
    size_t room =
        smaller(KVS_ACK_MAX_TEXT_LEN - parser->text_len, KVS_ACK_MAX_OBJECT_SIZE - parser->size);
    size_t limit = smaller(room, input->len);
    size_t len = 0;
    while (len < limit && input->data[len] >= 0x20 && input->data[len] != '"' &&
           input->data[len] != '\\') {
        parser->text[parser->text_len + len] = (char)input->data[len];
        len++;
    }
    parser->text_len = (uint16_t)(parser->text_len + len);
    parser->size = (uint16_t)(parser->size + len);
    input->data += len;
    input->len -= len;
}

kvs_status kvs_ack_parser_next(struct kvs_ack_parser *parser, struct kvs_span *input,
                               struct kvs_ack *ack, bool *ready) {
    if (parser == NULL || input == NULL || ack == NULL || ready == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    bool complete = false;
    while (input->len > 0 && !complete) {
        take_plain_text(parser, input);
        if (input->len == 0) {
            break;
        }
        uint8_t byte = *input->data;
        input->data++;
        input->len--;
        kvs_status status = parser_byte(parser, byte, &complete);
        if (status != KVS_STATUS_SUCCESS) {
            return status;
        }
    }
    if (complete) {
        *ack = parser->ack;
    }
    *ready = complete;
    return KVS_STATUS_SUCCESS;
}
