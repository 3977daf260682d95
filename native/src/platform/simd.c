#include "platform/simd.h"

#if defined(KVS_HAS_AVX2_CODE) && (!defined(__GNUC__) || defined(KVS_ASK_PROCESSOR))

#include <stdint.h>

#ifdef __GNUC__
#include <cpuid.h>

static void cpuid(int leaf, int registers[4]) {
    __cpuid_count(leaf, 0, registers[0], registers[1], registers[2], registers[3]);
}

/* Not the intrinsic, which is for functions that are compiled for such a processor. */
static uint32_t xcr0(void) {
    uint32_t low = 0;
    uint32_t high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}
#else
#include <intrin.h>

static void cpuid(int leaf, int registers[4]) { __cpuidex(registers, leaf, 0); }

static uint32_t xcr0(void) { return (uint32_t)_xgetbv(0); }
#endif

#define CPUID_1_ECX_OSXSAVE (1 << 27)
#define CPUID_7_EBX_AVX2 (1 << 5)
/* The system saves the registers of SSE and AVX. */
#define XCR0_VECTORS 6u

static bool ask_processor(void) {
    int registers[4];
    cpuid(0, registers);
    if (registers[0] < 7) {
        return false;
    }
    cpuid(1, registers);
    if ((registers[2] & CPUID_1_ECX_OSXSAVE) == 0 || (xcr0() & XCR0_VECTORS) != XCR0_VECTORS) {
        return false;
    }
    cpuid(7, registers);
    return (registers[1] & CPUID_7_EBX_AVX2) != 0;
}

bool kvs__cpu_has_avx2(void) {
    /* 0 until asked. Threads that ask at the same time get the same answer. */
    static volatile char answer;
    if (answer == 0) {
        answer = ask_processor() ? 'y' : 'n';
    }
    return answer == 'y';
}

#else

/* A file that declares nothing is no C. */
typedef int kvs__simd_asks_the_compiler;

#endif
