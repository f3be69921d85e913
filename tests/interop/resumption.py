"""Sessions that are resumed, by their ID (RFC 5246 7.3) or by a ticket (RFC 5077), and those that
must not be: both ends tell."""
import contextlib
import dataclasses
import re

import bindings
import chromium
import libraries
import ours
import peers
import processes
import suites
import table
from harness import Claim, expect, expect_equal, expect_in, scenario
from ours import NAME, PKI
from suites import VERSIONS

KEY = "server-rsa2048"
COMPATIBLE = ("--policy", "compatible")
SUITE = "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"  # all versions and all libraries have it


@dataclasses.dataclass(frozen=True)
class Way:
    """A way to resume, and the options that leave the others out."""

    name: str
    client: tuple  # of ours
    server: tuple
    openssl: tuple  # of s_server
    gnutls: tuple  # of gnutls-serv
    nginx: str
    library: str

    def __str__(self):
        return self.name


BY_ID = Way(
    "by session ID",
    client=("--tickets", "off"),
    server=("--tickets", "off"),
    openssl=("-no_ticket",),
    gnutls=("--noticket",),
    nginx="ssl_session_tickets off; ssl_session_cache shared:one:1m;",
    library="resume=id",
)
BY_TICKET = Way(
    "by ticket",
    client=(),
    server=("--cache", "0", "--tickets", "on"),
    openssl=("-no_cache",),
    gnutls=("--nodb",),
    nginx="ssl_session_tickets on; ssl_session_cache off;",
    library="resume=ticket",
)
NEITHER = Way(
    "neither",
    client=(),
    server=("--tickets", "off", "--cache", "0"),
    openssl=("-no_ticket", "-no_cache"),
    gnutls=("--noticket", "--nodb"),
    nginx="ssl_session_tickets off; ssl_session_cache off;",
    library="",
)
WAYS = {"id": BY_ID, "ticket": BY_TICKET}
IN_FILE = "{}, between two processes"
OFF = "a server that keeps no sessions and has no tickets: not resumed"
RESTARTED = "a ticket of a server that has been started again, with other keys: not resumed"
OTHER_NAME = "a session of another name: not resumed"


def claim(row, column, version=VERSIONS[-1]):
    return Claim(table.RESUMPTION, row, column, version.name)


# ------------------------------------------------------------------------------ our client


@dataclasses.dataclass
class Peer:
    """A server; `reused` lists for each connection so far whether it says that it was resumed."""

    column: str
    server: object
    path: str

    def reused(self, bodies):
        if self.column == table.OPENSSL_SERVER:
            return [word == b"Reused" for word in re.findall(rb"^(New|Reused), ", bodies, re.M)]
        if self.column == table.NGINX:
            return [word == b"r" for word in re.findall(rb"^reused (.)$", bodies, re.M)]
        connections = re.split("^\\* Accepted connection", self.server.log(), flags=re.M)[1:]
        return ["*** This is a resumed session" in connection for connection in connections]


@contextlib.contextmanager
def openssl_server(trial, way):
    options = ("-cipher", peers.OPENSSL_ALL, *way.openssl)
    with peers.OpensslServer(trial.folder, *options, key=KEY, version=None) as server:
        yield Peer(table.OPENSSL_SERVER, server, "/")


@contextlib.contextmanager
def gnutls_server(trial, way):
    with peers.GnutlsServer(
        trial.folder, *way.gnutls, key=KEY, priority=peers.GNUTLS_ALL
    ) as server:
        yield Peer(table.GNUTLS_SERVER, server, "/")


@contextlib.contextmanager
def nginx_server(trial, way):
    page = (
        "location = /reused "
        '{ default_type text/plain; return 200 "reused $ssl_session_reused\\n"; }'
    )
    block = peers.nginx_block(KEY, way.nginx + page, versions=VERSIONS)
    with peers.NginxServer(trial.folder, block) as server:
        yield Peer(table.NGINX, server, "/reused")


SERVERS = (openssl_server, gnutls_server, nginx_server)


def limits(version):
    return (*COMPATIBLE, "--min", version.ours, "--max", version.ours)


def expect_ours(outcomes, wanted, version=VERSIONS[-1]):
    """Whether our client says of each of its connections that it was resumed."""
    lines = []
    for outcome in outcomes:
        expect_equal(outcome.status, 0, f"exit status, with\n{outcome.stderr}")
        lines += ours.CONNECTED.findall(outcome.stderr)
    expect_equal([line[0] for line in lines], [f"TLS {version}"] * len(wanted), "versions")
    expect_equal(["resumed" in line[2].split() for line in lines], wanted, "resumed, by ours")


def expect_theirs(peer, outcomes, wanted, before=0):
    bodies = b"".join(outcome.stdout for outcome in outcomes)
    expect_equal(peer.reused(bodies)[before:], wanted, f"resumed, by {peer.column}")


def connections_of(peer):
    """How many a log has that is not of one check alone."""
    return len(peer.reused(b""))


@scenario("resumption.client", WAYS)
def our_client(trial, name):
    way = WAYS[name]
    for start in SERVERS:
        with start(trial, way) as peer:
            for version in VERSIONS:
                options = (*limits(version), *way.client)
                with trial.check(
                    f"{peer.column} {version}", claim(way.name, peer.column, version)
                ):
                    before = connections_of(peer)
                    outcome = ours.client(
                        trial.folder, peer.server.port, "--resume", "2", *options, http=peer.path
                    )
                    expect_ours([outcome], [False, True, True], version)
                    expect_theirs(peer, [outcome], [False, True, True], before)
                with trial.check(
                    f"{peer.column} {version}, in a file",
                    claim(IN_FILE.format(way.name), peer.column, version),
                ):
                    before = connections_of(peer)
                    outcomes = two_processes(trial, peer, peer, *options)
                    expect_ours(outcomes, [False, True], version)
                    expect_theirs(peer, outcomes, [False, True], before)


def two_processes(trial, first, second, *options, name=NAME):
    """Outcomes of a connection to a server and of one with its session to another one."""
    session = trial.folder / f"session-{first.column.replace(' ', '-')}"
    outcomes = []
    for peer, sessions, called in (
        (first, ("--session-out", session), NAME),
        (second, ("--session-in", session), name),
    ):
        outcomes.append(
            ours.client(
                trial.folder, peer.server.port, *sessions, *options, http=peer.path, name=called
            )
        )
    return outcomes


@scenario("resumption.client.not")
def our_client_does_not(trial):
    for start in SERVERS:
        with start(trial, NEITHER) as peer, trial.check(
            f"{peer.column} without", claim(OFF, peer.column)
        ):
            outcome = ours.client(trial.folder, peer.server.port, "--resume", "1", http=peer.path)
            expect_ours([outcome], [False, False])
            expect_theirs(peer, [outcome], [False, False])
        with start(trial, BY_TICKET) as peer, start(trial, BY_TICKET) as restarted, trial.check(
            f"{peer.column} again", claim(RESTARTED, peer.column)
        ):
            outcomes = two_processes(trial, peer, restarted)
            expect_ours(outcomes, [False, False])
            expect_theirs(restarted, outcomes[1:], [False])
        for way in WAYS.values():
            with start(trial, way) as peer, trial.check(
                f"{peer.column} {way}, another name", claim(OTHER_NAME, peer.column)
            ):
                outcomes = two_processes(
                    trial, peer, peer, *way.client, name="shop.wild.example"
                )
                expect_ours(outcomes, [False, False])
                expect_theirs(peer, outcomes, [False, False])


def library_cases(way, columns):
    suite = suites.named(SUITE)
    for library in libraries.present():
        if library == "gnutls" or (library == "bearssl" and way is BY_TICKET):
            continue  # gnutls-serv and gnutls-cli do; BearSSL has no tickets
        for version in suite.versions:
            if libraries.has(library, suite, version):
                yield columns(library), library, suite, version


@scenario("resumption.client.library", WAYS)
def our_client_and_libraries(trial, name):
    way = WAYS[name]
    for column, library, suite, version in library_cases(way, table.server_column):
        with trial.check(f"{column} {version}", claim(way.name, column, version)), libraries.Server(
            library, trial.folder, suite, version, way.library
        ) as server:
            options = (*suites.options(suite, version=version), *way.client)
            outcome = ours.client(trial.folder, server.port, "--resume", "1", *options)
            expect_ours([outcome], [False, True], version)
            server.expect_served()
            libraries.expect_resumed(server.log())


# ------------------------------------------------------------------------------ our server


def start_server(trial, way, *options):
    return ours.Server(trial.folder, *COMPATIBLE, "--min", "tls1.0", *way.server, *options, key=KEY)


def expect_logged(server, wanted, version=VERSIONS[-1]):
    """Log lines of the next connections."""
    for is_resumed in wanted:
        line = server.next_line()
        expect_equal(line["version"], f"TLS {version}", "version")
        expect_equal(bool(line["resumed"]), is_resumed, f"resumed, by ours\n{line[0]}")


def expect_openssl_reused(outcome, wanted):
    words = re.findall(r"^(New|Reused), TLS", outcome.log, re.MULTILINE)
    expect_equal([word == "Reused" for word in words], wanted, f"s_client\n{outcome.log}")


def expect_page(outcome, is_resumed):
    word = b"yes" if is_resumed else b"no"
    expect_in(b">resumed</th><td>%s<" % word, outcome.stdout, "our page")


OPENSSL_OLD = ("-cipher", peers.OPENSSL_ALL)


def openssl_resumes(trial, server, version, reused=True):
    """-reconnect drops the connection five times; what it sends goes with the last one."""
    wanted = [False] + 5 * [reused]
    outcome = peers.openssl_client(
        trial.folder, server.port, "-reconnect", *OPENSSL_OLD, version=version.openssl
    )
    outcome.expect_success()
    expect_openssl_reused(outcome, wanted)
    expect_page(outcome, reused)
    expect_logged(server, wanted, version)


def openssl_two(trial, server, second, *options, version=VERSIONS[-1], name=NAME, reused=True):
    """A process that writes its session to a file, and one that reads it."""
    session = trial.folder / "openssl.session"
    for at, sessions, called, is_resumed in (
        (server, ("-sess_out", session), NAME, False),
        (second, ("-sess_in", session), name, reused),
    ):
        outcome = peers.openssl_client(
            trial.folder,
            at.port,
            *sessions,
            *OPENSSL_OLD,
            *options,
            version=version.openssl,
            name=called,
        )
        outcome.expect_success()
        expect_openssl_reused(outcome, [is_resumed])
        expect_page(outcome, is_resumed)
        expect_logged(at, [is_resumed], version)


def gnutls_resumes(trial, server, version, reused=True):
    priority = f"{peers.GNUTLS_ALL}:-VERS-ALL:+VERS-TLS{version}"
    outcome = peers.gnutls_client(trial.folder, server.port, "--resume", priority=priority)
    outcome.expect_success()
    expect_equal("*** This is a resumed session" in outcome.log, reused, "gnutls-cli")
    expect_logged(server, [False, reused], version)


def curl_resumes(trial, server, version, reused=True):
    """Two connections of one process."""
    outcome = peers.curl(
        trial.folder,
        server.port,
        "-H",
        "Connection: close",
        "--ciphers",
        peers.OPENSSL_ALL,
        f"--tlsv{version}",
        "--tls-max",
        version.name,
        f"https://{NAME}:{server.port}/first",
    )
    outcome.expect_success()
    expect_equal("SSL re-using session ID" in outcome.log, reused, f"curl\n{outcome.log}")
    yes_or_no = re.findall(r">resumed</th><td>(\w+)<", outcome.log)
    expect_equal(yes_or_no, ["no", "yes" if reused else "no"], "our pages")
    expect_logged(server, [False, reused], version)


RESUMES = (
    (table.OPENSSL_CLIENT, openssl_resumes),
    (table.GNUTLS_CLIENT, gnutls_resumes),
    (table.CURL, curl_resumes),
)


@scenario("resumption.server", WAYS)
def our_server(trial, name):
    way = WAYS[name]
    with start_server(trial, way) as server:
        for version in VERSIONS:
            for column, resume in RESUMES:
                if column == table.CURL and way is BY_TICKET:
                    continue  # curl over OpenSSL has no tickets in these versions
                with trial.check(f"{column} {version}", claim(way.name, column, version)):
                    server.taken = len(server.lines())
                    resume(trial, server, version)
            row = claim(IN_FILE.format(way.name), table.OPENSSL_CLIENT, version)
            with trial.check(f"s_client {version}, in a file", row):
                server.taken = len(server.lines())
                openssl_two(trial, server, server, version=version)


@scenario("resumption.server.not")
def our_server_does_not(trial):
    version = VERSIONS[-1]
    with start_server(trial, NEITHER) as server:
        for column, resume in RESUMES:
            with trial.check(f"{column} without", claim(OFF, column)):
                server.taken = len(server.lines())
                resume(trial, server, version, reused=False)
    with start_server(trial, BY_TICKET) as server, start_server(
        trial, BY_TICKET
    ) as restarted, trial.check("s_client again", claim(RESTARTED, table.OPENSSL_CLIENT)):
        openssl_two(trial, server, restarted, reused=False)
    file = trial.folder / "bindings"
    file.write_text(
        f"* {PKI}/{KEY}.chain.pem {PKI}/{KEY}.key\n"
        f"shop.wild.example {PKI}/server-p256.chain.pem {PKI}/server-p256.key\n"
    )
    for way in WAYS.values():
        with ours.Server(
            trial.folder, *COMPATIBLE, *way.server, "--bindings", file, key=None
        ) as server, trial.check(
            f"s_client {way}, another name", claim(OTHER_NAME, table.OPENSSL_CLIENT)
        ):
            openssl_two(trial, server, server, name="shop.wild.example", reused=False)


@scenario("resumption.server.library", WAYS)
def our_server_and_libraries(trial, name):
    way = WAYS[name]
    suite = suites.named(SUITE)
    with ours.Server(
        trial.folder, *suites.options(suite), "--min", "tls1.0", *way.server, key=KEY
    ) as server:
        for column, library, _, version in library_cases(way, table.client_column):
            with trial.check(f"{column} {version}", claim(way.name, column, version)):
                server.taken = len(server.lines())
                outcome = libraries.client(
                    library, trial.folder, server.port, suite, version, way.library
                )
                libraries.expect_resumed(outcome.log)
                expect_logged(server, [False, True], version)


# ------------------------------------------------------------------------------ a browser

RELOADED = "one server with several names: a reload resumes, another name does not"


def expect_visit(page, name, is_resumed):
    rows = dict(re.findall(r"<th[^>]*>(.+?)</th><td>(.*?)</td>", page.html))
    expect(not page.error, f"{name}: {page.error}")
    expect_equal(rows.get("server name"), name, "server name on the page")
    expect_equal(rows.get("resumed"), "yes" if is_resumed else "no", f"resumed, at {name}")
    established = ">established, resumed<" if is_resumed else ">established<"
    expect_in(established, page.html, f"the ladder, at {name}")


@scenario("resumption.chromium", WAYS)
def browser(trial, name):
    """Idle connections are closed after a second: what follows needs a handshake."""
    if not chromium.present():
        trial.skip()
        return
    file = trial.folder / "bindings"
    file.write_text(
        bindings.binding("shop.example", "host-shop-p256")
        + bindings.binding("*.staff.example", "host-staff")
    )
    with ours.Server(
        trial.folder, *WAYS[name].server, "--idle", "1", "--bindings", file, key=None
    ) as server, chromium.Browser(
        trial.folder, roots=("root-p256", "root-rsa2048")
    ) as running, trial.check("reload", claim(RELOADED, table.CHROMIUM)):
        visits = (
            ("shop.example", False),
            ("shop.example", True),
            ("desk.staff.example", False),
        )
        for host, is_resumed in visits:
            # A browser opens more connections than it has use for, and keeps them.
            processes.wait_until(lambda: processes.sockets(server.pid) == 1, "idle connections")
            expect_visit(running.open(f"https://{host}:{server.port}/"), host, is_resumed)
