#include "platform/simd.h"

#if defined(KVS_HAS_AVX2_CODE) && !defined(__GNUC__)

#include <intrin.h>
#include <stdint.h>

#define CPUID_1_ECX_OSXSAVE (1 << 27)
#define CPUID_7_EBX_AVX2 (1 << 5)
/* The system saves the registers of SSE and AVX. */
#define XCR0_VECTORS 6u

static bool ask_processor(void) {
    int registers[4];
    __cpuid(registers, 0);
    if (registers[0] < 7) {
        return false;
    }
    __cpuid(registers, 1);
    if ((registers[2] & CPUID_1_ECX_OSXSAVE) == 0 || (_xgetbv(0) & XCR0_VECTORS) != XCR0_VECTORS) {
        return false;
    }
    __cpuidex(registers, 7, 0);
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
