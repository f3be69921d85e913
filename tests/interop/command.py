"""Exit statuses of the command: 0 done, 1 TLS failure, 2 usage, 3 network or file."""
import signal
import socket

import ours
import peers
import processes
from harness import expect, expect_equal, scenario
from ours import PKI, ROOTS, TOOL


def run(trial, *arguments):
    done = processes.run([TOOL, *arguments], trial.folder)
    return done.returncode, done.stderr.decode()


USAGE = (
    ("client",),
    ("client", "127.0.0.1"),
    ("client", "127.0.0.1:70000"),
    ("client", "a:1", "b:2"),
    ("client", "127.0.0.1:1", "--no-such-option"),
    ("client", "127.0.0.1:1", "--suites", "TLS_NO"),
    ("client", "127.0.0.1:1", "--groups", "secp256k1"),
    ("client", "127.0.0.1:1", "--min", "tls1.3"),
    ("client", "127.0.0.1:1", "--policy", "reckless"),
    ("client", "127.0.0.1:1", "--rx", "10"),
    ("client", "127.0.0.1:1", "--alpn", ","),
    ("server",),
    ("server", "0"),
    ("server", "0", "--cert", "x.pem"),
    ("server", "0", "--http", "--echo", "--cert", "a", "--key", "b"),
    ("no-such-verb",),
    (),
)


@scenario("command.usage")
def usage(trial):
    for arguments in USAGE:
        with trial.check(" ".join(("handfast",) + arguments)):
            status, text = run(trial, *arguments)
            expect_equal(status, 2, f"exit status, with\n{text}")
            expect(text, "nothing on standard error")


@scenario("command.outside")
def outside(trial):
    """Network and files."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # taken, and nobody listens
        port = bound.getsockname()[1]
        with trial.check("connection refused"):
            outcome = ours.client(trial.folder, port)
            expect_equal(outcome.status, 3, outcome.stderr)
            expect("refused" in outcome.stderr, outcome.stderr)
        with trial.check("no such file of anchors"):
            expect_equal(ours.client(trial.folder, port, ca="nowhere.pem").status, 3, "exit status")
        with trial.check("no anchor in the file"):
            expect_equal(
                ours.client(trial.folder, port, ca=PKI / "server-p256.key").status, 3, "exit status"
            )
    for name, cert, key in (
        ("no such certificate", "nowhere.pem", PKI / "server-p256.key"),
        ("no such key", PKI / "server-p256.pem", "nowhere.key"),
        ("a key where the certificate belongs", PKI / "server-p256.key", PKI / "server-p256.key"),
    ):
        with trial.check(name):
            status, text = run(trial, "server", "127.0.0.1:0", "--cert", cert, "--key", key)
            expect_equal(status, 3, text)
    with socket.create_server(("127.0.0.1", 0)) as taken, trial.check("a port that is taken"):
        status, text = run(
            trial, "server", f"127.0.0.1:{taken.getsockname()[1]}", *ours.pair("server-p256")
        )
        expect_equal(status, 3, text)


@scenario("command.server")
def server_ends(trial):
    for number in signal.SIGINT, signal.SIGTERM:
        with trial.check(f"{number.name} ends the server with status 0"):
            server = ours.Server(trial.folder)
            peers.openssl_client(trial.folder, server.port).expect_success()
            expect_equal(server.stop(number), 0, "exit status")
    with trial.check("--connections 2"):
        server = ours.Server(trial.folder, "--connections", "2")
        for _ in range(2):
            peers.openssl_client(trial.folder, server.port).expect_success()
        expect_equal(server.wait(), 0, "exit status")
    with trial.check("--idle 1"), ours.Server(
        trial.folder, "--idle", "1"
    ) as server, socket.create_connection(("127.0.0.1", server.port), timeout=20) as silent:
        while silent.recv(100):
            pass
        server.next_line()


@scenario("command.quiet")
def quiet(trial):
    """With --quiet standard error holds failures alone."""
    with peers.OpensslServer(trial.folder) as server:
        with trial.check("success"):
            outcome = ours.client(trial.folder, server.port, "--quiet")
            expect_equal((outcome.status, outcome.stderr), (0, ""), "status and standard error")
        with trial.check("failure"):
            outcome = ours.client(trial.folder, server.port, "--quiet", name="other.example")
            outcome.expect_failure("CERTIFICATE_NAME_MISMATCH")


@scenario("command.pipe")
def pipe(trial):
    """Standard input goes to the peer, its answer to standard output; the end of input closes."""
    with peers.OpensslServer(trial.folder, mode="-rev") as server, trial.check("s_server -rev"):
        done = processes.run(
            [
                "sh",
                "-c",
                f"(echo handfast; sleep 0.5) | {TOOL} client "
                f"127.0.0.1:{server.port} --ca {ROOTS} --name server.example",
            ],
            trial.folder,
        )
        expect_equal((done.returncode, done.stdout), (0, b"tsafdnah\n"), "status and output")
