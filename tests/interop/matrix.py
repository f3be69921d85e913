"""Every suite in every version, every group with every kind of key, and every signature scheme."""
import typing

import ours
import peers
import suites
import table
from harness import Claim, expect, expect_equal, expect_in, scenario
from peers import OPENSSL_ALL, OPENSSL_PSK, gnutls_priority
from suites import FINITE, GROUPS, VERSIONS, groups_from

KEYS = {
    "RSA": ("rsa2048", "rsa3072", "rsa4096"),
    "ECDSA": ("p256", "p384", "p521"),
    "DSS": ("dsa1024", "dsa2048"),
}


class Kind(typing.NamedTuple):
    """What one server of a scenario is for."""

    authentication: str
    version: suites.Version

    def __str__(self):
        return f"{self.authentication}.{self.version}"


KINDS = [
    Kind(authentication, version)
    for authentication in (*KEYS, "PSK", "anonymous")
    for version in VERSIONS
]
CERTIFICATE_KINDS = [kind for kind in KINDS if kind.authentication in KEYS]


def cases(kind, has):
    """The suites of a kind that a peer has."""
    return [
        suite
        for suite in suites.rows()
        if suite.authentication == kind.authentication
        and kind.version in suite.versions
        and has(suite)
    ]


def openssl_has(suite):
    return suite.openssl


def gnutls_has(suite):
    return suite.gnutls


def gnutls_cli_has(suite):
    """gnutls-cli 3.7 crashes when it prints the parameters of DHE_PSK and ECDHE_PSK, whoever the
    server is."""
    return suite.gnutls and suite.exchange not in ("DHE_PSK", "ECDHE_PSK")


def with_certificate(suite):
    """Of what OpenSSL has: neither nginx nor curl know pre-shared keys."""
    return suite.openssl and suite.certificate and not suite.has_psk


def suite_claim(title, column, suite, version):
    return Claim(title, suite.name, column, version.name)


def key_of(kind):
    """The server's certificate; with pre-shared keys that of RSA_PSK."""
    chosen = {"ECDSA": "server-p256", "DSS": "server-dsa2048"}
    return chosen.get(kind.authentication, "server-rsa2048")


# ------------------------------------------------------------------------------ our client


def client_suites(trial, column, kind, chosen, port, expect_peer_saw):
    version = kind.version
    for suite in chosen:
        with trial.check(
            f"{suite.name} {version.name}",
            suite_claim(table.CLIENT_SUITES, column, suite, version),
        ):
            outcome = ours.client(trial.folder, port, *suites.options(suite, version=version))
            outcome.expect_page(suite=suite.name, version=version.name)
            expect_peer_saw(outcome.stdout.decode(errors="replace"), suite, version)


@scenario("matrix.client.openssl", KINDS)
def client_to_openssl(trial, kind):
    def saw(page, suite, version):
        expect_in(f"Cipher    : {suite.openssl}\n", page, "s_server")
        expect_in(f"Protocol  : {version.protocol}\n", page, "s_server")

    options = ("-cipher", OPENSSL_ALL, *OPENSSL_PSK)
    with peers.OpensslServer(trial.folder, *options, key=key_of(kind), version=None) as server:
        chosen = cases(kind, openssl_has)
        client_suites(trial, table.OPENSSL_SERVER, kind, chosen, server.port, saw)


def gnutls_psk(folder):
    """The options of a server with our pre-shared key."""
    path = folder / "psk"
    path.write_text(f"{ours.PSK_IDENTITY}:{ours.PSK_KEY}\n")
    return "--pskpasswd", path


@scenario("matrix.client.gnutls", KINDS)
def client_to_gnutls(trial, kind):
    def saw(page, suite, version):
        expect_in(f"<TD>{suite.gnutls}</TD>", page, "gnutls-serv")
        expect_in(f"<TD>TLS{version.name}</TD>", page, "gnutls-serv")

    with peers.GnutlsServer(
        trial.folder, *gnutls_psk(trial.folder), key=key_of(kind), priority=peers.GNUTLS_ALL
    ) as server:
        chosen = cases(kind, gnutls_has)
        client_suites(trial, table.GNUTLS_SERVER, kind, chosen, server.port, saw)


def nginx_server(trial, *keys):
    more = f"ssl_dhparam {peers.finite_group(trial.folder, 2048)};"
    blocks = [peers.nginx_block(key, more, versions=VERSIONS) for key in keys]
    return peers.NginxServer(trial.folder, *blocks)


def nginx_saw(page, suite, version=VERSIONS[-1], group=None):
    name, protocol, cipher, groups, _host = page.split("\r\n\r\n")[1].strip().split("|")
    expect_equal((name, protocol, cipher), (ours.NAME, version.protocol, suite.openssl), "nginx")
    if group:
        expect_equal(groups.split(":")[0], group.others[1], "first group that nginx was offered")


@scenario("matrix.client.nginx", CERTIFICATE_KINDS)
def client_to_nginx(trial, kind):
    with nginx_server(trial, key_of(kind)) as server:
        chosen = cases(kind, with_certificate)
        client_suites(trial, table.NGINX, kind, chosen, server.port, nginx_saw)


# ------------------------------------------------------------------------------ our server


def server_suites(trial, column, kind, has, connect):
    """connect(port, suite, version) makes one connection and checks the peer's side."""
    version, chosen = kind.version, cases(kind, has)
    if not chosen:
        return
    options = ("--prefer", "client", *suites.options(*chosen, version=version))
    with ours.Server(trial.folder, *options, key=key_of(kind)) as server:
        for suite in chosen:
            with trial.check(
                f"{suite.name} {version.name}",
                suite_claim(table.SERVER_SUITES, column, suite, version),
            ):
                server.taken = len(server.lines())
                connect(server.port, suite, version)
                server.expect_closed(
                    suite=suite.name,
                    version=f"TLS {version.name}",
                    name=ours.NAME,
                    psk=suite.has_psk and ours.PSK_IDENTITY,
                )


@scenario("matrix.server.openssl", KINDS)
def openssl_to_server(trial, kind):
    def connect(port, suite, version):
        options = ("-cipher", f"{suite.openssl}:@SECLEVEL=0", *OPENSSL_PSK)
        outcome = peers.openssl_client(trial.folder, port, *options, version=version.openssl)
        outcome.expect_success()
        peers.expect_openssl_saw(outcome, suite, version=version)

    server_suites(trial, table.OPENSSL_CLIENT, kind, openssl_has, connect)


GNUTLS_PSK = ("--pskusername", ours.PSK_IDENTITY, "--pskkey", ours.PSK_KEY)


@scenario("matrix.server.gnutls", KINDS)
def gnutls_to_server(trial, kind):
    def connect(port, suite, version):
        priority = gnutls_priority(suite, GROUPS + FINITE, version.name)
        options = GNUTLS_PSK if suite.has_psk else ()
        outcome = peers.gnutls_client(trial.folder, port, *options, priority=priority)
        outcome.expect_success()
        peers.expect_gnutls_saw(outcome, suite, version=version)

    server_suites(trial, table.GNUTLS_CLIENT, kind, gnutls_cli_has, connect)


def curl_options(version):
    return ("--tls-max", version.name, f"--tlsv{version.name}")


@scenario("matrix.server.curl", CERTIFICATE_KINDS)
def curl_to_server(trial, kind):
    def connect(port, suite, version):
        ciphers = ("--ciphers", f"{suite.openssl}:@SECLEVEL=0")
        outcome = peers.curl(trial.folder, port, *curl_options(version), *ciphers)
        outcome.expect_success()
        peers.expect_curl_saw(outcome, suite, version)

    server_suites(trial, table.CURL, kind, with_certificate, connect)


# ------------------------------------------------------------------------------ groups and keys

# A suite of each exchange that has keys or groups to choose from.
EXCHANGES = (
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
)


def exchange_rows():
    """(suite, key)"""
    for name in EXCHANGES:
        suite = suites.named(name)
        for key in KEYS[suite.authentication]:
            yield suite, key


def exchange_claim(title, column, suite, key, cell):
    exchange = suite.name.removeprefix("TLS_").split("_WITH_")[0]
    return Claim(title, f"{exchange}, {key}", column, cell)


def client_groups(trial, column, port, suite, key, negotiates, saw):
    """negotiates: the server takes finite-field groups from the client's list (RFC 7919), and does
    not use its own."""
    for group in suite.groups or (None,):
        own = group in FINITE and not negotiates
        cell = table.OWN_GROUP if own else group.short if group else "yes"
        with trial.check(
            f"{suite.name} {key} {group.name if group else ''}",
            exchange_claim(table.CLIENT_GROUPS, column, suite, key, cell),
        ):
            options = suites.options(suite)
            if group:
                options += ("--groups", ":".join(g.name for g in groups_from(group)))
            outcome = ours.client(trial.folder, port, *options)
            outcome.expect_page(suite=suite.name, group=None if own else group and group.name)
            expect(not own or "ffdhe" not in outcome.stderr, outcome.stderr)
            saw(outcome.stdout.decode(errors="replace"), suite, group)
        if own:
            return


def start_openssl(trial, key):
    return peers.OpensslServer(trial.folder, "-cipher", OPENSSL_ALL, key=f"server-{key}")


def start_gnutls(trial, key):
    return peers.GnutlsServer(trial.folder, key=f"server-{key}", priority=peers.GNUTLS_ALL)


def start_nginx(trial, key):
    return nginx_server(trial, f"server-{key}")


def openssl_group(page, suite, _group):
    expect_in(f"Cipher    : {suite.openssl}\n", page, "s_server")


def gnutls_group(page, suite, group):
    part = f"DHE-{group.gnutls})" if group else f"({suite.gnutls_exchange})"
    expect_in(part, page, "gnutls-serv")


def nginx_group(page, suite, group):
    nginx_saw(page, suite, group=None if group in FINITE else group)


@scenario("groups.client", [key for keys in KEYS.values() for key in keys])
def client_group_matrix(trial, key):
    for column, start, negotiates, saw in (
        (table.OPENSSL_SERVER, start_openssl, False, openssl_group),
        (table.GNUTLS_SERVER, start_gnutls, True, gnutls_group),
        (table.NGINX, start_nginx, False, nginx_group),
    ):
        with start(trial, key) as server:
            for suite, one in exchange_rows():
                if one == key:
                    client_groups(trial, column, server.port, suite, key, negotiates, saw)


def openssl_with_group(trial, port, suite, group):
    names = [g.short for g in groups_from(group)] if group else []
    options = ("-groups", ":".join(names)) if group else ()
    cipher = ("-cipher", f"{suite.openssl}:@SECLEVEL=0")
    outcome = peers.openssl_client(trial.folder, port, *cipher, *options)
    outcome.expect_success()
    peers.expect_openssl_saw(outcome, suite, group)


def gnutls_with_group(trial, port, suite, group):
    order = groups_from(group) if group else GROUPS
    outcome = peers.gnutls_client(trial.folder, port, priority=gnutls_priority(suite, order))
    outcome.expect_success()
    peers.expect_gnutls_saw(outcome, suite, group)


def curl_with_group(trial, port, suite, group):
    names = [g.short for g in groups_from(group)] if group else []
    options = ("--curves", ":".join(names)) if group else ()
    cipher = ("--tls-max", "1.2", "--ciphers", f"{suite.openssl}:@SECLEVEL=0")
    outcome = peers.curl(trial.folder, port, *cipher, *options)
    outcome.expect_success()
    peers.expect_curl_saw(outcome, suite)


def server_groups(trial, column, connect, server, suite, key):
    """OpenSSL names no finite-field groups in TLS 1.2: our server then takes ffdhe2048."""
    groups = suite.groups or (None,)
    if suite.groups == FINITE and column != table.GNUTLS_CLIENT:
        groups = FINITE[:1]
    for group in groups:
        with trial.check(
            f"{column} {suite.name} {key} {group.name if group else ''}",
            exchange_claim(
                table.SERVER_GROUPS, column, suite, key, group.short if group else "yes"
            ),
        ):
            server.taken = len(server.lines())
            connect(trial, server.port, suite, group)
            server.expect_closed(
                suite=suite.name, group=group.name if group else "-", name=ours.NAME
            )


@scenario("groups.server", [key for keys in KEYS.values() for key in keys])
def server_group_matrix(trial, key):
    chosen = [suite for suite, one in exchange_rows() if one == key]
    with ours.Server(
        trial.folder, "--prefer", "client", *suites.options(*chosen), key=f"server-{key}"
    ) as server:
        for column, connect in (
            (table.OPENSSL_CLIENT, openssl_with_group),
            (table.GNUTLS_CLIENT, gnutls_with_group),
            (table.CURL, curl_with_group),
        ):
            for suite in chosen:
                server_groups(trial, column, connect, server, suite, key)


# ------------------------------------------------------------------------------ schemes

SCHEMES = tuple(
    (f"ecdsa_secp{bits}r1_sha{digest}", f"p{bits}")
    for bits, digest in ((256, 256), (384, 384), (521, 512))
) + tuple(
    (f"rsa_{padding}_sha{digest}", "rsa2048")
    for padding in ("pss_rsae", "pkcs1")
    for digest in (256, 384, 512)
)


def scheme_claim(scheme, column):
    return Claim(table.SCHEMES, scheme, column, "yes")


@scenario("schemes.client", ["rsa2048", "p256", "p384", "p521"])
def client_schemes(trial, key):
    """The first scheme that we offer is used; the others are there for the chain's signatures."""
    chosen = [row for row in SCHEMES if row[1] == key]
    openssl = peers.OpensslServer(trial.folder, key=f"server-{key}")
    gnutls = peers.GnutlsServer(trial.folder, key=f"server-{key}")
    with openssl, gnutls:
        for scheme, _ in chosen:
            others = [row[0] for row in SCHEMES if row[0] != scheme]
            for server, column in (openssl, table.OPENSSL_SERVER), (gnutls, table.GNUTLS_SERVER):
                with trial.check(f"{scheme} {column}", scheme_claim(scheme, column)):
                    outcome = ours.client(
                        trial.folder, server.port, "--schemes", ":".join([scheme] + others)
                    )
                    outcome.expect_page(scheme=scheme)


@scenario("schemes.server", [row[0] for row in SCHEMES])
def server_schemes(trial, scheme):
    """The server has this scheme alone."""
    key = next(row[1] for row in SCHEMES if row[0] == scheme)
    with ours.Server(trial.folder, "--schemes", scheme, key=f"server-{key}") as server:
        for connect, column in (
            (peers.openssl_client, table.OPENSSL_CLIENT),
            (peers.gnutls_client, table.GNUTLS_CLIENT),
        ):
            with trial.check(column, scheme_claim(scheme, column)):
                server.taken = len(server.lines())
                connect(trial.folder, server.port).expect_success()
                server.expect_closed(scheme=scheme)
