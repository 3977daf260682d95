#!/usr/bin/env bash
# Checks what a built Linux addon asks of the process that loads it.
#
#   check-addon.sh FILE.node [GLIBC-VERSION]
#
# It exports the two Node-API entry points only, imports nothing of V8, Node's C++ or libuv and no
# function that makes external buffers (Electron), and is aligned to large pages on ARM. With a
# version it needs no newer glibc than that.
set -euo pipefail

file=$1
glibc=${2:-}
status=0
complain() {
    echo "$file: $1" >&2
    status=1
}

exports=$(nm -D --defined-only "$file" | awk '{ print $NF }' | sort | xargs)
[ "$exports" = "napi_register_module_v1 node_api_module_get_api_version_v1" ] ||
    complain "exports $exports"

foreign=$(nm -D --undefined-only "$file" | awk '{ print $NF }' |
    grep -E '^(_ZN2v8|_ZN4node|uv_|(napi|node_api)_create_external_)' | xargs || true)
[ -z "$foreign" ] || complain "imports $foreign"

if [ -n "$glibc" ]; then
    newest=$(readelf -VW "$file" | grep -oE 'GLIBC_[0-9.]+' | sort -uV | tail -n 1)
    [ "$(printf '%s\n' "$newest" "GLIBC_$glibc" | sort -V | tail -n 1)" = "GLIBC_$glibc" ] ||
        complain "needs $newest"
fi

if readelf -h "$file" | grep -qE 'AArch64|ARM$'; then
    for alignment in $(readelf -lW "$file" | awk '$1 == "LOAD" { print $NF }'); do
        [ $((alignment)) -ge 65536 ] || complain "has a segment aligned to $alignment"
    done
fi
exit $status
