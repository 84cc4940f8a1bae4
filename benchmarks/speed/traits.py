"""Computed traits of every kind, each of which a live rule asks for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.speed.values import CLASSIFICATIONS, PREFERENCE, SCORE

Document = dict[str, Any]

_ORDERS = '"Order Completed"'
_COMPUTED = {
    "lifetime_value": (f"sum(revenue of {_ORDERS} in EUR)", "> 500"),
    "spent_in_a_month": (f"sum(revenue of {_ORDERS} in the last 30 days in EUR)", "> 100"),
    "spent_in_a_year": (f"sum(revenue of {_ORDERS} in the last 365 days in EUR)", "> 300"),
    "average_order": (f"average(revenue of {_ORDERS} in the last 365 days)", "> 90"),
    "largest_order": (f"max(revenue of {_ORDERS})", "> 190"),
    "smallest_order": (f"min(revenue of {_ORDERS})", "< 10"),
    "orders_made": (f"count({_ORDERS})", ">= 6"),
    "orders_in_a_week": (f"count({_ORDERS} in the last 7 days)", ">= 1"),
    "large_orders": (f"count({_ORDERS} where revenue > 150)", ">= 2"),
    "stores": (f"distinct(store of {_ORDERS})", ">= 5"),
    "views": ('count("Product Viewed" in the last 30 days)', ">= 3"),
    "views_this_month": ('count("Product Viewed" this month)', ">= 1"),
    "added": ('count("Product Added" in the last 90 days)', ">= 2"),
    "meat_viewed": ('count("Product Viewed" where department = "MEAT")', ">= 2"),
    "departments": (f"distinct(department of {_ORDERS} in the last 365 days)", ">= 3"),
    "departments_bought": (f"list(department of {_ORDERS})", 'any of ("MEAT", "TOYS")'),
    "first_department": (f"first(department of {_ORDERS})", '= "GROCERY"'),
    "last_department": ('last(department of "Product Viewed")', '= "DAIRY"'),
    "usual_department": ('most frequent(department of "Page Viewed")', '= "DRUG"'),
    "orders_a_view": ('orders_made / count("Product Viewed")', "> 1"),
    "share_of_the_month": ("spent_in_a_month / spent_in_a_year", ">= 0.5"),
    "carts_left": ("added - orders_in_a_week", "> 1"),
    "orders_a_month_ago": ("earlier(orders_made, 30 days)", ">= 4"),
    "warmth": (
        'decayed(count("Page Viewed"), 50 % after 30 days, 0 % after 90 days)',
        "> 2",
    ),
}
"""Of each its value, and what the rule on it compares it with."""

_TIER: Document = {
    "of": "lifetime_value",
    "categories": [
        {"value": "gold", "at_least": 1000},
        {"value": "silver", "at_least": 100},
        {"value": "bronze"},
    ],
}
_SHOPPER: Document = {
    "cases": [
        {"value": "lapsed", "when": f"stopped {_ORDERS} for 90 days"},
        {"value": "regular", "when": "orders_made >= 3 and spent_in_a_month > 100"},
        {"value": "casual", "when": f"did {_ORDERS}"},
    ]
}
_LOYALTY: Document = {
    "kind": "loyalty",
    "spend": "revenue(in EUR in the last 365 days)",
    "tiers": [{"tier": "high", "at_least": 1000}, {"tier": "low"}],
    "points": {
        "earning": [{"earn": 1, "per": f"revenue of {_ORDERS} in EUR"}],
        "burning": None,
        "expire_after": "180d",
    },
}
_ATTENTION: Document = {
    "interactions": [
        {"event": "Page Viewed", "points": 1, "at_most": 20},
        {"event": "Product Viewed", "points": 2},
        {"event": "Product Added", "points": 5},
    ],
    "decay": {"half_life": "30d"},
}
_INTEREST: Document = {
    "of": "department",
    "interactions": [
        {"event": "Product Viewed", "weight": 1},
        {"event": "Product Added", "weight": 3},
    ],
    "decay": {"half_life": "60d"},
}
_ON_OTHERS = {
    "engagement": "> 20",
    "engagement_growth_7": "> 0",
    "engagement_growth_30": "> 5",
    "engagement_growth_90": "< 0",
    "attention": "> 10",
    "attention_growth_7": "> 0",
    "attention_growth_30": "> 5",
    "attention_growth_90": "< 0",
    "department": '= "MEAT"',
    "interest": '= "TOYS"',
    "club_spend": "> 500",
    "club_points": ">= 100",
    "rfm_recency": ">= 4",
    "rfm_frequency": "= 5",
    "rfm_monetary": "= 1",
    "steps_recency": ">= 4",
    "steps_frequency": "= 5",
    "steps_monetary": "= 1",
    "tier": '= "gold"',
    "shopper": '= "regular"',
}
"""Rules on what other definitions make; what sorts customers is a segment by itself."""

SORTING = (
    "rfm_group",
    "steps_group",
    "lifecycle",
    "club_tier",
    "activity",
    "activity_across_brands",
)
"""Classes that are segments with values."""


def computed_traits() -> list[Document]:
    """Fifty of them, and segments for all."""
    return [*_definitions(), *_segments()]


def names() -> list[str]:
    """What they are called."""
    return [*_COMPUTED, *_ON_OTHERS, *SORTING]


def _definitions() -> Iterator[Document]:
    for name, (value, _) in _COMPUTED.items():
        yield _document("computed_trait", name, {"value": value})
    yield _document("computed_trait", "tier", {"value": _TIER})
    yield _document("computed_trait", "shopper", {"value": _SHOPPER})
    for name, body in {**CLASSIFICATIONS, "club": _LOYALTY}.items():
        yield _document(body["kind"], name, {k: v for k, v in body.items() if k != "kind"})
    yield _document("activity", "activity", {"of": "any event in the last 30 days"})
    yield _document("score", "engagement", SCORE)
    yield _document("score", "attention", _ATTENTION)
    yield _document("preference", "department", PREFERENCE)
    yield _document("preference", "interest", _INTEREST)


def _segments() -> Iterator[Document]:
    comparisons = {name: compared for name, (_, compared) in _COMPUTED.items()} | _ON_OTHERS
    for name, compared in comparisons.items():
        yield _document("segment", f"by_{name}", {"rule": f"{name} {compared}"})


def _document(kind: str, name: str, body: Document) -> Document:
    return {"kind": kind, "name": name, "body": body}
