#!/bin/sh
# switches.sh TOP: every switch and limit that a header lets a build change stands in
# docs/building.md, a limit with its default.
set -eu
cd "$1"

awk '
    /^#ifndef HF_/ { name = $2 }
    $1 == "#define" && $2 == name && NF == 3 {
        row = name ~ /^HF_WITH_/ ? "`" name "`" : "| `" name "` | " $3 " |"
        if (!index(docs, row))
            missing = missing "docs/building.md has no " row "\n"
        seen++
    }
    FILENAME == ARGV[1] { docs = docs $0 "\n" }
    END {
        printf "%s", missing
        printf "%d switches and limits\n", seen
        exit missing != "" || !seen
    }' docs/building.md tls/include/handfast/build.h crypto_glue/rsa.h crypto_glue/dh.h
