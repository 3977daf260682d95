#!/usr/bin/env bash
# Runs the suites of the producer once more, with the connections in a worker: `transport: 'worker'`.
# Arguments are those of test/run.ts, in place of all these suites.
set -euo pipefail
cd "$(dirname "$0")/../.."

left_out=(
    # No connection of a client takes part.
    definition first-frame health journal quotas segment-uid supervisor ticker track-info
    track-pace transfer upload-wake-up waiting-put
    # The core writes codecs in the same way whoever reads it.
    codec-conformance track-conformance upload
    # It counts connections, of which a worker that is compiled as it is loaded makes one more.
    proxy
    # They choose the transport themselves.
    busy-main-thread teardown worker
)

if [ $# -eq 0 ]; then
    for file in test/producer/*.test.ts; do
        name=$(basename "$file" .test.ts)
        [[ " ${left_out[*]} " == *" $name "* ]] || set -- "$@" "$file"
    done
fi
KVS_TEST_TRANSPORT=worker node --import tsx test/run.ts "$@"
