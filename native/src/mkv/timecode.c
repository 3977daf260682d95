/* Times in nanoseconds and in units of the timecode scale. */
#include "kvs/mkv.h"
#include "platform/assert.h"

int64_t kvs_timecode_from_ns(int64_t ns, uint64_t scale_ns) {
    KVS_ASSERT(scale_ns >= KVS_MKV_MIN_TIMECODE_SCALE_NS &&
                   scale_ns <= KVS_MKV_MAX_TIMECODE_SCALE_NS,
               "the scale has been validated");
    int64_t scale = (int64_t)scale_ns;
    int64_t quotient = ns / scale;
    int64_t remainder = ns % scale;
    /* C truncates towards zero; make it the floor, so that rounding is the same on both sides. */
    if (remainder < 0) {
        quotient--;
        remainder += scale;
    }
    return remainder >= scale - remainder ? quotient + 1 : quotient;
}

int64_t kvs_timecode_to_ns(int64_t timecode, uint64_t scale_ns) {
    KVS_ASSERT(scale_ns >= KVS_MKV_MIN_TIMECODE_SCALE_NS &&
                   scale_ns <= KVS_MKV_MAX_TIMECODE_SCALE_NS,
               "the scale has been validated");
    int64_t scale = (int64_t)scale_ns;
    if (timecode > INT64_MAX / scale) {
        return INT64_MAX;
    }
    if (timecode < INT64_MIN / scale) {
        return INT64_MIN;
    }
    return timecode * scale;
}
