#include "platform/lock.h"

#include "platform/assert.h"

#ifdef _WIN32

#define WIN32_LEAN_AND_MEAN
#include <windows.h>

_Static_assert(sizeof(SRWLOCK) == sizeof(void *), "an SRWLOCK fits into kvs_lock");

static SRWLOCK *srw_of(struct kvs_lock *lock) { return (SRWLOCK *)&lock->srw; }

void kvs__lock_init(struct kvs_lock *lock) { InitializeSRWLock(srw_of(lock)); }

void kvs__lock_destroy(struct kvs_lock *lock) {
    /* An SRWLOCK holds no resources. */
    (void)lock;
}

void kvs__lock_acquire(struct kvs_lock *lock) { AcquireSRWLockExclusive(srw_of(lock)); }

void kvs__lock_release(struct kvs_lock *lock) { ReleaseSRWLockExclusive(srw_of(lock)); }

#else

/*
 * A mutex with default attributes needs nothing that could run out on the systems we support, and
 * the other calls fail only when they are misused; so none of them reports an error.
 */

void kvs__lock_init(struct kvs_lock *lock) {
    int failed = pthread_mutex_init(&lock->mutex, NULL);
    KVS_ASSERT(failed == 0, "a mutex can be made");
    (void)failed;
}

void kvs__lock_destroy(struct kvs_lock *lock) {
    int failed = pthread_mutex_destroy(&lock->mutex);
    KVS_ASSERT(failed == 0, "nobody holds a lock that is destroyed");
    (void)failed;
}

void kvs__lock_acquire(struct kvs_lock *lock) {
    int failed = pthread_mutex_lock(&lock->mutex);
    KVS_ASSERT(failed == 0, "a lock is acquired while it exists");
    (void)failed;
}

void kvs__lock_release(struct kvs_lock *lock) {
    int failed = pthread_mutex_unlock(&lock->mutex);
    KVS_ASSERT(failed == 0, "a lock is released by its holder");
    (void)failed;
}

#endif
