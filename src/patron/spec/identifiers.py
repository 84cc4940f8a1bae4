"""Identifiers: the values by which a customer is recognised, and the rules they obey."""

from __future__ import annotations

import re
from typing import Any, Literal, Self

import msgspec

from patron.errors import DefinitionError, InputError, told
from patron.spec.email_providers import STANDARD, EmailProvider
from patron.spec.fingerprints import check_fingerprint, check_order
from patron.spec.spans import span

NormalForm = Literal["text", "lower", "email", "phone", "device", "card"]
CheckDigit = Literal["luhn", "ean13"]
Identified = Literal["person", "device", "household", "fingerprint"]
Scope = Literal["shared", "brand"]

MOST_TYPES = 60
"""How many identifier types one workspace may declare."""

MOST_PEOPLE = 10_000
"""The largest `held_back_above`."""

DEVICES = frozenset({"anonymous_id", "device_id", "advertising_id"})
"""Types that identify devices unless their definition says otherwise."""

FINGERPRINTS = frozenset({"fingerprint"})
"""Types that are fingerprints of devices unless their definition says otherwise."""

MOST_REPEATS = 500
"""The largest `blocked_repeats`."""

REGION = re.compile("[A-Z]{2}")
"""What a country looks like: a code of ISO 3166."""

AT_BRAND = "@"
"""Stands between a type and the brand that it is of, as in ``customer_number@alpha``."""

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
                f"{text!r} is not an identifier: "
                "expected type:value, such as email:ann@example.com",
                told=told("no_identifier", text=text),
            )
        return cls(kind, value)

    def __str__(self) -> str:
        return f"{self.type}:{self.value}"


class IdentifierType(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one type of identifier is like.

    Attributes:
        name: Such as ``user_id``, ``email``, ``loyalty_card``.
        scope: Whether a value means the same at all brands (``shared``), or each brand has values
            of its own (``brand``): then the type is one for each brand (see `spec.scopes`), and
            all that is said here holds for each of them alone.
        unique: A profile holds at most one value of it. Two values never share a profile.
        limit: A profile holds at most so many values of it. Where more come together the stronger,
            then the earlier links are kept. `unique` is a limit of 1.
        limit_window: The limit is for values that were first seen within such a length of time,
            as in ``30 days``; None: for all values.
        identifies: What a value stands for. A ``person`` or a ``household`` counts for
            `held_back_above` of other types, a ``device`` does not. A value of a ``household``
            that came with two values of a unique type belongs to none of them. A ``fingerprint``
            is what a device looks like: many may look alike, so it never joins two people. None: a
            device for anonymous_id, device_id and advertising_id, a fingerprint for fingerprint, a
            person for all others.
        held_back_above: A value that is linked with more values of any one other type that
            identifies people joins nobody; None: it always may. Of a fingerprint devices count,
            too.
        consent: The category of ``context.consent.categoryPreferences`` that a message must say
            yes to, or its values of this type count for nothing; None: they always count.
        normal_form: How a raw value becomes comparable.
        fields: Where messages carry it, as dotted paths from the message's root, such as
            ``userId``, ``context.device.id`` or ``traits.email``.
        check_digit: How the last digit follows from the others; values where it does not are
            refused. Of cards only.
        blocked: Values of this type that identify nobody, such as a call centre's own number:
            as people write them, since their normal forms are compared too.
        blocked_patterns: The same for many: ``*`` stands for any characters, as in ``noreply@*``.
            Without case, and of the whole normal form.
        blocked_repeats: Values of one letter or digit only are refused from this length on; those
            of zeros alone, or without any letter or digit, at any length. Of phone numbers the
            part behind the country counts.
    """

    name: str
    scope: Scope = "shared"
    unique: bool = False
    limit: int | None = None
    limit_window: str | None = None
    identifies: Identified | None = None
    held_back_above: int | None = None
    consent: str | None = None
    normal_form: NormalForm = "text"
    fields: tuple[str, ...] = ()
    check_digit: CheckDigit | None = None
    blocked: tuple[str, ...] = ()
    blocked_patterns: tuple[str, ...] = ()
    blocked_repeats: int | None = None

    def __post_init__(self) -> None:
        _check_limits(self)
        check_fingerprint(self)
        if self.check_digit is not None and self.normal_form != "card":
            raise DefinitionError(
                f"{self.name}: a check digit needs normal_form: card.", field="types.check_digit"
            )
        if self.blocked_repeats is not None and not 2 <= self.blocked_repeats <= MOST_REPEATS:
            raise DefinitionError(
                f"{self.name}: expected 2 to {MOST_REPEATS} as blocked_repeats.",
                field="types.blocked_repeats",
            )
        if any(not pattern.strip("*") for pattern in self.blocked_patterns):
            raise DefinitionError(
                f"{self.name}: a pattern of * alone would refuse every value.",
                field="types.blocked_patterns",
            )
        if not TYPE_NAME.fullmatch(self.base if self.scope == "brand" else self.name):
            raise DefinitionError(
                f"{self.name!r} cannot name an identifier type: use lower case letters, digits "
                "and underscores, starting with a letter, such as loyalty_card",
                field="types.name",
            )

    @property
    def base(self) -> str:
        """The name as it is declared, without the brand.

        >>> IdentifierType(name="customer_number@alpha", scope="brand").base
        'customer_number'
        """
        return self.name.partition(AT_BRAND)[0]

    @property
    def protected(self) -> bool:
        """Whether two values of it never share a profile.

        >>> IdentifierType(name="card", limit=1).protected
        True
        """
        return self.unique or (self.limit == 1 and self.limit_window is None)

    @property
    def stands_for(self) -> Identified:
        """What a value identifies.

        >>> IdentifierType(name="device_id").stands_for, IdentifierType(name="card").stands_for
        ('device', 'person')
        """
        by_name: Identified = "fingerprint" if self.base in FINGERPRINTS else "person"
        return self.identifies or ("device" if self.base in DEVICES else by_name)

    @property
    def tells_people(self) -> bool:
        """Whether a value is of one or several people, and not of what they hold in their hands.

        >>> IdentifierType(name="card").tells_people, IdentifierType(name="device_id").tells_people
        (True, False)
        """
        return self.stands_for in {"person", "household"}


def _check_limits(kind: IdentifierType) -> None:
    """Refuse limits that mean nothing.

    Raises:
        DefinitionError: The first that is wrong.
    """
    if kind.limit is not None and kind.limit < 1:
        raise DefinitionError(f"{kind.name}: expected 1 or more as limit.", field="types.limit")
    if kind.unique and (kind.limit or kind.limit_window):
        raise DefinitionError(
            f"{kind.name}: unique is a limit of 1 already; leave out the limit.",
            field="types.limit",
        )
    if kind.limit_window is not None:
        if kind.limit is None:
            raise DefinitionError(
                f"{kind.name}: limit_window needs a limit.", field="types.limit_window"
            )
        try:
            span(kind.limit_window)
        except ValueError as error:
            raise DefinitionError(f"{kind.name}: {error}.", field="types.limit_window") from None
    if kind.identifies == "household" and kind.protected:
        raise DefinitionError(
            f"{kind.name}: a household's value belongs to several people, so it cannot tell two "
            "people apart; leave out unique, or a limit of 1.",
            field="types.identifies",
        )
    if kind.held_back_above is not None and not 1 <= kind.held_back_above <= MOST_PEOPLE:
        raise DefinitionError(
            f"{kind.name}: expected 1 to {MOST_PEOPLE} as held_back_above.",
            field="types.held_back_above",
        )


class IdentityRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The rules of identity: the types in order of priority, strongest first.

    Attributes:
        types: Strongest first. A message is filed under its strongest identifier.
        default_region: ISO country that national phone numbers are read in.
        blocked: Values (compared in lower case) that identify nobody, for every type.
        region_fields: Where messages say which country they come from, as dotted paths to a
            country (code or name) or a locale such as ``de-AT``; the first that names one is
            where a national phone number of that message is read.
        brand_regions: Per brand the ISO country of national phone numbers where the message
            names none; brands not named take `default_region`.
        email_providers: Whose rules decide which addresses are one mailbox: a list, or
            ``standard`` for what is known of large providers. Of others every spelling counts.
    """

    types: tuple[IdentifierType, ...]
    default_region: str | None = None
    region_fields: tuple[str, ...] = ()
    brand_regions: dict[str, str] = {}
    email_providers: Literal["standard"] | tuple[EmailProvider, ...] = ()
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
        check_order(self.types)
        if not 1 <= len(names) <= MOST_TYPES:
            raise DefinitionError(f"Declare 1 to {MOST_TYPES} identifier types", field="types")
        if not any(kind.protected for kind in self.types):
            for kind in self.types:
                if kind.identifies == "household":
                    raise DefinitionError(
                        f"{kind.name}: a household is told by two values of a type that is "
                        "unique; declare one.",
                        field="types.identifies",
                    )
        for brand, region in self.brand_regions.items():
            if not REGION.fullmatch(region):
                raise DefinitionError(
                    f"brand_regions: expected a country such as DE for {brand}, got {region!r}.",
                    field=f"brand_regions.{brand}",
                )

    @property
    def providers(self) -> tuple[EmailProvider, ...]:
        """The providers of e-mail whose rules hold.

        >>> IdentityRules(types=DEFAULT_RULES.types).providers
        ()
        """
        return STANDARD if self.email_providers == "standard" else self.email_providers

    def rank(self, name: str) -> int | None:
        """The place of a type in the order of priority, 0 the strongest; None when undeclared.

        >>> DEFAULT_RULES.rank("user_id"), DEFAULT_RULES.rank("shoe_size")
        (0, None)
        """
        return next((rank for rank, kind in enumerate(self.types) if kind.name == name), None)


FIRST_RULES = IdentityRules(
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
"""What holds in workspaces that were filled before there were other defaults."""

_CLEANER: dict[str, dict[str, Any]] = {
    "user_id": {"blocked_repeats": 9},
    "loyalty_card": {"normal_form": "card", "blocked_repeats": 6},
    "email": {"blocked_patterns": ("noreply@*", "no-reply@*", "donotreply@*", "*@test.com")},
    "phone": {"blocked_repeats": 6},
    "anonymous_id": {"blocked_repeats": 9},
    "device_id": {"normal_form": "device", "blocked_repeats": 9},
    "advertising_id": {"normal_form": "device", "blocked_repeats": 9},
}

SECOND_RULES = IdentityRules(
    types=tuple(
        msgspec.structs.replace(kind, **_CLEANER.get(kind.name, {})) for kind in FIRST_RULES.types
    ),
    region_fields=(
        "context.location.country",
        "traits.address.country",
        "context.traits.address.country",
        "context.locale",
    ),
    email_providers="standard",
)
"""The first default rules with cleaner values."""

_MOST_PEOPLE = {"user_id": 20, "loyalty_card": 20}
_MOST_PEOPLE_ELSEWHERE = 10

DEFAULT_RULES = msgspec.structs.replace(
    SECOND_RULES,
    types=tuple(
        msgspec.structs.replace(
            kind, held_back_above=_MOST_PEOPLE.get(kind.name, _MOST_PEOPLE_ELSEWHERE)
        )
        for kind in SECOND_RULES.types
    ),
)
"""What holds until a workspace declares its own: one user id a profile, all else freely, and what
comes with more people than a family has joins nobody."""

DEFAULTS = {1: FIRST_RULES, 2: SECOND_RULES, 3: DEFAULT_RULES}
"""The default rules by edition. A workspace keeps those that it was first filled under, for others
would give stored identifiers other normal forms, or join others."""
