#include "wire.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "payload.h"

#define EVENT_PREFIX "AWS_KINESISVIDEO_"

void wire_clean_up(struct sim_session *session) {
    mkv_reader_clean_up(&session->reader);
    free(session->fragments);
    free(session->blocks);
    free(session->items);
    free(session->response);
    free(session->acks);
    *session = (struct sim_session){0};
}

static struct sim_fragment *newest(struct sim_session *session) {
    return session->fragment_count == 0 ? NULL : &session->fragments[session->fragment_count - 1];
}

static void take_header(struct world *world, struct sim_stream *stream,
                        struct sim_session *session) {
    const struct mkv_header *header = &session->reader.header;
    session->header = *header;
    session->has_header = true;
    if (header->scale_ns != stream->config.timecode_scale_ns ||
        memcmp(header->segment_uid, stream->config.segment_uid, 16) != 0 ||
        strcmp(header->writing_app, stream->writing_app) != 0) {
        world_fail(world, "session %" PRIu64 ": a header of another stream", session->id);
    }
    for (uint32_t i = 0; i < header->track_count; i++) {
        const struct mkv_track *track = &header->tracks[i];
        uint64_t index = track->number - 1;
        if (index >= stream->config.track_count ||
            stream->tracks[index].mkv.track_id != track->uid ||
            (uint64_t)stream->tracks[index].mkv.type != track->type ||
            strcmp(stream->tracks[index].mkv.codec_id, track->codec_id) != 0) {
            world_fail(world, "session %" PRIu64 ": a wrong track in the header", session->id);
            return;
        }
        session->declared_tracks |= 1u << index;
    }
}

/** The fragment before is whole once the next one begins. */
static void complete(struct world *world, struct sim_stream *stream, struct sim_session *session,
                     uint64_t end) {
    struct sim_fragment *fragment = newest(session);
    if (fragment == NULL || fragment->complete) {
        return;
    }
    fragment->complete = true;
    fragment->end_offset = end;
    fragment_check(world, stream, session, fragment);
    if (!stream->config.fragment_acks) {
        wire_delivered(stream, session, fragment);
        wire_done(world, stream, session, fragment);
    }
}

static void take_cluster(struct world *world, struct sim_stream *stream,
                         struct sim_session *session, const struct mkv_item *item) {
    complete(world, stream, session, item->offset + 5);
    const struct sim_fragment *before = newest(session);
    if (before != NULL && item->timecode <= before->timecode) {
        world_fail(world, "session %" PRIu64 ": cluster %" PRIu64 " follows %" PRIu64, session->id,
                   item->timecode, before->timecode);
    }
    session->fragments = world_grow(session->fragments, session->fragment_count,
                                    &session->fragment_capacity, sizeof *session->fragments);
    session->fragments[session->fragment_count++] = (struct sim_fragment){
        .timecode = item->timecode,
        .first_offset = item->offset,
        /* The core picks the first fragment when the first byte of the header is read. */
        .stamp = session->fragment_count == 0 ? session->opened_step : item->stamp,
        .first_block = session->block_count,
        .first_item = session->item_count,
        .earliest = INT64_MAX,
        .latest = INT64_MIN,
    };
}

/** Whether the block's time is that of the frame, as far as the stream leaves times alone. */
static bool has_its_time(const struct sim_stream *stream, const struct sim_session *session,
                         const struct sim_frame *frame, int64_t timecode) {
    const struct kvs_stream_config *config = &stream->config;
    if (config->generated_timestamps || config->timestamp_policy == KVS_TIMESTAMPS_FIX ||
        config->frame_order > KVS_FRAME_ORDER_MULTI_TRACK) {
        return true;
    }
    int64_t scale = (int64_t)config->timecode_scale_ns;
    int64_t ns = timecode * scale + (config->absolute_timecodes ? 0 : session->start_ns);
    int64_t distance = ns > frame->pts_ns ? ns - frame->pts_ns : frame->pts_ns - ns;
    return distance <= scale / 2;
}

static void judge_frame(struct world *world, struct sim_stream *stream, struct sim_session *session,
                        const struct mkv_item *item, uint64_t number) {
    const struct sim_fragment *fragment = newest(session);
    const struct sim_frame *frame = &stream->frames[number - 1];
    uint8_t flags = (uint8_t)(((frame->flags & KVS_FRAME_KEY) != 0 ? 0x80 : 0) |
                              ((frame->flags & KVS_FRAME_INVISIBLE) != 0 ? 0x08 : 0) |
                              ((frame->flags & KVS_FRAME_DISCARDABLE) != 0 ? 0x01 : 0));
    int64_t timecode = (int64_t)fragment->timecode + item->relative;
    const char *objection = NULL;
    if (!frame->accepted || frame->excuse == SIM_EXCUSE_DROPPED) {
        objection = "was refused or dropped, and is sent";
    } else if (item->track_number != frame->track + 1u) {
        objection = "is sent on another track";
    } else if (number <= session->last_frame[frame->track]) {
        objection = "is out of order";
    } else if (frame->done_step < fragment->stamp) {
        objection = "is sent again though the service has it or has refused it";
    } else if (item->flags != flags) {
        objection = "has other flags than it was put with";
    } else if (frame->len != item->payload.len) {
        objection = "has another length than it was put with";
    } else if ((timecode < 0 && stream->well_formed) ||
               !has_its_time(stream, session, frame, timecode)) {
        objection = "is sent with another time";
    } else if (fragment->block_count == 0 && !frame->opener) {
        objection = "begins a fragment and is no key frame of the leading track";
    }
    if (objection != NULL) {
        world_fail(world, "stream %d session %" PRIu64 " cluster %" PRIu64 ": frame %" PRIu64 " %s",
                   (int)stream->number, session->id, fragment->timecode, number, objection);
    }
}

static void take_block(struct world *world, struct sim_stream *stream, struct sim_session *session,
                       const struct mkv_item *item) {
    struct sim_fragment *fragment = newest(session);
    uint64_t id = 0;
    bool sound = payload_read(item->payload, &id);
    uint64_t number = id - wire_frame_id(stream, 0);
    if (!sound || number == 0 || number > stream->frame_count) {
        world_fail(world, "session %" PRIu64 ": a block whose payload is broken", session->id);
        return;
    }
    judge_frame(world, stream, session, item, number);
    struct sim_frame *frame = &stream->frames[number - 1];
    int64_t timecode = (int64_t)fragment->timecode + item->relative;
    if (session->fragment_count > 1 && timecode <= fragment[-1].latest) {
        world_fail(world,
                   "session %" PRIu64 ": frame %" PRIu64 " at %" PRId64 " is not beyond %" PRId64
                   " of the fragment before (error 4004)",
                   session->id, number, timecode, fragment[-1].latest);
    }
    if (item->track_number > 31 ||
        (session->declared_tracks & 1u << (item->track_number - 1)) == 0) {
        world_fail(world, "session %" PRIu64 ": frame %" PRIu64 " is of no declared track (4010)",
                   session->id, number);
        return;
    }
    session->last_frame[frame->track] = number;
    fragment->tracks_seen |= 1u << frame->track;
    fragment->earliest = timecode < fragment->earliest ? timecode : fragment->earliest;
    fragment->latest = timecode > fragment->latest ? timecode : fragment->latest;
    fragment->block_count++;
    session->blocks = world_grow(session->blocks, session->block_count, &session->block_capacity,
                                 sizeof *session->blocks);
    session->blocks[session->block_count++] = number;
    if (!stream->config.fragment_acks && !frame->delivered) {
        frame->delivered = true;
        stream->frames_delivered++;
    }
}

static bool take_event_tag(struct sim_fragment *fragment, const struct mkv_tag *tag) {
    const char *name = tag->name + strlen(EVENT_PREFIX);
    if (strcmp(name, "END_OF_FRAGMENT") == 0) {
        bool first = !fragment->ended_by_tag;
        fragment->ended_by_tag = true;
        return first;
    }
    fragment->tag_count++;
    if (strcmp(name, "IMAGE_GENERATION") == 0) {
        bool first = !fragment->image;
        fragment->image = true;
        return first && tag->value[0] == '\0';
    }
    if (strcmp(name, "NOTIFICATION") == 0) {
        bool first = !fragment->notification;
        fragment->notification = true;
        return first && tag->value[0] == '\0';
    }
    return strcmp(name, "IMAGE_PREFIX") == 0;
}

static bool take_tag(struct sim_stream *stream, struct sim_session *session,
                     struct sim_fragment *fragment, const struct mkv_tag *tag) {
    if (strncmp(tag->name, EVENT_PREFIX, strlen(EVENT_PREFIX)) == 0) {
        return take_event_tag(fragment, tag);
    }
    uint64_t number = strtoull(tag->value[0] == 'm' ? tag->value + 1 : "", NULL, 10);
    if (number == 0 || number > stream->item_count ||
        strcmp(stream->items[number - 1].name, tag->name) != 0) {
        return false;
    }
    /* Without ACKs being sent is enough. */
    stream->items[number - 1].delivered |= !stream->config.fragment_acks;
    fragment->tag_count++;
    fragment->item_count++;
    session->items = world_grow(session->items, session->item_count, &session->item_capacity,
                                sizeof *session->items);
    session->items[session->item_count++] = number;
    return true;
}

static void take_tags(struct world *world, struct sim_stream *stream, struct sim_session *session,
                      const struct mkv_item *item) {
    struct sim_fragment *fragment = newest(session);
    for (uint32_t i = 0; i < session->reader.tag_count; i++) {
        const struct mkv_tag *tag = &session->reader.tags[i];
        if (!take_tag(stream, session, fragment, tag)) {
            world_fail(world, "session %" PRIu64 ": tag %s=%s was not put, or comes twice",
                       session->id, tag->name, tag->value);
        }
    }
    if (fragment->tag_count > 10) {
        world_fail(world, "session %" PRIu64 ": more than 10 tags in a fragment (4009)",
                   session->id);
    }
    if (fragment->ended_by_tag) {
        complete(world, stream, session, item->end);
    }
}

void wire_take(struct world *world, struct sim_stream *stream, struct sim_session *session,
               struct kvs_span bytes) {
    struct mkv_item item;
    mkv_reader_feed(&session->reader, bytes, world->step);
    session->sent += bytes.len;
    while (!world->failed) {
        switch (mkv_reader_next(&session->reader, &item)) {
        case MKV_MORE:
            return;
        case MKV_HEADER:
            take_header(world, stream, session);
            break;
        case MKV_CLUSTER:
            take_cluster(world, stream, session, &item);
            break;
        case MKV_BLOCK:
            take_block(world, stream, session, &item);
            break;
        case MKV_TAGS:
            take_tags(world, stream, session, &item);
            break;
        case MKV_BROKEN:
            world_fail(world, "session %" PRIu64 " at byte %" PRIu64 ": %s (4006)", session->id,
                       session->reader.offset, session->reader.error);
            return;
        }
    }
}

void wire_end(struct world *world, struct sim_stream *stream, struct sim_session *session) {
    if (!mkv_reader_may_end(&session->reader)) {
        world_fail(world, "session %" PRIu64 " ends within something", session->id);
        return;
    }
    complete(world, stream, session, session->sent);
}

void wire_delivered(struct sim_stream *stream, const struct sim_session *session,
                    const struct sim_fragment *fragment) {
    for (uint64_t i = 0; i < fragment->block_count; i++) {
        struct sim_frame *frame = &stream->frames[session->blocks[fragment->first_block + i] - 1];
        stream->frames_delivered += frame->delivered ? 0 : 1;
        frame->delivered = true;
    }
    for (uint64_t i = 0; i < fragment->item_count; i++) {
        stream->items[session->items[fragment->first_item + i] - 1].delivered = true;
    }
}

void wire_done(struct world *world, struct sim_stream *stream, const struct sim_session *session,
               const struct sim_fragment *fragment) {
    for (uint64_t i = 0; i < fragment->block_count; i++) {
        struct sim_frame *frame = &stream->frames[session->blocks[fragment->first_block + i] - 1];
        frame->done_step = frame->done_step < world->step ? frame->done_step : world->step;
    }
}
