"""Where things stand in the picture of a graph: a tree that grows from left to right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Spot(NamedTuple):
    """Where a node stands.

    Attributes:
        column: How far from the beginning of its tree.
        row: From the top; half rows stand between two others.
    """

    column: int
    row: float


def lay_out(roots: Sequence[int], children: Mapping[int, Sequence[int]]) -> dict[int, Spot]:
    """Give every node of some trees a spot: leaves under one another, others beside their own.

    Args:
        roots: Where the trees begin, from the top.
        children: What hangs on each node, from the top.

    >>> lay_out([1], {1: [2, 3]})
    {2: Spot(column=1, row=0.0), 3: Spot(column=1, row=1.0), 1: Spot(column=0, row=0.5)}
    """
    spots: dict[int, Spot] = {}
    row = 0
    for root in roots:
        open_ = [(root, 0, False)]
        while open_:
            node, column, placed = open_.pop()
            own = children.get(node, ())
            if not own:
                spots[node] = Spot(column, float(row))
                row += 1
            elif placed:
                middle = (spots[own[0]].row + spots[own[-1]].row) / 2
                spots[node] = Spot(column, middle)
            else:
                open_.append((node, column, True))
                open_ += [(child, column + 1, False) for child in reversed(own)]
    return spots
