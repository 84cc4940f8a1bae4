"""The partition of identifiers into people, as a function of what is known, and of nothing else.

Identifiers that are one person by decision are joined first. Then links are taken from the
strongest to the weakest, and of equal ones the earliest first. Each joins the parts of its two ends
unless the result would hold two values of a unique type, more values of a limited type than its
limit (where both parts bring some), or identifiers that a decision keeps apart; or unless one of
its ends is held back. Then the link is refused. Links at fingerprints come when all others are
taken, and are refused between two parts that both hold an identifier of people. Nothing depends on
the order in which anything arrived.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from patron.identity.links import modelled
from patron.identity.partition.constraints import PEOPLE, Constraints, Parts, fingerprint_bits
from patron.identity.partition.rounds import take_in_rounds
from patron.identity.sets import grouped, numbered

Ints = npt.NDArray[np.int64]
UInts = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]

FEW = 512
"""Up to so many nodes plain Python finds components quicker than steps over whole columns."""

MANY = 2_000
"""With more links than this all components are parted side by side, unless they are large."""

MOST = 64
"""A component with more links than this would hold up the others."""


class Links(NamedTuple):
    """Links between identifiers 0 to n - 1; each pair of ends occurs at most once.

    Attributes:
        a: One end.
        b: The other end.
        observed_at: When the two were first observed together; of links that only a model made,
            `links.by_model` of when it made them.
    """

    a: Ints
    b: Ints
    observed_at: Ints


class Partition(NamedTuple):
    """Who belongs together.

    Attributes:
        part: For each identifier the smallest one of its part.
        kept: For each link whether it is kept; false: the rules forbid what it would join.
    """

    part: Ints
    kept: Bools


def partition(
    ranks: Ints, keys: UInts, unique: Iterable[int] | Constraints, links: Links
) -> Partition:
    """Part identifiers into people.

    Args:
        ranks: For each identifier the rank of its type, 0 the strongest.
        keys: For each identifier a number that depends on its type and value alone. It orders
            links that are equal in strength and time.
        unique: Ranks of the types of which a person holds at most one value; or all that may stand
            against a link, and the pairs that are one person by decision.
        links: The links between them.

    A shared tablet (2) has seen two customers; it stays with the one who used it first:

    >>> ranks, keys = np.array([0, 0, 1]), np.array([5, 6, 7], dtype=np.uint64)
    >>> ends = Links(np.array([1, 0]), np.array([2, 2]), observed_at=np.array([20, 10]))
    >>> part, kept = partition(ranks, keys, unique=[0], links=ends)
    >>> part.tolist(), kept.tolist()
    ([0, 1, 0], [False, True])

    Somebody says that the tablet is not hers:

    >>> apart = {0: {1: 0}, 2: {1: 1}}
    >>> part, kept = partition(ranks, keys, Constraints(unique=(0,), apart=apart), ends)
    >>> part.tolist(), kept.tolist()
    ([0, 1, 1], [True, False])
    """
    rules = unique if isinstance(unique, Constraints) else Constraints(tuple(unique))
    size = len(ranks)
    free = np.ones(len(links.a), dtype=np.bool_)
    if rules.held is not None:
        free = ~(rules.held[links.a] | rules.held[links.b])
    last = free & at_fingerprints(ranks, links, rules.fingerprints)
    kept = free & ~last
    labels = _joined(size, rules, links, kept)
    bits = rules.bits(ranks)
    broken = rules.broken(labels, bits)
    if broken.any():
        contested = np.flatnonzero(broken[labels[links.a]] & kept)
        ordered = contested[strength_order(ranks, keys, Links(*(x[contested] for x in links)))]
        kept[ordered] = _taken(ranks, bits, rules, labels, links.a[ordered], links.b[ordered])
        labels = _joined(size, rules, links, kept)
    if last.any():
        kept = _with_fingerprints(ranks, keys, rules, links, kept, last, labels)
        labels = _joined(size, rules, links, kept)
    smallest = np.full(size, size, dtype=np.int64)
    np.minimum.at(smallest, labels, np.arange(size))
    return Partition(smallest[labels], kept)


def _taken(ranks: Ints, bits: Ints, rules: Constraints, labels: Ints, a: Ints, b: Ints) -> Bools:
    """Take links in the order given; false for those that the rules forbid."""
    if len(a) <= MANY:
        return _greedy(Parts(ranks, bits, rules), a, b)
    # Most components are small, and only unique types stand against their links.
    of = labels[a]
    others = bits & ~np.int64(sum(1 << rank for rank in rules.unique))
    closer = np.bincount(of, minlength=int(labels.max()) + 1) > MOST
    closer[labels[others != 0]] = True
    for bond in rules.bonds:
        closer[labels[list(bond)]] = True
    plain = ~closer[of]
    kept = np.empty(len(a), dtype=np.bool_)
    kept[plain] = take_in_rounds(bits, of[plain], a[plain], b[plain])
    if not plain.all():
        kept[~plain] = _greedy(Parts(ranks, bits, rules), a[~plain], b[~plain])
    return kept


def _with_fingerprints(
    ranks: Ints, keys: UInts, rules: Constraints, links: Links, kept: Bools, last: Bools, part: Ints
) -> Bools:
    """Take the links at fingerprints, all others being taken.

    Args:
        ranks: For each identifier the rank of its type.
        keys: See `partition`.
        rules: What may stand against a link.
        links: All links.
        kept: For each whether it is kept, those at fingerprints aside.
        last: For each whether it is at a fingerprint, and at nothing that is held back.
        part: For each identifier the number of its part by the links kept so far.

    Returns:
        For each link whether it is kept.
    """
    whole = _joined(len(ranks), rules, links, kept | last)
    people = fingerprint_bits(ranks, rules.people, ())
    bits = rules.bits(ranks) | people
    broken = rules.broken(whole, bits)
    tells = np.zeros(int(part.max()) + 1, dtype=np.bool_)
    tells[part[people != 0]] = True
    of = np.empty(len(tells), dtype=np.int64)
    of[part] = whole
    broken |= np.bincount(of[tells], minlength=len(broken)) > 1
    found = kept | last
    contested = broken[whole[links.a]]
    if contested.any():
        parts = Parts(ranks, bits, rules, once=[PEOPLE])
        before = contested & kept
        for one, other in zip(links.a[before].tolist(), links.b[before].tolist(), strict=True):
            parts.unite(one, other)
        ordered = np.flatnonzero(contested & last)
        ordered = ordered[strength_order(ranks, keys, Links(*(x[ordered] for x in links)))]
        found[ordered] = _greedy(parts, links.a[ordered], links.b[ordered])
    return found


def _joined(size: int, rules: Constraints, links: Links, chosen: Bools) -> Ints:
    """Components of some links and of all bonds."""
    a, b = links.a[chosen], links.b[chosen]
    if rules.bonds:
        bonds = np.array(rules.bonds, dtype=np.int64)
        a, b = np.concatenate([a, bonds[:, 0]]), np.concatenate([b, bonds[:, 1]])
    return components(size, a, b)


def components(size: int, a: Ints, b: Ints) -> Ints:
    """For each of `size` nodes the number of its connected component, from 0.

    >>> components(4, np.array([0]), np.array([2])).tolist()
    [0, 1, 0, 2]
    """
    if size <= FEW:
        return _few_components(size, a.tolist(), b.tolist())
    root = np.arange(size)
    while len(a):
        # Each root is hung on the smallest of its smaller neighbours. What is left after two such
        # rounds is half at most, for what still has no smaller neighbour had a larger one hung on.
        low, high = np.minimum(a, b), np.maximum(a, b)
        np.minimum.at(root, high, low)
        _shorten(root, high)
        a, b = root[low], root[high]
        apart = a != b
        a, b = a[apart], b[apart]
    _shorten(root, np.flatnonzero(root != np.arange(size)))
    return numbered(root, size)[1]


def _shorten(root: Ints, nodes: Ints) -> None:
    """Let nodes point at their roots."""
    while len(nodes):
        above = root[nodes]
        top = root[above]
        root[nodes] = top
        nodes = nodes[top != above]


def _few_components(size: int, a: list[int], b: list[int]) -> Ints:
    """The same in plain Python, which is quicker for the few nodes of a micro-batch."""
    parent = list(range(size))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    for one, other in zip(a, b, strict=True):
        parent[root(other)] = root(one)
    roots = [root(node) for node in range(size)]
    numbers = {found: number for number, found in enumerate(dict.fromkeys(roots))}
    return np.array([numbers[found] for found in roots], dtype=np.int64)


def at_fingerprints(ranks: Ints, links: Links, fingerprints: Iterable[int]) -> Bools:
    """For each link whether one of its ends is a fingerprint."""
    found = np.zeros(len(links.a), dtype=np.bool_)
    for rank in fingerprints:
        found |= (ranks[links.a] == rank) | (ranks[links.b] == rank)
    return found


def strength_order(
    ranks: Ints, keys: UInts, links: Links, fingerprints: Iterable[int] = ()
) -> Ints:
    """The positions of links from the first to be taken to the last.

    Links that a model made come after all that were observed, and links at fingerprints after all
    others. Then a link is as strong as its weaker end, then as its stronger one. Equal ones follow
    in time, and those of the same moment in an order fixed by the values at their ends.

    Args:
        ranks: For each identifier the rank of its type.
        keys: See `partition`.
        links: The links.
        fingerprints: The ranks of types of fingerprints; not needed where all links are at such, or
            none.
    """
    rank_a, rank_b = ranks[links.a], ranks[links.b]
    key_a, key_b = keys[links.a], keys[links.b]
    swap = (rank_b < rank_a) | ((rank_b == rank_a) & (key_b < key_a))
    first, second = np.where(swap, key_b, key_a), np.where(swap, key_a, key_b)
    stronger, weaker = np.minimum(rank_a, rank_b), np.maximum(rank_a, rank_b)
    made = modelled(links.observed_at).astype(np.int64)
    made[at_fingerprints(ranks, links, fingerprints)] = 2
    if len(first) <= MANY:
        return np.lexsort((second, first, links.observed_at, stronger, weaker, made))
    # Sorting by one column after the other is slow, and few links are of the same moment.
    order = np.argsort(links.observed_at)
    base = int(weaker.max()) + 1
    strength = (made * base + weaker) * base + stronger
    order = order[grouped(strength[order])]
    tied = np.diff(strength[order]) == 0
    tied &= np.diff(links.observed_at[order]) == 0
    again = np.append(tied, False) | np.append(False, tied)
    some = order[again]
    closer = np.lexsort((second[some], first[some], links.observed_at[some], strength[some]))
    order[again] = some[closer]
    return order


def _greedy(parts: Parts, a: Ints, b: Ints) -> Bools:
    """Take links in the order given; false for those that the rules forbid."""
    kept = [parts.join(one, other) for one, other in zip(a.tolist(), b.tolist(), strict=True)]
    return np.array(kept, dtype=np.bool_)
