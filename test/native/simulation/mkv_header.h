/* The elements with a known size, taken apart; each function gives NULL or what is wrong. */
#ifndef KVS_SIMULATION_MKV_HEADER_H
#define KVS_SIMULATION_MKV_HEADER_H

#include "mkv_reader.h"

const char *mkv_read_ebml(struct kvs_span body);
const char *mkv_read_info(struct kvs_span body, struct mkv_header *header);
const char *mkv_read_tracks(struct kvs_span body, struct mkv_header *header);
const char *mkv_read_tags(struct kvs_span body, struct mkv_tag *tags, uint32_t *count);

#endif
