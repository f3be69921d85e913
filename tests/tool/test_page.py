"""The page of `server --http`: well-formed, without scripts, true about the handshake it came through,
and deaf to what a peer would like it to say."""

import html.parser
import re
import unittest

from test_server import context_for, exchange
from tool import DONE, pki, run, server, wait_for

VOID = {"meta", "link", "br", "line", "path", "rect", "circle"}  # SVG closes its own with a slash
BROWSER = b"GET / HTTP/1.1\r\nHost: server.example\r\nSec-Fetch-Mode: navigate\r\n\r\n"
SCRIPT = b"GET / HTTP/1.1\r\nHost: server.example\r\n\r\n"


class Outline(html.parser.HTMLParser):
    """Checks that elements are closed in order; keeps their names, and the texts of list items."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.items, self.chosen, self.attributes = [], [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes.extend(attrs)
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_startendtag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes.extend(attrs)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop()[0] == tag, tag

    def handle_data(self, data):
        if self.open and self.open[-1][0] == "li":
            self.items.append(data)
            if self.open[-1][1].get("class") == "chosen":
                self.chosen.append(data.removesuffix(" (chosen)"))


def pages(done):
    """The pages in the output of our client, without the heads of the answers."""
    return [page.split("\r\n\r\n", 1)[1] for page in re.split(r"(?=HTTP/1\.1 200)", done.stdout)[1:]]


def client(port, *options):
    return run("client", f"127.0.0.1:{port}", "--ca", pki("roots.pem"), "--name", "server.example", "--http", *options)


class Page(unittest.TestCase):
    def test_full_and_resumed(self):
        with server("--http") as running:
            done = client(running.port, "--resume", "1")
            self.assertEqual(done.returncode, DONE)
        full, resumed = pages(done)
        for page in full, resumed:
            outline = Outline(page)
            self.assertNotIn("script", outline.elements)
            self.assertEqual(outline.elements.count("svg"), 1)
            for name, value in outline.attributes:
                self.assertFalse(name.startswith("on"), name)
                if name in ("href", "src"):
                    self.assertEqual(value, "data:,")
        self.assertIn("It is a full one", full)
        self.assertIn(">Certificate, ", full)
        self.assertIn("It resumes an earlier session", resumed)
        self.assertNotIn(">Certificate, ", resumed)
        self.assertIn(">established, resumed<", resumed)

    def test_what_was_offered_and_chosen(self):
        suites = ["TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"]
        for prefer, chosen, group in ("server", suites[1], "secp256r1"), ("client", suites[0], "secp521r1"):
            with server("--http", "--prefer", prefer, "--alpn", "h3,h2") as running:
                done = client(running.port, "--suites", ":".join(suites), "--groups", "secp521r1:secp256r1",
                              "--alpn", "h2")
            self.assertEqual(done.returncode, DONE, done.stderr)
            outline = Outline(pages(done)[0])
            items = [item.removesuffix(" (chosen)") for item in outline.items]
            self.assertEqual(items[:4], [*suites, "secp521r1", "secp256r1"])
            self.assertEqual(outline.chosen, [chosen, group, "ecdsa_secp256r1_sha256", "h2"])

    def test_a_peer_writes_nothing_into_it(self):
        evil = "<script>alert('1')&\"</script>"
        context = context_for()
        context.set_alpn_protocols([evil])
        with server("--http") as running:
            status, _, body = exchange(running.port, SCRIPT, context=context)
        self.assertEqual(status, 200)
        outline = Outline(body.decode())
        self.assertNotIn("script", outline.elements)
        self.assertIn(evil, "".join(outline.items))

    def test_the_client_certificate(self):
        with server("--http", "--client-auth", "require", "--client-ca", pki("roots.pem")) as running:
            page = pages(client(running.port, "--cert", pki("client-p256.chain.pem"), "--key", pki("client-p256.key")))[0]
        self.assertIn("client certificate</th><td>CN=client.example</td>", page)
        self.assertIn(">CertificateVerify, ", page)

    def test_the_client_of_a_resumed_session(self):
        """A session has no certificate, but who resumes it has shown one; nobody else has."""
        client_pair = ["--cert", pki("client-p256.chain.pem"), "--key", pki("client-p256.key")]
        with server("--http", "--client-auth", "request", "--client-ca", pki("roots.pem")) as running:
            shown = pages(client(running.port, "--resume", "1", *client_pair))[1]
            silent = pages(client(running.port, "--resume", "1"))[1]
            wait_for(lambda: running.log().count(" out") == 4)
            log = running.log()
        self.assertIn("<td>(verified when the session began)</td>", shown)
        self.assertIn("client certificate</th><td>none</td>", silent)
        self.assertEqual(log.count(', resumed, client "(verified when the session began)": closed'), 1)

    def test_a_reload_is_a_new_handshake(self):
        """A browser is told to close behind the page; scripts keep the connection."""
        with server("--http") as running:
            for request, expected in (BROWSER, "close"), (SCRIPT, "keep-alive"):
                _, fields, _ = exchange(running.port, request)
                self.assertEqual(fields["connection"], expected)


if __name__ == "__main__":
    unittest.main()
