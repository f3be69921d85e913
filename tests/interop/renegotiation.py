"""Renegotiation (RFC 5746), started by either side, alone and with data on its way. That it is
declined where it is not allowed is in features.py. No peer here starts one and then takes data that
was on its way: s_client writes in the meantime and gives up, gnutls-cli expects a ServerHello."""
import re

import ours
import peers
import processes
import table
import traffic
from harness import Claim, expect, expect_equal, expect_in, scenario
from ours import PKI, ROOTS
from suites import VERSIONS

KEY = "server-rsa2048"
COMPATIBLE = ("--policy", "compatible")
OLD = ("-cipher", peers.OPENSSL_ALL)
CLIENT = "client-p256"
SUBJECT = "CN=client.example"
BIG = 1024 * 1024

OURS = "started by our side"
THEIRS = "started by the peer"
CERTIFICATE = "a client certificate, shown in both handshakes"
LATE_CERTIFICATE = "a client certificate that is asked for in the second handshake alone"
OURS_BOTH_WAYS = "started by our side while 1 MB goes to the peer and 1 MB comes"
OURS_IN_FLIGHT = "started by our side while 1 MB comes from the peer"
THEIRS_IN_FLIGHT = "started by the peer while 1 MB goes to it"
HALVES = "started by the peer in the midst of 1 MB that it sends"
DECLINED = "started by our side, and declined by the peer: the connection goes on"


def claim(row, column, version=VERSIONS[-1]):
    return Claim(table.RENEGOTIATION, row, column, version.name)


def limits(version):
    return (*COMPATIBLE, "--min", version.ours, "--max", version.ours)


def text():
    """Lines, with nothing that s_client or s_server takes for a command."""
    return traffic.big_text(BIG)


# ------------------------------------------------------------------------------ our client


def openssl_server(trial, *options):
    return peers.OpensslServer(
        trial.folder,
        "-CAfile",
        ROOTS,
        "-client_renegotiation",
        "-no_resumption_on_reneg",
        *OLD,
        *options,
        key=KEY,
        mode=None,
        version=None,
        keep_stdin=True,
    )


def expect_renegotiated(client, version=VERSIONS[-1]):
    """Our client has ended well and says that it renegotiated."""
    outcome = ours.outcome_of(client)
    outcome.expect_connected(version=version.name)
    expect_in(" renegotiated", outcome.stderr, "line about the connection")


def end(client):
    client.child.stdin.close()
    client.wait()


@scenario("renegotiation.client.ours")
def our_client_starts(trial):
    with openssl_server(trial, "-quiet") as server:
        for version in VERSIONS:
            with trial.check(f"s_server {version}", claim(OURS, table.OPENSSL_SERVER, version)):
                before = len(server.stdout())
                with ours.start_client(
                    trial.folder, server.port, "--renegotiate", *limits(version)
                ) as client:
                    client.type(b"first\n")
                    processes.wait_until(
                        lambda: server.stdout()[before:] == b"first\n", "the first line"
                    )
                    client.type(b"second\n")
                    processes.wait_until(
                        lambda: server.stdout()[before:] == b"first\nsecond\n", "the second line"
                    )
                    end(client)
                    expect_renegotiated(client, version)
    with peers.GnutlsServer(
        trial.folder, key=KEY, priority=peers.GNUTLS_ALL
    ) as server:
        for version in VERSIONS:
            with trial.check(f"gnutls-serv {version}", claim(OURS, table.GNUTLS_SERVER, version)):
                before = server.log().count("*** Received hello message")
                outcome = ours.client(
                    trial.folder, server.port, "--renegotiate", *limits(version)
                )
                outcome.expect_page(version=version.name)
                expect_in(" renegotiated", outcome.stderr, "line about the connection")
                count = server.log().count("*** Received hello message")
                expect_equal(count, before + 1, "renegotiations in the log of gnutls-serv")
    with peers.NginxServer(trial.folder, peers.nginx_block(KEY)) as server, trial.check(
        "nginx", claim(DECLINED, table.NGINX)
    ):
        outcome = ours.client(trial.folder, server.port, "--renegotiate", "--trace")
        outcome.expect_page()
        expect_in("received alert 100 no_renegotiation, warning", outcome.stderr, "trace")


@scenario("renegotiation.client.theirs")
def openssl_server_starts(trial):
    with openssl_server(trial) as server:
        for version in VERSIONS:
            for word, row in (b"r\n", THEIRS), (b"R\n", LATE_CERTIFICATE):
                with trial.check(
                    f"s_server {version} {row}", claim(row, table.OPENSSL_SERVER, version)
                ):
                    before = len(server.log())
                    options = (*limits(version), *ours.pair(CLIENT))
                    with ours.start_client(
                        trial.folder, server.port, "--renegotiation", "server", *options
                    ) as client:
                        client.type(b"first\n")
                        processes.wait_until(
                            lambda: "\nfirst\n" in server.log()[before:], "the first line"
                        )
                        server.type(word)
                        processes.wait_until(
                            lambda: "SSL_do_handshake -> 1" in server.log()[before:], "s_server"
                        )
                        server.type(b"hello\n")
                        processes.wait_until(
                            lambda: client.stdout().endswith(b"hello\n"), "a line of the server"
                        )
                        client.type(b"second\n")
                        processes.wait_until(
                            lambda: "second\n" in server.log()[before:], "the second line"
                        )
                        end(client)
                        expect_renegotiated(client, version)
                    if row == LATE_CERTIFICATE:
                        expect_in("CN = client.example", server.log()[before:], "s_server")


@scenario("renegotiation.client.certificate")
def our_client_shows(trial):
    """In both handshakes it is asked for, and verified; s_server asks but once."""
    require = ("--require-client-cert", "--verify-client-cert", "--x509cafile", ROOTS)
    with peers.GnutlsServer(trial.folder, *require, key=KEY, mode="--echo") as server, trial.check(
        "gnutls-serv", claim(CERTIFICATE, table.GNUTLS_SERVER)
    ):
        options = ("--renegotiate", "--trace", *ours.pair(CLIENT))
        with ours.start_client(trial.folder, server.port, *options) as client:
            client.type(b"first\n")
            client.wait_for_log("(?s)^established.*^established")
            client.type(b"second\n")
            processes.wait_until(lambda: client.stdout() == b"first\nsecond\n", "both lines")
            end(client)
            expect_equal(client.child.returncode, 0, "exit status")
            proofs = client.log().count("sent CertificateVerify")
            expect_equal(proofs, 2, "CertificateVerify messages")


@scenario("renegotiation.client.flight")
def our_client_in_flight(trial):
    data = text()
    with openssl_server(trial, "-quiet") as server, trial.check(
        "s_server", claim(OURS_BOTH_WAYS, table.OPENSSL_SERVER)
    ):
        with ours.start_client(trial.folder, server.port, "--renegotiate") as client:
            client.type(data[:16])
            client.type(data[16:])
            server.type(data)
            processes.wait_until(
                lambda: len(server.stdout()) >= BIG and len(client.stdout()) >= BIG, "all data"
            )
            end(client)
            traffic.expect_same(server.stdout(), data, "what s_server got")
            traffic.expect_same(client.stdout(), data, "what our client got")
            expect_renegotiated(client)
    with peers.GnutlsServer(trial.folder, key=KEY, mode="--echo") as server, trial.check(
        "gnutls-serv", claim(OURS_BOTH_WAYS, table.GNUTLS_SERVER)
    ):
        with ours.start_client(trial.folder, server.port, "--renegotiate") as client:
            client.type(data)
            processes.wait_until(lambda: len(client.stdout()) >= BIG, "all data")
            end(client)
            traffic.expect_same(client.stdout(), data, "echo")
            expect_renegotiated(client)
    with openssl_server(trial) as server, trial.check(
        "s_server starts", claim(THEIRS_IN_FLIGHT, table.OPENSSL_SERVER)
    ):
        with ours.start_client(
            trial.folder, server.port, "--renegotiation", "server"
        ) as client:
            client.type(data[: BIG // 4])
            server.type(b"r\n")
            client.type(data[BIG // 4 :])
            processes.wait_until(lambda: data[-64:] in server.stdout(), "all data")
            end(client)
            received = re.sub(rb"SSL_do_handshake -> 1\n|Read BLOCK\n", b"", server.stdout())
            received = received[received.index(data[:16]) :][:BIG]
            traffic.expect_same(received, data, "what s_server got")
            expect_renegotiated(client)


# ------------------------------------------------------------------------------ our server


def expect_logged(server, version=VERSIONS[-1], client=None):
    line = server.expect_closed(version=f"TLS {version}", client=client)
    expect(line["renegotiated"], f"not renegotiated:\n{line[0]}")


def start_server(trial, *options, service="--http"):
    return ours.Server(
        trial.folder, *COMPATIBLE, "--min", "tls1.0", *options, key=KEY, service=service
    )


def openssl_asks(trial, server, version, *options):
    outcome = peers.openssl_client(
        trial.folder, server.port, "-msg", *OLD, *options, version=version.openssl
    )
    outcome.expect_success()
    expect_in("HelloRequest", outcome.log, "s_client -msg")


def gnutls_asks(trial, server, version, *options):
    priority = f"{peers.GNUTLS_ALL}:-VERS-ALL:+VERS-TLS{version}"
    outcome = peers.gnutls_client(trial.folder, server.port, *options, priority=priority)
    outcome.expect_success()
    expect_in("*** Rehandshake was performed.", outcome.log, "gnutls-cli")


def curl_asks(trial, server, version, *options):
    limit = (f"--tlsv{version}", "--tls-max", version.name, "--ciphers", peers.OPENSSL_ALL)
    outcome = peers.curl(trial.folder, server.port, *limit, *options)
    outcome.expect_success()
    expect_in("TLS handshake, Hello request", outcome.log, "curl")


CHAIN, PRIVATE_KEY = PKI / f"{CLIENT}.chain.pem", PKI / f"{CLIENT}.key"
OPENSSL_IDENTITY = ("-cert", CHAIN, "-cert_chain", CHAIN, "-key", PRIVATE_KEY)
ASKS = (
    (table.OPENSSL_CLIENT, openssl_asks, OPENSSL_IDENTITY),
    (table.GNUTLS_CLIENT, gnutls_asks, ("--x509certfile", CHAIN, "--x509keyfile", PRIVATE_KEY)),
    (table.CURL, curl_asks, ("--cert", CHAIN, "--key", PRIVATE_KEY)),
)


@scenario("renegotiation.server.ours")
def our_server_starts(trial):
    auth = ("--client-auth", "require", "--client-ca", ROOTS)
    with start_server(trial, "--renegotiate") as plain, start_server(
        trial, "--renegotiate", *auth
    ) as strict:
        for version in VERSIONS:
            for column, ask, identity in ASKS:
                with trial.check(f"{column} {version}", claim(OURS, column, version)):
                    plain.taken = len(plain.lines())
                    ask(trial, plain, version)
                    expect_logged(plain, version)
                with trial.check(
                    f"{column} {version} certificate", claim(CERTIFICATE, column, version)
                ):
                    strict.taken = len(strict.lines())
                    ask(trial, strict, version, *identity)
                    expect_logged(strict, version, SUBJECT)


@scenario("renegotiation.server.theirs")
def clients_start(trial):
    """Between the two lines of a request."""
    with start_server(trial, "--renegotiation", "client") as server:
        for version in VERSIONS:
            with trial.check(f"s_client {version}", claim(THEIRS, table.OPENSSL_CLIENT, version)):
                server.taken = len(server.lines())
                arguments = peers.openssl_arguments(server.port, *OLD, version=version.openssl)
                with processes.Process(arguments, trial.folder, keep_stdin=True) as client:
                    client.type(b"GET / HTTP/1.0\r\n")
                    client.wait_for_log("^ *Verify return code")
                    client.type(b"R\n")
                    client.wait_for_log("^RENEGOTIATING")
                    client.type(b"\r\n")
                    client.wait_for_log("200 OK")
                    end(client)
                expect_logged(server, version)
            with trial.check(f"gnutls-cli {version}", claim(THEIRS, table.GNUTLS_CLIENT, version)):
                server.taken = len(server.lines())
                priority = f"{peers.GNUTLS_ALL}:-VERS-ALL:+VERS-TLS{version}"
                outcome = peers.gnutls_client(
                    trial.folder, server.port, "--rehandshake", priority=priority
                )
                outcome.expect_success()
                expect_in("- ReHandshake was completed", outcome.log, "gnutls-cli")
                expect_logged(server, version)


def openssl_process(trial, port, *options):
    arguments = peers.openssl_arguments(port, *options)
    return processes.Process(arguments, trial.folder, keep_stdin=True)


def gnutls_process(trial, port, *options):
    arguments = peers.gnutls_arguments(port, *options)
    return processes.Process(arguments, trial.folder, keep_stdin=True)


@scenario("renegotiation.server.flight")
def uploads(trial):
    """The server asks for it after the first record, and the rest is on its way already."""
    data = text()
    for column, start, options in (
        (table.OPENSSL_CLIENT, openssl_process, ("-quiet", "-no_ign_eof")),
        (table.GNUTLS_CLIENT, gnutls_process, ()),
    ):
        with start_server(trial, "--renegotiate", service=None) as server, trial.check(
            column, claim(OURS_IN_FLIGHT, column)
        ), start(trial, server.port, *options) as client:
            client.type(data)
            processes.wait_until(lambda: len(server.stdout()) >= BIG, "all data")
            end(client)
            traffic.expect_same(server.stdout(), data, "what arrived")
            expect_logged(server)


@scenario("renegotiation.server.halves")
def halves(trial):
    data = text()
    with start_server(trial, "--renegotiation", "client", service=None) as server, trial.check(
        "s_client", claim(HALVES, table.OPENSSL_CLIENT)
    ), openssl_process(trial, server.port) as client:
        client.type(data[: BIG // 2])
        processes.wait_until(lambda: len(server.stdout()) >= BIG // 2, "the first half")
        client.type(b"R\n")
        client.wait_for_log("^RENEGOTIATING")
        client.type(data[BIG // 2 :])
        processes.wait_until(lambda: len(server.stdout()) >= BIG, "all data")
        end(client)
        traffic.expect_same(server.stdout(), data, "what arrived")
        expect_logged(server)
