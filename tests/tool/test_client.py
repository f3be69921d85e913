"""`client` against a server of Python's ssl module, and `demo`."""

import contextlib
import os
import socket
import ssl
import struct
import tempfile
import threading
import unittest

from tool import DONE, LIMIT, OUTSIDE, TLS, failure, pki, run, server, size_of

SUITES = {"ECDHE-ECDSA-AES128-GCM-SHA256": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "ECDHE-ECDSA-AES256-GCM-SHA384": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "ECDHE-ECDSA-CHACHA20-POLY1305": "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "ECDHE-RSA-AES128-GCM-SHA256": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "ECDHE-RSA-AES256-GCM-SHA384": "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "ECDHE-RSA-CHACHA20-POLY1305": "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
          "AES128-GCM-SHA256": "TLS_RSA_WITH_AES_128_GCM_SHA256",
          "AES256-GCM-SHA384": "TLS_RSA_WITH_AES_256_GCM_SHA384"}
PAGE = b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + bytes(range(256)) * 400


def context_for(pair, ciphers="ALL:@SECLEVEL=0"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(ciphers)
    context.load_cert_chain(pki(pair + ".chain.pem"), pki(pair + ".key"))
    return context


@contextlib.contextmanager
def listening(serve):
    """Runs serve(socket) for one connection; yields HOST:PORT and a list that receives its result."""
    result = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(LIMIT)

        def work():
            try:
                connection, _ = listener.accept()
                with connection:
                    connection.settimeout(LIMIT)
                    result.append(serve(connection))
            except OSError as error:
                result.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}", result
        finally:
            thread.join(LIMIT)


def serving(context, talk):
    """A function for listening(): the TLS handshake, then talk(connection)."""
    def serve(connection):
        with context.wrap_socket(connection, server_side=True) as tls:
            answer = talk(tls)
            with contextlib.suppress(OSError):
                tls.unwrap()
            return answer
    return serve


def read_head(tls):
    head = b""
    while b"\r\n\r\n" not in head:
        head += tls.recv(4096)
    return head


def answer_page(tls):
    head = read_head(tls)
    tls.sendall(PAGE)
    return head, tls.cipher()[0]


def client(place, *options, data=b"", name="server.example", environment=None):
    return run("client", place, "--ca", pki("roots.pem"), "--name", name, *options, data=data,
               environment=environment)


class Client(unittest.TestCase):
    def assert_failure(self, done, symbol, alert=None, direction="sent"):
        line = failure(done.stderr)
        self.assertIsNotNone(line, done.stderr)
        self.assertEqual((done.returncode, line["symbol"]), (TLS, symbol), done.stderr)
        if alert:
            self.assertEqual((line["alert"], line["direction"]), (alert, direction), done.stderr)
        return line

    def test_every_suite(self):
        for theirs, ours in SUITES.items():
            pair = "server-p256" if "ECDSA" in theirs else "server-rsa2048"
            with listening(serving(context_for(pair, theirs), answer_page)) as (place, result):
                done = client(place, "--http", "/some?thing", "--policy", "compatible")
                self.assertEqual(done.returncode, DONE, done.stderr)
                self.assertIn(ours, done.stderr)
            head, cipher = result[0]
            self.assertEqual(cipher, theirs)
            self.assertTrue(head.startswith(b"GET /some?thing HTTP/1."), head)
            self.assertIn(b"\r\nHost: server.example:", head)

    def test_every_key(self):
        for pair in ("server-p256", "server-p384", "server-p521", "server-rsa2048", "server-rsa4096"):
            with listening(serving(context_for(pair), answer_page)) as (place, _):
                done = client(place, "--http", "--quiet")
            self.assertEqual((done.returncode, done.stderr), (DONE, ""))

    def test_the_page_comes_through_whole(self):
        for buffers in ([], ["--rx", "18437", "--tx", size_of("HF_TX_MIN")]):
            with listening(serving(context_for("server-p256"), answer_page)) as (place, _):
                process = run("client", place, "--ca", pki("roots.pem"), "--name", "server.example",
                              "--http", *buffers)
            self.assertEqual(process.stdout, PAGE.decode(errors="replace"))

    def test_a_record_that_does_not_fit_the_buffer(self):
        with listening(serving(context_for("server-p256"), answer_page)) as (place, _):
            done = client(place, "--http", "--rx", "4096", "--without", "max_fragment_length",
                          "--without", "record_size_limit")
        self.assert_failure(done, "RECORD_EXCEEDS_BUFFER", "record_overflow")

    def test_a_small_buffer_asks_for_small_records(self):
        with listening(serving(context_for("server-p256"), answer_page)) as (place, _):
            self.assertEqual(client(place, "--http", "--rx", "4096").returncode, 0)

    def test_pipes_both_ways(self):
        """All of the input arrives, and its end is told to the server."""
        def talk(tls):
            received = b""
            while chunk := tls.recv(65536):
                received += chunk
            return received

        data = os.urandom(1 << 20)
        for buffers in ([], ["--rx", "4096", "--tx", size_of("HF_TX_MIN")]):
            with listening(serving(context_for("server-p256"), talk)) as (place, result):
                done = client(place, *buffers, data=data)
                self.assertEqual((done.returncode, done.stdout), (DONE, ""), done.stderr)
            self.assertEqual(result, [data])

    def test_data_from_a_server_that_speaks_first(self):
        def talk(tls):
            tls.sendall(b"220 ready\r\n")
            return tls.recv(100)

        with listening(serving(context_for("server-p256"), talk)) as (place, result):
            done = client(place, data=b"QUIT\r\n")
            self.assertEqual((done.returncode, done.stdout), (DONE, "220 ready\r\n"))
        self.assertEqual(result, [b"QUIT\r\n"])

    def test_alpn(self):
        context = context_for("server-p256")
        context.set_alpn_protocols(["h2", "http/1.1"])
        with listening(serving(context, lambda tls: tls.selected_alpn_protocol())) as (place, result):
            done = client(place, "--alpn", "spdy/3,http/1.1")
            self.assertIn("ALPN http/1.1", done.stderr)
        self.assertEqual(result, ["http/1.1"])

    def test_server_name_is_sent_unless_left_out_or_an_address(self):
        for options, name, expected in (([], "server.example", "server.example"),
                                        (["--without", "server_name"], "server.example", None),
                                        ([], "127.0.0.1", None)):
            seen = []
            context = context_for("server-p256")
            context.sni_callback = lambda _socket, asked, _context, seen=seen: seen.append(asked)
            with listening(serving(context, answer_page)) as (place, _):
                done = client(place, "--http", *options, name=name)
                self.assertEqual(done.returncode, DONE, done.stderr)
            self.assertEqual(seen, [expected])

    def test_refused_certificates(self):
        for pair, symbol, alert in (
                ("bad-expired", "CERTIFICATE_EXPIRED", "certificate_expired"),
                ("bad-selfsigned", "CERTIFICATE_SELF_SIGNED", "unknown_ca"),
                ("bad-signature", "CERTIFICATE_SIGNATURE_WRONG", "bad_certificate"),
                ("bad-name", "CERTIFICATE_NAME_MISMATCH", "bad_certificate"),
                ("bad-eku", "CERTIFICATE_EXTENDED_KEY_USAGE", "bad_certificate"),
                ("bad-below-unknown", "CERTIFICATE_UNKNOWN_CA", "unknown_ca")):
            with listening(serving(context_for(pair), answer_page)) as (place, result):
                line = self.assert_failure(client(place, "--http"), symbol, alert)
                self.assertEqual(line["message"], "Certificate")
            self.assertIn(alert.replace("_", " "), str(result[0]).lower().replace("_", " "))

    def test_revocation_lists(self):
        def fetch(*names):
            lists = [part for name in names for part in ("--crl", pki(name))]
            with listening(serving(context_for("server-p256"), answer_page)) as (place, _):
                return client(place, "--http", *lists)

        self.assertEqual(fetch("inter-p256.crl", "root-p256.crl.der").returncode, DONE)
        self.assert_failure(fetch("inter-p256-revoked.crl", "root-p256.crl"), "CERTIFICATE_REVOKED",
                            "certificate_revoked")
        self.assert_failure(fetch("root-p256.crl"), "CERTIFICATE_STATUS_UNKNOWN", "certificate_unknown")

    def test_stapled_responses(self):
        for name, staple, symbol in (("server-p256", "server-p256", None),
                                     ("server-p256", None, None),
                                     ("server-staple", "server-staple", None),
                                     ("server-staple", None, "STATUS_MISSING"),
                                     ("server-p256", "server-p256-revoked", "OCSP_REVOKED"),
                                     ("server-p256", "server-p256-unknown", "OCSP_UNKNOWN"),
                                     ("server-p256", "server-staple", "OCSP_OTHER_CERTIFICATE")):
            options = ["--staple", pki(staple + ".ocsp")] if staple else []
            with server("--http", *options, pair=name) as running:
                done = client(f"127.0.0.1:{running.port}", "--http", "--staple")
                if symbol:
                    self.assert_failure(done, symbol, "bad_certificate_status_response")
                else:
                    self.assertEqual(done.returncode, DONE, done.stderr)
                    self.assertEqual(" stapled" in done.stderr, bool(staple), done.stderr)
                self.assertEqual(client(f"127.0.0.1:{running.port}", "--http").returncode, DONE)

    def test_time_decides(self):
        for when, symbol in (("1577836800", "CERTIFICATE_NOT_YET_VALID"),  # 2020-01-01
                             ("4102444800", "CERTIFICATE_EXPIRED")):       # 2100-01-01
            with listening(serving(context_for("server-p256"), answer_page)) as (place, _):
                self.assert_failure(client(place, "--http", "--time", when), symbol,
                                    "certificate_expired")
        with listening(serving(context_for("server-p256"), answer_page)) as (place, _):
            self.assertEqual(client(place, "--http", "--time", "2208988800").returncode, DONE)

    def test_insecure_is_loud_even_if_quiet(self):
        with listening(serving(context_for("bad-selfsigned"), answer_page)) as (place, _):
            done = run("client", place, "--insecure", "--quiet", "--http")
        self.assertEqual(done.returncode, DONE)
        self.assertIn("WARNING", done.stderr)
        self.assertIn("NOT verified", done.stderr)

    def test_truncated_stream(self):
        def cut(connection):
            tls = context_for("server-p256").wrap_socket(connection, server_side=True)
            read_head(tls)
            tls.sendall(b"half an ans")
            tls.shutdown(socket.SHUT_RDWR)
            tls.close()

        with listening(cut) as (place, _):
            done = client(place, "--http")
        self.assert_failure(done, "TRUNCATED")
        self.assertNotIn("; at ", done.stderr)  # no handshake message has to do with it
        self.assertEqual(done.stdout, "half an ans")

    def test_reset(self):
        def reset(connection):
            connection.recv(1)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        with listening(reset) as (place, _):
            self.assert_failure(client(place, "--http"), "CLOSED_IN_HANDSHAKE")

    def test_not_tls(self):
        with listening(lambda connection: connection.sendall(b"SSH-2.0-x\r\n")) as (place, _):
            self.assert_failure(client(place, "--http"), "NOT_TLS", "unexpected_message")

    def test_tampered_record(self):
        """A man in the middle flips one bit of the first protected record from the server."""
        context = context_for("server-p256")
        with listening(serving(context, answer_page)) as (inner, _):
            host, port = inner.split(":")

            def meddle(connection):
                upstream = socket.create_connection((host, int(port)), LIMIT)
                pump = threading.Thread(target=forward, args=(connection, upstream))
                pump.start()
                changed = False
                while header := receive_exactly(upstream, 5):
                    body = bytearray(receive_exactly(upstream, struct.unpack(">H", header[3:])[0]))
                    if header[0] == 22 and len(body) == 40:  # Finished under AES-GCM
                        body[-1] ^= 1
                        changed = True
                    connection.sendall(header + body)
                upstream.close()
                pump.join(LIMIT)
                return changed

            with listening(meddle) as (place, result):
                done = client(place, "--http", "--suites", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
                self.assert_failure(done, "BAD_RECORD_MAC", "bad_record_mac")
        self.assertEqual(result, [True])

    def test_alert_from_the_server(self):
        context = context_for("server-p256", "ECDHE-ECDSA-AES128-GCM-SHA256")
        with listening(serving(context, answer_page)) as (place, _):
            done = client(place, "--suites", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")
        line = self.assert_failure(done, "PEER_ALERT", "handshake_failure", "received")
        self.assertEqual((line["code"], line["section"]), ("40", "RFC 5246 7.2.2"))

    def test_keylog_is_the_servers(self):
        for use_variable in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                ours, theirs = os.path.join(folder, "ours"), os.path.join(folder, "theirs")
                context = context_for("server-p256")
                context.keylog_filename = theirs
                options = [] if use_variable else ["--keylog", ours]
                environment = {"SSLKEYLOGFILE": ours} if use_variable else {}
                with listening(serving(context, answer_page)) as (place, _):
                    client(place, "--http", *options, environment=environment)
                with open(ours, encoding="ascii") as file:
                    log = file.read()
                self.assertRegex(log, r"^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}\n$")
                with open(theirs, encoding="ascii") as file:
                    self.assertIn(log, file.read())
                self.assertEqual(os.stat(ours).st_mode & 0o777, 0o600)

    def test_no_one_there(self):
        done = client("127.0.0.1:1")
        self.assertEqual(done.returncode, OUTSIDE)
        self.assertIn("Connection refused", done.stderr)


def receive_exactly(connection, size):
    data = b""
    while len(data) < size:
        try:
            chunk = connection.recv(size - len(data))
        except OSError:
            chunk = b""
        if not chunk:
            return b""
        data += chunk
    return data


def forward(source, sink):
    with contextlib.suppress(OSError):
        while chunk := source.recv(4096):
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)


class Demo(unittest.TestCase):
    LADDER = ["ClientHello", "ServerHello", "Certificate", "ServerKeyExchange", "ServerHelloDone",
              "ClientKeyExchange", "ChangeCipherSpec", "Finished", "ChangeCipherSpec", "Finished"]

    def ladder(self, text):
        names = [line.replace("[", " ").split()[0 if "->" in line else 1] for line in text.splitlines()
                 if "->" in line or "<-" in line]
        return [name for name in names if name != "warning"]

    def test_ladder_and_summary(self):
        done = run("demo")
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        for line, name in zip([line for line in done.stdout.splitlines() if "->" in line or "<-" in line],
                              self.LADDER):
            self.assertIn(name, line)
        for label in ("version", "suite", "group", "scheme", "server name", "resumed",
                      "bytes on the wire"):
            self.assertRegex(done.stdout, rf"(?m)^  {label} +\S")
        self.assertRegex(done.stdout, r"version +TLS 1\.2\n")

    def test_every_suite_and_group(self):
        for suite in SUITES.values():
            done = run("demo", "--suites", suite)
            self.assertEqual(done.returncode, DONE, done.stderr)
            self.assertIn(suite, done.stdout)
            self.assertEqual("ServerKeyExchange" in done.stdout, "ECDHE" in suite)
        for group in ("secp256r1", "secp384r1", "secp521r1"):
            done = run("demo", "--groups", group, "--suites", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
            self.assertRegex(done.stdout, rf"group +{group}\n")

    def test_quiet(self):
        done = run("demo", "--quiet")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (DONE, "", ""))

    def test_smallest_buffers(self):
        self.assertEqual(run("demo", "--rx", "1024", "--tx", size_of("HF_TX_MIN")).returncode, DONE)


if __name__ == "__main__":
    unittest.main()
