"""The largest profiles that other rules would make, and those that look wrong, with reasons."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from patron.engines.duckdb import Cursor
from patron.identity.normal.fields import field_of, normal_field
from patron.identity.rules_change.reckoning import Reckoning
from patron.pipeline.identity.examples import by_owner, named
from patron.spec.identifiers import IdentityRules
from patron.spec.scopes import base_of

Ints = npt.NDArray[np.int64]

SHOWN = 10
"""So many profiles are shown of either kind."""

LOOKED_AT = 100
"""Of so many that look most suspicious by their identifiers the traits are read as well."""

ALONE = 0.99
"""A type is one of which people have one value when so many of its holders have one."""

ENOUGH = 20
"""And there are so many holders at least."""

HUB = 3
"""An identifier that links so many profiles is told."""

MANY = 5
"""So many profiles that become one are told."""

DEVICES = frozenset({"anonymous_id", "device_id", "advertising_id"})
"""Types that name a device and not a person."""

TELLING = {
    "family_name": "family names",
    "birthday": "birthdays",
    "country": "countries",
    "full_name": "names",
}
"""What one person has one of, and what several of them are called."""


@dataclass(slots=True)
class _Doubt:
    """What speaks against one profile."""

    score: float = 0.0
    reasons: list[str] = field(default_factory=list)

    def add(self, score: float, reason: str) -> None:
        """One more reason."""
        self.score += score
        self.reasons.append(reason)


def largest(cursor: Cursor, reckoning: Reckoning) -> list[dict[str, Any]]:
    """The profiles with the most identifiers among those that gain some."""
    made = _gaining(reckoning)
    sizes = _sizes(reckoning, made)
    chosen = made[np.argsort(-sizes, kind="stable")][:SHOWN]
    return _shown(cursor, reckoning, chosen)


def suspicious(cursor: Cursor, reckoning: Reckoning, rules: IdentityRules) -> list[dict[str, Any]]:
    """The profiles that gain identifiers and look least like one person, with the reasons.

    Args:
        cursor: For reading.
        reckoning: What the change comes to.
        rules: Those that hold.
    """
    made = _gaining(reckoning)
    if not len(made):
        return []
    doubts: dict[int, _Doubt] = defaultdict(_Doubt)
    _many_values(reckoning, rules, made, doubts)
    _many_profiles(reckoning, made, doubts)
    _weak_links(reckoning, made, doubts)
    chosen = sorted(doubts, key=lambda one: (-doubts[one].score, one))[:LOOKED_AT]
    if len(chosen) < LOOKED_AT:
        known = set(chosen)
        chosen += [one for one in made.tolist() if one not in known][: LOOKED_AT - len(chosen)]
    _what_rows_say(cursor, reckoning, chosen, doubts)
    worst = sorted((one for one in chosen if doubts[one].reasons),
                   key=lambda one: (-doubts[one].score, one))[:SHOWN]  # fmt: skip
    rows = _shown(cursor, reckoning, np.array(worst, dtype=np.int64))
    return [{**row, "reasons": doubts[row["profile_id"]].reasons} for row in rows]


def _gaining(reckoning: Reckoning) -> Ints:
    """Profiles of afterwards that hold what several profiles held before, ascending."""
    after, counts = np.unique(reckoning.groups.pairs[1], return_counts=True)
    found: Ints = after[counts > 1]
    return found


def _sizes(reckoning: Reckoning, made: Ints) -> Ints:
    places = np.searchsorted(made, reckoning.parted.profile)
    mine = made[np.minimum(places, len(made) - 1)] == reckoning.parted.profile if len(made) else []
    return np.bincount(places[mine], minlength=len(made)) if len(made) else made


def _shown(cursor: Cursor, reckoning: Reckoning, chosen: Ints) -> list[dict[str, Any]]:
    """Some profiles of afterwards, in this order."""
    after, parted = reckoning.after, reckoning.parted
    before, into = reckoning.groups.pairs
    by_profile = by_owner(parted.profile, chosen)
    own = [by_profile[one] for one in chosen.tolist()]
    rows = []
    for profile, some, names in zip(chosen.tolist(), own, named(cursor, after, own), strict=True):
        kinds, counts = np.unique(after.kind[some], return_counts=True)
        by_type = {after.kinds[k]: int(n) for k, n in zip(kinds, counts, strict=True)}
        joined = before[into == profile]
        rows.append(
            {
                "profile_id": profile,
                "identifiers": len(some),
                "by_type": dict(sorted(by_type.items(), key=lambda item: -item[1])),
                "profiles": len(joined),
                "before": joined[:SHOWN].tolist(),
                "some": names,
            }
        )
    return rows


def _many_values(
    reckoning: Reckoning, rules: IdentityRules, made: Ints, doubts: dict[int, _Doubt]
) -> None:
    """Several values of a type of which nearly everybody has one."""
    after, parted = reckoning.after, reckoning.parted
    unique = {kind.name for kind in rules.types if kind.unique}
    for number, name in enumerate(after.kinds):
        mine = after.kind == number
        _, before = np.unique(after.profile[mine & (after.profile > 0)], return_counts=True)
        alone = float((before == 1).mean()) if len(before) else 0.0
        if name not in unique and (len(before) < ENOUGH or alone < ALONE):
            continue
        holders, counts = np.unique(parted.profile[mine], return_counts=True)
        several = (counts > 1) & np.isin(holders, made)
        share = f"{int(1000 * alone) / 10:g} % of those who have any have one"
        for one, count in zip(holders[several].tolist(), counts[several].tolist(), strict=True):
            doubts[one].add(
                min(count, 20) * (2 if name in unique else 1),
                f"{count} values of {name}; {share} today",
            )


def _many_profiles(reckoning: Reckoning, made: Ints, doubts: dict[int, _Doubt]) -> None:
    """Unusually many profiles that become one."""
    after, counts = np.unique(reckoning.groups.pairs[1], return_counts=True)
    many = (counts >= MANY) & np.isin(after, made)
    for one, count in zip(after[many].tolist(), counts[many].tolist(), strict=True):
        doubts[one].add(min(count, 40) / 2, f"{count} profiles become one")


def _weak_links(reckoning: Reckoning, made: Ints, doubts: dict[int, _Doubt]) -> None:
    """Profiles that only devices join, and identifiers that join many."""
    after, parted = reckoning.after, reckoning.parted
    crossing = np.flatnonzero(
        parted.kept & (after.profile[after.links.a] != after.profile[after.links.b])
    )
    if not len(crossing):
        return
    a, b = after.links.a[crossing], after.links.b[crossing]
    owner = parted.profile[a]
    device = np.array([_is_device(reckoning.rules, name) for name in after.kinds], dtype=np.bool_)
    weak = device[after.kind[a]] | device[after.kind[b]]
    # Of profiles that no stronger link joins: which types of devices do.
    only = ~np.isin(owner, owner[~weak]) & np.isin(owner, made)
    owners, kinds = np.r_[owner[only], owner[only]], after.kind[np.r_[a[only], b[only]]]
    found = np.unique(np.stack([owners, kinds], axis=1)[device[kinds]], axis=0)
    told: dict[int, list[str]] = defaultdict(list)
    for one, kind in found.tolist():
        told[one].append(after.kinds[kind])
    for one, names in told.items():
        doubts[one].add(4.0, f"nothing but {' and '.join(names)} joins them")
    ends, count = np.unique(np.r_[a, b], return_counts=True)
    hubs = np.flatnonzero(count >= HUB)
    for end, links in zip(ends[hubs].tolist(), count[hubs].tolist(), strict=True):
        one = int(parted.profile[end])
        name = after.kinds[int(after.kind[end])]
        doubts[one].add(min(links, 40) / 4, f"one {name} links {links} of them")


def _is_device(rules: IdentityRules, name: str) -> bool:
    """Whether a type names a device, or what it looks like; unknown ones by their name."""
    rank = rules.rank(name)
    return base_of(name) in DEVICES if rank is None else not rules.types[rank].tells_people


def _what_rows_say(
    cursor: Cursor, reckoning: Reckoning, chosen: list[int], doubts: dict[int, _Doubt]
) -> None:
    """Traits of which one person has one value, and many brands."""
    before, into = reckoning.groups.pairs
    mine = np.isin(into, np.array(chosen, dtype=np.int64))
    pairs = [before[mine].tolist(), into[mine].tolist()]
    cursor.execute(
        "create or replace temp table plan_candidates as "
        "select unnest(?::bigint[]) as profile_id, unnest(?::bigint[]) as into_id",
        pairs,
    )
    for (one, field_name), held in sorted(_told(cursor, reckoning.rules).items()):
        if len(held) > 1:
            doubts[one].add(min(len(held), 10) * 1.5, f"{len(held)} {TELLING[field_name]}")
    cursor.execute(
        "select into_id, count(distinct brand) as held from current_events "
        "join plan_candidates using (profile_id) group by all having held > 2 order by all"
    )
    for one, held in cursor.all():
        doubts[one].add(min(held, 10) / 2, f"events of {held} brands")
    cursor.execute("drop table plan_candidates")


def _told(cursor: Cursor, rules: IdentityRules) -> dict[tuple[int, str], set[str]]:
    """For each candidate and telling field the values told of it, in forms that compare."""
    cursor.execute(
        "select distinct name from current_traits join plan_candidates using (profile_id)"
    )
    fields = {name: field_of(name) for (name,) in cursor.all()}
    telling = [name for name, known in fields.items() if known in TELLING]
    cursor.execute(
        "select distinct into_id, name, value::JSON->>'$' as text from current_traits "
        "join plan_candidates using (profile_id) where name in (select unnest(?::varchar[]))",
        [telling],
    )
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    for one, name, text in cursor.all():
        known = fields[name]
        value = normal_field(known, text, rules.default_region) if known and text else None
        if known and value:
            found[one, known].add(value)
    return found
