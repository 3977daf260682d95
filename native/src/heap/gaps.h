/**
 * The gaps of a content store, in lists by size class.
 *
 * Two levels: the first splits sizes by powers of two, the second splits each of those into 32
 * equal parts. Below 32 cells every size has a class of its own. A bitmap on each level tells which
 * lists hold anything, so that the next larger one is found with two bit scans.
 *
 * A gap is a record in a table of its own, and not links inside of the free memory: a search stays
 * within a table that fits the processor's cache, where following links through the store would
 * miss it at each step, and nothing that is written to a released block can break a list.
 *
 * The gap that was cut last is in no list. Frames are cut one behind the other, each time from what
 * the frame before has left: that would else go from list to list with every one of them.
 */
#ifndef KVS_HEAP_GAPS_H
#define KVS_HEAP_GAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/pages.h"

#define KVS__GAPS_COLUMN_BITS 5
#define KVS__GAPS_COLUMNS 32u

/** Rows for sizes of [0, 2^5), [2^5, 2^6), … [2^29, 2^30) cells: up to 16 GiB. */
#define KVS__GAPS_ROWS 26u

/** The number of no gap. */
#define KVS__GAP_NONE 0u

struct kvs__gap {
    /** Neighbours in the list of the size class, which the gap cut last is not in; `next` alone in
     * the list of unused records. */
    uint32_t next;
    uint32_t prev;
    /** In cells. The size of an unused record is 0. */
    uint32_t offset;
    uint32_t size;
    /** The size of the block that ends where the gap begins. */
    uint32_t before;
};

struct kvs__gaps {
    struct kvs_pages pages;
    /** The table in `pages`, by number. Number 0 is no gap; it soaks up writes to missing links. */
    struct kvs__gap *table;
    /** One past the largest number ever used. */
    uint32_t end;
    /** The first of the unused records below `end`. */
    uint32_t unused;
    /** The gap that was cut last, in no list, or KVS__GAP_NONE. */
    uint32_t cut_last;
    /** Bit r is set when row_map[r] is not 0. */
    uint32_t map;
    /** Bit c of row r is set when heads[r][c] is a gap. */
    uint32_t row_map[KVS__GAPS_ROWS];
    uint32_t heads[KVS__GAPS_ROWS][KVS__GAPS_COLUMNS];
};

/** The list for gaps of some size. */
struct kvs__gap_class {
    unsigned row;
    unsigned column;
};

/** The class for `size` cells, below 2^30. */
struct kvs__gap_class kvs__gap_class_of(uint32_t size);

/** Makes zeroed `gaps` ready for at most `limit` gaps at a time; false when there is no memory. */
bool kvs__gaps_init(struct kvs__gaps *gaps, uint32_t limit);

/** Gives back the table. */
void kvs__gaps_clean_up(struct kvs__gaps *gaps);

/** Makes sure that there can be `count` gaps at a time; false when the system has no memory. */
static inline bool kvs__gaps_back(struct kvs__gaps *gaps, uint32_t count) {
    return kvs__pages_back(&gaps->pages, ((size_t)count + 1) * sizeof(struct kvs__gap));
}

/**
 * Records a gap of `size` cells from `offset` on, behind a block of `before` cells, and returns its
 * number. There has to be room by kvs__gaps_back.
 */
uint32_t kvs__gaps_add(struct kvs__gaps *gaps, uint32_t offset, uint32_t size, uint32_t before);

/** Forgets a gap. */
void kvs__gaps_remove(struct kvs__gaps *gaps, uint32_t gap);

/** Takes a block of `size` cells, less than all of it, from the front of a gap, which is the one
 * cut last then. */
void kvs__gaps_cut(struct kvs__gaps *gaps, uint32_t gap, uint32_t size);

/** Changes everything about a gap but its number. */
void kvs__gaps_move(struct kvs__gaps *gaps, uint32_t gap, uint32_t offset, uint32_t size,
                    uint32_t before);

/**
 * The number of a gap of at least `size` cells, or KVS__GAP_NONE.
 *
 * In the class of `size` itself gaps may be too small: the first `probes` of its list are looked
 * at. Any gap of a larger class fits, and the smallest class that has one is used. The gap that was
 * cut last is preferred to one that is not smaller. There has to have been a kvs__gaps_back.
 */
uint32_t kvs__gaps_find(const struct kvs__gaps *gaps, uint32_t size, unsigned probes);

/** The gap with this number, or NULL when there is none. */
static inline const struct kvs__gap *kvs__gaps_at(const struct kvs__gaps *gaps, uint32_t gap) {
    return gap != KVS__GAP_NONE && gap < gaps->end && gaps->table[gap].size != 0 ? &gaps->table[gap]
                                                                                 : NULL;
}

#endif
