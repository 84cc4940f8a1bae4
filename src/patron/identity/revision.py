"""Parts contested identifiers anew, and works out what that changes.

Two steps. First only the profiles that the new links touch are parted anew, with all links among
them. As long as every link that was kept before is still kept, parts have only grown, and a larger
part never makes a refused link possible: nothing further away can change. Otherwise everything that
is connected to them through any link, kept or refused, is parted anew. So it is at once where
something else than a new link made the parts questionable, such as a decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from patron.identity.changes import Changes, Observed
from patron.identity.links import unpack
from patron.identity.memory import Memory, ring
from patron.identity.partition.holding import JOINS_NOBODY
from patron.identity.partition.parting import Links, partition, strength_order

Ints = npt.NDArray[np.int64]
UInts = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]


NOTHING = np.empty(0, dtype=np.int64)


class Region(NamedTuple):
    """Identifiers that are parted anew together, and the result.

    Attributes:
        profiles: The standing profiles that they belonged to.
        members: The identifiers, ascending.
        keys: The pairs that are linked among them.
        moments: When each was first observed.
        part: For each member the position of the first member of its part.
        kept: For each link whether it is kept now.
        before: For each link whether it was kept before; false for new ones.
    """

    profiles: list[int]
    members: Ints
    keys: UInts
    moments: Ints
    part: Ints
    kept: Bools
    before: Bools


class Cause(NamedTuple):
    """What made parts questionable, besides the links of a batch.

    Attributes:
        said: The cause as the beginning of a sentence, such as "Decision 3 was withdrawn".
        by: What makes the pairs gained one person, such as "decision 3".
        gained: Pairs that it joins.
        lost: Pairs that it no longer joins.
    """

    said: str
    by: str = ""
    gained: tuple[tuple[int, int], ...] = ()
    lost: tuple[tuple[int, int], ...] = ()


NO_CAUSE = Cause("")


def revise(
    memory: Memory,
    changes: Changes,
    profiles: Ints,
    fresh: Ints,
    links: Observed,
    cause: Cause | None = None,
) -> None:
    """Part the contested profiles and new identifiers anew.

    Args:
        memory: Changed in place. The new links are in it already.
        changes: Gets what changed.
        profiles: Standing profiles that the links touch.
        fresh: New identifiers that have no profile yet.
        links: New links, and refused ones that turned out to be earlier.
        cause: What else made the profiles questionable.
    """
    if cause is None:
        region = _part_anew(memory, profiles.tolist(), fresh, links)
    if cause is not None or (region.before & ~region.kept).any():
        region = _part_anew(memory, _connected(memory, profiles.tolist()), fresh, links)
    founded = memory.founded[region.members]
    changes.remember_seen(memory, founded[founded > 0])
    _Revision(memory, changes, region, links, cause or NO_CAUSE).apply()


def _part_anew(memory: Memory, profiles: list[int], fresh: Ints, links: Observed) -> Region:
    held = [member for profile in profiles for member in memory.members(profile)]
    members = np.sort(np.concatenate([np.array(held, dtype=np.int64), fresh]))
    keys, moments = memory.links.starting_at(members)
    _, far = unpack(keys)
    inside = np.isin(far, members)
    keys, moments = keys[inside], moments[inside]
    one, other = unpack(keys)
    ends = Links(np.searchsorted(members, one), np.searchsorted(members, other), moments)
    rules = memory.constraints(members)
    part, kept = partition(memory.rank[members], memory.keys_of(members), rules, ends)
    refused = np.array([memory.is_refused(key) for key in keys.tolist()], dtype=np.bool_)
    new = np.isin(keys, links.keys)
    return Region(profiles, members, keys, moments, part, kept, ~refused & ~new)


def _connected(memory: Memory, profiles: list[int]) -> list[int]:
    """All standing profiles that are connected with these through refused links."""
    found, open_ = set(profiles), list(profiles)
    while open_:
        members = np.array(memory.members(open_.pop()), dtype=np.int64)
        # What is held back joins nobody, whatever else happens.
        for member in members[~memory.holding.held(members)].tolist():
            for key in memory.refused.get(member, ()):
                other = key & 0xFFFF_FFFF if key >> 32 == member else key >> 32
                profile = memory.profile.item(other)
                if profile not in found and not memory.is_held(other):
                    found.add(profile)
                    open_.append(profile)
    return sorted(found)


@dataclass(slots=True)
class _Group:
    """One part of the result."""

    members: list[int]
    profile: int = 0


class _Revision:
    """Carries the result for a region over into memory and into the changes."""

    def __init__(
        self, memory: Memory, changes: Changes, region: Region, links: Observed, cause: Cause
    ) -> None:
        self._cause = cause
        self._memory = memory
        self._changes = changes
        self._region = region
        self._links = {key: place for place, key in enumerate(links.keys.tolist())}
        self._observed = links
        parts = region.part.tolist()
        members = region.members.tolist()
        self._part = dict(zip(members, parts, strict=True))
        self._groups: dict[int, _Group] = {}
        for member, part in self._part.items():
            self._groups.setdefault(part, _Group([])).members.append(member)
        self._old = {profile: memory.members(profile) for profile in region.profiles}
        self._founded = dict(zip(members, memory.founded[region.members].tolist(), strict=True))

    def apply(self) -> None:
        """Do it all."""
        self._mark_links()
        self._name_groups()
        self._explain()
        self._follow_old_profiles()
        self._rebuild()

    def _mark_links(self) -> None:
        """Note which links are kept and which are refused from now on."""
        region, changes = self._region, self._changes
        new = set(changes.new_links.keys.tolist())
        rows = zip(region.keys.tolist(), region.kept.tolist(), strict=True)
        refuse: list[int] = []
        allow: list[int] = []
        for key, kept in rows:
            if kept == (not self._memory.is_refused(key)):
                continue
            (allow if kept else refuse).append(key)
            if key in new:
                changes.refused.add(key)
            else:
                changes.kept[key] = kept
        self._memory.refuse(refuse, refused=True)
        self._memory.refuse(allow, refused=False)

    def _name_groups(self) -> None:
        """Each part is the oldest profile founded in it, or a new one."""
        nameless = []
        for group in self._groups.values():
            founded = [self._founded[member] for member in group.members if self._founded[member]]
            if founded:
                group.profile = min(founded)
            else:
                nameless.append(group)
        founders = np.array([group.members[0] for group in nameless], dtype=np.int64)
        for group, profile in zip(
            nameless, self._memory.add_profiles(founders).tolist(), strict=True
        ):
            group.profile = profile
            if group.members[0] <= self._changes.start[0]:
                self._changes.births[group.members[0]] = profile

    def _named(self, member: int) -> int:
        return self._groups[self._part[member]].profile

    def _follow_old_profiles(self) -> None:
        """Say who stands for the old profiles now, and which identifiers' rows must move."""
        changes = self._changes
        for profile, members in self._old.items():
            founders = [member for member in members if self._founded[member]]
            for founder in founders:
                survivor = self._named(founder)
                if survivor != profile:
                    changes.survivors[self._founded[founder]] = survivor
            homes = {self._part[founder] for founder in founders}
            for member in members:
                # Rows are stored under any profile that this one stood for. Following those is
                # enough only where all of them went the same way as the identifier.
                if homes != {self._part[member]}:
                    changes.moved[member] = self._named(member)

    def _explain(self) -> None:
        """Record merges and splits with the links that brought them about."""
        region = self._region
        one, other = unpack(region.keys)
        ends = Links(
            np.searchsorted(region.members, one),
            np.searchsorted(region.members, other),
            region.moments,
        )
        memory = self._memory
        order = strength_order(memory.rank[region.members], memory.keys_of(region.members), ends)
        pairs = list(zip(one.tolist(), other.tolist(), strict=True))
        gained = [pairs[place] for place in order[(region.kept & ~region.before)[order]].tolist()]
        lost = [pairs[place] for place in order[(region.before & ~region.kept)[order]].tolist()]
        gained = [*self._cause.gained, *gained]
        lost = [*self._cause.lost, *lost]
        owner = {member: profile for profile, old in self._old.items() for member in old}
        gained_at, lost_at = _by_owner(owner, gained), _by_owner(owner, lost)
        for profile, members in self._old.items():
            home = memory.founder.item(profile)
            survivor = self._named(home)
            if survivor != profile:
                self._explain_merge(profile, survivor, self._part[home], gained_at[profile])
            targets = sorted({self._named(member) for member in members} - {survivor})
            if targets:
                self._explain_splits(profile, targets, lost_at[profile], gained_at.get(profile, []))

    def _explain_merge(
        self, profile: int, survivor: int, part: int, gained: list[tuple[int, int]]
    ) -> None:
        """Record the merge by the strongest new link out of the profile within its new part."""
        members = set(self._old[profile])
        for one, other in gained:
            if self._part[one] == self._part[other] == part and (one in members) != (
                other in members
            ):
                mine, theirs = (one, other) if one in members else (other, one)
                self._changes.merged(
                    self._memory,
                    (profile, mine),
                    (survivor, theirs),
                    self._seen((mine, theirs)),
                    self._cause.by if (one, other) in self._cause.gained else "",
                )
                return

    def _explain_splits(
        self,
        profile: int,
        targets: list[int],
        lost: list[tuple[int, int]],
        gained: list[tuple[int, int]],
    ) -> None:
        """Record that parts of a profile left, each by the strongest link lost with it."""
        strongest: dict[int, tuple[int, int]] = {}
        for pair in lost:
            for end in pair:
                strongest.setdefault(self._named(end), pair)
        seen = (self._seen(one) for one in gained)
        observed = next((one for one in seen if len(one.keys)), self._observed.take(NOTHING))
        for target in targets:
            pair = strongest.get(target, lost[0])
            said = "" if len(observed.keys) else self._cause.said
            held = next((end for end in pair if self._memory.is_held(end)), 0)
            if held and pair not in self._cause.lost:
                said = f"The {self._memory.type_name(held)} {JOINS_NOBODY}"
            self._changes.split(self._memory, profile, target, pair, observed, said)

    def _seen(self, pair: tuple[int, int]) -> Observed:
        """The batch's observation of a link, or nothing when it is older."""
        key = min(pair) << 32 | max(pair)
        place = self._links.get(key)
        return self._observed.take(NOTHING if place is None else np.array([place]))

    def _rebuild(self) -> None:
        """Write the parts into memory."""
        memory, region = self._memory, self._region
        members = region.members
        profiles = np.array([self._named(member) for member in members.tolist()], dtype=np.int64)
        memory.put(memory.profile, members, profiles)
        order = np.argsort(profiles, kind="stable")
        memory.put(memory.next, members[order], ring(profiles[order], members[order]))
        standing, label = np.unique(profiles, return_inverse=True)
        holds = np.zeros(len(standing), dtype=np.int64)
        np.bitwise_or.at(holds, label, memory.bits(members))
        seen = np.full(len(standing), np.iinfo(np.int64).max)
        np.minimum.at(seen, label, memory.first_seen[members])
        memory.put(memory.holds, standing, holds)
        memory.put(memory.profile_seen, standing, seen)


def _by_owner(
    owner: dict[int, int], pairs: list[tuple[int, int]]
) -> dict[int, list[tuple[int, int]]]:
    """Pairs by the old profiles of their ends."""
    found: dict[int, list[tuple[int, int]]] = {}
    for pair in pairs:
        for profile in {owner.get(pair[0], 0), owner.get(pair[1], 0)}:
            found.setdefault(profile, []).append(pair)
    return found
