# What check.sh and demo.sh share; to be sourced from the top of the repository.
# shellcheck shell=bash

# What building and the demonstration need, and what the tests need beyond that (Debian names);
# for the scripts that source this file.
# shellcheck disable=SC2034
PACKAGES_BUILD='gcc libc6-dev cmake ninja-build pkg-config libtomcrypt-dev libtommath-dev libgmp-dev
    libjansson-dev libmbedtls-dev openssl'
# shellcheck disable=SC2034
PACKAGES_CHECK='binutils ca-certificates chromium clang clang-format clang-tidy cppcheck curl g++ git gnutls-bin
    libbearssl-dev libbotan-2-dev libc6-dbg libclang-rt-dev libcriterion-dev libgnutls28-dev liblwip-dev
    libnss3-tools libssl-dev libwolfssl-dev llvm nginx-light python3 valgrind'
# shellcheck disable=SC2034
PACKAGES_AFL='afl++'

# need PACKAGE ...: installs what is missing and says what; silent, and without network, otherwise.
need() {
    local missing=() package sudo=()
    if ! command -v dpkg-query >/dev/null; then
        echo "Not a Debian system; needed are what these packages hold: $*" >&2
        return 0
    fi
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "Installing: ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "Please install as root: apt-get install ${missing[*]}" >&2
            return 1
        }
        sudo=(sudo)
    fi
    "${sudo[@]}" apt-get update -qq </dev/null &&
        "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -qq -y --no-install-recommends "${missing[@]}" </dev/null >/dev/null
}

# configure PRESET [OPTION ...]: Ninja where it is present, else make.
configure() {
    local preset=$1
    shift
    if [ -z "${CMAKE_GENERATOR:-}" ] && command -v ninja >/dev/null; then
        export CMAKE_GENERATOR=Ninja
    fi
    cmake --preset "$preset" "$@"
}

# seconds_since START: with one decimal; START is a value of $EPOCHREALTIME.
seconds_since() {
    local now=${EPOCHREALTIME/[.,]/} start=${1/[.,]/}
    local tenths=$(((now - start) / 100000))
    echo "$((tenths / 10)).$((tenths % 10))"
}

# fuzz_header NAME KEYWORD: the words of the lists `KEYWORD: WORD, WORD, ...` in the header of
# fuzz/fuzz_NAME.c, one a line.
fuzz_header() {
    awk -v keyword="$2:" '
        { sub(/^ ?\/?\*/, "") }
        {
            for (i = 1; i <= NF; i++) {
                if ($i == keyword) { inside = 1; continue }
                if (!inside) continue
                inside = sub(/,$/, "", $i)
                print $i
            }
        }
        /\*\/$/ { exit }' "fuzz/fuzz_$1.c"
}

# fuzz_dictionary NAME: the file that its header names, if any.
fuzz_dictionary() {
    fuzz_header "$1" dictionary | sed 's|^|fuzz/|'
}
