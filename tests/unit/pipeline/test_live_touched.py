"""The tables are asked only about those for whom the answer can be another one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from patron.pipeline.live.asker import Asker
from unit.pipeline.shop import DAY, START, Shop

RULES = {
    "spenders": "net revenue(in EUR) >= 50",
    "lately": "net revenue(in EUR in the last 30 days) >= 50",
    "cancelling": "cancelled orders() >= 1",
    "others": "net revenue(in EUR) < 50",
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[set[int]]:
    """About whom the tables are asked, time after time."""
    found: list[set[int]] = []
    ask = Asker._ask_tables

    def noted(self: Asker, rules: Any, ids: Any, at: Any, numbers: Any, where: Any) -> Any:
        found.append(set(np.asarray(ids)[where].tolist()))
        return ask(self, rules, ids, at, numbers, where)

    monkeypatch.setattr(Asker, "_ask_tables", noted)
    return found


@pytest.fixture
def shop(tmp_path: Path) -> Any:
    made = Shop(tmp_path / "data")
    for number, user in enumerate(("ann", "bob", "eve")):
        order(made, user, number, at=START - (30 - number) * DAY + timedelta(hours=1))
    for name, rule in RULES.items():
        made.segment(name, rule)
    made.workspace.advance()
    yield made
    made.workspace.close()


def order(shop: Shop, user: str, number: int, *, revenue: int = 60, **more: Any) -> None:
    """Of which something was paid back, though nothing at all: memory does not tell its worth."""
    said = {"order_id": f"o{number}", "revenue": revenue, "currency": "EUR"}
    shop.track("Order Completed", user, properties=said, **more)
    nothing = {"order_id": f"o{number}", "total": 0, "currency": "EUR"}
    shop.track("Order Refunded", user, properties=nothing, **more)


def members(shop: Shop, name: str) -> set[int]:
    live = shop.workspace.live_members(name)
    assert live is not None
    found = [one["profile_id"] for one in shop.workspace.members(name)["data"]]
    assert live.ids().tolist() == found
    return set(found)


def test_who_only_looks_around_is_as_before_and_nobody_asks(
    shop: Shop, asked: list[set[int]]
) -> None:
    asked.clear()
    for user in ("ann", "bob", "eve", "a newcomer"):
        shop.track("Product Viewed", user)
    shop.workspace.advance()
    assert asked == []
    assert (members(shop, "spenders"), members(shop, "others")) == ({1, 2, 3}, {4})


def test_whoever_orders_joins_or_comes_due_is_asked_about_and_no_other(
    shop: Shop, asked: list[set[int]]
) -> None:
    asked.clear()
    shop.track("Order Cancelled", "bob", properties={"order_id": "o1"})
    for user in ("ann", "eve"):
        shop.track("Product Viewed", user)
    shop.workspace.advance()
    assert asked == [{2}]
    assert (members(shop, "spenders"), members(shop, "cancelling")) == ({1, 3}, {2})

    asked.clear()
    shop.clock.advance(timedelta(hours=1, microseconds=1))  # ann's order leaves its window
    shop.track("Product Viewed", "eve")
    shop.workspace.advance()
    assert set().union(*asked) == {1}
    assert (members(shop, "lately"), members(shop, "spenders")) == ({3}, {1, 3})

    order(shop, "dan", 8, revenue=30)
    said = {"order_id": "o9", "revenue": 25, "currency": "EUR"}
    shop.send("track", event="Order Completed", anonymousId="box", properties=said)
    asked.clear()
    shop.workspace.advance()
    assert set().union(*asked) == {4}  # an order that nothing became of is worth what it says
    assert members(shop, "others") == {2, 4, 5}
    asked.clear()
    shop.send("identify", userId="dan", anonymousId="box")
    shop.track("Product Viewed", "eve")
    shop.workspace.advance()
    assert set().union(*asked) == {4}
    assert (members(shop, "others"), members(shop, "spenders")) == ({2}, {1, 3, 4})
