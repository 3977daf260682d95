/*
 * Bytes decide what is taken from a content store and a spill and given back to them. What is in
 * each block stays what was written, blocks never overlap, the numbers add up and the auditors
 * find nothing after each step.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kvs/heap.h"
#include "spill/spill.h"

enum { MOST = 64, SPILL_BYTES = 256 * 1024 };

static void require(bool holds, const char *what) {
    if (!holds) {
        fprintf(stderr, "broken promise: %s\n", what);
        abort();
    }
}

/* A frame, in the store or in the spill. */
struct frame {
    uint8_t *block;
    uint64_t offset;
    uint32_t len;
    uint8_t fill;
};

struct world {
    struct kvs_heap *heap;
    struct kvs__spill *spill;
    uint8_t *file;
    struct frame frames[MOST];
    uint32_t count;
    /* Bytes of the frames in the store and of those in the spill. */
    uint64_t heap_bytes, spill_bytes;
    /* Units of the spill that a frame has. */
    uint8_t units[SPILL_BYTES >> KVS__SPILL_MIN_UNIT_BITS];
    bool io_fails;
};

static kvs_status file_write(void *context, uint64_t offset, const void *data, size_t len) {
    struct world *world = context;
    require(offset <= SPILL_BYTES && len <= SPILL_BYTES - offset, "the spill stays in its file");
    if (world->io_fails) {
        return KVS_STATUS_WRITE_TO_FILE_FAILED;
    }
    memcpy(world->file + offset, data, len);
    return KVS_STATUS_SUCCESS;
}

static kvs_status file_read(void *context, uint64_t offset, void *out, size_t len) {
    struct world *world = context;
    require(offset <= SPILL_BYTES && len <= SPILL_BYTES - offset, "the spill stays in its file");
    memcpy(out, world->file + offset, len);
    return KVS_STATUS_SUCCESS;
}

static void file_close(void *context) {
    struct world *world = context;
    free(world->file);
    world->file = NULL;
}

static bool is_filled(const uint8_t *bytes, uint8_t fill, size_t len) {
    return bytes[0] == fill && memcmp(bytes, bytes + 1, len - 1) == 0;
}

static uint8_t scratch[SPILL_BYTES];

/* Turns the units of a frame from free to taken or back. */
static void turn_units(struct world *world, const struct frame *frame, uint8_t taken) {
    uint64_t last = (frame->offset + frame->len - 1) >> KVS__SPILL_MIN_UNIT_BITS;
    for (uint64_t unit = frame->offset >> KVS__SPILL_MIN_UNIT_BITS; unit <= last; unit++) {
        require(world->units[unit] != taken, "no two frames share a unit");
        world->units[unit] = taken;
    }
}

static void check_spill_is_full(const struct world *world, uint32_t len) {
    uint32_t wanted = (len >> KVS__SPILL_MIN_UNIT_BITS) + 1;
    uint32_t run = 0;
    for (size_t unit = 0; unit < sizeof world->units; unit++) {
        run = world->units[unit] != 0 ? 0 : run + 1;
        require(run <= wanted + wanted / 32 + 1, "a large gap is found");
    }
}

static void take_from_heap(struct world *world, uint32_t len, uint8_t fill) {
    void *block = NULL;
    struct kvs_heap_stats stats;
    kvs_status status = kvs_heap_allocate(world->heap, len, &block);
    kvs_heap_stats(world->heap, &stats);
    if (status != KVS_STATUS_SUCCESS) {
        require(status == KVS_STATUS_STORE_OUT_OF_MEMORY, "a full store says so");
        /* The frames cut the store into so many pieces. */
        require(stats.available_bytes / (stats.block_count + 1) < len + UINT64_C(1024) + len / 16,
                "what is free is in small pieces");
        return;
    }
    memset(block, fill, len);
    const struct frame frame = {block, 0, len, fill};
    world->frames[world->count++] = frame;
    world->heap_bytes += len;
}

static void take_from_spill(struct world *world, uint32_t len, uint8_t fill) {
    struct frame frame = {NULL, 0, len, fill};
    kvs_status status = kvs__spill_allocate(world->spill, len, &frame.offset);
    if (status != KVS_STATUS_SUCCESS) {
        require(status == KVS_STATUS_STORE_OUT_OF_MEMORY, "a full spill says so");
        check_spill_is_full(world, len);
        return;
    }
    memset(scratch, fill, len);
    turn_units(world, &frame, 1);
    if (kvs__spill_write(world->spill, frame.offset, scratch, len) != KVS_STATUS_SUCCESS) {
        require(world->io_fails, "a write only fails where the file does");
        turn_units(world, &frame, 0);
        kvs__spill_release(world->spill, frame.offset, len);
        return;
    }
    world->frames[world->count++] = frame;
    world->spill_bytes += len;
}

static void give_back(struct world *world, uint32_t at) {
    const struct frame frame = world->frames[at];
    if (frame.block != NULL) {
        require(is_filled(frame.block, frame.fill, frame.len), "a block keeps its bytes");
        kvs_heap_release(world->heap, frame.block);
        world->heap_bytes -= frame.len;
    } else {
        require(kvs__spill_read(world->spill, frame.offset, scratch, frame.len) ==
                    KVS_STATUS_SUCCESS,
                "what was written can be read");
        require(is_filled(scratch, frame.fill, frame.len), "the spill keeps its bytes");
        turn_units(world, &frame, 0);
        kvs__spill_release(world->spill, frame.offset, frame.len);
        world->spill_bytes -= frame.len;
    }
    /* Keeps the order, so that the first is the oldest. */
    world->count--;
    memmove(&world->frames[at], &world->frames[at + 1],
            (world->count - at) * sizeof world->frames[0]);
}

/* The size of a block of the store: small, a frame, or so large that the store fills. */
static uint32_t heap_len(uint8_t kind, uint32_t number) {
    static const uint32_t steps[] = {1, 16, 997, 1u << 15};
    return 1 + number * steps[kind % 4] / 16;
}

static void check(const struct world *world) {
    struct kvs_heap_stats heap;
    struct kvs__spill_stats spill;
    kvs_heap_stats(world->heap, &heap);
    kvs__spill_stats(world->spill, &spill);
    require(heap.allocated_bytes >= world->heap_bytes && heap.peak_bytes >= heap.allocated_bytes &&
                heap.allocated_bytes + heap.available_bytes == heap.size_bytes,
            "the numbers of the store add up");
    uint64_t taken = 0;
    for (size_t unit = 0; unit < sizeof world->units; unit++) {
        taken += world->units[unit];
    }
    require(spill.allocated_bytes == taken << KVS__SPILL_MIN_UNIT_BITS &&
                spill.allocated_bytes >= world->spill_bytes &&
                spill.peak_bytes >= spill.allocated_bytes && spill.size_bytes == SPILL_BYTES,
            "the numbers of the spill add up");
    require(kvs_heap_audit(world->heap) == KVS_STATUS_SUCCESS, "the store is intact");
    require(kvs__spill_check(world->spill), "the spill is intact");
}

static void step(struct world *world, const uint8_t bytes[4]) {
    uint32_t number = (uint32_t)bytes[1] << 8 | bytes[2];
    uint8_t kind = bytes[0] >> 2;
    world->io_fails = bytes[0] == 0xff;
    switch (bytes[0] & 3) {
    case 0:
        if (world->count < MOST) {
            take_from_heap(world, heap_len(kind, number), bytes[3]);
        }
        break;
    case 1:
    case 3:
        if (world->count < MOST) {
            take_from_spill(world, 1 + (number & (0xffffu >> kind % 8)), bytes[3]);
        }
        break;
    default:
        if (world->count > 0) {
            give_back(world, kind % 2 != 0 ? 0 : number % world->count);
        }
        break;
    }
    check(world);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct world world;
    memset(&world, 0, sizeof world);
    world.file = malloc(SPILL_BYTES);
    const struct kvs_spill_io io = {&world, file_write, file_read, file_close};
    require(kvs_heap_new(kvs_default_allocator(), KVS_HEAP_MIN_BYTES, &world.heap) ==
                KVS_STATUS_SUCCESS,
            "a store can be made");
    world.spill = kvs__spill_new(kvs_default_allocator(), &io, SPILL_BYTES);
    require(world.spill != NULL, "a spill can be made");
    for (size_t i = 0; i + 4 <= size; i += 4) {
        step(&world, data + i);
    }
    while (world.count > 0) {
        give_back(&world, 0);
    }
    check(&world);
    void *all = NULL;
    uint64_t offset;
    require(kvs_heap_allocate(world.heap, kvs_heap_max_allocation(world.heap), &all) ==
                KVS_STATUS_SUCCESS,
            "an empty store is in one piece");
    require(kvs__spill_allocate(world.spill, SPILL_BYTES, &offset) == KVS_STATUS_SUCCESS,
            "an empty spill is in one piece");
    kvs__spill_destroy(world.spill);
    kvs_heap_destroy(world.heap);
    require(world.file == NULL, "a spill closes its file");
    return 0;
}
