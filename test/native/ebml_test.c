/* EBML elements (RFC 8794): sizes, integers and nesting, at their limits. */
#include "mkv/ebml.h"

#include "test.h"

static uint8_t out[256];

static struct kvs__ebml_writer new_writer(void) {
    struct kvs__ebml_writer writer = {out, sizeof(out), 0};
    return writer;
}

static void check_bytes(const struct kvs__ebml_writer *writer, const char *bytes, size_t len) {
    if (CHECK_EQ(writer->len, len)) {
        CHECK_MEM(out, bytes, len);
    }
}

#define CHECK_BYTES(writer, text) check_bytes(&(writer), (text), sizeof(text) - 1)

KVS_TEST(a_size_takes_as_few_bytes_as_it_can_and_is_never_all_ones) {
    CHECK_EQ(kvs__ebml_size_len(0), 1);
    for (size_t len = 1; len <= 8; len++) {
        uint64_t largest = ((uint64_t)1 << 7 * len) - 2;
        CHECK_EQ(kvs__ebml_size_len(largest), len);
        if (len < 8) {
            CHECK_EQ(kvs__ebml_size_len(largest + 1), len + 1);
        }
    }
    CHECK_EQ(kvs__ebml_size_len(KVS_EBML_MAX_SIZE), 8);
}

KVS_TEST(sizes_carry_their_length_in_the_first_byte) {
    struct kvs__ebml_writer writer = new_writer();
    kvs__ebml_put_size(&writer, 0);
    kvs__ebml_put_size(&writer, 126);
    kvs__ebml_put_size(&writer, 127);
    kvs__ebml_put_size(&writer, 16382);
    kvs__ebml_put_size(&writer, 16383);
    kvs__ebml_put_size(&writer, 0x123456);
    kvs__ebml_put_size(&writer, KVS_EBML_MAX_SIZE);
    kvs__ebml_put_unknown_size(&writer);
    CHECK_BYTES(writer, "\x80\xFE\x40\x7F\x7F\xFE\x20\x3F\xFF\x32\x34\x56"
                        "\x01\xFF\xFF\xFF\xFF\xFF\xFF\xFE\xFF");
}

KVS_TEST(ids_of_every_length_are_written_as_they_are) {
    struct kvs__ebml_writer writer = new_writer();
    kvs__ebml_put_id(&writer, KVS_EBML_ID_SIMPLE_BLOCK);
    kvs__ebml_put_id(&writer, KVS_EBML_ID_TRACK_UID);
    kvs__ebml_put_id(&writer, KVS_EBML_ID_TIMESTAMP_SCALE);
    kvs__ebml_put_id(&writer, KVS_EBML_ID_CLUSTER);
    CHECK_BYTES(writer, "\xA3\x73\xC5\x2A\xD7\xB1\x1F\x43\xB6\x75");
}

KVS_TEST(integers_take_as_few_bytes_as_they_can) {
    struct kvs__ebml_writer writer = new_writer();
    kvs__ebml_put_uint(&writer, 0xE7, 0);
    kvs__ebml_put_uint(&writer, 0xE7, 255);
    kvs__ebml_put_uint(&writer, 0xE7, 256);
    kvs__ebml_put_uint(&writer, 0xE7, 0x0102030405);
    kvs__ebml_put_uint(&writer, 0xE7, UINT64_MAX);
    CHECK_BYTES(writer, "\xE7\x81\0\xE7\x81\xFF\xE7\x82\1\0\xE7\x85\1\2\3\4\5"
                        "\xE7\x88\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
}

KVS_TEST(floats_are_big_endian_and_strings_have_no_end_mark) {
    struct kvs__ebml_writer writer = new_writer();
    kvs__ebml_put_float64(&writer, 0xB5, 44100.0);
    kvs__ebml_put_string(&writer, 0x86, "A_AAC");
    kvs__ebml_put_string(&writer, 0x536E, "");
    kvs__ebml_put_binary(&writer, 0x63A2, kvs_span_of("\x12\x10", 2));
    kvs__ebml_put_binary(&writer, 0x63A2, kvs_span_of(NULL, 0));
    CHECK_BYTES(writer, "\xB5\x88\x40\xE5\x88\x80\0\0\0\0\x86\x85"
                        "A_AAC\x53\x6E\x80\x63\xA2\x82\x12\x10\x63\xA2\x80");
}

/* An integer `depth` levels down. */
static void put_nested(struct kvs__ebml_writer *writer, const void *context) {
    const int *depth = context;
    int next = *depth - 1;
    if (*depth == 0) {
        kvs__ebml_put_uint(writer, 0xD7, 5);
    } else {
        kvs__ebml_put_master(writer, 0xAE, put_nested, &next);
    }
}

KVS_TEST(masters_state_the_size_of_what_is_inside) {
    struct kvs__ebml_writer writer = new_writer();
    int depth = 3;
    put_nested(&writer, &depth);
    CHECK_BYTES(writer, "\xAE\x87\xAE\x85\xAE\x83\xD7\x81\5");
}

static void put_big_binary(struct kvs__ebml_writer *writer, const void *context) {
    static const uint8_t zeros[200];
    (void)context;
    kvs__ebml_put_binary(writer, 0x63A2, kvs_span_of(zeros, 124));
}

KVS_TEST(a_master_needs_a_longer_size_when_its_content_does) {
    struct kvs__ebml_writer writer = new_writer();
    kvs__ebml_put_master(&writer, 0xAE, put_big_binary, NULL);
    CHECK_EQ(writer.len, 1 + 2 + 2 + 1 + 124);
    CHECK_MEM(out, "\xAE\x40\x7F\x63\xA2\xFC\0", 7);
}

KVS_TEST(all_is_written_or_nothing) {
    size_t written = 77;
    int depth = 3;
    CHECK_EQ(kvs__ebml_measure(put_nested, &depth), 9);
    out[0] = out[9] = 0xA5;
    CHECK_STATUS(kvs__ebml_write(put_nested, &depth, out, 8, &written),
                 KVS_STATUS_BUFFER_TOO_SMALL);
    CHECK_EQ(out[0], 0xA5);
    CHECK_EQ(written, 77);
    CHECK_STATUS(kvs__ebml_write(put_nested, &depth, NULL, 9, &written), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs__ebml_write(put_nested, &depth, out, 9, NULL), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs__ebml_write(put_nested, &depth, out, 9, &written), KVS_STATUS_SUCCESS);
    CHECK_EQ(written, 9);
    CHECK_EQ(out[9], 0xA5);
}

KVS_TEST(a_writer_stops_at_its_capacity_and_goes_on_counting) {
    struct kvs__ebml_writer writer = {out, 3, 0};
    out[2] = out[3] = 0xA5;
    kvs__ebml_put_bytes(&writer, "abcd", 4);
    kvs__ebml_put_bytes(&writer, "e", 1);
    CHECK_EQ(writer.len, 5);
    CHECK_EQ(out[2], 0xA5);
    CHECK_EQ(out[3], 0xA5);
}

int main(void) {
    RUN(a_size_takes_as_few_bytes_as_it_can_and_is_never_all_ones);
    RUN(sizes_carry_their_length_in_the_first_byte);
    RUN(ids_of_every_length_are_written_as_they_are);
    RUN(integers_take_as_few_bytes_as_they_can);
    RUN(floats_are_big_endian_and_strings_have_no_end_mark);
    RUN(masters_state_the_size_of_what_is_inside);
    RUN(a_master_needs_a_longer_size_when_its_content_does);
    RUN(all_is_written_or_nothing);
    RUN(a_writer_stops_at_its_capacity_and_goes_on_counting);
    return kvs_test_report();
}
