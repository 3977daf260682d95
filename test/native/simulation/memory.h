/*
 * Memory that runs out on purpose and knows what was not given back, and a spill in memory whose
 * reads and writes fail on purpose.
 */
#ifndef KVS_SIMULATION_MEMORY_H
#define KVS_SIMULATION_MEMORY_H

#include "kvs/allocator.h"
#include "kvs/spill.h"
#include "random.h"

struct memory {
    struct kvs_allocator allocator;
    struct random *random;
    uint32_t fail_per_mille;
    uint64_t live_blocks;
    uint64_t failures;
};

void memory_init(struct memory *memory, struct random *random);

struct spill {
    struct kvs_spill_io io;
    struct random *random;
    uint8_t *bytes;
    uint64_t size;
    uint32_t write_fail_per_mille;
    uint32_t read_fail_per_mille;
    uint64_t read_failures, write_failures;
    bool closed;
    /** Something was read or written outside of the spill. */
    bool overrun;
};

/* False when there is no memory. */
bool spill_init(struct spill *spill, struct random *random, uint64_t size);
void spill_clean_up(struct spill *spill);

#endif
