"""Names, ALPN, policies, versions, fragmented messages and the key log."""
import re

import ours
import peers
import processes
import relay
import suites
import table
from harness import Claim, expect, expect_equal, expect_in, scenario
from ours import NAME, PKI
from peers import gnutls_priority
from suites import VERSIONS


def claims(row, *columns, item="yes"):
    return [Claim(table.FEATURES, row, column, item) for column in columns]


# ------------------------------------------------------------------------------ our client

SNI = "server_name chooses the certificate"
SNI_REFUSED = "a name that the server does not have: alert 112 received"
NO_SNI = "a client without server_name"
ADDRESS = "an IP address as name: not in server_name, matched with the certificate"
WILDCARD = "a wildcard certificate"
ALPN = "ALPN: a common protocol"
ALPN_NONE = "ALPN: a server that ignores it"
ALPN_REFUSED = "ALPN: no common protocol, alert 120"


@scenario("features.client.names")
def client_names(trial):
    blocks = (
        peers.nginx_block("bad-name", names="other.example"),
        peers.nginx_block("server-p256", names="server.example"),
    )
    with peers.NginxServer(trial.folder, blocks) as nginx:
        for name in "server.example", "other.example":
            with trial.check(f"nginx {name}", *claims(SNI, table.NGINX)):
                outcome = ours.client(trial.folder, nginx.port, name=name)
                outcome.expect_page()
                expect_equal(outcome.body.decode().split("|")[0], name, "name that nginx got")
    with peers.NginxServer(trial.folder, peers.nginx_block("server-p256")) as nginx:
        with trial.check("nginx, no server_name", *claims(NO_SNI, table.NGINX)):
            outcome = ours.client(trial.folder, nginx.port, "--without", "server_name")
            outcome.expect_page()
            expect_equal(outcome.body.decode().split("|")[0], "", "name that nginx got")
        with trial.check("nginx, address", *claims(ADDRESS, table.NGINX)):
            outcome = ours.client(trial.folder, nginx.port, name="127.0.0.1")
            outcome.expect_page()
            expect_equal(outcome.body.decode().split("|")[0], "", "name that nginx got")
        with trial.check("nginx, wildcard", *claims(WILDCARD, table.NGINX)):
            outcome = ours.client(trial.folder, nginx.port, name="shop.wild.example")
            outcome.expect_page()
            expect_equal(outcome.body.decode().split("|")[0], "shop.wild.example", "name")
    second = (
        "-servername",
        "other.example",
        "-cert2",
        PKI / "bad-name.pem",
        "-key2",
        PKI / "bad-name.key",
    )
    with peers.OpensslServer(trial.folder, *second, key="server-p256-direct") as server:
        with trial.check("s_server", *claims(SNI, table.OPENSSL_SERVER)):
            ours.client(trial.folder, server.port).expect_page()
            # Its second certificate goes out without the intermediate: that it came shows the name.
            ours.client(trial.folder, server.port, name="other.example").expect_failure(
                "CERTIFICATE_UNKNOWN_CA", (48, "sent")
            )
    with peers.GnutlsServer(trial.folder, "--sni-hostname", NAME, "--sni-hostname-fatal") as server:
        with trial.check("gnutls-serv", *claims(SNI_REFUSED, table.GNUTLS_SERVER)):
            ours.client(trial.folder, server.port).expect_page()
            ours.client(trial.folder, server.port, name="shop.wild.example").expect_failure(
                "PEER_ALERT", (112, "received")
            )


@scenario("features.client.alpn")
def client_alpn(trial):
    offered = ("--alpn", "imap,http/1.1")
    nothing_common = ("--alpn", "imap,pop3")
    openssl = peers.OpensslServer(trial.folder, "-alpn", "h2,http/1.1")
    gnutls = peers.GnutlsServer(trial.folder, "--alpn", "http/1.1", "--alpn-fatal")
    nginx = peers.NginxServer(trial.folder, peers.nginx_block("server-p256"))
    silent = peers.OpensslServer(trial.folder)
    with openssl, gnutls, nginx, silent:
        for server, column in (
            (openssl, table.OPENSSL_SERVER),
            (gnutls, table.GNUTLS_SERVER),
            (nginx, table.NGINX),
        ):
            with trial.check(f"{column}", *claims(ALPN, column)):
                ours.client(trial.folder, server.port, *offered).expect_page(protocol="http/1.1")
            with trial.check(f"{column}, none in common", *claims(ALPN_REFUSED, column)):
                ours.client(trial.folder, server.port, *nothing_common).expect_failure(
                    "PEER_ALERT", (120, "received")
                )
        with trial.check("s_server ignores it", *claims(ALPN_NONE, table.OPENSSL_SERVER)):
            outcome = ours.client(trial.folder, silent.port, *offered)
            outcome.expect_page()
            expect("ALPN" not in outcome.stderr, outcome.stderr)


NO_EMS = "without extended_master_secret: by --policy compatible only"
NO_EMS_OURS = "our side leaves out extended_master_secret (--policy compatible)"
RSA_KX = "RSA key transport: by --policy compatible only"


@scenario("features.client.policy")
def client_policy(trial):
    more = gnutls_priority(more=":%NO_SESSION_HASH")
    with peers.GnutlsServer(trial.folder, priority=more) as server:
        with trial.check("no extended_master_secret", *claims(NO_EMS, table.GNUTLS_SERVER)):
            ours.client(trial.folder, server.port).expect_failure(
                "NO_EXTENDED_MASTER_SECRET", (40, "sent")
            )
            ours.client(trial.folder, server.port, "--policy", "compatible").expect_page()
    with peers.OpensslServer(trial.folder, key="server-rsa2048") as server:
        with trial.check(
            "own extended_master_secret left out", *claims(NO_EMS_OURS, table.OPENSSL_SERVER)
        ):
            outcome = ours.client(
                trial.folder,
                server.port,
                "--policy",
                "compatible",
                "--without",
                "extended_master_secret",
            )
            outcome.expect_page()
            expect_in(b"Extended master secret: no", outcome.stdout, "s_server")
    with peers.OpensslServer(
        trial.folder, "-cipher", "AES128-GCM-SHA256", key="server-rsa2048"
    ) as server:
        with trial.check("RSA key transport", *claims(RSA_KX, table.OPENSSL_SERVER)):
            ours.client(trial.folder, server.port).expect_failure("PEER_ALERT", (40, "received"))
            ours.client(trial.folder, server.port, "--policy", "compatible").expect_page(
                suite="TLS_RSA_WITH_AES_128_GCM_SHA256"
            )


FRAGMENTS = "handshake messages in the clear in records of one byte, both ways"
ONE_RECORD = "the server's first flight in one record"


@scenario("features.client.fragments")
def client_fragments(trial):
    openssl, gnutls = peers.OpensslServer(trial.folder), peers.GnutlsServer(trial.folder)
    with openssl, gnutls:
        for server, column in (openssl, table.OPENSSL_SERVER), (gnutls, table.GNUTLS_SERVER):
            with relay.Relay(server.port, relay.split_clear) as between, trial.check(
                f"{column} split", *claims(FRAGMENTS, column)
            ):
                ours.client(trial.folder, between.port).expect_page()
            with relay.Relay(server.port, relay.MergeFlight()) as between, trial.check(
                f"{column} merged", *claims(ONE_RECORD, column)
            ):
                ours.client(trial.folder, between.port).expect_page()


KEY_LOG = "--keylog writes the line that the peer writes"


@scenario("features.keylog")
def keylog(trial):
    mine, theirs = trial.folder / "ours.keys", trial.folder / "theirs.keys"

    def secrets(path):
        return [line for line in path.read_text().splitlines() if line.startswith("CLIENT_RANDOM ")]

    with peers.OpensslServer(trial.folder, "-keylogfile", theirs) as server, trial.check(
        "client", *claims(KEY_LOG, table.OPENSSL_SERVER)
    ):
        ours.client(trial.folder, server.port, "--keylog", mine).expect_page()
        expect(len(secrets(mine)) == 1, "one line")
        expect_equal(
            [line.lower() for line in secrets(mine)],
            [line.lower() for line in secrets(theirs)],
            "secrets",
        )
    mine, theirs = trial.folder / "ours2.keys", trial.folder / "theirs2.keys"
    with ours.Server(trial.folder, "--keylog", mine) as server, trial.check(
        "server", *claims(KEY_LOG, table.OPENSSL_CLIENT)
    ):
        peers.openssl_client(trial.folder, server.port, "-keylogfile", theirs).expect_success()
        expect(len(secrets(mine)) == 1, "one line")
        expect_equal(
            [line.lower() for line in secrets(mine)],
            [line.lower() for line in secrets(theirs)],
            "secrets",
        )


OLD_VERSIONS = "a peer with TLS 1.0 or 1.1 alone is told so: alert 70"
TLS13 = "a peer with TLS 1.3 alone fails with an alert that both sides name"


@scenario("features.client.versions")
def client_versions(trial):
    for version in (3, 1), (3, 2):

        def older(body, version=version):
            return body[:4] + bytes(version) + body[6:]

        with peers.OpensslServer(trial.folder) as server, relay.Relay(
            server.port, relay.edit_message(relay.SERVER, relay.SERVER_HELLO, older)
        ) as between, trial.check(f"ServerHello with TLS 1.{version[1] - 1}"):
            ours.client(trial.folder, between.port).expect_failure(
                "VERSION_UNSUPPORTED", (70, "sent")
            )
            expect_equal(between.alerts(relay.CLIENT), [70], "alerts of our client on the wire")
    with peers.OpensslServer(trial.folder, version="-tls1_3") as openssl, peers.GnutlsServer(
        trial.folder, priority=gnutls_priority(version="1.3")
    ) as gnutls, peers.NginxServer(
        trial.folder, peers.nginx_block("server-p256").replace("TLSv1.2", "TLSv1.3")
    ) as nginx:
        for server, column in (
            (openssl, table.OPENSSL_SERVER),
            (gnutls, table.GNUTLS_SERVER),
            (nginx, table.NGINX),
        ):
            with trial.check(f"{column} with TLS 1.3 alone", *claims(TLS13, column)):
                alert = 40 if column == table.GNUTLS_SERVER else 70  # each server's own choice
                ours.client(trial.folder, server.port).expect_failure(
                    "PEER_ALERT", (alert, "received")
                )


DOWN = "TLS {}, agreed on by a peer that has nothing higher (--policy compatible)"
FALLBACK = "TLS_FALLBACK_SCSV to a server that has more: alert 86"
COMPATIBLE = ("--policy", "compatible")


@scenario("features.client.down")
def client_goes_down(trial):
    key = "server-rsa2048"
    for version in VERSIONS[:2]:
        old = ("-cipher", peers.OPENSSL_ALL)
        priority = f"{peers.GNUTLS_ALL}:-VERS-ALL:+VERS-TLS{version}"
        with peers.OpensslServer(
            trial.folder, *old, key=key, version=version.openssl
        ) as openssl, peers.GnutlsServer(
            trial.folder, key=key, priority=priority
        ) as gnutls, peers.NginxServer(
            trial.folder, peers.nginx_block(key, versions=[version])
        ) as nginx:
            for server, column in (
                (openssl, table.OPENSSL_SERVER),
                (gnutls, table.GNUTLS_SERVER),
                (nginx, table.NGINX),
            ):
                with trial.check(
                    f"{column} {version}", *claims(DOWN.format(version), column)
                ):
                    outcome = ours.client(trial.folder, server.port, *COMPATIBLE)
                    outcome.expect_page(version=version.name)


@scenario("features.client.fallback")
def client_falls_back(trial):
    with peers.OpensslServer(
        trial.folder, "-cipher", peers.OPENSSL_ALL, version=None
    ) as openssl, peers.GnutlsServer(
        trial.folder, priority=peers.GNUTLS_ALL
    ) as gnutls, peers.NginxServer(
        trial.folder, peers.nginx_block("server-p256", versions=VERSIONS)
    ) as nginx:
        for server, column in (
            (openssl, table.OPENSSL_SERVER),
            (gnutls, table.GNUTLS_SERVER),
            (nginx, table.NGINX),
        ):
            with trial.check(column, *claims(FALLBACK, column)):
                outcome = ours.client(
                    trial.folder, server.port, *COMPATIBLE, "--max", "tls1.1", "--fallback"
                )
                outcome.expect_failure("PEER_ALERT", (86, "received"))


RENEGOTIATION = "renegotiation is declined: warning alert 100"


@scenario("features.client.renegotiation")
def client_renegotiation(trial):
    """s_server gives up when it is declined."""
    with peers.OpensslServer(trial.folder, mode=None, keep_stdin=True) as server, ours.start_client(
        trial.folder, server.port, "--trace"
    ) as client, trial.check("s_server", *claims(RENEGOTIATION, table.OPENSSL_SERVER)):
        client.wait_for_log("^handfast: connected")
        server.type(b"r\n")
        client.wait()
        expect_in("sent alert 100 no_renegotiation, warning", client.log(), "trace")
        expect_equal(client.child.returncode, 1, "exit status")
        server.wait_for_log("no renegotiation")


# ------------------------------------------------------------------------------ our server


@scenario("features.server.renegotiation")
def server_renegotiation(trial):
    """Both clients give up when they are declined; gnutls-cli only after asking some more."""
    with ours.Server(trial.folder, service="--echo") as server:
        with trial.check("s_client", *claims(RENEGOTIATION, table.OPENSSL_CLIENT)):
            arguments = peers.openssl_arguments(server.port)
            with processes.Process(arguments, trial.folder, keep_stdin=True) as client:
                client.type(b"R\n")
                client.wait_for_log("no renegotiation")
            server.expect_failure("PEER_ALERT", (40, "received"))
        with trial.check("gnutls-cli", *claims(RENEGOTIATION, table.GNUTLS_CLIENT)):
            outcome = peers.gnutls_client(trial.folder, server.port, "--rehandshake", stdin=b"")
            outcome.expect_alert(100)
            server.expect_failure("RENEGOTIATION_LIMIT", (40, "sent"))


@scenario("features.server.names")
def server_names(trial):
    table_file = trial.folder / "bindings"
    table_file.write_text(
        f"*  {PKI}/server-p256.chain.pem  {PKI}/server-p256.key\n"
        f"other.example  {PKI}/bad-name.chain.pem  {PKI}/bad-name.key\n"
        f"*.wild.example  {PKI}/server-p384.chain.pem,{PKI}/server-rsa2048.chain.pem "
        f"{PKI}/server-p384.key,{PKI}/server-rsa2048.key\n"
    )
    connects = (
        (peers.openssl_client, table.OPENSSL_CLIENT),
        (peers.gnutls_client, table.GNUTLS_CLIENT),
        (peers.curl, table.CURL),
    )
    with ours.Server(trial.folder, "--bindings", table_file, key=None) as server:
        for connect, column in connects:
            for name in "server.example", "other.example", "shop.wild.example":
                with trial.check(f"{column} {name}", *claims(SNI, column)):
                    server.taken = len(server.lines())
                    connect(trial.folder, server.port, name=name).expect_success()
                    server.expect_closed(name=name)
        with trial.check(
            "two keys for one name",
            *claims(
                "one name, an ECDSA and an RSA key: the client's suites choose",
                table.OPENSSL_CLIENT,
            ),
        ):
            for suite, scheme in (
                ("ECDHE-RSA-AES128-GCM-SHA256", "rsa_"),
                ("ECDHE-ECDSA-AES128-GCM-SHA256", "ecdsa_"),
            ):
                server.taken = len(server.lines())
                peers.openssl_client(
                    trial.folder, server.port, "-cipher", suite, name="shop.wild.example"
                ).expect_success()
                expect(server.expect_closed()["scheme"].startswith(scheme), "kind of key")
        with trial.check("s_client without server_name", *claims(NO_SNI, table.OPENSSL_CLIENT)):
            server.taken = len(server.lines())
            peers.openssl_client(trial.folder, server.port, name=None).expect_success()
            server.expect_closed(name="-")


UNKNOWN_NAME = "a name without a binding, --sni-unknown fatal: alert 112"
UNKNOWN_WARNED = "the same, --sni-unknown warn: served after a warning"


@scenario("features.server.unknown")
def server_unknown_name(trial):
    table_file = trial.folder / "bindings"
    table_file.write_text(
        f"*  {PKI}/server-p256.chain.pem  {PKI}/server-p256.key\n"
        f"server.example  {PKI}/server-p256.chain.pem  {PKI}/server-p256.key\n"
    )

    def server(how):
        return ours.Server(trial.folder, "--bindings", table_file, "--sni-unknown", how, key=None)

    unknown = "shop.wild.example"  # in the certificate, not in the table
    with server("fatal") as fatal:
        for connect, column in (
            (peers.openssl_client, table.OPENSSL_CLIENT),
            (peers.gnutls_client, table.GNUTLS_CLIENT),
            (peers.curl, table.CURL),
        ):
            with trial.check(f"fatal, {column}", *claims(UNKNOWN_NAME, column)):
                fatal.taken = len(fatal.lines())
                outcome = connect(trial.folder, fatal.port, name=unknown)
                expect(outcome.status != 0, "it must fail")
                fatal.expect_failure("SERVER_NAME_UNKNOWN", (112, "sent"))
                if connect is not peers.curl:
                    outcome.expect_alert(112)
    with server("warn") as warn:
        with trial.check("warn", *claims(UNKNOWN_WARNED, table.OPENSSL_CLIENT)):
            peers.openssl_client(trial.folder, warn.port, name=unknown).expect_success()
            warn.expect_closed(name=unknown)
    with server("default") as default:
        with trial.check("default"):
            peers.openssl_client(trial.folder, default.port, name=unknown).expect_success()
            default.expect_closed(name=unknown)


@scenario("features.server.alpn")
def server_alpn(trial):
    with ours.Server(trial.folder, "--alpn", "http/1.1,h2") as server:
        with trial.check("s_client", *claims(ALPN, table.OPENSSL_CLIENT)):
            outcome = peers.openssl_client(trial.folder, server.port, "-alpn", "imap,http/1.1")
            outcome.expect_success()
            expect_in("ALPN protocol: http/1.1", outcome.log, "s_client")
            server.expect_closed(protocol="http/1.1")
        with trial.check("gnutls-cli", *claims(ALPN, table.GNUTLS_CLIENT)):
            outcome = peers.gnutls_client(trial.folder, server.port, "--alpn", "h2")
            outcome.expect_success()
            expect_in("Application protocol: h2", outcome.log, "gnutls-cli")
            server.expect_closed(protocol="h2")
        with trial.check("curl", *claims(ALPN, table.CURL)):
            outcome = peers.curl(trial.folder, server.port, "--http1.1")
            outcome.expect_success()
            expect_in("ALPN: server accepted http/1.1", outcome.log, "curl")
            server.expect_closed(protocol="http/1.1")
        with trial.check("s_client, none in common", *claims(ALPN_REFUSED, table.OPENSSL_CLIENT)):
            peers.openssl_client(trial.folder, server.port, "-alpn", "imap").expect_alert(120)
            server.expect_failure("NO_COMMON_PROTOCOL", (120, "sent"))
        with trial.check("gnutls-cli, none in common", *claims(ALPN_REFUSED, table.GNUTLS_CLIENT)):
            peers.gnutls_client(trial.folder, server.port, "--alpn", "imap").expect_alert(120)
            server.expect_failure("NO_COMMON_PROTOCOL", (120, "sent"))
        with trial.check("s_client without ALPN"):
            peers.openssl_client(trial.folder, server.port).expect_success()
            server.expect_closed(protocol="-")


@scenario("features.server.policy")
def server_policy(trial):
    without = gnutls_priority(more=":%NO_SESSION_HASH")
    with ours.Server(trial.folder) as server, trial.check(
        "no extended_master_secret", *claims(NO_EMS, table.GNUTLS_CLIENT)
    ):
        outcome = peers.gnutls_client(trial.folder, server.port, priority=without)
        outcome.expect_alert(40)
        server.expect_failure("NO_EXTENDED_MASTER_SECRET", (40, "sent"))
    with ours.Server(trial.folder, "--policy", "compatible") as server, trial.check(
        "no extended_master_secret, compatible", *claims(NO_EMS, table.GNUTLS_CLIENT)
    ):
        peers.gnutls_client(trial.folder, server.port, priority=without).expect_success()
        server.expect_closed()
    for connect, column, options in (
        (peers.openssl_client, table.OPENSSL_CLIENT, ("-cipher", "AES128-GCM-SHA256")),
        (peers.curl, table.CURL, ("--ciphers", "AES128-GCM-SHA256", "--tls-max", "1.2")),
    ):
        with ours.Server(trial.folder, key="server-rsa2048") as server, trial.check(
            f"RSA key transport, {column}", *claims(RSA_KX, column)
        ):
            outcome = connect(trial.folder, server.port, *options)
            expect(outcome.status != 0, "it must fail")
            server.expect_failure("NO_COMMON_SUITE", (40, "sent"))
        with ours.Server(
            trial.folder, "--policy", "compatible", key="server-rsa2048"
        ) as server, trial.check(
            f"RSA key transport, compatible, {column}", *claims(RSA_KX, column)
        ):
            connect(trial.folder, server.port, *options).expect_success()
            server.expect_closed(suite="TLS_RSA_WITH_AES_128_GCM_SHA256")


@scenario("features.server.fragments")
def server_fragments(trial):
    with ours.Server(trial.folder) as server, relay.Relay(
        server.port, relay.split_clear
    ) as between:
        for connect, column in (
            (peers.openssl_client, table.OPENSSL_CLIENT),
            (peers.gnutls_client, table.GNUTLS_CLIENT),
            (peers.curl, table.CURL),
        ):
            with trial.check(f"{column} split", *claims(FRAGMENTS, column)):
                server.taken = len(server.lines())
                connect(trial.folder, between.port).expect_success()
                server.expect_closed()


@scenario("features.server.versions")
def server_versions(trial):
    old = ("-cipher", "ALL:@SECLEVEL=0")
    with ours.Server(trial.folder) as server:
        for version, priority in (("-tls1", "1.0"), ("-tls1_1", "1.1")):
            with trial.check(f"s_client {version}", *claims(OLD_VERSIONS, table.OPENSSL_CLIENT)):
                peers.openssl_client(trial.folder, server.port, *old, version=version).expect_alert(
                    70
                )
                server.expect_failure("VERSION_UNSUPPORTED", (70, "sent"))
            with trial.check(f"gnutls-cli {priority}", *claims(OLD_VERSIONS, table.GNUTLS_CLIENT)):
                peers.gnutls_client(
                    trial.folder, server.port, priority=gnutls_priority(version=priority)
                ).expect_alert(70)
                server.expect_failure("VERSION_UNSUPPORTED", (70, "sent"))
        with trial.check("s_client -tls1_3", *claims(TLS13, table.OPENSSL_CLIENT)):
            peers.openssl_client(trial.folder, server.port, version="-tls1_3").expect_alert(70)
            server.expect_failure("VERSION_UNSUPPORTED", (70, "sent"))
        with trial.check("gnutls-cli 1.3", *claims(TLS13, table.GNUTLS_CLIENT)):
            peers.gnutls_client(
                trial.folder, server.port, priority=gnutls_priority(version="1.3")
            ).expect_alert(70)
            server.expect_failure("VERSION_UNSUPPORTED", (70, "sent"))
        with trial.check("curl --tlsv1.3", *claims(TLS13, table.CURL)):
            outcome = peers.curl(trial.folder, server.port, "--tlsv1.3")
            expect(outcome.status == 35, f"exit status {outcome.status}")
            expect(re.search("alert protocol version", outcome.log), outcome.log)
            server.expect_failure("VERSION_UNSUPPORTED", (70, "sent"))
        with trial.check("a client with TLS 1.2 and 1.3"):
            peers.curl(trial.folder, server.port).expect_success()
            server.expect_closed()


@scenario("features.server.down")
def server_goes_down(trial):
    with ours.Server(trial.folder, *COMPATIBLE, key="server-rsa2048") as server:
        for version in VERSIONS[:2]:
            with trial.check(
                f"s_client {version}", *claims(DOWN.format(version), table.OPENSSL_CLIENT)
            ):
                peers.openssl_client(
                    trial.folder,
                    server.port,
                    "-cipher",
                    peers.OPENSSL_ALL,
                    version=version.openssl,
                ).expect_success()
                server.expect_closed(version=f"TLS {version}")
            with trial.check(
                f"gnutls-cli {version}", *claims(DOWN.format(version), table.GNUTLS_CLIENT)
            ):
                priority = f"{peers.GNUTLS_ALL}:-VERS-ALL:+VERS-TLS{version}"
                peers.gnutls_client(trial.folder, server.port, priority=priority).expect_success()
                server.expect_closed(version=f"TLS {version}")


@scenario("features.server.fallback")
def server_refuses_fallback(trial):
    with ours.Server(trial.folder, *COMPATIBLE, key="server-rsa2048") as server:
        with trial.check("s_client", *claims(FALLBACK, table.OPENSSL_CLIENT)):
            peers.openssl_client(
                trial.folder,
                server.port,
                "-cipher",
                peers.OPENSSL_ALL,
                "-fallback_scsv",
                version="-tls1_1",
            ).expect_alert(86)
            server.expect_failure("INAPPROPRIATE_FALLBACK", (86, "sent"))
        with trial.check("gnutls-cli", *claims(FALLBACK, table.GNUTLS_CLIENT)):
            priority = f"{peers.GNUTLS_ALL}:-VERS-ALL:+VERS-TLS1.1:%FALLBACK_SCSV"
            peers.gnutls_client(trial.folder, server.port, priority=priority).expect_alert(86)
            server.expect_failure("INAPPROPRIATE_FALLBACK", (86, "sent"))


OLD_SUITE = "--legacy with TLS_RSA_WITH_RC4_128_SHA alone, in TLS 1.0"


# What a browser of 2010 offered: the twelve suites of tests/flow/test_iis.c and more, since GnuTLS
# makes every combination. Of the extensions that came later and would be answered, there is
# record_size_limit, which GnuTLS cannot leave out.
OLD_BROWSER = (
    "NONE:+VERS-TLS1.0:+AES-128-CBC:+AES-256-CBC:+ARCFOUR-128:+3DES-CBC:+RSA:+ECDHE-RSA:"
    "+ECDHE-ECDSA:+DHE-DSS:+SHA1:+MD5:+COMP-NULL:+GROUP-SECP256R1:+GROUP-SECP384R1:+SIGN-ALL:"
    "+SIGN-RSA-SHA1:%NO_SESSION_HASH:%NO_ETM"
)
SERVER_NAME, RECORD_SIZE_LIMIT, RENEGOTIATION_INFO = 0, 28, 0xFF01


@scenario("features.server.rc4")
def server_of_old(trial):
    suite, version = suites.named("TLS_RSA_WITH_RC4_128_SHA"), VERSIONS[0]
    chain, key = peers.identity("server-rsa2048")
    table_file = trial.folder / "bindings"
    table_file.write_text(f"{NAME} {chain} {key}\n")
    with ours.Server(
        trial.folder,
        *("--legacy", "--tickets", "off", "--suites", suite.name),
        *("--bindings", table_file),
        key=None,
    ) as server, relay.Relay(server.port) as between, trial.check(
        "gnutls-cli", *claims(OLD_SUITE, table.GNUTLS_CLIENT)
    ):
        outcome = peers.gnutls_client(trial.folder, between.port, priority=OLD_BROWSER)
        outcome.expect_success()
        peers.expect_gnutls_saw(outcome, suite, version=version)
        server.expect_closed(suite=suite.name, version="TLS 1.0", name=NAME)
        expect_equal(len(between.server_hello_session_id()), 32, "session ID")
        expect_equal(
            between.server_hello_extensions() - {RECORD_SIZE_LIMIT},
            {SERVER_NAME, RENEGOTIATION_INFO},
            "extensions of the ServerHello",
        )
