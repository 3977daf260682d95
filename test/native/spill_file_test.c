/* The file of a spill. */
/* mkdtemp and 64-bit sizes of files are no part of ISO C. */
#define _GNU_SOURCE
#define _DARWIN_C_SOURCE
#define _FILE_OFFSET_BITS 64

#include "kvs/spill.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

static uint8_t scratch[64 * 1024];

KVS_TEST(a_directory_that_cannot_hold_the_file_is_refused) {
    struct kvs_spill_io io = {.context = scratch};
    static char path[KVS_SPILL_MAX_DIRECTORY_LEN + 2];
    memset(path, 'x', sizeof path - 1);
    CHECK_STATUS(kvs_spill_file_open(NULL, &io), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_spill_file_open(".", NULL), KVS_STATUS_NULL_ARG);
    CHECK_STATUS(kvs_spill_file_open("", &io), KVS_STATUS_INVALID_ROOT_DIRECTORY_LENGTH);
    CHECK_STATUS(kvs_spill_file_open(path, &io), KVS_STATUS_INVALID_ROOT_DIRECTORY_LENGTH);
    path[KVS_SPILL_MAX_DIRECTORY_LEN] = '\0';
    CHECK_STATUS(kvs_spill_file_open(path, &io), KVS_STATUS_OPEN_FILE_FAILED);
    CHECK_STATUS(kvs_spill_file_open("no/such/directory", &io), KVS_STATUS_OPEN_FILE_FAILED);
    CHECK(io.context == (void *)scratch);
}

/* An empty directory of our own, so that what appears in it is ours. */
static char directory[256];

#ifdef _WIN32
static bool make_directory(void) {
    snprintf(directory, sizeof directory, "kvs-spill-test-%lu", GetCurrentProcessId());
    return CHECK(CreateDirectoryA(directory, NULL));
}

/* Which fails while there is anything in it. */
static void remove_directory(void) { CHECK(RemoveDirectoryA(directory)); }

static size_t count_files(void) {
    size_t count = 0;
    WIN32_FIND_DATAA found;
    char pattern[300];
    snprintf(pattern, sizeof pattern, "%s\\*", directory);
    HANDLE listing = FindFirstFileA(pattern, &found);
    if (CHECK(listing != INVALID_HANDLE_VALUE)) {
        do {
            count++;
        } while (FindNextFileA(listing, &found));
        FindClose(listing);
    }
    return count - 2;
}

/* Windows deletes the name when the file is closed. */
#define FILES_WHILE_OPEN 1
#else
static bool make_directory(void) {
    const char *parent = getenv("TMPDIR");
    snprintf(directory, sizeof directory, "%s/kvs-spill-test-XXXXXX",
             parent != NULL ? parent : "/tmp");
    return CHECK(mkdtemp(directory) != NULL);
}

/* Which fails while there is anything in it. */
static void remove_directory(void) { CHECK_EQ(rmdir(directory), 0); }

static size_t count_files(void) {
    size_t count = 0;
    DIR *listing = opendir(directory);
    if (CHECK(listing != NULL)) {
        while (readdir(listing) != NULL) {
            count++;
        }
        closedir(listing);
    }
    /* Without itself and its parent. */
    return count - 2;
}

#define FILES_WHILE_OPEN 0
#endif

KVS_TEST(a_file_holds_what_is_written_and_leaves_nothing_behind) {
    struct kvs_spill_io io;
    if (!make_directory() ||
        !CHECK_STATUS(kvs_spill_file_open(directory, &io), KVS_STATUS_SUCCESS)) {
        return;
    }
    CHECK_EQ(count_files(), FILES_WHILE_OPEN);
    for (size_t i = 0; i < 20; i++) {
        memset(scratch, (int)(i + 1), sizeof scratch);
        CHECK_STATUS(io.write(io.context, i * 60000, scratch, 1 + i * 3000), KVS_STATUS_SUCCESS);
    }
    for (size_t i = 0; i < 20; i++) {
        CHECK_STATUS(io.read(io.context, i * 60000, scratch, 1 + i * 3000), KVS_STATUS_SUCCESS);
        CHECK_EQ(scratch[0], i + 1);
        CHECK(memcmp(scratch, scratch + 1, i * 3000) == 0);
    }
    CHECK_STATUS(io.read(io.context, 2000000, scratch, 1), KVS_STATUS_READ_FILE_FAILED);
    io.close(io.context);
    CHECK_EQ(count_files(), 0);
    remove_directory();
}

#ifndef _WIN32
KVS_TEST(a_file_has_places_beyond_four_gibibytes) {
    struct kvs_spill_io io;
    const uint64_t far = (UINT64_C(5) << 30) + 123;
    char back[4] = {0};
    if (!make_directory() ||
        !CHECK_STATUS(kvs_spill_file_open(directory, &io), KVS_STATUS_SUCCESS)) {
        return;
    }
    CHECK_STATUS(io.write(io.context, far, "far", 4), KVS_STATUS_SUCCESS);
    CHECK_STATUS(io.write(io.context, far - (UINT64_C(4) << 30), "not", 4), KVS_STATUS_SUCCESS);
    CHECK_STATUS(io.read(io.context, far, back, 4), KVS_STATUS_SUCCESS);
    CHECK_MEM(back, "far", 4);
    io.close(io.context);
    remove_directory();
}

KVS_TEST(a_file_that_cannot_grow_fails_and_goes_on_when_it_can) {
    enum { LIMIT = 100000 };
    struct kvs_spill_io io;
    struct rlimit usual;
    if (!make_directory() ||
        !CHECK_STATUS(kvs_spill_file_open(directory, &io), KVS_STATUS_SUCCESS)) {
        return;
    }
    /* The first part of a write goes through, as on a disk that runs full. */
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    CHECK_EQ(getrlimit(RLIMIT_FSIZE, &usual), 0);
    struct rlimit tight = {LIMIT, usual.rlim_max};
    memset(scratch, 5, sizeof scratch);
    CHECK_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
    kvs_status inside = io.write(io.context, 0, scratch, sizeof scratch);
    kvs_status beyond = io.write(io.context, LIMIT - 1000, scratch, sizeof scratch);
    CHECK_EQ(setrlimit(RLIMIT_FSIZE, &usual), 0);
    CHECK_STATUS(inside, KVS_STATUS_SUCCESS);
    CHECK_STATUS(beyond, KVS_STATUS_WRITE_TO_FILE_FAILED);
    CHECK_STATUS(io.write(io.context, LIMIT, scratch, sizeof scratch), KVS_STATUS_SUCCESS);
    CHECK_STATUS(io.read(io.context, LIMIT, scratch, sizeof scratch), KVS_STATUS_SUCCESS);
    signal(SIGXFSZ, handler);
    io.close(io.context);
    remove_directory();
}
#endif

#ifdef __linux__
/* The only file that this process opened since `first` was free. */
static void check_open_file(int first) {
    struct stat about;
    CHECK_EQ(fstat(first, &about), 0);
    CHECK(S_ISREG(about.st_mode));
    CHECK_EQ(about.st_mode & 0777, 0600);
    CHECK_EQ(about.st_nlink, 0);
    CHECK_EQ(fcntl(first, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

KVS_TEST(a_file_is_private_nameless_and_not_inherited) {
    struct kvs_spill_io io;
    /* The lowest free number is what the file gets. */
    int free_number = dup(0);
    close(free_number);
    if (!make_directory() ||
        !CHECK_STATUS(kvs_spill_file_open(directory, &io), KVS_STATUS_SUCCESS)) {
        return;
    }
    check_open_file(free_number);
    io.close(io.context);
    CHECK_EQ(fcntl(free_number, F_GETFD), -1);
    remove_directory();
}
#endif

int main(void) {
    RUN(a_directory_that_cannot_hold_the_file_is_refused);
    RUN(a_file_holds_what_is_written_and_leaves_nothing_behind);
#ifndef _WIN32
    RUN(a_file_has_places_beyond_four_gibibytes);
    RUN(a_file_that_cannot_grow_fails_and_goes_on_when_it_can);
#endif
#ifdef __linux__
    RUN(a_file_is_private_nameless_and_not_inherited);
#endif
    return kvs_test_report();
}
