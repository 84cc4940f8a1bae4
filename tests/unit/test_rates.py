"""Exchange rates as definitions."""

from __future__ import annotations

from typing import Any

import pytest

from patron.errors import DefinitionError
from patron.spec.rates import MAX_RATES, read_rates


def rate(**other: Any) -> dict[str, Any]:
    return {"currency": "USD", "from": "2026-01-01", "rate": 0.85, **other}


def test_rates_are_sorted_and_exact() -> None:
    body = {"rates": [rate(**{"from": "2026-07-01", "rate": "0.0000000001"}), rate()]}
    found = read_rates("eur", body)
    assert [(one.since.month, str(one.rate)) for one in found] == [(1, "0.85"), (7, "1E-10")]


@pytest.mark.parametrize(
    ("name", "wrong", "field"),
    [
        ("euro", {}, "name"),
        ("EUR", {}, "name"),
        ("eur", {"currency": "EUR"}, "rates[0].currency"),
        ("eur", {"currency": "usd"}, "rates[0].currency"),
        ("eur", {"from": "2026-02-30"}, "rates[0].from"),
        ("eur", {"from": "2026-01-01T10:00:00Z"}, "rates[0].from"),
        ("eur", {"rate": 0}, "rates[0].rate"),
        ("eur", {"rate": -1}, "rates[0].rate"),
        ("eur", {"rate": "much"}, "rates[0].rate"),
        ("eur", {"rate": "0.00000000001"}, "rates[0].rate"),
        ("eur", {"rate": 100_000_000}, "rates[0].rate"),
        ("eur", {"rate": "NaN"}, "rates[0].rate"),
        ("eur", {"rates": 1}, "rates[0].rates"),
    ],
)
def test_what_makes_no_sense_is_refused(name: str, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(DefinitionError) as raised:
        read_rates(name, {"rates": [rate(**wrong)]})
    assert raised.value.field == field


def test_two_rates_of_one_day_and_too_many_are_refused() -> None:
    with pytest.raises(DefinitionError, match="USD has two rates from 2026-01-01"):
        read_rates("eur", {"rates": [rate(), rate(rate=2)]})
    with pytest.raises(DefinitionError, match="at most"):
        read_rates("eur", {"rates": [rate()] * (MAX_RATES + 1)})
