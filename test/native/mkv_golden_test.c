/*
 * Whole files, byte for byte, in test/fixtures/golden: what other programs have been shown to read.
 *
 * With KVS_UPDATE_GOLDEN in the environment the files are written instead; mkvinfo and
 * `ffmpeg -v error -i FILE -f null -` have to accept them before they are committed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kvs/codec.h"
#include "kvs/mkv.h"
#include "kvs/nal.h"
#include "test.h"
#include "tiny_media.h"

#define SPAN(bytes) kvs_span_of((bytes), sizeof(bytes))

static uint8_t file[4096];
static size_t file_len;

static uint8_t *end(void) { return file + file_len; }

static size_t room(void) { return sizeof(file) - file_len; }

static void put_header(struct kvs_mkv_track *tracks, uint32_t count, uint64_t timecode_scale_ns) {
    struct kvs_mkv_header header = {
        .segment_uid = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
        .timecode_scale_ns = timecode_scale_ns,
        .writing_app = "golden test",
        .tracks = tracks,
        .track_count = count};
    size_t written = 0;
    file_len = 0;
    CHECK_STATUS(kvs_mkv_write_header(&header, end(), room(), &written), KVS_STATUS_SUCCESS);
    file_len += written;
}

static void put_cluster(uint64_t timecode) {
    size_t written = 0;
    CHECK_STATUS(kvs_mkv_write_cluster(timecode, end(), room(), &written), KVS_STATUS_SUCCESS);
    file_len += written;
}

static void put_block_header(uint8_t number, int64_t timecode, uint32_t flags, size_t len) {
    size_t written = 0;
    CHECK_STATUS(kvs_mkv_write_block_header(number, timecode, flags, len, end(), room(), &written),
                 KVS_STATUS_SUCCESS);
    file_len += written;
}

/* A frame in Annex-B, stored with lengths. */
static void put_video(uint8_t number, int64_t timecode, uint32_t flags, struct kvs_span frame) {
    struct kvs_annexb_index index;
    CHECK_STATUS(kvs_annexb_index(frame, &index), KVS_STATUS_SUCCESS);
    put_block_header(number, timecode, flags, index.avcc_size);
    CHECK_STATUS(kvs_annexb_to_avcc(frame, &index, end(), room()), KVS_STATUS_SUCCESS);
    file_len += index.avcc_size;
}

static void put_audio(uint8_t number, int64_t timecode, struct kvs_span frame) {
    put_block_header(number, timecode, KVS_BLOCK_KEY, frame.len);
    memcpy(end(), frame.data, frame.len);
    file_len += frame.len;
}

static void put_tags(const struct kvs_mkv_tag *tags, size_t count) {
    size_t written = 0;
    CHECK_STATUS(kvs_mkv_write_tags(tags, count, end(), room(), &written), KVS_STATUS_SUCCESS);
    file_len += written;
}

/* A video track whose private data and size come from its first key frame. */
static struct kvs_mkv_track video_track(enum kvs_codec codec, const char *codec_id,
                                        struct kvs_span key_frame) {
    static uint8_t codec_private[512];
    struct kvs_mkv_track track = {
        .track_id = 1, .number = 1, .type = KVS_TRACK_VIDEO, .codec_id = codec_id, .name = "tiny"};
    size_t written = 0;
    CHECK_STATUS(kvs_codec_private_from_key_frame(codec, key_frame, codec_private,
                                                  sizeof(codec_private), &written),
                 KVS_STATUS_SUCCESS);
    track.codec_private = kvs_span_of(codec_private, written);
    CHECK_STATUS(kvs_codec_pixel_size(codec, track.codec_private, &track.width, &track.height),
                 KVS_STATUS_SUCCESS);
    return track;
}

static void check_golden(const char *name) {
    char path[200];
    static uint8_t golden[sizeof(file)];
    snprintf(path, sizeof(path), "test/fixtures/golden/%s", name);
    bool update = getenv("KVS_UPDATE_GOLDEN") != NULL;
    FILE *stream = fopen(path, update ? "wb" : "rb");
    if (!CHECK(stream != NULL)) {
        return;
    }
    if (update) {
        CHECK_EQ(fwrite(file, 1, file_len, stream), file_len);
    } else if (CHECK_EQ(fread(golden, 1, sizeof(golden), stream), file_len)) {
        CHECK_MEM(file, golden, file_len);
    }
    fclose(stream);
}

KVS_TEST(h264_in_two_fragments_with_metadata) {
    struct kvs_mkv_track track =
        video_track(KVS_CODEC_H264, "V_MPEG4/ISO/AVC", SPAN(tiny_h264_frame_1));
    struct kvs_mkv_tag tags[] = {{"temperature", "21.5"}, {"AWS_KINESISVIDEO_NOTIFICATION", ""}};
    put_header(&track, 1, 1000000);
    put_tags(tags, 2);
    put_cluster(1700000000000);
    put_video(1, 0, KVS_BLOCK_KEY, SPAN(tiny_h264_frame_1));
    put_video(1, 40, KVS_BLOCK_DISCARDABLE, SPAN(tiny_h264_frame_2));
    put_tags(tags, 1);
    put_cluster(1700000000080);
    put_video(1, 0, KVS_BLOCK_KEY, SPAN(tiny_h264_frame_3));
    put_video(1, 40, 0, SPAN(tiny_h264_frame_4));
    check_golden("h264.mkv");
}

KVS_TEST(h265_and_aac_side_by_side) {
    uint8_t aac_private[KVS_AAC_CONFIG_MAX_BYTES];
    size_t written = 0;
    struct kvs_aac_config aac = {.object_type = 2, .sampling_frequency = 16000, .channels = 1};
    CHECK_STATUS(kvs_aac_write_config(&aac, aac_private, sizeof(aac_private), &written),
                 KVS_STATUS_SUCCESS);
    struct kvs_mkv_track tracks[] = {
        video_track(KVS_CODEC_H265, "V_MPEGH/ISO/HEVC", SPAN(tiny_h265_frame_1)),
        {.track_id = 2,
         .number = 2,
         .type = KVS_TRACK_AUDIO,
         .codec_id = "A_AAC",
         .name = "sound",
         .codec_private = kvs_span_of(aac_private, written),
         .sampling_frequency = aac.sampling_frequency,
         .channels = aac.channels}};
    put_header(tracks, 2, 1000000);
    put_cluster(0);
    put_video(1, 0, KVS_BLOCK_KEY, SPAN(tiny_h265_frame_1));
    put_audio(2, 0, SPAN(tiny_aac_frame_1));
    put_video(1, 40, 0, SPAN(tiny_h265_frame_2));
    put_audio(2, 64, SPAN(tiny_aac_frame_2));
    put_cluster(80);
    put_video(1, 0, KVS_BLOCK_KEY, SPAN(tiny_h265_frame_3));
    put_video(1, 40, 0, SPAN(tiny_h265_frame_4));
    put_audio(2, 48, SPAN(tiny_aac_frame_3));
    check_golden("h265-aac.mkv");
}

/* Ten milliseconds a block, in a scale of a tenth of a millisecond. */
KVS_TEST(g711_alone_in_a_fine_timecode_scale) {
    uint8_t format[KVS_WAVE_FORMAT_BYTES];
    uint8_t silence[80];
    size_t written = 0;
    struct kvs_wave_format mulaw = {KVS_WAVE_FORMAT_MULAW, 1, 8000, 8};
    memset(silence, 0xFF, sizeof(silence));
    CHECK_STATUS(kvs_wave_write_format(&mulaw, format, sizeof(format), &written),
                 KVS_STATUS_SUCCESS);
    struct kvs_mkv_track track = {.track_id = 0xFFFFFFFFFFFFFFFF,
                                  .number = 1,
                                  .type = KVS_TRACK_AUDIO,
                                  .codec_id = "A_MS/ACM",
                                  .codec_private = SPAN(format),
                                  .sampling_frequency = 8000,
                                  .channels = 1,
                                  .bit_depth = 8};
    put_header(&track, 1, 100000);
    put_cluster(0);
    put_audio(1, 0, SPAN(silence));
    put_audio(1, 100, SPAN(silence));
    put_cluster(200);
    put_audio(1, 0, SPAN(silence));
    check_golden("g711.mkv");
}

int main(void) {
    RUN(h264_in_two_fragments_with_metadata);
    RUN(h265_and_aac_side_by_side);
    RUN(g711_alone_in_a_fine_timecode_scale);
    return kvs_test_report();
}
