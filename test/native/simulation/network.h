/*
 * The transport, the network, and the service: sessions are opened when the core signals, read in
 * pieces, lost at any byte; the service takes what arrives and answers with acknowledgements.
 */
#ifndef KVS_SIMULATION_NETWORK_H
#define KVS_SIMULATION_NETWORK_H

#include "world.h"

/* transport.c */
/* Takes the signals, and wakes what they are for; false when there were none. */
bool transport_take_signals(struct world *world, struct sim_stream *stream);
/* Opens a session when one is called for, or now and then. */
void transport_open(struct world *world, struct sim_stream *stream);
/* Reads from one session; false when there was none to read from. */
bool transport_read(struct world *world, struct sim_stream *stream);
/* Brings bytes to the service and its answers back; false when nothing moved. */
bool transport_carry(struct world *world, struct sim_stream *stream);
/* Closes sessions that are over, and now and then one that is not. */
void transport_close(struct world *world, struct sim_stream *stream);
void transport_tick(struct world *world, struct sim_stream *stream);

/* service.c */
/* Takes what has arrived. */
void service_work(struct world *world, struct sim_stream *stream, struct sim_session *session);
/* The connection is over: whether what the service had received is stored is decided. */
void service_lose(struct world *world, struct sim_stream *stream, struct sim_session *session,
                  bool lives_on);
/* Hears what the core has read of the response. */
void service_heard(struct world *world, struct sim_stream *stream, struct sim_session *session);

#endif
