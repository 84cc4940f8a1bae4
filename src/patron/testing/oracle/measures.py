"""Numbers and values taken of many events: counts, sums, averages, first and last (M8, M15)."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from patron.testing.oracle.selections import Row, rows_of
from patron.testing.oracle.shapes import Question, Rule
from patron.testing.oracle.values import compares, fulfils, number, scalar

NUMERIC = ("count", "sum", "average", "min", "max", "distinct")
Rate = tuple[str, datetime, Decimal]
"""Of a currency, from a moment on."""

PICKED = ("first", "last", "most_frequent")


def kind_of(rule: Rule) -> str | None:
    """Which measure a condition is about; None: about none."""
    return next((kind for kind in NUMERIC + PICKED if kind in rule), None)


def measure_holds(question: Question, rule: Rule) -> bool:
    """Whether a measure of the customer's events compares so with a value or another measure."""
    kind = kind_of(rule)
    if kind in PICKED:
        return fulfils(picked(question, rule), rule["op"], rule.get("value"))
    value = rule["value"]
    if isinstance(value, dict):
        other = measured(question, value)
        return both_compare(measured(question, rule), rule["op"], other)
    return amount_compares(measured(question, rule), rule["op"], value)


def amount_compares(found: Fraction | None, op: str, value: object) -> bool:
    """How a measure that may be missing compares: of missing only ``!=`` holds."""
    if found is None:
        return op == "!="
    return compares(found, op, value)


def both_compare(found: Fraction | None, op: str, other: Fraction | None) -> bool:
    """How two measures compare; where either is missing only ``!=`` holds."""
    return op == "!=" if other is None else amount_compares(found, op, other)


def measured(question: Question, rule: Rule) -> Fraction | None:
    """The number that a measure gives, exactly; None: missing."""
    kind = next(kind for kind in NUMERIC if kind in rule)
    rows = rows_of(question, rule[kind])
    if kind == "count" and rule[kind].get("returns"):
        return Fraction(len({refund_of(row, at) for at, row in enumerate(rows)}))
    if kind == "count":
        return Fraction(len(rows))
    if kind == "distinct":
        values = [row.value(rule[kind]["property"]) for row in rows]
        return Fraction(len({scalar(value) for value in values} - {None}))
    amounts = [amount_of(question, row, rule[kind]) for row in rows]
    return summary(kind, [amount for amount in amounts if amount is not None])


def refund_of(row: Row, at: int) -> tuple[object, ...]:
    """Which refund a row tells of: that of its id, of its order; else one of its own."""
    ident = row.properties.get("refund_id")
    if ident is None:
        return (at,)
    return row.properties["brand"], row.properties.get("order_id"), str(ident)


def amount_of(question: Question, row: Row, selection: Rule) -> Decimal | None:
    """The number that a row has, in the currency that is asked for; None: it has none."""
    value, to = row.value(selection["property"]), selection.get("convert")
    if to is None:
        return number(value)
    return converted(row, value, to, question.world.get("rates", {}).get(to, []))


def converted(row: Row, value: object, to: str, rates: list[Rate]) -> Decimal | None:
    """An amount in another currency, by the last rate from before it; None: there was none yet.

    >>> rates = [("USD", datetime(2026, 1, 1), Decimal("0.85"))]
    >>> converted(Row(datetime(2026, 1, 2), {}, "USD"), 2, "EUR", rates)
    Decimal('1.700000')
    """
    amount = number(value)
    if amount is None or row.currency == to:
        return amount
    known = [(since, rate) for of, since, rate in rates if of == row.currency and since <= row.at]
    if not known:
        return None
    millionths = round(Fraction(amount) * Fraction(max(known)[1]) * 1_000_000)
    return number(Decimal(millionths).scaleb(-6))


def summary(kind: str, amounts: list[Decimal]) -> Fraction | None:
    """Sum, average, smallest or largest; of nothing the sum is 0 and the others are missing."""
    total = sum(map(Fraction, amounts), Fraction(0))
    if kind == "sum":
        return total
    if not amounts:
        return None
    if kind == "average":
        return total / len(amounts)
    return Fraction(min(amounts) if kind == "min" else max(amounts))


def picked(question: Question, rule: Rule) -> object:
    """The first, last or most frequent value that a property has; None: it never has one."""
    kind = next(kind for kind in PICKED if kind in rule)
    rows = rows_of(question, rule[kind])
    if kind == "most_frequent":
        return most_frequent(rows, rule[kind]["property"], int(rule.get("times", 1)))
    values = [row.value(rule[kind]["property"]) for row in rows]
    there = [value for value in values if value is not None]
    if not there:
        return None
    return there[0] if kind == "first" else there[-1]


def most_frequent(rows: list[Row], path: str, often: int = 1) -> object:
    """The scalar that most rows have; of equally frequent ones the one whose last row is later.

    None where no scalar is that of so many rows.
    """
    found = [key for row in rows if (key := scalar(row.value(path))) is not None]
    if not found:
        return None
    times = Counter(found)
    best = max(times.values())
    if best < often:
        return None
    latest = next(key for key in reversed(found) if times[key] == best)
    return latest[1]
