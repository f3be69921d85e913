"""A TCP relay between a client and a server that takes the stream apart into TLS records. It keeps
every record that it saw and lets an edit change, drop or cut what it passes on."""
import contextlib
import dataclasses
import socket
import threading

CHANGE_CIPHER_SPEC, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23
CLIENT_HELLO = 1
SERVER_HELLO, SERVER_KEY_EXCHANGE, SERVER_HELLO_DONE, FINISHED = 2, 12, 14, 20
CLIENT, SERVER = "client", "server"
RECORD_MAX = 16384


@dataclasses.dataclass
class Record:
    sender: str
    type: int
    version: bytes
    body: bytes
    protected: bool

    def bytes(self):
        return bytes([self.type]) + self.version + len(self.body).to_bytes(2, "big") + self.body

    def with_body(self, body):
        return dataclasses.replace(self, body=bytes(body))

    @property
    def alert(self):
        """(level, number) of an alert in the clear."""
        if self.type == ALERT and not self.protected and len(self.body) == 2:
            return self.body[0], self.body[1]
        return None


class Cut(Exception):
    """Raised by an edit: the stream ends here, without close_notify, for both sides."""


def pass_on(record):
    return [record]


class _Connection:
    """The two halves of one connection through the relay."""

    def __init__(self, relay, near, far):
        self.relay, self.near, self.far = relay, near, far

    def run(self):
        halves = ((CLIENT, self.near, self.far), (SERVER, self.far, self.near))
        pumps = [threading.Thread(target=self._pump, args=half, daemon=True) for half in halves]
        for pump in pumps:
            pump.start()
        for pump in pumps:
            pump.join()
        self.near.close()
        self.far.close()

    def _pump(self, sender, source, sink):
        buffered, protected = b"", False
        try:
            while chunk := source.recv(65536):
                buffered += chunk
                while len(buffered) >= 5:
                    size = 5 + int.from_bytes(buffered[3:5], "big")
                    if len(buffered) < size:
                        break
                    record = Record(sender, buffered[0], buffered[1:3], buffered[5:size], protected)
                    buffered = buffered[size:]
                    protected = protected or record.type == CHANGE_CIPHER_SPEC
                    self.relay.keep(record)
                    self._send(sink, b"".join(one.bytes() for one in self.relay.edit(record)))
            self._send(sink, buffered)  # not a whole record, or not TLS
        except Cut:
            self._end(source)
        except OSError:
            pass  # a reset ends a stream as well
        self._end(sink)

    @staticmethod
    def _send(sink, data):
        """What nobody takes is dropped: the other side's last words are still wanted."""
        with contextlib.suppress(OSError):
            sink.sendall(data)

    @staticmethod
    def _end(one):
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_WR)


class Relay:
    """Serves one connection after the other until it is closed."""

    def __init__(self, port, edit=pass_on):
        self.target, self.edit = port, edit
        self.lock = threading.Condition()
        self.kept, self.begun, self.ended = [], 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def keep(self, record):
        with self.lock:
            self.kept.append(record)

    def records(self):
        """All records of the connections so far; waits for the last one to end on both sides."""
        with self.lock:
            if not self.lock.wait_for(lambda: self.begun == self.ended, timeout=20):
                raise AssertionError("a connection through the relay did not end")
            return list(self.kept)

    def _first(self, sender, number):
        """The first message of a kind, whole and alone."""
        body = next(one for one in self.records() if _is_message(one, sender, number)).body
        return body[: 4 + int.from_bytes(body[1:4], "big")]

    def server_hello_session_id(self):
        """Of the first ServerHello (RFC 5246 7.4.1.3): it stands behind version and random."""
        hello = self._first(SERVER, SERVER_HELLO)
        return hello[39 : 39 + hello[38]]

    def server_hello_extensions(self):
        """Their numbers, in the first ServerHello (RFC 5246 7.4.1.3)."""
        hello = self._first(SERVER, SERVER_HELLO)
        at = 4 + 2 + 32  # the session ID
        at += 1 + hello[at] + 2 + 1  # the suite, the compression
        return set(_extensions(hello[at:]))

    def client_hello_extensions(self):
        """Their bodies by number, in the first ClientHello (RFC 5246 7.4.1.2)."""
        hello = self._first(CLIENT, CLIENT_HELLO)
        at = 4 + 2 + 32
        at += 1 + hello[at]
        at += 2 + int.from_bytes(hello[at : at + 2], "big")  # the suites
        at += 1 + hello[at]
        return _extensions(hello[at:])

    def alerts(self, sender):
        """Numbers of the fatal alerts in the clear."""
        found = [record.alert for record in self.records() if record.sender == sender]
        return [alert[1] for alert in found if alert and alert[0] == 2]

    def _count(self, begun=0, ended=0):
        with self.lock:
            self.begun += begun
            self.ended += ended
            self.lock.notify_all()

    def _serve(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            self._count(begun=1)
            try:
                _Connection(self, near, socket.create_connection(("127.0.0.1", self.target))).run()
            except OSError:
                near.close()
            self._count(ended=1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # A plain close() would leave accept() waiting.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


# ------------------------------------------------------------------------------ edits


def _extensions(block):
    """Bodies by number of a block that begins with its size."""
    found, at = {}, 2
    while at < len(block):
        size = int.from_bytes(block[at + 2 : at + 4], "big")
        found[int.from_bytes(block[at : at + 2], "big")] = block[at + 4 : at + 4 + size]
        at += 4 + size
    return found


def _is_message(record, sender, number):
    return (
        record.sender == sender
        and record.type == HANDSHAKE
        and not record.protected
        and record.body[0] == number
    )


def edit_message(sender, number, change):
    """Changes the first record of a message in the clear; both peers here send one record each."""

    def edit(record):
        return (
            [record.with_body(change(record.body))]
            if _is_message(record, sender, number)
            else [record]
        )

    return edit


def flip_last_bit(body):
    return body[:-1] + bytes([body[-1] ^ 1])


def flip_protected(sender, record_type):
    """Flips a bit of the first protected record of a type."""
    flipped = []

    def edit(record):
        if (
            record.sender == sender
            and record.protected
            and record.type == record_type
            and not flipped
        ):
            flipped.append(True)
            return [record.with_body(flip_last_bit(record.body))]
        return [record]

    return edit


def cut_before(sender, record_type, protected=True):
    """Ends the stream where a record of this type would go."""

    def edit(record):
        if record.sender == sender and record.type == record_type and record.protected == protected:
            raise Cut
        return [record]

    return edit


def cut_after_data(sender, count):
    """Passes on `count` records of application data and then ends the stream."""
    seen = []

    def edit(record):
        if record.sender == sender and record.type == DATA:
            seen.append(True)
            if len(seen) > count:
                raise Cut
        return [record]

    return edit


def split_clear(record):
    """Handshake messages in the clear, one byte a record (RFC 5246 6.2.1)."""
    if record.type != HANDSHAKE or record.protected:
        return [record]
    return [record.with_body(record.body[i : i + 1]) for i in range(len(record.body))]


class MergeFlight:
    """The server's first flight in as few records as it takes. With `fill`, HelloRequests (which a
    client ignores during a handshake and leaves out of the transcript, RFC 5246 7.4.1.1) go before
    it until the first record has the greatest size there is."""

    def __init__(self, fill=False):
        self.fill, self.held, self.largest, self.over = fill, b"", 0, False

    def __call__(self, record):
        if self.over or record.sender != SERVER or record.type != HANDSHAKE:
            return [record]
        self.held += record.body
        if not self.held.endswith(bytes([SERVER_HELLO_DONE, 0, 0, 0])):
            return []
        self.over = True
        if self.fill:
            self.held = b"\0\0\0\0" * ((RECORD_MAX - len(self.held)) // 4) + self.held
        merged = [
            record.with_body(self.held[i : i + RECORD_MAX])
            for i in range(0, len(self.held), RECORD_MAX)
        ]
        self.largest = max(len(one.body) for one in merged)
        return merged
