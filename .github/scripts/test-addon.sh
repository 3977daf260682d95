#!/usr/bin/env bash
# Runs the tests that go through the addon with sanitizers: the address and undefined-behaviour ones,
# or with `threads` as first argument the thread sanitizer. The addon is built by cmake-js in a
# folder of its own, which node-gyp-build is pointed at. Further arguments select test files, as for
# `npm test`.
set -euo pipefail
cd "$(dirname "$0")/../.."

if [ "${1:-}" = threads ]; then
    shift
    sanitizers=thread library=libtsan.so
    # Only what several threads use; everything else runs in one.
    [ $# -gt 0 ] || set -- test/addon/sharing test/addon/workers
    # Node itself is not built for it: what its own code and V8 do is not seen, and not judged.
    export TSAN_OPTIONS=halt_on_error=1:report_signal_unsafe=0:ignore_noninstrumented_modules=1
else
    sanitizers=address,undefined library=libasan.so
    # Not what is about the service and about time: it has the core do nothing that others do not.
    # Nor what compares all that is written with ffmpeg: the core's own tests write the same.
    left_out=(
        busy-main-thread codec-conformance definition health iot journal minimal-permissions
        observe-metrics proxy recovery retry-callbacks signals supervisor ticker track-conformance
        track-info track-pace waiting-put
    )
    if [ $# -eq 0 ]; then
        set -- test/addon
        for file in test/producer/*.test.ts; do
            name=$(basename "$file" .test.ts)
            [[ " ${left_out[*]} " == *" $name "* ]] || set -- "$@" "$file"
        done
    fi
    # Node and the tools it starts allocate at their exit what nobody frees: leaks are counted by the
    # tests of the core, which can tell.
    export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1
fi

build=build/sanitized-${sanitizers%%,*}
npx --no-install cmake-js compile --debug --out "$build/build" --CDKVS_SANITIZE="$sanitizers" \
    --CDBUILD_TESTING=OFF

LD_PRELOAD=$("${CC:-cc}" -print-file-name="$library") KINESIS_VIDEO_PRODUCER_PREBUILD=$PWD/$build \
    node --import tsx test/run.ts "$@"
