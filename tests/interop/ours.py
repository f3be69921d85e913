"""`handfast client` and `handfast server`, and what they print."""
import dataclasses
import os
import pathlib
import re

import processes
from harness import expect, expect_equal, expect_in

TOOL = os.environ.get("HF_TOOL", "handfast")
PKI = pathlib.Path(os.environ.get("HF_PKI_DIR", "."))
ROOTS = PKI / "roots.pem"
NAME = "server.example"
PSK_IDENTITY, PSK_KEY = "us", "000102030405060708090a0b0c0d0e0f"

FAILURE = re.compile(
    r"handfast: (?P<reason>[A-Z0-9_]+): (?P<sentence>.+?)(?: \((?P<rest>[^()]*)\))?$"
)
ALERT = re.compile(r"alert (\d+) (\w+) (sent|received)")
CONNECTED = re.compile(
    r"^handfast: connected: (?P<version>TLS \S+) (?P<suite>\S+)(?P<rest>.*)$", re.MULTILINE
)
LOG_LINE = re.compile(
    r"(?P<address>\S+) (?P<name>\S+) (?P<version>-|TLS \S+) (?P<suite>\S+) (?P<group>\S+) "
    r"(?P<scheme>\S+) (?P<protocol>\S+) (?P<received>\d+) in (?P<sent>\d+) out"
    r'(?P<resumed>, resumed)?(?P<renegotiated>, renegotiated)?(?:, binding "[^"]*")?'
    r'(?:, psk "(?P<psk>[^"]*)")?(?:, client "(?P<client>[^"]*)")?: (?P<end>.*)'
)


def alert_in(text):
    """(number, name, "sent" or "received") or None."""
    found = ALERT.search(text or "")
    return (int(found[1]), found[2], found[3]) if found else None


@dataclasses.dataclass
class Outcome:
    """A client that has ended."""

    status: int
    stdout: bytes
    stderr: str

    @property
    def body(self):
        return self.stdout.split(b"\r\n\r\n", 1)[-1]

    def expect_connected(self, suite=None, group=None, scheme=None, protocol=None, version="1.2"):
        expect_equal(self.status, 0, f"exit status, with\n{self.stderr}")
        line = CONNECTED.search(self.stderr)
        expect(line, f"no line about the connection:\n{self.stderr}")
        expect_equal(line["version"], f"TLS {version}", "version")
        words = line["rest"].split()
        if suite:
            expect_equal(line["suite"], suite, "suite")
        for wanted in (group, scheme, f"ALPN {protocol}" if protocol else None):
            if wanted:
                expect_in(wanted, " ".join(words), "connection")

    def expect_page(self, **agreed):
        self.expect_connected(**agreed)
        expect(re.match(rb"HTTP/1\.[01] 200 ", self.stdout), f"not a page: {self.stdout[:200]!r}")

    def expect_failure(self, reason, alert=None):
        """alert: (number, "sent" or "received"), False for none, None for any."""
        lines = self.stderr.splitlines() or [""]
        # The line about an established connection and a warning may come before.
        lines = [line for line in lines if not re.match("handfast: (connected: |WARNING)", line)]
        failure = FAILURE.fullmatch(lines[0]) if lines else None
        expect(failure, f"no failure line first on standard error:\n{self.stderr}")
        expect_equal(failure["reason"], reason, f"reason in\n{self.stderr}")
        got = alert_in(failure["rest"])
        if alert is False:
            expect_equal(got, None, "alert")
        elif alert:
            expect_equal(got and (got[0], got[2]), alert, "alert")
        expect_equal(self.status, 1, "exit status")


def client(folder, port, *options, ca=ROOTS, name=NAME, http=True, stdin=b"", seconds=60):
    trust = ["--ca", ca] if ca else []
    called = ["--name", name] if name else []
    page = ["--http"] if http is True else [f"--http={http}"] if http else []
    done = processes.run(
        [TOOL, "client", f"127.0.0.1:{port}", *trust, *called, *page, *options],
        folder,
        stdin=stdin,
        seconds=seconds,
    )
    return Outcome(done.returncode, done.stdout, done.stderr.decode(errors="replace"))


def start_client(folder, port, *options):
    """A client in pipe mode whose standard input stays open."""
    return processes.Process(
        [TOOL, "client", f"127.0.0.1:{port}", "--ca", ROOTS, "--name", NAME, *options],
        folder,
        keep_stdin=True,
    )


def outcome_of(process):
    """Of a client that has ended."""
    return Outcome(
        process.child.returncode, process.stdout(), process.stderr().decode(errors="replace")
    )


def pair(key):
    """Options of one certificate chain and its key."""
    return ["--cert", PKI / f"{key}.chain.pem", "--key", PKI / f"{key}.key"]


class Server(processes.Process):
    """`handfast server` on a port that it tells; log lines are taken one by one."""

    def __init__(self, folder, *options, key="server-p256", service="--http"):
        ready = folder / f"ready.{processes.Process.number()}"
        super().__init__(
            [
                TOOL,
                "server",
                "127.0.0.1:0",
                "--ready",
                ready,
                *([service] if service else []),
                *(pair(key) if key else []),
                *options,
            ],
            folder,
        )
        self.taken = 0

        def look():
            expect(self.child.poll() is None, f"the server ended:\n{self.log()}")
            return ready.exists()

        processes.wait_until(look, "handfast server to be ready")
        self.port = int(ready.read_text())

    def lines(self):
        """The log lines of connections that have ended."""
        return [
            match
            for match in map(LOG_LINE.fullmatch, self.stderr().decode().split("\n")[:-1])
            if match
        ]

    def next_line(self):
        """The log line of the next connection to end."""
        processes.wait_until(
            lambda: len(self.lines()) > self.taken, "a log line of handfast server"
        )
        self.taken += 1
        return self.lines()[self.taken - 1]

    def expect_closed(self, **agreed):
        """agreed: fields of the log line."""
        line = self.next_line()
        expect_equal(line["end"], "closed", f"end of\n{line[0]}")
        for field, wanted in agreed.items():
            if wanted:
                expect_equal(line[field], wanted, field)
        return line

    def expect_failure(self, reason, alert=None):
        line = self.next_line()
        failure = FAILURE.fullmatch("handfast: " + line["end"])
        expect(failure, f"no failure: {line[0]}")
        expect_equal(failure["reason"], reason, f"reason in\n{line[0]}")
        got = alert_in(failure["rest"])
        if alert is False:
            expect_equal(got, None, "alert")
        elif alert:
            expect_equal(got and (got[0], got[2]), alert, f"alert in\n{line[0]}")

    def stop(self, *arguments):
        status = super().stop(*arguments)
        expect_equal(status, 0, f"exit status of the server, with\n{self.log()}")
        return status
