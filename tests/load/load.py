"""`handfast server` under load: many connections at once, of clients good, slow and bad.

    load.py [--seconds S] [--connections N] [--valgrind] [--no-memory]

Of ten connections five are good clients, which ask for a page now and then and connect again; two
are slow, which do the same with their handshake sent byte by byte; one sends garbage, one is reset
in its handshake, one stays half-open. All of them are open at once before the time begins to count.

Every good client must get every page; the memory of the server must not grow from the middle of the
time to its end, while as many connections are open; afterwards the server must have let go of them
all, do nothing, and still serve. The figures are printed.
"""

import argparse
import asyncio
import os
import random
import resource
import signal
import socket
import ssl
import struct
import sys
import tempfile
import time

TOOL = os.environ.get("HF_TOOL", "build/handfast")
PKI = os.environ.get("HF_PKI_DIR", "build/pki")
NAME = "server.example"
PAGE = b"0123456789abcdef" * 500
REQUEST = b"GET / HTTP/1.1\r\nHost: server.example\r\n\r\n"
PATIENCE = 60  # seconds for a single answer, on a busy machine
SLACK = 4 << 20  # bytes that the server's memory may differ by
IDLE_TICKS = 10  # hundredths of a second of processor time that doing nothing may take
VALGRIND = ["valgrind", "--quiet", "--error-exitcode=99", "--leak-check=full"]


class Failure(Exception):
    """What must not happen."""


def expect(condition, text):
    if not condition:
        raise Failure(text)


# ------------------------------------------------------------------------------ the server


class Server:
    """The command in a process of its own, and what the system knows about it."""

    def __init__(self, process, port):
        self.process, self.port = process, port

    def _status(self, field):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return next(line.split()[1] for line in file if line.startswith(field + ":"))

    def memory(self):
        """Resident bytes."""
        return int(self._status("VmRSS")) * 1024

    def ticks(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


async def start_server(folder, *options, valgrind=False, descriptors=None):
    page, ready = os.path.join(folder, "page"), os.path.join(folder, "ready")
    with open(page, "wb") as file:
        file.write(PAGE)

    def limit():
        if descriptors:
            resource.setrlimit(resource.RLIMIT_NOFILE, descriptors)

    with open(os.path.join(folder, "log"), "wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(VALGRIND if valgrind else []), TOOL, "server", "127.0.0.1:0", "--ready", ready,
            "--cert", os.path.join(PKI, "server-p256.chain.pem"),
            "--key", os.path.join(PKI, "server-p256.key"), "--http", "--page", page, *options,
            stdin=asyncio.subprocess.DEVNULL, stderr=log, preexec_fn=limit)
    while not os.path.exists(ready):
        expect(process.returncode is None, "the server does not start")
        await asyncio.sleep(0.02)
    with open(ready, encoding="ascii") as file:
        return Server(process, int(file.read()))


async def stop_server(server, folder):
    """An orderly end, at which valgrind has nothing to say."""
    server.process.send_signal(signal.SIGTERM)
    status = await asyncio.wait_for(server.process.wait(), PATIENCE)
    with open(os.path.join(folder, "log"), encoding="utf-8", errors="replace") as log:
        text = log.read()
    complaints = [line for line in text.splitlines() if line.startswith("==")]
    expect(status == 0 and not complaints, f"exit status {status}\n" + "\n".join(complaints[:40]))
    return text


def expect_rest(server, before):
    """No descriptor of a connection is left, and no work is done."""
    expect(server.descriptors() == before, f"{server.descriptors()} descriptors, {before} before")
    ticks = server.ticks()
    time.sleep(1)
    expect(server.ticks() - ticks <= IDLE_TICKS, f"{server.ticks() - ticks} ticks without work")


# ------------------------------------------------------------------------------ clients


def client_context():
    context = ssl.create_default_context(cafile=os.path.join(PKI, "roots.pem"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


class Pipe:
    """A TLS client over a socket of asyncio, whose bytes go out as slowly as it likes."""

    def __init__(self, context):
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=NAME)
        self.reader = self.writer = None

    async def open(self, port):
        self.reader, self.writer = await asyncio.wait_for(
            asyncio.open_connection("127.0.0.1", port), PATIENCE)
        self.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def _send(self, pause):
        data = self.outgoing.read()
        if pause is None:
            self.writer.write(data)
            return
        for at in range(len(data)):
            self.writer.write(data[at : at + 1])
            await asyncio.sleep(pause)

    async def call(self, function, *arguments, pause=None):
        """One call of the TLS object, with as much moved to and fro as it takes."""
        while True:
            try:
                result = function(*arguments)
                await self._send(pause)
                return result
            except ssl.SSLWantReadError:
                await self._send(pause)
                data = await asyncio.wait_for(self.reader.read(65536), PATIENCE)
                expect(data, "the server has gone")
                self.incoming.write(data)

    async def page(self, pause=None):
        await self.call(self.tls.write, REQUEST, pause=pause)
        reply = b""
        while b"\r\n\r\n" not in reply or len(reply.partition(b"\r\n\r\n")[2]) < len(PAGE):
            reply += await self.call(self.tls.read, 65536)
        expect(reply.startswith(b"HTTP/1.1 200 ") and reply.endswith(b"\r\n\r\n" + PAGE), "not the page")

    def close(self):
        if self.writer:
            self.writer.close()


class Load:
    """What is going on: how many are open, and what has been done so far."""

    def __init__(self, server, count, seconds):
        self.server, self.count, self.seconds = server, count, seconds
        self.context = client_context()
        self.opened, self.all_open = 0, asyncio.Event()
        self.over = False
        self.figures = {"pages": 0, "handshakes": 0, "slow handshakes": 0, "refused": 0, "reset": 0}

    async def note_open(self):
        """Waits until all connections are open."""
        self.opened += 1
        if self.opened == self.count:
            self.all_open.set()
        await self.all_open.wait()

    def did(self, what):
        self.figures[what] += 1

    async def good(self, rng, pause=None):
        """Connects, asks for some pages with time between them, connects again."""
        first = True
        while first or not self.over:
            pipe = Pipe(self.context)
            try:
                await pipe.open(self.server.port)
                await pipe.call(pipe.tls.do_handshake, pause=pause)
                self.did("slow handshakes" if pause else "handshakes")
                if first:
                    await self.note_open()
                for _ in range(1 if pause else 4):
                    await asyncio.sleep(rng.random() * self.seconds / 10)
                    await pipe.page()
                    self.did("pages")
            finally:
                pipe.close()
            first = False

    async def slow(self, rng):
        await self.good(rng, pause=self.seconds / 1500)

    async def bad(self, rng, send, what):
        """Opens a connection, does something to it and begins again once it has ended."""
        first = True
        while first or not self.over:
            reader, writer = await asyncio.wait_for(
                asyncio.open_connection("127.0.0.1", self.server.port), PATIENCE)
            try:
                if first:
                    await self.note_open()
                await asyncio.sleep(rng.random() * self.seconds / 10)
                await send(rng, reader, writer)
                self.did(what)
            except ConnectionError:
                self.did(what)
            finally:
                writer.transport.abort()
            first = False

    async def garbage(self, rng):
        async def send(rng, reader, writer):
            """An alert or a hole in the line, but an end."""
            writer.write(rng.choice((b"", b"\x16\x03\x01", b"\x80")) + rng.randbytes(rng.randrange(5, 3000)))
            writer.write_eof()
            await asyncio.wait_for(reader.read(), PATIENCE)

        await self.bad(rng, send, "refused")

    async def reset(self, rng):
        async def send(rng, _, writer):
            """A hello, or part of it, and a reset."""
            pipe = Pipe(self.context)
            try:
                pipe.tls.do_handshake()
            except ssl.SSLWantReadError:
                hello = pipe.outgoing.read()
            writer.write(hello[: rng.randrange(len(hello) + 1)])
            writer.get_extra_info("socket").setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        await self.bad(rng, send, "reset")

    async def half_open(self, rng):
        """Stays, with nothing or the beginning of a hello sent."""
        reader, writer = await asyncio.wait_for(
            asyncio.open_connection("127.0.0.1", self.server.port), PATIENCE)
        try:
            writer.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[: rng.randrange(12)])
            await self.note_open()
            while not self.over:
                await asyncio.sleep(0.1)
            expect(not reader.at_eof(), "the server has closed a half-open connection early")
        finally:
            writer.transport.abort()

    async def watch(self, memory):
        """Memory in the middle of the time and at its end."""
        await self.all_open.wait()
        await asyncio.sleep(self.seconds / 2)
        memory.append(self.server.memory())
        await asyncio.sleep(self.seconds / 2)
        memory.append(self.server.memory())
        self.over = True

    async def run(self):
        """Returns the memory of the server before it begins, in the middle and at the end."""
        kinds = [self.good] * 5 + [self.slow] * 2 + [self.garbage, self.reset, self.half_open]
        memory = [self.server.memory()]
        tasks = [kinds[i % len(kinds)](random.Random(i)) for i in range(self.count)]
        await asyncio.gather(self.watch(memory), *tasks)
        return memory


# ------------------------------------------------------------------------------ the tests


async def rest(server, before):
    """The server may still be waiting for the last ones to close."""
    end = time.monotonic() + PATIENCE
    while server.descriptors() != before and time.monotonic() < end:
        await asyncio.sleep(0.1)
    expect_rest(server, before)


async def one_page(server):
    pipe = Pipe(client_context())
    try:
        await pipe.open(server.port)
        await pipe.call(pipe.tls.do_handshake)
        await pipe.page()
    finally:
        pipe.close()


async def load(options, folder):
    server = await start_server(folder, "--idle", "3600", valgrind=options.valgrind)
    try:
        await one_page(server)
        await asyncio.sleep(0.2)
        before, ticks, begin = server.descriptors(), server.ticks(), time.monotonic()
        load_ = Load(server, options.connections, options.seconds)
        memory = await load_.run()
        took, used = time.monotonic() - begin, (server.ticks() - ticks) / 100
        await rest(server, before)
        await one_page(server)
        log = await stop_server(server, folder)
    finally:
        if server.process.returncode is None:
            server.process.kill()
            await server.process.wait()
    print(f"{options.connections} connections at once for {options.seconds} s, {took:.1f} s with the beginning "
          f"and the end: " + ", ".join(f"{count} {what}" for what, count in load_.figures.items()))
    print(f"server: {used:.1f} s of processor time, {len(log.splitlines())} lines in its log; resident: "
          + ", ".join(f"{size >> 10} KB {when}" for size, when in zip(memory, ("idle", "half-way", "at the end")))
          + f"; {(memory[1] - memory[0]) / options.connections / 1024:.1f} KB a connection")
    expect(options.no_memory or memory[2] <= memory[1] * 1.05 + SLACK, "the memory has grown")
    for what, count in load_.figures.items():
        expect(count > 0, f"nothing {what}")


async def few_descriptors(folder):
    """Out of descriptors the server waits until one is free, and does not spin; the soft limit it
    raises itself."""
    server = await start_server(folder, "--idle", "3600", descriptors=(24, 48))
    silent = []
    try:
        for _ in range(64):
            silent.append(await asyncio.open_connection("127.0.0.1", server.port))
        end = time.monotonic() + PATIENCE
        while server.descriptors() < 48:
            expect(time.monotonic() < end, f"{server.descriptors()} descriptors of 48")
            await asyncio.sleep(0.02)
        ticks = server.ticks()
        await asyncio.sleep(1)
        expect(server.ticks() - ticks <= IDLE_TICKS, f"{server.ticks() - ticks} ticks without work")
        for _, writer in silent:
            writer.transport.abort()
        await one_page(server)
        await stop_server(server, folder)
    finally:
        if server.process.returncode is None:
            server.process.kill()
            await server.process.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--connections", type=int, default=300)
    parser.add_argument("--valgrind", action="store_true", help="the server under memcheck")
    parser.add_argument("--no-memory", action="store_true", help="do not compare memory (sanitizers keep what is freed)")
    options = parser.parse_args()
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    status = 0
    for test in (lambda folder: load(options, folder), few_descriptors):
        with tempfile.TemporaryDirectory() as folder:
            try:
                asyncio.run(test(folder))
            except Failure as failure:
                print(f"FAILED: {failure}")
                status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
