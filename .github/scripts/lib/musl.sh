# shellcheck shell=bash
# Folders with musl for other processors, for sourcing from the root of the repository.

# musl_root ARCHITECTURE: prints a folder with musl and the parts of gcc of that architecture of Debian
# (arm64, armhf), from its packages. apt does as if it was on such a machine, with a state of its own
# in that folder: nothing of this system is changed, and the signatures are checked as always.
musl_root() {
    local folder=$PWD/build/toolchain/musl-$1 apt=$PWD/build/toolchain/apt-$1 options deb
    if [ ! -d "$folder" ]; then
        mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
        options=(-qq -o APT::Architecture="$1" -o APT::Architectures="$1" -o APT::Sandbox::User=root
            -o Dir::State::lists="$apt/lists" -o Dir::Cache="$apt/cache" -o Dir::State::status=/dev/null)
        # Of an archive that is just being changed one index may not fit; the rest is used.
        apt-get "${options[@]}" update >&2 || true
        (cd "$apt" && apt-get "${options[@]}" download musl musl-dev libstdc++-12-pic libgcc-12-dev >&2)
        for deb in "$apt"/*.deb; do dpkg -x "$deb" "$folder.new"; done
        mv "$folder.new" "$folder"
        rm -r "$apt"
    fi
    echo "$folder"
}
