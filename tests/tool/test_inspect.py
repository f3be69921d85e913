"""`inspect`: captures of OpenSSL and GnuTLS that fail in every way, read with and without a key log."""

import functools
import os
import random
import re
import shutil
import struct
import subprocess
import tempfile
import threading
import unittest
import xml.etree.ElementTree

import peer
import wire
from tool import DONE, LIMIT, OUTSIDE, USAGE, pki, run, server

GNUTLS_CLI = shutil.which("gnutls-cli")
ALERT, HANDSHAKE, DATA = 21, 22, 23
REQUEST = b"GET / HTTP/1.0\r\n\r\n"


class Program:
    """A TLS library's commands, server and client. Options come by name of the library."""

    def keys(self, log):
        return []

    def environment(self, log):
        return {}

    def connect(self, command, log, data=REQUEST, until=None):
        """Runs a client; with an event its input stays open until that, and the client no longer runs."""
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   env={**peer.ENVIRONMENT, **self.environment(log)})
        try:
            if until:
                process.stdin.write(data)
                process.stdin.flush()
                until.wait(LIMIT)
                return ""
            return process.communicate(data, LIMIT)[0].decode(errors="replace")
        finally:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()


class OpenSsl(Program):
    name = "OpenSSL"
    V1_2 = ["-tls1_2"]

    def server(self, options, pair):
        return peer.openssl_server(*options, pair=pair)

    def client(self, port, options, log, **more):
        return self.connect([peer.OPENSSL, "s_client", "-connect", f"127.0.0.1:{port}", "-servername",
                             "server.example", "-CAfile", pki("roots.pem"), "-verify_return_error",
                             "-verify_hostname", "server.example", "-keylogfile", log,
                             *([] if more.get("until") else ["-ign_eof"]), *options], log, **more)


class GnuTls(Program):
    name = "GnuTLS"
    V1_2 = "NORMAL:-VERS-ALL:+VERS-TLS1.2"

    def environment(self, log):
        return {"SSLKEYLOGFILE": log}

    def server(self, options, pair):
        return peer.gnutls_server(options[0], *options[1:], pair=pair)

    def client(self, port, options, log, **more):
        return self.connect([GNUTLS_CLI, "--port", str(port), "127.0.0.1", "--sni-hostname", "server.example",
                             "--verify-hostname", "server.example", "--x509cafile", pki("roots.pem"),
                             "--priority", *options], log, **more)


PROGRAMS = [program() for program, present in ((OpenSsl, peer.OPENSSL), (GnuTls, peer.GNUTLS_SERV and GNUTLS_CLI))
            if present]


def flat(text):
    return " ".join(text.split())


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = lambda name: os.path.join(folder.name, name)

    def inspect(self, *arguments):
        done = run("inspect", *arguments)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""), done.stdout)
        return flat(done.stdout)


class Failures(Folder):
    """Each test names a way to fail, and what it looks like with each library at both ends."""

    def observe(self, program, server=None, client=None, pair="server-p256", meddle=None, end=wire.FIN,
                serving=None, **more):
        """What `inspect` says without and with a key log."""
        capture, log = self.path("capture"), self.path("keys")
        v1_2 = program.V1_2 if isinstance(program.V1_2, list) else [program.V1_2]
        with open(log, "w", encoding="ascii"):
            pass
        with (serving or program).server(server or v1_2, pair) as (place, _):
            with wire.relay(capture, place, meddle, end) as between:
                said = program.client(between.port, client or v1_2, log, **more)
        texts = [self.inspect(capture), self.inspect(capture, "--keylog", log)]
        for text in texts:
            self.assertIn("connection 1: 127.0.0.1:", text, said)
            self.assertNotIn("connection 2", text)
            self.assertIn("asked for server.example", text)
        return texts

    def assert_each(self, texts, program, *parts):
        for text in texts:
            for part in parts:
                self.assertRegex(text, part, program.name)

    def test_nothing(self):
        for program in PROGRAMS:
            texts = self.observe(program)
            self.assert_each(texts, program, "chose TLS 1.2 with TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
                             r"group \w+, signed with ecdsa_secp256r1_sha256", "certificate is CN=server.example", "for server.example",
                             "closed in order", r"= established")
            self.assertIn(f"data {len(REQUEST)}]", texts[1])
            self.assertIn("[Finished 16]", texts[1])
            self.assertIn("close_notify", texts[1])
            self.assertNotIn("explain", texts[1])
            self.assertIn("[handshake 40]", texts[0])

    def test_no_shared_suite(self):
        options = {"OpenSSL": ([*OpenSsl.V1_2, "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"],
                               [*OpenSsl.V1_2, "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384"]),
                   "GnuTLS": ([GnuTls.V1_2 + ":-CIPHER-ALL:+AES-128-GCM"], [GnuTls.V1_2 + ":-CIPHER-ALL:+AES-256-GCM"])}
        for program in PROGRAMS:
            self.assert_each(self.observe(program, *options[program.name]), program,
                             "offered TLS 1.2 at most", r"no cipher suite.* offered: .*AES_256_GCM_SHA384.*"
                             r"\(NO_COMMON_SUITE; RFC 5246 7.4.1.3; alert 40 handshake_failure sent by the server")

    def test_version_too_low(self):
        options = {"OpenSSL": (OpenSsl.V1_2, ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"]),
                   "GnuTLS": ([GnuTls.V1_2], ["NORMAL:-VERS-ALL:+VERS-TLS1.1"])}
        for program in PROGRAMS:
            self.assert_each(self.observe(program, *options[program.name]), program,
                             r"client offered TLS 1.1 at most, which is not .* \(VERSION_UNSUPPORTED; .*alert 70 "
                             r"protocol_version sent by the server")

    def test_version_refused_by_the_client(self):
        program = PROGRAMS[0]
        texts = self.observe(program, ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"],
                             ["-min_protocol", "TLSv1.2", "-max_protocol", "TLSv1.2"],
                             meddle=lambda side, record, number:
                             record[:9] + b"\3\2" + record[11:] if (side, number) == (0, 0) else record)
        self.assert_each(texts, program, r"chose TLS 1.1, which the client does not accept. \(VERSION_UNSUPPORTED")

    def test_unknown_ca(self):
        for program in PROGRAMS:
            self.assert_each(self.observe(program, pair="bad-below-unknown"), program, "chose TLS 1.2 with TLS_ECDHE",
                             r"client .*server's certificate.*: .*no path .*issued by CN=.*"
                             r"\(CERTIFICATE_UNKNOWN_CA")
            self.assert_each(self.observe(program, pair="bad-selfsigned"), program,
                             r"server's certificate.*: .*self-signed.*\(CERTIFICATE_SELF_SIGNED")

    def test_expired(self):
        for program in PROGRAMS:
            self.assert_each(self.observe(program, pair="bad-expired"), program, "chose TLS 1.2 with TLS_ECDHE",
                             r"client .*server's certificate.*: .*expired on 2021-.*\(CERTIFICATE_EXPIRED")
            self.assert_each(self.observe(program, pair="bad-notyet"), program,
                             r"not valid before 2060-.*\(CERTIFICATE_NOT_YET_VALID")

    def test_wrong_name(self):
        for program in PROGRAMS:
            self.assert_each(self.observe(program, pair="bad-name"), program, "chose TLS 1.2 with TLS_ECDHE",
                             r"it is for other.example, not for server.example.*\(CERTIFICATE_NAME_MISMATCH")

    def test_bad_record(self):
        """In the client's Finished, which the server complains about in the clear; in the server's
        data, where only a key log tells."""
        def damage(side_wanted, kind):
            def meddle(side, record, _):
                if side == side_wanted and record[0] == kind and len(record) in range(20, 60) or (
                        side == side_wanted == 1 and record[0] == kind):
                    return record[:-1] + bytes([record[-1] ^ 1])
                return record
            return meddle

        for program in PROGRAMS:
            self.assert_each(self.observe(program, meddle=damage(0, HANDSHAKE)), program,
                             r"server gave up: A record failed.*\(BAD_RECORD_MAC; .*alert 20 bad_record_mac sent by "
                             r"the server")
            texts = self.observe(program, meddle=damage(1, DATA))
            self.assertIn("[bad record ", texts[1])
            self.assertRegex(texts[1], r"\(BAD_RECORD_MAC; ")
            if program.name == "OpenSSL":  # GnuTLS' client says nothing
                self.assertIn("alert 20 bad_record_mac sent by the client", texts[1])

    def test_client_certificate_missing(self):
        options = {"OpenSSL": [*OpenSsl.V1_2, "-Verify", "1", "-verify_return_error", "-CAfile", pki("roots.pem")],
                   "GnuTLS": [GnuTls.V1_2, "--require-client-cert", "--x509cafile", pki("roots.pem")]}
        for program in PROGRAMS:
            self.assert_each(self.observe(program, options[program.name]), program, "client sent no certificate",
                             r"requires a certificate of the client.*\(CERTIFICATE_MISSING; RFC 5246 7.4.6; alert")

    def test_renegotiation_refused(self):
        """By OpenSSL's server, which is at the other end of both clients."""
        options = {"OpenSSL": OpenSsl.V1_2, "GnuTLS": [GnuTls.V1_2, "--rehandshake"]}
        for program in PROGRAMS:
            refused = threading.Event()

            def watch(side, record, _, refused=refused):
                if side == 1 and record[0] == ALERT:
                    refused.set()
                return record

            texts = self.observe(program, OpenSsl.V1_2, options[program.name], serving=OpenSsl(), meddle=watch,
                                 data=b"R\n", until=refused)
            self.assert_each(texts, program, "chose TLS 1.2 with TLS_ECDHE",
                             r"server refused a renegotiation that the client had asked for.*\(no_renegotiation; ")
            self.assertIn("[warning no_renegotiation]", texts[1])
            self.assertIn("as far as can be seen without", texts[0])

    def test_truncated(self):
        for program in PROGRAMS:
            for end, how in ((wire.FIN, "closed"), (wire.RST, "reset")):
                over = threading.Event()

                def before_goodbye(side, record, _, over=over):
                    if side == 0 or record[0] != ALERT:
                        return record
                    over.set()
                    return None

                texts = self.observe(program, meddle=before_goodbye, end=end, until=over)
                self.assert_each(texts, program,
                                 rf"server {how} the TCP connection without a close_notify.*\(TRUNCATED; RFC 5246 7.2.1")

    def test_ended_in_the_handshake(self):
        def before_finished(side, record, number):
            return None if side == 1 and number == 2 else record

        for program in PROGRAMS:
            for end, how in ((wire.FIN, "closed"), (wire.RST, "reset")):
                self.assert_each(self.observe(program, meddle=before_finished, end=end), program,
                                 rf"server {how} the TCP connection before the handshake.*\(CLOSED_IN_HANDSHAKE")


class Packets(Folder):
    """One connection in all kinds of packets: the report must stay the same."""

    def setUp(self):
        super().setUp()
        done = run("demo", "--quiet", "--pcap", self.path("demo"), "--keylog", self.path("keys"), "--suites",
                   "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
        self.assertEqual(done.returncode, DONE, done.stderr)
        self.talk = wire.payloads(self.path("demo"))
        self.expected = self.report(self.path("demo"))
        for part in ("[data 25]", "[Finished 16]", "closed in order", "offered TLS 1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_"):
            self.assertIn(part, self.expected)

    def report(self, path, *options):
        """What does not depend on addresses and times."""
        text = self.inspect(path, "--keylog", self.path("keys"), *options)
        text = re.sub(r"connection \d+: \S+ to \S+ \S+ \S+ UTC ", "", text)
        return re.sub(r"[\d.]+ ms", "some ms", text)

    def write(self, name="capture", link="raw", network=wire.ipv4, ends=(("10.0.0.1", 4000), ("10.0.0.2", 443)),
              send=None, **more):
        """A capture of the connection; `send` gets the flow, a side and what the demo has sent at once."""
        capture = wire.Capture(self.path(name), link, network, snaplen=more.pop("snaplen", 65535))
        flow = wire.Flow(capture, *ends, **more)
        for side, payload in self.talk:
            (send or wire.Flow.data)(flow, side, payload)
        for side in (0, 1):
            flow.send(side, wire.FIN | wire.ACK)
        capture.close()
        return self.path(name)

    def test_links_and_networks(self):
        six = (("2001:db8::1", 4000), ("2001:db8::2", 443))
        hop_by_hop = bytes([6, 1]) + bytes(14)
        networks = [(wire.ipv4, {}), (functools.partial(wire.ipv4, options=b"\1" * 12), {}),
                    (wire.ipv6, {"ends": six}), (functools.partial(wire.ipv6, extension=hop_by_hop), {"ends": six})]
        for link in wire.LINKS:
            for network, more in networks:
                self.assertEqual(self.report(self.write(link=link, network=network, **more)), self.expected, link)

    def test_addresses_are_shown(self):
        self.assertIn("connection 1: 10.0.0.1:4000 to 10.0.0.2:443", self.inspect(self.write()))
        six = self.write(network=wire.ipv6, ends=(("2001:db8::1", 4000), ("::1", 443)))
        self.assertIn("connection 1: [2001:db8::1]:4000 to [::1]:443", self.inspect(six))

    @unittest.skipUnless(shutil.which("editcap"), "editcap is not installed")
    def test_pcapng(self):
        subprocess.run(["editcap", "-F", "pcapng", self.path("demo"), self.path("ng")], check=True, timeout=LIMIT)
        self.assertEqual(self.report(self.path("ng")), self.expected)

    def test_duplicates_overlaps_and_reordering(self):
        """Each flight in segments of its own cut, some of them twice, some longer than they need be,
        in any order; also where sequence numbers wrap."""
        def send(flow, side, payload):
            begin, cuts, at = flow.next[side], [], 0
            while at < len(payload):
                size = chance.randrange(1, 200)
                cuts.append((max(0, at - chance.choice([0, 0, 30])), at + size))
                at += size
            cuts += chance.sample(cuts, len(cuts) // 3)
            chance.shuffle(cuts)
            for start, end in cuts:
                flow.next[side] = begin + start
                flow.data(side, payload[start:end])
            flow.next[side] = begin + len(payload)

        for seed in range(20):
            chance = random.Random(seed)
            first = (2**32 - chance.randrange(300), 2**32 - chance.randrange(1000))
            self.assertEqual(self.report(self.write(send=send, first=first)), self.expected, seed)

    def lose(self, what, start, end):
        """Without bytes start..end of the payload `what`; None: of all."""
        seen = []

        def send(flow, side, payload):
            seen.append(payload)
            if len(seen) - 1 != what:
                flow.data(side, payload)
                return
            flow.data(side, payload[:start])
            flow.next[side] += len(payload[start:end])
            if payload[end:]:
                flow.data(side, payload[end:])
        return self.report(self.write(send=send))

    def test_loss_within_a_message(self):
        """Of the Certificate: it alone is not known."""
        text = self.lose(1, 200, 300)
        self.assertIn("not captured 100", text)
        self.assertIn("100 bytes are missing from the capture.", text)
        self.assertIn("ServerHelloDone 4", text)
        self.assertIn("[data 25]", text)
        self.assertNotIn("certificate is", text)
        self.assertIn("closed in order", text)

    def test_loss_within_a_record_of_data(self):
        index = next(i for i, (side, payload) in enumerate(self.talk) if payload[0] == DATA)
        text = self.lose(index, 10, 20)
        self.assertIn("not captured 10", text)
        self.assertEqual(text.count("[data 25]"), 1)
        self.assertEqual(text.count("[warning close_notify]"), 2)

    def test_loss_of_whole_records(self):
        """How many is not known, and so not how to decrypt what follows."""
        index = next(i for i, (side, payload) in enumerate(self.talk) if payload[0] == DATA)
        text = self.lose(index, 0, None)
        self.assertIn("not captured ", text)
        self.assertIn("[alert 26]", text)
        self.assertIn("[warning close_notify]", text)

    def test_packets_cut_short(self):
        text = self.report(self.write(snaplen=300))
        self.assertRegex(text, r"not captured \d+")
        self.assertIn("chose TLS 1.2 with TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", text)

    def test_a_capture_that_begins_late(self):
        capture = wire.Capture(self.path("late"))
        flow = wire.Flow.__new__(wire.Flow)
        flow.capture, flow.ends, flow.next = capture, (("10.0.0.1", 4000), ("10.0.0.2", 443)), [77, 88]
        for side, payload in self.talk[1:]:
            flow.data(side, payload)
        capture.close()
        text = self.report(self.path("late"))
        self.assertIn("has no ClientHello", text)
        self.assertIn("The server chose TLS 1.2", text)
        self.assertIn("[data 41]" if "CHACHA" in text else "[data 49]", text)

    def test_many_connections_at_once(self):
        """Interleaved; more than are kept at once; one that is not TLS; ports used again."""
        capture = wire.Capture(self.path("many"))
        flows = [wire.Flow(capture, ("10.0.0.1", 1000 + i), ("10.0.0.2", 443)) for i in range(20)]
        other = wire.Flow(capture, ("10.0.0.1", 999), ("10.0.0.2", 25))
        other.data(1, b"220 ready\r\n")
        for side, payload in self.talk:
            for flow in flows:
                flow.data(side, payload)
        for flow in flows:
            for side in (0, 1):
                flow.send(side, wire.FIN | wire.ACK)
        again = wire.Flow(capture, *flows[0].ends, first=(7, 8))
        for side, payload in self.talk:
            again.data(side, payload)
        again.send(1, wire.FIN | wire.ACK)
        for i in range(2000):
            wire.Flow(capture, ("10.0.0.3", 1000 + i), ("10.0.0.2", 443))
        capture.close()
        text = self.report(self.path("many"))
        self.assertEqual(text.count("It was closed in order."), 21)
        self.assertIn("other connections of TCP: 2001", text)
        self.assertEqual(self.report(self.path("many"), "--connection", "5").split(" other connections")[0],
                         self.expected)
        self.assertIn("no TLS connection of this number", self.report(self.path("many"), "--connection", "21"))

    def test_what_waits_behind_a_hole_is_bounded(self):
        capture = wire.Capture(self.path("hole"))
        flow = wire.Flow(capture, ("10.0.0.1", 4000), ("10.0.0.2", 443))
        flow.data(*self.talk[0])
        flow.next[0] += 5
        record = b"\x17\3\3\x10\0" + bytes(4096)
        for _ in range(1000):
            flow.data(0, record)
        capture.close()
        text = self.report(self.path("hole"))
        self.assertIn("not captured 5", text)
        self.assertIn(f"data {1000 * 4096}", text)

    def test_a_key_log_with_other_lines(self):
        with open(self.path("keys"), encoding="ascii") as file:
            line = file.read().strip()
        with open(self.path("keys"), "w", encoding="ascii") as file:
            file.write(f"# SSL/TLS secrets\r\nSERVER_TRAFFIC_SECRET_0 00 11\r\nCLIENT_RANDOM 00\r\n{line}\r\n\r\n")
        self.assertEqual(self.report(self.path("demo")), self.expected)
        with open(self.path("keys"), "w", encoding="ascii") as file:
            file.write(line.replace("CLIENT_RANDOM ", "CLIENT_RANDOM 00")[:-2] + "\n")
        self.assertIn("[handshake 40]", self.report(self.path("demo")))

    def test_wrong_secret(self):
        with open(self.path("keys"), encoding="ascii") as file:
            line = file.read().strip()
        with open(self.path("keys"), "w", encoding="ascii") as file:
            file.write(line[:-2] + format(int(line[-2:], 16) ^ 1, "02x"))
        self.assertRegex(self.report(self.path("demo")), r"A record of the client does not verify.*other keys")


class Others(Folder):
    def exchange(self, *payloads):
        """A capture of (side, bytes) and what `inspect` says of it."""
        capture = wire.Capture(self.path("capture"))
        flow = wire.Flow(capture, ("10.0.0.1", 4000), ("10.0.0.2", 443))
        for side, payload in payloads:
            flow.data(side, payload)
        capture.close()
        return self.inspect(self.path("capture"))

    def test_an_answer_that_is_not_tls(self):
        done = run("demo", "--quiet", "--pcap", self.path("demo"))
        self.assertEqual(done.returncode, DONE)
        hello = wire.payloads(self.path("demo"))[0]
        text = self.exchange(hello, (1, b"HTTP/1.1 400 Bad Request\r\n\r\n"))
        self.assertIn("What the server sent is not TLS. (NOT_TLS; ", text)
        text = self.exchange(hello)
        self.assertIn("The capture ends before the handshake is done.", text)

    def test_a_hello_in_the_format_of_ssl2(self):
        hello = bytes.fromhex("010303 0009 0000 0020 00c02b 00c02f 010080") + bytes(32)
        hello = struct.pack(">H", 0x8000 | len(hello)) + hello
        text = self.exchange((0, hello), (1, bytes.fromhex("15 0303 0002 0228")))
        self.assertIn("asked for no name and offered TLS 1.2 at most with 2 cipher suites", text)
        self.assertRegex(text, r"offered: TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_RSA.*NO_COMMON_SUITE")

    @peer.with_openssl
    def test_tls_1_3_is_named(self):
        program = OpenSsl()
        with program.server(["-tls1_3"], "server-p256") as (place, _):
            with wire.relay(self.path("capture"), place) as between:
                program.client(between.port, ["-tls1_3"], self.path("keys"))
        text = self.inspect(self.path("capture"))
        self.assertIn("asked for server.example and offered TLS 1.3 at most", text)
        self.assertIn("The server chose TLS 1.3", text)
        self.assertIn("What follows of TLS 1.3 is not read.", text)

    def test_a_resumed_session(self):
        with server("--echo") as running:
            done = run("client", f"127.0.0.1:{running.port}", "--ca", pki("roots.pem"), "--name", "server.example",
                       "--resume", "1", "--pcap", self.path("capture"), data=b"data")
            self.assertEqual(done.returncode, DONE, done.stderr)
        reports = self.inspect(self.path("capture")).split("connection 2:")
        self.assertNotIn("It resumed an earlier session.", reports[0])
        self.assertIn("It resumed an earlier session.", reports[1])

    def test_a_client_with_a_certificate(self):
        with server("--client-auth", "require", "--client-ca", pki("roots.pem"), "--policy", "compatible",
                    pair="server-rsa2048") as running:
            done = run("client", f"127.0.0.1:{running.port}", "--ca", pki("roots.pem"), "--name", "server.example",
                       "--cert", pki("client-p256.chain.pem"), "--key", pki("client-p256.key"), "--alpn", "a/1",
                       "--max", "tls1.2", "--policy", "compatible", "--suites", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
                       "--groups", "ffdhe2048", "--pcap", self.path("capture"))
            self.assertEqual(done.returncode, DONE, done.stderr)
        text = self.inspect(self.path("capture"))
        self.assertIn("a Diffie-Hellman group of 2048 bits, signed with rsa_pss_rsae_sha256", text)
        self.assertIn("encrypt-then-MAC", text)
        self.assertIn("The client's certificate is CN=client.example", text)

    def test_files(self):
        run("demo", "--quiet", "--pcap", self.path("whole"))
        with open(self.path("whole"), "rb") as file:
            whole = file.read()
        for name, data in (("text", b"not a capture, by far and large"), ("short", whole[:-5]),
                           ("link", whole[:20] + struct.pack("=I", 105) + whole[24:])):
            with open(self.path(name), "wb") as file:
                file.write(data)
        for name, said in (("absent", "cannot open"), ("text", "is not a capture"), ("short", "truncated"),
                           ("link", "packets of the link type IEEE802_11 .105. are not read")):
            done = run("inspect", self.path(name))
            self.assertEqual(done.returncode, OUTSIDE, name)
            self.assertRegex(done.stderr, f"^handfast: .*{said}.*\n$")
            self.assertEqual("connection 1" in done.stdout, name == "short", done.stdout)

    def test_packets_of_other_kinds_are_counted(self):
        capture = wire.Capture(self.path("capture"), "ethernet")
        capture.network = lambda segment, *ends: (wire.ipv4(segment, *ends)[0].replace(b"\x40\0\x40\6", b"\x20\0\x40\6"),
                                                  b"\x08\0")
        wire.Flow(capture, ("10.0.0.1", 1), ("10.0.0.2", 2))
        capture.network = lambda segment, *ends: (b"\x45\0", b"\x08\0")
        wire.Flow(capture, ("10.0.0.1", 1), ("10.0.0.2", 2))
        capture.network = lambda segment, *ends: (b"\0" * 28, b"\x08\6")
        wire.Flow(capture, ("10.0.0.1", 1), ("10.0.0.2", 2))
        capture.close()
        text = self.inspect(self.path("capture"))
        self.assertRegex(text, "no TLS connection fragments of IP packets, not put together: 3 malformed packets: 3$")

    def test_the_ladder_as_a_picture(self):
        run("demo", "--quiet", "--pcap", self.path("demo"), "--keylog", self.path("keys"))
        self.inspect(self.path("demo"), "--keylog", self.path("keys"), "--svg", self.path("svg"))
        picture = xml.etree.ElementTree.parse(self.path("svg")).getroot()
        texts = ["".join(element.itertext()) for element in picture.iter() if element.tag.endswith("text")]
        for text in ("ClientHello", "Finished", "data", "warning close_notify"):
            self.assertTrue(any(text in each for each in texts), (text, texts))
        done = run("inspect", self.path("demo"), "--svg", self.path("absent/svg"))
        self.assertEqual(done.returncode, OUTSIDE)

    def test_usage(self):
        for arguments in ([], ["a", "b"], ["a", "--connection", "0"], ["a", "--connection", "x"], ["a", "--no"]):
            self.assertEqual(run("inspect", *arguments).returncode, USAGE, arguments)
        self.assertEqual(run("inspect", "/dev/null", "--keylog", self.path("absent")).returncode, OUTSIDE)


if __name__ == "__main__":
    unittest.main()
