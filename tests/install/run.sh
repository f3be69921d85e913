#!/bin/sh
# run.sh BUILD LIBDIR CC shared|static: installs BUILD into a stage, builds the consumer against the
# stage with CMake and with pkg-config, runs what came out.
set -eu

build=$1 libdir=$2 CC=$3 kinds=static
[ "$4" = shared ] && kinds='static shared'
export CC
source=$(cd "$(dirname "$0")/consumer" && pwd)
stage=$build/tests/install/stage
work=$build/tests/install/work
rm -rf "$stage" "$work"
mkdir -p "$work"

cmake --install "$build" --prefix "$stage" >"$work/install.log"
cmake -S "$source" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$stage" -DKINDS="$kinds" >"$work/configure.log"
cmake --build "$work/cmake" >"$work/build.log"
for kind in $kinds; do
    "$work/cmake/consumer_$kind"
    echo "CMake package, $kind: ok"
done

# The stage was not the prefix at configure time.
export PKG_CONFIG_PATH="$stage/$libdir/pkgconfig"
flags() {
    pkg-config --define-variable=prefix="$stage" "$@" handfast
}
for kind in $kinds; do
    program=$work/pkgconfig_$kind
    # The flags are lists of words.
    # shellcheck disable=SC2046
    case $kind in
    shared) "$CC" -std=c11 $(flags --cflags) "$source/main.c" -o "$program" $(flags --libs) \
        "-Wl,-rpath,$stage/$libdir" ;;
    static) "$CC" -std=c11 $(flags --cflags) "$source/main.c" -o "$program" \
        $(flags --libs --static | sed 's/-lhandfast/-l:libhandfast.a/') ;;
    esac
    "$program"
    echo "pkg-config, $kind: ok"
done

# Whoever links the library sees the switches that it was built with, and no more than is needed.
[ -f "$stage/include/handfast-1/crypto_glue/types.h" ]
[ ! -e "$stage/include/handfast-1/crypto_glue/tomcrypt_random.h" ]
if [ "$4" = shared ]; then
    [ -L "$stage/$libdir/libhandfast.so" ]
    readelf -d "$stage/$libdir/libhandfast.so" | grep -q 'SONAME.*libhandfast\.so\.[0-9]'
    foreign=$(nm -D --defined-only "$stage/$libdir/libhandfast.so" | awk '$3 !~ /^hf_/ {print $3}')
    [ -z "$foreign" ] || { echo "exported without hf_: $foreign" >&2; exit 1; }
fi
