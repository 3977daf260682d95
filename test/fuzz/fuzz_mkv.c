/*
 * Matroska of anything that a caller may say: what is written has the size that was measured, stays
 * within its memory, and is read back by a walker of EBML that shares nothing with the writer.
 */
#include "ebml_walker.h"
#include "kvs/mkv.h"

/* What is left of the input; zeros follow its end. */
struct input {
    const uint8_t *data;
    size_t len;
};

static uint64_t take(struct input *input, size_t bytes) {
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++) {
        value = value << 8 | (input->len > 0 ? *input->data : 0);
        input->data += input->len > 0;
        input->len -= input->len > 0;
    }
    return value;
}

static struct kvs_span take_bytes(struct input *input, size_t len) {
    len = len < input->len ? len : input->len;
    struct kvs_span bytes = kvs_span_of(input->data, len);
    input->data += len;
    input->len -= len;
    return bytes;
}

/* A string that is often too long, or NULL. */
static const char *take_text(struct input *input, char *text, size_t limit) {
    size_t len = (size_t)take(input, 1);
    if (len == 0xFF) {
        return NULL;
    }
    struct kvs_span bytes = take_bytes(input, len * (limit + 8) / 0xFF);
    if (bytes.len != 0) {
        memcpy(text, bytes.data, bytes.len);
    }
    text[bytes.len] = '\0';
    return text;
}

static void walk_track(struct walker *walker, const struct kvs_mkv_track *track) {
    struct walker entry = open_master(walker, 0xAE);
    expect_uint(&entry, 0xD7, track->number);
    expect_uint(&entry, 0x73C5, track->track_id);
    expect_uint(&entry, 0x83, (uint64_t)track->type);
    expect_uint(&entry, 0x9C, 0);
    expect_text(&entry, 0x22B59C, "und");
    if (track->name != NULL && track->name[0] != '\0') {
        expect_text(&entry, 0x536E, track->name);
    }
    expect_text(&entry, 0x86, track->codec_id);
    if (track->codec_private.len != 0) {
        expect_bytes(&entry, 0x63A2, track->codec_private);
    }
    if (track->codec_delay_ns != 0) {
        expect_uint(&entry, 0x56AA, track->codec_delay_ns);
    }
    if (track->seek_pre_roll_ns != 0) {
        expect_uint(&entry, 0x56BB, track->seek_pre_roll_ns);
    }
    if (track->width != 0) {
        struct walker video = open_master(&entry, 0xE0);
        expect_uint(&video, 0xB0, track->width);
        expect_uint(&video, 0xBA, track->height);
        close_master(&video);
    }
    if (track->sampling_frequency > 0) {
        struct walker audio = open_master(&entry, 0xE1);
        expect_float(&audio, 0xB5, track->sampling_frequency);
        if (track->channels != 0) {
            expect_uint(&audio, 0x9F, track->channels);
        }
        if (track->bit_depth != 0) {
            expect_uint(&audio, 0x6264, track->bit_depth);
        }
        close_master(&audio);
    }
    close_master(&entry);
}

static void walk_header(struct walker walker, const struct kvs_mkv_header *header) {
    struct walker ebml = open_master(&walker, 0x1A45DFA3);
    expect_uint(&ebml, 0x4286, 1);
    expect_uint(&ebml, 0x42F7, 1);
    expect_uint(&ebml, 0x42F2, 4);
    expect_uint(&ebml, 0x42F3, 8);
    expect_text(&ebml, 0x4282, "matroska");
    expect_uint(&ebml, 0x4287, 4);
    expect_uint(&ebml, 0x4285, 2);
    close_master(&ebml);
    require(next(&walker, 0x18538067).unknown_size, "the Segment has no end");
    struct walker info = open_master(&walker, 0x1549A966);
    expect_bytes(&info, 0x73A4, kvs_span_of(header->segment_uid, 16));
    expect_uint(&info, 0x2AD7B1, header->timecode_scale_ns);
    expect_text(&info, 0x4D80, "kinesis-video-producer");
    expect_text(&info, 0x5741, header->writing_app);
    close_master(&info);
    struct walker tracks = open_master(&walker, 0x1654AE6B);
    for (uint32_t i = 0; i < header->track_count; i++) {
        walk_track(&tracks, &header->tracks[i]);
    }
    close_master(&tracks);
    close_master(&walker);
}

#define MAX_TRACKS (KVS_MKV_MAX_TRACKS + 1)

struct texts {
    char app[KVS_MKV_MAX_WRITING_APP_LEN + 9];
    char ids[MAX_TRACKS][KVS_MKV_MAX_CODEC_ID_LEN + 9];
    char names[MAX_TRACKS][KVS_MKV_MAX_TRACK_NAME_LEN + 9];
};

static void take_track(struct input *input, struct kvs_mkv_track *track, char *id, char *name) {
    uint64_t choice = take(input, 1);
    memset(track, 0, sizeof(*track));
    track->track_id = take(input, 1 + (choice & 7));
    track->number = (uint8_t)take(input, 1);
    track->type = (enum kvs_track_type)(1 + (choice >> 3 & 3));
    track->codec_id = take_text(input, id, KVS_MKV_MAX_CODEC_ID_LEN);
    track->name = take_text(input, name, KVS_MKV_MAX_TRACK_NAME_LEN);
    track->width = (uint32_t)take(input, 2);
    track->height = (uint32_t)take(input, 2);
    if ((choice & 0x20) != 0) {
        uint64_t bits = take(input, 8);
        memcpy(&track->sampling_frequency, &bits, sizeof(bits));
    } else {
        track->sampling_frequency = (double)take(input, 2);
    }
    track->channels = (uint32_t)take(input, 1);
    track->bit_depth = (uint32_t)take(input, (choice & 0x40) != 0 ? 4 : 1);
    track->codec_delay_ns = take(input, (choice & 0x80) != 0 ? 8 : 0);
    track->seek_pre_roll_ns = take(input, (choice & 0x80) != 0 ? 4 : 0);
    size_t private_len = (size_t)take(input, 2);
    track->codec_private = take_bytes(input, private_len);
}

static void write_header(struct input *input) {
    static struct texts texts;
    static struct kvs_mkv_track tracks[MAX_TRACKS];
    struct kvs_mkv_header header = {{0}, 0, NULL, tracks, 0};
    header.track_count = (uint32_t)(take(input, 1) % (MAX_TRACKS + 1));
    header.timecode_scale_ns = take(input, 4);
    header.segment_uid[15] = (uint8_t)take(input, 1);
    header.writing_app = take_text(input, texts.app, KVS_MKV_MAX_WRITING_APP_LEN);
    for (uint32_t i = 0; i < header.track_count; i++) {
        take_track(input, &tracks[i], texts.ids[i], texts.names[i]);
    }
    size_t size = kvs_mkv_header_size(&header);
    size_t written = 0;
    kvs_status status = kvs_mkv_header_validate(&header);
    require((status == KVS_STATUS_SUCCESS) == (size != 0), "what is valid has a size");
    uint8_t *out = malloc(size + 1);
    require(kvs_mkv_write_header(&header, out, size, &written) == status,
            "what is valid is written");
    if (size != 0) {
        require(written == size, "the size was measured");
        walk_header((struct walker){out, out + written}, &header);
        require(kvs_mkv_write_header(&header, out, size - 1, &written) ==
                    KVS_STATUS_BUFFER_TOO_SMALL,
                "less room is refused");
    }
    free(out);
}

/* A block header in memory that has no byte more; the payload need not be there. */
static void write_block(struct input *input) {
    uint64_t choice = take(input, 1);
    uint8_t number = (uint8_t)take(input, 1);
    int64_t relative = (int16_t)take(input, 2);
    relative = (choice & 1) != 0 ? relative * 2 : relative;
    uint32_t flags = (uint32_t)take(input, 1);
    uint64_t payload = take(input, choice >> 1 & 7);
    payload = (choice & 0x10) != 0 ? payload << 8 | 0xFF : payload;
    size_t size = kvs_mkv_block_header_size(payload);
    require(size <= KVS_MKV_BLOCK_MAX_BYTES, "the promised room is enough");
    uint8_t *out = malloc(size + 1);
    size_t written = 0;
    kvs_status status =
        kvs_mkv_write_block_header(number, relative, flags, payload, out, size, &written);
    require(status != KVS_STATUS_BUFFER_TOO_SMALL, "the measured room is enough");
    if (status == KVS_STATUS_SUCCESS) {
        require(written == size && out[0] == 0xA3, "a SimpleBlock of the measured size");
        size_t size_len = vint_len(out[1]);
        uint64_t mask = ((uint64_t)1 << (7 * size_len)) - 1;
        uint64_t stated = big_endian(out + 1, size_len) & mask;
        const uint8_t *fields = out + 1 + size_len;
        require(stated == payload + 4 && stated != mask, "the payload is part of the block");
        require(written == 1 + size_len + 4 && fields[0] == (0x80 | number), "the track is told");
        require((int16_t)big_endian(fields + 1, 2) == relative, "the time is told");
        require((fields[3] & 0x76) == 0 && (fields[3] & 0x80) == (flags & 1) << 7,
                "there is no lacing, and a key frame is one");
    } else {
        require(number == 0 || number > KVS_MKV_MAX_TRACK_NUMBER || payload == 0 || size == 0 ||
                    relative < INT16_MIN || relative > INT16_MAX,
                "only what cannot be is refused");
    }
    free(out);
}

static void write_cluster(struct input *input) {
    uint64_t choice = take(input, 1);
    uint64_t timecode = take(input, 1 + (choice & 7));
    uint8_t *out = malloc(KVS_MKV_CLUSTER_MAX_BYTES);
    size_t written = 0;
    require(kvs_mkv_write_cluster(timecode, out, KVS_MKV_CLUSTER_MAX_BYTES, &written) ==
                KVS_STATUS_SUCCESS,
            "a cluster always fits");
    struct walker walker = {out, out + written};
    require(next(&walker, 0x1F43B675).unknown_size, "the Cluster has no end");
    expect_uint(&walker, 0xE7, timecode);
    close_master(&walker);
    require(kvs_mkv_write_cluster(timecode, out, written - 1, &written) ==
                KVS_STATUS_BUFFER_TOO_SMALL,
            "less room is refused");
    free(out);
}

#define MAX_TAGS 12

static void walk_tags(struct walker walker, const struct kvs_mkv_tag *list, size_t count) {
    struct walker tags = open_master(&walker, 0x1254C367);
    struct walker tag = open_master(&tags, 0x7373);
    for (size_t i = 0; i < count; i++) {
        struct walker simple = open_master(&tag, 0x67C8);
        expect_text(&simple, 0x45A3, list[i].name);
        expect_text(&simple, 0x4487, list[i].value);
        close_master(&simple);
    }
    close_master(&tag);
    close_master(&tags);
    close_master(&walker);
}

static void write_tags(struct input *input) {
    static char names[MAX_TAGS][KVS_MKV_MAX_TAG_NAME_LEN + 9];
    static char values[MAX_TAGS][KVS_MKV_MAX_TAG_VALUE_LEN + 9];
    struct kvs_mkv_tag list[MAX_TAGS];
    size_t count = (size_t)take(input, 1) % (MAX_TAGS + 1);
    for (size_t i = 0; i < count; i++) {
        list[i].name = take_text(input, names[i], KVS_MKV_MAX_TAG_NAME_LEN);
        list[i].value = take_text(input, values[i], KVS_MKV_MAX_TAG_VALUE_LEN);
    }
    size_t size = kvs_mkv_tags_size(list, count);
    size_t written = 0;
    uint8_t *out = malloc(size + 1);
    kvs_status status = kvs_mkv_write_tags(list, count, out, size, &written);
    require((status == KVS_STATUS_SUCCESS) == (size != 0), "what has a size is written");
    if (size != 0) {
        require(written == size, "the size was measured");
        walk_tags((struct walker){out, out + written}, list, count);
        require(kvs_mkv_write_tags(list, count, out, size - 1, &written) ==
                    KVS_STATUS_BUFFER_TOO_SMALL,
                "less room is refused");
    }
    free(out);
}

static void convert_times(struct input *input) {
    uint64_t range = KVS_MKV_MAX_TIMECODE_SCALE_NS - KVS_MKV_MIN_TIMECODE_SCALE_NS + 1;
    uint64_t scale = KVS_MKV_MIN_TIMECODE_SCALE_NS + take(input, 4) % range;
    int64_t ns = (int64_t)take(input, 8);
    int64_t timecode = kvs_timecode_from_ns(ns, scale);
    int64_t back = kvs_timecode_to_ns(timecode, scale);
    uint64_t apart = ns > back ? (uint64_t)ns - (uint64_t)back : (uint64_t)back - (uint64_t)ns;
    require(apart <= scale / 2 + scale % 2, "a time is off by half a unit at most");
    if (back != INT64_MIN && back != INT64_MAX) {
        require(kvs_timecode_from_ns(back, scale) == timecode, "a timecode stays what it is");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct input input = {data, size};
    while (input.len > 0) {
        switch (take(&input, 1) % 5) {
        case 0:
            write_header(&input);
            break;
        case 1:
            write_cluster(&input);
            break;
        case 2:
            write_block(&input);
            break;
        case 3:
            write_tags(&input);
            break;
        default:
            convert_times(&input);
        }
    }
    return 0;
}
