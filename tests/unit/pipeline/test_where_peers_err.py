"""Where peers are known to err, each way of asking gives one and the right answer (issue 3, 3).

Live membership, the query over all customers, verification and explanations are asked alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from patron.segments import query
from patron.segments.explain import explain
from unit.pipeline.shop import DAY, START, Shop

MICRO = timedelta(microseconds=1)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    yield opened
    opened.workspace.close()


def members(shop: Shop, name: str) -> list[str]:
    """Who is in a segment, by user id, once every way of asking has said the same."""
    workspace = shop.workspace
    workspace.advance()
    live = workspace.live_members(name)
    assert live is not None
    ids = live.ids().tolist()
    verified = workspace.memberships.verify(share=0, shares=1)
    assert verified["customers"] > 0
    assert verified["differences"] == []
    with workspace.reading() as reading:
        sql = "select profile_id, value from current_identifiers where type = 'user_id'"
        called = dict(reading.cursor.execute(sql).all())
        asked = workspace.book.segments[name].rule
        cursor, as_of, catalogue = reading.cursor, reading.as_of, workspace.book.catalogue
        found = query.members(cursor, asked, as_of=as_of, catalogue=catalogue)
        assert found == ids
        for one in called:
            told = explain(cursor, asked, one, as_of=as_of, catalogue=catalogue)
            assert told.member == (one in ids)
    return sorted(called[one] for one in ids)


@pytest.mark.parametrize("special", [".", "+", "*", "?", "%", "_", "[", "\\", "(", "^", "$", "|"])
def test_peers_err_contains_with_special_characters(shop: Shop, special: str) -> None:
    """Peers hand the text to a pattern matcher: a + in an address then matches something else."""
    shop.send("identify", userId="ann", traits={"note": f"xx{special}yy"})
    shop.send("identify", userId="bob", traits={"note": "xxyy"})
    shop.send("identify", userId="cleo", traits={"note": "xxzyy"})
    for op, who in (
        ("contains", ["ann"]),
        ("does not contain", ["bob", "cleo"]),
    ):
        rule = {"trait": "note", "op": op, "value": f"x{special}y"}
        shop.workspace.put_segment("noted", {"rule": rule})
        assert members(shop, "noted") == who


def test_peers_err_negation_on_missing_values(shop: Shop) -> None:
    """Peers drop customers without a value from "is not", or keep them only where it is stored."""
    shop.send("identify", userId="ann", traits={"city": "Utrecht"})
    shop.send("identify", userId="bob", traits={"city": "Bangkok"})
    shop.send("identify", userId="cleo", traits={"age": 30})
    shop.send("identify", userId="dan", traits={"city": None})
    for rule in (
        'city != "Utrecht"',
        'city not in ("Utrecht")',
        'city does not contain "Utr"',
        'city does not match "^Utr"',
        'not city = "Utrecht"',
    ):
        shop.segment("away", rule)
        assert members(shop, "away") == ["bob", "cleo", "dan"], rule
    shop.segment("away", 'city exists and city != "Utrecht"')
    assert members(shop, "away") == ["bob"]
    shop.send("identify", userId="cleo", traits={"city": "Utrecht"})
    shop.segment("away", 'city != "Utrecht"')
    assert members(shop, "away") == ["bob", "dan"]


@pytest.mark.parametrize("days", [1, 7, 30])
def test_peers_err_windows_of_n_days_that_are_n_calendar_days(shop: Shop, days: int) -> None:
    """Peers cut to whole days, or count n + 1 of them; here it is n times 24 hours, to the tick."""
    shop.segment("lately", f'did "Seen" in the last {days} days')
    shop.track("Seen", "ann", at=START - days * DAY)
    shop.track("Seen", "bob", at=START - days * DAY + MICRO)
    shop.track("Seen", "cleo", at=START)
    assert members(shop, "lately") == ["bob", "cleo"]
    shop.clock.advance(MICRO)
    assert members(shop, "lately") == ["cleo"]
    shop.clock.advance(days * DAY - 2 * MICRO)
    assert members(shop, "lately") == ["cleo"]
    shop.clock.advance(MICRO)
    assert members(shop, "lately") == []


@pytest.mark.parametrize("compacted", [False, True])
def test_peers_err_counters_after_a_merge(shop: Shop, compacted: bool) -> None:
    """Peers keep one of two counters, or both side by side; none adds them up."""
    shop.segment("five", 'count("Order Completed") = 5')
    shop.segment("spent", 'sum(revenue of "Order Completed" in EUR) = 50')
    shop.segment("two", 'count("Order Completed" in the last 7 days) = 2')
    order = {"properties": {"revenue": 10, "currency": "EUR"}}
    for number in range(3):
        at = START - (9 - number) * DAY + MICRO
        shop.send("track", event="Order Completed", anonymousId="x", at=at, **order)
    for number in range(2):
        shop.track("Order Completed", "ann", at=START - number * DAY, **order)
    assert members(shop, "five") == []
    shop.send("identify", userId="ann", anonymousId="x")
    if compacted:
        assert shop.workspace.compact() > 0
    assert members(shop, "five") == members(shop, "spent") == ["ann"]
    assert members(shop, "two") == []
    shop.clock.advance(MICRO)
    assert members(shop, "two") == ["ann"], "the one of 7 days ago has left the window"
