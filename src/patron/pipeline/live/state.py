"""What live membership holds in memory; all of it follows from the tables."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import numpy as np

from patron.engines.duckdb import Cursor
from patron.pipeline.book import Book
from patron.pipeline.live.ahead import Ahead
from patron.pipeline.live.merged import follow, read_merges
from patron.pipeline.live.rules import Live
from patron.segments import memberships
from patron.segments.concerns import Turn
from patron.segments.frames import Relations
from patron.segments.horizon import Horizon
from patron.segments.memberships import Ints, Log, Members
from patron.segments.memory.answers import Answers
from patron.segments.memory.batch import micros
from patron.segments.memory.columns import Columns
from patron.segments.memory.histories import Memory
from patron.segments.memory.sightings import Sightings


class Progress(NamedTuple):
    """How far memberships go: messages, merges, profiles and identifiers by number, the clock."""

    position: int
    merge_id: int
    profile_id: int
    identifier_id: int
    at: datetime | None


class Kept(NamedTuple):
    """What was in memory at some earlier time.

    Attributes:
        progress: How far memberships went then.
        last_change: How far their log went.
        members: Who was in what, by segment.
        memory: What was remembered of every customer.
    """

    progress: Progress
    last_change: int
    members: dict[str, Members]
    memory: Memory

    def precedes(self, reached: Progress, last_change: int) -> bool:
        """Whether it is of an earlier time of the same workspace, as far as can be told."""
        pairs = zip(self.progress[:4], reached[:4], strict=True)
        return self.last_change <= last_change and all(one <= other for one, other in pairs)


@dataclass(slots=True)
class State:
    """Who is in what, as of a moment and a log position.

    Attributes:
        position: Messages up to here are taken in.
        merge_id: Merges up to here.
        profile_id: The newest profile that is known.
        identifier_id: The newest identifier.
        at: The clock up to here; None before the first step.
        log: The log of changes.
        seen: Every profile that stands and was seen by then.
        future: Profiles that will be seen only later, for all they have is dated in the future.
        live: The segments that are kept, by name.
        held: Members on record of segments that were not taken up yet, by name.
        found_by: What the members on record were found by: version and fingerprint, by name.
        book: The definitions that `live` was made from.
        memory: What is remembered of every customer.
        answers: Answers the rules from it.
        sightings: When customers were first seen.
        horizon: Moments soon to come; None when it has to be read.
        errors: Segments that cannot be kept, with the reason.
        brands: Says of which brand each source was when the rules were taken up.
        identified_by: How many versions of the rules of identity there were.
        households: Says which identifiers make households under the rules that hold.
        ahead: Answers for the next turn of the calendar; None when it is not near.
    """

    position: int
    merge_id: int
    profile_id: int
    identifier_id: int
    at: datetime | None
    log: Log
    seen: Members
    future: Ints
    held: dict[str, Members]
    found_by: dict[str, tuple[int, str]]
    live: dict[str, Live] = field(default_factory=dict)
    book: Book | None = None
    memory: Memory = field(default_factory=lambda: Memory(Columns()))
    answers: Answers = field(default_factory=Answers)
    sightings: Sightings = field(default_factory=Sightings)
    horizon: Horizon | None = None
    errors: dict[str, str] = field(default_factory=dict)
    brands: str = ""
    identified_by: int = 0
    households: str = ""
    ahead: Ahead | None = None

    @property
    def progress(self) -> Progress:
        """How far it goes."""
        return Progress(self.position, self.merge_id, self.profile_id, self.identifier_id, self.at)

    def see(self, cursor: Cursor, at: datetime) -> None:
        """Read who stands and was seen by a moment, and who will be seen later."""
        ids = self.sightings.all_before(cursor, micros(np.datetime64(at, "us")))
        self.seen = Members(ids[ids <= self.profile_id])
        self.future = _seen_after(cursor, self.profile_id, at)

    @property
    def turns(self) -> set[Turn]:
        """The turns of the calendar that some segment looks at."""
        return {turn for live in self.live.values() for turn in live.concerns.turns}


def progress(cursor: Cursor) -> Progress | None:
    """How far the tables say that memberships go; None before the first step."""
    row = cursor.execute(
        "select position, merge_id, profile_id, identifier_id, at_moment from live_progress"
    ).one()
    return None if row is None else Progress(*row)


def load(cursor: Cursor, kept: Kept | None = None) -> State:
    """Read what the tables say.

    Args:
        cursor: On the warehouse.
        kept: What was kept at some earlier time: only what came in since is read then.
    """
    log = Log(cursor)
    reached = progress(cursor) or Progress(0, 0, 0, 0, None)
    if kept is not None and not kept.precedes(reached, log.last):
        kept = None
    found_by = cursor.execute("select segment, version, fingerprint from live_segments").all()
    state = State(
        *reached,
        log=log,
        seen=Members(),
        future=_NONE,
        held=memberships.read_members(cursor, *((kept.members, kept.last_change) if kept else ())),
        found_by={name: (version, fingerprint) for name, version, fingerprint in found_by},
    )
    if state.at is not None:
        state.see(cursor, state.at)
    if kept is not None:
        state.memory = kept.memory
        _catch_up(cursor, state, kept)
    return state


def _catch_up(cursor: Cursor, state: State, kept: Kept) -> None:
    """Have memory go as far as the tables say that memberships do."""
    relations = Relations.of(cursor)
    state.memory.read(cursor, relations, known=state.position, upto=state.position)
    state.memory.read_changes(cursor, relations, state.log)
    merges = read_merges(cursor, kept.progress.merge_id)
    if merges is not None:
        follow(state.memory, cursor, relations, merges)


def _seen_after(cursor: Cursor, last: int, at: datetime) -> Ints:
    """Profiles up to an id that stand, first seen after a moment."""
    cursor.execute(
        "select profile_id from profiles where profile_id <= ? and merged_into is null "
        "and first_seen_at > ? order by profile_id",
        [last, at],
    )
    return np.asarray(cursor.numpy()["profile_id"], dtype=np.int64)


_NONE: Ints = np.empty(0, dtype=np.int64)
