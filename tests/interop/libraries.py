"""The programs of peers/: one connection each, over a library that has no command of enough use."""
import functools
import os
import pathlib
import re

import processes
import table
from harness import expect, expect_equal
from ours import NAME, PSK_IDENTITY, PSK_KEY, ROOTS
from peers import PeerOutcome, identity
from suites import VERSIONS

FOLDER = pathlib.Path(os.environ.get("HF_PEERS_DIR", "."))


def present():
    """The libraries whose programs were built."""
    return [library for library in table.LIBRARIES if program(library).exists()]


def program(library):
    return FOLDER / f"peer_{library}"


@functools.cache
def _listed(library):
    """(name, versions of TLS, suites by code or name) of a library."""
    done = processes.run([program(library), "list"], None)
    name, first, *names = done.stdout.decode().splitlines()
    return name, first.split(), set(names)


def describe():
    """The libraries with their releases, for those that tell."""
    return [_listed(library)[0] for library in present() if library != "gnutls"]


def versions(library):
    return [version for version in VERSIONS if version.name in _listed(library)[1]]


def has(library, suite, version):
    names = _listed(library)[2]
    listed = suite.name in names or f"{suite.code:04X}" in names
    return listed and version in suite.versions and version in versions(library)


def expect_resumed(log):
    """The first of two connections is new, the second one has its session."""
    lines = re.findall(r"^negotiated \S+ \S+(.*)$", log, re.MULTILINE)
    expect_equal(lines, ["", " resumed"], f"resumed, by the library\n{log}")


def _arguments(library, role, suite, version, *options):
    psk = (f"psk={PSK_KEY}", f"identity={PSK_IDENTITY}") if suite.has_psk else ()
    return [
        program(library),
        role,
        f"code={suite.code:X}",
        f"suite={suite.name}",
        f"version={version.name}",
        *psk,
        *options,
    ]


def expect_negotiated(log, suite, version):
    line = re.search(r"^negotiated (\S+) (\S+)", log, re.MULTILINE)
    expect(line, f"nothing was negotiated:\n{log}")
    expect_equal((line[1], int(line[2], 16)), (version.name, suite.code), "version and suite")


class Server(processes.Process):
    """Serves one connection, or two with the option resume."""

    def __init__(self, library, folder, suite, version, *options):
        files = ()
        if suite.certificate:
            chain, key = identity(suite.certificate)
            files = (f"chain={chain}", f"key={key}")
        super().__init__(_arguments(library, "server", suite, version, *files, *options), folder)
        self.agreed = suite, version

        def look():
            expect(self.stdout() or self.child.poll() is None, f"ended:\n{self.log()}")
            return self.stdout().endswith(b"\n")

        processes.wait_until(look, f"{library} to listen")
        self.port = int(self.stdout())

    def expect_served(self):
        expect_equal(self.wait(), 0, f"exit status, with\n{self.log()}")
        expect_negotiated(self.log(), *self.agreed)


def client(library, folder, port, suite, version, *options):
    arguments = _arguments(
        library,
        "client",
        suite,
        version,
        f"port={port}",
        f"anchors={ROOTS}",
        f"name={NAME}",
        *options,
    )
    done = processes.run(arguments, folder)
    outcome = PeerOutcome(done.returncode, done.stdout, done.stderr.decode(errors="replace"))
    if any(str(option).startswith("echo=") for option in options):
        expect_equal(outcome.status, 0, f"exit status, with\n{outcome.log}")
    else:
        outcome.expect_success()
    expect_negotiated(outcome.log, suite, version)
    return outcome
