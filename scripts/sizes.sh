#!/usr/bin/env bash
# Weighs the presets: flash of the library as the smallest programs link it, the objects and
# buffers of a connection, and the most stack that a call can take; for this host, and for a
# Cortex-M3 where arm-none-eabi-gcc is installed.
#
#     scripts/sizes.sh [--install] [--write] [--host]
#
# Compares with docs/sizes.budget and ends with status 1 if a figure is over its limit. --install
# installs the compiler for the Cortex-M3 where it is missing, --write renews docs/memory.md, --host
# leaves the Cortex-M3 out. Objects and linker maps are in build/sizes/TARGET/PRESET/.
set -eu
cd "$(dirname "$0")/.."
. scripts/lib.sh

PRESETS='tiny-client tiny-server tiny default full'
FOLDERS='tls/wire tls/record tls/keys tls/session tls/extensions tls/handshake tls/x509 tls crypto_glue'
OBJECTS='hf_conn hf_handshake hf_session HF_RX_MIN HF_TX_MIN HF_RX_FULL HF_TX_FULL'
# The most stack that a function of these folders can take, libtomcrypt left out.
STACKS='tls tls/x509'
BUDGET=docs/sizes.budget

install=no write=no targets='host m3'
for argument in "$@"; do
    case $argument in
    --install) install=yes ;;
    --write) write=yes ;;
    --host) targets=host ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
done

if [ "$targets" != host ] && ! command -v arm-none-eabi-gcc >/dev/null; then
    if [ $install = yes ]; then
        need gcc-arm-none-eabi libnewlib-arm-none-eabi
    else
        echo 'Not weighed: Cortex-M3, for want of arm-none-eabi-gcc (--install installs it)'
        targets=host
    fi
fi
[ $write = no ] || [ "$targets" = 'host m3' ] || { echo 'docs/memory.md is for both targets' >&2; exit 2; }

out=build/sizes
mkdir -p $out/include
figures=$out/figures # lines: TARGET PRESET FIGURE BYTES
: >$figures

# The compiler of a target with what makes its code small.
compiler_of() {
    case $1 in
    host) echo "${CC:-cc} -Os -fno-pie -fno-stack-protector" ;;
    m3) echo 'arm-none-eabi-gcc -Os -mthumb -mcpu=cortex-m3' ;;
    esac
}

# objdump_of TARGET: of GNU binutils.
objdump_of() {
    case $1 in
    host) echo objdump ;;
    m3) echo arm-none-eabi-objdump ;;
    esac
}

linker_of() {
    case $1 in
    host) echo ld ;;
    m3) echo arm-none-eabi-ld ;;
    esac
}

# describe PRESET: the library's sources in $out/PRESET.sources, its definitions in
# $out/PRESET.definitions, its roles in $out/PRESET.roles, all as CMake has them.
describe() {
    configure "$1" -B $out/cmake/"$1" -DHF_TOOL=OFF -DHF_TESTS=OFF -DHF_FUZZ=OFF -DHF_BENCH=OFF \
        -DHF_EXAMPLES=OFF -DHF_INSTALL=OFF -DHF_SHARED=OFF >$out/configure.log 2>&1 ||
        { cat $out/configure.log >&2; return 1; }
    python3 - "$out/cmake/$1/compile_commands.json" "$PWD/" "$out/$1" <<'PYTHON'
import json, shlex, sys
commands, top, name = sys.argv[1:]
sources, definitions = [], set()
for entry in json.load(open(commands)):
    sources.append(entry["file"].removeprefix(top))
    words = shlex.split(entry["command"])
    definitions.update(word for word in words if word.startswith("-DHF_"))
roles = [r for r in ("client", "server") if f"-DHF_WITH_{r.upper()}=0" not in definitions]
for suffix, lines in ("sources", sources), ("definitions", definitions), ("roles", roles):
    open(f"{name}.{suffix}", "w").write("\n".join(sorted(lines)) + "\n")
PYTHON
    find "$(sed -n 's/^TomCrypt_INCLUDE_DIR:PATH=//p' $out/cmake/"$1"/CMakeCache.txt)" -maxdepth 1 \
        -name 'tomcrypt*.h' -exec ln -sf -t $out/include {} +
}

# compile TARGET PRESET: objects of the library, of the minimal programs and of objects.c, each
# compiled anew: it takes seconds.
compile() {
    local target=$1 preset=$2 folder=$out/$1/$2 source role
    rm -rf "$folder"
    mkdir -p "$folder"
    {
        # The random source of an operating system is not a device's.
        grep -v '^crypto_glue/random.c$' "$out/$preset.sources"
        echo tests/sizes/minimal.c
        echo tests/sizes/objects.c
        while read -r role; do echo "tests/sizes/minimal_$role.c"; done <"$out/$preset.roles"
    } >"$folder/sources"
    while read -r source; do
        mkdir -p "$folder/$(dirname "$source")"
    done <"$folder/sources"
    # shellcheck disable=SC2046,SC2086
    xargs -P "$(nproc)" -I{} $(compiler_of "$target") -std=c11 -ffunction-sections -fdata-sections \
        -fcallgraph-info=su $(cat "$out/$preset.definitions") -I. -Itls/include -I$out/include \
        -c {} -o "$folder/{}.o" \
        <"$folder/sources"
}

# link TARGET PRESET: what the minimal programs of the preset's roles need, whatever the primitives
# beneath the glue are made of.
link() {
    local target=$1 preset=$2 folder=$out/$1/$2 role roots=() objects=()
    while read -r role; do roots+=(-u "minimal_$role"); done <"$out/$preset.roles"
    mapfile -t objects < <(sed "s#.*#$folder/&.o#; /objects.c.o$/d" "$folder/sources")
    "$(linker_of "$target")" -r --gc-sections "${roots[@]}" -u hf_crypto_init -Map "$folder/map" \
        -o "$folder/image.o" "${objects[@]}"
}

# weigh TARGET PRESET: code and constants by folder from the linker's map, sizes from objects.c.
weigh() {
    local target=$1 preset=$2 folder=$out/$1/$2
    awk -v target="$target" -v preset="$preset" -v prefix="$folder/" -v folders="$FOLDERS" '
        /^Linker script and memory map/ { kept = 1 }
        !kept { next }
        NF == 1 && /^ \.(text|rodata|data\.rel\.ro)/ { section = $1; next }
        $1 ~ /^\.(text|rodata|data\.rel\.ro)/ { section = $1; $1 = ""; $0 = $0 }
        section != "" && $1 ~ /^0x/ && index($3, prefix) == 1 {
            file = substr($3, length(prefix) + 1)
            bytes = number($2)
            part = file
            sub(/\/[^\/]*$/, "", part)
            flash[part] += bytes
            if (file ~ /^tls\//) flash["tls"] += bytes
        }
        { section = "" }
        END {
            count = split(folders, name, " ")
            for (i = 1; i <= count; i++)
                print target, preset, name[i], flash[name[i]] + 0
        }
        function number(hex,    i, value) {
            for (i = 3; i <= length(hex); i++)
                value = 16 * value + index("123456789abcdef", tolower(substr(hex, i, 1)))
            return value + 0
        }' "$folder/map" >>$figures
    local name value
    for name in $OBJECTS; do
        nm -S "$folder/tests/sizes/objects.c.o" |
            awk -v what="$target $preset $name" -v name="size_of_$name" '
                $4 == name { for (i = 1; i <= length($2); i++)
                    value = 16 * value + index("123456789abcdef", substr($2, i, 1))
                    print what, value }' >>$figures
    done
    # shellcheck disable=SC2086
    tests/sizes/stack.py --objdump "$(objdump_of "$target")" "$folder" $STACKS |
        while read -r name value; do echo "$target $preset stack:$name $value"; done >>$figures
}

figure() {
    awk -v what="$1 $2 $3" '$1 " " $2 " " $3 == what { print $4 }' $figures
}

# table TARGET NAME ...: presets across, figures down, as Markdown.
table() {
    local target=$1 name preset
    shift
    echo "| bytes | ${PRESETS// / | } |"
    echo "|---|$(for preset in $PRESETS; do printf -- '---:|'; done)"
    for name in "$@"; do
        printf '| `%s` |' "$name"
        for preset in $PRESETS; do printf ' %s |' "$(figure "$target" "$preset" "$name")"; done
        echo
    done
}

report() {
    local target
    for target in $targets; do
        case $target in
        host) echo "## This kind of host ($(uname -m))" ;;
        m3) echo '## Cortex-M3' ;;
        esac
        echo
        echo "$($(compiler_of "$target") --version | head -n 1), $(compiler_of "$target" | cut -d ' ' -f 2-)."
        echo
        # shellcheck disable=SC2086
        table "$target" $FOLDERS
        echo
        # shellcheck disable=SC2086
        table "$target" $OBJECTS
        echo
        # shellcheck disable=SC2046,SC2086
        table "$target" $(printf 'stack:%s ' $STACKS)
        echo
    done
}

check_budget() {
    awk -v targets=" $targets " '
        FILENAME == ARGV[1] { bytes[$1 " " $2 " " $3] = $4; next }
        /^#/ || NF == 0 || !index(targets, " " $1 " ") { next }
        {
            what = $1 " " $2 " " $3
            seen++
            if (!(what in bytes)) { print "no such figure: " what; bad++ }
            else if (bytes[what] > $4) { print "over budget: " what " is " bytes[what] ", limit " $4; bad++ }
        }
        END {
            printf "%d figures compared with %s, %d over it\n", seen, ARGV[2], bad
            exit bad > 0 || seen == 0
        }' $figures $BUDGET
}

for preset in $PRESETS; do
    describe "$preset"
    for target in $targets; do
        compile "$target" "$preset"
        link "$target" "$preset"
        weigh "$target" "$preset"
    done
done

report >$out/report
cat $out/report
if [ $write = yes ]; then
    sed '/^<!-- figures -->$/q' docs/memory.md >$out/memory.md
    { echo; sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' $out/report; } >>$out/memory.md
    mv $out/memory.md docs/memory.md
fi
check_budget
