/*
 * A strict reader of what a session sends, which shares nothing with the generator. Bytes come as
 * they are read, and go out as the header, clusters, blocks and tags; whatever is not exactly what
 * the service is known to take is broken.
 */
#ifndef KVS_SIMULATION_MKV_READER_H
#define KVS_SIMULATION_MKV_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kvs/span.h"

#define MKV_MAX_TRACKS 3u
#define MKV_MAX_TAGS 32u

struct mkv_track {
    uint64_t number;
    uint64_t uid;
    uint64_t type;
    char codec_id[33];
    /** The first bytes of the codec private data, and how many it has. */
    uint8_t codec_private[16];
    size_t codec_private_len;
};

struct mkv_header {
    uint64_t scale_ns;
    uint8_t segment_uid[16];
    char writing_app[257];
    struct mkv_track tracks[MKV_MAX_TRACKS];
    uint32_t track_count;
};

struct mkv_tag {
    char name[129];
    char value[257];
};

enum mkv_kind { MKV_MORE, MKV_HEADER, MKV_CLUSTER, MKV_BLOCK, MKV_TAGS, MKV_BROKEN };

struct mkv_item {
    enum mkv_kind kind;
    /** Where it begins and ends in the session. */
    uint64_t offset, end;
    /** That of the feed that brought its first byte. */
    uint64_t stamp;
    /** Of a cluster. */
    uint64_t timecode;
    /** Of a block. */
    uint64_t track_number;
    int16_t relative;
    uint8_t flags;
    /** Stays until the next feed. */
    struct kvs_span payload;
};

enum mkv_state { MKV_AT_EBML, MKV_AT_SEGMENT, MKV_AT_INFO, MKV_AT_TRACKS, MKV_AT_CLUSTERS };

struct mkv_reader {
    uint8_t *buffer;
    size_t len, capacity, at;
    uint64_t offset;
    uint64_t stamp, last_stamp;
    enum mkv_state state;
    /** A block may follow; the last cluster has blocks; tags have followed it. */
    bool in_cluster, has_block;
    struct mkv_header header;
    struct mkv_tag tags[MKV_MAX_TAGS];
    uint32_t tag_count;
    /** What is wrong, once something is. */
    const char *error;
};

void mkv_reader_clean_up(struct mkv_reader *reader);
/* Takes bytes; a reader that is all zero is ready for the first ones. */
void mkv_reader_feed(struct mkv_reader *reader, struct kvs_span bytes, uint64_t stamp);
/* The next item; MKV_MORE when the bytes are used up. */
enum mkv_kind mkv_reader_next(struct mkv_reader *reader, struct mkv_item *item);
/* Whether the session may end here: after the blocks or the tags of a cluster. */
bool mkv_reader_may_end(const struct mkv_reader *reader);

#endif
