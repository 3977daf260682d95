#include "mkv_reader.h"

#include <stdlib.h>
#include <string.h>

#include "ebml_cursor.h"
#include "mkv_header.h"

#define ID_EBML 0x1A45DFA3u
#define ID_SEGMENT 0x18538067u
#define ID_INFO 0x1549A966u
#define ID_TRACKS 0x1654AE6Bu
#define ID_CLUSTER 0x1F43B675u
#define ID_TIMESTAMP 0xE7u
#define ID_SIMPLE_BLOCK 0xA3u
#define ID_TAGS 0x1254C367u

/* Of a SimpleBlock's flags: lacing, and bits that have no meaning. */
#define BLOCK_FLAGS_UNUSED 0x76u

void mkv_reader_clean_up(struct mkv_reader *reader) {
    free(reader->buffer);
    *reader = (struct mkv_reader){0};
}

void mkv_reader_feed(struct mkv_reader *reader, struct kvs_span bytes, uint64_t stamp) {
    size_t kept = reader->len - reader->at;
    if (kept == 0) {
        reader->stamp = stamp;
    }
    reader->last_stamp = stamp;
    if (kept + bytes.len > reader->capacity) {
        size_t capacity = 2 * (kept + bytes.len);
        uint8_t *buffer = malloc(capacity);
        if (buffer == NULL) {
            abort();
        }
        if (kept > 0) {
            memcpy(buffer, reader->buffer + reader->at, kept);
        }
        free(reader->buffer);
        reader->buffer = buffer;
        reader->capacity = capacity;
    } else if (kept > 0) {
        memmove(reader->buffer, reader->buffer + reader->at, kept);
    }
    if (bytes.len > 0) {
        memcpy(reader->buffer + kept, bytes.data, bytes.len);
    }
    reader->at = 0;
    reader->len = kept + bytes.len;
}

static enum mkv_kind broken(struct mkv_reader *reader, const char *error) {
    reader->error = error;
    return MKV_BROKEN;
}

static void consume(struct mkv_reader *reader, size_t len, struct mkv_item *item) {
    item->offset = reader->offset;
    item->stamp = reader->stamp;
    reader->at += len;
    reader->offset += len;
    item->end = reader->offset;
    /* What is left came with the feed that brought the end of this. */
    reader->stamp = reader->last_stamp;
}

static const char *read_header_element(struct mkv_reader *reader,
                                       const struct ebml_element *element) {
    static const uint32_t ids[] = {ID_EBML, ID_SEGMENT, ID_INFO, ID_TRACKS};
    if (element->id != ids[reader->state] || element->unknown_size != (element->id == ID_SEGMENT)) {
        return "another element than the header has here";
    }
    switch (element->id) {
    case ID_EBML:
        return mkv_read_ebml(element->body);
    case ID_INFO:
        return mkv_read_info(element->body, &reader->header);
    case ID_TRACKS:
        return mkv_read_tracks(element->body, &reader->header);
    default:
        return NULL;
    }
}

static enum mkv_kind read_cluster(struct mkv_reader *reader, const struct ebml_element *element,
                                  struct mkv_item *item) {
    struct ebml_element timestamp;
    struct kvs_span rest = kvs_span_of(reader->buffer + reader->at + element->head_len,
                                       reader->len - reader->at - element->head_len);
    enum ebml_result result = ebml_peek(rest, &timestamp);
    if (result == EBML_MORE) {
        return MKV_MORE;
    }
    if (!element->unknown_size || result == EBML_BROKEN || timestamp.id != ID_TIMESTAMP ||
        !ebml_uint(&timestamp, &item->timecode)) {
        return broken(reader, "a cluster that does not begin with its time");
    }
    if (reader->in_cluster && !reader->has_block) {
        return broken(reader, "a cluster without blocks");
    }
    reader->in_cluster = true;
    reader->has_block = false;
    consume(reader, element->head_len + timestamp.len, item);
    return MKV_CLUSTER;
}

static enum mkv_kind read_block(struct mkv_reader *reader, const struct ebml_element *element,
                                struct mkv_item *item) {
    const uint8_t *body = element->body.data;
    if (!reader->in_cluster || element->unknown_size) {
        return broken(reader, "a block outside of a cluster");
    }
    if (element->body.len <= 4 || (body[0] & 0x80) == 0 || (body[3] & BLOCK_FLAGS_UNUSED) != 0) {
        return broken(reader, "a broken block");
    }
    reader->has_block = true;
    item->track_number = body[0] & 0x7fu;
    item->relative = (int16_t)(uint16_t)(body[1] << 8 | body[2]);
    item->flags = body[3];
    item->payload = kvs_span_of(body + 4, element->body.len - 4);
    consume(reader, element->len, item);
    return MKV_BLOCK;
}

static enum mkv_kind read_tags(struct mkv_reader *reader, const struct ebml_element *element,
                               struct mkv_item *item) {
    /* Tags are a child of the Segment, so that they end the cluster. */
    if (!reader->has_block || element->unknown_size) {
        return broken(reader, "tags that follow no cluster");
    }
    reader->in_cluster = false;
    const char *error = mkv_read_tags(element->body, reader->tags, &reader->tag_count);
    if (error != NULL) {
        return broken(reader, error);
    }
    consume(reader, element->len, item);
    return MKV_TAGS;
}

static enum mkv_kind read_body_element(struct mkv_reader *reader,
                                       const struct ebml_element *element, struct mkv_item *item) {
    switch (element->id) {
    case ID_CLUSTER:
        return read_cluster(reader, element, item);
    case ID_SIMPLE_BLOCK:
        return read_block(reader, element, item);
    case ID_TAGS:
        return read_tags(reader, element, item);
    default:
        return broken(reader, "an element that has no place behind the header");
    }
}

enum mkv_kind mkv_reader_next(struct mkv_reader *reader, struct mkv_item *item) {
    *item = (struct mkv_item){0};
    while (reader->error == NULL) {
        struct ebml_element element;
        if (reader->at == reader->len) {
            return MKV_MORE;
        }
        struct kvs_span rest = kvs_span_of(reader->buffer + reader->at, reader->len - reader->at);
        enum ebml_result result = ebml_peek(rest, &element);
        if (result == EBML_MORE) {
            return MKV_MORE;
        }
        if (result == EBML_BROKEN) {
            return broken(reader, "no EBML element");
        }
        if (reader->state == MKV_AT_CLUSTERS) {
            return read_body_element(reader, &element, item);
        }
        const char *error = read_header_element(reader, &element);
        if (error != NULL) {
            return broken(reader, error);
        }
        consume(reader, element.len, item);
        reader->state++;
        if (reader->state == MKV_AT_CLUSTERS) {
            return MKV_HEADER;
        }
    }
    return MKV_BROKEN;
}

bool mkv_reader_may_end(const struct mkv_reader *reader) {
    return reader->error == NULL && reader->at == reader->len &&
           (reader->offset == 0 || (reader->state == MKV_AT_CLUSTERS && reader->has_block));
}
