"""Tests on the rows of one profile: what a condition asks of the rows that it scans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from patron.segments import operators, paths
from patron.segments.metrics import PairTest
from patron.segments.moments import AS_OF, Moment
from patron.segments.patterns import PatternTest
from patron.segments.picks import PickTest


@dataclass(frozen=True)
class Always:
    """True of every profile that has a row in the scan."""

    key: str = "always"
    size: int = 1


@dataclass(frozen=True)
class TraitTest:
    """The trait's value that holds at as_of fulfils a positive operator.

    `now` and `zone` matter to operators of `operators.ABOUT_NOW` only.
    """

    path: str
    op: str
    value: Any
    now: Moment = AS_OF
    zone: str = "UTC"
    size: int = 1

    @property
    def key(self) -> str:
        """Equal for equal tests only (1 and true are not)."""
        about = f" {self.now} {self.zone}" if self.op in operators.ABOUT_NOW else ""
        return f"trait {self.path!r} {self.op} {self.value!r}{about}"


@dataclass(frozen=True)
class MeasureTest:
    """A measure of the rows compares with a number; false of no rows.

    `measure` may be ``rows`` (how many), ``events`` (how many events the lines belong to), or one
    of the property at `path`: ``sum``, ``average``, ``min``, ``max``, ``distinct``.
    """

    measure: Literal["rows", "events", "sum", "average", "min", "max", "distinct"]
    path: str | None
    op: str
    value: Any
    size: int = 1

    @property
    def key(self) -> str:
        """Equal for equal tests only."""
        return f"{self.measure} {self.path!r} {self.op} {self.value!r}"

    @property
    def zero_of_nothing(self) -> bool:
        """Whether the measure is 0 of no rows; otherwise it is missing."""
        return self.measure in ("rows", "events", "sum", "distinct")


@dataclass(frozen=True)
class Combined:
    """Several tests on the same rows: all, any, or none of them."""

    how: Literal["all", "any", "none"]
    tests: tuple[Test, ...]
    key: str
    size: int


@dataclass(frozen=True)
class Tallied:
    """The weights of those tests on the same rows that hold, added up, compare with a number."""

    tests: tuple[tuple[Test, int], ...]
    op: str
    value: int

    @property
    def key(self) -> str:
        """Equal for equal tests only."""
        weighed = ", ".join(sorted(f"{weight} x {test.key}" for test, weight in self.tests))
        return f"tally({weighed}) {self.op} {self.value}"

    @property
    def size(self) -> int:
        """How many parts it has."""
        return sum(test.size for test, _ in self.tests)


Test = Always | TraitTest | MeasureTest | PairTest | PickTest | PatternTest | Combined | Tallied


def combine(how: Literal["all", "any", "none"], tests: Iterable[Test]) -> Test:
    """Join tests on the same rows; equal ones once."""
    distinct = {test.key: test for test in tests}
    if how == "all":
        distinct.pop("always", None)
        if not distinct:
            return Always()
    if how == "any" and "always" in distinct:
        return Always()
    if len(distinct) == 1 and how != "none":
        return next(iter(distinct.values()))
    parts = tuple(distinct.values())
    key = f"{how}({', '.join(sorted(distinct))})"
    return Combined(how, parts, key, sum(part.size for part in parts))


def trait_names(test: Test) -> set[str]:
    """The traits that a test reads."""
    if isinstance(test, TraitTest):
        return {paths.split(test.path)[0]}
    if isinstance(test, Combined):
        return {name for part in test.tests for name in trait_names(part)}
    if isinstance(test, Tallied):
        return {name for part, _ in test.tests for name in trait_names(part)}
    return set()
