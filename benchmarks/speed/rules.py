"""Rules of every class of operators of the language, for the benchmarks of live membership."""

from __future__ import annotations

import random
from collections.abc import Callable

from patron.errors import RuleError
from patron.segments.text import parse

EVENTS = ("Order Completed", "Product Viewed", "Page Viewed", "Product Added")
DEPARTMENTS = ("MEAT", "GROCERY", "DAIRY", "DRUG", "PASTRY", "GARDEN", "TOYS", "FLORAL")
PLANS = ("free", "basic", "pro")


def rules(number: int, seed: int = 1) -> tuple[list[str], list[str]]:
    """Rules with windows, thresholds and filters of their own, of each class in turn.

    Args:
        number: How many.
        seed: Other seeds give other rules of the same classes.

    Returns:
        The rules, and the names of the classes that the language here does not read.
    """
    unread = [name for name, make in _CLASSES.items() if not _read(make(_Chance(seed)))]
    read = [make for name, make in _CLASSES.items() if name not in unread]
    chance = _Chance(seed)
    return [read[at % len(read)](chance) for at in range(number)], unread


def _read(rule: str) -> bool:
    try:
        parse(rule)
    except RuleError:
        return False
    return True


class _Chance(random.Random):
    """What a rule leaves to chance."""

    @property
    def event(self) -> str:
        return f'"{self.choice(EVENTS)}"'

    @property
    def last(self) -> str:
        return f"in the last {self.days} days"

    @property
    def days(self) -> int:
        return self.choice((1, 7, 14, 30, 60, 90, 180, 365))

    @property
    def department(self) -> str:
        return f'department = "{self.choice(DEPARTMENTS)}"'


_ORDERS = '"Order Completed"'
_CLASSES: dict[str, Callable[[_Chance], str]] = {
    "count": lambda c: f"count({c.event} {c.last}) >= {c.randint(1, 4)}",
    "absence": lambda c: f"did not {c.event} {c.last}",
    "sum": lambda c: f"sum(revenue of {_ORDERS} {c.last}) > {c.randint(1, 9)}00",
    "average": lambda c: f"average(revenue of {_ORDERS} {c.last}) > 90",
    "filter": lambda c: f"did {c.event} {c.last} where ({c.department})",
    "trait": lambda c: (
        f'plan in ("{c.choice(PLANS)}", "gold") and max(revenue of {_ORDERS} {c.last}) > 190'
    ),
    "trait over time": lambda c: (
        f'plan changed to "{c.choice(PLANS)}" {c.last} or plan = "free" for at least {c.days} days'
    ),
    "distinct": lambda c: f"distinct(department of {c.event} {c.last}) >= {c.randint(2, 5)}",
    "first and last": lambda c: f'last(department of {c.event}) = "{c.choice(DEPARTMENTS)}"',
    "calendar window": lambda c: f"count({c.event} this month) > {c.randint(0, 2)}",
    "stopped": lambda c: f"stopped {c.event} for {c.days} days",
    "periods": lambda c: f"did {c.event} in at least 2 of the last {c.randint(3, 8)} weeks",
    "metric against metric": lambda c: (
        f"count({c.event} in the last 30 days) > count({c.event} {c.last} where {c.department})"
    ),
    "sequence": lambda c: (
        f'sequence ("Product Added" then {_ORDERS} within {c.randint(1, 20)} days) {c.last}'
    ),
    "cart": lambda c: f"abandoned cart for at least {c.randint(1, 5)} days",
    "order": lambda c: f"orders({c.last}) >= 1 and last order more than {c.randint(1, 9)} days ago",
    "some of": lambda c: (
        f"at least 2 of (did {c.event} {c.last}, plan exists, count(any event) > 20)"
    ),
    "share": lambda c: f'random {c.randint(5, 50)} % seed "{c.randint(1, 9)}" and did {c.event}',
    "top": lambda c: f"top {c.randint(1, 20)} % by count({c.event} {c.last}) refreshed daily",
    "brands": lambda c: f"on at least 1 brand (count({c.event} {c.last}) >= {c.randint(1, 3)})",
    "past membership": lambda _: "was in segment live_0 on 2025-06-30",
    "entry": lambda c: f"entered segment live_0 {c.last}",
}
