/* Bits and Exp-Golomb codes, with emulation prevention and at the end of the data. */
#include "codec/bit_reader.h"

#include "bit_writer.h"
#include "test.h"

#define TEXT(text) kvs_span_of((text), sizeof(text) - 1)

KVS_TEST(bits_come_most_significant_first_in_any_grouping) {
    struct kvs__bit_reader reader = kvs__bit_reader_of_bytes(TEXT("\x12\x34\x56\x78\x9A\xBC\xDE"));
    CHECK_EQ(kvs__read_bits(&reader, 0), 0);
    CHECK_EQ(kvs__read_bits(&reader, 4), 1);
    CHECK_EQ(kvs__read_bits(&reader, 32), 0x23456789);
    CHECK(kvs__read_flag(&reader));
    CHECK(!kvs__read_flag(&reader));
    kvs__skip_bits(&reader, 10);
    CHECK_EQ(kvs__read_bits(&reader, 8), 0xDE);
    CHECK(!reader.failed);
}

KVS_TEST(reading_beyond_the_end_gives_zeros_and_fails) {
    struct kvs__bit_reader reader = kvs__bit_reader_of_bytes(TEXT("\xFF"));
    CHECK_EQ(kvs__read_bits(&reader, 9), 0);
    CHECK(reader.failed);
    CHECK_EQ(kvs__read_bits(&reader, 1), 0);
    CHECK_EQ(kvs__read_ue(&reader), 0);
    reader = kvs__bit_reader_of_bytes(TEXT("\xFF\xFF\xFF\xFF\xFF"));
    kvs__skip_bits(&reader, 40);
    CHECK(!reader.failed);
    kvs__skip_bits(&reader, 1);
    CHECK(reader.failed);
}

KVS_TEST(golomb_codes_cover_all_of_their_range) {
    static const uint32_t values[] = {0,   1,   2,     3,          6,          7,
                                      254, 255, 65534, 0x7FFFFFFE, 0x7FFFFFFF, 0xFFFFFFFE};
    static const int32_t signed_values[] = {0, 1, -1, 2, -2, 127, -128, 0x7FFFFFFF, -0x7FFFFFFF};
    struct bit_writer writer = {{0}, 0, {0}};
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        put_ue(&writer, values[i]);
    }
    for (size_t i = 0; i < sizeof(signed_values) / sizeof(signed_values[0]); i++) {
        put_se(&writer, signed_values[i]);
    }
    struct kvs__bit_reader reader =
        kvs__bit_reader_of_bytes(kvs_span_of(writer.bytes, (writer.bits + 7) / 8));
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        CHECK_EQ(kvs__read_ue(&reader), values[i]);
    }
    for (size_t i = 0; i < sizeof(signed_values) / sizeof(signed_values[0]); i++) {
        CHECK_EQ((int64_t)kvs__read_se(&reader), (int64_t)signed_values[i]);
    }
    CHECK(!reader.failed);
}

KVS_TEST(a_code_too_long_or_above_its_limit_fails) {
    struct kvs__bit_reader reader =
        kvs__bit_reader_of_bytes(TEXT("\0\0\0\0\x80\0\0\0\0\xFF\xFF\xFF\xFF"));
    CHECK_EQ(kvs__read_ue(&reader), 0); /* 32 zeros */
    CHECK(reader.failed);
    reader = kvs__bit_reader_of_bytes(TEXT("\x48\xFF"));
    CHECK_EQ(kvs__read_ue_max(&reader, 1), 1);
    CHECK(!reader.failed);
    reader = kvs__bit_reader_of_bytes(TEXT("\x48\xFF"));
    CHECK_EQ(kvs__read_ue_max(&reader, 0), 0);
    CHECK(reader.failed);
}

KVS_TEST(emulation_prevention_bytes_are_undone_only_where_they_are) {
    static const struct {
        const char *escaped;
        size_t escaped_len;
        const char *plain;
        size_t plain_len;
    } cases[] = {
        {"\0\0\3\1", 4, "\0\0\1", 3},
        {"\0\0\3\0\3", 5, "\0\0\0\3", 4},
        {"\0\0\3\0\0\3\0\0\3\3", 10, "\0\0\0\0\0\0\3", 7},
        {"\3\0\3\0\0\4\3", 7, "\3\0\3\0\0\4\3", 7},
        {"\1\0\0\3\x80", 5, "\1\0\0\x80", 4},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct kvs__bit_reader reader =
            kvs__bit_reader_of_nal(kvs_span_of(cases[i].escaped, cases[i].escaped_len));
        for (size_t j = 0; j < cases[i].plain_len; j++) {
            CHECK_EQ(kvs__read_bits(&reader, 8), (uint8_t)cases[i].plain[j]);
        }
        CHECK(!reader.failed);
        kvs__skip_bits(&reader, 1);
        CHECK(reader.failed);
    }
    struct kvs__bit_reader reader = kvs__bit_reader_of_bytes(TEXT("\0\0\3\1"));
    CHECK_EQ(kvs__read_bits(&reader, 32), 0x000301);
}

int main(void) {
    RUN(bits_come_most_significant_first_in_any_grouping);
    RUN(reading_beyond_the_end_gives_zeros_and_fails);
    RUN(golomb_codes_cover_all_of_their_range);
    RUN(a_code_too_long_or_above_its_limit_fails);
    RUN(emulation_prevention_bytes_are_undone_only_where_they_are);
    return kvs_test_report();
}
