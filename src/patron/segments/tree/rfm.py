"""Scores by recency, frequency and monetary value, from 1 to 5, among all who have them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import product
from typing import ClassVar, Literal

from patron.segments import values
from patron.segments.tree.base import Expression, Inner, Node, Rule
from patron.segments.tree.measures import Amounts
from patron.segments.tree.sets import Refresh

Taking = Literal["recency", "frequency", "monetary", "group"]

CELLS = tuple(f"{r}{f}{m}" for r in range(1, 6) for f in range(1, 6) for m in range(1, 6))
"""All combinations of the three scores: the digits of recency, frequency, monetary value."""

_PATTERN = re.compile(r"[1-5*]{3}")


class Rfm(Node, Rule, frozen=True, rename={"among": "in"}):
    """True of those whose three scores, at the latest refresh, are among some.

    Attributes:
        rfm: The events that are scored: how recent the last one is, how many there are, and the
            sum of the property.
        among: JSON key ``in``. Cells such as ``554``; ``*`` stands for every score.
        refreshed: The scores are those of the beginning of this hour, day, week or month.
    """

    rfm: Amounts
    among: tuple[str, ...]
    refreshed: Refresh = "day"

    def __post_init__(self) -> None:
        if not self.among:
            raise ValueError("Name at least one combination of scores")
        for pattern in self.among:
            if not _PATTERN.fullmatch(pattern):
                raise ValueError(
                    f"{pattern!r} is no combination of scores: say three digits from 1 to 5 for "
                    "recency, frequency and monetary value, * for any"
                )

    def inner(self) -> Iterator[Inner]:
        """The conditions on the events that are scored."""
        yield from self.rfm.inner("rfm")

    def cells(self) -> frozenset[str]:
        """The cells, written out."""
        known = dict(_patterns())
        return frozenset().union(*(known[one] for one in self.among))


def fits(cell: str, pattern: str) -> bool:
    """Whether a cell is one of those that a pattern names.

    >>> fits("543", "5*3"), fits("543", "5*4")
    (True, False)
    """
    return all(wanted in ("*", digit) for digit, wanted in zip(cell, pattern, strict=True))


def value_score(cell: str) -> int:
    """The mean of the scores of frequency and monetary value, half down."""
    return (int(cell[1]) + int(cell[2])) // 2


class RfmGroup(Node, frozen=True):
    """A group of customers by their scores: each range has two ends, both included.

    Attributes:
        group: Its name. Several ranges may make up one group.
        recency: From which score to which.
        value: Likewise of the mean of frequency and monetary value, half down.
        frequency: Likewise.
        monetary: Likewise.
    """

    group: str
    recency: tuple[int, int] = (1, 5)
    value: tuple[int, int] = (1, 5)
    frequency: tuple[int, int] = (1, 5)
    monetary: tuple[int, int] = (1, 5)

    def __post_init__(self) -> None:
        self.keep("group", values.name(self.group))
        for low, high in (self.recency, self.value, self.frequency, self.monetary):
            if not 1 <= low <= high <= 5:
                raise ValueError("A range of scores is [low, high], from 1 to 5")

    def holds(self, cell: str) -> bool:
        """Whether a customer with these scores is in the group."""
        scores = (int(cell[0]), value_score(cell), int(cell[1]), int(cell[2]))
        ranges = (self.recency, self.value, self.frequency, self.monetary)
        return all(low <= score <= high for score, (low, high) in zip(scores, ranges, strict=True))


class RfmScore(Node, Expression, frozen=True):
    """One of the scores at the latest refresh, or the group that they make together.

    Attributes:
        rfm: The events that are scored, as of `Rfm`.
        take: Which.
        groups: The first that fits counts; for ``group`` only.
        refreshed: As of `Rfm`.
    """

    NUMBER: ClassVar[bool] = False
    rfm: Amounts
    take: Taking
    groups: tuple[RfmGroup, ...] = ()
    refreshed: Refresh = "day"

    def __post_init__(self) -> None:
        if (self.take == "group") != bool(self.groups):
            raise ValueError("Groups are named for take: group, and only then")

    def of(self, cell: str) -> str | int | None:
        """The value of a customer with these scores."""
        if self.take == "group":
            return next((one.group for one in self.groups if one.holds(cell)), None)
        return int(cell[("recency", "frequency", "monetary").index(self.take)])

    def being(self, cells: Iterable[str]) -> Rfm:
        """The condition that the scores are among some; there is at least one."""
        return Rfm(self.rfm, shortened(frozenset(cells)), self.refreshed)


@cache
def shortened(cells: frozenset[str]) -> tuple[str, ...]:
    """The same cells with fewer words, sorted.

    >>> shortened(frozenset(cell for cell in CELLS if cell[0] == "4"))
    ('4**',)
    """
    left = set(cells)
    found = []
    for pattern, own in _patterns():
        if own <= cells and own & left:
            found.append(pattern)
            left -= own
    return tuple(sorted(found))


@cache
def _patterns() -> list[tuple[str, frozenset[str]]]:
    """All patterns with their cells, those of the most cells first."""
    every = map("".join, product("*12345", repeat=3))
    return [
        (pattern, frozenset(cell for cell in CELLS if fits(cell, pattern)))
        for pattern in sorted(every, key=lambda one: (-one.count("*"), one))
    ]
