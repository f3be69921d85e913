"""`inspect`: captures of OpenSSL and GnuTLS that fail in every way, read with and without a key log."""

import os
import shutil
import subprocess
import tempfile
import threading
import unittest

import peer
import wire
from tool import DONE, LIMIT, OUTSIDE, USAGE, pki, run

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


if __name__ == "__main__":
    unittest.main()
