"""What reads which events, properties and traits, and what makes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Literal

from patron.errors import DefinitionError
from patron.pipeline.book import Book
from patron.pipeline.enrichment.connectors import connector
from patron.profiles.consents import ANSWERS
from patron.segments import paths
from patron.segments.names_used import NamesUsed, names_used
from patron.spec.commerce import CART_STAGES, ORDER_EVENTS, PRODUCT_EVENTS, RETURNED
from patron.spec.goals import MONEY, Goal
from patron.spec.identifiers import IdentityRules
from patron.spec.mapping import EVENT_OF_TYPE, Expression, MessageMapping
from patron.spec.scopes import declared_types

Kind = Literal["event", "property", "trait"]
Use = tuple[Kind, str | None, str | None]
"""What is used: an event, a property of an event (None: of any), or a trait; no name: every one."""

OF_ORDERS = (
    "order_id", "currency", "revenue", "total", "tax", "shipping", "discount", "products",
    "refund_id", "exchange_id",
)  # fmt: skip
"""The properties that the orders of a profile, and goals, are made of."""

SHOWN = ("payment_method", "channel", "coupon")
"""What the orders of a profile say beside."""

OF_PRODUCTS = ("product_id", "sku", "name", "quantity", "price", "currency")
"""The properties of events about one product that returns and carts are made of."""

CART_EVENTS = ("Product Viewed", "Product Removed", *CART_STAGES.values())
"""The events that the carts of a profile are made of."""

OF_CONSENTS = ("category", "purpose", "list_name", "list", "channel")
"""The properties of events by whose name a customer agrees or refuses."""

LINES = "products"
"""The property that the lines of an event come from."""


def uses(book: Book, exports: Iterable[str]) -> Iterator[tuple[str, Use]]:
    """Everything that reads data, each with what it reads.

    Args:
        book: What is defined.
        exports: The segments whose members were exported; with them go all their traits.
    """
    for name, segment in book.segments.items():
        called = segment.value_of or name
        yield from _named(f"segment {called}", names_used(segment.rule))
        if segment.goal is not None:
            yield from _of_goal(f"goal of segment {called}", segment.goal)
    for name, computed in book.computed.items():
        yield from _named(f"computed trait {name}", names_used(computed.expression))
    for name, linking in book.linking.items():
        for column in linking.names:
            yield f"linking {name}", ("trait", None, column)
    yield from _identifying(book.identity)
    for entity in book.entities.values():
        for way in entity.events:
            yield f"entity {entity.name}", ("property", None, paths.split(way.property)[0])
    yield from _of_profiles()
    for segment_name in exports:
        yield f"export of segment {segment_name}", ("trait", None, None)
    yield from _elsewhere(book)


def _of_profiles() -> Iterator[tuple[str, Use]]:
    """What the parts of every profile are made of, whatever is defined."""
    for event in ORDER_EVENTS:
        yield "orders", ("event", None, event)
        for column in (*OF_ORDERS, *SHOWN, *(OF_PRODUCTS if event == RETURNED else ())):
            yield "orders", ("property", event, column)
    for event in CART_EVENTS:
        yield "carts", ("event", None, event)
        for column in OF_PRODUCTS if event in PRODUCT_EVENTS else ():
            yield "carts", ("property", event, column)
    for event in ANSWERS:
        yield "consents", ("event", None, event)
        for column in OF_CONSENTS:
            yield "consents", ("property", event, column)


def _elsewhere(book: Book) -> Iterator[tuple[str, Use]]:
    """What is read by no rule: told to other systems, derived from, waited for."""
    for name, webhook in book.webhooks.items():
        # A delivery names the events and traits that came in; properties are not in it.
        if webhook.active and "events" in webhook.kinds:
            yield f"webhook {name}", ("event", None, None)
        if webhook.active and "traits" in webhook.kinds:
            yield f"webhook {name}", ("trait", None, None)
    for name, enrichment in book.enrichments.items():
        with suppress(DefinitionError):  # its package is not installed here
            reads = connector(enrichment).reads
            if reads.kind == "traits":
                for trait in reads.names:
                    yield f"enrichment {name}", ("trait", None, trait)
    for name, recurring in book.recurring_dates.items():
        if recurring.trait is not None:
            yield f"recurring date {name}", ("trait", None, paths.split(recurring.trait)[0])
        elif recurring.first is not None:
            first = None if recurring.first == "any event" else recurring.first
            yield f"recurring date {name}", ("event", None, first)


def _of_goal(user: str, goal: Goal) -> Iterator[tuple[str, Use]]:
    """What a goal is measured by; how many are members, is told by the segment alone."""
    if goal.measure == "members":
        return
    for event in ORDER_EVENTS:
        yield user, ("event", None, event)
        for column in OF_ORDERS if goal.measure in MONEY else ("order_id",):
            yield user, ("property", event, column)


def feeds(book: Book) -> Iterator[tuple[str, Use]]:
    """Everything declared that makes data, each with what it makes."""
    for name, mapping in book.mappings.items():
        if mapping.message is not None:
            for use in _made(mapping.message):
                yield f"mapping {name}", use
    for name, enrichment in book.enrichments.items():
        with suppress(DefinitionError):
            for trait in connector(enrichment).gives:
                called = enrichment.traits.get(trait, trait)
                yield f"enrichment {name}", ("trait", None, called)
    for name, recurring in book.recurring_dates.items():
        yield f"recurring date {name}", ("event", None, recurring.event)


def _made(message: MessageMapping) -> Iterator[Use]:
    for trait in message.traits:
        yield "trait", None, trait
    if message.type == "identify":
        return
    names: list[str | None] = [*_events_of(message)]
    for event in names:
        yield "event", None, event
    for of in names or [None]:
        for name in (*message.properties, *([] if message.lines is None else [LINES])):
            yield "property", of, name


def _events_of(message: MessageMapping) -> list[str]:
    """The names that the events of a mapping can have; none where rows say them."""
    said = message.event
    if said is None:
        return [EVENT_OF_TYPE[message.type]] if message.type in EVENT_OF_TYPE else []
    if isinstance(said, Expression):
        known = [said.value, said.default, *(said.map or {}).values()]
        return sorted({one for one in known if isinstance(one, str)})
    return [] if "{" in said else [said]


def _identifying(rules: IdentityRules) -> Iterator[tuple[str, Use]]:
    for kind in declared_types(rules):
        for path in kind.fields:
            part, _, rest = path.rpartition("traits.")
            if part in ("", "context.") and rest and path != rest:
                yield "identity", ("trait", None, rest.split(".")[0])
            elif path.startswith("properties."):
                yield "identity", ("property", None, path.split(".")[1])


def _named(user: str, used: NamesUsed) -> Iterator[tuple[str, Use]]:
    for event in used.events:
        yield user, ("event", None, event)
    for of, name in used.properties:
        yield user, ("property", of, name)
    for name in used.traits:
        yield user, ("trait", None, name)
