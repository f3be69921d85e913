"""Child processes: each has its output in files of its own and is stopped by its own id."""
import contextlib
import itertools
import os
import pathlib
import re
import signal
import subprocess
import time

WAIT_SECONDS = 20  # for anything that normally takes milliseconds


def environment(**more):
    """What children get: settings of the machine and of the user do not reach the peers."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "HOME": "/nonexistent",
        "LC_ALL": "C",
        "OPENSSL_CONF": "/dev/null",
        "GNUTLS_SYSTEM_PRIORITY_FILE": "/dev/null",
        **more,
    }


def wait_until(condition, what, seconds=WAIT_SECONDS):
    """The first true value of condition()."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.005)
    raise AssertionError(f"waited {seconds} s for {what}")


def run(arguments, folder, stdin=b"", seconds=WAIT_SECONDS, **more):
    """Runs to the end with all of stdin given at once: subprocess.CompletedProcess with bytes."""
    return subprocess.run(
        [str(a) for a in arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        timeout=seconds,
        env=environment(**more),
        check=False,
    )


def _listening_inodes():
    inodes = {}
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A":
            inodes[fields[9]] = int(fields[1].split(":")[1], 16)
    return inodes


def listening_port(pid):
    """The IPv4 port that a process listens on, or None: for servers that do not tell which port
    the system gave them."""
    inodes = _listening_inodes()
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            found = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(entry))
        except FileNotFoundError:
            continue
        if found and found[1] in inodes:
            return inodes[found[1]]
    return None


def sockets(pid):
    """How many a process has open."""
    count = 0
    for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            count += os.readlink(entry).startswith("socket:")
    return count


class Process:
    """A child in the background. With keep_stdin its standard input stays open until the end."""

    _numbers = itertools.count()

    def __init__(self, arguments, folder, keep_stdin=False, stdin=None, pass_fds=(), **more):
        stem = folder / f"{pathlib.Path(arguments[0]).name}-{self.number()}"
        self.stdout_path, self.stderr_path = stem.with_suffix(".out"), stem.with_suffix(".err")
        self.arguments = [str(a) for a in arguments]
        with open(self.stdout_path, "wb") as out, open(self.stderr_path, "wb") as err:
            self.child = subprocess.Popen(
                self.arguments,
                cwd=folder,
                stdout=out,
                stderr=err,
                pass_fds=pass_fds,
                stdin=subprocess.PIPE if keep_stdin else stdin or subprocess.DEVNULL,
                env=environment(**more),
            )

    @staticmethod
    def number():
        """A number that no other thread gets, for names of files."""
        return next(Process._numbers)

    @property
    def pid(self):
        return self.child.pid

    def stdout(self):
        return self.stdout_path.read_bytes()

    def stderr(self):
        return self.stderr_path.read_bytes()

    def log(self):
        return (self.stdout() + self.stderr()).decode(errors="replace")

    def type(self, data):
        """Writes to the standard input that keep_stdin left open. A child that has ended already
        tells by its status and its log."""
        with contextlib.suppress(BrokenPipeError):
            self.child.stdin.write(data)
            self.child.stdin.flush()

    def wait_for_log(self, pattern):
        """The match of a regular expression in what the child printed."""
        try:
            return wait_until(lambda: re.search(pattern, self.log(), re.MULTILINE), pattern)
        except AssertionError as error:
            raise AssertionError(
                f"{error}, in the log of {self.arguments[0]}:\n{self.log()}"
            ) from None

    def wait_for_port(self):
        def look():
            if self.child.poll() is not None:
                raise AssertionError(f"{' '.join(self.arguments)} ended:\n{self.log()}")
            return listening_port(self.pid)

        return wait_until(look, f"{self.arguments[0]} to listen")

    def wait(self, seconds=WAIT_SECONDS):
        return self.child.wait(seconds)

    def stop(self, number=signal.SIGTERM):
        """Ends the child; its exit status."""
        if self.child.poll() is None:
            self.child.send_signal(number)
        try:
            self.child.wait(5)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
        if self.child.stdin:
            with contextlib.suppress(BrokenPipeError):
                self.child.stdin.close()
        return self.child.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
