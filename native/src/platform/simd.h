/**
 * Which vector instructions are compiled beside those that every processor of the target has, and
 * whether the processor at hand has them.
 *
 * KVS_HAS_AVX2_CODE: functions marked KVS_AVX2 are compiled for AVX2, and may be called where
 * kvs__cpu_has_avx2() holds. All load from any address, which KVS_ALIGNED_MEMORY forbids.
 *
 * KVS_ASK_PROCESSOR: for compilers like gcc whose own library, which knows the processor, is
 * missing.
 */
#ifndef KVS_SIMD_H
#define KVS_SIMD_H

#include <stdbool.h>

#if !defined(KVS_ALIGNED_MEMORY)
#if defined(__x86_64__) && defined(__GNUC__)
#define KVS_HAS_AVX2_CODE 1
#define KVS_AVX2 __attribute__((target("avx2")))
#elif defined(_M_X64)
#define KVS_HAS_AVX2_CODE 1
#define KVS_AVX2
#endif
#endif

#ifndef KVS_HAS_AVX2_CODE
static inline bool kvs__cpu_has_avx2(void) { return false; }
#elif defined(__GNUC__) && !defined(KVS_ASK_PROCESSOR)
/** Asks for the system's support of the registers too. */
static inline bool kvs__cpu_has_avx2(void) { return __builtin_cpu_supports("avx2"); }
#else
bool kvs__cpu_has_avx2(void);
#endif

#endif
