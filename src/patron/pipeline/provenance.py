"""Of what party a trait is, and whether the customer said it or somebody concluded it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from patron.errors import PatronError
from patron.pipeline.enrichment.connectors import connector
from patron.spec.enrichment import EnrichmentDefinition
from patron.spec.traits import Basis, Provenance, TraitDefinition


class Origin(NamedTuple):
    """Where a trait comes from; None where nothing is declared.

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


def origins(
    traits: Iterable[TraitDefinition], enrichments: Iterable[EnrichmentDefinition]
) -> dict[str, Origin]:
    """The origin of each trait of which one is known, by the name that messages have.

    What the definition of a trait leaves open, the connector of an enrichment that gives it says.

    Args:
        traits: What is declared of traits.
        enrichments: What adds traits of its own.

    >>> vip = TraitDefinition(name="vip", basis="inferred")
    >>> origins([vip, TraitDefinition(name="age")], [])
    {'vip': Origin(provenance=None, basis='inferred')}
    """
    found: dict[str, Origin] = {}
    for definition in enrichments:
        try:
            using = connector(definition)
        except PatronError:
            continue  # Its package is gone; the customers' profiles are not.
        for name in using.gives:
            found[definition.traits.get(name, name)] = Origin(using.provenance, using.basis)
    for one in traits:
        given = found.get(one.called, UNTOLD)
        told = Origin(one.provenance or given.provenance, one.basis or given.basis)
        if told != UNTOLD:
            found[one.called] = told
    return found
