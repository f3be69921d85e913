"""`server` given what no client should send: the alert that the RFC names, then the end of that
connection and of no other. Beside each row the RFC; prober.py is the client."""

import contextlib
import os
import unittest

import prober
from prober import (ALERT, ALPN, CCS, CERTIFICATE_URL, CERTIFICATE_VERIFY, CLIENT_HELLO, CLIENT_KEY_EXCHANGE, DATA,
                    DHE_RSA, ECDHE_RSA_NULL, ENCRYPT_THEN_MAC, EXTENDED_MASTER_SECRET, FALLBACK, FINISHED, GROUPS,
                    HANDSHAKE, HEARTBEAT, HEARTBEATS, MAX_FRAGMENT_LENGTH, PADDING, POINT_FORMATS, RECORD_SIZE_LIMIT,
                    RENEGOTIATION_INFO, RSA_NULL, SCHEMES, SCSV, SERVER_HELLO, SERVER_KEY_EXCHANGE, SERVER_NAME,
                    STATUS_REQUEST, TICKET, TLS1_0, TLS1_1, TLS1_2, TRUNCATED_HMAC, TRUSTED_CA_KEYS, Hello, Probe,
                    codes, extension, extensions, host, message, record, records, vector)
from tool import server, wait_for

CLOSE_NOTIFY, UNEXPECTED, BAD_MAC, OVERFLOW, FAILURE, ILLEGAL, DECODE, DECRYPT = 0, 10, 20, 22, 40, 47, 50, 51
VERSION, SECURITY, FALLBACK_ALERT, NO_RENEGOTIATION, NAME, PROTOCOL = 70, 71, 86, 100, 112, 120
SUITES = "TLS_RSA_WITH_NULL_SHA256:TLS_ECDHE_RSA_WITH_NULL_SHA:TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"
OPTIONS = ("--echo", "--policy", "legacy", "--suites", SUITES, "--alpn", "http/1.1", "--truncated-hmac")


def fatal(alert):
    return [(ALERT, bytes([2, alert]))]


def warning(alert):
    return [(ALERT, bytes([1, alert]))]


class Probes(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.server = self.stack.enter_context(server(*OPTIONS, pair="server-rsa2048"))
        self.probes = 0

    def tearDown(self):
        """The server has outlived it all, still serves, and has told of each connection once."""
        with Probe(self.server.port) as probe:
            probe.establish()
            self.assertEqual(self.echo(probe, b"still here"), b"still here")
        wait_for(lambda: self.server.log().count("127.0.0.1:") == self.probes + 2)  # one line says where it listens
        self.stack.close()

    def probe(self):
        self.probes += 1
        return Probe(self.server.port)

    def echo(self, probe, data):
        probe.send(probe.seal(DATA, data))
        kind, body = probe.record()
        self.assertEqual(kind, DATA)
        return body

    def expect(self, probe, found, what):
        """What the server still says before it closes."""
        with self.subTest(what):
            self.assertEqual(probe.rest(), found)

    def expect_hellos_refused(self, rows):
        for what, hello, alert in rows:
            with self.probe() as probe:
                probe.send(record(HANDSHAKE, hello if isinstance(hello, bytes) else hello.message(), TLS1_0))
                self.expect(probe, fatal(alert), what)

    # ------------------------------------------------------------------------ the first bytes

    def test_first_bytes(self):
        hello = Hello().message()
        rows = [
            # RFC 6176 2, RFC 7568 3, RFC 5246 E.1 and E.2
            ("a hello of SSL 2.0", bytes.fromhex("802e010002001500000010") + bytes(40), VERSION),
            ("a hello for TLS in the format of SSL 2.0", bytes.fromhex("802e010303001500000010") + bytes(40), VERSION),
            ("a hello of SSL 3.0", record(HANDSHAKE, Hello(version=0x0300).message(), 0x0300), VERSION),
            ("SSL 3.0 in a record of TLS", record(HANDSHAKE, Hello(version=0x0300).message()), VERSION),
            ("a record of version 2.3", record(HANDSHAKE, hello, 0x0203), VERSION),
            ("a record of version 4.3", record(HANDSHAKE, hello, 0x0403), VERSION),
            ("a record of DTLS", record(HANDSHAKE, hello, 0xFEFD), VERSION),
            # RFC 5246 6, 7.1, 7.4, 7.4.9
            ("a request for a page", b"GET / HTTP/1.1\r\n\r\n", UNEXPECTED),
            ("zeros", bytes(20), UNEXPECTED),
            ("data", record(DATA, b"data"), UNEXPECTED),
            ("a ChangeCipherSpec", record(CCS, b"\1"), UNEXPECTED),
            ("a heartbeat", record(HEARTBEAT, b"\1\x40\0abc"), UNEXPECTED),
            # RFC 5246 6.2.1, 7.2.2
            ("an empty handshake record", record(HANDSHAKE, b""), UNEXPECTED),
            ("an empty alert", record(ALERT, b""), UNEXPECTED),
            ("a record of 16385 bytes", record(HANDSHAKE, hello, length=16385), OVERFLOW),
            ("a record of 65535 bytes", record(HANDSHAKE, hello, length=65535), OVERFLOW),
            # RFC 5246 7.2
            ("half an alert", record(ALERT, b"\1"), DECODE),
            ("an alert and a half", record(ALERT, b"\1\x5a\1"), DECODE),
            ("an alert of level 0", record(ALERT, b"\0\x5a"), ILLEGAL),
            ("an alert of level 3", record(ALERT, b"\3\x5a"), ILLEGAL),
            ("five warnings", record(ALERT, b"\1\x5a") * 5, UNEXPECTED),
            ("a message that nothing can hold", record(HANDSHAKE, b"\1\xff\xff\xff"), FAILURE),
        ]
        for what, data, alert in rows:
            with self.probe() as probe:
                probe.send(data)
                self.expect(probe, fatal(alert), what)
        for kind in set(range(256)) - {CLIENT_HELLO}:
            with self.probe() as probe:
                probe.send(record(HANDSHAKE, message(kind)))
                self.expect(probe, fatal(UNEXPECTED), f"a message of type {kind}")

    def test_the_peer_gives_up(self):
        """RFC 5246 7.2.2: after a fatal alert nothing is said."""
        for what, data in (("a fatal alert", record(ALERT, b"\2\x28")), ("one of an unknown kind", record(ALERT, b"\2\xfe"))):
            with self.probe() as probe:
                probe.send(data)
                self.expect(probe, [], what)
            with self.probe() as probe:
                probe.greet().send(data)
                self.expect(probe, [], what + " behind the hellos")

    # ------------------------------------------------------------------------ ClientHello

    def test_fields(self):
        """RFC 5246 7.4.1.2 and 7.2.2: what is outside the range of a vector is decode_error."""
        self.expect_hellos_refused([
            ("a session ID of 33 bytes", Hello(session=vector(1, bytes(33))), DECODE),
            ("a session ID of 255 bytes", Hello(session=vector(1, bytes(255))), DECODE),
            ("no suites", Hello(suites=codes()), DECODE),
            ("half a suite", Hello(suites=vector(2, b"\0\x3b\0")), DECODE),
            ("suites beyond the end", Hello(suites=b"\xff\xff\0\x3b"), DECODE),
            ("no compression methods", Hello(methods=b"\0"), DECODE),
            ("no null method", Hello(methods=b"\1\1"), ILLEGAL),
            ("methods beyond the end", Hello(methods=b"\xff\0"), DECODE),
            ("one byte behind the end", Hello(extensions=extensions() + b"\0"), DECODE),
            ("half a length of extensions", Hello(extensions=b"\0"), DECODE),
            ("extensions beyond the end", Hello(extensions=b"\0\5" + b"\xff\1\0\1"), DECODE),
            ("version 0.2", Hello(version=0x0002), VERSION),
            ("version 2.3", Hello(version=0x0203), VERSION),
            ("no suite in common", Hello(suites=codes(0xC0FF, 0x0003)), FAILURE),
            ("TLS_NULL_WITH_NULL_NULL", Hello(suites=codes(0x0000)), FAILURE),
            ("nothing but signals", Hello(suites=codes(SCSV, 0x0A0A)), FAILURE),
            # RFC 7507 3
            ("a fallback", Hello(version=TLS1_1, suites=codes(RSA_NULL, FALLBACK)), FALLBACK_ALERT),
        ])
        # Shorter by any number of bytes, all lengths outside put right; with 2 + 32 + 1 + 4 + 2 bytes it has
        # no extensions and is whole.
        body = Hello().body()
        self.expect_hellos_refused([(f"{size} bytes of {len(body)}", message(CLIENT_HELLO, body[:size]), DECODE)
                                    for size in range(len(body)) if size != 41])

    def test_accepted(self):
        """What looks odd and is right."""
        rows = [
            ("as it is", Hello()),
            ("no extensions", Hello(extensions=b"", suites=codes(RSA_NULL, SCSV))),
            ("of an empty list", Hello(extensions=b"\0\0", suites=codes(RSA_NULL, SCSV))),
            ("version 3.4", Hello(version=0x0304)),
            ("version 4.0", Hello(version=0x0400)),
            ("a fallback to the highest version", Hello(suites=codes(RSA_NULL, FALLBACK))),
            ("unknown suites", Hello(suites=codes(*range(0x5A00, 0x5F00), RSA_NULL))),
            ("all compression methods", Hello(methods=vector(1, bytes(range(255))))),
            ("unknown extensions", Hello(extensions=extensions({code: bytes(code % 7) for code in range(60, 100)}))),
            ("GREASE", Hello(suites=codes(0x2A2A, RSA_NULL), extensions=extensions({0x3A3A: b"", 0x4A4A: b"\0"}))),
            ("heartbeats (RFC 6520), which nobody has here", Hello(extensions=extensions({HEARTBEATS: b"\1"}))),
            ("another name type", Hello(extensions=extensions({SERVER_NAME: host(b"a.example", kind=7)}))),
            ("groups that nobody knows", Hello(extensions=extensions({GROUPS: codes(0xFE00)}))),
            ("padding", Hello(extensions=extensions({PADDING: bytes(5000)}))),
            ("the largest session ID", Hello(session=vector(1, bytes(32)))),
        ]
        for what, hello in rows:
            with self.subTest(what), self.probe() as probe:
                version, suite, answered = probe.greet(hello).answer()
                self.assertEqual((version, suite), (TLS1_2, RSA_NULL))
                self.assertNotIn(HEARTBEATS, answered)

    def test_extensions(self):
        ffdhe = {GROUPS: codes(23, 24, 0x01FF)}
        rows = [
            # RFC 5246 7.4.1.4; it names no alert for two of a kind, RFC 8446 4.2 has illegal_parameter for such
            ("two of a kind", extensions(more=extension(SCHEMES, codes(0x0401))), RSA_NULL, ILLEGAL),
            ("two of a kind that nobody knows", extensions(more=extension(99, b"") * 2), RSA_NULL, ILLEGAL),
            ("a length beyond the block", extensions(more=b"\0\x63\0\1"), RSA_NULL, DECODE),
            ("half a header", extensions(more=b"\0\x63\0"), RSA_NULL, DECODE),
            # RFC 6066 3
            ("no names", extensions({SERVER_NAME: b"\0\0"}), RSA_NULL, DECODE),
            ("nothing at all in server_name", extensions({SERVER_NAME: b""}), RSA_NULL, DECODE),
            ("an empty name", extensions({SERVER_NAME: host(b"")}), RSA_NULL, DECODE),
            ("two names", extensions({SERVER_NAME: host(b"a.example", b"b.example")}), RSA_NULL, ILLEGAL),
            ("a name with a zero", extensions({SERVER_NAME: host(b"a\0.example")}), RSA_NULL, ILLEGAL),
            ("a byte behind the names", extensions({SERVER_NAME: host(b"a.example") + b"\0"}), RSA_NULL, DECODE),
            # RFC 6066 4
            ("a fragment length of code 0", extensions({MAX_FRAGMENT_LENGTH: b"\0"}), RSA_NULL, ILLEGAL),
            ("of code 5", extensions({MAX_FRAGMENT_LENGTH: b"\5"}), RSA_NULL, ILLEGAL),
            ("of none", extensions({MAX_FRAGMENT_LENGTH: b""}), RSA_NULL, DECODE),
            ("of two", extensions({MAX_FRAGMENT_LENGTH: b"\1\1"}), RSA_NULL, DECODE),
            # RFC 6066 5, 6, 7, 8
            ("a body of client_certificate_url", extensions({CERTIFICATE_URL: b"\0"}), RSA_NULL, DECODE),
            ("half a trusted authority", extensions({TRUSTED_CA_KEYS: b"\0\5\1\0\0\0\0"}), RSA_NULL, DECODE),
            ("a body of truncated_hmac", extensions({TRUNCATED_HMAC: b"\0"}), RSA_NULL, DECODE),
            ("half a status request", extensions({STATUS_REQUEST: b"\1\0"}), RSA_NULL, DECODE),
            # RFC 8422 5.1.1, 5.1.2
            ("no groups", extensions({GROUPS: codes()}), ECDHE_RSA_NULL, DECODE),
            ("half a group", extensions({GROUPS: b"\0\3\0\x17\0"}), ECDHE_RSA_NULL, DECODE),
            ("no group in common", extensions({GROUPS: codes(22, 29)}), ECDHE_RSA_NULL, FAILURE),
            ("no point formats", extensions({POINT_FORMATS: b"\0"}), ECDHE_RSA_NULL, DECODE),
            ("compressed points only", extensions({POINT_FORMATS: b"\1\1"}), ECDHE_RSA_NULL, ILLEGAL),
            # RFC 7919 4
            ("no finite field in common", extensions(ffdhe), DHE_RSA, SECURITY),
            # RFC 5246 7.4.1.4.1
            ("no schemes", extensions({SCHEMES: codes()}), ECDHE_RSA_NULL, DECODE),
            ("half a scheme", extensions({SCHEMES: b"\0\3\4\1\4"}), ECDHE_RSA_NULL, DECODE),
            ("schemes that nobody knows", extensions({SCHEMES: codes(0xEEEE)}), ECDHE_RSA_NULL, FAILURE),
            ("MD5", extensions({SCHEMES: codes(0x0101, 0x0103)}), ECDHE_RSA_NULL, FAILURE),
            # RFC 7301 3.1, 3.2
            ("no protocols", extensions({ALPN: b"\0\0"}), RSA_NULL, DECODE),
            ("an empty protocol", extensions({ALPN: b"\0\1\0"}), RSA_NULL, DECODE),
            ("a protocol beyond the list", extensions({ALPN: b"\0\2\2h"}), RSA_NULL, DECODE),
            ("no protocol in common", extensions({ALPN: b"\0\3\2h2"}), RSA_NULL, PROTOCOL),
            # RFC 7366 2, RFC 7627 5.1, RFC 8449 4
            ("a body of encrypt_then_mac", extensions({ENCRYPT_THEN_MAC: b"\0"}), RSA_NULL, DECODE),
            ("a body of extended_master_secret", extensions({EXTENDED_MASTER_SECRET: b"\0"}), RSA_NULL, DECODE),
            ("a record size limit of 63", extensions({RECORD_SIZE_LIMIT: b"\0\x3f"}), RSA_NULL, ILLEGAL),
            ("half a record size limit", extensions({RECORD_SIZE_LIMIT: b"\x40"}), RSA_NULL, DECODE),
            # RFC 5746 3.6
            ("a renegotiation out of nothing", extensions({RENEGOTIATION_INFO: b"\x0c" + bytes(12)}), RSA_NULL, FAILURE),
            ("an empty renegotiation_info", extensions({RENEGOTIATION_INFO: b""}), RSA_NULL, DECODE),
            ("a length beyond it", extensions({RENEGOTIATION_INFO: b"\1"}), RSA_NULL, DECODE),
        ]
        self.expect_hellos_refused(
            [(what, Hello(extensions=block, suites=codes(suite)), alert) for what, block, suite, alert in rows])

    def test_large(self):
        """The largest hello that RFC 5246 7.4.1.2 and 7.4.1.4 allow is read; what is longer than any message
        is refused before it has come."""
        most = codes(*range(0x5A00, 0x5A00 + 0x7FFE), RSA_NULL)
        block = extensions(more=extension(0xEEEE, bytes(0xFFFF - len(extensions()) - 2)))
        rows = [("many suites", Hello(suites=most)), ("a large extension", Hello(extensions=block)),
                ("many extensions", Hello(extensions=extensions({code: b"" for code in range(100, 16000)}))),
                ("all of it", Hello(session=vector(1, bytes(32)), methods=vector(1, bytes(255)), suites=most,
                                    extensions=block))]
        self.assertEqual(len(rows[-1][1].body()), 2 + 32 + 33 + 2 + 0xFFFE + 256 + 2 + 0xFFFF)
        for what, hello in rows:
            for size in (16384, 1000):
                with self.subTest(what), self.probe() as probe:
                    probe.hello = hello
                    probe.transcript = hello.message()
                    probe.send(records(probe.transcript, size, TLS1_0))
                    probe.listen().exchange().derive().change_keys().finish()
        with self.probe() as probe:
            probe.send(record(HANDSHAKE, b"\1\2\2\0"))
            self.expect(probe, fatal(FAILURE), "more than that")

    def test_fragments(self):
        """RFC 5246 6.2.1: a message may come in fragments of any size but 0, and nothing but alerts
        between them."""
        for size in (1, 2, 3, 4, 5, 7, 16, 33, 100, 200):
            with self.subTest(size), self.probe() as probe:
                probe.hello = Hello()
                probe.transcript = probe.hello.message()
                probe.send(records(probe.transcript, size, TLS1_0))
                probe.listen().exchange().derive().change_keys().finish()
        hello = Hello().message()
        for cut in (1, 3, 4, 5, 40, len(hello) - 1):
            first, second = record(HANDSHAKE, hello[:cut], TLS1_0), record(HANDSHAKE, hello[cut:], TLS1_0)
            for what, between, alert in (("an empty one", record(HANDSHAKE, b""), UNEXPECTED),
                                         ("data", record(DATA, b"data"), UNEXPECTED),
                                         ("empty data", record(DATA, b""), UNEXPECTED),
                                         ("a ChangeCipherSpec", record(CCS, b"\1"), UNEXPECTED),
                                         ("a heartbeat", record(HEARTBEAT, b"\1\0\0"), UNEXPECTED)):
                with self.probe() as probe:
                    probe.send(first + between + second)
                    self.expect(probe, fatal(alert), f"{what} behind {cut} bytes")

    # ------------------------------------------------------------------------ ClientKeyExchange

    def test_order(self):
        """RFC 5246 7.4, 7.4.9: anything but ClientKeyExchange behind the server's flight."""
        rows = [(f"a message of type {kind}", record(HANDSHAKE, message(kind)))
                for kind in range(256) if kind != CLIENT_KEY_EXCHANGE]
        rows += [("a ChangeCipherSpec", record(CCS, b"\1")), ("data", record(DATA, b"data")),
                 ("empty data", record(DATA, b"")), ("a heartbeat", record(HEARTBEAT, b"\1\x40\0"))]
        for what, data in rows:
            with self.probe() as probe:
                probe.greet().send(data)
                self.expect(probe, fatal(UNEXPECTED), what)
        for what, kind in (("a second one", CLIENT_KEY_EXCHANGE), ("a Finished in the clear", FINISHED),
                           ("a CertificateVerify without a certificate", CERTIFICATE_VERIFY)):
            with self.probe() as probe:
                probe.greet().exchange().send(record(HANDSHAKE, message(kind, bytes(12))))
                self.expect(probe, fatal(UNEXPECTED), what)
        with self.probe() as probe:
            probe.greet().send(record(HANDSHAKE, message(CLIENT_KEY_EXCHANGE), TLS1_1))
            self.expect(probe, fatal(VERSION), "a record of another version")

    def test_rsa_lengths(self):
        """RFC 5246 7.2.2: lengths that do not fit the message are decode_error. One that does not fit the
        key is not, but a decryption that fails (7.4.7.1)."""
        ciphertext = os.urandom(255)
        for what, body in (("nothing", b""), ("half a length", b"\1"),
                           ("a length beyond the end", b"\1\1" + b"\0" + ciphertext),
                           ("a byte behind the end", vector(2, b"\0" + ciphertext) + b"\0"),
                           ("no length, as in SSL 3.0", b"\0" + ciphertext)):
            with self.probe() as probe:
                probe.greet().send(record(HANDSHAKE, message(CLIENT_KEY_EXCHANGE, body)))
                self.expect(probe, fatal(DECODE), what)

    def test_bleichenbacher_gets_one_answer(self):
        """RFC 5246 7.4.7.1, and ROBOT: whatever is wrong with the premaster secret, it shows in the keys
        alone, exactly as where only these are wrong. Not even a missing record makes a difference."""
        with self.probe() as probe:
            n, _ = prober.rsa_key(probe.greet().certificate())
            version, secret = b"\3\3", b"\x5a" * 46
            fill = bytes([0xA5]) * 256

            def block(head=b"\0\2", tail=b"\0" + version + secret):
                return head + fill[: 256 - len(head) - len(tail)] + tail

            blocks = {"right, with wrong keys": block()}
            blocks |= {f"first byte {value}": block(bytes([value, 2])) for value in (1, 2, 3)}
            blocks |= {f"block type {value}": block(bytes([0, value])) for value in (0, 1, 3, 255)}
            blocks |= {f"a zero at {at}": block()[:at] + b"\0" + block()[at + 1 :] for at in (2, 3, 9, 10, 100, 206)}
            blocks |= {f"version {value.hex()}": block(tail=b"\0" + value + secret)
                       for value in (b"\3\0", b"\3\1", b"\3\2", b"\3\4", b"\2\3", b"\0\0", b"\xff\xff")}
            blocks |= {f"{size} bytes": block(tail=b"\0" + (version + secret * 5)[:size])
                       for size in (0, 1, 2, 46, 47, 49, 50, 64, 128, 200)}
            blocks |= {"no zero": block(tail=b"\1" + version + secret), "zeros": bytes(256), "one": bytes(255) + b"\1"}
            ciphertexts = {what: probe.encrypted(encoded) for what, encoded in blocks.items()}
        ciphertexts |= {"n - 1": (n - 1).to_bytes(256, "big"), "n": n.to_bytes(256, "big"),
                        "n + 1": (n + 1).to_bytes(256, "big"), "the largest": b"\xff" * 256}
        ciphertexts |= {f"a ciphertext of {size} bytes": os.urandom(size) for size in (0, 1, 128, 255, 257, 384, 512)}
        finished = message(FINISHED, bytes(12)) + bytes(32)
        endings = {"with Finished": record(CCS, b"\1") + record(HANDSHAKE, finished),
                   "with a ChangeCipherSpec alone": record(CCS, b"\1"), "with nothing more": b""}
        for what, ciphertext in ciphertexts.items():
            for ending, data in endings.items():
                with self.probe() as probe:
                    probe.greet().send(record(HANDSHAKE, message(CLIENT_KEY_EXCHANGE, vector(2, ciphertext))) + data)
                    probe.socket.shutdown(prober.socket.SHUT_WR)
                    self.expect(probe, fatal(BAD_MAC) if ending == "with Finished" else [], f"{what}, {ending}")

    def test_public_values(self):
        """RFC 8422 5.7, 5.11; RFC 7919 5.1, RFC 5246 7.4.7.2."""
        hello = Hello(suites=codes(ECDHE_RSA_NULL))
        size = 32
        for what, body, alert in (("an empty message", b"", DECODE), ("an empty point", b"\0", DECODE),
                                  ("a point beyond the end", vector(1, b"\4" + bytes(64))[:-1], DECODE),
                                  ("a byte behind the point", vector(1, b"\4" + bytes(64)) + b"\0", DECODE),
                                  ("infinity", vector(1, b"\0"), ILLEGAL),
                                  ("(0, 0)", vector(1, b"\4" + bytes(2 * size)), ILLEGAL),
                                  ("(1, 1)", vector(1, b"\4" + (bytes(size - 1) + b"\1") * 2), ILLEGAL),
                                  ("coordinates beyond the field", vector(1, b"\4" + b"\xff" * 2 * size), ILLEGAL),
                                  ("half a point", vector(1, b"\4" + b"\1" * size), ILLEGAL),
                                  ("a compressed point", vector(1, b"\2" + b"\1" * size), ILLEGAL),
                                  ("a point of another curve's size", vector(1, b"\4" + b"\1" * 96), ILLEGAL)):
            with self.probe() as probe:
                probe.greet(hello).send(record(HANDSHAKE, message(CLIENT_KEY_EXCHANGE, body)))
                self.expect(probe, fatal(alert), what)
        with self.probe() as probe:
            probe.greet(Hello(suites=codes(DHE_RSA)))
            parameters = probe.server[SERVER_KEY_EXCHANGE]
            p = int.from_bytes(parameters[2 : 2 + int.from_bytes(parameters[:2], "big")], "big")
        self.assertEqual(p.bit_length(), 2048)
        numbers = {"0": 0, "1": 1, "p - 1": p - 1, "p": p, "p + 1": p + 1}
        rows = [(what, vector(2, number.to_bytes(256, "big")), ILLEGAL) for what, number in numbers.items()]
        rows += [("one byte of 1", vector(2, b"\1"), ILLEGAL), ("no number", vector(2, b""), DECODE), ("nothing", b"", DECODE),
                 ("2^2056", vector(2, b"\1" + bytes(257)), ILLEGAL), ("a length beyond the end", b"\1\0\2", DECODE),
                 ("a byte behind the number", vector(2, b"\2") + b"\0", DECODE)]
        for what, body, alert in rows:
            with self.probe() as probe:
                probe.greet(Hello(suites=codes(DHE_RSA))).send(record(HANDSHAKE, message(CLIENT_KEY_EXCHANGE, body)))
                self.expect(probe, fatal(alert), what)

    # ------------------------------------------------------------------------ Finished

    def test_finished(self):
        """RFC 5246 7.4.9, 7.2.2; RFC 5246 6.2.3 for what is not protected as it should be."""
        def right(probe):
            return message(FINISHED, probe.verify_data(b"client finished"))

        sealed = [
            ("a wrong Finished", lambda p: (HANDSHAKE, message(FINISHED, bytes(12))), DECRYPT),
            ("the server's own", lambda p: (HANDSHAKE, message(FINISHED, p.verify_data(b"server finished"))), DECRYPT),
            ("one bit wrong", lambda p: (HANDSHAKE, right(p)[:-1] + bytes([right(p)[-1] ^ 1])), DECRYPT),
            ("an empty Finished", lambda p: (HANDSHAKE, message(FINISHED)), DECODE),
            ("11 bytes", lambda p: (HANDSHAKE, message(FINISHED, right(p)[4:15])), DECODE),
            ("13 bytes", lambda p: (HANDSHAKE, message(FINISHED, right(p)[4:] + b"\0")), DECODE),
            ("36 bytes, as in SSL 3.0", lambda p: (HANDSHAKE, message(FINISHED, bytes(36))), DECODE),
            ("a second message behind it", lambda p: (HANDSHAKE, right(p) + message(FINISHED, bytes(12))), UNEXPECTED),
            ("a ClientHello", lambda p: (HANDSHAKE, p.hello.message()), UNEXPECTED),
            ("a CertificateVerify", lambda p: (HANDSHAKE, message(CERTIFICATE_VERIFY, bytes(12))), UNEXPECTED),
            ("a HelloRequest", lambda p: (HANDSHAKE, message(0)), UNEXPECTED),
            ("an empty record", lambda p: (HANDSHAKE, b""), UNEXPECTED),
            ("data", lambda p: (DATA, b"data"), UNEXPECTED),
            ("empty data", lambda p: (DATA, b""), UNEXPECTED),
            ("another ChangeCipherSpec", lambda p: (CCS, b"\1"), UNEXPECTED),
            ("a heartbeat", lambda p: (HEARTBEAT, b"\1\x40\0"), UNEXPECTED),
        ]
        for what, make, alert in sealed:
            with self.probe() as probe:
                probe.reach_keys()
                kind, body = make(probe)
                probe.send(probe.seal(kind, body))
                with self.subTest(what):
                    last = [found for found in probe.rest() if found[0] == ALERT]
                    self.assertEqual([(kind, body[:2]) for kind, body in last], fatal(alert))
        for what, alter in (("without a MAC", lambda data: record(HANDSHAKE, data[5:-32])),
                            ("a wrong MAC", lambda data: data[:-1] + bytes([data[-1] ^ 1])),
                            ("a changed byte", lambda data: data[:9] + bytes([data[9] ^ 1]) + data[10:]),
                            ("shorter than a MAC", lambda data: record(HANDSHAKE, data[5:36])),
                            ("empty", lambda data: record(HANDSHAKE, b"")),
                            ("of another type", lambda data: bytes([DATA]) + data[1:])):
            with self.probe() as probe:
                probe.reach_keys()
                probe.send(alter(probe.seal(HANDSHAKE, right(probe))))
                self.expect(probe, fatal(BAD_MAC), what)
        for what, body, alert in (("a ChangeCipherSpec of 2", b"\2", UNEXPECTED), ("of two bytes", b"\1\1", UNEXPECTED),
                                  ("of none", b"", UNEXPECTED)):
            with self.probe() as probe:
                probe.greet().exchange().send(record(CCS, body))
                self.expect(probe, fatal(alert), what)

    # ------------------------------------------------------------------------ established

    def read_alerts(self, probe):
        """Alerts up to the end; what else comes is opened, too."""
        return [body for kind, body in probe.rest() if kind == ALERT]

    def test_established(self):
        hello = Hello().message()
        part = message(FINISHED, bytes(12))[:3]
        rows = [
            ("a heartbeat", [(HEARTBEAT, b"\1\x40\0")], UNEXPECTED),
            ("a record of an unknown type", [(99, b"data")], UNEXPECTED),
            ("an empty handshake record", [(HANDSHAKE, b"")], UNEXPECTED),
            ("an empty alert", [(ALERT, b"")], UNEXPECTED),
            ("a ChangeCipherSpec", [(CCS, b"\1")], UNEXPECTED),
            ("a Finished", [(HANDSHAKE, message(FINISHED, bytes(12)))], UNEXPECTED),
            ("a HelloRequest", [(HANDSHAKE, message(0))], UNEXPECTED),
            ("a message of an unknown type", [(HANDSHAKE, message(99))], UNEXPECTED),
            ("data within a message", [(HANDSHAKE, hello[:3]), (DATA, b"data")], UNEXPECTED),
            ("part of a Finished", [(HANDSHAKE, part), (HANDSHAKE, b"\0")], UNEXPECTED),
            ("17 empty records", [(DATA, b"")] * 17, UNEXPECTED),
            ("five warnings", [(ALERT, b"\1\x5a")] * 5, UNEXPECTED),
            ("half an alert", [(ALERT, b"\1")], DECODE),
            ("two alerts in one", [(ALERT, b"\1\x5a\1\x5a")], DECODE),
            ("an alert of level 0", [(ALERT, b"\0\0")], ILLEGAL),
            ("16385 bytes", [(DATA, bytes(16385))], OVERFLOW),
            ("a renegotiation that is asked for again and again", [(HANDSHAKE, hello)] * 5, FAILURE),
        ]
        for what, contents, alert in rows:
            with self.probe() as probe:
                probe.establish()
                for kind, body in contents:
                    probe.send(probe.seal(kind, body))
                with self.subTest(what):
                    self.assertEqual(self.read_alerts(probe)[-1:], [bytes([2, alert])])
        for what, header, alert in (("a record of 18433 bytes", b"\x17\3\3\x48\1", OVERFLOW),
                                    ("of 65535 bytes", b"\x17\3\3\xff\xff", OVERFLOW),
                                    ("of another version", b"\x17\3\2\0\1", VERSION),
                                    ("without a MAC", b"\x17\3\3\0\4data", BAD_MAC)):
            with self.probe() as probe:
                probe.establish().send(header)
                with self.subTest(what):
                    self.assertEqual(self.read_alerts(probe), [bytes([2, alert])])

    def test_tolerated(self):
        """Warnings get no answer and empty data none either (RFC 5246 6.2.1, 7.2.2); a renegotiation that
        is not wanted gets a warning (RFC 5746 4.5); an end is answered with an end (RFC 5246 7.2.1)."""
        with self.probe() as probe:
            probe.establish()
            for _ in range(3):
                for alert in (90, 255, 112):
                    probe.send(probe.seal(ALERT, bytes([1, alert])))
                for _ in range(16):
                    probe.send(probe.seal(DATA, b""))
                self.assertEqual(self.echo(probe, b"data"), b"data")
            probe.send(probe.seal(HANDSHAKE, Hello().message()))
            self.assertEqual(probe.record(), warning(NO_RENEGOTIATION)[0])
            for size in (1, 100, 16384):
                probe.send(probe.seal(DATA, bytes(size)))
                received = b""
                while len(received) < size:
                    received += probe.record()[1]
                self.assertEqual(received, bytes(size))
            for _ in range(2000):
                probe.send(probe.seal(DATA, b"x"))
            received = b""
            while len(received) < 2000:
                received += probe.record()[1]
            probe.send(probe.seal(ALERT, bytes([1, CLOSE_NOTIFY])))
            self.assertEqual(probe.rest(), warning(CLOSE_NOTIFY))
        with self.probe() as probe:
            probe.establish()
            probe.send(probe.seal(ALERT, bytes([2, FAILURE])) + probe.seal(DATA, b"data"))
            self.assertEqual(probe.rest(), [])

    def test_finished_in_fragments(self):
        with self.probe() as probe:
            probe.reach_keys()
            finished = message(FINISHED, probe.verify_data(b"client finished"))
            for byte in finished:
                probe.send(probe.seal(HANDSHAKE, bytes([byte])))
            self.assertEqual(probe.record(), (CCS, b"\1"))

    # ------------------------------------------------------------------------ sessions

    def again(self, session, **fields):
        """The server's answer to a hello that names a session: whether it resumes, or its alert."""
        with self.probe() as probe:
            hello = Hello(session=session, **fields)
            try:
                probe.greet(hello)
                return probe.resumed()
            except AssertionError:  # a record that is no handshake message
                return probe.rest()

    def test_resumption(self):
        """RFC 5246 7.4.1.3; RFC 6066 3: not for another name; RFC 7627 5.3: not without what it had."""
        with self.probe() as probe:
            session = probe.establish().session()
        self.assertEqual(len(session), 33)
        other_name = extensions({SERVER_NAME: host(b"other.example")})
        without = extensions({EXTENDED_MASTER_SECRET: None})
        self.assertIs(self.again(session), True)
        self.assertIs(self.again(session, extensions=other_name), False)
        self.assertIs(self.again(session, extensions=extensions({SERVER_NAME: None})), False)
        self.assertIs(self.again(session, suites=codes(ECDHE_RSA_NULL)), False)
        self.assertIs(self.again(session, version=TLS1_1, suites=codes(RSA_NULL, ECDHE_RSA_NULL)), False)
        self.assertIs(self.again(session[:-1] + bytes([session[-1] ^ 1])), False)
        self.assertIs(self.again(vector(1, session[1:-1])), False)
        with self.probe() as probe:
            probe.send(record(HANDSHAKE, Hello(session=session, extensions=without).message()))
            self.expect(probe, fatal(FAILURE), "without the extended master secret")
        self.assertIs(self.again(session, extensions=extensions({TICKET: os.urandom(200)})), True)

    def test_certificates_of_nobody(self):
        """A client that was not asked has no certificate to show (RFC 5246 7.4.6)."""
        with self.probe() as probe:
            probe.greet().send(record(HANDSHAKE, message(11, b"\0\0\0")))
            self.expect(probe, fatal(UNEXPECTED), "an empty Certificate")
            self.assertIn(SERVER_HELLO, probe.server)


if __name__ == "__main__":
    unittest.main()
