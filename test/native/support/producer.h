/*
 * A client with one stream for tests, and a service's side of a session: what was read, taken apart
 * into clusters and blocks by a reader that shares nothing with the generator.
 */
#ifndef KVS_TEST_PRODUCER_H
#define KVS_TEST_PRODUCER_H

#include "kvs/session.h"

#define MS INT64_C(1000000)
#define TEST_EPOCH_MS INT64_C(1700000000000)

struct producer {
    struct kvs_client *client;
    struct kvs_stream *stream;
    uint64_t session_id;
    int64_t start_ms;
    /* What every call passes; TEST_EPOCH_MS at first. */
    int64_t now_ns;
};

/* One video track, id 1, codec "V_TEST", and when `with_audio` an audio track, id 2: realtime,
 * ACKs, retention, 1 ms. */
struct kvs_stream_config test_stream_config(bool with_audio);
void producer_open(struct producer *producer, const struct kvs_stream_config *config);
void producer_close(struct producer *producer);

/* Puts `len` bytes, each (uint8_t)pts_ms, at TEST_EPOCH_MS + pts_ms. */
kvs_status put(struct producer *producer, uint64_t track_id, bool key, int64_t pts_ms, size_t len);
/* Puts one fragment: a key frame at pts_ms and `frames - 1` more, 40 ms apart, of 100 bytes. */
void put_fragment(struct producer *producer, int64_t pts_ms, uint32_t frames);

kvs_status open_session(struct producer *producer);
/* Reads what there is, `step` bytes at a time; returns how it ended. *len is set. */
kvs_status read_session(struct producer *producer, size_t step, uint8_t *out, size_t capacity,
                        size_t *len);
kvs_status ack(struct producer *producer, const char *event_type, int64_t timecode_ms);
kvs_status ack_text(struct producer *producer, const char *text);

struct block {
    int64_t timecode_ms;
    uint8_t track;
    bool key;
    bool opens_cluster;
    size_t len;
    uint8_t first_byte;
};

/* Takes `bytes` apart; false when they do not begin with an EBML header or are not whole. */
bool parse_session(const uint8_t *bytes, size_t len, struct block *blocks, uint32_t capacity,
                   uint32_t *count);

/* How often `part` occurs in `bytes`. */
uint32_t occurrences(const void *bytes, size_t len, const void *part, size_t part_len);

#endif
