#!/bin/sh
# security.sh TOP: every test that docs/security.md names exists: `suite.name` of Criterion, `test_FILE.test_NAME` of
# tests/tool/, or a test of CTest; and each attack names one.
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

# Tests are the last column of the table, and in the text what has the form of one.
awk -F '|' '
    /^\| [A-Z]/ && NF != 6 { print "docs/security.md:" FNR ": not four columns"; bad = 1 }
    /^\| [A-Z]/ && $5 !~ /`/ { print "docs/security.md:" FNR ": no test" $2; bad = 1 }
    { line = $0
      while (match(line, /`[a-z0-9_]+\.[a-z0-9_]+`/)) {
          print substr(line, RSTART + 1, RLENGTH - 2) >names
          line = substr(line, RSTART + RLENGTH)
      } }
    END { exit bad }' names="$work/named.all" docs/security.md
sort -u "$work/named.all" >"$work/named"
comm -23 "$work/named" "$work/known" >"$work/missing"
if [ -s "$work/missing" ]; then
    sed 's/^/docs\/security.md names a test that is not there: /' "$work/missing"
    exit 1
fi
echo "$(wc -l <"$work/named") tests are named and exist"
[ -s "$work/named" ]
