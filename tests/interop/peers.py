"""OpenSSL, GnuTLS, curl and nginx, as servers for our client and as clients of our server."""
import dataclasses
import os
import re
import shutil
import socket
import subprocess

import processes
from harness import expect, expect_equal, expect_in
from ours import NAME, PKI, PSK_IDENTITY, PSK_KEY, ROOTS
from suites import FINITE, GROUPS, VERSIONS

PROGRAMS = {
    "openssl": "openssl",
    "gnutls-serv": "gnutls-bin",
    "gnutls-cli": "gnutls-bin",
    "curl": "curl",
    "nginx": "nginx-light",
}
REQUEST = b"GET / HTTP/1.0\r\n\r\n"


def program(name):
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


def missing_programs():
    return [
        f"{name} (Debian package {package})"
        for name, package in PROGRAMS.items()
        if not program(name)
    ]


def versions():
    """One line that says which peers took part."""

    def first(*arguments):
        done = subprocess.run(arguments, capture_output=True, text=True, check=False)
        return re.search(r"\d+\.\d+(\.\d+)?", done.stdout + done.stderr)[0]

    return (
        f"OpenSSL {first('openssl', 'version')}, GnuTLS {first('gnutls-cli', '--version')}, "
        f"curl {first('curl', '--version')}, nginx {first(program('nginx'), '-v')}"
    )


# ------------------------------------------------------------------------------ their names


# Whatever Debian's libraries still have.
OPENSSL_ALL = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
OPENSSL_PSK = ("-psk_identity", PSK_IDENTITY, "-psk", PSK_KEY)
GNUTLS_SIGNATURES = (
    "+SIGN-ALL:+SIGN-RSA-SHA1:+SIGN-ECDSA-SHA1:+SIGN-DSA-SHA1:+SIGN-DSA-SHA256:"
    "%VERIFY_ALLOW_SIGN_WITH_SHA1"
)
GNUTLS_ALL = (
    "NONE:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0:+CIPHER-ALL:+AES-128-CCM-8:"
    "+AES-256-CCM-8:+3DES-CBC:+ARCFOUR-128:+NULL:+MAC-ALL:+SHA256:+SHA384:+MD5:"
    "+ECDHE-ECDSA:+ECDHE-RSA:+DHE-RSA:+DHE-DSS:+RSA:+ECDHE-PSK:"
    f"+DHE-PSK:+RSA-PSK:+PSK:+ANON-DH:+ANON-ECDH:+GROUP-ALL:+COMP-NULL:{GNUTLS_SIGNATURES}"
)


def gnutls_priority(suite=None, groups=GROUPS, version="1.2", more=""):
    """A GnuTLS priority string."""
    if suite:
        base = (
            f"NONE:+VERS-TLS{version}:+{suite.gnutls_exchange}:+{suite.gnutls_cipher}:"
            f"+{suite.gnutls_mac}:+COMP-NULL:{GNUTLS_SIGNATURES}"
        )
    else:
        base = f"NORMAL:-VERS-ALL:+VERS-TLS{version}:-GROUP-ALL"
    return base + "".join(f":+GROUP-{group.gnutls}" for group in groups) + more


# ------------------------------------------------------------------------------ certificates


def openssl(folder, *arguments):
    """Runs a command of `openssl`, which must succeed."""
    done = processes.run(["openssl", *arguments], folder)
    expect_equal(done.returncode, 0, done.stderr.decode())


def identity(key):
    """(chain, private key) as files: `key` is a name of make_pki.sh or such a pair itself."""
    return (PKI / f"{key}.chain.pem", PKI / f"{key}.key") if isinstance(key, str) else key


def certificates(chain):
    """The PEM blocks of a file."""
    return re.findall(r"-----BEGIN.+?-----END CERTIFICATE-----\n", chain.read_text(), re.DOTALL)


def issuers_file(chain, folder):
    """What a server sends after its certificate, in a file; None if that is nothing."""
    issuers = certificates(chain)[1:]
    path = folder / f"{chain.stem}.issuers.pem"
    path.write_text("".join(issuers))
    return path if issuers else None


def finite_group(folder, bits):
    """A finite-field group that is not of RFC 7919 but of RFC 3526, as a file."""
    path = folder / f"group{bits}.pem"
    options = ("-algorithm", "DH", "-pkeyopt", f"group:modp_{bits}", "-out", path)
    openssl(folder, "genpkey", "-quiet", "-genparam", *options)
    return path


# ------------------------------------------------------------------------------ servers


class OpensslServer(processes.Process):
    """`openssl s_server`; serves one connection after the other."""

    def __init__(
        self, folder, *options, key="server-p256", mode="-www", version="-tls1_2", keep_stdin=False
    ):
        """version None: all that it has."""
        chain, private_key = identity(key)
        issuers = issuers_file(chain, folder)
        super().__init__(
            [
                "openssl",
                "s_server",
                "-accept",
                "127.0.0.1:0",
                *([mode] if mode else []),
                *([version] if version else []),
                "-cert",
                chain,
                "-key",
                private_key,
                *(["-cert_chain", issuers] if issuers else []),
                *options,
            ],
            folder,
            keep_stdin=keep_stdin,
        )
        self.port = self.wait_for_port()

    def expect_alert(self, number):
        self.wait_for_log(rf"SSL alert number {number}\b")


class GnutlsServer(processes.Process):
    """`gnutls-serv`. It knows no address to bind to and listens on all of them, and it asks for a
    client's certificate unless it is told otherwise."""

    def __init__(self, folder, *options, key="server-p256", mode="--http", priority=None):
        chain, private_key = identity(key)
        super().__init__(
            [
                "gnutls-serv",
                "-p",
                "0",
                *([mode] if mode else []),
                "--priority",
                priority or gnutls_priority(),
                "--x509certfile",
                chain,
                "--x509keyfile",
                private_key,
                *options,
            ],
            folder,
        )
        self.port = self.wait_for_port()

    def expect_alert(self, number):
        """Its log does not name alerts of a handshake; that there was one is what it tells."""
        self.wait_for_log(rf"Received alert \[{number}\]|A TLS fatal alert has been received")


NGINX_PAGE = (
    "location / { default_type text/plain; return 200 "
    '"$ssl_server_name|$ssl_protocol|$ssl_cipher|$ssl_curves|$host\\n"; }'
)


class NginxServer(processes.Process):
    """nginx with a port for each block: the directives of a server, or of several in a tuple.
    nginx takes no port 0, so it inherits listening sockets the way it hands them to its successor.
    """

    def __init__(self, folder, *blocks, http=""):
        sockets = [self._listener() for _ in blocks]
        self.ports = [one.getsockname()[1] for one in sockets]
        self.port = self.ports[0]
        prefix = folder / f"nginx{processes.Process.number()}"
        (prefix / "tmp").mkdir(parents=True)
        (prefix / "html").mkdir()
        self.root = prefix / "html"
        (prefix / "nginx.conf").write_text(self._configuration(blocks, http))
        numbers = [one.fileno() for one in sockets]
        super().__init__(
            [program("nginx"), "-p", prefix, "-c", "nginx.conf", "-e", "stderr"],
            folder,
            pass_fds=numbers,
            NGINX="".join(f"{number};" for number in numbers),
        )
        for one in sockets:
            one.close()
        self.wait_for_log('start worker process |using the "epoll"')

    @staticmethod
    def _listener():
        one = socket.socket()
        one.bind(("127.0.0.1", 0))
        one.listen(256)
        one.setblocking(False)
        return one

    def _configuration(self, blocks, http):
        user = "user root;" if os.geteuid() == 0 else ""
        paths = "".join(
            f"{kind}_temp_path tmp/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        servers = ""
        for block, port in zip(blocks, self.ports):
            for directives in (block,) if isinstance(block, str) else block:
                directives = directives.replace("LISTEN", f"listen 127.0.0.1:{port}")
                servers += f"server {{ {directives} {NGINX_PAGE} }}\n"
        return (
            f"daemon off; worker_processes 1; pid nginx.pid; error_log stderr info; {user}\n"
            f"events {{ worker_connections 512; }}\n"
            f"http {{ access_log off; lingering_close off;\n{paths}{http}\n{servers}}}\n"
        )

    def expect_alert(self, number):
        self.wait_for_log(rf"SSL alert number {number}\b")


def nginx_block(key, more="", names=NAME, versions=VERSIONS[-1:]):
    """Directives of a server with all the suites and groups that it has in these versions."""
    chain, private_key = identity(key)
    protocols = " ".join(version.protocol for version in versions)
    groups = ":".join(group.others[1] for group in GROUPS)
    return (
        f"LISTEN ssl; server_name {names}; ssl_certificate {chain}; "
        f"ssl_certificate_key {private_key}; ssl_protocols {protocols}; ssl_ciphers {OPENSSL_ALL}; "
        f"ssl_ecdh_curve {groups}; {more}"
    )


# ------------------------------------------------------------------------------ clients


@dataclasses.dataclass
class PeerOutcome:
    status: int
    stdout: bytes
    log: str

    def expect_success(self):
        expect_equal(self.status, 0, f"exit status, with\n{self.log}")
        expect(
            b"200 OK" in self.stdout or b"<title>" in self.stdout,
            f"no page:\n{self.stdout[-400:]!r}\n{self.log[-2000:]}",
        )

    def expect_alert(self, number):
        expect(self.status != 0, f"succeeded:\n{self.log}")
        expect(
            re.search(
                rf"alert number {number}\b|Received alert \[{number}\]|alert .*\({number}\)",
                self.log,
            ),
            f"no alert {number} in:\n{self.log}",
        )


def _outcome(done):
    text = (done.stdout + b"\n" + done.stderr).decode(errors="replace")
    return PeerOutcome(done.returncode, done.stdout, text)


def openssl_arguments(port, *options, name=NAME, ca=ROOTS, version="-tls1_2"):
    called = ["-servername", name, "-verify_hostname", name] if name else ["-noservername"]
    trust = ["-CAfile", ca, "-verify_return_error"]
    address = f"127.0.0.1:{port}"
    return ["openssl", "s_client", "-connect", address, *trust, version, *called, *options]


def openssl_client(folder, port, *options, stdin=REQUEST, seconds=60, **more):
    arguments = openssl_arguments(port, "-ign_eof", *options, **more)
    return _outcome(processes.run(arguments, folder, stdin=stdin, seconds=seconds))


def gnutls_arguments(port, *options, name=NAME, ca=ROOTS, priority=None):
    called = ["--sni-hostname", name, "--verify-hostname", name] if name else ["--disable-sni"]
    trust = ["--x509cafile", ca, "--priority", priority or gnutls_priority()]
    return ["gnutls-cli", "127.0.0.1", "-p", port, *trust, *called, *options]


def gnutls_client(folder, port, *options, stdin=REQUEST, end_input=False, seconds=60, **more):
    """The end of its input makes gnutls-cli close the connection, whatever is still to come; so
    unless end_input is set, its input stays open and the server closes."""
    arguments = gnutls_arguments(port, *options, **more)
    if end_input:
        return _outcome(processes.run(arguments, folder, stdin=stdin, seconds=seconds))
    with processes.Process(arguments, folder, keep_stdin=True) as client:
        client.type(stdin)
        status = client.wait(seconds)
        return PeerOutcome(status, client.stdout(), client.log())


def curl_arguments(port, *options, name=NAME, ca=ROOTS, path="/"):
    return [
        "curl",
        "-q",
        "-sS",
        "-v",
        "--max-time",
        "60",
        "--cacert",
        ca,
        "--resolve",
        f"{name}:{port}:127.0.0.1",
        *options,
        f"https://{name}:{port}{path}",
    ]


def curl(folder, port, *options, seconds=60, **more):
    return _outcome(processes.run(curl_arguments(port, *options, **more), folder, seconds=seconds))


def expect_openssl_saw(outcome, suite, group=None, version=VERSIONS[-1]):
    expect_in(f"Cipher is {suite.openssl}\n", outcome.log, "s_client")
    expect(
        re.search(rf"^    Protocol  : {re.escape(version.protocol)}$", outcome.log, re.MULTILINE),
        f"s_client: not {version.protocol}:\n{outcome.log}",
    )
    if suite.certificate:
        expect_in("Verification: OK", outcome.log, "s_client")
    if group in FINITE:
        bits = group.name.removeprefix("ffdhe")
        expect_in(f"Server Temp Key: DH, {bits} bits", outcome.log, "s_client")
    elif group:
        expect(
            any(f"ECDH, {name}," in outcome.log for name in group.others),
            f"s_client: not {group.short}:\n{outcome.log}",
        )


def expect_gnutls_saw(outcome, suite, group=None, version=VERSIONS[-1]):
    if suite.certificate:
        expect_in("The certificate is trusted", outcome.log, "gnutls-cli")
    description = re.search("- Description: (.+)", outcome.log)
    expect(description, f"gnutls-cli:\n{outcome.log}")
    expected = [f"(TLS{version.name}-", f"({suite.gnutls_cipher})"]
    if suite.mac != "AEAD":
        expected.append(f"({suite.gnutls_mac})")
    if group and suite.authentication != "anonymous":
        expected.append(f"DHE-{group.gnutls})")
    elif not suite.groups:
        expected.append(f"({suite.gnutls_exchange})")
    for part in expected:
        expect_in(part, description[1], "gnutls-cli")


def expect_curl_saw(outcome, suite, version=VERSIONS[-1]):
    expect_in(f"{version.protocol} / {suite.openssl}", outcome.log, "curl")
    expect_in("SSL certificate verify ok", outcome.log, "curl")
