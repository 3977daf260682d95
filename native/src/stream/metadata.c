/**
 * Fragment metadata and events. They wait here until their fragment ends, and then become one item
 * of the view, behind the fragment's frames: the service takes what follows a cluster as the
 * metadata of its fragment.
 */
#include <string.h>

#include "stream/stream_internal.h"

#define MAX_EVENT_PAIRS 10u
#define MAX_IMAGE_PREFIX 256u
/** A mark, a prefix and the pairs. */
#define MAX_EVENT_TAGS (2u + MAX_EVENT_PAIRS)

static const char reserved_prefix[] = "AWS";
static const struct kvs_mkv_tag end_of_fragment = {"AWS_KINESISVIDEO_END_OF_FRAGMENT", ""};

struct event_kind {
    uint32_t bit;
    const char *mark;
};

static const struct event_kind event_kinds[KVS__EVENT_KINDS] = {
    {KVS_FRAGMENT_EVENT_NOTIFICATION, "AWS_KINESISVIDEO_NOTIFICATION"},
    {KVS_FRAGMENT_EVENT_IMAGE, "AWS_KINESISVIDEO_IMAGE_GENERATION"},
};

static bool is_reserved(const char *text) {
    return strncmp(text, reserved_prefix, sizeof reserved_prefix - 1) == 0;
}

static kvs_status check_item(const char *name, const char *value) {
    if (name == NULL || value == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    size_t name_len = strlen(name);
    if (name_len == 0 || name_len > KVS__MAX_METADATA_NAME) {
        return KVS_STATUS_MKV_INVALID_TAG_NAME_LENGTH;
    }
    if (strlen(value) > KVS__MAX_METADATA_VALUE) {
        return KVS_STATUS_MKV_INVALID_TAG_VALUE_LENGTH;
    }
    return is_reserved(name) ? KVS_STATUS_INVALID_METADATA_NAME : KVS_STATUS_SUCCESS;
}

/** Whether what was put behind `after` frames of the lead track belongs to the open fragment. */
static bool is_due(const struct kvs_stream *stream, uint64_t after) {
    return after <= stream->lead_placed;
}

/** The next version of a persistent item; `due`: that the open fragment gets already. */
static const struct metadata_item *next_version(const struct kvs_stream *stream, uint32_t index,
                                                bool due) {
    const struct metadata *metadata = &stream->metadata;
    const struct metadata_item *item = &metadata->items[index];
    for (uint32_t i = index + 1; i < metadata->count; i++) {
        const struct metadata_item *later = &metadata->items[i];
        if (item->persistent && later->persistent && strcmp(item->name, later->name) == 0 &&
            (!due || is_due(stream, later->after))) {
            return later;
        }
    }
    return NULL;
}

/** Tags that wait, for one fragment or, while frames wait in the order, for two. */
static uint32_t count_tags(const struct kvs_stream *stream) {
    const struct metadata *metadata = &stream->metadata;
    uint32_t count = 0;
    for (uint32_t i = 0; i < metadata->count; i++) {
        count += next_version(stream, i, false) == NULL ? 1 : 0;
    }
    for (uint32_t i = 0; i < KVS__EVENT_SLOTS; i++) {
        count += metadata->events[i].tag_count;
    }
    return count;
}

/** The newest version of a persistent item; *versions is set to how many there are. */
static struct metadata_item *find_persistent(struct metadata *metadata, const char *name,
                                             uint32_t *versions) {
    struct metadata_item *found = NULL;
    *versions = 0;
    for (uint32_t i = 0; i < metadata->count; i++) {
        if (metadata->items[i].persistent && strcmp(metadata->items[i].name, name) == 0) {
            found = &metadata->items[i];
            (*versions)++;
        }
    }
    return found;
}

static void remove_item(struct metadata *metadata, const struct metadata_item *item) {
    size_t index = (size_t)(item - metadata->items);
    metadata->count--;
    memmove(&metadata->items[index], &metadata->items[index + 1],
            (metadata->count - index) * sizeof *metadata->items);
}

static kvs_status add_item(struct kvs_stream *stream, bool is_version,
                           struct metadata_item **item) {
    struct metadata *metadata = &stream->metadata;
    if (metadata->count >= KVS__MAX_METADATA_ITEMS ||
        (!is_version && count_tags(stream) >= KVS__MAX_METADATA)) {
        return KVS_STATUS_MAX_FRAGMENT_METADATA_COUNT;
    }
    *item = &metadata->items[metadata->count++];
    (*item)->after = stream->lead_put;
    return KVS_STATUS_SUCCESS;
}

/** Whether a key frame waits in the order behind what was put after `after` frames. */
static bool is_before_waiting_key(const struct kvs_stream *stream, uint64_t after) {
    return stream->lead_key_put > stream->lead_placed && after < stream->lead_key_put;
}

/**
 * A persistent item is replaced in place, or removed by an empty value. While frames wait in the
 * order, the fragment before theirs still gets the old value, and the new one is a version of its
 * own, which also may be empty.
 */
static kvs_status put_item(struct kvs_stream *stream, const char *name, const char *value,
                           bool persistent) {
    struct metadata *metadata = &stream->metadata;
    uint32_t versions = 0;
    if (stream->stopping) {
        return KVS_STATUS_STREAM_HAS_BEEN_STOPPED;
    }
    struct metadata_item *item = persistent ? find_persistent(metadata, name, &versions) : NULL;
    bool keeps_old = item != NULL && is_before_waiting_key(stream, item->after);
    if (persistent && value[0] == '\0' && versions <= 1 && !keeps_old) {
        if (item != NULL) {
            remove_item(metadata, item);
        }
        return KVS_STATUS_SUCCESS;
    }
    if (item == NULL || keeps_old) {
        kvs_status status = add_item(stream, keeps_old, &item);
        if (status != KVS_STATUS_SUCCESS) {
            return status;
        }
    }
    item->persistent = persistent;
    memcpy(item->name, name, strlen(name) + 1);
    memcpy(item->value, value, strlen(value) + 1);
    return KVS_STATUS_SUCCESS;
}

kvs_status kvs_stream_put_metadata(struct kvs_stream *stream, const char *name, const char *value,
                                   bool persistent) {
    kvs_status status = stream == NULL ? KVS_STATUS_NULL_ARG : check_item(name, value);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    kvs__lock_acquire(&stream->client->lock);
    status = put_item(stream, name, value, persistent);
    kvs__lock_release(&stream->client->lock);
    return status;
}

static kvs_status check_pair(const struct kvs_mkv_tag *pair) {
    if (pair->name == NULL || pair->value == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    size_t name_len = strlen(pair->name);
    if (name_len == 0 || name_len > KVS__MAX_METADATA_NAME) {
        return KVS_STATUS_INVALID_IMAGE_METADATA_KEY_LENGTH;
    }
    if (strlen(pair->value) > KVS__MAX_METADATA_VALUE) {
        return KVS_STATUS_INVALID_IMAGE_METADATA_VALUE_LENGTH;
    }
    return is_reserved(pair->name) ? KVS_STATUS_INVALID_METADATA_NAME : KVS_STATUS_SUCCESS;
}

static kvs_status check_details(uint32_t events, const struct kvs_fragment_event_details *details) {
    const uint32_t known = KVS_FRAGMENT_EVENT_IMAGE | KVS_FRAGMENT_EVENT_NOTIFICATION;
    if (events == 0 || (events & ~known) != 0 || details->pair_count > MAX_EVENT_PAIRS) {
        return KVS_STATUS_INVALID_ARG;
    }
    if (details->pairs == NULL && details->pair_count > 0) {
        return KVS_STATUS_NULL_ARG;
    }
    const char *prefix = details->image_prefix != NULL ? details->image_prefix : "";
    if (strlen(prefix) > MAX_IMAGE_PREFIX) {
        return KVS_STATUS_INVALID_IMAGE_PREFIX_LENGTH;
    }
    kvs_status status = is_reserved(prefix) ? KVS_STATUS_INVALID_METADATA_NAME : KVS_STATUS_SUCCESS;
    for (uint32_t i = 0; status == KVS_STATUS_SUCCESS && i < details->pair_count; i++) {
        status = check_pair(&details->pairs[i]);
    }
    return status;
}

/** Fills in the tags that ask for an event; returns how many. */
static uint32_t list_tags(const struct event_kind *kind,
                          const struct kvs_fragment_event_details *details,
                          struct kvs_mkv_tag *tags) {
    uint32_t count = 0;
    tags[count++] = (struct kvs_mkv_tag){kind->mark, ""};
    bool has_prefix = details->image_prefix != NULL && details->image_prefix[0] != '\0';
    if (kind->bit == KVS_FRAGMENT_EVENT_IMAGE && has_prefix) {
        tags[count++] =
            (struct kvs_mkv_tag){"AWS_KINESISVIDEO_IMAGE_PREFIX", details->image_prefix};
    }
    for (uint32_t i = 0; i < details->pair_count; i++) {
        tags[count++] = details->pairs[i];
    }
    return count;
}

static kvs_status make_event(struct kvs_stream *stream, const struct event_kind *kind,
                             const struct kvs_fragment_event_details *details,
                             struct fragment_event *event) {
    const struct kvs_allocator *allocator = stream->client->allocator;
    struct kvs_mkv_tag tags[MAX_EVENT_TAGS];
    uint32_t count = list_tags(kind, details, tags);
    size_t size = kvs_mkv_tags_size(tags, count);
    uint8_t *bytes = allocator->allocate(allocator->context, size);
    if (bytes == NULL) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    size_t written = 0;
    kvs_status status = kvs_mkv_write_tags(tags, count, bytes, size, &written);
    if (status != KVS_STATUS_SUCCESS) {
        allocator->release(allocator->context, bytes);
        return status;
    }
    *event = (struct fragment_event){stream->lead_put, count, bytes, written};
    return KVS_STATUS_SUCCESS;
}

static void clear_event(struct kvs_stream *stream, struct fragment_event *event) {
    const struct kvs_allocator *allocator = stream->client->allocator;
    allocator->release(allocator->context, event->tags);
    *event = (struct fragment_event){0};
}

/** Where an event goes that is put now; NULL when its fragment has such an event already. */
static struct fragment_event *find_slot(struct kvs_stream *stream, uint32_t kind) {
    struct fragment_event *first = &stream->metadata.events[kind];
    struct fragment_event *second = first + KVS__EVENT_KINDS;
    if (first->tags == NULL) {
        return first;
    }
    bool has_fragment = stream->fragment.open || first->after > stream->lead_placed;
    bool waits_for_next =
        stream->config.key_frame_fragmentation && is_before_waiting_key(stream, first->after);
    return has_fragment && waits_for_next && second->tags == NULL ? second : NULL;
}

static kvs_status put_events(struct kvs_stream *stream, uint32_t events,
                             const struct kvs_fragment_event_details *details) {
    struct fragment_event made[KVS__EVENT_KINDS] = {{0}};
    uint32_t count = count_tags(stream);
    kvs_status status = KVS_STATUS_SUCCESS;
    for (uint32_t i = 0; i < KVS__EVENT_KINDS && status == KVS_STATUS_SUCCESS; i++) {
        if ((events & event_kinds[i].bit) != 0) {
            status = find_slot(stream, i) == NULL
                         ? KVS_STATUS_DUPLICATE_STREAM_EVENT_TYPE
                         : make_event(stream, &event_kinds[i], details, &made[i]);
            count += made[i].tag_count;
        }
    }
    if (status == KVS_STATUS_SUCCESS && count > KVS__MAX_METADATA) {
        status = KVS_STATUS_MAX_FRAGMENT_METADATA_COUNT;
    }
    for (uint32_t i = 0; i < KVS__EVENT_KINDS; i++) {
        if (status != KVS_STATUS_SUCCESS) {
            clear_event(stream, &made[i]);
        } else if (made[i].tags != NULL) {
            *find_slot(stream, i) = made[i];
        }
    }
    return status;
}

kvs_status kvs_stream_put_event(struct kvs_stream *stream, uint32_t events,
                                const struct kvs_fragment_event_details *details) {
    static const struct kvs_fragment_event_details none = {0};
    if (stream == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    const struct kvs_fragment_event_details *given = details != NULL ? details : &none;
    kvs_status status = check_details(events, given);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    kvs__lock_acquire(&stream->client->lock);
    if (stream->stopping) {
        status = KVS_STATUS_STREAM_HAS_BEEN_STOPPED;
    } else if (stream->counters.fragments_put == 0 && stream->lead_put == 0) {
        status = KVS_STATUS_STREAM_NOT_STARTED;
    } else {
        status = put_events(stream, events, given);
    }
    kvs__lock_release(&stream->client->lock);
    return status;
}

static uint32_t list_due(const struct kvs_stream *stream, struct kvs_mkv_tag *tags) {
    const struct metadata *metadata = &stream->metadata;
    uint32_t count = 0;
    for (uint32_t i = 0; i < metadata->count; i++) {
        const struct metadata_item *item = &metadata->items[i];
        bool is_removal = item->persistent && item->value[0] == '\0';
        if (is_due(stream, item->after) && !is_removal && next_version(stream, i, true) == NULL) {
            tags[count++] = (struct kvs_mkv_tag){item->name, item->value};
        }
    }
    return count;
}

static bool is_event_due(const struct kvs_stream *stream, const struct fragment_event *event) {
    return event->tags != NULL && is_due(stream, event->after);
}

size_t kvs__metadata_size(const struct kvs_stream *stream, bool explicitly) {
    struct kvs_mkv_tag tags[KVS__MAX_METADATA];
    uint32_t count = list_due(stream, tags);
    size_t size = count > 0 ? kvs_mkv_tags_size(tags, count) : 0;
    for (uint32_t i = 0; i < KVS__EVENT_KINDS; i++) {
        const struct fragment_event *event = &stream->metadata.events[i];
        size += is_event_due(stream, event) ? event->len : 0;
    }
    return size + (explicitly ? kvs_mkv_tags_size(&end_of_fragment, 1) : 0);
}

static size_t write_tags(const struct kvs_mkv_tag *tags, uint32_t count, uint8_t *out,
                         size_t capacity) {
    size_t written = 0;
    kvs_status status = kvs_mkv_write_tags(tags, count, out, capacity, &written);
    KVS_ASSERT(status == KVS_STATUS_SUCCESS, "tags were checked when they were put");
    (void)status;
    return written;
}

uint32_t kvs__metadata_write(const struct kvs_stream *stream, bool explicitly, uint8_t *out,
                             size_t size) {
    struct kvs_mkv_tag tags[KVS__MAX_METADATA];
    uint32_t count = list_due(stream, tags);
    uint32_t once = 0;
    size_t at = count > 0 ? write_tags(tags, count, out, size) : 0;
    for (uint32_t i = 0; i < stream->metadata.count; i++) {
        const struct metadata_item *item = &stream->metadata.items[i];
        once += is_due(stream, item->after) && !item->persistent ? 1 : 0;
    }
    for (uint32_t i = 0; i < KVS__EVENT_KINDS; i++) {
        const struct fragment_event *event = &stream->metadata.events[i];
        if (is_event_due(stream, event)) {
            memcpy(out + at, event->tags, event->len);
            at += event->len;
            once++;
        }
    }
    if (explicitly) {
        at += write_tags(&end_of_fragment, 1, out + at, size - at);
    }
    KVS_ASSERT(at == size, "tags are as long as they were measured");
    return once;
}

/** Forgets the events of a kind that are due, or (all) each one; returns how many. */
static uint32_t events_done(struct kvs_stream *stream, uint32_t kind, bool all) {
    struct fragment_event *first = &stream->metadata.events[kind];
    struct fragment_event *second = first + KVS__EVENT_KINDS;
    uint32_t done = 0;
    while (first->tags != NULL && (all || is_due(stream, first->after))) {
        clear_event(stream, first);
        *first = *second;
        *second = (struct fragment_event){0};
        done++;
    }
    return done;
}

/** Whether an item that its fragment has got is for the next one too. */
static bool goes_on(const struct kvs_stream *stream, uint32_t index) {
    const struct metadata_item *item = &stream->metadata.items[index];
    return item->persistent && item->value[0] != '\0' && next_version(stream, index, true) == NULL;
}

uint32_t kvs__metadata_done(struct kvs_stream *stream, bool all) {
    struct metadata *metadata = &stream->metadata;
    uint32_t kept = 0;
    uint32_t done = 0;
    for (uint32_t i = 0; i < metadata->count; i++) {
        const struct metadata_item *item = &metadata->items[i];
        bool stays = !all && (!is_due(stream, item->after) || goes_on(stream, i));
        done += stays || item->persistent ? 0 : 1;
        if (stays && kept != i) {
            metadata->items[kept] = *item;
        }
        kept += stays ? 1 : 0;
    }
    metadata->count = kept;
    for (uint32_t i = 0; i < KVS__EVENT_KINDS; i++) {
        done += events_done(stream, i, all);
    }
    return done;
}

void kvs__metadata_clean_up(struct kvs_stream *stream) {
    for (uint32_t i = 0; i < KVS__EVENT_SLOTS; i++) {
        clear_event(stream, &stream->metadata.events[i]);
    }
}
