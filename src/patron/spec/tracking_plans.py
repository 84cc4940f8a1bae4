"""Tracking plans as definitions: which events, properties and traits are expected, and as what."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, get_args

import msgspec

from patron.errors import DefinitionError
from patron.spec.reading import did_you_mean, read_definition

PlanType = Literal[
    "any", "text", "number", "whole", "truth", "date", "list", "object", "place"
]  # fmt: skip
FaultKind = Literal[
    "unknown_event", "unknown_property", "unknown_trait", "missing", "wrong_type", "wrong_value"
]
"""What can be wrong with a message; ``wrong_value``: of the right type, but not allowed."""

FAULTS: tuple[FaultKind, ...] = get_args(FaultKind)
DEEPEST = 8
"""So many levels of nested values a plan describes at most."""


class Expectation(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """What a property or a trait is expected to be.

    Attributes:
        type: Of the value. ``whole`` is a number without a fraction, ``date`` an ISO 8601 text,
            ``place`` an object with ``lat`` and ``lon``.
        required: Whether it must be there, and not null. Traits cannot be.
        allowed: The values that it may have.
        pattern: A regular expression that is found in the text.
        min: The smallest number.
        max: The largest number.
        properties: Those of the object, or of each object in the list; None: whatever they are.
        open: Whether further ones are fine.
        description: For people.
    """

    type: PlanType = "any"
    required: bool = False
    allowed: tuple[str | int | float | bool, ...] | None = None
    pattern: str | None = None
    min: int | float | None = None
    max: int | float | None = None
    properties: dict[str, Expectation | PlanType] | None = None
    open: bool = False
    description: str | None = None

    @property
    def inner(self) -> Mapping[str, Expectation]:
        """What is expected of its own properties."""
        return written_out(self.properties or {})


class EventPlan(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """What is expected of one event.

    Attributes:
        properties: By name; a type alone is short for an expectation of that type.
        open: Whether further properties are fine.
        description: For people.
    """

    properties: dict[str, Expectation | PlanType] = {}
    open: bool = False
    description: str | None = None


class TrackingPlan(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """What is expected of the messages of some sources.

    Attributes:
        sources: Their names; those that no other plan names when there are none.
        events: By name; None: events are not looked at.
        traits: By name; None: only those are looked at whose type is declared.
        open: Whether further events and traits are fine.
        refuse: The faults for which a message is refused; all others are reported alone.
        description: For people.
    """

    kind: Literal["tracking_plan"] = "tracking_plan"
    name: str
    sources: tuple[str, ...] = ()
    events: dict[str, EventPlan] | None = None
    traits: dict[str, Expectation | PlanType] | None = None
    open: bool = False
    refuse: tuple[FaultKind, ...] = ()
    description: str | None = None


def written_out(expected: Mapping[str, Expectation | PlanType]) -> dict[str, Expectation]:
    """Types that stand alone as the expectations that they are short for.

    >>> written_out({"total": "number"})["total"].type
    'number'
    """
    return {
        name: one if isinstance(one, Expectation) else Expectation(type=one)
        for name, one in expected.items()
    }


def read_tracking_plan(raw: object) -> TrackingPlan:
    """Read a definition of a tracking plan.

    Raises:
        DefinitionError: A field is unknown, missing or wrong.

    >>> read_tracking_plan({"name": "web", "events": {"Order Completed": {"properties":
    ...     {"total": {"type": "number", "colour": 0}}}}})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    patron.errors.DefinitionError: events.Order Completed.properties.total.colour is not known ...
    """
    plan = read_definition(raw, TrackingPlan)
    for event, expected in (plan.events or {}).items():
        if not event.strip():
            raise DefinitionError("events: expected the names of events.", field="events")
        _check_all(f"events.{event}.properties", expected.properties, 1)
    _check_all("traits", plan.traits or {}, 1)
    for name, one in written_out(plan.traits or {}).items():
        if one.required:
            raise DefinitionError(
                f"traits.{name}.required: each message tells some traits, none tells all.",
                field=f"traits.{name}.required",
            )
    return plan


def check_sources(plans: Mapping[str, TrackingPlan], known: set[str]) -> None:
    """See that one plan at most is about each source.

    Raises:
        DefinitionError: Two plans are, or there is no such source.
    """
    taken: dict[str | None, str] = {}
    for name, plan in sorted(plans.items()):
        for source in plan.sources or (None,):
            if source in taken:
                whom = "all other sources" if source is None else f"the source {source}"
                raise DefinitionError(
                    f"tracking plan {name}: sources: {taken[source]} is about {whom} already.",
                    field="sources",
                )
            if source is not None and source not in known:
                raise DefinitionError(
                    f"tracking plan {name}: there is no source {source}; "
                    f"{did_you_mean(source, known)}",
                    field="sources",
                )
            taken[source] = name


def _check_all(where: str, expected: Mapping[str, Expectation | PlanType], depth: int) -> None:
    if depth > DEEPEST:
        raise DefinitionError(f"{where}: more than {DEEPEST} levels deep.", field=where)
    for name, one in written_out(expected).items():
        for field, reason in _wrong(one):
            raise DefinitionError(f"{where}.{name}.{field}: {reason}", field=f"{where}.{name}")
        _check_all(f"{where}.{name}.properties", one.properties or {}, depth + 1)


_FITTING: dict[str, tuple[PlanType, ...]] = {
    "pattern": ("text",),
    "min": ("number", "whole"),
    "max": ("number", "whole"),
    "properties": ("object", "list"),
}


def _wrong(one: Expectation) -> Iterator[tuple[str, str]]:
    """The fields of an expectation that make no sense, each with why."""
    for field, types in _FITTING.items():
        if getattr(one, field) is not None and one.type not in types:
            yield field, f"is for type: {' or '.join(types)}."
    if one.allowed is not None:
        if not one.allowed:
            yield "allowed", "expected at least one value."
        if any(not of_type(value, one.type) for value in one.allowed):
            yield "allowed", f"expected values of type {one.type}."
    if one.min is not None and one.max is not None and one.min > one.max:
        yield "min", "is larger than max."


def of_type(value: Any, kind: PlanType) -> bool:  # noqa: ANN401 - any JSON value
    """Whether a JSON value is of a type; dates and places are not looked into.

    >>> of_type(True, "number"), of_type(5.0, "whole"), of_type("5", "number")
    (False, True, False)
    """
    match kind:
        case "any":
            return True
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "whole":
            whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
            return whole and not isinstance(value, bool)
    return isinstance(value, _PYTHON[kind])


_PYTHON = {
    "text": str, "date": str, "truth": bool, "list": list, "object": dict, "place": dict,
}  # fmt: skip
