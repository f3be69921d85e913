"""Scenarios and checks.

A scenario sets up a peer and makes checks; each check is one test, and what it claims in
docs/interop.md stands only if it passed. A scenario that breaks outside a check is one failed test.
"""
import contextlib
import dataclasses
import traceback
import typing


class Claim(typing.NamedTuple):
    """One item in a cell of docs/interop.md."""

    title: str
    row: str
    column: str
    item: str


@dataclasses.dataclass
class Result:
    name: str
    error: typing.Optional[str]
    claims: tuple


@dataclasses.dataclass
class Scenario:
    name: str
    function: typing.Callable
    arguments: tuple


_registered = []


def scenario(name, variants=None):
    """Registers a function of a Trial, once or once for each variant."""

    def register(function):
        for variant in [None] if variants is None else variants:
            _registered.append(
                Scenario(name, function, ())
                if variant is None
                else Scenario(f"{name}.{variant}", function, (variant,))
            )
        return function

    return register


def scenarios():
    return list(_registered)


def expect(condition, text):
    """An assertion that `python3 -O` keeps."""
    if not condition:
        raise AssertionError(text)


def expect_equal(got, wanted, what):
    expect(got == wanted, f"{what}: {got!r}, not {wanted!r}")


def expect_in(part, whole, what):
    expect(part in whole, f"{what}: no {part!r} in:\n{whole}")


class Trial:
    """One run of one scenario: a folder of its own, and the results so far."""

    def __init__(self, name, folder):
        self.name = name
        self.folder = folder
        self.results = []
        self.skipped = False

    def skip(self):
        """What this needs is not on this machine."""
        self.skipped = True

    @contextlib.contextmanager
    def check(self, name, *claims):
        error = None
        try:
            yield
        except Exception as problem:  # whatever goes wrong in a check is its failure
            error = str(problem) if isinstance(problem, AssertionError) else traceback.format_exc()
        self.results.append(Result(f"{self.name}: {name}", error, claims))

    def run(self, scenario_):
        try:
            scenario_.function(self, *scenario_.arguments)
        except Exception:
            self.results.append(Result(self.name, traceback.format_exc(), ()))
        if not self.results and not self.skipped:
            self.results.append(Result(self.name, "no check was made", ()))
