/**
 * All of the library. Most programs need client.h, stream.h and session.h, which these lines bring.
 */
#ifndef KVS_KVS_H
#define KVS_KVS_H

/* Frames in, Matroska out. */
#include "kvs/client.h"
#include "kvs/session.h"
#include "kvs/stream.h"

/* The parts that these are made of, each of use by itself. */
#include "kvs/ack.h"
#include "kvs/codec.h"
#include "kvs/heap.h"
#include "kvs/mkv.h"
#include "kvs/nal.h"
#include "kvs/view.h"

/* What all of them use. */
#include "kvs/allocator.h"
#include "kvs/build.h"
#include "kvs/export.h"
#include "kvs/span.h"
#include "kvs/spill.h"
#include "kvs/status.h"
#include "kvs/version.h"

#endif
