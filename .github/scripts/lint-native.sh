#!/usr/bin/env bash
# Checks of the C sources that a compiler does not make: clang-tidy as .clang-tidy says, that no
# macro hides control flow, and that native/sources.txt lists every file.
#
#   lint-native.sh [--deep]
#
# clang's analyzer follows each path through what is inlined, and through loops, with --deep only: that
# takes forty times as long as all the rest.
set -euo pipefail
cd "$(dirname "$0")/../.."

status=0

if ! diff <(sort native/sources.txt) <(find native/src -name '*.c' | sort); then
    echo "native/sources.txt (<) and native/src (>) differ" >&2
    status=1
fi

# Joins continued lines first, so that the whole of each definition is searched.
if find native test/native test/fuzz examples -name '*.[ch]' -o -name '*.cc' | while read -r file; do
    sed -e ':a' -e '/\\$/N; s/\\\n//; ta' "$file" |
        grep -E '^[[:space:]]*#[[:space:]]*define.*[^A-Za-z0-9_](return|goto|break|continue)([^A-Za-z0-9_]|$)' |
        sed "s|^|$file: |"
done | grep .; then
    echo "A macro must not contain return, goto, break or continue" >&2
    status=1
fi

# What the core's text is changed to on purpose must still be there.
bash .github/scripts/mutate-core.sh --places || status=1

tidy=$(command -v clang-tidy-14 || command -v clang-tidy) || {
    echo "clang-tidy is needed to check the native sources" >&2
    exit 1
}
build=build/tidy
cmake -S . -B "$build" -DCMAKE_BUILD_TYPE=Debug >/dev/null
shallow=(--extra-arg=-Xclang --extra-arg=-analyzer-config --extra-arg=-Xclang --extra-arg=mode=shallow)
[ "${1:-}" != --deep ] || shallow=()
xargs -r -n 4 -P "$(getconf _NPROCESSORS_ONLN)" "$tidy" -p "$build" --quiet "${shallow[@]}" <native/sources.txt || status=1
exit $status
