"""Traits as definitions: what a trait is, and which of the values that sources told of it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Literal

import msgspec

from patron.errors import DefinitionError
from patron.spec.reading import read_definition
from patron.spec.spans import span

TraitType = Literal["any", "text", "number", "truth", "date", "list", "place"]
Rule = Literal["most_recent", "trusted", "most_frequent", "longest", "union", "first"]
Provenance = Literal["first", "second", "third"]
Basis = Literal["declared", "inferred"]

USUAL_TRUST = 100
"""The trust rank of sources that name none."""


class TraitDefinition(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """What is declared of a trait of customers.

    Attributes:
        trait: Its name as messages have it; that of the definition unless given.
        type: What its values are meant to be.
        survivorship: Which observation wins.
        trust_order: For ``trusted``: the sources that are trusted most about this trait, the first
            one most; all others come after them, by the trust rank of each.
        holds_for: How long an observation counts, such as ``180 days``; for ever unless given.
        provenance: Whether the company observed it itself (first party), a partner did (second),
            or it was bought (third).
        basis: Whether the customer said so, or somebody concluded it.
        personal: Whether it says who a person is, or something about a person to be guarded.
        description: For people.
    """

    kind: Literal["trait"] = "trait"
    name: str
    trait: str | None = None
    type: TraitType = "any"
    survivorship: Rule = "most_recent"
    trust_order: tuple[str, ...] = ()
    holds_for: str | None = None
    provenance: Provenance | None = None
    basis: Basis | None = None
    personal: bool = False
    description: str | None = None

    @property
    def called(self) -> str:
        """The name of the trait, as messages have it."""
        return self.trait or self.name


def read_trait(raw: object) -> TraitDefinition:
    """Read a definition of a trait.

    Raises:
        DefinitionError: A field is unknown, missing or wrong.

    >>> raw = {"kind": "trait", "name": "last-name", "trait": "lastName", "survivorship": "longest"}
    >>> read_trait({**raw, "type": "text"}).called
    'lastName'
    """
    found = read_definition(raw, TraitDefinition)
    if found.trait is not None and not found.trait.strip():
        raise DefinitionError("trait: expected the name of a trait.", field="trait")
    wanted = {"longest": "text", "union": "list"}.get(found.survivorship)
    if wanted is not None and found.type != wanted:
        raise DefinitionError(
            f"survivorship: {found.survivorship} is for traits with type: {wanted}.", field="type"
        )
    if found.trust_order and found.survivorship != "trusted":
        raise DefinitionError(
            "trust_order: it is for traits with survivorship: trusted.", field="survivorship"
        )
    if len(set(found.trust_order)) < len(found.trust_order):
        raise DefinitionError("trust_order: expected each source once.", field="trust_order")
    if found.holds_for is not None:
        try:
            span(found.holds_for)
        except ValueError as error:
            raise DefinitionError(f"holds_for: {error}.", field="holds_for") from None
    return found


class Survivorship(msgspec.Struct, frozen=True):
    """Which of a customer's observations of a trait holds, written out for the sources there are.

    Attributes:
        rule: How it is chosen.
        holds_for: How long an observation counts; None for ever.
        ranks: For ``trusted``: the sources whose trust rank is not `USUAL_TRUST`, with it; what a
            trait's own order names has ranks below all others.
        by_hand: The sources of what people set by hand, which wins over all else.
    """

    rule: Rule = "most_recent"
    holds_for: timedelta | None = None
    ranks: tuple[tuple[int, int], ...] = ()
    by_hand: tuple[int, ...] = ()

    @property
    def only_by_hand(self) -> bool:
        """Whether the latest observation holds of everybody of whom nothing was set by hand."""
        return self.rule == "most_recent" and self.holds_for is None

    @property
    def key(self) -> str:
        """Equal for equal ones only."""
        return f"{self.rule} {self.holds_for} {self.ranks} {self.by_hand}"


class Survivorships(msgspec.Struct, frozen=True):
    """How every trait is decided.

    Attributes:
        declared: By name of the trait; those that are decided as if nothing were declared are
            left out.
        others: How all others are decided; None where the latest observation wins and nothing is
            set by hand.
    """

    declared: Mapping[str, Survivorship] = {}
    others: Survivorship | None = None

    def of(self, trait: str) -> Survivorship | None:
        """How a trait is decided; None where its latest observation wins, whoever made it."""
        return self.declared.get(trait, self.others)


def survivorships(
    traits: Iterable[TraitDefinition],
    trust: Mapping[int, int],
    by_hand: Iterable[int],
    numbers: Mapping[str, int],
) -> Survivorships:
    """What definitions of traits come to.

    Args:
        traits: The definitions.
        trust: The trust rank of each source by its number.
        by_hand: The sources of what people set by hand.
        numbers: The number of each source by its name. One that is named and not there has said
            nothing yet, so it decides nothing.

    >>> age = TraitDefinition(name="age", survivorship="trusted", trust_order=("web",))
    >>> survivorships([age], {1: 100, 2: 5}, [], {"web": 1, "crm": 2}).of("age").ranks
    ((1, -1), (2, 5))
    """
    hands = tuple(sorted(by_hand))
    declared = {}
    for one in traits:
        length = None if one.holds_for is None else timedelta(microseconds=span(one.holds_for))
        if one.survivorship == "most_recent" and length is None:
            continue
        ranks = _ranks(one, trust, numbers) if one.survivorship == "trusted" else ()
        declared[one.called] = Survivorship(one.survivorship, length, ranks, hands)
    return Survivorships(declared, Survivorship(by_hand=hands) if hands else None)


def _ranks(
    trait: TraitDefinition, trust: Mapping[int, int], numbers: Mapping[str, int]
) -> tuple[tuple[int, int], ...]:
    first = -len(trait.trust_order)  # ranks of sources begin with 1
    own = {
        numbers[name]: first + place
        for place, name in enumerate(trait.trust_order)
        if name in numbers
    }
    return tuple(
        sorted((one, rank) for one, rank in {**trust, **own}.items() if rank != USUAL_TRUST)
    )
