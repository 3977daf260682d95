/* What a track's codec tells of it, and codec private data that is generated for it. */
#include "codec_support.h"
#include "parameter_sets.h"

static uint8_t generated[KVS_CODEC_GENERATED_MAX_BYTES];

static kvs_status complete(struct kvs_mkv_track *track) {
    memset(generated, 0xEE, sizeof(generated));
    return kvs_codec_complete_track(track, generated, sizeof(generated));
}

static void check_generated(const struct kvs_mkv_track *track, struct kvs_span expected) {
    CHECK(track->codec_private.data == generated);
    if (CHECK_EQ(track->codec_private.len, expected.len)) {
        CHECK_MEM(track->codec_private.data, expected.data, expected.len);
    }
}

/* Refused, and nothing of the track has changed. */
static void check_refused(struct kvs_mkv_track track, kvs_status status) {
    struct kvs_mkv_track before = track;
    CHECK_STATUS(complete(&track), status);
    CHECK(track.codec_private.data == before.codec_private.data);
    CHECK_EQ(track.codec_private.len, before.codec_private.len);
    CHECK_EQ(track.channels, before.channels);
    CHECK_EQ(track.bit_depth, before.bit_depth);
    CHECK_EQ(track.width, before.width);
    CHECK(track.sampling_frequency == before.sampling_frequency);
}

KVS_TEST(parameter_sets_of_either_form_give_a_track_its_size) {
    for (size_t i = 0; i < PARAMETER_SET_SAMPLES; i++) {
        const struct parameter_set_sample *sample = &parameter_set_samples[i];
        const char *id = sample->codec == KVS_CODEC_H264 ? "V_MPEG4/ISO/AVC" : "V_MPEGH/ISO/HEVC";
        struct kvs_span forms[] = {sample->annexb, sample->record};
        for (size_t j = 0; j < 2; j++) {
            struct kvs_mkv_track track = {.codec_id = id, .codec_private = forms[j]};
            CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
            CHECK_EQ(track.width, sample->info.width);
            CHECK_EQ(track.height, sample->info.height);
            CHECK(track.codec_private.data == forms[j].data);
            CHECK_EQ(track.codec_private.len, forms[j].len);
        }
    }
}

KVS_TEST(what_is_given_stays) {
    struct kvs_mkv_track video = {.codec_id = "V_MPEG4/ISO/AVC",
                                  .codec_private = SPAN(h264_baseline_record),
                                  .width = 10,
                                  .height = 20};
    CHECK_STATUS(complete(&video), KVS_STATUS_SUCCESS);
    CHECK_EQ(video.width, 10);
    CHECK_EQ(video.height, 20);
    struct kvs_mkv_track audio = {.codec_id = "A_AAC",
                                  .codec_private = TEXT("\x12\x10"),
                                  .sampling_frequency = 22050,
                                  .channels = 1,
                                  .bit_depth = 16};
    CHECK_STATUS(complete(&audio), KVS_STATUS_SUCCESS);
    CHECK(audio.sampling_frequency == 22050);
    CHECK_EQ(audio.channels, 1);
    CHECK_EQ(audio.bit_depth, 16);
}

KVS_TEST(video_waits_for_the_parameter_sets_of_its_first_key_frame) {
    struct kvs_mkv_track track = {.codec_id = "V_MPEG4/ISO/AVC"};
    CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
    CHECK_EQ(track.codec_private.len, 0);
    CHECK_EQ(track.width, 0);
}

KVS_TEST(private_data_that_cannot_be_read_leaves_the_track_as_it_is) {
    static const char *const ids[] = {"V_MPEG4/ISO/AVC", "V_MPEGH/ISO/HEVC", "A_AAC",  "A_MS/ACM",
                                      "V_MS/VFW/FOURCC", "A_OPUS",           "V_MJPEG"};
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        struct kvs_span nonsense = TEXT("\0\xFF\xFF");
        struct kvs_mkv_track track = {.codec_id = ids[i], .codec_private = nonsense};
        CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
        CHECK(track.codec_private.data == nonsense.data);
        CHECK_EQ(track.width, 0);
        CHECK_EQ(track.channels, 0);
        CHECK(track.sampling_frequency == 0);
    }
}

KVS_TEST(aac_is_configured_by_two_numbers_or_tells_them) {
    struct kvs_mkv_track track = {.codec_id = "A_AAC", .sampling_frequency = 44100, .channels = 2};
    CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
    check_generated(&track, TEXT("\x12\x10"));
    track.codec_id = "A_AAC/MPEG4/MAIN";
    track.codec_private = kvs_span_of(NULL, 0);
    CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
    check_generated(&track, TEXT("\x0A\x10"));
    struct kvs_mkv_track told = {.codec_id = "A_AAC", .codec_private = TEXT("\x14\x08")};
    CHECK_STATUS(complete(&told), KVS_STATUS_SUCCESS);
    CHECK(told.sampling_frequency == 16000);
    CHECK_EQ(told.channels, 1);
}

KVS_TEST(aac_that_cannot_be_configured_is_refused) {
    struct kvs_mkv_track track = {.codec_id = "A_AAC", .channels = 2};
    check_refused(track, KVS_STATUS_MKV_INVALID_AAC_CPD_SAMPLING_FREQUENCY_INDEX);
    track.sampling_frequency = 1e300;
    check_refused(track, KVS_STATUS_MKV_INVALID_AAC_CPD_SAMPLING_FREQUENCY_INDEX);
    track.sampling_frequency = 44100;
    track.channels = 0;
    check_refused(track, KVS_STATUS_MKV_INVALID_AAC_CPD_CHANNEL_CONFIG);
    track.channels = 258; /* would be 2 in 8 bits */
    check_refused(track, KVS_STATUS_MKV_INVALID_AAC_CPD_CHANNEL_CONFIG);
}

KVS_TEST(a_format_tag_alone_becomes_the_wave_format_of_g711) {
    struct kvs_mkv_track track = {.codec_id = "A_MS/ACM",
                                  .codec_private = TEXT("\6\0"),
                                  .sampling_frequency = 8000,
                                  .channels = 1};
    CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
    /* 8000 bytes a second, one a block, and eight bits a sample. */
    check_generated(&track, TEXT("\6\0\1\0\x40\x1F\0\0\x40\x1F\0\0\1\0\x08\0\0\0"));
    CHECK_EQ(track.bit_depth, 8);
    track = (struct kvs_mkv_track){.codec_id = "A_MS/ACM",
                                   .codec_private = TEXT("\7\0"),
                                   .sampling_frequency = 48000,
                                   .channels = 2,
                                   .bit_depth = 16};
    CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
    check_generated(&track, TEXT("\7\0\2\0\x80\xBB\0\0\0\x77\1\0\2\0\x08\0\0\0"));
    CHECK_EQ(track.bit_depth, 16);
}

KVS_TEST(samples_that_are_not_coded_have_a_wave_format_too) {
    struct kvs_mkv_track track = {.codec_id = "A_MS/ACM",
                                  .codec_private = TEXT("\1\0"),
                                  .sampling_frequency = 16000,
                                  .channels = 1,
                                  .bit_depth = 16};
    CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
    check_generated(&track, TEXT("\1\0\1\0\x80\x3E\0\0\0\x7D\0\0\2\0\x10\0\0\0"));
    track.codec_private = TEXT("\3\0");
    track.bit_depth = 0;
    check_refused(track, KVS_STATUS_MKV_INVALID_AMS_ACM_CPD);
    track.bit_depth = 65536 + 16;
    check_refused(track, KVS_STATUS_MKV_INVALID_AMS_ACM_CPD);
}

KVS_TEST(a_wave_format_is_not_made_up) {
    struct kvs_mkv_track track = {
        .codec_id = "A_MS/ACM", .sampling_frequency = 8000, .channels = 1};
    check_refused(track, KVS_STATUS_MKV_INVALID_AMS_ACM_CPD);
    track.codec_private = TEXT("\6");
    check_refused(track, KVS_STATUS_MKV_INVALID_AMS_ACM_CPD);
    track.codec_private = TEXT("\x55\0"); /* MP3 */
    check_refused(track, KVS_STATUS_MKV_INVALID_AMS_ACM_CPD);
    track.codec_private = TEXT("\6\0");
    track.channels = 0;
    check_refused(track, KVS_STATUS_MKV_INVALID_AMS_ACM_CPD);
    track.channels = 65537;
    check_refused(track, KVS_STATUS_MKV_INVALID_AMS_ACM_CPD);
    track.channels = 1;
    track.sampling_frequency = 0;
    check_refused(track, KVS_STATUS_MKV_INVALID_AMS_ACM_CPD);
}

KVS_TEST(a_wave_format_tells_rate_channels_and_bits) {
    struct kvs_mkv_track track = {.codec_id = "A_MS/ACM",
                                  .codec_private =
                                      TEXT("\7\0\2\0\x40\x1F\0\0\x80\x3E\0\0\2\0\x08\0\0\0")};
    CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
    CHECK(track.sampling_frequency == 8000);
    CHECK_EQ(track.channels, 2);
    CHECK_EQ(track.bit_depth, 8);
}

/* libopus at 48 kHz: 312 samples of pre-skip. */
#define OPUS_HEAD "OpusHead\1\2\x38\1\x80\xBB\0\0\0\0\0"

KVS_TEST(opus_is_described_by_its_channels_or_tells_them) {
    struct kvs_mkv_track track = {.codec_id = "A_OPUS",
                                  .sampling_frequency = 48000,
                                  .channels = 2,
                                  .codec_delay_ns = 6500000};
    CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
    check_generated(&track, TEXT(OPUS_HEAD));
    CHECK_EQ(track.codec_delay_ns, 6500000);
    CHECK_EQ(track.seek_pre_roll_ns, 80000000);
    struct kvs_mkv_track told = {.codec_id = "A_OPUS", .codec_private = TEXT(OPUS_HEAD)};
    CHECK_STATUS(complete(&told), KVS_STATUS_SUCCESS);
    CHECK(told.sampling_frequency == 48000);
    CHECK_EQ(told.channels, 2);
    CHECK_EQ(told.codec_delay_ns, 6500000);
    CHECK_EQ(told.seek_pre_roll_ns, 80000000);
}

KVS_TEST(opus_of_which_nothing_is_known_is_mono_without_delay) {
    struct kvs_mkv_track track = {.codec_id = "A_OPUS"};
    CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
    check_generated(&track, TEXT("OpusHead\1\1\0\0\0\0\0\0\0\0\0"));
    CHECK(track.sampling_frequency == 48000);
    CHECK_EQ(track.channels, 1);
    CHECK_EQ(track.codec_delay_ns, 0);
    track = (struct kvs_mkv_track){.codec_id = "A_OPUS", .codec_delay_ns = UINT64_MAX};
    CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
    check_generated(&track, TEXT("OpusHead\1\1\0\0\0\0\0\0\0\0\0"));
}

KVS_TEST(how_more_than_two_opus_channels_are_coupled_is_not_made_up) {
    struct kvs_mkv_track track = {.codec_id = "A_OPUS", .channels = 3};
    check_refused(track, KVS_STATUS_INVALID_ARG);
    track.channels = 257;
    check_refused(track, KVS_STATUS_INVALID_ARG);
    /* 5.1 with four streams, two of them coupled. */
    track = (struct kvs_mkv_track){.codec_id = "A_OPUS",
                                   .codec_private =
                                       TEXT("OpusHead\1\6\0\0\x80\xBB\0\0\0\0\1\4\2\0\4\1\2\3\5")};
    CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
    CHECK_EQ(track.channels, 6);
}

KVS_TEST(opus_heads_that_cannot_be_are_refused) {
    static const struct {
        const char *bytes;
        size_t len;
    } cases[] = {
        {OPUS_HEAD, 18},
        {"OpusTags\1\2\x38\1\x80\xBB\0\0\0\0\0", 19},
        {"OpusHead\x10\2\x38\1\x80\xBB\0\0\0\0\0", 19}, /* an incompatible version */
        {"OpusHead\1\0\x38\1\x80\xBB\0\0\0\0\0", 19},   /* no channels */
        {"OpusHead\1\3\x38\1\x80\xBB\0\0\0\0\0", 19},   /* more than family 0 has */
        {"OpusHead\1\2\x38\1\x80\xBB\0\0\0\0\1\2\0\0\1", 22},
        {"OpusHead\1\2\x38\1\x80\xBB\0\0\0\0\1\0\0\0\1", 23}, /* no streams */
        {"OpusHead\1\2\x38\1\x80\xBB\0\0\0\0\1\1\2\0\1", 23}, /* more coupled than streams */
        {"OpusHead\1\2\x38\1\x80\xBB\0\0\0\0\1\xFF\1\0\1", 23},
    };
    struct kvs_opus_head head = {.channels = 9};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_STATUS(kvs_opus_parse_head(kvs_span_of(cases[i].bytes, cases[i].len), &head),
                     KVS_STATUS_INVALID_ARG);
        CHECK_EQ(head.channels, 9);
    }
    /* A later version that is still compatible. */
    CHECK_STATUS(kvs_opus_parse_head(TEXT("OpusHead\x0F\2\x38\1\x80\x3E\0\0\0\0\0"), &head),
                 KVS_STATUS_SUCCESS);
    CHECK_EQ(head.channels, 2);
    CHECK_EQ(head.pre_skip, 312);
    CHECK_EQ(head.input_sampling_frequency, 16000);
    CHECK_STATUS(kvs_opus_parse_head(TEXT(OPUS_HEAD), NULL), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_opus_write_head(&head, out, 18, &written), KVS_STATUS_BUFFER_TOO_SMALL);
    CHECK_STATUS(kvs_opus_write_head(NULL, out, 19, &written), KVS_STATUS_NULL_ARG);
    head.channels = 0;
    CHECK_STATUS(kvs_opus_write_head(&head, out, 19, &written), KVS_STATUS_INVALID_ARG);
}

KVS_TEST(floating_point_samples_are_single_unless_told) {
    struct kvs_mkv_track track = {
        .codec_id = "A_PCM/FLOAT/IEEE", .sampling_frequency = 48000, .channels = 1};
    CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
    CHECK_EQ(track.bit_depth, 32);
    CHECK_EQ(track.codec_private.len, 0);
    track.bit_depth = 64;
    CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
    CHECK_EQ(track.bit_depth, 64);
}

KVS_TEST(video_for_windows_gets_a_bitmap_header_of_its_size) {
    static const char mjpg[] = "\x28\0\0\0\x80\2\0\0\x68\1\0\0\1\0\x18\0MJPG\0\x8C\x0A\0"
                               "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
    struct kvs_mkv_track track = {.codec_id = "V_MS/VFW/FOURCC", .width = 640, .height = 360};
    CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
    check_generated(&track, TEXT(mjpg));
    struct kvs_bitmap_header header;
    CHECK_STATUS(kvs_bitmap_parse_header(track.codec_private, &header), KVS_STATUS_SUCCESS);
    CHECK_EQ(header.width, 640);
    CHECK_EQ(header.height, 360);
    CHECK_MEM(header.fourcc, "MJPG", 4);
    track.codec_private = TEXT("XVID");
    CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
    CHECK_MEM(track.codec_private.data + 16, "XVID", 4);
    struct kvs_mkv_track told = {.codec_id = "V_MS/VFW/FOURCC", .codec_private = TEXT(mjpg)};
    CHECK_STATUS(complete(&told), KVS_STATUS_SUCCESS);
    CHECK_EQ(told.width, 640);
    CHECK_EQ(told.height, 360);
    check_refused((struct kvs_mkv_track){.codec_id = "V_MS/VFW/FOURCC"},
                  KVS_STATUS_MKV_INVALID_BIH_CPD);
}

KVS_TEST(the_largest_picture_leaves_the_hint_on_its_bytes_out) {
    struct kvs_bitmap_header header = {65535, 65535, {'M', 'J', 'P', 'G'}};
    CHECK_STATUS(kvs_bitmap_write_header(&header, out, 40, &written), KVS_STATUS_SUCCESS);
    CHECK_MEM(out + 20, "\0\0\0\0", 4);
    CHECK_STATUS(kvs_bitmap_write_header(&header, out, 39, &written), KVS_STATUS_BUFFER_TOO_SMALL);
    header.width = 65536;
    CHECK_STATUS(kvs_bitmap_write_header(&header, out, 40, &written),
                 KVS_STATUS_MKV_INVALID_BIH_CPD);
    CHECK_STATUS(kvs_bitmap_write_header(NULL, out, 40, &written), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_bitmap_parse_header(kvs_span_of(out, 40), NULL), KVS_STATUS_NULL_ARG);
}

KVS_TEST(codecs_of_which_nothing_is_known_pass_as_they_are) {
    static const char *const ids[] = {"V_VP8", "V_VP9", "V_AV1", "A_PCM/INT/LIT", "D_SENSOR", "X"};
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        struct kvs_mkv_track track = {.codec_id = ids[i], .codec_private = TEXT("\1\2\3\4")};
        CHECK_STATUS(complete(&track), KVS_STATUS_SUCCESS);
        CHECK_EQ(track.codec_private.len, 4);
        CHECK_EQ(track.width + track.channels + track.bit_depth, 0);
        CHECK(track.sampling_frequency == 0);
    }
}

KVS_TEST(missing_arguments_and_too_little_room_are_refused) {
    struct kvs_mkv_track track = {.codec_id = "A_AAC", .sampling_frequency = 44100, .channels = 2};
    CHECK_STATUS(kvs_codec_complete_track(NULL, generated, sizeof(generated)), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_codec_complete_track(&track, NULL, 0), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_codec_complete_track(&track, generated, 1), KVS_STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(track.codec_private.len, 0);
    track.codec_private = kvs_span_of(NULL, 3);
    check_refused(track, KVS_STATUS_NULL_ARG);
    track.codec_id = NULL;
    check_refused(track, KVS_STATUS_NULL_ARG);
}

int main(void) {
    RUN(parameter_sets_of_either_form_give_a_track_its_size);
    RUN(what_is_given_stays);
    RUN(video_waits_for_the_parameter_sets_of_its_first_key_frame);
    RUN(private_data_that_cannot_be_read_leaves_the_track_as_it_is);
    RUN(aac_is_configured_by_two_numbers_or_tells_them);
    RUN(aac_that_cannot_be_configured_is_refused);
    RUN(a_format_tag_alone_becomes_the_wave_format_of_g711);
    RUN(samples_that_are_not_coded_have_a_wave_format_too);
    RUN(a_wave_format_is_not_made_up);
    RUN(a_wave_format_tells_rate_channels_and_bits);
    RUN(opus_is_described_by_its_channels_or_tells_them);
    RUN(opus_of_which_nothing_is_known_is_mono_without_delay);
    RUN(how_more_than_two_opus_channels_are_coupled_is_not_made_up);
    RUN(opus_heads_that_cannot_be_are_refused);
    RUN(floating_point_samples_are_single_unless_told);
    RUN(video_for_windows_gets_a_bitmap_header_of_its_size);
    RUN(the_largest_picture_leaves_the_hint_on_its_bytes_out);
    RUN(codecs_of_which_nothing_is_known_pass_as_they_are);
    RUN(missing_arguments_and_too_little_room_are_refused);
    return kvs_test_report();
}
