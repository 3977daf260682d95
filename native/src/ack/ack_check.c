#include <string.h>

#include "ack_internal.h"

static bool is_terminated(const char *text, size_t size) {
    return memchr(text, '\0', size) != NULL;
}

static bool object_is_sound(const struct kvs_ack_parser *parser) {
    return parser->depth >= 1 && parser->depth <= KVS_ACK_MAX_DEPTH && parser->size >= 1 &&
           parser->size <= KVS_ACK_MAX_OBJECT_SIZE && (parser->object_bits & 1) == 1 &&
           parser->object_bits >> parser->depth == 0 &&
           (parser->depth == 1 || parser->key == KVS__ACK_KEY_OTHER);
}

static bool text_is_sound(const struct kvs_ack_parser *parser) {
    bool surrogate = parser->high_surrogate >= 0xD800 && parser->high_surrogate < 0xDC00;
    return parser->text_len <= KVS_ACK_MAX_TEXT_LEN && parser->hex_digits < 4 &&
           (parser->high_surrogate == 0 || surrogate);
}

static bool ack_is_sound(const struct kvs_ack_parser *parser) {
    const struct kvs_ack *ack = &parser->ack;
    return (int)ack->type >= 0 && (int)ack->type <= KVS_ACK_IDLE && ack->timecode >= 0 &&
           (ack->has_timecode || ack->timecode == 0) &&
           is_terminated(ack->fragment_number, sizeof(ack->fragment_number)) &&
           is_terminated(ack->error_code, sizeof(ack->error_code));
}

bool kvs__ack_parser_check(const struct kvs_ack_parser *parser) {
    if (parser->state >= KVS__ACK_STATE_COUNT || parser->key >= KVS__ACK_KEY_COUNT ||
        parser->seen_keys >> KVS__ACK_KEY_COUNT != 0) {
        return false;
    }
    bool skips = parser->state == KVS__ACK_SKIP;
    bool in_object = parser->state >= KVS__ACK_KEY_OR_END;
    if (in_object ? !object_is_sound(parser) : parser->depth != 0 || parser->object_bits != 0) {
        return false;
    }
    if (skips != (parser->open_braces > 0) ||
        (!skips && (parser->skips_string || parser->skips_escape))) {
        return false;
    }
    return text_is_sound(parser) && ack_is_sound(parser);
}
