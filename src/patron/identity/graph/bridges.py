"""Bridges: the links of a graph that, if cut, would part what they hold together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

Pair = tuple[int, int]


class Bridge(NamedTuple):
    """A link that alone holds two sides together.

    Attributes:
        link: Its position.
        sides: What the side of its first end weighs, and that of its second end: one number for
            each kind of weight.
    """

    link: int
    sides: tuple[tuple[int, ...], tuple[int, ...]]


def find_bridges(
    size: int, links: Sequence[Pair], weights: Sequence[Sequence[int]] = ()
) -> list[Bridge]:
    """Find every link without which its two ends would no longer be connected.

    One depth-first walk (Tarjan's), without recursion: its time grows with identifiers and links.

    Args:
        size: Nodes are 0 to size - 1.
        links: The two ends of each.
        weights: For each kind of weight the weight of each node.

    Returns:
        In the order of their positions, with what both sides weigh.

    A triangle holds together without any one of its links; what hangs on it does not.

    >>> find_bridges(4, [(0, 1), (1, 2), (2, 0), (2, 3)], [[1, 1, 1, 1], [5, 0, 0, 7]])
    [Bridge(link=3, sides=((3, 5), (1, 7)))]
    """
    walk = _Walk(size, links)
    sums = [[0, *accumulate(column[node] for node in walk.order)] for column in weights]
    found = []
    for node in walk.order:
        link, number = walk.entered[node], walk.number[node]
        if link < 0 or walk.low[node] < number:
            continue
        inside = tuple(total[walk.end[node]] - total[number] for total in sums)
        root = walk.root[node]
        whole = tuple(total[walk.end[root]] - total[walk.number[root]] for total in sums)
        outside = tuple(all_ - part for all_, part in zip(whole, inside, strict=True))
        sides = (inside, outside) if links[link][0] == node else (outside, inside)
        found.append(Bridge(link, sides))
    return sorted(found)


class _Walk:
    """A depth-first walk through every component.

    Attributes:
        order: The nodes as they were entered. What lies below a node follows it at once.
        number: For each node its place in that order.
        end: For each node the place after the last one below it.
        low: For each node the smallest number that it, or anything below it, is linked to by
            another link than the one it was entered by.
        entered: For each node the link that it was entered by; -1 where a walk begins.
        root: For each node where its walk began.
    """

    def __init__(self, size: int, links: Sequence[Pair]) -> None:
        self.order: list[int] = []
        self.number = [-1] * size
        self.end = [0] * size
        self.low = [0] * size
        self.entered = [-1] * size
        self.root = [0] * size
        steps: list[list[Pair]] = [[] for _ in range(size)]
        for link, (one, other) in enumerate(links):
            steps[one].append((link, other))
            steps[other].append((link, one))
        for node in range(size):
            if self.number[node] < 0:
                self._walk(node, steps)

    def _walk(self, root: int, steps: list[list[Pair]]) -> None:
        self._enter(root, -1, root)
        way = [root]
        while way:
            node = way[-1]
            if not steps[node]:
                self._leave(way)
                continue
            link, other = steps[node].pop()
            if link == self.entered[node]:
                continue
            if self.number[other] < 0:
                self._enter(other, link, root)
                way.append(other)
            else:
                self.low[node] = min(self.low[node], self.number[other])

    def _enter(self, node: int, link: int, root: int) -> None:
        self.number[node] = self.low[node] = len(self.order)
        self.entered[node], self.root[node] = link, root
        self.order.append(node)

    def _leave(self, way: list[int]) -> None:
        node = way.pop()
        self.end[node] = len(self.order)
        if way:
            self.low[way[-1]] = min(self.low[way[-1]], self.low[node])
