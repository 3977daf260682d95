/* Copies of frames, which are made in more than one way, and what lies around them. */
#include "platform/copy.h"

#include "test.h"

enum { ALIGNMENTS = 64, MAX_BYTES = 3000, MARGIN = 64 };

static uint8_t source[ALIGNMENTS + MAX_BYTES];
static uint8_t target[MARGIN + ALIGNMENTS + MAX_BYTES + MARGIN];

static void fill_source(void) {
    kvs_test_seed_random(1);
    for (size_t i = 0; i < sizeof source; i++) {
        source[i] = (uint8_t)kvs_test_random_below(255); /* never the byte of the margins */
    }
}

/* Copies `len` bytes from one alignment to another and compares all of the target. */
static bool is_copied(size_t from, size_t to, size_t len,
                      void (*copy)(uint8_t *to, const uint8_t *from, size_t len)) {
    memset(target, 0xff, sizeof target);
    copy(target + MARGIN + to, source + from, len);
    for (size_t i = 0; i < sizeof target; i++) {
        bool inside = i >= MARGIN + to && i < MARGIN + to + len;
        if (target[i] != (inside ? source[i - MARGIN - to + from] : 0xff)) {
            return false;
        }
    }
    return true;
}

static void copy_frame(uint8_t *to, const uint8_t *from, size_t len) { kvs__copy(to, from, len); }

KVS_TEST(a_copy_has_the_bytes_and_changes_no_others) {
    fill_source();
    for (size_t len = 1; len <= MAX_BYTES; len += len < 200 ? 1 : 97) {
        CHECK(is_copied(len % 7, len % 5, len, copy_frame));
    }
    CHECK(is_copied(0, 0, KVS__COPY_MIN_BYTES - 1, copy_frame));
    CHECK(is_copied(1, 2, KVS__COPY_MIN_BYTES, copy_frame));
}

#ifdef KVS_HAS_AVX2_CODE
KVS_TEST(vectors_copy_every_size_between_all_alignments) {
    if (!kvs__cpu_has_avx2()) {
        return;
    }
    fill_source();
    for (size_t len = 160; len < 160 + 4 * 128; len++) {
        CHECK(is_copied(len * 5 % ALIGNMENTS, len * 3 % ALIGNMENTS, len, kvs__copy_avx2));
    }
    for (size_t at = 0; at < ALIGNMENTS * ALIGNMENTS; at++) {
        size_t len = 160 + kvs_test_random_below(MAX_BYTES - 160);
        CHECK(is_copied(at % ALIGNMENTS, at / ALIGNMENTS, len, kvs__copy_avx2));
    }
}
#endif

KVS_TEST(a_large_frame_is_copied_too) {
    static uint8_t from[KVS__COPY_MAX_BYTES + 1];
    static uint8_t to[KVS__COPY_MAX_BYTES + 1];
    for (size_t i = 0; i < sizeof from; i++) {
        from[i] = (uint8_t)(i * 7 + i / 256);
    }
    kvs__copy(to, from, sizeof from - 1);
    CHECK_MEM(to, from, sizeof from - 1);
    CHECK_EQ(to[sizeof to - 1], 0);
    kvs__copy(to, from, sizeof from);
    CHECK_MEM(to, from, sizeof from);
}

int main(void) {
    RUN(a_copy_has_the_bytes_and_changes_no_others);
#ifdef KVS_HAS_AVX2_CODE
    RUN(vectors_copy_every_size_between_all_alignments);
#endif
    RUN(a_large_frame_is_copied_too);
    return kvs_test_report();
}
