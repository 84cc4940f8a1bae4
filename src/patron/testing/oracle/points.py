"""Points: lots that are earned, burned from the oldest on, and expire."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from patron.testing.oracle.durations import after
from patron.testing.oracle.measures import amount_of
from patron.testing.oracle.selections import Row, rows_of
from patron.testing.oracle.shapes import Question, Rule
from patron.testing.oracle.values import compares, exact


def holds(question: Question, rule: Rule) -> bool:
    """Whether the customer's points compare so with a number."""
    return compares(exact(balance(question, rule["points"])), rule["op"], rule["value"])


def balance(question: Question, programme: Rule) -> int:
    """The points that are left, by keeping every lot and taking the oldest first."""
    happened: list[tuple[datetime, int, int]] = []
    for earning in programme["earning"]:
        selection = earning.get("per", earning.get("for"))
        for row in rows_of(question, selection):
            units = _units(question, row, selection) if "per" in earning else Decimal(1)
            points = max(int(exact(earning["earn"]) * units // 1), 0)
            happened.append((row.at, 1, points))
    if "burning" in programme:
        for row in rows_of(question, programme["burning"]):
            amount = _units(question, row, programme["burning"])
            happened.append((row.at, 2, max(int(amount // 1), 0)))
    lots: list[list[Any]] = []
    debt = 0
    for at, turn, points in sorted(happened, key=lambda one: one[:2]):
        lots = [lot for lot in lots if not _expired(lot[0], programme, at)]
        if turn == 1:
            paid = min(debt, points)
            debt -= paid
            lots.append([at, points - paid])
            continue
        left = points
        for lot in lots:
            taken = min(lot[1], left)
            lot[1] -= taken
            left -= taken
        debt += left
    left_over = [lot for lot in lots if not _expired(lot[0], programme, question.as_of)]
    return int(sum(points for _, points in left_over)) - debt


def _expired(earned: datetime, programme: Rule, at: datetime) -> bool:
    return "expire_after" in programme and after(earned, programme["expire_after"]) <= at


def _units(question: Question, row: Row, selection: Rule) -> Decimal:
    return amount_of(question, row, selection) or Decimal(0)
