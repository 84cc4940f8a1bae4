"""Why profiles merge and split when contested identifiers are parted anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from patron.identity.causes import cause
from patron.identity.changes import Changes, Observed, Sighting
from patron.identity.links import pack, unpack
from patron.identity.memory import Memory
from patron.identity.partition.holding import JOINS_NOBODY
from patron.identity.partition.parting import Links, strength_order
from patron.identity.sets import First, distinct, places

Ints = npt.NDArray[np.int64]
UInts = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]
Pair = tuple[int, int]
Row = TypeVar("Row")


class Cause(NamedTuple):
    """What made parts questionable, besides the links of a batch.

    Attributes:
        said: The cause as the beginning of a sentence, such as "Decision 3 was withdrawn".
        by: What makes the pairs gained one person, such as "decision 3".
        merges: The same by its code (see `causes`), for merges.
        splits: Likewise for splits.
        gained: Pairs that it joins.
        lost: Pairs that it no longer joins.
    """

    said: str
    by: str = ""
    merges: str = ""
    splits: str = ""
    gained: tuple[Pair, ...] = ()
    lost: tuple[Pair, ...] = ()


NO_CAUSE = Cause("")


class Region(NamedTuple):
    """Identifiers that are parted anew together, and the result.

    Attributes:
        members: The identifiers, ascending.
        owner: For each the standing profile that it belonged to; 0 for new ones.
        keys: The pairs that are linked among them.
        ends: The same pairs by the positions of their ends among the members.
        part: For each member the position of the first member of its part.
        kept: For each link whether it is kept now.
        refused: For each link whether it was refused before.
        new: For each link whether it is among those that the parting is for.
    """

    members: Ints
    owner: Ints
    keys: UInts
    ends: Links
    part: Ints
    kept: Bools
    refused: Bools
    new: Bools

    @property
    def gained(self) -> Bools:
        """For each link whether it is kept now, and was not before."""
        return self.kept & (self.refused | self.new)

    @property
    def lost(self) -> Bools:
        """For each link whether it was kept before, and is not now."""
        return ~(self.kept | self.refused | self.new)


class _Pairs(NamedTuple):
    """Pairs that became one person, or that are no longer; the strongest evidence first.

    Attributes:
        ends: Both identifiers, one row each.
        at: Their positions among the members of the region.
        owner: The profiles that they belonged to.
        seen: Where each pair stands among the links of the batch; -1: not there.
    """

    ends: Ints
    at: Ints
    owner: Ints
    seen: Ints

    def pair(self, place: int) -> Pair:
        """The identifiers of one pair."""
        return int(self.ends[0, place]), int(self.ends[1, place])


class _Merge(NamedTuple):
    """Another profile stands for this one, by the pair gained at a place.

    `seen` is where that stands among the links of the batch, or -1.
    """

    profile: int
    survivor: int
    place: int
    seen: int


class _Split(NamedTuple):
    """A part of this profile left, by the pair lost at a place.

    `seen` is where the strongest pair of the batch that was gained there stands among its links, or
    -1.
    """

    profile: int
    target: int
    place: int
    seen: int


class Reasons:
    """Finds for each merge and split the link that brought it about.

    Args:
        memory: As it was before, but for the new links and profiles.
        region: What was parted anew.
        named: For each of its members the profile that it belongs to now.
        links: New links, and refused ones that turned out to be earlier.
        cause: What else made the parts questionable.
    """

    def __init__(
        self, memory: Memory, region: Region, named: Ints, links: Observed, cause: Cause
    ) -> None:
        self._memory = memory
        self._region = region
        self._named = named
        self._observed = links
        self._cause = cause
        self._gained = self._pairs(cause.gained, region.gained)
        self._lost = self._pairs(cause.lost, region.lost)
        one, other = self._lost.ends * memory.holding.held(self._lost.ends.ravel()).reshape(2, -1)
        # For each pair lost the end that is held back, or 0.
        self._held = np.where(one > 0, one, other)

    def record(self, changes: Changes) -> None:
        """Note all merges and splits, by profile, its merge before its splits."""
        profiles = distinct(self._region.owner[self._region.owner > 0])
        home = np.searchsorted(self._region.members, self._memory.founder[profiles])
        rows: list[_Merge | _Split] = [
            *self._merges(profiles, home),
            *self._splits(profiles, home),
        ]
        rows.sort(key=lambda row: row.profile)
        at = np.array([row.seen for row in rows], dtype=np.int64)
        seen = iter(changes.sightings(self._observed.take(at[at >= 0])))
        for row in rows:
            sighting = None if row.seen < 0 else next(seen)
            if isinstance(row, _Merge):
                self._record_merge(changes, row, sighting)
            else:
                self._record_split(changes, row, sighting)

    def _pairs(self, decided: tuple[Pair, ...], chosen: Bools) -> _Pairs:
        """The pairs of a cause, then some of the links by strength."""
        memory, region = self._memory, self._region
        links = Links(*(column[chosen] for column in region.ends))
        ranks, keys = memory.rank[region.members], memory.keys_of(region.members)
        order = strength_order(ranks, keys, links, memory.fingerprints)
        named = np.array(decided, dtype=np.int64).reshape(-1, 2).T
        ends = np.concatenate([named, np.stack(unpack(region.keys[chosen][order]))], axis=1)
        at = np.searchsorted(region.members, ends)
        seen = places(self._observed.keys, pack(ends[0], ends[1]))
        return _Pairs(ends, at, region.owner[at], seen)

    # Merges

    def _merges(self, profiles: Ints, home: Ints) -> Iterator[_Merge]:
        """Profiles that went into others, each by the strongest new pair out of it."""
        gained, part = self._gained, self._region.part[self._gained.at]
        leads_out = np.flatnonzero((part[0] == part[1]) & (gained.owner[0] != gained.owner[1]))
        owners = gained.owner[:, leads_out].ravel()
        where = np.tile(leads_out, 2)
        # A pair counts for a profile only in the part that the profile itself went to.
        found = places(profiles, owners)
        right = self._region.part[home[found]] == part[0][where]
        right &= found >= 0
        first = First(owners[right], where[right]).at(profiles)
        gone = (self._named[home] != profiles) & (first >= 0)
        return _rows(
            _Merge, profiles[gone], self._named[home][gone], first[gone], gained.seen[first[gone]]
        )

    def _record_merge(self, changes: Changes, merge: _Merge, seen: Sighting | None) -> None:
        gained = self._gained
        one, other = gained.pair(merge.place)
        by = self._cause.by if (one, other) in self._cause.gained else ""
        if gained.owner[0, merge.place] != merge.profile:
            one, other = other, one
        ends = (merge.profile, one), (merge.survivor, other)
        changes.merged(self._memory, *ends, seen, by, self._cause.merges)

    # Splits

    def _splits(self, profiles: Ints, home: Ints) -> Iterator[_Split]:
        """Parts that left a profile, each by the strongest pair that it lost there."""
        owner, lost, gained = self._region.owner, self._lost, self._gained
        held = np.flatnonzero(owner)
        survivor = self._named[home][np.searchsorted(profiles, owner[held])]
        left = held[self._named[held] != survivor]
        source, target = np.divmod(distinct(_both(owner[left], self._named[left])), 1 << 32)
        where = np.arange(lost.ends.shape[1])
        any_lost = First(lost.owner.ravel(), np.tile(where, 2)).at(source)
        owners = np.repeat(lost.owner, 2, axis=0).ravel()
        targets = np.tile(self._named[lost.at], (2, 1)).ravel()
        lost_to = First(_both(owners, targets), np.tile(where, 4)).at(_both(source, target))
        seen = np.flatnonzero(gained.seen >= 0)
        new = First(gained.owner[:, seen].ravel(), np.tile(seen, 2)).at(source)
        lost_at = np.where(lost_to >= 0, lost_to, any_lost)
        # The last place is that of none.
        return _rows(_Split, source, target, lost_at, np.append(gained.seen, -1)[new])

    def _record_split(self, changes: Changes, split: _Split, seen: Sighting | None) -> None:
        pair = self._lost.pair(split.place)
        said, why = ("", "") if seen is not None else (self._cause.said, self._cause.splits)
        held = int(self._held[split.place])
        if held and pair not in self._cause.lost:
            name = self._memory.type_name(held)
            said, why = f"The {name} {JOINS_NOBODY}", cause("split", "held_back", name)
        changes.split(self._memory, split.profile, split.target, pair, seen, said, why)


def _both(profile: Ints, other: Ints) -> Ints:
    """Two profiles as one number."""
    return (profile << 32) | other


def _rows(kind: Callable[..., Row], *columns: Ints) -> Iterator[Row]:
    """One of a kind for each place of the columns."""
    return map(kind, *(column.tolist() for column in columns))
