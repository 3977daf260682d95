/*
 * What frames carry: who they are, so that the far end can tell which frame it sees, and whether
 * all of it came.
 */
#ifndef KVS_SIMULATION_PAYLOAD_H
#define KVS_SIMULATION_PAYLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "kvs/span.h"

#define PAYLOAD_MIN_LEN 16u
#define PAYLOAD_MAX_LEN (12u * 1024 * 1024)

/* Writes `len` bytes, PAYLOAD_MIN_LEN at least, for the frame `id`. */
void payload_write(uint64_t id, uint8_t *out, uint32_t len);
/* The frame that `payload` is of; false when it is of none, or not as it was written. */
bool payload_read(struct kvs_span payload, uint64_t *id);

#endif
