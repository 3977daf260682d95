#include "order/order.h"

#include <stddef.h>

#include "platform/assert.h"

/* A ring of KVS__ORDER_CAPACITY frames. */
struct queue {
    struct kvs__staged_frame *frames;
    uint32_t first;
    uint32_t count;
    /* Since when the first frame has waited; its put_ns unless the clock was set back. */
    int64_t waits_since_ns;
};

/* The newest frame of a track that was let go. */
struct gone {
    bool any;
    /* Presentation timecodes that it came and left with. */
    int64_t came;
    int64_t left;
};

struct kvs__order {
    const struct kvs_allocator *allocator;
    struct kvs__order_config config;
    bool by_pts;
    bool compensates;
    struct queue queues[KVS_MKV_MAX_TRACKS];
    struct gone gone[KVS_MKV_MAX_TRACKS];
    /* track_count times KVS__ORDER_CAPACITY frames. */
    struct kvs__staged_frame frames[];
};

struct kvs__order *kvs__order_new(const struct kvs_allocator *allocator,
                                  const struct kvs__order_config *config) {
    KVS_ASSERT(config->order != KVS_FRAME_ORDER_PASS_THROUGH, "there is an order to bring about");
    KVS_ASSERT(config->track_count >= 1 && config->track_count <= KVS_MKV_MAX_TRACKS,
               "the tracks have been validated");
    KVS_ASSERT(config->window_ns >= 0, "the window has been validated");
    size_t frame_count = (size_t)config->track_count * KVS__ORDER_CAPACITY;
    struct kvs__order *order = allocator->allocate(
        allocator->context, sizeof *order + frame_count * sizeof *order->frames);
    if (order == NULL) {
        return NULL;
    }
    order->allocator = allocator;
    order->config = *config;
    order->by_pts =
        config->order == KVS_FRAME_ORDER_PTS || config->order == KVS_FRAME_ORDER_PTS_EOFR;
    order->compensates = config->order != KVS_FRAME_ORDER_MULTI_TRACK;
    for (uint32_t track = 0; track < config->track_count; track++) {
        order->queues[track].frames = order->frames + (size_t)track * KVS__ORDER_CAPACITY;
    }
    return order;
}

void kvs__order_destroy(struct kvs__order *order) {
    if (order != NULL) {
        const struct kvs_allocator *allocator = order->allocator;
        allocator->release(allocator->context, order);
    }
}

static struct kvs__staged_frame *frame_at(const struct queue *queue, uint32_t place) {
    return &queue->frames[(queue->first + place) % KVS__ORDER_CAPACITY];
}

bool kvs__order_push(struct kvs__order *order, const struct kvs__staged_frame *frame) {
    KVS_ASSERT(frame->track_index < order->config.track_count, "the track has been looked up");
    struct queue *queue = &order->queues[frame->track_index];
    if (queue->count == KVS__ORDER_CAPACITY) {
        return false;
    }
    if (queue->count == 0) {
        queue->waits_since_ns = frame->put_ns;
    }
    *frame_at(queue, queue->count) = *frame;
    queue->count++;
    return true;
}

static int64_t key_of(const struct kvs__order *order, const struct kvs__staged_frame *frame) {
    return kvs_timecode_from_ns(order->by_pts ? frame->pts_ns : frame->dts_ns,
                                order->config.timecode_scale_ns);
}

static bool goes_first_of_equals(const struct kvs__order *order,
                                 const struct kvs__staged_frame *frame) {
    return frame->track_index == order->config.lead_track && (frame->flags & KVS_FRAME_KEY) != 0;
}

/*
 * A key frame opens a fragment, and what other tracks show before the first of its pictures belongs
 * to the fragment before. So what counts for it is the earliest presentation time of itself and of
 * the pictures that lead it (those shown before it, which come behind it in decoding order).
 * *known tells whether all of these are waiting: they end with a picture shown after it, and there
 * are none where pictures are shown when they are decoded.
 */
static int64_t opening_key(const struct kvs__order *order, const struct queue *queue, bool *known) {
    const struct kvs__staged_frame *key_frame = frame_at(queue, 0);
    int64_t earliest_ns = key_frame->pts_ns;
    uint32_t place = 1;
    while (place < queue->count && frame_at(queue, place)->pts_ns < key_frame->pts_ns) {
        int64_t pts_ns = frame_at(queue, place)->pts_ns;
        earliest_ns = pts_ns < earliest_ns ? pts_ns : earliest_ns;
        place++;
    }
    *known = place < queue->count || key_frame->pts_ns <= key_frame->dts_ns;
    return kvs_timecode_from_ns(earliest_ns, order->config.timecode_scale_ns);
}

/*
 * The track whose first frame goes next; track_count when none waits. *known is false when a frame
 * that is still to come may change that.
 */
static uint32_t next_track(const struct kvs__order *order, bool *known) {
    uint32_t next = order->config.track_count;
    int64_t lowest = 0;
    *known = true;
    for (uint32_t track = 0; track < order->config.track_count; track++) {
        const struct queue *queue = &order->queues[track];
        if (queue->count == 0) {
            continue;
        }
        const struct kvs__staged_frame *frame = frame_at(queue, 0);
        bool is_known = true;
        int64_t key = goes_first_of_equals(order, frame) ? opening_key(order, queue, &is_known)
                                                         : key_of(order, frame);
        *known = *known && is_known;
        if (next == order->config.track_count || key < lowest ||
            (key == lowest && goes_first_of_equals(order, frame))) {
            next = track;
            lowest = key;
        }
    }
    return next;
}

/*
 * Whether the frames that wait are further apart than the window. Only the ends of the queues are
 * looked at: keys rise along a queue but for the reordering of B-frames, which is short.
 */
static bool spans_window(const struct kvs__order *order) {
    int64_t lowest = INT64_MAX;
    int64_t highest = INT64_MIN;
    for (uint32_t track = 0; track < order->config.track_count; track++) {
        const struct queue *queue = &order->queues[track];
        if (queue->count > 0) {
            int64_t first = key_of(order, frame_at(queue, 0));
            int64_t last = key_of(order, frame_at(queue, queue->count - 1));
            int64_t low = first < last ? first : last;
            int64_t high = first < last ? last : first;
            lowest = low < lowest ? low : lowest;
            highest = high > highest ? high : highest;
        }
    }
    /* A timecode is a time divided by 100 at least, so that the distance of two fits. */
    return kvs_timecode_to_ns(highest - lowest, order->config.timecode_scale_ns) >
           order->config.window_ns;
}

static bool has_waited(const struct kvs__order *order, const struct queue *queue, int64_t now_ns) {
    int64_t window_ns = order->config.window_ns;
    /* Never `since + window` or `now - since`: either may overflow when the clock is wrong. */
    return now_ns >= INT64_MIN + window_ns && now_ns - window_ns >= queue->waits_since_ns;
}

/* Whether a frame may go, given that one waits; `known` is what next_track has found. */
static bool may_go(const struct kvs__order *order, uint32_t live_tracks, int64_t now_ns,
                   bool known) {
    bool all_wait = known;
    for (uint32_t track = 0; track < order->config.track_count; track++) {
        const struct queue *queue = &order->queues[track];
        if (queue->count == KVS__ORDER_CAPACITY ||
            (queue->count > 0 && has_waited(order, queue, now_ns))) {
            return true;
        }
        bool is_live = (live_tracks >> track & 1u) != 0;
        all_wait = all_wait && (queue->count > 0 || !is_live);
    }
    return all_wait || spans_window(order);
}

/* How far the presentation time of a frame that leaves is moved, in units. */
static int64_t shift_of(const struct kvs__order *order, uint32_t track, int64_t timecode) {
    const struct gone *before = &order->gone[track];
    if (before->any && before->came == timecode) {
        /* The others have kept clear of where that one went. */
        return before->left - before->came;
    }
    int64_t shift = 0;
    for (uint32_t other = 0; other < order->config.track_count;) {
        const struct gone *gone = &order->gone[other];
        if (other != track && gone->any && gone->left == timecode + shift) {
            shift++;
            other = 0;
        } else {
            other++;
        }
    }
    return shift;
}

static void compensate(struct kvs__order *order, struct kvs__staged_frame *frame) {
    uint64_t scale_ns = order->config.timecode_scale_ns;
    int64_t timecode = kvs_timecode_from_ns(frame->pts_ns, scale_ns);
    int64_t shift = shift_of(order, frame->track_index, timecode);
    int64_t shift_ns = shift * (int64_t)scale_ns;
    /* At the end of time there is none later to move to. */
    frame->pts_ns = frame->pts_ns > INT64_MAX - shift_ns ? INT64_MAX : frame->pts_ns + shift_ns;
    const struct gone gone = {true, timecode, timecode + shift};
    order->gone[frame->track_index] = gone;
}

static void take_first(struct queue *queue, struct kvs__staged_frame *frame) {
    *frame = *frame_at(queue, 0);
    queue->first = (queue->first + 1) % KVS__ORDER_CAPACITY;
    queue->count--;
    if (queue->count > 0) {
        queue->waits_since_ns = frame_at(queue, 0)->put_ns;
    }
}

bool kvs__order_pop(struct kvs__order *order, uint32_t live_tracks, int64_t now_ns, bool flush,
                    struct kvs__staged_frame *frame) {
    bool known = true;
    uint32_t next = next_track(order, &known);
    if (next == order->config.track_count) {
        return false;
    }
    for (uint32_t track = 0; track < order->config.track_count; track++) {
        struct queue *queue = &order->queues[track];
        if (queue->waits_since_ns > now_ns) {
            queue->waits_since_ns = now_ns;
        }
    }
    if (!flush && !may_go(order, live_tracks, now_ns, known)) {
        return false;
    }
    take_first(&order->queues[next], frame);
    if (order->compensates) {
        compensate(order, frame);
    }
    return true;
}

int64_t kvs__order_next_ns(const struct kvs__order *order) {
    int64_t oldest_ns = INT64_MAX;
    for (uint32_t track = 0; track < order->config.track_count; track++) {
        const struct queue *queue = &order->queues[track];
        if (queue->count > 0 && queue->waits_since_ns < oldest_ns) {
            oldest_ns = queue->waits_since_ns;
        }
    }
    int64_t window_ns = order->config.window_ns;
    return oldest_ns > INT64_MAX - window_ns ? INT64_MAX : oldest_ns + window_ns;
}

uint32_t kvs__order_count(const struct kvs__order *order) {
    uint32_t count = 0;
    for (uint32_t track = 0; track < order->config.track_count; track++) {
        count += order->queues[track].count;
    }
    return count;
}

static bool queue_fits(const struct queue *queue, uint32_t track) {
    if (queue->count > KVS__ORDER_CAPACITY || queue->first >= KVS__ORDER_CAPACITY) {
        return false;
    }
    for (uint32_t place = 0; place < queue->count; place++) {
        if (frame_at(queue, place)->track_index != track) {
            return false;
        }
    }
    return queue->count == 0 || queue->waits_since_ns <= frame_at(queue, 0)->put_ns;
}

bool kvs__order_check(const struct kvs__order *order) {
    if (order == NULL) {
        return false;
    }
    for (uint32_t track = 0; track < order->config.track_count; track++) {
        const struct gone *gone = &order->gone[track];
        if (!queue_fits(&order->queues[track], track) || gone->left < gone->came ||
            gone->left - gone->came >= (int64_t)order->config.track_count) {
            return false;
        }
        for (uint32_t other = 0; order->compensates && gone->any && other < track; other++) {
            if (order->gone[other].any && order->gone[other].left == gone->left) {
                return false;
            }
        }
    }
    return true;
}
