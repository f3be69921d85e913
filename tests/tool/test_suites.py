"""Versions, cipher suites and pre-shared keys: every suite between two of ours, some of each kind
against OpenSSL and GnuTLS, what is refused, and the hello of SSL 2.0 format."""

import contextlib
import hashlib
import hmac
import os
import re
import socket
import struct
import tempfile
import threading
import unittest

import peer
from tool import DONE, LIMIT, TLS, failure, pki, run, server, table, wait_for

PSK = "us:er:000102030405060708090a0b0c0d0e0f"  # an identity with a colon
IDENTITY, KEY = PSK.rsplit(":", 1)
ANY = "ALL:eNULL:@SECLEVEL=0"
OPENSSL_PSK = ["-psk_identity", IDENTITY, "-psk", KEY]

# Ours, OpenSSL's, version, certificate: some of every key exchange, protection and version.
ROWS = [
    ("TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA", "tls1.0", "server-p256"),
    ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", "ECDHE-RSA-AES256-SHA384", "tls1.2", "server-rsa2048"),
    ("TLS_RSA_WITH_AES_256_CBC_SHA", "AES256-SHA", "tls1.1", "server-rsa2048"),
    ("TLS_RSA_WITH_AES_128_CBC_SHA", "AES128-SHA", "tls1.0", "server-rsa2048"),
    ("TLS_RSA_WITH_AES_128_CCM", "AES128-CCM", "tls1.2", "server-rsa2048"),
    ("TLS_RSA_WITH_NULL_MD5", "NULL-MD5", "tls1.0", "server-rsa2048"),
    ("TLS_RSA_WITH_NULL_SHA256", "NULL-SHA256", "tls1.2", "server-rsa2048"),
    ("TLS_DHE_RSA_WITH_AES_128_CBC_SHA", "DHE-RSA-AES128-SHA", "tls1.1", "server-rsa2048"),
    ("TLS_DHE_RSA_WITH_AES_256_CCM_8", "DHE-RSA-AES256-CCM8", "tls1.2", "server-rsa2048"),
    ("TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "DHE-RSA-CHACHA20-POLY1305", "tls1.2", "server-rsa2048"),
    ("TLS_DHE_DSS_WITH_AES_256_CBC_SHA", "DHE-DSS-AES256-SHA", "tls1.0", "dsa"),
    ("TLS_DHE_DSS_WITH_AES_128_GCM_SHA256", "DHE-DSS-AES128-GCM-SHA256", "tls1.2", "dsa"),
    ("TLS_DH_anon_WITH_AES_128_GCM_SHA256", "ADH-AES128-GCM-SHA256", "tls1.2", None),
    ("TLS_ECDH_anon_WITH_AES_256_CBC_SHA", "AECDH-AES256-SHA", "tls1.1", None),
    ("TLS_PSK_WITH_AES_128_CBC_SHA", "PSK-AES128-CBC-SHA", "tls1.0", None),
    ("TLS_PSK_WITH_AES_256_CCM_8", "PSK-AES256-CCM8", "tls1.2", None),
    ("TLS_DHE_PSK_WITH_AES_256_GCM_SHA384", "DHE-PSK-AES256-GCM-SHA384", "tls1.2", None),
    ("TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-PSK-CHACHA20-POLY1305", "tls1.2", None),
    ("TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA384", "ECDHE-PSK-AES256-CBC-SHA384", "tls1.2", None),
    ("TLS_RSA_PSK_WITH_AES_128_GCM_SHA256", "RSA-PSK-AES128-GCM-SHA256", "tls1.2", "server-rsa2048"),
]


def client(place, *options, data=b""):
    return run("client", place, "--ca", pki("roots.pem"), "--name", "server.example", "--http", "--legacy",
               *options, data=data)


def psk_options(suite):
    return ["--psk", PSK] if "PSK" in suite else []


class Demo(unittest.TestCase):
    def test_every_suite_in_every_version(self):
        for row in table("suites"):
            for version, name in peer.VERSIONS.items():
                done = run("demo", "--legacy", "--psk", PSK, "--suites", row["name"], "--min", version,
                           "--max", version)
                if row["version_min"] > name:
                    self.assertEqual(failure(done.stderr)["symbol"], "NOTHING_ENABLED", done.stderr)
                    continue
                self.assertEqual(done.returncode, DONE, (row["name"], version, done.stderr))
                self.assertRegex(done.stdout, rf"version +{name}\n +suite +{row['name']}\n")
                signed = row["authentication"] in ("RSA", "ECDSA", "DSS")
                self.assertEqual("ServerKeyExchange" in done.stdout, "DHE" in row["key_exchange"])
                self.assertEqual(" Certificate " in done.stdout, signed, row["name"])
                if "DHE" in row["key_exchange"]:
                    kind = "secp" if row["key_exchange"].startswith("EC") else "ffdhe"
                    self.assertRegex(done.stdout, rf"group +{kind}")

    def test_finite_field_groups(self):
        for group in ("ffdhe2048", "ffdhe3072", "ffdhe4096"):
            done = run("demo", "--suites", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "--groups", group)
            self.assertRegex(done.stdout, rf"group +{group}\n", done.stderr)

    def test_schemes_of_old(self):
        for scheme, suite in (("rsa_pkcs1_sha1", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"),
                              ("ecdsa_sha1", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
                              ("dsa_sha1", "TLS_DHE_DSS_WITH_AES_128_CBC_SHA")):
            done = run("demo", "--legacy", "--suites", suite, "--schemes", scheme)
            self.assertRegex(done.stdout, rf"scheme +{scheme}\n", done.stderr)

    def test_policies(self):
        """Each chooses the best that it has; --legacy is short for --policy legacy."""
        for options, version, suite in (
                ([], "TLS 1.2", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
                (["--policy", "compatible", "--max", "tls1.1"], "TLS 1.1", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
                (["--policy", "legacy", "--max", "tls1.0"], "TLS 1.0", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA")):
            done = run("demo", *options)
            self.assertRegex(done.stdout, rf"version +{version}\n +suite +{suite}\n")

    def test_psk_suites_follow_from_the_policy(self):
        for options, suite in (([], "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256"),
                               (["--policy", "compatible", "--max", "tls1.1"],
                                "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA")):
            done = run("demo", "--psk", PSK, *options)
            self.assertRegex(done.stdout, rf"suite +{suite}\n")
            self.assertRegex(done.stdout, rf"PSK identity +{IDENTITY}\n")

    def test_protection_of_cbc(self):
        suite = ["--legacy", "--suites", "TLS_RSA_WITH_AES_128_CBC_SHA256"]
        for options, first, truncated in (([], "yes", "no"), (["--without", "encrypt_then_mac"], "no", "no"),
                                          (["--truncated-hmac"], "yes", "yes"),
                                          (["--truncated-hmac", "--without", "encrypt_then_mac"], "no", "yes")):
            done = run("demo", *suite, *options)
            self.assertRegex(done.stdout, rf"encrypt then MAC +{first}\n +truncated HMAC +{truncated}\n")


class Ours(unittest.TestCase):
    """Our client and our server, as two processes."""

    def test_a_server_without_certificates(self):
        for suite in ("TLS_PSK_WITH_AES_128_GCM_SHA256", "TLS_DHE_PSK_WITH_AES_128_CBC_SHA",
                      "TLS_DH_anon_WITH_AES_128_CBC_SHA", "TLS_ECDH_anon_WITH_AES_128_CBC_SHA"):
            options = ["--legacy", "--suites", suite, *psk_options(suite)]
            with server("--http", *options, pair=None) as running:
                done = run("client", f"127.0.0.1:{running.port}", "--http", *options)  # nor a CA
                self.assertEqual(done.returncode, DONE, done.stderr)
                self.assertIn(suite, done.stdout)
                self.assertEqual("NOT verified" in done.stderr, "anon" in suite)
                proven = f', psk "{IDENTITY}"' if "PSK" in suite else ""
                wait_for(lambda running=running, proven=proven: f" out{proven}: closed\n" in running.log())

    def test_keys_are_found_by_identity(self):
        keys = ["--psk", "one:01", "--psk", PSK, "--psk", "three:03"]
        with server("--http", *keys, pair=None) as running:
            for key in keys[1::2]:
                done = run("client", f"127.0.0.1:{running.port}", "--http", "--psk", key)
                self.assertEqual(done.returncode, DONE, done.stderr)
                self.assertIn(f"<td>{key.rsplit(':', 1)[0]}</td>", done.stdout)
            for key, alert, reason in (("four:04", "unknown_psk_identity", "PSK_IDENTITY_UNKNOWN"),
                                       ("one:02", "bad_record_mac", "BAD_RECORD_MAC")):
                done = run("client", f"127.0.0.1:{running.port}", "--http", "--psk", key)
                line = failure(done.stderr)
                self.assertEqual((done.returncode, line["symbol"], line["alert"]), (TLS, "PEER_ALERT", alert))
                wait_for(lambda reason=reason: f" out: {reason}: " in running.log())

    def test_a_server_with_both(self):
        """With --psk alone the suites of its policy stay, so that others come in by certificate."""
        with server("--http", "--psk", PSK) as running:
            done = run("client", f"127.0.0.1:{running.port}", "--http", "--psk", PSK)
            self.assertIn("_ECDHE_PSK_", done.stdout)
            self.assertIn("_ECDHE_ECDSA_", client(f"127.0.0.1:{running.port}").stdout)

    def test_null_is_said_loudly(self):
        options = ["--legacy", "--suites", "TLS_RSA_WITH_NULL_SHA"]
        with server("--http", *options, pair="server-rsa2048") as running:
            done = client(f"127.0.0.1:{running.port}", *options)
            self.assertEqual(done.returncode, DONE)
            self.assertIn("WARNING: the suite does NOT encrypt", done.stderr)

    def test_fallback(self):
        """Refused by a server that has more, not by one that has not (RFC 7507 3)."""
        lower = ["--max", "tls1.1", "--fallback"]
        with server("--http", "--legacy") as running:
            done = client(f"127.0.0.1:{running.port}", *lower)
            line = failure(done.stderr)
            self.assertEqual((done.returncode, line["alert"]), (TLS, "inappropriate_fallback"))
            wait_for(lambda: " INAPPROPRIATE_FALLBACK: " in running.log())
            self.assertEqual(client(f"127.0.0.1:{running.port}", "--fallback").returncode, DONE)
            self.assertEqual(client(f"127.0.0.1:{running.port}", "--max", "tls1.1").returncode, DONE)
        with server("--http", "--legacy", "--max", "tls1.1") as running:
            self.assertEqual(client(f"127.0.0.1:{running.port}", *lower).returncode, DONE)

    def test_versions_that_do_not_meet(self):
        with server("--http") as running:
            done = client(f"127.0.0.1:{running.port}", "--max", "tls1.1")
            self.assertEqual((done.returncode, failure(done.stderr)["alert"]), (TLS, "protocol_version"))
            wait_for(lambda: " VERSION_UNSUPPORTED: " in running.log())

    def test_downgrade(self):
        """Somebody between the two lowers the version of the ClientHello (RFC 8446 4.1.3)."""
        with server("--http", "--legacy") as running, socket.create_server(("127.0.0.1", 0)) as listener:
            def meddle():
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", running.port), LIMIT)
                with near, far, contextlib.suppress(OSError):
                    hello = bytearray(near.recv(65536))
                    hello[9:11] = b"\x03\x02"
                    far.sendall(hello)
                    near.sendall(far.recv(65536))
                    far.sendall(near.recv(65536))
            thread = threading.Thread(target=meddle)
            thread.start()
            done = client(f"127.0.0.1:{listener.getsockname()[1]}")
            thread.join(LIMIT)
            line = failure(done.stderr)
            self.assertEqual((done.returncode, line["symbol"], line["alert"], line["message"]),
                             (TLS, "DOWNGRADE_DETECTED", "illegal_parameter", "ServerHello"))


@peer.with_openssl
class OpenSsl(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        peer.make_leaf(cls.folder.name, "dsa", "CN = server.example", "serverAuth", bits_of_dsa=2048)

    def path(self, pair):
        return pair and (os.path.join(self.folder.name, pair) if pair == "dsa" else pair)

    def test_our_client(self):
        for suite, theirs, version, pair in ROWS:
            options = [peer.FLAGS[version], "-cipher", theirs + ":@SECLEVEL=0"]
            if "PSK" in suite:
                options += OPENSSL_PSK
            with peer.openssl_server(*options, pair=self.path(pair)) as (place, _):
                done = client(place, "--suites", suite, *psk_options(suite))
            self.assertEqual(done.returncode, DONE, (suite, done.stderr))
            self.assertIn(f"connected: {peer.VERSIONS[version]} {suite} ", done.stderr.replace("\n", " "))
            self.assertRegex(done.stdout, rf"Cipher +: {theirs}\n")

    def test_our_server(self):
        for suite, theirs, version, pair in ROWS:
            with server("--http", "--legacy", "--suites", suite, *psk_options(suite),
                        pair=self.path(pair)) as running:
                text = peer.openssl_client(running.port, peer.FLAGS[version], "-cipher", ANY,
                                           *(OPENSSL_PSK if "PSK" in suite else []))
            self.assertIn(f"<td>{suite}</td>", text)
            self.assertIn(f"<td>{peer.VERSIONS[version]}</td>", text)
            self.assertRegex(text, rf"Cipher is {theirs}\n")

    def test_whole_lists(self):
        """What the two sides agree on when neither is told."""
        with server("--http", "--policy", "compatible", pair="server-rsa2048") as running:
            for version, suite in (("tls1.0", "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
                                   ("tls1.2", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256")):
                text = peer.openssl_client(running.port, peer.FLAGS[version], "-cipher", ANY)
                self.assertIn(f"<td>{suite}</td>", text)

    def test_encrypt_then_mac(self):
        suite = ["--suites", "TLS_RSA_WITH_AES_128_CBC_SHA"]
        for options in ([], ["--without", "encrypt_then_mac"]):
            with server("--http", "--legacy", *suite, *options, pair="server-rsa2048") as running:
                text = peer.openssl_client(running.port, "-tls1_2", "-cipher", ANY)
                word = "no" if options else "yes"
                self.assertIn(f"encrypt then MAC</th><td>{word}</td>", text)

    def test_large_data(self):
        """Each protection over many records, both ways."""
        data = os.urandom(150000).hex().encode()
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "page"), "wb") as file:
                file.write(data)
            for suite, version in (("TLS_RSA_WITH_AES_128_CBC_SHA", "tls1.0"),
                                   ("TLS_RSA_WITH_AES_256_CBC_SHA256", "tls1.2"),
                                   ("TLS_RSA_WITH_AES_128_CCM_8", "tls1.2"),
                                   ("TLS_RSA_WITH_NULL_SHA", "tls1.1")):
                with server("--http", "--page", file.name, "--legacy", "--suites", suite,
                            pair="server-rsa2048") as running:
                    text = peer.openssl_client(running.port, peer.FLAGS[version], "-cipher", ANY)
                    self.assertIn(data.decode(), text)

    def test_fallback(self):
        with server("--http", "--legacy") as running:
            text = peer.openssl_client(running.port, "-fallback_scsv", "-tls1_1", "-cipher", ANY)
            self.assertIn("inappropriate fallback", text)
        with peer.openssl_server("-cipher", ANY) as (place, _):
            done = client(place, "--max", "tls1.1", "--fallback")
            self.assertEqual((done.returncode, failure(done.stderr)["alert"]),
                             (TLS, "inappropriate_fallback"))

    def test_wrong_keys(self):
        suite = "TLS_PSK_WITH_AES_128_CBC_SHA"
        with peer.openssl_server("-tls1_2", "-cipher", ANY, *OPENSSL_PSK, pair=None) as (place, _):
            done = client(place, "--suites", suite, "--psk", IDENTITY + ":00")
            self.assertEqual((done.returncode, failure(done.stderr)["symbol"]), (TLS, "PEER_ALERT"))


@peer.with_gnutls
class GnuTls(unittest.TestCase):
    """What OpenSSL no longer has."""

    def test_our_client(self):
        common = "NONE:+COMP-NULL:+SIGN-ALL:+GROUP-ALL:"
        for suite, version, priority in (
                ("TLS_RSA_WITH_RC4_128_SHA", "tls1.0", "+VERS-TLS1.0:+ARCFOUR-128:+SHA1:+RSA"),
                ("TLS_RSA_WITH_RC4_128_MD5", "tls1.2", "+VERS-TLS1.2:+ARCFOUR-128:+MD5:+RSA"),
                ("TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", "tls1.1", "+VERS-TLS1.1:+3DES-CBC:+SHA1:+DHE-RSA")):
            with peer.gnutls_server(common + priority,
                                    pair="server-rsa2048") as (place, _):
                done = client(place, "--suites", suite)
            self.assertEqual(done.returncode, DONE, done.stderr)
            self.assertIn(f"connected: {peer.VERSIONS[version]} {suite}", done.stderr)


# ---------------------------------------------------------------------- the hello of SSL 2.0 format

NULL_SUITE, SCSV = 0x00B0, 0x00FF  # TLS_PSK_WITH_NULL_SHA256, RFC 5487; RFC 5746 3.3


def prf(secret, label, seed, size):
    """RFC 5246 5."""
    seed, out, chained = label + seed, b"", label + seed
    while len(out) < size:
        chained = hmac.digest(secret, chained, "sha256")
        out += hmac.digest(secret, chained + seed, "sha256")
    return out[:size]


def v2_hello(version, suites, challenge):
    """RFC 5246 E.2."""
    specs = b"".join(struct.pack(">I", suite)[1:] for suite in suites)
    body = struct.pack(">BHHHH", 1, version, len(specs), 0, len(challenge)) + specs + challenge
    return struct.pack(">H", 0x8000 | len(body)), body


class NullConnection:
    """As much of TLS 1.2 as one handshake of TLS_PSK_WITH_NULL_SHA256 takes (RFC 4279, RFC 5246)."""

    def __init__(self, port, hello, challenge):
        self.socket = socket.create_connection(("127.0.0.1", port), LIMIT)
        self.stream = self.socket.makefile("rb")
        self.transcript = hello[1]
        self.client_random = bytes(32 - len(challenge)) + challenge
        self.socket.sendall(b"".join(hello))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()
        self.socket.close()

    def record(self):
        kind, _, size = struct.unpack(">BHH", self.stream.read(5))
        return kind, self.stream.read(size)

    def send(self, kind, body, mac=b""):
        self.socket.sendall(struct.pack(">BHH", kind, 0x0303, len(body + mac)) + body + mac)

    def flight(self):
        """The server's messages up to ServerHelloDone."""
        messages, data = [], b""
        while not messages or messages[-1][0] != 14:
            while len(data) < 4 or len(data) < 4 + int.from_bytes(data[1:4], "big"):
                kind, body = self.record()
                assert kind == 22, (kind, body)
                data += body
            size = 4 + int.from_bytes(data[1:4], "big")
            messages.append(data[:size])
            data = data[size:]
        self.transcript += b"".join(messages)
        return messages

    def mac(self, key, sequence, kind, body):
        return hmac.digest(key, struct.pack(">QBHH", sequence, kind, 0x0303, len(body)) + body, "sha256")

    def finish(self, identity, key, server_random):
        """Everything after ServerHelloDone; returns what the server echoes."""
        exchange = struct.pack(">B3sH", 16, (len(identity) + 2).to_bytes(3, "big"), len(identity)) + identity
        self.transcript += exchange
        self.send(22, exchange)
        half = struct.pack(">H", len(key))
        master = prf(half + bytes(len(key)) + half + key, b"master secret",
                     self.client_random + server_random, 48)
        block = prf(master, b"key expansion", server_random + self.client_random, 64)
        ours, theirs = block[:32], block[32:]

        def verify_data(label):
            return b"\x14\0\0\x0c" + prf(master, label, hashlib.sha256(self.transcript).digest(), 12)

        finished = verify_data(b"client finished")
        self.transcript += finished
        self.send(20, b"\1")
        self.send(22, finished, self.mac(ours, 0, 22, finished))
        expected = verify_data(b"server finished")
        assert self.record() == (20, b"\1")
        assert self.record() == (22, expected + self.mac(theirs, 0, 22, expected))
        self.send(23, b"hello", self.mac(ours, 1, 23, b"hello"))
        kind, body = self.record()
        assert kind == 23 and body[-32:] == self.mac(theirs, 1, 23, body[:-32])
        return body[:-32]


class V2Hello(unittest.TestCase):
    CHALLENGE = bytes(range(100, 116))
    OPTIONS = ["--echo", "--legacy", "--suites", "TLS_PSK_WITH_NULL_SHA256", "--psk", PSK]

    def alert(self, port, data):
        with socket.create_connection(("127.0.0.1", port), LIMIT) as plain:
            plain.sendall(data)
            plain.shutdown(socket.SHUT_WR)
            answer = b""
            while chunk := plain.recv(4096):
                answer += chunk
        return answer

    def test_a_whole_handshake(self):
        """The transcript begins with the hello as it was sent, the random is the challenge."""
        for challenge in (self.CHALLENGE, bytes(range(32))):
            hello = v2_hello(0x0303, [0x010080, NULL_SUITE, SCSV], challenge)
            with server(*self.OPTIONS, "--accept-v2-hello", pair=None) as running:
                with NullConnection(running.port, hello, challenge) as connection:
                    server_hello, *_ = connection.flight()
                    version, server_random = struct.unpack(">H32s", server_hello[4:38])
                    self.assertEqual(version, 0x0303)
                    session = server_hello[38]
                    self.assertEqual(server_hello[39 + session:42 + session],
                                     struct.pack(">HB", NULL_SUITE, 0))
                    echo = connection.finish(IDENTITY.encode(), bytes.fromhex(KEY), server_random)
                    self.assertEqual(echo, b"hello")

    def test_refused_unless_allowed(self):
        data = b"".join(v2_hello(0x0303, [NULL_SUITE], self.CHALLENGE))
        with server(*self.OPTIONS, pair=None) as running:
            self.assertEqual(self.alert(running.port, data)[-2:], b"\x02\x46")  # protocol_version
            wait_for(lambda: " SSL2_HELLO: " in running.log())

    def test_ssl_itself_is_refused(self):
        """RFC 6176 and RFC 7568: neither SSL 2.0 nor 3.0, in either format."""
        with server(*self.OPTIONS, "--accept-v2-hello", pair=None) as running:
            for version in (0x0002, 0x0300):
                data = b"".join(v2_hello(version, [NULL_SUITE], self.CHALLENGE))
                self.assertEqual(self.alert(running.port, data)[-2:], b"\x02\x46", hex(version))
            hello = struct.pack(">H32sBHHBB", 0x0300, self.CHALLENGE * 2, 0, 2, NULL_SUITE, 1, 0)
            data = struct.pack(">BHHB3s", 22, 0x0300, 4 + len(hello), 1, len(hello).to_bytes(3, "big")) + hello
            self.assertEqual(self.alert(running.port, data)[-2:], b"\x02\x46")

    def test_malformed(self):
        good = v2_hello(0x0303, [NULL_SUITE], self.CHALLENGE)[1]
        short = v2_hello(0x0303, [NULL_SUITE], bytes(8))[1]
        with server(*self.OPTIONS, "--accept-v2-hello", pair=None) as running:
            for body in (short, good[:-1], good + b"\0", good[:3] + b"\0\2" + good[5:]):
                answer = self.alert(running.port, struct.pack(">H", 0x8000 | len(body)) + body)
                self.assertTrue(re.search(rb"\x02[\x32\x2f\x46]$", answer), (body, answer))


if __name__ == "__main__":
    unittest.main()
