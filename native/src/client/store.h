/**
 * Room for payloads: in the client's heap, or, when that is full and there is one, in the spill.
 */
#ifndef KVS_CLIENT_STORE_H
#define KVS_CLIENT_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/client_internal.h"
#include "heap/heap_internal.h"
#include "heap/heap_run.h"
#include "kvs/status.h"
#include "stream/staged_frame.h"

/** Takes `size` bytes of the spill. Errors: KVS_STATUS_STORE_OUT_OF_MEMORY. */
kvs_status kvs__store_spill(struct kvs_client *client, size_t size, struct kvs__place *place);

/** Takes `size` bytes. Errors: KVS_STATUS_STORE_OUT_OF_MEMORY. */
static inline kvs_status kvs__store_allocate(struct kvs_client *client, size_t size,
                                             struct kvs__place *place) {
    void *block = NULL;
    if (kvs_heap_allocate(client->heap, size, &block) != KVS_STATUS_SUCCESS) {
        return kvs__store_spill(client, size, place);
    }
    place->data = block;
    place->offset = 0;
    return KVS_STATUS_SUCCESS;
}

/** Gives back a place of `size` bytes. */
void kvs__store_release(struct kvs_client *client, const struct kvs__place *place, size_t size);

/** Gives back a place of `size` bytes, together with others that are given back at once: see
 * kvs__heap_run_add, after which `run` ends. */
void kvs__store_release_in(struct kvs_client *client, struct kvs__heap_run *run,
                           const struct kvs__place *place, size_t size);

/** Scratch memory for kvs__store_buffer. */
uint8_t *kvs__store_scratch(struct kvs_client *client, size_t size);

/**
 * Memory in which to write the `size` bytes of a place: the place itself, or scratch memory that
 * kvs__store_flush then moves to the spill. NULL when there is no memory.
 *
 * Ownership: the client's; scratch memory is valid until the next call.
 */
static inline uint8_t *kvs__store_buffer(struct kvs_client *client, const struct kvs__place *place,
                                         size_t size) {
    return place->data != NULL ? place->data : kvs__store_scratch(client, size);
}

/** What kvs__store_flush does for a place in the spill. */
kvs_status kvs__store_write_spill(struct kvs_client *client, const struct kvs__place *place,
                                  const uint8_t *buffer, size_t from, size_t to);

/**
 * Moves what was written at `buffer`, from `from` up to `to`, to where it belongs; nothing to do
 * for a place in memory.
 *
 * Errors: KVS_STATUS_STORE_OUT_OF_MEMORY when the spill cannot be written. It is left alone for a
 * while then, so that the next allocation says what room there is without it.
 */
static inline kvs_status kvs__store_flush(struct kvs_client *client, const struct kvs__place *place,
                                          const uint8_t *buffer, size_t from, size_t to) {
    return place->data != NULL ? KVS_STATUS_SUCCESS
                               : kvs__store_write_spill(client, place, buffer, from, to);
}

/** The largest size that can ever be allocated. */
size_t kvs__store_max_allocation(const struct kvs_client *client);

/** Adds the bytes of the spill, and how many of them are free. */
void kvs__store_add_spill(const struct kvs_client *client, uint64_t *size, uint64_t *available);

/** Bytes of the whole store, and how many of them are free. */
static inline void kvs__store_level(const struct kvs_client *client, uint64_t *size,
                                    uint64_t *available) {
    uint32_t capacity = kvs__heap_capacity(client->heap);
    *size = (uint64_t)capacity * KVS__CELL_BYTES;
    *available = (uint64_t)(capacity - client->heap->allocated) * KVS__CELL_BYTES;
    if (client->spill != NULL) {
        kvs__store_add_spill(client, size, available);
    }
}

#endif
