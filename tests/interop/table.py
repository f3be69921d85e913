"""docs/interop.md: what the checks that passed have shown. Written by `run.py --write`; a run fails
if the file claims an item that the run did not show."""
import re

from harness import Claim

# Titles in order, each with its sentence and its columns.
CLIENT_SUITES = "Our client: suites and versions"
SERVER_SUITES = "Our server: suites and versions"
CLIENT_GROUPS = "Our client: groups and keys"
SERVER_GROUPS = "Our server: groups and keys"
SCHEMES = "Signature schemes"
CLIENT_AUTH = "Client certificates"
PROTECTION = "Protection"
RESUMPTION = "Resumption"
RENEGOTIATION = "Renegotiation"
LIMITS = "Record sizes"
STATUS = "OCSP responses and trusted CAs"
FEATURES = "Extensions, policies and versions"
BINDINGS = "One server with several names"
CLIENT_REFUSALS = "Refused by our client"
SERVER_REFUSALS = "Refused by our server, or by its clients"
TRAFFIC = "Data and connections"

OPENSSL_SERVER, GNUTLS_SERVER, NGINX = "openssl s_server", "gnutls-serv", "nginx"
OPENSSL_CLIENT, GNUTLS_CLIENT, CURL = "openssl s_client", "gnutls-cli", "curl"
CHROMIUM = "Chromium"
# The programs of peers/ and the columns that they have on either side.
LIBRARIES = {
    "mbedtls": "Mbed TLS",
    "wolfssl": "wolfSSL",
    "bearssl": "BearSSL",
    "botan": "Botan",
    "gnutls": "GnuTLS",
}


def server_column(library):
    return f"{LIBRARIES[library]} server"


def client_column(library):
    return f"{LIBRARIES[library]} client"


LIBRARY_SERVERS = tuple(server_column(library) for library in LIBRARIES if library != "gnutls")
LIBRARY_CLIENTS = tuple(client_column(library) for library in LIBRARIES)

ALL_SUITES = "Every suite of this build has at least one peer here."
OWN_GROUP = "a group of its own"
REASON, ALERT = "reason", "alert"
SERVERS = (OPENSSL_SERVER, GNUTLS_SERVER, NGINX)
CLIENTS = (OPENSSL_CLIENT, GNUTLS_CLIENT, CURL)

TABLES = {
    CLIENT_SUITES: (
        "`handfast client` verifies the chain, unless the suite has none, and fetches a page; both "
        "ends agree on what was negotiated. Cells: versions of TLS.",
        SERVERS + LIBRARY_SERVERS,
    ),
    SERVER_SUITES: (
        "The peer verifies chain and name, unless the suite has none, and fetches the page of "
        "`handfast server`. Cells: versions of TLS.",
        CLIENTS + LIBRARY_CLIENTS,
    ),
    CLIENT_GROUPS: (
        "Each kind of key exchange in TLS 1.2. Cells: the groups that were agreed on; "
        f"“{OWN_GROUP}” is a finite-field group outside RFC 7919.",
        SERVERS,
    ),
    SERVER_GROUPS: (
        "The same from the other side.",
        CLIENTS,
    ),
    SCHEMES: (
        "The ServerKeyExchange is signed with this scheme.",
        (OPENSSL_SERVER, GNUTLS_SERVER, OPENSSL_CLIENT, GNUTLS_CLIENT),
    ),
    CLIENT_AUTH: (
        "The server asks, the client proves that it has the key, and the server verifies the chain "
        "and knows the subject. Cells: versions of TLS.",
        SERVERS + CLIENTS,
    ),
    PROTECTION: (
        "With suites of CBC; the ServerHello on the wire shows what was agreed on. Cells: versions "
        "of TLS.",
        (OPENSSL_SERVER, GNUTLS_SERVER, *LIBRARY_SERVERS)
        + (OPENSSL_CLIENT, GNUTLS_CLIENT, *LIBRARY_CLIENTS[:-1]),
    ),
    RESUMPTION: (
        "A connection resumes the session of the one before, and both ends say so; rows of what is "
        "not resumed: both ends say that, and the page comes after a full handshake. curl over "
        "OpenSSL and BearSSL have no tickets. Cells: versions of TLS.",
        SERVERS + LIBRARY_SERVERS + CLIENTS + (CHROMIUM,) + LIBRARY_CLIENTS[:-1],
    ),
    RENEGOTIATION: (
        "Our side allows it, as it never does unasked, and both ends say that it took place; what is "
        "sent before and after arrives whole. No peer here that starts one takes data which was on its "
        "way to it. s_server asks for a certificate but once. Cells: versions of TLS.",
        SERVERS + CLIENTS,
    ),
    LIMITS: (
        "100 KB each way; from nginx alone. A relay sees no longer record in either direction. "
        "GnuTLS asks for both extensions and is given the one that our server has not been told to "
        "leave out. Mbed TLS 2.28 splits no message over records and puts none together, so that "
        "its certificate is a short one and 512 too little. wolfSSL's and BearSSL's clients and "
        "servers have max_fragment_length alone. Cells: the lengths agreed on.",
        SERVERS
        + tuple(server_column(library) for library in ("mbedtls", "wolfssl", "bearssl"))
        + (OPENSSL_CLIENT, GNUTLS_CLIENT)
        + tuple(client_column(library) for library in ("mbedtls", "wolfssl", "bearssl")),
    ),
    STATUS: (
        "Our client, gnutls-cli and curl verify the response. trusted_ca_keys, of which "
        "wolfSSL is the only other implementation here: its server reads and answers our client's; "
        "of two chains our server chooses the one below the root that wolfSSL's client has. That "
        "client, in release 5.5, then takes the answer of no server, its own included.",
        SERVERS + (server_column("wolfssl"),) + CLIENTS + (client_column("wolfssl"),),
    ),
    FEATURES: ("", SERVERS + CLIENTS),
    BINDINGS: (
        "One `handfast server` on one port has three bindings: a default one, a name with two kinds "
        "of keys, and a wildcard that requires a client certificate. Each of their certificates has "
        "names of its own; the client verifies it, and it is the very one of the row. Each client "
        "has a certificate too, unless the row says otherwise, and shows it only where it is "
        "required. Cells of client certificates that are refused: the reason in the server's log "
        "line. Chromium sends no certificate whose CA the server does not name.",
        (OPENSSL_CLIENT, CURL, CHROMIUM),
    ),
    CLIENT_REFUSALS: (
        "Exit status 1, this reason on standard error, and this alert on the "
        "wire: sent in the clear where a relay could read it, or named by the peer's "
        "log.",
        (REASON, ALERT) + SERVERS,
    ),
    SERVER_REFUSALS: (
        "This reason in the server's log line, this alert at the peer; the server "
        "goes on serving.",
        (REASON, ALERT) + CLIENTS,
    ),
    TRAFFIC: ("", SERVERS + CLIENTS),
}

HEAD = """# Interoperability

Generated by `tests/interop/run.py --write`. The test `interop.peers` repeats every line of it and
fails if a cell says more than the run has shown. The certificates come from
`tests/support/make_pki.sh`; the name is server.example unless said otherwise.
"""


def render(claims, versions, suite_names):
    """All suites have a row, with an empty one for those that no peer has."""
    lines = [HEAD, f"Written with {versions}.", ""]
    for title, (sentence, columns) in TABLES.items():
        rows = {name: {} for name in suite_names} if title in (CLIENT_SUITES, SERVER_SUITES) else {}
        for claim in claims:
            if claim.title == title:
                cells = rows.setdefault(claim.row, {})
                items = cells.setdefault(claim.column, [])
                if claim.item not in items:
                    items.append(claim.item)
        lines += [f"## {title}", ""]
        lines += [sentence, ""] if sentence else []
        lines += ["| | " + " | ".join(columns) + " |", "|---" * (1 + len(columns)) + "|"]
        for row, cells in rows.items():
            texts = [", ".join(cells.get(column, ["–"])) for column in columns]
            lines.append(f"| {row} | " + " | ".join(texts) + " |")
        lines.append("")
        if title in (CLIENT_SUITES, SERVER_SUITES):
            unproven = [row for row, cells in rows.items() if not cells]
            text = f"No peer here has: {', '.join(unproven)}." if unproven else ALL_SUITES
            lines += [text, ""]
    return "\n".join(lines)


def parse(text):
    """The claims of a file that render() wrote, and the rows of its first table."""
    claims, rows, title, columns = [], [], None, []
    for line in text.splitlines():
        if line.startswith("## "):
            title = line[3:]
        elif line.startswith("| |"):
            columns = [cell.strip() for cell in line.strip("|").split("|")[1:]]
        elif line.startswith("|") and not re.match(r"\|-", line):
            row, *cells = [cell.strip() for cell in line.strip("|").split("|")]
            if title == CLIENT_SUITES:
                rows.append(row)
            claims += [
                Claim(title, row, column, item)
                for column, cell in zip(columns, cells)
                for item in cell.split(", ")
                if item != "–"
            ]
    return claims, rows
