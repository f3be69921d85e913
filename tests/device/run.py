#!/usr/bin/env python3
"""tests/device: the firmware of examples/firmware/ in QEMU, with OpenSSL and curl at the other end of
its serial line; run by scripts/device.sh.

    run.py FOLDER      the folder in which scripts/device.sh has built it

Prints what the images take and checks what they did. The last line is `N passed, N failed`.
Environment: HF_PKI_DIR, the certificates of tests/support/make_pki.sh.
"""
import collections
import os
import pathlib
import re
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/interop"))
from board import Report, emulator, flash_pieces, flash_size  # noqa: E402
from processes import Process, run  # noqa: E402

PKI = pathlib.Path(os.environ["HF_PKI_DIR"])
NAME = "server.example"
PAGE = "This is a Cortex-M3 without a heap."
SUITE = "ECDHE-ECDSA-CHACHA20-POLY1305"
QEMU_SECONDS = 120

# Bytes, and thousand instructions.
LIMITS = {
    "ram.connection": 2500,
    "handshake.stack_peak": 2048,
    "handshake.arena_peak": 3584,
    "handshake.thousand_instructions of a short one": 1000,
    "handshake.thousand_instructions of a full one": 130000,
    "p256.generate.arena_peak": 3072,
    "p256.agree.arena_peak": 3072,
    "p256.sign.arena_peak": 3200,
    "p256.verify.arena_peak": 2816,
    "p256.refuse.arena_peak": 3840,
    "rsa2048.private.arena_peak": 8048,
    "rsa2048.public.arena_peak": 6400,
    "flash": 65536,
}

passed = failed = 0


def check(condition, what):
    """Counts one claim, and says so if it does not hold."""
    global passed, failed
    if condition:
        passed += 1
    else:
        failed += 1
        print(f"FAILED: {what}")
    return condition


def check_limit(name, value, what):
    limit = LIMITS[name]
    check(value is not None and value <= limit, f"{what}: {name} is {value}, limit {limit}")


def reason(symbol):
    """The number of a row of HF_REASONS."""
    text = (TOP / "tls/include/handfast/error.h").read_text()
    symbols = re.findall(r"^    X\(([A-Z0-9_]+), ", text, re.M)
    return symbols.index(symbol) + 3  # after HF_OK, HF_AGAIN, HF_WAITING


# ------------------------------------------------------------------------------ scenarios


def openssl_server(folder, certificate="server-p256"):
    return Process(
        ["openssl", "s_server", "-accept", "127.0.0.1:0", "-tls1_2", "-www",
         "-cert", PKI / f"{certificate}.pem", "-key", PKI / f"{certificate}.key",
         "-cert_chain", PKI / "inter-p256.pem"],
        folder,
    )  # fmt: skip


def boot_client(image, server, folder):
    done = run(
        emulator(image, f"tcp:127.0.0.1:{server.wait_for_port()}"), folder, seconds=QEMU_SECONDS
    )
    return done.returncode, Report((done.stdout + done.stderr).decode(errors="replace"))


def check_client(images, folder):
    """Boots twice; between the boots the session is in flash."""
    reports = []
    with openssl_server(folder) as server:
        for what in "New", "Reused":
            status, report = boot_client(images / "client.elf", server, folder)
            page = f"{what}, TLSv1.2, Cipher is {SUITE}"
            check(status == 0, f"the client ended with {status}:\n{report.log}")
            check(page in report.log, f"client: the page does not say `{page}`")
            check(report.last("handshake.resumed") == (what == "Reused"), f"client: {what}")
            reports.append(report)
    (folder / "flash.bin").write_bytes(b"worn out")
    with openssl_server(folder) as server:
        status, report = boot_client(images / "client.elf", server, folder)
        check(status == 0 and report.last("handshake.resumed") == 0, "client: damaged flash")
    return reports


def check_client_refuses(images, folder):
    """A certificate for another name, and an arena that is too small."""
    (folder / "flash.bin").unlink(missing_ok=True)
    for image, certificate, symbol in (
        ("client.elf", "bad-name", "CERTIFICATE_NAME_MISMATCH"),
        ("client.elf", "bad-signature", "CERTIFICATE_SIGNATURE_WRONG"),
        ("client_starved.elf", "server-p256", "OUT_OF_SCRATCH"),
    ):
        with openssl_server(folder, certificate) as server:
            status, report = boot_client(images / image, server, folder)
            check(
                status == 1 and report.last("failure.reason") == reason(symbol),
                f"{image}, {certificate}: not {symbol}:\n{report.log}",
            )
            check("HTTP" not in report.log, f"{image}: took a page from {certificate}")
            refused = report.last("ram.arena_refused")
            is_short_of_memory = symbol == "OUT_OF_SCRATCH"
            check((refused != 0) == is_short_of_memory, f"{image}: {refused} refused")


def openssl_client(port, folder, *more):
    """One request by `openssl s_client`, which ends when the server does; its output."""
    arguments = [
        "openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-tls1_2", "-servername", NAME,
        "-CAfile", PKI / "root-p256.pem", "-verify_hostname", NAME, "-verify_return_error",
        "-ign_eof", *more,
    ]  # fmt: skip
    with Process(arguments, folder, keep_stdin=True) as client:
        client.type(b"GET / HTTP/1.0\r\n\r\n")
        client.wait(QEMU_SECONDS)
        return client.log()


def check_server(images, folder):
    """Two connections of one curl, then two of OpenSSL's client, which keeps its session in a file:
    the second of each is resumed."""
    arguments = emulator(images / "server.elf", "tcp:127.0.0.1:0,server=on,wait=off")
    with Process(arguments, folder) as device:
        port = device.wait_for_port()
        urls = [f"https://{NAME}:{port}/{page}" for page in ("first", "second")]
        curl = run(
            ["curl", "--silent", "--show-error", "--cacert", PKI / "root-p256.pem",
             "--resolve", f"{NAME}:{port}:127.0.0.1", *urls],
            folder,
            seconds=QEMU_SECONDS,
        )  # fmt: skip
        check(curl.returncode == 0, f"curl: {curl.stderr.decode()}\n{device.log()}")
        check(curl.stdout.decode() == 2 * f"{PAGE}\n", "curl: not the two pages")
        for what, option in ("New", "-sess_out"), ("Reused", "-sess_in"):
            log = openssl_client(port, folder, option, folder / "session.pem")
            check(PAGE in log, f"s_client: no page\n{log}")
            check(f"{what}, TLSv1.2, Cipher is {SUITE}" in log, f"s_client: not {what}\n{log}")
        check(device.wait(QEMU_SECONDS) == 0, f"the server failed:\n{device.log()}")
        report = Report(device.log())
    check(report.all("handshake.resumed") == [0, 1, 0, 1], "server: which were resumed")
    return report


def check_costs(role, reports):
    """Prints and checks what the connections of one role took."""
    rows = [
        dict(
            (name, report.all(f"handshake.{name}")[i])
            for name in ("resumed", "thousand_instructions", "arena_peak", "stack_peak",
                         "thousand_instructions_longest_call")
        )
        for report in reports
        for i in range(len(report.all("handshake.resumed")))
    ]  # fmt: skip
    for row in rows:
        kind = "short" if row["resumed"] else "full"
        print(
            f"{role}, {kind} handshake: {row['thousand_instructions']} thousand instructions "
            f"(longest call of hf_conn_run {row['thousand_instructions_longest_call']}), "
            f"arena {row['arena_peak']}, stack {row['stack_peak']} bytes"
        )
        check_limit(
            f"handshake.thousand_instructions of a {kind} one", row["thousand_instructions"], role
        )
        check_limit("handshake.arena_peak", row["arena_peak"], role)
        check_limit("handshake.stack_peak", row["stack_peak"], role)
    report = reports[-1]
    ram = {name: report.last(f"ram.{name}") for name in
           ("connection", "hf_conn", "rx", "tx", "hf_handshake", "arena", "stack", "static")}  # fmt: skip
    print(
        f"{role}, RAM: {ram['connection']} bytes a connection after its handshake "
        f"(hf_conn {ram['hf_conn']}, rx {ram['rx']}, tx {ram['tx']}), hf_handshake "
        f"{ram['hf_handshake']}, arena {ram['arena']}, all of .data and .bss {ram['static']}, "
        f"stack reserved {ram['stack']}"
    )
    check_limit("ram.connection", ram["connection"], role)
    check(ram["arena"] != 0, f"{role}: no arena")
    check(all(r.last("ram.arena_refused") == 0 for r in reports), f"{role}: the arena refused")
    check(not any(sum(r.all("handshake.arena_left")) for r in reports), f"{role}: arena left")


def check_operations(images, folder, names):
    """What single operations take, and that they bear to be refused memory."""
    done = run(emulator(images / "operations.elf", "null"), folder, seconds=QEMU_SECONDS)
    report = Report((done.stdout + done.stderr).decode(errors="replace"))
    check(done.returncode == 0, f"operations: status {done.returncode}\n{report.log}")
    check(len(report.all("starved")) == len(names), f"operations ended early\n{report.log}")
    for name, starved in zip(names, report.all("starved"), strict=False):
        peak = report.last(f"{name}.arena_peak")
        print(
            f"{name}: arena {peak}, stack {report.last(f'{name}.stack_peak')} bytes, "
            f"{report.last(f'{name}.thousand_instructions')} thousand instructions; "
            f"refused memory in {starved} smaller arenas"
        )
        check(starved > 0, f"{name} does not bear to be refused memory")
        check_limit(f"{name}.arena_peak", peak, "operations")


# ------------------------------------------------------------------------------ flash


def part_of(path):
    for pattern, part in (
        (r"/tls/", "tls"), (r"libhandfast", "handfast"), (r"libtomcrypt", "libtomcrypt"),
        (r"libtommath", "libtommath"), (r"lib(c|c_nano|gcc)\.a", "C library"),
    ):  # fmt: skip
        if re.search(pattern, path):
            return part
    return "program"


def flash_by_part(map_file):
    parts = collections.Counter()
    for path, size in flash_pieces(map_file):
        parts[part_of(path)] += size
    return parts


def check_flash(images, name):
    parts = flash_by_part(images / f"{name}.elf.map")
    sizes, total = flash_size(images / f"{name}.elf")
    listed = ", ".join(f"{part} {size}" for part, size in parts.most_common())
    print(f"{name}, flash: {total} bytes (.text {sizes['.text']}, .data {sizes['.data']}): {listed}")
    check_limit("flash", total, name)
    check(abs(sum(parts.values()) - total) < 1024, f"{name}: parts do not add up to {total}")


def main():
    images = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work)
        client = check_client(images / "client", folder)
        check_client_refuses(images / "client", folder)
        server = check_server(images / "server", folder)
        check_costs("client", client)
        check_costs("server", [server])
        p256 = [f"p256.{name}" for name in ("generate", "agree", "sign", "verify", "refuse")]
        check_operations(images / "client", folder, p256)
        check_operations(images / "rsa", folder, ["rsa2048.private", "rsa2048.public"])
    check_flash(images / "client", "client")
    check_flash(images / "server", "server")
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
