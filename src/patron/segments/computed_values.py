"""The values of computed traits: of everybody, or of one customer, as of a moment.

They are taken of the same rows, in the same order and with the same rounding as conditions on them
are, so that whoever is shown a value fulfils the comparison with it. What compares differently from
what is shown is an average alone: it is shown to six places, and compared exactly.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from sqlglot import exp

from patron.engines.duckdb import Cursor
from patron.segments import tree, values
from patron.segments.calculated import results
from patron.segments.calculations import MICRO, Formula, Leaf
from patron.segments.catalogue import Catalogue
from patron.segments.choosing import first_holding
from patron.segments.computed import inlined, is_number, scoped_expression
from patron.segments.computed_comparisons import choices
from patron.segments.conditions import DIALECT, column
from patron.segments.frames import Between, Bulk, named, table
from patron.segments.moments import AS_OF
from patron.segments.picks import picked_values
from patron.segments.plan import Planner
from patron.segments.plan_sets import rfm_scored
from patron.segments.points import Ledger
from patron.segments.preferring import favourites, terms
from patron.segments.row_values import value_of
from patron.segments.scans import Scan
from patron.segments.scored import Scored
from patron.segments.sql import Printer

MOST_LISTED = 100
"""So many values of a list are shown at most, the first ones in order."""

MORE = 4
"""Of so many times as many customers is asked next, when too few of some had a value."""

SEVERAL = 1_000
"""So many different values are made of texts once, of all customers who have them."""

Values = dict[int, Any]
WHOLE = ("count", "distinct")
"""Measures that are whole numbers; the others are decimals."""


@dataclass(frozen=True)
class _Asked:
    """The query that gives the values of an expression, and what is made of each row of it.

    Attributes:
        query: SQL that gives ``profile_id`` and ``found``: one row for each who has a value.
        read: Makes the value of ``found``; None for none.
        nothing: The value of customers whom the query leaves out.
    """

    query: str | None
    read: Callable[[Any], Any]
    nothing: Any = None


class Asking:
    """Asks for values in one view of the tables.

    Args:
        cursor: In a transaction.
        as_of: The moment, naive UTC.
        catalogue: Holds the computed traits.
        profile_id: Of this customer only, or of these; they stand.
        brands: Of these brands only, of expressions that name none; empty for all.
        scored: Has scores that were made for other questions.
    """

    def __init__(
        self,
        cursor: Cursor,
        *,
        as_of: datetime,
        catalogue: Catalogue,
        profile_id: int | tuple[int, ...] | None = None,
        brands: tuple[str, ...] = (),
        scored: Scored | None = None,
    ) -> None:
        self._cursor = cursor
        self._scored = scored
        self._brands = brands
        self._catalogue = catalogue
        self._frame = Bulk.about(cursor, as_of, profile_id)

    def values(self, expression: tree.Expression, *, after: int = 0, limit: int) -> Values:
        """The values of those customers who have one, by rising profile id.

        Args:
            expression: What is computed; it may name computed traits.
            after: Only of customers with larger ids.
            limit: Of so many customers at most.

        Raises:
            RuleError: It names an unknown computed trait.
        """
        whole = scoped_expression(inlined(expression, self._catalogue.computed), self._brands)
        found: Values = {}
        for frame in self._parts(after, limit):
            asked = self._asked(whole, frame)
            sql = f"{self._everybody(asked, frame)} where profile_id > ? order by profile_id"
            self._cursor.execute(sql, [after])
            for profile_id, was_found, there in self._cursor.all():
                value = asked.read(was_found) if there else asked.nothing
                if value is not None:
                    found[profile_id] = value
                    if len(found) == limit:
                        return found
        return found

    def _parts(self, after: int, limit: int) -> Iterator[Bulk]:
        """Whom to ask about, by rising id: so many first, then more, if too few have a value."""
        if self._frame.profile_id is not None:
            yield self._frame
            return
        following = (
            f"select count(*), max(profile_id) from (select profile_id from ({self.everybody()}) "
            "as everybody where profile_id > ? order by profile_id limit ?) as following"
        )
        while True:
            ((number, last),) = self._cursor.execute(following, [after, limit]).all()
            if number:
                yield replace(self._frame, profile_id=Between(after, last))
            if number < limit:
                return
            after, limit = last, limit * MORE

    def value(self, expression: tree.Expression) -> Any:  # noqa: ANN401 - as it is computed
        """The value of the one customer; None when it is missing."""
        found = self.values(expression, limit=1)
        return next(iter(found.values()), None)

    def query(self, expression: tree.Expression) -> tuple[str, Callable[[Any], Any]]:
        """What gives everybody's values at once, of an expression that is missing of nothing.

        Returns:
            SQL with ``profile_id`` and ``found``, and what makes the value of ``found``.
        """
        whole = inlined(expression, self._catalogue.computed)
        asked = self._asked(scoped_expression(whole, self._brands), self._frame)
        if asked.query is None or asked.nothing is not None:
            raise TypeError("A number sorts nobody")
        return asked.query, asked.read

    def everybody(self) -> str:
        """SQL of everybody who was seen by the moment: ``profile_id``."""
        return self._frame.everybody(AS_OF).sql(DIALECT)

    def highest(self, expression: tree.Expression, *, skip: int = 0, limit: int) -> Values:
        """The largest numbers first, and of equal ones that of the smaller profile id.

        Args:
            expression: A measure, or what is calculated of such.
            skip: Leave out so many of the largest.
            limit: Of so many customers at most.
        """
        asked = self._asked(inlined(expression, self._catalogue.computed), self._frame)
        nothing = None if asked.nothing is None else int(asked.nothing * MICRO)
        sql = (
            f"select profile_id, coalesce(found, ?) as number "
            f"from ({self._everybody(asked, self._frame)}) "
            "where number is not null order by number desc, profile_id limit ? offset ?"
        )
        self._cursor.execute(sql, [nothing, limit, skip])
        return {profile_id: asked.read(number) for profile_id, number in self._cursor.all()}

    def _everybody(self, asked: _Asked, frame: Bulk) -> str:
        """Whoever may have a value: the id, what was found, and whether anything was."""
        everybody = f"({frame.everybody(AS_OF).sql(DIALECT)}) as everybody"
        if asked.query is None:
            sql = f"select profile_id, null as found, false from {everybody}"
        else:
            # As text: to put a query into another one, sqlglot copies it.
            how = "inner" if asked.nothing is None else "left"
            sql = (
                f"select profile_id, found, coalesce(there, false) from {everybody} {how} join "
                f"(select profile_id, found, true as there from ({asked.query})) as marked "
                "using (profile_id)"
            )
        return sql

    def _asked(self, expression: tree.Expression, frame: Bulk) -> _Asked:
        if isinstance(expression, tree.Categories | tree.Cases):
            return self._first_of(expression, frame)
        if isinstance(expression, tree.RfmScore):
            return self._rfm_scores(expression, frame)
        if isinstance(expression, tree.Balance):
            balances = Ledger.of(expression.points, self._planner()).balances(Printer(frame))
            return _Asked(balances.sql(DIALECT, copy=False), int, 0)
        if isinstance(expression, tree.Preferred):
            kinds = terms(self._planner(), expression)
            best = favourites(Printer(frame), kinds, expression.at_least)
            return _Asked(best.sql(DIALECT, copy=False), lru_cache(SEVERAL)(value_of))
        if is_number(expression):
            return self._numbers(expression, frame)
        assert isinstance(expression, tree.Taken)  # noqa: S101 - numbers and categories aside
        name, events = expression.taken()
        assert isinstance(events, tree.Amounts)  # noqa: S101 - only counts are of none
        scan, measured = self._planner().measured("distinct", events)
        path = measured.path or ""
        printer = Printer(frame)
        amounts = scan.value(path).operand.kind == "number"
        if name == "list":
            query = _distinct(printer, path, scan)
            return _Asked(
                query.sql(DIALECT, copy=False), lambda texts: _listed(texts, amounts=amounts)
            )
        which: Any = name
        query = picked_values(printer, which, scan, path, expression.times)
        return _Asked(query.sql(DIALECT, copy=False), lambda text: _decoded(text, amounts=amounts))

    def _rfm_scores(self, expression: tree.RfmScore, frame: Bulk) -> _Asked:
        """The cells of everybody who has scores."""
        scored, made_for = rfm_scored(expression.being(tree.CELLS), self._planner())
        # Everybody is scored, whomever it is asked about.
        at = made_for.at(frame.as_of)
        if self._scored is None:
            query = scored.cells_query(at, frame.relations)
        else:
            known = self._scored.cells(self._cursor, scored, at, frame.relations)
            self._cursor.register("patron_scored", known)
            query = exp.select(column("profile_id"), column("found")).from_(table("patron_scored"))
        query = frame.narrowed(query)
        return _Asked(query.sql(DIALECT, copy=False), cache(lambda cell: expression.of(str(cell))))

    def _first_of(self, expression: tree.Categories | tree.Cases, frame: Bulk) -> _Asked:
        """The place of the first choice of each customer, by the conditions that they are."""
        found_choices = choices(expression)
        # Tests that are not joined can be shared by the choices.
        planner = Planner(self._catalogue, largest=0)
        plans = [planner.plan(inside) for _, inside in found_choices]
        query = first_holding(Printer(frame), plans)
        return _Asked(query.sql(DIALECT, copy=False), lambda place: found_choices[place][0])

    def _numbers(self, expression: tree.Expression, frame: Bulk) -> _Asked:
        formula = Formula.of(expression, self._planner())
        nothing = formula.of_nothing()
        whole = isinstance(expression, tree.Taken) and expression.taken()[0] in WHOLE

        def number(millionths: int | None) -> int | Decimal | None:
            if millionths is None:
                return None
            return millionths // MICRO if whole else Decimal(millionths).scaleb(-values.DECIMALS)

        shown = number(nothing)
        if not any(isinstance(one, Leaf) for one in formula.numbers):
            return _Asked(None, number, shown)
        found = named(results(Printer(frame), formula), "results")
        query = exp.select(column("profile_id"), exp.alias_(column("result"), "found")).from_(found)
        return _Asked(query.sql(DIALECT, copy=False), number, shown)

    def _planner(self) -> Planner:
        return Planner(self._catalogue)


def _decoded(text: str | None, *, amounts: bool) -> Any:  # noqa: ANN401 - any JSON value
    """A value as it was sent; an amount of a column of its own as a decimal."""
    if text is None:
        return None
    return Decimal(text) if amounts else json.loads(text, parse_constant=str)


def _listed(texts: list[str], *, amounts: bool) -> list[Any] | None:
    """Different values: truth values, numbers, texts, each in their order."""
    found = [_decoded(text, amounts=amounts) for text in texts]
    return sorted(found, key=_order)[:MOST_LISTED] or None


def _order(value: Any) -> tuple[int, Any]:  # noqa: ANN401 - a text, a number or a truth value
    if isinstance(value, bool):
        return 0, value
    return (2, value) if isinstance(value, str) else (1, Decimal(value))


def _distinct(printer: Printer, path: str, scan: Scan) -> exp.Query:
    """The different texts, numbers and truth values of each customer, as a list of JSON texts."""
    value = scan.value(path)
    key = column(printer.key)
    rows = printer.rows(scan).select(
        exp.alias_(value.identity(), "identity"), exp.alias_(value.json(), "shown")
    )
    one = exp.select(key, exp.alias_("any_value(shown)", "shown")).from_(named(rows, "rows"))
    one = one.where("identity is not null").group_by(key, column("identity"))
    return (
        exp.select(key, exp.alias_("list(shown)", "found")).from_(named(one, "ones")).group_by(key)
    )
