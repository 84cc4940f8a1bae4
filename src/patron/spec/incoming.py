"""Incoming messages as columns: what collect makes, identity resolves and the warehouse lands."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from patron import structs
from patron.errors import Told
from patron.spec.identifiers import IdentityRules

MONEY = pa.decimal128(18, 6)
LINE = pa.struct(
    [
        ("product_id", pa.string()),
        ("sku", pa.string()),
        ("product_name", pa.string()),
        ("category", pa.string()),
        ("product_brand", pa.string()),
        ("variant", pa.string()),
        ("colour", pa.string()),
        ("price", MONEY),
        ("quantity", MONEY),
        ("properties", pa.string()),
    ]
)
SCHEMA = pa.schema(
    [
        ("item", pa.int64()),
        ("source_id", pa.int32()),
        ("brand", pa.string()),
        ("channel", pa.string()),
        ("message_id", pa.string()),
        ("key_hi", pa.uint64()),
        ("key_lo", pa.uint64()),
        ("type", pa.string()),
        ("name", pa.string()),
        ("occurred_at", pa.timestamp("us")),
        ("received_at", pa.timestamp("us")),
        ("body", pa.string()),
        ("properties", pa.string()),
        ("traits", pa.string()),
        ("order_id", pa.string()),
        ("currency", pa.string()),
        ("coupon", pa.string()),
        ("revenue", MONEY),
        ("total", MONEY),
        ("tax", MONEY),
        ("shipping", MONEY),
        ("discount", MONEY),
        ("lines", pa.list_(LINE)),
    ]
)
"""The columns of `incoming`, without the identifiers, which travel beside it as triples."""


LINK = "link"
"""The type of messages in which a linking model says that two identifiers are one person."""

NOTE = "note"
"""The type of messages in which somebody writes about a customer."""


@dataclass(slots=True)
class Commerce:
    """The typed fields of a commerce event, amounts already rounded to 6 places."""

    order_id: str | None = None
    currency: str | None = None
    coupon: str | None = None
    revenue: Decimal | None = None
    total: Decimal | None = None
    tax: Decimal | None = None
    shipping: Decimal | None = None
    discount: Decimal | None = None
    lines: list[dict[str, Any]] | None = None


@dataclass(slots=True)
class Message:
    """One message that passed validation.

    `identifiers` are (type, raw value) pairs; `properties` and `traits` are JSON text.
    """

    message_id: str
    type: str
    name: str | None
    channel: str
    occurred_at: datetime
    body: str
    properties: str | None
    traits: str | None
    identifiers: list[tuple[str, str]]
    commerce: Commerce | None = None


class Why(NamedTuple):
    """Why a message is refused.

    Attributes:
        field: Where it is wrong.
        reason: One sentence.
        told: The same by a code.
    """

    field: str
    reason: str
    told: Told | None = None


def told_text(told: Told | None) -> str | None:
    """A sentence by its code, as it is kept."""
    return None if told is None else msgspec.json.encode(told._asdict()).decode()


def told_in(text: str | None) -> Told | None:
    """A sentence by its code, of what was kept."""
    return None if text is None else Told(**structs.decode(text))


def told_part(text: str | None) -> dict[str, Any] | None:
    """The same as a part of an answer."""
    return None if text is None else structs.decode(text, dict[str, Any])


@dataclass(slots=True)
class Refusal:
    """One message or row that was refused, with what a person needs to mend it."""

    code: str
    reason: str
    body: bytes
    field: str | None = None
    message_id: str | None = None
    type: str | None = None
    sent_at: datetime | None = None
    origin: str = "http"
    row_number: int | None = None
    told: Told | None = None


@dataclass(slots=True)
class Delivery:
    """What one request or one stretch of a file brought: messages and refusals, in order.

    `fates` holds, per item as it was sent, the index into `messages`, or into `refusals` as
    ``-1 - index``. `sent_at` is that of a batch, by the client's clock. `rules` are those that
    identifiers were looked for by.
    """

    source_id: int
    brand: str
    received_at: datetime
    sent_at: datetime | None = None
    messages: list[Message] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    fates: list[int] = field(default_factory=list)
    rules: IdentityRules | None = None

    @property
    def accepted(self) -> int:
        """How many items were taken in, whatever becomes of them."""
        return len(self.messages) + len(self.refusals)
