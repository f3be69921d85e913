"""--renegotiate and --renegotiation, client and server of ours at either end."""

import json
import subprocess
import threading
import unittest

from tool import DONE, TOOL, pki, run, server, wait_for


def arguments(port, options):
    return "client", f"127.0.0.1:{port}", "--ca", pki("roots.pem"), "--name", "server.example", *options


def client(port, *options, data=b""):
    return run(*arguments(port, options), data=data)


def start_client(port, *options):
    return subprocess.Popen([TOOL, *arguments(port, options)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)


def hellos(log):
    """The ClientHellos in the output of --trace=json, as bytes."""
    rows = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [bytes.fromhex(row["bytes"]) for row in rows if row.get("message") == "ClientHello"]


class ByTheClient(unittest.TestCase):
    def test_a_renegotiation_offers_no_session(self):
        """It is there for new keys; and gnutls-serv fails when it resumes in one."""
        with server("--http", "--renegotiation", "client") as ours:
            done = client(ours.port, "--http", "--renegotiate", "--trace=json")
            self.assertEqual(done.returncode, DONE, done.stderr)
            first, second = hellos(done.stderr)
            self.assertEqual((first[38], second[38]), (0, 0))
            self.assertNotIn(" resumed", done.stderr)
            wait_for(lambda: "renegotiated: closed" in ours.log())

    def test_pipes(self):
        """After the first data; the rest follows in the same connection."""
        data = b"line\n" * 20000
        with server("--renegotiation", "client") as ours:
            done = client(ours.port, "--renegotiate", data=data)
            self.assertEqual(done.returncode, DONE, done.stderr)
            self.assertRegex(done.stderr, r"(?m)^handfast: connected: .* renegotiated$")
            wait_for(lambda: "renegotiated: closed" in ours.log())
            self.assertEqual(ours.output(), data)

    def test_no_data_no_renegotiation(self):
        with server("--renegotiation", "client") as ours:
            done = client(ours.port, "--renegotiate")
            self.assertEqual(done.returncode, DONE, done.stderr)
            self.assertNotIn("renegotiated", done.stderr)

    def test_every_version(self):
        old = ("--policy", "compatible", "--min", "tls1.0")
        with server("--http", "--renegotiation", "both", *old) as ours:
            for version in "tls1.0", "tls1.1", "tls1.2":
                done = client(ours.port, "--http", "--renegotiate", *old, "--max", version)
                self.assertEqual(done.returncode, DONE, done.stderr)
                self.assertIn(" renegotiated", done.stderr)

    def test_a_server_that_declines(self):
        """The connection goes on as it was."""
        for options in (), ("--renegotiation", "off"), ("--renegotiation", "server"):
            with server("--http", *options) as ours:
                done = client(ours.port, "--http", "--renegotiate")
                self.assertEqual(done.returncode, DONE, done.stderr)
                self.assertIn("200 OK", done.stdout)
                self.assertNotIn("renegotiated", done.stderr)

    def test_after_a_resumption(self):
        with server("--http", "--renegotiation", "client") as ours:
            done = client(ours.port, "--http", "--renegotiate", "--resume", "1")
            self.assertEqual(done.returncode, DONE, done.stderr)
            self.assertEqual(done.stderr.count(" renegotiated"), 2)


class ByTheServer(unittest.TestCase):
    def test_it_comes_before_the_answer(self):
        with server("--http", "--renegotiate") as ours:
            done = client(ours.port, "--http", "--renegotiation", "server")
            self.assertEqual(done.returncode, DONE, done.stderr)
            self.assertIn("200 OK", done.stdout)
            self.assertIn(" renegotiated", done.stderr)
            wait_for(lambda: "renegotiated: closed" in ours.log())

    def test_echo(self):
        data = bytes(range(256)) * 2000
        for options in (), ("--rx", "2048", "--tx", "1024"):
            with server("--echo", "--renegotiate") as ours:
                with start_client(ours.port, "--renegotiation", "both", *options) as process:
                    echoed = bytearray()
                    reader = threading.Thread(target=lambda: [echoed.extend(piece) for piece in process.stdout])
                    reader.start()
                    process.stdin.write(data)
                    # A client that has closed does not renegotiate any more.
                    wait_for(lambda: echoed)
                    process.stdin.close()
                    reader.join()
                    self.assertEqual(echoed, data)
                    self.assertIn(b" renegotiated", process.stderr.read())
                self.assertEqual(process.returncode, DONE)

    def test_a_client_that_declines(self):
        for options in (), ("--renegotiation", "client"):
            with server("--http", "--renegotiate") as ours:
                done = client(ours.port, "--http", *options)
                self.assertEqual(done.returncode, DONE, done.stderr)
                self.assertIn("200 OK", done.stdout)
                self.assertNotIn("renegotiated", done.stderr)

    def test_both_at_once(self):
        both = ("--renegotiate", "--renegotiation", "both")
        with server("--http", *both) as ours:
            done = client(ours.port, "--http", *both)
            self.assertEqual(done.returncode, DONE, done.stderr)
            self.assertIn(" renegotiated", done.stderr)

    def test_the_certificate_is_asked_for_again(self):
        identity = ("--cert", pki("client-p256.chain.pem"), "--key", pki("client-p256.key"))
        auth = ("--client-auth", "require", "--client-ca", pki("roots.pem"))
        with server("--http", "--renegotiate", *auth) as ours:
            done = client(ours.port, "--http", "--renegotiation", "server", "--trace", *identity)
            self.assertEqual(done.returncode, DONE, done.stderr)
            self.assertEqual(done.stderr.count("sent CertificateVerify"), 2)
            self.assertIn("<td>CN=client.example</td>", done.stdout)
            wait_for(lambda: 'renegotiated, client "CN=client.example": closed' in ours.log())


class Demo(unittest.TestCase):
    def test_the_ladder_has_both_handshakes(self):
        done = run("demo", "--renegotiate")
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        self.assertEqual(done.stdout.count("ClientHello"), 2)
        self.assertEqual(done.stdout.count("[ClientHello"), 1)
        self.assertEqual(done.stdout.count("HelloRequest"), 0)


if __name__ == "__main__":
    unittest.main()
