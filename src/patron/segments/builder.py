"""Builds the tree of a rule from what the grammar recognised: one method for each alternative."""

from __future__ import annotations

from typing import Any

from lark import ParseTree, Token
from lark.tree import Meta
from lark.visitors import v_args

from patron.segments import durations, paths, tree, values
from patron.segments.calculation_builder import CalculationBuilder
from patron.segments.comparison_builder import Comparisons, unquote
from patron.segments.event_builder import EventBuilder
from patron.segments.phrases import Clause, Place, Span, selection
from patron.segments.sequence_builder import SequenceBuilder
from patron.segments.sets_builder import SetsBuilder
from patron.segments.tree import Expression, Rule

_KEPT_FREE = """
    all and any at average avg bottom count did distinct entered event every exactly false first
    from has if in is last left max min most none not null of on or resumed sequence share since
    stopped sum then top true was when where within
"""

RESERVED = frozenset(_KEPT_FREE.split())
"""Words that begin a condition, or may in later versions: as names they stand in double quotes."""


def build(parsed: ParseTree) -> tuple[Rule, dict[int, Place], dict[int, Span]]:
    """The rule of a parse tree, and the place and the span of every condition by its `id`.

    Raises:
        lark.exceptions.VisitError: Around the `ValueError` of what makes no sense.
    """
    builder = _Builder()
    return builder.transform(parsed), builder.places, builder.spans


def build_expression(parsed: ParseTree) -> Expression:
    """What a computed trait is computed of, from its parse tree; raises as `build` does."""
    found: Expression = _Builder().transform(parsed)
    return found


@v_args(meta=True)
class _Builder(EventBuilder, SequenceBuilder, SetsBuilder, CalculationBuilder, Comparisons):
    """One method for each alternative of the grammar, those with builders of their own aside."""

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
        return self._at(meta, tree.Trait(path, op, value, **selection(clauses)))

    def changed(self, meta: Meta, parts: list[Any]) -> Rule:
        path, *clauses = parts
        return self._at(meta, tree.Changed(path, **selection(clauses)))

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

    # ── traits over time ──

    def held(self, _: Meta, parts: list[Token]) -> Clause:
        return Clause("held", durations.span(f"{parts[0]}{parts[1]}"))

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
