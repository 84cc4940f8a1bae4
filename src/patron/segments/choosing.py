"""Which of several conditions is the first that holds of each customer, as SQL.

Conditions on the same rows, or on rows that differ only in how far they go back, are answered in
one pass over those rows, whatever is made of them: a class of customers costs about as much as its
measures, however many classes there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlglot import exp

from patron.segments import conditions
from patron.segments.algebra import Grouped, Meet, Profiles, Signed, Union
from patron.segments.conditions import certain, column
from patron.segments.frames import named
from patron.segments.having import having, of_those
from patron.segments.moments import AS_OF
from patron.segments.picks import PickTest
from patron.segments.predicates import combine

if TYPE_CHECKING:
    from patron.segments.sql import Printer


def first_holding(printer: Printer, plans: Sequence[Signed]) -> exp.Select:
    """The place of the first plan that holds of each customer: the key, and ``found``.

    Args:
        printer: Of all customers.
        plans: Of one planner. One that tells apart as many conditions as can be, with a `largest`
            of 0, lets them share the most.
    """
    key = exp.to_identifier(printer.key, quoted=True)
    everybody = named(printer.frame.everybody(AS_OF), "everybody")
    query = exp.select(exp.column(key, table="everybody")).from_(everybody)
    inside: dict[int, exp.Expr] = {}
    for number, (side, names) in enumerate(_sides(printer, plans)):
        inside.update(names)
        each = named(side, f"side_{number}")
        query = query.join(each, using=[key.copy()], join_type="left", copy=False)
    places = exp.Case()
    for place, plan in enumerate(plans):
        places = places.when(_holds(plan, inside), conditions.literal(place), copy=False)
    found = named(query.select(exp.alias_(places, "found"), copy=False), "chosen")
    query = exp.select(column(printer.key), column("found")).from_(found)
    return query.where(exp.Not(this=exp.Is(this=column("found"), expression=exp.null())))


Side = tuple[exp.Select, dict[int, exp.Expr]]
"""A query with the key, and what tells of its columns who is in which set, by `id`."""


def _sides(printer: Printer, plans: Sequence[Signed]) -> list[Side]:
    """What has to be known of each customer, with as few passes as can be."""
    passes: dict[str, list[tuple[str, Grouped]]] = {}
    found: list[Side] = []
    sets = {id(one): one for plan in plans for one in _parts(plan.profiles)}
    for number, one in enumerate(sets.values()):
        name = f"in_{number}"
        if isinstance(one, Grouped) and not isinstance(one.test, PickTest):
            passes.setdefault(one.scan.however_late, []).append((name, one))
        else:
            members = exp.select(column(printer.key), exp.alias_(exp.true(), name, quoted=True))
            members = members.from_(named(printer.set(one), "members"))
            found.append((members, {id(one): certain(column(name))}))
    return [*(_pass(printer, some) for some in passes.values()), *found]


def _pass(printer: Printer, tested: Sequence[tuple[str, Grouped]]) -> Side:
    """Several tests on rows that differ only in how far they go back."""
    widest = max((one.scan for _, one in tested), key=lambda scan: scan.span.reach)
    # What is wanted of traits are those that any of the tests names.
    query, alone = printer.grouped_rows(widest, combine("any", [one.test for _, one in tested]))
    for name, one in tested:
        test = having(one.test, one.scan, printer, alone=alone)
        if one.scan.span.after != widest.span.after:
            test = of_those(one.test, test, exp.and_(*printer.begun(one.scan.span)))
        query = query.select(exp.alias_(certain(test), name, quoted=True), copy=False)
    return query, {id(one): certain(column(name)) for name, one in tested}


def _parts(profiles: Profiles) -> list[Profiles]:
    """The sets that one is made of by "and", "or" and "not" alone."""
    if isinstance(profiles, Meet | Union):
        return [part for inner in profiles.inner() for part in _parts(inner)]
    return [profiles]


def _holds(plan: Signed, inside: dict[int, exp.Expr]) -> exp.Expr:
    """Whether a plan holds of a customer."""
    found = _within(plan.profiles, inside)
    return exp.Not(this=exp.Paren(this=found)) if plan.complement else found


def _within(profiles: Profiles, inside: dict[int, exp.Expr]) -> exp.Expr:
    match profiles:
        case Meet(inside=kept, outside=away):
            others = [_holds(Signed(one, complement=True), inside) for one in away]
            return exp.and_(*(_within(one, inside) for one in kept), *others)
        case Union(parts=parts):
            return exp.or_(*(_within(one, inside) for one in parts))
    return inside[id(profiles)].copy()
