"""Examples of what a change of the rules of identity does, with identifiers and the reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from patron.engines.duckdb import Cursor
from patron.identity.rules_change.people import People
from patron.identity.rules_change.reckoning import Reckoning

Ints = npt.NDArray[np.int64]

EACH = 5
"""So many examples of merges, of splits and of moves."""

SHOWN = 6
"""So many identifiers of a profile are shown, and so many profiles of one example."""


def examples(cursor: Cursor, reckoning: Reckoning) -> list[dict[str, Any]]:
    """The largest merges, splits and moves.

    Each says which profiles there were and which there would be, with some of their identifiers,
    and the link that brings it about.
    """
    groups = reckoning.groups
    held = reckoning.parted.profile[np.isin(reckoning.parted.profile, groups.after)]
    sizes = np.bincount(
        groups.after_group[np.searchsorted(groups.after, held)],
        minlength=len(groups.counts_after),
    )
    found = []
    for kind, those in (
        ("merge", groups.merging),
        ("split", groups.splitting),
        ("move", groups.moving),
    ):
        numbers = np.flatnonzero(those)
        chosen = numbers[np.argsort(-sizes[numbers], kind="stable")][:EACH]
        found += [(kind, number) for number in chosen.tolist()]
    shown = _Shown(cursor, reckoning, [number for _, number in found])
    return [shown.example(kind, number) for kind, number in found]


def named(cursor: Cursor, people: People, places: Iterable[Ints]) -> list[list[str]]:
    """For each of several lists of identifiers (their places) some of them as ``type:value``."""
    wanted = [people.ids[some[:SHOWN]].tolist() for some in places]
    every = sorted({one for some in wanted for one in some})
    cursor.execute(
        "select identifier_id, type || ':' || value from identifiers "
        "where identifier_id in (select unnest(?::bigint[]))",
        [every],
    )
    texts: dict[int, str] = dict(cursor.all())
    return [[texts[one] for one in some if one in texts] for some in wanted]


class _Side(NamedTuple):
    """The profiles of one example, before or afterwards.

    Attributes:
        profiles: How many there are.
        shown: The largest of them, each with the places of its identifiers.
    """

    profiles: int
    shown: dict[int, Ints]


class _Shown:
    """Shows some groups of profiles."""

    def __init__(self, cursor: Cursor, reckoning: Reckoning, numbers: list[int]) -> None:
        groups = reckoning.groups
        self._reckoning = reckoning
        before, after = reckoning.before, reckoning.after
        self._before = _sides(groups.before, groups.before_group, numbers, before.profile)
        self._after = _sides(groups.after, groups.after_group, numbers, reckoning.parted.profile)
        self._names: dict[tuple[bool, int], list[str]] = {}
        for late, sides, people in ((False, self._before, before), (True, self._after, after)):
            flat = {one: some for side in sides.values() for one, some in side.shown.items()}
            for one, names in zip(flat, named(cursor, people, flat.values()), strict=True):
                self._names[late, one] = names
        self._gained = _first_by_group(
            reckoning.gained, after, groups.after, groups.after_group, reckoning.parted.profile
        )
        self._lost = _first_by_group(
            reckoning.lost, before, groups.before, groups.before_group, before.profile
        )

    def example(self, kind: str, number: int) -> dict[str, Any]:
        """One group."""
        return {
            "kind": kind,
            "profiles_before": self._before[number].profiles,
            "before": self._side(number, late=False),
            "profiles_after": self._after[number].profiles,
            "after": self._side(number, late=True),
            "reason": self._reason(number),
        }

    def _side(self, number: int, *, late: bool) -> list[dict[str, Any]]:
        shown = (self._after if late else self._before)[number].shown
        return [
            {
                "profile_id": profile,
                "identifiers": len(places),
                "some": self._names[late, profile],
            }
            for profile, places in shown.items()
        ]

    def _reason(self, number: int) -> str:
        told = []
        for place, people, said in (
            (self._gained.get(number), self._reckoning.after, "is kept from then on"),
            (self._lost.get(number), self._reckoning.before, "is not kept any more"),
        ):
            if place is not None:
                ends = people.links.a[place], people.links.b[place]
                one, other = (people.kinds[int(people.kind[end])] for end in ends)
                told.append(f"a link between {one} and {other} {said}")
        reason = ", and ".join(told) or "identifiers are read in another way"
        return f"{reason[0].upper()}{reason[1:]}."


def _sides(profiles: Ints, group_of: Ints, numbers: list[int], profile: Ints) -> dict[int, _Side]:
    """For some groups their profiles, the largest with the places of their identifiers."""
    chosen = np.isin(group_of, np.array(numbers, dtype=np.int64))
    own = by_owner(profile, profiles[chosen])
    members: dict[int, dict[int, Ints]] = defaultdict(dict)
    for one, number in zip(profiles[chosen].tolist(), group_of[chosen].tolist(), strict=True):
        members[number][one] = own[one]
    return {
        number: _Side(len(those), dict(sorted(those.items(), key=_size)[:SHOWN]))
        for number, those in members.items()
    }


def _size(item: tuple[int, Ints]) -> tuple[int, int]:
    """The largest first, then the oldest."""
    return -len(item[1]), item[0]


def by_owner(profile: Ints, chosen: Ints) -> dict[int, Ints]:
    """For some profiles the places of their identifiers, ascending.

    Args:
        profile: For each identifier its profile.
        chosen: The profiles.

    >>> {one: places.tolist() for one, places in by_owner(np.array([5, 6, 5]), [5, 7]).items()}
    {5: [0, 2], 7: []}
    """
    chosen = np.unique(np.asarray(chosen, dtype=np.int64))
    places = np.flatnonzero(np.isin(profile, chosen))
    places = places[np.argsort(profile[places], kind="stable")]
    ends = np.searchsorted(profile[places], chosen, side="right")
    return dict(zip(chosen.tolist(), np.split(places, ends), strict=False))


def _first_by_group(
    links: Ints, people: People, profiles: Ints, group_of: Ints, profile: Ints
) -> dict[int, int]:
    """For each group the first of some links (their places) in it."""
    owner = profile[people.links.a[links]]
    known = np.flatnonzero(np.isin(owner, profiles))
    number = group_of[np.searchsorted(profiles, owner[known])]
    found, first = np.unique(number, return_index=True)
    return dict(zip(found.tolist(), links[known[first]].tolist(), strict=True))
