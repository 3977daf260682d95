#!/usr/bin/env bash
# Proves the C core. Arguments select steps; without any, all of them run, in this order:
#
#   unit        the C tests with the address and undefined-behaviour sanitizers
#   threads     those that start threads, with the thread sanitizer
#   simulation  producers, networks and clocks at random, see simulate.sh
#   fuzz        the fuzzers, see fuzz.sh
#   coverage    the lines that the C tests run, see coverage.sh
#
# CC selects the compiler of the C tests; SANITIZE other sanitizers, such as thread; BUILD_TYPE as
# in CMake.
set -euo pipefail
cd "$(dirname "$0")/../.."

export CC=${CC:-cc}
build_type=${BUILD_TYPE:-RelWithDebInfo}

command -v cmake >/dev/null || { echo "cmake is needed to build the C tests" >&2; exit 1; }

# ctests SANITIZERS [TEST…]: builds the tests and runs them, all unless told.
ctests() {
    local sanitize=$1 build names
    shift
    build=build/core-$(basename "$CC")-${sanitize:-plain}-$build_type
    names=$(IFS='|' && echo "$*")
    cmake -S . -B "$build" -DCMAKE_BUILD_TYPE="$build_type" -DKVS_SANITIZE="$sanitize" \
        -DKVS_WERROR=ON -DKVS_BUILD_BENCHMARKS=ON
    cmake --build "$build" --parallel "$(getconf _NPROCESSORS_ONLN)" ${1:+--target "$@"}
    ctest --test-dir "$build" --output-on-failure --no-tests=error ${names:+-R "^($names)$"}
}

unit() { ctests "${SANITIZE-address,undefined}"; }

threads() {
    local tests
    mapfile -t tests < <(grep -l pthread_create test/native/*_test.c | xargs -n 1 basename -s .c)
    ctests thread "${tests[@]}"
}

simulation() { bash .github/scripts/simulate.sh; }

fuzz() { bash .github/scripts/fuzz.sh; }

coverage() { bash .github/scripts/coverage.sh; }

[ $# -gt 0 ] || set -- unit threads simulation fuzz coverage
for name in "$@"; do
    case $name in
    unit | threads | simulation | fuzz | coverage) ;;
    *) echo "There is no step $name" >&2 && exit 2 ;;
    esac
done
for name in "$@"; do
    started=$SECONDS
    # Not in a condition, where a function goes on after a command of it has failed.
    "$name"
    echo "--- core $name passed in $((SECONDS - started)) s"
done
