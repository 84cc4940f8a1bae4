"""What came in since the last step of live membership: about whom, and what it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from patron.engines.duckdb import Cursor
from patron.pipeline.live.merged import follow, read_merges
from patron.pipeline.live.rules import Live
from patron.pipeline.live.state import State
from patron.segments.concerns import GROUP_JOINED
from patron.segments.frames import Relations
from patron.segments.horizon import Horizon
from patron.segments.memberships import Ints
from patron.segments.memory.columns import Columns, Table
from patron.segments.memory.histories import Memory
from patron.segments.memory.sightings import Sightings
from patron.segments.memory.tables import Landed
from patron.segments.moments import start_of

NOBODY: Ints = np.empty(0, dtype=np.int64)


@dataclass(slots=True)
class News:
    """What came in since the last step.

    Attributes:
        profile_ids: Whom it is about.
        events: Names of events.
        traits: Names of traits.
        earliest: When the earliest event of each name happened.
        merged: Profiles that stand for others now, or were parted from them.
        gone: Profiles that others stand for now.
        rejoined: When the first of what merges moved from one customer to another happened; None
            when nothing was moved.
        identified: Somebody has a new identifier.
    """

    profile_ids: Ints = field(default_factory=lambda: NOBODY)
    events: set[str | None] = field(default_factory=set)
    traits: set[str] = field(default_factory=set)
    earliest: dict[str | None, np.datetime64] = field(default_factory=dict)
    merged: Ints = field(default_factory=lambda: NOBODY)
    gone: Ints = field(default_factory=lambda: NOBODY)
    rejoined: np.datetime64 | None = None
    identified: bool = False

    def concern(self, live: Live) -> bool:
        """Whether the answer about those whom it is about can have changed."""
        concerns = live.concerns
        return bool(
            self.traits & concerns.traits
            or self.events & concerns.events
            or (self.events and None in concerns.events)
            or (self.identified and concerns.lists)
        )

    def concern_all(self, live: Live, now: datetime) -> bool:
        """Whether the answer about everybody else can have changed, too."""
        for event, turn in live.concerns.shared:
            begun = np.datetime64(now if turn is None else start_of(now, turn.unit, 0, turn.zone))
            names = self.earliest if event is None else self.earliest.keys() & {event}
            if any(turn is None or self.earliest[name] <= begun for name in names):
                return True
            if turn is not None and self.rejoined is not None and self.rejoined <= begun:
                return True
        return False


def hear(state: State, cursor: Cursor) -> int:
    """The newest position of the log; what is known of when customers were first seen follows."""
    cursor.execute(
        "select max(position), epoch_us(min(occurred_at)), "
        "(select count(*) from definitions where kind = 'identity') "
        "from messages where position > ?",
        [state.position],
    )
    newest, earliest, versions = cursor.one() or (None, None, 0)
    if versions != state.identified_by:
        # Messages may belong to others by now than by the rules of before.
        state.sightings, state.identified_by = Sightings(), versions
    if earliest is not None:
        state.sightings.heard(earliest)
    return newest or 0


def read_news(
    state: State,
    cursor: Cursor,
    relations: Relations,
    horizon: Horizon,
    *,
    position: int,
    now: datetime,
) -> News:
    """What came in since the last step; the memory and the positions of the state follow.

    Args:
        state: As the last step left it.
        cursor: Inside the transaction.
        relations: The tables to read.
        horizon: Gets the moments that follow from what came in.
        position: Of the log, that the step reaches.
        now: The moment that it reaches.
    """
    news = News()
    _read_profiles(state, cursor, news)
    _read_identifiers(state, cursor, relations, news)
    state.memory.read_changes(cursor, relations, state.log.last)
    landed = state.memory.read(cursor, relations, known=state.position, upto=position)
    of: tuple[tuple[Table, set[Any]], ...] = ("events", news.events), ("traits", news.traits)
    for rows, names in of:
        ids, called, at = landed[rows]
        names.update(set(called.tolist()))
        horizon.landed(rows, called, ids, at, now)
        _about(news, ids)
    _, called, at = landed["events"]
    news.earliest = {name: at[called == name].min() for name in news.events}
    _read_households(landed, news)
    horizon.landed_dates(cursor, relations, state.position, now)
    _read_merges(state, cursor, relations, news)
    return news


def pass_over(state: State, cursor: Cursor, position: int) -> None:
    """Go on without looking at what came in: no rule holds that it could concern."""
    cursor.execute(
        "select (select max(profile_id) from profiles), "
        "(select max(identifier_id) from identifiers), (select max(merge_id) from merges)"
    )
    profile_id, identifier_id, merge_id = (number or 0 for number in cursor.one() or ())
    if merge_id > state.merge_id:
        # Rows that are still remembered of an earlier rule may lie under another profile now.
        state.memory, state.sightings = Memory(Columns()), Sightings()
    state.profile_id, state.identifier_id, state.merge_id = profile_id, identifier_id, merge_id
    state.position = max(position, state.position)


def _about(news: News, ids: Ints) -> None:
    news.profile_ids = np.union1d(news.profile_ids, ids)


def _read_profiles(state: State, cursor: Cursor, news: News) -> None:
    """A message may make a profile and bring no row at all."""
    cursor.execute(
        "select profile_id from profiles where profile_id > ? and merged_into is null",
        [state.profile_id],
    )
    made = np.asarray(cursor.numpy()["profile_id"], dtype=np.int64)
    if len(made):
        state.profile_id = int(made.max())
        state.future = np.union1d(state.future, made)
        _about(news, made)


def _read_identifiers(state: State, cursor: Cursor, relations: Relations, news: News) -> None:
    """A static list may hold an identifier before anybody has it."""
    cursor.execute(
        f"select identifier_id, profile_id from {relations.identifiers} where identifier_id > ?",
        [state.identifier_id],
    )
    columns = cursor.numpy()
    made = np.asarray(columns["identifier_id"], dtype=np.int64)
    if len(made):
        state.identifier_id = int(made.max())
        news.identified = True
        _about(news, np.asarray(columns["profile_id"], dtype=np.int64))


def _read_households(landed: dict[Table, Landed], news: News) -> None:
    """Who joins a household need not have made a group call."""
    if "group_members" not in landed or not len(landed["group_members"].profile_id):
        return
    ids, _, at = landed["group_members"]
    news.events.add(GROUP_JOINED)
    news.earliest[GROUP_JOINED] = min(at.min(), news.earliest.get(GROUP_JOINED, at.min()))
    _about(news, ids)


def _read_merges(state: State, cursor: Cursor, relations: Relations, news: News) -> None:
    """Who was merged into whom, or parted; memory takes the rows along."""
    merges = read_merges(cursor, state.merge_id)
    if merges is None:
        return
    state.merge_id = merges.last
    follow(state.memory, cursor, relations, merges)
    state.sightings.forget(merges.touched)
    if merges.parted:
        news.rejoined = merges.first_seen.min()
    elif len(merges.gone):
        news.rejoined = merges.gone_first_seen.min()
    news.gone = merges.gone
    news.merged = np.setdiff1d(np.union1d(merges.touched, merges.into), news.gone)
    _about(news, news.merged)
    news.profile_ids = np.setdiff1d(news.profile_ids, news.gone)
