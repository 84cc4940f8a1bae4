"""Customers in lists: everybody, those whom an identifier tells, and visitors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from patron.engines.duckdb import Cursor
from patron.profiles.lookup import identified, marks

_KNOWN = "select profile_id from current_identifiers where type in ({types})"

_SEARCHED = """
select profile_id from current_identifiers
where contains(lower(value), lower(?)) or contains(lower(original), lower(?))
"""


def listed(
    cursor: Cursor,
    as_of: datetime,
    people: Sequence[str],
    *,
    known: bool | None = None,
    search: str | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[dict[str, Any]]:
    """A page of the customers who were seen by a moment, by rising profile id.

    Args:
        cursor: On the workspace.
        as_of: Who was first seen after it is left out.
        people: The types of identifiers that tell people, and not the devices that they use.
        known: Only those who have such an identifier, or only those who have none.
        search: Only those with an identifier that contains this, in whichever case.
        after: The last profile id of the page before; 0 for the first page.
        limit: How many at most.

    Returns:
        One dict a customer: profile_id, identifiers by type, known, first_seen_at.
    """
    where = "merged_into is null and first_seen_at <= ? and profile_id > ?"
    values: list[Any] = [as_of, after]
    told = _KNOWN.format(types=marks(people) or "null")
    if known is not None:
        where += f" and profile_id {'in' if known else 'not in'} ({told})"
        values += people
    if search is not None:
        where += f" and profile_id in ({_SEARCHED})"
        values += [search, search]
    cursor.execute(
        f"select profile_id, first_seen_at from profiles where {where} order by profile_id limit ?",
        [*values, limit],
    )
    seen: dict[int, datetime] = dict(cursor.all())
    return [
        {
            **one,
            "known": any(kind in people for kind in one["identifiers"]),
            "first_seen_at": seen[one["profile_id"]],
        }
        for one in identified(cursor, list(seen))
    ]
