"""What events are about, by their names: the one table by which a timeline can be narrowed."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple, get_args

About = Literal[
    "order",
    "product",
    "message",
    "call",
    "store",
    "loyalty",
    "consent",
    "survey",
    "advertising",
    "social",
    "movement",
]

ABOUT: tuple[About, ...] = get_args(About)


class Names(NamedTuple):
    """Which names an event of a kind has.

    Attributes:
        begin: What they begin with; a word is whole.
        end: What they end with; likewise.
        whole: Whole names.
    """

    begin: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()


# The first that fits counts.
_NAMES: dict[About, Names] = {
    "consent": Names(("Consent",), whole=("Subscribed", "Unsubscribed")),
    "movement": Names(end=("Changed", "Moved", "Reached")),
    "order": Names(("Order",)),
    "product": Names(("Product", "Cart", "Checkout", "Payment Info", "Coupon", "Wishlist")),
    "message": Names(("Email", "SMS", "Push Notification", "WhatsApp", "In-App Message", "Letter")),
    "call": Names(("Call",)),
    "store": Names(("Store", "Beacon")),
    "loyalty": Names(("Loyalty", "Points")),
    "survey": Names(("Survey", "Feedback")),
    "advertising": Names(("Ad",)),
    "social": Names(("Post",), whole=("Brand Mentioned", "Account Followed")),
}


def _pattern(names: Names) -> str:
    def any_of(texts: tuple[str, ...]) -> str:
        return "|".join(map(re.escape, texts))

    ways = [f"(?:{any_of(names.begin)}) .*"] if names.begin else []
    ways += [f".* (?:{any_of(names.end)})"] if names.end else []
    ways += [any_of(names.whole)] if names.whole else []
    return "|".join(ways)


_PATTERNS = {about: re.compile(_pattern(names)) for about, names in _NAMES.items()}


def about(name: str) -> About | None:
    """What an event is about, by its name; None where nothing is said of such names.

    >>> about("Order Completed"), about("Email Opened"), about("RFM Group Changed"), about("Ads")
    ('order', 'message', 'movement', None)
    """
    return next((kind for kind, one in _PATTERNS.items() if one.fullmatch(name)), None)
