"""What counts for less as it ages, and what was earlier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from patron.segments import durations, values
from patron.segments.tree.base import Expression, Node
from patron.segments.tree.expressions import Taken, TakenName, expressions
from patron.segments.tree.measures import Events, one_by_one
from patron.segments.tree.windows import Last

MAX_STEPS = 50


class Worth(Node, frozen=True):
    """What something is worth from an age on.

    Attributes:
        after: The age.
        worth: Of a hundred, a whole number.
    """

    after: str
    worth: int

    def __post_init__(self) -> None:
        self.keep("after", durations.span(self.after))
        if not 0 <= self.worth <= 100:
            raise ValueError("What is worth less as it ages is worth 0 to 100 %")


class Most(Node, frozen=True):
    """How much of one unit of the calendar counts: what came first, until so much is reached.

    Attributes:
        most: More than 0.
        each: ``day``, ``week`` (from Monday), ``month``, ``quarter`` or ``year``, in the
            workspace's time zone.
    """

    most: Any
    each: str

    def __post_init__(self) -> None:
        self.keep("most", values.number(self.most))
        if self.most <= 0:
            raise ValueError("What counts of each unit of the calendar is more than 0")
        self.keep("each", durations.calendar_unit(self.each))


class Decayed(Node, Expression, frozen=True):
    """How many, or how much, where what happened long ago counts for less.

    Attributes:
        decayed: A count or a sum, of any time.
        steps: What each row is worth by its age, the youngest first; before them, it counts whole.
        at_most: What counts of each unit of the calendar, before it ages.
    """

    decayed: Expression
    steps: tuple[Worth, ...] = ()
    at_most: Most | None = None

    def __post_init__(self) -> None:
        if not (isinstance(self.decayed, Taken) and self.decayed.taken()[0] in ("count", "sum")):
            raise ValueError("Counts and sums decay, and nothing else")
        one_by_one(self.decayed.taken()[1])
        if self.decayed.taken()[1].within is not None:
            raise ValueError("What decays is of any time: say how long it counts by its steps")
        ages = [durations.duration(step.after) for step in self.steps]
        if not (len(ages) > 0 or self.at_most) or len(ages) > MAX_STEPS:
            raise ValueError(f"Name 1 to {MAX_STEPS} steps")
        if ages != sorted(set(ages)):
            raise ValueError("Steps rise: each comes after the one before it")

    @property
    def selected(self) -> tuple[TakenName, Events]:
        """What is counted or summed, and of what."""
        assert isinstance(self.decayed, Taken)  # noqa: S101 - checked when it was made
        return self.decayed.taken()

    def parts(self) -> Iterator[tuple[str, Expression]]:
        """What decays."""
        yield "decayed", self.decayed


class Earlier(Node, Expression, frozen=True):
    """The value that something had so long ago.

    Attributes:
        earlier: A number.
        by: How long ago.
    """

    earlier: Expression
    by: str

    def __post_init__(self) -> None:
        self.keep("by", durations.span(self.by))
        for _, part in expressions(self.earlier):
            if isinstance(part, Taken) and not isinstance(part.taken()[1].within, Last | None):
                raise ValueError("What was earlier is of any time, or of the last days or weeks")

    def parts(self) -> Iterator[tuple[str, Expression]]:
        """What had the value."""
        yield "earlier", self.earlier
