"""tests/independent: a second implementation, made from the text of the RFCs alone.

The engine and its tests have the same authors, who may misread an RFC the same way twice. What is
here shares no code with the engine and was written without a look at it:

  rfc6066.py         the byte formats of TLS extensions: encoders, and decoders that are strict
  certificates.pem   certificates to try it with
  make_vectors.py    writes vectors/rfc6066.txt, which the engine's tests read; --check compares
  test_rfc6066.py    tests of rfc6066.py and of the vectors, which need nothing but Python

A decoder returns what it has found or raises Refused with the alert that fits: decode_error where
lengths do not add up, illegal_parameter where a value that can be read is not allowed. A structure
can be wrong in both ways, and an RFC seldom says which of them counts. So every decoder knows two
orders: IN_ORDER refuses the first thing that is wrong, read from the left; SYNTAX_FIRST reads
everything before it looks at values.

Extensions are given as their extension_data, messages as their bodies, without the four bytes of
the handshake header. Formats are those of RFC 6066, which obsoletes RFC 3546 and RFC 4366.
"""

import collections
import hashlib
import ipaddress

DECODE_ERROR = "decode_error"
ILLEGAL_PARAMETER = "illegal_parameter"
BAD_CERTIFICATE = "bad_certificate"
IN_ORDER, SYNTAX_FIRST = "in order", "syntax first"
SHA1_SIZE = 20


class Refused(Exception):
    def __init__(self, alert, reason):
        super().__init__(f"{alert}: {reason}")
        self.alert, self.reason = alert, reason


# ------------------------------------------------------------------------------ writing


class Encoded(bytes):
    """Bytes that remember where their length fields are: tuples (name, offset, width)."""

    lengths = ()


def join(*pieces):
    result = Encoded(b"".join(pieces))
    offset, lengths = 0, []
    for piece in pieces:
        for name, at, width in getattr(piece, "lengths", ()):
            lengths.append((name, offset + at, width))
        offset += len(piece)
    result.lengths = tuple(lengths)
    return result


def number(width, value):
    """An unsigned number of `width` bytes, most significant first (RFC 5246 4.4)."""
    if not 0 <= value < 256**width:
        raise ValueError(f"{value} does not fit into {width} bytes")
    return value.to_bytes(width, "big")


def vector(name, width, minimum, *pieces):
    """A variable-length vector (RFC 5246 4.3): its length in bytes, then its contents."""
    body = join(*pieces)
    if len(body) < minimum:
        raise ValueError(f"{name} must have at least {minimum} bytes")
    head = Encoded(number(width, len(body)))
    head.lengths = ((name, 0, width),)
    return join(head, body)


def fixed(name, size, value):
    if len(value) != size:
        raise ValueError(f"{name} must have {size} bytes")
    return value


# ------------------------------------------------------------------------------ reading


class Reader:
    def __init__(self, data, order=IN_ORDER):
        self.data, self.at = bytes(data), 0
        self.order, self.waiting = order, []

    def left(self):
        return len(self.data) - self.at

    def take(self, size, what):
        if size > self.left():
            raise Refused(DECODE_ERROR, f"{what} is cut off")
        self.at += size
        return self.data[self.at - size : self.at]

    def number(self, width, what):
        return int.from_bytes(self.take(width, what), "big")

    def vector(self, width, minimum, what):
        size = self.number(width, f"the length of {what}")
        if size < minimum:
            raise Refused(DECODE_ERROR, f"{what} is empty")
        return self.take(size, what)

    def items(self, width, minimum, what):
        """A vector as a reader of its contents; what is wrong in it counts in this one."""
        inside = Reader(self.vector(width, minimum, what), self.order)
        inside.waiting = self.waiting
        return inside

    def allow(self, condition, reason):
        if condition:
            return
        refusal = Refused(ILLEGAL_PARAMETER, reason)
        if self.order == IN_ORDER:
            raise refusal
        self.waiting.append(refusal)

    def must_allow(self, condition, reason):
        """For a value without which the rest cannot be read."""
        if not condition:
            raise self.waiting[0] if self.waiting else Refused(ILLEGAL_PARAMETER, reason)

    def end(self):
        if self.left() > 0:
            raise Refused(DECODE_ERROR, f"{self.left()} bytes after the end")
        if self.waiting:
            raise self.waiting[0]


def decode_empty(data, order=IN_ORDER):
    """Extensions without contents: client_certificate_url (RFC 6066 5) and truncated_hmac
    (RFC 6066 7) from either side; server_name (3), trusted_ca_keys (6) and status_request (8) from
    a server."""
    Reader(data, order).end()


def encode_empty():
    return join(b"")


# ------------------------------------------------------------------------------ server_name

HOST_NAME = 0

ServerName = collections.namedtuple("ServerName", "type name")


def encode_server_name(names):
    """RFC 6066 3. A type other than host_name begins with a 16-bit length, too."""
    entries = [join(number(1, entry.type), vector("name", 2, 1, entry.name)) for entry in names]
    return vector("server_name_list", 2, 1, *entries)


def _is_address(name):
    try:
        ipaddress.ip_address(name.decode("ascii"))
    except ValueError:
        return False
    return True


def decode_server_name(data, order=IN_ORDER):
    reader = Reader(data, order)
    names = reader.items(2, 1, "server_name_list")
    found = []
    while names.left() > 0:
        kind = names.number(1, "name_type")
        names.allow(kind not in [entry.type for entry in found], "a name_type twice")
        name = names.vector(2, 1, "name")
        if kind == HOST_NAME:
            names.allow(all(0 < byte < 128 for byte in name), "HostName is not ASCII")
            names.allow(not name.endswith(b"."), "HostName ends with a dot")
            names.allow(not _is_address(name), "HostName is an IP address")
        found.append(ServerName(kind, name))
    reader.end()
    return found


# ------------------------------------------------------------------------------ lengths

FRAGMENT_LENGTHS = {1: 2**9, 2: 2**10, 3: 2**11, 4: 2**12}


def encode_max_fragment_length(code):
    """RFC 6066 4."""
    if code not in FRAGMENT_LENGTHS:
        raise ValueError(f"no maximum fragment length {code}")
    return join(number(1, code))


def decode_max_fragment_length(data, order=IN_ORDER, requested=None):
    """From a server, `requested` is what the client has sent, which must come back."""
    reader = Reader(data, order)
    code = reader.number(1, "MaxFragmentLength")
    reader.allow(code in FRAGMENT_LENGTHS, "no such MaxFragmentLength")
    reader.allow(requested in (None, code), "not the MaxFragmentLength that was requested")
    reader.end()
    return code


RECORD_SIZE_LIMIT_MIN = 64
RECORD_SIZE_LIMIT_MAX = 2**14  # of TLS 1.2


def encode_record_size_limit(limit):
    """RFC 8449 4."""
    if limit < RECORD_SIZE_LIMIT_MIN:
        raise ValueError("below the least record size limit")
    return join(number(2, limit))


def decode_record_size_limit(data, order=IN_ORDER):
    """A limit above that of the protocol version passes: a client may refuse it, a server not."""
    reader = Reader(data, order)
    limit = reader.number(2, "RecordSizeLimit")
    reader.allow(limit >= RECORD_SIZE_LIMIT_MIN, "RecordSizeLimit below 64")
    reader.end()
    return limit


# ------------------------------------------------------------------------------ CertificateURL

INDIVIDUAL_CERTS, PKIPATH = 0, 1
PADDING = 1  # hash_present in RFC 3546 3.3

UrlAndHash = collections.namedtuple("UrlAndHash", "url hash")
CertificateUrl = collections.namedtuple("CertificateUrl", "type entries")


def encode_certificate_url(message):
    """RFC 6066 5. What a hash is of: the certificate, or with pkipath the whole PkiPath."""
    if message.type not in (INDIVIDUAL_CERTS, PKIPATH):
        raise ValueError("no such CertChainType")
    if message.type == PKIPATH and len(message.entries) != 1:
        raise ValueError("pkipath has one URL")
    entries = [
        join(
            vector("url", 2, 1, entry.url),
            number(1, PADDING),
            fixed("SHA1Hash", SHA1_SIZE, entry.hash),
        )
        for entry in message.entries
    ]
    return join(number(1, message.type), vector("url_and_hash_list", 2, 1, *entries))


def decode_certificate_url(data, order=IN_ORDER):
    reader = Reader(data, order)
    kind = reader.number(1, "CertChainType")
    reader.allow(kind in (INDIVIDUAL_CERTS, PKIPATH), "no such CertChainType")
    entries = reader.items(2, 1, "url_and_hash_list")
    found = []
    while entries.left() > 0:
        entries.allow(kind != PKIPATH or not found, "pkipath with more than one URL")
        url = entries.vector(2, 1, "url")
        entries.allow(entries.number(1, "padding") == PADDING, "padding is not 0x01")
        found.append(UrlAndHash(url, entries.take(SHA1_SIZE, "SHA1Hash")))
    reader.end()
    return CertificateUrl(kind, found)


# ------------------------------------------------------------------------------ trusted_ca_keys

PRE_AGREED, KEY_SHA1_HASH, X509_NAME, CERT_SHA1_HASH = 0, 1, 2, 3

TrustedAuthority = collections.namedtuple("TrustedAuthority", "type value")


def _encode_trusted_authority(authority):
    kind = number(1, authority.type)
    if authority.type == PRE_AGREED:
        return join(kind, fixed("pre_agreed", 0, authority.value))
    if authority.type in (KEY_SHA1_HASH, CERT_SHA1_HASH):
        return join(kind, fixed("SHA1Hash", SHA1_SIZE, authority.value))
    if authority.type == X509_NAME:
        return join(kind, vector("DistinguishedName", 2, 1, authority.value))
    raise ValueError("no such IdentifierType")


def encode_trusted_ca_keys(authorities):
    """RFC 6066 6, from a client; the list may be empty."""
    return vector("trusted_authorities_list", 2, 0, *map(_encode_trusted_authority, authorities))


def decode_trusted_ca_keys(data, order=IN_ORDER):
    reader = Reader(data, order)
    authorities = reader.items(2, 0, "trusted_authorities_list")
    found = []
    while authorities.left() > 0:
        kind = authorities.number(1, "IdentifierType")
        authorities.must_allow(kind <= CERT_SHA1_HASH, "no such IdentifierType")
        if kind == PRE_AGREED:
            value = b""
        elif kind == X509_NAME:
            value = authorities.vector(2, 1, "DistinguishedName")
        else:
            value = authorities.take(SHA1_SIZE, "SHA1Hash")
        found.append(TrustedAuthority(kind, value))
    reader.end()
    return found


# ------------------------------------------------------------------------------ OCSP

OCSP = 1

StatusRequest = collections.namedtuple("StatusRequest", "type responders extensions")
CertificateStatus = collections.namedtuple("CertificateStatus", "type response")


def encode_status_request(request):
    """RFC 6066 8, from a client."""
    if request.type != OCSP:
        raise ValueError("no such CertificateStatusType")
    responders = [vector("ResponderID", 2, 1, responder) for responder in request.responders]
    return join(
        number(1, request.type),
        vector("responder_id_list", 2, 0, *responders),
        vector("request_extensions", 2, 0, request.extensions),
    )


def decode_status_request(data, order=IN_ORDER):
    reader = Reader(data, order)
    kind = reader.number(1, "CertificateStatusType")
    reader.must_allow(kind == OCSP, "no such CertificateStatusType")
    responders = reader.items(2, 0, "responder_id_list")
    found = []
    while responders.left() > 0:
        found.append(responders.vector(2, 1, "ResponderID"))
    extensions = reader.vector(2, 0, "request_extensions")
    reader.end()
    return StatusRequest(kind, found, extensions)


def encode_certificate_status(status):
    """RFC 6066 8."""
    if status.type != OCSP:
        raise ValueError("no such CertificateStatusType")
    return join(number(1, status.type), vector("response", 3, 1, status.response))


def decode_certificate_status(data, order=IN_ORDER):
    reader = Reader(data, order)
    kind = reader.number(1, "CertificateStatusType")
    reader.must_allow(kind == OCSP, "no such CertificateStatusType")
    response = reader.vector(3, 1, "response")
    reader.end()
    return CertificateStatus(kind, response)


# ------------------------------------------------------------------------------ NewSessionTicket

NewSessionTicket = collections.namedtuple("NewSessionTicket", "lifetime_hint ticket")


def encode_new_session_ticket(message):
    """RFC 5077 3.3. An empty ticket: the server has none after all."""
    return join(number(4, message.lifetime_hint), vector("ticket", 2, 0, message.ticket))


def decode_new_session_ticket(data, order=IN_ORDER):
    reader = Reader(data, order)
    hint = reader.number(4, "ticket_lifetime_hint")
    ticket = reader.vector(2, 0, "ticket")
    reader.end()
    return NewSessionTicket(hint, ticket)


# ------------------------------------------------------------------------------ DER

SEQUENCE, INTEGER, BIT_STRING, OBJECT_IDENTIFIER = 0x30, 0x02, 0x03, 0x06
VERSION = 0xA0  # [0] of TBSCertificate

# Contents of the algorithm's OBJECT IDENTIFIER (RFC 3279 2.3).
RSA = bytes.fromhex("2a864886f70d010101")
DSA = bytes.fromhex("2a8648ce380401")
EC = bytes.fromhex("2a8648ce3d0201")
KEY_TYPES = {RSA: "rsa", DSA: "dsa", EC: "ec"}

Element = collections.namedtuple("Element", "tag contents whole")
Certificate = collections.namedtuple("Certificate", "issuer subject key_type key")


def der(tag, contents):
    size = len(contents)
    if size < 128:
        return bytes([tag, size]) + contents
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 128 + len(digits)]) + digits + contents


def der_elements(data):
    """The elements that follow each other in data; lengths definite and as short as they can be."""
    at, found = 0, []
    while at < len(data):
        start = at
        if len(data) - at < 2:
            raise Refused(BAD_CERTIFICATE, "DER is cut off")
        tag, size = data[at], data[at + 1]
        at += 2
        if tag & 31 == 31:
            raise Refused(BAD_CERTIFICATE, "a long tag")
        if size >= 128:
            digits = data[at : at + size - 128]
            at += size - 128
            size = int.from_bytes(digits, "big")
            if not digits or digits[0] == 0 or size < 128:
                raise Refused(BAD_CERTIFICATE, "a length that is not DER")
        if size > len(data) - at:
            raise Refused(BAD_CERTIFICATE, "DER is cut off")
        found.append(Element(tag, data[at : at + size], data[start : at + size]))
        at += size
    return found


def _only(data, tag, what):
    elements = der_elements(data)
    if len(elements) != 1 or elements[0].tag != tag:
        raise Refused(BAD_CERTIFICATE, f"{what} is not one element {tag:02x}")
    return elements[0].contents


def parse_certificate(data):
    """RFC 5280 4.1, as far as it is needed here. The key is the value of the BIT STRING
    subjectPublicKey: without tag, length and number of unused bits."""
    parts = der_elements(_only(data, SEQUENCE, "Certificate"))
    if [part.tag for part in parts] != [SEQUENCE, SEQUENCE, BIT_STRING]:
        raise Refused(BAD_CERTIFICATE, "Certificate has other parts")
    fields = der_elements(parts[0].contents)
    if fields and fields[0].tag == VERSION:
        fields = fields[1:]
    # serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo
    if [field.tag for field in fields[:6]] != [INTEGER] + [SEQUENCE] * 5:
        raise Refused(BAD_CERTIFICATE, "TBSCertificate has other parts")
    info = der_elements(fields[5].contents)
    if [part.tag for part in info] != [SEQUENCE, BIT_STRING] or info[1].contents[:1] != b"\0":
        raise Refused(BAD_CERTIFICATE, "SubjectPublicKeyInfo has other parts")
    algorithm = der_elements(info[0].contents)
    if not algorithm or algorithm[0].tag != OBJECT_IDENTIFIER:
        raise Refused(BAD_CERTIFICATE, "AlgorithmIdentifier has other parts")
    kind = KEY_TYPES.get(algorithm[0].contents)
    return Certificate(fields[2].whole, fields[4].whole, kind, info[1].contents[1:])


def hashed_key(certificate):
    """RFC 6066 6: what key_sha1_hash is the hash of."""
    parsed = parse_certificate(certificate)
    if parsed.key_type is None:
        raise ValueError("RFC 6066 knows RSA, DSA and ECDSA keys")
    if parsed.key_type != "rsa":
        return parsed.key
    modulus, exponent = der_elements(_only(parsed.key, SEQUENCE, "RSAPublicKey"))
    if modulus.tag != INTEGER or exponent.tag != INTEGER:
        raise Refused(BAD_CERTIFICATE, "RSAPublicKey has other parts")
    return modulus.contents.lstrip(b"\0")


def key_sha1_hash(certificate):
    return hashlib.sha1(hashed_key(certificate)).digest()


def cert_sha1_hash(certificate):
    return hashlib.sha1(certificate).digest()


def x509_name(certificate):
    return parse_certificate(certificate).subject


# ------------------------------------------------------------------------------ PkiPath


def encode_pkipath(chain):
    """RFC 6066 10.1. The chain is in the order of the Certificate message, the leaf first; in a
    PkiPath it is the last, since there the subject of each is the issuer of the next."""
    if not chain:
        raise ValueError("no certificates")
    return der(SEQUENCE, b"".join(reversed(chain)))


def decode_pkipath(data):
    """The chain, leaf first. What is wrong with it is bad_certificate: the format is of X.509."""
    elements = der_elements(_only(data, SEQUENCE, "PkiPath"))
    if not elements:
        raise Refused(BAD_CERTIFICATE, "PkiPath is empty")
    for element in elements:
        parse_certificate(element.whole)
    return [element.whole for element in reversed(elements)]


def require_pkipath_order(chain):
    """Each certificate of the chain, leaf first, must be issued by the next, going by the names."""
    for subject, issuer in zip(chain, chain[1:]):
        if parse_certificate(subject).issuer != parse_certificate(issuer).subject:
            raise Refused(BAD_CERTIFICATE, "PkiPath is not in order")
