"""Conditions that reach through ids, in bulk, live, explained and by the oracle (S2.9, S2.10)."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from patron.clock import ManualClock, format_time, parse_time
from patron.errors import RuleError
from patron.segments import query
from patron.segments.codec import decode_expression
from patron.segments.text import parse, parse_expression
from patron.segments.tree import Expression, as_object
from patron.testing import oracle
from patron.testing.oracle.entities import reached
from patron.workspace import Workspace

START = parse_time("2026-01-01T12:00:00Z")
BRANDS = ("orchid", "lotus")
RULES = {
    "wool": 'did "Order Completed" where any line (product.material = "wool")',
    "no-wool": 'did "Order Completed" where any line (product.material != "wool")',
    "never-wool": 'did not "Order Completed" where any line (product.material = "wool")',
    "unknown": 'count(lines of "Order Completed" where product.material missing) >= 2',
    "dear": 'sum(quantity of lines of "Order Completed" where product.price > 20) > 2',
    "north": 'did "Order Completed" where (store.region = "North")',
    "elsewhere": 'count("Order Completed" where store.region in ("South", "East")) >= 1',
    "big": "did any event in the last 10 days where (store.size between 100 and 500)",
    "both": 'count(lines of "Order Completed" where product.material contains "oo" '
    "and event (store.opened before 2020-01-01)) >= 1",
    "one-line": 'did "Order Completed" where any line (product.tags any of ("new", "eco") '
    "and quantity >= 2)",
    "viewed": 'did "Product Viewed" where (product.material = "silk") '
    'and did not "Order Completed" where any line (product.material = "silk")',
    "then": 'sequence ("Product Viewed" where (product.colour = "red") '
    'then "Order Completed" where (store.region exists))',
    "since": 'count("Product Viewed" since last "Order Completed" '
    'where (store.region = "North")) >= 1',
    "on-one": 'did "Order Completed" on brand "lotus" where any line (product.group = "g1")',
    "margin": "bought (product.margin >= 5)",
    "cost": 'sum(product.cost of lines of "Order Completed" in EUR) >= 9',
    "worth": 'average(product.price of lines of "Order Completed" in USD '
    "where product.material exists) >= 10",
    "size": 'max(store.size of "Order Completed" in the last 10 days) >= 50',
    "groups": "distinct(product.group of lines of any event) = 1",
    "likes": 'most frequent(product.material of lines of "Order Completed") in ("wool", "silk")',
    "not-likes": 'most frequent(product.material of lines of any event) at least 2 times != "wool"',
    "first": 'first(store.region of "Order Completed") = "North"',
    "last": 'last(product.tags of lines of "Product Viewed") any of ("new")',
    "opened": "last(store.opened of any event) before 2020-01-01",
    "pair": 'sum(product.price of lines of "Order Completed" in EUR) > '
    'sum(product.cost of lines of "Order Completed" in EUR)',
    "reckoned": 'calculate(sum(product.cost of lines of "Order Completed" in EUR) / '
    '(count("Order Completed") + 1)) between 1 and 12',
    "faded": 'calculate(decayed(sum(store.size of "Order Completed"), 50 % after 5 days)) > 40',
    "named": 'regions any of ("North", "East")',
    "tier": 'tier = "dear"',
    "regional": 'favourite != "South" on brand "lotus"',
    "richest": 'top 2 by sum(product.cost of lines of "Order Completed" in EUR)',
    "net": 'sum(store.size of orders where state = "completed") > 40',
    "earned": 'points(earn 1 per store.size of "Order Completed", expire after 10 days) >= 40',
    "top": 'top 3 by count(lines of "Order Completed" where product.material = "wool")',
}
COMPUTED: dict[str, Any] = {
    "regions": 'list(store.region of "Order Completed")',
    "costs": 'sum(product.cost of lines of "Order Completed" in EUR)',
    "favourite": "most frequent(store.region of any event)",
    "tier": {"of": {"trait": "costs"}, "categories": [{"value": "dear", "at_least": 12}]},
}
MATERIALS = ("wool", "silk", "wood", "cotton", None)
WAYS = {
    "product": {
        "events": [("product_id", "id"), ("sku", "sku")],
        "lines": [("product_id", "id"), ("sku", "sku")],
    },
    "store": {"events": [("store_id", "id"), ("shop.id", "id")], "lines": []},
}


def _expression(value: Any) -> Expression:
    return parse_expression(value) if isinstance(value, str) else decode_expression(value)


class Shop:
    """A workspace, and the same world in plain Python."""

    def __init__(self, folder: Path, chance: random.Random) -> None:
        self.chance = chance
        self.clock = ManualClock(START)
        Workspace.create(folder, clock=self.clock)
        self.workspace = Workspace(folder, clock=self.clock)
        documents = [
            *({"kind": "source", "name": one, "body": {"type": "web", "brand": one}}
              for one in BRANDS),
            {"kind": "entity", "name": "store", "body": {
                "found_in": {"events": ["store_id", "shop.id"]},
                "attributes": {"region": "text", "size": "number", "opened": "date"}}},
            *({"kind": "computed_trait", "name": n, "body": {"value": v}}
              for n, v in COMPUTED.items()),
            *({"kind": "segment", "name": n, "body": {"rule": r}} for n, r in RULES.items()),
        ]  # fmt: skip
        self.keys = self.workspace.apply(documents)["write_keys"]
        self.events: dict[str, list[dict[str, Any]]] = {}
        self.entities: dict[str, dict[tuple[str, str], dict[str, Any]]] = {
            "product": {}, "store": {},
        }  # fmt: skip
        self.sent = 0

    def happen(self) -> None:
        """Somebody views or buys something."""
        chance, self.sent = self.chance, self.sent + 1
        user, brand = chance.choice("abcdefgh"), chance.choice(BRANDS)
        at = self.clock.now() - timedelta(hours=chance.randint(0, 400))
        name = chance.choice(("Order Completed", "Product Viewed", "Page Read"))
        said: dict[str, Any] = {}
        if chance.random() < 0.7:
            said["currency"] = chance.choice(("EUR", "EUR", "USD"))
        if chance.random() < 0.7:
            said["store_id"] = chance.choice(("s1", "s2", 3, "3", "nowhere", True, 3.0))
        if chance.random() < 0.3:
            said["shop"] = {"id": chance.choice(("s1", "s2"))}
        lines = [self._line() for _ in range(chance.randint(1, 2))]
        if name == "Order Completed":
            said |= {"order_id": f"o{self.sent}", "products": lines}
        elif name == "Product Viewed":
            said |= lines[0]
            # An event about one product is a line of its own only with an id or a sku.
            lines = [one for one in lines[:1] if one.keys() & {"product_id", "sku"}]
        else:
            lines = []
        message = {
            "userId": user, "messageId": f"m{self.sent}", "event": name,
            "timestamp": format_time(at), "properties": said,
        }  # fmt: skip
        body = json.dumps(message).encode()
        stored = self.workspace.collect_one(body, "track", self.keys[brand]).result()
        assert stored.stored == 1
        event = {
            **said, "name": name, "occurred_at": at, "brand": brand, "channel": "web",
            "source_id": 1 + BRANDS.index(brand), "message_id": f"m{self.sent}", "lines": lines,
        }  # fmt: skip
        self.events.setdefault(user, []).append(event)

    def _line(self) -> dict[str, Any]:
        line: dict[str, Any] = {"quantity": self.chance.randint(1, 3)}
        if self.chance.random() < 0.8:
            line["product_id"] = self.chance.choice(("p1", "p2", "p3", "p4", "gone"))
        if self.chance.random() < 0.5:
            line["sku"] = self.chance.choice(("k1", "k2", "k3"))
        return line

    def tell(self) -> None:
        """Something is known of a product or a store from now on."""
        chance = self.chance
        brand = chance.choice(("", *BRANDS))
        if chance.random() < 0.3:
            ident = chance.choice(("s1", "s2", "3"))
            known: dict[str, Any] = {
                "region": chance.choice(("North", "South", "East")),
                "size": chance.choice((50, 200, 500.5)),
                "opened": chance.choice(("2019-05-01", "2021-01-01")),
            }
            kind, source = "store", "erp"
        else:
            number = chance.randint(1, 4)
            ident = f"p{number}"
            known = {
                "material": chance.choice(MATERIALS), "colour": chance.choice(("red", "blue")),
                "tags": chance.sample(["new", "eco", "old"], chance.randint(0, 2)),
                "group": chance.choice(("g1", "g2")), "price": chance.choice((10, 25.5)),
                "currency": chance.choice(("EUR", "USD")), "cost": chance.choice((9, 12.25)),
                "cost_currency": "EUR",
            }  # fmt: skip
            if number < 4:
                known["sku"] = f"k{number}"
            kind, source = "product", "feed"
        known = {name: value for name, value in known.items() if value is not None}
        said = self.workspace.put_entities(
            kind, [{"id": ident, **known}], brand=brand or None, source=source
        )
        assert said["refused"] == 0, said
        if kind == "product" and known["currency"] == known["cost_currency"]:
            known["margin"] = known["price"] - known["cost"]
        self.entities[kind][brand, ident] = known

    def forget(self) -> None:
        """A source has something no longer."""
        kind = self.chance.choice(("product", "store"))
        if self.entities[kind]:
            brand, ident = self.chance.choice(sorted(self.entities[kind]))
            source = "feed" if kind == "product" else "erp"
            self.workspace.delete_entity(kind, ident, brand=brand or None, source=source)
            del self.entities[kind][brand, ident]

    def world(self) -> dict[str, Any]:
        ids = {user: self.profile(user) for user in self.events}
        people = [
            {"id": ids[user], "first_seen_at": min(one["occurred_at"] for one in events),
             "identifiers": {("user_id", user)}, "traits": [], "events": events}
            for user, events in self.events.items()
        ]  # fmt: skip
        return {
            "people": people, "sources": dict(enumerate(BRANDS, 1)), "segments": {},
            "kinds": WAYS, "entities": self.entities, "time_zone": "UTC",
            "computed": {name: as_object(_expression(value)) for name, value in COMPUTED.items()},
        }  # fmt: skip

    def asked(self, segment: str) -> set[int]:
        """Who is in a segment, by the query over all customers."""
        with self.workspace.reading() as reading:
            book = self.workspace.book
            return set(query.members(
                reading.cursor, book.segments[segment].rule, as_of=reading.as_of,
                catalogue=book.catalogue,
            ))  # fmt: skip

    def profile(self, user: str) -> int:
        return int(self.workspace.profile(f"user_id:{user}")["profile_id"])


def test_bulk_live_explained_and_the_oracle_agree(tmp_path: Path, seed: int, deep: bool) -> None:
    """S2.10: whatever comes first, events or what is known of what they name."""
    shop = Shop(tmp_path / "data", random.Random(seed))
    with shop.workspace as workspace:
        for _ in range(40 if deep else 3):
            for _ in range(shop.chance.randint(1, 16)):
                shop.chance.choice((shop.happen, shop.happen, shop.tell, shop.forget))()
            if not shop.events:
                continue
            workspace.advance()
            world = reached(shop.world())
            for name, text in RULES.items():
                expected = oracle.members(world, as_object(parse(text)), shop.clock.now())
                assert shop.asked(name) == expected, name
                live = workspace.live_members(name)
                assert live is not None
                assert set(live.ids().tolist()) == expected, name
            found = workspace.memberships.verify(share=0, shares=1)
            assert not found["differences"], found
            user = shop.chance.choice(sorted(shop.events))
            for name, text in shop.chance.sample(sorted(RULES.items()), 4):
                said = workspace.explain(f"user_id:{user}", segment=name)
                expected = oracle.members(world, as_object(parse(text)), shop.clock.now())
                assert said["member"] == (shop.profile(user) in expected), (name, user)
            shop.clock.advance(timedelta(days=shop.chance.randint(0, 4)))


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path / "data", random.Random(3))
    yield made
    made.workspace.close()


def test_what_changes_in_the_catalogue_is_recorded_once(shop: Shop) -> None:
    """Repeating an import is no change, so it is none of memberships."""
    workspace = shop.workspace
    shop.happen()
    body = {"userId": "zoe", "messageId": "z", "event": "Order Completed",
            "timestamp": format_time(START),
            "properties": {"order_id": "z", "store_id": "s9"}}  # fmt: skip
    workspace.collect_one(json.dumps(body).encode(), "track", shop.keys["orchid"]).result()
    workspace.advance()
    before = workspace.book
    for region, changes in (("North", ["entered"]), ("North", ["entered"]),
                            ("South", ["entered", "left"])):  # fmt: skip
        workspace.put_entities("store", [{"id": "s9", "region": region}], source="erp")
        workspace.advance()
        with workspace.reading() as reading:
            sql = (
                "select kind from membership_changes where segment = 'north' and profile_id = ? "
                "order by change_id"
            )
            rows = reading.cursor.execute(sql, [shop.profile("zoe")]).all()
        assert [kind for (kind,) in rows] == changes
        if region == "North":
            same, before = workspace.book is before, workspace.book
    assert same  # the second time nothing was new, so no rule was read again


def test_several_products_of_one_sku(shop: Shop) -> None:
    """It is enough that one of them fulfils a condition; the complement takes all."""
    shop.workspace.put_entities(
        "product", [{"id": "x", "sku": "k", "material": "wool"}, {"id": "y", "sku": "k"}]
    )
    body = {"userId": "zoe", "messageId": "z", "event": "Order Completed",
            "timestamp": format_time(START),
            "properties": {"order_id": "z", "products": [{"sku": "k"}]}}  # fmt: skip
    shop.workspace.collect_one(json.dumps(body).encode(), "track", shop.keys["orchid"]).result()
    assert shop.workspace.preview(RULES["wool"])["count"] == 1
    assert shop.workspace.preview(RULES["no-wool"])["count"] == 0
    liked = 'most frequent(product.material of lines of "Order Completed") = "wool"'
    assert shop.workspace.preview(liked)["count"] == 1, "the other says nothing of it"
    total = 'sum(product.price of lines of "Order Completed")'
    for price, known in (("5 EUR", 5), ("6 EUR", 0), ("5 USD", 0)):
        shop.workspace.put_entities(
            "product",
            [{"id": "x", "sku": "k", "price": "5 EUR"}, {"id": "y", "sku": "k", "price": price}],
        )
        assert shop.workspace.preview(f"{total} = {known}")["count"] == 1, price


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ('did "X" where (store.regio = "North")', "No attribute of store is called 'regio'"),
        ('did "X" where any line (store.region = "North")', "Lines name no store"),
        ('did "X" and store.region = "North"', "in brackets: did"),
        ('did "X" where (product.price = "12")', "product.price is a number"),
        ('did "X" where (store.opened > 3)', "store.opened is a text"),
        ('sum(product.material of lines of "X") > 3', "product.material is a text: it has no sum"),
        ('sum(store.size of lines of "X") > 3', "Lines name no store"),
        ('sum(product.cost of "X") > 3', 'Measure lines of "Order Completed"'),
        ('sum(product.cost of lines of "X") > 3', "product.cost occurs in EUR, USD"),
        ('max(product.cots of lines of "X") > 3', "No attribute of product is called 'cots'"),
    ],
)
def test_what_is_wrong_is_said(shop: Shop, rule: str, message: str) -> None:
    shop.workspace.put_entities("product", [{"id": "p"}])
    every = [one for own in shop.events.values() for one in own]
    while {"EUR", "USD"} - {one.get("currency") for one in every if one["name"][0] == "O"}:
        shop.happen()
        every = [one for own in shop.events.values() for one in own]
    with pytest.raises(RuleError, match=message):
        shop.workspace.preview(rule.replace("X", "Order Completed"))
