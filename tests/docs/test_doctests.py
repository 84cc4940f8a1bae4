"""Every example in the docstrings of the package does what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import patron

MODULES = sorted(
    found.name
    for found in pkgutil.walk_packages(patron.__path__, "patron.")
    if not found.name.endswith("__main__")
)
FINDER = doctest.DocTestFinder(exclude_empty=True)


def examples(name: str) -> list[doctest.DocTest]:
    """The docstrings of a module that have examples."""
    module = importlib.import_module(name)
    return [test for test in FINDER.find(module, name) if test.examples]


@pytest.mark.parametrize("name", ["patron", *MODULES])
def test_the_examples_of_a_module(name: str) -> None:
    for test in examples(name):
        said: list[str] = []
        result = doctest.DocTestRunner(verbose=False).run(test, out=said.append)
        assert result.failed == 0, f"{test.filename}:{test.lineno}\n{''.join(said)}"


def test_the_examples_are_found() -> None:
    names = {test.name for name in ("patron", *MODULES) for test in examples(name)}
    assert {"patron", "patron.clock.ManualClock", "patron.segments.tree.walking.encode"} <= names
