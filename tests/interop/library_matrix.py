"""Every suite in every version over the libraries of peers/."""
import libraries
import ours
import suites
import table
from harness import Claim, scenario
from suites import VERSIONS

CLIENT_ONLY = "gnutls"


def pairs(*without):
    return [
        f"{library} {version}"
        for library in libraries.present()
        if library not in without
        for version in libraries.versions(library)
    ]


def parse(pair):
    library, name = pair.split()
    return library, next(version for version in VERSIONS if version.name == name)


def cases(library, version):
    return [suite for suite in suites.rows() if libraries.has(library, suite, version)]


@scenario("libraries.client", pairs(CLIENT_ONLY))
def our_client(trial, pair):
    library, version = parse(pair)
    for suite in cases(library, version):
        claim = Claim(
            table.CLIENT_SUITES, suite.name, table.server_column(library), version.name
        )
        with trial.check(suite.name, claim), libraries.Server(
            library, trial.folder, suite, version
        ) as server:
            outcome = ours.client(
                trial.folder, server.port, *suites.options(suite, version=version)
            )
            outcome.expect_page(suite=suite.name, version=version.name)
            server.expect_served()


@scenario("libraries.server", pairs())
def our_server(trial, pair):
    library, version = parse(pair)
    chosen = cases(library, version)
    if library == "gnutls":  # for the rest there is gnutls-cli
        chosen = [suite for suite in chosen if suite.exchange in ("DHE_PSK", "ECDHE_PSK")]
    files = []
    for key in "server-rsa2048", "server-p256", "server-dsa2048":
        files += ours.pair(key)
    with ours.Server(
        trial.folder, *files, *suites.options(*chosen, version=version), key=None
    ) as server:
        for suite in chosen:
            claim = Claim(
                table.SERVER_SUITES, suite.name, table.client_column(library), version.name
            )
            with trial.check(suite.name, claim):
                server.taken = len(server.lines())
                libraries.client(library, trial.folder, server.port, suite, version)
                server.expect_closed(suite=suite.name, version=f"TLS {version}")
