#include "view/view_internal.h"

#include <stddef.h>

/* Whether `item` may lie behind `before`, which is NULL for the oldest item. */
static bool item_fits(const struct kvs_view_item *item, const struct kvs_view_item *before) {
    bool dropped = (item->flags & KVS_ITEM_DROPPED) != 0;
    bool spilled = (item->flags & KVS_ITEM_SPILLED) != 0;
    if ((dropped || spilled) != (item->data == NULL) || dropped != (item->len == 0) ||
        (dropped && spilled)) {
        return false;
    }
    if (before == NULL) {
        return true;
    }
    bool starts = (item->flags & KVS_ITEM_FRAGMENT_START) != 0;
    return starts ? item->fragment_timecode > before->fragment_timecode
                  : item->fragment_timecode == before->fragment_timecode;
}

/* Whether the peaks are those of the items, found by walking from the newest to the oldest. */
static bool ends_fit(const struct kvs_view *view) {
    uint32_t place = view->ends.count;
    int64_t furthest = 0;
    for (uint64_t index = view->head; index-- > view->tail;) {
        int64_t end = kvs__view_end_of(kvs__view_item(view, index));
        if (index + 1 == view->head || end > furthest) {
            if (place == 0 || kvs__peaks_at(&view->ends, --place)->index != index ||
                kvs__peaks_at(&view->ends, place)->value != end) {
                return false;
            }
            furthest = end;
        }
    }
    return place == 0;
}

static bool totals_equal(const struct kvs__view_totals *a, const struct kvs__view_totals *b) {
    return a->frames == b->frames && a->bytes == b->bytes;
}

/* Chunk `i` of those in no use and then those from the tail on. */
static const struct kvs_view_item *chunk_at(const struct kvs_view *view, uint32_t i) {
    const struct kvs__ring *ring = &view->ring;
    if (i < ring->unused_count) {
        return ring->unused[i];
    }
    uint64_t behind = (uint64_t)(i - ring->unused_count) * KVS__RING_CHUNK_ITEMS;
    return *kvs__ring_chunk(ring, view->tail + behind);
}

/* Whether the chunks from tail to head, and those in no use, are all there are, each once. */
static bool ring_fits(const struct kvs_view *view) {
    uint32_t count = kvs__ring_chunk_count(view->capacity);
    uint64_t begin = view->tail >> KVS__RING_CHUNK_BITS;
    uint64_t end = (view->head + KVS__RING_CHUNK_ITEMS - 1) >> KVS__RING_CHUNK_BITS;
    bool fits = view->ring.unused_count == count - (end - begin);
    for (uint32_t i = 1; i < count && fits; i++) {
        for (uint32_t k = 0; k < i && fits; k++) {
            fits = chunk_at(view, i) != chunk_at(view, k);
        }
    }
    return fits;
}

bool kvs__view_check(const struct kvs_view *view) {
    if (view == NULL || view->tail > view->current || view->current > view->head ||
        view->head - view->tail > view->capacity || !ring_fits(view)) {
        return false;
    }
    struct kvs__view_totals all = {0};
    struct kvs__view_totals pending = {0};
    const struct kvs_view_item *before = NULL;
    for (uint64_t index = view->tail; index < view->head; index++) {
        const struct kvs_view_item *item = kvs__view_item(view, index);
        if (!item_fits(item, before)) {
            return false;
        }
        kvs__view_totals_add(&all, item);
        if (index >= view->current) {
            kvs__view_totals_add(&pending, item);
        }
        before = item;
    }
    if (before != NULL &&
        (!view->has_fragment || before->fragment_timecode != view->newest_timecode)) {
        return false;
    }
    return totals_equal(&all, &view->all) && totals_equal(&pending, &view->pending) &&
           ends_fit(view);
}
