"""The suites of `handfast suites --json`, the versions and the groups, by everybody's names."""
import dataclasses
import functools
import json
import re
import subprocess
import typing

import processes
from ours import PSK_IDENTITY, PSK_KEY, TOOL


@dataclasses.dataclass(frozen=True)
class Version:
    name: str
    openssl: str  # its option, and with other letters what OpenSSL, nginx and curl call it

    def __str__(self):
        return self.name

    @property
    def ours(self):
        return f"tls{self.name}"

    @property
    def protocol(self):
        return "TLSv1" if self.name == "1.0" else f"TLSv{self.name}"


VERSIONS = (Version("1.0", "-tls1"), Version("1.1", "-tls1_1"), Version("1.2", "-tls1_2"))


@dataclasses.dataclass(frozen=True)
class Group:
    name: str
    short: str  # OpenSSL takes this
    gnutls: str
    others: tuple = ()  # what else OpenSSL, curl and nginx print


GROUPS = (
    Group("secp256r1", "P-256", "SECP256R1", ("P-256", "prime256v1")),
    Group("secp384r1", "P-384", "SECP384R1", ("P-384", "secp384r1")),
    Group("secp521r1", "P-521", "SECP521R1", ("P-521", "secp521r1")),
)
FINITE = tuple(
    Group(f"ffdhe{bits}", f"ffdhe{bits}", f"FFDHE{bits}") for bits in (2048, 3072, 4096)
)


def groups_from(first):
    """All groups of a kind, one first: the curve of an ECDSA key must be offered too
    (RFC 8422 5.1)."""
    kind = FINITE if first in FINITE else GROUPS
    return [first] + [group for group in kind if group is not first]


# What GnuTLS calls ours in priority strings.
GNUTLS_CIPHERS = {"3DES-EDE-CBC": "3DES-CBC", "RC4-128": "ARCFOUR-128"}
GNUTLS_EXCHANGES = {("DHE", "anonymous"): "ANON-DH", ("ECDHE", "anonymous"): "ANON-ECDH"}


@dataclasses.dataclass(frozen=True)
class Suite:
    name: str
    code: int
    exchange: str
    authentication: str
    cipher: str
    mac: str
    oldest: str  # version
    openssl: typing.Optional[str]
    gnutls: typing.Optional[str]  # its name; None where a peer has no such suite

    @property
    def versions(self):
        return [version for version in VERSIONS if version.name >= self.oldest]

    @property
    def groups(self):
        if self.exchange.startswith("ECDHE"):
            return GROUPS
        return FINITE if self.exchange.startswith("DHE") else ()

    @property
    def has_psk(self):
        return "PSK" in self.exchange

    @property
    def certificate(self):
        """The certificate of make_pki.sh that goes with it, or None."""
        keys = {"RSA": "server-rsa2048", "ECDSA": "server-p256", "DSS": "server-dsa2048"}
        return keys.get(self.authentication)

    @property
    def gnutls_exchange(self):
        pair = (self.exchange, self.authentication)
        if pair in GNUTLS_EXCHANGES:
            return GNUTLS_EXCHANGES[pair]
        if self.has_psk or self.exchange == "RSA":
            return self.exchange.replace("_", "-")
        return "-".join(pair)

    @property
    def gnutls_cipher(self):
        return GNUTLS_CIPHERS.get(self.cipher, self.cipher.upper())

    @property
    def gnutls_mac(self):
        return self.mac.replace("-", "")


def _output(*arguments):
    return subprocess.run(
        arguments, capture_output=True, text=True, check=True, env=processes.environment()
    ).stdout


def _openssl_names():
    """OpenSSL's name by code."""
    text = _output("openssl", "ciphers", "-V", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    return {
        int(high + low, 16): name
        for high, low, name in re.findall(r"0x(..),0x(..) - (\S+)", text)
    }


def _gnutls_names():
    text = _output("gnutls-cli", "--list")
    return {
        int(high + low, 16): name
        for name, high, low in re.findall(r"^TLS_(\S+)\s+0x(..), 0x(..)", text, re.MULTILINE)
    }


@functools.cache
def rows():
    """Every suite of this build."""
    openssl, gnutls = _openssl_names(), _gnutls_names()
    return [
        Suite(
            row["name"],
            code := int(row["code"], 16),
            row["key_exchange"],
            row["authentication"],
            row["cipher"],
            row["mac"],
            row["version_min"].removeprefix("TLS "),
            openssl.get(code),
            gnutls.get(code),
        )
        for row in json.loads(_output(TOOL, "suites", "--json"))
    ]


def named(name):
    return next(suite for suite in rows() if suite.name == name)


def options(*chosen, version=None):
    """Options of our command: these suites alone, and one version alone."""
    limits = ("--min", version.ours, "--max", version.ours) if version else ()
    psk = ("--psk", f"{PSK_IDENTITY}:{PSK_KEY}") if any(one.has_psk for one in chosen) else ()
    names = ":".join(one.name for one in chosen)
    return ("--policy", "legacy", "--suites", names, *psk, *limits)
