"""Answers about segments: their sizes, previews, members and exports."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from patron import profiles, structs
from patron.clock import format_time
from patron.errors import InputError, RuleError
from patron.pipeline.book import Book
from patron.pipeline.checks import check_rule
from patron.pipeline.known import Sizes
from patron.pipeline.periods import read_days
from patron.pipeline.segment_definitions import Segment
from patron.segments import export as file_export
from patron.segments import growth, query
from patron.segments.catalogue import Catalogue, read_catalogue
from patron.segments.export import Format, text_literal
from patron.segments.printer import print_rule
from patron.segments.tree import Expression, Rule, as_object
from patron.warehouse.reading import Reading


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written.

    Attributes:
        path: Where it lies.
        count: How many members it holds.
        position: The log position that it holds for.
        as_of: The moment that it holds for, ISO 8601.
    """

    path: Path
    count: int
    position: int
    as_of: str


class Counting(NamedTuple):
    """Says how many are in a segment.

    Attributes:
        of: How many are in one.
        head: The position and the moment that this holds for.
    """

    of: Callable[[Segment], int]
    head: dict[str, Any]


def counting(reading: Reading, book: Book, known: Sizes | None = None) -> Counting:
    """Counts by asking the tables, or as memory knows it."""
    if known is None:
        return Counting(lambda segment: _count(reading, book, segment.rule), reading.head)
    head = {**reading.head, "position": known.position, "as_of": format_time(known.at)}
    return Counting(lambda segment: known.members[segment.name], head)


def listing(
    reading: Reading, book: Book, *, sizes: Counting | None, trends: bool
) -> dict[str, Any]:
    """All segments by name, each with its count, and how it moved in 30 days, if asked for."""
    found = [_shown(book, segment, sizes) for _, segment in sorted(book.declared.items())]
    if trends:
        edges = read_days(None, None, as_of=reading.as_of, zone=book.time_zone)
        recorded = growth.trends(reading.cursor, edges)
        for one in found:
            one["trend"] = _trend(recorded[one["name"]]) if one["name"] in recorded else None
    return {**(sizes.head if sizes else reading.head), "data": found}


def _trend(found: growth.Trend) -> dict[str, Any]:
    last = found.last_change
    return {
        **msgspec.structs.asdict(found),
        "last_change": None if last is None else format_time(last),
    }


def one(reading: Reading, book: Book, name: str, *, sizes: Counting | None) -> dict[str, Any]:
    """One segment, with its count and those of its values if asked for."""
    head = sizes.head if sizes else reading.head
    return {**head, "segment": _shown(book, book.segment(name), sizes)}


def _checked(
    reading: Reading, book: Book, rule: str | dict[str, Any], known: Catalogue | None
) -> tuple[Rule, list[str], Catalogue]:
    if known is not None:
        try:
            return *check_rule(rule, known, name=None, allow_unknown=False), known
        except RuleError:
            pass  # it may have come in since
    catalogue = read_catalogue(reading.cursor, book.catalogue)
    return *check_rule(rule, catalogue, name=None, allow_unknown=False), catalogue


def preview(
    reading: Reading,
    book: Book,
    rule: str | dict[str, Any],
    *,
    sample: int,
    every: bool = False,
    known: Catalogue | None = None,
) -> dict[str, Any]:
    """What a rule would give: exact count, a sample, and each condition by itself.

    Args:
        reading: The view to read in.
        book: What is defined.
        rule: As text or as a tree.
        sample: So many members are shown at most.
        every: Count the conditions inside others, too.
        known: Names are looked up only when it lacks one of the rule's.

    Raises:
        RuleError: It is wrong, or a name in it was never seen.
    """
    parsed, warnings, catalogue = _checked(reading, book, rule, known)
    began = time.perf_counter()
    seen = query.preview(
        reading.cursor, parsed, as_of=reading.as_of, catalogue=catalogue, sample=sample, every=every
    )
    spent = (time.perf_counter() - began) * 1000
    return {
        **reading.head,
        "text": print_rule(parsed),
        "rule": plain_tree(parsed),
        "count": seen.count,
        "total": seen.universe,
        "sample": profiles.identified(reading.cursor, list(seen.sample)),
        "conditions": [{"text": c.text, "count": c.count} for c in seen.conditions],
        "counts": seen.counts,
        "warnings": warnings,
        "milliseconds": round(spent, 1),
    }


def members(
    reading: Reading, book: Book, name: str, *, after: str | None, limit: int
) -> dict[str, Any]:
    """A page of members with their identifiers, by rising profile id.

    Raises:
        InputError: The cursor is none that an earlier page gave.
    """
    if after is not None and not (after.isascii() and after.isdigit()):
        raise InputError("cursor: expected one that an earlier page gave.", field="cursor")
    segment = book.segment(name)
    rule = segment.rule
    page = query.members(
        reading.cursor,
        rule,
        as_of=reading.as_of,
        catalogue=book.catalogue,
        after=int(after or 0),
        limit=limit + 1,
    )
    more = len(page) > limit
    page = page[:limit]
    return {
        **reading.head,
        "count": _count(reading, book, rule),
        "data": _with_values(reading, book, segment, page),
        "next": str(page[-1]) if more else None,
    }


def export(reading: Reading, book: Book, name: str, file_format: Format, path: Path) -> Exported:
    """Write all members of a segment to a file, with their values where it has such."""
    segment = book.segment(name)
    sql = _values_sql(reading, book, segment) or _members_sql(reading, book, segment)
    count = file_export.export(
        reading.cursor,
        sql,
        path,
        file_format,
        rules=book.survivorships,
        as_of=reading.as_of,
        values=bool(segment.values),
    )
    return Exported(path, count, reading.position, format_time(reading.as_of))


def strongest_identifiers(reading: Reading, book: Book, name: str) -> list[str]:
    """Who is in a segment, each by the identifier that the rules of identity trust most."""
    sql = _members_sql(reading, book, book.segment(name))
    strength = [kind.name for kind in book.identity.types]
    reading.cursor.execute(
        "select arg_min(type || ':' || value, "
        "row(coalesce(list_position(?, type), 1000), first_seen_at, identifier_id)) "
        f"from ({sql}) join current_identifiers using (profile_id) group by profile_id",
        [strength],
    )
    return [row[0] for row in reading.cursor.all()]


def _count(reading: Reading, book: Book, rule: Rule) -> int:
    return query.count(reading.cursor, rule, as_of=reading.as_of, catalogue=book.catalogue)


def _members_sql(reading: Reading, book: Book, segment: Segment) -> str:
    return query.members_sql(
        reading.cursor, segment.rule, as_of=reading.as_of, catalogue=book.catalogue
    )


def _values_sql(reading: Reading, book: Book, segment: Segment) -> str:
    """The query for profile ids with their values; empty for a segment without values."""
    return " union all ".join(
        f"select profile_id, {text_literal(_value(name))} as value "
        f"from ({_members_sql(reading, book, book.segment(name))})"
        for name in segment.values
    )


def _with_values(
    reading: Reading, book: Book, segment: Segment, ids: list[int]
) -> list[dict[str, Any]]:
    """Customers with their identifiers, and their values where the segment has such."""
    rows = profiles.identified(reading.cursor, ids)
    if not segment.values:
        return rows
    sql = _values_sql(reading, book, segment)
    reading.cursor.execute(
        f"select * from ({sql}) where profile_id in (select unnest(?::BIGINT[]))", [ids]
    )
    held: dict[int, str] = dict(reading.cursor.all())
    return [{**row, "value": held[row["profile_id"]]} for row in rows]


def _value(name: str) -> str:
    return name.partition("=")[2]


def _shown(book: Book, segment: Segment, sizes: Counting | None) -> dict[str, Any]:
    shown = {
        "name": segment.name,
        "version": segment.version,
        "origin": segment.origin,
        "description": segment.description,
        "text": segment.text,
        "rule": plain_tree(segment.rule),
        "values": [
            {
                "value": _value(name),
                "text": book.segments[name].text,
                "written": book.segments[name].written,
            }
            | ({"count": sizes.of(book.segments[name])} if sizes else {})
            for name in segment.values
        ],
        "goal": None if segment.goal is None else profiles.plain(segment.goal),
        "owner": segment.owner,
        "journey_stage": segment.journey_stage,
    }
    return shown | ({"count": sizes.of(segment)} if sizes else {})


def plain_tree(rule: Rule | Expression) -> dict[str, Any]:
    """A rule or an expression as JSON-able values."""
    encoded = msgspec.json.Encoder(decimal_format="number").encode(as_object(rule))
    tree: dict[str, Any] = structs.decode(encoded)
    return tree
