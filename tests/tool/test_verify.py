"""`verify`: path validation of one chain, from the command line."""

import calendar
import os
import re
import subprocess
import tempfile
import time
import unittest

from tool import DONE, OUTSIDE, TLS, failure, pki, run

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
WHEN = "1767225600"  # 2026-01-01, within the validity of all good test certificates
BAD = {
    "bad-selfsigned": "CERTIFICATE_SELF_SIGNED",
    "bad-expired": "CERTIFICATE_EXPIRED",
    "bad-notyet": "CERTIFICATE_NOT_YET_VALID",
    "bad-signature": "CERTIFICATE_SIGNATURE_WRONG",
    "bad-eku": "CERTIFICATE_EXTENDED_KEY_USAGE",
    "bad-critical": "CERTIFICATE_CRITICAL_EXTENSION",
    "bad-name": "CERTIFICATE_NAME_MISMATCH",
    "bad-noname": "CERTIFICATE_NAME_MISMATCH",
    "bad-below-notca": "CERTIFICATE_NOT_CA",
    "bad-below-pathlen": "CERTIFICATE_PATH_LENGTH",
    "bad-below-nosign": "CERTIFICATE_KEY_USAGE",
    "bad-below-expired": "CERTIFICATE_EXPIRED",
    "bad-below-unknown": "CERTIFICATE_UNKNOWN_CA",
}


class Verify(unittest.TestCase):
    def verify(self, chain, *options, name="server.example"):
        return run("verify", pki(chain + ".chain.pem"), "--ca", pki("roots.pem"), "--time", WHEN,
                   "--name", name, *options)

    def test_accepted(self):
        for chain in ("server-rsa2048", "server-rsa3072", "server-rsa4096", "server-p256", "server-p384",
                      "server-p521", "server-cross"):
            done = self.verify(chain, "--purpose", "server")
            self.assertEqual((done.returncode, done.stdout, done.stderr), (DONE, "accepted\n", ""), chain)

    @unittest.skipUnless(os.path.exists(BUNDLE), "no bundle of CAs on this machine")
    def test_every_root_of_the_bundle_is_an_anchor(self):
        """Each vouches for itself, at a time within its own validity."""
        with open(BUNDLE) as file:
            roots = re.findall("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", file.read(),
                               re.DOTALL)
        self.assertGreater(len(roots), 100)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "root.pem")
            for root in roots:
                with open(path, "w") as file:
                    file.write(root)
                dates = subprocess.run(["openssl", "x509", "-in", path, "-noout", "-startdate"],
                                       capture_output=True, text=True, check=True).stdout
                start = calendar.timegm(time.strptime(dates.split("=")[1].strip(),
                                                      "%b %d %H:%M:%S %Y %Z"))
                done = run("verify", path, "--ca", BUNDLE, "--time", str(start + 1))
                self.assertEqual((done.returncode, done.stdout), (DONE, "accepted\n"), root)

    def test_a_failure_names_the_certificate(self):
        done = self.verify("bad-below-expired")
        self.assertRegex(done.stderr, r"certificate 1 of the peer's chain .*: CN=.+")

    def test_names(self):
        for name in ("server.example", "SERVER.example", "a.wild.example", "127.0.0.1", "::1"):
            self.assertEqual(self.verify("server-p256", name=name).stdout, "accepted\n", name)
        for name in ("example", "a.b.wild.example", "wild.example", "127.0.0.2", "::2",
                     "xserver.example"):
            self.assertEqual(self.verify("server-p256", name=name).stdout,
                             "CERTIFICATE_NAME_MISMATCH\n", name)

    def test_purposes(self):
        self.assertEqual(self.verify("server-p256", "--purpose", "client").returncode, TLS)
        done = run("verify", pki("client-p256.chain.pem"), "--ca", pki("roots.pem"), "--time", WHEN,
                   "--purpose", "client")
        self.assertEqual(done.stdout, "accepted\n")

    def test_refused_with_its_own_reason(self):
        for chain, symbol in BAD.items():
            done = self.verify(chain, "--purpose", "server")
            self.assertEqual((done.returncode, done.stdout), (TLS, symbol + "\n"), chain)
            line = failure(done.stderr)
            self.assertEqual(line["symbol"], symbol)
            self.assertIsNone(line["alert"])

    def test_time(self):
        for when, symbol in (("0", "CERTIFICATE_NOT_YET_VALID"), ("4102444800", "CERTIFICATE_EXPIRED")):
            done = run("verify", pki("server-p256.chain.pem"), "--ca", pki("roots.pem"), "--time", when)
            self.assertEqual(done.stdout, symbol + "\n")

    def test_other_certificates_in_any_order(self):
        blocks = []
        for name in ("server-p256", "root-p256", "inter-p384", "inter-p256", "inter-rsa2048"):
            with open(pki(name + ".pem"), encoding="ascii") as file:
                blocks += re.findall(r"-----BEGIN.*?-----END CERTIFICATE-----\n", file.read(), re.S)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "mixed.pem")
            with open(path, "w", encoding="ascii") as file:
                file.write("\n# text between is no harm\n".join(blocks))
            done = run("verify", path, "--ca", pki("root-p256.pem"), "--time", WHEN)
            self.assertEqual(done.stdout, "accepted\n", done.stderr)

    def test_der_is_read_too(self):
        done = run("verify", pki("server-p256-direct.der"), "--ca", pki("root-p256.der"), "--time", WHEN)
        self.assertEqual(done.stdout, "accepted\n", done.stderr)

    def test_blocks_that_hold_nothing(self):
        """RFC 7468 3: a block holds the base64 of something."""
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "chain.pem")
            for body in ("", "\n", "M\n", "M*\n"):
                with open(path, "w") as file:
                    file.write(f"-----BEGIN CERTIFICATE-----\n{body}-----END CERTIFICATE-----\n")
                done = run("verify", path, "--ca", pki("roots.pem"), "--time", WHEN)
                self.assertEqual((done.returncode, done.stderr),
                                 (OUTSIDE, f"handfast: {path}: certificate 1 is not valid PEM\n"), body)

    def test_a_missing_intermediate(self):
        done = run("verify", pki("server-p256.pem"), "--ca", pki("roots.pem"), "--time", WHEN)
        self.assertEqual(done.stdout, "CERTIFICATE_UNKNOWN_CA\n")

    def crls(self, chain, *names):
        return self.verify(chain, *[part for name in names for part in ("--crl", pki(name))])

    def test_revocation_lists(self):
        for root in ("root-p256.crl", "root-p256.crl.der"):
            for inter in ("inter-p256.crl", "inter-p256.crl.der"):
                self.assertEqual(self.crls("server-p256", root, inter).stdout, "accepted\n")
                self.assertEqual(self.crls("server-p256", inter, root).stdout, "accepted\n")
        done = self.crls("server-p256", "root-p256.crl", "inter-p256-revoked.crl")
        self.assertEqual((done.returncode, done.stdout), (TLS, "CERTIFICATE_REVOKED\n"))
        self.assertIn("certificate 0 ", done.stderr)
        self.assertEqual(self.crls("server-cross", "root-p256.crl", "inter-p256-revoked.crl").stdout,
                         "accepted\n")

    def test_every_certificate_needs_a_list(self):
        for names, index in ((["root-p256.crl"], 0), (["inter-p256.crl"], 1), (["inter-rsa2048.crl"], 0)):
            done = self.crls("server-p256", *names)
            self.assertEqual((done.returncode, done.stdout), (TLS, "CERTIFICATE_STATUS_UNKNOWN\n"), names)
            self.assertIn(f"certificate {index} ", done.stderr)

    def test_policies(self):
        for policy, answer in (("default", "CERTIFICATE_KEY_WEAK"), ("compatible", "CERTIFICATE_KEY_WEAK"),
                               ("legacy", "accepted")):
            self.assertEqual(self.verify("server-dsa1024", "--policy", policy).stdout, answer + "\n")
        self.assertEqual(self.verify("server-dsa1024").stdout, "CERTIFICATE_KEY_WEAK\n")
        self.assertEqual(self.verify("bad-expired", "--policy", "legacy").stdout, "CERTIFICATE_EXPIRED\n")

    def test_lists_grow_old(self):
        arguments = ("verify", pki("server-p256.chain.pem"), "--ca", pki("roots.pem"), "--crl",
                     pki("root-p256.crl"), "--crl", pki("inter-p256.crl"), "--time")
        self.assertEqual(run(*arguments, "1717200000").stdout, "accepted\n")  # 2024-06-01
        self.assertEqual(run(*arguments, "1717199999").stdout, "CERTIFICATE_STATUS_STALE\n")

    def test_several_lists_in_one_file(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "all.pem")
            with open(path, "w", encoding="ascii") as out:
                for name in ("root-p256.crl", "inter-p256.pem", "inter-p256.crl"):
                    with open(pki(name), encoding="ascii") as file:
                        out.write(file.read())
            self.assertEqual(self.verify("server-p256", "--crl", path).stdout, "accepted\n")
            with open(path, "w", encoding="ascii") as out:
                out.write("-----BEGIN X509 CRL-----\nMIIB*\n-----END X509 CRL-----\n")
            self.assertEqual(self.verify("server-p256", "--crl", path).returncode, OUTSIDE)

    def test_ocsp_responses(self):
        """They are as old as the test certificates, so that they are judged now."""
        for chain, name, symbol in (("server-p256", "server-p256", "accepted"),
                                    ("server-staple", "server-staple", "accepted"),
                                    ("server-p256", "server-p256-revoked", "OCSP_REVOKED"),
                                    ("server-p256", "server-p256-unknown", "OCSP_UNKNOWN"),
                                    ("server-p256", "server-staple", "OCSP_OTHER_CERTIFICATE"),
                                    ("server-p384", "server-p256", "OCSP_OTHER_CERTIFICATE"),
                                    ("bad-expired", "server-p256", "CERTIFICATE_EXPIRED")):
            done = run("verify", pki(chain + ".chain.pem"), "--ca", pki("roots.pem"),
                       "--ocsp", pki(name + ".ocsp"))
            self.assertEqual(done.stdout, symbol + "\n", (chain, name))
            self.assertEqual(done.returncode, DONE if symbol == "accepted" else TLS)
            if done.returncode:
                self.assertEqual(failure(done.stderr)["symbol"], symbol)
        self.assertEqual(self.verify("server-p256", "--ocsp", pki("server-p256.ocsp")).stdout,
                         "OCSP_STALE\n")
        self.assertEqual(self.verify("server-p256", "--ocsp", pki("roots.pem")).stdout,
                         "OCSP_MALFORMED\n")
        done = run("verify", pki("server-p256.pem"), "--ca", pki("server-p256.pem"),
                   "--ocsp", pki("server-p256.ocsp"))
        self.assertEqual(done.stdout, "OCSP_OTHER_CERTIFICATE\n")

    def test_lists_and_a_response(self):
        arguments = ("verify", pki("server-p256.chain.pem"), "--ca", pki("roots.pem"), "--crl",
                     pki("root-p256.crl"), "--ocsp", pki("server-p256.ocsp"), "--crl")
        self.assertEqual(run(*arguments, pki("inter-p256.crl")).stdout, "accepted\n")
        self.assertEqual(run(*arguments, pki("inter-p256-revoked.crl")).stdout, "CERTIFICATE_REVOKED\n")


if __name__ == "__main__":
    unittest.main()
