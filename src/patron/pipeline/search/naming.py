"""What a person is called, by the traits that tell names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from patron.identity.normal.fields import NAME_TRAITS, field_of
from patron.profiles import KnownIdentifier
from patron.spec.identifiers import IdentityRules


def name_of(traits: Mapping[str, Any]) -> str | None:
    """The name to show, as it was told; None when no trait tells one.

    Args:
        traits: Values by the name of the trait, whatever language the traits are called in.

    >>> name_of({"firstName": "Ann", "last_name": "Lee"}), name_of({"naam": "Jan de Vries"})
    ('Ann Lee', 'Jan de Vries')
    >>> name_of({"city": "Utrecht"}) is None
    True
    """
    told: dict[str, str] = {}
    for trait, value in traits.items():
        field = field_of(trait)
        if field in NAME_TRAITS and isinstance(value, str) and value.strip():
            told.setdefault(field, value.strip())
    both = [told[field] for field in ("given_name", "family_name") if field in told]
    return told.get("full_name") or " ".join(both) or None


def most_telling_first(
    identifiers: Iterable[KnownIdentifier], rules: IdentityRules
) -> list[KnownIdentifier]:
    """Identifiers of a customer: those of the types that the rules trust most come first."""
    strength = {kind.name: rank for rank, kind in enumerate(rules.types)}
    return sorted(identifiers, key=lambda one: strength.get(one.type, len(strength)))


def text_of(identifier: KnownIdentifier) -> str:
    """An identifier as it is asked for, such as ``email:ann@example.com``."""
    return f"{identifier.type}:{identifier.value}"
