/*
 * Those who put frames, metadata and events into a stream, and call it in every other way.
 */
#ifndef KVS_SIMULATION_PRODUCER_H
#define KVS_SIMULATION_PRODUCER_H

#include "world.h"

/* Makes the next frame of some track and puts it. */
void producer_put(struct world *world, struct sim_stream *stream);
/* Ends the open fragment. */
void producer_end_fragment(struct world *world, struct sim_stream *stream);
/* Remembers of an event whether it may be about the frame that is being put. */
void producer_note_drop(struct sim_stream *stream, const struct kvs_event *event);
/* What was put before a reset is gone. */
void producer_forget(struct sim_stream *stream);

/* calls.c */
void producer_put_metadata(struct world *world, struct sim_stream *stream);
void producer_put_event(struct world *world, struct sim_stream *stream);
void producer_change_format(struct world *world, struct sim_stream *stream);
void producer_stop(struct world *world, struct sim_stream *stream);
void producer_reset(struct world *world, struct sim_stream *stream, bool connection_only);

/* bad_calls.c: calls with arguments that have to be refused, each with its status. */
void producer_call_badly(struct world *world, struct sim_stream *stream);

#endif
