"""Sizes of records: --mfl, --record-size-limit, --padding, --rx."""

import json
import socket
import unittest

from tool import DONE, LIMIT, pki, run, server

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


if __name__ == "__main__":
    unittest.main()
