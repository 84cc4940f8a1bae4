"""Groups above people: the households and companies that a customer belongs to, and who else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from patron.engines.duckdb import Cursor
from patron.errors import NotFoundError
from patron.profiles.encoding import decode
from patron.profiles.lookup import (
    KnownIdentifier,
    Profile,
    Standing,
    identified,
    marks,
    stored_ids,
)
from patron.spec.groups import GroupType, shown_id, stored_id

_OWN = """
select household, group_id, min(occurred_at) filter (profile_id in ({ids})) as joined_at
from group_members
where (profile_id in ({ids}) or household and group_id in ({named})) and occurred_at <= ?
group by all
"""

_OTHERS = """
select household, group_id, count(distinct profile_id) filter (profile_id <> ?)
from current_group_members where group_id in ({named}) and occurred_at <= ? group by all
"""

_MEMBERS = """
select profile_id, min(occurred_at) as joined_at
from current_group_members
where household = $household and group_id = $group_id and occurred_at <= $as_of
group by profile_id
"""

_TRAITS = """
select t.name, t.value::JSON, s.name, t.occurred_at
from group_traits as t left join sources as s using (source_id)
where t.group_id = $group_id and t.occurred_at <= $as_of
qualify row_number() over (
    partition by t.name order by t.occurred_at desc, t.source_id desc, t.message_id desc
) = 1
order by t.name
"""

_SOLE = "select profile_id from current_identifiers where type = $type and value = $value"


class Membership(msgspec.Struct, frozen=True):
    """A group that a customer belongs to.

    Attributes:
        type: ``household``, or ``group`` for what group calls name.
        id: Of a household the value that makes it, such as ``email:family@example.com``.
        joined_at: Since when the customer is in it. None: it is in none of it, but is what came
            in under the household's value alone.
        other_members: How many other customers are in it.
    """

    type: GroupType
    id: str
    joined_at: datetime | None
    other_members: int


class GroupTrait(msgspec.Struct, frozen=True):
    """The value that holds for one trait of a group, who said it, and when it was so."""

    name: str
    value: Any
    source: str | None
    occurred_at: datetime


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A group with a page of its members.

    Attributes:
        type: ``household`` or ``group``.
        id: What it is called.
        member_count: How many customers are in it.
        traits: What group calls said of it, by name.
        value_profile_id: Of a household the profile of its value: it holds what came in under
            the value alone, and is nobody's. None for other groups.
        members: Some of its members by rising profile id, with their identifiers.
        more: Whether there are more.
    """

    type: GroupType
    id: str
    member_count: int
    traits: tuple[GroupTrait, ...]
    value_profile_id: int | None
    members: tuple[dict[str, Any], ...]
    more: bool


def groups_of(
    cursor: Cursor, profile: Profile, known: Sequence[KnownIdentifier], as_of: datetime
) -> list[Membership]:
    """The groups that a customer belongs to as of a moment, households first.

    Args:
        cursor: On the workspace.
        profile: One that stands.
        known: Its identifiers: one of them may be what makes a household.
        as_of: What happened after it is not known yet.
    """
    ids = stored_ids(cursor, profile)
    own = profile.profile_id if isinstance(profile, Standing) else profile
    named = [stored_id("household", f"{one.type}:{one.value}") for one in known]
    sql = _OWN.format(ids=marks(ids), named=marks(named) or "null")
    mine = cursor.execute(sql, [*ids, *ids, *named, as_of]).all()
    if not mine:
        return []
    called = [group_id for _, group_id, _ in mine]
    cursor.execute(_OTHERS.format(named=marks(called)), [own, *called, as_of])
    others = {(household, group_id): count for household, group_id, count in cursor.all()}
    found = []
    for household, group_id, joined_at in sorted(mine, key=lambda row: (not row[0], row[1])):
        kind: GroupType = "household" if household else "group"
        count = others[household, group_id]
        found.append(Membership(kind, shown_id(kind, group_id), joined_at, count))
    return found


def group(
    cursor: Cursor, kind: GroupType, group_id: str, as_of: datetime, *, after: int, limit: int
) -> Group:
    """A group, and a page of its members.

    Args:
        cursor: On the workspace.
        kind: ``household`` or ``group``.
        group_id: What it is called; of a household the value in normal form.
        as_of: What happened after it is not known yet.
        after: The last profile id of the page before; 0 for the first page.
        limit: How many members at most.

    Raises:
        NotFoundError: Nobody was in it by then.
    """
    stored = stored_id(kind, group_id)
    values = {"household": kind == "household", "group_id": stored, "as_of": as_of}
    count = int(cursor.execute(f"select count(*) from ({_MEMBERS})", values).value())
    if not count:
        raise NotFoundError(f"There is no {kind} {group_id}.", field="id")
    page = cursor.execute(
        f"select * from ({_MEMBERS}) where profile_id > $after order by profile_id limit $most",
        {**values, "after": after, "most": limit + 1},
    ).all()
    joined: dict[int, datetime] = dict(page[:limit])
    traits = cursor.execute(_TRAITS, {"group_id": stored, "as_of": as_of}).all()
    sole = None
    if kind == "household":
        name, _, value = group_id.partition(":")
        sole = cursor.execute(_SOLE, {"type": name, "value": value}).value()
    return Group(
        type=kind,
        id=group_id,
        member_count=count,
        traits=tuple(GroupTrait(n, decode(v), s, at) for n, v, s, at in traits if v is not None),
        value_profile_id=sole,
        members=tuple(
            {**row, "joined_at": joined[row["profile_id"]]}
            for row in identified(cursor, list(joined))
        ),
        more=len(page) > limit,
    )
