"""One server on one port: a default certificate, a name with two kinds of keys, and names that
require a client certificate."""
import concurrent.futures
import contextlib
import dataclasses
import re
import ssl
import typing

import chromium
import ours
import peers
import processes
import table
from harness import Claim, expect, expect_equal, expect_in, scenario
from ours import PKI

STAFF_ROOT, OTHER_ROOT = "root-p256", "root-rsa2048"
STAFF, STRANGER = "client-p256", "client-rsa2048"  # client certificates below these roots
SUBJECT = "CN=client.example"
VERIFIED_BEFORE = "(verified when the session began)"
UNBOUND = "nowhere.example"


@dataclasses.dataclass
class Served:
    """What a client gets; name None sends no server_name."""

    name: typing.Optional[str]
    row: str
    certificate: str
    binding: str
    client: str = "none"


DEFAULT = Served(None, "no server_name: the default certificate", "host-default", "*")
SHOP = Served(
    "shop.example",
    "a name with an ECDSA and an RSA certificate: the one with ECDSA",
    "host-shop-p256",
    "shop.example",
)
SHOP_RSA = dataclasses.replace(
    SHOP,
    row="a name with both, and a client with RSA alone: the one with RSA",
    certificate="host-shop-rsa2048",
)
DESK = Served(
    "desk.staff.example",
    "a wildcard that requires a client certificate: served with one",
    "host-staff",
    "*.staff.example",
    SUBJECT,
)
NAMES = (DEFAULT, DESK, SHOP)
NO_CERTIFICATE = "a client certificate required, and the client has none: refused"
STRANGE_CERTIFICATE = "a client certificate required, and the client has one of another CA: refused"
UNBOUND_NAME = "a name without a binding: the default certificate, which the client refuses"
AT_ONCE = "all these names, by all these clients at once"


@dataclasses.dataclass
class Visit:
    """What a client made of it. certificate: the server's, in DER, if the client tells."""

    success: bool
    certificate: typing.Optional[bytes]
    html: str
    log: str

    def expect_certificate(self, name):
        wanted = (PKI / f"{name}.der").read_bytes()
        expect(self.certificate == wanted, f"not the certificate {name}:\n{self.log}")

    def expect_served(self, expected):
        expect(self.success, f"refused:\n{self.log}")
        self.expect_certificate(expected.certificate)
        rows = dict(re.findall(r"<th[^>]*>(.+?)</th><td>(.*?)</td>", self.html))
        client = expected.client
        if client != "none" and rows.get("resumed") == "yes":
            client = VERIFIED_BEFORE
        for row, value in (
            ("server name", expected.name or "none"),
            ("binding", expected.binding),
            ("client certificate", client),
        ):
            expect_equal(rows.get(row), value, f"{row} on the page")


# ------------------------------------------------------------------------------ the clients
# Each is a context with a function of a name that returns a Visit.


def visit_of(outcome):
    """The first certificate that the peer printed is the server's."""
    found = re.search(r"-----BEGIN.+?-----END CERTIFICATE-----\n", outcome.log, re.DOTALL)
    return Visit(
        outcome.status == 0,
        ssl.PEM_cert_to_DER_cert(found[0]) if found else None,
        outcome.stdout.decode(errors="replace"),
        outcome.log,
    )


@contextlib.contextmanager
def openssl(trial, port, client=None, rsa=()):
    options = ["-showcerts", *rsa]
    if client:
        chain, key = peers.identity(client)
        options += ["-cert", chain, "-cert_chain", chain, "-key", key]

    def visit(name):
        address = () if name else ("-verify_ip", "127.0.0.1")
        return visit_of(peers.openssl_client(trial.folder, port, *options, *address, name=name))

    yield visit


@contextlib.contextmanager
def curl(trial, port, client=None, rsa=()):
    options = ["-w", "%{stderr}%{certs}", *rsa]
    if client:
        chain, key = peers.identity(client)
        options += ["--cert", chain, "--key", key]
    yield lambda name: visit_of(
        peers.curl(trial.folder, port, *options, name=name or "127.0.0.1")
    )


@contextlib.contextmanager
def browser(trial, port, client=None, rsa=()):
    """Whoever holds a certificate of another CA knows no other server either."""
    roots = (OTHER_ROOT,) if client == STRANGER else (STAFF_ROOT, OTHER_ROOT)
    with chromium.Browser(trial.folder, *rsa, roots=roots, client=client) as running:

        def visit(name):
            page = running.open(f"https://{name or '127.0.0.1'}:{port}/")
            return Visit(not page.error, page.certificate, page.html, page.error or "")

        yield visit


@dataclasses.dataclass
class Client:
    """A client, how it is limited to RSA, and what it says when it must fail."""

    connect: typing.Callable
    rsa: dict
    without_certificate: str
    stranger: typing.Tuple[str, str]  # and the server's reason
    wrong_name: str


RSA_SUITES = "kECDHE+aRSA"
UNKNOWN_CA, MISSING = "CERTIFICATE_UNKNOWN_CA", "CERTIFICATE_MISSING"
CLIENTS = {
    table.OPENSSL_CLIENT: Client(
        openssl,
        {
            "by suites": ("-cipher", RSA_SUITES),
            "by schemes": ("-sigalgs", "RSA+SHA256:RSA-PSS+SHA256"),
        },
        "alert number 40",
        ("alert number 48", UNKNOWN_CA),
        "hostname mismatch",
    ),
    table.CURL: Client(
        curl,
        {"by suites": ("--ciphers", RSA_SUITES)},
        "alert handshake failure",
        ("alert unknown ca", UNKNOWN_CA),
        f"subject name matches target host name '{UNBOUND}'",
    ),
}
if chromium.present():
    CLIENTS[table.CHROMIUM] = Client(
        browser,
        {"by suites": (chromium.WITHOUT_ECDSA,)},
        "ERR_BAD_SSL_CLIENT_AUTH_CERT",
        ("ERR_BAD_SSL_CLIENT_AUTH_CERT", MISSING),
        "ERR_CERT_COMMON_NAME_INVALID",
    )


# ------------------------------------------------------------------------------ the scenarios


def binding(host, *names, options=""):
    """A line of a bindings file; names are of make_pki.sh."""
    chains = ",".join(f"{PKI}/{name}.chain.pem" for name in names)
    keys = ",".join(f"{PKI}/{name}.key" for name in names)
    return f"{host} {chains} {keys} {options}\n"


def start(trial):
    file = trial.folder / "bindings"
    file.write_text(
        binding("*", DEFAULT.certificate)
        + binding(SHOP.binding, SHOP.certificate, SHOP_RSA.certificate)
        + binding(
            DESK.binding,
            DESK.certificate,
            options=f"client-auth=require client-ca={PKI}/{STAFF_ROOT}.pem",
        )
    )
    return ours.Server(trial.folder, "--bindings", file, key=None)


def claim(column, row, item="yes"):
    return Claim(table.BINDINGS, row, column, item)


def expect_refused(server, visit, name, text, reason=None):
    """text: what the client says. reason: the server's; a browser may try more than once."""
    before = len(server.lines())
    refused = visit(name)
    expect(not refused.success, "it must fail")
    expect_in(text, refused.log, "what the client says")
    if reason:
        processes.wait_until(
            lambda: any(
                line["name"] == (name or "-") and line["end"].startswith(f"{reason}:")
                for line in server.lines()[before:]
            ),
            f"{reason} in a log line of handfast server",
        )
    return refused


@scenario("bindings", CLIENTS)
def bindings(trial, column):
    client = CLIENTS[column]
    with start(trial) as server:
        with client.connect(trial, server.port, client=STAFF) as visit:
            with trial.check("no binding", claim(column, UNBOUND_NAME)):
                refused = expect_refused(server, visit, UNBOUND, client.wrong_name)
                refused.expect_certificate(DEFAULT.certificate)
            for expected in NAMES:
                with trial.check(expected.binding, claim(column, expected.row)):
                    visit(expected.name).expect_served(expected)
        for how, options in client.rsa.items():
            with client.connect(
                trial, server.port, client=STAFF, rsa=options
            ) as visit, trial.check(f"RSA {how}", claim(column, SHOP_RSA.row, how)):
                visit(SHOP.name).expect_served(SHOP_RSA)
        with client.connect(trial, server.port) as visit, trial.check(
            "no client certificate", claim(column, NO_CERTIFICATE, MISSING)
        ):
            expect_refused(server, visit, DESK.name, client.without_certificate, MISSING)
        text, reason = client.stranger
        with client.connect(trial, server.port, client=STRANGER) as visit:
            with trial.check("another CA", claim(column, STRANGE_CERTIFICATE, reason)):
                expect_refused(server, visit, DESK.name, text, reason)
            if column == table.CHROMIUM:
                with trial.check("an unknown root"):
                    text = "ERR_CERT_AUTHORITY_INVALID"
                    refused = expect_refused(server, visit, DEFAULT.name, text, "PEER_ALERT")
                    refused.expect_certificate(DEFAULT.certificate)


@scenario("bindings.at_once")
def at_once(trial):
    def tour(port, column):
        with CLIENTS[column].connect(trial, port, client=STAFF) as visit:
            return [visit(expected.name) for expected in NAMES * 3]

    with start(trial) as server, concurrent.futures.ThreadPoolExecutor() as pool:
        tours = {column: pool.submit(tour, server.port, column) for column in CLIENTS}
        for column, visits in tours.items():
            with trial.check(column, claim(column, AT_ONCE)):
                for visit, expected in zip(visits.result(), NAMES * 3):
                    visit.expect_served(expected)
