"""Chromium without a screen, driven over the DevTools protocol.

Each browser has a home and a profile of its own. It trusts the roots of an NSS database in that
home, which may hold a client certificate too; a setting of the profile lets it use the certificate
without asking the user. Nothing outside the scenario's folder is written.
"""
import base64
import contextlib
import itertools
import json
import shutil
import subprocess
import typing

import peers
import processes
from harness import expect
from ours import PKI

PACKAGES = ("chromium", "libnss3-tools")
PROGRAMS = ("chromium", "certutil", "pk12util")
# Every name is this machine; nothing but the pages of the test is asked for.
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * 127.0.0.1",
    "--remote-debugging-pipe",
)
# TLS_ECDHE_ECDSA_WITH_ AES_128_GCM, AES_256_GCM, CHACHA20_POLY1305, AES_128_CBC, AES_256_CBC
WITHOUT_ECDSA = "--cipher-suite-blacklist=0xc02b,0xc02c,0xcca9,0xc009,0xc00a"
# The pipe is file descriptors 3 and 4; answers go to a file like the output of any child.
ON_PIPE = 'exec "$@" 3<&0 4>&1 </dev/null >&2'
ANY_CLIENT_CERTIFICATE = {
    "profile": {
        "content_settings": {
            "exceptions": {"auto_select_certificate": {"*,*": {"setting": {"filters": [{}]}}}}
        }
    }
}
SECONDS = 60  # a browser starts in one, on a machine that does nothing else


def present():
    return all(shutil.which(program) for program in PROGRAMS)


def version():
    done = processes.run(["chromium", "--version"], None)
    return " ".join(done.stdout.decode().split()[:2])


class Page(typing.NamedTuple):
    """error: what Chromium calls it, or None. certificate: the server's, in DER, unless the
    handshake failed for another reason."""

    error: typing.Optional[str]
    html: str
    certificate: typing.Optional[bytes]


class Browser(processes.Process):
    def __init__(self, folder, *options, roots, client=None):
        home = folder / f"home{processes.Process.number()}"
        self._make_database(home, roots, client)
        profile = home / "profile"
        (profile / "Default").mkdir(parents=True)
        (profile / "Default" / "Preferences").write_text(json.dumps(ANY_CLIENT_CERTIFICATE))
        self.numbers = itertools.count(1)
        arguments = ["chromium", *OPTIONS, *options, f"--user-data-dir={profile}", "about:blank"]
        super().__init__(
            ["sh", "-c", ON_PIPE, "sh", *arguments], folder, keep_stdin=True, HOME=str(home)
        )

    @staticmethod
    def _make_database(home, roots, client):
        folder = home / ".pki" / "nssdb"
        folder.mkdir(parents=True)
        database = ("-d", f"sql:{folder}")

        def run(*arguments):
            done = processes.run(arguments, home)
            expect(done.returncode == 0, f"{arguments[0]}:\n{done.stderr.decode()}")

        run("certutil", "-N", *database, "--empty-password")
        for root in roots:
            run("certutil", "-A", *database, "-n", root, "-t", "C,,", "-i", PKI / f"{root}.pem")
        if client:
            chain, key = peers.identity(client)
            file = home / "client.p12"
            identity = ("-in", chain, "-inkey", key, "-name", client)
            peers.openssl(home, "pkcs12", "-export", *identity, "-passout", "pass:", "-out", file)
            run("pk12util", "-i", file, *database, "-W", "")

    def _messages(self):
        return [json.loads(message) for message in self.stdout().split(b"\0")[:-1]]

    def _answer(self, number):
        expect(self.child.poll() is None, f"Chromium ended:\n{self.stderr().decode()}")
        return next((m for m in self._messages() if m.get("id") == number), None)

    def _send(self, method, session=None, **parameters):
        message = {"id": next(self.numbers), "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self.type(json.dumps(message).encode() + b"\0")
        return message["id"]

    def _call(self, method, session=None, **parameters):
        number = self._send(method, session, **parameters)
        answer = processes.wait_until(lambda: self._answer(number), f"Chromium: {method}", SECONDS)
        expect("result" in answer, f"{method}: {answer}")
        return answer["result"]

    def _chain(self, session):
        """What the server of the page, or of the warning in its place, sent: base64."""
        for message in self._messages():
            if message.get("sessionId") == session and "params" in message:
                state = message["params"].get("visibleSecurityState", {})
                if "certificateSecurityState" in state:
                    return state["certificateSecurityState"]["certificate"]
        return None

    def open(self, url):
        """The Page, in a new tab."""
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._call("Security.enable", session)
        error = self._call("Page.navigate", session, url=url).get("errorText")
        if error and not error.startswith("net::ERR_CERT_"):
            return Page(error, "", None)
        chain = processes.wait_until(
            lambda: self._chain(session), f"the certificate of {url}", SECONDS
        )
        return Page(error, "" if error else self._html(session, url), base64.b64decode(chain[0]))

    def _html(self, session, url):
        whole = (
            f'location.href === {json.dumps(url)} && document.readyState === "complete" '
            '? document.documentElement.outerHTML : ""'
        )

        def look():
            answer = self._call("Runtime.evaluate", session, expression=whole)
            return answer["result"].get("value")

        return processes.wait_until(look, url, SECONDS)

    def stop(self, *arguments):
        """Asks first, so that the browser takes its own children along."""
        if self.child.poll() is None:
            self._send("Browser.close")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.wait()
        return super().stop(*arguments)
