"""Enrichments: connectors that add traits to customers, third-party or inferred ones (S1.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec

from patron.errors import DefinitionError
from patron.spec.reading import read_definition
from patron.spec.spans import span
from patron.spec.traits import Basis, Provenance

ENTRY_POINTS = "patron.enrichments"
"""Installed packages name their connectors in this group of entry points."""

LEAST_TRUST = 1_000
"""The trust rank of enrichments that name none: what anybody says of themselves goes before."""


class Reads(msgspec.Struct, frozen=True):
    """What a connector is given.

    Attributes:
        kind: ``identifiers``: each identifier of a type, once, in normal form. ``traits``: what
            messages tell of some traits. ``context``: fields of the context of messages.
        names: The type; the names of the traits; or paths such as ``userAgent``.
    """

    kind: Literal["identifiers", "traits", "context"]
    names: tuple[str, ...]


class Connector(Protocol):
    """Derives traits from what is known, many customers at a time.

    What it answers must follow from what it is given alone: the same input is asked again after a
    crash, and when the log is read anew.
    """

    @property
    def version(self) -> int:
        """Another one makes it look at everything again."""
        ...

    @property
    def reads(self) -> Reads:
        """What it is given."""
        ...

    @property
    def gives(self) -> tuple[str, ...]:
        """The names of the traits that it answers with."""
        ...

    @property
    def provenance(self) -> Provenance:
        """Whether the company found it out itself, a partner did (second), or it was bought."""
        ...

    @property
    def basis(self) -> Basis:
        """Whether the customer said so, or somebody concluded it."""
        ...

    def derive(self, inputs: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """The traits that follow from each input.

        Args:
            inputs: Values by name; names that a message does not have are left out, and a trait
                that was cleared is None.

        Returns:
            As many as there are inputs: JSON values by name of the trait. What is left out or None
            is not known.
        """
        ...


class EnrichmentDefinition(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """An enrichment as files write it.

    Attributes:
        use: The connector.
        every: How often a running server runs it, such as ``1 hour``; by hand alone unless given.
        traits: What its traits are to be called here, by their names there.
        trust: The trust rank of what it says.
        description: For people.
    """

    kind: Literal["enrichment"] = "enrichment"
    name: str
    use: str
    every: str | None = None
    traits: dict[str, str] = {}
    trust: int = LEAST_TRUST
    description: str | None = None

    @property
    def source(self) -> str:
        """The name of the internal source of what it says."""
        return f"enrichment {self.name}"


def read_enrichment(raw: object) -> EnrichmentDefinition:
    """Read a definition of an enrichment.

    Raises:
        DefinitionError: A field is unknown, missing or wrong.
    """
    found = read_definition(raw, EnrichmentDefinition)
    if found.every is not None:
        try:
            span(found.every)
        except ValueError as error:
            raise DefinitionError(f"every: {error}.", field="every") from None
    return found
