"""One step of live membership: from one moment and log position to the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from patron.engines.duckdb import Cursor
from patron.errors import RuleError
from patron.pipeline.book import Book
from patron.pipeline.live.news import NOBODY, News, read_news
from patron.pipeline.live.state import Live, State
from patron.segments import query
from patron.segments.asked import Asking
from patron.segments.concerns import NOTHING, concerns
from patron.segments.frames import Relations
from patron.segments.horizon import Due, Horizon, none_due, together
from patron.segments.memberships import (
    Bools,
    Ints,
    Members,
    Moments,
    Reason,
    Transitions,
    compare,
    replace,
)
from patron.segments.memory.answers import Answers
from patron.segments.memory.batch import Verdict
from patron.segments.memory.rows import begins
from patron.segments.moments import start_of
from patron.segments.plan import Planner
from patron.segments.resolve import resolve

QUESTIONS = 50_000
"""So many questions are answered at a time: bounds the memory of one step."""

ROWS = 10_000_000
"""And questions about so many rows: those of a customer are laid out for each question anew."""

BULK = 20_000
"""When rows of more customers than this came in at once, all customers are asked instead."""

_EVERY_RULE = -1
"""Stands for an edge that concerns every rule: a customer is seen for the first time."""


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
        position: The log position to reach at least.
        now: The moment to reach.
    """

    def __init__(
        self, state: State, cursor: Cursor, book: Book, position: int, now: datetime
    ) -> None:
        self._state = state
        self._cursor = cursor
        self._book = book
        # What the transaction sees is taken in whole: a profile without its rows would be taken for
        # one to whom nothing has happened.
        seen = cursor.execute(
            "select max(position) from messages where position > ?", [state.position]
        ).value()
        self._position = max(position, seen or 0)
        self._now = now
        self._at = np.datetime64(now, "us")
        self._changes = 0
        self._asked = 0
        self._restarted = False
        self._relations = Relations.of(cursor)
        self._brands = ""
        self._first = state.at is None

    def run(self) -> Advance:
        """All of it: first what happened, under the rules that held; then what rules hold now."""
        state = self._state
        if state.book is None:
            self._take_up()
            self._restarted = True
        began = state.at or self._now
        if state.horizon is None:
            edges = {edge for live in state.live.values() for edge in live.concerns.edges}
            state.horizon = Horizon(sorted(edges, key=repr), began)
        news = read_news(
            state, self._cursor, self._relations, state.horizon,
            position=self._position, now=self._now,
        )  # fmt: skip
        if any(news.concern_all(live, self._now) for live in state.live.values()):
            state.memory.forget_rankings()
        self._let_go(news.gone)
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
        if state.book is not self._book:
            self._define()
            self._follow()
        self._remember()
        return Advance(state.position, self._now, self._changes, self._asked)

    def _without_fresh(self, due: Due, horizon: Horizon, news: News) -> Due:
        """Rows that came in just now count from now on, and not from when they happened.

        After a start they are made up for in order instead.
        """
        if self._restarted or not len(news.profile_ids):
            return due
        at_once = np.array([edge.length == NOTHING for edge in horizon.edges], dtype=bool)
        own = np.isin(due.profile_id, news.profile_ids) & at_once[due.edge]
        return Due(due.profile_id, np.where(own, self._at, due.at), due.edge)

    def _let_go(self, gone: Ints) -> None:
        """Profiles that were merged away leave; that is no doing of theirs."""
        if not len(gone):
            return
        self._state.seen.set(gone, False)
        for live in self._state.live.values():
            inside = gone[live.members.of(gone)]
            left = replace(Members(inside), NOBODY, self._at, "merged")
            live.members.set(inside, False)
            self._record(live.name, live.version, left)

    # ── definitions ──

    def _take_up(self) -> None:
        """After a start: go on with the segments whose rules mean what the record was found by."""
        state = self._state
        for live in self._compiled():
            if state.found_by.get(live.name) == (live.version, live.fingerprint):
                live.members = state.held.pop(live.name, live.members)
                state.live[live.name] = live
        self._remember_for(state.live.values())

    def _define(self) -> None:
        """Take over definitions that are new, changed or gone, as of now."""
        state = self._state
        state.errors.clear()
        state.horizon = None
        kept = {}
        for live in self._compiled():
            before = state.live.get(live.name)
            known = live.name in state.found_by
            members = before.members if before else state.held.pop(live.name, Members())
            kept[live.name] = live
            live.members = members
            if before is None or before.fingerprint != live.fingerprint or live.concerns.lists:
                self._replace(live, self._now, "definition", first_fill=not known)
                state.log.write_fills(self._cursor, self._now)
        gone = {name: live.members for name, live in state.live.items() if name not in kept}
        for name, members in {**state.held, **gone}.items():
            left = replace(members, NOBODY, self._at, "definition")
            self._record(name, state.found_by.get(name, (0, ""))[0], left)
        state.live, state.book, state.held = kept, self._book, {}
        self._remember_for(kept.values())
        reached = max(self._position, state.position)
        state.memory.read(self._cursor, self._relations, known=reached, upto=reached)
        state.memory.read_changes(self._cursor, self._relations, state.log.last)
        state.found_by = {name: (live.version, live.fingerprint) for name, live in kept.items()}
        self._cursor.execute("delete from live_segments")
        for name, (version, fingerprint) in state.found_by.items():
            self._cursor.execute(
                "insert into live_segments values (?, ?, ?)", [name, version, fingerprint]
            )

    def _remember_for(self, lives: Iterable[Live]) -> None:
        """Have memory hold what these rules read."""
        state = self._state
        state.answers = Answers(self._brands)
        for live in lives:
            state.answers.add(live.plan)
        state.memory.adopt(state.answers.columns)

    def _compiled(self) -> list[Live]:
        """The segments of the book, with no members yet; those that are wrong are noted."""
        found = []
        catalogue = self._book.catalogue
        rows = self._cursor.execute("select source_id, brand from sources order by source_id").all()
        self._brands = repr(rows)
        # What several rules rest on is found once; joined tests would be shared by fewer.
        planner = Planner(catalogue, largest=0)
        for name, segment in sorted(self._book.segments.items()):
            try:
                resolve(segment.rule, catalogue, unknown="warn")
            except RuleError as error:
                self._state.errors[name] = error.message
                continue
            rule = segment.rule
            found.append(
                Live(
                    name=name,
                    version=segment.version,
                    rule=rule,
                    catalogue=catalogue,
                    plan=planner.plan(rule),
                    concerns=concerns(rule, catalogue),
                    members=Members(),
                    brands=self._brands,
                )
            )
        return found

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
        return Due(ids[here], at[here], np.full(int(here.sum()), _EVERY_RULE))

    def _turns(self, began: datetime) -> set[datetime]:
        """The turns of the calendar since the last step."""
        stops = set()
        for turn in self._state.turns:
            stop = start_of(began, turn.unit, -1, turn.zone)
            while stop <= self._now:
                stops.add(stop)
                stop = start_of(stop, turn.unit, -1, turn.zone)
        return stops

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
        for live in self._state.live.values():
            turns = live.concerns.turns
            if any(start_of(stop, turn.unit, 0, turn.zone) == stop for turn in turns):
                self._replace(live, stop, "time")

    def _ask(self, due: Due, news: News, upto: datetime, reason: Reason) -> None:
        """Ask about those for whom something came due or came in.

        Args:
            due: What came due.
            news: What came in.
            upto: The moment that is reached.
            reason: Why the answers about everybody else can change at that moment.
        """
        if len(news.profile_ids) + np.count_nonzero(due.edge == _EVERY_RULE) > BULK:
            self._ask(due.take(due.edge != _EVERY_RULE), News(), upto, reason)
            self._ask_everybody(due, news)
            return
        ids = np.r_[due.profile_id, news.profile_ids]
        if not len(ids):
            return
        at = np.r_[due.at, np.full(len(news.profile_ids), self._at)]
        rules = self._concerned(due, news)
        about_all = [live for live in self._state.live.values()
                     if self._concerns_all(live, due, news)]  # fmt: skip
        if about_all:
            self._state.memory.forget_rankings()
        self._ask_some(*_distinct(ids, at), rules, news.profile_ids)
        for live in about_all:
            self._replace(live, upto, reason)

    def _concerns_all(self, live: Live, due: Due, news: News) -> bool:
        """Whether what happened can change the answers about others than whom it is about."""
        horizon = self._state.horizon
        numbers = np.unique(due.edge[due.edge != _EVERY_RULE]).tolist()
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
            state.memory.read_changes(self._cursor, self._relations, state.log.last)
            names = {name for name, _ in changed}
            ids = np.unique(np.concatenate([changes.profile_id for _, changes in changed]))
            rules = [live for live in state.live.values() if names & live.concerns.recorded]
            if len(ids) > BULK:
                for live in rules:
                    self._replace(live, self._now, "data")
            else:
                self._ask_some(ids, np.full(len(ids), self._at), rules, ids)

    def _concerned(self, due: Due, news: News) -> list[Live]:
        """The rules that have to be asked."""
        rules = list(self._state.live.values())
        horizon = self._state.horizon
        numbers = set(np.unique(due.edge).tolist())
        new = not self._state.seen.of(news.profile_ids).all()
        if new or len(news.merged) or _EVERY_RULE in numbers or horizon is None:
            return rules
        edges = {horizon.edges[number] for number in numbers}
        return [live for live in rules if edges & live.concerns.edges or news.concern(live)]

    def _ask_some(self, ids: Ints, at: Moments, rules: Sequence[Live], fresh: Ints) -> None:
        """Ask rules of given customers.

        Args:
            ids: Whom each question is about; those about one customer stand side by side.
            at: As of when; rising for each customer.
            rules: What to ask.
            fresh: Customers of whom something came in just now.
        """
        state = self._state
        for start, end in _parts(state.memory.sizes(ids)):
            some, when = ids[start:end], at[start:end]
            self._asked += len(some)
            batch = state.memory.batch(self._cursor, self._relations, some, when)
            data = (when == self._at) & np.isin(some, fresh)
            compare(state.seen, some, when, batch.stands, data)
            verdicts = [state.answers.answer(live.plan, batch) for live in rules]
            answers = self._settled(rules, some, when, verdicts)
            for live, inside in zip(rules, answers, strict=True):
                changes = compare(live.members, some, when, inside, data)
                self._record(live.name, live.version, changes)

    def _settled(
        self, rules: Sequence[Live], ids: Ints, at: Moments, verdicts: Sequence[Verdict]
    ) -> list[Bools]:
        """The answers; what memory cannot tell is asked of the tables."""
        answers = [verdict.true for verdict in verdicts]
        unsure = {
            number: verdict.unsure
            for number, verdict in enumerate(verdicts)
            if verdict.unsure is not None and verdict.unsure.any()
        }
        if not unsure:
            return answers
        where = np.flatnonzero(np.logical_or.reduce(list(unsure.values())))
        questions = [rules[number].question for number in unsure]
        asking = Asking(self._cursor)
        asking.gather(ids[where], at[where], questions)
        for number, told in zip(unsure, asking.answers(questions), strict=True):
            known = answers[number].copy()
            known[where] = told
            answers[number] = np.where(unsure[number], known, answers[number])
        return answers

    def _ask_everybody(self, due: Due, news: News) -> None:
        """So many at once are asked faster by the query over all customers."""
        self._state.memory.forget_rankings()
        for live in self._concerned(due, news):
            self._replace(live, self._now, "data")
        self._asked += len(news.profile_ids)
        self._cursor.execute(
            "select profile_id from profiles where merged_into is null and first_seen_at <= ?",
            [self._now],
        )
        seen = np.asarray(self._cursor.numpy()["profile_id"], dtype=np.int64)
        replace(self._state.seen, seen, self._at, "data")

    def _replace(
        self, live: Live, as_of: datetime, reason: Reason, *, first_fill: bool = False
    ) -> None:
        """Take over the members by the query over all customers."""
        sql = query.members_sql(self._cursor, live.rule, as_of=as_of, catalogue=live.catalogue)
        self._cursor.execute(sql)
        wanted = np.asarray(self._cursor.numpy()["profile_id"], dtype=np.int64)
        changes = replace(live.members, wanted, np.datetime64(as_of, "us"), reason)
        self._record(live.name, live.version, changes, first_fill=first_fill)

    # ── what is kept ──

    def _record(
        self, name: str, version: int, changes: Transitions, *, first_fill: bool = False
    ) -> None:
        self._changes += self._state.log.add(name, version, changes, first_fill=first_fill)

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


def _parts(sizes: Ints) -> Iterator[tuple[int, int]]:
    """Questions in parts that fit memory, given how many rows each is about.

    >>> list(_parts(np.array([4, ROWS, 5, 5])))
    [(0, 1), (1, 2), (2, 4)]
    """
    upto = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = upto[start - 1] if start else 0
        fits = int(np.searchsorted(upto, before + ROWS, side="right"))
        end = max(start + 1, min(fits, start + QUESTIONS))
        yield start, end
        start = end


def _distinct(ids: Ints, at: Moments) -> tuple[Ints, Moments]:
    """Every question once, those about one customer side by side, in the order of time."""
    order = np.lexsort((at, ids))
    ids, at = ids[order], at[order]
    first = begins(ids, at)
    return ids[first], at[first]
