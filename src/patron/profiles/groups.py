"""Groups above people: the households and companies that a customer belongs to, and who else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from patron.engines.duckdb import Cursor
from patron.errors import NotFoundError
from patron.profiles.encoding import decode
from patron.profiles.lookup import KnownIdentifier, Profile, identified, marks, owners, stored_ids
from patron.spec.groups import GroupType, shown_id, stored_id
from patron.warehouse.standing import Standing

_OWN = """
select profile_id, household, group_id, min(occurred_at)
from group_members
where (profile_id in ({ids}) or household and group_id in ({named})) and occurred_at <= ?
group by all
"""

_SIZES = """
select household, group_id, count(distinct profile_id)
from current_group_members where group_id in ({named}) and occurred_at <= ? group by all
"""

_MEMBERS = """
select profile_id, min(occurred_at) as joined_at
from current_group_members
where household = $household and group_id = $group_id and occurred_at <= $as_of
group by profile_id
"""

_TOGETHER = """
select group_id, profile_id, min(occurred_at) as joined_at
from current_group_members
where household and group_id in ({named}) and occurred_at <= ?
group by group_id, profile_id
qualify row_number() over (partition by group_id order by profile_id) <= ?
order by group_id, profile_id
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
    return _memberships(cursor, dict.fromkeys(ids, own), {own: known}, as_of)[own]


def groups_of_all(
    cursor: Cursor,
    profiles: Sequence[Standing],
    known: Mapping[int, Sequence[KnownIdentifier]],
    as_of: datetime,
) -> dict[int, list[Membership]]:
    """As `groups_of`, of several: by profile id."""
    told = {one.profile_id: known.get(one.profile_id, ()) for one in profiles}
    return _memberships(cursor, owners(profiles), told, as_of)


def _memberships(
    cursor: Cursor,
    owner: Mapping[int, int],
    known: Mapping[int, Sequence[KnownIdentifier]],
    as_of: datetime,
) -> dict[int, list[Membership]]:
    makers: dict[str, list[int]] = {}
    for own, identifiers in known.items():
        for one in identifiers:
            makers.setdefault(stored_id("household", f"{one.type}:{one.value}"), []).append(own)
    sql = _OWN.format(ids=marks(list(owner)), named=marks(list(makers)) or "null")
    joined: dict[int, dict[tuple[bool, str], datetime | None]] = {own: {} for own in known}
    for stored, household, group_id, at in cursor.execute(sql, [*owner, *makers, as_of]).all():
        if stored in owner:
            mine = joined[owner[stored]]
            before = mine.get((household, group_id))
            mine[household, group_id] = at if before is None else min(at, before)
        for own in makers.get(group_id, ()) if household else ():
            joined[own].setdefault((True, group_id), None)
    called = sorted({group_id for mine in joined.values() for _, group_id in mine})
    if not called:
        return {own: [] for own in joined}
    cursor.execute(_SIZES.format(named=marks(called)), [*called, as_of])
    sizes = {(household, group_id): count for household, group_id, count in cursor.all()}
    return {
        own: [
            _membership(group, at, sizes[group])
            for group, at in sorted(mine.items(), key=lambda one: (not one[0][0], one[0][1]))
        ]
        for own, mine in joined.items()
    }


def _membership(group: tuple[bool, str], joined_at: datetime | None, size: int) -> Membership:
    kind: GroupType = "household" if group[0] else "group"
    others = size if joined_at is None else size - 1
    return Membership(kind, shown_id(kind, group[1]), joined_at, others)


def households_members(
    cursor: Cursor, households: Sequence[str], as_of: datetime, *, limit: int
) -> dict[str, list[dict[str, Any]]]:
    """Members of some households by its id: by rising profile id, so many of each.

    Args:
        cursor: On the workspace.
        households: What they are called, such as ``email:family@example.com``.
        as_of: What happened after it is not known yet.
        limit: How many of each.
    """
    named = [stored_id("household", one) for one in households]
    if not named:
        return {}
    sql = _TOGETHER.format(named=marks(named))
    rows = cursor.execute(sql, [*named, as_of, limit]).all()
    known = identified(cursor, sorted({profile_id for _, profile_id, _ in rows}))
    people = {one["profile_id"]: one for one in known}
    found: dict[str, list[dict[str, Any]]] = {}
    for group_id, profile_id, joined_at in rows:
        member = {**people[profile_id], "joined_at": joined_at}
        found.setdefault(shown_id("household", group_id), []).append(member)
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
