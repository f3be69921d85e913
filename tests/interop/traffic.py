"""Large transfers both ways, small buffers, and many connections at once."""
import contextlib
import random
import socket
import subprocess

import ours
import peers
import processes
import relay
import table
from harness import Claim, expect, expect_equal, scenario
from ours import NAME, PKI, ROOTS

BIG = 4 * 1024 * 1024
SMALL = ("--rx", "4096", "--tx", "1024")
UNASKED = ("--without", "max_fragment_length", "--without", "record_size_limit")
SMALL_RECORD = 2048  # of a peer, so that its protected records fit into 4096 bytes
CONNECTS = (
    (table.OPENSSL_CLIENT, peers.openssl_client),
    (table.GNUTLS_CLIENT, peers.gnutls_client),
    (table.CURL, peers.curl),
)


def claims(row, *columns):
    return [Claim(table.TRAFFIC, row, column, "yes") for column in columns]


def big_text(size=BIG):
    """Lines that no peer takes for a command (s_client: Q, R), with nothing that repeats."""
    generator = random.Random(1)
    lines = [f"{generator.getrandbits(248):062x}\n" for _ in range(size // 63 + 1)]
    return "".join(lines).encode()[: size - 1] + b"\n"


def expect_same(got, wanted, what):
    expect(got == wanted, f"{what}: {len(got)} bytes, not the {len(wanted)} that were sent")


# ------------------------------------------------------------------------------ our client

DOWNLOAD = "4 MB to our client"
SMALL_DOWNLOAD = "4 MB to our client, --rx 4096 --tx 1024, records of 2 KB"
UPLOAD = "4 MB from our client"
SMALL_UPLOAD = "4 MB from our client, --tx 1024"
BOTH_WAYS = "4 MB from our client, each block answered"


@contextlib.contextmanager
def file_servers(trial, data, small):
    """(column, port, path) of each server with the data as a file."""
    (trial.folder / "big").write_bytes(data)
    openssl = ("-max_send_frag", SMALL_RECORD) if small else ()
    directive = f"ssl_buffer_size {SMALL_RECORD};" if small else ""
    with peers.OpensslServer(trial.folder, *openssl, mode="-WWW") as first, peers.GnutlsServer(
        trial.folder, "--httpdata", trial.folder / "big"
    ) as second, peers.NginxServer(
        trial.folder, peers.nginx_block("server-p256", directive) + "location = /big {}"
    ) as third:
        (third.root / "big").write_bytes(data)
        rows = [(table.OPENSSL_SERVER, first.port, "/big"), (table.NGINX, third.port, "/big")]
        if not small:  # GnuTLS limits its records only where the client asks it to
            rows.insert(1, (table.GNUTLS_SERVER, second.port, "/"))
        yield rows


@scenario("traffic.client.download", ["full", "small"])
def client_download(trial, buffers):
    data = big_text()
    small = buffers == "small"
    with file_servers(trial, data, small) as servers:
        for column, port, path in servers:
            row = SMALL_DOWNLOAD if small else DOWNLOAD
            with trial.check(column, *claims(row, column)):
                outcome = ours.client(trial.folder, port, *(SMALL if small else ()), http=path)
                outcome.expect_page()
                expect_same(outcome.body, data, "file")


@scenario("traffic.client.upload")
def client_upload(trial):
    data = big_text()
    for row, options in (UPLOAD, ()), (SMALL_UPLOAD, SMALL):
        with peers.OpensslServer(
            trial.folder, "-quiet", mode=None, keep_stdin=True
        ) as server, trial.check(row, *claims(row, table.OPENSSL_SERVER)):
            outcome = ours.client(trial.folder, server.port, *options, http=None, stdin=data)
            outcome.expect_connected()
            processes.wait_until(lambda: len(server.stdout()) >= len(data), "all data at s_server")
            expect_same(server.stdout(), data, "what s_server got")


@scenario("traffic.client.echo")
def client_echo(trial):
    """gnutls-serv --echo answers each record before it reads the next one."""
    data = big_text()
    for name, options in ("full", ()), ("small", ("--rx", "2048", "--tx", "1024")):
        with peers.GnutlsServer(trial.folder, mode="--echo") as server, ours.start_client(
            trial.folder, server.port, *options
        ) as client, trial.check(name, *claims(BOTH_WAYS, table.GNUTLS_SERVER)):
            client.type(data)
            processes.wait_until(lambda: len(client.stdout()) >= len(data), "all data back", 60)
            expect_same(client.stdout(), data, "echo")


# ------------------------------------------------------------------------------ our server

SERVE = "4 MB from our server"
SMALL_SERVE = "4 MB from our server, --rx 4096 --tx 1024"
SMALLER_SERVE = "1 MB from our server, --rx 4096 --tx 1024"
RECEIVE = "4 MB to our server"
SMALL_RECEIVE = "4 MB to our server, --rx 4096 --tx 1024, records of 2 KB"
ECHO = "4 MB to our server and back at the same time"


@scenario("traffic.server.download", ["full", "small"])
def server_download(trial, buffers):
    data = big_text()
    page = trial.folder / "page"
    page.write_bytes(data)
    small = buffers == "small"
    with ours.Server(trial.folder, "--page", page, *(SMALL if small else ())) as server:
        for column, connect in CONNECTS:
            if connect is peers.gnutls_client:
                continue  # it takes a second to print a megabyte: see below
            with trial.check(column, *claims(SMALL_SERVE if small else SERVE, column)):
                server.taken = len(server.lines())
                outcome = connect(trial.folder, server.port)
                expect_equal(outcome.status, 0, f"exit status, with\n{outcome.log[-1000:]}")
                start = outcome.stdout.find(data[:63])
                expect(start >= 0, "no file")
                expect_same(outcome.stdout[start : start + len(data)], data, "file")
                server.expect_closed()


@scenario("traffic.server.download.gnutls")
def server_download_gnutls(trial):
    data = big_text(1024 * 1024)
    (trial.folder / "page").write_bytes(data)
    with ours.Server(trial.folder, "--page", trial.folder / "page", *SMALL) as server, trial.check(
        "gnutls-cli", *claims(SMALLER_SERVE, table.GNUTLS_CLIENT)
    ):
        outcome = peers.gnutls_client(trial.folder, server.port)
        expect(data in outcome.stdout, f"not the whole file:\n{outcome.log[-1000:]}")
        server.expect_closed()


@scenario("traffic.server.upload", ["full", "small"])
def server_upload(trial, buffers):
    """A server that prints what arrives."""
    data = big_text()
    small = buffers == "small"
    row = SMALL_RECEIVE if small else RECEIVE
    more = ("-max_send_frag", SMALL_RECORD) if small else ()
    uploads = [(table.OPENSSL_CLIENT, peers.openssl_client, ("-quiet", "-no_ign_eof", *more))]
    if not small:  # GnuTLS limits its records only where the server agrees to it
        uploads.append((table.GNUTLS_CLIENT, peers.gnutls_client, ()))
    for column, connect, options in uploads:
        with ours.Server(
            trial.folder, *(SMALL if small else ()), service=None
        ) as server, trial.check(column, *claims(row, column)):
            end = {"end_input": True} if connect is peers.gnutls_client else {}
            connect(trial.folder, server.port, *options, stdin=data, **end)
            server.expect_closed()
            expect_same(server.stdout(), data, "what arrived")


@scenario("traffic.server.echo")
def server_echo(trial):
    data = big_text()
    with ours.Server(trial.folder, service="--echo") as server, trial.check(
        "s_client", *claims(ECHO, table.OPENSSL_CLIENT)
    ):
        client = processes.Process(
            [
                "openssl",
                "s_client",
                "-connect",
                f"127.0.0.1:{server.port}",
                "-CAfile",
                ROOTS,
                "-verify_return_error",
                "-tls1_2",
                "-quiet",
            ],
            trial.folder,
            keep_stdin=True,
        )
        with client:
            client.type(data)
            processes.wait_until(lambda: len(client.stdout()) >= len(data), "all data back", 60)
            expect_same(client.stdout(), data, "echo")


# ------------------------------------------------------------------------------ small buffers

LARGE_RECORD = "--rx 4096 --tx 1024: the first flight in one record of 16384 bytes in the clear"
LARGE_FLIGHT = "--rx 4096 --tx 1024: a first flight of more than 4096 bytes in one record"
LARGE_CHAIN = "a Certificate message of 15 KB with the default buffers"
TOO_LARGE_CHAIN = "the same with --rx 4096: MESSAGE_EXCEEDS_BUFFER, alert 40"
PROTECTED = (
    "--rx 4096, not asking for shorter records, and a protected record of 16 KB: "
    "RECORD_EXCEEDS_BUFFER, alert 22"
)


def certify(trial, name, issuer, extensions, padding):
    """NAME.pem and NAME.key, signed by an issuer made here before, or by itself if that is None;
    a comment of `padding` bytes makes the certificate long."""
    (trial.folder / "extensions").write_text(extensions + f"\nnsComment = {'x' * padding}\n")
    peers.openssl(
        trial.folder,
        "req",
        "-new",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        f"{name}.key",
        "-subj",
        f"/CN={name}",
        "-config",
        "/dev/null",
        "-out",
        f"{name}.csr",
    )
    signer = (
        ("-CA", f"{issuer}.pem", "-CAkey", f"{issuer}.key")
        if issuer
        else ("-signkey", f"{name}.key")
    )
    peers.openssl(
        trial.folder,
        "x509",
        "-req",
        "-in",
        f"{name}.csr",
        *signer,
        "-days",
        "2",
        "-extfile",
        "extensions",
        "-out",
        f"{name}.pem",
    )


def long_chain(trial, count, padding):
    """A chain of `count` certificates below a root of its own, each padded:
    (root, (chain, private key))."""
    authority = "basicConstraints = critical,CA:true\nkeyUsage = critical,keyCertSign"
    certify(trial, "root", None, authority, 1)
    issuer, blocks = "root", []
    for i in range(1, count):
        certify(trial, f"ca{i}", issuer, authority, padding)
        issuer = f"ca{i}"
        blocks.insert(0, (trial.folder / f"ca{i}.pem").read_text())
    certify(
        trial, "leaf", issuer, f"subjectAltName = DNS:{NAME}\nkeyUsage = digitalSignature", padding
    )
    chain = trial.folder / "chain.pem"
    chain.write_text("".join([(trial.folder / "leaf.pem").read_text()] + blocks))
    return trial.folder / "root.pem", (chain, trial.folder / "leaf.key")


@contextlib.contextmanager
def servers_with(trial, key, *options):
    """(column, server) of each; the options are OpenSSL's."""
    with peers.OpensslServer(trial.folder, *options, key=key) as first, peers.GnutlsServer(
        trial.folder, key=key
    ) as second:
        yield (table.OPENSSL_SERVER, first), (table.GNUTLS_SERVER, second)


@scenario("traffic.small.flight")
def small_flight(trial):
    """Certificate and the messages around it fit into `rx` one by one and not together."""
    root, key = long_chain(trial, 3, 920)
    with servers_with(trial, key, "-max_send_frag", SMALL_RECORD) as servers:
        for column, server in servers:
            for row, fill, least in (LARGE_FLIGHT, False, 4097), (LARGE_RECORD, True, 16381):
                merge = relay.MergeFlight(fill)
                with relay.Relay(server.port, merge) as between, trial.check(
                    f"{column}: {row}", *claims(row, column)
                ):
                    ours.client(
                        trial.folder,
                        between.port,
                        *SMALL,
                        "--groups",
                        "secp521r1:secp256r1",
                        ca=root,
                    ).expect_page()
                    expect(merge.largest >= least, f"the largest record had {merge.largest} bytes")


@scenario("traffic.small.chain")
def small_chain(trial):
    root, key = long_chain(trial, 12, 880)
    with servers_with(trial, key) as servers:
        for column, server in servers:
            with trial.check(f"{column}: {LARGE_CHAIN}", *claims(LARGE_CHAIN, column)), relay.Relay(
                server.port
            ) as between:
                ours.client(trial.folder, between.port, ca=root).expect_page()
                largest = max(len(record.body) for record in between.records())
                expect(
                    15000 < largest <= relay.RECORD_MAX, f"the largest record had {largest} bytes"
                )
            with trial.check(
                f"{column}: {TOO_LARGE_CHAIN}", *claims(TOO_LARGE_CHAIN, column)
            ), relay.Relay(server.port) as between:
                ours.client(trial.folder, between.port, *SMALL, ca=root).expect_failure(
                    "MESSAGE_EXCEEDS_BUFFER", (40, "sent")
                )
                expect_equal(between.alerts(relay.CLIENT), [40], "alerts of our client on the wire")


@scenario("traffic.small.protected")
def small_protected(trial):
    with file_servers(trial, big_text(100000), False) as servers:
        for column, port, path in servers:
            with trial.check(column, *claims(PROTECTED, column)):
                ours.client(trial.folder, port, *SMALL, *UNASKED, http=path).expect_failure(
                    "RECORD_EXCEEDS_BUFFER", (22, "sent")
                )
    with ours.Server(trial.folder, *SMALL, service=None) as server, trial.check(
        "s_client", *claims(PROTECTED, table.OPENSSL_CLIENT)
    ):
        peers.openssl_client(
            trial.folder, server.port, "-quiet", stdin=big_text(100000)
        ).expect_alert(22)
        server.expect_failure("RECORD_EXCEEDS_BUFFER", (22, "sent"))


# ------------------------------------------------------------------------------ many connections

CROWD = "50 at once, among 40 silent connections and 40 of garbage"


def open_silent(port, generator):
    """Connections that say nothing, or begin a ClientHello and stop."""
    half = bytes.fromhex("16030100c8010000c40303")
    for _ in range(40):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.sendall(half[: generator.randrange(len(half) + 1)])
        yield connection


def send_garbage(port, generator):
    connection = socket.create_connection(("127.0.0.1", port))
    if generator.random() < 0.3:  # a reset instead of an end
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    with contextlib.suppress(OSError):
        connection.sendall(
            generator.choice((b"\x16\x03\x01", b"GET / HTTP/1.0\r\n\r\n", b""))
            + generator.randbytes(generator.randrange(3000))
        )
    connection.close()


@scenario("traffic.crowd")
def crowd(trial):
    generator = random.Random(3)
    page = trial.folder / "page"
    page.write_bytes(big_text(200000))
    with ours.Server(trial.folder, "--page", page) as server, contextlib.ExitStack() as stack:
        for connection in open_silent(server.port, generator):
            stack.enter_context(connection)
        arguments = [str(a) for a in peers.curl_arguments(server.port)]
        children = []
        for _ in range(50):
            children.append(
                subprocess.Popen(
                    arguments,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    env=processes.environment(),
                    cwd=trial.folder,
                )
            )
            if len(children) % 5 != 0:
                send_garbage(server.port, generator)
        with trial.check("curl", *claims(CROWD, table.CURL)):
            for child in children:
                out, log = child.communicate(timeout=60)
                expect_equal(child.returncode, 0, log.decode())
                expect_same(out, page.read_bytes(), "page")
        with trial.check("one line a connection"):
            # 50 of curl and 40 of garbage; the silent ones are still open.
            processes.wait_until(lambda: len(server.lines()) >= 90, "90 log lines")
            ends = [line["end"] for line in server.lines()]
            expect_equal(ends.count("closed"), 50, f"closed in\n{server.log()}")
        with trial.check("the server is still there"):
            server.taken = len(server.lines())
            peers.openssl_client(trial.folder, server.port, name=NAME).expect_success()
            server.expect_closed()
