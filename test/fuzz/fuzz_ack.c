/*
 * Feeds the acknowledgement parser a response body twice: whole, and in pieces of lengths that the
 * fuzzer chooses. Both must give the same events, and an acknowledgement on a line of its own after
 * the body must come out last, whatever the body was.
 *
 * Input: four bytes with the lengths of the pieces, used in turn, then the body.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ack/ack_internal.h"

#define LENGTH_COUNT 4

#define REQUIRE(condition)                                                                         \
    ((condition) ? (void)0                                                                         \
                 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition), abort()))

static const char last_line[] =
    "\n{\"EventType\":\"PERSISTED\",\"FragmentTimecode\":20,\"FragmentNumber\":\"last\"}\n";

struct event {
    kvs_status status;
    bool ready;
    struct kvs_ack ack;
};

/* A parser and what is left of its body, of which one piece at a time is in `piece`. */
struct reader {
    struct kvs_ack_parser parser;
    struct kvs_span body;
    const uint8_t *lengths;
    size_t turn;
    uint8_t *piece;
    struct kvs_span input;
};

/** Moves the next piece into memory of exactly its size, so that reading past it is seen. */
static void next_piece(struct reader *reader) {
    size_t len = reader->body.len;
    if (reader->lengths != NULL) {
        size_t wanted = (size_t)reader->lengths[reader->turn++ % LENGTH_COUNT] + 1;
        len = wanted < len ? wanted : len;
    }
    free(reader->piece);
    reader->piece = malloc(len);
    REQUIRE(reader->piece != NULL);
    memcpy(reader->piece, reader->body.data, len);
    reader->body = kvs_span_of(reader->body.data + len, reader->body.len - len);
    reader->input = kvs_span_of(reader->piece, len);
}

static void check_ack(const struct kvs_ack *ack) {
    REQUIRE(ack->type >= KVS_ACK_BUFFERING && ack->type <= KVS_ACK_IDLE);
    REQUIRE(ack->timecode >= 0 && (ack->has_timecode || ack->timecode == 0));
    REQUIRE(strlen(ack->fragment_number) <= KVS_ACK_MAX_TEXT_LEN);
    REQUIRE(strlen(ack->error_code) <= KVS_ACK_MAX_ERROR_CODE_LEN);
    if (ack->type != KVS_ACK_ERROR) {
        REQUIRE(ack->error_id == 0 && ack->error_code[0] == '\0');
    }
}

/** The next acknowledgement or error; false at the end of the body. */
static bool next_event(struct reader *reader, struct event *event) {
    for (;;) {
        if (reader->input.len == 0 && reader->body.len == 0) {
            return false;
        }
        if (reader->input.len == 0) {
            next_piece(reader);
        }
        size_t before = reader->input.len;
        memset(event, 0, sizeof(*event));
        event->status =
            kvs_ack_parser_next(&reader->parser, &reader->input, &event->ack, &event->ready);
        REQUIRE(kvs__ack_parser_check(&reader->parser));
        REQUIRE(reader->input.len < before);
        if (event->status != KVS_STATUS_SUCCESS) {
            return true;
        }
        if (event->ready) {
            check_ack(&event->ack);
            return true;
        }
        REQUIRE(reader->input.len == 0);
    }
}

static bool same_event(const struct event *a, const struct event *b) {
    return a->status == b->status && a->ready == b->ready && a->ack.type == b->ack.type &&
           a->ack.has_timecode == b->ack.has_timecode && a->ack.timecode == b->ack.timecode &&
           a->ack.error_id == b->ack.error_id &&
           strcmp(a->ack.fragment_number, b->ack.fragment_number) == 0 &&
           strcmp(a->ack.error_code, b->ack.error_code) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < LENGTH_COUNT) {
        return 0;
    }
    size_t body_len = size - LENGTH_COUNT;
    size_t len = body_len + strlen(last_line);
    uint8_t *body = malloc(len);
    REQUIRE(body != NULL);
    memcpy(body, data + LENGTH_COUNT, body_len);
    memcpy(body + body_len, last_line, strlen(last_line));

    struct reader whole = {.body = kvs_span_of(body, len)};
    struct reader pieces = {.body = kvs_span_of(body, len), .lengths = data};
    struct event event;
    struct event other;
    struct event last = {0};
    kvs_ack_parser_init(&whole.parser);
    kvs_ack_parser_init(&pieces.parser);
    while (next_event(&whole, &event)) {
        REQUIRE(next_event(&pieces, &other));
        REQUIRE(same_event(&event, &other));
        last = event;
    }
    REQUIRE(!next_event(&pieces, &other));
    REQUIRE(last.ready && last.ack.type == KVS_ACK_PERSISTED && last.ack.timecode == 20);
    REQUIRE(strcmp(last.ack.fragment_number, "last") == 0);
    free(whole.piece);
    free(pieces.piece);
    free(body);
    return 0;
}
