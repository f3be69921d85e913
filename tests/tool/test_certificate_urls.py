"""client_certificate_url (RFC 6066 5): `client --cert-url` and `server --fetch`."""

import contextlib
import json
import os
import shutil
import tempfile
import unittest

from tool import DONE, TLS, USAGE, failure, pki, run, server, wait_for

CERTIFICATE, CERTIFICATE_URL = 11, 21
LEAF, ISSUER, PATH = "leaf.cer", "issuer.cer", "chain.pkipath"
SUBJECT = "CN=client.example"


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data):
    with open(path, "wb") as file:
        file.write(data)


def sequence(content):
    """In DER, of 128 bytes and more."""
    size = len(content).to_bytes(2 if len(content) > 255 else 1, "big")
    return bytes([0x30, 0x80 | len(size)]) + size + content


@contextlib.contextmanager
def fetching_server(*options):
    """A server that asks for certificates, and the folder that it fetches from."""
    with tempfile.TemporaryDirectory() as folder:
        leaf, issuer = read(pki("client-p256.der")), read(pki("inter-p256.der"))
        write(os.path.join(folder, LEAF), leaf)
        write(os.path.join(folder, ISSUER), issuer)
        write(os.path.join(folder, PATH), sequence(issuer + leaf))  # from the root's end
        with server("--http", "--client-auth", "require", "--client-ca", pki("roots.pem"),
                    "--fetch", folder, *options) as ours:
            yield ours, folder


def client(port, *urls, options=()):
    shown = [part for url in urls for part in ("--cert-url", "http://certificates.example/" + url)]
    return run("client", f"127.0.0.1:{port}", "--ca", pki("roots.pem"), "--name", "server.example", "--http",
               "--trace=json", "--cert", pki("client-p256.chain.pem"), "--key", pki("client-p256.key"), *shown,
               *options)


def sent_types(done):
    rows = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    return [row["type"] for row in rows if row.get("sent") and row["event"] == "message"]


def without_trace(done):
    return "\n".join(line for line in done.stderr.splitlines() if not line.startswith("{"))


class CertificateUrls(unittest.TestCase):
    def assert_shown(self, done, by_url):
        self.assertEqual(done.returncode, DONE, without_trace(done))
        self.assertIn(f"<td>{SUBJECT}</td>", done.stdout)
        self.assertEqual((CERTIFICATE_URL in sent_types(done), CERTIFICATE in sent_types(done)),
                         (by_url, not by_url))

    def assert_refused(self, ours, done, symbol, alert):
        line = failure(without_trace(done))
        self.assertEqual((done.returncode, line["symbol"], line["alert"], line["direction"]),
                         (TLS, "PEER_ALERT", alert, "received"), without_trace(done))
        wait_for(lambda: f": {symbol}: " in ours.log())

    def test_one_url_a_certificate(self):
        with fetching_server() as (ours, _):
            self.assert_shown(client(ours.port, LEAF, ISSUER), True)
            wait_for(lambda: f'client "{SUBJECT}": closed' in ours.log())

    def test_one_url_for_all(self):
        with fetching_server() as (ours, _):
            self.assert_shown(client(ours.port, PATH), True)

    def test_every_version(self):
        old = ("--policy", "compatible", "--min", "tls1.0")
        with fetching_server(*old) as (ours, _):
            for version in ("tls1.0", "tls1.1", "tls1.2"):
                self.assert_shown(client(ours.port, PATH, options=(*old, "--max", version)), True)

    def test_again_in_a_renegotiation(self):
        with fetching_server("--renegotiation", "client") as (ours, _):
            done = client(ours.port, LEAF, ISSUER, options=("--renegotiate",))
            self.assert_shown(done, True)
            self.assertEqual(sent_types(done).count(CERTIFICATE_URL), 2)

    def test_a_server_that_does_not_agree_gets_the_certificate(self):
        with server("--http", "--client-auth", "require", "--client-ca", pki("roots.pem")) as ours:
            self.assert_shown(client(ours.port, LEAF, ISSUER), False)

    def test_a_client_without_urls_sends_the_certificate(self):
        with fetching_server() as (ours, _):
            self.assert_shown(client(ours.port), False)

    def test_a_missing_file(self):
        with fetching_server() as (ours, _):
            for urls in (("missing.cer", ISSUER), (LEAF, "missing.cer"), ("missing.pkipath",)):
                self.assert_refused(ours, client(ours.port, *urls), "CERTIFICATE_UNOBTAINABLE",
                                    "certificate_unobtainable")
            self.assert_shown(client(ours.port, PATH), True)

    def test_a_wrong_file(self):
        with fetching_server() as (ours, folder):
            shutil.copy(os.path.join(folder, ISSUER), os.path.join(folder, LEAF))
            write(os.path.join(folder, PATH), read(os.path.join(folder, PATH))[:-1] + b"?")
            for urls in ((LEAF, ISSUER), (PATH,)):
                self.assert_refused(ours, client(ours.port, *urls), "CERTIFICATE_URL_HASH_WRONG",
                                    "bad_certificate_hash_value")

    def test_an_empty_file(self):
        with fetching_server() as (ours, folder):
            write(os.path.join(folder, LEAF), b"")
            self.assert_refused(ours, client(ours.port, LEAF, ISSUER), "CERTIFICATE_UNOBTAINABLE",
                                "certificate_unobtainable")

    def test_no_way_out_of_the_folder(self):
        with fetching_server() as (ours, folder):
            write(os.path.join(folder, ".hidden"), read(os.path.join(folder, LEAF)))
            os.mkdir(os.path.join(folder, "folder"))
            for name in ("..", ".hidden", "folder", "", "a%2fb", "x" * 101):
                done = client(ours.port, name, ISSUER)
                self.assert_refused(ours, done, "CERTIFICATE_UNOBTAINABLE", "certificate_unobtainable")

    def test_only_the_last_part_of_the_url_counts(self):
        with fetching_server() as (ours, _):
            self.assert_shown(client(ours.port, "some/where/" + LEAF, "../" + ISSUER), True)

    def test_a_chain_that_is_not_accepted(self):
        with fetching_server() as (ours, _):
            self.assert_refused(ours, client(ours.port, LEAF), "CERTIFICATE_UNKNOWN_CA", "unknown_ca")

    def test_usage(self):
        self.assertEqual(run("client", "127.0.0.1:1", "--cert-url", "http://a/b").returncode, USAGE)
        for urls in (("a", "b", "c"), (PATH, "b")):
            done = client(1, *urls)
            self.assertEqual(done.returncode, USAGE, done.stderr)
            self.assertIn("--cert-url", done.stderr)


if __name__ == "__main__":
    unittest.main()
