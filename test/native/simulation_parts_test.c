/* The simulation's own pieces: what judges the core has to be right itself. */
#include <string.h>

#include "kvs/mkv.h"
#include "mkv_reader.h"
#include "payload.h"
#include "random.h"
#include "test.h"

struct bytes {
    uint8_t data[4096];
    size_t len;
};

static void add(struct bytes *bytes, const void *data, size_t len) {
    memcpy(bytes->data + bytes->len, data, len);
    bytes->len += len;
}

static void add_header(struct bytes *bytes) {
    static const struct kvs_mkv_track tracks[] = {
        {.track_id = 5,
         .number = 1,
         .type = KVS_TRACK_VIDEO,
         .codec_id = "V_TEST",
         .width = 2,
         .height = 2,
         .name = "picture"},
        {.track_id = 6,
         .number = 2,
         .type = KVS_TRACK_AUDIO,
         .codec_id = "A_TEST",
         .sampling_frequency = 8000,
         .channels = 1,
         .codec_private = {(const uint8_t *)"abc", 3}},
    };
    const struct kvs_mkv_header header = {.segment_uid = {1},
                                          .timecode_scale_ns = 1000000,
                                          .writing_app = "test",
                                          .tracks = tracks,
                                          .track_count = 2};
    size_t len = 0;
    CHECK_STATUS(kvs_mkv_write_header(&header, bytes->data, sizeof bytes->data, &len),
                 KVS_STATUS_SUCCESS);
    bytes->len = len;
}

static void add_cluster(struct bytes *bytes, uint64_t timecode) {
    size_t len = 0;
    CHECK_STATUS(kvs_mkv_write_cluster(timecode, bytes->data + bytes->len,
                                       sizeof bytes->data - bytes->len, &len),
                 KVS_STATUS_SUCCESS);
    bytes->len += len;
}

static void add_block(struct bytes *bytes, int16_t relative, size_t payload_len) {
    size_t len = 0;
    CHECK_STATUS(kvs_mkv_write_block_header(1, relative, KVS_BLOCK_KEY, payload_len,
                                            bytes->data + bytes->len,
                                            sizeof bytes->data - bytes->len, &len),
                 KVS_STATUS_SUCCESS);
    memset(bytes->data + bytes->len + len, 0x5A, payload_len);
    bytes->len += len + payload_len;
}

static void add_tags(struct bytes *bytes) {
    static const struct kvs_mkv_tag tags[] = {{"name", "value"}, {"other", ""}};
    size_t len = 0;
    CHECK_STATUS(kvs_mkv_write_tags(tags, 2, bytes->data + bytes->len,
                                    sizeof bytes->data - bytes->len, &len),
                 KVS_STATUS_SUCCESS);
    bytes->len += len;
}

/* Reads all of it in pieces of `step` bytes, and gives the kinds of the items, a digit for each. */
static enum mkv_kind read_all(const struct bytes *bytes, size_t step, char *kinds, bool *may_end) {
    struct mkv_reader reader = {0};
    struct mkv_item item;
    enum mkv_kind kind = MKV_MORE;
    for (size_t at = 0; at < bytes->len && kind != MKV_BROKEN; at += step) {
        size_t part = step < bytes->len - at ? step : bytes->len - at;
        mkv_reader_feed(&reader, kvs_span_of(bytes->data + at, part), at);
        while ((kind = mkv_reader_next(&reader, &item)) != MKV_MORE && kind != MKV_BROKEN) {
            *kinds++ = (char)('0' + kind);
            CHECK(item.offset < item.end && item.stamp / step == item.offset / step);
        }
    }
    *kinds = '\0';
    *may_end = mkv_reader_may_end(&reader);
    mkv_reader_clean_up(&reader);
    return kind;
}

KVS_TEST(the_reader_takes_a_session_cut_anywhere) {
    struct bytes bytes;
    add_header(&bytes);
    add_cluster(&bytes, 1000);
    add_block(&bytes, 0, 30);
    add_block(&bytes, -7, 300);
    add_tags(&bytes);
    add_cluster(&bytes, 2000);
    add_block(&bytes, 0, 1);
    for (size_t step = 1; step < bytes.len; step++) {
        char kinds[32];
        bool may_end = false;
        CHECK_EQ(read_all(&bytes, step, kinds, &may_end), MKV_MORE);
        CHECK(strcmp(kinds, "1233423") == 0);
        CHECK(may_end);
    }
}

KVS_TEST(the_reader_knows_where_a_session_may_end) {
    struct bytes bytes;
    char kinds[32];
    bool may_end = false;
    add_header(&bytes);
    CHECK_EQ(read_all(&bytes, 9, kinds, &may_end), MKV_MORE);
    CHECK(!may_end);
    add_cluster(&bytes, 1);
    CHECK_EQ(read_all(&bytes, 9, kinds, &may_end), MKV_MORE);
    CHECK(!may_end);
    add_block(&bytes, 0, 8);
    CHECK_EQ(read_all(&bytes, 9, kinds, &may_end), MKV_MORE);
    CHECK(may_end);
    bytes.len--;
    CHECK_EQ(read_all(&bytes, 9, kinds, &may_end), MKV_MORE);
    CHECK(!may_end);
}

KVS_TEST(the_reader_refuses_what_is_out_of_place) {
    struct bytes header, bytes;
    char kinds[32];
    bool may_end = false;
    add_header(&header);

    bytes = header;
    add(&bytes, header.data, header.len);
    CHECK_EQ(read_all(&bytes, 50, kinds, &may_end), MKV_BROKEN);

    bytes = header;
    add_block(&bytes, 0, 5);
    CHECK_EQ(read_all(&bytes, 50, kinds, &may_end), MKV_BROKEN);

    bytes = header;
    add_tags(&bytes);
    CHECK_EQ(read_all(&bytes, 50, kinds, &may_end), MKV_BROKEN);

    bytes = header;
    add_cluster(&bytes, 1);
    add_cluster(&bytes, 2);
    CHECK_EQ(read_all(&bytes, 50, kinds, &may_end), MKV_BROKEN);

    bytes = header;
    add_cluster(&bytes, 1);
    add_block(&bytes, 0, 5);
    add_tags(&bytes);
    add_block(&bytes, 0, 5);
    CHECK_EQ(read_all(&bytes, 50, kinds, &may_end), MKV_BROKEN);

    bytes.len = 0;
    add_cluster(&bytes, 1);
    CHECK_EQ(read_all(&bytes, 50, kinds, &may_end), MKV_BROKEN);
}

KVS_TEST(the_reader_refuses_most_of_what_is_changed) {
    struct bytes bytes;
    uint32_t noticed = 0;
    add_header(&bytes);
    size_t header_len = bytes.len;
    add_cluster(&bytes, 1);
    add_block(&bytes, 0, 8);
    for (size_t at = 0; at < header_len; at++) {
        char kinds[32];
        bool may_end = false;
        bytes.data[at] ^= 0x80;
        noticed += read_all(&bytes, bytes.len, kinds, &may_end) == MKV_BROKEN || !may_end ? 1 : 0;
        bytes.data[at] ^= 0x80;
    }
    /* Texts and numbers may say anything. */
    CHECK(noticed > header_len / 2);
}

KVS_TEST(a_payload_says_whose_it_is) {
    uint8_t bytes[9000];
    uint64_t id = 0;
    payload_write(77, bytes, sizeof bytes);
    CHECK(payload_read(kvs_span_of(bytes, sizeof bytes), &id));
    CHECK_EQ(id, 77);
    CHECK(!payload_read(kvs_span_of(bytes, sizeof bytes - 1), &id));
    bytes[8999] ^= 1;
    CHECK(!payload_read(kvs_span_of(bytes, sizeof bytes), &id));
    payload_write(78, bytes, PAYLOAD_MIN_LEN);
    CHECK(payload_read(kvs_span_of(bytes, PAYLOAD_MIN_LEN), &id));
    CHECK_EQ(id, 78);
}

KVS_TEST(a_seed_decides_everything) {
    struct random a, b;
    random_seed(&a, 3);
    random_seed(&b, 3);
    for (uint32_t i = 0; i < 1000; i++) {
        CHECK_EQ(random_next(&a), random_next(&b));
    }
    random_seed(&b, 4);
    CHECK(random_next(&a) != random_next(&b));
    /* The first number of a seed is the same on every machine. */
    random_seed(&a, 1);
    CHECK_EQ(random_next(&a), UINT64_C(0xB3F2AF6D0FC710C5));
}

KVS_TEST(bytes_decide_until_they_are_used_up) {
    static const uint8_t bytes[] = {7, 1, 2};
    struct random random;
    random_from_bytes(&random, kvs_span_of(bytes, sizeof bytes));
    CHECK_EQ(random_below(&random, 10), 7);
    CHECK(!random_is_used_up(&random));
    CHECK_EQ(random_below(&random, 1000), 258);
    CHECK(random_is_used_up(&random));
    CHECK_EQ(random_below(&random, 10), 0);
    CHECK(!random_chance(&random, 999));
}

int main(void) {
    RUN(the_reader_takes_a_session_cut_anywhere);
    RUN(the_reader_knows_where_a_session_may_end);
    RUN(the_reader_refuses_what_is_out_of_place);
    RUN(the_reader_refuses_most_of_what_is_changed);
    RUN(a_payload_says_whose_it_is);
    RUN(a_seed_decides_everything);
    RUN(bytes_decide_until_they_are_used_up);
    return kvs_test_report();
}
