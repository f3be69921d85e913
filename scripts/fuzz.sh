#!/usr/bin/env bash
# Fuzzes with AddressSanitizer and UndefinedBehaviorSanitizer:
#
#     scripts/fuzz.sh [--engine libfuzzer|afl] HARNESS SECONDS [OPTION OF THE ENGINE ...]
#
# HARNESS is the NAME of a fuzz/fuzz_NAME.c, SECONDS how long to look for something new. It begins
# with the seeds of fuzz/corpus/NAME and with what earlier runs have left in build/fuzzing, and uses
# the dictionary that the harness names. The default engine is libFuzzer; for AFL++ the package afl++
# is installed.
#
# An input that ends in a trap, a sanitizer's report or a timeout is kept as build/fuzzing/NAME-*, or
# in build/fuzzing/afl/NAME/default/crashes and hangs; build/fuzz/fuzz/fuzz_NAME FILE runs it again.
# The exit status is 1 if there was one.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

engine=libfuzzer
if [ "${1:-}" = --engine ]; then
    engine=${2:-}
    shift 2
fi
name=${1:-} seconds=${2:-}
if [ ! -f "fuzz/fuzz_$name.c" ] || ! [[ $seconds =~ ^[0-9]+$ && $engine =~ ^(libfuzzer|afl)$ ]]; then
    echo "usage: scripts/fuzz.sh [--engine libfuzzer|afl] HARNESS SECONDS [OPTION ...]; harnesses:" >&2
    for harness in fuzz/fuzz_*.c; do
        harness=${harness##*/fuzz_}
        echo "    ${harness%.c}" >&2
    done
    exit 2
fi
shift 2
dictionary=$(fuzz_dictionary "$name")

# build PRESET [OPTION ...]
build() {
    local preset=$1
    shift
    mkdir -p "build/fuzzing/$name"
    {
        configure "$preset" "$@"
        cmake --build --preset "$preset" -j "$(nproc)" --target "fuzz_$name"
    } >build/fuzzing/build.log 2>&1 || { tail -n 40 build/fuzzing/build.log >&2; exit 3; }
}

with_libfuzzer() {
    build fuzz
    build/fuzz/fuzz/"fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
        ${dictionary:+"-dict=$dictionary"} -artifact_prefix="build/fuzzing/$name-" "$@" \
        "build/fuzzing/$name" "fuzz/corpus/$name"
}

# Without a terminal afl-fuzz prints what it does instead of a screen, and what it asks of the
# machine's settings is for long runs.
with_afl() {
    local out=build/fuzzing/afl/$name
    # shellcheck disable=SC2086
    need $PACKAGES_AFL || exit 3
    AFL_QUIET=1 build afl
    mkdir -p "$out"
    AFL_NO_UI=1 AFL_AUTORESUME=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
        afl-fuzz -V "$seconds" -t 10000 -m none -i "fuzz/corpus/$name" -o "$out" \
        ${dictionary:+-x "$dictionary"} "$@" -- build/afl/fuzz/"fuzz_$name"
    ! compgen -G "$out/default/crashes/id*" >/dev/null && ! compgen -G "$out/default/hangs/id*" >/dev/null
}

"with_$engine" "$@" || exit 1
