/**
 * The memory that the library asks for, apart from the content store's own arena.
 *
 * Everything is allocated when a client or a stream is made; nothing is allocated for a frame.
 */
#ifndef KVS_ALLOCATOR_H
#define KVS_ALLOCATOR_H

#include <stddef.h>

#include "kvs/export.h"

#ifdef __cplusplus
extern "C" {
#endif

struct kvs_allocator {
    void *context;
    /** Returns zeroed memory aligned for any type, or NULL when there is none. */
    void *(*allocate)(void *context, size_t size);
    /** Gives back what `allocate` returned; accepts NULL. */
    void (*release)(void *context, void *pointer);
};

/** calloc and free. The result lives as long as the process. Thread: any. */
KVS_API const struct kvs_allocator *kvs_default_allocator(void);

#ifdef __cplusplus
}
#endif

#endif
