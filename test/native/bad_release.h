/* What a release that is a defect of the caller does: nothing, or the end of a checked process. */
#ifndef KVS_TEST_BAD_RELEASE_H
#define KVS_TEST_BAD_RELEASE_H

#include <stdio.h>
#include <stdlib.h>

#include "kvs/build.h"
#include "kvs/heap.h"
#include "test.h"

#ifndef _WIN32
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#endif

static inline void check_release_is_ignored(struct kvs_heap *heap, void *block) {
    struct kvs_heap_stats before, after;
    kvs_heap_stats(heap, &before);
    kvs_heap_release(heap, block);
    kvs_heap_stats(heap, &after);
    CHECK_MEM(&after, &before, sizeof before);
}

static inline void check_bad_release(struct kvs_heap *heap, void *block) {
    if ((kvs_build_flags() & KVS_BUILD_CHECKED) == 0) {
        check_release_is_ignored(heap, block);
        return;
    }
#ifndef _WIN32
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        signal(SIGABRT, SIG_DFL);
        if (freopen("/dev/null", "w", stderr) != NULL) {
            kvs_heap_release(heap, block);
        }
        _exit(0);
    }
    int result = 0;
    CHECK_EQ(waitpid(child, &result, 0), child);
    CHECK(WIFSIGNALED(result) && WTERMSIG(result) == SIGABRT);
#endif
}

#endif
