"""What people said about pairs of records."""

from __future__ import annotations

from typing import NamedTuple

import msgspec
import pyarrow as pa


class Reviews(msgspec.Struct, frozen=True):
    """What people said about pairs, the lower number first; it wins over the model.

    Attributes:
        same: Pairs that are one person.
        different: Pairs that are two.
    """

    same: frozenset[tuple[int, int]] = frozenset()
    different: frozenset[tuple[int, int]] = frozenset()


class Labels(NamedTuple):
    """Pairs of records that people called one person, for a model to learn from.

    Attributes:
        records: As `Workbench.load` takes them; none of the records that are trained on.
        same: Pairs of these, by their numbers.
    """

    records: pa.Table
    same: tuple[tuple[int, int], ...]
