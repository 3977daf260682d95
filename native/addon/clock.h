#ifndef KVS_ADDON_CLOCK_H
#define KVS_ADDON_CLOCK_H

#include <cstdint>

#ifdef _WIN32
#include <chrono>
#else
#include <ctime>
#endif

namespace kvs_addon {

#ifdef _WIN32

template <typename StdClock> int64_t NanosOf() {
    using std::chrono::duration_cast;
    using std::chrono::nanoseconds;
    return duration_cast<nanoseconds>(StdClock::now().time_since_epoch()).count();
}

/** Nanoseconds since the epoch by the system's clock, which somebody may set. */
inline int64_t SystemNanos() { return NanosOf<std::chrono::system_clock>(); }

/** Nanoseconds since some moment by a clock that nobody sets. */
inline int64_t SteadyNanos() { return NanosOf<std::chrono::steady_clock>(); }

#else

/* Not <chrono>, whose clocks are in the C++ library; see cxx_runtime.cc. */
inline int64_t NanosOf(clockid_t clock) {
    timespec now = {};
    (void)clock_gettime(clock, &now);
    return static_cast<int64_t>(now.tv_sec) * 1000000000 + now.tv_nsec;
}

/** Nanoseconds since the epoch by the system's clock, which somebody may set. */
inline int64_t SystemNanos() { return NanosOf(CLOCK_REALTIME); }

/** Nanoseconds since some moment by a clock that nobody sets. */
inline int64_t SteadyNanos() { return NanosOf(CLOCK_MONOTONIC); }

#endif

/**
 * What the core, which has no clock, gets as `now`: a steady clock, set by the system's once, so
 * that a step of the system's clock makes nothing that waits early or late.
 */
class Clock {
  public:
    int64_t Now() const { return SteadyNanos() + offset_; }

    /** A moment by the system's clock as this clock will show it. */
    int64_t FromSystem(int64_t nanos) const { return Now() + (nanos - SystemNanos()); }

  private:
    int64_t offset_ = SystemNanos() - SteadyNanos();
};

} // namespace kvs_addon

#endif
