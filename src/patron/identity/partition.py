"""The partition of identifiers into people, as a function of identifiers, links and rules alone.

Links are taken from the strongest to the weakest, and of equal ones the earliest first. Each joins
the parts of its two ends unless the result would hold two values of a unique type; then the link is
refused. Nothing depends on the order in which anything arrived.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from patron.identity.links import modelled

Ints = npt.NDArray[np.int64]
UInts = npt.NDArray[np.uint64]
Bools = npt.NDArray[np.bool_]

FEW = 512
"""Up to so many nodes plain Python finds components quicker than the compiled routine starts."""


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


def partition(ranks: Ints, keys: UInts, unique: Iterable[int], links: Links) -> Partition:
    """Part identifiers into people.

    Args:
        ranks: For each identifier the rank of its type, 0 the strongest.
        keys: For each identifier a number that depends on its type and value alone. It orders
            links that are equal in strength and time.
        unique: Ranks of the types of which a person holds at most one value.
        links: The links between them.

    A shared tablet (2) has seen two customers; it stays with the one who used it first:

    >>> ranks, keys = np.array([0, 0, 1]), np.array([5, 6, 7], dtype=np.uint64)
    >>> ends = Links(np.array([1, 0]), np.array([2, 2]), observed_at=np.array([20, 10]))
    >>> part, kept = partition(ranks, keys, unique=[0], links=ends)
    >>> part.tolist(), kept.tolist()
    ([0, 1, 0], [False, True])
    """
    size = len(ranks)
    labels = components(size, links.a, links.b)
    bits = unique_bits(ranks, unique)
    kept = np.ones(len(links.a), dtype=np.bool_)
    broken = overfull(labels, bits, unique)
    if broken.any():
        contested = np.flatnonzero(broken[labels[links.a]])
        ordered = contested[strength_order(ranks, keys, Links(*(x[contested] for x in links)))]
        kept[ordered] = _greedy(size, bits, links.a[ordered], links.b[ordered])
        labels = components(size, links.a[kept], links.b[kept])
    smallest = np.full(size, size, dtype=np.int64)
    np.minimum.at(smallest, labels, np.arange(size))
    return Partition(smallest[labels], kept)


def components(size: int, a: Ints, b: Ints) -> Ints:
    """For each of `size` nodes the number of its connected component, from 0.

    >>> components(4, np.array([0]), np.array([2])).tolist()
    [0, 1, 0, 2]
    """
    if size <= FEW:
        return _few_components(size, a.tolist(), b.tolist())
    from scipy.sparse import coo_array  # takes longer to load than all else of a start
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    numbers: Ints = labels.astype(np.int64)
    return numbers


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


def unique_bits(ranks: Ints, unique: Iterable[int]) -> Ints:
    """For each identifier the bit of its type when that is unique, else 0.

    >>> unique_bits(np.array([0, 1, 2]), unique=[0, 2]).tolist()
    [1, 0, 4]
    """
    forbidding = sum(1 << rank for rank in unique)
    bits: Ints = np.left_shift(np.int64(1), ranks.astype(np.int64)) & np.int64(forbidding)
    return bits


def overfull(labels: Ints, bits: Ints, unique: Iterable[int]) -> Bools:
    """For each component whether two of its members bring a value of the same unique type.

    Args:
        labels: For each member its component, numbered from 0.
        bits: For each member the unique types that it holds a value of.
        unique: The ranks of the unique types.
    """
    broken = np.zeros(int(labels.max()) + 1 if len(labels) else 0, dtype=np.bool_)
    for rank in unique:
        holders = labels[(bits >> rank) & 1 == 1]
        broken |= np.bincount(holders, minlength=len(broken)) > 1
    return broken


def strength_order(ranks: Ints, keys: UInts, links: Links) -> Ints:
    """The positions of links from the first to be taken to the last.

    Links that a model made come after all that were observed. Then a link is as strong as its
    weaker end, then as its stronger one. Equal ones follow in time, and those of the same moment in
    an order fixed by the values at their ends.
    """
    rank_a, rank_b = ranks[links.a], ranks[links.b]
    key_a, key_b = keys[links.a], keys[links.b]
    swap = (rank_b < rank_a) | ((rank_b == rank_a) & (key_b < key_a))
    first, second = np.where(swap, key_b, key_a), np.where(swap, key_a, key_b)
    stronger, weaker = np.minimum(rank_a, rank_b), np.maximum(rank_a, rank_b)
    return np.lexsort(
        (second, first, links.observed_at, stronger, weaker, modelled(links.observed_at))
    )


def _greedy(size: int, bits: Ints, a: Ints, b: Ints) -> Bools:
    """Take links in the order given; false for those that would join two of a unique type."""
    parent = list(range(size))
    holds: list[int] = bits.tolist()

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    kept = np.zeros(len(a), dtype=np.bool_)
    for place, (one, other) in enumerate(zip(a.tolist(), b.tolist(), strict=True)):
        left, right = root(one), root(other)
        if left != right:
            if holds[left] & holds[right]:
                continue
            parent[right] = left
            holds[left] |= holds[right]
        kept[place] = True
    return kept
