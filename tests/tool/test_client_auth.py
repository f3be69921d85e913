"""Client certificates: between two of ours, with OpenSSL and GnuTLS at either end, by binding, and
who the client is in the log and on the page."""

import html
import os
import ssl
import socket
import tempfile
import unittest

import peer
from tool import DONE, LIMIT, TLS, failure, pki, run, server, wait_for

ROOTS = pki("roots.pem")
REQUIRE = ["--client-auth", "require", "--client-ca", ROOTS]
REQUEST = ["--client-auth", "request", "--client-ca", ROOTS]
KINDS = ("client-p256", "client-p384", "client-rsa2048")
SUBJECT = "CN=client.example"


def pair(name):
    return ["--cert", pki(name + ".chain.pem"), "--key", pki(name + ".key")]


def client(place, *options):
    place = place if isinstance(place, str) else f"127.0.0.1:{place.port}"
    return run("client", place, "--ca", ROOTS, "--name", "server.example", "--http", *options)


def row(subject):
    return f"client certificate</th><td>{html.escape(subject)}</td>"


class Ours(unittest.TestCase):
    def assert_refused(self, running, reason, alert, *options):
        done = client(running, *options)
        line = failure(done.stderr)
        self.assertEqual((done.returncode, line["symbol"], line["alert"], line["direction"]),
                         (TLS, "PEER_ALERT", alert, "received"), done.stderr)
        wait_for(lambda: f" out: {reason}: " in running.log())
        self.assertNotIn("client \"", running.log())

    def test_every_key_in_every_version(self):
        for version in peer.VERSIONS:
            limits = ["--legacy", "--min", version, "--max", version]
            with server("--http", *REQUIRE, *limits) as running:
                for kind in KINDS:
                    done = client(running, *pair(kind), *limits)
                    self.assertEqual(done.returncode, DONE, (version, kind, done.stderr))
                    self.assertIn(row(SUBJECT), done.stdout)
                wait_for(lambda running=running: running.log().count(f' out, client "{SUBJECT}": closed\n') == 3)

    def test_revocation_lists(self):
        """Of the clients' issuers; every certificate of a client's needs one."""
        lists = ["--crl", pki("root-p256.crl"), "--crl"]
        with server("--http", *REQUIRE, *lists, pki("inter-p256.crl")) as running:
            self.assert_refused(running, "CERTIFICATE_STATUS_UNKNOWN", "certificate_unknown",
                                *pair("client-rsa2048"))
            self.assertIn(row(SUBJECT), client(running, *pair("client-p256")).stdout)
        with server("--http", *REQUEST, *lists, pki("inter-p256-revoked.crl.der")) as running:
            self.assert_refused(running, "CERTIFICATE_REVOKED", "certificate_revoked", *pair("client-p256"))
            self.assertEqual(client(running).returncode, DONE)

    def test_request(self):
        """A client may come without; one that comes with a bad one is refused all the same."""
        with server("--http", *REQUEST) as running:
            done = client(running)
            self.assertEqual(done.returncode, DONE, done.stderr)
            self.assertIn(row("none"), done.stdout)
            self.assertIn(row(SUBJECT), client(running, *pair("client-p256")).stdout)
        with server("--http", *REQUEST) as running:
            self.assert_refused(running, "CERTIFICATE_EXTENDED_KEY_USAGE", "bad_certificate",
                                *pair("server-p256"))

    def test_off(self):
        for options in ([], ["--client-auth", "off", "--client-ca", ROOTS]):
            with server("--http", *options) as running:
                self.assertIn(row("none"), client(running, *pair("client-p256")).stdout)

    def test_require(self):
        with server("--http", *REQUIRE) as running:
            self.assert_refused(running, "CERTIFICATE_MISSING", "handshake_failure")

    def test_the_client_chooses_what_suits_the_request(self):
        """Of several the first below an authority that the server names, else none."""
        both = [*pair("client-p384"), *pair("client-p256")]
        for root, subject in (("root-p256", SUBJECT), ("root-p384", SUBJECT), ("root-p521", "none")):
            with server("--http", "--client-auth", "request", "--client-ca", pki(root + ".pem")) as running:
                done = client(running, *both, "--trace")
                self.assertIn(row(subject), done.stdout)
                self.assertEqual("sent CertificateVerify" in done.stderr, subject != "none")

    def test_psk_and_anonymous_suites_ask_nobody(self):
        """And are therefore of no use where a certificate is required."""
        for suite in ("TLS_PSK_WITH_AES_128_GCM_SHA256", "TLS_ECDH_anon_WITH_AES_128_CBC_SHA"):
            options = ["--legacy", "--psk", "a:00", "--suites", suite]
            with server("--http", *REQUEST, *options, pair=None) as running:
                done = client(running, *options, *pair("client-p256"))
                self.assertEqual(done.returncode, DONE, done.stderr)
                self.assertIn(row("none"), done.stdout)
            with server("--http", *REQUIRE, *options, pair=None) as running:
                done = client(running, *options, *pair("client-p256"))
                self.assertEqual(done.returncode, TLS, done.stderr)
                self.assertIn("alert 40 handshake_failure received", done.stderr)

    def test_bindings(self):
        """Each host asks in its own way and trusts its own authorities; the rest inherit."""
        chain, key = pki("server-p256.chain.pem"), pki("server-p256.key")
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(os.path.abspath(pki("root-p384.pem")), os.path.join(folder, "staff.pem"))
            path = os.path.join(folder, "bindings")
            with open(path, "w", encoding="ascii") as file:
                file.write(f"* {os.path.abspath(chain)} {os.path.abspath(key)} client-auth=off\n"
                           f"server.example {os.path.abspath(chain)} {os.path.abspath(key)}\n"
                           f"*.wild.example {os.path.abspath(chain)} {os.path.abspath(key)} "
                           "client-auth=require client-ca=staff.pem\n")
            with server("--http", "--bindings", path, *REQUEST, pair=None) as running:
                def page(name, kind):
                    return run("client", f"127.0.0.1:{running.port}", "--ca", ROOTS, "--name", name, "--http",
                               *pair(kind))
                self.assertIn(row("none"), page("127.0.0.1", "client-p256").stdout)
                self.assertIn(row(SUBJECT), page("server.example", "client-p256").stdout)
                self.assertIn(row(SUBJECT), page("a.wild.example", "client-p384").stdout)
                done = page("a.wild.example", "client-p256")
                self.assertEqual((done.returncode, failure(done.stderr)["alert"]), (TLS, "handshake_failure"))

    def test_bindings_that_cannot_work(self):
        chain, key = os.path.abspath(pki("server-p256.chain.pem")), os.path.abspath(pki("server-p256.key"))
        with tempfile.NamedTemporaryFile("w", suffix=".bindings") as file:
            file.write(f"* {chain} {key} client-auth=request client-ca=missing.pem\n")
            file.flush()
            done = run("server", "127.0.0.1:0", "--bindings", file.name)
            self.assertEqual(done.returncode, 3)
            self.assertIn("missing.pem", done.stderr)


@peer.with_openssl
class Subjects(unittest.TestCase):
    """Subjects as RFC 4514 writes them, in the log and, escaped for HTML, on the page."""

    def test_names(self):
        subjects = {
            "C = DE\nO = Example\\, Inc.\nOU = R&D <x>\nCN = a b": r"CN=a b,OU=R&D \<x\>,O=Example\, Inc.,C=DE",
            'CN = "\\"q\\" + c=d; #"': r"CN=\"q\" \+ c=d\; #",
            "CN = \\#1 Zoë": r"CN=\#1 Zo\C3\AB",
            "0.DC = org\n1.DC = example\nUID = u": "UID=u,DC=example,DC=org",
            "CN = a\n+UID = b": "CN=a+UID=b",
            "serialNumber = 7": "2.5.4.5=#130137",  # a PrintableString
        }
        with tempfile.TemporaryDirectory() as folder, server("--http", *REQUIRE) as running:
            for number, (subject, expected) in enumerate(subjects.items()):
                path = peer.make_leaf(folder, f"c{number}", subject, "clientAuth")
                done = client(running, "--cert", path + ".chain.pem", "--key", path + ".key")
                self.assertEqual(done.returncode, DONE, done.stderr)
                self.assertIn(row(expected).replace("&#x27;", "'"), done.stdout)
                wait_for(lambda expected=expected: f' out, client "{expected}": closed\n' in running.log())


@peer.with_openssl
class OpenSsl(unittest.TestCase):
    def test_our_client(self):
        for version, flag in peer.FLAGS.items():
            with peer.openssl_server(flag, "-cipher", "ALL:@SECLEVEL=0", "-Verify", "3", "-CAfile", ROOTS,
                                     "-verify_return_error") as (place, _):
                for kind in KINDS:
                    done = client(place, "--legacy", *pair(kind))
                    self.assertEqual(done.returncode, DONE, (version, kind, done.stderr))
                    self.assertIn("Subject: CN=client.example", done.stdout)
                done = client(place, "--legacy")
                self.assertEqual((done.returncode, failure(done.stderr)["symbol"]), (TLS, "PEER_ALERT"))

    def test_our_server(self):
        for version, flag in peer.FLAGS.items():
            with server("--http", "--legacy", *REQUIRE) as running:
                for kind in KINDS:
                    text = peer.openssl_client(running.port, flag, "-cipher", "ALL:@SECLEVEL=0", "-cert",
                                               pki(kind + ".pem"), "-cert_chain", pki(kind + ".chain.pem"),
                                               "-key", pki(kind + ".key"))
                    self.assertIn(row(SUBJECT), text, (version, kind))

    def test_refused_by_our_server(self):
        """s_client sends what it was given, whatever the server names."""
        for kind, root, reason, alert in (
                ("client-p256", "root-p384", "CERTIFICATE_UNKNOWN_CA", "unknown ca"),
                ("server-p256", "roots", "CERTIFICATE_EXTENDED_KEY_USAGE", "bad certificate"),
                ("bad-expired", "roots", "CERTIFICATE_EXPIRED", "certificate expired")):
            with server("--http", "--client-auth", "request", "--client-ca", pki(root + ".pem")) as running:
                text = peer.openssl_client(running.port, "-tls1_2", "-cert", pki(kind + ".pem"),
                                           "-cert_chain", pki(kind + ".chain.pem"), "-key", pki(kind + ".key"))
                self.assertIn(alert, text)
                wait_for(lambda running=running, reason=reason: f" out: {reason}: " in running.log())

    def test_dss(self):
        with tempfile.TemporaryDirectory() as folder:
            path = peer.make_leaf(folder, "dsa", SUBJECT.replace("=", " = "), "clientAuth", bits_of_dsa=2048)
            identity = ["--cert", path + ".chain.pem", "--key", path + ".key"]
            for version, flag in peer.FLAGS.items():
                limits = ["--legacy", "--max", version]
                with server("--http", *REQUIRE, *limits) as running:
                    self.assertIn(row(SUBJECT), client(running, *limits, *identity).stdout, version)
                with peer.openssl_server(flag, "-cipher", "ALL:@SECLEVEL=0", "-Verify", "3", "-CAfile",
                                         ROOTS) as (place, _):
                    done = client(place, *limits, *identity)
                    self.assertIn("Subject: CN=client.example", done.stdout, (version, done.stderr))

    def test_a_proof_with_another_key(self):
        """A client that cannot sign for the certificate it shows: a relay changes its proof."""
        with server("--http", *REQUIRE) as running, socket.create_server(("127.0.0.1", 0)) as listener:
            context = ssl.create_default_context(cafile=ROOTS)
            context.maximum_version = ssl.TLSVersion.TLSv1_2
            context.load_cert_chain(pki("client-p256.chain.pem"), pki("client-p256.key"))
            listener.settimeout(LIMIT)
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            tls = context.wrap_bio(incoming, outgoing, server_hostname="server.example")
            changed = False
            with socket.create_connection(("127.0.0.1", running.port), LIMIT) as plain:
                with self.assertRaises(ssl.SSLError):
                    while True:
                        try:
                            tls.do_handshake()
                        except ssl.SSLWantReadError:
                            data = bytearray(outgoing.read())
                            at = data.find(b"\x0f\0\0", 1)  # CertificateVerify at the start of a record
                            while at > 0 and data[at - 5] != 22:
                                at = data.find(b"\x0f\0\0", at + 1)
                            if at > 0:
                                data[at + 20] ^= 1
                                changed = True
                            plain.sendall(data)
                            received = plain.recv(65536)
                            if not received:
                                raise
                            incoming.write(received)
            self.assertTrue(changed)
            wait_for(lambda: " out: SIGNATURE_WRONG: " in running.log())
            self.assertNotIn(SUBJECT, running.log())


@peer.with_gnutls
class GnuTls(unittest.TestCase):
    def test_our_client(self):
        for version in ("1.0", "1.1", "1.2"):
            with peer.gnutls_server(f"NORMAL:-VERS-ALL:+VERS-TLS{version}", "--require-client-cert",
                                    "--verify-client-cert", "--x509cafile", ROOTS) as (place, _):
                for kind in KINDS:
                    done = client(place, "--legacy", *pair(kind))
                    self.assertEqual(done.returncode, DONE, (version, kind, done.stderr))
                    self.assertIn("CN=client.example", done.stdout)

    def test_a_request_without_an_answer(self):
        """gnutls-serv asks by itself and does not insist."""
        with peer.gnutls_server("NORMAL:-VERS-ALL:+VERS-TLS1.2", "--x509cafile", ROOTS) as (place, _):
            done = client(place)
            self.assertEqual(done.returncode, DONE, done.stderr)


if __name__ == "__main__":
    unittest.main()
