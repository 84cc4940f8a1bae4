"""Comparisons of an attribute of the entity that an event or a line names."""

from __future__ import annotations

from typing import Any, ClassVar

from patron.segments.tree.base import Node, Place, Rule


class Reached(Node, Rule, frozen=True):
    """What a property such as ``product.material`` is planned as; no rule holds one.

    Attributes:
        entity: The kind.
        state: Of what is known of the kind: a plan of another state is another plan, so whatever
            was found out by it is found out anew.
        ways: Property and key (see `spec.entities.Way`), the first that names a known one counts.
        attribute: Its name, or a path into it.
        op: As of a property.
        value: As of a property.
    """

    entity: str
    state: int
    ways: tuple[tuple[str, str], ...]
    attribute: str
    op: str
    value: Any = None

    PLACES: ClassVar[frozenset[Place]] = frozenset({"event", "line", "plain event", "plain line"})
