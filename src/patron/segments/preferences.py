"""What customers prefer, told: every value with its weight, its affinity and its rank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from patron.engines.duckdb import Cursor
from patron.segments import tree, values
from patron.segments.catalogue import Catalogue
from patron.segments.computed import scoped_expression
from patron.segments.conditions import DIALECT
from patron.segments.frames import Bulk
from patron.segments.moments import AS_OF
from patron.segments.plan import Planner
from patron.segments.preferring import favourites, least_millionths, terms, totals, weights
from patron.segments.row_values import value_of
from patron.segments.sql import Printer

_SIX = Decimal(1).scaleb(-values.DECIMALS)


@dataclass(frozen=True, slots=True)
class Liking:
    """A value, and how much a customer likes it.

    Attributes:
        value: A text, a number or a truth value.
        weight: What speaks for it, less what speaks against it.
        affinity: The weight, of all that speaks for any value; None where nothing does.
        rank: 1 for the most preferred.
        verdict: ``liked`` or ``disliked``; None for neither.
        last_at: When it was last named; naive UTC.
    """

    value: Any
    weight: Decimal
    affinity: Decimal | None
    rank: int
    verdict: str | None
    last_at: datetime


def preferences(
    cursor: Cursor,
    preferred: tree.Preferred,
    *,
    as_of: datetime,
    catalogue: Catalogue,
    profile_ids: tuple[int, ...] | None = None,
    brands: tuple[str, ...] = (),
    after: int = 0,
    limit: int,
) -> dict[int, list[Liking]]:
    """The values of customers who named any, by rising profile id; the most preferred first.

    Args:
        cursor: In a transaction.
        preferred: The preference.
        as_of: The moment, naive UTC.
        catalogue: What is known.
        profile_ids: Of these customers only.
        brands: Of these brands only, where the preference names none; empty for all.
        after: Of customers with larger ids.
        limit: Of so many customers at most.
    """
    printer = Printer(Bulk.about(cursor, as_of, profile_ids))
    scoped = scoped_expression(preferred, brands)
    assert isinstance(scoped, tree.Preferred)  # noqa: S101 - brands change no kind
    found = terms(Planner(catalogue), scoped)
    sql = _PAGE.format(
        weights=weights(printer, found).sql(DIALECT, copy=False),
        totals=totals(printer, found).sql(DIALECT, copy=False),
        everybody=printer.frame.everybody(AS_OF).sql(DIALECT),
    )
    cursor.execute(sql, [after, limit])
    told: dict[int, list[Liking]] = {}
    least = least_millionths(preferred.at_least)
    for one, identity, weight, latest, total in cursor.all():
        mine = told.setdefault(one, [])
        verdict = "liked" if weight >= least else "disliked" if weight <= -least else None
        mine.append(
            Liking(
                value_of(identity), Decimal(weight).scaleb(-values.DECIMALS),
                _share(weight, total), len(mine) + 1, verdict, latest,
            )
        )  # fmt: skip
    return told


def _share(weight: int, total: int | None) -> Decimal | None:
    if not total:
        return None
    return (Decimal(weight) / Decimal(total)).quantize(_SIX, ROUND_HALF_EVEN)


def favoured_by(
    cursor: Cursor, preferred: tree.Preferred, *, as_of: datetime, catalogue: Catalogue
) -> Sequence[tuple[Any, int]]:
    """Of each value how many customers prefer it to all others; the most frequent first."""
    printer = Printer(Bulk.about(cursor, as_of))
    found = favourites(printer, terms(Planner(catalogue), preferred), preferred.at_least)
    sql = _FAVOURITES.format(
        favourites=found.sql(DIALECT, copy=False),
        everybody=printer.frame.everybody(AS_OF).sql(DIALECT),
    )
    return [(value_of(identity), count) for identity, count in cursor.execute(sql).all()]


_PAGE = """
with weighed as (
    select * from ({weights}) semi join ({everybody}) as everybody using (profile_id)
), page as (
    select distinct profile_id from weighed where profile_id > ? order by profile_id limit ?
)
select profile_id, identity, weight, latest, total
from weighed semi join page using (profile_id) left join ({totals}) as totals using (profile_id)
order by profile_id, weight desc, latest desc, identity
"""

_FAVOURITES = """
select found, count(*) from ({favourites})
semi join ({everybody}) as everybody using (profile_id)
group by found order by count(*) desc, found
"""
