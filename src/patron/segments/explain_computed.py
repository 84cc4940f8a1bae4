"""What there is to say of a condition on a computed trait: its value, and what that is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from patron.engines.duckdb import Cursor
from patron.segments import paths, tree
from patron.segments.catalogue import Catalogue
from patron.segments.computed import inlined
from patron.segments.computed_values import Asking
from patron.segments.explain_probe import About, Told
from patron.segments.explain_values import Computed, Operand
from patron.segments.moments import Moment
from patron.segments.printer import print_expression
from patron.segments.tree import Expression, Rule


@dataclass(frozen=True)
class ValueOf:
    """The value of an expression."""

    expression: Expression
    catalogue: Catalogue
    now: Moment
    brands: tuple[str, ...] = ()

    reads = None

    @staticmethod
    def of(rule: Rule, catalogue: Catalogue, now: Moment) -> ValueOf | None:
        """What finds out the value that a condition compares; None for one on nothing computed."""
        match rule:
            case tree.Trait(trait=trait):
                name = paths.split(trait)[0]
                if name in catalogue.computed:
                    return ValueOf(tree.Named(name), catalogue, now, tuple(rule.on_brand))
            case tree.Calculate(calculate=expression):
                return ValueOf(expression, catalogue, now)
        return None

    def look(self, cursor: Cursor, about: About) -> Told:
        """The value, and those of what is measured for it where it is calculated."""
        computed = self.catalogue.computed
        whole = inlined(self.expression, computed)
        as_of = self.now.at(about.as_of)
        asking = Asking(
            cursor, as_of=as_of, catalogue=self.catalogue, profile_id=about.profile_id,
            brands=self.brands,
        )  # fmt: skip
        measured = list(_measured(whole))
        alone = isinstance(whole, tree.Taken)
        operands = tuple(
            Operand(print_expression(one), asking.value(one))
            for one in dict.fromkeys(() if alone else measured)
        )
        value: Any = asking.value(whole)
        shown = self.expression
        if isinstance(shown, tree.Named):
            shown = computed[shown.trait]
        return Told(value, Computed(print_expression(shown), operands))


def _measured(expression: Expression) -> Iterator[Expression]:
    """The measures that a value is calculated of, as they go into it."""
    if isinstance(expression, tree.Taken | tree.Decayed | tree.Earlier):
        yield expression
        return
    for _, part in expression.parts():
        yield from _measured(part)
