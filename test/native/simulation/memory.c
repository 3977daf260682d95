#include "memory.h"

#include <stdlib.h>
#include <string.h>

static void *allocate(void *context, size_t size) {
    struct memory *memory = context;
    if (random_chance(memory->random, memory->fail_per_mille)) {
        memory->failures++;
        return NULL;
    }
    void *pointer = calloc(1, size == 0 ? 1 : size);
    memory->live_blocks += pointer != NULL ? 1 : 0;
    return pointer;
}

static void release(void *context, void *pointer) {
    struct memory *memory = context;
    if (pointer != NULL) {
        memory->live_blocks--;
        free(pointer);
    }
}

void memory_init(struct memory *memory, struct random *random) {
    *memory = (struct memory){.random = random};
    memory->allocator =
        (struct kvs_allocator){.context = memory, .allocate = allocate, .release = release};
}

static bool is_inside(struct spill *spill, uint64_t offset, size_t len) {
    bool inside = !spill->closed && offset <= spill->size && len <= spill->size - offset;
    spill->overrun |= !inside;
    return inside;
}

static kvs_status write_spill(void *context, uint64_t offset, const void *data, size_t len) {
    struct spill *spill = context;
    if (!is_inside(spill, offset, len) ||
        random_chance(spill->random, spill->write_fail_per_mille)) {
        spill->write_failures++;
        return KVS_STATUS_WRITE_TO_FILE_FAILED;
    }
    memcpy(spill->bytes + offset, data, len);
    return KVS_STATUS_SUCCESS;
}

static kvs_status read_spill(void *context, uint64_t offset, void *out, size_t len) {
    struct spill *spill = context;
    if (!is_inside(spill, offset, len) ||
        random_chance(spill->random, spill->read_fail_per_mille)) {
        spill->read_failures++;
        return KVS_STATUS_READ_FILE_FAILED;
    }
    memcpy(out, spill->bytes + offset, len);
    return KVS_STATUS_SUCCESS;
}

static void close_spill(void *context) {
    struct spill *spill = context;
    spill->overrun |= spill->closed;
    spill->closed = true;
}

bool spill_init(struct spill *spill, struct random *random, uint64_t size) {
    *spill = (struct spill){.random = random, .size = size, .bytes = calloc(1, (size_t)size)};
    spill->io = (struct kvs_spill_io){
        .context = spill, .write = write_spill, .read = read_spill, .close = close_spill};
    return spill->bytes != NULL;
}

void spill_clean_up(struct spill *spill) {
    free(spill->bytes);
    spill->bytes = NULL;
}
