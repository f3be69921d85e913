"""`--staple` of both sides (RFC 6066 8), and `client --trusted-ca` (RFC 6066 6)."""

import json
import os
import tempfile
import unittest

from tool import DONE, OUTSIDE, TLS, USAGE, failure, pki, run, server, wait_for

CERTIFICATE_STATUS = 22
TRUSTED_CA_KEYS = 3


def client(port, *options, ca="roots", name="server.example"):
    return run("client", f"127.0.0.1:{port}", "--ca", pki(ca + ".pem"), "--name", name, "--http", *options)


def unverified(port, *options):
    """For responses that are none."""
    return run("client", f"127.0.0.1:{port}", "--insecure", "--name", "server.example", "--http", *options)


def received(done, message_type):
    """What came of a message's type, put together, by --trace=json."""
    rows = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    return b"".join(bytes.fromhex(row["bytes"]) for row in rows
                    if not row.get("sent") and row.get("type") == message_type)


class Staple(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "response.der")

    def write(self, response):
        with open(self.path, "wb") as file:
            file.write(response)

    def test_it_comes_through(self):
        """Whatever it is, to a client that verifies nothing."""
        for size in 1, 700, 16000:
            response = bytes(i * 7 % 251 for i in range(size))
            self.write(response)
            with server("--http", "--staple", self.path) as ours:
                done = unverified(ours.port, "--staple", "--trace=json")
                self.assertEqual(done.returncode, DONE, done.stderr[-500:])
                length = size.to_bytes(3, "big")
                body = b"\1" + length + response
                self.assertEqual(received(done, CERTIFICATE_STATUS)[4:], body)
                self.assertIn(" stapled\n", unverified(ours.port, "--staple").stderr)

    def test_it_must_be_good(self):
        for response, symbol in (("server-p256.ocsp", None), ("server-p256-revoked.ocsp", "OCSP_REVOKED"),
                                 ("server-p256-unknown.ocsp", "OCSP_UNKNOWN")):
            with server("--http", "--staple", pki(response)) as ours:
                done = client(ours.port, "--staple=require")
                if symbol:
                    self.assertEqual((done.returncode, failure(done.stderr)["symbol"]), (TLS, symbol))
                else:
                    self.assertEqual(done.returncode, DONE, done.stderr)
                    self.assertIn(" stapled\n", done.stderr)
        with server("--http") as ours:
            done = client(ours.port, "--staple=require")
            self.assertEqual((done.returncode, failure(done.stderr)["symbol"]), (TLS, "STATUS_MISSING"))

    def test_small_buffers(self):
        """A server sends it piece by piece, a client needs room for all of it."""
        self.write(b"x" * 1500)
        with server("--http", "--staple", self.path, "--tx", "1024") as ours:
            done = unverified(ours.port, "--staple", "--rx", "2048")
            self.assertEqual(done.returncode, DONE, done.stderr)
            self.assertIn(" stapled", done.stderr)
            done = unverified(ours.port, "--staple", "--rx", "1024")
            self.assertEqual((done.returncode, failure(done.stderr)["symbol"]),
                             (TLS, "MESSAGE_EXCEEDS_BUFFER"))

    def test_it_is_not_there(self):
        self.write(b"x" * 100)
        with server("--http", "--staple", self.path) as ours:
            self.assertNotIn("stapled", unverified(ours.port).stderr)
        with server("--http") as ours:
            done = unverified(ours.port, "--staple")
            self.assertEqual(done.returncode, DONE, done.stderr)
            self.assertNotIn("stapled", done.stderr)

    def test_it_is_about_the_first_certificate(self):
        self.write(b"x" * 100)
        rsa = ("--cert", pki("server-rsa2048.chain.pem"), "--key", pki("server-rsa2048.key"))
        with server("--http", "--staple", self.path, *rsa) as ours:
            self.assertIn("stapled", unverified(ours.port, "--staple").stderr)
            done = unverified(ours.port, "--staple", "--suites", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
            self.assertEqual(done.returncode, DONE, done.stderr)
            self.assertNotIn("stapled", done.stderr)

    def test_not_when_resumed(self):
        self.write(b"x" * 100)
        with server("--http", "--staple", self.path) as ours:
            done = unverified(ours.port, "--staple", "--resume", "1")
            self.assertEqual(done.stderr.count("stapled"), 1, done.stderr)
            self.assertEqual(done.stderr.count("resumed"), 1, done.stderr)

    def test_what_cannot_be(self):
        done = run("server", "127.0.0.1:0", "--cert", pki("server-p256.chain.pem"), "--key",
                   pki("server-p256.key"), "--staple", self.path)
        self.assertEqual(done.returncode, OUTSIDE, done.stderr)
        self.write(b"x")
        bindings = os.path.join(os.path.dirname(self.path), "bindings")
        with open(bindings, "w", encoding="ascii") as file:
            file.write(f"* {pki('server-p256.chain.pem')} {pki('server-p256.key')}\n")
        done = run("server", "127.0.0.1:0", "--bindings", bindings, "--staple", self.path)
        self.assertEqual(done.returncode, USAGE, done.stderr)
        self.assertEqual(client(1, "--staple=perhaps").returncode, USAGE)


class TrustedCas(unittest.TestCase):
    """A server of two chains, each with its root: it is by that alone that a hash can be known."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.pairs = []
        for kind in "p256", "rsa2048":
            path = os.path.join(folder.name, kind)
            with open(path, "w", encoding="ascii") as whole:
                for part in f"server-{kind}.chain.pem", f"root-{kind}.pem":
                    with open(pki(part), encoding="ascii") as file:
                        whole.write(file.read())
            self.pairs += ["--cert", path, "--key", pki(f"server-{kind}.key")]

    def test_each_kind_chooses_the_chain(self):
        with server("--http", *self.pairs, pair=None) as ours:
            for option in ("--trusted-ca", "--trusted-ca=names", "--trusted-ca=keys", "--trusted-ca=certificates"):
                for root, suite in (("root-p256", "_ECDSA_"), ("root-rsa2048", "_RSA_")):
                    done = client(ours.port, option, ca=root)
                    self.assertEqual(done.returncode, DONE, (option, root, done.stderr))
                    self.assertIn(suite, done.stderr)

    def test_without_it_or_pre_agreed_the_server_guesses(self):
        """The suites' order makes it the chain that the client does not know."""
        with server("--http", *self.pairs, pair=None) as ours:
            for options in (), ("--trusted-ca=pre-agreed",):
                done = client(ours.port, *options, ca="root-rsa2048")
                self.assertEqual((done.returncode, failure(done.stderr)["symbol"]), (TLS, "CERTIFICATE_UNKNOWN_CA"))

    def test_names_need_no_root_in_the_chain(self):
        rsa = ("--cert", pki("server-rsa2048.chain.pem"), "--key", pki("server-rsa2048.key"))
        with server("--http", *rsa) as ours:
            done = client(ours.port, "--trusted-ca", ca="root-rsa2048")
            self.assertEqual(done.returncode, DONE, done.stderr)

    def test_nobody_is_known(self):
        """The server goes on with what it has; it is for the client to refuse that."""
        with server("--http", *self.pairs, pair=None) as ours:
            done = client(ours.port, "--trusted-ca", ca="root-p384")
            self.assertEqual((done.returncode, failure(done.stderr)["symbol"]), (TLS, "CERTIFICATE_UNKNOWN_CA"))
            wait_for(lambda: "unknown_ca received" in ours.log())

    def test_usage(self):
        self.assertEqual(client(1, "--trusted-ca=nobody").returncode, USAGE)


if __name__ == "__main__":
    unittest.main()
