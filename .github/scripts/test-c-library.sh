#!/usr/bin/env bash
# Uses the C library as a stranger would, once static and once shared: installs it, moves it
# elsewhere, builds the example from what is installed alone, through pkg-config and through CMake,
# and has independent programs check the Matroska files that it makes. Also that the library gives
# out the functions of its headers and no others. CC and CXX select the compilers.
set -euo pipefail
cd "$(dirname "$0")/../.."

export CC=${CC:-cc} CXX=${CXX:-c++}
repository=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for program in cmake pkg-config ffmpeg ffprobe mkvinfo nm readelf node python3; do
    command -v "$program" >/dev/null || { echo "$program is needed to test the C library" >&2; exit 1; }
done

passed=0 failed=0
# check NAME COMMAND…: runs the command, and shows what it said when it fails.
check() {
    local name=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $name"
        tail -n 40 "$work/said"
    fi
}
same() { [ "$1" = "$2" ] || { printf '%s\n%s\n' "have: $1" "want: $2"; false; }; }

# --- Media: what x264 makes with the options that follow, in 5 s of 25 pictures.
media=(
    'plain         -bf 0 -g 50'
    'b-frames      -g 50'
    'b-pyramid     -bf 8 -g 100 -x264-params b-pyramid=normal:ref=8:b-adapt=2:open-gop=0'
    'slices        -g 60 -x264-params slices=4:aud=1:bframes=3'
    'low-latency   -tune zerolatency -preset ultrafast -g 25'
    'baseline      -profile:v baseline -g 50'
    'yuv444        -profile:v high444 -pix_fmt yuv444p -g 50'
    'scaling-lists -g 50 -x264-params cqm=jvt:bframes=5'
    'interlaced    -g 50 -x264-params tff=1:bframes=2'
)
pictures=125

make_media() {
    local entry name options
    for entry in "${media[@]}"; do
        read -r name options <<<"$entry"
        # shellcheck disable=SC2086 # the options are several words
        ffmpeg -v error -f lavfi -i testsrc2=size=320x240:rate=25 -frames:v $pictures \
            -pix_fmt yuv420p -c:v libx264 $options -bsf:v h264_mp4toannexb -f h264 \
            "$work/$name.h264" </dev/null
    done
}

# --- One kind of library.
install_library() {
    cmake -S "$repository" -B "$work/build-$1" -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=OFF \
        -DKVS_WERROR=ON -DBUILD_SHARED_LIBS="$2" -DCMAKE_INSTALL_PREFIX="$work/first-$1" &&
        cmake --build "$work/build-$1" --parallel "$(getconf _NPROCESSORS_ONLN)" &&
        cmake --install "$work/build-$1" &&
        mv "$work/first-$1" "$prefix"
}

with_pkg_config() {
    # shellcheck disable=SC2046 # the flags are several words
    "$CC" -std=c11 -Wall -Wextra -Wpedantic -Werror "$example"/*.c \
        $(pkg-config --cflags --libs kinesis-video-producer) -o "$work/$kind/pkg-config"
}

# The program in the documentation, which ends where the user's part begins.
with_documentation() {
    awk '/^```c$/ { inside = 1; next } /^```/ { inside = 0 } inside' "$repository/docs/c-library.md" \
        >"$work/documentation.c"
    grep -q kvs_session_read "$work/documentation.c" &&
        "$CC" -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I"$prefix/include" \
            "$work/documentation.c"
}

with_cmake() {
    cmake -S "$example" -B "$work/$kind/cmake" -DCMAKE_PREFIX_PATH="$prefix" &&
        cmake --build "$work/$kind/cmake"
}

with_subdirectory() {
    mkdir -p "$work/subdirectory"
    cat >"$work/subdirectory/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.16)
project(program LANGUAGES C)
set(BUILD_TESTING ON)
add_subdirectory($repository kvs)
add_executable(program $example/h264_to_mkv.c $example/h264_reader.c $example/h264_order.c)
target_link_libraries(program PRIVATE kvs::kvs)
END
    cmake -S "$work/subdirectory" -B "$work/subdirectory/build" &&
        cmake --build "$work/subdirectory/build" --parallel "$(getconf _NPROCESSORS_ONLN)" &&
        [ -z "$(find "$work/subdirectory/build" -name '*_test')" ]
}

with_cxx() {
    # shellcheck disable=SC2046
    "$CXX" -std=c++17 -Wall -Wextra -Wpedantic -Werror "$work/version.cc" \
        $(pkg-config --cflags --libs kinesis-video-producer) -o "$work/$kind/version" &&
        same "$("$work/$kind/version")" "$1 STATUS_SUCCESS"
}

# The functions that the headers declare, but for those that say by two underscores that they are
# none of a user's business.
declared_functions() {
    echo '#include <kvs/kvs.h>' | "$CC" -E -P -xc -I"$prefix/include" - | tr '\n;{}' ' \n\n\n' |
        grep -vE '\<(static|typedef)\>' |
        awk 'match($0, /kvs_[a-z0-9_]+\(/) { print substr($0, RSTART, RLENGTH - 1) }' |
        grep -v '^kvs__' | sort -u
}

all_headers_are_included() {
    echo '#include <kvs/kvs.h>' >"$work/all.c"
    same "$("$CC" -MM -I"$prefix/include" "$work/all.c" | grep -oE 'kvs/[a-z_]+\.h' | sort -u)" \
        "$(cd "$prefix/include" && find kvs -name '*.h' | sort)"
}

exports_are_declared() {
    same "$(nm -D --defined-only "$prefix"/lib*/libkvs.so | awk '{ print $NF }' | sort)" \
        "$(declared_functions)"
}

soname_is_versioned() {
    same "$(readelf -d "$prefix"/lib*/libkvs.so | sed -nE 's/.*SONAME.*\[(.*)\]/\1/p')" \
        "libkvs.so.${1%.*}"
}

static_names_are_ours() {
    local foreign
    foreign=$(nm -g --defined-only "$prefix"/lib*/libkvs.a | awk 'NF == 3 && $3 !~ /^kvs_/')
    same "$foreign" ''
}

# --- What the example makes.
pixels() { ffmpeg -v error -i "$1" -f rawvideo -fps_mode passthrough - </dev/null 2>&1 | md5sum; }

converts() {
    local program=$1 name=$2 file=$work/$2
    "$program" "$file.h264" "$file.mkv" >"$file.txt" 2>&1 || { cat "$file.txt"; return 1; }
    same "$(cut -d, -f1 "$file.txt" | sed "s|^$work/||; s| in .*||")" "$name.mkv: $pictures pictures" ||
        return 1
    mkvinfo -v "$file.mkv" >"$file.info" 2>&1 || { cat "$file.info"; return 1; }
    ! grep -iE 'warning|error|unknown element' "$file.info" || return 1
    same "$(ffmpeg -v warning -i "$file.mkv" -f null - </dev/null 2>&1)" '' || return 1
    same "$(ffprobe -v error -count_frames -show_entries stream=nb_read_frames,r_frame_rate \
        -of csv=p=0 "$file.mkv")" "25/1,$pictures" || return 1
    # Shown at equal distances.
    same "$(ffprobe -v error -show_entries packet=pts -of csv=p=0 "$file.mkv" | tr -d , | sort -n |
        awk 'NR > 1 { print $1 - last } { last = $1 }' | sort -u)" 40 || return 1
    same "$(pixels "$file.mkv")" "$(pixels "$file.h264")"
}

refuses() {
    local program=$1 want=$2 status=0
    shift 2
    "$program" "$@" >"$work/refused" 2>&1 || status=$?
    cat "$work/refused"
    [ "$status" -eq "${want%% *}" ] && grep -qF -- "${want#* }" "$work/refused"
}

# A hundred megabytes through a pipe take no more memory than the first of them.
needs_little_memory() {
    local copies=$((100000000 / $(wc -c <"$work/b-frames.h264")))
    for ((i = 0; i < copies; i++)); do cat "$work/b-frames.h264"; done |
        python3 -c '
import resource, subprocess, sys
subprocess.run(sys.argv[2:], check=True)
kilobytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
sys.exit(kilobytes > int(sys.argv[1]) and f"{kilobytes} KB")' 40000 "$1" - "$work/large.mkv" &&
        [ "$(wc -c <"$work/large.mkv")" -gt 90000000 ] && rm "$work/large.mkv"
}

version=$(node -p "require('./package.json').version")
example=$work/example
mkdir "$example"
cp examples/c/*.[ch] examples/c/CMakeLists.txt "$example"
cat >"$work/version.cc" <<'END'
#include <kvs/kvs.h>
#include <cstdio>
static_assert(KVS_VERSION >= KVS_VERSION_NUMBER(0, 1, 0), "versions compare");
int main() { std::printf("%s %s\n", KVS_VERSION_STRING, kvs_status_name(KVS_STATUS_SUCCESS)); }
END
make_media

for kind in static shared; do
    prefix=$work/$kind/moved
    mkdir "$work/$kind"
    shared=OFF
    [ $kind = static ] || shared=ON
    echo "== $kind"
    check "the $kind library installs" install_library $kind $shared
    pkg_config_file=$(find "$prefix" -name kinesis-video-producer.pc)
    export PKG_CONFIG_PATH=${pkg_config_file%/*} LD_LIBRARY_PATH=
    [ $kind = static ] || LD_LIBRARY_PATH=$(dirname "$PKG_CONFIG_PATH")

    check "pkg-config ($kind) gives the version of package.json" \
        same "$(pkg-config --modversion kinesis-video-producer)" "$version"
    check "the headers ($kind) work in C++ and have that version" with_cxx "$version"
    check 'kvs.h brings every header' all_headers_are_included
    check "the example builds with pkg-config ($kind)" with_pkg_config
    check "the example builds with find_package ($kind)" with_cmake
    check 'the loop of the documentation compiles' with_documentation
    if [ $kind = static ]; then
        check 'the example builds with the library as a part of its project' with_subdirectory
        check 'the static library defines names of its own only' static_names_are_ours
    else
        check 'the shared library exports what the headers declare' exports_are_declared
        check 'its soname has the version' soname_is_versioned "$version"
        check "the example's program uses it" sh -c "readelf -d '$work/shared/pkg-config' | grep -q libkvs.so"
    fi
    check "the program built with CMake ($kind) converts" \
        converts "$work/$kind/cmake/h264_to_mkv" b-frames
    for entry in "${media[@]}"; do
        check "$kind, ${entry%% *}" converts "$work/$kind/pkg-config" "${entry%% *}"
    done
done

echo '== refusals and memory'
program=$work/static/pkg-config
unset LD_LIBRARY_PATH
cat "$work/plain.h264" "$work/yuv444.h264" >"$work/two-formats.h264"
: >"$work/empty.h264"
check 'no arguments' refuses "$program" '2 usage:'
check 'a rate that is none' refuses "$program" '2 --fps wants' --fps 0 a b
check 'no such file' refuses "$program" '1 No such file' "$work/none.h264" "$work/out.mkv"
check 'an empty file' refuses "$program" '1 is empty' "$work/empty.h264" "$work/out.mkv"
check 'no H.264' refuses "$program" '1 is no H.264' "$work/plain.mkv" "$work/out.mkv"
check 'H.265' refuses "$program" '1 no key frame' test/fixtures/h265-bframes.h265 "$work/out.mkv"
check 'a full disk' refuses "$program" '1 No space left' "$work/plain.h264" /dev/full
check 'another format in the middle' \
    refuses "$program" '1 the format of the video changes' "$work/two-formats.h264" "$work/out.mkv"
check 'what came before it is a whole file' \
    same "$(pixels "$work/out.mkv")" "$(pixels "$work/plain.h264")"
check 'large input needs little memory' needs_little_memory "$program"

echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
