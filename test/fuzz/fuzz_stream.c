/*
 * The whole API of a stream: the input's bytes decide which world of the simulation it is, what is
 * called in it and with which arguments, and what the network and the service do. The simulation's
 * oracle judges every step, and audits the stream.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct world world;
    memset(&world, 0, sizeof world);
    random_from_bytes(&world.random, kvs_span_of(data, size));
    if (!world_run(&world)) {
        fprintf(stderr, "step %llu: %s\n", (unsigned long long)world.step, world.failure);
        abort();
    }
    return 0;
}
