"""What people said about pairs of records."""

from __future__ import annotations

import msgspec


class Reviews(msgspec.Struct, frozen=True):
    """What people said about pairs, the lower number first; it wins over the model.

    Attributes:
        same: Pairs that are one person.
        different: Pairs that are two.
    """

    same: frozenset[tuple[int, int]] = frozenset()
    different: frozenset[tuple[int, int]] = frozenset()
