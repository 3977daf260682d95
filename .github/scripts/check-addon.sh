#!/usr/bin/env bash
# Checks what a built addon asks of the process that loads it: check-addon.sh FILE.node…
#
# Every one is at most 250 kB without symbols. One of Linux exports the two Node-API entry points
# only, imports nothing of V8, Node's C++ or libuv and no function that makes external buffers
# (Electron), needs the C library only, glibc no newer than 2.28 as Node.js 20 itself, and is aligned
# to large pages on ARM. If its name says which C library it is for, it is for that one.
set -euo pipefail

limit_bytes=250000
limit_glibc=2.28
status=0

complain() {
    echo "$file: $1" >&2
    status=1
}

# names TYPE: the dynamic symbols, without their versions.
names() {
    nm -D "--$1-only" "$file" | awk '{ print $NF }' | sed 's/@.*//' | sort
}

check_size() {
    local bytes
    bytes=$(wc -c <"$file")
    if [ -n "$(nm "$file" 2>/dev/null)" ] && strip -o "$scratch" "$file" 2>/dev/null; then
        bytes=$(wc -c <"$scratch")
    fi
    [ "$bytes" -le $limit_bytes ] || complain "has $bytes bytes, more than $limit_bytes"
}

check_symbols() {
    local exports foreign
    exports=$(names defined | xargs)
    [ "$exports" = "napi_register_module_v1 node_api_module_get_api_version_v1" ] ||
        complain "exports $exports"
    foreign=$(names undefined | grep -E '^(_Z|__cxa_(guard|throw|pure)|uv_|(napi|node_api)_create_external_)' |
        xargs || true)
    [ -z "$foreign" ] || complain "imports $foreign"
}

check_libraries() {
    local libraries libc newest unknown
    libraries=$(readelf -dW "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort | xargs)
    case $libraries in
    libc.so) libc=musl ;;
    libc.so.6 | 'libc.so.6 libm.so.6' | 'ld-linux-armhf.so.3 libc.so.6 libm.so.6') libc=glibc ;;
    *)
        complain "needs the libraries $libraries"
        return
        ;;
    esac
    case $file in
    *.glibc.node | *.musl.node) [[ "$file" == *."$libc".node ]] || complain "is for $libc" ;;
    esac
    newest=$(readelf -VW "$file" | grep -oE 'GLIBC_[0-9.]+' | sort -uV | tail -n 1 || true)
    [ "$(printf '%s\n' "$newest" GLIBC_$limit_glibc | sort -V | tail -n 1)" = GLIBC_$limit_glibc ] ||
        complain "needs $newest"
    # Names that no version ties to glibc are those of Node-API, or of musl, which has few of this form.
    unknown=$(nm -D --undefined-only "$file" | awk '{ print $NF }' | grep -E '^__' | grep -v @ |
        grep -vxE '__(errno_location|cxa_finalize|gmon_start__|[a-z0-9_]+_time64|clock_gettime64)' |
        xargs || true)
    [ -z "$unknown" ] || complain "imports $unknown, which may be in no C library"
}

check_pages() {
    local alignment page
    case $(readelf -h "$file") in
    *AArch64*) page=65536 ;;
    *'Machine: '*ARM*) page=16384 ;;
    *) return 0 ;;
    esac
    for alignment in $(readelf -lW "$file" | awk '$1 == "LOAD" { print $NF }'); do
        [ $((alignment)) -ge $page ] || complain "has a segment aligned to $alignment"
    done
}

[ $# -gt 0 ] || { echo "Usage: check-addon.sh FILE.node…" >&2; exit 2; }
scratch=$(mktemp)
trap 'rm -f "$scratch"' EXIT
for file; do
    check_size
    if [ "$(head -c 4 "$file" | tail -c 3)" = ELF ]; then
        check_symbols
        check_libraries
        check_pages
    fi
done
exit $status
