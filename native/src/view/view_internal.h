/**
 * The state of a content view, shared by its operations and its auditor.
 */
#ifndef KVS_VIEW_INTERNAL_H
#define KVS_VIEW_INTERNAL_H

#include <stddef.h>

#include "kvs/view.h"
#include "platform/assert.h"
#include "view/peaks.h"
#include "view/ring.h"

/* One cache line, see ring.c. */
_Static_assert(sizeof(struct kvs_view_item) <= 64, "an item is small");

/** What the items that are not dropped add up to. */
struct kvs__view_totals {
    uint64_t frames;
    uint64_t bytes;
};

struct kvs_view {
    const struct kvs_allocator *allocator;
    struct kvs__ring ring;
    uint32_t capacity;
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
    return kvs__ring_at(&view->ring, index);
}

/** What kvs_view_at says; in the header, like the others below, because a frame takes a dozen of
 * them.
 */
static inline struct kvs_view_item *kvs__view_at(const struct kvs_view *view, uint64_t index) {
    return index >= view->tail && index < view->head ? kvs__view_item(view, index) : NULL;
}

/** The item at current, or NULL when there is none yet. */
static inline struct kvs_view_item *kvs__view_current_item(const struct kvs_view *view) {
    return view->current < view->head ? kvs__view_item(view, view->current) : NULL;
}

static inline uint64_t kvs__view_tail(const struct kvs_view *view) { return view->tail; }

static inline uint64_t kvs__view_current(const struct kvs_view *view) { return view->current; }

static inline uint64_t kvs__view_head(const struct kvs_view *view) { return view->head; }

/** When the item ends, at most INT64_MAX; a negative duration counts as none. */
static inline int64_t kvs__view_end_of(const struct kvs_view_item *item) {
    int64_t duration = item->duration_ns > 0 ? item->duration_ns : 0;
    return item->pts_ns > INT64_MAX - duration ? INT64_MAX : item->pts_ns + duration;
}

/** How many frames `item` counts for: metadata is none. */
static inline uint64_t kvs__view_frames_of(const struct kvs_view_item *item) {
    return (item->flags & KVS_ITEM_TAGS) == 0 ? 1 : 0;
}

/** Adds what `item` counts for; nothing when it is dropped. */
static inline void kvs__view_totals_add(struct kvs__view_totals *totals,
                                        const struct kvs_view_item *item) {
    if ((item->flags & KVS_ITEM_DROPPED) == 0) {
        totals->frames += kvs__view_frames_of(item);
        totals->bytes += item->len;
    }
}

/** Takes away what `item` was added for. */
static inline void kvs__view_totals_subtract(struct kvs__view_totals *totals,
                                             const struct kvs_view_item *item) {
    if ((item->flags & KVS_ITEM_DROPPED) == 0) {
        KVS_ASSERT(totals->frames >= kvs__view_frames_of(item) && totals->bytes >= item->len,
                   "only what was added is taken away");
        totals->frames -= kvs__view_frames_of(item);
        totals->bytes -= item->len;
    }
}

/** Whether an item can follow the newest one, apart from the room for it. */
static inline kvs_status kvs__view_check_item(const struct kvs_view *view,
                                              const struct kvs_view_item *item) {
    bool spilled = (item->flags & KVS_ITEM_SPILLED) != 0;
    if (item->data == NULL && !spilled) {
        return KVS_STATUS_NULL_ARG;
    }
    if (item->len == 0) {
        return KVS_STATUS_INVALID_CONTENT_VIEW_LENGTH;
    }
    if ((item->data != NULL && spilled) || (item->flags & KVS_ITEM_DROPPED) != 0) {
        return KVS_STATUS_INVALID_ARG;
    }
    bool starts = (item->flags & KVS_ITEM_FRAGMENT_START) != 0;
    if (!view->has_fragment) {
        return starts ? KVS_STATUS_SUCCESS : KVS_STATUS_INVALID_ARG;
    }
    bool fits = starts ? item->fragment_timecode > view->newest_timecode
                       : item->fragment_timecode == view->newest_timecode;
    return fits ? KVS_STATUS_SUCCESS : KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP;
}

/** kvs_view_append without the questions whether there are arguments. */
static inline kvs_status kvs__view_append(struct kvs_view *view, const struct kvs_view_item *item) {
    kvs_status status = kvs__view_check_item(view, item);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    if (view->head - view->tail == view->capacity) {
        return KVS_STATUS_STORE_OUT_OF_MEMORY;
    }
    uint64_t frames = kvs__view_frames_of(item);
    *kvs__ring_next(&view->ring, view->head) = *item;
    kvs__peaks_append(&view->ends, view->head, kvs__view_end_of(item));
    view->all.frames += frames;
    view->all.bytes += item->len;
    view->pending.frames += frames;
    view->pending.bytes += item->len;
    view->has_fragment = true;
    view->newest_timecode = item->fragment_timecode;
    view->head++;
    return KVS_STATUS_SUCCESS;
}

/** How long the media from `first` to the head is, of which `totals` tell. */
static inline int64_t kvs__view_duration(const struct kvs_view *view, uint64_t first,
                                         const struct kvs__view_totals *totals) {
    if (totals->frames == 0) {
        return 0;
    }
    int64_t begin = kvs__view_item(view, first)->pts_ns;
    int64_t end = kvs__peaks_from(&view->ends, first);
    bool overflows = begin < 0 && end > INT64_MAX + begin;
    return overflows ? INT64_MAX : end - begin;
}

/** Moves current, which is below the head, one item on. */
static inline void kvs__view_step(struct kvs_view *view) {
    kvs__view_totals_subtract(&view->pending, kvs__view_item(view, view->current));
    view->current++;
}

/** Takes out the oldest item of a view that is not empty. It can be looked at until the next one is
 * appended. */
const struct kvs_view_item *kvs__view_pop(struct kvs_view *view);

#endif
