"""What simulated customers say: few names and few values, so that rules divide them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

EVENTS = (
    "Order Completed", "Order Completed ", "Order Updated", "Order Refunded", "Order Exchanged",
    "Order Cancelled", "Page Viewed", "Product Added", "Checkout Started", "Shipping Info Entered",
    "Payment Info Entered", "Product Returned", "Quiz Taken", "Video Played",
)  # fmt: skip
"""Two of them differ by a space only."""

GROUPS = ("g1", "g2", "g3", "g4", "g5")
BRANDS = ("A", "B")
CURRENCIES = ("EUR", "THB")

AMOUNTS: tuple[Any, ...] = (0, 5, 5, 10, 10, 12.5, 19.99, 20, 50, 0.1, 0.2, -5, 99999.999999)
ODD: tuple[Any, ...] = (
    "5", "5.0", "", "a", "A", "ab", "50%", "_", "[1]", "é", "true", True, False, None, [], {},
    ["a", "5"], [5, 5.5, True, None], 5, 5.5, 0, -3, 2.000001, 0.1, 10**13, {"depth": 5},
    "2025-03-30", "2025-02-30", "x'; drop table events--",
)  # fmt: skip
"""Values of every type: a rule on text meets numbers, lists and nothing at all."""

RATES: dict[str, list[dict[str, Any]]] = {
    "eur": [
        {"currency": "THB", "from": "2025-02-01", "rate": "0.0253333335"},
        {"currency": "THB", "from": "2025-09-01", "rate": "0.5"},
    ],
    "thb": [{"currency": "EUR", "from": "2025-04-01", "rate": 39}],
}
"""Exchange rates as definitions have them; what happened before the first has none."""

SHELF: dict[str, Any] = {
    "found_in": {"events": ["coupon", "path"], "lines": ["sku", "category"]},
    "attributes": {"height": "number", "side": "text", "tags": "list"},
}
"""A kind of entity that events and lines name by an id."""

SHELVES: dict[tuple[str, str], dict[str, Any]] = {
    ("", "k1"): {"height": 5, "side": "left"},
    ("A", "k1"): {"height": 12.5, "side": "right", "tags": ["a", "b"]},
    ("", "k2"): {"height": -5, "side": "5", "tags": []},
    ("", "Tea"): {"height": 0.1, "side": "left", "tags": ["a"]},
    ("B", "tea"): {"side": "Left"},
    ("", "SPRING"): {"height": 10, "side": "right"},
    ("B", "SPRING"): {"height": 2.000001, "side": "left"},
    ("", "/"): {"height": 99999.5, "side": "left"},
    ("A", "/sale"): {"height": 5, "tags": ["b"]},
}
"""What is known of them, by brand and id."""

PLANS = ("free", "pro", "team", "Pro", None)
DATES = (
    "2025-03-30T00:30:00+01:00", "2025-10-26T02:30:00.000001", "2024-02-29", "2023-02-29",
    "2025-1-1", "soon", 20250330, None,
)  # fmt: skip
BIRTHDAYS = (
    "1984-02-29", "2000-02-28", "2000-03-01", "1975-12-31", "1980-01-01", "2026-03-30",
    "1990-13-01", "30 March", None,
)  # fmt: skip
TICK = timedelta(microseconds=1)
NEAR = (-60, -31, -30, -7, -3, -1, 0, 0, 1, 2, 6, 7, 29, 30, 31, 60)
PLACES: tuple[Any, ...] = (
    {"lat": 52.09, "lon": 5.12}, {"latitude": 52.1, "longitude": 5.2}, {"lat": 52.37, "lng": 4.9},
    {"lat": -17.5, "lon": 179.9}, {"lat": -17.5, "lon": -179.9}, {"lat": 13.75, "lon": 100.5},
    {"lat": 91, "lon": 0}, {"lat": "52.09", "lon": 5.12}, {"lat": 52.09}, [52.09, 5.12], None,
)  # fmt: skip
ADDRESSES: tuple[Any, ...] = (
    {"country": "NL", "city": "Utrecht", "post.code": "3511"}, {"country": "NL"},
    {"country": "TH", "city": "Bangkok"}, {"country": None, "city": 5}, "Utrecht", None,
)  # fmt: skip


def email(number: int) -> str:
    """The address of a person; nobody else has it."""
    return f"p{number}@example.com"


def traits(chance: random.Random, number: int, around: datetime) -> dict[str, Any]:
    """One to three traits; any may be cleared or of a wrong type, dates lie around a moment."""
    names = chance.sample(sorted(_TRAITS), chance.randint(1, 3))
    drawn = traits_named(chance, names, around)
    if chance.random() < 0.2:
        drawn["email"] = email(number)
    return drawn


def traits_named(chance: random.Random, names: Sequence[str], around: datetime) -> dict[str, Any]:
    """These traits, each with a value."""
    return {name: _TRAITS[name](chance, around) for name in names}


def group_traits(chance: random.Random) -> dict[str, Any]:
    """Traits of a company or a household; sometimes none."""
    drawn: dict[str, Any] = {}
    if chance.random() < 0.7:
        drawn["industry"] = chance.choice(("IT", "Retail", "it", None))
    if chance.random() < 0.5:
        drawn["employees"] = chance.choice((5, 50, 500, "50"))
    if chance.random() < 0.3:
        drawn["address"] = chance.choice(ADDRESSES)
    return drawn


def properties(chance: random.Random, event: str, around: datetime) -> dict[str, Any]:
    """The properties of an event; each may be missing, dates lie around a moment."""
    drawn: dict[str, Any] = _PROPERTIES[event](chance, around)
    return {name: value for name, value in drawn.items() if chance.random() < 0.92}


def _order(chance: random.Random) -> dict[str, Any]:
    revenue = chance.choice(AMOUNTS)
    return {
        "order_id": _order_id(chance),
        "currency": chance.choice(("EUR", "EUR", "THB", None)),
        "revenue": str(revenue) if chance.random() < 0.05 else revenue,
        "total": chance.choice(AMOUNTS),
        "discount": chance.choice((0, 5, 0.5, None)),
        "coupon": chance.choice(("SPRING", "spring", "x%", None)),
        "payment_method": chance.choice(("card", "cash", "Card", None)),
        "products": [_product(chance) for _ in range(chance.choice((0, 1, 2, 2, 3)))],
    }


def _order_id(chance: random.Random) -> str:
    """Few, so that several events are about one order."""
    return f"o{chance.randrange(4)}"


def _change(chance: random.Random, ident: str) -> dict[str, Any]:
    """A refund or an exchange: by amount, by line, or without a word."""
    drawn = {
        "order_id": _order_id(chance),
        ident: chance.choice(("r1", "r2", 1, None)),
        "total": chance.choice(AMOUNTS),
        "currency": chance.choice(("EUR", "EUR", "THB", None)),
        "products": [_product(chance) for _ in range(chance.choice((0, 1, 2)))],
    }
    return {name: value for name, value in drawn.items() if chance.random() < 0.6}


def _returned(chance: random.Random) -> dict[str, Any]:
    """One product of an order that was brought back; rarely, nobody says which."""
    change = _change(chance, "refund_id")
    change.pop("products", None)
    return {"order_id": "o0", **change, **({} if chance.random() < 0.1 else _product(chance))}


def _product(chance: random.Random) -> dict[str, Any]:
    drawn = {
        "product_id": chance.choice(("p1", "p2", "p3", "p4")),
        "sku": chance.choice(("k1", "k2", "k3")),
        "name": chance.choice(("Green tea", "Cup")),
        "category": chance.choice(("Tea", "Cups", "tea", None)),
        "brand": chance.choice(("Ock", "Bly")),
        "colour": chance.choice(("green", "red", None)),
        "price": chance.choice(AMOUNTS),
        "quantity": chance.choice((1, 1, 2, 3, 0.5, -1)),
        "cost": chance.choice((1, 2.5, 3, 0.000001, "5", None)),
        "size": chance.choice(ODD),
    }
    return {name: value for name, value in drawn.items() if chance.random() < 0.85}


def _added(chance: random.Random) -> dict[str, Any]:
    return {**_product(chance), "currency": chance.choice(CURRENCIES)}


def _quiz(chance: random.Random, around: datetime) -> dict[str, Any]:
    return {
        "score": chance.choice((1, 2, 3, 5, 5.5, 8)) if chance.random() < 0.6 else _odd(chance),
        "level": chance.choice(("easy", "hard", "Hard", "hard ")),
        "answers": chance.choice((["a", "b"], ["a"], [], ["5", 5], "a", None)),
        "detail": {"depth": _odd(chance), "place": chance.choice(PLACES)},
        "due": _date(chance, around),
    }


def _date(chance: random.Random, around: datetime) -> Any:  # noqa: ANN401
    """A day or a moment near another, in some spelling; or what only looks like one."""
    if chance.random() < 0.25:
        return chance.choice(DATES)
    day = datetime(around.year, around.month, around.day) + timedelta(days=chance.choice(NEAR))  # noqa: DTZ001
    if chance.random() < 0.4:
        return str(day.date())
    at = day + chance.choice((-TICK, timedelta(0), TICK, timedelta(hours=1), timedelta(hours=15)))
    return at.isoformat() + chance.choice(("Z", "", "+00:00", "+05:45", "-03:00"))


def _birthday(chance: random.Random, around: datetime) -> Any:  # noqa: ANN401
    if chance.random() < 0.35:
        return chance.choice(BIRTHDAYS)
    at = around + timedelta(days=chance.choice(NEAR))
    born = f"{chance.randint(1960, 2005)}-{at:%m-%d}"
    return born + chance.choice(("", "", "T23:30:00Z", "T00:30:00+02:00"))


def _odd(chance: random.Random) -> Any:  # noqa: ANN401 - any JSON
    return chance.choice(ODD)


Drawer = Callable[[random.Random, datetime], Any]

_PROPERTIES: dict[str, Drawer] = {
    "Order Completed": lambda chance, _: _order(chance),
    "Order Completed ": lambda chance, _: {"note": _odd(chance)},
    "Order Updated": lambda chance, _: _order(chance),
    "Order Cancelled": lambda chance, _: {"order_id": _order_id(chance)},
    "Order Refunded": lambda chance, _: {"order_id": "o0", **_change(chance, "refund_id")},
    "Order Exchanged": lambda chance, _: {"order_id": "o0", **_change(chance, "exchange_id")},
    "Product Returned": lambda chance, _: _returned(chance),
    "Page Viewed": lambda chance, _: {
        "path": chance.choice(("/", "/sale", "/Sale", "/tea?x=100%")),
        "seconds": chance.choice((1, 5, 30, "30")),
    },
    "Product Added": lambda chance, _: _added(chance),
    "Checkout Started": lambda chance, _: {"step": chance.choice((1, 2, 3, "1"))},
    "Shipping Info Entered": lambda chance, _: {"shipping_method": chance.choice(("post", "shop"))},
    "Payment Info Entered": lambda chance, _: {"payment_method": chance.choice(("card", "cash"))},
    "Quiz Taken": _quiz,
    "Video Played": lambda chance, _: {
        "seconds": chance.choice((1, 5, 30, 90, 90.5, None)),
        "title": chance.choice(("Intro", "intro", "Outro")),
    },
}

_TRAITS: dict[str, Drawer] = {
    "plan": lambda chance, _: chance.choice(PLANS),
    "age": lambda chance, _: chance.choice((17, 18, 30, 30, 40, 40.5, "30", None)),
    "tier": lambda chance, _: _odd(chance),
    "tags": lambda chance, _: chance.choice((["a", "b"], ["a"], [], ["5", 5, True], "a", None)),
    "vip": lambda chance, _: chance.choice((True, False, 1, "true", None)),
    "joined": _date,
    "renewal": _date,
    "birthday": _birthday,
    "address": lambda chance, _: chance.choice(ADDRESSES),
    "location": lambda chance, _: chance.choice(PLACES),
}

TRAITS = tuple(_TRAITS)
"""The names of traits."""
