#include "heap/gaps.h"

#include "platform/assert.h"

#ifdef _MSC_VER
#include <intrin.h>
#endif

enum { GAP_BYTES = sizeof(struct kvs__gap) };

/* The number of the highest bit that is set in `value`, which is not 0. */
static unsigned highest_bit(uint32_t value) {
#ifdef _MSC_VER
    unsigned long bit;
    _BitScanReverse(&bit, value);
    return bit;
#else
    return 31u - (unsigned)__builtin_clz(value);
#endif
}

/* The number of the lowest bit that is set in `value`, which is not 0. */
static unsigned lowest_bit(uint32_t value) {
#ifdef _MSC_VER
    unsigned long bit;
    _BitScanForward(&bit, value);
    return bit;
#else
    return (unsigned)__builtin_ctz(value);
#endif
}

struct kvs__gap_class kvs__gap_class_of(uint32_t size) {
    struct kvs__gap_class class = {0, size};
    if (size >= KVS__GAPS_COLUMNS) {
        unsigned bit = highest_bit(size);
        class.row = bit - KVS__GAPS_COLUMN_BITS + 1;
        class.column = (size >> (bit - KVS__GAPS_COLUMN_BITS)) - KVS__GAPS_COLUMNS;
    }
    KVS_ASSERT(class.row < KVS__GAPS_ROWS, "every size has a class");
    return class;
}

bool kvs__gaps_init(struct kvs__gaps *gaps, uint32_t limit) {
    uint64_t bytes = ((uint64_t)limit + 1) * GAP_BYTES;
    if (bytes > SIZE_MAX || !kvs__pages_reserve(&gaps->pages, (size_t)bytes)) {
        return false;
    }
    gaps->table = (struct kvs__gap *)(void *)gaps->pages.base;
    gaps->end = 1;
    return true;
}

void kvs__gaps_clean_up(struct kvs__gaps *gaps) { kvs__pages_release(&gaps->pages); }

static void link_gap(struct kvs__gaps *gaps, uint32_t gap) {
    struct kvs__gap *record = &gaps->table[gap];
    struct kvs__gap_class class = kvs__gap_class_of(record->size);
    uint32_t next = gaps->heads[class.row][class.column];
    record->next = next;
    record->prev = KVS__GAP_NONE;
    gaps->table[next].prev = gap;
    gaps->heads[class.row][class.column] = gap;
    gaps->row_map[class.row] |= UINT32_C(1) << class.column;
    gaps->map |= UINT32_C(1) << class.row;
}

static void unlink_gap(struct kvs__gaps *gaps, uint32_t gap) {
    const struct kvs__gap *record = &gaps->table[gap];
    if (gap == gaps->cut_last) {
        gaps->cut_last = KVS__GAP_NONE;
        return;
    }
    gaps->table[record->next].prev = record->prev;
    if (record->prev != KVS__GAP_NONE) {
        gaps->table[record->prev].next = record->next;
        return;
    }
    struct kvs__gap_class class = kvs__gap_class_of(record->size);
    KVS_ASSERT(gaps->heads[class.row][class.column] == gap, "a gap without predecessor is first");
    gaps->heads[class.row][class.column] = record->next;
    if (record->next != KVS__GAP_NONE) {
        return;
    }
    gaps->row_map[class.row] &= ~(UINT32_C(1) << class.column);
    if (gaps->row_map[class.row] == 0) {
        gaps->map &= ~(UINT32_C(1) << class.row);
    }
}

uint32_t kvs__gaps_add(struct kvs__gaps *gaps, uint32_t offset, uint32_t size, uint32_t before) {
    uint32_t gap = gaps->unused;
    if (gap != KVS__GAP_NONE) {
        gaps->unused = gaps->table[gap].next;
    } else {
        gap = gaps->end++;
        KVS_ASSERT(gap < gaps->pages.backed / GAP_BYTES, "the table has room for a gap");
    }
    gaps->table[gap].offset = offset;
    gaps->table[gap].size = size;
    gaps->table[gap].before = before;
    link_gap(gaps, gap);
    return gap;
}

void kvs__gaps_remove(struct kvs__gaps *gaps, uint32_t gap) {
    unlink_gap(gaps, gap);
    gaps->table[gap].size = 0;
    gaps->table[gap].next = gaps->unused;
    gaps->unused = gap;
}

void kvs__gaps_cut(struct kvs__gaps *gaps, uint32_t gap, uint32_t size) {
    struct kvs__gap *record = &gaps->table[gap];
    KVS_ASSERT(size < record->size, "a gap is left");
    if (gap != gaps->cut_last) {
        uint32_t replaced = gaps->cut_last;
        unlink_gap(gaps, gap);
        gaps->cut_last = gap;
        if (replaced != KVS__GAP_NONE) {
            link_gap(gaps, replaced);
        }
    }
    record->offset += size;
    record->size -= size;
    record->before = size;
}

void kvs__gaps_move(struct kvs__gaps *gaps, uint32_t gap, uint32_t offset, uint32_t size,
                    uint32_t before) {
    struct kvs__gap *record = &gaps->table[gap];
    struct kvs__gap_class from = kvs__gap_class_of(record->size);
    struct kvs__gap_class to = kvs__gap_class_of(size);
    bool stays = from.row == to.row && from.column == to.column;
    if (!stays) {
        unlink_gap(gaps, gap);
    }
    record->offset = offset;
    record->size = size;
    record->before = before;
    if (!stays) {
        link_gap(gaps, gap);
    }
}

static uint32_t find_listed(const struct kvs__gaps *gaps, uint32_t size, unsigned probes) {
    struct kvs__gap_class class = kvs__gap_class_of(size);
    uint32_t gap = gaps->heads[class.row][class.column];
    for (; gap != KVS__GAP_NONE && probes > 0; gap = gaps->table[gap].next, probes--) {
        if (gaps->table[gap].size >= size) {
            return gap;
        }
    }
    /* Two shifts, since C leaves a shift by 32 undefined. */
    uint32_t larger = gaps->row_map[class.row] & (UINT32_MAX << class.column << 1);
    if (larger != 0) {
        return gaps->heads[class.row][lowest_bit(larger)];
    }
    larger = gaps->map & (UINT32_MAX << class.row << 1);
    if (larger != 0) {
        unsigned row = lowest_bit(larger);
        return gaps->heads[row][lowest_bit(gaps->row_map[row])];
    }
    return KVS__GAP_NONE;
}

uint32_t kvs__gaps_find(const struct kvs__gaps *gaps, uint32_t size, unsigned probes) {
    uint32_t listed = gaps->map != 0 ? find_listed(gaps, size, probes) : KVS__GAP_NONE;
    uint32_t left = gaps->table[gaps->cut_last].size; /* that of no gap is 0 */
    bool is_best = left >= size && (listed == KVS__GAP_NONE || left <= gaps->table[listed].size);
    return is_best ? gaps->cut_last : listed;
}
