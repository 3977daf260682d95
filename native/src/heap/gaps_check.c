#include "heap/gaps_check.h"

/* Whether the gaps of a list are linked both ways and belong to its class. */
static bool walk_list(const struct kvs__gaps *gaps, unsigned row, unsigned column,
                      struct kvs__gaps_tally *tally) {
    uint32_t prev = KVS__GAP_NONE;
    uint32_t number = gaps->heads[row][column];
    while (number != KVS__GAP_NONE) {
        const struct kvs__gap *gap = kvs__gaps_at(gaps, number);
        if (gap == NULL || gap->prev != prev) {
            return false;
        }
        struct kvs__gap_class class = kvs__gap_class_of(gap->size);
        if (class.row != row || class.column != column) {
            return false;
        }
        tally->count++;
        tally->size += gap->size;
        prev = number;
        number = gap->next;
    }
    return true;
}

static bool walk_lists(const struct kvs__gaps *gaps, struct kvs__gaps_tally *tally) {
    for (unsigned row = 0; row < KVS__GAPS_ROWS; row++) {
        if ((gaps->row_map[row] != 0) != ((gaps->map >> row & 1) != 0)) {
            return false;
        }
        for (unsigned column = 0; column < KVS__GAPS_COLUMNS; column++) {
            bool marked = (gaps->row_map[row] >> column & 1) != 0;
            if (marked != (gaps->heads[row][column] != KVS__GAP_NONE) ||
                !walk_list(gaps, row, column, tally)) {
                return false;
            }
        }
    }
    return gaps->map >> KVS__GAPS_ROWS == 0;
}

/* Whether the records that hold no gap are `count` in number and all in the list of unused ones. */
static bool walk_unused(const struct kvs__gaps *gaps, uint64_t count) {
    uint32_t number = gaps->unused;
    for (; number != KVS__GAP_NONE && count > 0; count--) {
        if (number >= gaps->end || gaps->table[number].size != 0) {
            return false;
        }
        number = gaps->table[number].next;
    }
    return number == KVS__GAP_NONE && count == 0;
}

/* Counts the gap that is in no list. */
static bool add_cut_last(const struct kvs__gaps *gaps, struct kvs__gaps_tally *tally) {
    const struct kvs__gap *gap = kvs__gaps_at(gaps, gaps->cut_last);
    if (gap != NULL) {
        tally->count++;
        tally->size += gap->size;
    }
    return gap != NULL || gaps->cut_last == KVS__GAP_NONE;
}

bool kvs__gaps_check(const struct kvs__gaps *gaps, struct kvs__gaps_tally *tally) {
    return add_cut_last(gaps, tally) && walk_lists(gaps, tally) &&
           walk_unused(gaps, gaps->end - 1 - tally->count);
}
