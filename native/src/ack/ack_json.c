/*
 * One object, byte by byte, by the grammar of RFC 8259. What is open is one bit a level in
 * object_bits: 1 for an object, 0 for an array.
 */
#include <string.h>

#include "ack_internal.h"

static bool in_object(const struct kvs_ack_parser *parser) {
    return (parser->object_bits >> (parser->depth - 1) & 1) != 0;
}

static void open_container(struct kvs_ack_parser *parser, bool is_object) {
    if (is_object) {
        parser->object_bits |= UINT32_C(1) << parser->depth;
    }
    parser->depth++;
    parser->key = KVS__ACK_KEY_OTHER;
    parser->state = is_object ? KVS__ACK_KEY_OR_END : KVS__ACK_VALUE_OR_END;
}

static void close_container(struct kvs_ack_parser *parser) {
    parser->depth--;
    parser->object_bits &= ~(UINT32_C(1) << parser->depth);
    parser->state = KVS__ACK_AFTER_VALUE;
}

void kvs__ack_begin_object(struct kvs_ack_parser *parser) {
    memset(&parser->ack, 0, sizeof(parser->ack));
    parser->fault = KVS_STATUS_SUCCESS;
    parser->open_braces = 0;
    parser->skips_string = false;
    parser->skips_escape = false;
    parser->seen_keys = 0;
    parser->has_error_id = false;
    parser->object_bits = 0;
    parser->depth = 0;
    parser->size = 1;
    open_container(parser, true);
}

static bool key_byte(struct kvs_ack_parser *parser, uint8_t byte) {
    if (byte == '"') {
        kvs__ack_begin_string(parser, true);
        return true;
    }
    if (byte != '}' || parser->state != KVS__ACK_KEY_OR_END) {
        return false;
    }
    if (parser->depth == 1) {
        kvs__ack_note_fault(parser, KVS_STATUS_INVALID_ACK_KEY_START);
    }
    close_container(parser);
    return true;
}

static bool is_bare(uint8_t byte) {
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') || byte == 'E' ||
           byte == '+' || byte == '-' || byte == '.';
}

static bool value_byte(struct kvs_ack_parser *parser, uint8_t byte) {
    if (byte == '"') {
        kvs__ack_begin_string(parser, false);
        return true;
    }
    if (byte == ']' && parser->state == KVS__ACK_VALUE_OR_END) {
        close_container(parser);
        return true;
    }
    if (byte == '{' || byte == '[') {
        if (parser->depth == KVS_ACK_MAX_DEPTH) {
            return false;
        }
        kvs__ack_take_other(parser);
        open_container(parser, byte == '{');
        return true;
    }
    if (byte != '-' && (byte < '0' || byte > '9') && (byte < 'a' || byte > 'z')) {
        return false;
    }
    parser->text_len = 0;
    parser->text_cut = false;
    kvs__ack_append(parser, byte);
    parser->state = KVS__ACK_BARE;
    return true;
}

static bool after_value_byte(struct kvs_ack_parser *parser, uint8_t byte) {
    bool object = in_object(parser);
    if (byte == ',') {
        parser->state = object ? KVS__ACK_KEY : KVS__ACK_VALUE;
        return true;
    }
    if (byte != (object ? '}' : ']')) {
        return false;
    }
    close_container(parser);
    return true;
}

static bool string_byte(struct kvs_ack_parser *parser, uint8_t byte) {
    bool ended = false;
    if (!kvs__ack_string_byte(parser, byte, &ended)) {
        return false;
    }
    if (ended && parser->string_is_key) {
        kvs__ack_take_key(parser);
        parser->state = KVS__ACK_COLON;
    } else if (ended) {
        kvs__ack_take_string(parser);
        parser->state = KVS__ACK_AFTER_VALUE;
    }
    return true;
}

/** The byte after a number or literal both ends it and belongs to what follows. */
static bool bare_byte(struct kvs_ack_parser *parser, uint8_t byte) {
    if (is_bare(byte)) {
        kvs__ack_append(parser, byte);
        return true;
    }
    if (!kvs__ack_take_bare(parser)) {
        return false;
    }
    parser->state = KVS__ACK_AFTER_VALUE;
    return kvs__ack_is_space(byte) || after_value_byte(parser, byte);
}

bool kvs__ack_json_byte(struct kvs_ack_parser *parser, uint8_t byte) {
    enum kvs__ack_state state = (enum kvs__ack_state)parser->state;
    switch (state) {
    case KVS__ACK_STRING:
    case KVS__ACK_ESCAPE:
    case KVS__ACK_CODE_UNIT:
        return string_byte(parser, byte);
    case KVS__ACK_BARE:
        return bare_byte(parser, byte);
    default:
        break;
    }
    if (kvs__ack_is_space(byte)) {
        return true;
    }
    switch (state) {
    case KVS__ACK_KEY_OR_END:
    case KVS__ACK_KEY:
        return key_byte(parser, byte);
    case KVS__ACK_COLON:
        parser->state = byte == ':' ? KVS__ACK_VALUE : KVS__ACK_COLON;
        return byte == ':';
    case KVS__ACK_VALUE:
    case KVS__ACK_VALUE_OR_END:
        return value_byte(parser, byte);
    default:
        return after_value_byte(parser, byte);
    }
}
