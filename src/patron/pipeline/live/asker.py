"""Asks rules about customers, and notes what the answers change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

import numpy as np

from patron.engines.duckdb import Cursor
from patron.pipeline.live.ahead import Ahead
from patron.pipeline.live.rules import Live
from patron.pipeline.live.state import State
from patron.pipeline.live.touched import Touched
from patron.segments import query
from patron.segments.asked import Asking
from patron.segments.frames import Relations
from patron.segments.memberships import (
    Bools,
    Ints,
    Members,
    Moments,
    Occasions,
    Reason,
    Transitions,
    compare,
    replace,
)
from patron.segments.memory.batch import Verdict, micros, settled
from patron.segments.memory.histories import Batch
from patron.segments.rankings import Ranked
from patron.segments.rfm import RfmScored

QUESTIONS = 10_000
"""So many questions are answered at a time: bounds the memory of one step."""

ROWS = 2_000_000
"""And questions about so many rows: those of a customer are laid out for each question anew."""

FEW = 8
"""So few rules are asked of everybody by a query each; more share one pass through memory."""

PROBED = 1_000
"""About so many customers tell whether memory can answer a rule."""

UNSURE = 0.05
"""It can when the tables have to be asked about so few of them at most."""


class Asker:
    """Asks rules within one step, as of the moments that the step passes.

    Args:
        state: Whose members follow the answers.
        cursor: Inside the transaction of the step.
        relations: The tables to read.
        now: The moment that the step reaches.

    Attributes:
        asked: How many questions were answered, each about a customer as of a moment.
        changes: How many entries and exits came of it.
    """

    def __init__(self, state: State, cursor: Cursor, relations: Relations, now: datetime) -> None:
        self._state = state
        self._cursor = cursor
        self._relations = relations
        self._now = now
        self.asked = 0
        self.changes = 0

    def some(
        self,
        rules: Sequence[Live],
        ids: Ints,
        at: Moments,
        data: Bools,
        touched: Touched | None = None,
    ) -> None:
        """Ask about given customers.

        Args:
            rules: What to ask.
            ids: Whom each question is about; those about one customer stand side by side.
            at: As of when; rising for each customer.
            data: Whether something came in about the customer; the others are asked because of the
                clock.
            touched: Says about whom the answers can have changed; None: about all.
        """
        for part in self._parts(ids):
            some, when = ids[part], at[part]
            self.asked += len(some)
            stands, answers = self._answers(rules, some, when, touched)
            occasions = Occasions.of(some, when, data[part])
            compare(self._state.seen, occasions, stands)
            for live, inside in zip(rules, answers, strict=True):
                self._record(live, compare(live.members, occasions, inside))

    def everybody(
        self,
        rules: Sequence[Live],
        as_of: datetime,
        reason: Reason,
        *,
        filled: frozenset[str] = frozenset(),
    ) -> None:
        """Ask about all customers as of a moment.

        Args:
            rules: What to ask.
            as_of: The moment.
            reason: Why the answers can have changed.
            filled: Names of segments that are new: that somebody is in them is no entry.
        """
        together = [live for live in rules if not live.concerns.shared]
        ids = self._standing(as_of) if len(together) > FEW else _NOBODY
        remembered = self._remembered(together, ids, as_of) if len(together) > FEW else []
        for live in rules:
            if live not in remembered:
                self._replace(live, self._by_query(live, as_of), as_of, reason, filled)
        if remembered:
            answers = self._inside(remembered, ids, as_of)
            for live, inside in zip(remembered, answers, strict=True):
                self._replace(live, ids[inside], as_of, reason, filled)

    def turn(self, rules: Sequence[Live], stop: datetime) -> None:
        """Ask about all customers as of a turn of the calendar; answers may be ready for it."""
        ahead = self._state.ahead
        if ahead is not None and ahead.stop == stop:
            ids = self._standing(stop)
            for live, inside in zip(ahead.rules, ahead.answers(self._inside, ids), strict=True):
                self._replace(live, ids[inside], stop, "time")
            rules = [live for live in rules if live not in ahead.rules]
        self.everybody(rules, stop, "time")

    def look_ahead(self, stop: datetime) -> None:
        """Make some answers ready for the next turn of the calendar."""
        state = self._state
        if state.ahead is None or state.ahead.stop != stop:
            ids = self._standing(stop)
            rules = [
                live
                for live in state.live.values()
                if live.turns_at(stop) and not (live.concerns.recorded or live.concerns.shared)
            ]
            state.ahead = Ahead(stop, self._remembered(rules, ids, stop), ids, self._now)
        state.ahead.work(self._inside, self._now)

    def let_go(self, gone: Ints) -> None:
        """Profiles that were merged away leave; that is no doing of theirs."""
        if not len(gone):
            return
        self._state.seen.set(gone, False)
        for live in self._state.live.values():
            inside = gone[live.members.of(gone)]
            live.members.set(inside, False)
            self._leave(live.name, live.version, inside, "merged")

    def dissolve(self, name: str, version: int, members: Members) -> None:
        """All leave a segment that is kept no longer."""
        self._leave(name, version, members.ids(), "definition")

    def _leave(self, name: str, version: int, ids: Ints, reason: Reason) -> None:
        left = replace(Members(ids), _NOBODY, self._now, reason)
        self.changes += self._state.log.add(name, version, left)

    def _replace(
        self,
        live: Live,
        wanted: Ints,
        as_of: datetime,
        reason: Reason,
        filled: frozenset[str] = frozenset(),
    ) -> None:
        first_fill = live.name in filled
        self._record(live, replace(live.members, wanted, as_of, reason), first_fill=first_fill)
        self._state.log.write_fills(self._cursor, self._now)

    def _record(self, live: Live, changes: Transitions, *, first_fill: bool = False) -> None:
        self.changes += self._state.log.add(live.name, live.version, changes, first_fill=first_fill)

    # ── what the answers come from ──

    def _parts(self, ids: Ints) -> Iterator[slice]:
        return parts(self._state.memory.sizes(ids))

    def _answers(
        self, rules: Sequence[Live], ids: Ints, at: Moments, touched: Touched | None = None
    ) -> tuple[Bools, list[Bools]]:
        """Who stands, and the answers of each rule; the tables tell what memory cannot."""
        batch = self._batch(ids, at)
        verdicts = [self._state.answers.answer(live.plan, batch) for live in rules]
        if touched is not None:
            verdicts = [
                _as_before(live, ids, verdict, touched)
                for live, verdict in zip(rules, verdicts, strict=True)
            ]
        return batch.stands, settled(verdicts, partial(self._ask_tables, rules, ids, at))

    def _ask_tables(
        self, rules: Sequence[Live], ids: Ints, at: Moments, numbers: list[int], where: Ints
    ) -> list[Bools]:
        """What the tables say of some rules, about some of the questions."""
        questions = [rules[number].question for number in numbers]
        asking = Asking(self._cursor)
        asking.gather(ids[where], at[where], questions)
        return asking.answers(questions)

    def _inside(self, rules: Sequence[Live], ids: Ints, as_of: datetime) -> list[Bools]:
        """The answers about customers as of one moment, each rule for itself."""
        answers = [np.zeros(len(ids), dtype=bool) for _ in rules]
        for part in self._parts(ids):
            some = ids[part]
            _, found = self._answers(rules, some, np.full(len(some), np.datetime64(as_of, "us")))
            for inside, one in zip(answers, found, strict=True):
                inside[part] = one
        return answers

    def _remembered(self, rules: Sequence[Live], ids: Ints, as_of: datetime) -> list[Live]:
        """The rules that memory answers about nearly everybody."""
        some = ids[:: len(ids) // PROBED + 1]
        at = np.full(len(some), np.datetime64(as_of, "us"))
        batch = self._batch(some, at)
        found = []
        for live in rules:
            unsure = self._state.answers.answer(live.plan, batch).unsure
            if unsure is None or np.count_nonzero(unsure) <= UNSURE * len(some):
                found.append(live)
        return found

    def _batch(self, ids: Ints, at: Moments) -> Batch:
        state = self._state
        return state.memory.batch(self._cursor, self._relations, ids, at, state.sightings)

    def _standing(self, as_of: datetime) -> Ints:
        return self._state.sightings.all_before(self._cursor, micros(np.datetime64(as_of, "us")))

    def _by_query(self, live: Live, as_of: datetime) -> Ints:
        match live.plan:
            case (Ranked(ranking=RfmScored() as scored, made_for=made_for), False):
                # The groups of one set of scores are read from it together.
                at = np.datetime64(made_for.at(as_of), "us")
                return self._state.memory.ranked(self._cursor, scored, at)
        sql = query.members_sql(self._cursor, live.rule, as_of=as_of, catalogue=live.catalogue)
        self._cursor.execute(sql)
        return np.asarray(self._cursor.numpy()["profile_id"], dtype=np.int64)


def _as_before(live: Live, ids: Ints, verdict: Verdict, touched: Touched) -> Verdict:
    """What memory cannot tell is as it was, about those whom nothing can have changed for."""
    if verdict.unsure is None or not verdict.unsure.any():
        return verdict
    same = verdict.unsure & ~touched.among(live, ids)
    if not same.any():
        return verdict
    return Verdict(np.where(same, live.members.of(ids), verdict.true), verdict.unsure & ~same)


def parts(sizes: Ints) -> Iterator[slice]:
    """Occasions in parts that fit memory, given how many rows each is about.

    >>> list(parts(np.array([4, ROWS, 5, 5])))
    [slice(0, 1, None), slice(1, 2, None), slice(2, 4, None)]
    """
    upto = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = upto[start - 1] if start else 0
        fits = int(np.searchsorted(upto, before + ROWS, side="right"))
        end = max(start + 1, min(fits, start + QUESTIONS))
        yield slice(start, end)
        start = end


_NOBODY: Ints = np.empty(0, dtype=np.int64)
