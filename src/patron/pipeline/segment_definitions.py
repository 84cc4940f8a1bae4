"""Segments as they are written, and as they hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from patron import structs
from patron.errors import DefinitionError, RuleError
from patron.segments import codec
from patron.segments.printer import print_rule
from patron.segments.text import Parsed, parse_with_places
from patron.segments.tree import All, AnyOf, InSegment, Not, Rule
from patron.segments.tree.membership import value_name
from patron.spec.goals import Goal
from patron.spec.reading import read_definition

Body = dict[str, Any]
RuleText = str | dict[str, Any]

LONGEST = 200
"""Characters of an owner or a stage."""


class SegmentValue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One value of a segment that has values.

    Attributes:
        value: Such as `gold`.
        rule: Who has it, unless a value before it comes first.
    """

    value: str
    rule: RuleText


class SegmentDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A segment as files and the API write it.

    Attributes:
        rule: Text, or the tree as JSON.
        values: Instead of a rule: values, of which each member has the first whose rule holds.
        description: For people.
        goal: What it is to reach.
        owner: Who answers for it.
        journey_stage: Where on their way as customers its members are, such as `consideration`.
    """

    rule: RuleText | None = None
    values: tuple[SegmentValue, ...] = ()
    description: str | None = None
    goal: Goal | None = None
    owner: str | None = None
    journey_stage: str | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment that holds.

    A segment with values holds as several: one for each value, called `tier=gold`, and one of all
    who have any, called `tier`.

    Attributes:
        values: The names of the segments of its values, the first one first.
        value_of: The segment that this one is a value of.
        written: Of a value: its rule as it was written, whoever has an earlier value.
        made_by: The classification that it follows from; None for one with a definition of its own.
    """

    name: str
    rule: Rule
    text: str
    description: str | None
    version: int
    origin: str
    goal: Goal | None = None
    owner: str | None = None
    journey_stage: str | None = None
    values: tuple[str, ...] = ()
    value_of: str | None = None
    written: str | None = None
    made_by: str | None = None


def read_segments(name: str, body: Body, *, version: int, origin: str) -> dict[str, Segment]:
    """What a definition that was checked before makes hold, by name: the segment and its values."""
    definition = structs.convert(body, SegmentDefinition)
    written = {value_name(name, one.value): one.rule for one in definition.values}
    rules = {part: parsed_rule(rule).rule for part, rule in written.items()}
    if definition.rule is not None:
        whole = parsed_rule(definition.rule).rule
    else:
        whole = AnyOf(tuple(InSegment(one) for one in rules))
    found = {
        name: Segment(
            name=name,
            rule=whole,
            text=_as_text(definition.rule or {}, whole),
            description=definition.description,
            version=version,
            origin=origin,
            goal=definition.goal,
            owner=definition.owner,
            journey_stage=definition.journey_stage,
            values=tuple(rules),
        )
    }
    earlier: list[Rule] = []
    for part, rule in rules.items():
        first = All((rule, *(Not(one) for one in earlier))) if earlier else rule
        found[part] = Segment(
            name=part,
            rule=first,
            text=print_rule(first),
            description=None,
            version=version,
            origin=origin,
            value_of=name,
            written=_as_text(written[part], rule),
        )
        earlier.append(InSegment(part))
    return found


def _as_text(written: RuleText, rule: Rule) -> str:
    return written if isinstance(written, str) else print_rule(rule)


def written_rules(name: str, body: Body) -> Iterator[tuple[str, str, RuleText]]:
    """The rules of a definition: of each its field, the segment that it makes, and itself."""
    definition = read_definition(body, SegmentDefinition)
    if definition.rule is not None:
        yield "rule", name, definition.rule
    for number, one in enumerate(definition.values):
        yield f"values[{number}].rule", value_name(name, one.value), one.rule


def check_segment(name: str, body: Body) -> Body:
    """A definition by itself; returns it as it is to be kept.

    Raises:
        DefinitionError: A field is unknown or wrong.
        RuleError: A rule is.
    """
    definition = read_definition(body, SegmentDefinition)
    if (definition.rule is None) == (not definition.values):
        raise DefinitionError("rule: expected a rule, or values, one of them.", field="rule")
    seen: set[str] = set()
    for number, one in enumerate(definition.values):
        if one.value in seen or not 0 < len(one.value.strip()) <= LONGEST:
            field = f"values[{number}].value"
            raise DefinitionError(
                f"{field}: expected 1 to {LONGEST} characters that no other value has.", field=field
            )
        seen.add(one.value)
    for field in ("owner", "journey_stage"):
        said: str | None = getattr(definition, field)
        if said is not None and not 0 < len(said.strip()) <= LONGEST:
            raise DefinitionError(f"{field}: expected 1 to {LONGEST} characters.", field=field)
    for field, _, rule in written_rules(name, body):
        try:
            parsed_rule(rule)
        except RuleError as error:
            error.field = f"{field}.{error.field}" if error.field else field
            raise
    return body


def parsed_rule(rule: RuleText) -> Parsed:
    """A rule in either of its faces.

    Raises:
        RuleError: With the place in the text, or the path in the JSON.
    """
    if isinstance(rule, str):
        return parse_with_places(rule)
    return Parsed(codec.decode(rule), {})
