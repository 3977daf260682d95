#include "view/ring.h"

/** Items are aligned to the cache lines that most of them fill. */
#define ALIGNMENT 64u

bool kvs__ring_init(struct kvs__ring *ring, const struct kvs_allocator *allocator,
                    uint32_t capacity) {
    uint32_t count = kvs__ring_chunk_count(capacity);
    uint32_t places = 1;
    while (places < count) {
        places *= 2;
    }
    uint64_t chunk_bytes = KVS__RING_CHUNK_ITEMS * sizeof(struct kvs_view_item);
    uint64_t item_bytes = count * chunk_bytes + ALIGNMENT;
    uint64_t table_bytes = ((uint64_t)places + count) * sizeof(void *);
    if (item_bytes > SIZE_MAX || table_bytes > SIZE_MAX) {
        return false;
    }
    ring->memory = allocator->allocate(allocator->context, (size_t)item_bytes);
    if (ring->memory == NULL) {
        return false;
    }
    ring->chunks = allocator->allocate(allocator->context, (size_t)table_bytes);
    if (ring->chunks == NULL) {
        allocator->release(allocator->context, ring->memory);
        return false;
    }
    ring->memory_bytes = item_bytes + table_bytes;
    ring->mask = places - 1;
    ring->unused = ring->chunks + places;
    ring->unused_count = count;
    uint8_t *first =
        (uint8_t *)ring->memory + (ALIGNMENT - (uintptr_t)ring->memory % ALIGNMENT) % ALIGNMENT;
    for (uint32_t i = 0; i < count; i++) {
        ring->unused[i] = (struct kvs_view_item *)(void *)(first + (count - 1 - i) * chunk_bytes);
    }
    return true;
}

void kvs__ring_clean_up(struct kvs__ring *ring, const struct kvs_allocator *allocator) {
    allocator->release(allocator->context, ring->chunks);
    allocator->release(allocator->context, ring->memory);
}
