/* A file for a spill. The one place in the core that does I/O, and only for who asks for it. */
/* mkostemp and pread with 64-bit offsets are no part of ISO C or of strict POSIX. */
/* NOLINTBEGIN(bugprone-reserved-identifier): these names are the systems' own. */
#define _GNU_SOURCE
#define _DARWIN_C_SOURCE
#define _FILE_OFFSET_BITS 64
/* For rand_s. */
#define _CRT_RAND_S
/* NOLINTEND(bugprone-reserved-identifier) */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "kvs/allocator.h"
#include "kvs/spill.h"

/* The most that is read or written in one call: every system takes it, and it ends in time. */
#define STEP_BYTES ((size_t)1 << 30)

#ifdef _WIN32

#include <stdlib.h>
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

typedef HANDLE file_handle;

/* Room for the name behind the directory. */
#define NAME_LEN 64

static bool open_file(const char *directory, file_handle *file) {
    wchar_t path[KVS_SPILL_MAX_DIRECTORY_LEN + NAME_LEN];
    unsigned number[2];
    int len = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, directory, -1, path,
                                  KVS_SPILL_MAX_DIRECTORY_LEN);
    if (len == 0 || rand_s(&number[0]) != 0 || rand_s(&number[1]) != 0) {
        return false;
    }
    swprintf(path + len - 1, NAME_LEN, L"\\kvs-spill-%08x%08x", number[0], number[1]);
    /* Nobody else may open it, a child does not inherit it, and closing it deletes it. */
    *file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_NEW,
                        FILE_ATTRIBUTE_TEMPORARY | FILE_FLAG_DELETE_ON_CLOSE, NULL);
    return *file != INVALID_HANDLE_VALUE;
}

static void close_file(file_handle file) { CloseHandle(file); }

/* Returns how many bytes were written or read, at least 1; 0 when it failed. */
static size_t write_some(file_handle file, uint64_t offset, const void *data, size_t len) {
    OVERLAPPED place = {0};
    DWORD done = 0;
    place.Offset = (DWORD)offset;
    place.OffsetHigh = (DWORD)(offset >> 32);
    return WriteFile(file, data, (DWORD)len, &done, &place) ? done : 0;
}

static size_t read_some(file_handle file, uint64_t offset, void *out, size_t len) {
    OVERLAPPED place = {0};
    DWORD done = 0;
    place.Offset = (DWORD)offset;
    place.OffsetHigh = (DWORD)(offset >> 32);
    return ReadFile(file, out, (DWORD)len, &done, &place) ? done : 0;
}

#else

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

typedef int file_handle;

#define NAME "/kvs-spill-XXXXXX"

_Static_assert(sizeof(off_t) == 8, "files of more than 2 GiB have 64-bit offsets");

/*
 * mkostemp opens a name that did not exist, readable and writable by the owner only. Unlinked at
 * once, the file lives until it is closed, which the system does for a process that is killed.
 */
static bool open_file(const char *directory, file_handle *file) {
    char path[KVS_SPILL_MAX_DIRECTORY_LEN + sizeof NAME];
    int fd;
    do {
        snprintf(path, sizeof path, "%s" NAME, directory);
        fd = mkostemp(path, O_CLOEXEC);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0) {
        return false;
    }
    if (unlink(path) != 0) {
        close(fd);
        return false;
    }
    *file = fd;
    return true;
}

static void close_file(file_handle file) {
    /* Nothing that was written is needed any more, so that an error would mean nothing. */
    (void)close(file);
}

/* Returns how many bytes were written or read, at least 1; 0 when it failed. */
static size_t write_some(file_handle file, uint64_t offset, const void *data, size_t len) {
    ssize_t done;
    do {
        done = pwrite(file, data, len, (off_t)offset);
    } while (done < 0 && errno == EINTR);
    return done > 0 ? (size_t)done : 0;
}

static size_t read_some(file_handle file, uint64_t offset, void *out, size_t len) {
    ssize_t done;
    do {
        done = pread(file, out, len, (off_t)offset);
    } while (done < 0 && errno == EINTR);
    return done > 0 ? (size_t)done : 0;
}

#endif

struct spill_file {
    file_handle handle;
};

static kvs_status write_all(void *context, uint64_t offset, const void *data, size_t len) {
    const struct spill_file *file = context;
    const uint8_t *bytes = data;
    for (size_t done = 0; done < len;) {
        size_t step = len - done < STEP_BYTES ? len - done : STEP_BYTES;
        size_t written = write_some(file->handle, offset + done, bytes + done, step);
        if (written == 0) {
            return KVS_STATUS_WRITE_TO_FILE_FAILED;
        }
        done += written;
    }
    return KVS_STATUS_SUCCESS;
}

static kvs_status read_all(void *context, uint64_t offset, void *out, size_t len) {
    const struct spill_file *file = context;
    uint8_t *bytes = out;
    for (size_t done = 0; done < len;) {
        size_t step = len - done < STEP_BYTES ? len - done : STEP_BYTES;
        size_t got = read_some(file->handle, offset + done, bytes + done, step);
        if (got == 0) {
            return KVS_STATUS_READ_FILE_FAILED;
        }
        done += got;
    }
    return KVS_STATUS_SUCCESS;
}

static void close_all(void *context) {
    const struct kvs_allocator *allocator = kvs_default_allocator();
    close_file(((const struct spill_file *)context)->handle);
    allocator->release(allocator->context, context);
}

kvs_status kvs_spill_file_open(const char *directory, struct kvs_spill_io *io) {
    if (directory == NULL || io == NULL) {
        return KVS_STATUS_NULL_ARG;
    }
    size_t len = strlen(directory);
    if (len == 0 || len > KVS_SPILL_MAX_DIRECTORY_LEN) {
        return KVS_STATUS_INVALID_ROOT_DIRECTORY_LENGTH;
    }
    const struct kvs_allocator *allocator = kvs_default_allocator();
    struct spill_file *file = allocator->allocate(allocator->context, sizeof *file);
    if (file == NULL) {
        return KVS_STATUS_NOT_ENOUGH_MEMORY;
    }
    if (!open_file(directory, &file->handle)) {
        allocator->release(allocator->context, file);
        return KVS_STATUS_OPEN_FILE_FAILED;
    }
    const struct kvs_spill_io made = {file, write_all, read_all, close_all};
    *io = made;
    return KVS_STATUS_SUCCESS;
}
