/* Codec private data of audio: AudioSpecificConfig and WAVEFORMATEX. */
#include <string.h>

#include "bit_writer.h"
#include "kvs/codec.h"
#include "test.h"

#define TEXT(text) kvs_span_of((text), sizeof(text) - 1)

static void check_aac(struct kvs_span bytes, uint8_t object_type, uint32_t sampling_frequency,
                      uint8_t channels) {
    struct kvs_aac_config config = {0};
    CHECK_STATUS(kvs_aac_parse_config(bytes, &config), KVS_STATUS_SUCCESS);
    CHECK_EQ(config.object_type, object_type);
    CHECK_EQ(config.sampling_frequency, sampling_frequency);
    CHECK_EQ(config.channels, channels);
}

KVS_TEST(aac_configurations_of_real_encoders_are_understood) {
    check_aac(TEXT("\x12\x10"), 2, 44100, 2);
    check_aac(TEXT("\x14\x08"), 2, 16000, 1);
    check_aac(TEXT("\x11\xB8\x56\xE5\0"), 2, 48000, 8);
    check_aac(TEXT("\x15\x10\x56\xE5\0"), 2, 11025, 2);
    /* HE-AAC and HE-AAC v2, signalled first: 24 kHz core, 48 kHz output. */
    check_aac(TEXT("\x2B\x11\x88\0"), 5, 24000, 2);
    check_aac(TEXT("\xEB\x09\x88\0"), 29, 24000, 1);
}

KVS_TEST(channels_come_from_the_program_config_element_when_there_is_no_configuration) {
    /* FFmpeg's AAC encoder for 4 ("quad") and 7 ("6.1") channels at 48 kHz. */
    check_aac(TEXT("\x11\x80\x04\xC4\x04\0\x21\x10\x0D\x4C\x61\x76\x63\x35\x39\x2E\x33\x37\x2E"
                   "\x31\x30\x30\x56\xE5\0"),
              2, 48000, 4);
    check_aac(TEXT("\x11\x80\x04\xC8\x48\0\x20\0\xC4\x40\x0D\x4C\x61\x76\x63\x35\x39\x2E\x33\x37"
                   "\x2E\x31\x30\x30\x56\xE5\0"),
              2, 48000, 7);
}

/* A program_config_element with a centre channel, a pair in front, and low frequency effects. */
static struct kvs_span put_program_config(struct bit_writer *writer, uint8_t object_type) {
    put_bits(writer, object_type, 5);
    put_bits(writer, 6, 4);
    put_bits(writer, 0, 4);
    if (object_type == 5) {
        put_bits(writer, 3, 4);
        put_bits(writer, 2, 5);
    }
    put_bits(writer, 0, 1);
    put_bits(writer, 1, 1);
    put_bits(writer, 0x1555, 14); /* coreCoderDelay */
    put_bits(writer, 0, 1);
    put_bits(writer, 0, 4 + 2 + 4);
    put_bits(writer, 2, 4);
    put_bits(writer, 0, 4 + 4);
    put_bits(writer, 1, 2);
    put_bits(writer, 0, 3 + 4);
    put_bits(writer, 0x1F, 5); /* mono mix-down */
    put_bits(writer, 0x1F, 5); /* stereo mix-down */
    put_bits(writer, 0xF, 4);  /* matrix mix-down */
    put_bits(writer, 0, 5);
    put_bits(writer, 0x10, 5);
    put_bits(writer, 0, 4);
    return kvs_span_of(writer->bytes, (writer->bits + 7) / 8);
}

KVS_TEST(program_config_elements_are_found_behind_what_may_precede_them) {
    static const uint8_t with[] = {1, 2, 3, 4, 5, 6, 7, 17, 19, 20, 21, 22, 23};
    static const uint8_t without[] = {8, 9, 16, 18, 24, 25, 26, 27, 28, 30};
    struct kvs_aac_config config;
    for (size_t i = 0; i < sizeof(with); i++) {
        struct bit_writer writer = {{0}, 0, {0}};
        check_aac(put_program_config(&writer, with[i]), with[i], 24000, 4);
    }
    for (size_t i = 0; i < sizeof(without); i++) {
        struct bit_writer writer = {{0}, 0, {0}};
        CHECK_STATUS(kvs_aac_parse_config(put_program_config(&writer, without[i]), &config),
                     KVS_STATUS_MKV_INVALID_AAC_CPD_CHANNEL_CONFIG);
    }
}

KVS_TEST(object_types_above_30_and_explicit_frequencies_are_understood) {
    struct bit_writer writer = {{0}, 0, {0}};
    put_bits(&writer, 31, 5);
    put_bits(&writer, 42 - 32, 6);
    put_bits(&writer, 15, 4);
    put_bits(&writer, 37800, 24);
    put_bits(&writer, 2, 4);
    check_aac(kvs_span_of(writer.bytes, 6), 42, 37800, 2);
    struct kvs_aac_config config;
    for (size_t len = 0; len < 6; len++) {
        CHECK_STATUS(kvs_aac_parse_config(kvs_span_of(writer.bytes, len), &config),
                     KVS_STATUS_MKV_INVALID_AAC_CPD);
    }
}

KVS_TEST(aac_configurations_that_cannot_be_are_told_apart) {
    static const struct {
        const char *bytes;
        kvs_status status;
    } cases[] = {
        {"\x02\x10", KVS_STATUS_MKV_INVALID_AAC_CPD},
        {"\x16\x90", KVS_STATUS_MKV_INVALID_AAC_CPD_SAMPLING_FREQUENCY_INDEX},
        {"\x17\x10", KVS_STATUS_MKV_INVALID_AAC_CPD_SAMPLING_FREQUENCY_INDEX},
        {"\x12\x48", KVS_STATUS_MKV_INVALID_AAC_CPD_CHANNEL_CONFIG},
        {"\x12\x78", KVS_STATUS_MKV_INVALID_AAC_CPD_CHANNEL_CONFIG},
        {"\x12\x00", KVS_STATUS_MKV_INVALID_AAC_CPD_CHANNEL_CONFIG},
    };
    struct kvs_aac_config config = {.channels = 9};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_STATUS(kvs_aac_parse_config(kvs_span_of(cases[i].bytes, 2), &config),
                     cases[i].status);
        CHECK_EQ(config.channels, 9);
    }
    CHECK_STATUS(kvs_aac_parse_config(TEXT("\x17\x80\0\0\x10"), &config),
                 KVS_STATUS_MKV_INVALID_AAC_CPD_SAMPLING_FREQUENCY_INDEX);
    /* HE-AAC that ends before the type of its core. */
    CHECK_STATUS(kvs_aac_parse_config(TEXT("\x2B\x11"), &config), KVS_STATUS_MKV_INVALID_AAC_CPD);
    CHECK_STATUS(kvs_aac_parse_config(TEXT("\x12\x10"), NULL), KVS_STATUS_NULL_ARG);
}

KVS_TEST(written_aac_configurations_have_the_usual_bytes) {
    uint8_t out[KVS_AAC_CONFIG_MAX_BYTES];
    size_t written = 0;
    struct kvs_aac_config config = {2, 44100, 2};
    CHECK_STATUS(kvs_aac_write_config(&config, out, 2, &written), KVS_STATUS_SUCCESS);
    CHECK_EQ(written, 2);
    CHECK_MEM(out, "\x12\x10", 2);
    CHECK_STATUS(kvs_aac_write_config(&config, out, 1, &written), KVS_STATUS_BUFFER_TOO_SMALL);
    config = (struct kvs_aac_config){2, 37800, 1};
    CHECK_STATUS(kvs_aac_write_config(&config, out, 5, &written), KVS_STATUS_SUCCESS);
    CHECK_EQ(written, 5);
    CHECK_MEM(out, "\x17\x80\x49\xD4\x08", 5);
    CHECK_STATUS(kvs_aac_write_config(&config, out, 4, &written), KVS_STATUS_BUFFER_TOO_SMALL);
}

KVS_TEST(every_aac_configuration_that_is_written_reads_back) {
    static const uint32_t frequencies[] = {96000, 88200, 64000, 48000, 44100, 32000, 24000,   22050,
                                           16000, 12000, 11025, 8000,  7350,  1,     0xFFFFFF};
    static const uint8_t channels[] = {1, 2, 3, 4, 5, 6, 8};
    for (uint8_t object_type = 1; object_type <= 4; object_type++) {
        for (size_t i = 0; i < sizeof(frequencies) / sizeof(frequencies[0]); i++) {
            for (size_t j = 0; j < sizeof(channels); j++) {
                struct kvs_aac_config config = {object_type, frequencies[i], channels[j]};
                uint8_t out[KVS_AAC_CONFIG_MAX_BYTES];
                size_t written = 0;
                CHECK_STATUS(kvs_aac_write_config(&config, out, sizeof(out), &written),
                             KVS_STATUS_SUCCESS);
                check_aac(kvs_span_of(out, written), object_type, frequencies[i], channels[j]);
            }
        }
    }
}

KVS_TEST(aac_configurations_that_cannot_be_are_not_written) {
    static const struct {
        struct kvs_aac_config config;
        kvs_status status;
    } cases[] = {
        {{0, 44100, 2}, KVS_STATUS_MKV_INVALID_AAC_CPD},
        {{5, 44100, 2}, KVS_STATUS_MKV_INVALID_AAC_CPD},
        {{2, 0, 2}, KVS_STATUS_MKV_INVALID_AAC_CPD_SAMPLING_FREQUENCY_INDEX},
        {{2, 0x1000000, 2}, KVS_STATUS_MKV_INVALID_AAC_CPD_SAMPLING_FREQUENCY_INDEX},
        {{2, 44100, 0}, KVS_STATUS_MKV_INVALID_AAC_CPD_CHANNEL_CONFIG},
        {{2, 44100, 7}, KVS_STATUS_MKV_INVALID_AAC_CPD_CHANNEL_CONFIG},
        {{2, 44100, 9}, KVS_STATUS_MKV_INVALID_AAC_CPD_CHANNEL_CONFIG},
    };
    uint8_t out[KVS_AAC_CONFIG_MAX_BYTES];
    size_t written = 77;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CHECK_STATUS(kvs_aac_write_config(&cases[i].config, out, sizeof(out), &written),
                     cases[i].status);
    }
    CHECK_STATUS(kvs_aac_write_config(NULL, out, sizeof(out), &written), KVS_STATUS_NULL_ARG);
    CHECK_EQ(written, 77);
}

KVS_TEST(the_wave_format_of_g711_says_how_many_bytes_a_second_there_are) {
    struct kvs_wave_format format = {KVS_WAVE_FORMAT_MULAW, 2, 8000, 8};
    uint8_t out[KVS_WAVE_FORMAT_BYTES];
    size_t written = 0;
    CHECK_STATUS(kvs_wave_write_format(&format, out, sizeof(out), &written), KVS_STATUS_SUCCESS);
    CHECK_EQ(written, 18);
    CHECK_MEM(out, "\7\0\2\0\x40\x1F\0\0\x80\x3E\0\0\2\0\x08\0\0\0", 18);
    struct kvs_wave_format read = {0};
    CHECK_STATUS(kvs_wave_parse_format(kvs_span_of(out, written), &read), KVS_STATUS_SUCCESS);
    CHECK_EQ(read.format_tag, KVS_WAVE_FORMAT_MULAW);
    CHECK_EQ(read.channels, 2);
    CHECK_EQ(read.sampling_frequency, 8000);
    CHECK_EQ(read.bits_per_sample, 8);
    CHECK_STATUS(kvs_wave_write_format(&format, out, 17, &written), KVS_STATUS_BUFFER_TOO_SMALL);
}

KVS_TEST(wave_formats_that_cannot_be_are_refused) {
    static const struct kvs_wave_format formats[] = {
        {6, 0, 8000, 8},  {6, 1, 0, 8},         {6, 1, 8000, 0},
        {6, 1, 8000, 12}, {1, 65535, 8000, 16}, {1, 2, 0xFFFFFFFF, 8},
    };
    uint8_t out[KVS_WAVE_FORMAT_BYTES] = {6, 0, 1, 0, 0x40, 0x1F};
    size_t written;
    struct kvs_wave_format read;
    CHECK_STATUS(kvs_wave_parse_format(kvs_span_of(out, 15), &read),
                 KVS_STATUS_MKV_INVALID_AMS_ACM_CPD);
    CHECK_STATUS(kvs_wave_parse_format(kvs_span_of(out, 16), &read), KVS_STATUS_SUCCESS);
    out[2] = 0;
    CHECK_STATUS(kvs_wave_parse_format(kvs_span_of(out, 16), &read),
                 KVS_STATUS_MKV_INVALID_AMS_ACM_CPD);
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        CHECK_STATUS(kvs_wave_write_format(&formats[i], out, sizeof(out), &written),
                     KVS_STATUS_MKV_INVALID_AMS_ACM_CPD);
    }
}

int main(void) {
    RUN(aac_configurations_of_real_encoders_are_understood);
    RUN(channels_come_from_the_program_config_element_when_there_is_no_configuration);
    RUN(program_config_elements_are_found_behind_what_may_precede_them);
    RUN(object_types_above_30_and_explicit_frequencies_are_understood);
    RUN(aac_configurations_that_cannot_be_are_told_apart);
    RUN(written_aac_configurations_have_the_usual_bytes);
    RUN(every_aac_configuration_that_is_written_reads_back);
    RUN(aac_configurations_that_cannot_be_are_not_written);
    RUN(the_wave_format_of_g711_says_how_many_bytes_a_second_there_are);
    RUN(wave_formats_that_cannot_be_are_refused);
    return kvs_test_report();
}
