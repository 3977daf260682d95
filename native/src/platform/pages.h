/**
 * Address space from the system, whose pages cost memory only once they are written.
 */
#ifndef KVS_PAGES_H
#define KVS_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kvs_pages {
    /** Aligned to a page. */
    uint8_t *base;
    /** What was reserved, at least what was asked for. */
    size_t reserved;
    /** How much from `base` on may be read and written; grows with kvs__pages_back. */
    size_t backed;
};

/** Reserves `size` bytes of address space; false, with `pages` untouched, when there is none. */
bool kvs__pages_reserve(struct kvs_pages *pages, size_t size);

/** What kvs__pages_back does when `size` is beyond what is backed. */
bool kvs__pages_back_more(struct kvs_pages *pages, size_t size);

/**
 * Makes sure that the first `size` bytes may be read and written, `size` being within what is
 * reserved. False when the system has no memory for them; what was backed before stays so.
 */
static inline bool kvs__pages_back(struct kvs_pages *pages, size_t size) {
    return size <= pages->backed || kvs__pages_back_more(pages, size);
}

/** Gives everything back. */
void kvs__pages_release(struct kvs_pages *pages);

#endif
