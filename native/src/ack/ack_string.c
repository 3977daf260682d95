/*
 * Strings, decoded as they come: escapes become UTF-8, what is no character becomes U+FFFD.
 */
#include "ack_internal.h"

enum {
    REPLACEMENT_CHARACTER = 0xFFFD,
    HIGH_SURROGATE_FIRST = 0xD800,
    LOW_SURROGATE_FIRST = 0xDC00,
    LOW_SURROGATE_LAST = 0xDFFF,
};

void kvs__ack_append(struct kvs_ack_parser *parser, uint8_t byte) {
    if (parser->text_len == KVS_ACK_MAX_TEXT_LEN) {
        parser->text_cut = true;
        return;
    }
    parser->text[parser->text_len] = (char)byte;
    parser->text_len++;
}

static void append_code_point(struct kvs_ack_parser *parser, uint32_t code_point) {
    if (code_point < 0x80) {
        kvs__ack_append(parser, (uint8_t)code_point);
        return;
    }
    if (code_point < 0x800) {
        kvs__ack_append(parser, (uint8_t)(0xC0 | code_point >> 6));
    } else if (code_point < 0x10000) {
        kvs__ack_append(parser, (uint8_t)(0xE0 | code_point >> 12));
        kvs__ack_append(parser, (uint8_t)(0x80 | (code_point >> 6 & 0x3F)));
    } else {
        kvs__ack_append(parser, (uint8_t)(0xF0 | code_point >> 18));
        kvs__ack_append(parser, (uint8_t)(0x80 | (code_point >> 12 & 0x3F)));
        kvs__ack_append(parser, (uint8_t)(0x80 | (code_point >> 6 & 0x3F)));
    }
    kvs__ack_append(parser, (uint8_t)(0x80 | (code_point & 0x3F)));
}

/** A high surrogate that anything but a low one follows is no character. */
static void flush_surrogate(struct kvs_ack_parser *parser) {
    if (parser->high_surrogate != 0) {
        parser->high_surrogate = 0;
        append_code_point(parser, REPLACEMENT_CHARACTER);
    }
}

/** Takes one \uXXXX: a character, or half of a surrogate pair. */
static void take_code_unit(struct kvs_ack_parser *parser, uint16_t unit) {
    bool is_low = unit >= LOW_SURROGATE_FIRST && unit <= LOW_SURROGATE_LAST;
    if (is_low && parser->high_surrogate != 0) {
        uint32_t high = (uint32_t)parser->high_surrogate - HIGH_SURROGATE_FIRST;
        parser->high_surrogate = 0;
        append_code_point(parser, 0x10000 + (high << 10) + (unit - LOW_SURROGATE_FIRST));
        return;
    }
    flush_surrogate(parser);
    if (unit >= HIGH_SURROGATE_FIRST && unit < LOW_SURROGATE_FIRST) {
        parser->high_surrogate = unit;
        return;
    }
    /* The texts end with a NUL, so they cannot contain one. */
    append_code_point(parser, is_low || unit == 0 ? REPLACEMENT_CHARACTER : unit);
}

static bool escape_byte(struct kvs_ack_parser *parser, uint8_t byte) {
    switch (byte) {
    case 'u':
        parser->code_unit = 0;
        parser->hex_digits = 0;
        parser->state = KVS__ACK_CODE_UNIT;
        return true;
    case '"':
    case '\\':
    case '/':
        break;
    case 'b':
        byte = '\b';
        break;
    case 'f':
        byte = '\f';
        break;
    case 'n':
        byte = '\n';
        break;
    case 'r':
        byte = '\r';
        break;
    case 't':
        byte = '\t';
        break;
    default:
        return false;
    }
    flush_surrogate(parser);
    kvs__ack_append(parser, byte);
    parser->state = KVS__ACK_STRING;
    return true;
}

static bool code_unit_byte(struct kvs_ack_parser *parser, uint8_t byte) {
    uint32_t digit;
    if (byte >= '0' && byte <= '9') {
        digit = (uint32_t)(byte - '0');
    } else if (byte >= 'a' && byte <= 'f') {
        digit = (uint32_t)(byte - 'a' + 10);
    } else if (byte >= 'A' && byte <= 'F') {
        digit = (uint32_t)(byte - 'A' + 10);
    } else {
        return false;
    }
    parser->code_unit = (uint16_t)((uint32_t)parser->code_unit << 4 | digit);
    parser->hex_digits++;
    if (parser->hex_digits == 4) {
        parser->hex_digits = 0;
        parser->state = KVS__ACK_STRING;
        take_code_unit(parser, parser->code_unit);
    }
    return true;
}

void kvs__ack_begin_string(struct kvs_ack_parser *parser, bool is_key) {
    parser->string_is_key = is_key;
    parser->text_len = 0;
    parser->text_cut = false;
    parser->high_surrogate = 0;
    parser->hex_digits = 0;
    parser->state = KVS__ACK_STRING;
}

bool kvs__ack_string_byte(struct kvs_ack_parser *parser, uint8_t byte, bool *ended) {
    if (parser->state == KVS__ACK_ESCAPE) {
        return escape_byte(parser, byte);
    }
    if (parser->state == KVS__ACK_CODE_UNIT) {
        return code_unit_byte(parser, byte);
    }
    if (byte < 0x20) {
        return false;
    }
    if (byte == '\\') {
        parser->state = KVS__ACK_ESCAPE;
        return true;
    }
    flush_surrogate(parser);
    if (byte == '"') {
        *ended = true;
        return true;
    }
    kvs__ack_append(parser, byte);
    return true;
}
