#include "client/store.h"

#include "kvs/heap.h"
#include "spill/spill.h"

/** How many times the spill is passed over once it could not be written: a full disk is not asked
 * for every frame. */
#define SPILL_HOLD_OFF 256u

kvs_status kvs__store_spill(struct kvs_client *client, size_t size, struct kvs__place *place) {
    if (client->spill == NULL || size > UINT32_MAX) {
        return KVS_STATUS_STORE_OUT_OF_MEMORY;
    }
    if (client->spill_hold_off > 0) {
        client->spill_hold_off--;
        return KVS_STATUS_STORE_OUT_OF_MEMORY;
    }
    uint64_t offset = 0;
    kvs_status status = kvs__spill_allocate(client->spill, (uint32_t)size, &offset);
    if (status == KVS_STATUS_SUCCESS) {
        place->data = NULL;
        place->offset = offset;
    }
    return status;
}

void kvs__store_release_in(struct kvs_client *client, struct kvs__heap_run *run,
                           const struct kvs__place *place, size_t size) {
    if (place->data != NULL) {
        kvs__heap_run_add(client->heap, run, place->data);
    } else {
        kvs__spill_release(client->spill, place->offset, (uint32_t)size);
    }
}

void kvs__store_release(struct kvs_client *client, const struct kvs__place *place, size_t size) {
    struct kvs__heap_run run = {0};
    kvs__store_release_in(client, &run, place, size);
    kvs__heap_run_end(client->heap, &run);
}

uint8_t *kvs__store_scratch(struct kvs_client *client, size_t size) {
    if (client->scratch_bytes < size) {
        const struct kvs_allocator *allocator = client->allocator;
        uint8_t *larger = allocator->allocate(allocator->context, size);
        if (larger == NULL) {
            return NULL;
        }
        allocator->release(allocator->context, client->scratch);
        client->scratch = larger;
        client->scratch_bytes = size;
    }
    return client->scratch;
}

kvs_status kvs__store_write_spill(struct kvs_client *client, const struct kvs__place *place,
                                  const uint8_t *buffer, size_t from, size_t to) {
    if (kvs__spill_write(client->spill, place->offset + from, buffer + from,
                         (uint32_t)(to - from)) == KVS_STATUS_SUCCESS) {
        return KVS_STATUS_SUCCESS;
    }
    client->spill_hold_off = SPILL_HOLD_OFF;
    client->spill_failures++;
    return KVS_STATUS_STORE_OUT_OF_MEMORY;
}

size_t kvs__store_max_allocation(const struct kvs_client *client) {
    size_t in_memory = kvs_heap_max_allocation(client->heap);
    struct kvs__spill_stats spill = {0};
    if (client->spill != NULL) {
        kvs__spill_stats(client->spill, &spill);
    }
    uint64_t in_spill = spill.size_bytes < UINT32_MAX ? spill.size_bytes : UINT32_MAX;
    return in_spill > in_memory ? (size_t)in_spill : in_memory;
}

void kvs__store_add_spill(const struct kvs_client *client, uint64_t *size, uint64_t *available) {
    struct kvs__spill_stats spill;
    kvs__spill_stats(client->spill, &spill);
    *size += spill.size_bytes;
    *available += spill.size_bytes - spill.allocated_bytes;
}
