#!/usr/bin/env bash
# Builds the fuzzers with clang and runs each for FUZZ_SECONDS (20 unless told), starting from its
# corpus, for fuzz_NAME test/fuzz/corpus/NAME. Arguments select fuzzers, such as fuzz_ack. The inputs
# that break something are left in build/fuzz/found.
set -euo pipefail
cd "$(dirname "$0")/../.."

export seconds=${FUZZ_SECONDS:-20} build=build/fuzz
jobs=$(getconf _NPROCESSORS_ONLN)

# Only clang has libFuzzer, whatever compiles the rest.
if [[ $(basename "${CC:-cc}") != clang* ]]; then
    CC=$(command -v clang || command -v clang-14) || {
        echo "clang is needed to build the fuzzers" >&2
        exit 1
    }
fi
CC=$CC cmake -S . -B "$build" \
    -DCMAKE_BUILD_TYPE=RelWithDebInfo -DKVS_BUILD_FUZZERS=ON -DKVS_SANITIZE=address,undefined \
    -DBUILD_TESTING=OFF -DKVS_WERROR=ON
cmake --build "$build" --parallel "$jobs"

fuzz() {
    local name=$1 seeds=test/fuzz/corpus/${1#fuzz_} status=passed
    # What the run learns goes to the first folder; the committed corpus is only read.
    mkdir -p "$build/corpus/$name" "$build/found"
    local folders=("$build/corpus/$name")
    [ ! -d "$seeds" ] || folders+=("$seeds")
    "$build/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
        -artifact_prefix="$build/found/$name-" "${folders[@]}" >"$build/$name.log" 2>&1 || status=failed
    [ $status = passed ] || tail -n 60 "$build/$name.log"
    echo "$name $status, $(awk '/number_of_executed_units/ { print $2 }' "$build/$name.log") inputs"
    [ $status = passed ]
}
export -f fuzz

if [ $# -eq 0 ]; then
    for source in test/fuzz/fuzz_*.c; do set -- "$@" "$(basename "$source" .c)"; done
fi
printf '%s\n' "$@" | xargs -P "$jobs" -I{} bash -c 'fuzz {}'
