/**
 * How the library was built, for programs that depend on it.
 */
#ifndef KVS_BUILD_H
#define KVS_BUILD_H

#include <stdint.h>

#include "kvs/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * No access to memory that is not aligned, for processors that fault on it. (KVS_ALIGNED_MEMORY)
 */
#define KVS_BUILD_ALIGNED_MEMORY 1u
/** Guard bands around the blocks of the content store, see kvs_heap_audit. (KVS_HEAP_DEBUG) */
#define KVS_BUILD_HEAP_DEBUG 2u
/** Broken invariants end the process. (KVS_CHECKED) */
#define KVS_BUILD_CHECKED 4u

/** The KVS_BUILD_ bits that hold. Thread: any. */
KVS_API uint32_t kvs_build_flags(void);

#ifdef __cplusplus
}
#endif

#endif
