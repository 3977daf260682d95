/**
 * The order of frames of several tracks: each track's frames wait in a queue of its own until it is
 * known which of them goes first.
 *
 * A frame goes when every track that is waited for has one waiting, so that none can still come
 * before it; and anyhow when one has waited for the window by the clock or by its media time, when
 * a queue is full, or on a flush. So a track that falls silent delays the others by no more than
 * the window. Frames of one track never change their order: where their keys run backwards, as
 * presentation times of B-frames do, they go as they came.
 *
 * Thread: one at a time.
 */
#ifndef KVS_ORDER_ORDER_H
#define KVS_ORDER_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "kvs/allocator.h"
#include "kvs/stream.h"
#include "stream/staged_frame.h"

/** Frames that can wait per track. */
#define KVS__ORDER_CAPACITY 256u

struct kvs__order_config {
    /** Not pass-through. */
    enum kvs_frame_order order;
    /** How long a frame waits; not negative. */
    int64_t window_ns;
    uint64_t timecode_scale_ns;
    /** 1 to KVS_MKV_MAX_TRACKS. */
    uint32_t track_count;
    /** The video track whose key frames open fragments; UINT32_MAX when there is none. */
    uint32_t lead_track;
};

struct kvs__order;

/** Makes the queues, all at once. Returns NULL when memory ran out. */
struct kvs__order *kvs__order_new(const struct kvs_allocator *allocator,
                                  const struct kvs__order_config *config);

/** Frees the queues and none of the payloads. Accepts NULL. */
void kvs__order_destroy(struct kvs__order *order);

/**
 * Puts a frame, copied, behind those of its track. Returns false when KVS__ORDER_CAPACITY of them
 * wait, which lets kvs__order_pop take frames: pop until one of that track has gone, push again.
 */
bool kvs__order_push(struct kvs__order *order, const struct kvs__staged_frame *frame);

/**
 * Takes the frame that goes next. Returns false, and leaves `frame` alone, when none may go yet.
 *
 * Lower keys go first: decoding times, or presentation times in the orders by them, in units of the
 * timecode scale. Of equal ones a key frame of the lead track goes first, so that the others find
 * its fragment open, and then the track with the lower index.
 *
 * In all orders but KVS_FRAME_ORDER_MULTI_TRACK no frame leaves with the presentation timecode that
 * another track's newest frame left with: its `pts_ns` is moved by as many units (no more than
 * there are other tracks) as that takes, and its `dts_ns` is kept. Frames of a track that follow
 * with the same time are moved alike.
 *
 * @param live_tracks a bit per track index that is waited for
 * @param now_ns should it be before a frame was put, the clock was set back, and the frame waits
 * from now on
 * @param flush nothing is waited for
 */
bool kvs__order_pop(struct kvs__order *order, uint32_t live_tracks, int64_t now_ns, bool flush,
                    struct kvs__staged_frame *frame);

/** When the oldest waiting frame will have waited for the window; INT64_MAX when none waits. */
int64_t kvs__order_next_ns(const struct kvs__order *order);

/** Frames that wait, of all tracks. */
uint32_t kvs__order_count(const struct kvs__order *order);

/** Audits the queues, for tests and fuzzers. */
bool kvs__order_check(const struct kvs__order *order);

#endif
