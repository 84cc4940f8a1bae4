"""The members of a segment as a file: one row a member, with identifiers and traits."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlglot import exp

from patron.engines.duckdb import Cursor
from patron.segments import conditions
from patron.segments.frames import Relations
from patron.segments.surviving import every_trait
from patron.spec.traits import Survivorships

UNDECLARED = Survivorships()
"""Of every trait the latest observation holds."""

Format = Literal["csv", "parquet", "jsonl"]
_OPTIONS = {
    "csv": "format csv, header true",
    "parquet": "format parquet, compression zstd",
    "jsonl": "format json, array false",
}


def export(
    cursor: Cursor,
    members: str,
    path: Path,
    file_format: Format,
    *,
    as_of: datetime,
    rules: Survivorships = UNDECLARED,
    values: bool = False,
) -> int:
    """Write the members to a file, in the order of their profile ids.

    Args:
        cursor: For reading, in the transaction in which `members` was made.
        members: SQL that gives their profile ids, from `query.members_sql`.
        path: The file to write.
        file_format: csv, parquet or jsonl.
        as_of: Traits are those that hold at this moment, naive UTC.
        rules: Which observation of each trait holds.
        values: The query gives a column `value` too, which is written as well.

    Returns:
        How many members were written.

    The columns are ``profile_id``, ``value`` if asked for, ``first_seen_at``, one a type of
    identifier (several values are joined by a space), and ``traits`` as JSON.
    """
    types = [row[0] for row in cursor.execute(
        "select distinct type from identifiers order by type").all()]  # fmt: skip
    traits = Relations.of(cursor).traits
    columns = [
        "string_agg(value, ' ' order by value) "
        f"filter (where type = {text_literal(t)}) as {_name(t)}"
        for t in types
    ]
    identifiers = ", ".join(["profile_id", *columns])
    named = "".join(f", i.{_name(t)}" for t in types)
    theirs = "profile_id in (select profile_id from members)"
    held = every_trait(traits, rules, conditions.moment(as_of), of=theirs)
    question = f"""
        with members as materialized ({members}),
        ids as (
            select {identifiers} from current_identifiers semi join members using (profile_id)
            group by profile_id
        ),
        held as (
            select profile_id, name, coalesce(value::JSON, 'null'::JSON) as value from ({held})
        ),
        known as (
            select profile_id, json_group_object(name, value) as traits
            from (from held where value <> 'null'::JSON order by profile_id, name)
            group by profile_id
        )
        select p.profile_id{", m.value" if values else ""}, p.first_seen_at{named},
            coalesce(k.traits, '{{}}'::JSON) as traits
        from members as m join profiles as p using (profile_id)
        left join ids as i using (profile_id) left join known as k using (profile_id)
        order by p.profile_id
    """
    target = text_literal(str(path))
    cursor.execute(f"copy ({question}) to {target} ({_OPTIONS[file_format]})")
    return int(cursor.value() or 0)


def text_literal(text: str) -> str:
    """A text as SQL.

    >>> text_literal("d'Or")
    "'d''Or'"
    """
    return exp.Literal.string(text).sql(dialect="duckdb")


def _name(text: str) -> str:
    return exp.to_identifier(text, quoted=True).sql(dialect="duckdb")
