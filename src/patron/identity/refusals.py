"""The links that the rules forbid: to whom they would lead, and what would be held twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from patron.engines.duckdb import Cursor
from patron.identity import graph
from patron.identity.origins import Members, Origins, Row, strength_of
from patron.spec.identifiers import IdentityRules

_OTHERS = """
select i.identifier_id, i.type, i.value, coalesce(m.survivor_id, i.profile_id)
from identifiers as i left join profile_map as m using (profile_id)
where i.identifier_id in (select unnest($ids::bigint[]))
"""
_HELD = """
with stored as (
    select id as standing_id, id as profile_id from unnest($ids::bigint[]) as given(id)
    union all
    select survivor_id, profile_id from profile_map
    where survivor_id in (select unnest($ids::bigint[]))
)
select s.standing_id, i.type, min(i.value)
from identifiers as i join stored as s using (profile_id)
where i.type in (select unnest($types::varchar[])) group by all
"""


class _Across(NamedTuple):
    """A refused link with its end in another profile."""

    own: graph.Node
    other: graph.Other
    link: Row

    def order(self) -> tuple[object, ...]:
        """The weaker end counts first, then the stronger one, then time."""
        ends = sorted((self.own.strength, self.other.strength), reverse=True)
        return (*ends, self.link.first_observed_at, self.link.a, self.link.b)


def read_refused(
    cursor: Cursor,
    origins: Origins,
    profile_id: int,
    members: Members,
    links: Iterable[Row],
    most: int,
) -> list[graph.RefusedLink]:
    """Refused links in the order in which they were looked at: by strength, then time.

    Args:
        cursor: On the workspace.
        origins: Says where links come from, and by which rules.
        profile_id: The profile.
        members: Its identifiers.
        links: Refused ones that end in them.
        most: How many to return.
    """
    rules = origins.rules
    across = sorted(_across(cursor, rules, members, list(links)), key=_Across.order)[:most]
    if not across:
        return []
    held = _held(cursor, rules, {profile_id, *(one.other.profile_id for one in across)})
    found = []
    for own, other, link in across:
        theirs = held.get(other.profile_id, {}) if other.profile_id != profile_id else {}
        conflicts = _conflicts(rules, held.get(profile_id, {}), theirs)
        found.append(
            graph.RefusedLink(
                a=own.id,
                other=other,
                conflicts=conflicts,
                refusal=graph.refused_reason(profile_id, other.profile_id, conflicts),
                **origins.of(link, own.type, other.type),
            )
        )
    return found


def _across(
    cursor: Cursor, rules: IdentityRules, members: Members, links: list[Row]
) -> list[_Across]:
    if not links:
        return []
    far = {link: link.b if link.a in members.place else link.a for link in links}
    cursor.execute(_OTHERS, {"ids": sorted(set(far.values()))})
    others = {
        number: graph.Other(number, kind, value, strength_of(rules, kind), profile)
        for number, kind, value, profile in cursor.all()
    }
    found = []
    for link, number in far.items():
        own = link.a if number == link.b else link.b
        found.append(_Across(members.nodes[members.place[own]], others[number], link))
    return found


def _held(cursor: Cursor, rules: IdentityRules, profiles: set[int]) -> dict[int, dict[str, str]]:
    """What some profiles hold of each type of which a profile holds only one value."""
    types = [kind.name for kind in rules.types if kind.unique]
    cursor.execute(_HELD, {"ids": sorted(profiles), "types": types})
    found: dict[int, dict[str, str]] = {}
    for profile, kind, value in cursor.all():
        found.setdefault(profile, {})[kind] = value
    return found


def _conflicts(
    rules: IdentityRules, own: dict[str, str], other: dict[str, str]
) -> tuple[graph.Conflict, ...]:
    """The types, the strongest first, of which both sides hold a value."""
    both = (kind.name for kind in rules.types if kind.name in own and kind.name in other)
    return tuple(graph.Conflict(name, own[name], other[name]) for name in both)
