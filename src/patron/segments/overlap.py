"""Which segments share their members: the regions of a diagram of up to 20 sets, exactly.

A region is the set of customers who are in some of the segments and in none of the others. It is
known by a bitmask: bit 0 is the first segment, bit 1 the second. Regions do not overlap, so every
other number (sizes, pairs, the union) is a sum over them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from patron.engines.duckdb import Cursor

MOST = 20
"""So many segments can be laid over one another at most."""


class Overlap(msgspec.Struct, frozen=True):
    """How segments overlap.

    Attributes:
        union: How many customers are in at least one.
        sizes: Per segment how many are in it.
        pairs: Per segment and segment how many are in both; the diagonal holds the sizes.
        regions: Customers by bitmask, without the empty regions; the largest region first.
    """

    union: int
    sizes: tuple[int, ...]
    pairs: tuple[tuple[int, ...], ...]
    regions: Mapping[int, int]


def overlap(cursor: Cursor, members: Sequence[str]) -> Overlap:
    """Count all regions in one statement.

    Args:
        cursor: On the warehouse, in the transaction that the queries were made in.
        members: One query for profile ids a segment, from `query.members_sql`; at most `MOST`.
    """
    bits = " union all ".join(
        f"select profile_id, {1 << number}::BIGINT as bit from ({sql})"
        for number, sql in enumerate(members)
    )
    cursor.execute(
        "select region, count(*) as customers from ("
        f"select profile_id, bit_or(bit) as region from ({bits}) group by profile_id"
        ") group by region order by customers desc, region"
    )
    return of_regions(dict(cursor.all()), len(members))


def of_regions(regions: Mapping[int, int], segments: int) -> Overlap:
    """All numbers that follow from the regions.

    >>> found = of_regions({0b01: 5, 0b11: 2}, 2)
    >>> found.union, found.sizes, found.pairs
    (7, (7, 2), ((7, 2), (2, 2)))
    """
    masks = np.fromiter(regions, dtype=np.int64, count=len(regions))
    counts = np.fromiter(regions.values(), dtype=np.int64, count=len(regions))
    inside = (masks[:, None] >> np.arange(segments)) & 1
    pairs = inside.T @ (inside * counts[:, None])
    return Overlap(
        union=int(counts.sum()),
        sizes=tuple(pairs.diagonal().tolist()),
        pairs=tuple(tuple(row) for row in pairs.tolist()),
        regions=regions,
    )
