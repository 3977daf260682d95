#!/usr/bin/env bash
# Runs the suites of the producer once more, with the connections in a worker: `transport: 'worker'`.
#
# Left out are those that no connection of a client takes part in (definition, first-frame, quotas,
# segment-uid, ticker, track-info, track-pace, transfer, upload-wake-up), those of codecs, which the
# core writes in the same way (codec-conformance, track-conformance), and those that choose the
# transport themselves (busy-main-thread, teardown, worker).
set -euo pipefail
cd "$(dirname "$0")/../.."

suites=(back-pressure client events faults frames health idle independence metadata metrics
    put-frame-helper retry-callbacks secrets sessions stop supervisor upload)
files=("${suites[@]/#/test/producer/}")
files=("${files[@]/%/.test.ts}")
KVS_TEST_TRANSPORT=worker node --import tsx test/run.ts "${files[@]}" "$@"
