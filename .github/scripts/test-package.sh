#!/usr/bin/env bash
# Packs the package and uses it as a stranger would: in an empty project, compiled from the
# tarball, through import, require and TypeScript, with the program and the command of the README.
set -euo pipefail
cd "$(dirname "$0")/../.."

repository=$PWD
name=kinesis-video-producer
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm pack --silent --json --pack-destination "$work" >"$work/packed.json"
tarball=$(echo "$work"/*.tgz)
echo "packed $(wc -c <"$tarball") bytes"
node .github/scripts/size.mjs "$work/packed.json"
npx --no-install publint --strict "$tarball"
# Its report is of use to nobody while all is well.
npx --no-install attw --profile esm-only --format ascii --no-emoji "$tarball" >"$work/attw.txt" || {
    cat "$work/attw.txt" >&2
    exit 1
}

# project NAME: an empty project that becomes the current folder.
project() {
    mkdir "$work/$1"
    cd "$work/$1"
    echo '{ "private": true, "type": "module" }' >package.json
    cp -r "$repository/test/package/project/." .
}

echo "== installed with its install script"
project scripts
npm install --no-audit --no-fund --prefer-offline "$tarball"
node import.js
node require.cjs

echo "== installed without scripts, then compiled by npm rebuild"
project rebuild
npm install --no-audit --no-fund --prefer-offline --ignore-scripts "$tarball" \
    typescript@"$(node -p "require('$repository/node_modules/typescript/package.json').version")" \
    @types/node@"$(node -p "require('$repository/node_modules/@types/node/package.json').version")"
if node import.js >/dev/null 2>without-addon.txt; then
    [ -d "node_modules/$name/prebuilds" ] || { echo "worked without an addon" >&2; exit 1; }
else
    grep -q "npm rebuild $name" without-addon.txt || {
        echo "The error for a missing addon does not name the remedy:" >&2
        cat without-addon.txt >&2
        exit 1
    }
fi
npm rebuild "$name"
node import.js

echo "== types"
npx --no-install tsc --noEmit --strict --exactOptionalPropertyTypes --module nodenext \
    --target es2022 --lib es2023,esnext.disposable --types node types.ts

echo "== the command"
npx --no-install kvs --version | grep -Fx "$(node -p "require('$repository/package.json').version")"

echo "== the program of the README"
cp "$repository/test/fixtures/clip.mp4" .
# The first block of JavaScript in the README is the program that a reader tries first.
awk '/^```js/ { inside = 1; next } /^```/ && inside { exit } inside' "$repository/README.md" >readme.js
grep -q "from '$name" readme.js || { echo "README.md has no JavaScript program" >&2; exit 1; }
[ "$(grep -c . readme.js)" -le 12 ] || { echo "The program of the README is too long" >&2; exit 1; }
timeout 120 node readme.js
