"""Which identifiers are held back, read from the tables for reports."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

import numpy as np

from patron.engines.duckdb import Cursor
from patron.identity.partition.holding import most_people
from patron.spec.identifiers import IdentityRules

_HELD_BACK = """
with most as (
    select unnest(cast($most as STRUCT("type" VARCHAR, far VARCHAR, most BIGINT)[]),
        recursive := true)
), ends as (
    select a as identifier_id, b as far_id, first_observed_at from links
    union all select b, a, first_observed_at from links
), counted as (
    select near.identifier_id, near.type, near.value, far.type as linked_type, most.most,
        count(*) as linked, list_sort(list(first_observed_at))[most.most + 1] as since
    from ends join identifiers as near using (identifier_id)
    join identifiers as far on far.identifier_id = ends.far_id
    join most on most.type = near.type and most.far = far.type
    group by near.identifier_id, near.type, near.value, far.type, most.most
    having linked > most.most
)
select type, value, linked_type, linked, most, since, identifier_id from counted
qualify row_number() over (partition by identifier_id order by since, linked desc, linked_type) = 1
order by linked desc, identifier_id
"""


class HeldBack(NamedTuple):
    """An identifier that joins nobody because it came with too many people.

    Attributes:
        type: Its type.
        value: Its normal form.
        linked_type: The type that it came with too many values of; of several the first.
        linked: With how many.
        most: With how many it would still join.
        since: When it came with one too many, by what was observed, UTC.
    """

    type: str
    value: str
    linked_type: str
    linked: int
    most: int
    since: datetime
    identifier_id: int


def held_back(cursor: Cursor, rules: IdentityRules) -> list[HeldBack]:
    """The identifiers that are held back, those with the most people first, then the oldest.

    Args:
        cursor: For reading.
        rules: Those that the tables were filled under.

    Returns:
        A row for each. Values are of persons: show them only to those who may see profiles.
    """
    most = most_people(rules)
    rows = [
        {
            "type": rules.types[near].name,
            "far": rules.types[far].name,
            "most": int(most[near, far]),
        }
        for near, far in np.argwhere(most).tolist()
    ]
    if not rows:
        return []
    return [HeldBack(*row) for row in cursor.execute(_HELD_BACK, {"most": rows}).all()]
