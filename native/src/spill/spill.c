#include "spill/spill.h"

#include "platform/assert.h"
#include "spill/tag.h"

/* How many gaps of the exact size class are tried, so that the time stays bounded. */
#define PROBES 16

/* No two gaps are neighbours, so that an extent lies between any two. */
static uint32_t gap_limit(uint32_t units) { return units / 2 + 1; }

static uint32_t units_of(const struct kvs__spill *spill, uint32_t len) {
    return (uint32_t)(((uint64_t)len - 1) >> spill->unit_bits) + 1;
}

static void tag_gap(struct kvs__spill *spill, uint32_t gap, uint32_t offset, uint32_t units) {
    spill->tags[offset] = kvs__tag_of_gap(gap);
    spill->tags[offset + units - 1] = kvs__tag_of_gap(gap);
}

static bool reserve_tables(struct kvs__spill *spill) {
    size_t bytes = spill->units * sizeof *spill->tags;
    if (!kvs__pages_reserve(&spill->pages, bytes)) {
        return false;
    }
    if (!kvs__pages_back(&spill->pages, bytes) ||
        !kvs__gaps_init(&spill->gaps, gap_limit(spill->units))) {
        goto fail_gaps;
    }
    if (!kvs__gaps_back(&spill->gaps, 1)) {
        goto fail_first_gap;
    }
    spill->tags = (uint32_t *)(void *)spill->pages.base;
    return true;

fail_first_gap:
    kvs__gaps_clean_up(&spill->gaps);
fail_gaps:
    kvs__pages_release(&spill->pages);
    return false;
}

struct kvs__spill *kvs__spill_new(const struct kvs_allocator *allocator,
                                  const struct kvs_spill_io *io, uint64_t bytes) {
    KVS_ASSERT(bytes >> KVS__SPILL_MIN_UNIT_BITS != 0, "a spill has a unit");
    struct kvs__spill *spill = allocator->allocate(allocator->context, sizeof *spill);
    if (spill == NULL) {
        return NULL;
    }
    spill->allocator = allocator;
    spill->io = *io;
    spill->unit_bits = KVS__SPILL_MIN_UNIT_BITS;
    while (bytes >> spill->unit_bits > KVS__SPILL_MAX_UNITS) {
        spill->unit_bits++;
    }
    spill->units = (uint32_t)(bytes >> spill->unit_bits);
    if (!reserve_tables(spill)) {
        allocator->release(allocator->context, spill);
        return NULL;
    }
    tag_gap(spill, kvs__gaps_add(&spill->gaps, 0, spill->units, 0), 0, spill->units);
    return spill;
}

void kvs__spill_destroy(struct kvs__spill *spill) {
    if (spill != NULL) {
        spill->io.close(spill->io.context);
        kvs__gaps_clean_up(&spill->gaps);
        kvs__pages_release(&spill->pages);
        spill->allocator->release(spill->allocator->context, spill);
    }
}

/* Cuts an extent from the front of a gap that is large enough, and returns where it begins. */
static uint32_t cut_gap(struct kvs__spill *spill, uint32_t number, uint32_t units) {
    const struct kvs__gap gap = *kvs__gaps_at(&spill->gaps, number);
    if (gap.size > units) {
        kvs__gaps_cut(&spill->gaps, number, units);
        tag_gap(spill, number, gap.offset + units, gap.size - units);
    } else {
        kvs__gaps_remove(&spill->gaps, number);
    }
    spill->tags[gap.offset + units - 1] = KVS__TAG_NOTHING;
    spill->tags[gap.offset] = kvs__tag_of_extent(units);
    return gap.offset;
}

/* Releasing cannot fail, so the record that it may need is secured while an extent is taken. */
static bool secure_gaps(struct kvs__spill *spill) {
    uint32_t limit = gap_limit(spill->units);
    uint32_t most = spill->extent_count + 2;
    return kvs__gaps_back(&spill->gaps, most < limit ? most : limit);
}

kvs_status kvs__spill_allocate(struct kvs__spill *spill, uint32_t len, uint64_t *offset) {
    if (len == 0) {
        return KVS_STATUS_INVALID_ARG;
    }
    uint32_t units = units_of(spill, len);
    if (units > spill->units - spill->allocated || !secure_gaps(spill)) {
        return KVS_STATUS_STORE_OUT_OF_MEMORY;
    }
    uint32_t gap = kvs__gaps_find(&spill->gaps, units, PROBES);
    if (gap == KVS__GAP_NONE) {
        return KVS_STATUS_STORE_OUT_OF_MEMORY;
    }
    *offset = (uint64_t)cut_gap(spill, gap, units) << spill->unit_bits;
    spill->extent_count++;
    spill->allocated += units;
    if (spill->allocated > spill->peak) {
        spill->peak = spill->allocated;
    }
    return KVS_STATUS_SUCCESS;
}

/* Makes one gap of the units of an extent and of the gaps on either side of it. */
static void merge(struct kvs__spill *spill, uint32_t begin, uint32_t end) {
    struct kvs__gaps *gaps = &spill->gaps;
    uint32_t before = begin > 0 ? kvs__tag_gap(spill->tags[begin - 1]) : KVS__GAP_NONE;
    uint32_t after = end < spill->units ? kvs__tag_gap(spill->tags[end]) : KVS__GAP_NONE;
    uint32_t gap = before != KVS__GAP_NONE ? before : after;
    if (before != KVS__GAP_NONE) {
        begin = kvs__gaps_at(gaps, before)->offset;
    }
    if (after != KVS__GAP_NONE) {
        end += kvs__gaps_at(gaps, after)->size;
    }
    if (before != KVS__GAP_NONE && after != KVS__GAP_NONE) {
        kvs__gaps_remove(gaps, after);
    }
    if (gap != KVS__GAP_NONE) {
        kvs__gaps_move(gaps, gap, begin, end - begin, 0);
    } else {
        gap = kvs__gaps_add(gaps, begin, end - begin, 0);
    }
    tag_gap(spill, gap, begin, end - begin);
}

/* Whether there is an extent for `len` bytes at `offset`, as far as its tag tells. */
static bool is_extent(const struct kvs__spill *spill, uint64_t offset, uint32_t len) {
    uint64_t first = offset >> spill->unit_bits;
    return len > 0 && first << spill->unit_bits == offset && first < spill->units &&
           spill->tags[first] == kvs__tag_of_extent(units_of(spill, len));
}

void kvs__spill_release(struct kvs__spill *spill, uint64_t offset, uint32_t len) {
    bool live = is_extent(spill, offset, len);
    KVS_ASSERT(live, "what is released is an extent of the spill");
    if (!live) {
        return;
    }
    uint32_t first = (uint32_t)(offset >> spill->unit_bits);
    uint32_t units = units_of(spill, len);
    spill->extent_count--;
    spill->allocated -= units;
    spill->tags[first] = KVS__TAG_NOTHING;
    merge(spill, first, first + units);
}

static bool is_inside(const struct kvs__spill *spill, uint64_t offset, uint32_t len) {
    uint64_t size = (uint64_t)spill->units << spill->unit_bits;
    return offset <= size && len <= size - offset;
}

kvs_status kvs__spill_write(struct kvs__spill *spill, uint64_t offset, const void *data,
                            uint32_t len) {
    if (!is_inside(spill, offset, len)) {
        return KVS_STATUS_INTERNAL_ERROR;
    }
    return spill->io.write(spill->io.context, offset, data, len);
}

kvs_status kvs__spill_read(struct kvs__spill *spill, uint64_t offset, void *out, uint32_t len) {
    if (!is_inside(spill, offset, len)) {
        return KVS_STATUS_INTERNAL_ERROR;
    }
    return spill->io.read(spill->io.context, offset, out, len);
}

void kvs__spill_stats(const struct kvs__spill *spill, struct kvs__spill_stats *stats) {
    struct kvs__spill_stats now = {0};
    if (spill != NULL) {
        now.size_bytes = (uint64_t)spill->units << spill->unit_bits;
        now.allocated_bytes = (uint64_t)spill->allocated << spill->unit_bits;
        now.peak_bytes = (uint64_t)spill->peak << spill->unit_bits;
    }
    *stats = now;
}
