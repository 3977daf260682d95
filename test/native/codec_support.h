/* Small helpers of the tests on codec private data. */
#ifndef KVS_TEST_CODEC_SUPPORT_H
#define KVS_TEST_CODEC_SUPPORT_H

#include <string.h>

#include "kvs/codec.h"
#include "test.h"

#define SPAN(bytes) kvs_span_of((bytes), sizeof(bytes))
#define TEXT(text) kvs_span_of((text), sizeof(text) - 1)

/* Where the function under test writes, and how much it said it wrote. */
static uint8_t out[4096];
static size_t written;

static inline void check_written(struct kvs_span expected) {
    if (CHECK_EQ(written, expected.len)) {
        CHECK_MEM(out, expected.data, expected.len);
    }
}

/* Joins the parts in a buffer that the next call uses again. */
static inline struct kvs_span join(struct kvs_span first, struct kvs_span second,
                                   struct kvs_span third) {
    static uint8_t joined[4096];
    memcpy(joined, first.data, first.len);
    memcpy(joined + first.len, second.data, second.len);
    memcpy(joined + first.len + second.len, third.data, third.len);
    return kvs_span_of(joined, first.len + second.len + third.len);
}

#endif
