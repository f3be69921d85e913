#!/usr/bin/env bash
# Line coverage, by clang's instrumentation (preset `clang`): scripts/coverage.sh [--uncovered]
#
# Runs the unit tests that are about tls/, the flow tests and every fuzz harness over its seeds, and
# checks two floors:
#
#   - of the lines of tls/, all of these together reach FLOOR per cent;
#   - each harness alone, over its seeds, reaches every function that its header says it covers
#     (`covers: NAME, NAME, ...`; `FILE.c:NAME` for a static one), and of their lines HARNESS_FLOOR
#     per cent.
#
# --uncovered lists the lines of tls/ that nothing reaches. The last line is a summary.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/lib.sh

FLOOR=95
HARNESS_FLOOR=80
build=build/clang
profiles=$build/profiles

# llvm_tool NAME: the one of the compiler's version, whose file formats change with each.
llvm_tool() {
    local version
    version=$(clang -dumpversion)
    command -v "$1-${version%%.*}" || command -v "$1"
}
cov=$(llvm_tool llvm-cov)
profdata=$(llvm_tool llvm-profdata)

configure clang -DHF_WERROR=ON >/dev/null
cmake --build --preset clang -j "$(nproc)" >"$build/build.log" || { cat "$build/build.log"; exit 1; }
rm -rf "$profiles"
mkdir -p "$profiles"

# Processes of one program add to the same file (%m).
programs=()
for program in "$build"/tests/plain_* "$build"/tests/flow/plain_flow; do
    case $program in *.d | *_crypto_glue) continue ;; esac # which is not about tls/
    programs+=("$program")
    LLVM_PROFILE_FILE=$profiles/${program##*/}-%m.profraw "$program" -j "$(nproc)" >"$profiles/out" 2>&1 ||
        { cat "$profiles/out"; echo "${program##*/}: FAILED"; exit 1; }
done
for source in fuzz/fuzz_*.c; do
    name=${source##*/fuzz_} name=${name%.c}
    programs+=("$build/fuzz/fuzz_$name")
    LLVM_PROFILE_FILE=$profiles/fuzz_$name.profraw "$build/fuzz/fuzz_$name" "fuzz/corpus/$name" >"$profiles/out" 2>&1 ||
        { cat "$profiles/out"; echo "fuzz_$name: FAILED"; exit 1; }
done
"$profdata" merge -sparse "$profiles"/*.profraw -o "$profiles/all.profdata"

# What llvm-cov takes for several programs: the first one bare.
objects=("${programs[0]}" "${programs[@]/#/-object=}")
unset 'objects[1]'

if [ "${1:-}" = --uncovered ]; then
    "$cov" show -instr-profile "$profiles/all.profdata" "${objects[@]}" "$PWD/tls" |
        awk '/^\/.*:$/ { file = $0 } /^ *[0-9]+\| +0\|/ { print file $0 }'
    exit 0
fi

status=0
for source in fuzz/fuzz_*.c; do
    name=${source##*/fuzz_} name=${name%.c}
    "$profdata" merge -sparse "$profiles/fuzz_$name.profraw" -o "$profiles/fuzz_$name.profdata"
    # Rows: name, regions, missed, per cent, lines, missed, per cent.
    "$cov" report -show-functions -instr-profile "$profiles/fuzz_$name.profdata" \
        "$build/fuzz/fuzz_$name" "$PWD/tls" "$PWD/tools" >"$profiles/fuzz_$name.functions"
    fuzz_header "$name" covers | awk -v harness="$name" -v floor=$HARNESS_FLOOR '
        FNR == NR { lines[$1] = $5; missed[$1] = $6; next }
        { named++ }
        !($1 in lines) { print harness ": there is no " $1; bad = 1; next }
        { all += lines[$1]; not_reached += missed[$1] }
        lines[$1] == missed[$1] { print harness ": does not reach " $1; bad = 1 }
        END {
            if (named == 0) { print harness ": names no function that it covers"; exit 1 }
            percent = all == 0 ? 0 : 100 * (all - not_reached) / all
            printf "%-14s %3d functions, %5.1f %% of their lines\n", harness, named, percent
            exit bad || percent < floor
        }' "$profiles/fuzz_$name.functions" - || { echo "$name: FAILED"; status=1; }
done

"$cov" report -instr-profile "$profiles/all.profdata" "${objects[@]}" "$PWD/tls" >"$profiles/all.report"
awk -v floor=$FLOOR '
    $1 == "TOTAL" { lines = $8; missed = $9 }
    END {
        percent = lines == 0 ? 0 : 100 * (lines - missed) / lines
        printf "%.2f %% of the %d lines of tls/ (at least %d %%)\n", percent, lines, floor
        exit percent < floor
    }' "$profiles/all.report" || status=1
exit $status
