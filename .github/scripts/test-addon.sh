#!/usr/bin/env bash
# Runs the tests that go through the addon with the address and undefined-behaviour sanitizers.
# The addon is built by cmake-js in a folder of its own, which node-gyp-build is pointed at.
# Arguments select test files, as for `npm test`.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=build/sanitized
npx --no-install cmake-js compile --debug --out "$build/build" --CDKVS_SANITIZE=address,undefined \
    --CDBUILD_TESTING=OFF

[ $# -gt 0 ] || set -- test/addon test/producer
# Node and the tools it starts allocate at their exit what nobody frees: leaks are counted by the
# tests of the core, which can tell.
ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 \
    LD_PRELOAD=$("${CC:-cc}" -print-file-name=libasan.so) \
    KINESIS_VIDEO_PRODUCER_PREBUILD=$PWD/$build \
    node --import tsx test/run.ts "$@"
