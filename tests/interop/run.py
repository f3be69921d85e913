#!/usr/bin/env python3
"""tests/interop: the command `handfast` against TLS stacks that nobody here wrote.

Every peer is a process of its own, reached over TCP on 127.0.0.1 at a port that the system chose,
and stopped by its own process id. Python 3, standard library only.

  run.py         finds the scenarios, runs them side by side, counts       (this file)
  harness.py     scenarios and checks; what a passed check claims
  table.py       the claims as docs/interop.md and back
  processes.py   child processes, their logs and ports
  ours.py        `handfast client` and `handfast server`
  peers.py       OpenSSL, GnuTLS, curl and nginx, as servers and as clients
  chromium.py    Chromium without a screen, driven over the DevTools protocol
  relay.py       a relay that records, flips, cuts, merges and splits records
  suites.py      the suites of this build, the versions and the groups, by everybody's names
  matrix.py      scenarios: every suite, version, group, key and signature scheme
  client_auth.py scenarios: client certificates
  features.py    scenarios: names, ALPN, policies, versions, the key log
  bindings.py    scenarios: one server with several names and certificates
  refusals.py    scenarios: what our client and our server must refuse, and how
  libraries.py   the programs of peers/: Mbed TLS, wolfSSL, BearSSL, Botan, GnuTLS
  library_matrix.py
                 scenarios: every suite and version that those have
  protection.py  scenarios: encrypt_then_mac, truncated_hmac, extended_master_secret
  renegotiation.py
                 scenarios: renegotiation by either side
  resumption.py  scenarios: sessions resumed by ID and by ticket
  limits.py      scenarios: max_fragment_length, record_size_limit
  status.py      scenarios: OCSP responses, trusted CAs
  traffic.py     scenarios: large transfers, small buffers, many connections
  command.py     scenarios: exit statuses

Run it with `python3 -B`. Environment: HF_TOOL is the command, HF_PKI_DIR the certificates of
tests/support/make_pki.sh, HF_PEERS_DIR the programs of peers/.
The last line counts checks: `N passed, N failed`.
"""
import argparse
import concurrent.futures
import os
import pathlib
import sys
import tempfile
import time

import bindings  # noqa: F401  (importing registers the scenarios)
import chromium
import client_auth  # noqa: F401
import command  # noqa: F401
import features  # noqa: F401
import harness
import libraries
import library_matrix  # noqa: F401
import limits  # noqa: F401
import matrix  # noqa: F401
import peers
import protection  # noqa: F401
import refusals  # noqa: F401
import renegotiation  # noqa: F401
import resumption  # noqa: F401
import status  # noqa: F401
import suites
import table
import traffic  # noqa: F401

DOCUMENT = pathlib.Path(__file__).resolve().parents[2] / "docs" / "interop.md"


def parse_arguments():
    parser = argparse.ArgumentParser(description="Tests handfast against other TLS stacks.")
    parser.add_argument(
        "-k", metavar="TEXT", default="", help="only scenarios with TEXT in the name"
    )
    parser.add_argument(
        "-j", metavar="N", type=int, default=(os.cpu_count() or 1) + 1, help="scenarios at a time"
    )
    parser.add_argument("-v", action="store_true", help="print every check and its time")
    parser.add_argument("--write", action="store_true", help=f"write {DOCUMENT.name} from this run")
    return parser.parse_args()


def check_environment():
    missing = [name for name in ("HF_TOOL", "HF_PKI_DIR") if name not in os.environ]
    if missing:
        sys.exit(f"not set: {', '.join(missing)} (see the head of run.py)")
    missing = peers.missing_programs()
    if missing:
        sys.exit("not installed: " + ", ".join(missing))


def run_scenario(scenario, folder):
    """The results of one scenario, and its seconds."""
    start = time.monotonic()
    trial = harness.Trial(scenario.name, pathlib.Path(folder))
    trial.run(scenario)
    return trial.results, time.monotonic() - start


def run_all(scenarios, jobs, verbose):
    results = []
    with tempfile.TemporaryDirectory(
        prefix="handfast-interop-"
    ) as top, concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        pending = []
        for number, scenario in enumerate(scenarios):
            folder = pathlib.Path(top, str(number))
            folder.mkdir()
            pending.append(pool.submit(run_scenario, scenario, folder))
        for scenario, future in zip(scenarios, pending):
            checks, seconds = future.result()
            results += checks
            bad = sum(result.error is not None for result in checks)
            if bad or verbose:
                print(
                    f"{scenario.name}: {len(checks)} checks, {bad} failed, {seconds:.1f} s",
                    flush=True,
                )
            for result in checks:
                if result.error is not None:
                    print(f"FAILED {result.name}\n{result.error}", flush=True)
                elif verbose:
                    print(f"  ok {result.name}")
    return results


def absent_columns():
    """The columns of peers that this machine does not have: nobody repeats what they say."""
    absent = [library for library in table.LIBRARIES if library not in libraries.present()]
    names = [table.LIBRARIES[library] for library in absent]
    columns = [f(library) for library in absent for f in (table.server_column, table.client_column)]
    if not chromium.present():
        names.append(f"{table.CHROMIUM} (Debian packages {', '.join(chromium.PACKAGES)})")
        columns.append(table.CHROMIUM)
    if names:
        print("not here: " + ", ".join(names))
    return columns


def check_document(claims):
    """The checked-in table may claim no more than this run showed, and leaves out no suite."""
    try:
        written, rows = table.parse(DOCUMENT.read_text())
    except OSError as error:
        return [str(error)]
    absent = absent_columns()
    wrong = [
        " | ".join(claim)
        for claim in written
        if claim not in claims and claim.column not in absent
    ]
    wrong += [f"no row for {suite.name}" for suite in suites.rows() if suite.name not in rows]
    shown = len([claim for claim in claims if claim not in written])
    if shown and not wrong:
        print(f"{DOCUMENT.name} could claim {shown} more: run.py --write")
    return wrong


def main():
    arguments = parse_arguments()
    check_environment()
    start = time.monotonic()
    scenarios = [s for s in harness.scenarios() if arguments.k in s.name]
    results = run_all(scenarios, arguments.j, arguments.v)
    failed = sum(result.error is not None for result in results)
    passed = len(results) - failed
    claims = list(dict.fromkeys(c for r in results if r.error is None for c in r.claims))
    if arguments.write and not failed and not arguments.k and not absent_columns():
        names = [suite.name for suite in suites.rows()]
        described = ", ".join([peers.versions(), chromium.version(), *libraries.describe()])
        DOCUMENT.write_text(table.render(claims, described, names))
    elif not arguments.k:
        wrong = check_document(claims)
        for line in wrong:
            print(f"FAILED {DOCUMENT.name} claims what was not shown: {line}")
        failed += bool(wrong)
        passed += not wrong
    print(f"in {time.monotonic() - start:.1f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not results else 0


if __name__ == "__main__":
    sys.exit(main())
