#ifndef KVS_ADDON_LOCK_H
#define KVS_ADDON_LOCK_H

#ifdef _WIN32
#ifndef NOMINMAX
#define NOMINMAX
#endif
#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#else
#include <pthread.h>
#endif

namespace kvs_addon {

/**
 * A lock of the system. std::mutex would do, but where it is no header only it brings the whole
 * C++ library with it; see cxx_runtime.cc. With default attributes none of the calls can fail.
 * One of static storage is ready before any code runs.
 */
class Lock {
  public:
    constexpr Lock() = default;
    Lock(const Lock &) = delete;
    Lock &operator=(const Lock &) = delete;

#ifdef _WIN32
    void Acquire() { AcquireSRWLockExclusive(&lock_); }
    void Release() { ReleaseSRWLockExclusive(&lock_); }

  private:
    SRWLOCK lock_ = SRWLOCK_INIT;
#else
    void Acquire() { (void)pthread_mutex_lock(&lock_); }
    void Release() { (void)pthread_mutex_unlock(&lock_); }

  private:
    pthread_mutex_t lock_ = PTHREAD_MUTEX_INITIALIZER;
#endif
};

/** Holds a lock until the end of its block. */
class Guard {
  public:
    explicit Guard(Lock &lock) : lock_(lock) { lock_.Acquire(); }
    ~Guard() { lock_.Release(); }
    Guard(const Guard &) = delete;
    Guard &operator=(const Guard &) = delete;

  private:
    Lock &lock_;
};

} // namespace kvs_addon

#endif
