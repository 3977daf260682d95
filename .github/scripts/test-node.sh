#!/usr/bin/env bash
# Runs the tests under another version of Node.js for Linux, which npm provides.
#
#   test-node.sh VERSION [PATTERN…]
#
# VERSION is such as 22 or 24.4.1. All tests run, or those of files with a PATTERN in their path; in
# any case every entry point is imported and required.
set -euo pipefail
cd "$(dirname "$0")/../.."

[ $# -ge 1 ] || { echo "Which version of Node.js? Try: npm run test:node -- 22" >&2; exit 2; }
version=$1
shift
package=node-linux-$(node -p 'process.arch')
folder=$PWD/build/node/$version
[ -x "$folder/node_modules/$package/bin/node" ] ||
    npm install --no-audit --no-fund --loglevel error --prefix "$folder" "$package@$version"
export PATH=$folder/node_modules/$package/bin:$PATH
echo "Node.js $(node --version)"

# Inside of its own clone the package is known by its name, too.
node test/package/project/import.js
node test/package/project/require.cjs
node --import tsx test/run.ts "$@"
