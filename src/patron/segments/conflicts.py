"""On which traits sources disagree, and of how many customers."""

from __future__ import annotations

from datetime import datetime

import msgspec
from sqlglot import exp

from patron.engines.duckdb import Cursor
from patron.segments.comparable import comparable
from patron.segments.conditions import DIALECT, Operand
from patron.segments.frames import Relations

_CONFLICTS = """
with last as (
    select profile_id, name, source_id,
        arg_max({{'there': value is not null, 'said': {comparable}}},
            (occurred_at, source_id, message_id)) as told
    from {traits} where occurred_at <= $as_of group by profile_id, name, source_id
),
each as (
    select profile_id, name, count(*) as sources, count(distinct told.said) as said
    from last where told.there group by profile_id, name
)
select name, count(*) as customers, count(*) filter (sources > 1), count(*) filter (said > 1)
from each group by name order by 4 desc, name
"""


class Conflicts(msgspec.Struct, frozen=True):
    """How far sources agree on one trait; of each source its last word counts.

    Attributes:
        trait: Its name.
        customers: Of whom any source gives a value.
        told_by_several: Of whom more than one source does.
        conflicting: Of whom sources give values that differ.
    """

    trait: str
    customers: int
    told_by_several: int
    conflicting: int


def conflicts(cursor: Cursor, as_of: datetime) -> list[Conflicts]:
    """How far sources agree on each trait, those with the most conflicts first.

    Args:
        cursor: On the warehouse.
        as_of: What was observed later does not count, naive UTC.
    """
    said = comparable(Operand(exp.column("value"), "variant")).sql(DIALECT)
    sql = _CONFLICTS.format(comparable=said, traits=Relations.of(cursor).traits)
    return [Conflicts(*row) for row in cursor.execute(sql, {"as_of": as_of}).all()]
