#include "kvs/build.h"

uint32_t kvs_build_flags(void) {
    uint32_t flags = 0;
#ifdef KVS_ALIGNED_MEMORY
    flags |= KVS_BUILD_ALIGNED_MEMORY;
#endif
#ifdef KVS_HEAP_DEBUG
    flags |= KVS_BUILD_HEAP_DEBUG;
#endif
#ifdef KVS_CHECKED
    flags |= KVS_BUILD_CHECKED;
#endif
    return flags;
}
