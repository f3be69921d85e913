#!/usr/bin/env bash
# What application data costs in records of several sizes, through a connection and through the
# bare AEAD of crypto_glue, sealing and opening:
#
#     bench/bulk.sh [BUILD FOLDER [MEGABYTES]]
#
# First MB/s, by the best of many batches, then instructions per byte, by callgrind. `of bare` is
# what the connection reaches of the primitive. The target is 95 % with records of 16 KB, in
# instructions, since only these are the same on every run; the exit status is 1 if one misses it.
set -euo pipefail

program=${1:-build}/bench/bulk
megabytes=${2:-50}
target=95
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT
[ -x "$program" ] || { echo "$program is not built (HF_BENCH, HF_TESTS)" >&2; exit 3; }

suites='cca9 c02b c02c' # ChaCha20-Poly1305, AES-128-GCM, AES-256-GCM
sizes='16384 1024 256'
counted_megabytes=0.5

# count SUITE SIZE
count() {
    valgrind --tool=callgrind --toggle-collect='counted_*' --callgrind-out-file="$output/counts" \
        "$program" "$1" "$2" $counted_megabytes >"$output/log" 2>&1 || { cat "$output/log" >&2; exit 3; }
    callgrind_annotate --inclusive=yes --threshold=100 --auto=no "$output/counts" |
        sed -nE 's/,//g; s/^ *([0-9]+) .*:counted_([a-z]+)_([a-z]+)[^a-z].*/\2 \3 \1/p' |
        awk -v name="$(awk '/MB\/s/ { print $1; exit }' "$output/log")" -v size="$2" \
            -v megabytes=$counted_megabytes -v t=$target '
            { count[$1, $2] = $3 }
            END {
                batches = int(megabytes * 1e6 / 65536) + 1
                bytes = batches * int(65536 / size) * size
                print_row("seal")
                print_row("open")
                exit missed
            }
            function print_row(what,  share) {
                share = 100 * count["aead", what] / count["conn", what]
                printf "%-46s %5d %-5s %8.2f        bare %8.2f:      %5.1f %%\n", name, size, what,
                    count["conn", what] / bytes, count["aead", what] / bytes, share
                if (size == 16384 && share < t) missed = 1
            }'
}

status=0
echo "MB/s, and of bare"
for suite in $suites; do
    for size in $sizes; do
        "$program" "$suite" "$size" "$megabytes"
    done
done
echo "Instructions per byte, and of bare"
for suite in $suites; do
    for size in $sizes; do
        count "$suite" "$size" || status=1
    done
done
exit $status
