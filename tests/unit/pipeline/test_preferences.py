"""Preferences: what customers like and dislike, in rules, on profiles, in bulk (S5.15, S2.7)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from patron.errors import ConflictError, DefinitionError, RuleError
from unit.pipeline.shop import DAY, START, Shop

CATEGORY: dict[str, Any] = {
    "of": "category",
    "interactions": [
        {"event": "Product Viewed", "weight": 1},
        {"event": "Order Completed", "lines": True, "weight": 10},
        {"event": "Order Refunded", "where": 'reason != "late"', "weight": -5.5},
    ],
    "decay": [{"after": "10d", "worth": 50}, {"after": "40d", "worth": 0}],
    "at_least": 1,
}
VIEWED = {
    "ann": [(0, "Tea"), (1, "Cups"), (2, "Cups"), (12, "Tea"), (50, "Mugs"), (3, 5), (4, "5")],
    "bob": [(5, "Tea"), (5, "Mugs"), (6, ["Tea"])],
    "eve": [(39, "Cups")],
}
BOUGHT = {"ann": [(11, ["Cups", "Mugs"])], "bob": [(20, ["Cups"])]}
REFUNDED = {"ann": [(2, "Mugs", "broken"), (2, "Mugs", "late")], "eve": [(1, "Tea", "broken")]}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    opened = Shop(tmp_path / "data")
    for user, seen in VIEWED.items():
        for day, category in seen:
            opened.track("Product Viewed", user, at=START - day * DAY,
                         properties={"category": category})  # fmt: skip
    for user, orders in BOUGHT.items():
        for day, categories in orders:
            lines = [{"product_id": one, "category": one, "price": 3} for one in categories]
            opened.track("Order Completed", user, at=START - day * DAY,
                         properties={"order_id": f"{user}{day}", "products": lines})  # fmt: skip
    for user, refunds in REFUNDED.items():
        for number, (day, category, reason) in enumerate(refunds):
            opened.track("Order Refunded", user, at=START - day * DAY,
                         properties={"order_id": f"{user}{number}", "category": category,
                                     "reason": reason})  # fmt: skip
    yield opened
    opened.workspace.close()


class Plain:
    """What one customer prefers, by hand."""

    def __init__(self, user: str, now: datetime) -> None:
        self.weight: dict[Any, Decimal] = defaultdict(Decimal)
        self.last: dict[Any, datetime] = {}
        self.total = Decimal(0)
        for day, category in VIEWED.get(user, []):
            self._add(category, Decimal(1), START - day * DAY, now)
        for day, categories in BOUGHT.get(user, []):
            for category in categories:
                self._add(category, Decimal(10), START - day * DAY, now)
        for day, category, reason in REFUNDED.get(user, []):
            if reason != "late":
                self._add(category, Decimal("-5.5"), START - day * DAY, now)

    def _add(self, value: Any, weight: Decimal, at: datetime, now: datetime) -> None:
        age = now - at
        if not timedelta(0) <= age < 40 * DAY:
            return
        worth = weight if age < 10 * DAY else weight / 2
        self.total += max(worth, Decimal(0))
        if isinstance(value, list):
            return
        self.weight[value] += worth
        self.last[value] = max(at, self.last.get(value, at))

    @property
    def order(self) -> list[Any]:
        def key(value: Any) -> tuple[Any, ...]:
            text = f'"{value}' if value == "5" else "5.000000" if value == 5 else value
            return -self.weight[value], START - self.last[value], text

        return sorted(self.weight, key=key)

    @property
    def favourite(self) -> Any:
        return next((one for one in self.order if self.weight[one] >= 1), None)

    def affinity(self, value: Any) -> Decimal | None:
        if not self.total:
            return None
        return round(self.weight.get(value, Decimal(0)) / self.total, 6)


MOMENTS = [START + days * DAY for days in (0, 6, 9.5, 29, 36, 41, -3, -11)]


def test_values_are_those_of_plain_python_in_bulk_and_of_one_customer(shop: Shop) -> None:
    work = shop.workspace
    work.put_preference("liking", CATEGORY)
    seen = set()
    for now in MOMENTS:
        rows = work.preference_values("liking", as_of=now)["data"]
        for row in rows:
            user = row["identifiers"]["user_id"][0]
            plain = Plain(user, now)
            assert [one["value"] for one in row["values"]] == plain.order, (user, now)
            assert row["favourite"] == plain.favourite
            for place, one in enumerate(row["values"], 1):
                assert one["rank"] == place
                assert Decimal(one["weight"]) == plain.weight[one["value"]]
                share = plain.affinity(one["value"])
                assert one["affinity"] == (
                    None if share is None else format(share.normalize(), "f")
                )
            seen.add((user, row["favourite"]))
        said = {row["identifiers"]["user_id"][0]: row["favourite"] for row in rows}
        counted = work.preference("liking", as_of=now)["favourites"]
        liked = [one for one in said.values() if one is not None]
        assert {one["value"]: one["customers"] for one in counted} == {
            one: liked.count(one) for one in set(liked)
        }
    assert {("ann", "Cups"), ("eve", None), ("bob", "Cups"), ("ann", "Mugs")} <= seen
    one = work.explain_preference("liking", "user_id:ann")
    assert one["favourite"] == Plain("ann", START).favourite
    verdicts = {each["value"]: each["verdict"] for each in one["values"]}
    assert verdicts["Cups"] == "liked"
    assert work.explain_preference("liking", "user_id:eve")["values"][-1]["verdict"] == "disliked"
    profile = work.profile("user_id:ann", include=("preferences", "computed"))
    assert profile["preferences"]["liking"]["favourite"] == one["favourite"]
    assert profile["traits"]["liking"]["value"] == one["favourite"]


RULES = {
    "cups": ('liking = "Cups"', lambda plain: plain.favourite == "Cups"),
    "not_cups": ('liking != "Cups"', lambda plain: plain.favourite != "Cups"),
    "five": ("liking = 5", lambda plain: plain.favourite == 5),
    "any": ("liking exists", lambda plain: plain.favourite is not None),
    "ups": ('liking contains "up"', lambda plain: plain.favourite == "Cups"),
    "likes_tea": (
        'affinity(liking, "Tea") >= 0.2', lambda plain: (plain.affinity("Tea") or 0) * 5 >= 1,
    ),
    "hates_mugs": (
        'affinity(liking, "Mugs") < 0', lambda plain: (plain.affinity("Mugs") or 0) < 0,
    ),
}  # fmt: skip


def test_rules_ask_of_favourites_and_affinities_live_as_in_bulk(shop: Shop) -> None:
    work = shop.workspace
    work.put_preference("liking", CATEGORY)
    for name, (rule, _) in RULES.items():
        shop.segment(name, rule)
    sizes = set()
    for _ in range(14):
        work.advance()
        now = shop.clock.now()
        for name, (_, holds) in RULES.items():
            live = work.live_members(name)
            assert live is not None
            rows = work.members(name)["data"]
            assert live.ids().tolist() == [row["profile_id"] for row in rows], (name, now)
            users = {row["identifiers"]["user_id"][0] for row in rows}
            wanted = {user for user in ("ann", "bob", "eve") if holds(Plain(user, now))}
            assert users == wanted, (name, now)
            sizes.add((name, bool(users)))
        shop.clock.advance(3 * DAY + timedelta(hours=6))
    assert sizes >= {(name, True) for name in RULES.keys() - {"five"}} | {("cups", False)}


def test_a_rule_on_a_favourite_is_explained(shop: Shop) -> None:
    work = shop.workspace
    work.put_preference("liking", CATEGORY)
    told = work.explain("user_id:ann", rule='liking = "Cups" and affinity(liking, "Tea") > 0')
    first, second = told["condition"]["conditions"]
    plain = Plain("ann", START)
    assert (first["holds"], first["value"]) == (plain.favourite == "Cups", plain.favourite)
    assert first["asked"] == 'liking = "Cups"'
    assert Decimal(second["value"]) == plain.affinity("Tea")
    assert second["asked"] == 'affinity(liking, "Tea") > 0'
    assert told["changes_at"] is not None
    told = work.explain("user_id:bob", rule="liking missing")
    assert not told["member"]


def test_bands_hours_weekdays_and_constant_values(shop: Shop) -> None:
    work = shop.workspace
    for day, price in ((1, 5), (2, 20), (3, 19.99), (4, 80), (5, 7)):
        shop.track("Added", "ann", at=START - day * DAY + timedelta(hours=day),
                   properties={"price": price})  # fmt: skip
    shop.track("Call Answered", "ann", at=START)
    bands = [
        {"value": "low", "below": 10}, {"value": "middle", "below": 20}, {"value": "high"},
    ]  # fmt: skip
    added = {"event": "Added", "weight": 1}
    work.put_preference("price_band", {"of": "price", "bands": bands, "interactions": [added]})
    found = work.explain_preference("price_band", "user_id:ann")["values"]
    assert [(one["value"], one["weight"]) for one in found] == [
        ("low", "2"), ("high", "2"), ("middle", "1"),
    ]  # fmt: skip
    work.put_preference("hour", {"of": "occurred.hour", "interactions": [added]})
    hours = {one["value"] for one in work.explain_preference("hour", "user_id:ann")["values"]}
    assert hours == {13, 14, 15, 16, 17}
    work.put_preference("weekday", {"of": "occurred.weekday", "interactions": [added]})
    days = [one["value"] for one in work.explain_preference("weekday", "user_id:ann")["values"]]
    # The first of January 2018 was a Monday.
    assert days == ["sunday", "saturday", "friday", "thursday", "wednesday"]
    channel = {
        "interactions": [
            {"event": "Added", "weight": 1, "is": "web"},
            {"event": "Call Answered", "weight": 7, "is": "phone"},
        ]
    }
    work.put_preference("contact_channel", channel)
    rules = {
        "low": 'price_band = "low"',
        "some_middle": 'affinity(price_band, "middle") = 0.2',
        "none_such": 'affinity(price_band, "dear") > 0',
        "in_the_afternoon": "hour >= 12",
        "at_four": "affinity(hour, 16) >= 0.2",
        "sundays": 'affinity(weekday, "sunday") = 0.2',
        "by_phone": 'contact_channel = "phone" and affinity(contact_channel, "web") < 0.5',
    }
    for name, rule in rules.items():
        shop.segment(name, rule)
        members = [row["identifiers"]["user_id"] for row in work.members(name)["data"]]
        assert members == ([] if name == "none_such" else [["ann"]]), name
        live = work.live_members(name)
        assert live is not None
        assert len(live.ids()) == len(members), name


def test_hours_follow_the_clock_on_the_wall(shop: Shop) -> None:
    # On 25 March 2018 clocks in Amsterdam went from 2 to 3 at 1:00 UTC.
    for text, hour in (("2018-03-25T00:30:00", 1), ("2018-03-25T01:30:00", 3)):
        shop.clock.advance(datetime.fromisoformat(text) - shop.clock.now())
        shop.track("Opened", f"u{hour}")
    for hour in (1, 3):
        rule = f'did "Opened" where (occurred.hour."Europe/Amsterdam" = {hour})'
        shop.segment(f"at_{hour}", rule)
        rows = shop.workspace.members(f"at_{hour}")["data"]
        assert [row["identifiers"]["user_id"][0] for row in rows] == [f"u{hour}"]
    with pytest.raises(RuleError, match="'minute'"):
        shop.workspace.put_segment("x", {"rule": 'did "Opened" where (occurred.minute = 3)'})


def test_ties_are_settled_alike_live_and_in_bulk(shop: Shop) -> None:
    """Two values of one weight, named at one moment: the first by its text."""
    for user, names in (("zoe", ("Plates", "Forks")), ("yan", ("Forks", "Plates"))):
        for name in names:
            shop.track("Product Viewed", user, properties={"category": name})
    shop.workspace.put_preference("liking", CATEGORY)
    shop.segment("forks", 'liking = "Forks"')
    rows = shop.workspace.members("forks")["data"]
    assert {row["identifiers"]["user_id"][0] for row in rows} == {"zoe", "yan"}
    live = shop.workspace.live_members("forks")
    assert live is not None
    assert sorted(live.ids().tolist()) == [row["profile_id"] for row in rows]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"interactions": []}, "Name 1 to 30"),
        ({"of": None}, r"interactions\[0\]: .*names values by a property"),
        ({"interactions": [{"event": "X", "weight": 0}]}, "not 0"),
        ({"interactions": [{"event": "X", "weight": -1}]}, "has to speak for"),
        ({"bands": [{"value": 3}]}, "Bands are named by texts"),
        ({"bands": [{"name": "x"}]}, "bands"),
        ({"decay": [{"after": "1 year", "worth": 3}]}, "no fixed length"),
    ],
)
def test_what_makes_no_sense_is_refused(shop: Shop, change: dict[str, Any], said: str) -> None:
    body = {**CATEGORY, **change}
    with pytest.raises(DefinitionError, match=said):
        shop.workspace.put_preference("wrong", {k: v for k, v in body.items() if v is not None})


def test_affinities_are_to_values_of_preferences_alone(shop: Shop) -> None:
    work = shop.workspace
    work.put_computed_trait("visits", {"value": 'count("Product Viewed")'})
    for rule, said in (
        ('affinity(visits, "Tea") > 0', "is no preference"),
        ('affinity(likings, "Tea") > 0', "No computed trait is called 'likings'"),
    ):
        with pytest.raises(RuleError, match=said):
            work.put_segment("x", {"rule": rule})
    work.put_preference("liking", CATEGORY)
    with pytest.raises(RuleError, match="A category is no number"):
        work.put_computed_trait("sum", {"value": "liking + 1"})
    work.put_computed_trait("tea", {"value": 'affinity(liking, "Tea") * 100'})
    with pytest.raises(ConflictError, match="used by computed trait tea"):
        work.delete_preference("liking")


def test_values_are_reached_through_the_catalogue(shop: Shop) -> None:
    """`product.subcategory` of lines, and of events that name a product (S2.10)."""
    work = shop.workspace
    work.put_entities(
        "product",
        [
            {"id": "Cups", "subcategory": "Mugs and cups"},
            {"id": "Mugs", "subcategory": "Mugs and cups"},
        ],
    )
    for user in ("ann", "bob"):
        shop.track("Product Viewed", user, properties={"product_id": "Mugs"})
    body = {**CATEGORY, "of": "product.subcategory"}
    body["interactions"] = CATEGORY["interactions"][:2]
    work.put_preference("kind_of_ware", body)
    shop.segment("ware", 'kind_of_ware = "Mugs and cups"')
    shop.segment("all_of_it", 'affinity(kind_of_ware, "Mugs and cups") = 1')
    found = work.explain_preference("kind_of_ware", "user_id:ann")
    assert [(one["value"], one["weight"]) for one in found["values"]] == [("Mugs and cups", "11")]
    for name in ("ware", "all_of_it"):
        live = work.live_members(name)
        assert live is not None
        rows = work.members(name)["data"]
        assert [row["identifiers"]["user_id"][0] for row in rows] == ["ann", "bob"]
        assert sorted(live.ids().tolist()) == [row["profile_id"] for row in rows]
