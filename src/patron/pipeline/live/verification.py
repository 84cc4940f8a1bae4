"""Recompute recorded memberships from the tables, some customers at a time, and compare.

Live membership asks given customers about the moments at which something could change. What is done
here goes the other road, the query over all customers as of one moment, so that a mistake of the
one does not hide in the other.

No step may be half-way while the two are compared, and none is held up for longer than it takes to
open a view of the tables. That view can hold what the memberships do not hold yet. Rows are left
out by their position; what still looks like a difference, after a merge for example, is asked
again, and in the end with the writer held, when nothing can come in between.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec
import numpy as np
import structlog

from patron.engines.duckdb import Cursor
from patron.errors import InputError, PatronError, StorageError
from patron.pipeline.live.rules import Live
from patron.pipeline.live.runner import Runner
from patron.segments.frames import Bulk, Relations
from patron.segments.memberships import Ints
from patron.segments.record import recorded_members
from patron.segments.rfm import LaidOut
from patron.segments.sql import members_within

SHARES = 64
"""In so many parts all customers are verified, one part at a time."""

EACH = 2_000
"""In the background so many customers, about, are verified at a time: it must not be felt."""

REST = 60.0
"""Seconds between two shares, at least."""

EASE = 20
"""And so many times the seconds that the last one took: the work stays under 5 % of one core."""

KEPT = 1_000
"""So many of the differences found are remembered."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A membership that is recorded wrongly.

    Attributes:
        segment: Its name.
        profile_id: Of whom.
        recorded: Whether the log of changes has the customer in it.
        held: Whether the memory of live membership has.
        recomputed: Whether the customer belongs there, by the tables.
        at: The moment that this holds for.
    """

    segment: str
    profile_id: int
    recorded: bool
    held: bool
    recomputed: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Verified:
    """What a share came to.

    Attributes:
        share: Which one, from 0.
        shares: Of how many.
        position: The log position that it holds for.
        at: The moment that it holds for.
        customers: How many customers were looked at.
        segments: In how many segments each.
        differences: What was recorded wrongly.
    """

    share: int
    shares: int
    position: int
    at: datetime
    customers: int
    segments: int
    differences: tuple[Difference, ...]


class Exclusively(Protocol):
    """Runs a call while nothing is written; returns what it returns."""

    def __call__(self, call: Callable[[], _Look], /) -> _Look:
        """Run it."""
        ...


@dataclass(frozen=True, slots=True)
class _Some:
    """Some of the customers, as SQL and as ids up to the newest one."""

    where: str
    values: list[Any]
    ids: Callable[[int], Ints]


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look found."""

    position: int
    at: datetime
    customers: int
    segments: int
    differences: tuple[Difference, ...]


class Verification:
    """Verifies memberships, when told to or by itself.

    Args:
        runner: Keeps the memberships.
        cursor: Makes cursors on the tables.
        exclusively: Holds the writer while a call runs.
    """

    def __init__(
        self, runner: Runner, cursor: Callable[[], Cursor], exclusively: Exclusively
    ) -> None:
        self._runner = runner
        self._new_cursor = cursor
        self._exclusively = exclusively
        self._one_at_a_time = threading.Lock()
        self._next = secrets.randbelow(SHARES)
        self._found: deque[Difference] = deque(maxlen=KEPT)
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._working: Cursor | None = None

    @property
    def found(self) -> list[Difference]:
        """The differences found since the start, newest last."""
        return list(self._found)

    def start(self, rest: float = REST) -> None:
        """Verify one share after another in the background, with rests in between."""
        self._thread = threading.Thread(
            target=self._loop, args=(rest,), name="patron-verification", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop; a verification that runs is given up."""
        self._ended.set()
        working = self._working
        if working is not None:
            working.give_up()
        if self._thread is not None:
            self._thread.join()

    def verify(self, share: int | None = None, shares: int = SHARES) -> Verified:
        """Recompute the memberships of a share of the customers.

        Args:
            share: Which one, from 0; the one whose turn it is when None.
            shares: Of how many; a customer's share is the remainder of the profile id.

        Raises:
            InputError: There is no such share.
        """
        if share is None:
            share, self._next = self._next % shares, self._next + 1
        if not 0 <= share < shares:
            raise InputError(f"share: expected 0 to {shares - 1}.", field="share")
        with self._one_at_a_time:
            began = time.perf_counter()
            look = self._settled_look(_share(share, shares))
            spent = time.perf_counter() - began
            self._runner.gauges.checked(
                look.customers * look.segments, len(look.differences), spent
            )
        self._report(look)
        return Verified(
            share, shares, look.position, look.at, look.customers, look.segments, look.differences
        )

    def _parts(self) -> int:
        """Into how many shares all customers are parted in the background."""
        with self._new_cursor() as cursor:
            return max(SHARES, int(cursor.execute("select count(*) from profiles").value()) // EACH)

    def _settled_look(self, some: _Some) -> _Look:
        """Look, and look again at what seems different, until nothing can have come between."""
        look = self._look(some, step=not self._runner.running)
        if not look.differences:
            return look
        again = self._look(_these(look), step=True, only=_segments(look))
        if again.differences:
            some, only = _these(again), _segments(again)
            again = self._exclusively(lambda: self._look(some, step=True, only=only, apart=False))
        return _Look(again.position, again.at, look.customers, look.segments, again.differences)

    def _look(
        self,
        some: _Some,
        *,
        step: bool,
        only: frozenset[str] | None = None,
        apart: bool = True,
    ) -> _Look:
        """Compare once.

        Args:
            some: Whom.
            step: Bring the memberships to the present first.
            only: The segments; None for all.
            apart: Ask a copy of the rows of these customers, which many rules share, and leave out
                what came in since the last step. Rules about others are asked of all rows anyway.
        """
        if step or self._runner.settled is None:
            self._runner.step()
        with self._new_cursor() as cursor:
            with self._runner.still() as memberships:
                at, position = memberships.at, memberships.position
                live = {
                    name: found
                    for name, found in memberships.live.items()
                    if only is None or name in only
                }
                cursor.execute("begin transaction")
                # A transaction sees what was committed before its first question.
                newest = cursor.execute("select max(profile_id) from profiles").value() or 0
                ids = some.ids(newest)
                held = {name: ids[found.members.of(ids)] for name, found in live.items()}
            if at is None:
                raise StorageError("Live membership has not begun.")
            self._working = cursor
            try:
                customers = _customers(cursor, some)
                relations = _copied(cursor, some, position) if apart else Relations.of(cursor)
                differences = _differences(cursor, live, held, some, at, relations)
            finally:
                self._working = None
                cursor.execute("rollback")
        if only is not None:
            differences = tuple(one for one in differences if one.segment in only)
        return _Look(position, at, customers, len(live), differences)

    def _report(self, look: _Look) -> None:
        log = structlog.get_logger("patron.live")
        for difference in look.differences:
            self._found.append(difference)
            log.error(
                "a membership is recorded wrongly",
                segment=difference.segment,
                profile_id=difference.profile_id,
                recorded=difference.recorded,
                held=difference.held,
                recomputed=difference.recomputed,
            )

    def _loop(self, rest: float) -> None:
        log = structlog.get_logger("patron.live")
        pause = rest
        while not self._ended.wait(pause):
            began = time.perf_counter()
            try:
                self.verify(shares=self._parts())
            except PatronError as error:
                if not self._ended.is_set():
                    log.error("verification failed, and is tried again", error=error.message)
            except Exception:
                log.exception("verification failed, and is tried again")
            pause = max(rest, EASE * (time.perf_counter() - began))


def _copied(cursor: Cursor, some: _Some, position: int) -> Relations:
    """The rows of some customers up to a position, in temporary tables of the transaction."""
    names = {}
    relations = Relations.of(cursor)
    for name, relation in msgspec.structs.asdict(relations).items():
        # Of groups; few columns, read as they are; and no relation.
        if name in {"group_traits", "profiles", "early"}:
            continue
        names[name] = f"verified_{name}"
        known = f" and position <= {position}" if name in _NUMBERED else ""
        cursor.execute(
            f"create or replace temp table verified_{name} as "
            f"select * from {relation} where {some.where}{known}",
            some.values,
        )
    return Relations(**names, early=relations.early)


_NUMBERED = ("events", "order_lines", "traits", "group_members")
"""The relations whose rows say which message they came in with."""


def _differences(
    cursor: Cursor,
    live: Mapping[str, Live],
    held: Mapping[str, Ints],
    some: _Some,
    at: datetime,
    relations: Relations,
) -> tuple[Difference, ...]:
    """Per segment, three sets of members side by side."""
    recorded = recorded_members(cursor, some.where, some.values)
    none = np.empty(0, dtype=np.int64)
    scores = LaidOut(cursor)
    found = []
    for name in sorted({*live, *recorded}):
        by_log, by_memory = recorded.get(name, none), held.get(name, none)
        right = none
        if name in live:
            right = _recomputed(cursor, live[name], some, at, relations, scores)
        wrong = np.union1d(np.setxor1d(by_log, right), np.setxor1d(by_memory, right))
        for profile_id in wrong.tolist():
            one, two, three = (profile_id in ids for ids in (by_log, by_memory, right))
            found.append(Difference(name, profile_id, one, two, three, at))
    return tuple(found)


def _recomputed(
    cursor: Cursor,
    live: Live,
    some: _Some,
    at: datetime,
    relations: Relations,
    scores: LaidOut,
) -> Ints:
    """The members of a segment among some customers, by the query over all customers."""
    if live.concerns.shared:  # it depends on other customers' rows too
        relations = Relations.of(cursor)
    sql = members_within(Bulk(at, relations, scores=scores), live.rule, live.catalogue)
    cursor.execute(f"select profile_id from ({sql}) where {some.where}", some.values)
    return np.asarray(cursor.numpy()["profile_id"], dtype=np.int64)


def _customers(cursor: Cursor, some: _Some) -> int:
    found: int = cursor.execute(
        f"select count(*) from profiles where merged_into is null and {some.where}", some.values
    ).value()
    return found


def _share(share: int, shares: int) -> _Some:
    return _Some(
        "profile_id % ? = ?", [shares, share], lambda newest: np.arange(share, newest + 1, shares)
    )


def _these(look: _Look) -> _Some:
    ids = np.unique([difference.profile_id for difference in look.differences])
    return _Some("profile_id in (select unnest(?::bigint[]))", [ids.tolist()], lambda _newest: ids)


def _segments(look: _Look) -> frozenset[str]:
    return frozenset(difference.segment for difference in look.differences)
