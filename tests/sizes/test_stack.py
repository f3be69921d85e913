#!/usr/bin/env python3
"""stack.py must find the deepest way down and refuse what has no bound: test_stack.py CC"""

import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
USE = "void use(void *bytes); "
LEAF = USE + "__attribute__((noinline)) void leaf(void) { char b[400]; use(b); } "


class Stack(unittest.TestCase):
    def run_on(self, source, *roots):
        """stack.py on one source; what it prints as a dictionary, or its complaint."""
        with tempfile.TemporaryDirectory() as top:
            folder = pathlib.Path(top) / "objects/part"
            folder.mkdir(parents=True)
            (pathlib.Path(top) / "part").mkdir()
            (pathlib.Path(top) / "part/code.c").write_text(source)
            subprocess.run([CC, "-Os", "-fno-stack-protector", "-fcallgraph-info=su", "-c", "part/code.c",
                            "-o", folder / "code.c.o"], check=True, cwd=top)
            done = subprocess.run([sys.executable, HERE / "stack.py", "objects", *(roots or ["part"])], cwd=top,
                                  capture_output=True, text=True)
        if done.returncode != 0:
            return done.stderr
        return {name: int(size) for name, size in (line.split() for line in done.stdout.splitlines())}

    def test_the_deepest_way_counts(self):
        found = self.run_on(LEAF + "void top(int n) { char b[1000]; use(b); if (n) leaf(); use(b); } "
                            "void other(void) { char b[100]; leaf(); use(b); }", "leaf", "top", "other", "part")
        self.assertTrue(400 <= found["leaf"] < 500, found)
        self.assertTrue(found["leaf"] + 1000 <= found["top"] < found["leaf"] + 1100, found)
        self.assertTrue(found["leaf"] + 100 <= found["other"] < found["leaf"] + 200, found)
        self.assertEqual(found["part"], found["top"])

    def test_part_of_a_function_counts(self):
        """GCC parts a function that is often left early from what it does otherwise."""
        found = self.run_on(
            USE + "static int most(const int *n) { if (!n) return 0; char b[600]; use(b); return b[*n]; } "
            "int one(const int *n) { return most(n) + 1; } int other(const int *n) { return most(n) + 2; }", "one")
        self.assertTrue(found["one"] >= 600, found)

    def test_recursion_has_no_bound(self):
        self.assertIn("recursion", self.run_on(
            USE + "void b(int n); void a(int n) { use(&n); if (n) b(n - 1); use(&n); } "
            "void b(int n) { use(&n); a(n); use(&n); }"))

    def test_neither_has_a_frame_of_any_size(self):
        self.assertIn("without a bound", self.run_on(USE + "void a(int n) { char b[n]; use(b); }"))

    def test_nor_a_call_to_whom_it_may_concern(self):
        self.assertIn("whom does this reach", self.run_on("void a(int (*f)(void)) { f(); f(); }"))

    def test_nor_a_function_that_others_call(self):
        self.assertIn("who calls this", self.run_on(
            USE + "static void a(void) { char b[100]; use(b); } void *give(void) { return (void *)a; }"))


if __name__ == "__main__":
    CC = sys.argv.pop(1)
    unittest.main()
