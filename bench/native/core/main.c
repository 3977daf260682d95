/*
 * What the parts of the C core cost, measured one trial a process: bench_core TRIAL [--quick].
 * bench/ runs it and compares it with others; by hand it prints a line of JSON for each result.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trials.h"

static const struct trial {
    const char *name;
    const char *what;
    void (*run)(const struct bench_options *options);
} trials[] = {
    {"heap", "allocating and releasing: random sizes among 1, 10 and 60 thousand blocks, and FIFO",
     bench_heap},
    {"annexb", "rewriting Annex-B frames with lengths", bench_annexb},
    {"mkv", "packaging frames as Matroska", bench_mkv},
    {"put-read", "putting and reading frames: the whole core; and copying them, the limit",
     bench_put_read},
    {"queued", "a put by the number of frames that are queued", bench_queued},
};

#define TRIAL_COUNT (sizeof trials / sizeof trials[0])

static void print_usage(FILE *out) {
    fprintf(out, "bench_core TRIAL [--quick]   measures; prints {\"name\", \"unit\", \"rounds\"} a "
                 "line\n\n");
    for (size_t i = 0; i < TRIAL_COUNT; i++) {
        fprintf(out, "  %-10s %s\n", trials[i].name, trials[i].what);
    }
    fprintf(
        out,
        "\nbench_core count CASE FRAMES  puts and reads FRAMES frames without a clock; CASE is\n"
        "  annexb-10240, annexb-200, avcc-10240 or avcc-200. For the instructions of a frame:\n"
        "  valgrind --tool=callgrind --toggle-collect=bench_counted_frames \\\n"
        "    --callgrind-out-file=FILE bench_core count annexb-200 10000\n"
        "  and divide what it says was collected by the number of frames.\n");
}

static int count(const char *name, const char *frames) {
    char *end = NULL;
    unsigned long number = strtoul(frames, &end, 10);
    if (*frames == '\0' || *end != '\0' || number == 0 || number > 100000000) {
        fprintf(stderr, "FRAMES is a number from 1 to 100000000, not \"%s\"\n", frames);
        return EXIT_FAILURE;
    }
    if (!bench_count(name, (uint32_t)number)) {
        fprintf(stderr, "There is no case \"%s\", see bench_core --help\n", name);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
    struct bench_options options = {.quick = argc == 3 && strcmp(argv[2], "--quick") == 0};
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        print_usage(stdout);
        return EXIT_SUCCESS;
    }
    if (argc == 4 && strcmp(argv[1], "count") == 0) {
        return count(argv[2], argv[3]);
    }
    for (size_t i = 0; i < TRIAL_COUNT && (argc == 2 || options.quick); i++) {
        if (strcmp(argv[1], trials[i].name) == 0) {
            trials[i].run(&options);
            return EXIT_SUCCESS;
        }
    }
    print_usage(stderr);
    return EXIT_FAILURE;
}
