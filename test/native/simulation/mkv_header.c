#include "mkv_header.h"

#include <string.h>

#include "ebml_cursor.h"

/* Which elements came, a bit for each of those that may come once. */
static bool is_first(uint32_t *seen, uint32_t bit) {
    bool first = (*seen & 1u << bit) == 0;
    *seen |= 1u << bit;
    return first;
}

const char *mkv_read_ebml(struct kvs_span body) {
    static const struct {
        uint32_t id;
        uint64_t lowest, highest;
    } numbers[] = {
        {0x4286, 1, 1}, {0x42F7, 1, 1}, {0x42F2, 4, 4},
        {0x42F3, 8, 8}, {0x4287, 2, 4}, {0x4285, 2, 2},
    };
    const uint32_t count = sizeof numbers / sizeof numbers[0];
    struct ebml_element element;
    uint32_t seen = 0;
    while (body.len > 0) {
        char doc_type[16];
        uint64_t value = 0;
        uint32_t i = 0;
        if (!ebml_take(&body, &element)) {
            return "a broken element in the EBML header";
        }
        while (i < count && numbers[i].id != element.id) {
            i++;
        }
        bool sound = i < count
                         ? ebml_uint(&element, &value) && value >= numbers[i].lowest &&
                               value <= numbers[i].highest
                         : element.id == 0x4282 && ebml_text(&element, doc_type, sizeof doc_type) &&
                               strcmp(doc_type, "matroska") == 0;
        if (!sound || !is_first(&seen, i)) {
            return "a wrong element in the EBML header";
        }
    }
    return seen == (1u << (count + 1)) - 1 ? NULL : "an EBML header that is not whole";
}

const char *mkv_read_info(struct kvs_span body, struct mkv_header *header) {
    struct ebml_element element;
    uint32_t seen = 0;
    char muxing_app[257];
    while (body.len > 0) {
        bool sound = ebml_take(&body, &element);
        if (!sound) {
            return "a broken element in Info";
        }
        switch (element.id) {
        case 0x73A4:
            sound = element.body.len == 16 && is_first(&seen, 0);
            memcpy(header->segment_uid, element.body.data, sound ? 16 : 0);
            break;
        case 0x2AD7B1:
            sound = ebml_uint(&element, &header->scale_ns) && is_first(&seen, 1);
            break;
        case 0x4D80:
            sound = ebml_text(&element, muxing_app, sizeof muxing_app) && is_first(&seen, 2);
            break;
        case 0x5741:
            sound = ebml_text(&element, header->writing_app, sizeof header->writing_app) &&
                    is_first(&seen, 3);
            break;
        default:
            sound = false;
        }
        if (!sound) {
            return "a wrong element in Info";
        }
    }
    return seen == 15 ? NULL : "an Info that is not whole";
}

static bool read_media(struct kvs_span body) {
    struct ebml_element element;
    while (body.len > 0) {
        if (!ebml_take(&body, &element) || element.body.len == 0 || element.body.len > 8) {
            return false;
        }
    }
    return true;
}

static bool read_track_element(const struct ebml_element *element, struct mkv_track *track,
                               uint32_t *seen) {
    char text[40];
    uint64_t value = 0;
    switch (element->id) {
    case 0xD7:
        return ebml_uint(element, &track->number) && is_first(seen, 0);
    case 0x73C5:
        return ebml_uint(element, &track->uid) && is_first(seen, 1);
    case 0x83:
        return ebml_uint(element, &track->type) && is_first(seen, 2);
    case 0x86:
        return ebml_text(element, track->codec_id, sizeof track->codec_id) && is_first(seen, 3);
    case 0x9C:
        return ebml_uint(element, &value) && value == 0 && is_first(seen, 4);
    case 0x22B59C:
        return ebml_text(element, text, sizeof text) && is_first(seen, 5);
    case 0x536E:
        return ebml_text(element, text, sizeof text) && is_first(seen, 6);
    case 0x63A2:
        track->codec_private_len = element->body.len;
        memcpy(track->codec_private, element->body.data,
               element->body.len < sizeof track->codec_private ? element->body.len
                                                               : sizeof track->codec_private);
        return element->body.len > 0 && is_first(seen, 7);
    case 0xE0:
    case 0xE1:
        return read_media(element->body) && is_first(seen, element->id == 0xE0 ? 8 : 9);
    default:
        return false;
    }
}

static bool read_track(struct kvs_span body, struct mkv_track *track) {
    struct ebml_element element;
    uint32_t seen = 0;
    *track = (struct mkv_track){0};
    while (body.len > 0) {
        if (!ebml_take(&body, &element) || !read_track_element(&element, track, &seen)) {
            return false;
        }
    }
    return (seen & 15) == 15;
}

const char *mkv_read_tracks(struct kvs_span body, struct mkv_header *header) {
    struct ebml_element element;
    while (body.len > 0) {
        if (header->track_count == MKV_MAX_TRACKS) {
            return "too many tracks";
        }
        struct mkv_track *track = &header->tracks[header->track_count++];
        if (!ebml_take(&body, &element) || element.id != 0xAE || !read_track(element.body, track)) {
            return "a broken TrackEntry";
        }
        for (uint32_t i = 0; i + 1 < header->track_count; i++) {
            if (header->tracks[i].number == track->number || header->tracks[i].uid == track->uid) {
                return "two tracks that are the same";
            }
        }
    }
    return header->track_count > 0 ? NULL : "Tracks without a track";
}

static bool read_simple_tag(struct kvs_span body, struct mkv_tag *tag) {
    struct ebml_element name, value;
    return ebml_take(&body, &name) && name.id == 0x45A3 && name.body.len > 0 &&
           ebml_text(&name, tag->name, sizeof tag->name) && ebml_take(&body, &value) &&
           value.id == 0x4487 && ebml_text(&value, tag->value, sizeof tag->value) && body.len == 0;
}

static bool read_tag(struct kvs_span body, struct mkv_tag *tags, uint32_t *count) {
    struct ebml_element element;
    bool any = false;
    while (body.len > 0) {
        if (*count == MKV_MAX_TAGS || !ebml_take(&body, &element) || element.id != 0x67C8 ||
            !read_simple_tag(element.body, &tags[(*count)++])) {
            return false;
        }
        any = true;
    }
    return any;
}

const char *mkv_read_tags(struct kvs_span body, struct mkv_tag *tags, uint32_t *count) {
    struct ebml_element element;
    *count = 0;
    while (body.len > 0) {
        if (!ebml_take(&body, &element) || element.id != 0x7373 ||
            !read_tag(element.body, tags, count)) {
            return "broken Tags";
        }
    }
    return *count > 0 ? NULL : "Tags without a tag";
}
