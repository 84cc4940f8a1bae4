"""Sets of profiles: those whose rows fulfil a test, those on a list, and what is made of others.

Every set prints itself as SQL; those that take more than a few lines have modules of their own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from patron.segments import conditions
from patron.segments.conditions import column
from patron.segments.frames import Bulk, named, table
from patron.segments.having import having
from patron.segments.moments import Moment
from patron.segments.picks import PickTest
from patron.segments.predicates import Always, MeasureTest, Test
from patron.segments.scans import Scan

if TYPE_CHECKING:
    from patron.segments.sql import Printer


Bools = npt.NDArray[np.bool_]


class Profiles(Protocol):
    """A set of profiles."""

    def query(self, printer: Printer) -> exp.Query:
        """Its members: the printer's key, once for each."""


class Signed(NamedTuple):
    """A set, or when `complement` everybody of the universe but that set."""

    profiles: Profiles
    complement: bool = False

    def flipped(self) -> Signed:
        """Everybody else."""
        return Signed(self.profiles, not self.complement)


@dataclass(frozen=True, eq=False)
class Grouped:
    """The profiles whose rows of a scan fulfil a test. Nobody without rows is in it."""

    scan: Scan
    test: Test

    def query(self, printer: Printer) -> exp.Query:
        """Its members."""
        if isinstance(printer.frame, Bulk):
            match self.test:
                case PickTest():
                    return self.test.of(self.scan).query(printer)
                case MeasureTest(measure="distinct"):
                    return _different(printer, self.scan, self.test)
        query, alone = printer.grouped_rows(self.scan, self.test)
        if isinstance(self.test, Always):
            return query
        return query.having(having(self.test, self.scan, printer, alone=alone), copy=False)


def _different(printer: Printer, scan: Scan, test: MeasureTest) -> exp.Query:
    """Those with so many different values: grouped twice, which is faster than COUNT(DISTINCT)."""
    key, identity = column(printer.key), column("identity")
    values = printer.rows(scan).select(
        exp.alias_(scan.value(test.path or "").identity(), "identity", quoted=True)
    )
    different = exp.select(key, identity).from_(named(values, "values"))
    different = different.group_by(key, identity)
    query = exp.select(key).from_(named(different, "different")).group_by(key)
    return query.having(conditions.compare(exp.Count(this=identity), test.op, test.value))


@dataclass(frozen=True, eq=False)
class Listed:
    """The people of a static list, of those who were seen by then."""

    name: str
    upto: Moment

    def query(self, printer: Printer) -> exp.Query:
        """Its members."""
        key = exp.to_identifier(printer.key)
        entries = exp.select(column("type"), column("value")).from_(table("list_members"))
        entries = entries.where(
            exp.EQ(this=column("list"), expression=exp.Literal.string(self.name))
        )
        pair = (exp.to_identifier("type"), exp.to_identifier("value"))
        members = printer.frame.rows("identifiers").distinct()
        members = members.join(named(entries, "entries"), using=pair, join_type="semi")
        seen = exp.select(column(printer.key)).from_(named(members, "listed"))
        everybody = named(printer.frame.everybody(self.upto), "everybody")
        return seen.join(everybody, using=[key], join_type="semi")


# ── sets made of others ──


class Compound(ABC):
    """A set that is made of others."""

    @abstractmethod
    def inner(self) -> tuple[Profiles, ...]:
        """The sets that it is made of."""

    @abstractmethod
    def holds(self, inside: Sequence[Bools]) -> Bools:
        """Who is in it, by who is in each of the sets that it is made of."""

    @abstractmethod
    def said(self, inner: Sequence[str]) -> str:
        """What it means, by what the sets mean that it is made of."""

    @abstractmethod
    def query(self, printer: Printer) -> exp.Query:
        """Its members."""


@dataclass(frozen=True, eq=False)
class Meet(Compound):
    """Those in every one of `inside` and in none of `outside`; `inside` is not empty."""

    inside: tuple[Profiles, ...]
    outside: tuple[Profiles, ...]

    def inner(self) -> tuple[Profiles, ...]:
        """The sets that it is made of."""
        return (*self.inside, *self.outside)

    def holds(self, inside: Sequence[Bools]) -> Bools:
        """Those in all of the first sets and in none of the others."""
        kept = len(self.inside)
        together: Bools = np.logical_and.reduce(
            [*inside[:kept], *(~away for away in inside[kept:])]
        )
        return together

    def said(self, inner: Sequence[str]) -> str:
        """What it means."""
        kept = len(self.inside)
        return f"all {sorted(inner[:kept])} and none {sorted(inner[kept:])}"

    def query(self, printer: Printer) -> exp.Query:
        """Its members."""
        query = exp.select(column(printer.key)).from_(named(printer.set(self.inside[0]), "first"))
        for number, part in enumerate(self.inside[1:], 1):
            query = printer.joined(query, "semi", part, f"with_{number}")
        for number, part in enumerate(self.outside, 1):
            query = printer.joined(query, "anti", part, f"without_{number}")
        return query


@dataclass(frozen=True, eq=False)
class Union(Compound):
    """Those in at least one of two or more sets."""

    parts: tuple[Profiles, ...]

    def inner(self) -> tuple[Profiles, ...]:
        """The sets that it is made of."""
        return self.parts

    def holds(self, inside: Sequence[Bools]) -> Bools:
        """Those in any of the sets."""
        together: Bools = np.logical_or.reduce(list(inside))
        return together

    def said(self, inner: Sequence[str]) -> str:
        """What it means."""
        return f"any {sorted(inner)}"

    def query(self, printer: Printer) -> exp.Query:
        """Its members."""
        return exp.union(*(printer.set(part) for part in self.parts), copy=False)


def used_twice(profiles: Profiles) -> list[Profiles]:
    """The sets that stand in a plan more than once, those that others hold first."""
    uses: Counter[int] = Counter()
    inner_first: list[Profiles] = []

    def visit(current: Profiles) -> None:
        uses[id(current)] += 1
        if uses[id(current)] > 1:
            return
        for part in inner(current):
            visit(part)
        inner_first.append(current)

    visit(profiles)
    return [current for current in inner_first if uses[id(current)] > 1]


def leaves(profiles: Profiles) -> list[Profiles]:
    """The sets of a plan that are made of no others."""
    return [leaf for part in inner(profiles) for leaf in leaves(part)] or [profiles]


def inner(profiles: Profiles) -> tuple[Profiles, ...]:
    """The sets that one is made of; none, if it is answered by itself."""
    return profiles.inner() if isinstance(profiles, Compound) else ()
