"""Computed traits as they are written, and as they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from patron import structs
from patron.errors import DefinitionError, RuleError
from patron.segments import computed
from patron.segments.catalogue import Catalogue
from patron.segments.codec import decode_expression
from patron.segments.printer import print_expression
from patron.segments.resolve import resolve
from patron.segments.tree import Expression, Named, Rule
from patron.spec.reading import read_definition

Body = dict[str, Any]


class ComputedDefinition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A computed trait as files and the API write it.

    Attributes:
        value: What it is computed of: text, or the tree as JSON.
        description: For people.
    """

    value: str | dict[str, Any]
    description: str | None = None


@dataclass(frozen=True, slots=True)
class ComputedTrait:
    """A computed trait that holds.

    Attributes:
        expression: What it is computed of.
        text: The same, to read.
        made_by: What it follows from, such as `score engagement`; None for one with a definition
            of its own.
    """

    name: str
    expression: Expression
    text: str
    description: str | None
    version: int
    origin: str
    made_by: str | None = None


def read_computed(name: str, body: Body, *, version: int, origin: str) -> ComputedTrait:
    """What a definition that was checked before makes hold."""
    definition = structs.convert(body, ComputedDefinition)
    expression = decode_expression(definition.value)
    written = definition.value
    return ComputedTrait(
        name=name,
        expression=expression,
        text=written.strip() if isinstance(written, str) else print_expression(expression),
        description=definition.description,
        version=version,
        origin=origin,
    )


def check_body(body: Body) -> Body:
    """A definition by itself; returns it as it is to be kept.

    Raises:
        DefinitionError: A field is unknown or wrong.
        RuleError: The expression is.
    """
    definition = read_definition(body, ComputedDefinition)
    if isinstance(definition.value, dict) and not definition.value:
        raise DefinitionError("value: expected what it is computed of.", field="value")
    try:
        decode_expression(definition.value)
    except RuleError as error:
        error.field = f"value.{error.field}" if error.field else "value"
        raise
    return body


def check_computed(name: str, catalogue: Catalogue, *, allow_unknown: bool) -> list[str]:
    """Check a computed trait beside all else that will hold; returns warnings.

    Args:
        name: Its name.
        catalogue: Holds it, and the others.
        allow_unknown: Whether names that were never seen are warnings only.

    Raises:
        RuleError: It is wrong, or a name is unknown and may not be.
    """
    try:
        computed.check(name, catalogue.computed)
        reads = computed.condition(computed.inlined(Named(name), catalogue.computed))
        found = resolve(reads, catalogue, unknown="warn" if allow_unknown else "error")
    except RuleError as error:
        error.field = "value"
        raise
    warnings = [warning.message for warning in found.warnings]
    if name in catalogue.traits:
        warnings.append(
            f"An observed trait is called {name!r} too: rules and profiles show the computed one."
        )
    return list(dict.fromkeys(warnings))


def users_of(
    names: set[str], rules: Mapping[str, Rule], expressions: Mapping[str, Expression]
) -> tuple[list[str], list[str]]:
    """The segments and the computed traits that name some computed traits themselves."""
    segments = [name for name, rule in rules.items() if computed.names_asked(rule) & names]
    others = [name for name, one in expressions.items() if computed.rests_on(one, names) & names]
    return sorted(segments), sorted(set(others) - names)


def said_users(segments: list[str], others: list[str]) -> str:
    """Who uses a computed trait, in words."""
    said = [f"segment {name}" for name in segments]
    return ", ".join([*said, *(f"computed trait {name}" for name in others)])
