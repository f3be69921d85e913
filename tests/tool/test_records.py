"""Sizes of records: --mfl, --record-size-limit, --padding, --rx."""

import json
import socket
import unittest

from tool import DONE, LIMIT, USAGE, pki, run, server

MAX_FRAGMENT_LENGTH, PADDING, RECORD_SIZE_LIMIT = 1, 21, 28
HANDSHAKE = 22


def client(port, *options, data=b"", name="server.example"):
    return run("client", f"127.0.0.1:{port}", "--ca", pki("roots.pem"), "--name", name, *options, data=data)


def hello_of(port, *options):
    """The ClientHello and the ServerHello of a connection, as bytes."""
    done = client(port, "--http", "--trace=json", *options)
    if done.returncode != DONE:
        raise AssertionError(done.stderr)
    rows = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    return [next(bytes.fromhex(row["bytes"]) for row in rows if row.get("message") == name)
            for name in ("ClientHello", "ServerHello")]


def extensions(hello, is_client=True):
    """Their bodies by number."""
    at = 39 + hello[38]  # behind the session ID
    if is_client:
        at += 2 + int.from_bytes(hello[at:at + 2], "big")
        at += 1 + hello[at]
    else:
        at += 3
    at += 2
    found = {}
    while at < len(hello):
        size = int.from_bytes(hello[at + 2:at + 4], "big")
        found[int.from_bytes(hello[at:at + 2], "big")] = hello[at + 4:at + 4 + size]
        at += 4 + size
    return found


def handshake_records(port, hello):
    """Bodies of the handshake records that answer a ClientHello, up to a ServerHelloDone."""
    with socket.create_connection(("127.0.0.1", port), LIMIT) as connection:
        connection.sendall(b"\x16\x03\x01" + len(hello).to_bytes(2, "big") + hello)
        records = []
        with connection.makefile("rb") as file:
            while not records or not records[-1].endswith(b"\x0e\0\0\0"):
                head = file.read(5)
                assert head[0] == HANDSHAKE, head
                records.append(file.read(int.from_bytes(head[3:], "big")))
        return records


class Limits(unittest.TestCase):
    def test_a_message_that_fits_into_a_record_has_one(self):
        """Mbed TLS takes no message that is split."""
        with server("--http", pair="server-rsa2048") as ours:
            hello, _ = hello_of(ours.port, "--mfl", "2048")
            records = handshake_records(ours.port, hello)
            self.assertGreater(len(records), 1)
            for record in records:
                self.assertLessEqual(len(record), 2048)
                while record:
                    size = 4 + int.from_bytes(record[1:4], "big")
                    self.assertGreaterEqual(len(record), size, "a message that is split")
                    record = record[size:]

    def test_a_limit_of_the_largest_record_is_offered(self):
        """It makes the server tell its own."""
        with server("--http", "--record-size-limit", "1000") as ours:
            hello, answer = hello_of(ours.port, "--record-size-limit", "16384")
            self.assertEqual(extensions(hello)[RECORD_SIZE_LIMIT], (16384).to_bytes(2, "big"))
            self.assertEqual(extensions(answer, False)[RECORD_SIZE_LIMIT], (1000).to_bytes(2, "big"))

    def test_one_side_asks_the_other_agrees(self):
        for length, code in ("512", 1), ("1024", 2), ("2048", 3), ("4096", 4):
            with server("--http") as ours:
                hello, answer = hello_of(ours.port, "--mfl", length)
                self.assertEqual(extensions(hello)[MAX_FRAGMENT_LENGTH], bytes([code]))
                self.assertEqual(extensions(answer, False)[MAX_FRAGMENT_LENGTH], bytes([code]))
                page = client(ours.port, "--http", "--mfl", length).stdout
                self.assertRegex(page, rf"max fragment length</th><td>{length}<")

    def test_nothing_is_asked_for_where_the_largest_record_fits(self):
        with server("--http") as ours:
            found = extensions(hello_of(ours.port)[0])
            self.assertFalse({MAX_FRAGMENT_LENGTH, RECORD_SIZE_LIMIT} & set(found))

    def test_a_small_buffer_asks(self):
        with server("--http") as ours:
            found = extensions(hello_of(ours.port, "--rx", "2048")[0])
            self.assertEqual(found[MAX_FRAGMENT_LENGTH], b"\2")  # 1024
            self.assertLess(int.from_bytes(found[RECORD_SIZE_LIMIT], "big"), 2048)
            for extension in "max_fragment_length", "record_size_limit":
                found = extensions(hello_of(ours.port, "--rx", "2048", "--without", extension)[0])
                self.assertEqual(len({MAX_FRAGMENT_LENGTH, RECORD_SIZE_LIMIT} & set(found)), 1)

    def test_data_both_ways(self):
        data = bytes(range(256)) * 1000
        for options in (("--mfl", "512"), ("--record-size-limit", "64"), ("--rx", "1024", "--tx", "1024")):
            with server("--echo") as ours:
                done = client(ours.port, *options, data=data)
                self.assertEqual(done.returncode, DONE, done.stderr)
                self.assertEqual(done.stdout, data.decode(errors="replace"))

    def test_a_session_keeps_its_length(self):
        with server("--http") as ours:
            done = client(ours.port, "--http", "--mfl", "1024", "--resume", "1")
            self.assertEqual(done.returncode, DONE, done.stderr)
            self.assertIn(" resumed", done.stderr)
            self.assertEqual(done.stdout.count("max fragment length</th><td>1024<"), 2)

    def test_usage(self):
        for options in (("--mfl", "513"), ("--mfl", "8192"), ("--record-size-limit", "63"),
                        ("--record-size-limit", "16385")):
            self.assertEqual(client(1, *options).returncode, USAGE)

    def test_demo(self):
        done = run("demo", "--mfl", "512")
        self.assertRegex(done.stdout, r"max fragment length +512\n")
        self.assertEqual(run("demo", "--record-size-limit", "64").returncode, DONE)


class Padding(unittest.TestCase):
    def test_no_hello_of_256_to_511_bytes(self):
        """RFC 7685: some servers hang at hellos of that size."""
        padded = 0
        with server("--http") as ours:
            for length in range(1, 250, 25):
                options = ("--alpn", "x" * length, "--policy", "compatible")
                plain, hello = (hello_of(ours.port, *options, *more)[0] for more in ((), ("--padding",)))
                self.assertNotIn(PADDING, extensions(plain))
                if 256 <= len(plain) <= 511:
                    padded += 1
                    self.assertGreaterEqual(len(hello), 512)
                    self.assertFalse(any(extensions(hello)[PADDING]))
                else:
                    self.assertEqual(len(hello), len(plain))
        self.assertGreater(padded, 0)


if __name__ == "__main__":
    unittest.main()
