#!/usr/bin/env bash
# Runs the simulation of the core: COUNT worlds (10000 unless told) from the seed FIRST (0) on, over
# all cores. Prints the seeds per second; a seed that fails ends it with the command that replays it.
# CC, SANITIZE and BUILD_TYPE are as in test-core.sh; without SANITIZE it runs plain, with invariants.
set -euo pipefail
cd "$(dirname "$0")/../.."

count=${1:-10000}
first=${2:-0}
jobs=$(getconf _NPROCESSORS_ONLN)
build=${BUILD:-build/simulation${SANITIZE:+-${SANITIZE//,/-}}}

cmake -S . -B "$build" -DCMAKE_BUILD_TYPE="${BUILD_TYPE:-RelWithDebInfo}" -DKVS_WERROR=ON \
    -DKVS_SANITIZE="${SANITIZE-}" -DCMAKE_C_FLAGS=-DKVS_CHECKED >/dev/null
cmake --build "$build" --parallel "$jobs" --target kvs_simulation >/dev/null

# Pieces small enough that all cores are busy to the end.
piece=$(((count + jobs * 8 - 1) / (jobs * 8)))
[ "$piece" -le 2000 ] || piece=2000
started=$(date +%s%N)
status=0
# So that a sanitizer's complaint, too, tells which seed it was.
export ASAN_OPTIONS="abort_on_error=1:${ASAN_OPTIONS-}" UBSAN_OPTIONS="abort_on_error=1:${UBSAN_OPTIONS-}"
for ((at = 0; at < count; at += piece)); do
    echo "$((first + at)) $((at + piece <= count ? piece : count - at))"
done | xargs -P "$jobs" -L 1 bash -c '
    if ! output=$("$0" --seeds "$1" "$2" 2>&1); then
        tail -n 60 <<<"$output" | sed "s|^replay: kvs_simulation|replay: $0|" >&2
        exit 255
    fi' "$build/kvs_simulation" || status=$?
elapsed=$((($(date +%s%N) - started) / 1000000))
[ "$status" -eq 0 ] || { echo "the simulation failed" >&2; exit 1; }
echo "$count seeds passed in $((elapsed / 1000)) s, $((count * 1000 / (elapsed > 0 ? elapsed : 1))) seeds per second"
