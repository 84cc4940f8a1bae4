"""Of what party a value is: what its connector says, else the definition of the trait (S4.4)."""

from __future__ import annotations

from patron.pipeline.provenance import UNTOLD, Origin, origins
from patron.spec.enrichment import EnrichmentDefinition
from patron.spec.traits import TraitDefinition

PHONES = EnrichmentDefinition(name="phones", use="phone", traits={"phone_country": "country"})


def test_what_a_connector_gives_is_of_its_party_by_its_source() -> None:
    found = origins([], [PHONES])
    assert found.of("country", "enrichment phones") == Origin("first", "inferred")
    assert found.of("phone_region", "enrichment phones") == Origin("first", "inferred")


def test_what_others_say_of_the_same_trait_is_not_of_the_party_of_the_connector() -> None:
    assert origins([], [PHONES]).of("country", "till") == UNTOLD
    bought = TraitDefinition(name="country", provenance="third")
    found = origins([bought, TraitDefinition(name="age")], [PHONES])
    assert found.of("country", "till") == Origin("third", None)
    assert found.of("country", "enrichment phones") == Origin("first", "inferred")
    assert found.of("country", None) == Origin("third", None)
    assert found.of("age", "till") == UNTOLD


def test_one_whose_package_is_gone_says_nothing() -> None:
    gone = EnrichmentDefinition(name="gone", use="no-such-connector")
    assert origins([], [gone]).of("income", "enrichment gone") == UNTOLD
