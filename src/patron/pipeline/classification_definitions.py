"""Definitions that sort customers into classes, and what they make hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from patron.definitions import Change
from patron.errors import ConflictError, DefinitionError
from patron.pipeline.classification_kinds import KINDS, Classifying
from patron.pipeline.computed_definitions import ComputedTrait
from patron.pipeline.segment_definitions import Segment
from patron.segments.printer import print_expression, print_rule
from patron.segments.tree import Expression, Rule, Trait
from patron.segments.tree.membership import value_name
from patron.spec.reading import read_definition

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Classification:
    """A classification that holds.

    Attributes:
        kind: Such as `lifecycle`.
        body: As it was written.
        classes: The traits that sort customers, with their classes.
        computed: The computed traits that it makes, by name.
        segments: The segments, by name; those of the classes too.
    """

    name: str
    kind: str
    body: Body
    description: str | None
    version: int
    origin: str
    classes: Mapping[str, tuple[str, ...]]
    computed: Mapping[str, ComputedTrait]
    segments: Mapping[str, Segment]


def read_classification(
    kind: str, name: str, body: Body, *, version: int, origin: str
) -> Classification:
    """What a definition makes hold.

    Raises:
        DefinitionError: A field is unknown or wrong.
        RuleError: A text in it is.
    """
    definition: Classifying = read_definition(body, KINDS[kind])
    made_by = f"{kind} {name}"
    try:
        expressions = definition.expressions(name)
    except ValueError as error:  # what a tree of the language says of its parts
        raise DefinitionError(f"{error}.") from None
    computed = {
        trait: ComputedTrait(
            name=trait,
            expression=expression,
            text=print_expression(expression),
            description=definition.description,
            version=version,
            origin=origin,
            made_by=made_by,
        )
        for trait, expression in expressions.items()
    }
    classes = definition.classes(name)
    segments: dict[str, Segment] = {}
    for trait, values in classes.items():
        brands = () if trait in definition.across(name) else definition.per_brand
        for brand in (None, *brands):
            segments |= _segments(trait, values, brand, version, origin, made_by)
    return Classification(
        name, kind, body, definition.description, version, origin, classes, computed, segments
    )


def _segments(
    trait: str, values: Iterable[str], brand: str | None, version: int, origin: str, made_by: str
) -> dict[str, Segment]:
    """A segment of all who have a class, and one for each class."""
    whole = trait if brand is None else f"{trait} on {brand}"
    brands = () if brand is None else (brand,)
    parts = {value_name(whole, one): Trait(trait, "=", one, brands) for one in values}

    def made(name: str, rule: Rule, **more: Any) -> Segment:  # noqa: ANN401 - fields of a segment
        return Segment(name, rule, print_rule(rule), None, version, origin, made_by=made_by, **more)

    found = {whole: made(whole, Trait(trait, "exists", on_brand=brands), values=tuple(parts))}
    return found | {part: made(part, rule, value_of=whole) for part, rule in parts.items()}


def check_body(kind: str, name: str, body: Body) -> Body:
    """A definition by itself; returns it as it is to be kept; raises as `read_classification`."""
    read_classification(kind, name, body, version=0, origin="api")
    return body


def check_names(
    made: Iterable[Classification], computed: Iterable[str], segments: Iterable[str]
) -> None:
    """Refuse names that are taken.

    Args:
        made: All classifications that there will be.
        computed: The names of the computed traits that no classification makes.
        segments: Likewise of segments.

    Raises:
        ConflictError: Two definitions make one name.
    """
    owners: dict[tuple[str, str], str] = {}
    owners |= {("computed trait", name): "another definition" for name in computed}
    owners |= {("segment", name): "another definition" for name in segments}
    for one in made:
        maker = f"{one.kind} {one.name}"
        names = [("computed trait", name) for name in one.computed]
        names += [("segment", name) for name in one.segments]
        for what, name in names:
            if (what, name) in owners:
                raise ConflictError(
                    f"{maker} makes the {what} {name}, and {owners[what, name]} does so too."
                )
            owners[what, name] = maker


# ── plans ──


def after(
    before: Mapping[str, Classification], changes: Iterable[Change]
) -> dict[str, Classification]:
    """The classifications that there will be."""
    found = dict(before)
    for change in changes:
        if change.kind not in KINDS:
            continue
        held = found.get(change.name)
        if change.after is None:
            if held is not None and held.kind == change.kind:
                del found[change.name]
            continue
        found[change.name] = read_classification(
            change.kind, change.name, change.after, version=0, origin="file"
        )
    return found


def moved(
    before: Mapping[str, Classification], later: Mapping[str, Classification]
) -> tuple[list[Classification], list[Classification]]:
    """Those that are there no more as they were, and those that are new or other."""
    gone = [one for name, one in before.items() if _other(one, later.get(name))]
    new = [one for name, one in later.items() if _other(one, before.get(name))]
    return gone, new


def _other(one: Classification, other: Classification | None) -> bool:
    return other is None or (one.kind, one.body) != (other.kind, other.body)


def expressions_of(made: Iterable[Classification]) -> dict[str, Expression]:
    """The expressions of the computed traits that some make."""
    return {name: one.expression for each in made for name, one in each.computed.items()}


def segments_of(made: Iterable[Classification]) -> dict[str, Segment]:
    """The segments that some make."""
    return {name: one for each in made for name, one in each.segments.items()}
