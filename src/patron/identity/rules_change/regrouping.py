"""What a new partition does to the profiles there are: who merges, who splits, who moves.

Profiles of before and of afterwards that share an identifier hang together. What hangs together is
looked at as one: several that become one merge, one that becomes several splits, and where several
become several, identifiers move between people.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from patron.identity.partition.parting import components

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_HALF = np.int64(32)
_LOW = np.int64(0xFFFF_FFFF)


class Groups(NamedTuple):
    """Profiles that hang together by what they share, before and afterwards.

    Attributes:
        before: Profiles that stood, ascending.
        before_group: For each the number of its group.
        after: Profiles that stand afterwards, ascending.
        after_group: For each the number of its group.
        counts_before: For each group how many profiles it had.
        counts_after: For each group how many it has afterwards.
        pairs: Distinct pairs of a profile of before and one of afterwards that share something.
    """

    before: Ints
    before_group: Ints
    after: Ints
    after_group: Ints
    counts_before: Ints
    counts_after: Ints
    pairs: tuple[Ints, Ints]

    @property
    def merging(self) -> Bools:
        """For each group whether several profiles become one."""
        found: Bools = (self.counts_before > 1) & (self.counts_after == 1)
        return found

    @property
    def splitting(self) -> Bools:
        """For each group whether one profile becomes several."""
        found: Bools = (self.counts_before == 1) & (self.counts_after > 1)
        return found

    @property
    def moving(self) -> Bools:
        """For each group whether several profiles become several others."""
        found: Bools = (self.counts_before > 1) & (self.counts_after > 1)
        return found


def group(before: Ints, after: Ints) -> Groups:
    """See which profiles hang together.

    Args:
        before: For each thing that is shared (an identifier, a message) the profile that had it.
        after: The profile that has it afterwards.

    >>> found = group(np.array([1, 2, 3, 3]), np.array([1, 1, 3, 4]))
    >>> found.merging.tolist(), found.splitting.tolist()
    ([True, False], [False, True])
    """
    pairs = np.unique((before << _HALF) | after)
    one, other = pairs >> _HALF, pairs & _LOW
    was, left = np.unique(one, return_inverse=True)
    becomes, right = np.unique(other, return_inverse=True)
    labels = components(len(was) + len(becomes), left, right + len(was))
    _, labels = np.unique(labels, return_inverse=True)
    mine, theirs = labels[: len(was)], labels[len(was) :]
    size = int(labels.max()) + 1 if len(labels) else 0
    return Groups(
        was,
        mine,
        becomes,
        theirs,
        np.bincount(mine, minlength=size),
        np.bincount(theirs, minlength=size),
        (one, other),
    )


class Turn(NamedTuple):
    """One row for the table of merges and splits.

    Attributes:
        kind: ``merge`` or ``split``.
        kept: The profile that stands, or that was split.
        other: The profile that goes, or that holds the part that left.
    """

    kind: str
    kept: int
    other: int


def turns(groups: Groups, homes: dict[int, int]) -> list[Turn]:
    """The merges and splits that lead from before to afterwards.

    Args:
        groups: What hangs together.
        homes: For profiles of before that do not stand any more, which stands for them.

    >>> turns(group(np.array([1, 2, 3, 3]), np.array([1, 1, 3, 4])), {2: 1})
    [Turn(kind='merge', kept=1, other=2), Turn(kind='split', kept=3, other=4)]
    """
    gone = np.array(list(homes), dtype=np.int64)
    one, other = groups.pairs
    told = (one != other) | np.isin(one, gone)
    found = dict.fromkeys(
        Turn("merge", homes[was], was) for was in one[told].tolist() if was in homes
    )
    for was, becomes in zip(one[told].tolist(), other[told].tolist(), strict=True):
        if becomes != homes.get(was, was):
            found[Turn("split", was, becomes)] = None
    return list(found)
