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
# shellcheck disable=SC2086
fetch_sources "$out" $LIBRARIES
build >"$out/build.log" 2>&1 || { tail -n 40 "$out/build.log"; exit 1; }
HF_PKI_DIR=$PWD/build/pki python3 -B tests/device/run.py "$out"
