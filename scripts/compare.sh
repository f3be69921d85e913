#!/usr/bin/env bash
# Compares what TLS takes of a Cortex-M3 with Handfast, with BearSSL and with mbed TLS: flash by parts,
# RAM of a connection, stack and instructions, of clients and servers that shake hands with OpenSSL in
# QEMU (bench/footprint/, and examples/firmware/ for Handfast).
#
#     scripts/compare.sh [--write]
#
# Prints the tables; --write renews those in docs/memory.md. Debian's sources of the two libraries are
# fetched once, into build/compare/sources, and those of Handfast's primitives by scripts/device.sh;
# after that no network is used.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

PACKAGES='cmake dpkg-dev gcc-arm-none-eabi libnewlib-arm-none-eabi make openssl python3
    qemu-system-arm xz-utils'
LIBRARIES='bearssl mbedtls'
device=build/device
out=build/compare
images=$out/images

write=no
case $# in
0) ;;
*) [ "$*" = --write ] || { sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2; }; write=yes ;;
esac

# version_of FOLDER NAME: of a source package.
version_of() {
    sed -n 's/^Version: //p' "$1/sources/$2"_*.dsc
}

# trust_anchor: the root certificate of the tests as BearSSL takes it. Its subject is its issuer, the
# second SEQUENCE of what is signed (RFC 5280 4.1).
trust_anchor() {
    local root=build/pki/root-p256 at
    at=$(openssl asn1parse -inform DER -in $root.der |
        awk '/d=2 .*cons: SEQUENCE/ && ++seen == 2 { print $1 + 0 }')
    openssl asn1parse -inform DER -in $root.der -strparse "$at" -noout -out $images/root_subject.der
    # The uncompressed point ends the SubjectPublicKeyInfo (RFC 5480 2.2).
    openssl x509 -in $root.pem -noout -pubkey | openssl pkey -pubin -outform DER | tail -c 65 \
        >$images/root_point
}

build() {
    trust_anchor
    cmake -S bench/footprint -B $images --toolchain "$PWD/cmake/cortex-m3.cmake" \
        -DCMAKE_BUILD_TYPE=MinSizeRel "-DBEARSSL_SOURCE=$PWD/$out/bearssl" \
        "-DMBEDTLS_SOURCE=$PWD/$out/mbedtls" "-DHF_PKI_DIR=$PWD/build/pki" &&
        cmake --build $images -j "$(nproc)"
}

# measure: the tables, with where each column comes from.
measure() {
    local bearssl mbedtls
    bearssl=$(version_of $out bearssl)
    mbedtls=$(version_of $out mbedtls)
    echo "Handfast: this revision, [examples/firmware](../examples/firmware), with Debian's libtomcrypt" \
        "$(version_of $device libtomcrypt) and libtommath $(version_of $device libtommath)."
    echo "BearSSL: Debian's source package bearssl $bearssl. mbed TLS: Debian's source package mbedtls $mbedtls."
    echo "$(arm-none-eabi-gcc --version | head -n 1), -Os -mthumb -mcpu=cortex-m3."
    echo
    HF_PKI_DIR=$PWD/build/pki python3 -B bench/footprint/run.py $device $out handfast=Handfast \
        "bearssl_prime_i15=BearSSL ${bearssl%%+*}, small P-256" \
        "bearssl_p256_m15=BearSSL ${bearssl%%+*}, fast P-256" "mbedtls=mbed TLS ${mbedtls%%-*}"
}

# shellcheck disable=SC2086
need $PACKAGES
mkdir -p $images
scripts/device.sh >$out/device.log || { tail -n 40 $out/device.log; exit 1; }
# shellcheck disable=SC2086
fetch_sources "$PWD/$out" $LIBRARIES
build >$out/build.log 2>&1 || { tail -n 40 $out/build.log; exit 1; }
measure >$out/tables
cat $out/tables
if [ $write = yes ]; then
    sed -e '/^<!-- comparison -->$/,/^<!-- end of comparison -->$/{//!d}' \
        -e "/^<!-- comparison -->\$/r $out/tables" docs/memory.md >$out/memory.md
    mv $out/memory.md docs/memory.md
fi
