/**
 * Which functions the shared library gives out: those marked with KVS_API and no others.
 *
 * KVS_SHARED is defined where the library is built as a shared one; programs that use such a one
 * may define it too, which CMake's package does, and saves Windows a jump a call. Without it
 * KVS_API is empty, so that a program which holds the static library does not hand its functions
 * on.
 */
#ifndef KVS_EXPORT_H
#define KVS_EXPORT_H

#if !defined(KVS_SHARED)
#define KVS_API
#elif !defined(_WIN32)
#define KVS_API __attribute__((visibility("default")))
#elif defined(KVS_BUILDING)
#define KVS_API __declspec(dllexport)
#else
#define KVS_API __declspec(dllimport)
#endif

#endif
