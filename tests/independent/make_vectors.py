"""Writes vectors/rfc6066.txt; with --check says whether the file is what would be written."""

import base64
import hashlib
import os
import re
import sys

import rfc6066 as rfc
from rfc6066 import DECODE_ERROR, ILLEGAL_PARAMETER, IN_ORDER, SYNTAX_FIRST

HERE = os.path.dirname(os.path.abspath(__file__))
PATH = os.path.join(HERE, "..", "..", "vectors", "rfc6066.txt")

HEAD = """\
# Byte formats of TLS extensions and of the messages that belong to them, right ones and wrong ones. Extensions are
# given as extension_data, messages as bodies without the 4-byte header. `data` is what is sent, `from` who sends it
# where that matters, `source` the section of the RFC, `note` what the block is about. A block with `error` is wrong:
# the alert that a decoder answers with which refuses the first thing that is wrong, from the left. `also` is another
# outcome that is right: the alert of a decoder that reads everything before it looks at values, or where the RFC
# leaves it to the receiver `accepted`; in a block without `error` the alert of a receiver that may refuse it. Blocks
# without `error` have the decoded fields: numbers in decimal, everything else as bytes; `count` is the number of
# entries, the names of whose fields end in _0, _1 and so on.
# Source: written by tests/independent/make_vectors.py from RFC 6066 (and RFC 3546, where it is the same), RFC 5077
#         and RFC 8449; not from the code of the engine.
"""


def certificates():
    with open(os.path.join(HERE, "certificates.pem"), encoding="ascii") as file:
        text = file.read()
    found = re.findall(r"# (\S+)\n-----BEGIN CERTIFICATE-----\n([^-]+)-----END", text)
    return {name: base64.b64decode(body) for name, body in found}


def sample(label, size):
    """Bytes that look random: SHA-256 of "label 0", "label 1" and so on, cut to size."""
    parts = [hashlib.sha256(f"{label} {i}".encode()).digest() for i in range(size // 32 + 1)]
    return b"".join(parts)[:size]


def outcome(decode, data, order):
    try:
        decode(data, order)
    except rfc.Refused as refusal:
        return refusal.alert
    return None


class Section:
    """Blocks of one structure. `decode` is a function of data and order."""

    def __init__(self, name, source, decode, sender=None):
        self.name, self.source, self.decode, self.sender = name, source, decode, sender
        self.blocks, self.seen = [], set()

    def _add(self, data, fields, context):
        self.seen.add((bytes(data), *context.items()))
        head = {"source": self.source} | ({"from": self.sender} if self.sender else {})
        self.blocks.append(head | context | {"data": bytes(data)} | fields)

    def good(self, data, note, fields, also=None, context=None):
        for order in IN_ORDER, SYNTAX_FIRST:
            assert outcome(self.decode, data, order) is None, (self.name, note)
        self._add(data, {"note": note} | ({"also": also} if also else {}) | fields, context or {})

    def bad(self, data, note, error=None, also=None, decode=None, context=None):
        """Without `error`, whatever alert the decoder has; it must have one."""
        decode, context = decode or self.decode, context or {}
        first, second = (outcome(decode, data, order) for order in (IN_ORDER, SYNTAX_FIRST))
        assert first, (self.name, note, bytes(data).hex())
        assert error in (None, first), (self.name, note, first)
        if second != first:
            assert also in (None, second), (self.name, note, second)
            also = second
        if (bytes(data), *context.items()) not in self.seen:
            fields = {"error": first} | ({"also": also} if also else {}) | {"note": note}
            self._add(data, fields, context)

    def spoil(self, data, cuts=True):
        """What can be wrong with any structure: cut off at every place, bytes after the end, every
        length one too high and one too low, every vector shorter than its contents need."""
        data = data if hasattr(data, "lengths") else rfc.join(data)
        if cuts:
            for size in range(len(data)):
                if outcome(self.decode, data[:size], IN_ORDER) is not None:
                    self.bad(data[:size], f"{size} of {len(data)} bytes")
        for tail in b"\0", b"\1", b"\0\0", b"\0\1\0":
            self.bad(data + tail, f"{len(tail)} bytes after the end", DECODE_ERROR)
        for name, at, width in data.lengths:
            size = int.from_bytes(data[at : at + width], "big")
            for other in sorted({size - 1, size + 1, 0, 256**width - 1} - {size, -1}):
                changed = data[:at] + other.to_bytes(width, "big") + data[at + width :]
                if other != 0 or outcome(self.decode, changed, IN_ORDER) is not None:
                    self.bad(changed, f"length of {name} {other} instead of {size}")
        if cuts and data.lengths:
            name, at, width = data.lengths[0]
            end = at + width + int.from_bytes(data[at : at + width], "big")
            for size in range(end - at - width):
                body = data[at + width : at + width + size]
                changed = data[:at] + size.to_bytes(width, "big") + body + data[end:]
                if outcome(self.decode, changed, IN_ORDER) is not None:
                    self.bad(changed, f"{name} cut to {size} bytes, its length put right")

    def text(self):
        lines = [f"[{self.name}]"]
        for block in self.blocks:
            assert len(block) <= 32, "more fields than tests/support/vectors.h has room for"
            lines.append("")
            for field, value in block.items():
                value = value.hex() if isinstance(value, bytes) else str(value)
                lines.append(f"{field} = {value}".rstrip())
        return "\n".join(lines) + "\n"


def numbered(entries, *names):
    """Fields count, NAME_0, NAME_1, ... of tuples."""
    fields = {"count": len(entries)}
    for index, entry in enumerate(entries):
        for name, value in zip(names, entry):
            fields[f"{name}_{index}"] = bytes(value) if isinstance(value, bytes) else value
    return fields


# ------------------------------------------------------------------------------ extensions


def empty(name, source, senders=("client", "server")):
    for sender in senders:
        section = Section(name, source, rfc.decode_empty, sender)
        section.good(rfc.encode_empty(), "empty", {})
        for data in b"\0", b"\1", b"\0\0", b"\0\1\0":
            section.bad(data, "not empty", DECODE_ERROR)
        yield section


def server_name():
    section = Section("server_name", "RFC 6066 3", rfc.decode_server_name, "client")

    def names(*entries):
        return [rfc.ServerName(*entry) for entry in entries]

    def good(note, *entries, also=None):
        data = rfc.encode_server_name(names(*entries))
        section.good(data, note, numbered(entries, "type", "name"), also)
        return data

    small = good("one name", (0, b"a.example"))
    good("one character", (0, b"a"))
    good("a name as an IDN is sent", (0, b"xn--bcher-kva.example"))
    good("upper case", (0, b"WWW.Example.ORG"))
    good("an underscore", (0, b"_dmarc.example.org"))
    good("the longest name of the DNS", (0, b".".join([b"a" * 63] * 3 + [b"b" * 61])))
    good("not an address", (0, b"127.0.0.1.example"))
    other = "a name_type that nobody knows, which begins with a 16-bit length"
    good(f"HostName, then {other}", (0, b"a.example"), (7, b"\0\xff"), also=ILLEGAL_PARAMETER)
    good(f"HostName after {other}", (255, b"x"), (0, b"a.example"), also=ILLEGAL_PARAMETER)
    good(f"only {other}", (1, b"a.example"), also=ILLEGAL_PARAMETER)
    section.spoil(small)
    section.spoil(rfc.encode_server_name(names((7, b"other"), (0, b"b.example"))), cuts=False)
    section.bad(b"\0\0", "no name", DECODE_ERROR)
    section.bad(b"\0\3\0\0\0", "an empty HostName", DECODE_ERROR)
    for note, entries, also in (
        ("two names", ((0, b"a.example"), (0, b"b.example")), None),
        ("the same name twice", ((0, b"a.example"), (0, b"a.example")), None),
        ("an unknown name_type twice", ((7, b"a"), (7, b"b")), "accepted"),
        ("a dot at the end", ((0, b"a.example."),), "accepted"),
        ("an IPv4 address", ((0, b"127.0.0.1"),), "accepted"),
        ("an IPv6 address", ((0, b"2001:db8::1"),), "accepted"),
        ("UTF-8", ((0, "b\u00fccher.example".encode()),), "accepted"),
        ("a zero byte within", ((0, b"a.example\0.b.example"),), "accepted"),
    ):
        section.bad(rfc.encode_server_name(names(*entries)), note, ILLEGAL_PARAMETER, also)
    yield section
    yield from empty("server_name", "RFC 6066 3", ["server"])


def max_fragment_length():
    name, source = "max_fragment_length", "RFC 6066 4"
    client = Section(name, source, rfc.decode_max_fragment_length, "client")
    for code, length in rfc.FRAGMENT_LENGTHS.items():
        data = rfc.encode_max_fragment_length(code)
        client.good(data, f"{length} bytes", {"code": code, "length": length})
    for code in 0, 5, 6, 9, 127, 128, 254, 255:
        client.bad(bytes([code]), f"no such code: {code}", ILLEGAL_PARAMETER)
    client.bad(b"", "empty", DECODE_ERROR)
    client.bad(b"\2\0", "a byte after the end", DECODE_ERROR)
    client.bad(b"\2\0\0", "2^9 as a 16-bit number, and a byte", DECODE_ERROR)
    client.bad(b"\2\2", "two codes", DECODE_ERROR)
    client.bad(b"\0\1", "a 16-bit code", ILLEGAL_PARAMETER)
    yield client

    server = Section(name, source, None, "server")
    for requested in rfc.FRAGMENT_LENGTHS:

        def decode(data, order, requested=requested):
            return rfc.decode_max_fragment_length(data, order, requested)

        server.decode, context = decode, {"requested": requested}
        for code in (*rfc.FRAGMENT_LENGTHS, 0, 5, 255):
            data = bytes([code])
            if code == requested:
                fields = {"code": code, "length": rfc.FRAGMENT_LENGTHS[code]}
                server.good(data, "what was requested", fields, context=context)
            else:
                server.bad(data, "not what was requested", ILLEGAL_PARAMETER, context=context)
        server.bad(b"", "empty", DECODE_ERROR, context=context)
        server.bad(bytes([requested, 0]), "a byte after the end", DECODE_ERROR, context=context)
    yield server


def record_size_limit():
    for sender in "client", "server":
        section = Section("record_size_limit", "RFC 8449 4", rfc.decode_record_size_limit, sender)
        for limit in 64, 65, 255, 256, 512, 1024, 4096, 16383, 16384, 16385, 16640, 65535:
            above = limit > rfc.RECORD_SIZE_LIMIT_MAX
            note = "above the limit of TLS 1.2" if above else f"{limit} bytes"
            also = ILLEGAL_PARAMETER if above and sender == "server" else None
            section.good(rfc.encode_record_size_limit(limit), note, {"limit": limit}, also)
        for limit in 0, 1, 32, 62, 63:
            section.bad(rfc.number(2, limit), "below 64", ILLEGAL_PARAMETER)
        section.bad(b"", "empty", DECODE_ERROR)
        section.bad(b"\x40", "one byte", DECODE_ERROR)
        section.bad(b"\2\0\0", "a byte after the end", DECODE_ERROR)
        section.bad(b"\0\0\2\0", "a 32-bit number", ILLEGAL_PARAMETER)
        yield section


def trusted_ca_keys(pki):
    source = "RFC 6066 6"
    section = Section("trusted_ca_keys", source, rfc.decode_trusted_ca_keys, "client")
    root, rsa = pki["root-p256"], pki["rsa2048"]
    pre_agreed = (rfc.PRE_AGREED, b"")
    key = (rfc.KEY_SHA1_HASH, rfc.key_sha1_hash(root))
    name = (rfc.X509_NAME, rfc.x509_name(root))
    certificate = (rfc.CERT_SHA1_HASH, rfc.cert_sha1_hash(root))
    short_name = (rfc.X509_NAME, bytes.fromhex("300c310a300806035504030c0161"))  # CN=a

    def encode(*entries):
        return rfc.encode_trusted_ca_keys([rfc.TrustedAuthority(*entry) for entry in entries])

    for note, entries in (
        ("no authority", ()),
        ("pre_agreed", (pre_agreed,)),
        ("key_sha1_hash", (key,)),
        ("x509_name", (name,)),
        ("x509_name, the empty one", ((rfc.X509_NAME, b"\x30\0"),)),
        ("cert_sha1_hash", (certificate,)),
        ("each type once", (pre_agreed, key, name, certificate)),
        ("each type once, another order", (certificate, name, key, pre_agreed)),
        ("pre_agreed twice", (pre_agreed, pre_agreed)),
        ("two of each hash", (key, (1, rfc.key_sha1_hash(rsa)), certificate, (3, bytes(20)))),
        ("the same hash twice", (key, key)),
        ("hashes that look like types", ((1, b"\1" * 20), (3, b"\3" * 20), (1, b"\0" * 20))),
        ("twelve authorities", tuple((i % 4, (b"", sample(f"ca {i}", 20), short_name[1],
                                              sample(f"ca {i}", 20))[i % 4]) for i in range(12))),
        ("a name of 300 bytes", ((2, rfc.der(0x30, rfc.der(0x31, rfc.der(0x30, bytes.fromhex(
            "0603550403") + rfc.der(0x0C, b"n" * 279))))),)),
    ):
        section.good(encode(*entries), note, numbered(entries, "type", "value"))
    section.spoil(encode(short_name))
    section.spoil(encode(key))
    section.spoil(encode(pre_agreed), cuts=True)
    section.spoil(encode(certificate, short_name, key), cuts=False)
    section.bad(b"\0\3\2\0\0", "an empty DistinguishedName", DECODE_ERROR)
    section.bad(b"\0\2\0\0" + bytes(19), "19 bytes after the end", DECODE_ERROR)
    section.bad(rfc.vector("", 2, 0, b"\1", bytes(19)), "a hash of 19 bytes", DECODE_ERROR)
    section.bad(rfc.vector("", 2, 0, b"\3", bytes(19)), "a hash of 19 bytes", DECODE_ERROR)
    long_hash = rfc.vector("", 2, 0, b"\1", bytes(20), b"\4")
    section.bad(long_hash, "a hash of 21 bytes", ILLEGAL_PARAMETER, DECODE_ERROR)
    for kind in 4, 5, 127, 128, 255:
        for note, body in (("nothing", b""), ("20 bytes", bytes(20)), ("a vector", b"\0\1a")):
            data = rfc.vector("", 2, 0, bytes([kind]), body)
            section.bad(data, f"unknown type {kind}, then {note}", ILLEGAL_PARAMETER, DECODE_ERROR)
    data = rfc.vector("", 2, 0, *map(rfc.join, [b"\1" + key[1], b"\4", b"\0"]))
    section.bad(data, "an unknown type within", ILLEGAL_PARAMETER, DECODE_ERROR)
    yield section
    yield from empty("trusted_ca_keys", source, ["server"])


RESPONDER_KEY = bytes.fromhex("a2160414") + sample("responder", 20)  # byKey
RESPONDER_NAME = bytes.fromhex("a10e300c310a300806035504030c0161")  # byName, CN=a
NONCE = bytes.fromhex("301f301d06092b06010505073001020410040e") + sample("nonce", 14)


def status_request():
    section = Section("status_request", "RFC 6066 8", rfc.decode_status_request, "client")

    def good(note, responders, extensions):
        request = rfc.StatusRequest(rfc.OCSP, responders, extensions)
        fields = {"status_type": 1} | numbered([(r,) for r in responders], "responder")
        data = rfc.encode_status_request(request)
        section.good(data, note, fields | {"request_extensions": extensions})
        return data

    plain = good("nothing in particular", [], b"")
    small = good("a responder of one byte and an extension of one byte", [b"r"], b"e")
    good("a responder by its key", [RESPONDER_KEY], b"")
    good("a responder by its name", [RESPONDER_NAME], b"")
    good("a nonce", [], NONCE)
    several = good("two responders and a nonce", [RESPONDER_NAME, RESPONDER_KEY], NONCE)
    good("ten responders", [sample(f"responder {i}", 1 + 3 * i) for i in range(10)], b"")
    good("the same responder twice", [RESPONDER_KEY, RESPONDER_KEY], b"")
    good("a responder of 1000 bytes", [sample("responder", 1000)], sample("extensions", 600))
    for data, cuts in ((plain, True), (small, True), (several, False)):
        section.spoil(data, cuts)
    section.bad(b"\1\0\2\0\0\0\0", "an empty ResponderID", DECODE_ERROR)
    section.bad(b"\1\0\5\0\1r\0\0\0\0", "an empty ResponderID after another", DECODE_ERROR)
    section.bad(b"\1\0\1\0\0\0", "a ResponderID with half a length", DECODE_ERROR)
    for kind in 0, 2, 127, 255:
        for data, note in ((plain, "nothing else"), (small, "a responder, an extension"),
                           (plain[:1], "nothing")):
            changed = bytes([kind]) + data[1:]
            note = f"unknown status_type {kind}, then {note}"
            section.bad(changed, note, ILLEGAL_PARAMETER, "accepted")
    yield section
    yield from empty("status_request", "RFC 6066 8", ["server"])


# ------------------------------------------------------------------------------ messages


def certificate_status():
    section = Section("certificate_status", "RFC 6066 8", rfc.decode_certificate_status)

    def good(note, response):
        data = rfc.encode_certificate_status(rfc.CertificateStatus(rfc.OCSP, response))
        section.good(data, note, {"status_type": 1, "response": response})
        return data

    good("a response of one byte", b"\x30")
    small = good("an OCSPResponse that says tryLater", bytes.fromhex("30030a0103"))
    good("a response of 255 bytes", sample("response", 255))
    good("a response of 256 bytes", sample("response", 256))
    good("a response of 2000 bytes", sample("response", 2000))
    section.spoil(small)
    section.spoil(rfc.encode_certificate_status(rfc.CertificateStatus(1, sample("r", 256))), False)
    section.bad(b"\1\0\0\0", "an empty response", DECODE_ERROR)
    section.bad(b"\1", "no response", DECODE_ERROR)
    section.bad(b"\1\0\5" + small[4:], "a 16-bit length", DECODE_ERROR)
    section.bad(b"\1\1\0\5" + small[4:], "a length with a bit of its high byte", DECODE_ERROR)
    for kind in 0, 2, 127, 255:
        section.bad(bytes([kind]) + small[1:], f"unknown status_type {kind}", ILLEGAL_PARAMETER)
        note = f"unknown status_type {kind} alone"
        section.bad(bytes([kind]), note, ILLEGAL_PARAMETER, DECODE_ERROR)
    yield section


def certificate_url(pki):
    section = Section("certificate_url", "RFC 6066 5", rfc.decode_certificate_url)
    chain = [pki[name] for name in ("client", "inter", "root-p256")]
    hashes = [rfc.cert_sha1_hash(certificate) for certificate in chain]
    path_hash = hashlib.sha1(rfc.encode_pkipath(chain)).digest()
    urls = [f"http://pki.example/{name}.cer".encode() for name in ("client", "inter", "root")]
    each = list(zip(urls, hashes))

    def encode(kind, *entries):
        entries = [rfc.UrlAndHash(*entry) for entry in entries]
        return rfc.encode_certificate_url(rfc.CertificateUrl(kind, entries))

    def good(note, kind, *entries):
        data = encode(kind, *entries)
        section.good(data, note, {"chain_type": kind} | numbered(entries, "url", "hash"))
        return data

    small = good("individual_certs, a URL of one byte", 0, (b"u", sample("u", 20)))
    good("individual_certs, one certificate", 0, each[0])
    good("individual_certs, two certificates, the client's first", 0, *each[:2])
    three = good("individual_certs, three certificates", 0, *each)
    good("individual_certs, one URL twice", 0, each[0], (urls[0], hashes[1]))
    path = good("pkipath", 1, (b"http://pki.example/client.pkipath", path_hash))
    small_path = good("pkipath, a URL of one byte", 1, (b"u", sample("u", 20)))
    good("pkipath, https", 1, (b"https://pki.example:8443/a%20b?c=d&e#f", path_hash))
    good("pkipath, ftp", 1, (b"ftp://pki.example/c", path_hash))
    good("pkipath, a URL of 255 bytes", 1, (b"http://a.example/" + b"p" * 238, path_hash))
    good("pkipath, a URL of 256 bytes", 1, (b"http://a.example/" + b"p" * 239, path_hash))
    good("pkipath, a URL of 2000 bytes", 1, (b"http://a.example/" + b"p" * 1983, path_hash))
    good("individual_certs, hashes of zeros and ones", 0, (b"a", bytes(20)), (b"b", b"\1" * 20))
    ten = [(b"http://a.example/%d" % i, sample(f"hash {i}", 20)) for i in range(10)]
    good("individual_certs, ten certificates", 0, *ten)
    for data, cuts in ((small, True), (small_path, False), (three, False), (path, False)):
        section.spoil(data, cuts)
    for kind in 0, 1:
        section.bad(bytes([kind, 0, 0]), "no URL", DECODE_ERROR)
        empty_url = rfc.join(bytes([kind]), rfc.vector("", 2, 1, b"\0\0\1", sample("u", 20)))
        section.bad(empty_url, "an empty URL", DECODE_ERROR)
        for padding in 0, 2, 127, 128, 255:
            changed = rfc.join(bytes([kind]), rfc.vector("", 2, 1, b"\0\1u", bytes([padding]),
                                                         sample("u", 20)))
            section.bad(changed, f"padding {padding}", ILLEGAL_PARAMETER)
        no_hash = rfc.join(bytes([kind]), rfc.vector("", 2, 1, b"\0\1u\0"))
        section.bad(no_hash, "hash_present false and no hash, as RFC 3546 3.3 allows",
                    ILLEGAL_PARAMETER, DECODE_ERROR)
        no_padding = rfc.join(bytes([kind]), rfc.vector("", 2, 1, b"\0\1u", sample("u", 20)))
        section.bad(no_padding, "no padding", ILLEGAL_PARAMETER, DECODE_ERROR)
        short = rfc.join(bytes([kind]), rfc.vector("", 2, 1, b"\0\1u\1", sample("u", 19)))
        section.bad(short, "a hash of 19 bytes", DECODE_ERROR)
    second = rfc.vector("", 2, 1, b"\0\1u\1", sample("u", 20), b"\0\1v\0", sample("v", 20))
    section.bad(rfc.join(b"\0", second), "padding 0 in the second entry", ILLEGAL_PARAMETER)
    second = rfc.vector("", 2, 1, b"\0\1u\1", sample("u", 20), b"\0\0\1", sample("v", 20))
    section.bad(rfc.join(b"\0", second), "an empty URL in the second entry", DECODE_ERROR)
    section.bad(b"\1" + encode(0, *each[:2])[1:], "pkipath with two URLs", ILLEGAL_PARAMETER)
    section.bad(b"\1" + three[1:], "pkipath with three URLs", ILLEGAL_PARAMETER)
    twice = b"\1" + encode(0, each[0], each[0])[1:]
    section.bad(twice, "pkipath, one URL twice", ILLEGAL_PARAMETER)
    for kind in 2, 3, 127, 128, 255:
        section.bad(bytes([kind]) + small[1:], f"no such CertChainType: {kind}", ILLEGAL_PARAMETER)
        section.bad(bytes([kind]), f"CertChainType {kind} alone", ILLEGAL_PARAMETER, DECODE_ERROR)
    section.bad(small[1:], "no CertChainType", DECODE_ERROR)
    yield section


def new_session_ticket():
    section = Section("new_session_ticket", "RFC 5077 3.3", rfc.decode_new_session_ticket)

    def good(note, hint, ticket):
        data = rfc.encode_new_session_ticket(rfc.NewSessionTicket(hint, ticket))
        section.good(data, note, {"lifetime_hint": hint, "ticket": ticket})
        return data

    none = good("no ticket after all", 0, b"")
    good("a lifetime, but no ticket", 300, b"")
    small = good("a ticket of one byte", 1, b"t")
    good("a ticket of 5 bytes, lifetime unspecified", 0, b"12345")
    good("a ticket of 192 bytes", 7200, sample("ticket", 192))
    good("a ticket of 255 bytes", 86400, sample("ticket", 255))
    good("a ticket of 256 bytes", 604800, sample("ticket", 256))
    good("the longest lifetime", 2**32 - 1, sample("ticket", 16))
    good("the highest bit of the lifetime", 2**31, sample("ticket", 16))
    good("each byte of the lifetime another", 0x01020304, sample("ticket", 16))
    good("a ticket of 2000 bytes", 3600, sample("ticket", 2000))
    for data, cuts in ((none, True), (small, True)):
        section.spoil(data, cuts)
    five = rfc.encode_new_session_ticket(rfc.NewSessionTicket(3600, b"12345"))
    section.spoil(five)
    section.bad(five[:4] + five[6:], "a ticket without a length", DECODE_ERROR)
    section.bad(five[4:], "no lifetime", DECODE_ERROR)
    yield section


# ------------------------------------------------------------------------------ certificates


def pkipath(pki):
    section = Section("pkipath", "RFC 6066 10.1", lambda data, _order: rfc.decode_pkipath(data))
    chain = [pki[name] for name in ("client", "inter", "root-p256")]
    error = rfc.BAD_CERTIFICATE
    for note, certificates_ in (
        ("the client's certificate alone", chain[:1]),
        ("without the root", chain[:2]),
        ("with the root", chain),
        ("a self-signed certificate", [pki["rsa2048"]]),
    ):
        fields = numbered([(certificate,) for certificate in certificates_], "certificate")
        section.good(rfc.encode_pkipath(certificates_), note, fields)
    data, body = rfc.encode_pkipath(chain[:2]), chain[1] + chain[0]
    alone = rfc.encode_pkipath(chain[:1])
    size = len(body)
    length = data[:2] + rfc.number(2, size)
    for wrong, note in (
        (b"", "no bytes"),
        (b"\x30\0", "no certificate"),
        (body, "certificates that follow each other, without a SEQUENCE"),
        (chain[0], "a certificate, without a SEQUENCE"),
        (data[:-1], "the last byte missing"),
        (data[: 4 + len(chain[1])], "the last certificate missing"),
        (alone[:3], "cut off in the length"),
        (alone[:1], "the tag alone"),
        (data + b"\0", "a byte after the end"),
        (data + b"\5\0", "an element after the end"),
        (data[:2] + rfc.number(2, size - 1) + body, "length of the SEQUENCE one too low"),
        (data[:2] + rfc.number(2, size + 1) + body, "length of the SEQUENCE one too high"),
        (data[:2] + rfc.number(2, len(chain[1])) + body, "the SEQUENCE ends after the first one"),
        (b"\x31" + length[1:] + body, "a SET"),
        (b"\x04" + length[1:] + body, "an OCTET STRING"),
        (b"\x30\x83\0" + length[2:] + body, "a length with a leading zero"),
        (b"\x30\x80" + body + b"\0\0", "an indefinite length"),
        (rfc.der(0x30, body + b"\5\0"), "NULL after the certificates"),
        (rfc.der(0x30, b"\x30\0" + body), "an empty SEQUENCE as a certificate"),
        (rfc.der(0x30, rfc.der(0x30, body)), "a SEQUENCE too many"),
        (rfc.der(0x30, b"\x31" + chain[0][1:]), "a SET as a certificate"),
        (rfc.der(0x30, chain[1] + chain[0][:-1]), "the last certificate cut off"),
        (rfc.der(0x30, chain[1][:-1] + chain[0]), "the first certificate cut off"),
        (rfc.der(0x30, chain[0] + b"\0"), "a byte after the certificate"),
    ):
        section.bad(wrong, note, error)
    yield section

    def in_order(path, _order):
        rfc.require_pkipath_order(rfc.decode_pkipath(path))

    order = Section("pkipath_order", "RFC 6066 10.1", in_order)
    for note, certificates_ in (
        ("the client's certificate first", chain[1::-1]),
        ("all three, the client's first", chain[::-1]),
        ("the intermediate missing", [chain[0], chain[2]]),
        ("the last two exchanged", [chain[1], chain[0], chain[2]]),
        ("another root", [chain[0], chain[1], pki["root-p384"]]),
    ):
        order.bad(rfc.encode_pkipath(certificates_), note, error)
    yield order


def certificate_identifiers(pki):
    section = Section("certificate_identifiers", "RFC 6066 6",
                      lambda data, _order: rfc.parse_certificate(data))
    for name, certificate in pki.items():
        section.good(certificate, name, {
            "key_type": rfc.parse_certificate(certificate).key_type,
            "hashed_key": rfc.hashed_key(certificate),
            "key_sha1_hash": rfc.key_sha1_hash(certificate),
            "x509_name": rfc.x509_name(certificate),
            "cert_sha1_hash": rfc.cert_sha1_hash(certificate),
        })
    yield section


def sections():
    pki = certificates()
    yield from server_name()
    yield from max_fragment_length()
    yield from record_size_limit()
    yield from empty("client_certificate_url", "RFC 6066 5")
    yield from trusted_ca_keys(pki)
    yield from empty("truncated_hmac", "RFC 6066 7")
    yield from status_request()
    yield from certificate_url(pki)
    yield from certificate_status()
    yield from new_session_ticket()
    yield from pkipath(pki)
    yield from certificate_identifiers(pki)


def contents():
    return "\n".join([HEAD, *(section.text() for section in sections())])


def main(arguments):
    if arguments not in ([], ["--check"]):
        print("usage: make_vectors.py [--check]", file=sys.stderr)
        return 2
    wanted = contents()
    if not arguments:
        with open(PATH, "w", encoding="ascii", newline="\n") as file:
            file.write(wanted)
        return 0
    with open(PATH, encoding="ascii", newline="") as file:
        same = file.read() == wanted
    if not same:
        print("vectors/rfc6066.txt is not what make_vectors.py writes", file=sys.stderr)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
