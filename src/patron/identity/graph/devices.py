"""Who had the devices of a profile that several people share, as the tables say."""

from __future__ import annotations

from collections.abc import Iterable

from patron.engines.duckdb import Cursor
from patron.identity.graph.model import SharedDevice, Turn

LAST = 20
"""Of each device so many turns are listed, the latest ones."""

_TURNS = """
select t.device_id, t.since, i.type, i.value, i.profile_id,
    count(*) over (partition by t.device_id) as total
from device_turns as t join current_identifiers as i on i.identifier_id = t.identifier_id
where t.device_id in (select unnest($ids::bigint[]))
qualify row_number() over (partition by t.device_id order by t.since desc nulls last) <= $last
order by t.device_id, t.since nulls first
"""


def read_shared(cursor: Cursor, identifiers: Iterable[int]) -> tuple[SharedDevice, ...]:
    """Those of some identifiers that are shared devices, with who had them when.

    Args:
        cursor: On the workspace, in a transaction.
        identifiers: Their ids.
    """
    rows = cursor.execute(_TURNS, {"ids": list(identifiers), "last": LAST}).all()
    turns: dict[int, list[Turn]] = {}
    totals: dict[int, int] = {}
    for device, since, kind, value, profile_id, total in rows:
        turns.setdefault(device, []).append(Turn(since, kind, value, profile_id))
        totals[device] = total
    return tuple(SharedDevice(one, tuple(told), totals[one]) for one, told in turns.items())
