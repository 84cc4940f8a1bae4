"""Compares messages with a tracking plan.

A message that is as planned costs one decoding into a type that is made of the plan; only one that
does not pass is looked at value by value, to say what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from patron.collect.shapes import Fault, Shape
from patron.spec.tracking_plans import (
    EventPlan,
    Expectation,
    TrackingPlan,
    written_out,
)
from patron.spec.traits import TraitDefinition

_ADDED = {
    "Page Viewed": ("name", "category"),
    "Screen Viewed": ("name", "category"),
    "Group Joined": ("group_id", "traits"),
    "Identity Aliased": ("previous_id",),
}
"""What the collector itself adds to the properties of calls that are no `track`."""


class Said(Protocol):
    """What is compared of a message."""

    @property
    def type(self) -> str:
        """Such as track."""
        ...

    @property
    def name(self) -> str | None:
        """Of the event."""
        ...

    @property
    def properties(self) -> str | None:
        """JSON text of an object."""
        ...

    @property
    def traits(self) -> str | None:
        """JSON text of an object; None unless it is an identify call."""
        ...


class Expected:
    """What is expected of the messages of a source.

    Args:
        plan: None: nothing but the declared types of traits.
        declared: Definitions of traits.

    Attributes:
        refuse: The faults for which a message is refused.

    >>> from patron.spec.tracking_plans import read_tracking_plan
    >>> plan = read_tracking_plan({"name": "web", "events": {"Order Completed": {
    ...     "properties": {"total": {"type": "number", "required": True}}}}})
    >>> expected = Expected(plan)
    >>> expected.faults_of("track", "Order Completed", '{"total": 5}', None)
    []
    >>> [fault.told for fault in expected.faults_of("track", "Order Completed",
    ...     '{"total": "5", "note": ""}', None)]
    ['expected a number, got text', 'is not in the plan']
    """

    def __init__(
        self, plan: TrackingPlan | None, declared: Mapping[str, TraitDefinition] | None = None
    ) -> None:
        events = None if plan is None else plan.events
        self.refuse = frozenset(() if plan is None else plan.refuse)
        self._open = events is None or (plan is not None and plan.open)
        self._events = {name: _event_shape(name, one) for name, one in (events or {}).items()}
        self._traits = _trait_shape(plan, declared or {})

    @property
    def anything(self) -> bool:
        """Whether nothing is expected at all."""
        return self._open and not self._events and self._traits is None

    def faults(self, said: Said) -> list[Fault]:
        """What of a message is not as planned."""
        return self.faults_of(said.type, said.name, said.properties, said.traits)

    def faults_of(
        self, kind: str, name: str | None, properties: str | None, traits: str | None
    ) -> list[Fault]:
        """The same of its parts."""
        if kind == "identify":
            if traits is None or self._traits is None:
                return []
            return self._traits.faults(traits, "traits")
        if name is None:
            return []
        shape = self._events.get(name)
        if shape is not None:
            return shape.faults("{}" if properties is None else properties, "properties")
        if self._open or kind != "track":
            return []
        return [Fault("unknown_event", "event", "is not in the plan")]


def _event_shape(name: str, event: EventPlan) -> Shape:
    expected = {added: Expectation() for added in _ADDED.get(name, ())}
    return Shape(expected | written_out(event.properties), event.open, "unknown_property")


def _trait_shape(
    plan: TrackingPlan | None, declared: Mapping[str, TraitDefinition]
) -> Shape | None:
    types = {one.called: Expectation(type=one.type) for one in declared.values()}
    if plan is None or plan.traits is None:
        typed = {name: one for name, one in types.items() if one.type != "any"}
        return Shape(typed, True, "unknown_trait") if typed else None
    expected = dict(types)
    for name, one in written_out(plan.traits).items():
        of_its_own = one.type != "any" or name not in types
        kind = one.type if of_its_own else types[name].type
        expected[name] = msgspec.structs.replace(one, type=kind)
    return Shape(expected, plan.open, "unknown_trait")
