#ifndef KVS_ADDON_CLOCK_H
#define KVS_ADDON_CLOCK_H

#include <chrono>
#include <cstdint>

namespace kvs_addon {

/** Nanoseconds since the epoch by the system's clock, which somebody may set. */
inline int64_t SystemNanos() {
    using std::chrono::duration_cast;
    using std::chrono::nanoseconds;
    auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return duration_cast<nanoseconds>(since_epoch).count();
}

/** Nanoseconds since some moment by a clock that nobody sets. */
inline int64_t SteadyNanos() {
    using std::chrono::duration_cast;
    using std::chrono::nanoseconds;
    auto since_start = std::chrono::steady_clock::now().time_since_epoch();
    return duration_cast<nanoseconds>(since_start).count();
}

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
