"""The tree that holds a profile together: of its links those that joined something."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

Pair = tuple[int, int]


class Tree(NamedTuple):
    """A tree over nodes 0 to n - 1; several where not everything is connected.

    Attributes:
        order: The nodes, each after the one it hangs on, level by level.
        parent: For each node the one it hangs on; -1 where a tree begins.
    """

    order: list[int]
    parent: list[int]


def joining_links(size: int, pairs: Sequence[Pair], order: Iterable[int]) -> list[bool]:
    """For each link whether it joined two parts when links are taken in some order.

    The others only confirm what those before them had joined already.

    Args:
        size: Nodes are 0 to size - 1.
        pairs: The two ends of each link.
        order: The positions of the links from the first to be taken to the last.

    >>> joining_links(3, [(0, 1), (1, 2), (0, 2)], order=[2, 0, 1])
    [True, False, True]
    """
    parent = list(range(size))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = node = parent[parent[node]]
        return node

    joined = [False] * len(pairs)
    for place in order:
        one, other = (root(end) for end in pairs[place])
        joined[place] = one != other
        parent[other] = one
    return joined


def grow(size: int, pairs: Iterable[Pair], preferred: Sequence[int]) -> Tree:
    """Hang nodes on one another, level by level, from the most preferred one on.

    Args:
        size: How many nodes there are.
        pairs: The links of a forest.
        preferred: The nodes in the order in which those of one level, and the beginnings of
            trees, are to come.

    >>> grow(4, [(0, 1), (1, 2), (1, 3)], preferred=[1, 0, 3, 2])
    Tree(order=[1, 0, 3, 2], parent=[1, -1, 1, 1])
    """
    place = {node: number for number, node in enumerate(preferred)}
    near: list[list[int]] = [[] for _ in range(size)]
    for one, other in pairs:
        near[one].append(other)
        near[other].append(one)
    parent = [-1] * size
    seen = [False] * size
    order: list[int] = []
    for start in preferred:
        if seen[start]:
            continue
        seen[start] = True
        level = [start]
        while level:
            order += level
            following = []
            for node in level:
                for other in sorted(near[node], key=place.__getitem__):
                    if not seen[other]:
                        seen[other] = True
                        parent[other] = node
                        following.append(other)
            level = following
    return Tree(order, parent)


def choose(tree: Tree, wanted: Iterable[int], most: int) -> list[int]:
    """Some nodes of a tree that hang together, in its order.

    Args:
        tree: Of all nodes.
        wanted: Nodes that matter more than others, the most important first. They come with all
            that they hang on, as far as there is room.
        most: How many nodes to choose.

    >>> tree = grow(5, [(0, 1), (0, 2), (2, 3), (3, 4)], preferred=range(5))
    >>> choose(tree, [3], most=3), choose(tree, [4], most=3)
    ([0, 2, 3], [0, 1, 2])
    """
    chosen: set[int] = set()
    for node in wanted:
        way = []
        at = node
        while at >= 0 and at not in chosen:
            way.append(at)
            at = tree.parent[at]
        if len(chosen) + len(way) <= most:
            chosen.update(way)
    for node in tree.order:
        if len(chosen) >= most:
            break
        parent = tree.parent[node]
        if parent < 0 or parent in chosen:
            chosen.add(node)
    return [node for node in tree.order if node in chosen]
