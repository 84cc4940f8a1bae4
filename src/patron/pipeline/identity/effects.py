"""What a change of the rules of identity does to the members of each segment.

Every saved segment is asked twice: of the tables as they are, and of the same rows under the
profiles that they would have.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from patron.engines.duckdb import Cursor
from patron.errors import RuleError
from patron.identity import households
from patron.identity.rules_change.people import first_seen_by_profile
from patron.identity.rules_change.reckoning import Reckoning
from patron.pipeline.book import Book
from patron.pipeline.identity.work import Progress
from patron.segments.frames import Relations
from patron.segments.sql import compile_members
from patron.warehouse.reading import Reading

_ROWS = ("events", "order_lines", "traits")


def segment_effects(
    reading: Reading,
    book: Book,
    reckoning: Reckoning,
    tell: Progress,
    *,
    changed: bool,
) -> list[dict[str, Any]]:
    """Per segment how many members it has, and how many it would have.

    Args:
        reading: The view that was reckoned in; temporary tables are made on its cursor.
        book: The segments.
        reckoning: What the change comes to.
        tell: Told how many segments are counted.
        changed: Whether anything changes at all.
    """
    cursor = reading.cursor
    as_of, catalogue = reading.as_of, book.catalogue
    now = Relations.of(cursor)
    then = shifted(cursor, reckoning) if changed else now
    found = []
    for number, (name, segment) in enumerate(sorted(book.declared.items())):
        tell("Counting members", number, len(book.declared))
        counts: list[int | None] = []
        error = None
        for relations in (now, then):
            try:
                sql = compile_members(
                    segment.rule, as_of=as_of, catalogue=catalogue, relations=relations
                )
            except RuleError as wrong:
                counts, error = [None, None], wrong.message
                break
            counts.append(int(cursor.execute(f"select count(*) from ({sql})").value()))
        found.append({"name": name, "before": counts[0], "after": counts[1], "error": error})
    return found


def shifted(cursor: Cursor, reckoning: Reckoning) -> Relations:
    """The tables under the profiles that a change would give, as temporary views.

    Args:
        cursor: Gets them; they are gone with it.
        reckoning: What the change comes to.
    """
    _make_maps(cursor, reckoning)
    lone = _lone(cursor, reckoning)
    by = "identifier_id" if reckoning.filed is None else "position"
    names = {}
    for rows in (*_ROWS, "group_members"):
        if rows in _ROWS:
            names[rows] = f"plan_{rows}"
        cursor.execute(
            f"create or replace temp view plan_{rows} as "
            f"select r.* replace (coalesce({lone.profile}m.profile_id, r.profile_id) as profile_id)"
            f" from current_{rows} as r left join plan_moved as m on m.{by} = r.{by}{lone.join}"
        )
    cursor.execute(
        "create or replace temp view plan_membership_changes as select c.* replace "
        "(coalesce(s.survivor_id, c.profile_id) as profile_id), c.changed_at as occurred_at, "
        "c.segment as name from membership_changes as c left join plan_standing as s "
        "on s.profile_id = c.profile_id"
    )
    cursor.execute(
        "create or replace temp view plan_identifiers as "
        "select o.profile_id, i.identifier_id, i.type, i.value from (select identifier_id, type, "
        "value from identifiers union all select identifier_id, type, value from plan_new) as i "
        "join plan_owners as o using (identifier_id)"
    )
    _make_households(cursor, reckoning)
    return Relations(
        names["events"],
        names["order_lines"],
        names["traits"],
        early=True,  # the change may make devices shared
        group_members="plan_all_members",
        group_traits="plan_group_traits",
        identifiers="plan_identifiers",
        membership_changes="plan_membership_changes",
        profiles="plan_profiles",
    )


def _make_households(cursor: Cursor, reckoning: Reckoning) -> None:
    """The members of groups, with the households that there would be in place of those there are.

    Args:
        cursor: Has the other views already.
        reckoning: What the change comes to.
    """
    links = "links"
    if reckoning.fresh is not None:
        links = "plan_links"
        _fill(
            cursor,
            links,
            reckoning.fresh.links,
            "select a, b, make_timestamp(moment) as first_observed_at, source_id, message_id, "
            "make_timestamp(moment) as recorded_at",
        )
    types = households.told_types(reckoning.rules)
    source = households.Source(links, "plan_identifiers")
    cursor.execute(
        f"create or replace temp table plan_households as {households.members_sql(source)}",
        {"types": types or None},
    )
    cursor.execute(
        "create or replace temp view plan_all_members as "
        "select * from plan_group_members where not household union all by name "
        "select 0 as position, o.profile_id, h.identifier_id, h.group_id, h.occurred_at, "
        "h.source_id, h.message_id, true as household "
        "from plan_households as h join plan_owners as o using (identifier_id)"
    )
    cursor.execute(
        "create or replace temp view plan_group_traits as select * from group_traits "
        "where name not in ('type', 'people') or group_id not in (select group_id "
        "from group_members where household) union all by name "
        f"select 0 as position, * from ({households.traits_sql('plan_households')})"
    )


class _Lone(NamedTuple):
    """SQL for messages of shared devices that would be somebody else's.

    Attributes:
        profile: Whose, as the first thing to look at.
        join: Where that is found.
    """

    profile: str = ""
    join: str = ""


def _lone(cursor: Cursor, reckoning: Reckoning) -> _Lone:
    lone = reckoning.lone
    if lone is None:
        return _Lone()
    rows = pa.table({"position": lone.position, "profile_id": lone.profile})
    _fill(cursor, "plan_lone", rows, "select position, profile_id")
    return _Lone("l.profile_id, ", " left join plan_lone as l on l.position = r.position")


def _make_maps(cursor: Cursor, reckoning: Reckoning) -> None:
    after, parted = reckoning.after, reckoning.parted
    ids, seen = first_seen_by_profile(after, parted.profile)
    gone = parted.founded != parted.standing
    _fill(
        cursor,
        "plan_profiles",
        pa.table({"profile_id": ids, "first_seen_at": pa.array(seen, pa.timestamp("us"))}),
        "select profile_id, first_seen_at, null::bigint as merged_into",
    )
    _fill(
        cursor,
        "plan_standing",
        pa.table({"profile_id": parted.founded[gone], "survivor_id": parted.standing[gone]}),
        "select profile_id, survivor_id",
    )
    owners = pa.table({"identifier_id": after.ids, "profile_id": parted.profile})
    _fill(cursor, "plan_owners", owners, "select identifier_id, profile_id")
    filed, fresh = reckoning.filed, reckoning.fresh
    if filed is None or fresh is None:
        new = pa.table({name: pa.array([], kind) for name, kind in _NAMES.items()})
        moved = pa.table({"identifier_id": after.ids, "profile_id": parted.profile}).filter(
            pa.array(reckoning.moved)
        )
        _fill(cursor, "plan_moved", moved, "select identifier_id, profile_id")
    else:
        new = fresh.identifiers.select(list(_NAMES))
        returning = cursor.arrow(
            "select identifier_id, type, value from retired_identifiers "
            "where identifier_id in (select unnest(?::bigint[]))",
            [fresh.returning.tolist()],
        )
        new = pa.concat_tables([new, returning.cast(new.schema)])
        place = np.searchsorted(after.ids, filed.identifier)
        rows = pa.table({"position": filed.position, "profile_id": parted.profile[place]})
        _fill(cursor, "plan_moved", rows, "select position, profile_id")
    _fill(cursor, "plan_new", new, "select identifier_id, type, value")


_NAMES = {"identifier_id": pa.int64(), "type": pa.string(), "value": pa.string()}


def _fill(cursor: Cursor, name: str, rows: pa.Table, select: str) -> None:
    cursor.register("plan_rows", rows)
    cursor.execute(f"create or replace temp table {name} as {select} from plan_rows")
    cursor.unregister("plan_rows")
