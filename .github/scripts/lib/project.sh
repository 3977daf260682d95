# shellcheck shell=bash
# A folder in which the packed package is installed, for sourcing from the root of the repository.

repository=$PWD

# version_of PACKAGE: that is installed here, wherever the script has gone to since.
version_of() {
    node -p "require('$repository/node_modules/$1/package.json').version"
}

# compile FOLDER TO: each file by itself.
compile() {
    find "$1" -name '*.ts' -not -path 'test/package/*' -not -path 'test/types/*' -print0 |
        xargs -0 npx --no-install esbuild --log-level=error --format=esm --platform=node \
            --target=node20 --outbase="$1" --outdir="$2"
}

# install_package FOLDER: packs the package, with whatever prebuilt binaries there are, and installs it
# there as a stranger would, beside the compiled tests, the media and the program of the demonstration.
install_package() {
    local folder=$1 package=$1/node_modules/kinesis-video-producer
    npm run --silent clean
    npm run --silent build
    npm pack --silent --ignore-scripts --pack-destination "$folder" >/dev/null
    echo '{ "private": true, "type": "module" }' >"$folder/package.json"
    npm install --prefix "$folder" --no-audit --no-fund --prefer-offline --ignore-scripts --silent \
        "$folder"/*.tgz "uvu@$(version_of uvu)" "fast-check@$(version_of fast-check)"
    # The tests reach for modules that the package has joined into few files. So they get those one by
    # one, in the folder of the package, for whose addon they look.
    compile ts "$package/modules"
    ln -s node_modules/kinesis-video-producer/modules "$folder/ts"
    compile test "$folder/test"
    cp test/fixtures/clip.mp4 test/package/project/round-trip.js "$folder"
}
