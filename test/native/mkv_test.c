/* Matroska elements byte by byte, and the limits of what they may say. */
#include "kvs/mkv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static uint8_t out[4096];
static size_t written;

/* An audio and a video track that are fine; tests break one thing at a time. */
static struct kvs_mkv_track tracks[4];
static struct kvs_mkv_header header;

static void set_up(void) {
    static const uint8_t avcc[] = {1, 0x42, 0xC0, 0x1E};
    memset(tracks, 0, sizeof(tracks));
    tracks[0] = (struct kvs_mkv_track){.track_id = 1,
                                       .number = 1,
                                       .type = KVS_TRACK_VIDEO,
                                       .codec_id = "V_MPEG4/ISO/AVC",
                                       .name = "front",
                                       .codec_private = {avcc, sizeof(avcc)},
                                       .width = 1920,
                                       .height = 180};
    tracks[1] = (struct kvs_mkv_track){.track_id = 0x123456789ABCDEF0,
                                       .number = 2,
                                       .type = KVS_TRACK_AUDIO,
                                       .codec_id = "A_AAC",
                                       .sampling_frequency = 44100,
                                       .channels = 2,
                                       .bit_depth = 16};
    tracks[2] = (struct kvs_mkv_track){
        .track_id = 3, .number = 126, .type = KVS_TRACK_UNKNOWN, .codec_id = "X"};
    tracks[3] = tracks[2];
    header = (struct kvs_mkv_header){
        .timecode_scale_ns = 1000000, .writing_app = "app", .tracks = tracks, .track_count = 2};
    memset(header.segment_uid, 0x55, sizeof(header.segment_uid));
}

KVS_TEST(a_header_has_these_bytes) {
    static const char expected[] =
        /* EBML: versions 1, ids of 4 bytes, sizes of 8, matroska 4 readable from 2 on */
        "\x1A\x45\xDF\xA3\xA3\x42\x86\x81\1\x42\xF7\x81\1\x42\xF2\x81\4\x42\xF3\x81\x08"
        "\x42\x82\x88matroska\x42\x87\x81\4\x42\x85\x81\2"
        /* Segment of unknown size */
        "\x18\x53\x80\x67\xFF"
        /* Info: SegmentUID, TimestampScale, MuxingApp, WritingApp */
        "\x15\x49\xA9\x66\xB9\x73\xA4\x90UUUUUUUUUUUUUUUU\x2A\xD7\xB1\x83\x0F\x42\x40"
        "\x4D\x80\x96kinesis-video-producer\x57\x41\x83"
        "app"
        /* Tracks, TrackEntry: number, UID, video, no lacing, Language, Name, CodecID, CodecPrivate,
         * Video with width and height */
        "\x16\x54\xAE\x6B\xF6\xAE\xBD\xD7\x81\1\x73\xC5\x81\1\x83\x81\1\x9C\x81\0\x22\xB5\x9C\x83"
        "und\x53\x6E\x85"
        "front\x86\x8FV_MPEG4/ISO/AVC\x63\xA2\x84\1\x42\xC0\x1E"
        "\xE0\x87\xB0\x82\x07\x80\xBA\x81\xB4"
        /* TrackEntry: the same for audio, with frequency, channels and bit depth */
        "\xAE\xB5\xD7\x81\2\x73\xC5\x88\x12\x34\x56\x78\x9A\xBC\xDE\xF0\x83\x81\2\x9C\x81\0"
        "\x22\xB5\x9C\x83und\x86\x85"
        "A_AAC\xE1\x91\xB5\x88\x40\xE5\x88\x80\0\0\0\0\x9F\x81\2\x62\x64\x81\x10";
    set_up();
    CHECK_EQ(kvs_mkv_header_size(&header), sizeof(expected) - 1);
    CHECK_STATUS(kvs_mkv_write_header(&header, out, sizeof(expected) - 1, &written),
                 KVS_STATUS_SUCCESS);
    if (CHECK_EQ(written, sizeof(expected) - 1)) {
        CHECK_MEM(out, expected, written);
    }
}

KVS_TEST(what_is_not_known_is_left_out_of_a_header) {
    set_up();
    size_t whole = kvs_mkv_header_size(&header);
    tracks[0].name = "";
    CHECK_EQ(kvs_mkv_header_size(&header), whole - 8);
    tracks[0].codec_private.len = 0;
    CHECK_EQ(kvs_mkv_header_size(&header), whole - 8 - 7);
    tracks[0].width = tracks[0].height = 0;
    CHECK_EQ(kvs_mkv_header_size(&header), whole - 8 - 7 - 9);
    tracks[1].channels = 0;
    CHECK_EQ(kvs_mkv_header_size(&header), whole - 8 - 7 - 9 - 3);
    tracks[1].bit_depth = 0;
    CHECK_EQ(kvs_mkv_header_size(&header), whole - 8 - 7 - 9 - 3 - 4);
    tracks[1].sampling_frequency = 0;
    CHECK_EQ(kvs_mkv_header_size(&header), whole - 8 - 7 - 9 - 3 - 4 - 12);
}

KVS_TEST(a_delay_of_the_codec_stands_in_front_of_what_is_heard) {
    static const char expected[] = "\x63\xA2\x84\1\x42\xC0\x1E"
                                   "\x56\xAA\x83\x63\x2E\xA0"
                                   "\x56\xBB\x84\x04\xC4\xB4\0"
                                   "\xE1\x89";
    set_up();
    tracks[1].codec_private = tracks[0].codec_private;
    tracks[1].codec_delay_ns = 6500000;
    tracks[1].seek_pre_roll_ns = 80000000;
    tracks[1].sampling_frequency = 48000;
    size_t whole = kvs_mkv_header_size(&header);
    CHECK_STATUS(kvs_mkv_write_header(&header, out, sizeof(out), &written), KVS_STATUS_SUCCESS);
    CHECK_EQ(written, whole);
    bool found = false;
    for (size_t i = 0; i + sizeof(expected) <= written; i++) {
        found = found || memcmp(out + i, expected, sizeof(expected) - 2) == 0;
    }
    CHECK(found);
    tracks[1].codec_delay_ns = 0;
    tracks[1].seek_pre_roll_ns = 0;
    /* Without them the size of the entry is a byte shorter too. */
    CHECK_EQ(kvs_mkv_header_size(&header), whole - 6 - 7 - 1);
}

KVS_TEST(a_header_with_the_largest_of_everything_is_written) {
    char long_name[KVS_MKV_MAX_WRITING_APP_LEN + 1];
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    set_up();
    uint8_t *codec_private = calloc(1, KVS_MKV_MAX_CODEC_PRIVATE_BYTES);
    header.writing_app = long_name;
    header.track_count = KVS_MKV_MAX_TRACKS;
    header.timecode_scale_ns = KVS_MKV_MAX_TIMECODE_SCALE_NS;
    tracks[0].name = long_name + sizeof(long_name) - 1 - KVS_MKV_MAX_TRACK_NAME_LEN;
    tracks[0].codec_id = long_name + sizeof(long_name) - 1 - KVS_MKV_MAX_CODEC_ID_LEN;
    tracks[0].codec_private = kvs_span_of(codec_private, KVS_MKV_MAX_CODEC_PRIVATE_BYTES);
    tracks[0].width = tracks[0].height = UINT32_MAX;
    size_t size = kvs_mkv_header_size(&header);
    CHECK(size > KVS_MKV_MAX_CODEC_PRIVATE_BYTES);
    uint8_t *big = malloc(size);
    CHECK_STATUS(kvs_mkv_write_header(&header, big, size - 1, &written),
                 KVS_STATUS_BUFFER_TOO_SMALL);
    CHECK_STATUS(kvs_mkv_write_header(&header, big, size, &written), KVS_STATUS_SUCCESS);
    CHECK_EQ(written, size);
    free(big);
    free(codec_private);
}

static void check_refused(kvs_status status) {
    written = 77;
    CHECK_STATUS(kvs_mkv_header_validate(&header), status);
    CHECK_STATUS(kvs_mkv_write_header(&header, out, sizeof(out), &written), status);
    CHECK_EQ(kvs_mkv_header_size(&header), 0);
    CHECK_EQ(written, 77);
    set_up();
}

KVS_TEST(a_header_beyond_its_limits_is_refused) {
    char long_name[KVS_MKV_MAX_WRITING_APP_LEN + 2];
    memset(long_name, 'x', sizeof(long_name) - 1);
    long_name[sizeof(long_name) - 1] = '\0';
    set_up();
    CHECK_STATUS(kvs_mkv_header_validate(&header), KVS_STATUS_SUCCESS);
    header.writing_app = NULL;
    check_refused(KVS_STATUS_NULL_ARG);
    header.writing_app = "";
    check_refused(KVS_STATUS_MKV_INVALID_CLIENT_ID_LENGTH);
    header.writing_app = long_name;
    check_refused(KVS_STATUS_MKV_INVALID_CLIENT_ID_LENGTH);
    memset(header.segment_uid, 0, sizeof(header.segment_uid));
    check_refused(KVS_STATUS_MKV_INVALID_SEGMENT_UUID);
    header.timecode_scale_ns = KVS_MKV_MIN_TIMECODE_SCALE_NS - 1;
    check_refused(KVS_STATUS_MKV_INVALID_TIMECODE_SCALE);
    header.timecode_scale_ns = (uint64_t)KVS_MKV_MAX_TIMECODE_SCALE_NS + 1;
    check_refused(KVS_STATUS_MKV_INVALID_TIMECODE_SCALE);
    header.track_count = 0;
    check_refused(KVS_STATUS_TRACK_INFO_MISSING);
    header.tracks = NULL;
    check_refused(KVS_STATUS_TRACK_INFO_MISSING);
    header.track_count = KVS_MKV_MAX_TRACKS + 1;
    check_refused(KVS_STATUS_MAX_TRACK_COUNT_EXCEEDED);
    CHECK_STATUS(kvs_mkv_header_validate(NULL), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_mkv_write_header(&header, NULL, 4096, &written), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_mkv_write_header(&header, out, 4096, NULL), KVS_STATUS_NULL_ARG);
}

KVS_TEST(a_track_beyond_its_limits_is_refused) {
    char name_33[] = "123456789012345678901234567890123";
    uint8_t byte = 0;
    set_up();
    tracks[1].track_id = 0;
    check_refused(KVS_STATUS_MKV_INVALID_TRACK_UID);
    tracks[1].track_id = tracks[0].track_id;
    check_refused(KVS_STATUS_DUPLICATE_TRACK_ID_FOUND);
    tracks[1].number = tracks[0].number;
    check_refused(KVS_STATUS_DUPLICATE_TRACK_ID_FOUND);
    tracks[1].number = 0;
    check_refused(KVS_STATUS_INVALID_ARG);
    tracks[1].number = 127;
    check_refused(KVS_STATUS_INVALID_ARG);
    tracks[1].type = (enum kvs_track_type)0x11;
    check_refused(KVS_STATUS_INVALID_ARG);
    tracks[1].codec_id = NULL;
    check_refused(KVS_STATUS_MKV_INVALID_CODEC_ID_LENGTH);
    tracks[1].codec_id = "";
    check_refused(KVS_STATUS_MKV_INVALID_CODEC_ID_LENGTH);
    tracks[1].codec_id = name_33;
    check_refused(KVS_STATUS_MKV_INVALID_CODEC_ID_LENGTH);
    tracks[1].codec_id = "A_\xC3\x84";
    check_refused(KVS_STATUS_INVALID_ARG);
    tracks[1].name = name_33;
    check_refused(KVS_STATUS_MKV_INVALID_TRACK_NAME_LENGTH);
    tracks[1].codec_private = kvs_span_of(&byte, KVS_MKV_MAX_CODEC_PRIVATE_BYTES + 1);
    check_refused(KVS_STATUS_MKV_INVALID_CODEC_PRIVATE_LENGTH);
    tracks[1].codec_private = kvs_span_of(NULL, 1);
    check_refused(KVS_STATUS_MKV_CODEC_PRIVATE_NULL);
    tracks[0].height = 0;
    check_refused(KVS_STATUS_INVALID_ARG);
    tracks[1].height = 5;
    check_refused(KVS_STATUS_INVALID_ARG);
    tracks[1].sampling_frequency = -1;
    check_refused(KVS_STATUS_INVALID_ARG);
    tracks[1].sampling_frequency = (double)NAN;
    check_refused(KVS_STATUS_INVALID_ARG);
    tracks[1].sampling_frequency = (double)INFINITY;
    check_refused(KVS_STATUS_INVALID_ARG);
}

KVS_TEST(a_cluster_opens_with_its_timecode) {
    CHECK_STATUS(kvs_mkv_write_cluster(0, out, 8, &written), KVS_STATUS_SUCCESS);
    CHECK_EQ(written, 8);
    CHECK_MEM(out, "\x1F\x43\xB6\x75\xFF\xE7\x81\0", 8);
    /* The Unix epoch in milliseconds takes 6 bytes these centuries. */
    CHECK_STATUS(kvs_mkv_write_cluster(1700000000123, out, 13, &written), KVS_STATUS_SUCCESS);
    CHECK_EQ(written, 13);
    CHECK_MEM(out, "\x1F\x43\xB6\x75\xFF\xE7\x86\x01\x8B\xCF\xE5\x68\x7B", 13);
    CHECK_STATUS(kvs_mkv_write_cluster(UINT64_MAX, out, KVS_MKV_CLUSTER_MAX_BYTES, &written),
                 KVS_STATUS_SUCCESS);
    CHECK_EQ(written, KVS_MKV_CLUSTER_MAX_BYTES);
    CHECK_STATUS(kvs_mkv_write_cluster(UINT64_MAX, out, KVS_MKV_CLUSTER_MAX_BYTES - 1, &written),
                 KVS_STATUS_BUFFER_TOO_SMALL);
    CHECK_STATUS(kvs_mkv_write_cluster(0, NULL, 8, &written), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_mkv_write_cluster(0, out, 8, NULL), KVS_STATUS_NULL_ARG);
}

static void check_block(uint8_t number, int64_t timecode, uint32_t flags, uint64_t payload_len,
                        const char *bytes, size_t len) {
    CHECK_EQ(kvs_mkv_block_header_size(payload_len), len);
    CHECK_STATUS(
        kvs_mkv_write_block_header(number, timecode, flags, payload_len, out, len, &written),
        KVS_STATUS_SUCCESS);
    if (CHECK_EQ(written, len)) {
        CHECK_MEM(out, bytes, len);
    }
    CHECK_STATUS(
        kvs_mkv_write_block_header(number, timecode, flags, payload_len, out, len - 1, &written),
        KVS_STATUS_BUFFER_TOO_SMALL);
}

KVS_TEST(a_block_opens_with_size_track_time_and_flags) {
    check_block(1, 0, KVS_BLOCK_KEY, 1, "\xA3\x85\x81\0\0\x80", 6);
    check_block(2, 33, 0, 122, "\xA3\xFE\x82\0\x21\0", 6);
    check_block(2, -1, KVS_BLOCK_DISCARDABLE, 123, "\xA3\x40\x7F\x82\xFF\xFF\x01", 7);
    check_block(126, 32767, KVS_BLOCK_INVISIBLE, 10240, "\xA3\x68\x04\xFE\x7F\xFF\x08", 7);
    check_block(3, -32768, 7, 16379, "\xA3\x20\x3F\xFF\x83\x80\x00\x89", 8);
    /* Flags of frames that mean nothing to a block. */
    check_block(3, 256, 0xFFFFFFF8, 1, "\xA3\x85\x83\x01\x00\x00", 6);
    uint64_t largest = ((uint64_t)1 << 56) - 2 - 4;
    check_block(1, 0, 0, largest, "\xA3\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFE\x81\0\0\0", 13);
    CHECK_EQ(kvs_mkv_block_header_size(largest), KVS_MKV_BLOCK_MAX_BYTES);
}

KVS_TEST(a_block_beyond_its_limits_is_refused) {
    static const struct {
        uint8_t number;
        int64_t timecode;
        uint64_t payload_len;
        kvs_status status;
    } cases[] = {
        {0, 0, 1, KVS_STATUS_INVALID_ARG},
        {127, 0, 1, KVS_STATUS_INVALID_ARG},
        {1, 32768, 1, KVS_STATUS_MKV_LARGE_FRAME_TIMECODE},
        {1, -32769, 1, KVS_STATUS_MKV_LARGE_FRAME_TIMECODE},
        {1, INT64_MIN, 1, KVS_STATUS_MKV_LARGE_FRAME_TIMECODE},
        {1, 0, 0, KVS_STATUS_MKV_INVALID_FRAME_DATA},
        {1, 0, ((uint64_t)1 << 56) - 5, KVS_STATUS_MKV_NUMBER_TOO_BIG},
        {1, 0, UINT64_MAX, KVS_STATUS_MKV_NUMBER_TOO_BIG},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        written = 77;
        CHECK_STATUS(kvs_mkv_write_block_header(cases[i].number, cases[i].timecode, 0,
                                                cases[i].payload_len, out, sizeof(out), &written),
                     cases[i].status);
        CHECK_EQ(written, 77);
    }
    CHECK_EQ(kvs_mkv_block_header_size(UINT64_MAX), 0);
    CHECK_STATUS(kvs_mkv_write_block_header(1, 0, 0, 1, NULL, 13, &written), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_mkv_write_block_header(1, 0, 0, 1, out, 13, NULL), KVS_STATUS_NULL_ARG);
}

KVS_TEST(tags_are_one_tag_with_a_simple_tag_for_each) {
    static const struct kvs_mkv_tag tags[] = {{"temperature", "21.5"}, {"night", ""}};
    static const char expected[] = "\x12\x54\xC3\x67\xA9\x73\x73\xA6"
                                   "\x67\xC8\x95\x45\xA3\x8Btemperature\x44\x87\x84"
                                   "21.5"
                                   "\x67\xC8\x8B\x45\xA3\x85night\x44\x87\x80";
    size_t size = sizeof(expected) - 1;
    CHECK_EQ(kvs_mkv_tags_size(tags, 2), size);
    CHECK_STATUS(kvs_mkv_write_tags(tags, 2, out, size - 1, &written), KVS_STATUS_BUFFER_TOO_SMALL);
    CHECK_STATUS(kvs_mkv_write_tags(tags, 2, out, size, &written), KVS_STATUS_SUCCESS);
    if (CHECK_EQ(written, size)) {
        CHECK_MEM(out, expected, size);
    }
}

static void check_tag(const char *name, const char *value, kvs_status status) {
    struct kvs_mkv_tag tags[] = {{"first", "fine"}, {name, value}};
    written = 77;
    CHECK_STATUS(kvs_mkv_write_tags(tags, 2, out, sizeof(out), &written), status);
    if (status == KVS_STATUS_SUCCESS) {
        CHECK_EQ(written, kvs_mkv_tags_size(tags, 2));
    } else {
        CHECK_EQ(written, 77);
        CHECK_EQ(kvs_mkv_tags_size(tags, 2), 0);
    }
}

KVS_TEST(tags_beyond_their_limits_are_refused) {
    char text[KVS_MKV_MAX_TAG_VALUE_LEN + 2];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    const char *name_129 = text + sizeof(text) - 1 - 129;
    check_tag(name_129 + 1, text + 1, KVS_STATUS_SUCCESS);
    check_tag("n", "", KVS_STATUS_SUCCESS);
    check_tag(name_129, "", KVS_STATUS_MKV_INVALID_TAG_NAME_LENGTH);
    check_tag("", "v", KVS_STATUS_MKV_INVALID_TAG_NAME_LENGTH);
    check_tag("n", text, KVS_STATUS_MKV_INVALID_TAG_VALUE_LENGTH);
    check_tag(NULL, "v", KVS_STATUS_NULL_ARG);
    check_tag("n", NULL, KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_mkv_write_tags(NULL, 1, out, 99, &written), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_mkv_write_tags(NULL, 0, out, 99, &written), KVS_STATUS_INVALID_ARG);
    CHECK_EQ(kvs_mkv_tags_size(NULL, 0), 0);
}

KVS_TEST(timecodes_round_to_the_nearest_and_halves_towards_later) {
    static const struct {
        int64_t ns;
        uint64_t scale_ns;
        int64_t timecode;
    } cases[] = {
        {0, 1000000, 0},
        {499999, 1000000, 0},
        {500000, 1000000, 1},
        {-499999, 1000000, 0},
        {-500000, 1000000, 0},
        {-500001, 1000000, -1},
        {-1500000, 1000000, -1},
        {-1500001, 1000000, -2},
        {1700000000123456789, 1000000, 1700000000123},
        /* 33 1/3 ms and an odd scale, which has no exact half. */
        {33333333, 1000000, 33},
        {150, 101, 1},
        {151, 101, 1},
        {152, 101, 2},
        {-50, 101, 0},
        {-51, 101, -1},
        {INT64_MAX, 100, 92233720368547758},
        {INT64_MIN, 100, -92233720368547758},
        {INT64_MAX, 1000000000, 9223372037},
        {INT64_MIN, 1000000000, -9223372037},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_EQ(kvs_timecode_from_ns(cases[i].ns, cases[i].scale_ns), cases[i].timecode);
    }
}

KVS_TEST(timecodes_become_times_again_within_what_a_time_can_be) {
    CHECK_EQ(kvs_timecode_to_ns(1700000000123, 1000000), 1700000000123000000);
    CHECK_EQ(kvs_timecode_to_ns(-3, 100), -300);
    CHECK_EQ(kvs_timecode_to_ns(INT64_MAX / 1000000, 1000000), INT64_MAX / 1000000 * 1000000);
    CHECK_EQ(kvs_timecode_to_ns(INT64_MAX / 1000000 + 1, 1000000), INT64_MAX);
    CHECK_EQ(kvs_timecode_to_ns(INT64_MIN / 1000000 - 1, 1000000), INT64_MIN);
}

int main(void) {
    RUN(a_header_has_these_bytes);
    RUN(what_is_not_known_is_left_out_of_a_header);
    RUN(a_delay_of_the_codec_stands_in_front_of_what_is_heard);
    RUN(a_header_with_the_largest_of_everything_is_written);
    RUN(a_header_beyond_its_limits_is_refused);
    RUN(a_track_beyond_its_limits_is_refused);
    RUN(a_cluster_opens_with_its_timecode);
    RUN(a_block_opens_with_size_track_time_and_flags);
    RUN(a_block_beyond_its_limits_is_refused);
    RUN(tags_are_one_tag_with_a_simple_tag_for_each);
    RUN(tags_beyond_their_limits_are_refused);
    RUN(timecodes_round_to_the_nearest_and_halves_towards_later);
    RUN(timecodes_become_times_again_within_what_a_time_can_be);
    return kvs_test_report();
}
