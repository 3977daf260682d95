/**
 * The version of the headers, which is that of the npm package.
 *
 * Until 1.0 a new minor version may change the API and the ABI, a new patch version does not.
 */
#ifndef KVS_VERSION_H
#define KVS_VERSION_H

/* CMakeLists.txt reads the version from these three lines. */
#define KVS_VERSION_MAJOR 0
#define KVS_VERSION_MINOR 1
#define KVS_VERSION_PATCH 0

#define KVS_VERSION_JOIN_(major, minor, patch) #major "." #minor "." #patch
#define KVS_VERSION_EXPAND_(major, minor, patch) KVS_VERSION_JOIN_(major, minor, patch)

/** The version as text, such as "1.2.3". */
#define KVS_VERSION_STRING                                                                         \
    KVS_VERSION_EXPAND_(KVS_VERSION_MAJOR, KVS_VERSION_MINOR, KVS_VERSION_PATCH)

/** The version as one number, to compare: KVS_VERSION >= KVS_VERSION_NUMBER(1, 2, 0). */
#define KVS_VERSION KVS_VERSION_NUMBER(KVS_VERSION_MAJOR, KVS_VERSION_MINOR, KVS_VERSION_PATCH)
#define KVS_VERSION_NUMBER(major, minor, patch) ((major)*1000000 + (minor)*1000 + (patch))

#endif
