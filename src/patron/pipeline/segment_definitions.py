"""Segments as they are written, and as they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from patron.definitions import Stored
from patron.errors import DefinitionError, RuleError
from patron.segments import codec
from patron.segments.printer import print_rule
from patron.segments.text import Parsed, parse_with_places
from patron.segments.tree import Rule
from patron.spec.goals import Goal
from patron.spec.reading import read_definition

Body = dict[str, Any]
RuleText = str | dict[str, Any]

LONGEST = 200
"""Characters of an owner or a stage."""


class SegmentDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A segment as files and the API write it.

    Attributes:
        rule: Text, or the tree as JSON.
        description: For people.
        goal: What it is to reach.
        owner: Who answers for it.
        journey_stage: Where on their way as customers its members are, such as `consideration`.
    """

    rule: RuleText
    description: str | None = None
    goal: Goal | None = None
    owner: str | None = None
    journey_stage: str | None = None


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment that holds."""

    name: str
    rule: Rule
    text: str
    description: str | None
    version: int
    origin: str
    goal: Goal | None = None
    owner: str | None = None
    journey_stage: str | None = None


def read_segment(name: str, stored: Stored) -> Segment:
    """A segment as it holds, of a definition that was checked when it was recorded."""
    definition = msgspec.convert(stored.body, SegmentDefinition)
    rule = parsed_rule(definition.rule).rule
    return Segment(
        name=name,
        rule=rule,
        text=definition.rule if isinstance(definition.rule, str) else print_rule(rule),
        description=definition.description,
        version=stored.version,
        origin=stored.origin,
        goal=definition.goal,
        owner=definition.owner,
        journey_stage=definition.journey_stage,
    )


def check_segment(body: Body) -> Body:
    """A definition by itself; returns it as it is to be kept.

    Raises:
        DefinitionError: A field is unknown or wrong.
        RuleError: The rule is.
    """
    definition = read_definition(body, SegmentDefinition)
    for field in ("owner", "journey_stage"):
        said: str | None = getattr(definition, field)
        if said is not None and not 0 < len(said.strip()) <= LONGEST:
            raise DefinitionError(f"{field}: expected 1 to {LONGEST} characters.", field=field)
    try:
        parsed_rule(definition.rule)
    except RuleError as error:
        error.field = f"rule.{error.field}" if error.field else "rule"
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
