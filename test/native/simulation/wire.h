/*
 * What a session sends, taken apart as it is read and judged: by the rules of the service, and by
 * what was put.
 */
#ifndef KVS_SIMULATION_WIRE_H
#define KVS_SIMULATION_WIRE_H

#include "world.h"

/* Takes what was read. */
void wire_take(struct world *world, struct sim_stream *stream, struct sim_session *session,
               struct kvs_span bytes);
/* The session's body has ended as it should. */
void wire_end(struct world *world, struct sim_stream *stream, struct sim_session *session);
/* Notes that the service has the fragment's frames and items. */
void wire_delivered(struct sim_stream *stream, const struct sim_session *session,
                    const struct sim_fragment *fragment);
/* Notes that the core knows of the fragment's end, so that it must not send it again. */
void wire_done(struct world *world, struct sim_stream *stream, const struct sim_session *session,
               const struct sim_fragment *fragment);
void wire_clean_up(struct sim_session *session);

/* fragment.c: judges a fragment all of whose frames have come. */
void fragment_check(struct world *world, struct sim_stream *stream, struct sim_session *session,
                    struct sim_fragment *fragment);

/* The number in the id that a payload carries, and the id for a number. */
static inline uint64_t wire_frame_id(const struct sim_stream *stream, uint64_t number) {
    return (stream->number + 1) << 40 | number;
}

#endif
