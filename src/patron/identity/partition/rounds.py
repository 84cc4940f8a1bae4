"""Takes the links of many components at once: in each round the next one of every component."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from patron.identity.sets import grouped

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def take_in_rounds(bits: Ints, component: Ints, a: Ints, b: Ints) -> Bools:
    """Take links in the order given, unless what they join would hold two of a bit.

    Components have nothing to do with each other, so their first links can all be taken at the same
    time, then their second ones, and so on. There are as many rounds as the largest has links.

    Args:
        bits: For each node the bits of which a part holds one at most.
        component: For each link the number of its component, from 0.
        a: For each link the node of one end.
        b: For each link the node of the other end.

    Returns:
        For each link whether it is kept.

    >>> bits, nothing = np.array([1, 1, 0]), np.zeros(2, dtype=np.int64)
    >>> take_in_rounds(bits, nothing, np.array([0, 1]), np.array([2, 2])).tolist()
    [True, False]
    """
    holds, parent = bits.copy(), np.arange(len(bits))
    kept = np.ones(len(a), dtype=np.bool_)
    by_component = grouped(component)
    starts = np.flatnonzero(np.diff(component[by_component], prepend=-1))
    sizes = np.diff(starts, append=len(a))
    by_size = np.argsort(-sizes, kind="stable")
    starts, sizes = starts[by_size], sizes[by_size]
    for number in range(int(sizes[0]) if len(sizes) else 0):
        # The largest come first, so those that have a link left lie in front.
        open_ = np.searchsorted(-sizes, -number)
        links = by_component[starts[:open_] + number]
        left, right = _roots(parent, a[links]), _roots(parent, b[links])
        same = left == right
        free = same | (holds[left] & holds[right] == 0)
        kept[links] = free
        join = free & ~same
        left, right = left[join], right[join]
        parent[right] = left
        holds[left] |= holds[right]
    return kept


def _roots(parent: Ints, nodes: Ints) -> Ints:
    """The roots of some nodes, which point straight at them from then on."""
    root = parent[nodes]
    while True:
        above = parent[root]
        if np.array_equal(above, root):
            break
        root = parent[above]
    parent[nodes] = root
    return root
