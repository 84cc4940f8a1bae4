"""Of what party a value is, and whether the customer said it or somebody concluded it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as of_fields
from typing import NamedTuple

from patron.errors import PatronError
from patron.pipeline.enrichment.connectors import connector
from patron.spec.enrichment import EnrichmentDefinition
from patron.spec.traits import Basis, Provenance, TraitDefinition


class Origin(NamedTuple):
    """Where a value comes from; None where nothing is declared.

    Attributes:
        provenance: First, second or third party.
        basis: Declared by the customer, or inferred.
    """

    provenance: Provenance | None = None
    basis: Basis | None = None


UNTOLD = Origin()
"""Nothing is declared."""

COMPUTED = Origin(None, "inferred")
"""What Patron itself concludes from all that it knows, of whichever party that is."""


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins of values.

    Who said a value decides: what an enrichment says is of its connector's party, whichever trait
    it is about, and of what all others say, the definition of the trait knows.

    Attributes:
        traits: What definitions say, by the name that messages have.
        enrichments: What connectors say, by the source of their enrichment.
    """

    traits: Mapping[str, Origin] = of_fields(default_factory=dict)
    enrichments: Mapping[str, Origin] = of_fields(default_factory=dict)

    def of(self, trait: str, source: str | None) -> Origin:
        """The origin of a value.

        Args:
            trait: Its name, as messages have it.
            source: Who said it; None where several or nobody did.
        """
        given = None if source is None else self.enrichments.get(source)
        return given or self.traits.get(trait, UNTOLD)


def origins(
    traits: Iterable[TraitDefinition], enrichments: Iterable[EnrichmentDefinition]
) -> Origins:
    """What is known of where values come from.

    Args:
        traits: What is declared of traits.
        enrichments: What adds traits of its own.

    >>> vip = TraitDefinition(name="vip", basis="inferred")
    >>> phones = EnrichmentDefinition(name="phones", use="phone", traits={"phone_country": "vip"})
    >>> known = origins([vip, TraitDefinition(name="age")], [phones])
    >>> known.of("vip", "till")
    Origin(provenance=None, basis='inferred')
    >>> known.of("vip", "enrichment phones")
    Origin(provenance='first', basis='inferred')
    """
    connected = {}
    for definition in enrichments:
        try:
            using = connector(definition)
        except PatronError:
            continue  # Its package is gone; the customers' profiles are not.
        connected[definition.source] = Origin(using.provenance, using.basis)
    return Origins({one.called: Origin(one.provenance, one.basis) for one in traits}, connected)
