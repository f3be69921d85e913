"""--pcap: captures that Wireshark opens, finds nothing wrong with, and decrypts with --keylog."""

import os
import re
import tempfile
import unittest

import peer
from tool import DONE, OUTSIDE, failure, pki, run, server, table
from wire import all_of, by_stream, dissect, join_captures, remarks, with_tshark

PSK = "someone:000102030405060708090a0b0c0d0e0f"
GREETING = b"Hello across the ladder!\0".hex()
FINISHED, CLIENT_HELLO, NEW_SESSION_TICKET, CERTIFICATE_VERIFY = "20", "1", "4", "15"
CLOSE_NOTIFY = "0"
# RFC 8442, for which Wireshark 4.0 has names but no decryption.
NOT_DECRYPTED = re.compile("TLS_ECDHE_PSK_WITH_AES_(128|256)_(GCM|CCM)")


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = lambda name: os.path.join(folder.name, name)


@with_tshark
class Demo(Folder):
    def matrix(self):
        """Every suite in every version that it goes with, and what else changes records."""
        for row in table("suites"):
            for version, name in peer.VERSIONS.items():
                if row["version_min"] <= name:
                    yield ["--suites", row["name"], "--min", version, "--max", version]
        cbc = ["--suites", "TLS_RSA_WITH_AES_128_CBC_SHA"]
        yield [*cbc, "--without", "encrypt_then_mac"]
        yield [*cbc, "--without", "extended_master_secret"]
        yield [*cbc, "--max", "tls1.0", "--without", "encrypt_then_mac"]
        yield ["--rx", "1024"]
        yield ["--tickets", "on", "--alpn", "hello"]

    def assert_inspected(self, capture, rows):
        """`inspect` reads the same, also what tshark cannot decrypt."""
        done = run("inspect", capture, "--keylog", self.path("keys"))
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        reports = re.split(r"(?m)^connection \d+: ", done.stdout)[1:]
        self.assertEqual(len(reports), len(rows))
        for report, options in zip(reports, rows):
            self.assertEqual((report.count("[data 25]"), report.count("[Finished 16]")), (2, 2), report)
            self.assertEqual(report.count("[warning close_notify]"), 2, report)
            self.assertIn("It was closed in order.", " ".join(report.split()))
            if options[0] == "--suites":
                self.assertIn(options[1], report)

    def test_every_suite_is_decrypted(self):
        captures, rows = [], list(self.matrix())
        for index, options in enumerate(rows):
            captures.append(self.path(str(index)))
            done = run("demo", "--quiet", "--legacy", "--psk", PSK, "--pcap", captures[-1], "--keylog",
                       self.path("keys"), *options)
            self.assertEqual(done.returncode, DONE, (options, done.stderr))
        join_captures(captures, self.path("all"))
        self.assert_inspected(self.path("all"), rows)
        frames = dissect(self.path("all"), self.path("keys"))
        self.assertEqual(remarks(frames), [])
        streams = by_stream(frames)
        self.assertEqual(len(streams), len(rows))
        for number, options in enumerate(rows):
            stream = streams[number]
            if NOT_DECRYPTED.match(options[1]):
                self.assertEqual(all_of(stream, "tls.handshake.type")[0], CLIENT_HELLO)
                continue
            self.assertEqual("".join(all_of(stream, "data.data")), 2 * GREETING, options)
            self.assertEqual(all_of(stream, "tls.handshake.type").count(FINISHED), 2, options)
            self.assertEqual(all_of(stream, "tls.alert_message.desc"), 2 * [CLOSE_NOTIFY], options)

    def test_without_the_key_log_nothing_is_readable(self):
        run("demo", "--quiet", "--pcap", self.path("a"))
        frames = dissect(self.path("a"))
        self.assertEqual(remarks(frames), [])
        self.assertEqual(all_of(frames, "data.data"), [])
        self.assertNotIn(FINISHED, all_of(frames, "tls.handshake.type"))

    def test_a_renegotiation(self):
        run("demo", "--quiet", "--renegotiate", "--pcap", self.path("a"), "--keylog", self.path("keys"))
        frames = dissect(self.path("a"), self.path("keys"))
        self.assertEqual(remarks(frames), [])
        types = all_of(frames, "tls.handshake.type")
        self.assertEqual((types.count(CLIENT_HELLO), types.count(FINISHED)), (2, 4))


@with_tshark
class ServerAndClient(Folder):
    def connect(self, address, *options, server_options=(), data=b""):
        """A server and a client with a capture each: the frames of both, checked."""
        with server("--echo", "--pcap", self.path("server"), *server_options,
                    address=f"{address}:0") as running:
            done = run("client", f"{address}:{running.port}", "--ca", pki("roots.pem"), "--name",
                       "server.example", "--pcap", self.path("client"), "--keylog", self.path("keys"),
                       *options, data=data)
            self.assertEqual(done.returncode, DONE, done.stderr)
            self.assertEqual(running.stop(), DONE)
        sides = [dissect(self.path(side), self.path("keys")) for side in ("server", "client")]
        for frames in sides:
            self.assertEqual(remarks(frames), [])
        return sides

    def test_both_address_families_and_all_data(self):
        data = os.urandom(100000)
        for address in ("127.0.0.1", "[::1]"):
            for frames in self.connect(address, data=data):
                sent = [frame for frame in frames if frame["data.data"]]
                ports = {frame["tcp.srcport"][0] for frame in sent}
                self.assertEqual(len(ports), 2)
                for port in ports:
                    self.assertEqual("".join(all_of([frame for frame in sent if frame["tcp.srcport"] == [port]],
                                                    "data.data")), data.hex())

    def test_an_ipv4_client_of_a_server_for_both(self):
        with server("--echo", "--pcap", self.path("server"), address="0") as running:
            run("client", f"127.0.0.1:{running.port}", "--ca", pki("roots.pem"), "--name", "server.example")
            running.stop()
        frames = dissect(self.path("server"))
        self.assertEqual(remarks(frames), [])
        self.assertIn(CLIENT_HELLO, all_of(frames, "tls.handshake.type"))

    def test_resumed_sessions(self):
        for tickets in ("on", "off"):
            for frames in self.connect("127.0.0.1", "--resume", "3", "--tickets", tickets, data=b"data",
                                       server_options=["--tickets", tickets]):
                streams = by_stream(frames)
                self.assertEqual(len(streams), 4)
                for stream in streams.values():
                    self.assertEqual(all_of(stream, "tls.handshake.type").count(FINISHED), 2)
                self.assertEqual("".join(all_of(streams[0], "data.data")), 2 * b"data".hex())
                self.assertEqual(NEW_SESSION_TICKET in all_of(frames, "tls.handshake.type"), tickets == "on")

    def test_a_client_with_a_certificate(self):
        for frames in self.connect(
                "127.0.0.1", "--cert", pki("client-p256.chain.pem"), "--key", pki("client-p256.key"),
                server_options=["--client-auth", "require", "--client-ca", pki("roots.pem")]):
            self.assertIn(CERTIFICATE_VERIFY, all_of(frames, "tls.handshake.type"))

    def test_a_failure(self):
        with server("--pcap", self.path("server")) as running:
            done = run("client", f"127.0.0.1:{running.port}", "--ca", pki("bad-selfsigned.pem"), "--pcap",
                       self.path("client"))
            self.assertEqual(failure(done.stderr)["alert"], "unknown_ca")
            running.stop()
        for side in ("server", "client"):
            self.assertEqual(all_of(dissect(self.path(side)), "tls.alert_message.desc"), ["48"])


class Files(Folder):
    def test_a_file_that_cannot_be_written(self):
        done = run("demo", "--quiet", "--pcap", self.path("absent/file"))
        self.assertEqual(done.returncode, OUTSIDE)
        self.assertRegex(done.stderr, r"^handfast: cannot open the capture: .*absent/file")
        if os.path.exists("/dev/full"):
            done = run("demo", "--quiet", "--pcap", "/dev/full")
            self.assertEqual((done.returncode, done.stderr),
                             (OUTSIDE, "handfast: cannot write all of the capture /dev/full\n"))


if __name__ == "__main__":
    unittest.main()
