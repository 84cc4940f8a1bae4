"""Identifiers: the values by which a customer is recognised, and the rules they obey."""

from __future__ import annotations

import re
from typing import Literal, Self

import msgspec

from patron.errors import DefinitionError, InputError

NormalForm = Literal["text", "lower", "email", "phone"]

MOST_TYPES = 60
"""How many identifier types one workspace may declare."""

TYPE_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
"""What the name of an identifier type looks like."""


class Identifier(msgspec.Struct, frozen=True, order=True):
    """One identifier value, such as ``email`` ``ann@example.com``.

    >>> str(Identifier("email", "ann@example.com"))
    'email:ann@example.com'
    """

    type: str
    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``type:value``; the value may hold further colons.

        Raises:
            InputError: There is no colon, or nothing on one side of it.

        >>> Identifier.parse("email:ann@example.com")
        Identifier(type='email', value='ann@example.com')
        """
        kind, _, value = text.partition(":")
        if not kind or not value:
            raise InputError(
                f"{text!r} is not an identifier: expected type:value, such as email:ann@example.com"
            )
        return cls(kind, value)

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

    def __post_init__(self) -> None:
        if not TYPE_NAME.fullmatch(self.name):
            raise DefinitionError(
                f"{self.name!r} cannot name an identifier type: use lower case letters, digits "
                "and underscores, starting with a letter, such as loyalty_card",
                field="types.name",
            )


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
        "guest", "test", "test@test.com", "test@example.com",
        "00000000-0000-0000-0000-000000000000",
    )  # fmt: skip

    def __post_init__(self) -> None:
        names = [kind.name for kind in self.types]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise DefinitionError(
                f"Identifier type {twice[0]!r} is declared twice", field="types.name"
            )
        if not 1 <= len(names) <= MOST_TYPES:
            raise DefinitionError(f"Declare 1 to {MOST_TYPES} identifier types", field="types")

    def rank(self, name: str) -> int | None:
        """The place of a type in the order of priority, 0 the strongest; None when undeclared.

        >>> DEFAULT_RULES.rank("user_id"), DEFAULT_RULES.rank("shoe_size")
        (0, None)
        """
        return next((rank for rank, kind in enumerate(self.types) if kind.name == name), None)


DEFAULT_RULES = IdentityRules(
    types=(
        IdentifierType(name="user_id", unique=True, fields=("userId",)),
        IdentifierType(
            name="loyalty_card",
            fields=(
                "traits.loyalty_card",
                "properties.loyalty_card",
                "context.traits.loyalty_card",
            ),
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
        IdentifierType(name="device_id", normal_form="lower", fields=("context.device.id",)),
        IdentifierType(
            name="advertising_id", normal_form="lower", fields=("context.device.advertisingId",)
        ),
    )
)
"""What holds until a workspace declares its own: one user id a profile, all else freely."""
