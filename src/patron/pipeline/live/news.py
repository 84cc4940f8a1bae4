"""What came in since the last step of live membership: about whom, and what it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

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
        rows: Whom each event and each trait is about, beside its name.
    """

    profile_ids: Ints = field(default_factory=lambda: NOBODY)
    events: set[str | None] = field(default_factory=set)
    traits: set[str] = field(default_factory=set)
    earliest: dict[str | None, np.datetime64] = field(default_factory=dict)
    merged: Ints = field(default_factory=lambda: NOBODY)
    gone: Ints = field(default_factory=lambda: NOBODY)
    rejoined: np.datetime64 | None = None
    identified: bool = False
    rows: dict[Table, tuple[Ints, np.ndarray]] = field(default_factory=dict)

    def concern(self, live: Live) -> bool:
        """Whether the answer about those whom it is about can have changed."""
        concerns = live.concerns
        return bool(
            self.traits & concerns.traits
            or self.events & concerns.events
            or (self.events and None in concerns.events)
            or (self.identified and concerns.lists)
            or concerns.first_seen
        )

    def concerned(self, live: Live) -> Ints:
        """Whom something came in about that can have changed the answer about them."""
        if live.concerns.first_seen:
            return self.profile_ids
        found = [self.merged]
        for rows, wanted in ("events", live.concerns.events), ("traits", live.concerns.traits):
            if rows in self.rows:
                ids, called = self.rows[rows]
                every = None in wanted
                found.append(
                    ids if every else ids[np.isin(called, np.array(list(wanted), dtype=object))]
                )
        return np.unique(np.concatenate(found))

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


class Heard(NamedTuple):
    """How far the tables go, and what is new in them, by one statement.

    Attributes:
        position: Of the newest message; 0 when none came in.
        earliest: When the earliest message that came in happened, in microseconds since 1970.
        identified_by: How many versions of the rules of identity there are.
        waiting: Whether merges wait for compaction.
        relations: The tables to read.
        merge_id: The number of the last merge.
        made: Profiles that are new and stand.
        identifiers: The numbers of new identifiers.
        identified: Whose each of those is, but for merges that wait.
    """

    position: int
    earliest: int | None
    identified_by: int
    waiting: bool
    relations: Relations
    merge_id: int
    made: Ints
    identifiers: Ints
    identified: Ints


def hear(state: State, cursor: Cursor) -> Heard:
    """What the transaction sees that the last step did not."""
    cursor.repeat(_HEARD, state.position, state.profile_id, state.identifier_id)
    columns = cursor.numpy()
    what = np.asarray(columns["what"])
    one = np.ma.filled(columns["one"], 0).astype(np.int64)
    other = columns["other"]
    (position,), (versions,), (waiting,), (merge_id,) = (one[what == kind] for kind in range(4))
    earliest = other[what == 0][0]
    identifiers = what == 5
    return Heard(
        int(position),
        None if np.ma.is_masked(earliest) else int(earliest),
        int(versions),
        bool(waiting),
        Relations.when(waiting=bool(waiting), shared=bool(other[what == 2][0])),
        int(merge_id),
        one[what == 4],
        one[identifiers],
        np.ma.filled(other, 0).astype(np.int64)[identifiers],
    )


def note_sightings(state: State, heard: Heard) -> None:
    """Have what is known of when customers were first seen follow."""
    if heard.identified_by != state.identified_by:
        # Messages may belong to others by now than by the rules of before.
        state.sightings, state.identified_by = Sightings(), heard.identified_by
    if heard.earliest is not None:
        state.sightings.heard(heard.earliest)


def read_news(
    state: State,
    cursor: Cursor,
    heard: Heard,
    horizon: Horizon,
    *,
    position: int,
    now: datetime,
) -> News:
    """What came in since the last step; the memory and the positions of the state follow.

    Args:
        state: As the last step left it.
        cursor: Inside the transaction.
        heard: What is new in its view.
        horizon: Gets the moments that follow from what came in.
        position: Of the log, that the step reaches.
        now: The moment that it reaches.
    """
    news, relations = News(), heard.relations
    _note_profiles(state, heard, news)
    _read_identifiers(state, cursor, heard, news)
    state.memory.read_changes(cursor, relations, state.log)
    landed = state.memory.read(cursor, relations, known=state.position, upto=position)
    of: tuple[tuple[Table, set[Any]], ...] = ("events", news.events), ("traits", news.traits)
    for rows, names in of:
        ids, called, at = landed[rows]
        names.update(set(called.tolist()))
        horizon.landed(rows, called, ids, at, now)
        _about(news, ids)
        news.rows[rows] = ids, called
    _, called, at = landed["events"]
    news.earliest = {name: at[called == name].min() for name in news.events}
    _read_households(landed, news)
    horizon.landed_dates(cursor, relations, state.position, now)
    if heard.merge_id > state.merge_id:
        _read_merges(state, cursor, relations, news)
    return news


def pass_over(state: State, heard: Heard, position: int) -> None:
    """Go on without looking at what came in: no rule holds that it could concern."""
    if heard.merge_id > state.merge_id:
        # Rows that are still remembered of an earlier rule may lie under another profile now.
        state.memory, state.sightings = Memory(Columns()), Sightings()
    state.profile_id = int(heard.made.max(initial=state.profile_id))
    state.identifier_id = int(heard.identifiers.max(initial=state.identifier_id))
    state.merge_id = heard.merge_id
    state.position = max(position, state.position)


def _about(news: News, ids: Ints) -> None:
    news.profile_ids = np.union1d(news.profile_ids, ids)


def _note_profiles(state: State, heard: Heard, news: News) -> None:
    """A message may make a profile and bring no row at all."""
    if len(heard.made):
        state.profile_id = int(heard.made.max())
        state.future = np.union1d(state.future, heard.made)
        _about(news, heard.made)


def _read_identifiers(state: State, cursor: Cursor, heard: Heard, news: News) -> None:
    """A static list may hold an identifier before anybody has it."""
    if not len(heard.identifiers):
        return
    ids = heard.identified
    if heard.waiting:
        cursor.execute(
            f"select profile_id from {heard.relations.identifiers} where identifier_id > ?",
            [state.identifier_id],
        )
        ids = np.asarray(cursor.numpy()["profile_id"], dtype=np.int64)
    state.identifier_id = int(heard.identifiers.max())
    news.identified = True
    _about(news, ids)


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


_HEARD = """
select 0 as what, max(position) as one, epoch_us(min(occurred_at)) as other
from messages where position > $1
union all select 1, count(*), 0 from definitions where kind = 'identity'
union all select 2, count(*), (select count(*) from device_turns) from profile_map
union all select 3, max(merge_id), 0 from merges
union all select 4, profile_id, 0 from profiles where profile_id > $2 and merged_into is null
union all select 5, identifier_id, profile_id from identifiers where identifier_id > $3
"""
