/** The auditor of the lists of gaps.h, shared by those who keep gaps. */
#ifndef KVS_HEAP_GAPS_CHECK_H
#define KVS_HEAP_GAPS_CHECK_H

#include "heap/gaps.h"

/** How many gaps there are, and the sum of their sizes. */
struct kvs__gaps_tally {
    uint64_t count;
    uint64_t size;
};

/**
 * Walks all lists: each gap is linked both ways and in the list of its class, the bitmaps tell
 * which lists hold anything, and every other record is unused. Adds what the lists hold to `tally`.
 */
bool kvs__gaps_check(const struct kvs__gaps *gaps, struct kvs__gaps_tally *tally);

#endif
