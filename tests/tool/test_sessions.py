"""Sessions: --resume, --session-in, --session-out, --tickets, --cache."""

import json
import socket
import unittest

from tool import DONE, LIMIT, pki, run, server

CHANGE_CIPHER_SPEC, HANDSHAKE = 20, 22
SERVER_HELLO = 2


def client(port, *options, data=b"", name="server.example"):
    return run("client", f"127.0.0.1:{port}", "--ca", pki("roots.pem"), "--name", name, *options, data=data)


def messages(log, name):
    """All messages of a name in the output of --trace=json, as bytes."""
    rows = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    return [bytes.fromhex(row["bytes"]) for row in rows if row.get("message") == name]


def without_session_id(hello):
    size = hello[38]  # after the head, the version and the random
    body = hello[4:38] + b"\0" + hello[39 + size:]
    return hello[:1] + len(body).to_bytes(3, "big") + body


def first_records(port, hello):
    """(type, body) of the first two records that answer a ClientHello."""
    with socket.create_connection(("127.0.0.1", port), LIMIT) as connection:
        connection.sendall(b"\x16\x03\x01" + len(hello).to_bytes(2, "big") + hello)
        with connection.makefile("rb") as file:
            heads = []
            for _ in range(2):
                head = file.read(5)
                heads.append((head[0], file.read(int.from_bytes(head[3:], "big"))))
            return heads


class Tickets(unittest.TestCase):
    def test_a_ticket_without_a_session_id(self):
        """RFC 5077 3.4 leaves clients free to send none: wolfSSL's do not."""
        with server("--http", "--cache", "0", "--tickets", "on") as ours:
            done = client(ours.port, "--http", "--resume", "1", "--trace=json")
            self.assertEqual(done.returncode, DONE, done.stderr)
            hello = messages(done.stderr, "ClientHello")[1]
            for offered in hello, without_session_id(hello):
                size = offered[38]
                (first, answer), (second, _) = first_records(ours.port, offered)
                self.assertEqual((first, answer[0], second),
                                 (HANDSHAKE, SERVER_HELLO, CHANGE_CIPHER_SPEC))
                self.assertEqual(answer[38:39 + size], offered[38:39 + size])


if __name__ == "__main__":
    unittest.main()
