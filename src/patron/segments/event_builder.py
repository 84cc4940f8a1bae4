"""Builds the conditions on events; the builder of rules takes them from here."""

# ruff: noqa: D102 - each method is named after the alternative of the grammar that it builds

from __future__ import annotations

from decimal import Decimal
from typing import Any

from lark import Token
from lark.tree import Meta
from lark.visitors import v_args

from patron.segments import durations, tree, values
from patron.segments.comparison_builder import Compare, unquote
from patron.segments.phrases import Clause, Placing, fields, selection
from patron.segments.tree import Rule

_MEASURES: dict[str, type[tree.Sum | tree.Average | tree.Min | tree.Max | tree.Distinct]] = {
    "sum": tree.Sum,
    "average": tree.Average,
    "avg": tree.Average,
    "min": tree.Min,
    "max": tree.Max,
    "distinct": tree.Distinct,
}
_PICKS: dict[str, type[tree.FirstValue | tree.LastValue | tree.MostFrequent]] = {
    "first": tree.FirstValue,
    "last": tree.LastValue,
    "most frequent": tree.MostFrequent,
}


@v_args(meta=True)
class EventBuilder(Placing):
    """One method for each alternative of the grammar that is about events."""

    # ── conditions ──

    def did(self, meta: Meta, parts: list[Any]) -> Rule:
        rows, *rest = parts
        times = rest.pop(0) if rest and isinstance(rest[0], Compare) else None
        pattern = self._pattern(meta, rows, rest, times)
        if pattern is not None:
            return pattern
        events = tree.Events(**rows, **selection(rest))
        return self._at(meta, tree.Count(events, *(times or Compare(">=", 1))))

    def did_not(self, meta: Meta, parts: list[Any]) -> Rule:
        rows, *rest = parts
        pattern = self._pattern(meta, rows, rest, None)
        if pattern is not None:
            return self._at(meta, tree.Not(pattern))
        return self._at(meta, tree.Count(tree.Events(**rows, **selection(rest)), "=", 0))

    def _pattern(
        self, meta: Meta, rows: dict[str, Any], clauses: list[Clause], times: Compare | None
    ) -> Rule | None:
        """What `did` says with "for the first time" or "in at least 3 of the last 4 weeks"."""
        said = fields(clauses)
        if not said.keys() & {"first", "spread"}:
            return None
        if times is not None or said.keys() >= {"first", "spread"}:
            raise ValueError(
                "Say one of: how many times, for the first time, in how many of the last weeks"
            )
        rest = [clause for clause in clauses if clause.field not in ("first", "spread")]
        if "first" in said:
            return self._at(meta, tree.FirstTime(tree.Events(**rows, **selection(rest))))
        of, unit, (op, value) = said["spread"]
        zone = said.get("zone")
        events = tree.Events(**rows, **selection([c for c in rest if c.field != "zone"]))
        return self._at(meta, tree.Periods(events, of, unit, op, value, zone))

    def stopped(self, meta: Meta, parts: list[Any]) -> Rule:
        rows, length, clauses = _with_length(parts)
        return self._at(meta, tree.Stopped(tree.Events(**rows, **selection(clauses)), length))

    def resumed(self, meta: Meta, parts: list[Any]) -> Rule:
        rows, length, clauses = _with_length(parts)
        return self._at(meta, tree.Resumed(tree.Events(**rows, **selection(clauses)), length))

    def count(self, meta: Meta, parts: list[Any]) -> Rule:
        selected, (op, value) = parts
        return self._at(meta, tree.Count(tree.Events(**selected), op, value))

    def measure(self, meta: Meta, parts: list[Any]) -> Rule:
        word, path, selected, (op, value) = parts
        kind = _MEASURES[word.lower()]
        return self._at(meta, kind(tree.Amounts(property=path, **selected), op, value))

    def pick(self, meta: Meta, parts: list[Any]) -> Rule:
        word, path, selected, *often, (op, value) = parts
        kind = _PICKS[" ".join(word.lower().split())]
        amounts = tree.Amounts(property=path, **selected)
        if not often:
            return self._at(meta, kind(amounts, op, value))
        if kind is not tree.MostFrequent:
            raise ValueError("Only the most frequent value is asked how many times it occurs")
        return self._at(meta, tree.MostFrequent(amounts, op, value, often[0]))

    def count_metric(self, _: Meta, parts: list[Any]) -> tree.Metric:
        return tree.Metric(count=tree.Events(**parts[0]))

    def measure_metric(self, _: Meta, parts: list[Any]) -> tree.Metric:
        word, path, selected = parts
        name = {"avg": "average"}.get(word.lower(), word.lower())
        return tree.Metric(**{name: tree.Amounts(property=path, **selected)})

    # ── how often ──

    def at_least(self, _: Meta, parts: list[Token]) -> Compare:
        return Compare(">=", values.whole(Decimal(parts[0])))

    def at_most(self, _: Meta, parts: list[Token]) -> Compare:
        return Compare("<=", values.whole(Decimal(parts[0])))

    def exactly(self, _: Meta, parts: list[Token]) -> Compare:
        return Compare("=", values.whole(Decimal(parts[0])))

    def first_time(self, _: Meta, __: list[Token]) -> Clause:
        return Clause("first", value=True)

    def spread(self, _: Meta, parts: list[Any]) -> Clause:
        compare, of, unit = parts
        found = values.whole(Decimal(of)), durations.calendar_unit(str(unit)), compare
        return Clause("spread", found)

    def length(self, _: Meta, parts: list[Token]) -> str:
        return durations.span(f"{parts[0]}{parts[1]}")

    # ── selections of events ──

    def selection(self, _: Meta, parts: list[Any]) -> dict[str, Any]:
        rows, *clauses = parts
        return {**rows, **selection(clauses)}

    def fields(self, _: Meta, parts: list[Clause]) -> dict[str, Any]:
        return selection(parts)

    def rows_events(self, _: Meta, parts: list[str | None]) -> dict[str, Any]:
        return {"event": parts[0]}

    def rows_lines(self, _: Meta, parts: list[str | None]) -> dict[str, Any]:
        return {"event": parts[0], "lines": True}

    def rows_orders(self, _: Meta, __: list[Token]) -> dict[str, Any]:
        return {"orders": True}

    def rows_returns(self, _: Meta, __: list[Token]) -> dict[str, Any]:
        return {"returns": True}

    def event_named(self, _: Meta, parts: list[Token]) -> str:
        return values.name(unquote(parts[0]))

    def event_any(self, _: Meta, __: list[Token]) -> None:
        return None

    def where(self, _: Meta, parts: list[Rule]) -> Clause:
        return Clause("where", parts[0])

    def brands(self, _: Meta, parts: list[Token]) -> Clause:
        return Clause("on_brand", tuple(values.name(unquote(part)) for part in parts))

    def currency(self, _: Meta, parts: list[Token]) -> Clause:
        return Clause("currency", str(parts[0]))

    def convert(self, _: Meta, parts: list[Token]) -> Clause:
        return Clause("convert", str(parts[0]))

    def zone(self, _: Meta, parts: list[Token]) -> Clause:
        return Clause("zone", durations.zone(unquote(parts[0])))

    # ── windows ──

    def last(self, _: Meta, parts: list[Token]) -> Clause:
        return Clause("within", tree.Last(durations.span(f"{parts[0]}{parts[1]}")))

    def last_full(self, _: Meta, parts: list[Token]) -> Clause:
        *amount, unit = (str(part) for part in parts)
        return Clause("within", tree.LastFull(f"{amount[0] if amount else 1} {unit}"))

    def this(self, _: Meta, parts: list[Token]) -> Clause:
        return Clause("within", tree.This(str(parts[0])))

    def today(self, _: Meta, __: list[Token]) -> Clause:
        return Clause("within", tree.This("day"))

    def yesterday(self, _: Meta, __: list[Token]) -> Clause:
        return Clause("within", tree.LastFull("1 day"))

    def since_event(self, _: Meta, parts: list[Any]) -> Clause:
        which, anchor = parts
        return Clause("within", tree.SinceEvent(anchor, which.lower()))

    def anchor(self, _: Meta, parts: list[Any]) -> tree.Anchor:
        event, *where = parts
        return tree.Anchor(event, where[0].value if where else None)

    def dates(self, _: Meta, parts: list[Token]) -> Clause:
        return Clause("within", tree.Dates(str(parts[0]), str(parts[1])))

    def since(self, _: Meta, parts: list[Token]) -> Clause:
        return Clause("within", tree.Dates(since=str(parts[0])))

    def until(self, _: Meta, parts: list[Token]) -> Clause:
        return Clause("within", tree.Dates(until=str(parts[0])))

    def ever(self, _: Meta, __: list[Token]) -> Clause:
        return Clause("within", None)


def _with_length(parts: list[Any]) -> tuple[dict[str, Any], str, list[Clause]]:
    """The rows of a pattern, the length of time it names, and its clauses in their order."""
    rows, *rest = parts
    length = next(part for part in rest if isinstance(part, str))
    return rows, length, [part for part in rest if isinstance(part, Clause)]
