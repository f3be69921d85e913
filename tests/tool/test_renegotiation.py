"""--renegotiate and --renegotiation, client and server of ours at either end."""

import json
import unittest

from tool import DONE, pki, run, server, wait_for


def client(port, *options, data=b"", name="server.example"):
    return run("client", f"127.0.0.1:{port}", "--ca", pki("roots.pem"), "--name", name, *options, data=data)


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


if __name__ == "__main__":
    unittest.main()
