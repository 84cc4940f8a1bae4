"""The devices that customers used: browsers, telephones, readers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from patron.engines.duckdb import Cursor
from patron.profiles.lookup import marks, owners
from patron.warehouse.standing import Standing

_DEVICES = """
select profile_id, type, value, min(since) as since, bool_or(shared)
from (
    select profile_id, type, value, first_seen_at as since,
        identifier_id in (select device_id from device_turns) as shared
    from identifiers where profile_id in ({ids}) and type in ({types})
    union all
    select i.profile_id, d.type, d.value, coalesce(t.since, d.first_seen_at), true
    from device_turns as t
    join identifiers as i on i.identifier_id = t.identifier_id
    join identifiers as d on d.identifier_id = t.device_id
    where i.profile_id in ({ids})
)
group by all
order by since, type, value
"""


class Device(msgspec.Struct, frozen=True):
    """A device that a customer used.

    Attributes:
        type: Of the identifier that stands for it, such as ``anonymous_id``.
        value: Its normal form.
        since: When the customer was first seen with it, UTC.
        shared: Whether several people log in on it: what is done on it belongs to whoever had
            logged in.
    """

    type: str
    value: str
    since: datetime
    shared: bool


def devices_of(
    cursor: Cursor, profiles: Sequence[Standing], types: Sequence[str]
) -> dict[int, list[Device]]:
    """The devices of several customers, by profile id, in the order they were first seen with them.

    They follow today's knowledge of who is who, whatever moment is asked about otherwise.

    Args:
        cursor: On the workspace.
        profiles: They stand.
        types: The types of identifiers that stand for devices.
    """
    owner = owners(profiles)
    ids = list(owner)
    sql = _DEVICES.format(ids=marks(ids), types=marks(types) or "null")
    found: dict[int, dict[tuple[str, str], Device]] = {}
    for stored, kind, value, since, shared in cursor.execute(sql, [*ids, *types, *ids]).all():
        mine = found.setdefault(owner[stored], {})
        mine.setdefault((kind, value), Device(kind, value, since, shared))
    return {own: list(mine.values()) for own, mine in found.items()}
