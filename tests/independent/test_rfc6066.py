"""Tests of rfc6066.py, and of vectors/rfc6066.txt as a reader of that file finds it."""

import random
import sys
import unittest

import make_vectors
import rfc6066 as rfc
from rfc6066 import BAD_CERTIFICATE, DECODE_ERROR, ILLEGAL_PARAMETER, IN_ORDER, SYNTAX_FIRST

PKI = make_vectors.certificates()

# With `openssl x509`: SHA-1 of -modulus for RSA, else of the contents of the BIT STRING in -pubkey
# (which is also what -ocspid prints); -fingerprint -sha1.
HASHES = {
    "client": ("0ecf2882c9057fc749fa056b6d5094b2aeb2304b",
        "76f4cc81026aa966c76d9e7854ef5253b40afb18"),
    "inter": ("2da9cfbe27d3fff3244369fe4febaa2a3b8d6dc9",
        "58c97c0f61ea111db7ef11d5c0ba985c2f258ff0"),
    "root-p256": ("c6429d6cac705c097e8dd6f70333998a175d53f1",
        "daeadc2185408dc239428f50a283ea0ec7f167d8"),
    "root-p384": ("171a80a40b7603eec402927c3b53c095998cf1a5",
        "c3b0916fc6f6f8dcd5f8f4c50dd574768c2ffc5e"),
    "root-p521": ("89c32baa57eec5b54420ed49ec95c43a0a56c345",
        "eea8a3e3b2f6361c3306523d17a0bc0082e2d972"),
    "rsa2048": ("cb8f223c755a728b21c5becca43b0f53938805b2",
        "31696a10211005be173fc18dfe6f607e38e46dd3"),
    "rsa2047": ("3383361522819140170e36524eb89b6ee0593351",
        "26f0682358d0e4346e451cb7473faabe7962b75b"),
    "dsa1024": ("08194b12073d41da5d4054a664c1d95f850ca17a",
        "9a1bb24a92f9e9706ef50a896ab972fd9ec07052"),
}

# Structure by structure, by hand from the RFC: the function, its value, the bytes.
BY_HAND = (
    (rfc.encode_server_name, [rfc.ServerName(0, b"a.b")], "0006 00 0003 612e62"),
    (rfc.encode_max_fragment_length, 3, "03"),
    (rfc.encode_record_size_limit, 16384, "4000"),
    (rfc.encode_certificate_url, rfc.CertificateUrl(1, [rfc.UrlAndHash(b"u", b"h" * 20)]),
     "01 0018 0001 75 01" + "68" * 20),
    (rfc.encode_certificate_url,
     rfc.CertificateUrl(0, [rfc.UrlAndHash(b"u", b"h" * 20), rfc.UrlAndHash(b"vw", b"i" * 20)]),
     "00 0031 0001 75 01" + "68" * 20 + "0002 7677 01" + "69" * 20),
    (rfc.encode_trusted_ca_keys, [], "0000"),
    (rfc.encode_trusted_ca_keys,
     [rfc.TrustedAuthority(0, b""), rfc.TrustedAuthority(1, b"k" * 20),
      rfc.TrustedAuthority(2, b"\x30\0"), rfc.TrustedAuthority(3, b"c" * 20)],
     "0030 00 01" + "6b" * 20 + "02 0002 3000 03" + "63" * 20),
    (rfc.encode_status_request, rfc.StatusRequest(1, [], b""), "01 0000 0000"),
    (rfc.encode_status_request, rfc.StatusRequest(1, [b"r", b"st"], b"e"),
     "01 0007 0001 72 0002 7374 0001 65"),
    (rfc.encode_certificate_status, rfc.CertificateStatus(1, b"ocsp"), "01 000004 6f637370"),
    (rfc.encode_new_session_ticket, rfc.NewSessionTicket(7200, b"t"), "00001c20 0001 74"),
    (rfc.encode_new_session_ticket, rfc.NewSessionTicket(0, b""), "00000000 0000"),
)

DECODERS = {
    "server_name": rfc.decode_server_name,
    "record_size_limit": rfc.decode_record_size_limit,
    "client_certificate_url": rfc.decode_empty,
    "trusted_ca_keys": rfc.decode_trusted_ca_keys,
    "truncated_hmac": rfc.decode_empty,
    "status_request": rfc.decode_status_request,
    "certificate_url": rfc.decode_certificate_url,
    "certificate_status": rfc.decode_certificate_status,
    "new_session_ticket": rfc.decode_new_session_ticket,
}


def decoder_of(encoder):
    return getattr(rfc, encoder.__name__.replace("encode", "decode"))


def blocks():
    """(section, fields) of each block of the file, values as text."""
    with open(make_vectors.PATH, encoding="ascii") as file:
        section, fields = None, {}
        for line in [*file.read().split("\n"), ""]:
            if line.startswith("["):
                section = line[1:-1]
            elif line and not line.startswith("#"):
                name, value = line.split(" =", 1)
                assert name not in fields, line
                fields[name] = value.strip()
            elif not line and fields:
                yield section, fields
                fields = {}


class Formats(unittest.TestCase):
    def assert_refused(self, alert, function, *arguments, **named):
        with self.assertRaises(rfc.Refused) as caught:
            function(*arguments, **named)
        self.assertEqual(caught.exception.alert, alert, caught.exception)

    def test_by_hand(self):
        for encoder, value, text in BY_HAND:
            with self.subTest(text):
                self.assertEqual(encoder(value), bytes.fromhex(text))
                for order in IN_ORDER, SYNTAX_FIRST:
                    self.assertEqual(decoder_of(encoder)(bytes.fromhex(text), order), value)

    def test_every_prefix_and_every_byte_more(self):
        for encoder, value, text in BY_HAND:
            data = bytes.fromhex(text)
            for size in range(len(data)):
                self.assert_refused(DECODE_ERROR, decoder_of(encoder), data[:size])
            self.assert_refused(DECODE_ERROR, decoder_of(encoder), data + b"\0")

    def test_longest_vectors(self):
        ticket = rfc.NewSessionTicket(1, bytes(65535))
        data = rfc.encode_new_session_ticket(ticket)
        self.assertEqual(rfc.decode_new_session_ticket(data), ticket)
        response = rfc.CertificateStatus(1, bytes(65536))
        data = rfc.encode_certificate_status(response)
        self.assertEqual(data[:4].hex(), "01010000")
        self.assertEqual(rfc.decode_certificate_status(data), response)
        longest = rfc.CertificateUrl(1, [rfc.UrlAndHash(b"u" * (65535 - 23), bytes(20))])
        self.assertEqual(rfc.decode_certificate_url(rfc.encode_certificate_url(longest)), longest)

    def test_encoders_refuse(self):
        entry, long_entry = rfc.UrlAndHash(b"u", bytes(20)), rfc.UrlAndHash(b"u" * 65513, bytes(20))
        for encoder, value in (
            (rfc.encode_server_name, []),
            (rfc.encode_server_name, [rfc.ServerName(0, b"")]),
            (rfc.encode_max_fragment_length, 5),
            (rfc.encode_record_size_limit, 63),
            (rfc.encode_record_size_limit, 65536),
            (rfc.encode_certificate_url, rfc.CertificateUrl(0, [])),
            (rfc.encode_certificate_url, rfc.CertificateUrl(2, [entry])),
            (rfc.encode_certificate_url, rfc.CertificateUrl(1, [entry] * 2)),
            (rfc.encode_certificate_url, rfc.CertificateUrl(1, [rfc.UrlAndHash(b"u", bytes(19))])),
            (rfc.encode_certificate_url, rfc.CertificateUrl(1, [long_entry])),
            (rfc.encode_trusted_ca_keys, [rfc.TrustedAuthority(4, b"")]),
            (rfc.encode_trusted_ca_keys, [rfc.TrustedAuthority(0, b"x")]),
            (rfc.encode_trusted_ca_keys, [rfc.TrustedAuthority(2, b"")]),
            (rfc.encode_status_request, rfc.StatusRequest(2, [], b"")),
            (rfc.encode_status_request, rfc.StatusRequest(1, [b""], b"")),
            (rfc.encode_certificate_status, rfc.CertificateStatus(1, b"")),
            (rfc.encode_new_session_ticket, rfc.NewSessionTicket(2**32, b"")),
            (rfc.encode_new_session_ticket, rfc.NewSessionTicket(0, bytes(65536))),
            (rfc.encode_pkipath, []),
        ):
            with self.subTest(encoder.__name__), self.assertRaises(ValueError):
                encoder(value)

    def test_orders(self):
        """No padding, and so a byte too few."""
        data = b"\0\0\x17\0\1u" + b"\2" * 20
        self.assert_refused(ILLEGAL_PARAMETER, rfc.decode_certificate_url, data, IN_ORDER)
        self.assert_refused(DECODE_ERROR, rfc.decode_certificate_url, data, SYNTAX_FIRST)

    def test_echo(self):
        self.assertEqual(rfc.decode_max_fragment_length(b"\2", requested=2), 2)
        self.assert_refused(ILLEGAL_PARAMETER, rfc.decode_max_fragment_length, b"\1", requested=2)

    def test_random_bytes(self):
        """A decoder refuses or finds what encodes to the same bytes, in whichever order."""
        source = random.Random(6066)
        pieces = [bytes([i]) for i in range(6)] + [b"\0\1", b"\0\0", b"\0\x17", bytes(20), b"a"]
        decoded = 0
        for _ in range(20000):
            data = b"".join(source.choice(pieces) for _ in range(source.randrange(9)))
            for encoder in {case[0] for case in BY_HAND}:
                decode = decoder_of(encoder)
                try:
                    value = decode(data)
                except rfc.Refused:
                    self.assertRaises(rfc.Refused, decode, data, SYNTAX_FIRST)
                else:
                    decoded += 1
                    self.assertEqual(encoder(value), data)
        self.assertGreater(decoded, 1000)


class Certificates(unittest.TestCase):
    def test_hashes(self):
        self.assertEqual(sorted(HASHES), sorted(PKI))
        for name, (key, whole) in HASHES.items():
            self.assertEqual(rfc.key_sha1_hash(PKI[name]).hex(), key, name)
            self.assertEqual(rfc.cert_sha1_hash(PKI[name]).hex(), whole, name)

    def test_modulus(self):
        self.assertEqual(len(rfc.hashed_key(PKI["rsa2048"])), 256)
        self.assertGreater(rfc.hashed_key(PKI["rsa2048"])[0], 127)
        self.assertEqual(len(rfc.hashed_key(PKI["rsa2047"])), 256)
        self.assertLess(rfc.hashed_key(PKI["rsa2047"])[0], 128)

    def test_names(self):
        self.assertIn(b"client.example", rfc.x509_name(PKI["client"]))
        self.assertEqual(rfc.x509_name(PKI["inter"]), rfc.parse_certificate(PKI["client"]).issuer)

    def test_pkipath(self):
        chain = [PKI["client"], PKI["inter"], PKI["root-p256"]]
        path = rfc.encode_pkipath(chain)
        body = sum(map(len, chain))
        self.assertEqual(path[:4], b"\x30\x82" + body.to_bytes(2, "big"))
        self.assertEqual(path[4:], chain[2] + chain[1] + chain[0])
        self.assertEqual(rfc.decode_pkipath(path), chain)
        rfc.require_pkipath_order(chain)
        for size in range(len(path)):
            with self.assertRaises(rfc.Refused):
                rfc.decode_pkipath(path[:size])
        with self.assertRaises(rfc.Refused) as caught:
            rfc.require_pkipath_order(chain[::-1])
        self.assertEqual(caught.exception.alert, BAD_CERTIFICATE)

    def test_der_lengths(self):
        for size, head in ((0, "3000"), (127, "307f"), (128, "308180"), (255, "3081ff"),
                           (256, "30820100"), (65535, "3082ffff"), (65536, "3083010000")):
            data = rfc.der(0x30, bytes(size))
            self.assertEqual(data.hex(), head + "00" * size)
            self.assertEqual(rfc.der_elements(data)[0].contents, bytes(size))
        short = "7f" + "00" * 127
        for text in ("30", "3080", "308100", "3081" + short, "308200" + short, "3f0100"):
            with self.assertRaises(rfc.Refused, msg=text):
                rfc.der_elements(bytes.fromhex(text))


class Vectors(unittest.TestCase):
    def decoded(self, section, block, order):
        """The fields that a block must have, from its data."""
        data = bytes.fromhex(block["data"])
        if section == "max_fragment_length":
            requested = int(block["requested"]) if block["from"] == "server" else None
            code = rfc.decode_max_fragment_length(data, order, requested)
            return {"code": code, "length": 256 << code}
        if section.startswith("pkipath"):
            chain = rfc.decode_pkipath(data)
            rfc.require_pkipath_order(chain)
            return make_vectors.numbered([(entry,) for entry in chain], "certificate")
        if section == "certificate_identifiers":
            return {
                "key_type": rfc.parse_certificate(data).key_type,
                "hashed_key": rfc.hashed_key(data),
                "key_sha1_hash": rfc.key_sha1_hash(data),
                "x509_name": rfc.x509_name(data),
                "cert_sha1_hash": rfc.cert_sha1_hash(data),
            }
        if block.get("from") == "server" and section != "record_size_limit":
            rfc.decode_empty(data, order)
            return {}
        value = DECODERS[section](data, order)
        if section == "record_size_limit":
            return {"limit": value}
        if section in ("server_name", "trusted_ca_keys"):
            second = "name" if section == "server_name" else "value"
            return make_vectors.numbered(value, "type", second)
        if section == "certificate_url":
            return {"chain_type": value.type} | make_vectors.numbered(value.entries, "url", "hash")
        if section == "status_request":
            responders = make_vectors.numbered([(r,) for r in value.responders], "responder")
            return {"status_type": 1, "request_extensions": value.extensions} | responders
        if section == "certificate_status":
            return {"status_type": 1, "response": value.response}
        return value._asdict() if value else {}

    def test_blocks(self):
        counts = {}
        for section, block in blocks():
            counts.setdefault(section, [0, 0])["error" in block] += 1
            for order in IN_ORDER, SYNTAX_FIRST:
                self.check(section, block, order)
        for section, (good, bad) in counts.items():
            if section != "pkipath_order":
                self.assertGreater(good, 0, section)
            if section != "certificate_identifiers":
                self.assertGreater(bad, 3, section)
        self.assertEqual(set(counts), {*DECODERS, "max_fragment_length", "pkipath", "pkipath_order",
                                       "certificate_identifiers"})

    def check(self, section, block, order):
        try:
            found = self.decoded(section, block, order)
        except rfc.Refused as refusal:
            right = [block.get("error")]
            if order == SYNTAX_FIRST:
                right.append(block.get("also"))
            self.assertIn(refusal.alert, right, block)
            return
        self.assertNotIn("error", block)
        text = {name: value.hex() if isinstance(value, bytes) else str(value)
                for name, value in found.items()}
        given = {name: value for name, value in block.items()
                 if name not in ("source", "from", "requested", "data", "note", "also")}
        self.assertEqual(given, text, block)

    def test_file_is_what_is_written(self):
        with open(make_vectors.PATH, encoding="ascii", newline="") as file:
            self.assertTrue(file.read() == make_vectors.contents())


def main():
    result = unittest.TextTestRunner(verbosity=1).run(
        unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__]))
    failed = len(result.failures) + len(result.errors)
    sys.stderr.flush()
    print(f"{result.testsRun - failed} passed, {failed} failed", flush=True)
    return 0 if result.testsRun and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
