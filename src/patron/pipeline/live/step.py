"""One step of live membership: from one moment and log position to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from patron.engines.duckdb import Cursor
from patron.pipeline.book import Book
from patron.pipeline.live.ahead import LEAD
from patron.pipeline.live.asker import Asker
from patron.pipeline.live.defining import define, take_up
from patron.pipeline.live.news import Heard, News, note_sightings, pass_over, read_news
from patron.pipeline.live.rules import Live
from patron.pipeline.live.state import State
from patron.pipeline.live.touched import EVERY_RULE, Touched
from patron.segments.concerns import NOTHING
from patron.segments.horizon import Due, Horizon, none_due, together
from patron.segments.memberships import Ints, Moments, Reason
from patron.segments.memory.batch import Bools
from patron.segments.memory.rows import begins
from patron.segments.moments import start_of


@dataclass(frozen=True, slots=True)
class Advance:
    """What one step did.

    Attributes:
        position: The log position that memberships hold for.
        at: The moment that they hold for.
        changes: How many entries and exits were recorded.
        asked: How many questions were answered, each about a customer as of a moment.
    """

    position: int
    at: datetime
    changes: int
    asked: int


class Step:
    """One step, within a transaction.

    Args:
        state: Is changed; of no use any more when the step raises.
        cursor: Inside the transaction.
        book: The definitions that hold.
        heard: What the transaction sees that the last step did not.
        position: The log position to reach at least.
        now: The moment to reach.
    """

    def __init__(
        self,
        state: State,
        cursor: Cursor,
        book: Book,
        heard: Heard,
        *,
        position: int,
        now: datetime,
    ) -> None:
        self._state = state
        self._cursor = cursor
        self._book = book
        # What the transaction sees is taken in whole: a profile without its rows would be taken for
        # one to whom nothing has happened.
        self._position = max(position, heard.position)
        self._heard = heard
        self._now = now
        self._at = np.datetime64(now, "us")
        self._restarted = False
        self._relations = heard.relations
        self._asker = Asker(state, cursor, self._relations, now)
        self._first = state.at is None

    def run(self) -> Advance:
        """All of it: first what happened, under the rules that held; then what rules hold now."""
        state = self._state
        note_sightings(state, self._heard)
        if state.book is None:
            take_up(state, self._cursor, self._book)
            self._restarted = True
        if state.live:
            self._follow_all()
        else:
            pass_over(state, self._heard, self._position)
        if state.book is not self._book:
            define(
                state, self._cursor, self._relations, self._book, self._asker,
                position=self._position, now=self._now,
            )  # fmt: skip
            self._follow()
        self._look_ahead()
        self._remember()
        return Advance(state.position, self._now, self._asker.changes, self._asker.asked)

    def _follow_all(self) -> None:
        """Ask the rules that hold about those of whom something came in or came due."""
        state = self._state
        began = state.at or self._now
        if state.horizon is None:
            edges = {edge for live in state.live.values() for edge in live.concerns.edges}
            state.horizon = Horizon(sorted(edges, key=repr), began)
        news = read_news(
            state, self._cursor, self._heard, state.horizon,
            position=self._position, now=self._now,
        )  # fmt: skip
        if any(news.concern_all(live, self._now) for live in state.live.values()):
            state.memory.forget_rankings()
        if state.ahead is not None:
            state.ahead.touch(news.profile_ids)
        self._asker.let_go(news.gone)
        state.horizon.reach(self._cursor, self._relations, self._now)
        appearing = self._appearing(news)
        for stop in sorted({*self._turns(began), *self._shared(state.horizon, news)}):
            here = appearing.at <= np.datetime64(stop, "us")
            due = together([appearing.take(here), state.horizon.pop(stop)])
            self._ask(due, News(), stop, "time")
            appearing = appearing.take(~here)
            self._turn(stop)
        due = self._without_fresh(state.horizon.pop(self._now), state.horizon, news)
        self._ask(together([appearing, due]), news, self._now, "data")
        self._follow()

    def _without_fresh(self, due: Due, horizon: Horizon, news: News) -> Due:
        """Rows that came in just now count from now on, and not from when they happened.

        After a start they are made up for in order instead.
        """
        if self._restarted or not len(news.profile_ids):
            return due
        at_once = np.array([edge.length == NOTHING for edge in horizon.edges], dtype=bool)
        own = _among(due.profile_id, news.profile_ids) & at_once[due.edge]
        return Due(due.profile_id, np.where(own, self._at, due.at), due.edge)

    # ── what happened ──

    def _appearing(self, news: News) -> Due:
        """Profiles that are seen from some moment since the last step on."""
        state = self._state
        if not len(state.future):
            return none_due()
        self._cursor.execute(
            "select profile_id, first_seen_at from profiles where merged_into is null "
            "and profile_id in (select unnest(?))",
            [state.future.tolist()],
        )
        columns = self._cursor.numpy()
        ids = np.asarray(columns["profile_id"], dtype=np.int64)
        at = np.asarray(columns["first_seen_at"], dtype="datetime64[us]")
        state.future = np.sort(ids[at > self._at])
        # What was seen before the last step and is only known now counts from now on.
        late = at <= np.datetime64(state.at or self._now, "us")
        if not self._restarted:
            late |= (at <= self._at) & np.isin(ids, news.profile_ids)
        at = np.where(late, self._at, at)
        here = at <= self._at
        return Due(ids[here], at[here], np.full(int(here.sum()), EVERY_RULE))

    def _turns(self, began: datetime) -> set[datetime]:
        """The turns of the calendar since the last step."""
        stops = set()
        for turn in self._state.turns:
            stop = start_of(began, turn.unit, -1, turn.zone)
            while stop <= self._now:
                stops.add(stop)
                stop = start_of(stop, turn.unit, -1, turn.zone)
        return stops

    def _look_ahead(self) -> None:
        """Make ready for the next turn of the calendar, when it is near."""
        state = self._state
        upcoming = min((start_of(self._now, turn.unit, -1, turn.zone) for turn in state.turns),
                       default=None)  # fmt: skip
        if upcoming is not None and upcoming - self._now <= LEAD:
            self._asker.look_ahead(upcoming)
        else:
            state.ahead = None

    def _shared(self, horizon: Horizon, news: News) -> set[datetime]:
        """When something came due that answers about everybody rest on."""
        names = {
            event
            for live in self._state.live.values()
            for event, turn in live.concerns.shared
            if turn is None
        }
        if not names:
            return set()
        due = self._without_fresh(horizon.known(self._now), horizon, news)
        shared = np.array([edge.name in names for edge in horizon.edges], dtype=bool)
        moments: set[datetime] = set(due.at[shared[due.edge]].astype(object).tolist())
        return moments - {self._now}

    # ── asking ──

    def _turn(self, stop: datetime) -> None:
        """Ask everybody, as of the start of a unit of the calendar, the rules that look at it."""
        rules = [live for live in self._state.live.values() if live.turns_at(stop)]
        self._asker.turn(rules, stop)

    def _ask(self, due: Due, news: News, upto: datetime, reason: Reason) -> None:
        """Ask about those for whom something came due or came in.

        Args:
            due: What came due.
            news: What came in.
            upto: The moment that is reached.
            reason: Why the answers about everybody else can change at that moment.
        """
        ids = np.r_[due.profile_id, news.profile_ids]
        if not len(ids):
            return
        at = np.r_[due.at, np.full(len(news.profile_ids), self._at)]
        rules = self._concerned(due, news)
        about_all = [live for live in self._state.live.values()
                     if self._concerns_all(live, due, news)]  # fmt: skip
        if about_all:
            self._state.memory.forget_rankings()
        touched = Touched(due, news, self._state.horizon, self._state.seen)
        self._ask_some(*_distinct(ids, at), rules, news.profile_ids, touched)
        self._asker.everybody(about_all, upto, reason)

    def _concerns_all(self, live: Live, due: Due, news: News) -> bool:
        """Whether what happened can change the answers about others than whom it is about."""
        horizon = self._state.horizon
        numbers = np.unique(due.edge[due.edge != EVERY_RULE]).tolist()
        edges = {horizon.edges[number].name for number in numbers} if horizon else set()
        if any(turn is None and event in edges for event, turn in live.concerns.shared):
            return True
        return news.concern_all(live, self._now)

    def _follow(self) -> None:
        """Ask the rules that rest on what was recorded just now, until nothing more is recorded."""
        state = self._state
        wanted = {name for live in state.live.values() for name in live.concerns.recorded}
        while changed := [some for some in state.log.waiting if some[0] in wanted]:
            for name, changes in changed:
                ids, at = changes.profile_id, changes.changed_at.astype("datetime64[us]")
                called = np.full(len(ids), name, dtype=object)
                if state.horizon is not None:
                    state.horizon.landed("membership_changes", called, ids, at, self._now)
            state.log.write(self._cursor, self._now)
            state.memory.read_changes(self._cursor, self._relations, state.log)
            names = {name for name, _ in changed}
            ids = np.unique(np.concatenate([changes.profile_id for _, changes in changed]))
            rules = [live for live in state.live.values() if names & live.concerns.recorded]
            self._ask_some(ids, np.full(len(ids), self._at), rules, ids)

    def _concerned(self, due: Due, news: News) -> list[Live]:
        """The rules that have to be asked."""
        rules = list(self._state.live.values())
        horizon = self._state.horizon
        numbers = set(np.unique(due.edge).tolist())
        new = not self._state.seen.of(news.profile_ids).all()
        if new or len(news.merged) or EVERY_RULE in numbers or horizon is None:
            return rules
        edges = {horizon.edges[number] for number in numbers}
        return [live for live in rules if edges & live.concerns.edges or news.concern(live)]

    def _ask_some(
        self,
        ids: Ints,
        at: Moments,
        rules: Sequence[Live],
        fresh: Ints,
        touched: Touched | None = None,
    ) -> None:
        """Ask about given customers; of those that are fresh something came in just now."""
        self._asker.some(rules, ids, at, (at == self._at) & _among(ids, fresh), touched)

    # ── what is kept ──

    def _remember(self) -> None:
        state = self._state
        state.log.write(self._cursor, self._now)
        state.position, state.at = max(self._position, state.position), self._now
        if self._first:
            self._cursor.execute("insert into live_progress values (0, 0, 0, 0, ?)", [state.at])
        self._cursor.execute(
            "update live_progress set position = ?, merge_id = ?, profile_id = ?, "
            "identifier_id = ?, at_moment = ?",
            list(state.progress),
        )


def _among(ids: Ints, some: Ints) -> Bools:
    """Which ids are among some that rise."""
    if not len(some):
        return np.zeros(len(ids), dtype=bool)
    found: Bools = some[np.minimum(np.searchsorted(some, ids), len(some) - 1)] == ids
    return found


def _distinct(ids: Ints, at: Moments) -> tuple[Ints, Moments]:
    """Every question once, those about one customer side by side, in the order of time."""
    order = np.lexsort((at, ids))
    ids, at = ids[order], at[order]
    first = begins(ids, at)
    return ids[first], at[first]
