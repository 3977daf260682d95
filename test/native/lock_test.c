#include "platform/lock.h"

#include <stdint.h>

#include "test.h"

#ifdef _WIN32
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <pthread.h>
#endif

#define ROUNDS 100000
#define THREADS 4

struct counter {
    struct kvs_lock lock;
    uint64_t value;
};

static void count(struct counter *counter) {
    for (int i = 0; i < ROUNDS; i++) {
        kvs__lock_acquire(&counter->lock);
        counter->value++;
        kvs__lock_release(&counter->lock);
    }
}

#ifdef _WIN32
static DWORD WINAPI thread_main(LPVOID counter) {
    count(counter);
    return 0;
}

static void count_in_threads(struct counter *counter) {
    HANDLE threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        threads[i] = CreateThread(NULL, 0, thread_main, counter, 0, NULL);
        CHECK(threads[i] != NULL);
    }
    for (int i = 0; i < THREADS; i++) {
        WaitForSingleObject(threads[i], INFINITE);
        CloseHandle(threads[i]);
    }
}
#else
static void *thread_main(void *counter) {
    count(counter);
    return NULL;
}

static void count_in_threads(struct counter *counter) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        CHECK_EQ(pthread_create(&threads[i], NULL, thread_main, counter), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        CHECK_EQ(pthread_join(threads[i], NULL), 0);
    }
}
#endif

KVS_TEST(one_thread_at_a_time_holds_a_lock) {
    struct counter counter = {.value = 0};
    kvs__lock_init(&counter.lock);
    count_in_threads(&counter);
    CHECK_EQ(counter.value, THREADS * ROUNDS);
    kvs__lock_destroy(&counter.lock);
}

KVS_TEST(a_static_lock_needs_no_preparation) {
    static struct counter counter = {.lock = KVS_LOCK_INITIALIZER};
    count_in_threads(&counter);
    CHECK_EQ(counter.value, THREADS * ROUNDS);
}

int main(void) {
    RUN(one_thread_at_a_time_holds_a_lock);
    RUN(a_static_lock_needs_no_preparation);
    return kvs_test_report();
}
