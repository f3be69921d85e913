#!/bin/sh
# named_tests.sh TOP: every test that docs/security.md and docs/limits.md name exists: `suite.name` of Criterion,
# `test_FILE.test_NAME` of tests/tool/, or a test of CTest; and each attack and each limit names one.
set -eu
cd "$1"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

{
    grep -hE '^(Parameterized)?Test\(' tests/flow/*.c tests/unit/*/*.c |
        sed -nE 's/^Test\((\w+), (\w+).*/\1.\2/p; s/^ParameterizedTest\(.*, (\w+), (\w+)\)$/\1.\2/p'
    sed -nE 's/^ *hf_add_test\(([a-z]+\.[a-z_]+) .*/\1/p' tests/*/CMakeLists.txt
    for file in tests/tool/test_*.py; do
        name=${file##*/}
        sed -nE "s/^    def (test_\w+)\(.*/${name%.py}.\1/p" "$file"
    done
} | sort -u >"$work/known"

# Tests are the last column of a table that has one, and in the text what has the form of one.
awk -F '|' '
    !/^\|/ { columns = 0 }
    /^\|/ && columns == 0 { columns = NF; has_tests = $(NF - 1) ~ /^ tests? $/; next }
    /^\|/ && NF != columns { print FILENAME ":" FNR ": not as many columns as the head"; bad = 1 }
    /^\| / && has_tests && $(NF - 1) !~ /`[a-z0-9_]+\.[a-z0-9_]+`/ { print FILENAME ":" FNR ": no test"; bad = 1 }
    { line = $0
      while (match(line, /`[a-z0-9_]+\.[a-z0-9_]+`/)) {
          name = substr(line, RSTART + 1, RLENGTH - 2)
          line = substr(line, RSTART + RLENGTH)
          if (name !~ /\.(c|h|md|sh|py)$/ && name !~ /^hf_/) print name >names
      } }
    END { exit bad }' names="$work/named.all" docs/security.md docs/limits.md
sort -u "$work/named.all" >"$work/named"
comm -23 "$work/named" "$work/known" >"$work/missing"
if [ -s "$work/missing" ]; then
    sed 's/^/named, but not there: /' "$work/missing"
    exit 1
fi
echo "$(wc -l <"$work/named") tests are named and exist"
[ -s "$work/named" ]
