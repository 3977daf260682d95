#include "heap/gaps_check.h"
#include "spill/spill.h"
#include "spill/tag.h"

/* What is found by walking the units. */
struct tally {
    struct kvs__gaps_tally gaps;
    uint32_t extents;
    uint32_t extent_units;
};

/* The size of the gap with this number when it lies at `offset` and both of its ends say so. */
static uint32_t gap_size(const struct kvs__spill *spill, uint32_t number, uint32_t offset) {
    const struct kvs__gap *gap = kvs__gaps_at(&spill->gaps, number);
    if (gap == NULL || gap->offset != offset || gap->size > spill->units - offset ||
        spill->tags[offset + gap->size - 1] != kvs__tag_of_gap(number)) {
        return 0;
    }
    return gap->size;
}

/* The size of the extent at `offset` when its last unit does not pass for the end of a gap. */
static uint32_t extent_size(const struct kvs__spill *spill, uint32_t offset) {
    uint32_t size = spill->tags[offset] >> 1;
    if (size > spill->units - offset ||
        (size > 1 && spill->tags[offset + size - 1] != KVS__TAG_NOTHING)) {
        return 0;
    }
    return size;
}

/* Walks extents and gaps in the order of their offsets. */
static bool walk_units(const struct kvs__spill *spill, struct tally *tally) {
    bool behind_gap = false;
    uint32_t size;
    for (uint32_t offset = 0; offset < spill->units; offset += size) {
        uint32_t gap = kvs__tag_gap(spill->tags[offset]);
        bool is_gap = gap != KVS__GAP_NONE;
        size = is_gap ? gap_size(spill, gap, offset) : extent_size(spill, offset);
        if (size == 0 || (is_gap && behind_gap)) {
            return false;
        }
        if (is_gap) {
            tally->gaps.count++;
            tally->gaps.size += size;
        } else {
            tally->extents++;
            tally->extent_units += size;
        }
        behind_gap = is_gap;
    }
    return true;
}

bool kvs__spill_check(const struct kvs__spill *spill) {
    struct tally tally = {0};
    struct kvs__gaps_tally lists = {0};
    if (spill == NULL || !walk_units(spill, &tally) || !kvs__gaps_check(&spill->gaps, &lists)) {
        return false;
    }
    /* Equal counts and sums: every gap is in a list, and in one only. */
    return tally.gaps.count == lists.count && tally.gaps.size == lists.size &&
           tally.extents == spill->extent_count && tally.extent_units == spill->allocated &&
           spill->allocated <= spill->peak && spill->peak <= spill->units;
}
