"""The links that the rules forbid: to whom they would lead, and what would be held twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from patron.engines.duckdb import Cursor
from patron.identity.graph import model as graph
from patron.identity.graph.against import Against
from patron.identity.graph.origins import Members, Origins, Row, strength_of
from patron.identity.partition.constraints import fingerprint_types
from patron.spec.identifiers import IdentityRules

_OTHERS = """
select i.identifier_id, i.type, i.value, coalesce(m.survivor_id, i.profile_id)
from identifiers as i left join profile_map as m using (profile_id)
where i.identifier_id in (select unnest($ids::bigint[]))
"""


class _Across(NamedTuple):
    """A refused link with its end in another profile."""

    own: graph.Node
    other: graph.Other
    link: Row

    def order(self, last: set[int]) -> tuple[object, ...]:
        """Those of models late, those at fingerprints last; then by the weaker end, and by time.

        Args:
            last: How strong fingerprints are.
        """
        ends = sorted((self.own.strength, self.other.strength), reverse=True)
        link = self.link
        weak = not {*ends}.isdisjoint(last)
        return (weak, link.by_model, *ends, link.first_observed_at, link.a, link.b)


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
    last = {rank + 1 for rank in fingerprint_types(rules)}
    found_across = _across(cursor, rules, members, list(links))
    across = sorted(found_across, key=lambda one: one.order(last))[:most]
    if not across:
        return []
    profiles = {profile_id, *(one.other.profile_id for one in across)}
    ends = {end.id: end.type for one in across for end in (one.own, one.other)}
    against = Against(cursor, rules, profiles, ends)
    found = []
    for own, other, link in across:
        reasons = against.reasons(profile_id, other.profile_id, (own.id, other.id))
        found.append(
            graph.RefusedLink(
                a=own.id,
                other=other,
                conflicts=against.conflicts(profile_id, other.profile_id),
                decisions=against.decisions(profile_id, other.profile_id),
                refusal=" ".join(reasons) or graph.refused_reason(profile_id, other.profile_id),
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
