"""Of what party a trait is, and who says so: its definition, else the connector that gives it."""

from __future__ import annotations

from patron.pipeline.provenance import Origin, origins
from patron.spec.enrichment import EnrichmentDefinition
from patron.spec.traits import TraitDefinition

PHONES = EnrichmentDefinition(name="phones", use="phone", traits={"phone_country": "country"})


def test_what_a_connector_gives_is_of_its_party_by_the_name_it_has_here() -> None:
    found = origins([], [PHONES])
    assert found["country"] == Origin("first", "inferred")
    assert set(found) == {"country", "phone_region", "phone_time_zone"}


def test_what_a_trait_declares_goes_before_what_its_connector_says() -> None:
    bought = TraitDefinition(name="country", provenance="third")
    said = TraitDefinition(name="phone_region", basis="declared")
    found = origins([bought, said, TraitDefinition(name="age")], [PHONES])
    assert found["country"] == Origin("third", "inferred")
    assert found["phone_region"] == Origin("first", "declared")
    assert "age" not in found


def test_one_whose_package_is_gone_says_nothing() -> None:
    assert origins([], [EnrichmentDefinition(name="gone", use="no-such-connector")]) == {}
