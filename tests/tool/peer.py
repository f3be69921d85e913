"""OpenSSL and GnuTLS at the other end, as their commands; made certificates that make_pki.sh has not.

A test that needs a command that is not installed is skipped. Debian's limits on old versions are
left behind by an empty OPENSSL_CONF and the security level 0.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

from tool import LIMIT, pki, wait_for

OPENSSL, GNUTLS_SERV = shutil.which("openssl"), shutil.which("gnutls-serv")
ENVIRONMENT = {**os.environ, "OPENSSL_CONF": os.devnull}
VERSIONS = {"tls1.0": "TLS 1.0", "tls1.1": "TLS 1.1", "tls1.2": "TLS 1.2"}
FLAGS = {"tls1.0": "-tls1", "tls1.1": "-tls1_1", "tls1.2": "-tls1_2"}

with_openssl = unittest.skipUnless(OPENSSL, "openssl is not installed")
with_gnutls = unittest.skipUnless(GNUTLS_SERV, "gnutls-serv is not installed")


def openssl(*arguments, data=b""):
    done = subprocess.run([OPENSSL, *arguments], input=data, capture_output=True, timeout=LIMIT,
                          env=ENVIRONMENT)
    return done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def openssl_client(port, *options, request=b"GET / HTTP/1.0\r\n\r\n"):
    """s_client, which asks for a page: what it prints on both outputs."""
    out, err = openssl("s_client", "-connect", f"127.0.0.1:{port}", "-servername", "server.example",
                       "-CAfile", pki("roots.pem"), "-ign_eof", *options, data=request)
    return out + err


@contextlib.contextmanager
def running(command, ready):
    """A server as a process; yields the match of `ready` in its output and a function for all of it."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "out")
        with open(path, "wb") as out:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out,
                                       stderr=subprocess.STDOUT, env=ENVIRONMENT)

        def output():
            with open(path, encoding="utf-8", errors="replace") as file:
                return file.read()

        try:
            wait_for(lambda: re.search(ready, output()) or process.poll() is not None)
            match = re.search(ready, output())
            if not match:
                raise RuntimeError("the server ended: " + output())
            yield match, output
        finally:
            process.kill()
            process.wait()


@contextlib.contextmanager
def openssl_server(*options, pair="server-p256"):
    """s_server that answers each request with a page about the connection; yields HOST:PORT."""
    identity = ["-nocert"] if pair is None else ["-cert", pki(pair + ".pem"), "-cert_chain",
                                                 pki(pair + ".chain.pem"), "-key", pki(pair + ".key")]
    command = [OPENSSL, "s_server", "-accept", "127.0.0.1:0", "-www", *identity, *options]
    with running(command, r"ACCEPT 127\.0\.0\.1:(\d+)") as (match, output):
        yield f"127.0.0.1:{match[1]}", output


@contextlib.contextmanager
def gnutls_server(priority, *options, pair="server-p256"):
    """gnutls-serv, which cannot choose a port itself; yields HOST:PORT."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    identity = [] if pair is None else ["--x509certfile", pki(pair + ".chain.pem"), "--x509keyfile",
                                        pki(pair + ".key")]
    command = [GNUTLS_SERV, "--http", "--port", str(port), "--priority", priority, *identity, *options]
    with running(command, r"listening on IPv4.*done") as (_, output):
        yield f"127.0.0.1:{port}", output


def make_leaf(folder, name, subject, usage, bits_of_dsa=None, extra=""):
    """A leaf below inter-p256 with a P-256 or DSA key: its .chain.pem and .key."""
    path = os.path.join(folder, name)
    if bits_of_dsa:
        openssl("genpkey", "-genparam", "-algorithm", "DSA", "-pkeyopt",
                f"dsa_paramgen_bits:{bits_of_dsa}", "-out", path + ".params")
        openssl("genpkey", "-paramfile", path + ".params", "-out", path + ".key")
    else:
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path + ".key")
    with open(path + ".cnf", "w", encoding="utf-8") as file:
        file.write("[req]\nprompt = no\ndistinguished_name = dn\nutf8 = yes\nstring_mask = utf8only\n"
                   f"{extra}\n[dn]\n{subject}\n[ext]\nbasicConstraints = critical,CA:false\n"
                   f"extendedKeyUsage = {usage}\nsubjectAltName = DNS:server.example\n")
    openssl("req", "-new", "-config", path + ".cnf", "-key", path + ".key", "-out", path + ".csr")
    openssl("x509", "-req", "-in", path + ".csr", "-CA", pki("inter-p256.pem"), "-CAkey",
            pki("inter-p256.key"), "-set_serial", "77", "-days", "30", "-sha256", "-extfile",
            path + ".cnf", "-extensions", "ext", "-out", path + ".pem")
    with open(path + ".chain.pem", "w", encoding="ascii") as chain:
        for part in (path + ".pem", pki("inter-p256.pem")):
            with open(part, encoding="ascii") as file:
                chain.write(file.read())
    return path
