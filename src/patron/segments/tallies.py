"""How many of some sets hold a profile, and for how many brands a test holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from sqlglot import exp

from patron.segments import conditions, operators
from patron.segments.algebra import Compound, Grouped, Profiles
from patron.segments.conditions import column
from patron.segments.frames import named
from patron.segments.having import having, weight
from patron.segments.moments import AS_OF
from patron.segments.predicates import Always, Tallied, Test
from patron.segments.scans import Scan

if TYPE_CHECKING:
    from patron.segments.sql import Printer


@dataclass(frozen=True, eq=False)
class Tally(Compound):
    """The profiles in sets whose weights, added up, compare with a number.

    Nobody is in it who is in none of the sets.
    """

    parts: tuple[tuple[Profiles, int], ...]
    op: str
    value: int

    def inner(self) -> tuple[Profiles, ...]:
        """The sets."""
        return tuple(profiles for profiles, _ in self.parts)

    def holds(self, inside: Sequence[npt.NDArray[np.bool_]]) -> npt.NDArray[np.bool_]:
        """Whose weights add up to such a number."""
        weights = [weight for _, weight in self.parts]
        total = sum(
            weight * here.astype(np.int64) for weight, here in zip(weights, inside, strict=True)
        )
        return np.asarray(operators.holds(self.op, total, self.value))

    def said(self, inner: Sequence[str]) -> str:
        """What it means."""
        weights = [weight for _, weight in self.parts]
        return f"tally {sorted(zip(inner, weights, strict=True))} {self.op} {self.value}"

    def query(self, printer: Printer) -> exp.Query:
        """Its members."""
        key = column(printer.key)
        scans: dict[str, tuple[Scan, list[tuple[Test, int]]]] = {}
        parts: list[exp.Select] = []
        for profiles, times in self.parts:
            if isinstance(profiles, Grouped) and not printer.is_shared(profiles):
                scan = scans.setdefault(profiles.scan.key, (profiles.scan, []))
                scan[1].append((profiles.test, times))
            else:
                each = exp.alias_(conditions.literal(times), "weight", quoted=True)
                parts.append(exp.select(key, each).from_(named(printer.set(profiles), "found")))
        parts += [_weighed(printer, scan, tuple(tests)) for scan, tests in scans.values()]
        if not parts:
            return printer.frame.everybody(AS_OF).where(exp.false())
        together = parts[0] if len(parts) == 1 else exp.union(*parts, distinct=False, copy=False)
        total = exp.Sum(this=column("weight"))
        return (
            exp.select(key)
            .from_(named(together, "weighed"))
            .group_by(key)
            .having(conditions.compare(total, self.op, self.value))
        )


def _weighed(printer: Printer, scan: Scan, tests: tuple[tuple[Test, int], ...]) -> exp.Select:
    """The weight of everybody who has rows in a scan."""
    test = Tallied(tests, "=", 0)
    rows, alone = printer.grouped_rows(scan, test)
    total = weight(test, scan, printer, alone=alone)
    return rows.select(exp.alias_(total, "weight", quoted=True))


@dataclass(frozen=True, eq=False)
class PerBrand:
    """The profiles for which a test holds on the rows of so many brands, each taken alone.

    Nobody is in it for whom it holds for none.
    """

    scan: Scan
    test: Test
    op: str
    value: int

    def query(self, printer: Printer) -> exp.Query:
        """Its members."""
        key = column(printer.key)
        rows, alone = printer.grouped_rows(self.scan, self.test)
        rows = rows.group_by(column("brand"))
        if not isinstance(self.test, Always):
            rows = rows.having(having(self.test, self.scan, printer, alone=alone))
        brands = exp.Count(this=exp.Star())
        return (
            exp.select(key)
            .from_(named(rows, "brands"))
            .group_by(key)
            .having(conditions.compare(brands, self.op, self.value))
        )
