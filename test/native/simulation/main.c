/*
 * The deterministic simulation: worlds of random producers, networks and services, each made of a
 * seed, judged after every step.
 *
 *     kvs_simulation --seeds FIRST COUNT     runs COUNT worlds
 *     kvs_simulation --seed N --verbose      runs one and tells what happens in it
 *
 * Prints the command that repeats the first world that fails, and ends with status 1.
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

#ifndef _WIN32
#include <unistd.h>

/* A world that takes longer hangs. */
#define SEED_SECONDS 60u
#endif

struct options {
    uint64_t first, count;
    bool verbose;
};

/** The world that runs, for when it ends the process. */
static volatile sig_atomic_t running;
static char replay[128];

static void tell_replay(int number) {
    if (running) {
        running = 0;
        fputs(replay, stderr);
    }
    signal(number, SIG_DFL);
    raise(number);
}

static bool run_seed(const struct options *options, uint64_t seed) {
    static struct world world;
    memset(&world, 0, sizeof world);
    world.seed = seed;
    world.verbose = options->verbose;
    random_seed(&world.random, seed);
    snprintf(replay, sizeof replay, "replay: kvs_simulation --seed %" PRIu64 " --verbose\n", seed);
#ifndef _WIN32
    alarm(SEED_SECONDS);
#endif
    running = 1;
    bool passed = world_run(&world);
    running = 0;
    if (!passed) {
        printf("seed %" PRIu64 ", step %" PRIu64 ": %s\n%s", seed, world.step, world.failure,
               replay);
        fflush(stdout);
    }
    return passed;
}

static bool parse(int argc, char **argv, struct options *options) {
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--verbose") == 0) {
            options->verbose = true;
        } else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc) {
            options->first = strtoull(argv[++i], NULL, 10);
            options->count = 1;
        } else if (strcmp(argv[i], "--seeds") == 0 && i + 2 < argc) {
            options->first = strtoull(argv[++i], NULL, 10);
            options->count = strtoull(argv[++i], NULL, 10);
        } else {
            return false;
        }
    }
    return options->count > 0;
}

int main(int argc, char **argv) {
    struct options options = {0};
    if (!parse(argc, argv, &options)) {
        fprintf(stderr, "usage: kvs_simulation --seeds FIRST COUNT | --seed N [--verbose]\n");
        return 2;
    }
    signal(SIGABRT, tell_replay);
    signal(SIGSEGV, tell_replay);
#ifndef _WIN32
    signal(SIGALRM, tell_replay);
#endif
    for (uint64_t i = 0; i < options.count; i++) {
        if (!run_seed(&options, options.first + i)) {
            return EXIT_FAILURE;
        }
    }
    printf("%" PRIu64 " seeds passed\n", options.count);
    return EXIT_SUCCESS;
}
