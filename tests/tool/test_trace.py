"""--trace and --trace=json: the same tree in two forms, and every value is what stands at its place
in the bytes of its message. The fields of each message are tested in tests/dissect."""

import json
import re
import unittest

from tool import DONE, TLS, failure, pki, run, server

HEAD = re.compile(r"^(sent|received) (\w+), (\d+) bytes$")
ALERT = re.compile(r"^(sent|received) alert (\d+) (\w+), (warning|fatal)$")
LINE = re.compile(r"^(?P<indent> +)(?:(?P<field>[^:,]+)(?P<mark>[:,]) )?(?P<value>.*)$")
CODE = re.compile(r"^(?P<name>.+) \((?:0x(?P<hex>[0-9a-f]{4,})|(?P<number>\d+))\)$")
CLIENT = ["--cert", pki("client-p256.chain.pem"), "--key", pki("client-p256.key")]
ASKS = ["--client-auth", "request", "--client-ca", pki("roots.pem")]


def client(port, *options):
    return run("client", f"127.0.0.1:{port}", "--ca", pki("roots.pem"), "--name", "server.example", "--http",
               *options)


def rows(done):
    return [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]


def walk(fields, depth=1):
    """All nodes below these, in the order of the lines, with their depth."""
    for node in fields:
        yield depth, node
        yield from walk(node.get("fields", []), depth + 1)


class Trace(unittest.TestCase):
    def traced(self, kind, *options):
        with server("--http", *ASKS, *options) as running:
            done = client(running.port, kind, *CLIENT, *options)
            self.assertEqual(done.returncode, DONE, done.stderr[-500:])
            return done

    def test_every_value_is_at_its_place(self):
        for options in ([], ["--policy", "compatible", "--max", "tls1.1"]):
            for row in rows(self.traced("--trace=json", *options)):
                if row["event"] != "message":
                    continue
                data = bytes.fromhex(row["bytes"])
                self.assertEqual((len(data), row["malformed"]), (row["total"], False))
                for _, node in walk(row["fields"]):
                    self.assertLessEqual(node["offset"] + node["size"], len(data))
                    self.check_value(node, data[node["offset"]:node["offset"] + node["size"]])

    def check_value(self, node, there):
        """An extension begins with its type; an element of DER ends with its content."""
        value = node.get("value")
        if node.get("field") == "extension_type":
            self.assertEqual(value, int.from_bytes(there[:2], "big"))
        elif isinstance(value, int):
            self.assertTrue(there.endswith(value.to_bytes((value.bit_length() + 7) // 8, "big")), node)
        elif isinstance(value, str) and re.fullmatch(r"([0-9a-f]{2})+", value):
            self.assertTrue(there.endswith(bytes.fromhex(value)), node)

    def test_both_forms_are_one_tree(self):
        """Field by field, though two connections differ in random numbers."""
        text = [line for line in self.traced("--trace").stderr.splitlines() if not line.startswith("handfast")]
        events = rows(self.traced("--trace=json"))
        at = 0
        for row in events:
            if row["event"] == "message":
                direction, name, _ = HEAD.match(text[at]).groups()
                self.assertEqual((direction == "sent", name), (row["sent"], row["message"]))
                at += 1
                for depth, node in walk(row["fields"]):
                    match = LINE.match(text[at])
                    self.assertEqual(len(match["indent"]), 4 * depth, text[at])
                    self.assertEqual(match["field"], node.get("field") if match["mark"] else None, text[at])
                    self.check_line(match, node)
                    at += 1
            elif row["event"] == "alert":
                direction, code, name, level = ALERT.match(text[at]).groups()
                self.assertEqual((direction == "sent", int(code), name, {"warning": 1, "fatal": 2}[level]),
                                 (row["sent"], row["alert"], row["name"], row["level"]))
                at += 1
            else:
                self.assertEqual(text[at].split(" ")[-1], row["event"])
                at += 1
        self.assertEqual(at, len(text))

    def check_line(self, match, node):
        code = CODE.match(match["value"])
        if "fields" in node and "value" not in node:
            self.assertRegex(match["value"], r"^\d+ bytes?$")
        elif code and isinstance(node.get("value"), int):
            number = int(code["hex"], 16) if code["hex"] else int(code["number"])
            self.assertEqual((code["name"], number), (node.get("name", "unknown"), node["value"]))

    def test_what_a_certificate_says(self):
        trace = self.traced("--trace").stderr
        for line in ("subject: CN=server.example", "dNSName: server.example", "algorithm: id-ecPublicKey",
                     "namedCurve: secp256r1", "KeyPurposeId: id-kp-serverAuth",
                     "algorithm: ecdsa_secp256r1_sha256 (0x0403)", "HostName: server.example",
                     "notAfter: "):
            self.assertRegex(trace, rf"(?m)^ +{re.escape(line)}")

    def test_a_failure_ends_with_its_reason(self):
        with server("--http") as running:
            for kind in ("--trace", "--trace=json"):
                done = client(running.port, kind, "--name", "other.example")
                self.assertEqual(done.returncode, TLS)
                symbol = "CERTIFICATE_NAME_MISMATCH"
                if kind == "--trace":
                    self.assertRegex(done.stderr, rf"(?m)^failed: {symbol}: .* at Certificate\)$")
                else:
                    failed = [row for row in rows(done) if row["event"] == "failed"]
                    self.assertEqual([(row["reason"], row["alert"], row["message"]) for row in failed],
                                     [(symbol, "bad_certificate", "Certificate")])

    def test_long_messages_are_shown_once(self):
        """Certificate leaves in many records where --tx is small, and CertificateRequest is read by parts."""
        with server("--http", *ASKS, "--trace=json", "--tx", "1024") as running:
            done = client(running.port, "--trace=json", *CLIENT)
            self.assertEqual(done.returncode, DONE)
            for log in (done, type("Log", (), {"stderr": running.log()})):
                names = [row["message"] for row in rows(log) if row["event"] == "message"]
                for name in ("CertificateRequest", "ServerHelloDone", "CertificateVerify"):
                    self.assertEqual(names.count(name), 1, names)
                self.assertEqual(names.count("Certificate"), 2)


if __name__ == "__main__":
    unittest.main()
