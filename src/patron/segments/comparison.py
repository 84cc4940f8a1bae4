"""What another rule would change about who is in: entries, exits and those who stay."""

from __future__ import annotations

import msgspec

from patron.engines.duckdb import Cursor


class Comparison(msgspec.Struct, frozen=True):
    """Two sets of customers against one another; all counts are exact.

    Attributes:
        entering: How many only the second one holds.
        leaving: How many only the first one holds.
        staying: How many both hold.
        entering_sample: Some of those, chosen by a hash of their ids: the same ones each time.
        leaving_sample: Likewise.
        staying_sample: Likewise.
    """

    entering: int
    leaving: int
    staying: int
    entering_sample: tuple[int, ...]
    leaving_sample: tuple[int, ...]
    staying_sample: tuple[int, ...]


def compare(cursor: Cursor, before: str, after: str, *, sample: int = 10) -> Comparison:
    """Compare two sets in one statement.

    Args:
        cursor: On the warehouse, in the transaction that the queries were made in.
        before: Query for profile ids, from `query.members_sql`.
        after: The same for what comes in its place.
        sample: How many of each to show at most.
    """
    cursor.execute(
        f"""
        with sides as (
            select coalesce(b.profile_id, a.profile_id) as profile_id,
                case when b.profile_id is null then 'entering'
                    when a.profile_id is null then 'leaving' else 'staying' end as side
            from ({before}) as b full join ({after}) as a on a.profile_id = b.profile_id
        ),
        ranked as (
            select side, profile_id, count(*) over (partition by side) as total,
                row_number() over (partition by side order by hash(profile_id), profile_id) as rank
            from sides
        )
        select side, total, list(profile_id order by rank) filter (rank <= ?)
        from ranked group by side, total
        """,
        [sample],
    )
    found = {side: (total, tuple(shown or ())) for side, total, shown in cursor.all()}
    entering, leaving, staying = (
        found.get(side, (0, ())) for side in ("entering", "leaving", "staying")
    )
    return Comparison(entering[0], leaving[0], staying[0], entering[1], leaving[1], staying[1])
