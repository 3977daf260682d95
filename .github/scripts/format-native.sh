#!/usr/bin/env bash
# Runs clang-format over the C and C++ sources with the given arguments: -i, or --dry-run -Werror.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Versions differ in details, so everybody uses this one where it is installed.
format=$(command -v clang-format-14 || command -v clang-format) || {
    echo "clang-format is needed to format the native sources" >&2
    exit 1
}
find native test bench examples -type f \
    \( -name '*.c' -o -name '*.cc' -o -name '*.h' \) -print0 | xargs -0r "$format" "$@"
