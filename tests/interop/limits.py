"""Records that are limited by max_fragment_length (RFC 6066 4) and record_size_limit (RFC 8449): a
relay in between sees that none is longer, in either direction, while 100 KB go both ways."""
import contextlib
import threading

import libraries
import ours
import peers
import processes
import relay
import suites
import table
import traffic
from harness import Claim, expect, expect_equal, scenario
from ours import PKI

SUITE = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
ECDSA_SUITE = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"
OVERHEAD = 24  # of a protected record of these suites: nonce and tag (RFC 5288 3)
KEY, SHORT_KEY = "server-rsa2048", "server-p256-direct"
MAX_FRAGMENT_LENGTH, RECORD_SIZE_LIMIT = 1, 28
LENGTHS = (512, 1024, 2048, 4096)
LIMITS = (512, 1000, 4000)  # not lengths of the other extension, but for the first
SIZE = 100 * 1024
# Mbed TLS splits no message over records and puts none together: the Certificate must fit.
WHOLE = "mbedtls"
LIBRARIES = ("mbedtls", "wolfssl", "bearssl")

FRAGMENT = "max_fragment_length"
LIMIT = "record_size_limit of the client"
SERVER_LIMIT = "record_size_limit of the server"
BOTH_OFFERED = "both asked for: record_size_limit alone is agreed on"
SMALL_BUFFER = "--rx 2048 and no other option"


def suite_for(library):
    return suites.named(ECDSA_SUITE if library == WHOLE else SUITE)


def lengths_for(library, length):
    return library != WHOLE or length >= 1024


def claim(row, column, item):
    return Claim(table.LIMITS, row, column, str(item))


def data():
    return traffic.big_text(SIZE)


def lengths(between, sender, protected_alone=False):
    """Of the plaintext of each record."""
    return [
        len(one.body) - (OVERHEAD if one.protected else 0)
        for one in between.records()
        if one.sender == sender and (one.protected or not protected_alone)
    ]


def expect_limits(between, extension, from_client=None, from_server=None, full=()):
    """full: the sides that have sent so much at once that their longest record is a full one."""
    agreed = between.server_hello_extensions() & {MAX_FRAGMENT_LENGTH, RECORD_SIZE_LIMIT}
    expect_equal(agreed, {extension}, "extensions in the ServerHello")
    for sender, limit in (relay.CLIENT, from_client), (relay.SERVER, from_server):
        # A record_size_limit is one of protected records (RFC 8449 4).
        longest = max(lengths(between, sender, extension == RECORD_SIZE_LIMIT))
        if limit:
            expect(longest <= limit, f"a record of {longest} bytes from the {sender}")
        if limit and sender in full:
            expect_equal(longest, limit, f"longest record of the {sender}")


# ------------------------------------------------------------------------------ our client


def our_options(*options):
    return ("--policy", "compatible", "--suites", f"{SUITE}:{ECDSA_SUITE}", *options)


def our_client_pipes(trial, port, *options):
    """100 KB from our client, and the same number back."""
    with ours.start_client(trial.folder, port, *our_options(*options)) as client:
        client.type(data())
        processes.wait_until(
            lambda: len(client.stdout()) >= SIZE or client.child.poll() is not None, "all data"
        )
        client.child.stdin.close()
        expect_equal(client.wait(), 0, f"exit status, with\n{client.log()[-1000:]}")
        traffic.expect_same(client.stdout(), data(), "what our client got")


@contextlib.contextmanager
def openssl_pipes(trial):
    """It sends what it is given, and prints what it gets: neither waits for the other."""
    with peers.OpensslServer(
        trial.folder, "-quiet", key=KEY, mode=None, keep_stdin=True
    ) as server:
        yield server


def client_and_openssl(trial, *options):
    with openssl_pipes(trial) as server, relay.Relay(server.port) as between:
        # It reads nothing before there is a connection.
        threading.Thread(target=server.type, args=(data(),), daemon=True).start()
        our_client_pipes(trial, between.port, *options)
        processes.wait_until(lambda: len(server.stdout()) >= SIZE, "all data at s_server")
        traffic.expect_same(server.stdout(), data(), "what s_server got")
        yield between


def client_and_gnutls(trial, *options, server_options=()):
    with peers.GnutlsServer(
        trial.folder, *server_options, key=KEY, mode="--echo"
    ) as server, relay.Relay(server.port) as between:
        our_client_pipes(trial, between.port, *options)
        yield between


def client_and_nginx(trial, *options):
    with peers.NginxServer(
        trial.folder, peers.nginx_block(KEY) + "location = /big {}"
    ) as server, relay.Relay(server.port) as between:
        (server.root / "big").write_bytes(data())
        outcome = ours.client(
            trial.folder, between.port, *our_options(*options), http="/big"
        )
        outcome.expect_page()
        traffic.expect_same(outcome.body, data(), "file")
        yield between


def client_and_library(library):
    def connect(trial, *options):
        short = (f"chain={PKI}/{SHORT_KEY}.pem", f"key={PKI}/{SHORT_KEY}.key")
        with libraries.Server(
            library,
            trial.folder,
            suite_for(library),
            suites.VERSIONS[-1],
            f"echo={SIZE}",
            *(short if library == WHOLE else ()),
        ) as server, relay.Relay(server.port) as between:
            our_client_pipes(trial, between.port, *options)
            server.expect_served()
            yield between

    return connect


def client_connects(length=max(LENGTHS)):
    """(column, function that connects and yields the relay)"""
    return [
        (table.OPENSSL_SERVER, client_and_openssl),
        (table.GNUTLS_SERVER, client_and_gnutls),
        (table.NGINX, client_and_nginx),
    ] + [
        (table.server_column(library), client_and_library(library))
        for library in LIBRARIES
        if library in libraries.present() and lengths_for(library, length)
    ]


@scenario("limits.client.fragment", LENGTHS)
def client_fragment(trial, length):
    for column, connect in client_connects(length):
        with trial.check(column, claim(FRAGMENT, column, length)):
            for between in connect(trial, "--mfl", str(length)):
                full = {relay.SERVER} if column == table.NGINX else {relay.CLIENT}
                expect_limits(between, MAX_FRAGMENT_LENGTH, length, length, full)


@scenario("limits.client.limit")
def client_limit(trial):
    """What each side says holds for what the other one sends."""
    for limit in LIMITS:
        with trial.check(f"ours {limit}", claim(LIMIT, table.GNUTLS_SERVER, limit)):
            for between in client_and_gnutls(trial, "--record-size-limit", str(limit)):
                expect_limits(between, RECORD_SIZE_LIMIT, from_server=limit)
        with trial.check(f"theirs {limit}", claim(SERVER_LIMIT, table.GNUTLS_SERVER, limit)):
            for between in client_and_gnutls(
                trial,
                "--record-size-limit",
                "16384",
                server_options=("--recordsize", str(limit)),
            ):
                expect_limits(
                    between, RECORD_SIZE_LIMIT, from_client=limit, full={relay.CLIENT}
                )
    with trial.check("both", claim(BOTH_OFFERED, table.GNUTLS_SERVER, "yes")):
        for between in client_and_gnutls(trial, "--record-size-limit", "1000", "--mfl", "2048"):
            expect_limits(between, RECORD_SIZE_LIMIT, from_server=1000)


@scenario("limits.client.small")
def client_small(trial):
    for column, connect in client_connects():
        with trial.check(column, claim(SMALL_BUFFER, column, "yes")):
            for between in connect(trial, "--rx", "2048"):
                longest = max(lengths(between, relay.SERVER))
                expect(longest <= 2048, f"a record of {longest} bytes from the server")


# ------------------------------------------------------------------------------ our server


def piped(client, block=SIZE):
    """A client of an echo, with its input open: the next block goes once the last one is back."""
    sent = data()
    with client:
        for start in range(0, SIZE, block):
            end = min(SIZE, start + block)
            client.type(sent[start:end])
            tail = sent[max(0, end - 64) : end]
            processes.wait_until(lambda tail=tail: client.stdout().endswith(tail), "the echo")
        client.child.stdin.close()
        client.wait()
        expect(sent in client.stdout(), "other data came back")


def openssl_asks(trial, port, length):
    arguments = peers.openssl_arguments(port, "-quiet", "-no_ign_eof", "-maxfraglen", length)
    piped(processes.Process(arguments, trial.folder, keep_stdin=True))


def gnutls_asks(trial, port, length, block=None):
    """gnutls-cli loses what it has read beyond the length of a record."""
    arguments = peers.gnutls_arguments(port, "--recordsize", length)
    piped(processes.Process(arguments, trial.folder, keep_stdin=True), block or length)


def library_asks(library):
    def connect(trial, port, length):
        libraries.client(
            library,
            trial.folder,
            port,
            suite_for(library),
            suites.VERSIONS[-1],
            f"fragment={length}",
            f"echo={SIZE}",
        )

    return connect


@contextlib.contextmanager
def echo_server(trial, *options):
    pairs = (*ours.pair(KEY), *ours.pair(SHORT_KEY))
    with ours.Server(
        trial.folder, *our_options(*options), *pairs, key=None, service="--echo"
    ) as server, relay.Relay(server.port) as between:
        yield server, between


@scenario("limits.server.fragment", LENGTHS)
def server_fragment(trial, length):
    connects = [(table.OPENSSL_CLIENT, openssl_asks), (table.GNUTLS_CLIENT, gnutls_asks)] + [
        (table.client_column(library), library_asks(library))
        for library in LIBRARIES
        if library in libraries.present() and lengths_for(library, length)
    ]
    for column, connect in connects:
        # GnuTLS asks for both.
        without = ("--without", "record_size_limit") if column == table.GNUTLS_CLIENT else ()
        with echo_server(trial, *without) as (server, between), trial.check(
            column, claim(FRAGMENT, column, length)
        ):
            connect(trial, between.port, length)
            server.expect_closed()
            expect_limits(between, MAX_FRAGMENT_LENGTH, length, length)


@scenario("limits.server.limit")
def server_limit(trial):
    for limit in LIMITS:
        with echo_server(trial) as (server, between), trial.check(
            f"theirs {limit}", claim(LIMIT, table.GNUTLS_CLIENT, limit)
        ):
            gnutls_asks(trial, between.port, limit)
            server.expect_closed()
            expect_limits(between, RECORD_SIZE_LIMIT, from_server=limit)
        with echo_server(trial, "--record-size-limit", str(limit)) as (
            server,
            between,
        ), trial.check(f"ours {limit}", claim(SERVER_LIMIT, table.GNUTLS_CLIENT, limit)):
            gnutls_asks(trial, between.port, 4096, block=limit)
            server.expect_closed()
            expect_limits(between, RECORD_SIZE_LIMIT, from_client=limit)
    with echo_server(trial) as (server, between), trial.check(
        "both", claim(BOTH_OFFERED, table.GNUTLS_CLIENT, "yes")
    ):
        gnutls_asks(trial, between.port, 1024)
        server.expect_closed()
        expect_limits(between, RECORD_SIZE_LIMIT, from_server=1024)
