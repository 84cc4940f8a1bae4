"""What a message may look like, as msgspec types made from the identity rules.

Only what Patron acts on is decoded: the envelope, the commerce fields, and the places where the
rules say that identifiers stand. All else is checked to be JSON and passed on as bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from operator import attrgetter
from typing import Any

import msgspec

from patron import structs
from patron.spec.identifiers import IdentityRules
from patron.spec.scopes import declared_types

Text = str | int | None
"""Ids are text; whole numbers are taken too, since shops have numeric ids."""


class Product(msgspec.Struct, gc=False):
    """One product of an order, a cart, a list or a view."""

    product_id: Text = None
    sku: Text = None
    name: str | None = None
    category: str | None = None
    brand: str | None = None
    variant: Text = None
    colour: str | None = None
    color: str | None = None
    price: Decimal | None = None
    quantity: Decimal | None = None


class CommerceFields(msgspec.Struct, gc=False):
    """The properties of an event that land in typed columns.

    What `sku` must be is looked at where the event makes a line; elsewhere it may be anything.
    """

    order_id: Text = None
    currency: str | None = None
    coupon: str | None = None
    revenue: Decimal | None = None
    total: Decimal | None = None
    tax: Decimal | None = None
    shipping: Decimal | None = None
    discount: Decimal | None = None
    product_id: Text = None
    sku: Any = None
    products: list[msgspec.Raw] | None = None


COMMERCE_NAMES = tuple(field.name for field in msgspec.structs.fields(CommerceFields))
commerce_of = attrgetter(*COMMERCE_NAMES)
"""The values of the commerce fields, in the order of their names."""

AMOUNTS = ("revenue", "total", "tax", "shipping", "discount")
amounts_of = attrgetter(*AMOUNTS)
"""The amounts among them."""

ENVELOPE: dict[str, Any] = {
    "type": str | None,
    "messageId": str | int | None,
    "userId": Text,
    "anonymousId": Text,
    "previousId": Text,
    "groupId": Text,
    "event": str | None,
    "name": str | None,
    "category": str | None,
    "timestamp": str | None,
    "originalTimestamp": str | None,
    "sentAt": str | None,
    "channel": str | None,
}


class BatchBody(msgspec.Struct, gc=False):
    """The body of a batch request."""

    batch: list[msgspec.Raw]
    sentAt: str | None = None  # noqa: N815 - the protocol's name
    writeKey: str | None = None  # noqa: N815 - the protocol's name
    context: msgspec.Raw = msgspec.Raw(b"")


class KeyOnly(msgspec.Struct, gc=False):
    """The write key of a body, when no header carries it."""

    writeKey: str | None = None  # noqa: N815 - the protocol's name


class _ContextTraits(msgspec.Struct, gc=False):
    traits: msgspec.Raw = msgspec.Raw(b"")


class _TraitsInContext(msgspec.Struct, gc=False):
    context: _ContextTraits | None = None


TRAITS_IN_CONTEXT = structs.decoder(_TraitsInContext)
"""Traits where RudderStack's clients put those of an identify call."""


class Part:
    """Where the rules look for identifiers in one part of a message.

    Args:
        places: Identifier type and attribute path of each.
    """

    def __init__(self, places: list[tuple[str, tuple[str, ...]]]) -> None:
        direct = [(kind, steps[0]) for kind, steps in places if len(steps) == 1]
        self._kinds = [kind for kind, _ in direct]
        self._values = _getter([name for _, name in direct])
        self._nothing = (None,) * len(direct)
        self._nested = [(kind, steps) for kind, steps in places if len(steps) > 1]
        heads = list(dict.fromkeys(steps[0] for _, steps in self._nested))
        self._heads = _getter(heads)
        self._no_heads = (None,) * len(heads)

    def find(self, part: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 - a type made at run time
        """The identifier types and values in a decoded part; values may be of any type."""
        found = []
        # Most parts hold none: one comparison tells.
        if (values := self._values(part)) != self._nothing:
            found = [
                (kind, value)
                for kind, value in zip(self._kinds, values, strict=True)
                if value is not None
            ]
        if self._heads(part) == self._no_heads:
            return found
        for kind, steps in self._nested:
            value = part
            for step in steps:
                value = getattr(value, step)
                if value is None:
                    break
            else:
                found.append((kind, value))
        return found


def _getter(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Several attributes at once."""
    if len(names) > 1:
        return attrgetter(*names)
    if not names:
        return lambda _part: ()
    only = attrgetter(*names)
    return lambda part: (only(part),)


class Decoders:
    """Decoders for one set of identity rules.

    Attributes:
        item: The envelope; ``properties`` and ``traits`` stay bytes, ``context`` is decoded as far
            as identifiers and the channel need it.
        properties: Identifiers in properties.
        typed: The same, and the commerce fields.
        traits: Identifiers in traits.
        product: The typed fields of a product.
    """

    def __init__(self, rules: IdentityRules) -> None:
        places: dict[str, list[tuple[str, tuple[str, ...]]]] = {
            "item": [], "context": [], "properties": [], "traits": [],
        }  # fmt: skip
        for kind in declared_types(rules):
            for path in kind.fields:
                head, *rest = path.split(".")
                if rest and head in places and head != "item":
                    places[head].append((kind.name, tuple(rest)))
                else:
                    places["item"].append((kind.name, (head, *rest)))
        self.item_part = Part(places["item"])
        self.context_part = Part(places["context"])
        self.properties_part = Part(places["properties"])
        self.traits_part = Part(places["traits"])
        self.item = _item_decoder(places)
        properties = _tree([steps for _, steps in places["properties"]])
        self.properties = structs.decoder(_struct("Properties", properties))
        commerce = [
            (field.name, field.type, None) for field in msgspec.structs.fields(CommerceFields)
        ]
        typed = {name: sub for name, sub in properties.items() if name not in COMMERCE_NAMES}
        self.typed = structs.decoder(_struct("Typed", typed, commerce))
        self.traits = structs.decoder(
            _struct("Traits", _tree([steps for _, steps in places["traits"]]))
        )
        self.product = structs.decoder(Product)


def _item_decoder(
    places: dict[str, list[tuple[str, tuple[str, ...]]]],
) -> structs.Decoder[Any]:
    external = msgspec.defstruct("ExternalId", [("id", Any, None), ("type", Any, None)])
    context = _struct(
        "Context",
        _tree([*(steps for _, steps in places["context"]), ("channel",)]),
        [("externalIds", list[external] | None, None)],  # type: ignore[valid-type]
    )
    fields: list[tuple[str, Any, Any]] = [(name, kind, None) for name, kind in ENVELOPE.items()]
    own = _tree([steps for _, steps in places["item"]])
    fields += [
        (name, _struct(name, sub) if sub else Any, None)
        for name, sub in own.items()
        if name not in ENVELOPE
    ]
    fields += [("context", context | None, None)]
    fields += [(name, msgspec.Raw, msgspec.Raw(b"")) for name in ("properties", "traits")]
    return structs.decoder(msgspec.defstruct("Item", fields, gc=False))


Tree = dict[str, Any]


def _tree(paths: list[tuple[str, ...]]) -> Tree:
    tree: Tree = {}
    for path in paths:
        node = tree
        for step in path:
            node = node.setdefault(step, {})
    return tree


def _struct(name: str, tree: Tree, extra: list[tuple[str, Any, Any]] | None = None) -> Any:  # noqa: ANN401 - a type
    fields = [
        (step, (_struct(step, sub) | None) if sub else Any, None) for step, sub in tree.items()
    ]
    return msgspec.defstruct(name, [*fields, *(extra or [])], gc=False)
