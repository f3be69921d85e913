#!/usr/bin/env python3
"""bench/footprint: what TLS takes of a Cortex-M3's flash and RAM, by Handfast and by other libraries;
run by scripts/compare.sh.

    run.py FIRMWARE FOLDER LIBRARY=HEAD ...

FIRMWARE is where scripts/device.sh has built Handfast's images and the sources of libtomcrypt are,
FOLDER where the other images are built, in images/, and their sources are. Each LIBRARY is a column
with this head: handfast, or what precedes _client.elf and _server.elf in the name of an image. The
images run in QEMU with OpenSSL at the other end of the serial line; if a handshake is not a full
one with the one suite, that is an error. Prints a table for each role in Markdown.
Environment: HF_PKI_DIR, the certificates of tests/support/make_pki.sh.
"""
import collections
import os
import pathlib
import re
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tests/interop"), str(TOP / "tests/device")]
from board import Report, emulator, flash_pieces  # noqa: E402
from processes import Process, run  # noqa: E402

PKI = pathlib.Path(os.environ["HF_PKI_DIR"])
NAME = "server.example"
SUITE = "ECDHE-ECDSA-CHACHA20-POLY1305"
QEMU_SECONDS = 120
ROLES = ("client", "server")
# The server of examples/firmware/ ends after some connections, the others after one.
CONNECTIONS = {"handfast": 4}


class Failed(Exception):
    pass


def require(condition, what):
    if not condition:
        raise Failed(what)


# ------------------------------------------------------------------------------ flash

PROTOCOL = "TLS and X.509"
KEYS = "public keys: curves, big numbers"
PRIMITIVES = "ciphers, hashes, random numbers"
REST = "C library, allocator"
PARTS = (PROTOCOL, KEYS, PRIMITIVES, REST)

# What an object file is a part of, by the archive it comes from and the folder of its source: the
# first that fits. What none fits is the program, which is not counted.
PLACES = (
    (r"lib(c|gcc)\.a:", REST),
    (r"libhandfast\.a:crypto_glue/arena\.c|/mbedtls_\w+\.elf\.dir/.*/crypto_glue/", REST),
    (r"libhandfast\.a:tls/|libbearssl\.a:src/(ssl|x509)/", PROTOCOL),
    (r"libmbedtls_\w+\.a:library/(ssl|x509|asn1|oid|pk)", PROTOCOL),
    (r"libhandfast\.a:crypto_glue/(ec|number)|libbearssl\.a:src/(ec|int)/", KEYS),
    (r"libtommath\.a:|libtomcrypt\.a:src/(pk|math)/|libmbedtls_\w+\.a:library/(bignum|ec)", KEYS),
    (r"lib(handfast|tomcrypt|bearssl|mbedtls_\w+)\.a:", PRIMITIVES),
)


class Sources:
    """Where the sources of archives are: their members are known by the name of the file alone."""

    def __init__(self, firmware, folder):
        self.paths = {}
        for archive, top, below in (
            ("libhandfast.a", TOP, "crypto_glue"),
            ("libhandfast.a", TOP, "tls"),
            ("libtomcrypt.a", firmware / "libtomcrypt", "src"),
            ("libbearssl.a", folder / "bearssl", "src"),
            ("libmbedtls_client.a", folder / "mbedtls", "library"),
            ("libmbedtls_server.a", folder / "mbedtls", "library"),
        ):
            for path in sorted((top / below).rglob("*.c")):
                self.paths[archive, path.name] = path.relative_to(top)

    def part_of(self, piece):
        place = piece
        member = re.search(r"([^/]+\.a)\((.+?)(\.obj|\.o)\)$", piece)
        if member:
            place = f"{member[1]}:{self.paths.get((member[1], member[2]), member[2])}"
        return next((part for pattern, part in PLACES if re.search(pattern, place)), None)


def flash_by_part(sources, map_file):
    parts = collections.Counter()
    for piece, size in flash_pieces(map_file):
        parts[sources.part_of(piece)] += size
    for part in PARTS:
        require(parts[part] > 0, f"{map_file}: no {part}")
    return parts


# ------------------------------------------------------------------------------ RAM and time


def boot_client(image, folder, certificate):
    """To the page that openssl s_server makes about the connection: status, console."""
    arguments = [
        "openssl", "s_server", "-accept", "127.0.0.1:0", "-tls1_2", "-www",
        "-cert", PKI / f"{certificate}.pem", "-key", PKI / f"{certificate}.key",
        "-cert_chain", PKI / "inter-p256.pem",
    ]  # fmt: skip
    with Process(arguments, folder) as server:
        serial = f"tcp:127.0.0.1:{server.wait_for_port()}"
        done = run(emulator(image, serial), folder, seconds=QEMU_SECONDS)
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def run_client(image, folder):
    """Also shows that it validates: one that does not would be smaller."""
    for certificate in "bad-name", "bad-signature", "bad-expired":
        status, log = boot_client(image, folder, certificate)
        require(status == 1 and "HTTP/1" not in log, f"{image}: took {certificate}\n{log}")
    status, log = boot_client(image, folder, "server-p256")
    require(status == 0, f"{image}: status {status}\n{log}")
    require(f"New, TLSv1.2, Cipher is {SUITE}" in log, f"{image}: not the suite\n{log}")
    return Report(log)


def run_server(image, folder, connections):
    with Process(emulator(image, "tcp:127.0.0.1:0,server=on,wait=off"), folder) as device:
        port = device.wait_for_port()
        for _ in range(connections):
            arguments = [
                "openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-tls1_2", "-ign_eof",
                "-servername", NAME, "-CAfile", PKI / "root-p256.pem", "-verify_return_error",
            ]  # fmt: skip
            with Process(arguments, folder, keep_stdin=True) as client:
                client.type(b"GET / HTTP/1.0\r\n\r\n")
                client.wait(QEMU_SECONDS)
                log = client.log()
            require("This is a Cortex-M3" in log, f"{image}: no page\n{log}\n{device.log()}")
            require(f"New, TLSv1.2, Cipher is {SUITE}" in log, f"{image}: not the suite\n{log}")
        status = device.wait(QEMU_SECONDS)
        require(status == 0, f"{image}: status {status}\n{device.log()}")
        return Report(device.log())


def run_image(library, role, image):
    with tempfile.TemporaryDirectory() as work:
        if role == "client":
            return run_client(image, pathlib.Path(work))
        return run_server(image, pathlib.Path(work), CONNECTIONS.get(library, 1))


# Rows of RAM and time: the sum of these lines of a report, where Handfast's has other names than
# those of peer.c.
MEMORY = {
    "a connection, once its handshake is done": {
        "handfast": ("ram.connection",),
        "": ("ram.connection", "arena.connection"),
    },
    "of that, allocated": {"handfast": ("handshake.arena_left",), "": ("arena.connection",)},
    "besides, during the handshake": {
        "handfast": ("ram.hf_handshake", "handshake.arena_peak"),
        "": ("ram.handshake", "arena.handshake"),
    },
    "of that, allocated at most": {
        "handfast": ("handshake.arena_peak",),
        "": ("arena.handshake",),
    },
    "for all connections together": {"handfast": (), "": ("ram.shared", "arena.shared")},
    "stack of the handshake": {"": ("handshake.stack_peak",)},
}
TIME = "million instructions of a full handshake"


def memory_of(library, report, row):
    names = MEMORY[row].get(library, MEMORY[row][""])
    values = [report.last(name) for name in names]
    require(None not in values, f"{library}: not reported: {names}\n{report.log}")
    return sum(values)


# ------------------------------------------------------------------------------ tables


def line(*cells):
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def table(role, heads, flash, reports):
    """The rows of one role; libraries across."""
    yield line(f"{role}, bytes", *heads.values())
    yield "|---|" + "---:|" * len(heads)
    for part in PARTS:
        yield line(f"flash: {part}", *(flash[library][part] for library in heads))
    sums = {library: sum(flash[library][part] for part in PARTS) for library in heads}
    yield line("**flash**", *(f"**{sums[library]}**" for library in heads))
    for row in MEMORY:
        yield line(
            f"RAM: {row}", *(memory_of(library, reports[library], row) for library in heads)
        )
    thousands = "handshake.thousand_instructions"
    yield line(TIME, *(round(reports[library].last(thousands) / 1000) for library in heads))


def main():
    firmware, folder = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
    heads = dict(argument.split("=", 1) for argument in sys.argv[3:])
    sources = Sources(firmware, folder)
    for role in ROLES:
        images = {
            library: folder / "images" / f"{library}_{role}.elf" for library in heads
        } | {"handfast": firmware / role / f"{role}.elf"}
        reports = {library: run_image(library, role, images[library]) for library in heads}
        flash = {
            library: flash_by_part(sources, image.with_name(f"{image.name}.map"))
            for library, image in images.items()
        }
        print(*table(role, heads, flash, reports), "", sep="\n")


if __name__ == "__main__":
    try:
        main()
    except Failed as failure:
        sys.exit(f"bench/footprint: {failure}")
