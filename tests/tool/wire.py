"""Captures in the tests: what tshark makes of them; captures made here, packet by packet or by a
relay between two programs."""

import collections
import contextlib
import ipaddress
import json
import shutil
import socket
import struct
import subprocess
import threading
import time
import unittest

from tool import LIMIT

TSHARK = shutil.which("tshark")
with_tshark = unittest.skipUnless(TSHARK, "tshark is not installed")

WARNING = 0x600000  # severity of tshark's remarks, the least that is not about ordinary things
FIELDS = ["frame.number", "tcp.stream", "tcp.srcport", "tls.handshake.type", "tls.alert_message.desc",
          "data.data", "_ws.expert.severity", "_ws.expert.message"]


def dissect(path, keylog=None):
    """The frames of a capture as tshark reads them, each a dictionary of lists of texts. All of TCP is TLS: the
    system may have chosen a port at which tshark expects something else."""
    keys = ["-o", f"tls.keylog_file:{keylog}"] if keylog else []
    command = [TSHARK, "-n", "-r", path, *keys, "-d", "tcp.port==1-65535,tls", "-o", "ip.check_checksum:TRUE", "-o",
               "tcp.check_checksum:TRUE", "-T", "json"]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, timeout=LIMIT, check=True)
    frames = []
    for frame in json.loads(done.stdout or "[]"):
        layers = frame["_source"]["layers"]
        frames.append({field: layers.get(field, []) for field in FIELDS})
    return frames


def remarks(frames):
    """What tshark finds wrong: malformed packets, wrong checksums, lost segments and the like."""
    return [(frame["frame.number"][0], frame["_ws.expert.message"]) for frame in frames
            if any(int(severity) >= WARNING for severity in frame["_ws.expert.severity"])]


def by_stream(frames):
    streams = collections.defaultdict(list)
    for frame in frames:
        streams[int(frame["tcp.stream"][0])].append(frame)
    return streams


def all_of(frames, field):
    return [value for frame in frames for value in frame[field]]


def join_captures(paths, joined):
    """Captures of one link type as one: the header of the first, the packets of all."""
    with open(joined, "wb") as out:
        for index, path in enumerate(paths):
            with open(path, "rb") as file:
                data = file.read()
            out.write(data if index == 0 else data[24:])


def payloads(path):
    """What the sides of one connection have sent, as (side, bytes), from a capture of ours over IPv4."""
    with open(path, "rb") as file:
        data = file.read()
    found, client, at = [], None, 24
    while at < len(data):
        size = struct.unpack("=I", data[at + 8:at + 12])[0]
        packet = data[at + 16:at + 16 + size]
        at += 16 + size
        client = client or packet[20:22]
        if packet[40:]:
            found.append((int(packet[20:22] != client), packet[40:]))
    return found


# ---------------------------------------------------------------- made packet by packet

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
ETHERNET, NULL, RAW, LINUX_SLL, LINUX_SLL2 = 1, 0, 101, 113, 276

# From an IP packet to a frame, and the link type in the file.
LINKS = {
    "ethernet": (ETHERNET, lambda ip, kind: b"\2" * 12 + kind + ip),
    "padded ethernet": (ETHERNET, lambda ip, kind: (b"\2" * 12 + kind + ip).ljust(60, b"\xaa")),
    "vlan": (ETHERNET, lambda ip, kind: b"\2" * 12 + b"\x81\0\0\5" + kind + ip),
    "two vlan tags": (ETHERNET, lambda ip, kind: b"\2" * 12 + b"\x88\xa8\0\5\x81\0\0\6" + kind + ip),
    "loopback": (NULL, lambda ip, kind: struct.pack("=I", 2 if kind == b"\x08\0" else 24) + ip),
    "raw": (RAW, lambda ip, kind: ip),
    "cooked": (LINUX_SLL, lambda ip, kind: struct.pack(">HHH8s", 0, 1, 6, b"\2" * 8) + kind + ip),
    "cooked 2": (LINUX_SLL2, lambda ip, kind: kind + struct.pack(">HIHBB8s", 0, 1, 1, 0, 6, b"\2" * 8) + ip),
}


def ipv4(segment, source, target, options=b""):
    return struct.pack(">BBHHHBBH4s4s", 0x45 + len(options) // 4, 0, 20 + len(options) + len(segment), 1, 0x4000,
                       64, 6, 0, ipaddress.ip_address(source).packed, ipaddress.ip_address(target).packed
                       ) + options + segment, b"\x08\0"


def ipv6(segment, source, target, extension=b""):
    """`extension` is a whole hop-by-hop header, whose first byte will be TCP's number."""
    return struct.pack(">IHBB16s16s", 6 << 28, len(extension) + len(segment), 0 if extension else 6, 64,
                       ipaddress.ip_address(source).packed, ipaddress.ip_address(target).packed
                       ) + extension + segment, b"\x86\xdd"


class Capture:
    """A file of packets."""

    def __init__(self, path, link="raw", network=ipv4, snaplen=65535):
        self.link_type, self.frame = LINKS[link]
        self.network, self.snaplen, self.lock = network, snaplen, threading.Lock()
        self.file = open(path, "wb")
        self.file.write(struct.pack("=IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, self.link_type))

    def segment(self, source, target, sequence, acknowledged, flags, payload=b"", when=None):
        header = struct.pack(">HHIIBBHHH", source[1], target[1], sequence % 2**32, acknowledged % 2**32, 0x50,
                             flags, 65535, 0, 0)
        frame = self.frame(*self.network(header + payload, source[0], target[0]))
        when = time.time() if when is None else when
        self.file.write(struct.pack("=IIII", int(when), int(when % 1 * 1e6), min(len(frame), self.snaplen),
                                    len(frame)) + frame[:self.snaplen])

    def close(self):
        self.file.close()


class Flow:
    """One connection's segments, in order, as two ends would send them."""

    def __init__(self, capture, client, server, first=(1000, 5000)):
        self.capture, self.ends, self.next = capture, (client, server), list(first)
        self.send(0, SYN)
        self.send(1, SYN | ACK)
        self.send(0, ACK)

    def send(self, side, flags, payload=b""):
        with self.capture.lock:
            self.capture.segment(self.ends[side], self.ends[1 - side], self.next[side],
                                 self.next[1 - side] if flags & ACK else 0, flags, payload)
            self.next[side] += len(payload) + (1 if flags & (SYN | FIN) else 0)

    def data(self, side, payload):
        self.send(side, PSH | ACK, payload)


# ---------------------------------------------------------------- made by a relay

class Relay:
    """Passes one connection on to a server and captures what the client's side of it carries. `meddle`
    gets the side (0: the client's bytes), the record and its number on that side, and returns what to
    pass on, or None to end both connections there with `end`: FIN or RST towards the client."""

    def __init__(self, path, target, meddle=None, end=FIN):
        host, port = target.rsplit(":", 1)
        self.capture, self.target = Capture(path), (host, int(port))
        self.meddle, self.end = meddle or (lambda side, record, number: record), end
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        self.listener.settimeout(LIMIT)
        with contextlib.suppress(OSError):
            client, _ = self.listener.accept()
            self.flow = Flow(self.capture, client.getpeername(), client.getsockname())
            server = socket.create_connection(self.target, LIMIT)
            self.sockets = (client, server)
            other = threading.Thread(target=self.pump, args=(1,))
            other.start()
            self.pump(0)
            other.join(LIMIT)
            for side in (0, 1):
                self.sockets[side].close()
        self.listener.close()

    def records(self, source):
        """Whole records, or whatever is left before the end."""
        data = b""
        while not self.over.is_set():
            while len(data) >= 5 and len(data) >= 5 + int.from_bytes(data[3:5], "big"):
                size = 5 + int.from_bytes(data[3:5], "big")
                yield data[:size]
                data = data[size:]
            chunk = source.recv(65536)
            if not chunk:
                if data:
                    yield data
                return
            data += chunk

    def pump(self, side):
        """What the client sends is captured before it is changed, what it gets after."""
        source, sink = self.sockets[side], self.sockets[1 - side]
        try:
            for number, record in enumerate(self.records(source)):
                changed = self.meddle(side, record, number)
                if changed is None:
                    self.cut()
                    return
                self.flow.data(side, record if side == 0 else changed)
                with contextlib.suppress(OSError):  # a reset is seen where it comes from
                    sink.sendall(changed)
            if not self.over.is_set():
                self.flow.send(side, FIN | ACK)
                sink.shutdown(socket.SHUT_WR)
        except ConnectionError:
            if not self.over.is_set():
                self.flow.send(side, RST | ACK)
                with contextlib.suppress(OSError):
                    sink.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def cut(self):
        """Neither side is told more than that the connection is over."""
        self.over.set()
        self.flow.send(1, self.end | ACK)
        for connection in self.sockets:
            if self.end == RST:  # by the close that follows
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.shutdown(socket.SHUT_RD)
            else:
                connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def relay(path, target, meddle=None, end=FIN):
    """Yields the relay; its capture is complete when the block has been left."""
    running = Relay(path, target, meddle, end)
    try:
        yield running
    finally:
        if not hasattr(running, "flow"):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", running.port), LIMIT).close()
        running.thread.join(LIMIT)
        running.capture.close()
