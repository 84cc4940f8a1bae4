"""Scores by thresholds: what they say of amounts is said of amounts alone (S4.10)."""

from __future__ import annotations

from typing import Any

import pytest

from patron.errors import DefinitionError
from patron.pipeline.classification_definitions import expressions_of, read_classification
from patron.pipeline.computed_definitions import check_computed
from patron.segments.catalogue import Catalogue
from patron.spec.rates import read_rates

THRESHOLDS: dict[str, Any] = {
    "recency": ["1d", "7d", "30d", "90d"],
    "frequency": [10, 5, 3, 2],
    "monetary": [500, 100, 50, 20],
}


def test_sums_are_converted_and_orders_of_all_currencies_counted() -> None:
    """A count is no amount: to convert one is refused."""
    of = 'revenue of "Order Completed" converted to EUR'
    body = {"of": of, "thresholds": THRESHOLDS}
    made = read_classification("rfm", "rfm", body, version=1, origin="file")
    rates = read_rates("eur", {"rates": [{"currency": "USD", "from": "2026-01-01", "rate": 0.85}]})
    known = Catalogue(computed=expressions_of([made]), rates={"EUR": rates})
    for name in known.computed:
        assert check_computed(name, known, allow_unknown=True) is not None


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("lifecycle", {"of": 'orders where state != "cancelled"'}, "events by their name"),
        ("loyalty", {"tiers": []}, "one or more"),
        ("loyalty", {"tiers": [{"tier": "a", "at_least": "5"}]}, "Expected a number"),
        ("loyalty", {"tiers": [{"tier": "a", "at_least": 1}, {"tier": "b", "at_least": 5}]},
         "the highest first"),
        ("loyalty", {"tiers": [{"tier": "a"}, {"tier": "b"}]}, "the highest first"),
        ("rfm", {"groups": []}, "Groups are named"),
    ],
)  # fmt: skip
def test_what_cannot_sort_is_refused(kind: str, body: dict[str, Any], said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        read_classification(kind, "x", body, version=1, origin="file")
