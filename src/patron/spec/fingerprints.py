"""What a type of fingerprints must say, and where it must stand."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from patron.errors import DefinitionError

if TYPE_CHECKING:
    from patron.spec.identifiers import IdentifierType


def check_fingerprint(kind: IdentifierType) -> None:
    """Refuse a type of fingerprints without consent, or without an end.

    Args:
        kind: A type; it need not be one of fingerprints.

    Raises:
        DefinitionError: What is missing.
    """
    if kind.consent is not None and not kind.consent.strip():
        raise DefinitionError(
            f"{kind.name}: expected the name of a category as consent.", field="types.consent"
        )
    if kind.stands_for != "fingerprint":
        return
    if kind.consent is None:
        raise DefinitionError(
            f"{kind.name}: fingerprints count only with consent; name the category of "
            "context.consent.categoryPreferences, as in consent: Advertising.",
            field="types.consent",
        )
    if kind.held_back_above is None:
        raise DefinitionError(
            f"{kind.name}: many devices may look alike; say with how many browsers or customers a "
            "fingerprint is no longer anybody's, as in held_back_above: 10.",
            field="types.held_back_above",
        )
    if kind.protected:
        raise DefinitionError(
            f"{kind.name}: a fingerprint cannot tell two people apart; leave out unique, or a "
            "limit of 1.",
            field="types.identifies",
        )


def check_order(kinds: tuple[IdentifierType, ...]) -> None:
    """Refuse fingerprints that are stronger than something else.

    Args:
        kinds: All types, strongest first.

    Raises:
        DefinitionError: The first that is.
    """
    for kind, weaker in itertools.pairwise(kinds):
        if kind.stands_for == "fingerprint" != weaker.stands_for:
            raise DefinitionError(
                f"{kind.name}: fingerprints are the weakest of all; declare {weaker.name} before "
                "it.",
                field="types",
            )
