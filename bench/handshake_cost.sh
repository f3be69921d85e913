#!/usr/bin/env bash
# What a handshake costs over the sum of its primitives, in instructions:
#
#     bench/handshake_cost.sh [BUILD FOLDER [HANDSHAKES]]
#
# One line for each cipher suite with secp256r1, and one suite with the larger groups. Both ends are
# counted together, by callgrind. `public key` and `hashes` are what libtomcrypt takes for a
# handshake if it is called for nothing else (primitives.h); `ratio` is the handshake over the sum
# of both. The target is at most 1.05; the exit status is 1 if a suite misses it. The last column
# is the ratio to the public-key operations alone.
set -euo pipefail

program=${1:-build}/bench/handshake_cost
count=${2:-4}
target=1.05
output=$(mktemp -d)
trap 'rm -rf "$output"' EXIT
[ -x "$program" ] || { echo "$program is not built (HF_BENCH, HF_TESTS)" >&2; exit 3; }

# instructions FUNCTION SUITE GROUP KEYS: executed by a function and all that it calls.
instructions() {
    valgrind --tool=callgrind --toggle-collect="$1" --callgrind-out-file="$output/$1" \
        "$program" "$count" "${@:2}" >"$output/log" 2>&1 || { cat "$output/log" >&2; exit 3; }
    awk '/^totals: / { print $2 }' "$output/$1"
}

# row SUITE GROUP KEYS NAME
row() {
    local handshakes public hashes
    handshakes=$(instructions counted_handshakes "${@:1:3}")
    public=$(instructions counted_public_key "${@:1:3}")
    hashes=$(instructions counted_hashes "${@:1:3}")
    awk -v name="$4" -v group="$2" -v n="$count" -v t=$target \
        -v handshakes="$handshakes" -v public="$public" -v hashes="$hashes" 'BEGIN {
            ratio = handshakes / (public + hashes)
            printf "%-46s %5d %11d %11d %9d %7.4f %8.4f%s\n", name, group, handshakes / n,
                public / n, hashes / n, ratio, handshakes / public,
                (ratio > t ? "  above the target" : "")
            exit (ratio > t)
        }'
}

status=0
printf '%-46s %5s %11s %11s %9s %7s %8s\n' \
    suite group handshake 'public key' hashes ratio 'no hash'
while read -r suite keys name; do
    row "$suite" 23 "$keys" "$name" || status=1
done < <("$program")
row c02b 24 p384 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 || status=1
row c02b 25 p521 TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 || status=1
exit $status
