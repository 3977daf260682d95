#!/usr/bin/env bash
# Packs the package and uses it as a stranger would: in empty projects of every package manager,
# with a binary for this machine and compiled from the sources, through import, require and
# TypeScript, with the program and the command of the README. Checks the tarball, too.
#
#   test-package.sh [FOLDER]
#
# When all is well the tarball is left in FOLDER.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=lib/project.sh
. .github/scripts/lib/project.sh

output=${1:+$(mkdir -p "$1" && cd "$1" && pwd)}
name=kinesis-video-producer
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
oldest_typescript=5.2

# start NAME COMMAND…: runs a part beside the others. Its output is shown by `finish`.
parts=() pids=()
start() {
    local log=$work/$1.log
    parts+=("$1")
    shift
    ( set -e; SECONDS=0; "$@"; echo "took $SECONDS s" ) >"$log" 2>&1 &
    pids+=($!)
}

# Waits for what was started, and fails when any of it has.
finish() {
    local index failed=()
    for index in "${!parts[@]}"; do
        wait "${pids[$index]}" || failed+=("${parts[$index]}")
        echo "== ${parts[$index]}"
        cat "$work/${parts[$index]}.log"
    done
    parts=() pids=()
    [ ${#failed[@]} -eq 0 ] || { echo "failed: ${failed[*]}" >&2; exit 1; }
}

# project NAME: an empty project that becomes the current folder.
project() {
    mkdir "$work/$1"
    cd "$work/$1"
    echo '{ "private": true, "type": "module" }' >package.json
    cp -r "$repository/test/package/project/." .
}

npm_install() {
    npm install --no-audit --no-fund --prefer-offline --loglevel error "$@"
}

check_tarball() {
    npx --no-install publint --strict "$tarball"
    # Its report is of use to nobody while all is well.
    npx --no-install attw --profile esm-only --format ascii --no-emoji "$tarball" >"$work/attw.txt" || {
        cat "$work/attw.txt"
        return 1
    }
    node .github/scripts/api.mjs --check
}

install_tools() {
    npm_install --prefix "$work/tools" pnpm@12.21.0 yarn@1.22.22 @yarnpkg/cli-dist@4.18.1 \
        "oldest-typescript@npm:typescript@$oldest_typescript"
}

# Without a binary and without scripts nothing works, and the error says what to do: compile.
compiled() {
    project compiled
    npm_install --ignore-scripts "$work/source.tgz"
    if node import.js >/dev/null 2>error.txt; then
        echo "worked without an addon"
        return 1
    fi
    grep "npm rebuild $name" error.txt || {
        echo "The error for a missing addon does not name the remedy:"
        cat error.txt
        return 1
    }
    JOBS=max npm rebuild --loglevel error "$name"
    node import.js
    node require.cjs
}

# In the current project: it works, from a binary that came with the package.
works() {
    [ ! -e "node_modules/$name/build" ] || { echo "compiled, though there is a binary"; return 1; }
    node import.js
    node require.cjs
}

with_npm() {
    project npm
    npm_install "$work/binary.tgz" "typescript@$(version_of typescript)" \
        "@types/node@$(version_of @types/node)"
    works
}

pnpm() {
    XDG_CACHE_HOME="$work/cache" XDG_DATA_HOME="$work/data" XDG_STATE_HOME="$work/state" \
        "$work/tools/node_modules/.bin/pnpm" "$@" --store-dir "$work/store"
}

# pnpm runs no install script that nobody has decided on, and its status is 1 until somebody has.
with_pnpm() {
    project pnpm
    pnpm add "$work/binary.tgz" >output.txt 2>&1 || grep -q ERR_PNPM_IGNORED_BUILDS output.txt || {
        cat output.txt
        return 1
    }
    works
    echo "allowBuilds: { $name: false, classic-level: false }" >pnpm-workspace.yaml
    pnpm install
    works
}

with_yarn_classic() {
    project yarn-classic
    node "$work/tools/node_modules/yarn/bin/yarn.js" add --silent --non-interactive \
        --cache-folder "$work/yarn-cache" "file:$work/binary.tgz"
    works
}

# yarn_berry LINKER ARGUMENT…: runs it without traces outside of the work folder.
yarn_berry() {
    YARN_NODE_LINKER=$1 YARN_NPM_REGISTRY_SERVER=$(npm config get registry) \
        YARN_GLOBAL_FOLDER="$work/yarn" YARN_ENABLE_TELEMETRY=0 \
        node "$work/tools/node_modules/@yarnpkg/cli-dist/bin/yarn.js" "${@:2}"
}

with_yarn_berry() {
    project yarn-berry
    touch yarn.lock
    yarn_berry node-modules add "$name@file:$work/binary.tgz"
    works
    project yarn-pnp
    touch yarn.lock
    yarn_berry pnp add "$name@file:$work/binary.tgz"
    # Yarn teaches Node.js to import from its archives, but not to require ES modules from them.
    yarn_berry pnp node import.js
}

# compile TYPESCRIPT-FOLDER FILE MODULE-OPTION…: strictly, the declarations of dependencies included.
compile() {
    node "$1/bin/tsc" --noEmit --strict --exactOptionalPropertyTypes --skipLibCheck false \
        --target es2022 --lib es2023,esnext.disposable --types node "${@:3}" "$2"
}

types() {
    cd "$work/npm"
    compile node_modules/typescript types.ts --module nodenext
    compile node_modules/typescript types.ts --module node16
    compile node_modules/typescript types.ts --module esnext --moduleResolution bundler
    compile node_modules/typescript types.cts --module nodenext
    compile "$work/tools/node_modules/oldest-typescript" types.ts --module nodenext
}

readme() {
    cd "$work/npm"
    npx --no-install kvs --version |
        grep -Fx "$(node -p "require('$repository/package.json').version")"
    cp "$repository/test/fixtures/clip.mp4" .
    # The first block of JavaScript in the README is the program that a reader tries first.
    awk '/^```js/ { inside = 1; next } /^```/ && inside { exit } inside' \
        "$repository/README.md" >readme.js
    grep -q "from '$name" readme.js || { echo "README.md has no JavaScript program"; return 1; }
    [ "$(grep -c . readme.js)" -le 12 ] || { echo "README.md has too long a program"; return 1; }
    timeout 120 node readme.js
}

# The tarball without binaries, and with one for this machine: its own, or what was just compiled.
make_source_tarball() {
    tar -xzf "$tarball" -C "$work"
    tar -czf "$work/source.tgz" --exclude=package/prebuilds -C "$work" package
}
make_binary_tarball() {
    local folder
    folder=$work/package/prebuilds/$(node -p 'process.platform + "-" + process.arch')
    if ! compgen -G "$folder/*glibc.node" >/dev/null; then
        mkdir -p "$folder"
        strip -o "$folder/$name.glibc.node" \
            "$work/compiled/node_modules/$name/build/Release/kinesis_video_producer.node"
    fi
    tar -czf "$work/binary.tgz" -C "$work" package
}

npm pack --silent --json --pack-destination "$work" >"$work/packed.json"
tarball=$(echo "$work"/*.tgz)
echo "packed $(wc -c <"$tarball") bytes in $SECONDS s"
node .github/scripts/size.mjs "$work/packed.json"

make_source_tarball
start 'tarball' check_tarball
start 'package managers' install_tools
start 'compiled from the sources' compiled
finish

make_binary_tarball
start 'npm' with_npm
start 'pnpm' with_pnpm
start 'yarn classic' with_yarn_classic
start 'yarn' with_yarn_berry
finish

start 'types' types
start 'README' readme
finish
[ -z "$output" ] || cp "$tarball" "$output"
echo "the package works; took $SECONDS s"
