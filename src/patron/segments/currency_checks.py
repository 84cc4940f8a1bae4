"""Whether the amounts in a rule are of one currency, or can be made so."""

from __future__ import annotations

from patron.errors import told
from patron.segments import columns, entities, paths, tree
from patron.segments.known_names import Names

OF_NUMBERS = ("sum", "average", "min", "max")
"""Measures of numbers only."""

_ADDING = tree.Add | tree.Subtract


def check_converted(names: Names, path: str, name: str, events: tree.Amounts, to: str) -> None:
    """Check that amounts of each known currency can be converted."""
    if name not in OF_NUMBERS or not is_money(names, events):
        names.fail(f"{name} of {events.property} is no amount: nothing is converted.", path)
    rates = names.catalogue.rates.get(to, ())
    for currency in sorted(names.catalogue.currencies - {to}):
        if events.currency in (None, currency) and not any(
            one.currency == currency for one in rates
        ):
            names.doubt(
                f"There is no exchange rate from {currency} to {to}.",
                path,
                told=told("no_rate", currency=currency, to=to),
            )


def check_same(
    names: Names,
    path: str,
    one: tuple[tree.MeasureName, tree.Events],
    other: tuple[tree.MeasureName, tree.Events],
) -> None:
    """Refuse a comparison of two measures that are amounts in different currencies."""
    currencies = [
        said
        for name, events in (one, other)
        if name in OF_NUMBERS
        and is_money(names, events)
        and (said := events.convert or events.currency) is not None
    ]
    if len(set(currencies)) > 1:
        message = f"An amount in {currencies[0]} compares with none in {currencies[1]}."
        names.fail(
            message,
            path,
            hint="Name the same currency on both sides.",
            told=told("other_currencies", known=sorted(set(currencies))),
        )


def currencies_of(names: Names, path: str, expression: tree.Expression) -> frozenset[str]:
    """The currencies that an expression is in; refuses sums of several."""
    if isinstance(expression, tree.Taken):
        name, events = expression.taken()
        money = name in OF_NUMBERS and is_money(names, events)
        said = events.convert or events.currency
        return frozenset([said] if money and said else ())
    if not isinstance(expression, tree.Operation):
        inside = [currencies_of(names, path, part) for _, part in expression.parts()]
        return frozenset().union(*inside)
    left, right = (currencies_of(names, path, part) for part in expression.both)
    if isinstance(expression, tree.Divide) and right:
        return frozenset()  # a rate or a ratio
    both = sorted(left | right)
    if isinstance(expression, _ADDING | tree.Least | tree.Greatest) and len(both) > 1:
        done = "added to" if isinstance(expression, _ADDING) else "compared with"
        message = f"An amount in {both[0]} is not {done} one in {both[1]}."
        names.fail(
            message,
            path,
            hint="Name the same currency on both sides.",
            told=told("other_currencies", known=both),
        )
    return left | right


def is_money(names: Names, events: tree.Events) -> bool:
    """Whether what is measured are amounts of money."""
    if not isinstance(events, tree.Amounts):
        return False
    if entities.is_money(events.property, names.catalogue.entities):
        return True
    return column_type(names, events) == "number" and events.property in columns.MONEY


def column_type(names: Names, events: tree.Amounts) -> columns.ColumnType | None:
    """What is known to lie in what is measured; None where it may be any JSON."""
    parts = paths.split(events.property)
    kind = entities.kind_of(events.property, names.catalogue.entities)
    if kind is not None:
        return entities.column_type(kind, parts[1:])
    return columns.column_type(parts, lines=events.lines, orders=events.orders)
