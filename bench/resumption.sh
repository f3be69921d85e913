#!/usr/bin/env bash
# What a resumed handshake costs in instructions, both ends counted together by callgrind:
#
#     bench/resumption.sh [BUILD FOLDER [HANDSHAKES]]
#
# One line for each suite, by session ID and by ticket. The target is 450,000 for the session of
# TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256; the exit status is 1 if it is missed.
set -euo pipefail

program=${1:-build}/bench/resumption
count=${2:-8}
target=450000
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT
[ -x "$program" ] || { echo "$program is not built (HF_BENCH, HF_TESTS)" >&2; exit 3; }

status=0
for suite in cca9 c02b c02c c023 c009; do
    for kind in id ticket; do
        valgrind --tool=callgrind --toggle-collect=counted_resumptions \
            --callgrind-out-file="$output/counts" "$program" "$count" $suite $kind \
            >"$output/log" 2>&1 || { cat "$output/log" >&2; exit 3; }
        total=$(awk '/^totals: / { print $2 }' "$output/counts")
        name=$(awk '/us a resumption/ { print $1; exit }' "$output/log")
        note=
        if [ $suite = cca9 ] && [ $((total / count)) -gt $target ]; then
            note='  above the target'
            status=1
        fi
        printf '%-46s %-6s %9d%s\n' "$name" $kind $((total / count)) "$note"
    done
done
exit $status
