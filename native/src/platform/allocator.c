#include "kvs/allocator.h"

#include <stdlib.h>

static void *allocate(void *context, size_t size) {
    (void)context;
    return calloc(1, size);
}

static void release(void *context, void *pointer) {
    (void)context;
    free(pointer);
}

const struct kvs_allocator *kvs_default_allocator(void) {
    static const struct kvs_allocator allocator = {NULL, allocate, release};
    return &allocator;
}
