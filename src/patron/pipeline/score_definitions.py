"""Scores as they are written, and the computed traits that they are.

A score is arithmetic over counts that decay, so it is written out as a computed trait under its
own name; its growth over some days is another one: the score less what it was then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from patron.errors import DefinitionError, RuleError
from patron.pipeline.computed_definitions import ComputedTrait
from patron.segments import durations, tree, values
from patron.segments.codec import decode_expression
from patron.segments.computed import added
from patron.segments.printer import print_expression
from patron.segments.text import parse_expression
from patron.segments.tree import Expression
from patron.spec.reading import read_definition
from patron.spec.scores import Age, AtMostEach, HalfLife, Interaction, Scored, ScoreDefinition

Body = dict[str, Any]

GROWTH_DAYS = (7, 30, 90)
"""Growth is over the last so many days."""

MAX_INTERACTIONS = 30


@dataclass(frozen=True, slots=True)
class Score:
    """A score that holds.

    Attributes:
        body: As it was written.
        terms: The points of each kind of interaction.
        expression: What it is computed of.
    """

    name: str
    body: Body
    terms: tuple[Expression, ...]
    expression: Expression
    version: int
    origin: str

    @property
    def description(self) -> str | None:
        """For people."""
        return self.body.get("description")

    def computed(self) -> Iterator[ComputedTrait]:
        """The computed traits that it makes: itself, and how it grew."""
        yield self._trait(self.name, self.expression, self.description)
        for days in GROWTH_DAYS:
            own = tree.Named(self.name)
            grown = tree.Subtract((own, tree.Earlier(own, f"{days}d")))
            said = f"How {self.name} grew in the last {days} days."
            yield self._trait(growth_name(self.name, days), grown, said)

    def _trait(self, name: str, expression: Expression, said: str | None) -> ComputedTrait:
        text = print_expression(expression)
        made_by = f"score {self.name}"
        return ComputedTrait(name, expression, text, said, self.version, self.origin, made_by)


def growth_name(score: str, days: int) -> str:
    """What the growth of a score is called in rules."""
    return f"{score}_growth_{days}"


def names_made(score: str) -> tuple[str, ...]:
    """The computed traits that a score of this name makes."""
    return (score, *(growth_name(score, days) for days in GROWTH_DAYS))


def read_score(name: str, body: Body, *, version: int = 0, origin: str = "api") -> Score:
    """A score as it is declared.

    Raises:
        DefinitionError: A field is unknown or wrong.
        RuleError: A filter is.
    """
    definition = read_definition(body, ScoreDefinition)
    if not 0 < len(definition.interactions) <= MAX_INTERACTIONS:
        raise DefinitionError(
            f"interactions: name 1 to {MAX_INTERACTIONS} kinds.", field="interactions"
        )
    steps = steps_of(definition.decay)
    terms = []
    for number, one in enumerate(definition.interactions):
        try:
            terms.append(_term(one, steps))
        except (ValueError, RuleError) as error:
            raise located(error, f"interactions[{number}]") from None
    low, high = definition.at_least, definition.at_most
    if low is not None and high is not None and low > high:
        raise DefinitionError("at_least: expected at most what at_most says.", field="at_least")
    try:
        expression = _bounded(added(terms), low, high)
    except ValueError as error:
        raise located(error, "at_most") from None
    return Score(name, body, tuple(terms), expression, version, origin)


def located(error: ValueError | RuleError, where: str) -> DefinitionError:
    """What is wrong with a part of a definition, with the place."""
    inside = getattr(error, "field", None)
    where = f"{where}.{inside}" if inside else where
    said = error.message if isinstance(error, RuleError) else f"{error}."
    return DefinitionError(f"{where}: {said}", field=where)


def steps_of(decay: Sequence[Age] | HalfLife) -> tuple[tree.Worth, ...]:
    """The steps by which something ages.

    A half-life is two steps for each half, of whole percents, until nothing is left.

    Raises:
        DefinitionError: They make no sense.

    >>> [(one.after, one.worth) for one in steps_of(HalfLife("30d"))][:4]
    [('15d', 71), ('30d', 50), ('45d', 35), ('60d', 25)]
    """
    try:
        if isinstance(decay, HalfLife):
            return _halving(durations.span(decay.half_life))
        return tuple(tree.Worth(one.after, one.worth) for one in decay)
    except ValueError as error:
        raise located(error, "decay") from None


def _halving(length: str) -> tuple[tree.Worth, ...]:
    minutes = int(durations.duration(length).total_seconds()) // 60
    found: dict[int, str] = {}
    for step in range(1, 17):
        worth = round(100 * 0.5 ** (step / 2))
        # Of steps of equal worth, the first.
        found.setdefault(worth if step < 16 else 0, _spelled(minutes * step // 2))
    return tuple(tree.Worth(after, worth) for worth, after in found.items())


def _spelled(minutes: int) -> str:
    for unit, size in (("d", 24 * 60), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}min"


def _term(one: Scored, steps: tuple[tree.Worth, ...]) -> Expression:
    """The points of one kind of interaction."""
    points = values.number(one.points)
    if isinstance(points, Decimal) and points != round(points, 4):
        raise ValueError("points has at most 4 digits after the point")
    measured: Expression = counted(one, one.per)
    most = None if one.at_most_each is None else _most(one.at_most_each, points)
    if steps or most is not None:
        measured = tree.Decayed(measured, steps, most)
    found = measured if points == 1 else tree.Multiply((tree.Constant(points), measured))
    if one.at_most is None:
        return found
    limit = tree.Constant(values.number(one.at_most))
    return tree.Least((found, limit)) if points > 0 else tree.Greatest((found, _minus(limit)))


def _most(wanted: AtMostEach, points: int | Decimal) -> tree.Most:
    """How many events, or how much of a property, bring so many points."""
    said = {unit: most for unit, most in msgspec.structs.asdict(wanted).items() if most is not None}
    if len(said) != 1:
        raise ValueError("at_most_each: name one of day, week, month, quarter, year")
    ((unit, most),) = said.items()
    number, size = Decimal(values.number(most)), abs(Decimal(points))
    if not size or number % (size / 1_000_000):
        raise ValueError(f"at_most_each.{unit}: expected a multiple of points, which are {points}")
    return tree.Most(number / size, unit)


def _minus(number: tree.Constant) -> tree.Constant:
    return tree.Constant(-number.number)


def counted(one: Interaction, per: str | None = None) -> tree.Taken:
    """How many of one kind of interaction, or how much of a property.

    Raises:
        ValueError: It says what makes no sense.
        RuleError: Its filter is wrong.
    """
    kind = "count" if per is None else "sum"
    said: Body = {"event": one.event, "lines": one.lines, "on_brand": one.on_brand}
    said |= {} if per is None else {"property": per}
    said |= {} if one.currency is None else {"currency": one.currency}
    said |= {"where": one.where} if isinstance(one.where, dict) else {}
    found = decode_expression({kind: said})
    assert isinstance(found, tree.Taken)  # noqa: S101 - it was written so
    if not isinstance(one.where, str):
        return found
    events = found.taken()[1]
    filtered: Any = {kind: msgspec.structs.replace(events, where=_filter(one))}
    return tree.Taken(**filtered)


def _filter(one: Interaction) -> tree.Rule | None:
    """The filter, as text."""
    of = "lines of " if one.lines else ""
    read = parse_expression(f'count({of}"X" where {one.where})')
    if not isinstance(read, tree.Taken) or read.taken()[1].event != "X":
        raise ValueError("where: expected a filter")
    events = read.taken()[1]
    if events != tree.Events("X", lines=one.lines, where=events.where):
        raise ValueError("where: expected a filter, and nothing behind it")
    return events.where


def _bounded(expression: Expression, least: Any, most: Any) -> Expression:  # noqa: ANN401
    if most is not None:
        expression = tree.Least((expression, tree.Constant(values.number(most))))
    if least is not None:
        expression = tree.Greatest((expression, tree.Constant(values.number(least))))
    return expression
