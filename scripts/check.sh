#!/usr/bin/env bash
# Builds Handfast in every supported way and runs every test:
#
#     scripts/check.sh [--fresh] [--cross] [STEP ...]
#
# One line a step with its time, then `N passed, N failed`. A Criterion test counts as one test, and
# so does a step that is not made of tests; details are in build/check/STEP.log. Builds are
# incremental. Static analysis, valgrind and tests that need nothing but their program and checked-in
# inputs remember what was clean by the hash of all that went into it and say how much they had
# remembered; --fresh forgets. Names of steps select them. --cross adds the other machines
# (scripts/cross.sh), steps cross-armhf, cross-s390x, cross-i386 and cross-char.
set -u
cd "$(dirname "$0")/.." || exit 3
. scripts/lib.sh

fresh=no cross=no
while [[ ${1:-} == --* ]]; do
    case $1 in
    --fresh) fresh=yes ;;
    --cross) cross=yes ;;
    *) sed -n '2,12s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
    shift
done
selected=("$@")
[[ " ${selected[*]} " != *" cross-"* ]] || cross=yes
jobs=$(nproc)
logs=build/check
stamps=$logs/stamps
passed=0 failed=0

# shellcheck disable=SC2086
need $PACKAGES_BUILD $PACKAGES_CHECK || exit 3
mkdir -p "$stamps"
[ $fresh = no ] || rm -f "$stamps"/*

# step NAME WHAT COMMAND ...: runs COMMAND with its output in the log. A command may leave its
# counts of tests in $tally (`passed failed skipped`) and a remark in $remark.
step() {
    local name=$1 what=$2 log=$logs/$1.log start=$EPOCHREALTIME status=0 word=ok
    local tally=$logs/$name.tally remark=$logs/$name.remark good bad skipped
    shift 2
    if [ ${#selected[@]} -gt 0 ]; then
        case " ${selected[*]} " in *" $name "*) ;; *) return 0 ;; esac
    fi
    rm -f "$tally" "$remark"
    "$@" >"$log" 2>&1 </dev/null || status=1
    good=$((1 - status)) bad=$status skipped=0
    if [ -s "$tally" ]; then
        read -r good bad skipped <"$tally"
        [ $status -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
        what="$what: $((good + bad)) tests"
        [ "$skipped" -eq 0 ] || what="$what, $skipped SKIPPED"
    fi
    [ ! -s "$remark" ] || what="$what ($(cat "$remark"))"
    passed=$((passed + good)) failed=$((failed + bad))
    [ "$bad" -eq 0 ] || word=FAILED
    printf '%-6s %6ss  %-12s %s\n' "$word" "$(seconds_since "$start")" "$name" "$what"
    if [ "$bad" -gt 0 ]; then
        echo "---- $bad failed; the end of $log:"
        tail -n 40 "$log"
        echo "----"
    fi
}

# build PRESET [OPTION ...]: configures and builds with warnings as errors.
build() {
    local preset=$1
    shift
    configure "$preset" -DHF_WERROR=ON "$@" && cmake --build --preset "$preset" -j "$jobs"
}

# run_ctest FOLDER [OPTION ...]: runs tests and counts. A Criterion program counts by its synthesis, a
# script by its last line `N passed, N failed` if it has one, any other test as one.
run_ctest() {
    local folder=$1 status=0
    shift
    ctest --test-dir "$folder" -V -j "$jobs" --no-tests=error "$@" >"$tally.out" || status=1
    awk -v tally="$tally" '
        /^[0-9]+: / { id = $1 + 0; output[id] = output[id] $0 "\n" }
        /^[0-9]+: .*Synthesis: Tested: / {
            good[id] = after("Passing: ")
            bad[id] = after("Failing: ") + after("Crashing: ")
        }
        /^[0-9]+: [0-9]+ passed, [0-9]+ failed$/ { good[id] = $2; bad[id] = $4 }
        /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: / {
            id = $0; sub(/^[^#]*#/, "", id); id += 0
            if ($0 ~ /Skipped/) skipped++
            else if ($0 ~ / Passed /) total_good += (id in good) ? good[id] : 1
            else { total_good += good[id]; total_bad += bad[id] > 0 ? bad[id] : 1; printf "%s", output[id] }
            print
        }
        END { printf "%d %d %d\n", total_good, total_bad, skipped >tally }
        function after(word) { return substr($0, index($0, word) + length(word)) + 0 }' "$tally.out"
    return $status
}

# test_keys FOLDER: `NAME KEY` for each test that depends on nothing but its program and checked-in
# inputs: KEY is a hash of all of these.
test_keys() {
    ctest --test-dir "$1" --show-only=json-v1 | python3 -c '
import hashlib, json, os, re, sys

def digest(paths):
    result = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            result.update(path.encode() + b"\0" + hashlib.sha256(file.read()).digest())
    return result.hexdigest()

folders = ("vectors", "fuzz/corpus", "tests/independent", "tests/timing", "build/pki")
inputs = digest(sorted(os.path.join(folder, name) for top in folders
                       for folder, _, names in os.walk(top)
                       if not folder.endswith("__pycache__") for name in names))
for test in json.load(sys.stdin)["tests"]:
    if re.match(r"(unit|flow|fuzz|timing|bench|independent)\.", test["name"]):
        command = test["command"]
        programs = digest(path for path in command if os.path.isfile(path))
        print(test["name"], hashlib.sha256(repr((inputs, programs, command)).encode()).hexdigest())
'
}

# check_tests NAME FOLDER [OPTION ...]: run_ctest without the tests that have passed with the same
# program and inputs before, under this NAME.
check_tests() {
    local name=$1 folder=$2 status=0 keys test key before=() fresh=()
    shift 2
    keys=$(test_keys "$folder") || return 1
    while read -r test key; do
        if remembered "$name" "$test" "$key"; then before+=("$test"); else fresh+=("$test $key"); fi
    done <<<"$keys"
    if [ ${#before[@]} -gt 0 ]; then
        echo "${#before[@]} programs unchanged since they passed" >"$remark"
        set -- "$@" -E "^($(IFS='|'; echo "${before[*]}"))\$${exclude:+|$exclude}"
    elif [ -n "${exclude:-}" ]; then
        set -- "$@" -E "$exclude"
    fi
    run_ctest "$folder" "$@" || status=1
    for test in "${fresh[@]}"; do
        read -r test key <<<"$test"
        ! grep -qE "Test +#[0-9]+: $test \.+ +Passed" "$tally.out" || remember "$name" "$test" "$key"
    done
    return $status
}

# check_asan: of what is not tested better without sanitizers.
check_asan() {
    exclude='^(interop|install|tool)\.' check_tests asan build/asan
}

sources() {
    git ls-files --cached --others --exclude-standard -- "$@" | while read -r file; do
        [ ! -e "$file" ] || echo "$file"
    done
}

check_format() {
    sources '*.c' '*.h' | xargs clang-format --dry-run -Werror
}

# remembered KIND NAME KEY: whether NAME was clean with the same KEY. remember: that it is.
remembered() {
    [ -f "$stamps/$1.${2//\//_}" ] && [ "$(cat "$stamps/$1.${2//\//_}")" = "$3" ]
}
remember() {
    echo "$3" >"$stamps/$1.${2//\//_}"
}

# tidy_one FILE: clang-tidy unless neither the file, nor what it includes, nor the command that
# compiles it, nor the settings changed.
tidy_one() {
    local file=$1 key command
    command=$(grep -m 1 -F "$PWD/$file	" "$logs/tidy.commands" | cut -f 2)
    if [ -z "$command" ]; then
        echo "$file: no target compiles it"
        return 1
    fi
    key=$(
        {
            echo "$tidy_version $command"
            eval "${command%% -o *} -MM $file" | sed 's/^[^:]*://; s/\\$//' |
                xargs sha256sum .clang-tidy tests/.clang-tidy
        } | sha256sum
    )
    if remembered tidy "$file" "$key"; then
        echo remembered
        return 0
    fi
    clang-tidy --quiet -p build/clang "$file" || {
        echo "$file: FAILED"
        return 1
    }
    remember tidy "$file" "$key"
}

check_tidy() {
    local status=0 files tidy_version
    tidy_version=$(clang-tidy --version)
    # For another machine, and compiled by scripts/device.sh and scripts/compare.sh: warnings are errors.
    files=$(sources '*.c' | grep -vE '^(tests/install|examples/firmware|bench/footprint)/')
    python3 -c 'import json, sys
for entry in json.load(sys.stdin): print(entry["file"], entry["command"], sep="\t")' \
        <build/clang/compile_commands.json >"$logs/tidy.commands" || return 1
    export -f tidy_one remembered remember
    export stamps logs tidy_version
    echo "$files" | xargs -P "$jobs" -I{} bash -c 'tidy_one {}' >"$logs/tidy.out" 2>&1 || status=1
    echo "$(grep -c '^remembered$' "$logs/tidy.out") of $(echo "$files" | wc -l) files unchanged" >"$remark"
    grep -vE '^remembered$|warnings? generated|^Suppressed|^Use -header-filter' "$logs/tidy.out"
    return $status
}

check_cppcheck() {
    local key
    key=$({ cppcheck --version; sources '*.c' '*.h' | xargs sha256sum scripts/check.sh; } | sha256sum)
    if remembered cppcheck all "$key"; then
        echo 'nothing changed' >"$remark"
        return 0
    fi
    mkdir -p "$logs/cppcheck"
    # Tests are left to the compilers: cppcheck does not understand Criterion's macros.
    sources '*.c' | grep -v '^tests/' | xargs cppcheck --quiet --std=c11 -j "$jobs" \
        --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
        --cppcheck-build-dir="$logs/cppcheck" -I . -I tls/include || return 1
    remember cppcheck all "$key"
}

# The unit tests under memcheck, by tests/plain/plain_criterion.c. Long loops are stopped after some
# seconds of processor time: what memcheck has not seen by then it has hardly a chance to see later.
# Leaks are the sanitizers' business, since a stopped process leaks all it has.
check_valgrind() {
    local program name key known=0 count=0 status=0 output=$logs/valgrind.out
    cmake --build --preset default -j "$jobs" --target plain_tests || return 1
    : >"$output"
    for program in build/tests/plain_*; do
        [ -x "$program" ] || continue
        name=${program##*/}
        count=$((count + 1))
        key=$({ cat "$program"; valgrind --version; sources 'vectors/*' | xargs -r cat; } | sha256sum)
        if remembered valgrind "$name" "$key"; then
            known=$((known + 1))
        elif valgrind --quiet --error-exitcode=99 "$program" -j "$jobs" -t 5 >>"$output" 2>&1; then
            remember valgrind "$name" "$key"
        else
            echo "$name: FAILED" >>"$output"
            status=1
        fi
    done
    cat "$output"
    echo "$known of $count programs unchanged, $(grep -c '^stopped:' "$output") tests stopped after 5 s" >"$remark"
    [ "$count" -gt 0 ] && return $status
}

# fuzz_one PROGRAM: a libFuzzer harness for a few seconds, beginning with the seeds.
fuzz_one() {
    local name=${1##*/fuzz_} options dictionary
    mkdir -p "$logs/fuzz/$name"
    options=(-max_total_time=3 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
        "-artifact_prefix=$logs/fuzz/found-$name-")
    dictionary=$(fuzz_dictionary "$name")
    [ -z "$dictionary" ] || options+=("-dict=$dictionary")
    "$1" "${options[@]}" "$logs/fuzz/$name" "fuzz/corpus/$name" >"$logs/fuzz/$name.out" 2>&1 || {
        tail -n 60 "$logs/fuzz/$name.out"
        echo "$name: FAILED"
        return 1
    }
}

check_fuzz() {
    local programs
    programs=$(ls build/fuzz/fuzz/fuzz_*) || return 1
    mkdir -p "$logs/fuzz"
    export -f fuzz_one fuzz_dictionary fuzz_header
    export logs
    echo "$(echo "$programs" | wc -l) harnesses, 3 s each" >"$remark"
    echo "$programs" | xargs -P "$jobs" -I{} bash -c 'fuzz_one {}'
}

# Line coverage of tls/ and of what each fuzz harness names, against their floors.
check_coverage() {
    local key
    key=$({
        clang --version
        sources '*.c' '*.h' '*.def' '*.txt' '*.cmake' CMakePresets.json 'vectors/*' 'fuzz/corpus/*' \
            scripts/coverage.sh scripts/lib.sh tests/support/make_pki.sh | xargs -d '\n' sha256sum
    } | sha256sum)
    if ! remembered coverage all "$key"; then
        scripts/coverage.sh >"$logs/coverage.out" || { cat "$logs/coverage.out"; return 1; }
    fi
    cat "$logs/coverage.out"
    tail -n 1 "$logs/coverage.out" >"$remark"
    remember coverage all "$key"
}

build_tiny() {
    build tiny -DHF_FUZZ=OFF && build tiny-client -DHF_FUZZ=OFF && build tiny-server -DHF_FUZZ=OFF
}

# Without --install: what cannot be weighed here is said in the remark.
check_sizes() {
    local key
    key=$({
        cc --version
        arm-none-eabi-gcc --version 2>/dev/null
        sources '*.c' '*.h' '*.txt' '*.cmake' CMakePresets.json docs/sizes.budget scripts/sizes.sh |
            xargs sha256sum
    } | sha256sum)
    if remembered sizes all "$key"; then
        echo 'nothing changed' >"$remark"
        return 0
    fi
    scripts/sizes.sh >"$logs/sizes.out" || { cat "$logs/sizes.out"; return 1; }
    cat "$logs/sizes.out"
    grep -E '^Not weighed|figures compared' "$logs/sizes.out" | paste -sd ';' >"$remark"
    remember sizes all "$key"
}

# Only where the tools are: they are half a gigabyte.
check_device() {
    local tool key
    for tool in arm-none-eabi-gcc qemu-system-arm dpkg-source; do
        command -v $tool >/dev/null || {
            echo "not run, for want of $tool: scripts/device.sh installs it" >"$remark"
            return 0
        }
    done
    key=$({
        arm-none-eabi-gcc --version
        qemu-system-arm --version
        sources '*.c' '*.h' '*.S' '*.ld' '*.txt' '*.cmake' '*CMakePresets.json' 'tests/device/*' \
            tests/interop/processes.py tests/support/make_pki.sh scripts/device.sh scripts/lib.sh | xargs sha256sum
    } | sha256sum)
    if remembered device all "$key"; then
        echo 'nothing changed' >"$remark"
        return 0
    fi
    scripts/device.sh >"$logs/device.out" || { cat "$logs/device.out"; return 1; }
    cat "$logs/device.out"
    sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2 0/p' "$logs/device.out" >"$tally"
    remember device all "$key"
}

# check_cross MACHINE: its two builds are in the remark.
check_cross() {
    local output=$logs/$name.out status=0 options=()
    # shellcheck disable=SC2128
    [ "$fresh" = no ] || options=(--fresh)
    scripts/cross.sh "${options[@]}" "$1" >"$output" || status=1
    cat "$output"
    sed -nE 's/^([0-9]+) passed, ([0-9]+) failed$/\1 \2 0/p' "$output" >"$tally"
    sed -nE 's/^(ok|FAILED) +[0-9.]+s +([a-z0-9-]+) +/\2: /p' "$output" | paste -sd ';' | sed 's/;/; /g' >"$remark"
    return $status
}

begin=$EPOCHREALTIME
step format 'clang-format' check_format
step gcc 'default preset, gcc, warnings are errors' build default
step tests 'all tests' check_tests tests build
step clang 'clang, warnings are errors' build clang
step asan-build 'AddressSanitizer and UndefinedBehaviorSanitizer' build asan
step asan 'unit, flow and fuzz corpora with sanitizers' check_asan
step coverage 'line coverage' check_coverage
step fuzz-build 'libFuzzer harnesses' build fuzz
step fuzz 'fresh fuzzing' check_fuzz
step valgrind 'unit tests under memcheck' check_valgrind
step tiny-build 'presets tiny, tiny-client, tiny-server' build_tiny
for preset in tiny tiny-client tiny-server; do
    step $preset "what applies to $preset" run_ctest build/$preset
done
step sizes 'flash and objects against the budget' check_sizes
step device 'firmware on a Cortex-M3' check_device
step full 'preset full' build full -DHF_TESTS=OFF -DHF_FUZZ=OFF
step ltm-build 'LibTomMath instead of GMP' build ltm -DHF_FUZZ=OFF
step ltm 'unit tests with LibTomMath' check_tests ltm build/ltm --no-tests=ignore -R '^unit'
step tidy 'clang-tidy' check_tidy
step cppcheck 'cppcheck' check_cppcheck
if [ $cross = yes ]; then
    for machine in armhf s390x i386 char; do
        step cross-$machine "the tests for $machine" check_cross $machine
    done
elif [ ${#selected[@]} -eq 0 ]; then
    echo 'Not run: builds for other machines (armhf, s390x, i386; --cross)'
fi

echo "in $(seconds_since "$begin") s"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
