#!/usr/bin/env bash
# Builds Handfast for other machines and runs its tests there: 32-bit ARM and big-endian s390x in
# qemu-user, 32-bit x86 directly, and this machine with char signed and unsigned.
#
#     scripts/cross.sh [--fresh] [--all] [armhf | s390x | i386 | char] ...
#
# Each machine has a build by gcc and one by clang, whose code traps at undefined behaviour, accesses
# that are not aligned among it. What runs are the unit and flow tests without libcriterion
# (tests/plain/), the seeds of the fuzz harnesses and the command's demonstration. One line a build,
# what was not run and why, then `N passed, N failed`; details are in build/cross/PRESET.log.
#
# Programs that have passed with the same inputs are not run again and said to be unchanged; --fresh
# forgets. --all also runs in qemu what takes minutes there. Packages are installed where they are
# missing (Debian 12 on amd64), after which no network is used.
set -u
cd "$(dirname "$0")/.." || exit 3
. scripts/lib.sh

# Flow suites that go through all there is: what they look for does not depend on the machine.
EXHAUSTIVE='ladder mutation padding sequences'
SECONDS_MAX=3000 # of one program

fresh=no all=no machines=()
for argument in "$@"; do
    case $argument in
    --fresh) fresh=yes ;;
    --all) all=yes ;;
    armhf | s390x | i386 | char) machines+=("$argument") ;;
    *) sed -n '2,15s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
done
[ ${#machines[@]} -gt 0 ] || machines=(armhf s390x i386 char)

logs=build/cross
stamps=$logs/stamps
jobs=$(nproc)
passed=0 failed=0

if [ "$(dpkg --print-architecture 2>/dev/null)" != amd64 ]; then
    echo 'Not run: the packages named here are those of Debian on amd64' >&2
    exit 3
fi
mkdir -p "$stamps"

install_for() {
    case $1 in
    armhf) need gcc-arm-linux-gnueabihf libc6-dev-armhf-cross ;;
    s390x) need gcc-s390x-linux-gnu libc6-dev-s390x-cross ;;
    i386) need gcc-i686-linux-gnu libc6-dev-i386-cross ;;
    char) return 0 ;;
    esac || return 1
    # shellcheck disable=SC2086
    need_foreign "$1" $PACKAGES_FOREIGN
}

presets_of() {
    case $1 in
    char) echo signed-char unsigned-char ;;
    *) echo "$1 $1-clang" ;;
    esac
}

emulator_of() {
    case $1 in
    armhf*) echo qemu-arm ;;
    s390x*) echo qemu-s390x ;;
    esac
}

# run NAME PROGRAM [ARGUMENT ...]: in the emulator, if there is one; the tests are counted in $good
# and $bad, what was left out in $left_out. A program without a last line of counts is one test.
run() {
    local name=$1 key count stamp=$stamps/$preset.$1 output=$logs/$preset.out status=0
    shift
    programs=$((programs + 1))
    key=$({ echo "$inputs $*"; cat "$1"; } | sha256sum)
    if [ -f "$stamp" ] && read -r count count_left <"$stamp" && [ "$(tail -n 1 "$stamp")" = "$key" ]; then
        unchanged=$((unchanged + 1)) good=$((good + count)) left_out=$((left_out + count_left))
        return
    fi
    # shellcheck disable=SC2086
    timeout $SECONDS_MAX $emulator "$@" >"$output" 2>&1 </dev/null || status=$?
    echo "==== $name: status $status"
    cat "$output"
    count=$(sed -nE 's/^([0-9]+) passed, [0-9]+ failed$/\1/p' "$output" | tail -n 1)
    count_left=$(sed -nE 's/^([0-9]+) left out$/\1/p' "$output" | tail -n 1)
    if [ $status -eq 0 ]; then
        good=$((good + ${count:-1})) left_out=$((left_out + ${count_left:-0}))
        printf '%s %s\n%s\n' "${count:-1}" "${count_left:-0}" "$key" >"$stamp"
    else
        count_bad=$(sed -nE 's/^[0-9]+ passed, ([0-9]+) failed$/\1/p' "$output" | tail -n 1)
        [ "${count_bad:-0}" -gt 0 ] || count_bad=1
        good=$((good + ${count:-0})) bad=$((bad + count_bad))
    fi
}

# run_programs: all of a preset's, with build/PRESET in $folder.
run_programs() {
    local program name exclusions=()
    if [ -n "$emulator" ] && [ $all = no ]; then
        for name in $EXHAUSTIVE; do exclusions+=(-x "$name/*"); done
    fi
    for program in "$folder"/tests/plain_* "$folder"/tests/flow/plain_flow; do
        name=${program##*/}
        [ -x "$program" ] || continue
        if [ "$name" = plain_flow ]; then
            run "$name" "$program" -j "$jobs" "${exclusions[@]}"
        else
            run "$name" "$program" -j "$jobs"
        fi
    done
    for program in "$folder"/fuzz/fuzz_*; do
        name=${program##*/fuzz_}
        run "fuzz_$name" "$program" "fuzz/corpus/$name"
    done
    run demo "$folder/handfast" demo
}

# build_preset: for another machine every program, with warnings as errors; here those that are run.
build_preset() {
    local targets=(all plain_tests)
    case $preset in
    *-char) mapfile -t targets < <(echo plain_tests; echo handfast_tool; basename -s .c fuzz/fuzz_*.c) ;;
    esac
    configure "$preset" -DHF_WERROR=ON &&
        cmake --build --preset "$preset" -j "$jobs" --target "${targets[@]}"
}

# check PRESET: one line.
check() {
    local preset=$1 folder=build/$1 log=$logs/$1.log emulator start=$EPOCHREALTIME word=ok inputs
    local good=0 bad=0 programs=0 unchanged=0 left_out=0 count_left=0 count_bad=0 what
    emulator=$(emulator_of "$preset")
    [ $fresh = no ] || rm -f "$stamps/$preset".*
    if build_preset >"$log" 2>&1; then
        inputs=$({
            echo "$PWD"
            [ -z "$emulator" ] || "$emulator" --version
            find vectors fuzz/corpus build/pki -type f | sort | xargs -d '\n' sha256sum
        } | sha256sum)
        run_programs >>"$log" 2>&1
        what="$((good + bad)) tests"
        [ -z "$emulator" ] || what="$what in $emulator"
        [ $unchanged -eq 0 ] || what="$what ($unchanged of $programs programs unchanged)"
        [ $left_out -eq 0 ] || what="$what, $left_out LEFT OUT"
        exhaustive_left=$((exhaustive_left + left_out))
    else
        bad=1 what='did not build'
    fi
    [ $bad -eq 0 ] || word=FAILED
    passed=$((passed + good)) failed=$((failed + bad))
    printf '%-6s %6ss  %-14s %s\n' $word "$(seconds_since "$start")" "$preset" "$what"
    if [ $bad -gt 0 ]; then
        echo "---- $bad failed; of $log:"
        grep -E '^FAILED|error:|: status [^0]|^[^ ]+\.c:[0-9]+: ' "$log" | head -n 20
        tail -n 20 "$log"
        echo '----'
    fi
}

begin=$EPOCHREALTIME
exhaustive_left=0
# shellcheck disable=SC2086
need $PACKAGES_BUILD $PACKAGES_CROSS || exit 3
for machine in "${machines[@]}"; do
    install_for "$machine" || exit 3
    for preset in $(presets_of "$machine"); do check "$preset"; done
done

echo 'Not run: tests of the command and with other TLS stacks (they start programs of the host), flow and'
echo 'unit tests with libcrypto and libssl (no such library of the machine), timing under valgrind'
[ $exhaustive_left -eq 0 ] ||
    echo "Left out in qemu: the flow suites $EXHAUSTIVE (minutes; i386 and char run them, --all does here)"
echo "in $(seconds_since "$begin") s"
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
