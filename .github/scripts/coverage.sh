#!/usr/bin/env bash
# Prints which part of the lines of native/src the C tests run, by folder and in all, and fails when
# it is less than COVERAGE_MINIMUM percent (90 unless told). The lines that no test runs are listed
# in build/coverage/missing.txt. Needs gcc and gcovr.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=build/coverage
minimum=${COVERAGE_MINIMUM:-90}

command -v gcovr >/dev/null || { echo "gcovr is needed to tell the coverage" >&2; exit 1; }

# What an earlier build has left would be counted too.
rm -rf "$build"
# gcov reads only what the compiler that it came with has written.
CC=gcc CFLAGS=--coverage cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Debug -DKVS_WERROR=ON
cmake --build "$build" --parallel "$(getconf _NPROCESSORS_ONLN)"
ctest --test-dir "$build" --output-on-failure --no-tests=error
gcovr --root . --filter native/src/ "$build"/CMakeFiles/*.dir \
    --json-summary "$build/summary.json" --txt "$build/missing.txt"
node .github/scripts/coverage.mjs "$build/summary.json" "$minimum"
