#include "kvs/status.h"

#include <stddef.h>
#include <string.h>

/*
 * All names and texts, one behind the other. Rows say where in it theirs are: pointers would have
 * to be adjusted wherever the library is loaded, at twice the size of the rows.
 */
static const struct strings {
    char name_SUCCESS[sizeof "STATUS_SUCCESS"];
    char text_SUCCESS[sizeof "The operation succeeded."];
#define KVS_STATUS_ROW(name, code, text)                                                           \
    char name_##name[sizeof "STATUS_" #name];                                                      \
    char text_##name[sizeof(text)];
    KVS_STATUS_TABLE(KVS_STATUS_ROW)
#undef KVS_STATUS_ROW
#define KVS_STATUS_ROW(alias, name) char alias_##alias[sizeof "STATUS_" #alias];
    KVS_STATUS_ALIAS_TABLE(KVS_STATUS_ROW)
#undef KVS_STATUS_ROW
} strings = {"STATUS_SUCCESS", "The operation succeeded.",
#define KVS_STATUS_ROW(name, code, text) "STATUS_" #name, text,
             KVS_STATUS_TABLE(KVS_STATUS_ROW)
#undef KVS_STATUS_ROW
#define KVS_STATUS_ROW(alias, name) "STATUS_" #alias,
                 KVS_STATUS_ALIAS_TABLE(KVS_STATUS_ROW)
#undef KVS_STATUS_ROW
};

_Static_assert(sizeof strings <= UINT16_MAX, "a place in the strings fits 16 bits");

struct status_row {
    kvs_status code;
    uint16_t name;
    uint16_t text;
};

struct alias_row {
    kvs_status code;
    uint16_t name;
};

/* Ascending by code: status_table.h promises it, find_row() needs it. */
static const struct status_row rows[] = {
    {KVS_STATUS_SUCCESS, offsetof(struct strings, name_SUCCESS),
     offsetof(struct strings, text_SUCCESS)},
#define KVS_STATUS_ROW(name, code, text)                                                           \
    {code, offsetof(struct strings, name_##name), offsetof(struct strings, text_##name)},
    KVS_STATUS_TABLE(KVS_STATUS_ROW)
#undef KVS_STATUS_ROW
};

static const struct alias_row aliases[] = {
#define KVS_STATUS_ROW(alias, name) {KVS_STATUS_##name, offsetof(struct strings, alias_##alias)},
    KVS_STATUS_ALIAS_TABLE(KVS_STATUS_ROW)
#undef KVS_STATUS_ROW
};

static const char *string_at(uint16_t place) { return (const char *)&strings + place; }

/** Binary search; NULL when no row has that code. */
static const struct status_row *find_row(kvs_status code) {
    size_t low = 0;
    size_t high = sizeof(rows) / sizeof(rows[0]);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows[middle].code == code) {
            return &rows[middle];
        }
        if (rows[middle].code < code) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

const char *kvs_status_name(kvs_status status) {
    const struct status_row *row = find_row(status);
    return row != NULL ? string_at(row->name) : "STATUS_UNKNOWN";
}

const char *kvs_status_text(kvs_status status) {
    const struct status_row *row = find_row(status);
    return row != NULL ? string_at(row->text)
                       : "This number is not a status of the producer; check where it came from.";
}

kvs_status kvs_status_from_name(const char *name, kvs_status *status) {
    if (name == NULL || status == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(string_at(rows[i].name), name) == 0) {
            *status = rows[i].code;
            return KVS_STATUS_SUCCESS;
        }
    }
    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        if (strcmp(string_at(aliases[i].name), name) == 0) {
            *status = aliases[i].code;
            return KVS_STATUS_SUCCESS;
        }
    }
    return KVS_STATUS_NOT_FOUND;
}
