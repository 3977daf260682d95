/*
 * The oracle: what has to hold after every step, whatever happens.
 */
#ifndef KVS_SIMULATION_ORACLE_H
#define KVS_SIMULATION_ORACLE_H

#include "world.h"

/* Takes all events and adds them up. */
void oracle_take_events(struct world *world, struct sim_stream *stream);
/* Reads the counters, compares them with each other and with what is known, and audits the stream.
 */
void oracle_check(struct world *world, struct sim_stream *stream);
/* What has to hold once a stream is stopped and drained. */
void oracle_check_drained(struct world *world, struct sim_stream *stream);

#endif
