/**
 * The largest of the values from any index to the newest, without looking at all of them.
 *
 * Only values that are larger than everything appended after them are kept: the others can never be
 * the answer again. They descend, so the answer for an index is the first one kept from there on.
 * For times that mostly rise, as the ends of frames do, that is a handful of values.
 */
#ifndef KVS_VIEW_PEAKS_H
#define KVS_VIEW_PEAKS_H

#include <stdbool.h>
#include <stdint.h>

#include "kvs/allocator.h"
#include "platform/assert.h"

struct kvs__peak {
    uint64_t index;
    int64_t value;
};

/** A ring of peaks with ascending indices and strictly descending values. */
struct kvs__peaks {
    struct kvs__peak *ring;
    uint32_t capacity;
    uint32_t first;
    uint32_t count;
};

/** Makes `peaks` ready for `capacity` values at a time; false when there is no memory. */
bool kvs__peaks_init(struct kvs__peaks *peaks, const struct kvs_allocator *allocator,
                     uint32_t capacity);

void kvs__peaks_clean_up(struct kvs__peaks *peaks, const struct kvs_allocator *allocator);

/** The slot of peak number `place`, counted from the oldest. */
static inline uint32_t kvs__peaks_slot(const struct kvs__peaks *peaks, uint32_t place) {
    uint32_t to_end = peaks->capacity - peaks->first;
    return place < to_end ? peaks->first + place : place - to_end;
}

/** The peak number `place`, counted from the oldest. */
static inline const struct kvs__peak *kvs__peaks_at(const struct kvs__peaks *peaks,
                                                    uint32_t place) {
    return &peaks->ring[kvs__peaks_slot(peaks, place)];
}

/** Adds the value of `index`, which is above all indices before. O(1) in the long run. */
static inline void kvs__peaks_append(struct kvs__peaks *peaks, uint64_t index, int64_t value) {
    const struct kvs__peak peak = {index, value};
    uint32_t count = peaks->count;
    if (count == 1 && peaks->ring[peaks->first].value <= value) {
        peaks->ring[peaks->first] = peak; /* as usual: see below */
        return;
    }
    while (count > 0 && kvs__peaks_at(peaks, count - 1)->value <= value) {
        count--;
    }
    KVS_ASSERT(count < peaks->capacity, "there are no more peaks than values");
    peaks->ring[kvs__peaks_slot(peaks, count)] = peak;
    peaks->count = count + 1;
}

/** Forgets the value of `index`, the oldest that has not been forgotten. O(1). */
static inline void kvs__peaks_forget(struct kvs__peaks *peaks, uint64_t index) {
    if (peaks->count > 0 && kvs__peaks_at(peaks, 0)->index == index) {
        peaks->first = kvs__peaks_slot(peaks, 1);
        peaks->count--;
    }
}

/** What kvs__peaks_from finds among several peaks. */
int64_t kvs__peaks_search(const struct kvs__peaks *peaks, uint64_t index);

/** The largest of the values from `index` on, of which there is at least one. */
static inline int64_t kvs__peaks_from(const struct kvs__peaks *peaks, uint64_t index) {
    return peaks->count == 1 ? peaks->ring[peaks->first].value : kvs__peaks_search(peaks, index);
}

#endif
