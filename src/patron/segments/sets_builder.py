"""The part of the builder that is about shares, ranks, scope, groups and past membership."""

# ruff: noqa: D102 - each method bears the name of the alternative in the grammar that it builds

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lark import Token
from lark.tree import Meta
from lark.visitors import v_args

from patron.segments import tree, values
from patron.segments.phrases import Placing, selection
from patron.segments.tree import Rule

REFRESHED: dict[str, tree.Refresh] = {
    "hourly": "hour",
    "daily": "day",
    "weekly": "week",
    "monthly": "month",
}
"""How often a ranking is made, as the text says it."""


@v_args(meta=True)
class SetsBuilder(Placing):
    """Builds conditions on sets of customers."""

    def some_listed(self, meta: Meta, parts: list[Any]) -> Rule:
        number, *rules = parts
        return self._at(meta, tree.AtLeast(_whole(number), tuple(rules)))

    def share(self, meta: Meta, parts: list[Any]) -> Rule:
        _, number, *seed = parts
        return self._at(meta, tree.Share(Decimal(number), *seed))

    def top(self, meta: Meta, parts: list[Any]) -> Rule:
        number, *rest = parts
        percent = rest[0] == "%"
        by, *refreshed = rest[1:] if percent else rest
        said: dict[str, Any] = {"refreshed": refreshed[0]} if refreshed else {}
        if percent:
            return self._at(meta, tree.Top(top_percent=Decimal(number), by=by, **said))
        return self._at(meta, tree.Top(top=_whole(number), by=by, **said))

    def rfm(self, meta: Meta, parts: list[Any]) -> Rule:
        _, path, selected, among, *refreshed = parts
        said: dict[str, Any] = {"refreshed": refreshed[0]} if refreshed else {}
        amounts = tree.Amounts(property=path, **selected)
        return self._at(meta, tree.Rfm(amounts, among, **said))

    def percent(self, _: Meta, __: list[Token]) -> str:
        return "%"

    def by_count(self, _: Meta, parts: list[Any]) -> tree.Ranking:
        return tree.Ranking(count=tree.Events(**parts[0]))

    def by_measure(self, _: Meta, parts: list[Any]) -> tree.Ranking:
        word, path, selection = parts
        name = "average" if word.lower() == "avg" else word.lower()
        return tree.Ranking(**{name: tree.Amounts(property=path, **selection)})

    def refreshed(self, _: Meta, parts: list[Token]) -> tree.Refresh:
        found = REFRESHED.get(parts[0].lower())
        if found is None:
            raise ValueError(f"{parts[0]} is no schedule: say {', '.join(REFRESHED)}")
        return found

    def brand_list(self, _: Meta, parts: list[str]) -> tuple[str, ...]:
        return tuple(parts)

    def on_brands(self, meta: Meta, parts: list[Any]) -> Rule:
        (op, value), *listed, rule = parts
        return self._at(meta, tree.OnBrands(rule, op, value, *listed))

    def group(self, meta: Meta, parts: list[Any]) -> Rule:
        _, path, compare, *clauses = parts
        return self._at(meta, tree.Group(path, *compare, **selection(clauses)))

    def was_in(self, meta: Meta, parts: list[Any]) -> Rule:
        return self._at(meta, tree.WasIn(parts[0], str(parts[1])))

    def entered(self, meta: Meta, parts: list[Any]) -> Rule:
        name, time = parts
        return self._at(meta, tree.Entered(name, **time))

    def left(self, meta: Meta, parts: list[Any]) -> Rule:
        name, time = parts
        return self._at(meta, tree.Left(name, **time))


def _whole(number: Token) -> int:
    return values.whole(Decimal(number))
