#!/usr/bin/env bash
# Builds the C core and runs its tests, with the address and undefined-behaviour sanitizers.
# CC selects the compiler; SANITIZE other sanitizers, such as thread; BUILD_TYPE as in CMake.
set -euo pipefail
cd "$(dirname "$0")/../.."

export CC=${CC:-cc}
sanitize=${SANITIZE-address,undefined}
build_type=${BUILD_TYPE:-RelWithDebInfo}
build=build/core-$(basename "$CC")-${sanitize:-plain}-$build_type

command -v cmake >/dev/null || { echo "cmake is needed to build the C tests" >&2; exit 1; }

cmake -S . -B "$build" -DCMAKE_BUILD_TYPE="$build_type" -DKVS_SANITIZE="$sanitize" -DKVS_WERROR=ON
cmake --build "$build" --parallel "$(getconf _NPROCESSORS_ONLN)"
ctest --test-dir "$build" --output-on-failure --no-tests=error
