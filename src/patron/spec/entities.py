"""Entities: products, stores, campaigns, cards; what a customer's events refer to by an id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from patron.errors import DefinitionError
from patron.spec.reading import read_definition

AttributeType = Literal["text", "number", "boolean", "date", "list"]

PRODUCT = "product"
"""The kind that is there without a definition."""

MAX_ATTRIBUTES = 200
"""Of one kind; bounds what a definition or an item can hold."""

Key = Literal["entity_id", "alias"]


class Way(msgspec.Struct, frozen=True):
    """How a row names an entity.

    Attributes:
        property: Of the event or the line; a path.
        key: What it holds: the entity's id, or its other name (a product's sku).
    """

    property: str
    key: Key = "entity_id"


class FoundIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where the ids of an entity occur.

    Attributes:
        events: Properties of events; of several, the first that names a known one counts.
        lines: Properties of order lines; as `events`.
    """

    events: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


class EntityDefinition(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """A kind of entity as files write it.

    Attributes:
        found_in: Where its ids occur.
        attributes: What is known of each, by name, with the type.
        description: For people.
    """

    found_in: FoundIn = FoundIn()
    attributes: dict[str, AttributeType] = {}
    description: str | None = None


class EntityKind(msgspec.Struct, frozen=True):
    """A kind of entity as rules reach for it.

    Attributes:
        name: Stands in rules before the first dot.
        events: How events name one; the first that names a known one counts.
        lines: How order lines do.
        attributes: Types by name, of those that are declared.
        open: Whether other attributes are taken, too.
        seen: Names of attributes that some entity of the kind had.
        state: One more with each change of what is known of the kind.
    """

    name: str
    events: tuple[Way, ...] = ()
    lines: tuple[Way, ...] = ()
    attributes: Mapping[str, AttributeType] = {}
    open: bool = False
    seen: frozenset[str] = frozenset()
    state: int = 0

    def ways(self, *, lines: bool) -> tuple[Way, ...]:
        """How lines, or events, name one."""
        return self.lines if lines else self.events

    @property
    def known(self) -> frozenset[str]:
        """The attributes that a rule may name."""
        return self.seen | self.attributes.keys()


_SELF = (Way("product_id"), Way("sku", "alias"))

PRODUCTS = EntityKind(
    PRODUCT,
    events=_SELF,
    lines=_SELF,
    attributes={
        "sku": "text",
        "name": "text",
        "description": "text",
        "category": "text",
        "brand": "text",
        "currency": "text",
        "price": "number",
        "sale_price": "number",
        "cost": "number",
        "cost_currency": "text",
        "margin": "number",
        "colour": "text",
        "size": "text",
        "material": "text",
        "image": "text",
        "link": "text",
        "availability": "text",
        "group": "text",
        "gtin": "text",
        "google_category": "text",
    },
    open=True,
)
"""The catalogue. `margin` follows from the others: (sale price, else price) - cost. Where
nobody says them, `main_category` and `subcategory` are the ends of the path of the category."""


def read_entity(name: str, body: object) -> EntityKind:
    """A kind of entity as it is declared.

    Raises:
        DefinitionError: A field is unknown or wrong, or the name is taken.

    >>> body = {"found_in": {"events": ["store_id"]}, "attributes": {"region": "text"}}
    >>> read_entity("store", body).events
    (Way(property='store_id', key='entity_id'),)
    """
    if name == PRODUCT:
        raise DefinitionError(
            "name: product is there without a definition; its attributes may be any.", field="name"
        )
    read = read_definition(body, EntityDefinition)
    if len(read.attributes) > MAX_ATTRIBUTES:
        raise DefinitionError(
            f"attributes: at most {MAX_ATTRIBUTES} of one kind.", field="attributes"
        )
    for place in ("events", "lines"):
        for path in getattr(read.found_in, place):
            if not path or path.startswith(".") or path.endswith(".") or ".." in path:
                raise DefinitionError(
                    f"found_in.{place}: {path!r} is no name of a property.",
                    field=f"found_in.{place}",
                )
    for attribute in read.attributes:
        if not attribute or len(attribute) > 100:
            raise DefinitionError("attributes: a name is empty or too long.", field="attributes")
    return EntityKind(
        name,
        events=tuple(map(Way, read.found_in.events)),
        lines=tuple(map(Way, read.found_in.lines)),
        attributes=read.attributes,
    )
