#!/usr/bin/env bash
# Runs the tests of the addon and the loader with the prebuilt binary for this system, which is in
# prebuilds/ before: test-prebuilt.sh [FILE…], arguments as for `npm test`. Nothing is compiled, and a
# build that is there is not used.
set -euo pipefail
cd "$(dirname "$0")/../.."

export PREBUILDS_ONLY=1
[ -d node_modules ] || npm ci --ignore-scripts --no-audit --no-fund
npm run --silent build
node -p "'tests ' + require('node-gyp-build').resolve('.')"
[ $# -gt 0 ] || set -- test/addon
node --import tsx test/run.ts "$@"
node dist/cli/demo.js
