#!/usr/bin/env bash
# Builds the fuzz harnesses in the way of OSS-Fuzz (google.github.io/oss-fuzz, "Setting up a new
# project"): run as its build.sh, from anywhere, with its variables. Into $OUT go, for each harness,
# the program fuzz_NAME, fuzz_NAME_seed_corpus.zip, fuzz_NAME.options and, where it has one,
# fuzz_NAME.dict. Programs run on a machine without this one's libraries, so those of the packages
# libtomcrypt-dev, libtommath-dev, libgmp-dev and libmbedtls-dev are linked statically. It also needs
# cmake, zip and libpcap-dev, whose shared library fuzz_capture runs with. To try it without OSS-Fuzz:
#
#     CC=clang CXX=clang++ CFLAGS=-fsanitize=address,fuzzer-no-link CXXFLAGS=-fsanitize=address \
#     LIB_FUZZING_ENGINE=-fsanitize=fuzzer OUT=/tmp/out WORK=/tmp/work fuzz/oss-fuzz-build.sh
#
# $WORK/build is the build tree. $SRC is not looked at: sources are where this script is.
set -euo pipefail
: "${CC:?}" "${CXX:?}" "${CFLAGS=}" "${CXXFLAGS=}" "${LIB_FUZZING_ENGINE:?}" "${OUT:?}" "${WORK:?}"
mkdir -p "$OUT" "$WORK"
OUT=$(cd "$OUT" && pwd) WORK=$(cd "$WORK" && pwd)
cd "$(dirname "$0")/.."
. scripts/lib.sh

# static_library NAME: the path of an archive, wherever this compiler looks for it.
static_library() {
    local path
    path=$($CC -print-file-name="lib$1.a")
    [ -f "$path" ] || { echo "lib$1.a is missing" >&2; return 1; }
    realpath "$path"
}

tomcrypt=$(static_library tomcrypt) tommath=$(static_library tommath)
gmp=$(static_library gmp) mbedcrypto=$(static_library mbedcrypto)

# Engines are C++, which decides what links.
cmake -S . -B "$WORK/build" -DCMAKE_BUILD_TYPE= -DCMAKE_C_COMPILER="$CC" -DCMAKE_C_FLAGS="$CFLAGS" \
    -DCMAKE_C_LINK_EXECUTABLE="$CXX $CXXFLAGS <CMAKE_C_LINK_FLAGS> <LINK_FLAGS> <OBJECTS> -o <TARGET> <LINK_LIBRARIES>" \
    -DHF_FUZZ_ENGINE="$LIB_FUZZING_ENGINE" -DHF_SHARED=OFF -DHF_TOOL=OFF -DHF_TESTS=OFF -DHF_BENCH=OFF \
    -DHF_INSTALL=OFF -DTomCrypt_LIBRARY="$tomcrypt" -DTomCrypt_tommath_LIBRARY="$tommath" \
    -DTomCrypt_gmp_LIBRARY="$gmp" -DMBEDCRYPTO_LIBRARY="$mbedcrypto"
cmake --build "$WORK/build" -j "$(nproc)"

for source in fuzz/fuzz_*.c; do
    name=${source##*/fuzz_} name=${name%.c}
    cp "$WORK/build/fuzz/fuzz_$name" "$OUT/"
    rm -f "$OUT/fuzz_${name}_seed_corpus.zip"
    zip -q -j "$OUT/fuzz_${name}_seed_corpus.zip" "fuzz/corpus/$name"/*
    printf '[libfuzzer]\ntimeout = 10\nclose_fd_mask = 3\n' >"$OUT/fuzz_$name.options"
    dictionary=$(fuzz_dictionary "$name")
    [ -z "$dictionary" ] || cp "$dictionary" "$OUT/fuzz_$name.dict"
done
