"""What a person is called, by the traits that tell names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from patron.identity.normal.fields import NAME_TRAITS, field_of


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
