/*
 * What libstdc++ as Debian compiles it takes from glibc and musl does not have, so that it can be
 * linked with musl for the tests: Bun, the JavaScript runtime for musl that npm has, needs it.
 * The addon itself needs no C++ library.
 */
#include <stddef.h>
#include <stdlib.h>
#include <sys/types.h>

extern ssize_t getrandom(void *buffer, size_t size, unsigned flags);
extern size_t strftime_l(char *out, size_t size, const char *format, const void *time,
                         const void *locale);

/* 0 is always safe: it means that there may be several threads. */
char __libc_single_threaded = 0;

#if defined(__aarch64__)
extern unsigned long getauxval(unsigned long type);
unsigned long __getauxval(unsigned long type) { return getauxval(type); }
/* What identifies a library to the functions that it leaves for its end; from crtbegin.o elsewhere.
 */
void *__dso_handle __attribute__((visibility("hidden"))) = &__dso_handle;
#endif

/* No object is found this way; the unwinder then asks dl_iterate_phdr. */
int _dl_find_object(void *address, void *result) { return (void)address, (void)result, -1; }

unsigned arc4random(void) {
    unsigned value = 0;
    if (getrandom(&value, sizeof value, 0) != (ssize_t)sizeof value) {
        abort();
    }
    return value;
}

size_t __strftime_l(char *out, size_t size, const char *format, const void *time,
                    const void *locale) {
    return strftime_l(out, size, format, time, locale);
}

/* Objects of threads are not destroyed at their end. */
int __cxa_thread_atexit_impl(void *destroy, void *object, void *library) {
    return (void)destroy, (void)object, (void)library, 0;
}

/* Symbols that the map of the library makes for old programs. */
void _ZNSi6ignoreEl(void) { abort(); }
void _ZNSt13basic_istreamIwSt11char_traitsIwEE6ignoreEl(void) { abort(); }
