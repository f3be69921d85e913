#!/usr/bin/env python3
"""Writes docs/reasons.md: every reason for which a call or a handshake may fail, from the rows that
`handfast explain` prints.

    scripts/reasons.py [--handfast PROGRAM] [--check]

--check writes nothing and fails if the file is not what would be written.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE = ROOT / "docs" / "reasons.md"
WIDTH = 118
HEAD = """\
# Reasons

Every failure of a call, a handshake or a connection has one reason of this closed list, `hf_error` in
`handfast/error.h`. `hf_conn_failure` and the command tell it; `handfast explain SYMBOL` prints what is here.

This file is made by `scripts/reasons.py`.
"""
CLASSES = {
    "misuse": ("Misuse", "The application called or configured something wrongly."),
    "local": ("Local", "Something on this side gave out."),
    "misbehaved": ("Misbehaved", "The peer broke a rule of the protocol."),
    "incompatible": ("Incompatible", "Both sides keep the rules, but have nothing in common."),
    "untrusted": ("Untrusted", "The peer's certificate was refused."),
    "ended": ("Ended", "The peer or the transport ended the connection."),
}


def link(section):
    """`RFC 5246 7.4.2` with a link to that section."""
    match = re.fullmatch(r"RFC (\d+) (\S+)", section)
    if not match:
        return section
    kind = "section" if match[2][0].isdigit() else "appendix"
    return f"[{section}](https://www.rfc-editor.org/rfc/rfc{match[1]}#{kind}-{match[2]})"


def paragraph(text):
    return textwrap.fill(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def quoted(text):
    """Angle brackets would be taken for HTML, except between backquotes."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`") else re.sub(r"([<>*\[\]])", r"\\\1", part) for part in parts)


def entry(row):
    section = link(row["section"]) if row["section"] else "no RFC speaks of it"
    alert = f"alert {row['alert_code']} {row['alert']}" if row["alert"] else "no alert is sent"
    lines = [f"### {row['symbol']}", "", paragraph(quoted(row["sentence"])), "", f"{section}; {alert}", "",
             paragraph("**Usual causes.** " + quoted(row["causes"])), "",
             paragraph("**What to try.** " + quoted(row["remedy"])), ""]
    return "\n".join(lines)


def by_alert(rows):
    """Reasons that go with each alert: where only the alert is known, as at the other end."""
    alerts = {}
    for row in rows:
        if row["alert"]:
            alerts.setdefault((row["alert_code"], row["alert"]), []).append(row["symbol"])
    lines = ["## By alert", "", "What a peer may have found when this alert comes from it, if it is Handfast.", "",
             "| alert | sent for |", "|---|---|"]
    for (code, name), symbols in sorted(alerts.items()):
        links = ", ".join(f"[{symbol}](#{symbol.lower()})" for symbol in symbols)
        lines.append(f"| {code} {name} | {links} |")
    return "\n".join(lines) + "\n"


def compose(rows):
    parts = [HEAD]
    for name, (title, meaning) in CLASSES.items():
        parts.append(f"## {title}\n\n{meaning}\n")
        parts.extend(entry(row) for row in rows if row["class"] == name)
    parts.append(by_alert(rows))
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--handfast", default=ROOT / "build" / "handfast", help="the command; default build/handfast")
    parser.add_argument("--check", action="store_true", help="write nothing, fail if the file is another")
    options = parser.parse_args()
    rows = json.loads(subprocess.run([options.handfast, "reasons", "--json"], check=True,
                                     capture_output=True).stdout)
    text = compose(rows)
    if not options.check:
        FILE.write_text(text, encoding="utf-8")
    elif FILE.read_text(encoding="utf-8") != text:
        sys.exit(f"{FILE.name} is not what scripts/reasons.py writes: run it")


if __name__ == "__main__":
    main()
