"""A client for probing servers: it sends what it is told, right or wrong, and shows what comes back.

Written from RFC 5246 and nothing of the library. Suites without encryption let it go all the way
through a handshake with what Python has: RSA_WITH_NULL_SHA256, with the key of an RSA certificate.
"""

import hashlib
import hmac
import os
import socket
import struct

from tool import LIMIT

CCS, ALERT, HANDSHAKE, DATA, HEARTBEAT = 20, 21, 22, 23, 24
CLIENT_HELLO, SERVER_HELLO, CERTIFICATE, SERVER_KEY_EXCHANGE = 1, 2, 11, 12
SERVER_HELLO_DONE, CERTIFICATE_VERIFY, CLIENT_KEY_EXCHANGE, FINISHED = 14, 15, 16, 20
TLS1_0, TLS1_1, TLS1_2 = 0x0301, 0x0302, 0x0303

RSA_NULL, ECDHE_RSA_NULL, DHE_RSA = 0x003B, 0xC010, 0x009E
SCSV, FALLBACK = 0x00FF, 0x5600
SERVER_NAME, MAX_FRAGMENT_LENGTH, CERTIFICATE_URL, TRUSTED_CA_KEYS, TRUNCATED_HMAC = range(5)
STATUS_REQUEST, GROUPS, POINT_FORMATS, SCHEMES, HEARTBEATS, ALPN, PADDING = 5, 10, 11, 13, 15, 16, 21
ENCRYPT_THEN_MAC, EXTENDED_MASTER_SECRET, RECORD_SIZE_LIMIT, TICKET = 22, 23, 28, 35
RENEGOTIATION_INFO = 0xFF01


def vector(size, body):
    return len(body).to_bytes(size, "big") + body


def codes(*values):
    return vector(2, b"".join(value.to_bytes(2, "big") for value in values))


def message(kind, body=b""):
    return bytes([kind]) + vector(3, body)


def record(kind, body, version=TLS1_2, length=None):
    return struct.pack(">BHH", kind, version, len(body) if length is None else length) + body


def records(body, size, version=TLS1_2):
    """Handshake messages in fragments of one size."""
    return b"".join(record(HANDSHAKE, body[at : at + size], version) for at in range(0, len(body), size))


def host(*names, kind=0):
    return vector(2, b"".join(bytes([kind]) + vector(2, name) for name in names))


# What each hello says; a value of None takes one away.
EXTENSIONS = {
    SERVER_NAME: host(b"server.example"),
    GROUPS: codes(23, 24, 256),
    POINT_FORMATS: b"\1\0",
    SCHEMES: codes(0x0401, 0x0804, 0x0201),
    EXTENDED_MASTER_SECRET: b"",
    RENEGOTIATION_INFO: b"\0",
}


def extension(code, body):
    return code.to_bytes(2, "big") + vector(2, body)


def extensions(changes=None, more=b""):
    """The extensions block, with some changed, added or left out, and raw bytes behind them."""
    chosen = {**EXTENSIONS, **(changes or {})}
    return vector(2, b"".join(extension(code, body) for code, body in chosen.items() if body is not None) + more)


class Hello:
    """The fields of a ClientHello."""

    def __init__(self, **fields):
        self.version, self.random, self.session = TLS1_2, os.urandom(32), b"\0"
        self.suites, self.methods, self.extensions = codes(RSA_NULL), b"\1\0", extensions()
        vars(self).update(fields)

    def body(self):
        return self.version.to_bytes(2, "big") + self.random + self.session + self.suites + self.methods + self.extensions

    def message(self):
        return message(CLIENT_HELLO, self.body())


# ------------------------------------------------------------------------------ keys


def expand(secret, seed, size):
    """P_SHA256, RFC 5246 5."""
    output, a = b"", seed
    while len(output) < size:
        a = hmac.digest(secret, a, "sha256")
        output += hmac.digest(secret, a + seed, "sha256")
    return output[:size]


def prf(secret, label, seed, size):
    return expand(secret, label + seed, size)


def element(data, at):
    """Start and end of the content of the DER element at a place."""
    size, at = data[at + 1], at + 2
    if size & 0x80:
        count = size & 0x7F
        size, at = int.from_bytes(data[at : at + count], "big"), at + count
    return at, at + size


def rsa_key(certificate):
    """n and e behind the object identifier rsaEncryption."""
    at = certificate.index(bytes.fromhex("06092a864886f70d0101010500")) + 13
    start, _ = element(certificate, at)  # BIT STRING
    start, _ = element(certificate, start + 1)  # SEQUENCE, behind the count of unused bits
    start, end = element(certificate, start)
    n = int.from_bytes(certificate[start:end], "big")
    start, stop = element(certificate, end)
    return n, int.from_bytes(certificate[start:stop], "big")


class Keys:
    """One direction of a suite with HMAC-SHA256 and no encryption."""

    def __init__(self, key):
        self.key, self.sequence = key, 0

    def mac(self, kind, body, version):
        head = struct.pack(">QBHH", self.sequence, kind, version, len(body))
        self.sequence += 1
        return hmac.digest(self.key, head + body, "sha256")


# ------------------------------------------------------------------------------ a connection


class Ended(Exception):
    """The server has closed the connection."""


class Probe:
    """One connection."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), LIMIT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.transcript, self.server, self.pending = b"", {}, b""
        self.hello = self.write = self.read = self.master = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """Bytes, whatever they are. The server may have closed in the meantime."""
        try:
            self.socket.sendall(data)
        except ConnectionError:
            pass

    def seal(self, kind, body, version=TLS1_2):
        if self.write:
            body += self.write.mac(kind, body, version)
        return record(kind, body, version)

    def say(self, *messages):
        """Handshake messages, one a record, that count for Finished."""
        for body in messages:
            self.transcript += body
            self.send(self.seal(HANDSHAKE, body, TLS1_0 if body[0] == CLIENT_HELLO and not self.write else TLS1_2))

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            chunk = self.socket.recv(size - len(data))
            if not chunk:
                raise Ended
            data += chunk
        return data

    def record(self):
        """Type and content of the next record."""
        kind, version, size = struct.unpack(">BHH", self._exactly(5))
        body = self._exactly(size)
        if self.read:
            body, mac = body[:-32], body[-32:]
            assert mac == self.read.mac(kind, body, version), "the server's MAC is wrong"
        return kind, body

    def message(self):
        """Type and body of the next handshake message."""
        while len(self.pending) < 4 or len(self.pending) < 4 + int.from_bytes(self.pending[1:4], "big"):
            kind, body = self.record()
            assert kind == HANDSHAKE, f"a record of type {kind}: {body.hex()}"
            self.pending += body
        size = 4 + int.from_bytes(self.pending[1:4], "big")
        taken, self.pending = self.pending[:size], self.pending[size:]
        self.transcript += taken
        return taken[0], taken[4:]

    def rest(self):
        """All records until the server closes."""
        found = []
        try:
            while True:
                found.append(self.record())
        except (Ended, ConnectionError):
            return found

    # -------------------------------------------------------------------- handshakes

    def greet(self, hello=None):
        """Both hellos and what follows the server's; self.server has the bodies by type."""
        self.hello, self.transcript, self.server = hello or Hello(), b"", {}
        self.say(self.hello.message())
        return self.listen()

    def listen(self):
        """The server's first flight."""
        while SERVER_HELLO_DONE not in self.server and not self.resumed():
            kind, body = self.message()
            self.server[kind] = body
        return self

    def answer(self):
        """Version, suite and extensions of the ServerHello."""
        body = self.server[SERVER_HELLO]
        at = 35 + body[34]
        found, rest = {}, body[at + 5 :]
        while rest:
            code, size = struct.unpack(">HH", rest[:4])
            found[code], rest = rest[4 : 4 + size], rest[4 + size :]
        return int.from_bytes(body[:2], "big"), int.from_bytes(body[at : at + 2], "big"), found

    def session(self):
        body = self.server[SERVER_HELLO]
        return body[34 : 35 + body[34]]

    def resumed(self):
        return SERVER_HELLO in self.server and len(self.hello.session) > 1 and self.session() == self.hello.session

    def certificate(self):
        body = self.server[CERTIFICATE]
        return body[6 : 6 + int.from_bytes(body[3:6], "big")]

    def encrypted(self, block):
        """An encoded block raised to the power of e, RFC 8017 5.1.1."""
        n, e = rsa_key(self.certificate())
        return pow(int.from_bytes(block, "big"), e, n).to_bytes(256, "big")

    def premaster(self):
        return self.hello.version.to_bytes(2, "big") + b"\x5a" * 46

    def exchange(self, premaster=None):
        """ClientKeyExchange with the premaster secret as it should be, RFC 8017 7.2.1."""
        premaster = premaster or self.premaster()
        block = b"\0\2" + b"\xa5" * (256 - 3 - len(premaster)) + b"\0" + premaster
        self.say(message(CLIENT_KEY_EXCHANGE, vector(2, self.encrypted(block))))
        return self

    def derive(self, premaster=None):
        """The master secret, extended if the server has agreed to that (RFC 7627 4)."""
        premaster = premaster or self.premaster()
        if EXTENDED_MASTER_SECRET in self.answer()[2]:
            self.master = prf(premaster, b"extended master secret", hashlib.sha256(self.transcript).digest(), 48)
        else:
            self.master = prf(premaster, b"master secret", self.hello.random + self.server[SERVER_HELLO][2:34], 48)
        return self

    def keys(self):
        block = prf(self.master, b"key expansion", self.server[SERVER_HELLO][2:34] + self.hello.random, 64)
        return Keys(block[:32]), Keys(block[32:])

    def verify_data(self, label):
        return prf(self.master, label, hashlib.sha256(self.transcript).digest(), 12)

    def change_keys(self):
        """ChangeCipherSpec."""
        self.send(self.seal(CCS, b"\1"))
        self.write = self.keys()[0]
        return self

    def finish(self):
        """Finished of both."""
        self.say(message(FINISHED, self.verify_data(b"client finished")))
        assert self.record() == (CCS, b"\1")
        self.read, expected = self.keys()[1], self.verify_data(b"server finished")
        assert self.message() == (FINISHED, expected), "the server's Finished is wrong"
        return self

    def reach_keys(self, hello=None):
        """A handshake up to the moment in which Finished is due."""
        return self.greet(hello).exchange().derive().change_keys()

    def establish(self, hello=None):
        return self.reach_keys(hello).finish()
