"""What live membership holds in memory; all of it follows from the tables."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

import numpy as np

from patron.clock import EARLIEST
from patron.engines.duckdb import Cursor
from patron.pipeline.book import Book
from patron.segments import memberships
from patron.segments.catalogue import Catalogue
from patron.segments.concerns import Concerns, Turn
from patron.segments.horizon import Horizon
from patron.segments.memberships import Ints, Log, Members
from patron.segments.memory.answers import Answers
from patron.segments.memory.columns import Columns
from patron.segments.memory.histories import Memory
from patron.segments.plan import Signed
from patron.segments.sql import Question, Questions
from patron.segments.tree import Rule


class Progress(NamedTuple):
    """How far memberships go: messages, merges, profiles and identifiers by number, the clock."""

    position: int
    merge_id: int
    profile_id: int
    identifier_id: int
    at: datetime


@dataclass
class Live:
    """A segment that is kept.

    Attributes:
        name: Its name.
        version: Of its definition.
        rule: Its rule.
        plan: The rule, as the sets that answer it.
        concerns: What can change its answers.
        members: Who is in it.
        catalogue: What the rule rests on.
    """

    name: str
    version: int
    rule: Rule
    catalogue: Catalogue
    plan: Signed
    concerns: Concerns
    members: Members

    @cached_property
    def question(self) -> Question:
        """The rule, to be asked of the tables about given customers."""
        return Questions().question(self.plan)

    @cached_property
    def fingerprint(self) -> str:
        """Equal for rules that mean the same: what the members on record were found by."""
        return hashlib.sha256(self.question.sql.encode()).hexdigest()


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
        horizon: Moments soon to come; None when it has to be read.
        errors: Segments that cannot be kept, with the reason.
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
    horizon: Horizon | None = None
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def progress(self) -> Progress:
        """How far it goes, once a step has been made."""
        at = self.at or EARLIEST
        return Progress(self.position, self.merge_id, self.profile_id, self.identifier_id, at)

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


def load(cursor: Cursor) -> State:
    """Read what the tables say."""
    position, merge_id, profile_id, identifier_id, at = progress(cursor) or (0, 0, 0, 0, None)
    found_by = cursor.execute("select segment, version, fingerprint from live_segments").all()
    return State(
        position=position,
        merge_id=merge_id,
        profile_id=profile_id,
        identifier_id=identifier_id,
        at=at,
        log=Log(cursor),
        seen=Members() if at is None else Members(_profiles(cursor, profile_id, "<=", at)),
        future=_NONE if at is None else _profiles(cursor, profile_id, ">", at),
        held=memberships.read_members(cursor),
        found_by={name: (version, fingerprint) for name, version, fingerprint in found_by},
    )


def _profiles(cursor: Cursor, last: int, comparison: str, at: datetime) -> Ints:
    """Profiles up to an id that stand, first seen before or after a moment."""
    cursor.execute(
        "select profile_id from profiles where profile_id <= ? and merged_into is null "
        f"and first_seen_at {comparison} ? order by profile_id",
        [last, at],
    )
    return np.asarray(cursor.numpy()["profile_id"], dtype=np.int64)


_NONE: Ints = np.empty(0, dtype=np.int64)
