/* MAP_ANONYMOUS, MAP_NORESERVE and madvise are no part of ISO C or of strict POSIX. */
/* NOLINTBEGIN(bugprone-reserved-identifier): these names are the systems' own. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
/* NOLINTEND(bugprone-reserved-identifier) */

#include "platform/pages.h"

#include "platform/assert.h"

#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

/* Committed memory counts against the system's limit whether it is used or not, hence in steps. */
#define COMMIT_STEP_BYTES ((size_t)1024 * 1024)

bool kvs__pages_reserve(struct kvs_pages *pages, size_t size) {
    void *base = VirtualAlloc(NULL, size, MEM_RESERVE, PAGE_READWRITE);
    if (base == NULL) {
        return false;
    }
    pages->base = base;
    pages->reserved = size;
    pages->backed = 0;
    return true;
}

bool kvs__pages_back_more(struct kvs_pages *pages, size_t size) {
    KVS_ASSERT(size <= pages->reserved, "pages are backed only where they are reserved");
    if (size > pages->reserved) {
        return false;
    }
    size_t left = pages->reserved - pages->backed;
    size_t step = size - pages->backed;
    if (step < COMMIT_STEP_BYTES) {
        step = left < COMMIT_STEP_BYTES ? left : COMMIT_STEP_BYTES;
    }
    if (VirtualAlloc(pages->base + pages->backed, step, MEM_COMMIT, PAGE_READWRITE) == NULL) {
        return false;
    }
    pages->backed += step;
    return true;
}

void kvs__pages_release(struct kvs_pages *pages) {
    BOOL released = VirtualFree(pages->base, 0, MEM_RELEASE);
    KVS_ASSERT(released, "reserved pages can be released");
    (void)released;
}

#else

#include <sys/mman.h>

#ifndef MAP_ANONYMOUS
#define MAP_ANONYMOUS MAP_ANON
#endif
#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

bool kvs__pages_reserve(struct kvs_pages *pages, size_t size) {
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *base = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (base == MAP_FAILED) {
        return false;
    }
#ifdef MADV_NOHUGEPAGE
    /*
     * A huge page would make the first small block cost 2 MiB, and clearing it would stall the
     * caller for longer than anything else here. Kernels without huge pages refuse; no matter.
     */
    (void)madvise(base, size, MADV_NOHUGEPAGE);
#endif
    pages->base = base;
    pages->reserved = size;
    pages->backed = size;
    return true;
}

bool kvs__pages_back_more(struct kvs_pages *pages, size_t size) {
    KVS_ASSERT(size <= pages->reserved, "pages are backed only where they are reserved");
    /* Everything that is reserved is backed from the start, by the system, page by page. */
    return size <= pages->backed;
}

void kvs__pages_release(struct kvs_pages *pages) {
    int failed = munmap(pages->base, pages->reserved);
    KVS_ASSERT(failed == 0, "reserved pages can be released");
    (void)failed;
}

#endif
