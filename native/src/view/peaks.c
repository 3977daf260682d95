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

int64_t kvs__peaks_search(const struct kvs__peaks *peaks, uint64_t index) {
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
