"""--ladder and --svg: the same events in the same order, as text and as a picture."""

import os
import re
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from tool import DONE, OUTSIDE, TLS, pki, run, server

SVG = "{http://www.w3.org/2000/svg}"
ARROW = re.compile(r"^  (?P<client>\S.*?)? +(?P<shaft>-+>|<-+) ?(?P<server>\S.*?)? +(?P<time>[\d.]+) ms$")
MARK = re.compile(r"^  (?P<kind>[=x]) (?P<what>.+?) {2,}.*?(?P<time>[\d.]+) ms$")
SIZED = re.compile(r"^(?P<name>\w+) (?P<size>\d+)$")
FULL = [("client", "ClientHello"), ("server", "ServerHello"), ("server", "Certificate"),
        ("server", "ServerKeyExchange"), ("server", "ServerHelloDone"), ("client", "ClientKeyExchange"),
        ("client", "ChangeCipherSpec"), ("client", "Finished"), ("server", "ChangeCipherSpec"),
        ("server", "Finished"), (None, "established")]  # RFC 5246 7.3, figure 1
RESUMED = [("client", "ClientHello"), ("server", "ServerHello"), ("server", "ChangeCipherSpec"),
           ("server", "Finished"), ("client", "ChangeCipherSpec"), ("client", "Finished"),
           (None, "established, resumed")]  # figure 2


def drawn(text):
    """Of the text form: (sender, what, size, protected) of each line, and their times."""
    events, times = [], []
    for line in text.splitlines():
        arrow, mark = ARROW.match(line), MARK.match(line)
        if arrow:
            sender = "client" if arrow["shaft"].endswith(">") else "server"
            what = arrow[sender]
            protected = what.startswith("[")
            sized = SIZED.match(what.strip("[]"))
            events.append((sender, sized["name"] if sized else what.strip("[]"),
                           int(sized["size"]) if sized else None, protected))
        elif mark:
            events.append((None, mark["what"], None, False))
        if arrow or mark:
            times.append(float((arrow or mark)["time"]))
    return events, times


def pictured(group):
    """Of the picture: the same of one row, a group of its elements."""
    texts = [text.text for text in group.iter(SVG + "text")]
    label = next(text.text for text in group.iter(SVG + "text") if text.get("class") == "hf-name")
    head = group.find(SVG + "path")
    if head is None:
        return None, label, None, False
    sender = "client" if float(re.match(r"M(\d+)", head.get("d"))[1]) > 360 else "server"
    sized = re.match(r"(\w+), (\d+) bytes$", label)
    protected = "protected" in texts or (label == "ChangeCipherSpec" and group.get("class") == "hf-safe")
    return sender, sized[1] if sized else label, int(sized[2]) if sized else None, protected


def picture(path):
    """The whole tree, and the rows that have a time, as events."""
    root = ElementTree.parse(path).getroot()
    rows = [group for group in root.iter(SVG + "g")
            if any(re.fullmatch(r"[\d.]+ ms", text.text) for text in group.iter(SVG + "text"))]
    return root, [pictured(row) for row in rows]


def luminance(colour):
    """WCAG 2.1, relative luminance."""
    colour = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
    parts = [int(colour[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


class Ladder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "ladder.svg")

    def client(self, port, *options, name="server.example"):
        return run("client", f"127.0.0.1:{port}", "--ca", pki("roots.pem"), "--name", name, "--http",
                   "--ladder", "--svg", self.path, *options)

    def same(self, text, path):
        events, times = drawn(text)
        root, rows = picture(path)
        self.assertEqual(rows, events)
        return root, events, times

    def test_full_and_resumed(self):
        with server("--http") as running:
            done = self.client(running.port, "--resume", "1")
            self.assertEqual(done.returncode, DONE)
        root, events, times = self.same(done.stderr, self.path)
        first = [event[:2] for event in events if not event[1].startswith("warning")]
        self.assertEqual(first, FULL + RESUMED)
        self.assertEqual([sender for sender, *_ in events].count(None), 2)
        for sender, what, size, protected in events:
            if what == "Finished":
                self.assertEqual((size, protected), (16, True))  # RFC 5246 7.4.9
            if what == "ServerHelloDone":
                self.assertEqual((size, protected), (4, False))
        half = len(FULL) + 2
        self.assertEqual(times[:half], sorted(times[:half]))
        self.assertEqual(times[0], 0)
        texts = [text.text for text in root.iter(SVG + "text")]
        self.assertIn("A handshake with server.example", texts)
        self.assertIn("A resumed handshake with server.example", texts)
        self.assertIn("client: new keys", texts)

    def test_failure(self):
        with server("--http") as running:
            done = self.client(running.port, name="other.example")
            self.assertEqual(done.returncode, TLS)
        root, events, _ = self.same(done.stderr, self.path)
        self.assertEqual([event[:2] for event in events[3:]],
                         [("client", "fatal bad_certificate"),
                          (None, "the client gives up: CERTIFICATE_NAME_MISMATCH")])
        texts = " ".join(text.text for text in root.iter(SVG + "text"))
        self.assertIn("The certificate is not for the name that was asked for.", texts)

    def test_renegotiation(self):
        done = run("demo", "--renegotiate", "--svg", self.path)
        self.assertEqual((done.returncode, done.stderr), (DONE, ""))
        _, events, _ = self.same(done.stdout, self.path)
        self.assertEqual([event[3] for event in events if event[1] == "ClientHello"], [False, True])

    def test_nothing_runs_and_nothing_is_fetched(self):
        self.assertEqual(run("demo", "--quiet", "--svg", self.path).returncode, DONE)
        with open(self.path, encoding="ascii") as file:
            text = file.read()
        self.assertNotRegex(text, r"(?i)<script|\son\w+=|href|url\(|@import|<foreignObject")
        self.assertEqual(set(re.findall(r"https?://[^\"]+", text)), {"http://www.w3.org/2000/svg"})

    def test_it_can_be_read_on_light_and_on_dark_pages(self):
        """WCAG 2.1, 1.4.3: a contrast of 4.5, between each colour of texts and the panel behind it."""
        run("demo", "--quiet", "--svg", self.path)
        style = ElementTree.parse(self.path).getroot().find(SVG + "style").text
        light, dark = style.split("@media (prefers-color-scheme:dark)")
        for scheme in light, dark:
            panel = re.search(r"\.hf-panel\{fill:#(\w+)", scheme)[1]
            colours = re.findall(r"\{color:#(\w+)", scheme)
            self.assertGreaterEqual(len(colours), 6)
            for colour in colours:
                self.assertGreaterEqual(contrast(colour, panel), 4.5, (colour, panel))

    def test_the_latest_connections_of_a_server(self):
        with server("--http", "--svg", self.path) as running:
            for _ in range(10):
                run("client", f"127.0.0.1:{running.port}", "--ca", pki("roots.pem"), "--name", "server.example",
                    "--http")
            self.assertEqual(running.stop(), DONE)
        root, rows = picture(self.path)
        self.assertEqual([row[1] for row in rows].count("ClientHello"), 8)
        self.assertEqual(len(root.findall(f"{SVG}rect[@class='hf-panel']")), 1)

    def test_a_file_that_cannot_be_written(self):
        done = run("demo", "--svg", "/nonexistent/ladder.svg")
        self.assertEqual(done.returncode, OUTSIDE)
        self.assertIn("/nonexistent/ladder.svg", done.stderr)


if __name__ == "__main__":
    unittest.main()
