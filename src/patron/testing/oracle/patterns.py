"""When events happened, seen as a pattern: the first time, again and again, stopped, resumed."""

from __future__ import annotations

from datetime import datetime

from patron.testing.oracle.durations import before, duration
from patron.testing.oracle.selections import rows_of, whenever
from patron.testing.oracle.shapes import Question, Rule, brands_of
from patron.testing.oracle.values import compares, exact
from patron.testing.oracle.windows import window_of
from patron.testing.oracle.zones import start_of_unit


def moments_ever(question: Question, selection: Rule) -> list[datetime]:
    """When the customer did such a thing, whatever the window; the earliest first."""
    return [row.at for row in rows_of(question, whenever(selection))]


def first_time(question: Question, rule: Rule) -> bool:
    """Whether the earliest of all such events lies in the window."""
    selection = rule["first_time"]
    happened = moments_ever(question, selection)
    inside = window_of(question, selection, brands_of(selection))
    return bool(happened) and inside(happened[0])


def periods(question: Question, rule: Rule) -> bool:
    """In how many of the last n full units there was such an event."""
    zone, unit = rule.get("zone", question.zone), rule["unit"]
    happened = moments_ever(question, rule["periods"])
    held = 0
    for back in range(1, rule["of"] + 1):
        start = start_of_unit(question.as_of, unit, zone, back)
        end = start_of_unit(question.as_of, unit, zone, back - 1)
        held += any(start <= at < end for at in happened)
    return compares(exact(held), rule["op"], rule["value"])


def stopped(question: Question, rule: Rule) -> bool:
    """Whether there were such events once, and none for so long."""
    happened = moments_ever(question, rule["stopped"])
    return bool(happened) and happened[-1] <= before(question.as_of, rule["for"])


def resumed(question: Question, rule: Rule) -> bool:
    """Whether there is such an event in the window that followed the one before after so long."""
    selection, pause = rule["resumed"], duration(rule["after"])
    happened = moments_ever(question, selection)
    inside = window_of(question, selection, brands_of(selection))
    for at in happened:
        earlier = [one for one in happened if one < at]
        if inside(at) and earlier and at - max(earlier) >= pause:
            return True
    return False
