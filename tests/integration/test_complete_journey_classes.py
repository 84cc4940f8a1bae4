"""What sorts customers, on the Complete Journey data, against plain Python (S5.18, S4.10, S4.12).

The class of everybody in bulk, on one customer's profile and in live membership, today and as of an
earlier moment, and the movements between the two.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from integration.complete_journey import NOW, Line
from integration.harness.waiting import until
from integration.test_complete_journey_computed import MAPPING, files, lines
from patron.clock import ManualClock
from patron.workspace import Workspace

__all__ = ["files", "lines"]

BEFORE = datetime(2017, 10, 1, 15, 30)
DAY = timedelta(days=1)
DEFINITIONS: list[dict[str, Any]] = [
    {"kind": "rfm", "name": "rfm", "body": {"refreshed": "weekly"}},
    {"kind": "rfm", "name": "fixed", "body": {"thresholds": {
        "recency": ["2d", "5d", "10d", "30d"], "frequency": [120, 80, 40, 20],
        "monetary": [4000, 2000, 1000, 500.5]}}},
    {"kind": "lifecycle", "name": "lifecycle",
     "body": {"active_for": "7d", "inactive_after": "28d", "won_back_for": "14d"}},
    {"kind": "activity", "name": "activity",
     "body": {"levels": {"very_active": 12, "active": 5, "low": 1}}},
    {"kind": "activity", "name": "visits",
     "body": {"levels": {"very_active": 3, "active": 2, "low": 1}}},
    {"kind": "loyalty", "name": "loyalty",
     "body": {"spend": "revenue(in the last 90 days)", "members": "orders() >= 30",
              "tiers": [{"tier": "high", "at_least": 900}, {"tier": "middle", "at_least": 400},
                        {"tier": "low"}]}},
    {"kind": "loyalty", "name": "club",
     "body": {"spend": "revenue(in the last 90 days)", "tiers": [{"tier": "all"}],
              "points": {"earning": [{"earn": 3, "per": 'revenue of "Order Completed"'}],
                         "burning": 'revenue of "Order Completed"', "expire_after": "30d"}}},
    {"kind": "segment", "name": "collectors", "body": {"rule": "club_points >= 300"}},
]  # fmt: skip
SORTED_BY = {
    "rfm": "rfm_group",
    "fixed": "fixed_group",
    "lifecycle": "lifecycle",
    "activity": "activity",
    "loyalty": "loyalty_tier",
}

BRANDS = {"even": 0, "odd": 1}
Orders = list[tuple[datetime, Decimal]]


@pytest.fixture(scope="module")
def workspace(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("classes") / "data"
    clock = ManualClock(NOW)
    Workspace.create(folder, clock=clock)
    with Workspace(folder, clock=clock) as opened:
        documents: list[dict[str, Any]] = []
        for brand, rest in BRANDS.items():  # the shops are those of two brands, by their numbers
            mapping = {**MAPPING, "source": brand, "where": f"store_id::int % 2 = {rest}"}
            documents += [
                {"kind": "source", "name": brand, "body": {"type": "store", "brand": brand}},
                {"kind": "mapping", "name": brand, "body": mapping},
            ]
        opened.apply([{**one, "path": None} for one in documents])
        for brand in BRANDS:
            number = opened.start_import(brand, str(files))["import_id"]
            until(lambda number=number: opened.import_state(number)["state"] != "running")
            assert opened.import_state(number)["state"] == "done", opened.import_state(number)
        opened.apply([{**one, "path": None} for one in [*documents, *DEFINITIONS]])
        opened.advance()
        yield opened


@pytest.fixture(scope="module")
def orders(lines: dict[str, list[Line]]) -> dict[str, Orders]:
    """Every basket: when, and how much."""
    return {household: ordered(some) for household, some in lines.items() if some}


def ordered(lines: list[Line]) -> Orders:
    baskets: dict[str, list[Line]] = {}
    for line in lines:
        baskets.setdefault(line.basket, []).append(line)
    return sorted(
        (some[0].at, sum((one.price for one in some), Decimal())) for some in baskets.values()
    )


# ── in plain Python ──

GROUPS = {  # by recency from 5 down to 1: for a value score of 1, 2, 3, 4, 5
    5: ["new_customers", *["potential_loyalists"] * 2, "champions", "champions"],
    4: ["promising", *["potential_loyalists"] * 2, "loyal", "champions"],
    3: ["about_to_sleep", *["needs_attention"] * 2, "loyal", "loyal"],
    2: ["about_to_sleep", "about_to_sleep", "at_risk", "at_risk", "cannot_lose"],
    1: ["lost", "hibernating", "at_risk", "at_risk", "cannot_lose"],
}


def group_of(recency: int, frequency: int, monetary: int) -> str:
    return GROUPS[recency][(frequency + monetary) // 2 - 1]


def by_fifths(everybody: dict[str, Orders], at: datetime) -> dict[str, str]:
    monday = datetime(at.year, at.month, at.day) - timedelta(days=at.weekday())
    known = {
        one: [order for order in some if order[0] <= monday] for one, some in everybody.items()
    }
    measured = {
        one: (some[-1][0], len(some), sum(amount for _, amount in some))
        for one, some in known.items()
        if some
    }

    def score(place: int, own: Any) -> int:
        values = [measures[place] for measures in measured.values()]
        middle = sum(value < own for value in values) + sum(value == own for value in values) / 2
        return int(middle / len(values) * 5) + 1

    return {
        one: group_of(*(score(place, own) for place, own in enumerate(measures)))
        for one, measures in measured.items()
    }


def by_thresholds(everybody: dict[str, Orders], at: datetime) -> dict[str, str]:
    found = {}
    for one, some in everybody.items():
        seen = [order for order in some if order[0] <= at]
        if seen:
            idle, total = at - seen[-1][0], sum(amount for _, amount in seen)
            found[one] = group_of(
                5 - sum(idle >= days * DAY for days in (2, 5, 10, 30)),
                1 + sum(len(seen) >= limit for limit in (20, 40, 80, 120)),
                1 + sum(total >= Decimal(limit) for limit in ("500.5", "1000", "2000", "4000")),
            )
    return found


def by_stage(everybody: dict[str, Orders], at: datetime) -> dict[str, str]:
    found = {}
    for one, some in everybody.items():
        moments = [when for when, _ in some if when <= at]
        if not moments:
            continue  # not seen yet
        idle = at - moments[-1]
        back = [later for earlier, later in pairwise(moments)
                if later - earlier >= 28 * DAY]  # fmt: skip
        if idle >= 28 * DAY:
            found[one] = "inactive"
        elif idle >= 7 * DAY:
            found[one] = "defecting"
        elif any(at - when < 14 * DAY for when in back):
            found[one] = "won_back"
        else:
            found[one] = "first_time" if len(moments) == 1 else "active"
    return found


def by_activity(everybody: dict[str, Orders], at: datetime) -> dict[str, str]:
    found = {}
    for one, some in everybody.items():
        if some[0][0] <= at:
            lately = sum(at - 30 * DAY < when <= at for when, _ in some)
            names = {12: "very_active", 5: "active", 1: "low", 0: "none"}
            found[one] = next(name for limit, name in names.items() if lately >= limit)
    return found


def by_spend(everybody: dict[str, Orders], at: datetime) -> dict[str, str]:
    found = {}
    for one, some in everybody.items():
        if sum(when <= at for when, _ in some) >= 30:
            spent = sum(amount for when, amount in some if at - 90 * DAY < when <= at)
            found[one] = "high" if spent >= 900 else "middle" if spent >= 400 else "low"
    return found


PLAINLY = {
    "rfm": by_fifths,
    "fixed": by_thresholds,
    "lifecycle": by_stage,
    "activity": by_activity,
    "loyalty": by_spend,
}


# ── and by Patron ──


@pytest.mark.parametrize("as_of", [NOW, BEFORE])
@pytest.mark.parametrize("name", sorted(SORTED_BY))
def test_classes_in_bulk_are_those_of_plain_python(
    workspace: Workspace, orders: dict[str, Orders], name: str, as_of: datetime
) -> None:
    rows = workspace.computed_values(SORTED_BY[name], limit=5000, as_of=as_of)["data"]
    found = {row["identifiers"]["loyalty_card"][0]: row["value"] for row in rows}
    wanted = PLAINLY[name](orders, as_of)
    assert found == wanted
    assert len(set(wanted.values())) >= 3, "the classes divide the customers"
    table = {row["value"]: row for row in workspace.classes(name, as_of=as_of)["data"]}
    counted = {value: row["customers"] for value, row in table.items() if row["customers"]}
    counted.pop(None, None)
    assert counted == Counter(wanted.values())
    value = next(iter(counted))
    own = [order for one, some in orders.items() if wanted.get(one) == value
           for order in some if order[0] <= as_of]  # fmt: skip
    (bought,) = table[value]["by_currency"]
    assert bought["orders"] == len(own)
    assert Decimal(bought["revenue"]) == sum(amount for _, amount in own)


@pytest.mark.parametrize("name", sorted(SORTED_BY))
def test_movements_are_between_the_classes_of_the_two_moments(
    workspace: Workspace, orders: dict[str, Orders], name: str
) -> None:
    before, after = (PLAINLY[name](orders, at) for at in (BEFORE, NOW))
    wanted = Counter((before.get(one), after.get(one)) for one in orders)
    rows = workspace.class_movements(name, since=BEFORE)["data"]
    assert {(row["from"], row["to"]): row["customers"] for row in rows} == wanted
    assert sum(number for (was, now), number in wanted.items() if was != now) > 5


@pytest.mark.parametrize("name", sorted(SORTED_BY))
def test_profiles_and_live_segments_hold_the_same_classes(
    workspace: Workspace, orders: dict[str, Orders], name: str
) -> None:
    trait, wanted = SORTED_BY[name], PLAINLY[name](orders, NOW)
    for household in sorted(orders)[::20]:
        traits = workspace.profile(f"loyalty_card:{household}", include=("computed",))["traits"]
        assert traits.get(trait, {}).get("value") == wanted.get(household)
    values = sorted(set(wanted.values()))
    for value in (values[0], values[-1]):
        segment = f"{trait}={value}"
        rows = workspace.members(segment, limit=5000)["data"]
        cards = {row["profile_id"]: row["identifiers"]["loyalty_card"][0] for row in rows}
        assert set(cards.values()) == {one for one, own in wanted.items() if own == value}
        live = workspace.live_members(segment)
        assert live is not None
        assert set(live.ids().tolist()) == cards.keys()


def points_left(orders: Orders, at: datetime) -> int:
    """Each order earns three points for one that it burns, the oldest first; they hold 30 days."""
    lots: list[list[Any]] = []
    for when, paid in orders:
        if when > at:
            break
        lots = [lot for lot in lots if lot[0] + 30 * DAY > when]
        lots.append([when, int(paid * 3)])
        owed = int(paid)
        for lot in lots:
            burned = min(lot[1], owed)
            lot[1] -= burned
            owed -= burned
    return sum(left for when, left in lots if when + 30 * DAY > at)


@pytest.mark.parametrize("as_of", [NOW, BEFORE])
def test_points_are_those_of_plain_python(
    workspace: Workspace, orders: dict[str, Orders], as_of: datetime
) -> None:
    """S4.10: of everybody in bulk, on profiles, and in live segments."""
    rows = workspace.computed_values("club_points", limit=5000, as_of=as_of)["data"]
    found = {row["identifiers"]["loyalty_card"][0]: int(row["value"]) for row in rows}
    wanted = {one: points_left(some, as_of) for one, some in orders.items() if some[0][0] <= as_of}
    assert found == wanted
    assert 5 < sum(left >= 300 for left in wanted.values()) < len(wanted) - 5
    if as_of != NOW:
        return
    for household in sorted(orders)[::20]:
        traits = workspace.profile(f"loyalty_card:{household}", include=("computed",))["traits"]
        assert int(traits["club_points"]["value"]) == wanted[household]
    rows = workspace.members("collectors", limit=5000)["data"]
    cards = {row["profile_id"]: row["identifiers"]["loyalty_card"][0] for row in rows}
    assert set(cards.values()) == {one for one, left in wanted.items() if left >= 300}
    live = workspace.live_members("collectors")
    assert live is not None
    assert set(live.ids().tolist()) == cards.keys()


def across_brands(lines: list[Line], at: datetime) -> str:
    """On how many brands a customer is very active."""
    lately = {line.basket: int(line.store) % 2 for line in lines if at - 30 * DAY < line.at <= at}
    often = [times for times in Counter(lately.values()).values() if times >= 3]
    return ("on_none", "on_one", "on_several")[len(often)]


@pytest.mark.parametrize("as_of", [NOW, BEFORE])
def test_activity_across_brands_is_that_of_plain_python(
    workspace: Workspace, lines: dict[str, list[Line]], as_of: datetime
) -> None:
    """S5.17, S5.20: of everybody in bulk, on profiles, and in live segments."""
    trait = "visits_across_brands"
    rows = workspace.computed_values(trait, limit=5000, as_of=as_of)["data"]
    wanted = {
        household: across_brands(some, as_of)
        for household, some in lines.items()
        if any(line.at <= as_of for line in some)
    }
    assert {row["identifiers"]["loyalty_card"][0]: row["value"] for row in rows} == wanted
    assert len(set(wanted.values())) == 3
    if as_of != NOW:
        return
    for household in sorted(wanted)[::20]:
        found = workspace.profile(f"loyalty_card:{household}", include=("computed",))["traits"]
        assert found[trait]["value"] == wanted[household]
    for value in set(wanted.values()):
        live = workspace.live_members(f"{trait}={value}")
        assert live is not None
        own = {row["profile_id"] for row in rows if row["value"] == value}
        assert set(live.ids().tolist()) == own


def test_a_score_is_explained_by_what_it_is_made_of(
    workspace: Workspace, orders: dict[str, Orders]
) -> None:
    household = min(orders)
    found = workspace.explain_computed("rfm_group", f"loyalty_card:{household}")
    (inside,) = found["condition"]["conditions"]
    monday = datetime(2018, 1, 1)
    known = [order for order in orders[household] if order[0] <= monday]
    assert inside["detail"]["type"] == "rfm"
    assert inside["detail"]["times"] == len(known)
    assert Decimal(inside["detail"]["amount"]) == sum(amount for _, amount in known)
    assert group_of(*map(int, inside["value"])) == found["value"]
