"""The verbs that print what the library knows. Code points and names are checked against the IANA
registries and RFCs as written down here."""

import pathlib
import re
import subprocess
import sys
import unittest

from tool import DONE, LIMIT, TOOL, run, table

# IANA TLS Cipher Suites: the code points of each RFC in the order of their names' second halves.
SUITES = {}
for prefix, codes in {
        # RFC 5288 3, RFC 5289 3.2, RFC 5487 2, RFC 8442 3
        "AES_128_GCM_SHA256": {"RSA": 0x009C, "DHE_RSA": 0x009E, "DHE_DSS": 0x00A2, "DH_anon": 0x00A6,
                               "PSK": 0x00A8, "DHE_PSK": 0x00AA, "RSA_PSK": 0x00AC,
                               "ECDHE_ECDSA": 0xC02B, "ECDHE_RSA": 0xC02F, "ECDHE_PSK": 0xD001},
        "AES_256_GCM_SHA384": {"RSA": 0x009D, "DHE_RSA": 0x009F, "DHE_DSS": 0x00A3, "DH_anon": 0x00A7,
                               "PSK": 0x00A9, "DHE_PSK": 0x00AB, "RSA_PSK": 0x00AD,
                               "ECDHE_ECDSA": 0xC02C, "ECDHE_RSA": 0xC030, "ECDHE_PSK": 0xD002},
        # RFC 6655 3 and 4, RFC 7251 2, RFC 8442 3
        "AES_128_CCM": {"RSA": 0xC09C, "DHE_RSA": 0xC09E, "PSK": 0xC0A4, "DHE_PSK": 0xC0A6,
                        "ECDHE_ECDSA": 0xC0AC},
        "AES_256_CCM": {"RSA": 0xC09D, "DHE_RSA": 0xC09F, "PSK": 0xC0A5, "DHE_PSK": 0xC0A7,
                        "ECDHE_ECDSA": 0xC0AD},
        "AES_128_CCM_8": {"RSA": 0xC0A0, "DHE_RSA": 0xC0A2, "PSK": 0xC0A8, "PSK_DHE": 0xC0AA,
                          "ECDHE_ECDSA": 0xC0AE},
        "AES_256_CCM_8": {"RSA": 0xC0A1, "DHE_RSA": 0xC0A3, "PSK": 0xC0A9, "PSK_DHE": 0xC0AB,
                          "ECDHE_ECDSA": 0xC0AF},
        "AES_128_CCM_SHA256": {"ECDHE_PSK": 0xD005},
        "AES_128_CCM_8_SHA256": {"ECDHE_PSK": 0xD003},
        # RFC 7905 2
        "CHACHA20_POLY1305_SHA256": {"ECDHE_RSA": 0xCCA8, "ECDHE_ECDSA": 0xCCA9, "DHE_RSA": 0xCCAA,
                                     "PSK": 0xCCAB, "ECDHE_PSK": 0xCCAC, "DHE_PSK": 0xCCAD,
                                     "RSA_PSK": 0xCCAE},
        # RFC 5246 A.5, RFC 8422 6, RFC 4279 2 to 4, RFC 5489 3.1
        "AES_128_CBC_SHA": {"RSA": 0x002F, "DHE_DSS": 0x0032, "DHE_RSA": 0x0033, "DH_anon": 0x0034,
                            "PSK": 0x008C, "DHE_PSK": 0x0090, "RSA_PSK": 0x0094, "ECDHE_ECDSA": 0xC009,
                            "ECDHE_RSA": 0xC013, "ECDH_anon": 0xC018, "ECDHE_PSK": 0xC035},
        "AES_256_CBC_SHA": {"RSA": 0x0035, "DHE_DSS": 0x0038, "DHE_RSA": 0x0039, "DH_anon": 0x003A,
                            "PSK": 0x008D, "DHE_PSK": 0x0091, "RSA_PSK": 0x0095, "ECDHE_ECDSA": 0xC00A,
                            "ECDHE_RSA": 0xC014, "ECDH_anon": 0xC019, "ECDHE_PSK": 0xC036},
        "3DES_EDE_CBC_SHA": {"RSA": 0x000A, "DHE_DSS": 0x0013, "DHE_RSA": 0x0016, "DH_anon": 0x001B,
                             "PSK": 0x008B, "DHE_PSK": 0x008F, "RSA_PSK": 0x0093, "ECDHE_ECDSA": 0xC008,
                             "ECDHE_RSA": 0xC012, "ECDH_anon": 0xC017, "ECDHE_PSK": 0xC034},
        "RC4_128_SHA": {"RSA": 0x0005, "PSK": 0x008A, "DHE_PSK": 0x008E, "RSA_PSK": 0x0092,
                        "ECDHE_ECDSA": 0xC007, "ECDHE_RSA": 0xC011, "ECDH_anon": 0xC016,
                        "ECDHE_PSK": 0xC033},
        "RC4_128_MD5": {"RSA": 0x0004, "DH_anon": 0x0018},
        # RFC 5246 A.5, RFC 5289 3.1, RFC 5487 3, RFC 5489 3.2
        "AES_128_CBC_SHA256": {"RSA": 0x003C, "DHE_DSS": 0x0040, "DHE_RSA": 0x0067, "DH_anon": 0x006C,
                               "PSK": 0x00AE, "DHE_PSK": 0x00B2, "RSA_PSK": 0x00B6,
                               "ECDHE_ECDSA": 0xC023, "ECDHE_RSA": 0xC027, "ECDHE_PSK": 0xC037},
        "AES_256_CBC_SHA256": {"RSA": 0x003D, "DHE_DSS": 0x006A, "DHE_RSA": 0x006B, "DH_anon": 0x006D},
        "AES_256_CBC_SHA384": {"PSK": 0x00AF, "DHE_PSK": 0x00B3, "RSA_PSK": 0x00B7,
                               "ECDHE_ECDSA": 0xC024, "ECDHE_RSA": 0xC028, "ECDHE_PSK": 0xC038},
        # RFC 5246 A.5, RFC 4785 2, RFC 5487 3, RFC 5489 3.3, RFC 8422 6
        "NULL_MD5": {"RSA": 0x0001},
        "NULL_SHA": {"RSA": 0x0002, "PSK": 0x002C, "DHE_PSK": 0x002D, "RSA_PSK": 0x002E,
                     "ECDHE_ECDSA": 0xC006, "ECDHE_RSA": 0xC010, "ECDH_anon": 0xC015,
                     "ECDHE_PSK": 0xC039},
        "NULL_SHA256": {"RSA": 0x003B, "PSK": 0x00B0, "DHE_PSK": 0x00B4, "RSA_PSK": 0x00B8,
                        "ECDHE_PSK": 0xC03A},
        "NULL_SHA384": {"PSK": 0x00B1, "DHE_PSK": 0x00B5, "RSA_PSK": 0x00B9, "ECDHE_PSK": 0xC03B},
}.items():
    SUITES |= {f"TLS_{exchange}_WITH_{prefix}": code for exchange, code in codes.items()}
GROUPS = {"secp256r1": 23, "secp384r1": 24, "secp521r1": 25,  # RFC 8422 5.1.1
          "ffdhe2048": 256, "ffdhe3072": 257, "ffdhe4096": 258}  # RFC 7919 2
SCHEMES = {"rsa_pkcs1_sha256": 0x0401, "ecdsa_secp256r1_sha256": 0x0403,  # RFC 8446 4.2.3
           "rsa_pkcs1_sha384": 0x0501, "ecdsa_secp384r1_sha384": 0x0503, "rsa_pkcs1_sha512": 0x0601,
           "ecdsa_secp521r1_sha512": 0x0603, "rsa_pss_rsae_sha256": 0x0804,
           "rsa_pss_rsae_sha384": 0x0805, "rsa_pss_rsae_sha512": 0x0806, "rsa_pkcs1_sha1": 0x0201,
           "ecdsa_sha1": 0x0203, "dsa_sha1": 0x0202, "dsa_sha256": 0x0402}  # RFC 5246 7.4.1.4.1
EXTENSIONS = {"server_name": 0, "supported_groups": 10, "ec_point_formats": 11,
              "signature_algorithms": 13, "application_layer_protocol_negotiation": 16,
              "extended_master_secret": 23, "renegotiation_info": 65281,
              "truncated_hmac": 4, "encrypt_then_mac": 22, "max_fragment_length": 1,
              "client_certificate_url": 2, "trusted_ca_keys": 3, "status_request": 5, "padding": 21,
              "record_size_limit": 28, "session_ticket": 35}
ALERTS = {0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 22: "record_overflow",
          40: "handshake_failure", 42: "bad_certificate", 43: "unsupported_certificate",
          44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown",
          47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error",
          51: "decrypt_error", 70: "protocol_version", 71: "insufficient_security",
          80: "internal_error", 86: "inappropriate_fallback", 90: "user_canceled",
          100: "no_renegotiation", 110: "unsupported_extension", 111: "certificate_unobtainable",
          112: "unrecognized_name", 113: "bad_certificate_status_response",
          114: "bad_certificate_hash_value", 115: "unknown_psk_identity",
          120: "no_application_protocol"}
CLASSES = {"misuse", "local", "misbehaved", "incompatible", "untrusted", "ended"}


class Tables(unittest.TestCase):
    def test_code_points(self):
        for verb, expected in (("suites", SUITES), ("groups", GROUPS), ("schemes", SCHEMES)):
            found = {row["name"]: int(row["code"], 16) for row in table(verb)}
            self.assertEqual(found, expected)
        self.assertEqual({row["name"]: row["code"] for row in table("extensions")}, EXTENSIONS)

    def test_suites_mean_what_their_names_say(self):
        for row in table("suites"):
            name = row["name"]
            exchange, _, protection = name[4:].partition("_WITH_")
            kind, key = {"ECDH_anon": ("ECDHE", "anonymous"), "DH_anon": ("DHE", "anonymous"),
                         "PSK_DHE": ("DHE_PSK", "PSK"), "RSA_PSK": ("RSA_PSK", "RSA"),
                         "RSA": ("RSA", "RSA")}.get(exchange, (exchange, "PSK"))
            if exchange.startswith(("ECDHE_", "DHE_")) and not exchange.endswith("PSK"):
                kind, _, key = exchange.partition("_")
            self.assertEqual((row["key_exchange"], row["authentication"]), (kind, key), name)
            cipher = row["cipher"].upper().replace("-", "_")
            self.assertEqual(protection[:len(cipher)], cipher)
            ending = protection[len(cipher):].lstrip("_")
            if row["mac"] == "AEAD":
                self.assertEqual(ending or "SHA256", row["prf_hash"].replace("-", ""), name)
            else:
                self.assertEqual(ending, row["mac"].replace("-", "").removesuffix("1"), name)
                self.assertEqual(row["prf_hash"], max(row["mac"], "SHA-256"), name)
            old = row["mac"] in ("MD5", "SHA-1")
            self.assertEqual(row["version_min"], "TLS 1.0" if old else "TLS 1.2", name)

    def test_policies(self):
        """What each adds: see docs/command.md."""
        for row in table("suites"):
            cipher, kind, key = row["cipher"], row["key_exchange"], row["authentication"]
            if key in ("PSK", "anonymous") or "PSK" in kind or cipher == "NULL" or "CCM" in cipher:
                expected = None
            elif key == "DSS" or cipher in ("RC4-128", "3DES-EDE-CBC"):
                expected = "legacy"
            elif kind == "ECDHE" and row["mac"] == "AEAD":
                expected = "default"
            else:
                expected = "compatible"
            self.assertEqual(row["policy"], expected, row["name"])
        groups = {row["name"]: (row["kind"], row["bits"], row["policy"]) for row in table("groups")}
        self.assertEqual(groups["secp521r1"], ("curve", 521, "default"))
        self.assertEqual(groups["ffdhe3072"], ("finite field", 3072, "compatible"))
        for row in table("schemes"):
            old = row["hash"] == "SHA-1" or row["key"] == "DSS"
            self.assertEqual(row["policy"], "legacy" if old else "default", row["name"])

    def test_text_has_the_same_rows(self):
        for verb in ("suites", "groups", "schemes", "extensions"):
            lines = run(verb).stdout.splitlines()
            rows = table(verb)
            self.assertEqual(len(lines), len(rows))
            for line, row in zip(lines, rows):
                self.assertIn(row["name"], line.split())

    def test_reasons(self):
        rows = table("reasons")
        self.assertGreater(len(rows), 80)
        self.assertEqual(len({row["symbol"] for row in rows}), len(rows))
        for row in rows:
            self.assertIn(row["class"], CLASSES)
            self.assertRegex(row["section"], r"^(RFC \d+ [A-Z0-9.]+)?$")
            self.assertRegex(row["sentence"], r"^[A-Z].*\.$")
            if row["alert_code"] is not None:
                self.assertEqual(ALERTS[row["alert_code"]], row["alert"])
            else:
                self.assertIn(row["class"], {"misuse", "ended"})

    def test_flow_is_the_ladders_of_rfc_5246(self):
        """Figures 1 and 2 of section 7.3, with RFC 6066 5 and 8 and RFC 5077 figures 1 to 3."""
        full = [("client", "ClientHello"), ("server", "ServerHello"), ("server", "Certificate"),
                ("server", "CertificateStatus"), ("server", "ServerKeyExchange"), ("server", "CertificateRequest"),
                ("server", "ServerHelloDone"), ("client", "CertificateURL"), ("client", "Certificate"),
                ("client", "ClientKeyExchange"), ("client", "CertificateVerify"),
                ("client", "ChangeCipherSpec"), ("client", "Finished"),
                ("server", "NewSessionTicket"), ("server", "ChangeCipherSpec"),
                ("server", "Finished")]
        resumed = [("client", "ClientHello"), ("server", "ServerHello"),
                   ("server", "NewSessionTicket"), ("server", "ChangeCipherSpec"),
                   ("server", "Finished"), ("client", "ChangeCipherSpec"), ("client", "Finished")]
        rows = table("flow")
        for ladder, expected in (("full", full), ("resumed", resumed)):
            self.assertEqual([(row["sender"], row["message"].strip("[]")) for row in rows
                              if row["ladder"] == ladder], expected)
        lines = [line for line in run("flow").stdout.splitlines() if "--" in line]
        for line, (sender, message) in zip(lines, full + resumed, strict=True):
            self.assertIn(message, line)
            self.assertIn("->" if sender == "client" else "<-", line)

    def test_sizes(self):
        sizes = {row["name"]: row["bytes"] for row in table("sizes")}
        for name in ("hf_conn", "hf_handshake", "hf_config", "HF_RX_MIN", "HF_RX_FULL", "HF_TX_MIN",
                     "HF_TX_FULL"):
            self.assertGreater(sizes[name], 0)
        self.assertGreaterEqual(sizes["HF_RX_FULL"], 5 + 2**14 + 2048)  # RFC 5246 6.2.3
        self.assertGreater(sizes["HF_TX_FULL"], 5 + 2**14)
        for name in sizes:
            self.assertIn(name, run("sizes").stdout)


class Explain(unittest.TestCase):
    def test_every_reason(self):
        for row in table("reasons"):
            done = run("explain", row["symbol"])
            self.assertEqual(done.returncode, DONE)
            self.assertTrue(done.stdout.startswith(row["symbol"] + "\n" + row["sentence"] + "\n"))
            for part in (row["class"], row["section"], "Usual causes\n  ", "What to try\n  "):
                self.assertIn(part, done.stdout)
            if row["alert"]:
                self.assertIn(f"alert    {row['alert_code']} {row['alert']}\n", done.stdout)
            self.assertEqual(run("explain", row["symbol"].lower()).stdout, done.stdout)

    def test_the_document_is_of_the_same_rows(self):
        """docs/reasons.md is what scripts/reasons.py writes, and has what `explain` says of each reason."""
        root = pathlib.Path(__file__).resolve().parents[2]
        done = subprocess.run([sys.executable, "-B", root / "scripts" / "reasons.py", "--check", "--handfast", TOOL],
                              capture_output=True, text=True, timeout=LIMIT)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        text = (root / "docs" / "reasons.md").read_text()
        entries = dict(entry.split("\n", 1) for entry in re.split(r"(?m)^### ", text.split("\n## By alert")[0])[1:])
        plain = lambda words: " ".join(words.replace("\\", "").split())
        for row in table("reasons"):
            entry = plain(entries.pop(row["symbol"]))
            told = plain(run("explain", row["symbol"]).stdout)
            for part in (row["sentence"], row["causes"], row["remedy"], row["section"]):
                self.assertIn(plain(part), entry)
                self.assertIn(plain(part), told)
            self.assertTrue(row["causes"] and row["remedy"], row)
        self.assertEqual(entries, {})

    def test_every_alert_by_name_and_number(self):
        for code, name in ALERTS.items():
            by_name, by_number = run("explain", name), run("explain", str(code))
            self.assertEqual(by_number.returncode, DONE)
            self.assertTrue(by_number.stdout.startswith(f"alert {code} {name}\n"))
            self.assertTrue(by_name.stdout.endswith(by_number.stdout))
            self.assertIn("What to try", by_number.stdout)

    def test_an_alert_lists_the_reasons_that_send_it(self):
        text = run("explain", "decrypt_error").stdout
        for row in table("reasons"):
            self.assertEqual(f"\n  {row['symbol']} " in text, row["alert"] == "decrypt_error", row)

    def test_retired_alerts_have_a_plain_name(self):
        self.assertEqual(run("explain", "no_certificate").stdout, run("explain", "41").stdout)


if __name__ == "__main__":
    unittest.main()
