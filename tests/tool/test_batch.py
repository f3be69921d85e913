"""`verify --batch`: a stream of cases, each answered before the next is read."""

import subprocess
import unittest

from tool import DONE, LIMIT, TOOL, pki, run

WHEN = "time 1767225600\n"


def hexadecimal(name):
    with open(pki(name), "rb") as file:
        return file.read().hex()


def case(ident, *items, chain=("server-p256", "inter-p256"), anchor="root-p256", time=WHEN):
    lines = [f"case {ident}\n", "kind SERVER\n", time, *(item + "\n" for item in items)]
    lines.append(f"anchor {hexadecimal(anchor + '.der')}\n")
    lines.append(f"leaf {hexadecimal(chain[0] + '.der')}\n")
    lines += [f"inter {hexadecimal(name + '.der')}\n" for name in chain[1:]]
    return "".join(lines) + "end\n"


def answers(text, *options):
    done = run("verify", "--batch", *options, data=text.encode() if isinstance(text, str) else text)
    assert done.returncode == DONE, done.stderr
    return done.stdout.splitlines()


class Batch(unittest.TestCase):
    def test_verdicts(self):
        stream = (case("good") + case("named", "name DNS server.example", "name IP 127.0.0.1") +
                  case("wrong name", "name DNS server.example", "name DNS other.example") +
                  case("purpose", "eku serverAuth") + case("wrong-purpose", "eku clientAuth") +
                  case("both-purposes", "eku serverAuth", "eku clientAuth") +
                  case("usage", "ku digitalSignature") + case("wrong-usage", "ku keyCertSign") +
                  case("expired", chain=("bad-expired", "inter-p256")) +
                  case("no-issuer", chain=("server-p256",)))
        self.assertEqual(answers(stream), [
            "good ACCEPT", "named ACCEPT", "wrong name REJECT CERTIFICATE_NAME_MISMATCH",
            "purpose ACCEPT", "wrong-purpose REJECT CERTIFICATE_EXTENDED_KEY_USAGE",
            "both-purposes REJECT CERTIFICATE_EXTENDED_KEY_USAGE", "usage ACCEPT",
            "wrong-usage REJECT CERTIFICATE_KEY_USAGE", "expired REJECT CERTIFICATE_EXPIRED",
            "no-issuer REJECT CERTIFICATE_UNKNOWN_CA"])

    def test_what_is_left_out_is_skipped_and_never_accepted(self):
        line, = answers(case("x", "eku codeSigning"))
        self.assertRegex(line, "^x SKIP .+")
        line, = answers(case("x", "eku codeSigning", chain=("bad-expired", "inter-p256")))
        self.assertEqual(line, "x REJECT CERTIFICATE_EXPIRED")

    def test_depth_counts_intermediates(self):
        self.assertEqual(answers(case("x", "depth 0") + case("y", "depth 1") + case("z", "depth 99")),
                         ["x REJECT CERTIFICATE_PATH_TOO_LONG", "y ACCEPT", "z ACCEPT"])

    def test_policies(self):
        weak = case("x", chain=("server-dsa1024", "inter-rsa2048"), anchor="root-rsa2048")
        self.assertEqual(answers(weak), ["x REJECT CERTIFICATE_KEY_WEAK"])
        self.assertEqual(answers(weak, "--policy", "legacy"), ["x ACCEPT"])

    def test_mailboxes(self):
        self.assertEqual(answers(case("x", "name RFC822 a@b.example")),
                         ["x REJECT CERTIFICATE_NAME_MISMATCH"])

    def test_a_list_that_is_none(self):
        """With any list each certificate needs one that covers it."""
        self.assertEqual(answers(case("x", "crl 00")), ["x REJECT CERTIFICATE_STATUS_UNKNOWN"])

    def test_broken_cases_are_refused_and_the_next_one_is_read(self):
        good = case("good")
        broken = [
            "case b\nend\n",
            "case b\n" + WHEN + "leaf 30\nend\n",
            "case b\n" + WHEN + "leaf xyz\nend\n",
            "case b\n" + WHEN + "leaf 300\nend\n",
            "case b\n" + WHEN + "leaf\nend\n",
            "case b\n" + WHEN + "\nleaf 30\nend\n",
            "case b\nfrobnicate 7\nend\n",
            case("b", "name DNS"),
            case("b", "name URI x"),
            case("b", "ku everything"),
            case("b", "leaf " + hexadecimal("server-p256.der")),
            case("b", "kind PEER"),
            case("b", time="time soon\n"),
            case("b", time=""),
            case("b", *["anchor 30"] * 1000),
            case("b", *["inter 30"] * 1000),
            case("b", *["name DNS a"] * 1000),
            case("b", "leaf " + "30" * (8 << 20)),
        ]
        for text in broken:
            first, second = answers(text + good)
            self.assertRegex(first, "^b REJECT .+", text[:200])
            self.assertEqual(second, "good ACCEPT")

    def test_bytes_that_are_no_cases(self):
        self.assertEqual(answers(b"\x00\xff\n\n\r\nend\n" + case("good").encode()), ["good ACCEPT"])
        self.assertEqual(answers(b""), [])
        self.assertEqual(answers(case("crlf").replace("\n", "\r\n")), ["crlf ACCEPT"])

    def test_each_byte_of_a_leaf_changed(self):
        leaf = bytes.fromhex(hexadecimal("server-p256.der"))
        head, tail = case("x").split("leaf ")
        rest = tail.split("\n", 1)[1]
        stream = []
        for position in range(len(leaf)):
            changed = bytearray(leaf)
            changed[position] ^= 0x41
            stream.append(f"{head}leaf {changed.hex()}\n{rest}")
        lines = answers("".join(stream))
        self.assertEqual(len(lines), len(leaf))
        self.assertEqual({line.split()[1] for line in lines}, {"REJECT"})

    def test_each_length_of_a_leaf(self):
        leaf = hexadecimal("server-p256.der")
        head, tail = case("x").split("leaf ")
        rest = tail.split("\n", 1)[1]
        lines = answers("".join(f"{head}leaf {leaf[:2 * size]}\n{rest}" for size in range(1, len(leaf) // 2)))
        self.assertEqual({line for line in lines}, {"x REJECT CERTIFICATE_MALFORMED"})

    def test_answers_before_reading_on(self):
        process = subprocess.Popen([TOOL, "verify", "--batch"], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, bufsize=0)
        try:
            for number in range(3):
                process.stdin.write(case(f"n{number}").encode())
                self.assertEqual(process.stdout.readline(), f"n{number} ACCEPT\n".encode())
            process.stdin.close()
            self.assertEqual(process.wait(LIMIT), DONE)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


if __name__ == "__main__":
    unittest.main()
