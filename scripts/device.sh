#!/usr/bin/env bash
# Builds the firmware of examples/firmware/ and runs it: TLS clients and servers on a Cortex-M3
# without a heap, which QEMU emulates, with OpenSSL and curl at the other end of the serial line.
#
#     scripts/device.sh
#
# Prints what they take of RAM, flash and time, and ends with `N passed, N failed`
# (tests/device/run.py). Debian's sources of libtomcrypt and LibTomMath are fetched once, into
# build/device/sources; after that no network is used.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

PACKAGES='cmake curl dpkg-dev gcc gcc-arm-none-eabi libnewlib-arm-none-eabi make openssl
    python3 qemu-system-arm xz-utils'
LIBRARIES='libtomcrypt libtommath'
out=$PWD/build/device
sources=$out/sources

# The machine's own entries for its Debian release, as sources of source packages. Its lists of
# packages stay as they are: these have lists of their own.
list_sources() {
    local codename
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    mkdir -p "$sources/parts" "$sources/lists/partial" "$sources/cache/archives/partial"
    find /etc/apt/sources.list.d -name '*.sources' -exec cat {} + -exec echo ';' 2>/dev/null |
        sed -e 's/^;$//' -e '/^#/d' | awk -v codename="$codename" '
            BEGIN { RS = ""; FS = "\n" }
            $0 ~ "(^|\n)Suites:[^\n]* " codename "([ \n]|$)" {
                sub(/(^|\n)Types:[^\n]*/, "\nTypes: deb-src"); print $0 "\n"
            }' >"$sources/parts/device.sources"
    find /etc/apt -maxdepth 2 -name '*.list' -exec cat {} + |
        sed -nE "s/^deb (.* $codename(-[a-z]+)? .*)/deb-src \1/p" >"$sources/parts/device.list"
}

# apt_source ARGUMENT ...: apt-get with these sources and lists.
apt_source() {
    apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$sources/parts" \
        -o "Dir::State::lists=$sources/lists" -o "Dir::Cache=$sources/cache" \
        -o APT::Sandbox::User= "$@"
}

# Apt checks what it gets by the signed lists, dpkg-source what is unpacked by the .dsc file.
fetch() {
    local name
    if [ ! -e "$sources/fetched" ]; then
        echo "Fetching the sources of: $LIBRARIES"
        list_sources
        apt_source update
        # shellcheck disable=SC2086
        (cd "$sources" && apt_source source --download-only $LIBRARIES)
        touch "$sources/fetched"
    fi
    for name in $LIBRARIES; do
        [ ! -e "$out/$name/.unpacked" ] || continue
        rm -rf "${out:?}/$name"
        dpkg-source --require-strong-checksums -x "$sources/$name"_*.dsc "$out/$name" \
            >"$sources/$name.log" 2>&1 || { cat "$sources/$name.log" >&2; return 1; }
        touch "$out/$name/.unpacked"
    done
}

# primitives FOLDER [OPTION ...]: libtomcrypt.a and libtommath.a for the device.
primitives() {
    local folder=$1
    shift
    cmake -S examples/firmware/primitives -B "$folder" --toolchain "$PWD/cmake/cortex-m3.cmake" \
        -DCMAKE_BUILD_TYPE=MinSizeRel "-DLIBTOMCRYPT_SOURCE=$out/libtomcrypt" \
        "-DLIBTOMMATH_SOURCE=$out/libtommath" "$@" &&
        cmake --build "$folder" -j "$(nproc)"
}

build() {
    tests/support/make_pki.sh build/pki
    primitives "$out/primitives"
    primitives "$out/primitives-rsa" -DPROFILE_WITH_RSA=ON -DPROFILE_NUMBER_BITS=2048
    for preset in client server rsa; do
        (cd examples/firmware && cmake --preset $preset)
        cmake --build "$out/$preset" -j "$(nproc)"
    done
}

# shellcheck disable=SC2086
need $PACKAGES
mkdir -p "$sources"
fetch
build >"$out/build.log" 2>&1 || { tail -n 40 "$out/build.log"; exit 1; }
HF_PKI_DIR=$PWD/build/pki python3 -B tests/device/run.py "$out"
