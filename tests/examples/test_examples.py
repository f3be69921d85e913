"""The examples do what their first lines say: test_examples.py FOLDER, where they were built."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../tool"))
import tool  # noqa: E402
from peer import openssl, openssl_client, openssl_server, with_openssl  # noqa: E402
from tool import LIMIT, pki, wait_for  # noqa: E402

CURL = shutil.which("curl")
with_tool = unittest.skipUnless(os.path.exists(tool.TOOL), "the command is not in this build")
with_curl = unittest.skipUnless(CURL, "curl is not installed")


def run(name, *arguments):
    done = subprocess.run([os.path.join(FOLDER, name), *arguments], capture_output=True, text=True,
                          timeout=LIMIT)
    return done.returncode, done.stdout, done.stderr


def identity(name, keys):
    return pki(f"{name}-{keys}.der"), pki(f"inter-{keys}.der"), pki(f"{name}-{keys}.key.der")


def curl(host, port, *options):
    """A page of this host, which is really at 127.0.0.1, and what curl complains about."""
    done = subprocess.run([CURL, "-sS", "--noproxy", "*", "--tlsv1.2", "--tls-max", "1.2",
                           "--cacert", pki("roots.pem"), "--resolve", f"{host}:{port}:127.0.0.1", *options,
                           f"https://{host}:{port}/"], capture_output=True, text=True, timeout=LIMIT)
    return done.stdout, done.stderr


@contextlib.contextmanager
def started(name, *arguments):
    """An example that serves, on a port of its own choice: the port and a function for what it complains of."""
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen([os.path.join(FOLDER, name), "0", *arguments], text=True,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors)

        def complaints():
            with open(f"/proc/self/fd/{errors.fileno()}", encoding="utf-8") as file:
                return file.read()

        try:
            line = process.stdout.readline()
            match = re.fullmatch(r"listening on 127\.0\.0\.1:(\d+)\n", line)
            if not match:
                raise RuntimeError(f"{name} does not serve: {line}{complaints()}")
            yield int(match[1]), complaints, process
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


def echo_client(port, size):
    """Our command sends `size` bytes and reads all of them back."""
    data = os.urandom(size)
    with tempfile.TemporaryFile() as back:
        process = subprocess.Popen([tool.TOOL, "client", f"127.0.0.1:{port}", "--name", "server.example", "--ca",
                                    pki("roots.pem"), "--quiet"], stdin=subprocess.PIPE, stdout=back,
                                   stderr=subprocess.PIPE)
        process.stdin.write(data)
        process.stdin.flush()
        # Its close_notify would end the echo: the input stays open until all has come back.
        wait_for(lambda: os.fstat(back.fileno()).st_size >= size or process.poll() is not None)
        _, errors = process.communicate(timeout=LIMIT)
        back.seek(0)
        return process.returncode, errors.decode(), back.read() == data


def openssl_echo(port, line):
    """What comes back to s_client."""
    with subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-quiet", "-tls1_2", "-CAfile",
                           pki("roots.pem"), "-verify_return_error"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        process.stdin.write(line)
        process.stdin.flush()
        back = process.stdout.readline()
        process.kill()
        return back


class Examples(unittest.TestCase):
    @with_openssl
    def test_client(self):
        with self.example("client"), openssl_server("-tls1_2") as (address, output):
            port = address.split(":")[1]
            arguments = "127.0.0.1", port, "server.example", pki("root-p256.der")
            status, out, err = run("client", *arguments)
            self.assertEqual((status, err), (0, ""), output())
            self.assertRegex(out, r"(?s)^HTTP/1.0 200 ok\n.*</BODY></HTML>\s*$")
            # What must not be taken: another name, another root.
            status, out, err = run("client", *arguments[:2], "other.example", arguments[3])
            self.assertEqual((status, out), (1, ""))
            self.assertRegex(err, r"^client: CERTIFICATE_NAME_MISMATCH: [A-Z].*\. \(RFC 9525 6\)\n$")
            status, out, err = run("client", *arguments[:3], pki("root-p384.der"))
            self.assertEqual((status, out), (1, ""))
            self.assertRegex(err, r"^client: CERTIFICATE_UNKNOWN_CA: ")
            self.assertEqual(run("client", *arguments[:2], "not a name", arguments[3])[0], 1)
            self.assertEqual(run("client", *arguments[:3], "no-such-file")[0], 2)

    @with_openssl
    def test_client_hears_the_servers_alert(self):
        with self.example("client"), openssl_server(
                "-tls1_2", "-Verify", "2", "-CAfile", pki("roots.pem")) as (address, output):
            status, _, err = run("client", "127.0.0.1", address.split(":")[1], "server.example", pki("root-p256.der"))
            self.assertEqual(status, 1, output())
            self.assertRegex(err, r"^client: PEER_ALERT: .*\n  its alert: handshake_failure\n$")

    def test_client_whose_server_hangs_up(self):
        with self.example("client"), socket.create_server(("127.0.0.1", 0)) as listener:
            def cut():
                peer, _ = listener.accept()
                peer.recv(5)
                peer.close()
            thread = threading.Thread(target=cut)
            thread.start()
            status, out, err = run("client", "127.0.0.1", str(listener.getsockname()[1]), "server.example",
                                   pki("root-p256.der"))
            thread.join()
            self.assertEqual((status, out), (1, ""))
            self.assertRegex(err, r"^client: CLOSED_IN_HANDSHAKE: ")

    @with_openssl
    @with_curl
    @with_tool
    def test_server(self):
        with self.example("server"), started("server", *identity("server", "p256")) as (port, complaints, process):
            out, err = curl("server.example", port)
            self.assertEqual((err, complaints()), ("", ""))
            self.assertRegex(out, r"^TLS 1\.2 with TLS_ECDHE_ECDSA_\w+\n$")
            # One that trusts somebody else is reported, garbage too, and the next one is served.
            self.assertIn("curl: (60)", curl("server.example", port, "--cacert", pki("bad-root.pem"))[1])
            wait_for(lambda: "PEER_ALERT" in complaints())
            self.assertRegex(complaints(), r"server: PEER_ALERT: .*\n  its alert: unknown_ca\n$")
            with socket.create_connection(("127.0.0.1", port)) as plain:
                plain.sendall(b"GET / HTTP/1.0\r\n\r\n")
                self.assertEqual(plain.recv(7)[:1], b"\x15")
            # A request in two records.
            done = tool.run("client", f"127.0.0.1:{port}", "--name", "server.example", "--ca", pki("roots.pem"),
                            "--http", "/")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("200 OK", openssl_client(port, "-verify_return_error"))
            self.assertIsNone(process.poll())
            self.assertNotIn("goodbye", complaints())

    @with_curl
    @with_openssl
    def test_https_bindings(self):
        inter = {keys: pki(f"inter-{keys}.der") for keys in ("p256", "rsa2048")}

        def row(host, name, keys):
            return host, pki(name + ".der"), inter[keys], pki(name + ".key.der")

        hosts = [*row("*", "host-default", "p256"), *row("shop.example", "host-shop-p256", "p256"),
                 *row("shop.example", "host-shop-rsa2048", "rsa2048"), *row("*.staff.example", "host-staff", "rsa2048")]
        with self.example("https_bindings"), started("https_bindings", *hosts) as (port, complaints, _):
            for host, by, kind in (("default.example", "the default", "ECDSA"), ("shop.example", "shop.example", "ECDSA"),
                                   ("door.staff.example", r"\*\.staff\.example", "RSA")):
                out, err = curl(host, port)
                self.assertEqual((err, complaints()), ("", ""))
                self.assertRegex(out, rf"^served by {by}\nTLS 1\.2 with TLS_ECDHE_{kind}_\w+\n$")
            # A client without ECDSA gets the other certificate of the same host.
            out, err = curl("shop.example", port, "--ciphers", "ECDHE-RSA-AES128-GCM-SHA256")
            self.assertEqual((out, err), ("served by shop.example\n"
                                          "TLS 1.2 with TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n", ""))
            # A name that nobody has: the default's certificate, which does not suit it.
            self.assertIn("curl: (60)", curl("nobody.example", port)[1])
            with tempfile.TemporaryDirectory() as folder:
                session = os.path.join(folder, "session")
                first = self.ask_as_shop(port, "-sess_out", session)
                again = self.ask_as_shop(port, "-sess_in", session)
            self.assertNotIn("resumed", first)
            self.assertRegex(again, r"served by shop\.example\nTLS 1\.2 with \w+, resumed\n")
        with self.example("https_bindings"), started("https_bindings", *hosts[4:]) as (port, complaints, _):
            self.assertEqual(curl("shop.example", port)[1], "")
            self.assertIn("curl: (35)", curl("nobody.example", port)[1])
            wait_for(lambda: "SERVER_NAME_UNKNOWN" in complaints())
        swapped = row("*", "host-default", "p256")[:3] + (pki("host-shop-p256.key.der"), )
        status, _, err = run("https_bindings", "0", *swapped)
        self.assertEqual(status, 2)
        self.assertRegex(err, r"^https_bindings: .*host-shop-p256\.key\.der: ")

    def ask_as_shop(self, port, *options):
        out, err = openssl("s_client", "-connect", f"127.0.0.1:{port}", "-servername", "shop.example", "-CAfile",
                           pki("roots.pem"), "-verify_return_error", "-tls1_2", "-ign_eof", *options,
                           data=b"GET / HTTP/1.0\r\n\r\n")
        self.assertIn("served by shop.example", out, err)
        return out

    @with_openssl
    @with_tool
    def test_poll(self):
        with self.example("poll"), contextlib.ExitStack() as files, started(
                "poll", *identity("server", "p256")) as (port, complaints, process):
            self.assertEqual(openssl_echo(port, b"hello\n"), b"hello\n")
            wait_for(lambda: "TRUNCATED" in complaints())  # s_client was killed
            # More clients than handshake objects, of which some say nothing, and more data than all buffers hold.
            silent = [files.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(4)]
            results = []
            threads = [threading.Thread(target=lambda size=size: results.append(echo_client(port, size)))
                       for size in (1, 100, 16384, 16385, 400000, 1000000, 7, 2000, 3000, 40000, 50000, 600000)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(results, [(0, "", True)] * len(threads), complaints())
            self.assertEqual(len(complaints().splitlines()), 1)
            # A failure is told to the peer and reported; the others stay.
            silent[0].sendall(b"GET / HTTP/1.0\r\n\r\n")
            self.assertEqual(silent[0].recv(7)[:1], b"\x15")
            self.assertEqual(silent[0].recv(1), b"")
            wait_for(lambda: len(complaints().splitlines()) == 2)
            self.assertRegex(complaints().splitlines()[1], r"^poll: [A-Z_]+: .*\. \(RFC 5246 ")
            for each in silent:
                each.close()
            self.assertEqual(echo_client(port, 10), (0, "", True))
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(LIMIT), 0)

    @with_openssl
    def test_secure_element(self):
        with self.example("secure_element"), openssl_server(
                "-tls1_2", "-Verify", "2", "-CAfile", pki("roots.pem")) as (address, output):
            port = address.split(":")[1]
            for keys in ("p256", "p384"):
                status, out, err = run("secure_element", port, pki("root-p256.der"), *identity("client", keys))
                self.assertEqual((status, err), (0, ""), output())
                self.assertRegex(out, r"^the element signed (32|48) bytes\nHTTP/1.0 200 ok")
                self.assertIn("Client certificate", out)
            # An element with another key than the certificate's: the server notices.
            leaf, inter, _ = identity("client", "p256")
            _, _, other = identity("server", "p256")
            status, out, err = run("secure_element", port, pki("root-p256.der"), leaf, inter, other)
            self.assertEqual((status, err), (1, "PEER_ALERT\n"), out)

    def test_lwip(self):
        with self.example("lwip_loopback"):
            status, out, err = run("lwip_loopback", pki("root-p256.der"), *identity("server", "p256"))
            self.assertEqual((status, err), (0, ""))
            lines = out.splitlines()
            self.assertRegex(lines[0], "^client: TLS_ECDHE_ECDSA_")
            self.assertEqual(lines[1], "client: hello over lwIP")
            self.assertEqual(sorted(lines[2:]), ["client: closed", "server: closed"])
            status, out, _ = run("lwip_loopback", pki("root-p384.der"), *identity("server", "p256"))
            self.assertEqual(status, 0)
            self.assertIn("client: CERTIFICATE_UNKNOWN_CA\n", out)
            self.assertIn("server: PEER_ALERT\n", out)

    def example(self, name):
        if not os.path.exists(os.path.join(FOLDER, name)):
            self.skipTest(f"{name} is not in this build")
        return self.subTest(name)


if __name__ == "__main__":
    FOLDER = sys.argv.pop(1)
    unittest.main()
