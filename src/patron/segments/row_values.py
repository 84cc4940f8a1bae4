"""A value of each row, wherever it comes from: its own property, the time, an entity, a band.

Equal values of any two rows have equal texts (`RowValue.text`), whether they lie in columns or
among properties; `value_of` is the way back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlglot import exp

from patron.segments import conditions, entities, paths, tree, values
from patron.segments.clock_values import in_zone
from patron.segments.conditions import DIALECT, Operand
from patron.segments.entities import Reach

_WORDS = {"true": True, "false": False}


@dataclass(frozen=True, eq=False)
class RowValue:
    """A value of each row.

    Attributes:
        operand: What reads it.
    """

    operand: Operand

    def identity(self) -> exp.Expr:
        """Equal for equal texts, numbers and truth values of this property only; else NULL."""
        return self.operand.identity()

    def text(self) -> exp.Expr:
        """A text: equal for equal texts, numbers and truth values only; else NULL."""
        found = self.operand.identity()
        if self.operand.kind == "text":
            quoted = exp.DPipe(this=exp.Literal.string('"'), expression=self.operand.text())
            alone = conditions.only_a_text(self.operand.text())
            found = exp.Case().when(alone, self.operand.text()).else_(quoted)
        return exp.cast(found, "VARCHAR", dialect=DIALECT)

    def json(self) -> exp.Expr:
        """As JSON text; NULL for nothing."""
        return entities.json(self.operand)

    def present(self) -> exp.Expr:
        """Whether there is anything."""
        return exp.Not(this=exp.Is(this=self.operand.read(), expression=exp.null()))

    def fulfils(self, op: str, value: Any) -> exp.Expr:  # noqa: ANN401 - what the operator takes
        """Whether it compares so."""
        return conditions.certain(conditions.condition(self.operand, op, value))


def value_of(identity: str) -> Any:  # noqa: ANN401 - a text, a number or a truth value
    """The value of a text that tells values apart.

    >>> value_of("Tea"), value_of('"5'), value_of("5.000000"), value_of("true")
    ('Tea', '5', 5, True)
    """
    if identity in _WORDS:
        return _WORDS[identity]
    if identity.startswith('"'):
        return identity[1:]
    return values.plain(Decimal(identity)) if identity[0] < ":" else identity


def row_value(
    one: tree.Weighed, bands: Sequence[tree.Category], reach: Reach | None, zone: str
) -> RowValue:
    """What names the value that an interaction speaks for.

    Args:
        one: The kind of interaction.
        bands: Names for numbers within bounds.
        reach: What its property reaches for.
        zone: The IANA zone of hours and weekdays.
    """
    if one.constant is not None:
        return RowValue(Operand(conditions.literal(one.constant), "text"))
    if reach is not None:
        found = Operand(conditions.column(reach.column), "variant")
    else:
        path = paths.split(in_zone(one.property or "", zone))
        found = conditions.operand(path, lines=one.of.lines)
    return RowValue(_banded(found, bands) if bands else found)


def _banded(number: Operand, bands: Sequence[tree.Category]) -> Operand:
    case = exp.Case()
    for band in bands:
        bounds = [
            conditions.certain(conditions.condition(number, *bound)) for bound in band.bounds()
        ]
        there = exp.Not(this=exp.Is(this=number.number(), expression=exp.null()))
        inside = exp.and_(*(bounds or [there]))
        case = case.when(inside, conditions.literal(band.value), copy=False)
    return Operand(case, "text")
