#!/usr/bin/env bash
# What a handshake costs over the sum of its primitives, in instructions:
#
#     bench/handshake_cost.sh [BUILD FOLDER [HANDSHAKES]]
#
# One line for each suite of ECDHE and RSA key transport with secp256r1, and one suite with the
# larger groups. Both ends are counted together, by callgrind. `public key`, `hashes` and `ciphers`
# are what libtomcrypt takes for a handshake if it is called for nothing else (primitives.h);
# `ratio` is the handshake over the sum of them. The target is at most 1.05; the exit status is 1 if
# a suite misses it. The last column is the ratio to the public-key operations alone.
set -euo pipefail

program=${1:-build}/bench/handshake_cost
count=${2:-4}
target=1.05
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT
[ -x "$program" ] || { echo "$program is not built (HF_BENCH, HF_TESTS)" >&2; exit 3; }

# row SUITE GROUP KEYS NAME: the instructions of each function counted_* and all that it calls.
row() {
    valgrind --tool=callgrind --toggle-collect='counted_*' --callgrind-out-file="$output/counts" \
        "$program" "$count" "${@:1:3}" >"$output/log" 2>&1 || { cat "$output/log" >&2; exit 3; }
    callgrind_annotate --inclusive=yes --threshold=100 --auto=no "$output/counts" |
        sed -nE 's/,//g; s/^ *([0-9]+) .*:counted_([a-z_]+)[^a-z_].*/\2 \1/p' |
        awk -v name="$4" -v group="$2" -v n="$count" -v t=$target '
            { count[$1] = $2 / n }
            END {
                primitives = count["public_key"] + count["hashes"] + count["ciphers"]
                if (!count["handshakes"] || !count["public_key"] || !count["hashes"]) {
                    print name ": nothing was counted"
                    exit 1
                }
                ratio = count["handshakes"] / primitives
                printf "%-46s %5d %11d %11d %9d %8d %7.4f %8.4f%s\n", name, group,
                    count["handshakes"], count["public_key"], count["hashes"], count["ciphers"],
                    ratio, count["handshakes"] / count["public_key"],
                    (ratio > t ? "  above the target" : "")
                exit (ratio > t)
            }'
}

"$program" >"$output/suites"
status=0
printf '%-46s %5s %11s %11s %9s %8s %7s %8s\n' \
    suite group handshake 'public key' hashes ciphers ratio 'no hash'
while read -r suite keys name; do
    row "$suite" 23 "$keys" "$name" || status=1
done <"$output/suites"
row c02b 24 p384 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 || status=1
row c02b 25 p521 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 || status=1
exit $status
