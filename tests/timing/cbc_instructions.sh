#!/bin/sh
# Opening a CBC record takes the same number of instructions within 1%, whatever its padding length
# is and whatever is wrong with it: cbc_instructions.sh VALGRIND PROGRAM
#
# PROGRAM (cbc_instructions.c) also opens records in a careless way, which must differ by more: it
# shows that the count can tell.
set -eu

[ $# -eq 2 ] || { echo "usage: cbc_instructions.sh VALGRIND PROGRAM" >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

"$1" --tool=callgrind --collect-atstart=no --combine-dumps=yes --callgrind-out-file="$folder/out" \
    "$2" 2>"$folder/log" || { cat "$folder/log" >&2; exit 1; }

# Each dump says for what it was made ("desc: Trigger: Client Request: KIND DAMAGE PADDING") and
# ends in a line "totals: INSTRUCTIONS".
cd "$folder"
awk '
    /^desc: Trigger: Client Request: / { kind = $5 }
    /^totals: / && kind != "" { print kind, $2; kind = "" }' out >counts
awk '
    { number[$1]++; if (!($1 in least) || $2 < least[$1]) least[$1] = $2 }
    $2 > most[$1] { most[$1] = $2 }
    END {
        bad = 0
        for (kind in number) {
            kinds++
            spread = 100 * (most[kind] - least[kind]) / least[kind]
            right = kind == "careless" ? spread > 1 : spread <= 1 && number[kind] == 1024
            printf "%s %-22s %5d records, %d to %d instructions, %.3f%%\n", right ? "ok  " : "FAIL",
                kind, number[kind], least[kind], most[kind], spread
            bad = bad || !right
        }
        exit bad || kinds != 7
    }' counts
