"""Questions about a rule: how many, who, a sample, and which condition costs the most people."""

from __future__ import annotations

from datetime import datetime

import msgspec

from patron.engines.duckdb import Cursor
from patron.segments import tree
from patron.segments.catalogue import Catalogue
from patron.segments.condition_counts import condition_counts
from patron.segments.conditions import DIALECT
from patron.segments.frames import Bulk
from patron.segments.printer import print_rule
from patron.segments.sql import members_within
from patron.segments.tree import Rule
from patron.segments.universe import universe


class ConditionCount(msgspec.Struct, frozen=True):
    """How many one condition of a rule lets through on its own.

    Attributes:
        field: Its JSON path in the rule; empty for the rule itself.
        text: Its text form.
        count: How many customers fulfil it.
    """

    field: str
    text: str
    count: int


class Preview(msgspec.Struct, frozen=True):
    """A rule at a glance.

    Attributes:
        as_of: The moment that it holds for, in UTC.
        count: How many customers fulfil the rule; exact.
        universe: How many there are.
        sample: Some members, chosen by a hash of their ids: the same ones each time.
        conditions: What each top-level condition alone lets through.
        counts: What every condition alone lets through, by its path; None when not asked for.
    """

    as_of: datetime
    count: int
    universe: int
    sample: tuple[int, ...]
    conditions: tuple[ConditionCount, ...]
    counts: dict[str, int] | None = None


def members_sql(
    cursor: Cursor,
    rule: Rule,
    *,
    as_of: datetime,
    catalogue: Catalogue,
    profile_id: int | None = None,
) -> str:
    """The query for the members of a rule, over the tables that this database should be read by.

    Use it within the transaction that it was made in: which tables are right depends on the merges
    that wait for compaction.
    """
    return members_within(Bulk.about(cursor, as_of, profile_id), rule, catalogue)


def everybody_sql(*, as_of: datetime) -> str:
    """The query for every customer seen by a moment: the universe of `not`."""
    return universe(as_of).sql(DIALECT)


def count(cursor: Cursor, rule: Rule, *, as_of: datetime, catalogue: Catalogue) -> int:
    """How many customers fulfil a rule.

    Raises:
        RuleError: As `sql.compile_members` does.
    """
    return _count(cursor, members_sql(cursor, rule, as_of=as_of, catalogue=catalogue))


def members(
    cursor: Cursor,
    rule: Rule,
    *,
    as_of: datetime,
    catalogue: Catalogue,
    after: int = 0,
    limit: int = 100,
) -> list[int]:
    """A page of the members of a rule, by rising profile id.

    Args:
        cursor: On the warehouse.
        rule: The rule.
        as_of: The moment that it is asked for, in UTC.
        catalogue: Where the segments are that the rule rests on.
        after: The last id of the page before; 0 for the first page.
        limit: How many at most.
    """
    sql = members_sql(cursor, rule, as_of=as_of, catalogue=catalogue)
    page = f"select profile_id from ({sql}) where profile_id > ? order by profile_id limit ?"
    return [row[0] for row in cursor.execute(page, [after, limit]).all()]


def is_member(
    cursor: Cursor, rule: Rule, profile_id: int, *, as_of: datetime, catalogue: Catalogue
) -> bool:
    """Whether one customer fulfils a rule. Reads that customer's rows only.

    Args:
        cursor: On the warehouse.
        rule: The rule.
        profile_id: A profile that stands; one that was merged into another is no member.
        as_of: The moment that it is asked for, in UTC.
        catalogue: Where the segments are that the rule rests on.
    """
    sql = members_sql(cursor, rule, as_of=as_of, catalogue=catalogue, profile_id=profile_id)
    return cursor.execute(sql).one() is not None


def preview(
    cursor: Cursor,
    rule: Rule,
    *,
    as_of: datetime,
    catalogue: Catalogue,
    sample: int = 10,
    every: bool = False,
) -> Preview:
    """Count a rule and each of its top-level conditions, and show some members.

    Args:
        cursor: On the warehouse.
        rule: The rule, saved or not.
        as_of: The moment that it is asked for, in UTC.
        catalogue: Where the segments are that the rule rests on.
        sample: How many members to show at most.
        every: Count the conditions inside others, too.
    """

    def ask(part: Rule) -> str:
        return members_sql(cursor, part, as_of=as_of, catalogue=catalogue)

    sql = ask(rule)
    shown = f"select profile_id from ({sql}) order by hash(profile_id), profile_id limit ?"
    chosen = [row[0] for row in cursor.execute(shown, [sample]).all()]
    counts = condition_counts(cursor, rule, as_of=as_of, catalogue=catalogue) if every else None
    total = _count(cursor, sql) if counts is None else counts[""]
    parts = [inner[:2] for inner in rule.inner()] if isinstance(rule, tree.All | tree.AnyOf) else []
    conditions = [
        ConditionCount(
            field,
            print_rule(part),
            _count(cursor, ask(part)) if counts is None else counts[field],
        )
        for field, part in parts
    ]
    return Preview(
        as_of=as_of,
        count=total,
        universe=_count(cursor, everybody_sql(as_of=as_of)),
        sample=tuple(chosen),
        conditions=tuple(conditions) or (ConditionCount("", print_rule(rule), total),),
        counts=counts,
    )


def _count(cursor: Cursor, members: str) -> int:
    found: int = cursor.execute(f"select count(*) from ({members})").value()
    return found
