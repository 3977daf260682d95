/**
 * Acknowledgements: what the service says about each fragment in the body of a PutMedia response.
 *
 * The body is JSON objects one after another, each on a line of its own. The transport cuts it
 * anywhere, so the parser takes bytes as they come and gives out one acknowledgement at a time. It
 * is a plain struct of fixed size, allocates nothing, calls nothing back, and does a bounded amount
 * of work for each byte.
 */
#ifndef KVS_ACK_H
#define KVS_ACK_H

#include <stdbool.h>
#include <stdint.h>

#include "kvs/export.h"
#include "kvs/span.h"
#include "kvs/status.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    /** Bytes of an object, both braces included; a longer one is an error. */
    KVS_ACK_MAX_OBJECT_SIZE = 1024,
    /** Objects and arrays within each other, the acknowledgement itself included. */
    KVS_ACK_MAX_DEPTH = 16,
    /** Bytes of a fragment number, and of any text that has a meaning; the rest is cut off. */
    KVS_ACK_MAX_TEXT_LEN = 128,
    /** Bytes of an error code; the rest is cut off. */
    KVS_ACK_MAX_ERROR_CODE_LEN = 64,
};

/** The EventType, numbered as the AWS producer numbers it. */
enum kvs_ack_type {
    /** The first bytes of the fragment have arrived. */
    KVS_ACK_BUFFERING = 1,
    /** The whole fragment has arrived and is not stored yet. */
    KVS_ACK_RECEIVED = 2,
    /** The fragment is stored. */
    KVS_ACK_PERSISTED = 3,
    /** The fragment or the connection is refused; the service ends the connection. */
    KVS_ACK_ERROR = 4,
    /** No media has come for a while; the service is about to end the connection. */
    KVS_ACK_IDLE = 5,
};

struct kvs_ack {
    enum kvs_ack_type type;
    /** False when the acknowledgement names no fragment; `timecode` is 0 then. */
    bool has_timecode;
    /** The cluster timecode as it was sent, in units of the timecode scale; never negative. */
    int64_t timecode;
    /** The ErrorId of KVS_ACK_ERROR (see kvs_status_from_ack_error()); 0 with other types. */
    uint32_t error_id;
    /** What the service calls the fragment, a string of digits; "" when it gives none. */
    char fragment_number[KVS_ACK_MAX_TEXT_LEN + 1];
    /** The ErrorCode of KVS_ACK_ERROR, such as "INVALID_MKV_DATA"; "" when there is none. */
    char error_code[KVS_ACK_MAX_ERROR_CODE_LEN + 1];
};

/** The fields are the parser's own: set by kvs_ack_parser_init(), read by nobody else. */
struct kvs_ack_parser {
    struct kvs_ack ack;
    char text[KVS_ACK_MAX_TEXT_LEN + 1];
    kvs_status fault;
    uint32_t open_braces;
    uint32_t object_bits;
    uint16_t size;
    uint16_t text_len;
    uint16_t code_unit;
    uint16_t high_surrogate;
    uint8_t hex_digits;
    uint8_t state;
    uint8_t depth;
    uint8_t key;
    uint8_t seen_keys;
    bool has_error_id;
    bool string_is_key;
    bool text_cut;
    bool at_line_start;
    bool skips_string;
    bool skips_escape;
};

/** Makes the parser ready for the first byte of a response. Thread: one at a time. */
KVS_API void kvs_ack_parser_init(struct kvs_ack_parser *parser);

/**
 * Reads up to the end of one acknowledgement, or to the end of the input.
 *
 * `input` is advanced past what was used: at least one byte when it is not empty. On success
 * `ready` tells whether `ack` was filled in; when it is false all of the input is used and the
 * acknowledgement, if one has begun, goes on in the next input. On failure `ack` and `ready` are
 * untouched, and the parser is ready to be called again with the rest of the input:
 *
 *     while (input.len > 0) {
 *         kvs_status status = kvs_ack_parser_next(&parser, &input, &ack, &ready);
 *         if (status != KVS_STATUS_SUCCESS) {
 *             report(status);
 *         } else if (ready) {
 *             handle(&ack);
 *         }
 *     }
 *
 * What is read. The keys EventType, FragmentTimecode, FragmentNumber, ErrorId and ErrorCode, in any
 * order, their names and values with or without JSON escapes; case matters. Other keys are skipped
 * with their values, whatever these are. A null value is as good as an absent key. Numbers may be
 * in quotes, and in any notation whose value is whole: 1.7E9 and 1500.0 are read, 12.5 is not. The
 * timecode -1 means none. Anything may be surrounded by JSON white space. Bytes of a text from 0x80
 * up are taken as they come, so a text is UTF-8 if the service sends UTF-8. Text beyond the limits
 * above is cut off.
 *
 * How it recovers from an error:
 * - An object that is sound JSON but no acknowledgement is reported once, at its closing brace, and
 *   the byte after it is read as usual.
 * - An object that is not sound JSON, or is over a limit, is reported once, where that shows. It is
 *   then skipped up to the brace that closes it, counting braces outside strings, and at most up to
 *   the next line that begins with '{'.
 * - A line that begins with '{' always begins an acknowledgement: when another one is still open
 *   there, that one is reported as broken. So whatever came before, an acknowledgement on a line of
 *   its own is never lost. (An object among the values of an acknowledgement therefore has to begin
 *   on the line of what it belongs to.)
 * - Bytes between objects that are not white space are reported once and skipped up to the next
 *   '{', on whatever line.
 * - An object within a broken one is never taken for an acknowledgement unless it begins a line.
 *
 * Errors, one for each broken object and each run of garbage. An object with several faults gives
 * the first; one that is not sound JSON gives what broke it.
 * - KVS_STATUS_INVALID_ACK_KEY_START: something else where a key, or an object, has to begin; also
 *   an object without any key.
 * - KVS_STATUS_INVALID_ACK_DUPLICATE_KEY_NAME: one of the keys above comes twice.
 * - KVS_STATUS_INVALID_ACK_INVALID_VALUE_START: no colon, no value, a value of the wrong kind, or
 *   one that is nested deeper than KVS_ACK_MAX_DEPTH.
 * - KVS_STATUS_INVALID_ACK_INVALID_VALUE_END: a broken string or number; a number of more than
 *   KVS_ACK_MAX_TEXT_LEN bytes; a timecode that is not whole or not from -1 to INT64_MAX; an
 *   ErrorId that is not whole or not from 0 to UINT32_MAX; something else where a comma or a
 *   closing bracket has to be.
 * - KVS_STATUS_INVALID_PARSED_ACK_TYPE: no EventType, or an unknown one.
 * - KVS_STATUS_MISSING_ERR_ACK_ID: an ERROR without ErrorId.
 * - KVS_STATUS_INVALID_ACK_SEGMENT_LEN: an object of more than KVS_ACK_MAX_OBJECT_SIZE bytes.
 * - KVS_STATUS_NULL_ARG: an argument is NULL; this one is not about the input.
 * Thread: one at a time.
 */
KVS_API kvs_status kvs_ack_parser_next(struct kvs_ack_parser *parser, struct kvs_span *input,
                                       struct kvs_ack *ack, bool *ready);

#ifdef __cplusplus
}
#endif

#endif
