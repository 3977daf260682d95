/* The content view against a model that keeps everything and walks over it for each question. */
#include <stdlib.h>

#include "kvs/view.h"

#include "test.h"

/* The view never looks at payloads, so that all items can share these. */
static uint8_t payload[1];

/* The view as a naive list of all items ever appended, dropped and popped ones included. */
struct model {
    uint32_t capacity;
    struct kvs_view_item *items;
    uint64_t tail, current, head;
};

static struct kvs_view_window model_window(const struct model *model, uint64_t first) {
    struct kvs_view_window window = {0};
    int64_t end = INT64_MIN;
    for (uint64_t i = first; i < model->head; i++) {
        const struct kvs_view_item *item = &model->items[i];
        end = item->pts_ns + item->duration_ns > end ? item->pts_ns + item->duration_ns : end;
        if ((item->flags & KVS_ITEM_DROPPED) == 0) {
            window.frames += (item->flags & KVS_ITEM_TAGS) == 0 ? 1 : 0;
            window.bytes += item->len;
        }
    }
    window.duration_ns = window.frames > 0 ? end - model->items[first].pts_ns : 0;
    return window;
}

static uint64_t model_first_from(const struct model *model, int64_t timecode) {
    uint64_t index = model->tail;
    while (index < model->head && model->items[index].fragment_timecode < timecode) {
        index++;
    }
    return index;
}

static bool queries_agree(struct kvs_view *view, const struct model *model) {
    struct kvs_view_window all = model_window(model, model->tail);
    struct kvs_view_window pending = model_window(model, model->current);
    struct kvs_view_window is_all;
    struct kvs_view_window is_pending;
    kvs_view_window(view, &is_all, &is_pending);
    bool agree = CHECK_EQ(kvs_view_tail(view), model->tail) &&
                 CHECK_EQ(kvs_view_current(view), model->current) &&
                 CHECK_EQ(kvs_view_head(view), model->head) &&
                 CHECK_MEM(&is_all, &all, sizeof all) &&
                 CHECK_MEM(&is_pending, &pending, sizeof pending);
    if (!agree || model->tail == model->head) {
        return agree;
    }
    uint64_t probe = model->tail + kvs_test_random_below((uint32_t)(model->head - model->tail));
    const struct kvs_view_item *item = &model->items[probe];
    int64_t timecode = item->fragment_timecode;
    uint64_t start = model_first_from(model, timecode);
    uint64_t found = 0;
    return CHECK_MEM(kvs_view_at(view, probe), item, sizeof *item) &&
           CHECK_EQ(kvs_view_fragment_start(view, probe), start) &&
           CHECK_EQ(kvs_view_fragment_end(view, probe), model_first_from(model, timecode + 1)) &&
           CHECK_STATUS(kvs_view_find_fragment(view, timecode, &found), KVS_STATUS_SUCCESS) &&
           CHECK_EQ(found, start) &&
           CHECK_STATUS(kvs_view_find_time(view, timecode + 1, &found), KVS_STATUS_SUCCESS) &&
           CHECK_EQ(found, start);
}

static void random_append(struct kvs_view *view, struct model *model) {
    bool starts = model->head == 0 || kvs_test_random_below(5) == 0;
    int64_t timecode = model->head == 0 ? 0 : model->items[model->head - 1].fragment_timecode;
    timecode += starts ? 2 + kvs_test_random_below(100) : 0;
    int64_t pts = (int64_t)model->head * 1000 + kvs_test_random_below(8000);
    struct kvs_view_item item = {.pts_ns = pts,
                                 .dts_ns = pts,
                                 .duration_ns = kvs_test_random_below(20) == 0
                                                    ? kvs_test_random_below(50000)
                                                    : kvs_test_random_below(2000),
                                 .fragment_timecode = timecode,
                                 .data = payload,
                                 .len = 1 + kvs_test_random_below(100000),
                                 .flags = starts ? KVS_ITEM_FRAGMENT_START : 0};
    if (!starts && kvs_test_random_below(8) == 0) {
        item.flags |= KVS_ITEM_TAGS;
    }
    if (kvs_test_random_below(4) == 0) {
        item.data = NULL;
        item.spill_offset = kvs_test_random_below(100000);
        item.flags |= KVS_ITEM_SPILLED;
    }
    bool full = model->head - model->tail == model->capacity;
    CHECK_STATUS(kvs_view_append(view, &item, NULL),
                 full ? KVS_STATUS_STORE_OUT_OF_MEMORY : KVS_STATUS_SUCCESS);
    if (!full) {
        model->items[model->head++] = item;
    }
}

static void random_pop(struct kvs_view *view, struct model *model) {
    struct kvs_view_item removed;
    if (model->tail == model->head) {
        CHECK_STATUS(kvs_view_pop_tail(view, &removed), KVS_STATUS_CONTENT_VIEW_NO_MORE_ITEMS);
        return;
    }
    CHECK_STATUS(kvs_view_pop_tail(view, &removed), KVS_STATUS_SUCCESS);
    CHECK_MEM(&removed, &model->items[model->tail], sizeof removed);
    model->current += model->current == model->tail ? 1 : 0;
    model->tail++;
}

static void random_drop(struct kvs_view *view, struct model *model) {
    if (model->tail == model->head) {
        return;
    }
    uint64_t index = model->tail + kvs_test_random_below((uint32_t)(model->head - model->tail));
    struct kvs_view_item *item = &model->items[index];
    struct kvs_view_item dropped;
    CHECK_STATUS(kvs_view_drop(view, index, &dropped), KVS_STATUS_SUCCESS);
    CHECK_MEM(&dropped, item, sizeof dropped);
    item->flags |= KVS_ITEM_DROPPED;
    item->flags &= ~(uint32_t)KVS_ITEM_SPILLED;
    item->data = NULL;
    item->len = 0;
}

static void run_model(uint32_t capacity, size_t steps) {
    struct kvs_view *view = NULL;
    size_t allocations = kvs_test_allocations();
    CHECK_STATUS(kvs_view_new(kvs_test_allocator(), capacity, &view), KVS_STATUS_SUCCESS);
    struct model model = {capacity, calloc(steps, sizeof(struct kvs_view_item)), 0, 0, 0};
    bool agree = true;
    kvs_test_seed_random(capacity);
    for (size_t step = 0; step < steps && agree; step++) {
        uint32_t choice = kvs_test_random_below(100);
        /* Spells of growth and of decline, so that the view is full and empty now and then. */
        uint32_t appends = step / 500 % 2 == 0 ? 55 : 25;
        if (choice < appends) {
            random_append(view, &model);
        } else if (choice < 85) {
            random_pop(view, &model);
        } else if (choice < 90) {
            random_drop(view, &model);
        } else {
            model.current =
                model.tail + kvs_test_random_below((uint32_t)(model.head - model.tail) + 1);
            CHECK_STATUS(kvs_view_set_current(view, model.current), KVS_STATUS_SUCCESS);
        }
        agree = queries_agree(view, &model) && CHECK(kvs__view_check(view));
    }
    CHECK(model.head > steps / 4);
    CHECK_EQ(kvs_test_allocations(), allocations + 4);
    free(model.items);
    kvs_view_destroy(view);
}

KVS_TEST(random_traffic_agrees_with_a_model) { run_model(64, 200000); }

/* Items lie in chunks of 64. */
KVS_TEST(views_of_any_size_agree_with_a_model) {
    static const uint32_t capacities[] = {11, 62, 63, 65, 66, 126, 127, 128, 129, 191, 300};
    for (size_t i = 0; i < sizeof capacities / sizeof *capacities; i++) {
        run_model(capacities[i], 20000);
    }
}

int main(void) {
    RUN(random_traffic_agrees_with_a_model);
    RUN(views_of_any_size_agree_with_a_model);
    return kvs_test_report();
}
