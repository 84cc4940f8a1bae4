"""What stands against links that are refused: decisions, values held back, and limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from patron.engines.duckdb import Cursor
from patron.identity.graph import model as graph
from patron.identity.partition.constraints import (
    fingerprint_types,
    limited_types,
    too_many,
    unique_types,
)
from patron.identity.partition.holding import most_people
from patron.spec.identifiers import IdentifierType, IdentityRules

_STORED = """
with stored as (
    select id as standing_id, id as profile_id from unnest($ids::bigint[]) as given(id)
    union all
    select survivor_id, profile_id from profile_map
    where survivor_id in (select unnest($ids::bigint[]))
)
"""
_HELD = f"""{_STORED}
select s.standing_id, i.type, i.value, i.first_seen_at
from identifiers as i join stored as s using (profile_id)
where i.type in (select unnest($types::varchar[])) order by i.value
"""
_PEOPLE = f"""{_STORED}
select distinct s.standing_id
from identifiers as i join stored as s using (profile_id)
where i.type in (select unnest($types::varchar[]))
"""
_GROUPS = f"""{_STORED}
select distinct s.standing_id, g.decision_id, g.group_number
from identity_decision_groups as g join identity_decisions as d using (decision_id)
join identifiers as i using (identifier_id) join stored as s using (profile_id)
where d.kind = 'apart' and d.withdrawn_at is null order by g.decision_id
"""
_COUNTED = """
with ends as (
    select a as near, b as far from links where a in (select unnest($ids::bigint[]))
    union all
    select b, a from links where b in (select unnest($ids::bigint[]))
)
select near, type, count(*) from ends join identifiers on identifier_id = far group by all
"""

Moments = dict[str, list[int]]


class Against:
    """Says what stands against joining profiles.

    Args:
        cursor: On the workspace.
        rules: Those that hold.
        profiles: The profiles that refused links lie between.
        ends: The types of the identifiers that they end in, by id.
    """

    def __init__(
        self, cursor: Cursor, rules: IdentityRules, profiles: Iterable[int], ends: dict[int, str]
    ) -> None:
        self._rules = rules
        self._ends = ends
        self._unique = [rules.types[rank].name for rank in unique_types(rules)]
        self._limits = {rules.types[rank].name: one for rank, one in limited_types(rules).items()}
        self._fingerprints = {rules.types[rank].name for rank in fingerprint_types(rules)}
        ids = sorted(profiles)
        types = [*self._unique, *self._limits]
        self._values: dict[int, dict[str, str]] = {}
        self._seen: dict[int, Moments] = {}
        for profile, kind, value, seen in cursor.execute(_HELD, {"ids": ids, "types": types}).all():
            self._values.setdefault(profile, {}).setdefault(kind, value)
            self._seen.setdefault(profile, {}).setdefault(kind, []).append(_microseconds(seen))
        self._groups: dict[int, dict[int, int]] = {}
        for profile, decision, group in cursor.execute(_GROUPS, {"ids": ids}).all():
            self._groups.setdefault(profile, {})[decision] = group
        self._back = self._held_back(cursor)
        self._identified = self._people(cursor, ids)

    def decisions(self, one: int, other: int) -> tuple[int, ...]:
        """The decisions that say of two profiles that they are not one person."""
        mine, theirs = self._groups.get(one, {}), self._groups.get(other, {})
        return tuple(name for name in mine if theirs.get(name, mine[name]) != mine[name])

    def conflicts(self, one: int, other: int) -> tuple[graph.Conflict, ...]:
        """The types, the strongest first, of which both hold a value and one person holds one."""
        mine, theirs = self._values.get(one, {}), self._values.get(other, {})
        both = (kind for kind in self._unique if kind in mine and kind in theirs)
        return tuple(graph.Conflict(kind, mine[kind], theirs[kind]) for kind in both)

    def reasons(self, one: int, other: int, ends: tuple[int, int]) -> Iterator[str]:
        """Why a link between two profiles is refused, one sentence each, without values.

        Args:
            one: The profile.
            other: The other one.
            ends: The ids of the identifiers that it links.
        """
        for name in self.decisions(one, other):
            yield f"Decision {name} says that profiles {one} and {other} are not one person."
        yield from (self._back[end] for end in ends if end in self._back)
        if {one, other} <= self._identified:
            for kind in sorted({self._ends[end] for end in ends} & self._fingerprints):
                yield (
                    f"Profiles {one} and {other} are both of people who are known by more than "
                    f"their devices, and a {kind} alone never joins two of these."
                )
        conflicts = self.conflicts(one, other)
        if conflicts:
            yield graph.refused_reason(one, other, conflicts)
        mine, theirs = self._seen.get(one, {}), self._seen.get(other, {})
        for kind, limit in self._limits.items():
            if kind not in mine or kind not in theirs:
                continue
            if too_many(sorted(mine[kind]), sorted(theirs[kind]), limit):
                within = "" if limit.window is None else " within its window"
                yield (
                    f"Profiles {one} and {other} together have more values of {kind} than the "
                    f"{limit.most} that one person holds{within}."
                )

    def _people(self, cursor: Cursor, profiles: list[int]) -> set[int]:
        """The profiles that hold an identifier of people, where an end is a fingerprint."""
        if not self._fingerprints.intersection(self._ends.values()):
            return set()
        types = [kind.name for kind in self._rules.types if kind.tells_people]
        cursor.execute(_PEOPLE, {"ids": profiles, "types": types})
        return {profile for (profile,) in cursor.all()}

    def _held_back(self, cursor: Cursor) -> dict[int, str]:
        """For each end that is held back, why."""
        most = most_people(self._rules)
        if not most.any():
            return {}
        ranks = {kind.name: rank for rank, kind in enumerate(self._rules.types)}
        found: dict[int, str] = {}
        rows = cursor.execute(_COUNTED, {"ids": sorted(self._ends)}).all()
        for end, kind, linked in sorted(rows, key=lambda row: (row[0], -row[2], row[1])):
            own = self._ends[end]
            if own not in ranks or kind not in ranks:
                continue
            allowed = int(most[ranks[own], ranks[kind]])
            if allowed and linked > allowed:
                reason = _held_reason(self._rules.types[ranks[own]], kind, linked, allowed)
                found.setdefault(end, reason)
        return found


def _held_reason(own: IdentifierType, kind: str, linked: int, most: int) -> str:
    if own.stands_for == "household" and most == 1:
        return f"The {own.name} is a household's: it came with {linked:,} values of {kind}."
    return (
        f"The {own.name} is held back: it came with {linked:,} values of {kind}, and joins nobody "
        f"beyond {most:,}."
    )


def _microseconds(moment: datetime) -> int:
    return round((moment - datetime(1970, 1, 1)).total_seconds() * 1_000_000)  # noqa: DTZ001
