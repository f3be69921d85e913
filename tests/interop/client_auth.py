"""Client certificates: every kind of key in every version, and clients that have none."""
import ours
import peers
import table
from harness import Claim, expect, expect_in, scenario
from ours import ROOTS
from suites import VERSIONS

KEYS = {
    "rsa2048": "an RSA key",
    "p256": "an ECDSA key on P-256",
    "p384": "an ECDSA key on P-384",
    "p521": "an ECDSA key on P-521",
    "dsa1024": "a DSA key of 1024 bits",
    "dsa2048": "a DSA key of 2048 bits",
}
SUBJECT = "CN=client.example"
REFUSED = "required, and the client has none: refused"
OPTIONAL = "asked for, and the client has none: served"


def possible(column, key, version):
    """GnuTLS knows DSA with SHA-1 alone, which gnutls-cli does not use with the longer key; and we
    sign and verify no SHA-1 in the CertificateVerify of TLS 1.2. curl reads the certificate before
    it hears of the lower security level that short keys need."""
    if (column, key) == (table.CURL, "dsa1024"):
        return False
    if column in (table.GNUTLS_SERVER, table.GNUTLS_CLIENT) and key.startswith("dsa"):
        return version.name != "1.2" and (column, key) != (table.GNUTLS_CLIENT, "dsa2048")
    return True


def cases(column):
    pairs = [(key, version) for key in KEYS for version in VERSIONS]
    return [(key, version) for key, version in pairs if possible(column, key, version)]


def claim(column, row, version):
    return Claim(table.CLIENT_AUTH, row, column, version.name)


def limits(version):
    return ("--policy", "legacy", "--min", version.ours, "--max", version.ours)


# ------------------------------------------------------------------------------ our client


def start_openssl(trial, required):
    asked = ("-Verify" if required else "-verify", "4", "-CAfile", ROOTS, "-verify_return_error")
    return peers.OpensslServer(
        trial.folder, "-cipher", peers.OPENSSL_ALL, *asked, version=None, key="server-rsa2048"
    )


def start_gnutls(trial, required):
    asked = ("--require-client-cert",) if required else ()
    return peers.GnutlsServer(
        trial.folder,
        "--x509cafile",
        ROOTS,
        "--verify-client-cert",
        *asked,
        key="server-rsa2048",
        priority=peers.GNUTLS_ALL,
    )


def start_nginx(trial, required):
    block = peers.nginx_block(
        "server-rsa2048",
        f"ssl_verify_client {'on' if required else 'optional'}; ssl_client_certificate {ROOTS}; "
        'ssl_verify_depth 3; add_header Client "$ssl_client_verify $ssl_client_s_dn";',
        versions=VERSIONS,
    )
    return peers.NginxServer(trial.folder, block)


def openssl_knows(_server, page):
    expect_in("Subject: CN=client.example\n", page, "s_server")


def gnutls_knows(server, _page):
    server.wait_for_log("Subject: CN=client.example")
    expect_in("The certificate is trusted", server.log(), "gnutls-serv")


def nginx_knows(_server, page):
    expect_in(f"Client: SUCCESS {SUBJECT}\r\n", page, "nginx")


SERVERS = {
    table.OPENSSL_SERVER: (start_openssl, openssl_knows),
    table.GNUTLS_SERVER: (start_gnutls, gnutls_knows),
    table.NGINX: (start_nginx, nginx_knows),
}


@scenario("client_auth.client", SERVERS)
def client_keys(trial, column):
    start, expect_known = SERVERS[column]
    for key, version in cases(column):
        with trial.check(f"{key} {version}", claim(column, KEYS[key], version)), start(
            trial, True
        ) as server:
            outcome = ours.client(
                trial.folder, server.port, *ours.pair(f"client-{key}"), *limits(version)
            )
            outcome.expect_page(version=version.name)
            expect_known(server, outcome.stdout.decode(errors="replace"))


@scenario("client_auth.client.none", SERVERS)
def client_without(trial, column):
    start, _ = SERVERS[column]
    with start(trial, True) as strict, start(trial, False) as lenient:
        for version in VERSIONS:
            if column != table.NGINX:  # which answers with a page that says 400
                with trial.check(f"refused {version}", claim(column, REFUSED, version)):
                    ours.client(trial.folder, strict.port, *limits(version)).expect_failure(
                        "PEER_ALERT"
                    )
            with trial.check(f"served {version}", claim(column, OPTIONAL, version)):
                ours.client(trial.folder, lenient.port, *limits(version)).expect_page(
                    version=version.name
                )


# ------------------------------------------------------------------------------ our server


def openssl_connects(trial, port, key, version):
    options = ()
    if key:
        chain, private_key = peers.identity(f"client-{key}")
        options = ("-cert", chain, "-cert_chain", chain, "-key", private_key)
    return peers.openssl_client(
        trial.folder, port, "-cipher", peers.OPENSSL_ALL, *options, version=version.openssl
    )


def gnutls_connects(trial, port, key, version):
    options = ()
    if key:
        chain, private_key = peers.identity(f"client-{key}")
        options = ("--x509certfile", chain, "--x509keyfile", private_key)
    priority = f"{peers.GNUTLS_ALL}:-VERS-ALL:+VERS-TLS{version}"
    return peers.gnutls_client(trial.folder, port, *options, priority=priority)


def curl_connects(trial, port, key, version):
    options = ["--tls-max", version.name, "--ciphers", peers.OPENSSL_ALL]
    options.append(f"--tlsv{version}")
    if key:
        chain, private_key = peers.identity(f"client-{key}")
        options += ["--cert", chain, "--key", private_key]
    return peers.curl(trial.folder, port, *options)


CLIENTS = {
    table.OPENSSL_CLIENT: openssl_connects,
    table.GNUTLS_CLIENT: gnutls_connects,
    table.CURL: curl_connects,
}


def our_server(trial, mode):
    return ours.Server(
        trial.folder,
        "--policy",
        "legacy",
        "--client-auth",
        mode,
        "--client-ca",
        ROOTS,
        key="server-rsa2048",
    )


@scenario("client_auth.server", CLIENTS)
def server_keys(trial, column):
    connect = CLIENTS[column]
    with our_server(trial, "require") as server:
        for key, version in cases(column):
            with trial.check(f"{key} {version}", claim(column, KEYS[key], version)):
                server.taken = len(server.lines())
                connect(trial, server.port, key, version).expect_success()
                server.expect_closed(version=f"TLS {version}", client=SUBJECT)


@scenario("client_auth.server.none", CLIENTS)
def server_without(trial, column):
    connect = CLIENTS[column]
    with our_server(trial, "require") as strict, our_server(trial, "request") as lenient:
        for version in VERSIONS:
            with trial.check(f"refused {version}", claim(column, REFUSED, version)):
                outcome = connect(trial, strict.port, None, version)
                expect(outcome.status != 0, "it must fail")
                strict.expect_failure("CERTIFICATE_MISSING", (40, "sent"))
            with trial.check(f"served {version}", claim(column, OPTIONAL, version)):
                connect(trial, lenient.port, None, version).expect_success()
                expect(lenient.expect_closed()["client"] is None, "there is no client certificate")
