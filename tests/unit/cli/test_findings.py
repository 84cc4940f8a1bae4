"""What was found of a condition, as it is printed: each kind on a history made by hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from patron.cli.findings import lines_of
from patron.engines.duckdb import Cursor
from patron.profiles import plain
from patron.segments.explain import explain
from patron.segments.text import parse
from unit.segments import worlds
from unit.segments.worlds import NOW, event, group_call, observed, person

DAY = timedelta(days=1)

PARTS: dict[str, Any] = {
    "events": [
        event("A", NOW - 9 * DAY, message_id="a1", size="M"),
        event("B", NOW - 5 * DAY, message_id="b1", size="L"),
        event("Product Added", NOW - 4 * DAY, message_id="p0"),
        event("Order Completed", NOW - 4 * DAY, message_id="o1", revenue=12.5),
        event("Product Added", NOW - 2 * DAY, message_id="p1"),
        event("A", NOW - 1 * DAY, message_id="a2", size="M"),
    ],
    "groups": [group_call("acme", NOW - DAY, message="g1", industry="Tea")],
    "traits": [observed("city", "Delft", NOW - DAY, message="m1")],
}
KNOWN: dict[str, Any] = {
    "segments": {"vip": {"trait": "city", "op": "exists"}},
    "changes": {"vip": [(1, "entered", NOW - DAY)]},
}
A1 = "2017-12-23 00:00:00 UTC  A  (message a1)"
A2 = "2017-12-31 00:00:00 UTC  A  (message a2)"
B1 = "2017-12-27 00:00:00 UTC  B  (message b1)"
ORDER = "2017-12-28 00:00:00 UTC  Order Completed"
VIP = "on record: entered 2017-12-31 00:00:00 UTC, because of data (change 0)"


@pytest.fixture(scope="module")
def cursor() -> Cursor:
    opened = worlds.open_cursor()
    worlds.store(opened, MADE)
    return opened


MADE = worlds.world(person(1, **PARTS), person(2), **KNOWN)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (
            "sum(net of orders) > 10",
            ["found: 12.5, from 1 order", "2017-12-28 00:00:00 UTC  completed  12.5  (message o1)"],
        ),
        (
            'sequence ("A" then "B" then "A" within 2 days)',
            ["found: 2 of 3 steps", f'✓ step 1, "A": {A1}', f'✓ step 2, "B": {B1}',
             '✗ step 3, "A" within 2 days', f"stopped there because it came too late: {A2}"],
        ),
        (
            'sequence ("B" then "A" then not "B" within 2 days)',
            ["found: 2 of 3 steps", f'✓ step 1, "B": {B1}', f'✓ step 2, "A": {A2}',
             '✗ step 3, not "B" within 2 days',
             "stopped there because it can still follow until 2018-01-02 00:00:00 UTC"],
        ),
        (
            "abandoned cart for at least 1 hour",
            ["found: a cart at cart, of 1 event, last touched by",
             "2017-12-30 00:00:00 UTC  Product Added  (message p1)",
             f"begun after the order of {ORDER}  (message o1)"],
        ),
        ('abandoned cart for at least 1 hour on brand "B"', ["found: an empty cart"]),
        (
            'did "A" for the first time in the last 10 days',
            ["found: for the first time in the window", A1],
        ),
        (
            'did "A" for the first time today',
            ["found: for the first time outside the window", A1],
        ),
        ('did "Z" for the first time today', ["found: it never happened"]),
        (
            'did "A" in at least 2 of the last 3 weeks',
            ["found: 2, from 2017-12-18 (1 event), 2017-12-25 (1 event)", A2, A1],
        ),
        ('did "Z" in at least 2 of the last 3 weeks', ["found: 0"]),
        ('stopped "B" for 3 days', ["found: a pause of 5 days so far, after", B1]),
        ('stopped "Z" for 3 days', ["found: no such event"]),
        (
            'resumed "A" after 3 days in the last 2 days',
            ["found: a pause of 8 days, after", A1, f"and up to {A2}"],
        ),
        ('resumed "A" after 3 days in the last 1 hour', ["found: no pause"]),
        (
            'count("B") > sum(revenue of "Order Completed")',
            ["found: 1 event", B1, "compared with: 12.5, from 1 event",
             f"{ORDER}  12.5  (message o1)"],
        ),
        (
            'most frequent(size of any event) = "M"',
            ["found: M, 2 times, of 3 values", "2017-12-31 00:00:00 UTC  A  M  (message a2)",
             "2017-12-27 00:00:00 UTC  B  L  (message b1)",
             "2017-12-23 00:00:00 UTC  A  M  (message a1)"],
        ),
        ('most frequent(size of "Z") exists', ["found: nothing"]),
        (
            'group.industry = "IT"',
            ["found: Tea, of group acme", "2017-12-31 00:00:00 UTC  industry  Tea  (message g1)"],
        ),
        ('group.plan = "IT"', ["found: nothing, of group acme"]),
        ("random 20.5 %", ["found: drew 20.837552 of 100, not below 20.5"]),
        ("random 30 %", ["found: drew 20.837552 of 100, below 30"]),
        (
            'top 10 % by count("A")',
            ["found: place 1 of 1, with 2", "place 1, the last one in, has 2",
             "as ranked on 2018-01-01 00:00:00 UTC"],
        ),
        (
            'top 10 by count("Z")',
            ["found: no place among 0", "as ranked on 2018-01-01 00:00:00 UTC"],
        ),
        ("in segment vip", [VIP]),
        ("was in segment vip on 2017-12-01", ["nothing is on record of it"]),
        ("entered segment vip in the last 3 days", ["found: 1 change on record", VIP]),
        ('at least 2 of (did "A", did "Z", did "B")', ["found: 2 of 3 hold"]),
        ('on at least 2 brands (did "A")', ["found: 1 brand: ✓ A, ✗ B"]),
        (
            'distinct(size of "B") = 1',
            ["found: 1 event", "2017-12-27 00:00:00 UTC  B  L  (message b1)"],
        ),
    ],
)  # fmt: skip
def test_each_kind_is_printed_in_words(cursor: Cursor, rule: str, expected: list[str]) -> None:
    catalogue = worlds.catalogue_of(MADE)
    found = explain(cursor, parse(rule), 1, as_of=NOW, catalogue=catalogue)
    assert list(lines_of(plain(found.condition))) == expected
