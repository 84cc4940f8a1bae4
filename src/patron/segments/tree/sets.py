"""Conditions on how many others hold, on a random share, and on a rank among all customers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, ClassVar, Literal

from patron.errors import told
from patron.segments import values
from patron.segments.tree.base import Inner, Node, Rule, some
from patron.segments.tree.measures import Events, MeasureName, Metric, measure

Refresh = Literal["hour", "day", "week", "month"]


class AtLeast(Node, Rule, frozen=True):
    """True when so many of the conditions are, or more.

    Attributes:
        at_least: From 1 to the number of conditions.
        of: The conditions.
    """

    at_least: int
    of: tuple[Rule, ...]

    def __post_init__(self) -> None:
        some(self.of)
        if not 1 <= self.at_least <= len(self.of):
            raise values.UnfitError(
                f"At least {self.at_least} of {len(self.of)} conditions makes no sense: "
                f"say a number from 1 to {len(self.of)}",
                told("at_least_of", most=len(self.of)),
            )

    def inner(self) -> Iterator[Inner]:
        """Each of them."""
        yield from (Inner(f"of[{index}]", part) for index, part in enumerate(self.of))


class Share(Node, Rule, frozen=True):
    """True of a random share of all customers, which always are the same ones.

    Attributes:
        share: How many of a hundred, with at most 4 digits after the point.
        seed: Another seed chooses others.
    """

    share: Any
    seed: str = ""

    def __post_init__(self) -> None:
        self.keep("share", percent(self.share))
        self.keep("seed", values.text(self.seed))


class Ranking(Metric, frozen=True):
    """The number that customers are ranked by: exactly one of the measures."""

    REFUSAL: ClassVar[str] = "Name one number to rank by"

    def measure(self) -> tuple[MeasureName, Events]:
        """The name of the measure, and what it is taken of."""
        return measure(self)


class Top(Node, Rule, frozen=True, kw_only=True):
    """True of those who came first at the latest refresh.

    Attributes:
        top: So many customers.
        top_percent: Or so many of a hundred of those who have the number at all.
        by: What they are ranked by, the highest first.
        refreshed: The ranking is that of the beginning of this hour, day, week or month.
    """

    top: int | None = None
    top_percent: Any = None
    by: Ranking
    refreshed: Refresh = "day"

    def __post_init__(self) -> None:
        if (self.top is None) == (self.top_percent is None):
            raise ValueError("Say how many are at the top: top or top_percent")
        if self.top_percent is not None:
            self.keep("top_percent", percent(self.top_percent))
        elif values.whole(self.top) == 0:
            raise ValueError("The top holds at least 1 customer")

    def inner(self) -> Iterator[Inner]:
        """The conditions on the events that are measured."""
        name, events = self.by.measure()
        yield from events.inner(f"by.{name}")


def percent(value: Any) -> values.Number:  # noqa: ANN401
    """More than 0 and at most 100, with at most 4 digits after the point.

    >>> percent(Decimal("2.50"))
    Decimal('2.5')
    """
    found = values.number(value)
    if not 0 < found <= 100 or Decimal(found) != round(Decimal(found), 4):
        raise values.UnfitError(
            f"{found} % makes no sense: say more than 0 and at most 100, with at most 4 digits "
            "after the point",
            told("no_percent", value=str(found)),
        )
    return found
