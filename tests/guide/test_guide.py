"""Does what docs/guide.md says, block by block: test_guide.py GUIDE BUILD CC

The word after the language of a block says what is special about it: a file's name, `install` (what is built
already is staged, and nothing is installed on this machine), `server` (goes on in the background until the
next one), `fails` (with exit status 1). A block of text is what the commands before it print. C without a name is made of
statements. The port in the text becomes one that is free.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../tool"))
from tool import LIMIT, wait_for  # noqa: E402

PORT = "4433"
BLOCK = re.compile(r"^( *)```(\w+)(?: (\S+))?\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
# What the statements of blocks without a name may refer to.
SURROUNDINGS = """#include <handfast/handfast.h>
#include <crypto_glue/random.h>
static hf_conn conn;
extern const hf_trust_anchor anchors[1];
bool tell_time(void *context, int64_t *unix_seconds);
"""
# In the place of the commands of this name: what is installed and built is not installed and built again.
STAND_INS = {
    "sudo": 'exec "$@"\n',
    "ldconfig": "exit 0\n",
    "apt-get": '[ "$1" = install ] && shift && exec dpkg-query -W "$@"\n',
    "cmake": 'case $1 in\n--preset) grep -q "\\"$2\\"" "$GUIDE_SOURCES/CMakePresets.json" ;;\n--build) ;;\n'
             '--install) exec "$GUIDE_CMAKE" --install "$HF_BUILD_DIR" --prefix "$GUIDE_STAGE" ;;\n*) exit 2 ;;\nesac\n',
    "pkg-config": 'exec "$GUIDE_PKG_CONFIG" --define-variable=prefix="$GUIDE_STAGE" "$@"\n',
    "cc": 'exec "$GUIDE_CC" "$@"\n',
}


def blocks(text):
    for indent, language, word, body in BLOCK.findall(text):
        yield language, word, re.sub("^" + indent, "", body, flags=re.MULTILINE)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return str(free.getsockname()[1])


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(port))) == 0


class Guide(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        stage, commands = os.path.join(self.folder, "stage"), os.path.join(self.folder, "commands")
        self.environment = {
            **os.environ, "GUIDE_STAGE": stage, "GUIDE_SOURCES": os.path.dirname(os.path.dirname(GUIDE)),
            "GUIDE_CMAKE": shutil.which("cmake"), "GUIDE_PKG_CONFIG": shutil.which("pkg-config"), "GUIDE_CC": shutil.which(CC),
            "HF_BUILD_DIR": BUILD, "PATH": os.pathsep.join((commands, os.path.join(stage, "bin"), os.environ["PATH"])),
            "PKG_CONFIG_PATH": os.path.join(stage, LIBDIR, "pkgconfig"),
            "LD_LIBRARY_PATH": os.path.join(stage, LIBDIR), "no_proxy": "*"}
        os.mkdir(commands)
        for name, lines in STAND_INS.items():
            with open(os.path.join(commands, name), "w", encoding="ascii") as file:
                file.write("#!/bin/sh\n" + lines)
            os.chmod(file.name, 0o755)
        self.work = os.path.join(self.folder, "work")
        os.mkdir(self.work)
        self.server, self.port, self.printed = None, free_port(), ""
        self.addCleanup(self.stop_server)

    def stop_server(self):
        if self.server:
            self.server.kill()
            self.server.wait()
        self.server = None

    def start_server(self, command):
        self.stop_server()
        with open(os.path.join(self.folder, "server.log"), "ab") as log:
            self.server = subprocess.Popen("exec " + command, shell=True, cwd=self.work, env=self.environment,
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(lambda: self.server.poll() is not None or is_open(self.port))
        self.assertIsNone(self.server.poll(), command)

    def run_commands(self, commands, status=0):
        done = subprocess.run(["sh", "-e", "-c", commands], cwd=self.work, env=self.environment, timeout=LIMIT,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.assertEqual(done.returncode, status, commands + done.stdout)
        self.printed = done.stdout

    def compile_statements(self, body):
        with open(os.path.join(self.work, "statements.c"), "w", encoding="utf-8") as file:
            file.write(SURROUNDINGS + "void statements(void)\n{\n" + body + "}\n")
        self.run_commands("cc -std=c11 -Wall -Wno-unused -Werror -c statements.c $(pkg-config --cflags handfast)")

    def take(self, language, word, body):
        body = body.replace(PORT, self.port)
        if language == "c" and word:
            with open(os.path.join(self.work, word), "w", encoding="utf-8") as file:
                file.write(body)
            self.run_commands(f"cc -std=c11 -Wall -Wextra -Wpedantic -Werror -D_GNU_SOURCE -c {word} -o checked.o "
                              "$(pkg-config --cflags handfast)")
        elif language == "c":
            self.compile_statements(body)
        elif language == "text":
            for line in body.splitlines():
                self.assertIn(line, self.printed)
        elif word == "server":
            self.start_server(body)
        else:
            self.assertEqual(language, "sh")
            self.run_commands(body, status=1 if word == "fails" else 0)

    def test_guide(self):
        with open(GUIDE, encoding="utf-8") as file:
            text = file.read()
        self.assertEqual(2 * len(BLOCK.findall(text)), text.count("```"), "a block is not understood")
        for language, word, body in blocks(text):
            self.take(language, word, body)

    def test_links(self):
        with open(GUIDE, encoding="utf-8") as file:
            links = re.findall(r"\]\(([^)#]+)", file.read())
        self.assertGreater(len(links), 5)
        for link in links:
            self.assertTrue(os.path.exists(os.path.join(os.path.dirname(GUIDE), link)), link)


if __name__ == "__main__":
    GUIDE, BUILD, LIBDIR, CC = sys.argv[1:5]
    unittest.main(argv=sys.argv[:1] + sys.argv[5:])
