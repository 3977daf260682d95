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
 * What the core, which has no clock, gets as `now` for one stream: always the same clock, since it
 * compares the times of one call with those of another.
 *
 * That is a steady one, set by the system's once, so that a step of the system's clock makes no
 * timer of the core early or late. Only a stream whose frames carry the time of their put needs the
 * system's own, right or wrong as it is.
 */
class Clock {
  public:
    static Clock Steady() { return Clock(SystemNanos() - SteadyNanos(), false); }
    Clock OfSystem() const { return Clock(offset_, true); }

    int64_t Now() const { return is_system_ ? SystemNanos() : SteadyNanos() + offset_; }

    /** A moment by the system's clock as this clock will show it. */
    int64_t FromSystem(int64_t nanos) const { return Now() + (nanos - SystemNanos()); }

  private:
    Clock(int64_t offset, bool is_system) : offset_(offset), is_system_(is_system) {}

    int64_t offset_;
    bool is_system_;
};

} // namespace kvs_addon

#endif
