/**
 * A lock that one thread holds at a time. It is not recursive.
 */
#ifndef KVS_LOCK_H
#define KVS_LOCK_H

#ifdef _WIN32

struct kvs_lock {
    /* An SRWLOCK, which is one pointer; <windows.h> stays out of the headers. */
    void *srw;
};

#define KVS_LOCK_INITIALIZER                                                                       \
    { 0 }

#else

#include <pthread.h>

struct kvs_lock {
    pthread_mutex_t mutex;
};

/** For a lock with static storage, which needs neither kvs__lock_init nor kvs__lock_destroy. */
#define KVS_LOCK_INITIALIZER                                                                       \
    { PTHREAD_MUTEX_INITIALIZER }

#endif

/** Makes `lock` ready, free of any holder. */
void kvs__lock_init(struct kvs_lock *lock);

/** Ends the use of `lock`, which nobody holds. */
void kvs__lock_destroy(struct kvs_lock *lock);

/** Waits until the calling thread holds `lock`, which it does not hold already. */
void kvs__lock_acquire(struct kvs_lock *lock);

/** Lets go of `lock`, which the calling thread holds. */
void kvs__lock_release(struct kvs_lock *lock);

#endif
