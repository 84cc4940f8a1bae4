"""Reads protocol messages: validates each item by itself, and refuses with a field and a reason."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from hashlib import sha256
from typing import Any
from uuid import uuid4

import msgspec

from patron import structs
from patron.collect.consent import Consents
from patron.collect.decoding import decode
from patron.collect.envelope import (
    AMOUNTS,
    COMMERCE_NAMES,
    TRAITS_IN_CONTEXT,
    Decoders,
    amounts_of,
    commerce_of,
)
from patron.collect.moments import occurred_at
from patron.collect.soundness import RefusedError, sound_text
from patron.errors import told
from patron.spec.commerce import COMMERCE_EVENTS, PRODUCT_EVENTS
from patron.spec.identifiers import IdentityRules
from patron.spec.incoming import Commerce, Delivery, Message, Refusal

MAX_MESSAGE_ID = 100
MAX_NAME = 500

TYPES = frozenset({"identify", "track", "page", "screen", "group", "alias"})
_EVENT_OF_TYPE = {
    "page": "Page Viewed",
    "screen": "Screen Viewed",
    "group": "Group Joined",
    "alias": "Identity Aliased",
}
_SIX_PLACES = Decimal("0.000001")
_TOO_LARGE = Decimal(10) ** 12
_IDENTIFYING = (str, int)  # and not bool, which is a kind of int
_NO_COMMERCE = (None,) * len(COMMERCE_NAMES)


class MessageReader:
    """Turns the bytes of items into messages, under one set of identity rules.

    >>> from datetime import datetime
    >>> from patron.spec.identifiers import DEFAULT_RULES
    >>> reader = MessageReader(DEFAULT_RULES)
    >>> noon = datetime(2026, 1, 1, 12)
    >>> delivery = Delivery(source_id=1, brand="main", received_at=noon)
    >>> reader.read(delivery, b'{"type":"track","event":"Signed Up","userId":"u1"}')
    >>> reader.read(delivery, b'{"type":"track","userId":"u1"}')
    >>> delivery.messages[0].identifiers, delivery.refusals[0].field
    ([('user_id', 'u1')], 'event')
    """

    def __init__(self, rules: IdentityRules) -> None:
        self._rules = rules
        self._decoders = Decoders(rules)
        self._consents = Consents(rules)
        self._types = {name for kind in rules.types for name in (kind.name, kind.base)}

    def read(
        self,
        delivery: Delivery,
        raw: bytes | memoryview,
        *,
        type_hint: str | None = None,
        default_channel: str = "web",
        origin: str = "http",
        row_number: int | None = None,
    ) -> None:
        """Validate one item and add it to the delivery, as a message or as a refusal.

        Args:
            delivery: Where the result goes.
            raw: The item's JSON as it stood in the request.
            type_hint: The type that the path of the request names; wins over the item's own.
            default_channel: The channel when the message names none.
            origin: Where it came from: ``http`` or a file's name.
            row_number: Row in that file, from 1.
        """
        delivery.rules = self._rules
        try:
            message = self._message(delivery, raw, type_hint, default_channel)
        except RefusedError as refused:
            delivery.fates.append(-1 - len(delivery.refusals))
            delivery.refusals.append(
                Refusal(
                    code=refused.code,
                    reason=refused.reason,
                    field=refused.field,
                    body=bytes(raw),
                    message_id=_message_id_of(raw),
                    type=type_hint,
                    sent_at=delivery.sent_at,
                    origin=origin,
                    row_number=row_number,
                    told=refused.told,
                )
            )
        else:
            delivery.fates.append(len(delivery.messages))
            delivery.messages.append(message)

    def _message(
        self,
        delivery: Delivery,
        raw: bytes | memoryview,
        type_hint: str | None,
        default_channel: str,
    ) -> Message:
        decoders = self._decoders
        body = sound_text(raw)
        item = decode(decoders.item, raw, "")
        kind = type_hint or item.type
        if kind not in TYPES:
            raise RefusedError(
                "unknown_type",
                "type",
                f"type: expected one of {', '.join(sorted(TYPES))}, got {_show(kind)}.",
            )
        name = _event_name(kind, item)
        properties = _object(item.properties, "properties")
        traits = _object(item.traits, "traits")
        if kind == "identify" and traits in {None, b"{}"}:
            # RudderStack's clients send the traits of the person inside the context.
            inner = decode(TRAITS_IN_CONTEXT, raw, "").context
            traits = None if inner is None else _object(inner.traits, "context.traits")
        context = item.context
        found = decoders.item_part.find(item)
        commerce = None
        if properties is not None:
            fields, commerce = self._properties(kind, item.event, properties)
            found += decoders.properties_part.find(fields)
        # The traits of a group call describe the group, not the person.
        if traits is not None and kind != "group":
            found += decoders.traits_part.find(decode(decoders.traits, traits, "traits"))
        if context is not None:
            found += decoders.context_part.find(context)
            if context.externalIds:
                found += [(e.type, e.id) for e in context.externalIds if e.type in self._types]
        return Message(
            message_id=_message_id(item, raw),
            type=kind,
            name=name,
            channel=item.channel or (context and context.channel) or default_channel,
            occurred_at=occurred_at(item, delivery.sent_at, delivery.received_at),
            body=body,
            properties=_landed_properties(kind, item, properties, traits),
            traits=_landed_traits(traits) if kind == "identify" else None,
            identifiers=self._counting(_identifiers(found), raw),
            commerce=commerce,
        )

    def _counting(
        self, identifiers: list[tuple[str, str]], raw: bytes | memoryview
    ) -> list[tuple[str, str]]:
        """The identifiers that count: of some types only with consent."""
        counting = self._consents.counting(identifiers, raw)
        if not counting:
            raise RefusedError("no_consent", *self._consents.missing(identifiers))
        return counting

    def _properties(
        self, kind: str, event: str | None, properties: bytes
    ) -> tuple[Any, Commerce | None]:
        """What is read of the properties: where identifiers stand, and the commerce fields."""
        if kind == "track" and event is not None:
            try:
                fields = decode(self._decoders.typed, properties, "properties")
                return fields, self._commerce(event, fields, properties)
            except RefusedError:
                # Outside the commerce vocabulary a property named "total" may hold anything.
                if event in COMMERCE_EVENTS:
                    raise
        return decode(self._decoders.properties, properties, "properties"), None

    def _commerce(self, event: str, fields: Any, properties: bytes) -> Commerce | None:  # noqa: ANN401
        if commerce_of(fields) == _NO_COMMERCE:
            return None
        commerce = Commerce(
            order_id=_id_text(fields.order_id),
            currency=fields.currency,
            coupon=fields.coupon,
        )
        for name, value in zip(AMOUNTS, amounts_of(fields), strict=True):
            if value is not None:
                setattr(commerce, name, _amount(value, f"properties.{name}"))
        if fields.products is not None:
            commerce.lines = [
                self._line(product, f"properties.products[{number}]")
                for number, product in enumerate(fields.products)
            ]
        elif event in PRODUCT_EVENTS and (fields.product_id, fields.sku) != (None, None):
            commerce.lines = [self._line(properties, "properties")]
        return commerce

    def _line(self, product: bytes | msgspec.Raw, where: str) -> dict[str, Any]:
        fields = decode(self._decoders.product, product, where)
        return {
            "product_id": _id_text(fields.product_id),
            "sku": _id_text(fields.sku),
            "product_name": fields.name,
            "category": fields.category,
            "product_brand": fields.brand,
            "variant": _id_text(fields.variant),
            "colour": fields.colour or fields.color,
            "price": _amount(fields.price, f"{where}.price"),
            "quantity": _amount(fields.quantity, f"{where}.quantity"),
            "properties": bytes(product).decode(),
        }


def _event_name(kind: str, item: Any) -> str | None:  # noqa: ANN401 - a type made at run time
    if kind == "identify":
        return None
    if kind != "track":
        if kind == "group" and item.groupId in (None, ""):
            raise RefusedError("missing", "groupId", "groupId: expected the id of the group.")
        if kind == "alias" and item.previousId in (None, ""):
            raise RefusedError("missing", "previousId", "previousId: expected the former id.")
        return _EVENT_OF_TYPE[kind]
    name = item.event
    if not name or not name.strip():
        raise RefusedError("missing", "event", "event: expected the name of what happened.")
    if len(name) > MAX_NAME:
        raise RefusedError(
            "too_long",
            "event",
            f"event: expected at most {MAX_NAME} characters, got {len(name)}.",
            told("too_long", field="event", most=MAX_NAME),
        )
    return str(name)


def _object(raw: msgspec.Raw, where: str) -> bytes | None:
    """A JSON object's bytes; None when it is absent or null."""
    data = bytes(raw)
    if not data or data == b"null":
        return None
    if data[:1] != b"{":
        raise RefusedError(
            "wrong_type", where, f"{where}: expected an object.", told("no_object", field=where)
        )
    return data


def _landed_properties(
    kind: str,
    item: Any,  # noqa: ANN401 - a type made at run time
    properties: bytes | None,
    traits: bytes | None,
) -> str | None:
    """The properties of the stored event; pages carry their name, groups their id and traits."""
    if kind == "identify":
        return None
    if kind in {"page", "screen"}:
        own = {"name": item.name, "category": item.category}
    elif kind == "group":
        own = {
            "group_id": _id_text(item.groupId),
            "traits": None if traits is None else msgspec.Raw(traits),
        }
    elif kind == "alias":
        own = {"previous_id": _id_text(item.previousId)}
    else:
        return "{}" if properties is None else properties.decode()
    stored: dict[str, Any] = {} if properties is None else _members(properties)
    stored.update({name: value for name, value in own.items() if value is not None})
    return msgspec.json.encode(stored).decode()


def _landed_traits(traits: bytes | None) -> str | None:
    """The traits with every name once: of a name given twice, the last value stands."""
    return None if traits is None else msgspec.json.encode(_members(traits)).decode()


def _members(data: bytes) -> dict[str, Any]:
    members: dict[str, Any] = structs.decode(data, dict[str, msgspec.Raw])
    return members


def _message_id(item: Any, raw: bytes | memoryview) -> str:  # noqa: ANN401 - a type made at run time
    value = item.messageId
    if value is None or value == "":
        # A resent copy carries the same time; without one, two equal messages may both be true.
        if item.timestamp or item.originalTimestamp:
            return "content-" + sha256(raw).hexdigest()[:40]
        return f"given-{uuid4()}"
    text = str(value)
    if len(text) > MAX_MESSAGE_ID:
        raise RefusedError(
            "too_long",
            "messageId",
            f"messageId: expected at most {MAX_MESSAGE_ID} characters, got {len(text)}.",
            told("too_long", field="messageId", most=MAX_MESSAGE_ID),
        )
    return text


def _message_id_of(raw: bytes | memoryview) -> str | None:
    """The message id of an item that was refused, if it can be read at all."""
    try:
        found = structs.decode(raw, _IdOnly).messageId
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
    return None if found is None else str(found)[:MAX_MESSAGE_ID]


class _IdOnly(msgspec.Struct):
    messageId: str | int | None = None  # noqa: N815 - the protocol's name


def _identifiers(found: list[tuple[str, Any]]) -> list[tuple[str, str]]:
    """The values that can identify: text that is not empty, and whole numbers."""
    identifiers = [
        (kind, value if type(value) is str else str(value))
        for kind, value in found
        if value != "" and type(value) in _IDENTIFYING
    ]
    if not identifiers:
        raise RefusedError(
            "no_identity",
            "userId",
            "userId: expected userId, anonymousId or another identifier; the message has none.",
            told("nobody", why=[":none"]),
        )
    return identifiers


def _id_text(value: str | int | None) -> str | None:
    return None if value is None else str(value)


def _amount(value: Decimal | None, where: str) -> Decimal | None:
    """A number as a decimal of 6 places, rounded half to even; 18 digits must hold it."""
    if value is None:
        return None
    if not value.is_finite():
        raise RefusedError("not_a_number", where, f"{where}: expected a number.")
    try:
        rounded = value.quantize(_SIX_PLACES, ROUND_HALF_EVEN)
    except InvalidOperation:
        rounded = _TOO_LARGE
    if abs(rounded) >= _TOO_LARGE:
        raise RefusedError(
            "out_of_range", where, f"{where}: expected a number below 1,000,000,000,000."
        )
    return rounded


def _show(value: object) -> str:
    text = "nothing" if value is None else f'"{value}"'
    return text if len(text) <= 40 else text[:39] + "…"
