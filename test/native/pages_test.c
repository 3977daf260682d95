#include "platform/pages.h"

#include <string.h>

#include "test.h"

#define SIZE ((size_t)8 * 1024 * 1024)

KVS_TEST(pages_can_be_written_as_far_as_they_are_backed) {
    struct kvs_pages pages;
    if (!CHECK(kvs__pages_reserve(&pages, SIZE))) {
        return;
    }
    CHECK_EQ(pages.reserved, SIZE);
    for (size_t size = 1; size <= SIZE; size *= 2) {
        CHECK(kvs__pages_back(&pages, size));
        CHECK(pages.backed >= size && pages.backed <= pages.reserved);
        CHECK_EQ(pages.base[size - 1], 0);
        memset(pages.base + size / 2, 0x5a, size - size / 2);
    }
#ifndef _WIN32
    /* All is backed from the start, so that nothing else asks for more. */
    CHECK(kvs__pages_back_more(&pages, SIZE));
#endif
    kvs__pages_release(&pages);
}

KVS_TEST(more_than_the_system_can_address_is_refused) {
    struct kvs_pages pages;
    CHECK(!kvs__pages_reserve(&pages, SIZE_MAX / 2));
}

int main(void) {
    RUN(pages_can_be_written_as_far_as_they_are_backed);
    RUN(more_than_the_system_can_address_is_refused);
    return kvs_test_report();
}
