"""Captures in the tests: what tshark makes of them."""

import collections
import json
import shutil
import subprocess
import unittest

from tool import LIMIT

TSHARK = shutil.which("tshark")
with_tshark = unittest.skipUnless(TSHARK, "tshark is not installed")

WARNING = 0x600000  # severity of tshark's remarks, the least that is not about ordinary things
FIELDS = ["frame.number", "tcp.stream", "tcp.srcport", "tls.handshake.type", "tls.alert_message.desc",
          "data.data", "_ws.expert.severity", "_ws.expert.message"]


def dissect(path, keylog=None):
    """The frames of a capture as tshark reads them, each a dictionary of lists of texts."""
    keys = ["-o", f"tls.keylog_file:{keylog}"] if keylog else []
    command = [TSHARK, "-n", "-r", path, *keys, "-o", "ip.check_checksum:TRUE", "-o",
               "tcp.check_checksum:TRUE", "-T", "json"]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, timeout=LIMIT, check=True)
    frames = []
    for frame in json.loads(done.stdout or "[]"):
        layers = frame["_source"]["layers"]
        frames.append({field: layers.get(field, []) for field in FIELDS})
    return frames


def remarks(frames):
    """What tshark finds wrong: malformed packets, wrong checksums, lost segments and the like."""
    return [(frame["frame.number"][0], frame["_ws.expert.message"]) for frame in frames
            if any(int(severity) >= WARNING for severity in frame["_ws.expert.severity"])]


def by_stream(frames):
    streams = collections.defaultdict(list)
    for frame in frames:
        streams[int(frame["tcp.stream"][0])].append(frame)
    return streams


def all_of(frames, field):
    return [value for frame in frames for value in frame[field]]


def join_captures(paths, joined):
    """Captures of one link type as one: the header of the first, the packets of all."""
    with open(joined, "wb") as out:
        for index, path in enumerate(paths):
            with open(path, "rb") as file:
                data = file.read()
            out.write(data if index == 0 else data[24:])
