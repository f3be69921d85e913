"""Sessions: --resume, --session-in, --session-out, --tickets, --cache."""

import json
import os
import re
import socket
import tempfile
import unittest

from tool import DONE, LIMIT, OUTSIDE, TLS, USAGE, failure, pki, run, server, wait_for

CHANGE_CIPHER_SPEC, HANDSHAKE = 20, 22
SERVER_HELLO = 2


def client(port, *options, data=b"", name="server.example"):
    return run("client", f"127.0.0.1:{port}", "--ca", pki("roots.pem"), "--name", name, *options, data=data)


def messages(log, name):
    """All messages of a name in the output of --trace=json, as bytes."""
    rows = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [bytes.fromhex(row["bytes"]) for row in rows if row.get("message") == name]


def without_session_id(hello):
    size = hello[38]  # after the head, the version and the random
    body = hello[4:38] + b"\0" + hello[39 + size:]
    return hello[:1] + len(body).to_bytes(3, "big") + body


def first_records(port, hello):
    """(type, body) of the first two records that answer a ClientHello."""
    with socket.create_connection(("127.0.0.1", port), LIMIT) as connection:
        connection.sendall(b"\x16\x03\x01" + len(hello).to_bytes(2, "big") + hello)
        with connection.makefile("rb") as file:
            heads = []
            for _ in range(2):
                head = file.read(5)
                heads.append((head[0], file.read(int.from_bytes(head[3:], "big"))))
            return heads


def resumed(done):
    """Whether each connection says so that the client's standard error tells of."""
    lines = re.findall(r"(?m)^handfast: connected: (.*)$", done.stderr)
    return [" resumed" in line for line in lines]


def resumed_there(ours, count):
    """The same in the log of the server, once it has so many lines."""
    pattern = r"(?m)^\S+ \S+ TLS 1\.\d .* out(.*): closed$"
    wait_for(lambda: len(re.findall(pattern, ours.log())) >= count)
    return [", resumed" in line for line in re.findall(pattern, ours.log())]


class Resume(unittest.TestCase):
    def test_each_connection_resumes_the_one_before(self):
        for options in ((), ("--tickets", "on"), ("--cache", "0", "--tickets", "on")):
            with server("--http", *options) as ours:
                done = client(ours.port, "--http", "--resume", "3")
                self.assertEqual(done.returncode, DONE, done.stderr)
                self.assertEqual(resumed(done), [False, True, True, True])
                self.assertEqual(done.stdout.count("<td>yes</td></tr>\n</table>"), 3)  # the last row
                self.assertEqual(resumed_there(ours, 4), [False, True, True, True])

    def test_nothing_to_resume(self):
        cases = ((("--cache", "0"), ()), (("--cache", "0", "--tickets", "on"), ("--tickets", "off")),
                 (("--cache", "0"), ("--without", "session_ticket")))
        for options, theirs in cases:
            with server("--http", *options) as ours:
                done = client(ours.port, "--http", "--resume", "1", *theirs)
                self.assertEqual((done.returncode, resumed(done)), (DONE, [False, False]), done.stderr)

    def test_standard_input_goes_to_the_first_alone(self):
        with server() as ours:
            done = client(ours.port, "--resume", "2", data=b"once\n")
            self.assertEqual((done.returncode, resumed(done)), (DONE, [False, True, True]), done.stderr)
            wait_for(lambda: ours.output() == b"once\n")

    def test_a_failure_ends_it(self):
        with server("--http", "--connections", "1") as ours:
            done = client(ours.port, "--http", "--resume", "3")
            self.assertIn(done.returncode, (TLS, OUTSIDE), done.stderr)  # closed, or refused
            self.assertEqual(resumed(done), [False])

    def test_a_cache_of_one(self):
        """The second session takes the place of the first."""
        with tempfile.TemporaryDirectory() as folder, server("--http", "--cache", "1", "--tickets", "off") as ours:
            first, second = os.path.join(folder, "first"), os.path.join(folder, "second")
            for path in first, second:
                self.assertEqual(client(ours.port, "--http", "--session-out", path).returncode, DONE)
            self.assertEqual(resumed(client(ours.port, "--http", "--session-in", second)), [True])
            self.assertEqual(resumed(client(ours.port, "--http", "--session-in", first)), [False])

    def test_usage(self):
        for options in (("--resume", "-1"), ("--resume", "x"), ("--tickets", "maybe")):
            self.assertEqual(client(1, *options).returncode, USAGE)
        self.assertEqual(run("server", "0", "--cache", "-1").returncode, USAGE)


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "session")

    def keep(self, ours, *options):
        done = client(ours.port, "--http", "--session-out", self.path, *options)
        self.assertEqual(done.returncode, DONE, done.stderr)
        with open(self.path, "rb") as file:
            return file.read()

    def test_from_one_process_to_the_next(self):
        for options in (), ("--tickets", "off"):
            with server("--http") as ours:
                self.keep(ours, *options)
                for _ in range(2):  # out over in
                    done = client(ours.port, "--http", "--session-in", self.path, "--session-out", self.path)
                    self.assertEqual((done.returncode, resumed(done)), (DONE, [True]), done.stderr)

    def test_readable_by_its_owner_alone(self):
        with server("--http") as ours:
            before = os.umask(0)
            try:
                self.keep(ours)
                self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o600)
                os.chmod(self.path, 0o644)
                self.keep(ours)
                self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o600)
            finally:
                os.umask(before)

    def test_none_of_this_build(self):
        with server("--http") as ours:
            good = self.keep(ours)
            other_build = bytes([good[0] ^ 1]) + good[1:]
            for bad in (b"garbage", os.urandom(len(good)), good[:-1], good + b"\0", other_build):
                with open(self.path, "wb") as file:
                    file.write(bad)
                done = client(ours.port, "--http", "--session-in", self.path)
                self.assertEqual((done.returncode, done.stdout), (OUTSIDE, ""))
                self.assertIn("holds no session of this build", done.stderr)

    def test_an_empty_file_is_no_session(self):
        with server("--http") as ours:
            with open(self.path, "wb"):
                pass
            done = client(ours.port, "--http", "--session-in", self.path)
            self.assertEqual((done.returncode, resumed(done)), (DONE, [False]), done.stderr)

    def test_files_that_are_not_there(self):
        with server("--http") as ours:
            done = client(ours.port, "--http", "--session-in", self.path)
            self.assertEqual(done.returncode, OUTSIDE, done.stderr)
            done = client(ours.port, "--http", "--session-out", os.path.join(self.path, "nowhere"))
            self.assertEqual(done.returncode, OUTSIDE, done.stderr)
            self.assertIn("cannot write", done.stderr)

    def test_a_failure_writes_nothing(self):
        with server("--http") as ours:
            done = client(ours.port, "--http", "--session-out", self.path, name="other.example")
            self.assertEqual((done.returncode, failure(done.stderr)["symbol"]), (TLS, "CERTIFICATE_NAME_MISMATCH"))
            self.assertFalse(os.path.exists(self.path))

    def test_not_for_another_name_version_or_suite(self):
        suite = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
        old = ("--policy", "compatible", "--min", "tls1.0")
        with server("--http", *old) as ours:
            kept = self.keep(ours)
            for options in (dict(name="other.wild.example"), dict(more=("--suites", suite)),
                            dict(more=(*old, "--max", "tls1.1"))):
                with open(self.path, "wb") as file:
                    file.write(kept)
                more = options.pop("more", ())
                done = client(ours.port, "--http", "--session-in", self.path, *more, **options)
                self.assertEqual((done.returncode, resumed(done)), (DONE, [False]), done.stderr)

    def test_not_by_a_server_with_other_keys(self):
        with server("--http") as ours:
            self.keep(ours)
        with server("--http") as ours:
            done = client(ours.port, "--http", "--session-in", self.path)
            self.assertEqual((done.returncode, resumed(done)), (DONE, [False]), done.stderr)


class Tickets(unittest.TestCase):
    def test_a_ticket_without_a_session_id(self):
        """RFC 5077 3.4 leaves clients free to send none: wolfSSL's do not."""
        with server("--http", "--cache", "0", "--tickets", "on") as ours:
            done = client(ours.port, "--http", "--resume", "1", "--trace=json")
            self.assertEqual(done.returncode, DONE, done.stderr)
            hello = messages(done.stderr, "ClientHello")[1]
            for offered in hello, without_session_id(hello):
                size = offered[38]
                (first, answer), (second, _) = first_records(ours.port, offered)
                self.assertEqual((first, answer[0], second),
                                 (HANDSHAKE, SERVER_HELLO, CHANGE_CIPHER_SPEC))
                self.assertEqual(answer[38:39 + size], offered[38:39 + size])


if __name__ == "__main__":
    unittest.main()
