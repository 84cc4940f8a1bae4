"""Writes identifiers, links and the owners of rows anew, when all messages were read again."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.identity.links import moments_of
from patron.identity.rules_change.reckoning import Filed, Fresh, Reckoning
from patron.identity.store import FILED_TABLES

_COLUMNS = "identifier_id, type, value, original, key_hi, key_lo"


def write_anew(
    cursor: Cursor, reckoning: Reckoning, fresh: Fresh, filed: Filed, now: datetime
) -> None:
    """Bring identifiers, links and rows to what the messages say under the rules.

    Profiles, and who stands for whom, are the caller's to write.

    Args:
        cursor: In the writer's transaction; no row waits for compaction.
        reckoning: What the change comes to.
        fresh: New identifiers, and all links.
        filed: What every message is filed under.
        now: When it is recorded, naive UTC.
    """
    _identifiers(cursor, reckoning, fresh, now)
    _links(cursor, reckoning, fresh, now)
    _rows(cursor, reckoning, filed)
    for table in ("device_turns", "device_uses"):
        cursor.execute(f"delete from {table}")
    _with(cursor, filed.uses, "insert into device_uses from plan_rows")
    cursor.execute("update profiles set follows = null where follows is not null")
    _with(
        cursor,
        pa.table(
            {
                "profile_id": pa.array(list(fresh.follows), pa.int64()),
                "follows": pa.array(list(fresh.follows.values()), pa.int64()),
            }
        ),
        "update profiles set follows = r.follows from plan_rows as r "
        "where profiles.profile_id = r.profile_id",
    )


def _identifiers(cursor: Cursor, reckoning: Reckoning, fresh: Fresh, now: datetime) -> None:
    after, parted = reckoning.after, reckoning.parted
    birth = after.birth.copy()
    birth[parted.founders] = parted.made
    birth = np.where(birth == 0, parted.profile, birth)
    owners = pa.table(
        {
            "identifier_id": after.ids,
            "profile_id": parted.profile,
            "birth_profile_id": birth,
            "first_seen_at": pa.array(after.first_seen, pa.timestamp("us")),
        }
    )
    _with(cursor, owners, "create or replace temp table plan_owners as from plan_rows")
    gone = "identifier_id not in (select identifier_id from plan_owners)"
    cursor.execute(
        "delete from retired_identifiers as r where exists (from identifiers as i "
        f"where i.key_hi = r.key_hi and i.key_lo = r.key_lo and i.{gone})"
    )
    cursor.execute(
        f"insert into retired_identifiers by name select {_COLUMNS}, birth_profile_id, "
        f"?::timestamp as retired_at from identifiers where {gone}",
        [now],
    )
    cursor.execute(f"delete from identifiers where {gone}")
    said = "profile_id, birth_profile_id, first_seen_at"
    _with(
        cursor,
        fresh.identifiers,
        f"insert into identifiers by name select {_COLUMNS}, {said} "
        "from plan_rows join plan_owners using (identifier_id)",
    )
    cursor.execute(
        f"insert into identifiers by name select {_COLUMNS}, o.* exclude (identifier_id) "
        "from (select * exclude (birth_profile_id) from retired_identifiers) "
        "join plan_owners as o using (identifier_id)"
    )
    cursor.execute(
        "delete from retired_identifiers "
        "where identifier_id in (select identifier_id from plan_owners)"
    )
    cursor.execute(
        "update identifiers set profile_id = o.profile_id, birth_profile_id = o.birth_profile_id, "
        "first_seen_at = o.first_seen_at from plan_owners as o "
        "where identifiers.identifier_id = o.identifier_id and "
        "(identifiers.profile_id, identifiers.birth_profile_id, identifiers.first_seen_at) "
        "is distinct from (o.profile_id, o.birth_profile_id, o.first_seen_at)"
    )
    cursor.execute("drop table plan_owners")


def _links(cursor: Cursor, reckoning: Reckoning, fresh: Fresh, now: datetime) -> None:
    rows = fresh.links.append_column("kept", pa.array(reckoning.parted.kept))
    place = rows.schema.get_field_index("moment")
    rows = rows.set_column(place, "moment", pa.array(moments_of(rows["moment"].to_numpy())))
    cursor.register("plan_rows", rows)
    cursor.execute(
        "create or replace temp table plan_links as select n.a, n.b, "
        "make_timestamp(n.moment) as first_observed_at, n.source_id, n.message_id, n.rule, n.kept, "
        "coalesce(o.recorded_at, ?::timestamp) as recorded_at "
        "from plan_rows as n left join links as o on o.a = n.a and o.b = n.b",
        [now],
    )
    cursor.unregister("plan_rows")
    cursor.execute("delete from links")
    cursor.execute("insert into links by name select * from plan_links")
    cursor.execute("drop table plan_links")


def _rows(cursor: Cursor, reckoning: Reckoning, filed: Filed) -> None:
    place = np.searchsorted(reckoning.after.ids, filed.identifier)
    rows = pa.table(
        {
            "position": filed.position,
            "identifier_id": filed.identifier,
            "profile_id": reckoning.parted.profile[place],
        }
    )
    cursor.register("plan_rows", rows)
    for table in FILED_TABLES:
        # Rows of households are filed by their own identifier, and are made anew afterwards.
        cursor.execute(
            f"update {table} set identifier_id = r.identifier_id, profile_id = r.profile_id "
            f"from plan_rows as r where {table}.position = r.position "
            f"and ({table}.identifier_id <> r.identifier_id or {table}.profile_id <> r.profile_id)"
        )
    cursor.unregister("plan_rows")


def _with(cursor: Cursor, rows: pa.Table, sql: str) -> None:
    """Run one statement over rows that it calls `plan_rows`."""
    if len(rows) or sql.startswith("create"):
        cursor.register("plan_rows", rows)
        cursor.execute(sql)
        cursor.unregister("plan_rows")
