"""The timeline: what became of a customer, newest first, a page at a time."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Literal, NamedTuple, get_args

import msgspec

from patron.engines.duckdb import Cursor
from patron.errors import InputError
from patron.profiles.events import Event, Place, events
from patron.profiles.lookup import Profile, stored_ids
from patron.profiles.notes import Note, notes
from patron.spec.class_kinds import CLASS_KINDS, ClassKind
from patron.spec.event_kinds import ABOUT, About, about
from patron.warehouse.rows import Rows

EntryKind = Literal["event", "note", "segment", "identity", "visit"]
"""What an entry says that it is."""

Kind = EntryKind | ClassKind | About
"""What can be asked for: of segments also those that are classes, of events those about a thing."""

KINDS: tuple[EntryKind, ...] = get_args(EntryKind)

UNLESS_ASKED: tuple[EntryKind, ...] = ("event", "note", "segment", "identity")
"""Visits are events put together, so they are shown to those who ask for them."""

PAUSE = timedelta(minutes=30)
"""Without doing anything for longer than that, a visit is over."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC by convention
_MICROSECOND = timedelta(microseconds=1)

# Each gives the moment, a number that tells ties apart and what to read of it. Events are chosen
# from three narrow columns; the wide ones are read for the rows of the page only.
_EVENTS = "select occurred_at, position from {events}"

# Profiles that were merged away had memberships of their own, which belong to the history.
_SEGMENTS = """
select changed_at, change_id, segment, kind, recorded_at, reason, first_fill, profile_id
from membership_changes where profile_id in ({ids}) {classes}
"""

_IDENTITY = """
select occurred_at, merge_id, kind, kept_profile_id, other_profile_id, recorded_at, reason,
    cause
from merges where kept_profile_id in ({ids}) or other_profile_id in ({ids})
"""

# What came in over a web page or an app; a visit is within one brand and one of the two.
_VISITS = """
select min(occurred_at), min(position), max(occurred_at), count(*),
    count(*) filter (type in ('page', 'screen')), brand, channel, arg_min(name, position)
from (
    select *, sum((before is null or occurred_at - before > to_microseconds({pause}))::integer)
        over (partition by brand, channel order by occurred_at, position rows unbounded preceding)
        as visit
    from (
        select e.occurred_at, e.position, e.type, e.brand, e.channel, e.name,
            lag(e.occurred_at) over (
                partition by e.brand, e.channel order by e.occurred_at, e.position
            ) as before
        from {events} as e join sources as s on s.source_id = e.source_id
        where s.kind in ('web', 'app')
    )
)
group by brand, channel, visit
"""

_READ = {"event": "occurred_at, position", "visit": "*"}
"""What the statements of two kinds need of events."""

_STATEMENTS = {"event": _EVENTS, "segment": _SEGMENTS, "identity": _IDENTITY, "visit": _VISITS}

_ALL_IDS = """
with recursive part(profile_id) as (
    select unnest($ids::bigint[])
    union
    select p.profile_id from profiles as p join part on p.merged_into = part.profile_id
)
select profile_id from part
"""


class SegmentChange(msgspec.Struct, frozen=True, tag_field="kind", tag="segment"):
    """An entry into a segment, or an exit.

    Attributes:
        segment: Its name.
        change: ``entered`` or ``left``.
        occurred_at: From when on it holds, UTC.
        recorded_at: When it was written down.
        reason: data, time, merged or definition.
        first_fill: The segment began with this customer: no entry.
        profile_id: The profile as it stood then.
        about: What the segment is a class of, such as `loyalty_tier`; None where it is none.
    """

    segment: str
    change: str
    occurred_at: datetime
    recorded_at: datetime
    reason: str
    first_fill: bool
    profile_id: int
    about: ClassKind | None


class IdentityChange(msgspec.Struct, frozen=True, tag_field="kind", tag="identity"):
    """A merge, or what undid one.

    Attributes:
        change: merge, split or move.
        occurred_at: When the message that brought it about happened, UTC.
        recorded_at: When it was made.
        kept_profile_id: The profile that stood afterwards.
        other_profile_id: The one that was merged into it, or parted from it.
        reason: One sentence.
        cause: The same by a code, such as ``decision:3``; None for older ones.
    """

    change: str
    occurred_at: datetime
    recorded_at: datetime
    kept_profile_id: int
    other_profile_id: int
    reason: str
    cause: str | None


class Visit(msgspec.Struct, frozen=True, tag_field="kind", tag="visit"):
    """Events on one brand's site or app without a pause of more than half an hour.

    Attributes:
        occurred_at: When the first happened, UTC.
        ended_at: When the last did.
        events: How many.
        pages: How many of them are pages or screens.
        brand: Whose site or app.
        channel: Of the events.
        began_with: The name of the first event.
    """

    occurred_at: datetime
    ended_at: datetime
    events: int
    pages: int
    brand: str
    channel: str
    began_with: str


Entry = Event | Note | SegmentChange | IdentityChange | Visit


class Page(msgspec.Struct, frozen=True):
    """Some entries, newest first.

    Attributes:
        entries: What happened.
        next: What to give as `before` for the page that follows; None when this is the last.
    """

    entries: tuple[Entry, ...]
    next: str | None


class _Place(NamedTuple):
    """Where an entry stands; of one moment the kinds stand in the order of `KINDS`."""

    at: datetime
    kind: int
    number: int


def timeline(
    cursor: Cursor,
    profile: Profile,
    as_of: datetime,
    *,
    before: str | None = None,
    limit: int = 50,
    names: Sequence[str] | None = None,
    kinds: Sequence[Kind] | None = None,
    brand: str | None = None,
    classes: Mapping[str, ClassKind] | None = None,
    rows: Rows | None = None,
) -> Page:
    """One page of what became of a customer, newest first.

    Pages that follow each other repeat nothing and leave nothing out, also while events arrive: a
    new event is on a later page if its time lies there, and on none if the pages have passed it.

    Args:
        cursor: On the workspace.
        profile: One that stands.
        as_of: What happened after it is left out.
        before: `next` of the page before.
        limit: How many entries at most.
        names: Only events of these names.
        kinds: Only entries of these kinds, or events about these things; when left out, events
            alone where `names` are given, and otherwise all but visits.
        brand: Of events and visits only those of this brand.
        classes: What segments are classes of.
        rows: Where the customer's rows are; the tables when None.

    Raises:
        InputError: `before` is no such token, or `limit` is smaller than 1.
    """
    if limit < 1:
        raise InputError("limit: expected 1 or more.", field="limit")
    place = None if before is None else _read_token(before)
    reader = _Reader(cursor, profile, as_of, place, limit, brand, classes or {}, rows)
    wanted = kinds or (("event",) if names is not None else UNLESS_ASKED)
    if "event" not in wanted and (things := tuple(one for one in ABOUT if one in wanted)):
        names = reader.names(things, names)
        wanted = (*wanted, "event")
    if "segment" not in wanted and (some := tuple(one for one in CLASS_KINDS if one in wanted)):
        reader.only_classes(some)
        wanted = (*wanted, "segment")
    # One more than asked for tells whether another page follows.
    found = [one for kind in KINDS if kind in wanted for one in reader.newest(kind, names)]
    found.sort(key=lambda one: one[0], reverse=True)
    shown = found[:limit]
    places = [Place(one.number, one.at) for one, _ in shown if KINDS[one.kind] == "event"]
    whole = events(cursor, places, reader.rows)
    return Page(
        entries=tuple(
            whole[place.number] if KINDS[place.kind] == "event" else row[0] for place, row in shown
        ),
        next=_token(shown[-1][0]) if len(found) > limit else None,
    )


class _Reader:
    """Reads the newest entries of each kind that lie before a place.

    Args:
        cursor: On the workspace.
        profile: One that stands.
        as_of: What happened after it is left out.
        before: The place that the page before ended with.
        limit: How many are shown.
        brand: Of events and visits only those of this brand.
        classes: What segments are classes of.
        rows: Where the customer's rows are; the tables when None.
    """

    def __init__(
        self,
        cursor: Cursor,
        profile: Profile,
        as_of: datetime,
        before: _Place | None,
        limit: int,
        brand: str | None,
        classes: Mapping[str, ClassKind],
        rows: Rows | None,
    ) -> None:
        self._cursor = cursor
        self._profile = profile
        self._ids = stored_ids(cursor, profile)
        self.rows = rows or Rows(tuple(self._ids))
        self._as_of = as_of
        self._before = before
        self._limit = limit
        self._brand = brand
        self._classes = classes
        self._segments: list[str] | None = None

    def only_classes(self, kinds: tuple[ClassKind, ...]) -> None:
        """Read of segments only those that are classes of such kinds."""
        self._segments = [name for name, kind in self._classes.items() if kind in kinds]

    def names(self, things: tuple[About, ...], only: Sequence[str] | None) -> list[str]:
        """The names of the customer's events that are about some things."""
        sql = f"select distinct name from {self.rows.of('events', 'name')}"
        found = [row[0] for row in self._cursor.execute(sql).all()]
        return [name for name in found if about(name) in things and (only is None or name in only)]

    @cached_property
    def _ids_ever(self) -> list[int]:
        """With those of all profiles that were ever merged into this one."""
        return [row[0] for row in self._cursor.execute(_ALL_IDS, {"ids": self._ids}).all()]

    def newest(self, kind: EntryKind, names: Sequence[str] | None) -> list[tuple[_Place, Any]]:
        """The places of entries of a kind with what to show, one more than are asked for."""
        number = KINDS.index(kind)
        if kind == "note":
            return self._notes(number)
        rows = self._rows(kind, number, names)
        return [(_Place(row[0], number, row[1]), self._shown(kind, row)) for row in rows]

    def _shown(self, kind: EntryKind, row: tuple[Any, ...]) -> Any:  # noqa: ANN401 - of five kinds
        match kind:
            case "segment":
                at, _, name, change, recorded_at, reason, first_fill, profile_id = row[:8]
                about = self._classes.get(name)
                return (
                    SegmentChange(
                        name, change, at, recorded_at, reason, first_fill, profile_id, about
                    ),
                )
            case "identity":
                return (IdentityChange(row[2], row[0], row[5], row[3], row[4], *row[6:8]),)
            case "visit":
                return (Visit(row[0], *row[2:]),)
        return ()

    def _notes(self, number: int) -> list[tuple[_Place, Any]]:
        found = [(_Place(one.occurred_at, number, one.position), (one,))
                 for one in notes(self._cursor, self._profile, self._as_of)]  # fmt: skip
        before = self._before
        return [one for one in found if before is None or one[0] < before][: self._limit + 1]

    def _rows(
        self, kind: EntryKind, number: int, names: Sequence[str] | None
    ) -> list[tuple[Any, ...]]:
        named = kind == "event" and names is not None
        sql = _STATEMENTS[kind]
        params: dict[str, Any] = {"as_of": self._as_of, "limit": self._limit + 1}
        classes = kind == "segment" and self._segments is not None
        if classes:
            params["segments"] = self._segments
        events = ""
        if kind in _READ:
            of_these = ["occurred_at <= $as_of"]
            if named:
                of_these.append("name in (select unnest($names::varchar[]))")
                params["names"] = list(names or ())
            if self._brand is not None:
                of_these.append("brand = $brand")
                params["brand"] = self._brand
            events = self.rows.of("events", _READ[kind], " and ".join(of_these))
        where = "moment <= $as_of"
        if self._before is not None:
            at, other, place = self._before
            params["at"] = at
            where += " and moment < $at" if number > other else " and moment <= $at"
            if number == other:
                where += " and (moment < $at or number < $number)"
                params["number"] = place
        sql = sql.format(
            events=events,
            ids=", ".join(map(str, self._ids_ever)) if "{ids}" in sql else "",
            classes="and segment in (select unnest($segments::varchar[]))" if classes else "",
            pause=PAUSE // _MICROSECOND,
        )
        return self._cursor.execute(
            f"select * from ({sql}) as one(moment, number) where {where} "
            "order by moment desc, number desc limit $limit",
            params,
        ).all()


def _token(place: _Place) -> str:
    text = f"{(place.at - _EPOCH) // _MICROSECOND},{place.kind},{place.number}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_token(token: str) -> _Place:
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        moment, kind, number = map(
            int, base64.b64decode(padded, altchars=b"-_", validate=True).split(b",")
        )
        if not (0 <= kind < len(KINDS) and 0 <= number < 2**63):
            raise ValueError(token)
        return _Place(_EPOCH + moment * _MICROSECOND, kind, number)
    except (ValueError, UnicodeEncodeError, binascii.Error, OverflowError):
        raise InputError(
            "before: expected the token that came with the page before.", field="before"
        ) from None
