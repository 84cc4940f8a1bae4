"""What customers of the Complete Journey data come to, in plain Python.

Nothing here asks Patron: it is what its answers are held against.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

NOW = datetime(2018, 1, 1)
SIX = Decimal("0.000001")
REGIONS = ("north", "south", "east")

Known = dict[int, dict[str, Any]]
"""What is told of products, by their numbers."""


class Line(NamedTuple):
    basket: str
    at: datetime
    store: str
    category: str | None
    quantity: Decimal
    price: Decimal
    product: int


def place(store: str) -> dict[str, Any] | None:
    """What is told of most stores."""
    number = int(store)
    if number % 4 == 1:
        return None
    return {"region": REGIONS[number % 3], "size": number % 100}


def computed_plainly(lines: list[Line]) -> dict[str, Any]:
    """What the traits of one household come to."""
    baskets: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        baskets[line.basket].append(line)
    orders = [
        (some[0].at, f"basket-{basket}", sum((one.price for one in some), Decimal(0)), some)
        for basket, some in baskets.items()
    ]
    orders.sort(key=lambda order: order[:2])
    revenues = [revenue for _, _, revenue, _ in orders]
    late = [order for order in orders if order[0] > NOW - timedelta(days=90)]
    spent = sum(revenues, Decimal(0))
    lately = sum((revenue for _, _, revenue, _ in late), Decimal(0))
    stores = [some[0].store for *_, some in orders]
    categories = [one.category for *_, some in orders for one in some if one.category is not None]
    month = [some[0].store for at, *_, some in orders if at > NOW - timedelta(days=30)]
    drinks = [line.quantity for line in lines if line.category == "SOFT DRINKS"]
    share = six(six(lately / spent) * 100) if spent else None
    return {
        "spent": spent,
        "lately": lately,
        "visits": len(orders),
        "typical": six(spent / len(orders)),
        "largest": max(revenues),
        "smallest": min(revenues),
        "shops": len(set(stores)),
        "pieces": sum(drinks, Decimal(0)),
        "first_shop": stores[0],
        "favourite": most_frequent(categories, 1),
        "devoted": most_frequent(stores, 40),
        "tried": sorted(set(month)) or None,
        "tier": next(
            (name for name, least in (("gold", 4000), ("silver", 1500)) if spent >= least),
            "bronze" if spent > 0 else None,
        ),
        "share": share,
        **left_plainly(baskets),
        "mixed": six((spent - lately) / (len(orders) + 1)) - Decimal("12.5"),
    }


def in_order(lines: list[Line]) -> list[list[Line]]:
    """The baskets of one household in the order of their messages."""
    baskets: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        baskets[line.basket].append(line)
    return sorted(baskets.values(), key=lambda some: (some[0].at, f"basket-{some[0].basket}"))


def reached_plainly(lines: list[Line], products: Known) -> dict[str, Any]:
    """What the goods and the stores of one household were like."""
    baskets = in_order(lines)
    known = [
        (line.at, products[line.product])
        for some in baskets
        for line in some
        if line.product in products
    ]
    places = [found for some in baskets if (found := place(some[0].store)) is not None]
    departments = [one["department"] for _, one in known]
    quarter, fortnight = NOW - timedelta(days=90), NOW - timedelta(days=14)
    return {
        "goods": sum((Decimal(str(one["cost"])) for at, one in known if at > quarter), Decimal(0)),
        "department": most_frequent([one for one in departments if one != "GROCERY"], 1),
        "makers": sorted({one["maker"] for at, one in known if at > fortnight})[:100] or None,
        "regions": len({one["region"] for one in places}),
        "last_region": places[-1]["region"] if places else None,
        "largest_shop": max((one["size"] for one in places), default=None),
        "collected": points_plainly(baskets),
    }


def points_plainly(baskets: list[list[Line]]) -> int:
    """What is left of the points of one household, by lots: the oldest are burned first."""
    moves: list[tuple[datetime, int, int]] = []
    for some in baskets:
        number, sold = int(some[0].basket), some[0].at
        paid = sum((one.price for one in some), Decimal(0))
        moves.append((sold, 1, int(paid)))
        burned = [(7, 2, round_half_up(paid * 3 / 10)), (21, 3, Decimal(1))]
        moves += [(sold + timedelta(days=days), 2, int(amount))
                  for divisor, days, amount in burned if number % divisor == 0]  # fmt: skip
        if number % 13 == 0:
            moves.append((sold - timedelta(days=1), 1, 5))
    lots: list[list[Any]] = []
    debt = 0
    for at, turn, amount in sorted(move for move in moves if move[0] <= NOW):
        lots = [lot for lot in lots if lot[0] + timedelta(days=60) > at]
        if turn == 1:
            lots.append([at, max(amount - debt, 0)])
            debt = max(debt - amount, 0)
            continue
        left = amount
        for lot in lots:
            taken = min(lot[1], left)
            lot[1] -= taken
            left -= taken
        debt += left
    return sum(lot[1] for lot in lots if lot[0] + timedelta(days=60) > NOW) - debt


def left_plainly(baskets: dict[str, list[Line]]) -> dict[str, Any]:
    """What is left of the orders of one household."""
    net = margin = back = gross = Decimal(0)
    refunded = cancelled = 0
    for basket, some in baskets.items():
        number, sold = int(basket), some[0].at
        paid = sum((one.price for one in some), Decimal(0))
        cost = sum((six(one.price / 2) * one.quantity for one in some), Decimal(0))

        def happened(divisor: int, days: int, *, of: tuple[int, datetime] = (number, sold)) -> bool:
            return of[0] % divisor == 0 and of[1] + timedelta(days=days) <= NOW

        given = Decimal(0)
        if happened(7, 2):
            given = Decimal(1) if happened(21, 3) else round_half_up(paid * 3 / 10)
        given += Decimal("0.5") if happened(14, 4) else 0
        kept = paid - (Decimal("1.25") if happened(13, -1) else 0)
        whole, off = happened(17, 9), happened(11, 1)
        given = kept if whole else given
        gross, back = gross + paid, back + given
        cancelled += off and sold > NOW - timedelta(days=365)
        refunded += not off and (whole or given != 0)
        if not off and not whole:
            net, margin = net + kept - given, margin + kept - given - six(cost)
    return {
        "kept": net,
        "earned": margin,
        "back": refunded,
        "called_off": cancelled,
        "back_share": six(back / gross) if gross else None,
    }


def round_half_up(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def six(number: Decimal) -> Decimal:
    return number.quantize(SIX, ROUND_HALF_EVEN)


def most_frequent(found: list[str], often: int) -> str | None:
    """Of equally frequent ones the last seen."""
    times = Counter(found)
    most = max(times.values(), default=0)
    if most < often or not found:
        return None
    return next(one for one in reversed(found) if times[one] == most)
