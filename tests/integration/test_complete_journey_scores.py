"""Scores and preferences on the Complete Journey data, against plain Python (S5.14, S5.15).

The value of everybody in bulk, those on one customer's profile, and who live membership says
fulfils a rule on them are held against what a few lines of Python find in the same lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

import pytest

from integration.complete_journey import NOW, Line
from integration.harness.waiting import until
from integration.test_complete_journey_computed import MAPPING, files, lines
from patron.clock import ManualClock
from patron.workspace import Workspace

__all__ = ["files", "lines"]

DAY = timedelta(days=1)
PRODUCTS = 'category = "SOFT DRINKS"'
SCORE: dict[str, Any] = {
    "interactions": [
        {"event": "Order Completed", "points": 5, "at_most": 60, "at_most_each": {"week": 10}},
        {"event": "Order Completed", "points": 0.1, "per": "revenue", "at_most_each": {"day": 3}},
        {"event": "Order Completed", "points": -2, "lines": True, "where": PRODUCTS},
    ],
    "decay": [{"after": "14d", "worth": 60}, {"after": "60d", "worth": 0}],
    "at_least": 0,
}
LIKING: dict[str, Any] = {
    "of": "category",
    "interactions": [
        {"event": "Order Completed", "lines": True, "weight": 1},
        {"event": "Order Completed", "lines": True, "weight": -1.5, "where": "price > 4"},
    ],
    "decay": {"half_life": "60d"},
    "at_least": 2,
}
WEEKDAY: dict[str, Any] = {
    "of": "occurred.weekday",
    "interactions": [{"event": "Order Completed", "weight": 1}],
}
HALVES = [71, 50, 35, 25, 18, 12, 9, 6, 4, 3, 2, 2, 1, 1, 1]
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@pytest.fixture(scope="module")
def workspace(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("scored") / "data"
    clock = ManualClock(NOW)
    Workspace.create(folder, clock=clock)
    with Workspace(folder, clock=clock) as opened:
        documents: list[dict[str, Any]] = [
            {"kind": "source", "name": "tills", "body": {"type": "store"}},
            {"kind": "mapping", "name": "baskets", "body": MAPPING},
        ]
        opened.apply([{**one, "path": None} for one in documents])
        number = opened.start_import("baskets", str(files))["import_id"]
        until(lambda: opened.import_state(number)["state"] != "running")
        documents += [
            {"kind": "score", "name": "engagement", "body": SCORE},
            {"kind": "preference", "name": "liking", "body": LIKING},
            {"kind": "preference", "name": "weekday", "body": WEEKDAY},
            {"kind": "recurring_date", "name": "joined",
             "body": {"first": "Order Completed", "event": "Joined Years Ago"}},
            *({"kind": "segment", "name": name, "body": {"rule": rule}}
              for name, (rule, _) in RULES.items()),
        ]  # fmt: skip
        opened.apply(documents)
        opened.advance()
        yield opened


def score(found: list[Line], now: datetime) -> Decimal:
    baskets: dict[str, list[Line]] = defaultdict(list)
    for line in found:
        baskets[line.basket].append(line)
    visits, spent, drinks = Decimal(0), Decimal(0), Decimal(0)
    weeks: dict[datetime, int] = defaultdict(int)
    days: dict[datetime, Decimal] = defaultdict(Decimal)
    for some in sorted(baskets.values(), key=lambda some: some[0].at):
        day = some[0].at.replace(hour=0, minute=0, second=0, microsecond=0)
        weeks[day - day.weekday() * DAY] += 1
        before = min(days[day], Decimal(30))
        days[day] += sum((one.price for one in some), Decimal(0))
        age = now - some[0].at
        if timedelta(0) <= age < 60 * DAY:
            worth = Decimal(1) if age < 14 * DAY else Decimal("0.6")
            visits += worth * 5 * (weeks[day - day.weekday() * DAY] <= 2)
            spent += (min(days[day], Decimal(30)) - before) * worth
            drinks += sum(one.category == "SOFT DRINKS" for one in some) * worth
    # Each amount has six places before it is multiplied, and after.
    return max(min(visits, Decimal(60)) + six(six(spent) / 10) - drinks * 2, Decimal(0))


def six(number: Decimal) -> Decimal:
    return number.quantize(Decimal("0.000001"), ROUND_HALF_EVEN)


def likings(found: list[Line], now: datetime) -> tuple[dict[str, Decimal], str | None, Decimal]:
    """The weights, the favourite, and the weight of all that speaks for anything."""
    weights: dict[str, Decimal] = defaultdict(Decimal)
    latest: dict[str, datetime] = {}
    total = Decimal(0)
    for line in found:
        passed = (now - line.at) // (30 * DAY)
        worth = Decimal([100, *HALVES, 0][min(passed, 16)]) / 100
        if line.category is None or not worth or line.at > now:
            continue
        total += worth
        weights[line.category] += worth * (Decimal("-0.5") if line.price > 4 else 1)
        latest[line.category] = max(line.at, latest.get(line.category, line.at))
    best = sorted((-weight, now - latest[one], one) for one, weight in weights.items())
    return weights, best[0][2] if best and best[0][0] <= -2 else None, total


RULES = {
    "engaged": ("engagement >= 60", lambda some: score(some, NOW) >= 60),
    "rising": (
        "engagement_growth_30 > 5",
        lambda some: score(some, NOW) - score(some, NOW - 30 * DAY) > 5,
    ),
    "milk": (
        'liking = "FLUID MILK PRODUCTS"',
        lambda some: likings(some, NOW)[1] == "FLUID MILK PRODUCTS",
    ),
    "drinkers": (
        'affinity(liking, "SOFT DRINKS") >= 0.02',
        lambda some: (
            six(likings(some, NOW)[0]["SOFT DRINKS"] / likings(some, NOW)[2]) >= Decimal("0.02")
        ),
    ),
}


def card(row: dict[str, Any]) -> str:
    return str(row["identifiers"]["loyalty_card"][0])


@pytest.mark.parametrize("back", [0, 45])
def test_scores_are_those_of_plain_python(
    workspace: Workspace, lines: dict[str, list[Line]], back: int
) -> None:
    now = NOW - back * DAY
    rows = workspace.score_values("engagement", as_of=now, limit=5000)["data"]
    assert len(rows) > 50
    for row in rows:
        own = lines[card(row)]
        assert Decimal(row["value"]) == score(own, now)
        grown = score(own, now) - score(own, now - 7 * DAY)
        assert Decimal(row["growth"]["7"]) == grown
    top = workspace.score_values("engagement", as_of=now, limit=5, highest=True)["data"]
    assert [row["value"] for row in top] == sorted(
        (row["value"] for row in rows), key=Decimal, reverse=True
    )[:5]


@pytest.mark.parametrize("back", [0, 100])
def test_preferences_are_those_of_plain_python(
    workspace: Workspace, lines: dict[str, list[Line]], back: int
) -> None:
    now = NOW - back * DAY
    rows = workspace.preference_values("liking", as_of=now, limit=5000)["data"]
    assert len(rows) > 50
    for row in rows:
        weights, favourite, total = likings(lines[card(row)], now)
        assert row["favourite"] == favourite
        assert {one["value"]: Decimal(one["weight"]) for one in row["values"]} == weights
        for one in row["values"][:3]:
            assert Decimal(one["affinity"]) == six(weights[one["value"]] / total)


def test_weekdays_are_those_of_the_calendar(
    workspace: Workspace, lines: dict[str, list[Line]]
) -> None:
    rows = workspace.preference_values("weekday", limit=5000)["data"]
    for row in rows[::7]:
        visits = {line.basket: line.at for line in lines[card(row)]}
        days = [DAYS[at.weekday()] for at in visits.values()]
        found = {one["value"]: int(one["weight"]) for one in row["values"]}
        assert found == {day: days.count(day) for day in set(days)}


def test_profiles_show_the_same(workspace: Workspace, lines: dict[str, list[Line]]) -> None:
    household = sorted(lines)[3]
    found = workspace.profile(f"loyalty_card:{household}", include=("scores", "preferences"))
    shown = found["scores"]["engagement"]
    assert Decimal(shown["value"]) == score(lines[household], NOW)
    for place, point in enumerate(reversed(shown["curve"])):
        assert Decimal(point["value"]) == score(lines[household], NOW - 7 * place * DAY)
    assert found["preferences"]["liking"]["favourite"] == likings(lines[household], NOW)[1]


@pytest.mark.parametrize("name", sorted(RULES))
def test_live_and_bulk_membership_are_those_of_plain_python(
    workspace: Workspace, lines: dict[str, list[Line]], name: str
) -> None:
    wanted = {household for household, some in lines.items() if some and RULES[name][1](some)}
    rows = workspace.members(name, limit=5000)["data"]
    assert {card(row) for row in rows} == wanted
    assert 0 < len(wanted) < len(lines)
    live = workspace.live_members(name)
    assert live is not None
    assert sorted(live.ids().tolist()) == [row["profile_id"] for row in rows]


def test_anniversaries_of_the_first_order_are_those_of_plain_python(
    workspace: Workspace, lines: dict[str, list[Line]]
) -> None:
    """The last of this file, for days pass: each morning writes the events of its day."""
    rule = 'did "Joined Years Ago"'
    workspace.put_segment("celebrating", {"rule": rule}, allow_unknown=True)
    first = {one: min(line.at for line in some).date() for one, some in lines.items() if some}
    clock = workspace.clock
    assert isinstance(clock, ManualClock)
    for day in range(14):
        clock.advance(DAY if day else timedelta(0))
        workspace.recurring_dates.run_what_is_due()
        workspace.advance()
        today = (NOW + day * DAY).date()
        wanted = {one for one, began in first.items()
                  if NOW.date() <= began.replace(year=2018) <= today}  # fmt: skip
        live = workspace.live_members("celebrating")
        assert live is not None
        found = workspace.members("celebrating", limit=5000)["data"]
        assert sorted(live.ids().tolist()) == [row["profile_id"] for row in found]
        assert {card(row) for row in found} == wanted, today
    assert len(wanted) > 5
