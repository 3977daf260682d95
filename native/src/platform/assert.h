/**
 * Invariants: things that only a defect of this library can break.
 *
 * On in tests and sanitizer builds, where a broken one ends the process with its reason. Never used
 * for what a caller passes or the network sends.
 */
#ifndef KVS_ASSERT_H
#define KVS_ASSERT_H

#ifdef KVS_CHECKED
#include <stdio.h>
#include <stdlib.h>
#define KVS_ASSERT(condition, why)                                                                 \
    ((condition)                                                                                   \
         ? (void)0                                                                                 \
         : (fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, __LINE__, (why)), abort()))
#else
#define KVS_ASSERT(condition, why) ((void)sizeof(condition))
#endif

#endif
