"""What must be refused: each with its own reason, the right alert on the wire and exit status 1."""
import random
import socket

import ours
import peers
import relay
import suites
import table
from harness import Claim, expect, expect_equal, scenario
from ours import PKI

ALERTS = {
    10: "unexpected_message",
    20: "bad_record_mac",
    22: "record_overflow",
    40: "handshake_failure",
    42: "bad_certificate",
    43: "unsupported_certificate",
    45: "certificate_expired",
    48: "unknown_ca",
    51: "decrypt_error",
    70: "protocol_version",
    71: "insufficient_security",
}
SERVERS = ((table.OPENSSL_SERVER, peers.OpensslServer), (table.GNUTLS_SERVER, peers.GnutlsServer))


def claims(title, row, reason, alert, column):
    """One row: the reason, the alert, and with whom it was seen."""
    text = f"{alert} {ALERTS[alert]}" if alert else "none"
    return (
        Claim(title, row, table.REASON, reason),
        Claim(title, row, table.ALERT, text),
        Claim(title, row, column, "yes"),
    )


# ------------------------------------------------------------------------------ certificates

# What is wrong, certificate of make_pki.sh, reason, alert.
CHAINS = (
    ("a certificate for another name", "bad-name", "CERTIFICATE_NAME_MISMATCH", 42),
    ("a name in the subject alone", "bad-noname", "CERTIFICATE_NAME_MISMATCH", 42),
    ("an expired certificate", "bad-expired", "CERTIFICATE_EXPIRED", 45),
    ("a certificate of the future", "bad-notyet", "CERTIFICATE_NOT_YET_VALID", 45),
    ("an expired intermediate", "bad-below-expired", "CERTIFICATE_EXPIRED", 45),
    ("a self-signed certificate", "bad-selfsigned", "CERTIFICATE_SELF_SIGNED", 48),
    ("a root that is not trusted", "bad-below-unknown", "CERTIFICATE_UNKNOWN_CA", 48),
    ("a wrong signature", "bad-signature", "CERTIFICATE_SIGNATURE_WRONG", 42),
    ("a certificate for clients", "bad-eku", "CERTIFICATE_EXTENDED_KEY_USAGE", 42),
    ("an unknown critical extension", "bad-critical", "CERTIFICATE_CRITICAL_EXTENSION", 43),
    ("an issuer that is no CA", "bad-below-notca", "CERTIFICATE_NOT_CA", 42),
    ("a path longer than a CA allows", "bad-below-pathlen", "CERTIFICATE_PATH_LENGTH", 42),
    ("an issuer that may not sign certificates", "bad-below-nosign", "CERTIFICATE_KEY_USAGE", 42),
)


def expect_refused(trial, server, port, reason, alert, **options):
    """Our client refuses, the alert goes out in the clear, and the peer's log knows of it."""
    with relay.Relay(port) as between:
        outcome = ours.client(trial.folder, between.port, **options)
        outcome.expect_failure(reason, (alert, "sent"))
        expect_equal(outcome.stdout, b"", "standard output")
        expect_equal(between.alerts(relay.CLIENT), [alert], "alerts of our client on the wire")
    server.expect_alert(alert)


@scenario("refusals.client.chains", [row[1] for row in CHAINS])
def client_chains(trial, key):
    row, _, reason, alert = next(row for row in CHAINS if row[1] == key)
    for column, start in SERVERS:
        with trial.check(column, *claims(table.CLIENT_REFUSALS, row, reason, alert, column)), start(
            trial.folder, key=key
        ) as server:
            expect_refused(trial, server, server.port, reason, alert)


@scenario("refusals.client.chains.nginx")
def client_chains_nginx(trial):
    blocks = [peers.nginx_block(key) for _, key, _, _ in CHAINS]
    with peers.NginxServer(trial.folder, *blocks) as server:
        for (row, key, reason, alert), port in zip(CHAINS, server.ports):
            with trial.check(key, *claims(table.CLIENT_REFUSALS, row, reason, alert, table.NGINX)):
                expect_refused(trial, server, port, reason, alert)


@scenario("refusals.client.asked")
def client_asked_for_something_else(trial):
    """Nothing is wrong with the chain; it is not what was asked for."""
    for column, start in SERVERS:
        with start(trial.folder) as server:
            with trial.check(
                f"{column} name",
                *claims(
                    table.CLIENT_REFUSALS,
                    "another name than was asked for",
                    "CERTIFICATE_NAME_MISMATCH",
                    42,
                    column,
                ),
            ):
                expect_refused(
                    trial,
                    server,
                    server.port,
                    "CERTIFICATE_NAME_MISMATCH",
                    42,
                    name="b.a.wild.example",
                )
                expect_refused(
                    trial, server, server.port, "CERTIFICATE_NAME_MISMATCH", 42, name="127.0.0.2"
                )
            with trial.check(
                f"{column} CA",
                *claims(
                    table.CLIENT_REFUSALS,
                    "anchors that do not include the root",
                    "CERTIFICATE_UNKNOWN_CA",
                    48,
                    column,
                ),
            ):
                expect_refused(
                    trial,
                    server,
                    server.port,
                    "CERTIFICATE_UNKNOWN_CA",
                    48,
                    ca=PKI / "bad-root.pem",
                )


@scenario("refusals.client.insecure")
def client_insecure(trial):
    """--insecure is the only way past a bad chain, and it is loud."""
    with peers.OpensslServer(trial.folder, key="bad-selfsigned") as server, trial.check("s_server"):
        outcome = ours.client(trial.folder, server.port, "--insecure", ca=None)
        outcome.expect_page()
        expect("NOT verified" in outcome.stderr, outcome.stderr)


# ------------------------------------------------------------------------------ streams

# What happens, edit of the relay, reason, alert.
STREAMS = (
    (
        "a changed ServerKeyExchange",
        lambda: relay.edit_message(relay.SERVER, relay.SERVER_KEY_EXCHANGE, relay.flip_last_bit),
        "SIGNATURE_WRONG",
        51,
    ),
    (
        "a stream cut within the handshake",
        lambda: relay.cut_before(relay.SERVER, relay.CHANGE_CIPHER_SPEC, protected=False),
        "CLOSED_IN_HANDSHAKE",
        None,
    ),
    (
        "a stream cut before the answer",
        lambda: relay.cut_after_data(relay.SERVER, 0),
        "TRUNCATED",
        None,
    ),
    (
        "a stream cut after the answer, before close_notify",
        lambda: relay.cut_before(relay.SERVER, relay.ALERT),
        "TRUNCATED",
        None,
    ),
)


@scenario("refusals.client.streams")
def client_streams(trial):
    for column, start in SERVERS:
        for row, edit, reason, alert in STREAMS:
            with start(trial.folder) as server, relay.Relay(
                server.port, edit()
            ) as between, trial.check(
                f"{column}, {row}", *claims(table.CLIENT_REFUSALS, row, reason, alert, column)
            ):
                outcome = ours.client(trial.folder, between.port)
                outcome.expect_failure(reason, (alert, "sent") if alert else False)
                expect_equal(
                    between.alerts(relay.CLIENT),
                    [alert] if alert else [],
                    "alerts of our client on the wire",
                )
                if alert:
                    server.expect_alert(alert)


TAMPERED = (
    ("a changed Finished of the server", relay.HANDSHAKE),
    ("a changed record of the server", relay.DATA),
)


@scenario("refusals.client.tampered")
def client_tampered(trial):
    """The alert goes out under our keys: the peer's log shows it, if the peer is still reading."""
    servers = (
        (
            table.OPENSSL_SERVER,
            lambda: peers.OpensslServer(trial.folder, mode=None, keep_stdin=True),
        ),
        (table.GNUTLS_SERVER, lambda: peers.GnutlsServer(trial.folder, mode="--echo")),
    )
    for column, start in servers:
        for row, record_type in TAMPERED:
            edit = relay.flip_protected(relay.SERVER, record_type)
            with start() as server, relay.Relay(server.port, edit) as between, trial.check(
                f"{column}, {row}",
                *claims(table.CLIENT_REFUSALS, row, "BAD_RECORD_MAC", 20, column),
            ):
                if server.child.stdin:
                    server.type(b"from the server\n")
                client = ours.start_client(trial.folder, between.port)
                client.type(b"from the client\n")
                client.wait()
                ours.outcome_of(client).expect_failure("BAD_RECORD_MAC", (20, "sent"))
                expect_equal(client.stdout(), b"", "standard output")
                server.expect_alert(20)


@scenario("refusals.client.answer_kept")
def client_keeps_data(trial):
    """What came before the truncation is still printed."""
    edit = relay.cut_before(relay.SERVER, relay.ALERT)
    with peers.OpensslServer(trial.folder) as server, relay.Relay(
        server.port, edit
    ) as between, trial.check("s_server"):
        outcome = ours.client(trial.folder, between.port)
        outcome.expect_failure("TRUNCATED", False)
        expect(b"</HTML>" in outcome.stdout, "the page is not whole")


@scenario("refusals.client.other_end")
def client_other_end(trial):
    """Our Finished is changed on its way: the peer refuses, our client says what it was told."""
    for column, start in SERVERS:
        edit = relay.flip_protected(relay.CLIENT, relay.HANDSHAKE)
        with start(trial.folder) as server, relay.Relay(server.port, edit) as between, trial.check(
            column,
            Claim(
                table.CLIENT_REFUSALS,
                "our Finished, changed on its way",
                table.REASON,
                "PEER_ALERT",
            ),
            Claim(
                table.CLIENT_REFUSALS,
                "our Finished, changed on its way",
                table.ALERT,
                "20 bad_record_mac received",
            ),
            Claim(table.CLIENT_REFUSALS, "our Finished, changed on its way", column, "yes"),
        ):
            ours.client(trial.folder, between.port).expect_failure("PEER_ALERT", (20, "received"))
            expect_equal(between.alerts(relay.SERVER), [20], "alerts of the server")


@scenario("refusals.client.no_tls")
def client_without_tls(trial):
    with peers.NginxServer(trial.folder, "LISTEN; server_name plain;") as server, trial.check(
        "nginx", *claims(table.CLIENT_REFUSALS, "a server without TLS", "NOT_TLS", 10, table.NGINX)
    ):
        with relay.Relay(server.port) as between:
            ours.client(trial.folder, between.port).expect_failure("NOT_TLS", (10, "sent"))
            expect_equal(between.alerts(relay.CLIENT), [10], "alerts of our client on the wire")


@scenario("refusals.client.weak_group")
def client_weak_group(trial):
    """A group that the server chose alone."""
    row = "a Diffie-Hellman group of 1536 bits, with --policy compatible"
    suite = suites.named("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256")
    group = ("-dhparam", peers.finite_group(trial.folder, 1536))
    with peers.OpensslServer(
        trial.folder, "-cipher", peers.OPENSSL_ALL, *group, key="server-rsa2048"
    ) as server, relay.Relay(server.port) as between, trial.check(
        "s_server", *claims(table.CLIENT_REFUSALS, row, "GROUP_WEAK", 71, table.OPENSSL_SERVER)
    ):
        outcome = ours.client(
            trial.folder, between.port, "--policy", "compatible", "--suites", suite.name
        )
        outcome.expect_failure("GROUP_WEAK", (71, "sent"))
        expect_equal(between.alerts(relay.CLIENT), [71], "alerts of our client on the wire")
        server.expect_alert(71)


# ------------------------------------------------------------------------------ our server

CONNECTS = (
    (table.OPENSSL_CLIENT, peers.openssl_client),
    (table.GNUTLS_CLIENT, peers.gnutls_client),
    (table.CURL, peers.curl),
)
SUITE = {
    table.OPENSSL_CLIENT: ("-cipher", "ECDHE-RSA-AES128-GCM-SHA256"),
    table.CURL: ("--ciphers", "ECDHE-RSA-AES128-GCM-SHA256", "--tls-max", "1.2"),
}
GROUP = {
    table.OPENSSL_CLIENT: ("-groups", "X25519:P-256"),
    table.CURL: ("--curves", "X25519:P-256", "--tls-max", "1.2"),
}


def still_serves(trial, server):
    server.taken = len(server.lines())
    peers.openssl_client(trial.folder, server.port).expect_success()
    server.expect_closed()


@scenario("refusals.server.offers")
def server_offers(trial):
    row = "no suite in common"
    with ours.Server(trial.folder) as server:
        for column, connect in CONNECTS:
            with trial.check(
                f"{column}, {row}",
                *claims(table.SERVER_REFUSALS, row, "NO_COMMON_SUITE", 40, column),
            ):
                server.taken = len(server.lines())
                if connect is peers.gnutls_client:
                    suite = suites.named("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256")
                    outcome = connect(
                        trial.folder, server.port, priority=peers.gnutls_priority(suite)
                    )
                else:
                    outcome = connect(trial.folder, server.port, *SUITE[column])
                expect(outcome.status != 0, "it must fail")
                server.expect_failure("NO_COMMON_SUITE", (40, "sent"))
                still_serves(trial, server)
    row = "no group in common"
    with ours.Server(trial.folder, "--groups", "secp521r1", key="server-rsa2048") as server:
        for column, connect in CONNECTS[::2]:
            with trial.check(
                f"{column}, {row}",
                *claims(table.SERVER_REFUSALS, row, "NO_COMMON_GROUP", 40, column),
            ):
                server.taken = len(server.lines())
                outcome = connect(trial.folder, server.port, *GROUP[column])
                expect(outcome.status != 0, "it must fail")
                server.expect_failure("NO_COMMON_GROUP", (40, "sent"))


# The alert a client sends is its own choice.
DISTRUST = (
    ("a client that does not know the CA", "server-p256", {"ca": PKI / "bad-root.pem"}),
    ("a client that finds the certificate expired", "bad-expired", {}),
    ("a client that asked for another name", "bad-name", {}),
)


@scenario("refusals.server.distrust")
def server_distrusted(trial):
    for row, key, options in DISTRUST:
        with ours.Server(trial.folder, key=key) as server:
            for column, connect in CONNECTS:
                # Without a fatal alert, after the handshake: gnutls-cli, and curl over the name.
                if connect is peers.gnutls_client or (connect is peers.curl and key == "bad-name"):
                    continue
                with trial.check(
                    f"{column}, {row}",
                    Claim(table.SERVER_REFUSALS, row, table.REASON, "PEER_ALERT"),
                    Claim(table.SERVER_REFUSALS, row, column, "yes"),
                ):
                    server.taken = len(server.lines())
                    outcome = connect(trial.folder, server.port, **options)
                    expect(outcome.status != 0, "it must fail")
                    server.expect_failure("PEER_ALERT")


CLIENT_STREAMS = (
    (
        "a changed Finished of the client",
        lambda: relay.flip_protected(relay.CLIENT, relay.HANDSHAKE),
        "BAD_RECORD_MAC",
        20,
    ),
    (
        "a changed record of the client",
        lambda: relay.flip_protected(relay.CLIENT, relay.DATA),
        "BAD_RECORD_MAC",
        20,
    ),
    (
        "a stream cut within the handshake",
        lambda: relay.cut_before(relay.CLIENT, relay.CHANGE_CIPHER_SPEC, protected=False),
        "CLOSED_IN_HANDSHAKE",
        None,
    ),
    (
        "a stream cut before the request",
        lambda: relay.cut_after_data(relay.CLIENT, 0),
        "TRUNCATED",
        None,
    ),
)


@scenario("refusals.server.streams")
def server_streams(trial):
    with ours.Server(trial.folder) as server:
        for row, edit, reason, alert in CLIENT_STREAMS:
            for column, connect in CONNECTS:
                with relay.Relay(server.port, edit()) as between, trial.check(
                    f"{column}, {row}", *claims(table.SERVER_REFUSALS, row, reason, alert, column)
                ):
                    server.taken = len(server.lines())
                    outcome = connect(trial.folder, between.port)
                    expect(b"<title>" not in outcome.stdout, "there must be no page")
                    server.expect_failure(reason, (alert, "sent") if alert else False)
                    # Finished comes before our ChangeCipherSpec: the alert is in the clear.
                    clear = [20] if "Finished" in row else []
                    expect_equal(between.alerts(relay.SERVER), clear, "alerts of our server")
                    if alert and connect is not peers.curl:
                        outcome.expect_alert(alert)
        with trial.check("the server is still there"):
            still_serves(trial, server)


# First bytes of a connection, reason, alert.
GARBAGE = (
    ("HTTP without TLS", b"GET / HTTP/1.1\r\nHost: server.example\r\n\r\n", "NOT_TLS", 10),
    (
        "a ClientHello of SSL 2.0",
        bytes.fromhex(
            "802e0100020015000000100100800300800700c0060040020080"
            "04008000000000112233445566778899aabbccddeeff"
        ),
        "SSL2_HELLO",
        70,
    ),
    ("an alert as the first record", bytes.fromhex("15030100020228"), "PEER_ALERT", None),
    ("a connection closed at once", b"", "CLOSED_IN_HANDSHAKE", None),
    ("a record that is too long", bytes.fromhex("160301ffff01"), "RECORD_OVERFLOW", 22),
)


def exchange(port, data):
    """Sends, closes for writing, and returns what came back."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
        return answer


@scenario("refusals.server.garbage")
def server_garbage(trial):
    with ours.Server(trial.folder) as server:
        for row, data, reason, alert in GARBAGE:
            with trial.check(row):
                answer = exchange(server.port, data)
                server.expect_failure(reason)
                expect_equal(answer[5:], bytes([2, alert]) if alert else b"", "alert")
                expect_equal(answer[:1], b"\x15" if alert else b"", "record type")
        with trial.check("random bytes"):
            generator = random.Random(2)
            for size in (1, 5, 100, 20000):
                try:
                    exchange(server.port, generator.randbytes(size))
                except ConnectionResetError:
                    pass  # what was left unread
                expect(server.next_line()["end"] != "closed", "random bytes cannot end well")
        with trial.check("the server is still there"):
            still_serves(trial, server)
