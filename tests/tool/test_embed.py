"""`anchors` and `credentials`: the C source compiles without a warning and holds the right bytes."""

import os
import re
import shutil
import ssl
import subprocess
import tempfile
import unittest

import peer
from tool import DONE, OUTSIDE, pki, run

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
COMPILER = shutil.which("cc")


def arrays(source):
    return {name: bytes(int(byte, 16) for byte in re.findall(r"0x([0-9a-f]{2})", body))
            for name, body in re.findall(r"const uint8_t (\w+)\[\d+\] = \{(.*?)\};", source, re.S)}


def der(name):
    with open(pki(name), encoding="ascii") as file:
        blocks = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", file.read(), re.S)
    return [ssl.PEM_cert_to_DER_cert(block) for block in blocks]


class Embed(unittest.TestCase):
    def assert_compiles(self, source):
        if not COMPILER:
            self.skipTest("no C compiler")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "embedded.c")
            with open(path, "w", encoding="ascii") as file:
                file.write(source)
            subprocess.run([COMPILER, "-std=c11", "-Wall", "-Wextra", "-pedantic", "-Werror", "-c", path,
                            "-o", os.devnull, "-I", ROOT, "-I", os.path.join(ROOT, "tls/include")],
                           check=True)

    def test_anchors(self):
        done = run("anchors", pki("roots.pem"), "--name", "my_roots")
        self.assertEqual(done.returncode, DONE, done.stderr)
        certificates = der("roots.pem")
        self.assertIn(f"const hf_trust_anchor my_roots[{len(certificates)}]", done.stdout)
        found = arrays(done.stdout)
        for index, certificate in enumerate(certificates):
            self.assertIn(found[f"my_roots_name_{index}"], certificate)
            self.assertIn(found[f"my_roots_key_{index}"], certificate)
        self.assert_compiles(done.stdout)

    def test_credentials(self):
        for pair in ("server-p256", "server-p384", "server-p521", "server-rsa2048"):
            done = run("credentials", pki(pair + ".chain.pem"), pki(pair + ".key"))
            self.assertEqual(done.returncode, DONE, done.stderr)
            found = arrays(done.stdout)
            for index, certificate in enumerate(der(pair + ".chain.pem")):
                self.assertEqual(found[f"credentials_certificate_{index}"], certificate)
            self.assert_compiles(done.stdout)

    @peer.with_openssl
    def test_dss(self):
        """With the public value, which OpenSSL's own form has, and without, as in PKCS #8."""
        with tempfile.TemporaryDirectory() as folder:
            path = peer.make_leaf(folder, "dsa", "CN = server.example", "serverAuth", bits_of_dsa=1024)
            peer.openssl("pkey", "-in", path + ".key", "-traditional", "-out", path + ".traditional.key")
            for end, fields in ((".key", 4), (".traditional.key", 5)):
                done = run("credentials", path + ".chain.pem", path + end)
                self.assertEqual(done.returncode, DONE, done.stderr)
                self.assertIn(".type = HF_KEY_DSA", done.stdout)
                self.assertEqual(done.stdout.count(".u.dsa."), fields)
                self.assert_compiles(done.stdout)

    def test_forms_of_a_key(self):
        """PKCS #8, the traditional form, and DER give the same source."""
        for pair, other in (("server-p256", "sec1"), ("server-rsa2048", "pkcs1")):
            chain = pki(pair + ".chain.pem")
            sources = {run("credentials", chain, pki(pair + end)).stdout
                       for end in (".key", f".{other}.key", ".key.der")}
            self.assertEqual(len(sources), 1)

    def test_a_key_of_another_certificate(self):
        for key in ("server-p384.key", "client-p256.key", "server-rsa2048.key"):
            done = run("credentials", pki("server-p256.chain.pem"), pki(key))
            self.assertEqual((done.returncode, done.stdout), (OUTSIDE, ""))
            self.assertIn("not the key", done.stderr)


if __name__ == "__main__":
    unittest.main()
