"""Arguments: every option of the contract is documented or refused by name, never ignored."""

import os
import tempfile
import unittest

from tool import DONE, OUTSIDE, TLS, USAGE, failure, pki, run

VERBS = ["demo", "client", "server", "explain", "suites", "groups", "schemes", "extensions", "reasons",
         "flow", "anchors", "credentials", "sizes", "verify"]
SHARED = {"--min": "tls1.2", "--max": "tls1.2", "--policy": "compatible", "--psk": "a:00",
          "--suites": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "--groups": "secp256r1:secp384r1",
          "--schemes": "rsa_pss_rsae_sha256", "--alpn": "h2,http/1.1", "--without": "server_name",
          "--rx": "4096", "--tx": "1024", "--keylog": "/dev/null", "--svg": "/dev/null", "--mfl": "512",
          "--record-size-limit": "64", "--tickets": "on", "--renegotiation": "both"}
SHARED_FLAGS = ["--trace", "--ladder", "--quiet", "--legacy", "--truncated-hmac", "--padding",
                "--renegotiate"]
CLIENT = ["--ca", "--name", "--insecure", "--time", "--http", "--cert", "--key", "--fallback",
          "--resume", "--session-in", "--session-out", "--cert-url", "--trusted-ca", "--staple",
          "--crl"]
SERVER = ["--client-auth", "--client-ca", "--accept-v2-hello", "--cert", "--key", "--bindings", "--http",
          "--echo", "--page", "--prefer", "--connections", "--idle", "--ready", "--sni-unknown",
          "--cache", "--staple", "--fetch", "--crl", "--log"]
# Of the contract, but not of this version: refused.
ABSENT = {"--max-chain": "3"}
NOBODY = "127.0.0.1:1"  # nothing listens on tcpmux


def with_value(option, value):
    return [option] if value is None else [option, value]


class Usage(unittest.TestCase):
    def assert_usage(self, *arguments, about=None):
        done = run(*arguments)
        self.assertEqual(done.returncode, USAGE, (arguments, done.stderr))
        self.assertTrue(done.stderr.startswith("handfast"), done.stderr)
        self.assertEqual(done.stdout, "")
        if about:
            self.assertIn(about, done.stderr)

    def test_without_a_verb(self):
        done = run()
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("Usage", done.stderr)

    def test_unknown_verb(self):
        self.assert_usage("frobnicate", about="frobnicate")
        self.assert_usage("help", "frobnicate", about="frobnicate")

    def test_help_names_every_verb(self):
        for arguments in (["help"], ["--help"]):
            done = run(*arguments)
            self.assertEqual(done.returncode, DONE)
            for verb in VERBS:
                self.assertRegex(done.stdout, rf"(?m)^  {verb} ")

    def test_help_of_each_verb(self):
        for verb in VERBS:
            done = run("help", verb)
            self.assertEqual((done.returncode, done.stderr), (DONE, ""))
            self.assertIn(f"handfast {verb}", done.stdout)
            self.assertEqual(done.stdout, run(verb, "--help").stdout)

    def test_help_documents_every_option(self):
        for verb, own in (("client", CLIENT), ("server", SERVER), ("demo", [])):
            text = run("help", verb).stdout
            for option in [*SHARED, *SHARED_FLAGS, *own, "--version"]:
                self.assertRegex(text, rf"{option}\b(?!-)", (verb, option))
            for option in ABSENT:
                if option not in own:
                    self.assertNotRegex(text, rf"{option}\b(?!-)", (verb, option))

    def test_version(self):
        for arguments in (["--version"], ["client", "--version"]):
            done = run(*arguments)
            self.assertEqual(done.returncode, DONE)
            self.assertRegex(done.stdout, r"^handfast \d+\.\d+\.\d+\b")

    def test_value_after_blank_or_equals_sign(self):
        """Both forms are understood: what fails afterwards is the network."""
        for option, value in SHARED.items():
            for form in ([option, value], [f"{option}={value}"]):
                done = run("client", NOBODY, "--insecure", *form)
                self.assertEqual(done.returncode, OUTSIDE, (form, done.stderr))

    def test_absent_features_are_refused_by_name(self):
        for verb, options in (("client", ABSENT), ("server", ABSENT),
                              ("demo", ABSENT)):
            place = {"client": [NOBODY, "--insecure"], "server": ["0"], "demo": []}[verb]
            for option, value in options.items():
                self.assert_usage(verb, *place, *with_value(option, value), about=option.split("=")[0])

    def test_what_happens_anyway_may_be_asked_for(self):
        for option, value in {"--renegotiation": "off", "--tickets": "off", "--resume": "0"}.items():
            self.assertEqual(run("client", NOBODY, "--insecure", option, value).returncode, OUTSIDE)

    def test_a_refused_option_is_not_an_abbreviation(self):
        """--key must not be read as --keylog, which would write into the key's file."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "client.key")
            self.assert_usage("demo", "--key", path, about="--key")
            self.assertFalse(os.path.exists(path))

    def test_bad_values(self):
        for verb in ("client", "demo"):
            place = [NOBODY, "--insecure"] if verb == "client" else []
            for option, value in (("--min", "tls1.3"), ("--max", "ssl3"), ("--policy", "x"), ("--psk", "a"),
                                  ("--psk", "a:"), ("--psk", ":00"), ("--psk", "a:0"), ("--psk", "a:0g"),
                                  ("--psk", "a:00 "), ("--psk", "a:" + "00" * 65),
                                  ("--psk", "a" * 129 + ":00"), ("--suites", "RC4"),
                                  ("--suites", ""), ("--suites", "TLS_RSA_WITH_AES_128_GCM_SHA256:"),
                                  ("--groups", "x25519"), ("--schemes", "secp256r1"), ("--alpn", ""),
                                  ("--alpn", "a,,b"), ("--alpn", "a" * 256), ("--without", "nothing"),
                                  ("--without", "supported_groups"), ("--rx", "100"), ("--rx", "4096x"),
                                  ("--tx", "-1"), ("--tx", "99999999999999999999"), ("--trace=xml", None)):
                self.assert_usage(verb, *place, *with_value(option, value))

    def test_places(self):
        for place in ("localhost", ":443", "localhost:", "localhost:65536", "localhost:http", "::1:443",
                      "localhost:-1", ""):
            self.assert_usage("client", place, "--insecure")
        self.assert_usage("client", about="HOST:PORT")
        self.assert_usage("client", NOBODY, "127.0.0.1:2")
        self.assert_usage("server", "--cert", "a", "--key", "b", about="PORT")
        self.assert_usage("server", "host:0:0", "--cert", "a", "--key", "b")
        self.assertEqual(run("client", "[::1]:1", "--insecure").returncode, OUTSIDE)

    def test_combinations(self):
        self.assert_usage("client", NOBODY, "--insecure", "--ca", "x")
        self.assert_usage("client", NOBODY, "--insecure", "--crl", "x")
        self.assert_usage("client", NOBODY, *["--crl", "x"] * 65, about="--crl")
        self.assert_usage("client", NOBODY, "--insecure", "--http=no-slash")
        self.assert_usage("client", NOBODY, "--insecure", "--cert", "a", about="--key")
        self.assert_usage("client", NOBODY, "--insecure", *["--cert", "a", "--key", "b"] * 9)
        self.assert_usage("server", "0", "--cert", "a", "--key", "b", "--client-auth", "maybe")
        self.assert_usage("server", "0", "--suites", "TLS_PSK_WITH_AES_128_GCM_SHA256", about="--cert")
        self.assert_usage("server", "0", about="--cert")
        self.assert_usage("server", "0", "--cert", "a", about="--key")
        self.assert_usage("server", "0", "--cert", "a", "--key", "b", "--http", "--echo")
        self.assert_usage("server", "0", "--cert", "a", "--key", "b", "--page", "p")
        self.assert_usage("server", "0", "--cert", "a", "--key", "b", "--prefer", "nobody")
        self.assert_usage("server", "0", "--cert", "a", "--key", "b", "--connections", "0")
        self.assert_usage("server", "0", "--cert", "a", "--key", "b", "--log", "xml", about="--log")
        self.assert_usage("verify", about="CHAIN")
        self.assert_usage("verify", "a.pem", about="--ca")
        self.assert_usage("verify", "--batch", "a.pem")
        self.assert_usage("verify", "--batch", "--crl", "a.pem")
        self.assert_usage("verify", "--batch", "--ocsp", "a.ocsp")
        self.assert_usage("explain")
        self.assert_usage("explain", "NO_SUCH_REASON", about="NO_SUCH_REASON")
        self.assert_usage("explain", "256")
        self.assert_usage("credentials", "a.pem")
        self.assert_usage("anchors", "a.pem", "b.pem")
        self.assert_usage("anchors", "a.pem", "--name", "3x")
        self.assert_usage("suites", "more")

    def test_configurations_that_cannot_work(self):
        pair = ["--cert", pki("server-p256.chain.pem"), "--key", pki("server-p256.key")]
        for arguments, symbol in (
                (["demo", "--min", "tls1.2", "--max", "tls1.1"], "NOTHING_ENABLED"),
                (["demo", "--max", "tls1.1"], "NOTHING_ENABLED"),  # the default policy is TLS 1.2
                (["demo", "--min", "tls1.0", "--max", "tls1.1", "--suites",
                  "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"], "NOTHING_ENABLED"),
                (["server", "127.0.0.1:0", *pair, "--client-auth", "request"], "NO_TRUST_ANCHORS")):
            done = run(*arguments)
            self.assertEqual((done.returncode, failure(done.stderr)["symbol"]), (USAGE, symbol), arguments)

    def test_lists_that_exclude_each_other(self):
        """Known names that never fit together end as a failure of the handshake."""
        done = run("demo", "--quiet", "--suites", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
                   "--schemes", "ecdsa_secp256r1_sha256")
        self.assertEqual((done.returncode, failure(done.stderr)["symbol"]), (TLS, "NO_COMMON_SCHEME"))

    def test_files(self):
        missing = "/nonexistent/file.pem"
        key = pki("server-p256.key")
        chain = pki("server-p256.chain.pem")
        for arguments, about in (
                (["client", NOBODY, "--ca", missing], missing),
                (["client", NOBODY, "--ca", key], "no certificate"),
                (["client", NOBODY, "--ca", chain, "--crl", missing], missing),
                (["client", NOBODY, "--ca", chain, "--crl", chain], "no revocation list"),
                (["client", NOBODY, "--ca", chain, "--crl", pki("server-p256.der")], "revocation list"),
                (["client", NOBODY, "--insecure", "--cert", missing, "--key", key], missing),
                (["client", NOBODY, "--insecure", "--cert", chain, "--key", pki("client-p256.key")],
                 "not the key"),
                (["server", "127.0.0.1:0", "--cert", chain, "--key", key, "--client-ca", missing],
                 missing),
                (["server", "127.0.0.1:0", "--cert", chain, "--key", key, "--crl", missing], missing),
                (["client", NOBODY, "--insecure", "--keylog", "/nonexistent/log"], "/nonexistent/log"),
                (["server", "127.0.0.1:0", "--cert", missing, "--key", key], missing),
                (["server", "127.0.0.1:0", "--cert", chain, "--key", chain], "no private key"),
                (["server", "127.0.0.1:0", "--cert", chain, "--key", pki("server-p384.key")],
                 "not the key"),
                (["server", "127.0.0.1:0", "--cert", chain, "--key", key, "--http", "--page", missing],
                 missing),
                (["server", "192.0.2.1:0", "--cert", chain, "--key", key], "192.0.2.1"),
                (["verify", missing, "--ca", missing], missing),
                (["verify", chain, "--ca", chain, "--crl", missing], missing),
                (["verify", chain, "--ca", chain, "--ocsp", missing], missing),
                (["anchors", "/tmp"], "/tmp"),
                (["client", NOBODY, "--insecure"], "port 1")):
            done = run(*arguments)
            self.assertEqual(done.returncode, OUTSIDE, (arguments, done.stderr))
            self.assertIn(about, done.stderr)

    def test_encrypted_keys(self):
        """Both forms, RFC 1421 headers and PKCS #8, are told apart from a damaged file."""
        body = "TUlJRXZ3SUJBREFOQmdrcWhraUc5dzBCQVFFRkFBU0NCS2t3Z2dTbEFnRUFBb0lCQVFD\n"
        forms = {
            "ENCRYPTED PRIVATE KEY": "",
            "RSA PRIVATE KEY": "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,"
                               "00112233445566778899AABBCCDDEEFF\n\n",
        }
        for label, head in forms.items():
            with tempfile.NamedTemporaryFile("w", suffix=".key") as file:
                file.write(f"-----BEGIN {label}-----\n{head}{body}-----END {label}-----\n")
                file.flush()
                done = run("credentials", pki("server-p256.chain.pem"), file.name)
                self.assertEqual(done.returncode, OUTSIDE)
                self.assertIn("encrypted with a password", done.stderr)


if __name__ == "__main__":
    unittest.main()
