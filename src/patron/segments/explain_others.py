"""What there is to say of groups, random shares, ranks, recorded membership, and two measures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import Any

from msgspec import UNSET
from sqlglot import exp

from patron.engines.duckdb import Cursor
from patron.segments import conditions, paths, tree
from patron.segments.conditions import DIALECT, one_of
from patron.segments.entries import Recorded as RecordedSet
from patron.segments.entries import recorded_changes
from patron.segments.explain_found import MOST, Finding, Found, average
from patron.segments.explain_probe import About, Told, reading
from patron.segments.explain_values import (
    Change,
    Compared,
    Drawn,
    Groups,
    GroupTrait,
    Rank,
    Recorded,
    Row,
)
from patron.segments.frames import Asked, Relations
from patron.segments.groups import InGroup
from patron.segments.having import trait_condition
from patron.segments.moments import Moment
from patron.segments.predicates import MeasureTest
from patron.segments.rankings import Ranked, places_query
from patron.segments.sql import Printer
from patron.segments.sql_scans import of_brands

_ALL = 2**32
_SIX_PLACES = Decimal("0.000001")


@dataclass(frozen=True)
class OtherSide:
    """The measure that another one is compared with."""

    finding: Finding

    def told(self, found: Found) -> Told:
        """The other value, and the rows that it is taken of; the first stands beside its own."""
        return Told(UNSET, Compared(found.value, found.evidence))


@dataclass(frozen=True)
class InShare:
    """The number that a customer has drawn for ever."""

    rule: tree.Share

    reads = None

    def look(self, cursor: Cursor, about: About) -> Told:  # noqa: ARG002 - as every probe
        """The number, from 0 up to 100."""
        text = f"{self.rule.seed}:{about.profile_id}".encode()
        drawn = int(hashlib.md5(text, usedforsecurity=False).hexdigest()[:8], 16)
        # Rounded down, it compares with every limit as the number itself does.
        shown = (Decimal(drawn * 100) / _ALL).quantize(_SIX_PLACES, ROUND_DOWN)
        return Told(shown, Drawn(Decimal(self.rule.share)))


@dataclass(frozen=True)
class InRanking:
    """A customer's place in a ranking of everybody."""

    found: Ranked

    reads = None

    def look(self, cursor: Cursor, about: About) -> Told:
        """The place, and the value, beside those of the last one who is in."""
        ranking, made_for = self.found.ranking, self.found.made_for.at(about.as_of)
        places = places_query(ranking, made_for, Relations.of(cursor)).sql(DIALECT)
        last = "?" if ranking.parts is None else "(ranked * ? + 999999) // 1000000"
        rows = cursor.execute(
            f"select profile_id, place, measure, ranked, least(ranked, {last}) as last "
            f"from ({places}) where profile_id = ? or place = last",
            [ranking.parts or ranking.top, about.profile_id],
        ).all()
        own = next((row for row in rows if row[0] == about.profile_id), None)
        edge = next((row for row in rows if row[1] == row[4]), None)
        ranked, last_place, last_value = (0, 0, None) if edge is None else (
            edge[3], edge[4], _amount(ranking.test, edge[2])
        )  # fmt: skip
        place, value = (None, None) if own is None else (own[1], _amount(ranking.test, own[2]))
        return Told(value, Rank(made_for, place, ranked, last_place, last_value))


def _amount(test: MeasureTest, text: str) -> int | Decimal | None:
    """The number of a measure: one number, or two to be divided."""
    over, _, under = text.partition("/")
    if test.path is None or test.measure == "distinct":
        return int(over)
    if test.measure == "sum":
        return Decimal(over or 0)
    if not over or under == "0":
        return None
    return average(Decimal(over), int(under)) if under else Decimal(over)


class OfGroups:
    """The trait of each of the customer's groups."""

    def __init__(self, found: InGroup) -> None:
        self._frame = Asked()
        printer = Printer(self._frame)
        name, operand = conditions.trait_operand(found.test.path)
        verdict = conditions.certain(trait_condition(operand, found.test, self._frame))
        value = exp.cast(exp.Anonymous(this="to_json", expressions=[operand.read()]), "VARCHAR")
        here = [*printer.in_span(found.span), *of_brands(found.brands)]
        members = self._frame.rows("group_members").where(*here)
        members = members.select(conditions.column("group_id"), append=False)
        told = self._frame.group_traits().where(one_of("name", [name]), *here)
        columns = ("group_id", "position", "message_id", "name", "occurred_at", "source_id")
        told = told.select(
            *map(conditions.column, columns),
            exp.alias_(value, "told"),
            exp.alias_(verdict, "holds"),
            append=False,
        )
        self._members = members.where(_FIRST_ASK).distinct().sql(DIALECT)
        self._told = told.where(_FIRST_ASK).sql(DIALECT)
        self.reads = reading(self._frame, [members, told])
        self._path = paths.split(found.test.path)

    def look(self, cursor: Cursor, about: About) -> Told:  # noqa: ARG002 - as every probe
        """What holds of each group: the last that was said."""
        rows = cursor.execute(
            "select members.group_id, coalesce(holds, false), position, message_id, name, "
            f"occurred_at, told from ({self._members}) as members left join ("
            f"select * from ({self._told}) qualify row_number() over (partition by group_id "
            "order by occurred_at desc, source_id desc, message_id desc) = 1"
            ") as told using (group_id) order by 2 desc, told is null, members.group_id"
        ).all()
        groups = tuple(GroupTrait(row[0], row[1], _told_row(row[2:])) for row in rows)
        first = groups[0].row if groups else None
        return Told(first.value if first else None, Groups(groups[:MOST]))


_FIRST_ASK = exp.EQ(this=conditions.column("ask"), expression=exp.Literal.number(0))


def _told_row(row: Sequence[Any]) -> Row | None:
    position, message_id, name, at, told = row
    if position is None:
        return None
    value = None if told is None else json.loads(told, parse_constant=str)
    return Row(position, message_id, name, at, value=value)


# ── membership ──


@dataclass(frozen=True)
class OnRecord:
    """Since when somebody is in a segment, or is no more, by the record.

    Attributes:
        segment: Its name.
        then: As of when.
    """

    segment: str
    then: Moment

    reads = None

    def look(self, cursor: Cursor, about: About) -> Told:
        """The latest entry or exit up to then."""
        row = cursor.execute(
            f"select {', '.join(_CHANGE)} from membership_changes "
            "where profile_id = ? and segment = ? and changed_at <= ? "
            "order by change_id desc limit 1",
            [about.profile_id, self.segment, self.then.at(about.as_of)],
        ).one()
        if row is None:
            return Told(None, Recorded(()))
        change = Change(*row)
        return Told(change.at if change.kind == "entered" else None, Recorded((change,)))


class Changes:
    """The entries or exits that count, with the condition's own window."""

    def __init__(self, found: RecordedSet) -> None:
        self._frame = Asked()
        changes = recorded_changes(Printer(self._frame), found).where(_FIRST_ASK)
        part = changes.select(*map(conditions.column, _CHANGE), append=False)
        self._sql = f"{part.sql(DIALECT)} order by change_id desc"
        self.reads = reading(self._frame, [part])

    def look(self, cursor: Cursor, about: About) -> Told:  # noqa: ARG002 - as every probe
        """Those of them that there are."""
        rows = cursor.execute(self._sql).all()
        return Told(len(rows), Recorded(tuple(Change(*row) for row in rows[:MOST])))


_CHANGE = ("change_id", "kind", "changed_at", "recorded_at", "reason", "first_fill")
