"""Which observation of a trait holds, and why the others do not.

All customers are asked the same in SQL (`segments/surviving.py`); the few observations of one are
judged here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any, Literal, NamedTuple

from patron.spec.traits import USUAL_TRUST, Survivorship

Reason = Literal[
    "holds", "part", "earlier", "later", "less trusted", "less frequent", "shorter", "no list",
    "set by hand", "expired", "taken back", "cleared",
]  # fmt: skip
"""Why an observation holds, or does not: another one is ``set by hand``; it was ``taken back`` by a
null of its source; it is such a null, which ``cleared`` the trait; ``later`` than the ``first``."""

USUAL = Survivorship()
"""The latest observation holds."""


class Told(NamedTuple):
    """One observation of a trait, in the order of which of two is the later."""

    occurred_at: datetime
    source_id: int
    message_id: str
    value: str | None
    """JSON; None: cleared."""


class Judged(NamedTuple):
    """What became of the observations of one trait.

    Attributes:
        value: The value that holds; None when none does.
        by: The observation that holds, or the latest that has a part in it.
        reasons: Per observation.
    """

    value: Any
    by: Told | None
    reasons: dict[Told, Reason]


def judged(told: Sequence[Told], rule: Survivorship | None, as_of: datetime) -> Judged:
    """Which of some observations of one trait of one customer holds.

    Args:
        told: All that was observed by `as_of`, in any order.
        rule: What is declared of it; None for the latest.
        as_of: The moment that is asked about, naive UTC.
    """
    rule = rule or USUAL
    ordered = sorted(told, key=lambda one: one[:3])
    reasons: dict[Told, Reason] = {}
    hands = [one for one in ordered if one.source_id in rule.by_hand]
    others = [one for one in ordered if one.source_id not in rule.by_hand]
    by_hand = _left(hands, reasons)
    if rule.holds_for is not None:
        late = [one for one in others if one.occurred_at + rule.holds_for <= as_of]
        reasons |= dict.fromkeys(late, "expired")
        others = [one for one in others if one.occurred_at + rule.holds_for > as_of]
    # A null takes back what the same voice said.
    voices = {None if rule.rule == "most_recent" else one.source_id for one in others}
    counted = [
        one
        for voice in voices
        for one in _left([o for o in others if voice in (None, o.source_id)], reasons)
    ]
    counted.sort(key=lambda one: one[:3])
    if by_hand:
        reasons |= dict.fromkeys(counted, "set by hand")
        reasons |= dict.fromkeys(by_hand, "earlier")
        return _holds(by_hand[-1], reasons)
    if rule.rule == "union":
        return _united(counted, reasons)
    if not counted:
        return Judged(None, None, reasons)
    best, why = _best(counted, rule)
    reasons |= why
    return _holds(best, reasons)


def _left(told: list[Told], reasons: dict[Told, Reason]) -> list[Told]:
    """What one voice said since it last took everything back."""
    left: list[Told] = []
    for one in told:
        if one.value is None:
            reasons |= dict.fromkeys(left, "taken back")
            reasons[one] = "cleared"
            left = []
        else:
            left.append(one)
    return left


def decode(text: str | None) -> Any:  # noqa: ANN401 - any JSON value
    """The value of an observation; one too large for a number is shown as text."""
    return None if text is None else json.loads(text, parse_constant=str)


def _holds(one: Told, reasons: dict[Told, Reason]) -> Judged:
    reasons[one] = "holds"
    return Judged(decode(one.value), one, reasons)


def _best(counted: list[Told], rule: Survivorship) -> tuple[Told, dict[Told, Reason]]:
    """Among observations in their order the one that holds, and why each other does not."""
    if rule.rule == "first":
        return counted[0], dict.fromkeys(counted, "later")
    weigh, worse = _weighed(counted, rule)
    most = max(weigh.values())
    best = [one for one in counted if weigh[one] == most]
    why: dict[Told, Reason] = {one: "earlier" if weigh[one] == most else worse for one in counted}
    return best[-1], why


def _weighed(counted: list[Told], rule: Survivorship) -> tuple[dict[Told, int], Reason]:
    """What each observation weighs before its time does; and what those of less are."""
    match rule.rule:
        case "trusted":
            ranks = dict(rule.ranks)
            weigh = {one: -ranks.get(one.source_id, USUAL_TRUST) for one in counted}
            return weigh, "less trusted"
        case "longest":
            return {one: _length(decode(one.value)) for one in counted}, "shorter"
        case "most_frequent":
            same = {one: comparable(decode(one.value)) for one in counted}
            times = Counter(same.values())
            return {one: times[same[one]] for one in counted}, "less frequent"
    return dict.fromkeys(counted, 0), "earlier"


def _length(value: object) -> int:
    return len(value) if isinstance(value, str) else -1


def _united(counted: list[Told], reasons: dict[Told, Reason]) -> Judged:
    """Every item of the lists once, in one order whoever said it first."""
    items: dict[str, Any] = {}
    by = None
    for one in counted:
        value = decode(one.value)
        reasons[one] = "part" if isinstance(value, list) else "no list"
        if isinstance(value, list):
            by = one
            for item in value:
                if item is not None:
                    key = comparable(item)
                    items[key] = min(item, items.get(key, item), key=json.dumps)
    if by is None:
        return Judged(None, None, reasons)
    return Judged([items[key] for key in sorted(items)], by, reasons)


_EXACT = Context(prec=400)


def comparable(value: object) -> str:
    """A text that is equal for equal values only: numbers are decimals of six places.

    >>> comparable(5) == comparable(5.0), comparable("5") == comparable(5), comparable([True, "a"])
    (True, False, '[true,"a"]')
    """
    # As in SQL, nothing but a text begins with a quotation mark, so that none need end it.
    return f'"{value}' if isinstance(value, str) else _written(value)


def _written(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return f"[{','.join(map(_written, value))}]"
    if isinstance(value, dict):
        parts = (f"{json.dumps(name)}:{_written(value[name])}" for name in sorted(value))
        return f"{{{','.join(parts)}}}"
    return json.dumps(str(value))


def _number(value: float) -> str:
    try:
        exact = Decimal(value)
        rounded = exact.quantize(Decimal("0.000001"), ROUND_HALF_EVEN, _EXACT)
    except InvalidOperation:
        return str(value)
    return f"{rounded:f}" if abs(rounded) < Decimal(10) ** 12 else str(exact)
