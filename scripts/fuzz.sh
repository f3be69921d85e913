#!/usr/bin/env bash
# Fuzzes with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer:
#
#     scripts/fuzz.sh HARNESS SECONDS [LIBFUZZER OPTION ...]
#
# HARNESS is the NAME of a fuzz/fuzz_NAME.c, SECONDS how long to look for something new. It begins
# with the seeds of fuzz/corpus/NAME and with what earlier runs have left in build/fuzzing/NAME.
# An input that ends in a trap, a sanitizer's report or a timeout is kept as build/fuzzing/NAME-*;
# build/fuzz/fuzz/fuzz_NAME FILE runs it again. The exit status is 1 if there was one.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

name=${1:-} seconds=${2:-}
if [ ! -f "fuzz/fuzz_$name.c" ] || ! [[ $seconds =~ ^[0-9]+$ ]]; then
    echo "usage: scripts/fuzz.sh HARNESS SECONDS [LIBFUZZER OPTION ...]; harnesses:" >&2
    for harness in fuzz/fuzz_*.c; do
        harness=${harness##*/fuzz_}
        echo "    ${harness%.c}" >&2
    done
    exit 2
fi
shift 2

mkdir -p "build/fuzzing/$name"
{
    configure fuzz
    cmake --build --preset fuzz -j "$(nproc)" --target "fuzz_$name"
} >build/fuzzing/build.log 2>&1 || { tail -n 40 build/fuzzing/build.log >&2; exit 3; }
build/fuzz/fuzz/"fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -dict=fuzz/tls.dict -artifact_prefix="build/fuzzing/$name-" "$@" \
    "build/fuzzing/$name" "fuzz/corpus/$name" || exit 1
