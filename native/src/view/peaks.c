#include "view/peaks.h"

#include <stddef.h>

#include "platform/assert.h"

bool kvs__peaks_init(struct kvs__peaks *peaks, const struct kvs_allocator *allocator,
                     uint32_t capacity) {
    uint64_t bytes = (uint64_t)capacity * sizeof *peaks->ring;
    if (bytes > SIZE_MAX) {
        return false;
    }
    peaks->ring = allocator->allocate(allocator->context, (size_t)bytes);
    peaks->capacity = capacity;
    peaks->first = 0;
    peaks->count = 0;
    return peaks->ring != NULL;
}

void kvs__peaks_clean_up(struct kvs__peaks *peaks, const struct kvs_allocator *allocator) {
    allocator->release(allocator->context, peaks->ring);
}

static uint32_t slot_of(const struct kvs__peaks *peaks, uint32_t place) {
    uint32_t to_end = peaks->capacity - peaks->first;
    return place < to_end ? peaks->first + place : place - to_end;
}

const struct kvs__peak *kvs__peaks_at(const struct kvs__peaks *peaks, uint32_t place) {
    return &peaks->ring[slot_of(peaks, place)];
}

void kvs__peaks_append(struct kvs__peaks *peaks, uint64_t index, int64_t value) {
    while (peaks->count > 0 && kvs__peaks_at(peaks, peaks->count - 1)->value <= value) {
        peaks->count--;
    }
    KVS_ASSERT(peaks->count < peaks->capacity, "there are no more peaks than values");
    const struct kvs__peak peak = {index, value};
    peaks->ring[slot_of(peaks, peaks->count)] = peak;
    peaks->count++;
}

void kvs__peaks_forget(struct kvs__peaks *peaks, uint64_t index) {
    if (peaks->count > 0 && kvs__peaks_at(peaks, 0)->index == index) {
        peaks->first = slot_of(peaks, 1);
        peaks->count--;
    }
}

int64_t kvs__peaks_from(const struct kvs__peaks *peaks, uint64_t index) {
    KVS_ASSERT(peaks->count > 0, "the newest value is always a peak");
    uint32_t low = 0;
    uint32_t high = peaks->count - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (kvs__peaks_at(peaks, middle)->index < index) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return kvs__peaks_at(peaks, low)->value;
}
