#!/usr/bin/env bash
# Runs the packed package with its binaries for musl: test-musl.sh [x64|arm64|armv7…], default all.
#
# npm has no Node.js for musl, so that this is a substitute: on x64, and emulated on arm64, it is Bun
# for musl, another JavaScript runtime with Node-API. It proves the C library and the linking, and all
# of the addon that does not depend on V8. For ARMv7 there is not even that: there a C program for musl
# has the addon load and register. A real Node.js for musl runs the tests in the workflows only.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=lib/fetch.sh
. .github/scripts/lib/fetch.sh
# shellcheck source=lib/project.sh
. .github/scripts/lib/project.sh
# shellcheck source=lib/musl.sh
. .github/scripts/lib/musl.sh

prebuilds=node_modules/kinesis-video-producer/prebuilds
# Not here: addon/lifetime, throughput and one test of addon/sharing have V8 collect garbage,
# process-exit has the text that Node.js ends with, loader takes an addon for glibc apart.
tests=(addon/arguments addon/sessions addon/side-effects addon/times addon/workers)

# link_libstdcxx COMPILER PARTS TO [INPUT…]: makes a libstdc++ for musl of Debian's.
link_libstdcxx() {
    local compiler=$1 parts=$2 to=$3
    mkdir -p "$(dirname "$to")"
    $compiler -shared -fPIC -O2 -w test/package/musl/libstdcxx-shim.c -o "$to" \
        -Wl,-soname,libstdc++.so.6 -Wl,--whole-archive "$parts/libstdc++_pic.a" \
        -Wl,--no-whole-archive "$parts/libgcc_eh.a" "$parts/libgcc.a" "${@:4}"
}

# write_runtime COMMAND…: $work/runtime runs that, and names itself as what runs.
write_runtime() {
    echo "process.execPath = '$work/runtime';" >"$work/exec-path.mjs"
    printf '#!/bin/sh\nexec %s --preload %s/exec-path.mjs "$@"\n' "$*" "$work" >"$work/runtime"
    chmod +x "$work/runtime"
}

# start_endpoint: in Node.js, since the database that it needs does not load in Bun for musl; sets
# $endpoint and $endpoint_pid.
start_endpoint() {
    rm -f "$work/endpoint.json"
    node "$work/node_modules/kinesis-video-producer/dist/cli/main.js" local --port 0 --json \
        --region us-west-2 >"$work/endpoint.json" &
    endpoint_pid=$!
    until [ -s "$work/endpoint.json" ]; do
        kill -0 "$endpoint_pid"
        sleep 0.1
    done
    endpoint=$(node -p "JSON.parse(fs.readFileSync('$work/endpoint.json', 'utf8').split('\n')[0]).endpoint")
}

# run NAME [TEST…]: all that a JavaScript runtime can show, with more tests than those for all.
run() {
    local folder=$prebuilds/linux-$1 message
    echo "== $1, musl, Bun"
    start_endpoint
    (cd "$work" && ENDPOINT=$endpoint timeout 300 "$work/runtime" round-trip.js)
    # The addon for glibc does not load, which the loader notices by itself where it can take the other.
    mv "$work/$folder/kinesis-video-producer.musl.node" "$work/kept.node"
    message=$(cd "$work" && "$work/runtime" -e \
        "import('./ts/internal/binding.js').then((m) => m.binding()).catch((e) => console.log(e.message))")
    mv "$work/kept.node" "$work/$folder/kinesis-video-producer.musl.node"
    if ! grep -q 'is for systems with the C library glibc, and this one has musl' <<<"$message"; then
        echo "The error for an addon of glibc is: $message" >&2
        return 1
    fi
    KVS_TEST_ROOT=$work/test/addon KVS_TEST_NODE=$work/runtime KVS_TEST_SLOWNESS=20 KVS_NO_SKIP=1 \
        KVS_TEST_ENDPOINT=$endpoint KVS_TEST_FILE_TIMEOUT=1200000 \
        node --import tsx test/run.ts "${tests[@]}" "${@:2}"
    kill "$endpoint_pid"
}

test_x64() {
    local bun
    need_packages musl-tools libstdc++-12-pic
    bun=$(fetch @oven/bun-linux-x64-musl@1.4.4)/bin/bun
    link_libstdcxx musl-gcc /usr/lib/gcc/x86_64-linux-gnu/12 "$work/lib/libstdc++.so.6"
    write_runtime env LD_LIBRARY_PATH="$work/lib" "$bun"
    run x64 addon/buffers
}

test_arm64() {
    local bun musl
    need_packages qemu-user-static gcc-aarch64-linux-gnu
    bun=$(fetch @oven/bun-linux-aarch64-musl@1.4.4)/bin/bun
    musl=$(musl_root arm64)
    link_libstdcxx "aarch64-linux-gnu-gcc -nostdlib" "$musl/usr/lib/gcc/aarch64-linux-gnu/12" \
        "$musl/lib/libstdc++.so.6" "$musl/lib/aarch64-linux-musl/libc.so"
    write_runtime qemu-aarch64-static -L "$musl" -E LD_LIBRARY_PATH=/lib "$bun"
    # Not addon/buffers: Bun itself crashes where the emulator does not let it resize a buffer.
    run arm64
}

test_armv7() {
    local musl lib addon name
    echo "== armv7, musl, a C program"
    need_packages qemu-user-static gcc-arm-linux-gnueabihf
    musl=$(musl_root armhf)
    lib=$musl/usr/lib/arm-linux-musleabihf
    addon=$work/$prebuilds/linux-arm/kinesis-video-producer.armv7.musl.node
    nm -D --undefined-only "$addon" | awk '$2 ~ /^napi_/ { print $2 }' | while read -r name; do
        echo "int $name(void); int $name(void) { return 0; }"
    done >"$work/stubs.c"
    arm-linux-gnueabihf-gcc -nostdlib -nostdinc -rdynamic -no-pie -O1 \
        -isystem "$musl/usr/include/arm-linux-musleabihf" \
        -isystem "$(arm-linux-gnueabihf-gcc -print-file-name=include)" \
        "$lib/crt1.o" "$lib/crti.o" test/package/musl/host.c "$work/stubs.c" \
        "$musl/lib/arm-linux-musleabihf/libc.so" -lgcc "$lib/crtn.o" \
        -Wl,--dynamic-linker=/lib/ld-musl-armhf.so.1 -o "$work/host"
    qemu-arm-static -L "$musl" "$work/host" "$addon"
}

[ -d node_modules ] || npm ci --ignore-scripts --no-audit --no-fund
[ $# -gt 0 ] || set -- x64 arm64 armv7
work=$(mktemp -d)
endpoint_pid=
trap 'rm -rf "$work"; [ -z "$endpoint_pid" ] || kill "$endpoint_pid" 2>/dev/null || true' EXIT
for architecture; do
    case $architecture in
    x64 | arm64) .github/scripts/prebuilds.sh --changed "linux-$architecture" ;;
    armv7) .github/scripts/prebuilds.sh --changed linux-arm-musl ;;
    *)
        echo "$architecture: no such architecture; there are x64, arm64 and armv7" >&2
        exit 2
        ;;
    esac
done
install_package "$work"
for architecture; do "test_$architecture"; done
