"""Builds the tree of a rule from what the grammar recognised: one method for each alternative."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from lark import ParseTree, Token
from lark.tree import Meta
from lark.visitors import v_args

from patron.segments import paths, tree, values
from patron.segments.comparison_builder import Compare, Comparisons, unquote
from patron.segments.sequence_builder import SequenceBuilder
from patron.segments.sets_builder import SetsBuilder
from patron.segments.tree import Rule, Window

_KEPT_FREE = """
    all and any at average avg bottom count did distinct entered event every exactly false first
    from has if in is last left max min most none not null of on or resumed sequence share since
    stopped sum then top true was when where within
"""

RESERVED = frozenset(_KEPT_FREE.split())
"""Words that begin a condition, or may in later versions: as names they stand in double quotes."""

Place = tuple[int, int]
"""Line and column, both from 1."""

_MEASURES: dict[str, type[tree.Sum | tree.Average | tree.Min | tree.Max]] = {
    "sum": tree.Sum,
    "average": tree.Average,
    "avg": tree.Average,
    "min": tree.Min,
    "max": tree.Max,
}
_Kept = TypeVar("_Kept", bound=Rule)


class Clause(NamedTuple):
    """One clause of a selection of events: which field of it, and the value."""

    field: str
    value: Any


def build(parsed: ParseTree) -> tuple[Rule, dict[int, Place]]:
    """The rule of a parse tree, and the place of every condition by its `id`.

    Raises:
        lark.exceptions.VisitError: Around the `ValueError` of what makes no sense.
    """
    builder = _Builder()
    return builder.transform(parsed), builder.places


@v_args(meta=True)
class _Builder(SequenceBuilder, SetsBuilder, Comparisons):
    """Turns a parse tree into a rule, and keeps the place of every condition by its `id`."""

    def __init__(self) -> None:
        super().__init__()
        self.places: dict[int, Place] = {}

    def _at(self, meta: Meta, rule: _Kept) -> _Kept:
        self.places[id(rule)] = (meta.line, meta.column)
        return rule

    def start(self, _: Meta, parts: list[Any]) -> Rule:
        only: Rule = parts[0]
        return only

    # ── logic ──

    def all_of(self, meta: Meta, parts: list[Rule]) -> Rule:
        return parts[0] if len(parts) == 1 else self._at(meta, tree.All(tuple(parts)))

    def any_of(self, meta: Meta, parts: list[Rule]) -> Rule:
        return parts[0] if len(parts) == 1 else self._at(meta, tree.AnyOf(tuple(parts)))

    def all_listed(self, meta: Meta, parts: list[Rule]) -> Rule:
        return self._at(meta, tree.All(tuple(parts)))

    def any_listed(self, meta: Meta, parts: list[Rule]) -> Rule:
        return self._at(meta, tree.AnyOf(tuple(parts)))

    def negate(self, meta: Meta, parts: list[Rule]) -> Rule:
        return self._at(meta, tree.Not(parts[0]))

    # ── conditions ──

    def trait(self, meta: Meta, parts: list[Any]) -> Rule:
        path, (op, value), *clauses = parts
        return self._at(meta, tree.Trait(path, op, value, **_fields(clauses)))

    def changed(self, meta: Meta, parts: list[Any]) -> Rule:
        path, *clauses = parts
        return self._at(meta, tree.Changed(path, **_fields(clauses)))

    def property(self, meta: Meta, parts: list[Any]) -> Rule:
        path, (op, value) = parts
        return self._at(meta, tree.Property(path, op, value))

    def any_line(self, meta: Meta, parts: list[Rule]) -> Rule:
        return self._at(meta, tree.AnyLine(parts[0]))

    def of_event(self, meta: Meta, parts: list[Rule]) -> Rule:
        return self._at(meta, tree.OfEvent(parts[0]))

    def in_segment(self, meta: Meta, parts: list[str]) -> Rule:
        return self._at(meta, tree.InSegment(parts[0]))

    def segment_value(self, meta: Meta, parts: list[Any]) -> Rule:
        _, name, sign, value = parts
        inside = self._at(meta, tree.InSegment(name, value))
        return inside if sign == "=" else self._at(meta, tree.Not(inside))

    def in_list(self, meta: Meta, parts: list[str]) -> Rule:
        return self._at(meta, tree.InList(parts[0]))

    def did(self, meta: Meta, parts: list[Any]) -> Rule:
        event, *rest = parts
        times = rest.pop(0) if rest and isinstance(rest[0], Compare) else Compare(">=", 1)
        return self._at(meta, tree.Count(tree.Events(event, **_fields(rest)), *times))

    def did_not(self, meta: Meta, parts: list[Any]) -> Rule:
        event, *rest = parts
        return self._at(meta, tree.Count(tree.Events(event, **_fields(rest)), "=", 0))

    def count(self, meta: Meta, parts: list[Any]) -> Rule:
        selection, (op, value) = parts
        return self._at(meta, tree.Count(tree.Events(**selection), op, value))

    def measure(self, meta: Meta, parts: list[Any]) -> Rule:
        word, path, selection, (op, value) = parts
        kind = _MEASURES[word.lower()]
        return self._at(meta, kind(tree.Amounts(property=path, **selection), op, value))

    def at_least(self, _: Meta, parts: list[Token]) -> Compare:
        return Compare(">=", values.whole(Decimal(parts[0])))

    def at_most(self, _: Meta, parts: list[Token]) -> Compare:
        return Compare("<=", values.whole(Decimal(parts[0])))

    def exactly(self, _: Meta, parts: list[Token]) -> Compare:
        return Compare("=", values.whole(Decimal(parts[0])))

    # ── selections of events ──

    def events_of(self, _: Meta, parts: list[Any]) -> dict[str, Any]:
        event, *clauses = parts
        return {"event": event, **_fields(clauses)}

    def lines_of(self, _: Meta, parts: list[Any]) -> dict[str, Any]:
        event, *clauses = parts
        return {"event": event, "lines": True, **_fields(clauses)}

    def event_named(self, _: Meta, parts: list[Token]) -> str:
        return values.name(unquote(parts[0]))

    def event_any(self, _: Meta, __: list[Token]) -> None:
        return None

    def where(self, _: Meta, parts: list[Rule]) -> Clause:
        return Clause("where", parts[0])

    def last(self, _: Meta, parts: list[Token]) -> Clause:
        return _window(tree.Last(values.span(f"{parts[0]}{parts[1]}")))

    def dates(self, _: Meta, parts: list[Token]) -> Clause:
        return _window(tree.Dates(str(parts[0]), str(parts[1])))

    def since(self, _: Meta, parts: list[Token]) -> Clause:
        return _window(tree.Dates(since=str(parts[0])))

    def until(self, _: Meta, parts: list[Token]) -> Clause:
        return _window(tree.Dates(until=str(parts[0])))

    def ever(self, _: Meta, __: list[Token]) -> Clause:
        return _window(None)

    def fields(self, _: Meta, parts: list[Clause]) -> dict[str, Any]:
        return _fields(parts)

    def brands(self, _: Meta, parts: list[Token]) -> Clause:
        return Clause("on_brand", tuple(values.name(unquote(part)) for part in parts))

    def currency(self, _: Meta, parts: list[Token]) -> Clause:
        return Clause("currency", str(parts[0]))

    # ── traits over time ──

    def held(self, _: Meta, parts: list[Token]) -> Clause:
        return Clause("held", values.span(f"{parts[0]}{parts[1]}"))

    def changed_from(self, _: Meta, parts: list[Any]) -> Clause:
        return Clause("before", parts[0])

    def changed_to(self, _: Meta, parts: list[Any]) -> Clause:
        return Clause("after", parts[0])

    # ── names ──

    def path(self, _: Meta, parts: list[str]) -> str:
        return paths.unite(tuple(parts))

    def word(self, _: Meta, parts: list[Token]) -> str:
        word = str(parts[0])
        if word.lower() in RESERVED:
            raise ValueError(
                f'{word} is a word of the language: as a name, write it in double quotes ("{word}")'
            )
        return values.name(word)

    def quoted(self, _: Meta, parts: list[Token]) -> str:
        return values.name(unquote(parts[0]))


def _window(window: Window | None) -> Clause:
    return Clause("within", window)


_SAID_TWICE = {
    "where": "where",
    "within": "a time (in the last, between, since, until, ever)",
    "on_brand": "on brand",
    "currency": "a currency",
    "held": "for at least",
    "before": "from",
    "after": "to",
}


def _fields(clauses: list[Clause]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for clause in clauses:
        if clause.field in fields:
            raise ValueError(f"The same condition names {_SAID_TWICE[clause.field]} twice")
        fields[clause.field] = clause.value
    return fields
