"""The examples do what their first lines say: test_examples.py FOLDER, where they were built."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../tool"))
from peer import openssl_server, with_openssl  # noqa: E402
from tool import LIMIT, pki  # noqa: E402


def run(name, *arguments):
    done = subprocess.run([os.path.join(FOLDER, name), *arguments], capture_output=True, text=True,
                          timeout=LIMIT)
    return done.returncode, done.stdout, done.stderr


def identity(name, keys):
    return pki(f"{name}-{keys}.der"), pki(f"inter-{keys}.der"), pki(f"{name}-{keys}.key.der")


class Examples(unittest.TestCase):
    @with_openssl
    def test_secure_element(self):
        with self.example("secure_element"), openssl_server(
                "-tls1_2", "-Verify", "2", "-CAfile", pki("roots.pem")) as (address, output):
            port = address.split(":")[1]
            for keys in ("p256", "p384"):
                status, out, err = run("secure_element", port, pki("root-p256.der"), *identity("client", keys))
                self.assertEqual((status, err), (0, ""), output())
                self.assertRegex(out, r"^the element signed (32|48) bytes\nHTTP/1.0 200 ok")
                self.assertIn("Client certificate", out)
            # An element with another key than the certificate's: the server notices.
            leaf, inter, _ = identity("client", "p256")
            _, _, other = identity("server", "p256")
            status, out, err = run("secure_element", port, pki("root-p256.der"), leaf, inter, other)
            self.assertEqual((status, err), (1, "PEER_ALERT\n"), out)

    def test_lwip(self):
        with self.example("lwip_loopback"):
            status, out, err = run("lwip_loopback", pki("root-p256.der"), *identity("server", "p256"))
            self.assertEqual((status, err), (0, ""))
            lines = out.splitlines()
            self.assertRegex(lines[0], "^client: TLS_ECDHE_ECDSA_")
            self.assertEqual(lines[1], "client: hello over lwIP")
            self.assertEqual(sorted(lines[2:]), ["client: closed", "server: closed"])
            status, out, _ = run("lwip_loopback", pki("root-p384.der"), *identity("server", "p256"))
            self.assertEqual(status, 0)
            self.assertIn("client: CERTIFICATE_UNKNOWN_CA\n", out)
            self.assertIn("server: PEER_ALERT\n", out)

    def example(self, name):
        if not os.path.exists(os.path.join(FOLDER, name)):
            self.skipTest(f"{name} is not in this build")
        return self.subTest(name)


if __name__ == "__main__":
    FOLDER = sys.argv.pop(1)
    unittest.main()
