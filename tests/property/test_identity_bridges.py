"""Bridges and spanning trees of random graphs, held against plain definitions."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from patron.identity.graph.bridges import find_bridges
from patron.identity.graph.spanning import choose, grow, joining_links
from patron.identity.partition.parting import components

Pair = tuple[int, int]


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, list[Pair]]:
    """Up to 12 nodes; sparse ones have bridges, dense ones have none."""
    size = draw(st.integers(1, 12))
    pairs = [(one, other) for one in range(size) for other in range(size) if one < other]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=16)) if pairs else []
    turned = draw(st.lists(st.booleans(), min_size=len(chosen), max_size=len(chosen)))
    return size, [(b, a) if turn else (a, b) for (a, b), turn in zip(chosen, turned, strict=True)]


def labels(size: int, pairs: list[Pair]) -> list[int]:
    """For each node the smallest one that a path leads to."""
    found = list(range(size))
    while True:
        before = list(found)
        for one, other in pairs:
            found[one] = found[other] = min(found[one], found[other])
        if found == before:
            return found


@settings(max_examples=300, deadline=None)
@given(graphs(), st.data())
def test_bridges_are_the_links_that_part_when_cut(
    graph: tuple[int, list[Pair]], data: st.DataObject
) -> None:
    size, pairs = graph
    events = data.draw(st.lists(st.integers(0, 9), min_size=size, max_size=size))
    expected = []
    for at, (one, other) in enumerate(pairs):
        parted = labels(size, pairs[:at] + pairs[at + 1 :])
        if parted[one] == parted[other]:
            continue
        sides = tuple(
            (
                sum(label == parted[end] for label in parted),
                sum(e for e, label in zip(events, parted, strict=True) if label == parted[end]),
            )
            for end in (one, other)
        )
        expected.append((at, sides))
    assert [tuple(b) for b in find_bridges(size, pairs, [[1] * size, events])] == expected


def test_a_long_chain_needs_no_recursion() -> None:
    size = 50_000
    found = find_bridges(size, [(at, at + 1) for at in range(size - 1)], [[1] * size])
    assert [bridge.sides for bridge in found] == [((n,), (size - n,)) for n in range(1, size)]


@settings(max_examples=200, deadline=None)
@given(graphs(), st.data())
def test_joining_links_are_those_that_a_greedy_join_needs(
    graph: tuple[int, list[Pair]], data: st.DataObject
) -> None:
    size, pairs = graph
    order = data.draw(st.permutations(range(len(pairs))))
    taken: list[Pair] = []
    expected = [False] * len(pairs)
    for at in order:
        parts = labels(size, taken)
        expected[at] = parts[pairs[at][0]] != parts[pairs[at][1]]
        taken.append(pairs[at])
    assert joining_links(size, pairs, order) == expected


@settings(max_examples=200, deadline=None)
@given(graphs(), st.integers(1, 12), st.data())
def test_what_is_chosen_hangs_together(
    graph: tuple[int, list[Pair]], most: int, data: st.DataObject
) -> None:
    size, pairs = graph
    forest = [pair for at, pair in enumerate(pairs) if not _circular(size, pairs[:at], pair)]
    tree = grow(size, forest, data.draw(st.permutations(range(size))))
    assert sorted(tree.order) == list(range(size))
    wanted = data.draw(st.lists(st.integers(0, size - 1), max_size=4))
    chosen = choose(tree, wanted, most)
    assert len(chosen) == min(most, size)
    assert chosen == [node for node in tree.order if node in chosen]
    assert all(tree.parent[node] < 0 or tree.parent[node] in chosen for node in chosen)
    if wanted and _depth(tree.parent, wanted[0]) <= most:
        assert wanted[0] in chosen


def _circular(size: int, pairs: list[Pair], pair: Pair) -> bool:
    a, b = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    found = components(size, a, b)
    return bool(found[pair[0]] == found[pair[1]])


def _depth(parent: list[int], node: int) -> int:
    depth = 0
    while node >= 0:
        node, depth = parent[node], depth + 1
    return depth
