"""What a change of definitions does to the members of segments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import msgspec

from patron.definitions import Change
from patron.engines.duckdb import Cursor
from patron.errors import RuleError
from patron.pipeline import classification_definitions as classes
from patron.pipeline import computed_changes, rate_changes
from patron.pipeline.book import Book
from patron.pipeline.checks import dependents, parts_of
from patron.pipeline.segment_definitions import Segment
from patron.segments import query
from patron.segments.catalogue import Catalogue
from patron.segments.computed import used
from patron.segments.names_used import names_used, traits_read


@dataclass(slots=True)
class Effect:
    """What a change of a segment does to its members."""

    enter: int
    leave: int
    count: int


def segment_effects(
    cursor: Cursor,
    book: Book,
    after: dict[str, Segment],
    catalogue: Catalogue,
    as_of: datetime,
    changes: list[Change],
) -> dict[str, Effect]:
    """Who would enter and leave the segments that change, and those that rest on what changes.

    Args:
        cursor: For reading.
        book: What holds.
        after: The segments that there would be, by name.
        catalogue: What they would be compiled with.
        as_of: The moment that members are counted for, naive UTC.
        changes: What changes.
    """
    touched = {c.name for c in changes if c.kind == "segment" and c.action != "keep"}
    touched |= _otherwise_decided(book, after, catalogue)
    sorting = classes.after(book.classifications, changes)
    sorted_by: set[str] = set()
    for made in classes.moved(book.classifications, sorting):
        touched |= classes.segments_of(made).keys()
        sorted_by |= classes.expressions_of(made).keys()
    touched |= rate_changes.resting_on(book.rates, catalogue.rates, after, catalogue.computed)
    before_catalogue = msgspec.structs.replace(
        catalogue,
        segments=book.rules,
        survivorships=book.survivorships,
        computed=book.catalogue.computed,
        rates=book.rates,
    )
    resting = computed_changes.resting_on(changes, sorted_by, catalogue, before_catalogue)
    touched |= {after[name].value_of or name for name in resting & after.keys()}
    effects = {}
    moved = parts_of(touched, after) | parts_of(touched, book.segments)
    for name in sorted(touched | dependents(moved, after)):
        old = book.segments.get(name)
        new = after.get(name)
        before = _held(cursor, old, before_catalogue, as_of)
        now = _members(cursor, new, catalogue, as_of)
        effects[name] = Effect(
            enter=_size(cursor, f"select * from ({now}) except select * from ({before})"),
            leave=_size(cursor, f"select * from ({before}) except select * from ({now})"),
            count=_size(cursor, now),
        )
    return effects


def _otherwise_decided(book: Book, after: dict[str, Segment], catalogue: Catalogue) -> set[str]:
    """The segments that read a trait of which another observation may hold from now on."""
    was, will, computed = book.survivorships, catalogue.survivorships, catalogue.computed

    def otherwise(traits: Iterable[str]) -> bool:
        return any(was.of(trait) != will.of(trait) for trait in traits)

    values = {
        name
        for name, one in computed.items()
        if otherwise(names_used(one).traits - computed.keys())
    }
    return {
        name
        for name, segment in after.items()
        if otherwise(traits_read(segment.rule)) or values & used(segment.rule, computed)
    }


def _held(cursor: Cursor, segment: Segment | None, catalogue: Catalogue, as_of: datetime) -> str:
    try:
        return _members(cursor, segment, catalogue, as_of)
    except RuleError:  # a second currency has made it wrong since: nobody is kept in it
        return _members(cursor, None, catalogue, as_of)


def _members(cursor: Cursor, segment: Segment | None, catalogue: Catalogue, as_of: datetime) -> str:
    if segment is None:
        return "select profile_id from profiles where false"
    return query.members_sql(cursor, segment.rule, as_of=as_of, catalogue=catalogue)


def _size(cursor: Cursor, sql: str) -> int:
    return int(cursor.execute(f"select count(*) from ({sql})").value())
