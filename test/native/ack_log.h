/*
 * What an acknowledgement parser makes of an input, as text: one line an acknowledgement or error.
 */
#ifndef KVS_ACK_LOG_H
#define KVS_ACK_LOG_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ack/ack_internal.h"
#include "kvs/ack.h"
#include "test.h"

struct event_log {
    char text[8192];
    size_t len;
};

struct ack_case {
    const char *input;
    const char *log;
};

static inline void log_line(struct event_log *log, const char *line) {
    size_t len = strlen(line);
    if (!CHECK(log->len + len + 1 < sizeof(log->text))) {
        return;
    }
    memcpy(log->text + log->len, line, len);
    log->len += len;
    log->text[log->len++] = '\n';
    log->text[log->len] = '\0';
}

static inline void log_ack(struct event_log *log, const struct kvs_ack *ack) {
    static const char *const names[] = {"?", "BUFFERING", "RECEIVED", "PERSISTED", "ERROR", "IDLE"};
    char timecode[32] = "-";
    char line[512];
    if (ack->has_timecode) {
        snprintf(timecode, sizeof(timecode), "%" PRId64, ack->timecode);
    }
    snprintf(line, sizeof(line), "%s %s [%s]", names[ack->type], timecode, ack->fragment_number);
    if (ack->type == KVS_ACK_ERROR) {
        size_t len = strlen(line);
        snprintf(line + len, sizeof(line) - len, " %" PRIu32 " [%s]", ack->error_id,
                 ack->error_code);
    }
    log_line(log, line);
}

static inline void feed(struct kvs_ack_parser *parser, const char *bytes, size_t len,
                        struct event_log *log) {
    struct kvs_span input = kvs_span_of(bytes, len);
    while (input.len > 0) {
        struct kvs_ack ack;
        bool ready = false;
        size_t before = input.len;
        kvs_status status = kvs_ack_parser_next(parser, &input, &ack, &ready);
        CHECK(kvs__ack_parser_check(parser));
        if (!CHECK(input.len < before)) {
            return;
        }
        if (status != KVS_STATUS_SUCCESS) {
            log_line(log, kvs_status_name(status) + strlen("STATUS_"));
        } else if (ready) {
            log_ack(log, &ack);
        } else {
            CHECK_EQ(input.len, 0);
        }
    }
}

/** The log of an input fed in three pieces, cut at `first` and `second`. */
static inline void log_of(const char *input, size_t len, size_t first, size_t second,
                          struct event_log *log) {
    struct kvs_ack_parser parser;
    kvs_ack_parser_init(&parser);
    log->len = 0;
    log->text[0] = '\0';
    feed(&parser, input, first, log);
    feed(&parser, input + first, second - first, log);
    feed(&parser, input + second, len - second, log);
}

static inline bool check_log(const char *input, size_t len, size_t first, size_t second,
                             const char *expected) {
    struct event_log log;
    log_of(input, len, first, second, &log);
    if (CHECK(strcmp(log.text, expected) == 0)) {
        return true;
    }
    printf("  input:\n%s\n  log:\n%s  expected:\n%s", input, log.text, expected);
    return false;
}

/** Checks the log of the whole input and of the input cut once at every place. */
static inline void check_case(const struct ack_case *c) {
    size_t len = strlen(c->input);
    bool same = true;
    for (size_t at = 0; at <= len && same; at++) {
        same = check_log(c->input, len, at, len, c->log);
    }
}

static inline void check_cases(const struct ack_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        check_case(&cases[i]);
    }
}

#define CHECK_CASES(cases) check_cases((cases), sizeof(cases) / sizeof((cases)[0]))

#endif
