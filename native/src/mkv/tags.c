/* Fragment metadata: Tags with one Tag of SimpleTags (RFC 9559, section 5.1.8). */
#include <string.h>

#include "ebml.h"
#include "kvs/mkv.h"

struct tag_list {
    const struct kvs_mkv_tag *tags;
    size_t count;
};

static kvs_status validate_tags(const struct tag_list *list) {
    if (list->count == 0) {
        return KVS_STATUS_INVALID_ARG;
    }
    if (list->tags == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct kvs_mkv_tag *tag = &list->tags[i];
        if (tag->name == NULL || tag->value == NULL) {
            return KVS_STATUS_NULL_ARG;
        }
        size_t name_len = strlen(tag->name);
        if (name_len == 0 || name_len > KVS_MKV_MAX_TAG_NAME_LEN) {
            return KVS_STATUS_MKV_INVALID_TAG_NAME_LENGTH;
        }
        if (strlen(tag->value) > KVS_MKV_MAX_TAG_VALUE_LEN) {
            return KVS_STATUS_MKV_INVALID_TAG_VALUE_LENGTH;
        }
    }
    return KVS_STATUS_SUCCESS;
}

static void put_simple_tag(struct kvs__ebml_writer *writer, const void *context) {
    const struct kvs_mkv_tag *tag = context;
    kvs__ebml_put_string(writer, KVS_EBML_ID_TAG_NAME, tag->name);
    kvs__ebml_put_string(writer, KVS_EBML_ID_TAG_STRING, tag->value);
}

static void put_tag(struct kvs__ebml_writer *writer, const void *context) {
    const struct tag_list *list = context;
    for (size_t i = 0; i < list->count; i++) {
        kvs__ebml_put_master(writer, KVS_EBML_ID_SIMPLE_TAG, put_simple_tag, &list->tags[i]);
    }
}

static void put_tags_content(struct kvs__ebml_writer *writer, const void *context) {
    kvs__ebml_put_master(writer, KVS_EBML_ID_TAG, put_tag, context);
}

static void put_tags(struct kvs__ebml_writer *writer, const void *context) {
    kvs__ebml_put_master(writer, KVS_EBML_ID_TAGS, put_tags_content, context);
}

size_t kvs_mkv_tags_size(const struct kvs_mkv_tag *tags, size_t count) {
    struct tag_list list = {tags, count};
    if (validate_tags(&list) != KVS_STATUS_SUCCESS) {
        return 0;
    }
    return kvs__ebml_measure(put_tags, &list);
}

kvs_status kvs_mkv_write_tags(const struct kvs_mkv_tag *tags, size_t count, uint8_t *out,
                              size_t capacity, size_t *written) {
    struct tag_list list = {tags, count};
    kvs_status status = validate_tags(&list);
    if (status != KVS_STATUS_SUCCESS) {
        return status;
    }
    return kvs__ebml_write(put_tags, &list, out, capacity, written);
}
