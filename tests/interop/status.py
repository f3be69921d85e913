"""OCSP responses in the handshake (RFC 6066 8), and servers that choose a chain by the CAs that the
client trusts (RFC 6066 6)."""
import contextlib
import hashlib
import json

import libraries
import ours
import peers
import processes
import relay
import suites
import table
from harness import Claim, expect, expect_equal, expect_in, scenario
from ours import NAME, PKI, ROOTS

KEY, ISSUER = "server-p256", "inter-p256"
STAPLED = "status_request: the OCSP response comes through unchanged"
UNASKED = "not asked for: no response"
NONE = "asked for, and the server has none"
REVOKED = "a response that says revoked: refused by the client"
REQUIRED = "--staple=require, and the server has none: refused by our client"


def claims(row, *columns, item="yes"):
    return [Claim(table.STATUS, row, column, item) for column in columns]


def ocsp_response(trial, state="V"):
    """A response in DER about the server's certificate; state is V or R (revoked)."""
    done = processes.run(
        ["openssl", "x509", "-in", PKI / f"{KEY}.pem", "-noout", "-serial"], trial.folder
    )
    serial = done.stdout.decode().strip().removeprefix("serial=")
    when = "250101000000Z" if state == "R" else ""
    index = trial.folder / f"index-{state}"
    index.write_text(f"{state}\t431231235959Z\t{when}\t{serial}\tunknown\t/CN={NAME}\n")
    request, response = trial.folder / "request.der", trial.folder / f"response-{state}.der"
    issuer = PKI / f"{ISSUER}.pem"
    about = ("-issuer", issuer, "-cert", PKI / f"{KEY}.pem")
    peers.openssl(trial.folder, "ocsp", *about, "-no_nonce", "-reqout", request)
    signer = ("-CA", issuer, "-rsigner", issuer, "-rkey", PKI / f"{ISSUER}.key")
    answer = ("-index", index, "-reqin", request, "-respout", response, "-ndays", "30")
    peers.openssl(trial.folder, "ocsp", *signer, *answer)
    return response


# ------------------------------------------------------------------------------ our client


def message_bodies(trace, name):
    """Of all messages of a name in the output of --trace=json, put together again."""
    bodies = []
    for line in trace.splitlines():
        row = json.loads(line) if line.startswith("{") else {}
        if row.get("message") == name:
            piece = bytes.fromhex(row["bytes"])
            if row["offset"] == 0:
                bodies.append(piece)
            else:
                bodies[-1] += piece
    return [body[4:] for body in bodies]


def expect_stapled(outcome, response):
    """CertificateStatus: the type ocsp (1), a length, the response (RFC 6066 8)."""
    outcome.expect_page()
    expect_in(" stapled", outcome.stderr, "line about the connection")
    der = response.read_bytes()
    body = message_bodies(outcome.stderr, "CertificateStatus")
    expect(body == [b"\1" + len(der).to_bytes(3, "big") + der], f"CertificateStatus: {body}")


def expect_not_stapled(outcome):
    outcome.expect_page()
    expect(" stapled" not in outcome.stderr, outcome.stderr)
    expect_equal(message_bodies(outcome.stderr, "CertificateStatus"), [], "CertificateStatus")


@contextlib.contextmanager
def servers(trial, response=None):
    """(server, column) of each, with a response or none."""
    openssl = ("-status_file", response) if response else ()
    gnutls = ("--ocsp-response", response, "--ignore-ocsp-response-errors") if response else ()
    nginx = f"ssl_stapling on; ssl_stapling_file {response};" if response else ""
    with peers.OpensslServer(trial.folder, *openssl) as first, peers.GnutlsServer(
        trial.folder, *gnutls
    ) as second, peers.NginxServer(trial.folder, peers.nginx_block(KEY, nginx)) as third:
        yield (
            (first, table.OPENSSL_SERVER),
            (second, table.GNUTLS_SERVER),
            (third, table.NGINX),
        )


@scenario("status.client")
def client_status(trial):
    response = ocsp_response(trial)
    with servers(trial, response) as running:
        for server, column in running:
            with trial.check(column, *claims(STAPLED, column)):
                outcome = ours.client(trial.folder, server.port, "--staple", "--trace=json")
                expect_stapled(outcome, response)
            with trial.check(f"{column} unasked", *claims(UNASKED, column)):
                expect_not_stapled(ours.client(trial.folder, server.port, "--trace=json"))
    with servers(trial) as running:
        for server, column in running:
            with trial.check(f"{column} has none", *claims(NONE, column)):
                expect_not_stapled(
                    ours.client(trial.folder, server.port, "--staple", "--trace=json")
                )
            with trial.check(f"{column}, required", *claims(REQUIRED, column)):
                outcome = ours.client(trial.folder, server.port, "--staple=require")
                outcome.expect_failure("STATUS_MISSING", (113, "sent"))
    with servers(trial, ocsp_response(trial, "R")) as running:
        for server, column in running:
            with trial.check(f"{column}, revoked", *claims(REVOKED, column)):
                outcome = ours.client(trial.folder, server.port, "--staple")
                outcome.expect_failure("OCSP_REVOKED", (113, "sent"))


# ------------------------------------------------------------------------------ our server


def openssl_asks(trial, port, response):
    outcome = peers.openssl_client(trial.folder, port, "-status")
    outcome.expect_success()
    if response:
        expect_in("OCSP Response Status: successful", outcome.log, "s_client")
        expect_in("Cert Status: good", outcome.log, "s_client")
    else:
        expect_in("OCSP response: no response sent", outcome.log, "s_client")


def gnutls_asks(trial, port, response):
    """It verifies a response that is there, and saves it."""
    saved = trial.folder / "saved.der"
    outcome = peers.gnutls_client(trial.folder, port, "--save-ocsp", saved)
    outcome.expect_success()
    if response:
        expect_in("OCSP status request,", outcome.log, "gnutls-cli")
        expect(saved.read_bytes() == response.read_bytes(), "gnutls-cli got another response")
    else:
        expect("OCSP status request," not in outcome.log, outcome.log)


def curl_asks(trial, port, response):
    """It verifies the response, and that there is one."""
    outcome = peers.curl(trial.folder, port, "--cert-status")
    if response:
        outcome.expect_success()
        expect_in("SSL certificate status: good", outcome.log, "curl")
    else:
        expect_equal(outcome.status, 91, "exit status of curl")


ASKS = (
    (table.OPENSSL_CLIENT, openssl_asks),
    (table.GNUTLS_CLIENT, gnutls_asks),
    (table.CURL, curl_asks),
)


@scenario("status.server")
def server_status(trial):
    response = ocsp_response(trial)
    with ours.Server(trial.folder, "--staple", response, key=KEY) as server:
        for column, ask in ASKS:
            with trial.check(column, *claims(STAPLED, column)):
                ask(trial, server.port, response)
        with trial.check("s_client unasked", *claims(UNASKED, table.OPENSSL_CLIENT)):
            outcome = peers.openssl_client(trial.folder, server.port, "-msg")
            outcome.expect_success()
            expect("CertificateStatus" not in outcome.log, "CertificateStatus in -msg")
    with ours.Server(trial.folder, key=KEY) as server:
        for column, ask in ASKS:
            with trial.check(f"{column}, none", *claims(NONE, column)):
                ask(trial, server.port, None)
    revoked = ocsp_response(trial, "R")
    with ours.Server(trial.folder, "--staple", revoked, key=KEY) as server:
        with trial.check("gnutls-cli, revoked", *claims(REVOKED, table.GNUTLS_CLIENT)):
            outcome = peers.gnutls_client(trial.folder, server.port)
            expect(outcome.status != 0, "gnutls-cli went on")
            expect_in("revoked", outcome.log, "gnutls-cli")
            server.expect_failure("PEER_ALERT")
        with trial.check("curl, revoked", *claims(REVOKED, table.CURL)):
            outcome = peers.curl(trial.folder, server.port, "--cert-status")
            expect_equal(outcome.status, 91, "exit status of curl")
            expect_in("SSL certificate status: revoked", outcome.log, "curl")


# ------------------------------------------------------------------------------ trusted CAs

TRUSTED = "trusted_ca_keys, {}"
KINDS = {
    "names": "names",
    "keys": "hashes of keys",
    "certificates": "hashes of certificates",
    "pre-agreed": "pre-agreed",
}
TRUSTED_CA_KEYS = 3
SUITES = {
    "p256": "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "rsa2048": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
}
COMPATIBLE = ("--policy", "compatible")
EXT_NOT_ALLOWED = -424  # of wolfSSL 5.5, at the answer of any server, its own included


def der_items(data):
    """Each item of DER in a row, whole."""
    while data:
        size, head = data[1], 2
        if size & 0x80:
            head += size & 0x7F
            size = int.from_bytes(data[2:head], "big")
        yield data[: head + size]
        data = data[head + size :]


def contents(item):
    return item[2 + (item[1] & 0x7F if item[1] & 0x80 else 0) :]


def key_hash(information):
    """Of a subjectPublicKeyInfo, RFC 6066 6: of an RSA key it is the modulus that counts."""
    bits = contents(list(der_items(contents(information)))[1])[1:]  # behind the unused bits
    if bits[0] == 0x30:
        bits = contents(next(der_items(contents(bits)))).lstrip(b"\0")
    return hashlib.sha1(bits).digest()


def identifier(root, kind):
    """A TrustedAuthority's identifier, made here and in no way of ours."""
    der = (PKI / f"{root}.der").read_bytes()
    # RFC 5280 4.1: version, serial, signature, issuer, validity, subject, subjectPublicKeyInfo.
    fields = list(der_items(contents(next(der_items(contents(der))))))
    return {
        "names": lambda: fields[5],
        "keys": lambda: key_hash(fields[6]),
        "certificates": lambda: hashlib.sha1(der).digest(),
        "pre-agreed": lambda: b"",
    }[kind]()


def told(root, kind):
    return f"trusted={kind}:{identifier(root, kind).hex()}"


def extension(root, kind):
    """The body of trusted_ca_keys with this root alone."""
    code = {"pre-agreed": b"\0", "keys": b"\1", "names": b"\2", "certificates": b"\3"}[kind]
    value = identifier(root, kind)
    size = len(value).to_bytes(2, "big") if kind == "names" else b""
    authority = code + size + value
    return len(authority).to_bytes(2, "big") + authority


@scenario("status.trusted.client", KINDS)
def client_trusts(trial, kind):
    """wolfSSL's server reads it and answers, though whatever root it has itself."""
    column = table.server_column("wolfssl")
    if "wolfssl" not in libraries.present():
        trial.skip()
        return
    option = f"--trusted-ca={kind}"
    for name, suite_name in SUITES.items():
        suite, root = suites.named(suite_name), f"root-{name}"
        with trial.check(
            root, *claims(TRUSTED.format(KINDS[kind]), column)
        ), libraries.Server(
            "wolfssl", trial.folder, suite, suites.VERSIONS[-1], told(root, kind)
        ) as server, relay.Relay(server.port) as between:
            ours.client(
                trial.folder,
                between.port,
                option,
                *suites.options(suite),
                ca=PKI / f"{root}.pem",
            ).expect_page(suite=suite.name)
            server.expect_served()
            sent = between.client_hello_extensions()[TRUSTED_CA_KEYS]
            expect_equal(sent.hex(), extension(root, kind).hex(), "our trusted_ca_keys")
            expect(TRUSTED_CA_KEYS in between.server_hello_extensions(), "no answer")


def chain_with_root(trial, name):
    """By a hash a server finds only the roots that it has."""
    path = trial.folder / f"{name}.whole.pem"
    parts = (PKI / f"server-{name}.chain.pem", PKI / f"root-{name}.pem")
    path.write_text("".join(part.read_text() for part in parts))
    return ("--cert", path, "--key", PKI / f"server-{name}.key")


@scenario("status.trusted.server", [kind for kind in KINDS if kind != "pre-agreed"])
def server_is_told(trial, kind):
    """wolfSSL's client takes no answer to this extension, but shows that it was understood: the
    suite goes with the chain that was chosen."""
    column = table.client_column("wolfssl")
    if "wolfssl" not in libraries.present():
        trial.skip()
        return
    pairs = [option for name in SUITES for option in chain_with_root(trial, name)]
    both = ":".join(SUITES.values())
    with ours.Server(
        trial.folder, *COMPATIBLE, "--suites", both, *pairs, key=None
    ) as server, relay.Relay(server.port) as between:
        for name, suite in SUITES.items():
            with trial.check(
                name, *claims(TRUSTED.format(KINDS[kind]), column, item="chosen")
            ):
                server.taken = len(server.lines())
                done = processes.run(
                    [
                        libraries.program("wolfssl"),
                        "client",
                        f"suite={both}",
                        "version=1.2",
                        told(f"root-{name}", kind),
                        f"anchors={ROOTS}",
                        f"name={NAME}",
                        f"port={between.port}",
                    ],
                    trial.folder,
                )
                expect_in(str(EXT_NOT_ALLOWED), done.stderr.decode(), "wolfSSL")
                line = server.next_line()
                expect_equal(line["suite"], suite, f"suite\n{line[0]}")
        expect(TRUSTED_CA_KEYS in between.server_hello_extensions(), "no answer")
