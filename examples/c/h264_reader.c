#include "h264_reader.h"

#include <stdlib.h>
#include <string.h>

#include "kvs/nal.h"

#define CHUNK_BYTES ((size_t)64 * 1024)
#define MAX_BYTES ((size_t)256 * 1024 * 1024)
#define START_CODE_BYTES 3

/* nal_unit_type, H.264 table 7-1. */
enum { NAL_SLICE = 1, NAL_IDR = 5, NAL_SEI = 6, NAL_SPS = 7, NAL_DELIMITER = 9 };

void h264_reader_init(struct h264_reader *reader, FILE *file) {
    memset(reader, 0, sizeof *reader);
    reader->file = file;
}

void h264_reader_clean_up(struct h264_reader *reader) {
    free(reader->bytes);
    reader->bytes = NULL;
}

static bool fail(struct h264_reader *reader, const char *error) {
    reader->error = error;
    return false;
}

/* Forgets what lies before the oldest picture that is still needed. */
static void compact(struct h264_reader *reader, size_t dead) {
    memmove(reader->bytes, reader->bytes + dead, reader->len - dead);
    reader->len -= dead;
    reader->code -= dead;
    reader->nal -= dead;
    reader->scanned -= dead;
    reader->start -= dead;
    for (uint32_t i = 0; i < reader->waiting_count; i++) {
        reader->waiting[i].offset -= dead;
    }
}

/* Makes room for a chunk behind what is there. */
static bool reserve(struct h264_reader *reader) {
    if (reader->capacity - reader->len >= CHUNK_BYTES) {
        return true;
    }
    size_t dead = reader->waiting_count != 0 ? reader->waiting[0].offset : reader->start;
    if (dead >= CHUNK_BYTES && dead >= reader->len / 2) {
        compact(reader, dead);
        return true;
    }
    size_t capacity = reader->capacity == 0 ? 4 * CHUNK_BYTES : 2 * reader->capacity;
    if (capacity > MAX_BYTES) {
        return fail(reader, "has pictures of an absurd size, or is no H.264");
    }
    uint8_t *bytes = realloc(reader->bytes, capacity);
    if (bytes == NULL) {
        return fail(reader, "has pictures for which there is not enough memory");
    }
    reader->bytes = bytes;
    reader->capacity = capacity;
    return true;
}

/* Reads on; sets at_end when there is no more. */
static bool fill(struct h264_reader *reader) {
    if (!reserve(reader)) {
        return false;
    }
    bool first = reader->len == 0;
    size_t got = fread(reader->bytes + reader->len, 1, CHUNK_BYTES, reader->file);
    reader->len += got;
    reader->at_end = got < CHUNK_BYTES;
    if (ferror(reader->file)) {
        return fail(reader, "cannot be read to its end");
    }
    if (first && reader->len == 0) {
        return fail(reader, "is empty");
    }
    if (first && kvs_nal_reader_annexb(kvs_span_of(reader->bytes, reader->len)).malformed) {
        return fail(reader,
                    "is no H.264 with start codes (Annex-B): it begins with something else");
    }
    return true;
}

/* Finds the next whole NAL unit, and where its start code is. False at the end, or on an error. */
static bool next_nal(struct h264_reader *reader, size_t *code, struct kvs_span *nal) {
    while (reader->error == NULL) {
        size_t end = kvs_find_start_code(kvs_span_of(reader->bytes, reader->len), reader->scanned);
        bool found = end < reader->len;
        if (!found && !reader->at_end) {
            /* A start code may be half there. */
            size_t seen = end < START_CODE_BYTES ? 0 : end - (START_CODE_BYTES - 1);
            reader->scanned = seen > reader->scanned ? seen : reader->scanned;
            fill(reader);
            continue;
        }
        bool whole = reader->nal != 0 && reader->nal < end;
        if (whole) {
            *code = reader->code;
            *nal = kvs_span_of(reader->bytes + reader->nal, end - reader->nal);
        }
        reader->code = end;
        reader->nal = found ? end + START_CODE_BYTES : end;
        reader->scanned = reader->nal;
        if (whole || !found) {
            return whole;
        }
    }
    return false;
}

/* Whether a NAL unit that comes after a slice belongs to the next picture already (clause
 * 7.4.1.2.3). */
static bool begins_picture(struct kvs_span nal) {
    uint32_t type = nal.data[0] & 0x1f;
    if (type == NAL_SLICE || type == NAL_IDR) {
        /* first_mb_in_slice is 0. */
        return nal.len > 1 && (nal.data[1] & 0x80) != 0;
    }
    return (type >= NAL_SEI && type <= NAL_DELIMITER) || (type >= 14 && type <= 18);
}

/* Learns from a NAL unit what it says about the picture that it is part of. */
static void read_nal(struct h264_reader *reader, struct kvs_span nal) {
    uint32_t type = nal.data[0] & 0x1f;
    if (type == NAL_SPS) {
        reader->error = h264_order_read_sps(&reader->order, nal);
    }
    if ((type != NAL_SLICE && type != NAL_IDR) || reader->has_slice) {
        return;
    }
    reader->has_slice = true;
    reader->picture.key = type == NAL_IDR;
    reader->picture.discardable = (nal.data[0] & 0x60) == 0;
    if (reader->order.has_sps) {
        reader->error = h264_order_read_slice(&reader->order, nal, &reader->picture.order_count);
    }
}

/* Of the pictures without a place, the one that is shown first gets the next. */
static void place_one(struct h264_reader *reader) {
    struct h264_waiting *first = NULL;
    for (uint32_t i = 0; i < reader->waiting_count; i++) {
        struct h264_waiting *waiting = &reader->waiting[i];
        if (!waiting->placed && (first == NULL || waiting->order_count < first->order_count)) {
            first = waiting;
        }
    }
    if (first != NULL) {
        first->placed = true;
        first->shown = reader->shown_count++;
    }
}

static uint32_t count_unplaced(const struct h264_reader *reader) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < reader->waiting_count; i++) {
        count += reader->waiting[i].placed ? 0 : 1;
    }
    return count;
}

static void place(struct h264_reader *reader, uint32_t unplaced_left) {
    while (count_unplaced(reader) > unplaced_left) {
        place_one(reader);
    }
}

/* Ends the picture that is being cut at `end`, where the next one starts. */
static void finish_picture(struct h264_reader *reader, size_t end) {
    if (!reader->order.has_sps) {
        reader->skipped++;
    } else {
        if (reader->picture.key) {
            place(reader, 0);
        }
        reader->picture.offset = reader->start;
        reader->picture.len = end - reader->start;
        reader->waiting[reader->waiting_count++] = reader->picture;
        place(reader, reader->order.reorders ? H264_MAX_REORDER : 0);
        bool full = reader->waiting_count == sizeof reader->waiting / sizeof reader->waiting[0];
        while (full && !reader->waiting[0].placed) {
            place_one(reader); /* The stream lies about its order. */
        }
    }
    reader->start = end;
    reader->has_slice = false;
    memset(&reader->picture, 0, sizeof reader->picture);
}

/* Cuts the next picture. False at the end, or on an error. */
static bool cut_picture(struct h264_reader *reader) {
    size_t code;
    struct kvs_span nal;
    while (next_nal(reader, &code, &nal)) {
        bool ended = reader->has_slice && begins_picture(nal);
        if (ended) {
            finish_picture(reader, code);
        }
        read_nal(reader, nal);
        if (ended || reader->error != NULL) {
            return reader->error == NULL;
        }
    }
    bool ended = reader->error == NULL && reader->has_slice;
    if (ended) {
        finish_picture(reader, reader->len);
    }
    return ended;
}

bool h264_reader_next(struct h264_reader *reader, struct h264_picture *picture) {
    while (reader->waiting_count == 0 || !reader->waiting[0].placed) {
        if (!cut_picture(reader)) {
            place(reader, 0);
            break;
        }
    }
    if (reader->error != NULL || reader->waiting_count == 0) {
        return false;
    }
    const struct h264_waiting *next = &reader->waiting[0];
    picture->data = kvs_span_of(reader->bytes + next->offset, next->len);
    picture->key = next->key;
    picture->discardable = next->discardable;
    picture->shown = next->shown;
    reader->waiting_count--;
    memmove(reader->waiting, reader->waiting + 1,
            reader->waiting_count * sizeof reader->waiting[0]);
    return true;
}
