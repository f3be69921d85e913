#!/usr/bin/env bash
# What validating a chain costs over its signature checks, in instructions by callgrind:
#
#     bench/path_cost.sh [BUILD FOLDER [PATHS]]
#
# The target is 2 % for P-256; the exit status is 1 if it is missed.
set -euo pipefail

program=${1:-build}/bench/path_cost
count=${2:-20}
target=1.02
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT
[ -x "$program" ] || { echo "$program is not built (HF_BENCH, HF_TESTS)" >&2; exit 3; }

# instructions FUNCTION KEYS
instructions() {
    valgrind --tool=callgrind --toggle-collect="$1" --callgrind-out-file="$output/counts" \
        "$program" "$count" "$2" >"$output/log" 2>&1 || { cat "$output/log" >&2; exit 3; }
    awk '/^totals: / { print $2 }' "$output/counts"
}

status=0
for keys in p256 p384 p521 rsa2048; do
    paths=$(instructions counted_paths $keys)
    signatures=$(instructions counted_signatures $keys)
    awk -v keys=$keys -v n="$count" -v t=$target -v paths="$paths" -v signatures="$signatures" 'BEGIN {
        ratio = paths / signatures
        is_missed = keys == "p256" && ratio > t
        printf "%-8s %10d %10d %7.4f%s\n", keys, paths / n, signatures / n, ratio,
            (is_missed ? "  above the target" : "")
        exit is_missed
    }' || status=1
done
exit $status
