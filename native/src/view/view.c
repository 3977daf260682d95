#include "view/view_internal.h"

kvs_status kvs_view_new(const struct kvs_allocator *allocator, uint32_t capacity,
                        struct kvs_view **view) {
    if (allocator == NULL || view == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    if (capacity <= KVS_VIEW_MIN_CAPACITY) {
        return KVS_STATUS_MIN_CONTENT_VIEW_ITEMS;
    }
    struct kvs_view *made = allocator->allocate(allocator->context, sizeof *made);
    if (made == NULL) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    made->allocator = allocator;
    made->capacity = capacity;
    if (!kvs__ring_init(&made->ring, allocator, capacity)) {
        goto fail_ring;
    }
    if (!kvs__peaks_init(&made->ends, allocator, capacity)) {
        goto fail_ends;
    }
    *view = made;
    return KVS_STATUS_SUCCESS;

fail_ends:
    kvs__ring_clean_up(&made->ring, allocator);
fail_ring:
    allocator->release(allocator->context, made);
    return KVS_STATUS_NOT_ENOUGH_MEMORY;
}

void kvs_view_destroy(struct kvs_view *view) {
    if (view != NULL) {
        const struct kvs_allocator *allocator = view->allocator;
        kvs__peaks_clean_up(&view->ends, allocator);
        kvs__ring_clean_up(&view->ring, allocator);
        allocator->release(allocator->context, view);
    }
}

kvs_status kvs_view_append(struct kvs_view *view, const struct kvs_view_item *item,
                           uint64_t *index) {
    if (view == NULL || item == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    kvs_status status = kvs__view_append(view, item);
    if (status == KVS_STATUS_SUCCESS && index != NULL) {
        *index = view->head - 1;
    }
    return status;
}

struct kvs_view_item *kvs_view_at(struct kvs_view *view, uint64_t index) {
    return view != NULL ? kvs__view_at(view, index) : NULL;
}

uint64_t kvs_view_tail(const struct kvs_view *view) { return view->tail; }

uint64_t kvs_view_current(const struct kvs_view *view) { return view->current; }

uint64_t kvs_view_head(const struct kvs_view *view) { return view->head; }

kvs_status kvs_view_set_current(struct kvs_view *view, uint64_t index) {
    if (view == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    if (index < view->tail || index > view->head) {
        return KVS_STATUS_CONTENT_VIEW_INVALID_INDEX;
    }
    while (view->current < index) {
        kvs__view_step(view);
    }
    for (; view->current > index; view->current--) {
        kvs__view_totals_add(&view->pending, kvs__view_item(view, view->current - 1));
    }
    return KVS_STATUS_SUCCESS;
}

const struct kvs_view_item *kvs__view_pop(struct kvs_view *view) {
    const struct kvs_view_item *item = kvs__view_item(view, view->tail);
    if (view->current == view->tail) {
        kvs__view_step(view);
    }
    kvs__view_totals_subtract(&view->all, item);
    kvs__peaks_forget(&view->ends, view->tail);
    kvs__ring_forget(&view->ring, view->tail);
    view->tail++;
    return item;
}

kvs_status kvs_view_pop_tail(struct kvs_view *view, struct kvs_view_item *removed) {
    if (view == NULL || removed == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    if (view->tail == view->head) {
        return KVS_STATUS_CONTENT_VIEW_NO_MORE_ITEMS;
    }
    *removed = *kvs__view_pop(view);
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_view_drop(struct kvs_view *view, uint64_t index, struct kvs_view_item *dropped) {
    if (view == NULL || dropped == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    struct kvs_view_item *item = kvs__view_at(view, index);
    if (item == NULL) {
        return KVS_STATUS_CONTENT_VIEW_INVALID_INDEX;
    }
    *dropped = *item;
    kvs__view_totals_subtract(&view->all, item);
    if (index >= view->current) {
        kvs__view_totals_subtract(&view->pending, item);
    }
    item->flags |= KVS_ITEM_DROPPED;
    item->flags &= ~(uint32_t)KVS_ITEM_SPILLED;
    item->data = NULL;
    item->len = 0;
    return KVS_STATUS_SUCCESS;
}

/* The window from `first` to the head. */
static void window_from(const struct kvs_view *view, uint64_t first,
                        const struct kvs__view_totals *totals, struct kvs_view_window *window) {
    window->frames = totals->frames;
    window->bytes = totals->bytes;
    window->duration_ns = kvs__view_duration(view, first, totals);
}

void kvs_view_window(const struct kvs_view *view, struct kvs_view_window *all,
                     struct kvs_view_window *pending) {
    if (all != NULL) {
        window_from(view, view->tail, &view->all, all);
    }
    if (pending != NULL) {
        window_from(view, view->current, &view->pending, pending);
    }
}

void kvs_view_restart(struct kvs_view *view) {
    if (view->tail == view->head) {
        view->has_fragment = false;
    }
}

uint64_t kvs_view_memory_bytes(const struct kvs_view *view) {
    return sizeof *view + view->ring.memory_bytes +
           (uint64_t)view->capacity * sizeof *view->ends.ring;
}
