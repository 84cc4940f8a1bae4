"""Joins what a batch brings: plain joins of whole components at once, and contested ones apart."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from patron.identity.changes import Changes, Observed
from patron.identity.links import UNSEEN, unpack
from patron.identity.memory import Memory, ring
from patron.identity.partition.constraints import DECIDED, FINGERPRINT, PEOPLE, overfull
from patron.identity.partition.parting import components, strength_order
from patron.identity.reasons import Cause
from patron.identity.revision import revise
from patron.identity.sets import grouped, numbered

Ints = npt.NDArray[np.int64]


class Graph(NamedTuple):
    """What new links lie between: standing profiles, and new identifiers that have none.

    Attributes:
        nodes: Profile ids, or new identifiers as negative numbers; ascending.
        bits: For each node the bits of what may stand against its links.
        labels: For each node its component.
        a: For each link the node of one end.
        b: For each link the node of the other end.
    """

    nodes: Ints
    bits: Ints
    labels: Ints
    a: Ints
    b: Ints


class Doubt(NamedTuple):
    """Standing profiles that something else than a new link made questionable.

    Attributes:
        profiles: They, each once.
        said: What did, as the beginning of a sentence.
        why: The same by its code, as what parts profiles (see `causes`).
    """

    profiles: Ints
    said: str
    why: str


def join(
    memory: Memory, changes: Changes, fresh: Ints, links: Observed, doubt: Doubt | None = None
) -> None:
    """Give new identifiers their profiles, and merge what new links join.

    A component of profiles, new identifiers and new links against which nothing can stand is joined
    as it is: no unique type occurs twice, no limited type more often than its limit, at most one
    profile is under a decision that keeps it apart from others, and a fingerprint is not beside
    people from several sides. That is exact whatever was
    refused before, for a larger part never makes a refused link possible. What is left is
    contested, and is parted anew (see `revision`).

    Args:
        memory: Changed in place. The new links are in it already.
        changes: Gets what changed.
        fresh: New identifiers, each in a ring of its own.
        links: New links, and refused ones that turned out to be earlier.
        doubt: Profiles that are to be parted anew in any case.
    """
    in_doubt = np.empty(0, dtype=np.int64) if doubt is None else doubt.profiles
    graph = _graph(memory, fresh, links, in_doubt)
    broken = overfull(graph.labels, graph.bits, (*memory.unique, DECIDED))
    broken |= _crowded(memory, graph) | _alike(graph)
    broken[graph.labels[np.searchsorted(graph.nodes, in_doubt)]] = True
    contested = broken[graph.labels]
    _join_plain(memory, changes, graph, links, ~contested)
    if contested.any():
        nodes = graph.nodes[contested]
        inside = links.take(contested[graph.a])
        cause = None if doubt is None else Cause(doubt.said, splits=doubt.why)
        revise(memory, changes, nodes[nodes > 0], -nodes[nodes < 0], inside, cause)


def _alike(graph: Graph) -> npt.NDArray[np.bool_]:
    """For each component whether it has a fingerprint, and people from several nodes.

    Whoever is in one node is one person by other links than those at fingerprints. So where people
    come from one node alone, no link at a fingerprint joins two.
    """
    alike = np.bincount(graph.labels, (graph.bits >> FINGERPRINT) & 1) > 0
    found: npt.NDArray[np.bool_] = alike & overfull(graph.labels, graph.bits, [PEOPLE])
    return found


def _crowded(memory: Memory, graph: Graph) -> npt.NDArray[np.bool_]:
    """For each component whether several nodes bring a limited type, together above its limit."""
    size = int(graph.labels.max()) + 1 if len(graph.labels) else 0
    broken = np.zeros(size, dtype=np.bool_)
    for rank, limit in memory.limits.items():
        bring = (graph.bits >> rank) & 1 == 1
        several = np.bincount(graph.labels[bring], minlength=size) > 1
        chosen = np.flatnonzero(bring & several[graph.labels])
        numbers = np.ones(len(chosen))
        for place in np.flatnonzero(graph.nodes[chosen] > 0).tolist():
            numbers[place] = memory.values(int(graph.nodes[chosen[place]]), rank)
        broken |= np.bincount(graph.labels[chosen], numbers, minlength=size) > limit.most
    return broken


def _graph(memory: Memory, fresh: Ints, links: Observed, in_doubt: Ints) -> Graph:
    one, other = unpack(links.keys)
    alone = np.concatenate([fresh, memory.founder[in_doubt]])
    ends = np.concatenate([alone, one, other])
    profiles = memory.profile[ends]
    # From 0 those without a profile, from the last one down, and above these the profiles.
    last = memory.identifiers
    without = last - int(fresh[0]) if len(fresh) else -1
    numbers, place = numbered(
        np.where(profiles > 0, profiles + without, last - ends), without + memory.profiles
    )
    nodes = np.where(numbers > without, numbers - without, numbers - last)
    a, b = np.split(place[len(alone) :], 2)
    bits = np.empty(len(nodes), dtype=np.int64)
    old = nodes > 0
    bits[old] = memory.holds[nodes[old]]
    bits[~old] = memory.bits(-nodes[~old])
    return Graph(nodes, bits, components(len(nodes), a, b), a, b)


def _join_plain(
    memory: Memory, changes: Changes, graph: Graph, links: Observed, plain: npt.NDArray[np.bool_]
) -> None:
    """Join every component of the nodes marked `plain`."""
    nodes, labels = graph.nodes[plain], graph.labels[plain]
    if not len(nodes):
        return
    old = nodes > 0
    standing = _standing(memory, nodes, labels, old)
    kept = standing[labels]
    changes.remember_seen(memory, nodes[old])
    gone = np.flatnonzero(old & (nodes != kept))
    if len(gone):
        _merge_away(memory, changes, graph, links, (np.flatnonzero(plain)[gone], kept[gone]))
    memory.put(memory.profile, -nodes[~old], kept[~old])
    _splice(memory, nodes, labels, old)
    holds = np.zeros(len(standing), dtype=np.int64)
    np.bitwise_or.at(holds, labels, graph.bits[plain])
    seen = np.full(len(standing), UNSEEN, dtype=np.int64)
    np.minimum.at(seen, labels[old], memory.profile_seen[nodes[old]])
    np.minimum.at(seen, labels[~old], memory.first_seen[-nodes[~old]])
    present = np.flatnonzero(np.bincount(labels))
    memory.put(memory.holds, standing[present], holds[present])
    memory.put(memory.profile_seen, standing[present], seen[present])


def _standing(memory: Memory, nodes: Ints, labels: Ints, old: npt.NDArray[np.bool_]) -> Ints:
    """For each component its oldest profile, or a new one made for its first identifier."""
    top = np.iinfo(np.int64).max
    standing = np.full(int(labels.max()) + 1, top, dtype=np.int64)
    np.minimum.at(standing, labels[old], nodes[old])
    founders = np.full(len(standing), top, dtype=np.int64)
    np.minimum.at(founders, labels[~old], -nodes[~old])
    made = np.flatnonzero((standing == top) & (founders < top))
    made = made[np.argsort(founders[made])]
    standing[made] = memory.add_profiles(founders[made])
    return standing


def _merge_away(
    memory: Memory, changes: Changes, graph: Graph, links: Observed, gone: tuple[Ints, Ints]
) -> None:
    """Let other profiles stand for some, and for all that those stood for.

    Args:
        memory: Changed in place.
        changes: Gets the merges.
        graph: What the links lie between.
        links: The links.
        gone: The nodes of the profiles that go, and for each the profile that stands.
    """
    first = _first_links(memory, graph, links, gone[0])
    one, other = unpack(links.keys)
    places = gone[0].tolist()
    seen = changes.sightings(links.take(np.array([first[place] for place in places])))
    for place, survivor, sighting in zip(places, gone[1].tolist(), seen, strict=True):
        profile = int(graph.nodes[place])
        members = np.array(memory.members(profile), dtype=np.int64)
        memory.put(memory.profile, members, np.full(len(members), survivor))
        founded = memory.founded[members]
        for ancestor in founded[founded > 0].tolist():
            changes.survivors[ancestor] = survivor
        at = first[place]
        ends = (int(one[at]), int(other[at]))
        if graph.a[at] != place:
            ends = (ends[1], ends[0])
        changes.merged(memory, (profile, ends[0]), (survivor, ends[1]), sighting)


def _splice(memory: Memory, nodes: Ints, labels: Ints, old: npt.NDArray[np.bool_]) -> None:
    """Make one ring of the rings of each component's nodes."""
    heads = -nodes
    heads[old] = memory.founder[nodes[old]]
    order = grouped(labels)
    following = memory.next[ring(labels[order], heads[order])]
    memory.put(memory.next, heads[order], following)


def _first_links(memory: Memory, graph: Graph, links: Observed, places: Ints) -> dict[int, int]:
    """For each of some nodes the position of the strongest new link at it."""
    near = np.flatnonzero(np.isin(graph.a, places) | np.isin(graph.b, places))
    chosen = links.take(near).links()
    ends, place = numbered(np.concatenate([chosen.a, chosen.b]), memory.identifiers)
    a, b = np.split(place, 2)
    links_there = chosen._replace(a=a, b=b)
    ranks, keys = memory.rank[ends], memory.keys_of(ends)
    order = strength_order(ranks, keys, links_there, memory.fingerprints)
    first: dict[int, int] = {}
    for position in near[order].tolist():
        first.setdefault(int(graph.a[position]), position)
        first.setdefault(int(graph.b[position]), position)
    return first
