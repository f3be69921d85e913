"""Shared by the tests of the command: runs it, starts it as a server, knows the test certificates.

HF_TOOL is the command, HF_PKI_DIR the folder that tests/support/make_pki.sh has filled; ctest sets
both. test_TOPIC.py are unittest programs, one a topic.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import tempfile
import time

TOOL = os.environ.get("HF_TOOL", "build/handfast")
PKI = os.environ.get("HF_PKI_DIR", "build/pki")
DONE, TLS, USAGE, OUTSIDE = 0, 1, 2, 3
LIMIT = 60  # seconds that any one run may take

# The first line of a failure, as docs/command.md gives it.
FAILURE_LINE = re.compile(
    r"^handfast: (?P<symbol>[A-Z0-9_]+): (?P<sentence>[A-Z][^()]*)"
    r"(?: \((?P<section>RFC \d+ [A-Z0-9.]+)?(?:(?:^|; |(?<=\())alert (?P<code>\d+) (?P<alert>\w+) "
    r"(?P<direction>sent|received))?(?:(?:; |(?<=\())at (?P<message>\[?\w+\]?))?\))?$")


def pki(name):
    return os.path.join(PKI, name)


def run(*arguments, data=b"", environment=None):
    """Runs the command to its end; stdout and stderr are text."""
    env = {key: value for key, value in os.environ.items() if key != "SSLKEYLOGFILE"}
    env.update(environment or {})
    done = subprocess.run([TOOL, *arguments], input=data, capture_output=True, timeout=LIMIT, env=env)
    done.stdout = done.stdout.decode(errors="replace")
    done.stderr = done.stderr.decode(errors="replace")
    return done


def table(verb):
    """What a verb of the library's tables prints as JSON."""
    done = run(verb, "--json")
    assert done.returncode == DONE, done.stderr
    return json.loads(done.stdout)


def size_of(name):
    """Bytes of an object or a buffer in this build, in decimal."""
    return next(str(row["bytes"]) for row in table("sizes") if row["name"] == name)


def failure(stderr):
    """The parts of the failure line; None if the first line that is not news is of another form."""
    for line in stderr.splitlines():
        if not line.startswith("handfast: WARNING: "):
            match = FAILURE_LINE.match(line)
            return match.groupdict() if match else None
    return None


def wait_for(condition, seconds=LIMIT):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("waited too long")
        time.sleep(0.01)


class Server:
    def __init__(self, process, port, folder):
        self.process, self.port, self.folder = process, port, folder

    def log(self):
        with open(os.path.join(self.folder, "log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def output(self):
        with open(os.path.join(self.folder, "out"), "rb") as file:
            return file.read()

    def stop(self, signal_number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(signal_number)
        return self.process.wait(LIMIT)


@contextlib.contextmanager
def server(*arguments, pair="server-p256", address="127.0.0.1:0"):
    """`handfast server` on a port of its own choice, with a certificate unless pair is None."""
    identity = [] if pair is None else ["--cert", pki(pair + ".chain.pem"), "--key", pki(pair + ".key")]
    with tempfile.TemporaryDirectory() as folder:
        ready = os.path.join(folder, "ready")
        with open(os.path.join(folder, "log"), "wb") as log, open(os.path.join(folder, "out"), "wb") as out:
            process = subprocess.Popen([TOOL, "server", address, "--ready", ready, *identity, *arguments],
                                       stdin=subprocess.DEVNULL, stdout=out, stderr=log)
        try:
            wait_for(lambda: os.path.exists(ready) or process.poll() is not None)
            if process.poll() is not None:
                with open(os.path.join(folder, "log"), encoding="utf-8") as log:
                    raise RuntimeError("the server ended: " + log.read())
            with open(ready, encoding="ascii") as file:
                yield Server(process, int(file.read()), folder)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
