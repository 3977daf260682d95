/* What a seed makes of its world: which faults there are, and how its streams are configured. */
#ifndef KVS_SIMULATION_WEATHER_H
#define KVS_SIMULATION_WEATHER_H

#include "world.h"

void weather_choose(struct world *world);
/* A configuration that kvs_stream_new takes. */
void weather_configure(struct world *world, struct sim_stream *stream);

#endif
