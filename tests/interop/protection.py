"""What CBC suites and the master secret can be changed to: encrypt_then_mac (RFC 7366),
truncated_hmac (RFC 6066 7) and extended_master_secret (RFC 7627), each with and without. The
ServerHello on the wire says what was agreed on."""
import dataclasses
import functools
import typing

import libraries
import ours
import peers
import relay
import suites
import table
from harness import Claim, expect, scenario
from suites import VERSIONS

TRUNCATED_HMAC, ENCRYPT_THEN_MAC, EXTENDED_MASTER_SECRET = 4, 22, 23
EXTENSIONS = {TRUNCATED_HMAC, ENCRYPT_THEN_MAC, EXTENDED_MASTER_SECRET}
SUITES = ("TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384")
BOTH = {ENCRYPT_THEN_MAC, EXTENDED_MASTER_SECRET}


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    agreed: typing.FrozenSet[int]  # of the three extensions
    ours: tuple = ()  # options
    # Options of the peers; None where a peer has no such thing.
    openssl: typing.Optional[tuple] = ()
    gnutls: typing.Optional[str] = ""
    library: tuple = ()
    servers: tuple = ("mbedtls", "wolfssl", "botan")
    clients: tuple = ("mbedtls", "wolfssl", "botan")


# Left out: truncated_hmac with wolfSSL 5.5, which with a MAC before the encryption, and as a client
# always, fails against Mbed TLS just as against us; extended_master_secret at servers of wolfSSL,
# which cannot leave it out.
ROWS = {
    row.name: row
    for row in (
        Row("encrypt_then_mac", frozenset(BOTH)),
        Row(
            "encrypt_then_mac left out by us",
            frozenset({EXTENDED_MASTER_SECRET}),
            ours=("--without", "encrypt_then_mac"),
        ),
        Row(
            "encrypt_then_mac left out by the peer",
            frozenset({EXTENDED_MASTER_SECRET}),
            openssl=("-no_etm",),
            gnutls=":%NO_ETM",
            library=("etm=off",),
        ),
        Row(
            "truncated_hmac",
            frozenset({TRUNCATED_HMAC, EXTENDED_MASTER_SECRET}),
            ours=("--truncated-hmac", "--without", "encrypt_then_mac"),
            openssl=None,
            gnutls=None,
            library=("truncated=on",),
            servers=("mbedtls",),
            clients=("mbedtls",),
        ),
        Row(
            "truncated_hmac and encrypt_then_mac",
            frozenset({TRUNCATED_HMAC, ENCRYPT_THEN_MAC, EXTENDED_MASTER_SECRET}),
            ours=("--truncated-hmac",),
            openssl=None,
            gnutls=None,
            library=("truncated=on",),
            servers=("mbedtls", "wolfssl"),
            clients=("mbedtls",),
        ),
        Row(
            "extended_master_secret left out by us",
            frozenset({ENCRYPT_THEN_MAC}),
            ours=("--without", "extended_master_secret"),
        ),
        Row(
            "extended_master_secret left out by the peer",
            frozenset({ENCRYPT_THEN_MAC}),
            openssl=None,
            gnutls=":%NO_SESSION_HASH",
            library=("ems=off",),
            servers=("mbedtls",),
            clients=("mbedtls", "wolfssl"),
        ),
        Row(
            "a peer that has none of them",
            frozenset(),
            openssl=None,
            gnutls=None,
            servers=("bearssl",),
            clients=("bearssl",),
        ),
    )
}


def cases():
    """(suite, version)"""
    for name in SUITES:
        suite = suites.named(name)
        for version in suite.versions:
            yield suite, version


def library_cases(row, chosen):
    for library in libraries.present():
        if library in chosen:
            for suite, version in cases():
                if libraries.has(library, suite, version):
                    yield library, suite, version


def claim(row, column, version):
    return Claim(table.PROTECTION, row.name, column, version.name)


def expect_agreed(between, row):
    agreed = between.server_hello_extensions() & EXTENSIONS
    expect(agreed == row.agreed, f"extensions {agreed} in the ServerHello, not {row.agreed}")


# ------------------------------------------------------------------------------ our client


def client_connects(trial, row, column, port, suite, version):
    with relay.Relay(port) as between:
        options = (*suites.options(suite, version=version), *row.ours)
        outcome = ours.client(trial.folder, between.port, *options)
        outcome.expect_page(suite=suite.name, version=version.name)
        expect_agreed(between, row)


def servers(trial, row):
    """(column, server) of those that serve many connections."""
    key = "server-rsa2048"
    if row.openssl is not None:
        options = ("-cipher", peers.OPENSSL_ALL, *row.openssl)
        with peers.OpensslServer(trial.folder, *options, key=key, version=None) as server:
            yield table.OPENSSL_SERVER, server
    if row.gnutls is not None:
        priority = peers.GNUTLS_ALL + row.gnutls
        with peers.GnutlsServer(trial.folder, key=key, priority=priority) as server:
            yield table.GNUTLS_SERVER, server


@scenario("protection.client", ROWS)
def client_protection(trial, name):
    row = ROWS[name]
    for column, server in servers(trial, row):
        for suite, version in cases():
            with trial.check(f"{column} {suite.name} {version}", claim(row, column, version)):
                client_connects(trial, row, column, server.port, suite, version)
    for library, suite, version in library_cases(row, row.servers):
        column = table.server_column(library)
        with trial.check(
            f"{column} {suite.name} {version}", claim(row, column, version)
        ), libraries.Server(library, trial.folder, suite, version, *row.library) as server:
            client_connects(trial, row, column, server.port, suite, version)
            server.expect_served()


# ------------------------------------------------------------------------------ our server


def openssl_connects(trial, row, port, suite, version):
    options = ("-cipher", f"{suite.openssl}:@SECLEVEL=0", *row.openssl)
    peers.openssl_client(trial.folder, port, *options, version=version.openssl).expect_success()


def gnutls_connects(trial, row, port, suite, version):
    priority = peers.gnutls_priority(suite, version=version.name, more=row.gnutls)
    peers.gnutls_client(trial.folder, port, priority=priority).expect_success()


def library_connects(library, trial, row, port, suite, version):
    libraries.client(library, trial.folder, port, suite, version, *row.library)


def connections(row):
    """(column, suite, version, function that connects)"""
    for column, connect, wanted in (
        (table.OPENSSL_CLIENT, openssl_connects, row.openssl),
        (table.GNUTLS_CLIENT, gnutls_connects, row.gnutls),
    ):
        if wanted is not None:
            for suite, version in cases():
                yield column, suite, version, connect
    for library, suite, version in library_cases(row, row.clients):
        connect = functools.partial(library_connects, library)
        yield table.client_column(library), suite, version, connect


@scenario("protection.server", ROWS)
def server_protection(trial, name):
    row = ROWS[name]
    chosen = [suites.named(suite) for suite in SUITES]
    limits = ("--min", VERSIONS[0].ours)
    with ours.Server(
        trial.folder, *suites.options(*chosen), *limits, *row.ours, key="server-rsa2048"
    ) as server:
        for column, suite, version, connect in connections(row):
            with trial.check(
                f"{column} {suite.name} {version}", claim(row, column, version)
            ), relay.Relay(server.port) as between:
                server.taken = len(server.lines())
                connect(trial, row, between.port, suite, version)
                server.expect_closed(suite=suite.name, version=f"TLS {version}")
                expect_agreed(between, row)
