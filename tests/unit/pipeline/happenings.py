"""What may happen in a shop: people buy, are merged and parted, and copies are made of it."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from patron.errors import PatronError
from unit.pipeline.shop import Shop


def somebody(chance: random.Random) -> dict[str, str]:
    who = {}
    if chance.random() < 0.6:
        who["userId"] = f"u{chance.randrange(5)}"
    if not who or chance.random() < 0.5:
        who["anonymousId"] = f"b{chance.randrange(6)}"
    return who


def something(chance: random.Random) -> tuple[str, dict[str, Any]]:
    if chance.random() < 0.4:
        return "Seen", {"page": chance.randrange(9)}
    order = {"order_id": f"o{chance.randrange(12)}", "currency": "EUR"}
    name = chance.choice(["Order Completed", "Order Completed", "Order Refunded"])
    total = {"total": chance.randrange(1, 90)}
    products = [
        {"product_id": f"p{n}", "price": 3, "quantity": 1} for n in range(chance.randrange(3))
    ]
    return name, {**order, **total, "products": products}


def traits(chance: random.Random) -> dict[str, Any]:
    told = {"first_name": chance.choice(["Ann", "Bo", None]), "tier": chance.randrange(3)}
    return {name: told[name] for name in told if chance.random() < 0.7}


def act(shop: Shop, chance: random.Random) -> None:
    """A few messages of some of eleven people and devices, and then something rarer."""
    workspace = shop.workspace
    for _ in range(chance.randrange(4, 15)):
        at = shop.clock.now() - timedelta(minutes=chance.randrange(500))
        if chance.random() < 0.25:
            shop.send("identify", at=at, traits=traits(chance), **somebody(chance))
            continue
        name, properties = something(chance)
        shop.send("track", at=at, event=name, properties=properties, **somebody(chance))
    kind = chance.choice(["tend", "tend", "tend", "merge", "unmerge", "compact", "nothing"])
    pair = [f"user_id:u{chance.randrange(5)}", f"user_id:u{chance.randrange(5)}"]
    try:
        if kind == "tend":
            steps = iter(range(chance.randrange(1, 6)))  # then it ends, maybe half-way
            workspace._histories.tend(lambda: next(steps, None) is not None)
        elif kind == "merge":
            workspace.merge(*pair, made_by="test", reason="same person")
        elif kind == "unmerge":
            one = chance.choice([pair[0], f"anonymous_id:b{chance.randrange(6)}"])
            workspace.unmerge(identifier=one, made_by="test", reason="another person")
        elif kind == "compact":
            workspace.compact()
    except PatronError:
        pass  # there was nothing to part, or they were one already
