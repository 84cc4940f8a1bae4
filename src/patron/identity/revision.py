"""Parts contested identifiers anew, and works out what that changes.

Two steps. First only the profiles that the new links touch are parted anew, with all links among
them. As long as every link that was kept before is still kept, parts have only grown, and a larger
part never makes a refused link possible: nothing further away can change. Otherwise everything that
is connected to them through any link, kept or refused, is parted anew. So it is at once where
something else than a new link made the parts questionable, such as a decision; and where there are
so many profiles that some kept link is nearly always lost.

All of it is done by whole columns, for many profiles at once as for one.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from patron.identity.changes import Changes, Observed
from patron.identity.links import unpack
from patron.identity.memory import Memory, ring
from patron.identity.partition.parting import Links, partition
from patron.identity.reasons import NO_CAUSE, Cause, Reasons, Region
from patron.identity.sets import among, distinct, grouped, places

Ints = npt.NDArray[np.int64]

NOTHING = np.empty(0, dtype=np.int64)

MANY = 512
"""With more profiles than this the first step is left out."""


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
    region = None
    if cause is None and len(profiles) <= MANY:
        region = _part_anew(memory, profiles, fresh, links)
    if region is None or region.lost.any():
        region = _part_anew(memory, _connected(memory, profiles), fresh, links)
    founded = memory.founded[region.members]
    changes.remember_seen(memory, founded[founded > 0])
    _mark_links(memory, changes, region)
    named = _named(memory, changes, region, founded)
    Reasons(memory, region, named, links, cause or NO_CAUSE).record(changes)
    _follow_old_profiles(changes, region, named, founded)
    _rebuild(memory, region.members, named)


def _part_anew(memory: Memory, profiles: Ints, fresh: Ints, links: Observed) -> Region:
    members = np.sort(np.concatenate([memory.members_of(profiles), fresh]))
    keys, moments = memory.links.starting_at(members)
    one, other = unpack(keys)
    far = places(members, other)
    inside = far >= 0
    keys, moments, far = keys[inside], moments[inside], far[inside]
    ends = Links(np.searchsorted(members, one[inside]), far, moments)
    rules = memory.constraints(members)
    part, kept = partition(memory.rank[members], memory.keys_of(members), rules, ends)
    return Region(
        members,
        owner=memory.profile[members],
        keys=keys,
        ends=ends,
        part=part,
        kept=kept,
        refused=memory.refused.holds(keys),
        new=among(links.keys, keys),
    )


def _connected(memory: Memory, profiles: Ints) -> Ints:
    """All standing profiles that are connected with these through refused links."""
    found = set(profiles.tolist())
    open_ = profiles
    while len(open_):
        members = memory.members_of(open_)
        # What is held back joins nobody, whatever else happens.
        beyond = memory.refused.beyond(members[~memory.holding.held(members)])
        near = distinct(memory.profile[beyond[~memory.holding.held(beyond)]])
        open_ = np.array([one for one in near.tolist() if one not in found], dtype=np.int64)
        found.update(open_.tolist())
    return np.sort(np.fromiter(found, dtype=np.int64, count=len(found)))


def _mark_links(memory: Memory, changes: Changes, region: Region) -> None:
    """Note which links are kept and which are refused from now on."""
    changed = region.kept == region.refused
    keys, kept = region.keys[changed], region.kept[changed]
    memory.refuse(keys[~kept], refused=True)
    memory.refuse(keys[kept], refused=False)
    new = among(changes.new_links.keys, keys)
    changes.refused.update(keys[new].tolist())
    changes.kept.update(zip(keys[~new].tolist(), kept[~new].tolist(), strict=True))


def _named(memory: Memory, changes: Changes, region: Region, founded: Ints) -> Ints:
    """For each member its profile: the oldest one founded in its part, or a new one."""
    none = np.iinfo(np.int64).max
    names = np.full(len(region.members), none, dtype=np.int64)
    founders = np.flatnonzero(founded)
    np.minimum.at(names, region.part[founders], founded[founders])
    first = region.part == np.arange(len(region.part))
    nameless = np.flatnonzero(first & (names == none))
    founders = region.members[nameless]
    names[nameless] = memory.add_profiles(founders)
    older = founders <= changes.start[0]
    born = zip(founders[older].tolist(), names[nameless][older].tolist(), strict=True)
    changes.births.update(born)
    return names[region.part]


def _follow_old_profiles(changes: Changes, region: Region, named: Ints, founded: Ints) -> None:
    """Say who stands for the old profiles now, and which identifiers' rows must move."""
    owner, part = region.owner, region.part
    founders = np.flatnonzero((founded > 0) & (owner > 0))
    gone = founders[named[founders] != owner[founders]]
    changes.survivors.update(zip(founded[gone].tolist(), named[gone].tolist(), strict=True))
    # Rows are stored under any profile that this one stood for. Following those is enough only
    # where all of them went the same way as the identifier.
    profiles = distinct(owner)
    place = np.searchsorted(profiles, owner)
    least = np.full(len(profiles), len(part), dtype=np.int64)
    most = np.full(len(profiles), -1, dtype=np.int64)
    np.minimum.at(least, place[founders], part[founders])
    np.maximum.at(most, place[founders], part[founders])
    follows = (least[place] == part) & (most[place] == part)
    moved = np.flatnonzero((owner > 0) & ~follows)
    changes.moved.update(zip(region.members[moved].tolist(), named[moved].tolist(), strict=True))


def _rebuild(memory: Memory, members: Ints, named: Ints) -> None:
    """Write the parts into memory."""
    memory.put(memory.profile, members, named)
    order = grouped(named)
    named, members = named[order], members[order]
    memory.put(memory.next, members, ring(named, members))
    starts = np.flatnonzero(np.diff(named, prepend=0))
    standing = named[starts]
    memory.put(memory.holds, standing, np.bitwise_or.reduceat(memory.bits(members), starts))
    seen = np.minimum.reduceat(memory.first_seen[members], starts)
    memory.put(memory.profile_seen, standing, seen)
