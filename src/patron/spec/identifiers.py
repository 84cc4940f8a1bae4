"""Identifiers: the values by which a customer is recognised, and the rules they obey."""

from __future__ import annotations

from typing import Literal

import msgspec

NormalForm = Literal["text", "lower", "email", "phone"]


class Identifier(msgspec.Struct, frozen=True, order=True):
    """One identifier value, such as ``email`` ``ann@example.com``."""

    type: str
    value: str

    def __str__(self) -> str:
        return f"{self.type}:{self.value}"


class IdentifierType(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one type of identifier is like.

    Attributes:
        name: Such as ``user_id``, ``email``, ``loyalty_card``.
        unique: A profile holds at most one value of it. Two values never share a profile.
        normal_form: How a raw value becomes comparable.
        fields: Where messages carry it, as dotted paths from the message's root, such as
            ``userId``, ``context.device.id`` or ``traits.email``.
    """

    name: str
    unique: bool = False
    normal_form: NormalForm = "text"
    fields: tuple[str, ...] = ()


class IdentityRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The rules of identity: the types in order of priority, strongest first.

    Attributes:
        types: Strongest first. A message is filed under its strongest identifier.
        default_region: ISO country that national phone numbers are read in.
        blocked: Values (compared in lower case) that identify nobody, for every type.
    """

    types: tuple[IdentifierType, ...]
    default_region: str | None = None
    blocked: tuple[str, ...] = (
        "", "0", "-1", "null", "none", "nil", "undefined", "nan", "n/a", "unknown", "anonymous",
        "guest", "test", "test@test.com", "test@example.com", "00000000-0000-0000-0000-000000000000",
    )  # fmt: skip


DEFAULT_RULES = IdentityRules(
    types=(
        IdentifierType(name="user_id", unique=True, fields=("userId",)),
        IdentifierType(
            name="loyalty_card",
            fields=("traits.loyalty_card", "properties.loyalty_card", "context.traits.loyalty_card"),
        ),
        IdentifierType(
            name="email",
            normal_form="email",
            fields=("traits.email", "context.traits.email", "properties.email"),
        ),
        IdentifierType(
            name="phone",
            normal_form="phone",
            fields=("traits.phone", "context.traits.phone", "properties.phone"),
        ),
        IdentifierType(name="anonymous_id", fields=("anonymousId", "previousId")),
        IdentifierType(
            name="device_id", normal_form="lower", fields=("context.device.id",)
        ),
        IdentifierType(
            name="advertising_id", normal_form="lower", fields=("context.device.advertisingId",)
        ),
    )
)
"""What holds until a workspace declares its own: one user id per profile, all else shared freely."""
