"""Preferences as they are written, and the computed traits that they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from patron import structs
from patron.errors import RuleError
from patron.pipeline.computed_definitions import ComputedTrait
from patron.pipeline.score_definitions import counted, located, steps_of
from patron.segments import tree
from patron.segments.printer import print_expression
from patron.spec.reading import read_definition
from patron.spec.scores import PreferenceDefinition, Preferring

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Preference:
    """A preference that holds.

    Attributes:
        body: As it was written.
        expression: What it is.
    """

    name: str
    body: Body
    expression: tree.Preferred
    version: int
    origin: str

    @property
    def description(self) -> str | None:
        """For people."""
        return self.body.get("description")

    def computed(self) -> ComputedTrait:
        """The computed trait that it makes: the favourite."""
        text, made_by = print_expression(self.expression), f"preference {self.name}"
        return ComputedTrait(
            self.name, self.expression, text, self.description, self.version, self.origin, made_by
        )


def read_preference(name: str, body: Body, *, version: int = 0, origin: str = "api") -> Preference:
    """A preference as it is declared.

    Raises:
        DefinitionError: It is wrong, or a filter is.
    """
    definition = read_definition(body, PreferenceDefinition)
    steps = steps_of(definition.decay)
    kinds = []
    for number, one in enumerate(definition.interactions):
        try:
            kinds.append(_weighed(one, definition.property, steps))
        except (ValueError, RuleError) as error:
            raise located(error, f"interactions[{number}]") from None
    try:
        bands = tuple(structs.convert(band, tree.Category) for band in definition.bands)
        expression = tree.Preferred(tuple(kinds), bands, definition.at_least)
    except ValueError as error:
        raise located(error, "bands" if definition.bands else "interactions") from None
    return Preference(name, body, expression, version, origin)


def _weighed(one: Preferring, of: str | None, steps: tuple[tree.Worth, ...]) -> tree.Weighed:
    named_by = one.property or (of if one.constant is None else None)
    events = counted(one).taken()[1]
    return tree.Weighed(events, one.weight, named_by, one.constant, steps)
