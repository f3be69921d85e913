#!/usr/bin/env python3
"""Worst stack of a call, from what the compiler says.

FOLDER holds objects and, beside them, the call graphs of `gcc -fcallgraph-info=su`. For each ROOT, a
function or a folder of the sources (any function of it), it prints the most bytes of stack that a
call takes outside of what is not in FOLDER: libtomcrypt, the C library, and functions that the
application has given. Recursion, a frame whose size the compiler does not know, a call through a
pointer of which nobody has said here whom it reaches, and a function that nobody seems to call are
errors, so that the figure is a bound.
"""

import argparse
import collections
import functools
import pathlib
import re
import subprocess
import sys

# Calls through pointers: by the source that makes them, the name of the pointer, and whom they reach:
# a function, or all that the constants of a source refer to.
MESSAGES = ("tls/handshake/messages.c",)
AGREEMENTS = ("tls/handshake/dhe.c", "tls/handshake/ecdhe.c")
EXTENSIONS = ("tls/extensions/*.c",)
REACHED = {
    "tls/handshake/driver.c": {
        "when": ("tls/handshake/flow.c",),
        **dict.fromkeys(("write", "piece", "read", "read_part", "after_write", "after_read"), MESSAGES),
    },
    "tls/handshake/flow.c": {"answers": EXTENSIONS},
    "tls/handshake/client_key_exchange.c": dict.fromkeys(("agree", "write_public", "read_public"), AGREEMENTS),
    "tls/handshake/server_key_exchange.c": dict.fromkeys(
        ("generate", "write_parameters", "read_parameters"), AGREEMENTS),
    "tls/handshake/choose.c": {"is_kind": ("is_finite_field", "is_curve")},
    "tls/wire/settings.c": {"has": (
        "hf_suite_uses_curve", "hf_suite_uses_dh", "hf_suite_has_certificate", "hf_suite_is_cbc",
        "hf_suite_is_signed", "is_anonymous_or_psk")},
    "tls/extensions/extensions.c": dict.fromkeys(
        ("offers", "answers", "write_offer", "write_answer", "read"), EXTENSIONS),
    "crypto_glue/aead.c": dict.fromkeys(("init", "seal", "open"), ("crypto_glue/aead_*.c",)),
    # libtomcrypt's hash functions and one of the glue's.
    "crypto_glue/hash.c": dict.fromkeys(("init", "process", "done"), ("crypto_glue/hash.c",)),
    # libtomcrypt's ciphers and one of the glue's.
    **dict.fromkeys(("crypto_glue/aead_ccm.c", "crypto_glue/aead_gcm.c", "crypto_glue/cbc.c", "crypto_glue/cipher.c"),
                    {**dict.fromkeys((
                        "setup", "ecb_encrypt", "ecb_decrypt", "accel_ecb_encrypt", "accel_cbc_encrypt",
                        "accel_cbc_decrypt", "accel_ctr_encrypt", "accel_ccm_memory", "accel_gcm_memory"),
                        ("crypto_glue/aes_x86.c",)),
                     "crypt": ("crypto_glue/gcm_x86.c",)}),
    # The application's.
    "tls/handshake/io.c": dict.fromkeys(("read", "write"), ()),
}
APPLICATION = {"clock", "event", "fill"}
MATH_PROVIDER = "ltc_mp."
# What libtomcrypt calls, on top of what it takes itself.
CALLED_BACK = {"crypto_glue/tomcrypt_random.c"}

NODE = re.compile(r'node: \{ title: "([^"]+)" label: "[^"]*\\n(\d+) bytes \(([^)]*)\)')
EDGE = re.compile(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"(?: label: "([^"]+)")?')
CALLED = re.compile(r"(?:\w|\.|->|\[\w+\]|\([^()]*\)->)*?(\w+)\((?![^()]*\)->)")
CONSTANTS = re.compile(r"RELOCATION RECORDS FOR \[\.(?:data\.rel\.ro|rodata)")


def name_of(title):
    return title.rsplit(":", 1)[-1].split(".")[0]


class Program:
    def __init__(self, objdump, folder):
        self.objdump, self.folder = objdump, folder
        self.frames, self.sources = {}, {}
        self.calls = collections.defaultdict(set)
        self.active = []
        for path in sorted(folder.rglob("*.ci")):
            self.read(path)

    def read(self, path):
        source = str(path.relative_to(self.folder)).removesuffix(".ci")
        for line in path.read_text().splitlines():
            node, edge = NODE.match(line), EDGE.match(line)
            if node:
                if node[3] not in ("static", "dynamic,bounded"):
                    sys.exit(f"{node[1]}: a frame without a bound")
                is_apart = name_of(node[1]) == "hf_wipe_stack"  # as deep as HF_STACK_WIPED says
                self.frames[node[1]] = 0 if is_apart else int(node[2])
                self.sources[node[1]] = source
            elif edge:
                self.calls[edge[1]].add((edge[2], edge[3]))

    def functions(self, source, name):
        """Those of that name that the source can mean: its own, and what is not static elsewhere."""
        return [title for title in self.frames
                if name_of(title) == name and (":" not in title or self.sources[title] == source)]

    @functools.cache
    def constants(self, source):
        """The functions that a source's constants refer to."""
        listing = subprocess.run([self.objdump, "-r", self.folder / (source + ".o")], check=True,
                                 capture_output=True, text=True).stdout
        found, is_constant = set(), False
        for line in listing.splitlines():
            fields = line.split()
            if fields[:1] == ["RELOCATION"]:
                is_constant = bool(CONSTANTS.match(line))
            elif is_constant and len(fields) == 3:
                symbol = re.sub(r"[-+]0x[0-9a-f]+$", "", fields[2]).removeprefix(".text.")
                found.update(self.functions(source, symbol))
        return found

    def reached(self, place):
        """Whom a call through a pointer reaches; place is FILE:LINE:COLUMN."""
        source, line, column = place.rsplit(":", 2)
        lines = pathlib.Path(source).read_text().splitlines()[int(line) - 1:int(line) + 1]
        text = " ".join(part.strip() if i else part[int(column) - 1:] for i, part in enumerate(lines))
        called = CALLED.match(text)
        table = REACHED.get(source, {})
        if called and called[1] in table:
            for target in table[called[1]]:
                if "/" not in target:
                    yield from self.functions(source, target)
                    continue
                for path in sorted(self.folder.glob(target + ".o")):
                    yield from self.constants(str(path.relative_to(self.folder)).removesuffix(".o"))
        elif MATH_PROVIDER not in text and not (called and called[1] in APPLICATION):
            sys.exit(f"{place}: whom does this reach? {text}")

    def callees(self, title):
        for callee, place in self.calls[title]:
            if callee == "__indirect_call":
                yield from self.reached(place)
            elif callee in self.frames:
                yield callee

    def check_callers(self):
        """A static function is called by its source, or through a pointer that REACHED knows."""
        called = {callee for title in self.frames for callee in self.callees(title)}
        for title, source in self.sources.items():
            if ":" in title and title not in called and source not in CALLED_BACK:
                sys.exit(f"{title}: who calls this?")

    @functools.cache
    def worst(self, title):
        """The most bytes, and the calls that take them."""
        if title in self.active:
            sys.exit("recursion: " + " > ".join([*self.active, title]))
        self.active.append(title)
        below = max((self.worst(callee) for callee in set(self.callees(title))), default=(0, ()))
        self.active.pop()
        return self.frames[title] + below[0], (title, *below[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objdump", default="objdump")
    parser.add_argument("--calls", action="store_true", help="shows the calls that take the most")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("root", nargs="+")
    arguments = parser.parse_args()
    program = Program(arguments.objdump, arguments.folder)
    program.check_callers()
    for root in arguments.root:
        titles = [title for title, source in program.sources.items()
                  if title == root or source.startswith(root + "/")]
        size, calls = max((program.worst(title) for title in titles), default=(0, ()))
        print(root, size)
        if arguments.calls:
            for title in calls:
                print(f"{program.frames[title]:8} {title}")


if __name__ == "__main__":
    main()
