"""`server` against clients of Python's ssl module, and against our own."""

import contextlib
import json
import os
import signal
import socket
import ssl
import struct
import tempfile
import threading
import time
import unittest

from tool import DONE, LIMIT, TLS, USAGE, failure, pki, run, server, size_of, wait_for

GET = b"GET / HTTP/1.1\r\nHost: server.example\r\n\r\n"
GET_OLD = b"GET / HTTP/1.0\r\n\r\n"


def context_for(ciphers=None):
    context = ssl.create_default_context(cafile=pki("roots.pem"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    if ciphers:
        context.set_ciphers(ciphers)
    return context


def connect(port, context=None, name="server.example"):
    plain = socket.create_connection(("127.0.0.1", port), LIMIT)
    return (context or context_for()).wrap_socket(plain, server_hostname=name)


def read_reply(tls):
    """Status, fields and body of one reply; the body is as long as Content-Length says."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = tls.recv(65536)
        if not chunk:
            return None
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    fields = {key.lower(): value for key, value in (line.split(": ", 1) for line in lines[1:])}
    while len(body) < int(fields["content-length"]):
        body += tls.recv(65536)
    return int(lines[0].split()[1]), fields, body


def exchange(port, request, **options):
    with connect(port, **options) as tls:
        tls.sendall(request)
        return read_reply(tls)


class Http(unittest.TestCase):
    def test_the_page_shows_this_handshake(self):
        with server("--http") as running:
            for cipher, name in (("ECDHE-ECDSA-AES128-GCM-SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
                                 ("ECDHE-ECDSA-AES256-GCM-SHA384", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384")):
                status, fields, body = exchange(running.port, GET, context=context_for(cipher))
                self.assertEqual((status, fields["content-type"]), (200, "text/html; charset=utf-8"))
                for text in (name, "TLS 1.2", "secp", "ecdsa_secp256r1_sha256", "server.example"):
                    self.assertIn(text, body.decode())

    def test_keep_alive(self):
        """HTTP/1.1 goes on, 1.0 and `Connection: close` end with close_notify."""
        with server("--http") as running:
            with connect(running.port) as tls:
                for _ in range(5):
                    tls.sendall(GET)
                    status, fields, _ = read_reply(tls)
                    self.assertEqual((status, fields["connection"]), (200, "keep-alive"))
                tls.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: Close\r\n\r\n"))
                self.assertEqual(read_reply(tls)[1]["connection"], "close")
                self.assertEqual(tls.recv(1), b"")  # raises at a truncation
            with connect(running.port) as tls:
                tls.sendall(GET_OLD)
                self.assertEqual(read_reply(tls)[1]["connection"], "close")
                self.assertEqual(tls.recv(1), b"")

    def test_requests_in_one_piece(self):
        with server("--http") as running, connect(running.port) as tls:
            tls.sendall(GET * 3 + GET_OLD)
            data = b""
            while chunk := tls.recv(65536):
                data += chunk
            self.assertEqual(data.count(b"HTTP/1.1 200 OK"), 4)

    def test_a_request_byte_by_byte(self):
        with server("--http") as running, connect(running.port) as tls:
            for byte in GET:
                tls.sendall(bytes([byte]))
            self.assertEqual(read_reply(tls)[0], 200)

    def test_nothing_before_the_blank_line(self):
        with server("--http") as running, connect(running.port) as tls:
            tls.sendall(GET[:-2])
            tls.settimeout(0.3)
            with self.assertRaises(TimeoutError):
                tls.recv(1)
            tls.settimeout(LIMIT)
            tls.sendall(b"\r\n")
            self.assertEqual(read_reply(tls)[0], 200)

    def test_the_reply_is_one_record(self):
        """One write: with the largest buffer, one record of application data."""
        with server("--http") as running:
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            tls = context_for().wrap_bio(incoming, outgoing, server_hostname="server.example")
            with socket.create_connection(("127.0.0.1", running.port), LIMIT) as plain:
                def step(call):
                    while True:
                        try:
                            return call()
                        except ssl.SSLWantReadError:
                            plain.sendall(outgoing.read())
                            incoming.write(plain.recv(65536))
                step(tls.do_handshake)
                tls.write(GET_OLD)
                plain.sendall(outgoing.read())
                stream = b""
                while chunk := plain.recv(65536):
                    stream += chunk
            types = []
            while stream:
                kind, _, size = struct.unpack(">BHH", stream[:5])
                types.append(kind)
                stream = stream[5 + size:]
            self.assertEqual(types, [23, 21])  # the reply, then close_notify

    def test_client_errors_get_a_status(self):
        requests = {
            b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n": 405,
            b"POST / HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc": 405,
            b"GET /\r\n\r\n": 400,
            b"GET / HTTP/1.1\r\n\r\n": 400,  # RFC 9112 3.2: no Host
            b"GET / HTTP/1.1 \r\nHost: a\r\n\r\n": 400,
            b"GET  HTTP/1.1\r\nHost: a\r\n\r\n": 400,
            b"GET x HTTP/1.1\r\nHost: a\r\n\r\n": 400,
            b"GET / HTTP/2.0\r\nHost: a\r\n\r\n": 505,
            b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n": 400,
            b"\x16\x03\x01 rubbish\r\n\r\n": 400,
            b" \n\n": 400,
            b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20000 + b"\r\n\r\n": 431,
        }
        with server("--http") as running:
            for request, expected in requests.items():
                status, fields, body = exchange(running.port, request)
                self.assertEqual((status, fields["connection"]), (expected, "close"), request[:60])
                self.assertIn(str(status).encode(), body)
            self.assertEqual(exchange(running.port, GET)[0], 200)

    def test_accepted_forms(self):
        with server("--http") as running:
            for request in (b"GET / HTTP/1.1\nHost: a\n\n", b"\r\n\r\n" + GET,
                            b"GET https://server.example/x HTTP/1.1\r\nhost:a\r\n\r\n"):
                self.assertEqual(exchange(running.port, request)[0], 200)
            with connect(running.port) as tls:
                tls.sendall(GET.replace(b"GET", b"HEAD"))
                head = tls.recv(65536)
                self.assertTrue(head.endswith(b"\r\n\r\n"))
                tls.sendall(GET_OLD)
                self.assertEqual(read_reply(tls)[0], 200)

    def test_a_body_ends_the_connection(self):
        """It is not read, so it must not be taken for the next request."""
        with server("--http") as running, connect(running.port) as tls:
            tls.sendall(GET.replace(b"\r\n\r\n", b"\r\nContent-Length: 40\r\n\r\n") + GET)
            self.assertEqual(read_reply(tls)[1]["connection"], "close")
            self.assertEqual(tls.recv(1), b"")

    def test_page_from_a_file(self):
        page = os.urandom(300000)
        with tempfile.NamedTemporaryFile() as file:
            file.write(page)
            file.flush()
            for buffers in ([], ["--rx", "1024", "--tx", size_of("HF_TX_MIN")]):
                with server("--http", "--page", file.name, *buffers) as running:
                    self.assertEqual(exchange(running.port, GET)[2], page)


class Data(unittest.TestCase):
    def test_echo(self):
        data = os.urandom(1 << 20)
        for buffers in ([], ["--rx", "18437", "--tx", size_of("HF_TX_MIN")]):
            with server("--echo", *buffers) as running, connect(running.port) as tls:
                writer = threading.Thread(target=tls.sendall, args=(data,))
                writer.start()
                received = b""
                while len(received) < len(data):
                    received += tls.recv(65536)
                writer.join(LIMIT)
                self.assertEqual(received, data)

    def test_prints_what_arrives(self):
        with server("--connections", "1") as running:
            with connect(running.port) as tls:
                tls.sendall(b"one ")
                tls.sendall(b"two\n")
                tls.unwrap()
            self.assertEqual(running.process.wait(LIMIT), DONE)
            self.assertEqual(running.output(), b"one two\n")

    def test_our_client_pipes_through(self):
        data = os.urandom(200000).hex().encode()
        with server("--connections", "1") as running:
            done = run("client", f"127.0.0.1:{running.port}", "--ca", pki("roots.pem"), "--name",
                       "server.example", data=data)
            self.assertEqual((done.returncode, done.stdout), (DONE, ""), done.stderr)
            self.assertEqual(running.process.wait(LIMIT), DONE)
            self.assertEqual(running.output(), data)


class Life(unittest.TestCase):
    def test_ends_on_signals(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with server("--http") as running, connect(running.port):
                self.assertEqual(running.stop(number), DONE)

    def test_same_port_again_at_once(self):
        with server("--http") as running:
            with connect(running.port) as tls:
                tls.sendall(GET_OLD)
                read_reply(tls)
            port = running.port
            running.stop()
        with server("--http", address=f"127.0.0.1:{port}") as running:
            self.assertEqual(running.port, port)

    def test_a_port_that_is_taken(self):
        with server("--http") as running:
            with self.assertRaisesRegex(RuntimeError, "cannot listen"):
                with server("--http", address=f"127.0.0.1:{running.port}"):
                    pass

    def test_many_connections_at_once(self):
        with server("--http", "--prefer", "server") as running:
            open_ones = [connect(running.port) for _ in range(100)]
            for tls in open_ones:
                tls.sendall(GET)
            for tls in reversed(open_ones):
                self.assertEqual(read_reply(tls)[0], 200)
                tls.close()
            wait_for(lambda: running.log().count("127.0.0.1:") >= 101)

    def test_one_bad_peer_disturbs_nobody(self):
        with server("--http") as running, connect(running.port) as good:
            for rubbish in (b"", b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01\x00", b"\x16\x03\x01\xff\xff",
                            b"\x80\x2e\x01\x03\x01", b"\x15\x03\x01\x00\x02\x02\x28", os.urandom(5000)):
                for abrupt in (False, True):
                    with socket.create_connection(("127.0.0.1", running.port), LIMIT) as plain:
                        plain.sendall(rubbish)
                        if abrupt:
                            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            stuck = socket.create_connection(("127.0.0.1", running.port), LIMIT)
            stuck.sendall(b"\x16\x03\x01\x02\x00\x01")
            for _ in range(3):
                good.sendall(GET)
                self.assertEqual(read_reply(good)[0], 200)
            stuck.close()

    def test_alert_arrives_before_the_end(self):
        """A reset would overtake it: the peer has sent more than is read."""
        with server("--http") as running:
            for first in (b"GET / HTTP/1.0\r\n\r\n", b"SSH-2.0-x\r\n" * 5000):
                with socket.create_connection(("127.0.0.1", running.port), LIMIT) as plain:
                    plain.sendall(first)
                    plain.shutdown(socket.SHUT_WR)
                    stream = b""
                    while chunk := plain.recv(4096):
                        stream += chunk
                self.assertEqual((stream[0], stream[-2:]), (21, b"\x02\x0a"))  # unexpected_message
            wait_for(lambda: running.log().count("NOT_TLS: ") == 2)

    def test_reader_that_never_reads(self):
        with server("--http", "--idle", "1", "--page", "/bin/sh", "--connections", "1") as running:
            with connect(running.port) as tls:
                for _ in range(50):
                    tls.sendall(GET)
                self.assertEqual(running.process.wait(LIMIT), DONE)

    def test_idle(self):
        with server("--http", "--idle", "1") as running:
            with connect(running.port) as tls:
                start = time.monotonic()
                self.assertEqual(tls.recv(1), b"")  # close_notify
                self.assertGreater(time.monotonic() - start, 0.8)
            with socket.create_connection(("127.0.0.1", running.port), LIMIT) as plain:
                stream = b""
                while chunk := plain.recv(100):
                    stream += chunk
                self.assertEqual(stream[-2:], b"\x02\x5a")  # user_canceled
            wait_for(lambda: "HANDSHAKE_ABANDONED" in running.log())
            self.assertIn("idle", running.log())

    def test_a_byte_now_and_then(self):
        """It does not keep a handshake alive for ever, but data may come as slowly as it likes."""
        with server("--http", "--idle", "1") as running:
            with socket.create_connection(("127.0.0.1", running.port), LIMIT) as plain:
                plain.settimeout(0.05)
                stream, sent = b"", 0
                for byte in b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(400):
                    plain.sendall(bytes([byte]))
                    sent += 1
                    try:
                        stream = plain.recv(100)
                        break
                    except TimeoutError:
                        pass
                self.assertEqual(stream[-2:], b"\x02\x5a")  # user_canceled
                self.assertLess(sent, 100)
            with connect(running.port) as tls:
                for byte in GET:
                    tls.sendall(bytes([byte]))
                    time.sleep(0.05)
                self.assertEqual(read_reply(tls)[0], 200)

    def test_one_log_line_a_connection(self):
        with server("--http") as running:
            exchange(running.port, GET_OLD)
            run("client", f"127.0.0.1:{running.port}", "--ca", pki("root-p384.pem"), "--name",
                "server.example")
            wait_for(lambda: running.log().count("\n") == 3)
            _, served, refused = running.log().splitlines()
            self.assertRegex(served, r"^127\.0\.0\.1:\d+ server\.example TLS 1\.2 TLS_ECDHE_\w+ secp\w+ "
                                     r"ecdsa_\w+ - \d+ in \d+ out: closed$")
            self.assertRegex(refused, r": PEER_ALERT: .*alert 48 unknown_ca received")

    def test_the_log_as_json(self):
        """The same as the text, and the binding in every line."""
        with server("--http", "--log", "json", "--client-auth", "request", "--client-ca", pki("roots.pem")) as running:
            place = (f"127.0.0.1:{running.port}", "--ca", pki("roots.pem"), "--name")
            run("client", *place, "server.example", "--http", "--alpn", "h2", "--resume", "1",
                "--cert", pki("client-p256.chain.pem"), "--key", pki("client-p256.key"))
            run("client", *place, "other.example")
            wait_for(lambda: running.log().count("\n") == 4)
            full, resumed, refused = [json.loads(line) for line in running.log().splitlines()[1:]]
        self.assertRegex(full["peer"], r"^127\.0\.0\.1:\d+$")
        self.assertEqual((full["server_name"], full["binding"], full["version"], full["client"], full["psk"]),
                         ("server.example", "server.example", "TLS 1.2", "CN=client.example", None))
        self.assertRegex(full["suite"], "^TLS_ECDHE_ECDSA_")
        self.assertEqual((full["established"], full["resumed"], full["handshakes"], full["failure"], full["idle"]),
                         (True, False, 1, None, False))
        self.assertTrue(full["received"] > resumed["received"] and full["sent"] > resumed["sent"] > 0)
        self.assertEqual((resumed["resumed"], resumed["established"], resumed["failure"]), (True, True, None))
        self.assertEqual((refused["server_name"], refused["binding"], refused["established"], refused["client"]),
                         ("other.example", "*", False, None))
        self.assertEqual({key: refused["failure"][key] for key in ("reason", "alert", "alert_code", "alert_received")},
                         {"reason": "PEER_ALERT", "alert": "bad_certificate", "alert_code": 42, "alert_received": True})

    def test_the_log_names_a_wildcard_binding(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "bindings")
            files = f"{pki('server-p256.chain.pem')} {pki('server-p256.key')}\n"
            with open(path, "w", encoding="ascii") as file:
                file.write(f"* {files}*.wild.example {files}")
            with server("--http", "--bindings", path, pair=None) as running:
                for name in ("a.wild.example", "else.example"):
                    run("client", f"127.0.0.1:{running.port}", "--insecure", "--name", name, "--http")
                wait_for(lambda: running.log().count("\n") == 3)
                lines = running.log().splitlines()[1:]
                self.assertRegex(lines[0], r" out, binding \"\*\.wild\.example\": closed$")
                self.assertRegex(lines[1], r" out: closed$")

    def test_quiet(self):
        with server("--http", "--quiet") as running:
            exchange(running.port, GET_OLD)
            self.assertEqual(running.stop(), DONE)
            self.assertEqual(running.log(), "")


class Identities(unittest.TestCase):
    def issued_to(self, port, name, **options):
        with connect(port, name=name, **options) as tls:
            return tls.getpeercert(), tls.selected_alpn_protocol()

    def test_one_pair_a_key_type(self):
        arguments = ["--cert", pki("server-rsa2048.chain.pem"), "--key", pki("server-rsa2048.key")]
        with server("--http", *arguments, "--policy", "compatible") as running:
            for cipher in ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
                           "AES128-GCM-SHA256"):
                with connect(running.port, context_for(cipher)) as tls:
                    self.assertEqual(tls.cipher()[0], cipher)

    def test_preference(self):
        """OpenSSL lists AES-256 first; ours begins with what --suites begins with."""
        ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256"
        ours = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256:TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
        for who, expected in (("server", ciphers.split(":")[1]), ("client", ciphers.split(":")[0])):
            with server("--http", "--suites", ours, "--prefer", who) as running:
                with connect(running.port, context_for(ciphers)) as tls:
                    self.assertEqual(tls.cipher()[0], expected)

    def test_alpn(self):
        with server("--http", "--alpn", "http/1.1") as running:
            context = context_for()
            context.set_alpn_protocols(["h2", "http/1.1"])
            self.assertEqual(self.issued_to(running.port, "server.example", context=context)[1], "http/1.1")
            context.set_alpn_protocols(["h2"])
            with self.assertRaisesRegex(ssl.SSLError, "NO_APPLICATION_PROTOCOL|alert"):
                connect(running.port, context)

    def bindings(self, folder, text):
        path = os.path.join(folder, "bindings")
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        for name in ("server-p256", "server-rsa2048", "bad-name"):
            for end in (".chain.pem", ".key"):
                with contextlib.suppress(FileExistsError):
                    os.symlink(os.path.abspath(pki(name + end)), os.path.join(folder, name + end))
        return path

    def test_bindings(self):
        """Names are beside the bindings file; the exact host wins over the wildcard."""
        text = ("# host  certificate key options\n\n"
                "*  server-p256.chain.pem server-p256.key\n"
                "other.example bad-name.chain.pem\tbad-name.key alpn=http/1.1 # a comment\n"
                "*.wild.example server-rsa2048.chain.pem,server-p256.chain.pem "
                "server-rsa2048.key,server-p256.key client-auth=off\n")
        with tempfile.TemporaryDirectory() as folder:
            with server("--http", "--bindings", self.bindings(folder, text), pair=None) as running:
                names = self.issued_to(running.port, "other.example")[0]["subjectAltName"]
                self.assertEqual(names, (("DNS", "other.example"),))
                context = context_for("ECDHE-RSA-AES128-GCM-SHA256")
                self.issued_to(running.port, "a.wild.example", context=context)
                with self.assertRaises(ssl.SSLError):
                    self.issued_to(running.port, "server.example", context=context)
                context = context_for()
                context.set_alpn_protocols(["http/1.1"])
                self.assertEqual(self.issued_to(running.port, "other.example", context=context)[1],
                                 "http/1.1")
                self.assertIsNone(self.issued_to(running.port, "server.example", context=context)[1])
                status, _, body = exchange(running.port, GET, name="a.wild.example")
                self.assertEqual(status, 200)
                self.assertIn("<td>*.wild.example</td>", body.decode())

    def test_unknown_names(self):
        text = "server.example server-p256.chain.pem server-p256.key\n* server-p256.chain.pem server-p256.key\n"
        with tempfile.TemporaryDirectory() as folder:
            path = self.bindings(folder, text)
            with server("--http", "--bindings", path, "--sni-unknown", "fatal", pair=None) as running:
                self.issued_to(running.port, "server.example")
                done = run("client", f"127.0.0.1:{running.port}", "--ca", pki("roots.pem"), "--name",
                           "x.wild.example")
                self.assertEqual((done.returncode, failure(done.stderr)["alert"]), (TLS, "unrecognized_name"))
                wait_for(lambda: "SERVER_NAME_UNKNOWN" in running.log())
            for how in ("default", "warn"):
                with server("--http", "--bindings", path, "--sni-unknown", how, pair=None) as running:
                    done = run("client", f"127.0.0.1:{running.port}", "--ca", pki("roots.pem"), "--name",
                               "x.wild.example", "--http", "--trace")
                    self.assertEqual(done.returncode, DONE, done.stderr)
                    self.assertEqual("received alert 112" in done.stderr, how == "warn")

    def test_bad_bindings(self):
        with tempfile.TemporaryDirectory() as folder:
            for text, about in (("* server-p256.chain.pem\n", ":1:"),
                                ("\n-x server-p256.chain.pem server-p256.key\n", ":2:"),
                                ("* server-p256.chain.pem server-p256.key,server-p256.key\n", "equally"),
                                ("* server-p256.chain.pem server-p256.key client-auth=require\n",
                                 "NO_TRUST_ANCHORS"),
                                ("* server-p256.chain.pem server-p256.key client-auth=yes\n", "yes"),
                                ("* server-p256.chain.pem server-p256.key alpn=\n", "alpn="),
                                ("* server-p256.chain.pem server-p256.key frob=1\n", "frob=1")):
                done = run("server", "127.0.0.1:0", "--bindings", self.bindings(folder, text))
                self.assertEqual(done.returncode, USAGE, done.stderr)
                self.assertIn(about, done.stderr)

    def test_a_certificate_that_the_suite_cannot_use(self):
        with server("--http", pair="bad-keyusage") as running:
            done = run("client", f"127.0.0.1:{running.port}", "--ca", pki("roots.pem"), "--name",
                       "server.example")
            self.assertEqual(done.returncode, TLS)
            self.assertIn(failure(done.stderr)["symbol"], ("CERTIFICATE_KEY_USAGE", "PEER_ALERT"))


if __name__ == "__main__":
    unittest.main()
