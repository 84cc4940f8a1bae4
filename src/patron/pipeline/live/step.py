"""One step of live membership: from one moment and log position to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from patron.engines.duckdb import Cursor
from patron.errors import RuleError
from patron.pipeline.book import Book
from patron.pipeline.live.state import Live, State
from patron.segments import query
from patron.segments.asked import Asking
from patron.segments.concerns import NOTHING, concerns
from patron.segments.frames import Relations
from patron.segments.horizon import Due, Horizon, none_due, together
from patron.segments.memberships import (
    Ints,
    Members,
    Moments,
    Reason,
    Transitions,
    compare,
    replace,
)
from patron.segments.moments import start_of
from patron.segments.sql import compile_question

QUESTIONS = 50_000
"""So many questions are answered at a time: bounds the memory of one step."""

BULK = 20_000
"""When rows of more customers than this came in at once, all customers are asked instead."""

_NOBODY: Ints = np.empty(0, dtype=np.int64)
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


@dataclass(slots=True)
class _Fresh:
    """What came in since the last step.

    Attributes:
        profile_ids: Whom it is about.
        events: Names of events.
        traits: Names of traits.
        earliest: When the earliest event of each name happened.
        identified: Somebody has a new identifier.
        everything: All rules have to be asked.
    """

    profile_ids: Ints = field(default_factory=lambda: _NOBODY)
    events: set[str | None] = field(default_factory=set)
    traits: set[str] = field(default_factory=set)
    earliest: dict[str | None, np.datetime64] = field(default_factory=dict)
    identified: bool = False
    everything: bool = False


class Step:
    """One step, within a transaction.

    Args:
        state: Is changed; of no use any more when the step raises.
        cursor: Inside the transaction.
        book: The definitions that hold.
        position: The log position to reach.
        now: The moment to reach.
    """

    def __init__(
        self, state: State, cursor: Cursor, book: Book, position: int, now: datetime
    ) -> None:
        self._state = state
        self._cursor = cursor
        self._book = book
        self._position = position
        self._now = now
        self._at = np.datetime64(now, "us")
        self._changes = 0
        self._asked = 0
        self._restarted = False

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
        fresh = self._fresh(state.horizon)
        state.horizon.reach(self._cursor, self._now)
        appearing = self._appearing(fresh)
        for stop in self._turns(began):
            self._ask(together([_up_to(appearing, stop), state.horizon.pop(stop)]), _Fresh())
            self._turn(stop)
        due = self._without_fresh(state.horizon.pop(self._now), state.horizon, fresh)
        self._ask(together([appearing, due]), fresh)
        self._follow()
        if state.book is not self._book:
            self._define()
            self._follow()
        self._remember()
        return Advance(state.position, self._now, self._changes, self._asked)

    def _without_fresh(self, due: Due, horizon: Horizon, fresh: _Fresh) -> Due:
        """Rows that came in just now count from now on, and not from when they happened.

        After a start they are made up for in order instead.
        """
        if self._restarted or not len(fresh.profile_ids):
            return due
        at_once = np.array([edge.length == NOTHING for edge in horizon.edges], dtype=bool)
        own = np.isin(due.profile_id, fresh.profile_ids) & at_once[due.edge]
        return Due(due.profile_id, np.where(own, self._at, due.at), due.edge)

    # ── definitions ──

    def _take_up(self) -> None:
        """After a start: go on with the segments whose rules mean what the record was found by."""
        state = self._state
        for live in self._compiled():
            if state.found_by.get(live.name) == (live.version, live.fingerprint):
                live.members = state.held.pop(live.name, live.members)
                state.live[live.name] = live

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
        gone = {name: live.members for name, live in state.live.items() if name not in kept}
        for name, members in {**state.held, **gone}.items():
            left = replace(members, _NOBODY, self._at, "definition")
            self._record(name, state.found_by.get(name, (0, ""))[0], left)
        state.live, state.book, state.held = kept, self._book, {}
        state.found_by = {name: (live.version, live.fingerprint) for name, live in kept.items()}
        self._cursor.execute("delete from live_segments")
        for name, (version, fingerprint) in state.found_by.items():
            self._cursor.execute(
                "insert into live_segments values (?, ?, ?)", [name, version, fingerprint]
            )

    def _compiled(self) -> list[Live]:
        """The segments of the book, with no members yet; those that are wrong are noted."""
        found = []
        catalogue = self._book.catalogue
        for name, segment in sorted(self._book.segments.items()):
            try:
                question = compile_question(segment.rule, catalogue)
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
                    question=question,
                    concerns=concerns(rule, catalogue),
                    members=Members(),
                )
            )
        return found

    # ── what happened ──

    def _fresh(self, horizon: Horizon) -> _Fresh:
        """Whom the rows and merges since the last step are about, and what they are."""
        state = self._state
        fresh = _Fresh()
        self._take_merges(fresh)
        self._take_new_profiles(fresh)
        self._take_new_identifiers(fresh)
        relations = Relations.of(self._cursor)
        for rows, names in (("events", fresh.events), ("traits", fresh.traits)):
            self._cursor.execute(
                f"select profile_id, name, occurred_at from {getattr(relations, rows)} "
                "where position > ?",
                [state.position],
            )
            columns = self._cursor.numpy()
            ids = np.asarray(columns["profile_id"], dtype=np.int64)
            called = np.asarray(columns["name"], dtype=object)
            names.update(set(called.tolist()))
            at = np.asarray(columns["occurred_at"], dtype="datetime64[us]")
            horizon.landed(rows, called, ids, at, self._now)
            if rows == "events":
                fresh.earliest = {name: at[called == name].min() for name in names}
            fresh.profile_ids = np.union1d(fresh.profile_ids, ids)
        horizon.landed_dates(self._cursor, state.position, self._now)
        return fresh

    def _take_merges(self, fresh: _Fresh) -> None:
        """Profiles that were merged away leave; that is no doing of theirs."""
        state = self._state
        rows = self._cursor.execute(
            "select merge_id, kept_profile_id, other_profile_id from merges where merge_id > ?",
            [state.merge_id],
        ).all()
        if not rows:
            return
        state.merge_id = max(row[0] for row in rows)
        touched = np.unique(np.array([row[1:] for row in rows], dtype=np.int64))
        self._cursor.execute(
            "select profile_id from profiles where merged_into is not null "
            "and profile_id in (select unnest(?))",
            [touched.tolist()],
        )
        gone = np.sort(np.asarray(self._cursor.numpy()["profile_id"], dtype=np.int64))
        state.seen.set(gone, False)
        for live in state.live.values():
            inside = gone[live.members.of(gone)]
            left = replace(Members(inside), _NOBODY, self._at, "merged")
            live.members.set(inside, False)
            self._record(live.name, live.version, left)
        fresh.everything = True
        fresh.profile_ids = np.setdiff1d(touched, gone)

    def _take_new_profiles(self, fresh: _Fresh) -> None:
        """A message may make a profile and bring no row at all."""
        self._cursor.execute(
            "select profile_id from profiles where profile_id > ? and merged_into is null",
            [self._state.profile_id],
        )
        made = np.asarray(self._cursor.numpy()["profile_id"], dtype=np.int64)
        if len(made):
            self._state.profile_id = int(made.max())
            self._state.future = np.union1d(self._state.future, made)
            fresh.profile_ids = np.union1d(fresh.profile_ids, made)

    def _take_new_identifiers(self, fresh: _Fresh) -> None:
        """A static list may hold an identifier before anybody has it."""
        identifiers = Relations.of(self._cursor).identifiers
        self._cursor.execute(
            f"select identifier_id, profile_id from {identifiers} where identifier_id > ?",
            [self._state.identifier_id],
        )
        columns = self._cursor.numpy()
        made = np.asarray(columns["identifier_id"], dtype=np.int64)
        if len(made):
            self._state.identifier_id = int(made.max())
            fresh.identified = True
            ids = np.asarray(columns["profile_id"], dtype=np.int64)
            fresh.profile_ids = np.union1d(fresh.profile_ids, ids)

    def _appearing(self, fresh: _Fresh) -> Due:
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
            late |= (at <= self._at) & np.isin(ids, fresh.profile_ids)
        at = np.where(late, self._at, at)
        here = at <= self._at
        return Due(ids[here], at[here], np.full(int(here.sum()), _EVERY_RULE))

    def _turns(self, began: datetime) -> list[datetime]:
        """The turns of the calendar since the last step, in order."""
        stops = set()
        for turn in self._state.turns:
            stop = start_of(began, turn.unit, -1, turn.zone)
            while stop <= self._now:
                stops.add(stop)
                stop = start_of(stop, turn.unit, -1, turn.zone)
        return sorted(stops)

    # ── asking ──

    def _turn(self, stop: datetime) -> None:
        """Ask everybody, as of the start of a unit of the calendar, the rules that look at it."""
        for live in self._state.live.values():
            turns = live.concerns.turns
            if any(start_of(stop, turn.unit, 0, turn.zone) == stop for turn in turns):
                self._replace(live, stop, "time")

    def _ask(self, due: Due, fresh: _Fresh) -> None:
        if len(fresh.profile_ids) + np.count_nonzero(due.edge == _EVERY_RULE) > BULK:
            self._ask(due.take(due.edge != _EVERY_RULE), _Fresh())
            self._ask_everybody(due, fresh)
            return
        ids = np.r_[due.profile_id, fresh.profile_ids]
        if not len(ids):
            return
        at = np.r_[due.at, np.full(len(fresh.profile_ids), self._at)]
        order = np.lexsort((at, ids))
        ids, at = ids[order], at[order]
        distinct = np.r_[True, (ids[1:] != ids[:-1]) | (at[1:] != at[:-1])]
        ids, at = ids[distinct], at[distinct]
        concerned = self._concerned(due, fresh)
        for start in range(0, len(ids), QUESTIONS):
            end = start + QUESTIONS
            self._ask_some(ids[start:end], at[start:end], concerned, fresh)
        for live in self._state.live.values():
            if self._concerns_all(live, due, fresh):
                self._replace(live, self._now, "data")

    def _concerns_all(self, live: Live, due: Due, fresh: _Fresh) -> bool:
        """Whether what happened can change the answers about others than whom it is about."""
        horizon = self._state.horizon
        numbers = np.unique(due.edge[due.edge != _EVERY_RULE]).tolist()
        edges = {horizon.edges[number].name for number in numbers} if horizon else set()
        for event, turn in live.concerns.shared:
            if turn is None and event in edges:
                return True
            if turn is not None and fresh.everything:
                return True
            names = fresh.earliest if event is None else fresh.earliest.keys() & {event}
            begun = self._now if turn is None else start_of(self._now, turn.unit, 0, turn.zone)
            if any(turn is None or fresh.earliest[name] <= np.datetime64(begun) for name in names):
                return True
        return False

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
            names = {name for name, _ in changed}
            for live in state.live.values():
                if names & live.concerns.recorded:
                    self._replace(live, self._now, "data")

    def _concerned(self, due: Due, fresh: _Fresh) -> list[Live]:
        """The rules that have to be asked."""
        rules = list(self._state.live.values())
        horizon = self._state.horizon
        numbers = set(np.unique(due.edge).tolist())
        new = not self._state.seen.of(fresh.profile_ids).all()
        if new or fresh.everything or _EVERY_RULE in numbers or horizon is None:
            return rules
        edges = {horizon.edges[number] for number in numbers}
        return [
            live
            for live in rules
            if edges & live.concerns.edges
            or fresh.traits & live.concerns.traits
            or fresh.events & live.concerns.events
            or (fresh.events and None in live.concerns.events)
            or (fresh.identified and live.concerns.lists)
        ]

    def _ask_some(self, ids: Ints, at: Moments, concerned: Sequence[Live], fresh: _Fresh) -> None:
        asking = Asking(self._cursor)
        asking.gather(ids, at, [live.question for live in concerned])
        self._asked += len(ids)
        data = (at == self._at) & np.isin(ids, fresh.profile_ids)
        compare(self._state.seen, ids, at, asking.stands(), data)
        answers = asking.answers([live.question for live in concerned])
        for live, inside in zip(concerned, answers, strict=True):
            self._record(live.name, live.version, compare(live.members, ids, at, inside, data))

    def _ask_everybody(self, due: Due, fresh: _Fresh) -> None:
        """So many at once are asked faster by the query over all customers."""
        for live in self._concerned(due, fresh):
            self._replace(live, self._now, "data")
        self._asked += len(fresh.profile_ids)
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
        self._cursor.execute("delete from live_progress")
        self._cursor.execute(
            "insert into live_progress values (?, ?, ?, ?, ?)",
            [state.position, state.merge_id, state.profile_id, state.identifier_id, state.at],
        )


def _up_to(due: Due, stop: datetime) -> Due:
    return due.take(due.at <= np.datetime64(stop, "us"))
