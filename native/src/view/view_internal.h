/**
 * The state of a content view, shared by its operations and its auditor.
 */
#ifndef KVS_VIEW_INTERNAL_H
#define KVS_VIEW_INTERNAL_H

#include "kvs/view.h"
#include "view/peaks.h"

/* One cache line on 64-bit systems. */
_Static_assert(sizeof(struct kvs_view_item) <= 64, "an item is small");

/** What the items that are not dropped add up to. */
struct kvs__view_totals {
    uint64_t frames;
    uint64_t bytes;
};

struct kvs_view {
    const struct kvs_allocator *allocator;
    /** The ring of `capacity` items. The one at `tail` is in slot `tail_slot`. */
    struct kvs_view_item *items;
    uint32_t capacity;
    uint32_t tail_slot;
    uint64_t tail;
    uint64_t current;
    uint64_t head;
    /** The timecode of the newest fragment, once there has been one. */
    bool has_fragment;
    int64_t newest_timecode;
    /** From tail and from current to head. */
    struct kvs__view_totals all;
    struct kvs__view_totals pending;
    /** When the items end. */
    struct kvs__peaks ends;
};

/** The item at `index`, which lies in [tail, head). */
static inline struct kvs_view_item *kvs__view_item(const struct kvs_view *view, uint64_t index) {
    /* No remainder: dividing 64 bits takes a subroutine on 32-bit processors. */
    uint32_t place = (uint32_t)(index - view->tail);
    uint32_t to_end = view->capacity - view->tail_slot;
    return &view->items[place < to_end ? view->tail_slot + place : place - to_end];
}

/** When the item ends, at most INT64_MAX; a negative duration counts as none. */
int64_t kvs__view_end_of(const struct kvs_view_item *item);

/** Adds what `item` counts for; nothing when it is dropped. */
void kvs__view_totals_add(struct kvs__view_totals *totals, const struct kvs_view_item *item);

#endif
