/*
 * Finding fragments. The items of a fragment share a timecode and timecodes ascend, so that each
 * question is answered by halving the range of indices.
 */
#include "view/view_internal.h"

#include <stddef.h>

/* The oldest item with a timecode of at least `timecode`, or the head. */
static uint64_t lower_bound(const struct kvs_view *view, int64_t timecode) {
    uint64_t low = view->tail;
    uint64_t high = view->head;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (kvs__view_item(view, middle)->fragment_timecode < timecode) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The oldest item with a timecode above `timecode`, or the head. */
static uint64_t upper_bound(const struct kvs_view *view, int64_t timecode) {
    return timecode == INT64_MAX ? view->head : lower_bound(view, timecode + 1);
}

kvs_status kvs_view_find_fragment(const struct kvs_view *view, int64_t timecode, uint64_t *index) {
    if (view == NULL || index == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    uint64_t found = lower_bound(view, timecode);
    if (found == view->head || kvs__view_item(view, found)->fragment_timecode != timecode) {
        return KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP;
    }
    *index = found;
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_view_find_time(const struct kvs_view *view, int64_t timecode, uint64_t *index) {
    if (view == NULL || index == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    uint64_t behind = upper_bound(view, timecode);
    if (behind == view->tail) {
        return KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP;
    }
    *index = kvs_view_fragment_start(view, behind - 1);
    return KVS_STATUS_SUCCESS;
}

uint64_t kvs_view_fragment_start(const struct kvs_view *view, uint64_t index) {
    if (index < view->tail || index >= view->head) {
        return view->head;
    }
    return lower_bound(view, kvs__view_item(view, index)->fragment_timecode);
}

uint64_t kvs_view_fragment_end(const struct kvs_view *view, uint64_t index) {
    if (index < view->tail || index >= view->head) {
        return view->head;
    }
    return upper_bound(view, kvs__view_item(view, index)->fragment_timecode);
}
