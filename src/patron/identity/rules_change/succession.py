"""Who takes over from identifiers that are gone: their profiles go on under those that came."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from patron.identity.rules_change.people import Parted, People

Ints = npt.NDArray[np.int64]


def founders(people: People) -> dict[int, int]:
    """For each profile that has one its founder: the first identifier that was seen on it."""
    profiles, first = np.unique(people.birth, return_index=True)
    return dict(zip(profiles.tolist(), people.ids[first].tolist(), strict=True))


def adopt(ids: Ints, births: Ints, founder_of: dict[int, int], heirs: dict[int, int]) -> None:
    """Have new identifiers found the profiles whose founders are gone.

    Args:
        ids: The identifiers that are there afterwards, ascending.
        births: For each the profile that it was first seen on, 0 for new ones; is changed.
        founder_of: For each profile its founder of before.
        heirs: For identifiers that are gone, the one that their value is from then on.

    >>> births = np.array([0, 2])
    >>> adopt(np.array([7, 8]), births, {2: 8, 3: 5, 4: 6}, {5: 7, 6: 7})
    >>> births.tolist()
    [3, 2]
    """
    profiles = np.array(sorted(founder_of), dtype=np.int64)
    for profile in profiles[~np.isin(profiles, births)].tolist():
        heir = heirs.get(founder_of[profile], 0)
        place = int(np.searchsorted(ids, heir))
        if heir and births[place] == 0:
            births[place] = profile


def whereabouts(before: People, gone: Iterable[int], there: dict[int, int]) -> dict[int, int]:
    """For identifiers that are gone one that is there and that they were nearest to.

    Args:
        before: Identifiers and links as they were.
        gone: The ids of those that are looked for.
        there: For ids of before the one that they are afterwards; without those that are nowhere.
    """
    wanted = list(gone)
    near: dict[int, list[int]] = defaultdict(list)
    if any(one not in there for one in wanted):
        order = np.argsort(before.links.observed_at, kind="stable")
        ones, others = (
            before.ids[ends[order]].tolist() for ends in (before.links.a, before.links.b)
        )
        for one, other in zip(ones, others, strict=True):
            near[one].append(other)
            near[other].append(one)
    found = {start: _nearest(start, near, there) for start in wanted}
    return {start: one for start, one in found.items() if one is not None}


def _nearest(start: int, near: dict[int, list[int]], there: dict[int, int]) -> int | None:
    seen, line = {start}, [start]
    while line:
        following = []
        for one in line:
            if one in there:
                return there[one]
            fresh = [other for other in near[one] if other not in seen]
            seen.update(fresh)
            following += fresh
        line = following
    return None


def with_followers(parted: Parted, follows: dict[int, int]) -> tuple[Parted, dict[int, int]]:
    """Have profiles without a founder go wherever others go.

    Args:
        parted: Knows where profiles go that have a founder.
        follows: For each profile without one the profile that it follows.

    Returns:
        The same with them, and whom each follows in the end.
    """
    if not follows:
        return parted, {}
    standing = dict(zip(parted.founded.tolist(), parted.standing.tolist(), strict=True))
    standing |= {one: one for one in parted.made.tolist()}
    leads = {}
    for profile, leader in follows.items():
        last, passed = leader, {profile}
        while last not in standing and last in follows and last not in passed:
            passed.add(last)
            last = follows[last]
        if last in standing:
            leads[profile] = last
    more = np.array(sorted(leads), dtype=np.int64)
    goes = np.array([standing[leads[one]] for one in more.tolist()], dtype=np.int64)
    founded = np.concatenate([parted.founded, more])
    order = np.argsort(founded)
    together = np.concatenate([parted.standing, goes])[order]
    return parted._replace(founded=founded[order], standing=together), leads
