# What check.sh and demo.sh share; to be sourced from the top of the repository.
# shellcheck shell=bash

# What building and the demonstration need, and what the tests need beyond that (Debian names);
# for the scripts that source this file.
# shellcheck disable=SC2034
PACKAGES_BUILD='gcc libc6-dev cmake ninja-build pkg-config libtomcrypt-dev libtommath-dev libgmp-dev
    libjansson-dev libmbedtls-dev libpcap-dev openssl'
# shellcheck disable=SC2034
PACKAGES_CHECK='binutils ca-certificates chromium clang clang-format clang-tidy cppcheck curl g++ git gnutls-bin
    libbearssl-dev libbotan-2-dev libc6-dbg libclang-rt-dev libcriterion-dev libgnutls28-dev liblwip-dev
    libnss3-tools libssl-dev libwolfssl-dev llvm nginx-light python3 tshark valgrind'
# shellcheck disable=SC2034
PACKAGES_AFL='afl++'

# Debian names for scripts/cross.sh: what runs here, and libraries of each other machine.
# shellcheck disable=SC2034
PACKAGES_CROSS='clang libcriterion-dev qemu-user'
# shellcheck disable=SC2034
PACKAGES_FOREIGN='libtomcrypt-dev libtommath-dev libgmp-dev libjansson-dev libmbedtls-dev libpcap-dev'

# missing_of PACKAGE ...: those that are not installed, one a line.
missing_of() {
    local package
    for package in "$@"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            echo "$package"
    done
}

# as_root COMMAND ...
as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# install_packages PACKAGE ...: nothing that is installed is ever removed for them. Lists of packages
# that could not be renewed are no reason to give up.
install_packages() {
    echo "Installing: $*"
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        echo "Please install as root: apt-get install $*" >&2
        return 1
    fi
    as_root apt-get update -qq </dev/null || true
    # Builds of libtomcrypt-dev differ in a manual, which dpkg takes for a conflict between machines.
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends --no-remove \
        -o Dpkg::Options::=--path-exclude=/usr/share/doc/libtomcrypt-dev/crypt.pdf.gz \
        "$@" </dev/null >/dev/null
}

# need PACKAGE ...: installs what is missing and says what; silent, and without network, otherwise.
need() {
    local missing
    if ! command -v dpkg-query >/dev/null; then
        echo "Not a Debian system; needed are what these packages hold: $*" >&2
        return 0
    fi
    mapfile -t missing < <(missing_of "$@")
    [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
}

# need_foreign ARCHITECTURE PACKAGE ...: the same with packages of another machine, such as armhf.
need_foreign() {
    local architecture=$1 missing
    shift
    mapfile -t missing < <(missing_of "${@/%/:$architecture}")
    [ ${#missing[@]} -gt 0 ] || return 0
    if ! dpkg --print-foreign-architectures | grep -qx "$architecture"; then
        echo "Letting dpkg install packages of $architecture: dpkg --add-architecture $architecture"
        as_root dpkg --add-architecture "$architecture" || return 1
    fi
    install_packages "${missing[@]}" || {
        echo "Libraries of $architecture must be of the same version as this machine's: try apt-get upgrade" >&2
        return 1
    }
}

# list_sources FOLDER: the machine's own entries for its Debian release, as sources of source
# packages, into FOLDER/parts. Its lists of packages stay as they are: FOLDER has lists of its own.
list_sources() {
    local folder=$1 codename
    codename=$(. /etc/os-release && echo "$VERSION_CODENAME")
    mkdir -p "$folder/parts" "$folder/lists/partial" "$folder/cache/archives/partial"
    find /etc/apt/sources.list.d -name '*.sources' -exec cat {} + -exec echo ';' 2>/dev/null |
        sed -e 's/^;$//' -e '/^#/d' | awk -v codename="$codename" '
            BEGIN { RS = ""; FS = "\n" }
            $0 ~ "(^|\n)Suites:[^\n]* " codename "([ \n]|$)" {
                sub(/(^|\n)Types:[^\n]*/, "\nTypes: deb-src"); print $0 "\n"
            }' >"$folder/parts/here.sources"
    find /etc/apt -maxdepth 2 -name '*.list' -exec cat {} + |
        sed -nE "s/^deb (.* $codename(-[a-z]+)? .*)/deb-src \1/p" >"$folder/parts/here.list"
}

# apt_source FOLDER ARGUMENT ...: apt-get with the lists in FOLDER.
apt_source() {
    local folder=$1
    shift
    apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$folder/parts" \
        -o "Dir::State::lists=$folder/lists" -o "Dir::Cache=$folder/cache" \
        -o APT::Sandbox::User= "$@"
}

# fetch_sources FOLDER NAME ...: Debian's source packages, fetched once into FOLDER/sources and
# unpacked into FOLDER/NAME. Apt checks what it gets by the signed lists, dpkg-source what is
# unpacked by the .dsc file.
fetch_sources() {
    local folder=$1 name sources=$1/sources
    shift
    mkdir -p "$sources"
    if [ ! -e "$sources/fetched" ]; then
        echo "Fetching the sources of: $*"
        list_sources "$sources"
        apt_source "$sources" update
        (cd "$sources" && apt_source "$sources" source --download-only "$@")
        touch "$sources/fetched"
    fi
    for name in "$@"; do
        [ ! -e "$folder/$name/.unpacked" ] || continue
        rm -rf "${folder:?}/$name"
        dpkg-source --require-strong-checksums -x "$sources/$name"_*.dsc "$folder/$name" \
            >"$sources/$name.log" 2>&1 || { cat "$sources/$name.log" >&2; return 1; }
        touch "$folder/$name/.unpacked"
    done
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
