/**
 * The spill: where frames go while the content store is full, in place of being dropped.
 *
 * The library does the I/O through the functions that it is given, so that a test can make it fail.
 * kvs_spill_file_open gives those of a file.
 */
#ifndef KVS_SPILL_H
#define KVS_SPILL_H

#include <stddef.h>
#include <stdint.h>

#include "kvs/export.h"
#include "kvs/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Longest path of a spill's directory, in bytes. */
#define KVS_SPILL_MAX_DIRECTORY_LEN 4096
/** Smallest spill, in bytes. */
#define KVS_SPILL_MIN_BYTES (UINT64_C(10) * 1024 * 1024)

/** Random access to `spill_bytes` bytes. Called under the client's lock. */
struct kvs_spill_io {
    void *context;
    /** Stores `len` bytes at `offset`, all of them or none. */
    kvs_status (*write)(void *context, uint64_t offset, const void *data, size_t len);
    /** Reads back `len` bytes that were written. */
    kvs_status (*read)(void *context, uint64_t offset, void *out, size_t len);
    void (*close)(void *context);
};

/**
 * Opens a spill in a file of its own in `directory`, which vanishes with the process, however that
 * ends.
 *
 * Errors: KVS_STATUS_NULL_ARG; KVS_STATUS_INVALID_ROOT_DIRECTORY_LENGTH for an empty or too long
 * path; KVS_STATUS_OPEN_FILE_FAILED; KVS_STATUS_NOT_ENOUGH_MEMORY. Its `write` gives
 * KVS_STATUS_WRITE_TO_FILE_FAILED, as when the disk is full, its `read`
 * KVS_STATUS_READ_FILE_FAILED.
 */
KVS_API kvs_status kvs_spill_file_open(const char *directory, struct kvs_spill_io *io);

#ifdef __cplusplus
}
#endif

#endif
