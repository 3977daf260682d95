#ifndef KVS_ADDON_CLOCK_H
#define KVS_ADDON_CLOCK_H

#include <chrono>
#include <cstdint>

namespace kvs_addon {

/** The system clock: what the core, which has no clock, gets as `now`. */
inline int64_t NowNanos() {
    using std::chrono::duration_cast;
    using std::chrono::nanoseconds;
    auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return duration_cast<nanoseconds>(since_epoch).count();
}

} // namespace kvs_addon

#endif
