"""The course of a number: what it came to for some customers, at each of several moments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import numpy as np

from patron.engines.duckdb import Cursor
from patron.segments import tree, values
from patron.segments.asked import Asking
from patron.segments.calculated import results
from patron.segments.calculations import Formula, Leaf
from patron.segments.catalogue import Catalogue
from patron.segments.computed import inlined, scoped_expression
from patron.segments.conditions import DIALECT
from patron.segments.explain_probe import reading
from patron.segments.frames import Asked
from patron.segments.plan import Planner
from patron.segments.sql import Printer


def courses(
    cursor: Cursor,
    expression: tree.Expression,
    *,
    profile_ids: Sequence[int],
    moments: Sequence[datetime],
    catalogue: Catalogue,
    brands: tuple[str, ...] = (),
) -> dict[int, list[Decimal | None]]:
    """What a number came to for some customers at each of some moments, in one statement.

    Args:
        cursor: In a transaction.
        expression: A measure, or what is calculated of such.
        profile_ids: Profiles that stand.
        moments: Naive UTC.
        catalogue: Holds the computed traits.
        brands: Of these brands only, where the expression names none; empty for all.

    Returns:
        Of each customer a number for each moment; None where it is missing.
    """
    whole = scoped_expression(inlined(expression, catalogue.computed), brands)
    formula = Formula.of(whole, Planner(catalogue))
    nothing = formula.of_nothing()
    found: dict[int, int | None] = {}
    if any(isinstance(one, Leaf) for one in formula.numbers):
        frame = Asked()
        query = results(Printer(frame), formula)
        asking = Asking(cursor)
        ids = np.repeat(np.array(profile_ids, dtype=np.int64), len(moments))
        at = np.tile(np.array(moments, dtype="datetime64[us]"), len(profile_ids))
        asking.gather(ids, at, [reading(frame, [query])])
        found = dict(cursor.execute(query.sql(DIALECT, copy=False)).all())
    numbers = [
        _decimal(found.get(place, nothing)) for place in range(len(profile_ids) * len(moments))
    ]
    size = len(moments)
    return {
        profile_id: numbers[place * size : (place + 1) * size]
        for place, profile_id in enumerate(profile_ids)
    }


def _decimal(millionths: int | None) -> Decimal | None:
    return None if millionths is None else Decimal(millionths).scaleb(-values.DECIMALS)
