"""Questions, and the remembered rows that answer them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from patron.segments.memory.columns import Column, Order
from patron.segments.memory.rows import Ints, begins
from patron.segments.moments import AS_OF, AsOf, Before, Earlier, Fixed, Moment, StartOf

if TYPE_CHECKING:
    from patron.segments.memory.orders import Orders

Bools = npt.NDArray[np.bool_]
NEVER = np.iinfo(np.int64).max
LONG_AGO = np.iinfo(np.int64).min
NOTHING = np.iinfo(np.int64).min
"""Stands for a number that is not there."""


class Verdict(NamedTuple):
    """What memory says of each question.

    Attributes:
        true: The answer.
        unsure: Where memory cannot tell and `true` means nothing; None for nowhere.
    """

    true: Bools
    unsure: Bools | None = None


def either_unsure(*parts: Bools | None) -> Bools | None:
    """Where at least one of several cannot tell."""
    there = [part for part in parts if part is not None]
    return np.logical_or.reduce(there) if there else None


def settled(
    verdicts: Sequence[Verdict], ask: Callable[[list[int], Ints], Sequence[Bools]]
) -> list[Bools]:
    """The answers; what memory cannot tell is asked of the tables.

    Args:
        verdicts: What memory says of each rule.
        ask: Asks the tables about rules, by their numbers, for some of the questions, by theirs.
    """
    answers = [verdict.true for verdict in verdicts]
    unsure = {
        number: verdict.unsure
        for number, verdict in enumerate(verdicts)
        if verdict.unsure is not None and verdict.unsure.any()
    }
    if unsure:
        where = np.flatnonzero(np.logical_or.reduce(list(unsure.values())))
        for number, told in zip(unsure, ask(list(unsure), where), strict=True):
            known = answers[number].copy()
            known[where] = told
            answers[number] = np.where(unsure[number], known, answers[number])
    return answers


class Asks(ABC):
    """Questions, each about a customer as of a moment.

    Args:
        ids: The customers.
        at: The moments, in microseconds since 1970.
    """

    def __init__(self, ids: Ints, at: Ints) -> None:
        self.ids = ids
        self.at = at
        self._moments: dict[Moment, Ints] = {}

    def __len__(self) -> int:
        return len(self.ids)

    def moment(self, moment: Moment) -> Ints:
        """A moment that depends on that of the question."""
        if moment not in self._moments:
            self._moments[moment] = self._moment(moment)
        return self._moments[moment]

    @abstractmethod
    def began(self, start: Start) -> Ints:
        """When something happened that a span begins with; `NEVER` where it did not."""

    @abstractmethod
    def ranks(self, position: Column, positions: Ints) -> Ints:
        """The order of messages of one and the same moment: by source, and by message id.

        Args:
            position: Names the table that the rows lie in.
            positions: Of the messages.
        """

    def _moment(self, moment: Moment) -> Ints:
        match moment:
            case AsOf():
                return self.at
            case Fixed(moment=at):
                return np.full(len(self), micros(np.datetime64(at, "us")))
            case Before(of=of, length=length):
                return self.moment(of) - span(length)
            case Earlier(one=one, other=other):
                return np.minimum(self.moment(one), self.moment(other))
        since = self.at
        if isinstance(moment, StartOf) and moment.of == AS_OF and moment.back:
            # Counted from the start of the unit, which many questions share.
            since = self.moment(replace(moment, back=0))
        distinct, places = np.unique(since, return_inverse=True)
        moments = [moment.at(at) for at in distinct.astype("datetime64[us]").astype(object)]
        return np.array(moments, dtype="datetime64[us]").astype(np.int64)[places]


class Parted(Asks):
    """Questions that were parted, by brand for example: each part stands for its question.

    Args:
        asks: The questions.
        of: The place of the question of each part.
    """

    def __init__(self, asks: Asks, of: Ints) -> None:
        super().__init__(asks.ids[of], asks.at[of])
        self._asks = asks
        self._of = of

    def moment(self, moment: Moment) -> Ints:
        """A moment that depends on that of the question."""
        return self._asks.moment(moment)[self._of]

    def began(self, start: Start) -> Ints:
        """When something happened that a span begins with; `NEVER` where it did not."""
        return self._asks.began(start)[self._of]

    def ranks(self, position: Column, positions: Ints) -> Ints:
        """The order of messages of one and the same moment."""
        return self._asks.ranks(position, positions)


class Seen:
    """Rows of customers that were seen by the moment of the question, in the order of time.

    Args:
        ask: The question that each row answers, rising.
        at: When each happened, rising within a question.
        read: Reads a column of them.
    """

    def __init__(self, asks: Asks, ask: Ints, at: Ints, read: Callable[[Column], Any]) -> None:
        self.asks = asks
        self.ask = ask
        self.at = at
        self._read = read
        self._columns: dict[Column, Any] = {}

    def __len__(self) -> int:
        return len(self.ask)

    def column(self, column: Column) -> Any:  # noqa: ANN401 - of the type of its kind
        """What is remembered of each row."""
        if column not in self._columns:
            self._columns[column] = self._read(column)
        return self._columns[column]

    def where(self, mask: Bools) -> Seen:
        """Those rows for which something holds."""
        if mask.all():
            return self
        rows = np.flatnonzero(mask)
        return Seen(
            self.asks, self.ask[rows], self.at[rows], lambda column: self.column(column)[rows]
        )

    def regrouped(self, by: Ints) -> tuple[Seen, Ints]:
        """The rows of each question parted by a number, and the question of each part."""
        order = np.lexsort((self.at, by, self.ask))
        ask, by = self.ask[order], by[order]
        new = begins(ask, by)
        of = ask[new]
        parts = np.cumsum(new) - 1
        seen = Seen(Parted(self.asks, of), parts, self.at[order],
                    lambda column: self.column(column)[order])  # fmt: skip
        return seen, of

    @property
    def first(self) -> Ints:
        """Where the rows of each question begin that has any."""
        return np.flatnonzero(begins(self.ask))

    @property
    def last(self) -> Ints:
        """Where they end, the last one included."""
        return np.flatnonzero(begins(self.ask[::-1])[::-1])

    def count(self) -> Ints:
        """How many there are of each question."""
        return np.bincount(self.ask, minlength=len(self.asks)).astype(np.int64)

    def there(self) -> Bools:
        """Which questions have rows at all."""
        found = np.zeros(len(self.asks), dtype=bool)
        found[self.ask] = True
        return found

    def each(self, function: np.ufunc, values: Any, empty: Any) -> Any:  # noqa: ANN401
        """Values of rows brought together by question."""
        out = np.full(len(self.asks), empty, dtype=values.dtype)
        if len(self):
            first = self.first
            out[self.ask[first]] = function.reduceat(values, first)
        return out

    def earliest(self) -> Ints:
        """When the first row happened; `NEVER` where there is none."""
        return self._ends(self.first, NEVER)

    def latest(self) -> Ints:
        """When the last row happened; `LONG_AGO` where there is none."""
        return self._ends(self.last, LONG_AGO)

    def _ends(self, rows: Ints, empty: int) -> Ints:
        out = np.full(len(self.asks), empty)
        if len(self):
            out[self.ask[rows]] = self.at[rows]
        return out

    def states(self, read: Iterable[Column], order: Order, *, last: bool = True) -> Seen:
        """Of rows of one question and one moment only the one that counts.

        Args:
            read: What is asked of it: where all such rows say the same, any of them will do.
            order: Tells which of them is the later.
            last: Whether the last one counts, or the first.
        """
        new = begins(self.ask, self.at)
        if new.all():
            return self
        chosen = np.flatnonzero(new)
        state = np.cumsum(new) - 1
        differ = np.zeros(len(chosen), dtype=bool)
        for column in read:
            says = self.column(column)
            differ[state[says != says[chosen][state]]] = True
        if differ.any():
            tied = np.flatnonzero(differ[state])
            lines = np.zeros(len(tied)) if order.line is None else self.column(order.line)[tied]
            ranks = self.asks.ranks(order.position, self.column(order.position)[tied])
            by_rank = tied[np.lexsort((lines, ranks, state[tied]))]
            chosen[state[by_rank if last else by_rank[::-1]]] = by_rank if last else by_rank[::-1]
        kept = np.zeros(len(self), dtype=bool)
        kept[chosen] = True
        return self.where(kept)

    def says(self, column: Column) -> Bools:
        """What the row of each question says that has one; there is one at most."""
        found = np.zeros(len(self.asks), dtype=bool)
        found[self.ask] = self.column(column)
        return found


Within = Callable[[Seen], Bools]
"""Per row whether it lies in a span."""


@dataclass(frozen=True)
class Kept:
    """The remembered rows of a scan.

    Attributes:
        key: Equal for equal scans only.
        fits: Whether a row is one of them, whenever it happened.
        inside: Whether it happened then.
        orders: What orders follow from, where it is a scan of orders.
    """

    key: str
    fits: Column
    inside: Within
    orders: Orders | None = None


@dataclass(frozen=True)
class Start:
    """The first or the last row of a scan, which a span begins with."""

    which: Literal["first", "last"]
    kept: Kept

    @property
    def key(self) -> str:
        """Equal for equal ones only."""
        return f"{self.which} {self.kept.key}"

    def moments(self, seen: Seen) -> Ints:
        """When it happened, given the rows of the scan; `NEVER` where it did not."""
        if self.which == "first":
            return seen.earliest()
        return np.where(seen.there(), seen.latest(), NEVER)


@dataclass(frozen=True)
class Points:
    """Moments in the lives that are asked about, in order."""

    ask: Ints
    at: Ints


def latest_before(points: Points, others: Points) -> Ints:
    """For each point the place of the last of the others that is strictly earlier; -1 for none."""
    return _beside(points, others, -1)


def earliest_after(points: Points, others: Points) -> Ints:
    """For each point the place of the first of the others that is strictly later; -1 for none."""
    return _beside(points, others, 1)


def _beside(points: Points, others: Points, step: int) -> Ints:
    if not len(others.ask):
        return np.full(len(points.ask), -1)
    mine, theirs = numbered(points, others)
    if step < 0:
        places = np.searchsorted(theirs, mine, side="left") - 1
    else:
        places = np.searchsorted(theirs, mine, side="right")
    inside = (places >= 0) & (places < len(others.ask))
    places[~inside] = 0
    return np.where(inside & (others.ask[places] == points.ask), places, -1)


def numbered(*several: Points) -> list[Ints]:
    """One number for each point, which orders by question first and then by time.

    >>> some = Points(np.array([0, 1]), np.array([5, 6]))
    >>> others = Points(np.array([0]), np.array([9]))
    >>> [numbers.tolist() for numbers in numbered(some, others)]
    [[0, 6], [4]]
    """
    there = [points for points in several if len(points.ask)]
    begin = min((int(points.at.min()) for points in there), default=0)
    length = max((int(points.at.max()) for points in there), default=0) - begin + 1
    asks = max((int(points.ask.max()) for points in there), default=0) + 1
    if asks * length <= NEVER:
        return [points.ask * length + (points.at - begin) for points in several]
    # Times are long, and so far apart that only their ranks fit beside the question.
    moments = np.unique(np.concatenate([points.at for points in several]))
    return [points.ask * len(moments) + np.searchsorted(moments, points.at) for points in several]


def micros(at: np.datetime64) -> int:
    """A moment in microseconds since 1970."""
    return int(at.astype("datetime64[us]").astype(np.int64))


def span(length: timedelta) -> int:
    """A length of time in microseconds."""
    return length // timedelta(microseconds=1)
