#!/bin/sh
# symbols.sh OBJECT ...: checks the objects of the library; those of the engine lie below /tls/.
set -eu

# From the C library and the compiler, all that a freestanding engine needs: four functions that
# compilers call by themselves (clang also bcmp), their relatives, and helpers for arithmetic and the stack protector.
ALLOWED='^(hf_.*|mem(cpy|move|set|cmp|chr)|bcmp|str(len|cmp|ncmp|chr)|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|__[a-z]+[sdt]i[0-9])$'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Lines `OBJECT: complaint`; nm -A begins each line with the object's name and a colon.
nm -A -g --defined-only "$@" |
    awk '$3 !~ /^hf_/ { sub(/:[^:]*$/, "", $1); print $1 ": defines " $3 ", a global name without hf_" }' \
        >"$work/complaints"
printf '%s\n' "$@" | grep /tls/ >"$work/engine" || {
    echo "$0: was given no object of tls/" >&2
    exit 2
}
xargs nm -A -u <"$work/engine" | awk -v allowed="$ALLOWED" '
    $NF !~ allowed { sub(/:.*/, "", $1); print $1 ": needs " $NF }' >>"$work/complaints"
# Constants with addresses in them are in .data.rel.ro; what else is in .data or .bss can change.
xargs size -A <"$work/engine" | awk '
    $2 == ":" || $NF == ":" { object = $1 }
    $1 ~ /^\.(data|bss)/ && $1 !~ /^\.data\.rel\.ro/ && $2 > 0 {
        print object ": has mutable data in " $1
    }' >>"$work/complaints"

if [ -s "$work/complaints" ]; then
    cat "$work/complaints"
    exit 1
fi
echo "$# objects, $(wc -l <"$work/engine") of them the engine's"
