#!/usr/bin/env bash
# Runs the tests of the C core on processors that fault on unaligned access, in an emulator, with
# and without KVS_ALIGNED_MEMORY: test-strict-alignment.sh [TARGET=ON|OFF…]
#
# mips is big-endian with 32 bits, mipsel little-endian with 32, sparc64 big-endian with 64. For
# each, Debian has gcc-TARGET-linux-gnu and libc6-dev-TARGET-cross; qemu-user-static runs them all.
set -euo pipefail
cd "$(dirname "$0")/../.."

[ $# -gt 0 ] || set -- mips=ON mipsel=OFF sparc64=ON
jobs=$(getconf _NPROCESSORS_ONLN)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# check_trap TARGET: that the emulator does fault, since otherwise nothing below means anything.
check_trap() {
    cat >"$scratch/trap.c" <<'END'
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
static _Alignas(8) unsigned char bytes[16];
int main(int argc, char **argv) {
    (void)argv;
    volatile uint32_t *word = (volatile uint32_t *)(void *)(bytes + argc - 1);
    return printf("%u\n", (unsigned)*word) < 0;
}
END
    "$1-linux-gnu-gcc" -O1 -static "$scratch/trap.c" -o "$scratch/trap"
    "qemu-$1-static" "$scratch/trap" >"$scratch/log" ||
        { echo "qemu-$1-static cannot run a program" >&2; return 1; }
    # In a subshell, so that only that reports the signal.
    local status
    status=$( (ulimit -c 0; "qemu-$1-static" "$scratch/trap" unaligned >/dev/null; echo $?) 2>/dev/null)
    if [ "$status" -ne $((128 + $(kill -l BUS))) ]; then
        echo "qemu-$1-static does not fault on unaligned access" >&2
        return 1
    fi
}

for setting; do
    target=${setting%=*}
    aligned=${setting#*=}
    build=build/strict-$target-$aligned
    echo "--- $target, KVS_ALIGNED_MEMORY=$aligned"
    check_trap "$target"
    cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DKVS_WERROR=ON \
        -DKVS_ALIGNED_MEMORY="$aligned" \
        -DCMAKE_SYSTEM_NAME=Linux -DCMAKE_SYSTEM_PROCESSOR="$target" \
        -DCMAKE_C_COMPILER="$target-linux-gnu-gcc" -DCMAKE_EXE_LINKER_FLAGS=-static \
        -DCMAKE_CROSSCOMPILING_EMULATOR="qemu-$target-static" >"$scratch/log" ||
        { cat "$scratch/log"; exit 1; }
    cmake --build "$build" --parallel "$jobs" >"$scratch/log" || { cat "$scratch/log"; exit 1; }
    # Tests with the label count what the system gives to a process, which is the emulator.
    ctest --test-dir "$build" --parallel "$jobs" --label-exclude '^system-memory$' \
        --output-on-failure --no-tests=error
done
