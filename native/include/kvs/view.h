/**
 * The content view: the frames a stream holds, oldest first, in a ring of fixed capacity.
 *
 * Items are known by indices that only grow. tail is the oldest item, current the next to send,
 * head one past the newest: tail <= current <= head. Items of one fragment lie next to each other
 * and share a cluster timecode, which rises strictly from fragment to fragment.
 *
 * Ownership: the view refers to payloads and never frees them. Whoever takes an item out gets it
 * back and frees what it points to; destroying the view frees no payload.
 *
 * Thread: a view is not locked. Its owner calls it from one thread at a time.
 */
#ifndef KVS_VIEW_H
#define KVS_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "kvs/allocator.h"
#include "kvs/export.h"
#include "kvs/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A view has to hold more items than this. */
#define KVS_VIEW_MIN_CAPACITY 10u

struct kvs_view;

enum kvs_item_flags {
    /** A key frame. */
    KVS_ITEM_KEY = 1,
    /** The first item of its fragment. */
    KVS_ITEM_FRAGMENT_START = 2,
    /** On a fragment start: the service acknowledged that it is buffering the fragment. */
    KVS_ITEM_BUFFERING = 4,
    /** On a fragment start: the service acknowledged that it received the fragment. */
    KVS_ITEM_RECEIVED = 8,
    /** On a fragment start: the service acknowledged that it persisted the fragment. */
    KVS_ITEM_PERSISTED = 16,
    /** The payload is gone; the item is not sent, nor sent again. Set by kvs_view_drop only. */
    KVS_ITEM_DROPPED = 32,
    /** On a dropped fragment's start: it was sent before, and its ACK may still come. */
    KVS_ITEM_SENT = 64,
    /** No other frame depends on it, so that it is the first to go when room is short. */
    KVS_ITEM_DISCARDABLE = 128,
    /** Decoded and not shown. */
    KVS_ITEM_INVISIBLE = 256,
    /** No frame but metadata of the fragment, which it is the last item of. */
    KVS_ITEM_TAGS = 512,
    /** The payload is in the spill, at `spill_offset`, and `data` is NULL. */
    KVS_ITEM_SPILLED = 1024
};

struct kvs_view_item {
    /** When the frame is shown and decoded, and for how long it is shown. */
    int64_t pts_ns;
    int64_t dts_ns;
    int64_t duration_ns;
    /** The timecode of the cluster that holds the item, in units of the stream's timecode scale. */
    int64_t fragment_timecode;
    /** The payload, `len` bytes, here or in the spill. */
    uint8_t *data;
    uint64_t spill_offset;
    uint32_t len;
    /** Of enum kvs_item_flags. */
    uint32_t flags;
    /** On a fragment start: the number of the format that the fragment is in. */
    uint32_t format;
    uint8_t track_index;
    /** On a fragment start: bits of the tracks that the fragment has frames of. */
    uint8_t track_mask;
    /** On a fragment start: which session has begun to send it; 0 when none has. */
    uint8_t owner;
};

/** What lies between two indices of the view. */
struct kvs_view_window {
    /** Frames that are not dropped. */
    uint64_t frames;
    /** Their payloads, and metadata. */
    uint64_t bytes;
    /**
     * From the pts of the first item to the furthest pts + duration of any. Dropped items keep
     * their place in time, but the duration is 0 when there is no other kind.
     */
    int64_t duration_ns;
};

/**
 * Makes an empty view for `capacity` items, all of whose memory is taken here.
 *
 * Ownership: the caller destroys *view.
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_MIN_CONTENT_VIEW_ITEMS when `capacity` is not above
 * KVS_VIEW_MIN_CAPACITY; KVS_STATUS_NOT_ENOUGH_MEMORY.
 */
KVS_API kvs_status kvs_view_new(const struct kvs_allocator *allocator, uint32_t capacity,
                                struct kvs_view **view);

/** Frees the view and none of the payloads in it; accepts NULL. */
KVS_API void kvs_view_destroy(struct kvs_view *view);

/**
 * Copies `item` in behind the newest. O(1).
 *
 * @param index set to the index of the new item; may be NULL.
 * Ownership: the payload stays where it is until the item is taken out.
 * Errors:
 * - KVS_STATUS_NULL_ARG: an argument is NULL, or item->data without KVS_ITEM_SPILLED.
 * - KVS_STATUS_INVALID_CONTENT_VIEW_LENGTH: item->len is 0.
 * - KVS_STATUS_INVALID_ARG: the item is flagged as dropped, has data though it is spilled, or is
 * the first of all and no fragment start.
 * - KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP: a fragment start whose timecode is not above that of
 * the fragment before, or any other item whose timecode is not that of its fragment. The fragment
 * before counts also when its items have left the view.
 * - KVS_STATUS_STORE_OUT_OF_MEMORY: the view is full. Take items out at the tail and append again.
 * It is checked last, so that an item that can never be appended never causes another to be
 * dropped.
 */
KVS_API kvs_status kvs_view_append(struct kvs_view *view, const struct kvs_view_item *item,
                                   uint64_t *index);

/**
 * The item at `index`, or NULL when it lies outside [tail, head) or `view` is NULL. O(1).
 *
 * Ownership: the view's, valid until the item is taken out. The caller may change the flags from
 * KVS_ITEM_BUFFERING to KVS_ITEM_PERSISTED and KVS_ITEM_SENT, format, track_mask and owner, and
 * nothing else.
 */
KVS_API struct kvs_view_item *kvs_view_at(struct kvs_view *view, uint64_t index);

/* The functions below that return no status take a view that is not NULL. */

/** The index of the oldest item; equal to the head when the view is empty. */
KVS_API uint64_t kvs_view_tail(const struct kvs_view *view);

/** The index of the next item to send; equal to the head when there is nothing to send. */
KVS_API uint64_t kvs_view_current(const struct kvs_view *view);

/** One past the index of the newest item, which is the index of the next one appended. */
KVS_API uint64_t kvs_view_head(const struct kvs_view *view);

/**
 * Moves current, forwards as items are sent and backwards to send them again. Takes time in
 * proportion to the distance.
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_CONTENT_VIEW_INVALID_INDEX when `index` lies outside
 * [tail, head].
 */
KVS_API kvs_status kvs_view_set_current(struct kvs_view *view, uint64_t index);

/**
 * Takes out the oldest item; current moves on with the tail when it stood there. O(1).
 *
 * Ownership: the payload is the caller's.
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_CONTENT_VIEW_NO_MORE_ITEMS when the view is empty.
 */
KVS_API kvs_status kvs_view_pop_tail(struct kvs_view *view, struct kvs_view_item *removed);

/**
 * Takes the payload out of an item that keeps its place: it is flagged KVS_ITEM_DROPPED, no longer
 * KVS_ITEM_SPILLED, and has no data or length. O(1). Doing it again changes nothing.
 *
 * @param dropped set to the item as it was; without a payload when it was dropped before.
 * Ownership: the payload is the caller's.
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_CONTENT_VIEW_INVALID_INDEX when `index` lies outside
 * [tail, head).
 */
KVS_API kvs_status kvs_view_drop(struct kvs_view *view, uint64_t index,
                                 struct kvs_view_item *dropped);

/**
 * Finds the fragment that has this very timecode. O(log n).
 *
 * @param index set to the oldest item of the fragment: its fragment start, unless that has been
 * popped. Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP when no item has
 * the timecode.
 */
KVS_API kvs_status kvs_view_find_fragment(const struct kvs_view *view, int64_t timecode,
                                          uint64_t *index);

/**
 * Finds the fragment whose time holds `timecode`: from its own timecode up to, and without, that of
 * the next fragment. The newest fragment has no end. O(log n).
 *
 * @param index set to the oldest item of the fragment: its fragment start, unless that has been
 * popped. Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_CONTENT_VIEW_INVALID_TIMESTAMP when `timecode` is
 * before the oldest fragment or the view is empty.
 */
KVS_API kvs_status kvs_view_find_time(const struct kvs_view *view, int64_t timecode,
                                      uint64_t *index);

/**
 * The oldest item of the fragment that holds `index`: its fragment start, unless that has been
 * popped. The head when `index` lies outside [tail, head). O(log n).
 */
KVS_API uint64_t kvs_view_fragment_start(const struct kvs_view *view, uint64_t index);

/**
 * The start of the fragment after the one that holds `index`, or the head when that is the newest.
 * The head when `index` lies outside [tail, head). O(log n).
 */
KVS_API uint64_t kvs_view_fragment_end(const struct kvs_view *view, uint64_t index);

/**
 * What the view holds and what of it is still to be sent, from running totals: no walk over the
 * items.
 *
 * @param all from tail to head; may be NULL.
 * @param pending from current to head; may be NULL.
 */
KVS_API void kvs_view_window(const struct kvs_view *view, struct kvs_view_window *all,
                             struct kvs_view_window *pending);

/** Lets the fragments that follow begin at any timecode again. Nothing happens unless the view is
 * empty. */
KVS_API void kvs_view_restart(struct kvs_view *view);

/** The memory that the view takes, in bytes. */
KVS_API uint64_t kvs_view_memory_bytes(const struct kvs_view *view);

/**
 * Audits the view for tests and fuzzers: walks the items and compares order, flags and totals.
 * Takes time in proportion to the number of items. False when anything is broken.
 */
bool kvs__view_check(const struct kvs_view *view);

#ifdef __cplusplus
}
#endif

#endif
