"""Which of the remembered rows lie in a span of time."""

from __future__ import annotations

import numpy as np

from patron.segments.memory.batch import Bools, Kept, Seen, Start, Within
from patron.segments.memory.columns import Columns
from patron.segments.memory.orders import Orders
from patron.segments.moments import AS_OF
from patron.segments.scans import Scan, Span


def kept(scan: Scan, columns: Columns) -> Kept:
    """How the rows of a scan are found."""
    orders = Orders.of(scan.span.upto, columns) if scan.table == "orders" else None
    return Kept(scan.key, columns.fits(scan), within(scan.span, columns, seen=True), orders)


def within(span: Span, columns: Columns, *, seen: bool = False, ended: bool = True) -> Within:
    """Whether rows lie in a span.

    Args:
        span: The span.
        columns: Gets what has to be remembered for it.
        seen: Whether only what is seen at its end counts.
        ended: Whether it has its end, or only its start.
    """
    start = None
    if span.anchor is not None:
        start = Start(span.anchor.which, kept(span.anchor.scan, columns))
    limits = [(np.greater, span.after), (np.greater_equal, span.since)]
    if ended:
        limits += [(np.less_equal, span.until), (np.less, span.before)]
    if seen and span.upto != AS_OF:
        limits.append((np.less_equal, span.upto))

    def inside(rows: Seen) -> Bools:
        mask = np.ones(len(rows), dtype=bool)
        for compare, limit in limits:
            if limit is not None:
                mask &= compare(rows.at, rows.asks.moment(limit)[rows.ask])
        if start is not None:
            mask &= rows.at > rows.asks.began(start)[rows.ask]
        return mask

    return inside
