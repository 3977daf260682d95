/*
 * Loads an addon as a JavaScript runtime would, and has it register: for processors and C libraries
 * for which there is no runtime. Every function of Node-API that it imports is one that does
 * nothing and returns 0, made by test-musl.sh; so this shows that the file is loaded, that all it
 * imports is there, and that its code runs, and no more.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

typedef void *(*register_function)(void *env, void *exports);
typedef int (*version_function)(void);

static void fail(const char *what) {
    fprintf(stderr, "%s: %s\n", what, dlerror());
    exit(1);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "Usage: host FILE.node\n");
        return 2;
    }
    void *addon = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (addon == NULL) {
        fail("dlopen");
    }
    version_function version = (version_function)dlsym(addon, "node_api_module_get_api_version_v1");
    register_function start = (register_function)dlsym(addon, "napi_register_module_v1");
    if (version == NULL || start == NULL) {
        fail("dlsym");
    }
    static int env, exports;
    start(&env, &exports);
    printf("loaded and registered, Node-API version %d\n", version());
    return 0;
}
