/*
 * The parts of the acknowledgement parser. ack.c frames: where an object begins and ends, and what
 * is skipped. ack_json.c reads one object as JSON, with ack_string.c for its strings and
 * ack_number.c for its numbers. ack_fields.c makes an acknowledgement of the keys and values.
 * ack_check.c audits.
 */
#ifndef KVS_ACK_INTERNAL_H
#define KVS_ACK_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kvs/ack.h"

/* What the next byte is expected to be; those from KVS__ACK_KEY_OR_END on are within an object. */
enum kvs__ack_state {
    KVS__ACK_BETWEEN,      /* white space or the start of an object */
    KVS__ACK_GARBAGE,      /* the same, with a run of other bytes reported already */
    KVS__ACK_SKIP,         /* the rest of a broken object */
    KVS__ACK_KEY_OR_END,   /* after '{' */
    KVS__ACK_KEY,          /* after ',' in an object */
    KVS__ACK_COLON,        /* after a key */
    KVS__ACK_VALUE,        /* after ':', or after ',' in an array */
    KVS__ACK_VALUE_OR_END, /* after '[' */
    KVS__ACK_STRING,       /* within quotes */
    KVS__ACK_ESCAPE,       /* after a backslash */
    KVS__ACK_CODE_UNIT,    /* within the hexadecimal digits of \uXXXX */
    KVS__ACK_BARE,         /* within a number, true, false or null */
    KVS__ACK_AFTER_VALUE,  /* after a value */
    KVS__ACK_STATE_COUNT,
};

/* The keys that mean something, in an acknowledgement only and not in an object within it. */
enum kvs__ack_key {
    KVS__ACK_KEY_OTHER,
    KVS__ACK_KEY_EVENT_TYPE,
    KVS__ACK_KEY_FRAGMENT_TIMECODE,
    KVS__ACK_KEY_FRAGMENT_NUMBER,
    KVS__ACK_KEY_ERROR_ID,
    KVS__ACK_KEY_ERROR_CODE,
    KVS__ACK_KEY_COUNT,
};

enum kvs__ack_number {
    KVS__ACK_NUMBER_MALFORMED, /* not a JSON number */
    KVS__ACK_NUMBER_UNFIT,     /* a number, but not a whole one or too large */
    KVS__ACK_NUMBER_WHOLE,
};

static inline bool kvs__ack_is_space(uint8_t byte) {
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/** Starts an object whose '{' was just read; forgets the one before. */
void kvs__ack_begin_object(struct kvs_ack_parser *parser);

/**
 * Takes the next byte of an object; `depth` is 0 after its last one.
 *
 * False when the byte cannot be there: the state is then what it was before that byte.
 */
bool kvs__ack_json_byte(struct kvs_ack_parser *parser, uint8_t byte);

/** Prepares for the bytes after an opening quote. */
void kvs__ack_begin_string(struct kvs_ack_parser *parser, bool is_key);

/**
 * Takes the next byte of a string, decodes it into `text`, and sets `ended` at the closing quote.
 *
 * False when the byte cannot be there.
 */
bool kvs__ack_string_byte(struct kvs_ack_parser *parser, uint8_t byte, bool *ended);

/** Adds a byte to `text`, or notes that it is cut. */
void kvs__ack_append(struct kvs_ack_parser *parser, uint8_t byte);

/** The value of a JSON number in any notation; `value` is set when it is whole. */
enum kvs__ack_number kvs__ack_parse_number(const char *text, size_t len, int64_t *value);

/** Remembers why a sound object is no acknowledgement; the first reason counts. */
void kvs__ack_note_fault(struct kvs_ack_parser *parser, kvs_status fault);

/** Takes the key in `text`. */
void kvs__ack_take_key(struct kvs_ack_parser *parser);

/** Takes the string in `text` as the value of the key before it. */
void kvs__ack_take_string(struct kvs_ack_parser *parser);

/** Takes the number or literal in `text`; false when it is neither. */
bool kvs__ack_take_bare(struct kvs_ack_parser *parser);

/** Takes a value of a kind that no key with a meaning has: an object, an array, true or false. */
void kvs__ack_take_other(struct kvs_ack_parser *parser);

/** Completes the acknowledgement at the end of its object, or says why it is none. */
kvs_status kvs__ack_finish(struct kvs_ack_parser *parser);

/** Whether the fields of the parser agree with each other. For tests and fuzzers. */
bool kvs__ack_parser_check(const struct kvs_ack_parser *parser);

#endif
