"""How well groups of records agree with the people behind them.

Pairwise: of all pairs put together, how many belong together (precision), and of all that belong
together, how many were put together (recall). B-cubed asks the same for each record's own group
and takes the mean over records, so that one large group does not outweigh many small ones.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple


class Quality(NamedTuple):
    """Shares between 0 and 1."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both.

        >>> Quality(0.5, 1.0).f1
        0.6666666666666666
        """
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def pairwise(found: Sequence[Hashable], truth: Sequence[Hashable]) -> Quality:
    """Quality by pairs of records.

    Args:
        found: For each record the group that it was put into.
        truth: For each record the person that it is of.

    >>> pairwise([1, 1, 1, 2], ["a", "a", "b", "b"])
    Quality(precision=0.3333333333333333, recall=0.5)
    """
    both = _pairs(Counter(zip(found, truth, strict=True)))
    together, belong = _pairs(Counter(found)), _pairs(Counter(truth))
    return Quality(both / together if together else 1.0, both / belong if belong else 1.0)


def b_cubed(found: Sequence[Hashable], truth: Sequence[Hashable]) -> Quality:
    """Quality by records, as `pairwise` takes them.

    >>> b_cubed([1, 1, 1, 2], ["a", "a", "b", "b"])
    Quality(precision=0.6666666666666666, recall=0.75)
    """
    both = Counter(zip(found, truth, strict=True))
    groups, people = Counter(found), Counter(truth)
    precision = sum(n * n / groups[group] for (group, _), n in both.items())
    recall = sum(n * n / people[person] for (_, person), n in both.items())
    return Quality(precision / len(found), recall / len(found))


def _pairs(sizes: Counter[Hashable] | Counter[tuple[Hashable, Hashable]]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.values())
