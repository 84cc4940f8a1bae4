"""When something must have happened: rolling windows, dates, the calendar, since another event."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from patron.testing.oracle.conditions import events_of
from patron.testing.oracle.durations import before
from patron.testing.oracle.shapes import Question, Rule
from patron.testing.oracle.values import first_moment, last_moment
from patron.testing.oracle.zones import start_of_unit

Inside = Callable[[datetime], bool]


def window_of(question: Question, rule: Rule, brands: list[str] | None) -> Inside:
    """What tells whether a moment lies in the window of a condition.

    Args:
        question: Of whom, and as of when. Nothing after that moment is in any window.
        rule: The condition, with its window in ``in``; without one every moment will do.
        brands: The brands that the condition is limited to: an event since which a window runs
            must be of one of them.

    Returns:
        A function from moments to whether they lie in the window.
    """
    window, now = rule.get("in", {}), question.as_of
    if "last" in window:
        start = before(now, window["last"])
        return lambda at: start < at <= now
    if "this" in window or "last_full" in window:
        first, end = calendar_span(question, window)
        return lambda at: first <= at < end if end else first <= at <= now
    if "since_event" in window:
        since = moment_since(question, window, brands)
        return lambda at: since is not None and since < at <= now
    return lambda at: (
        at <= now
        and ("from" not in window or first_moment(window["from"]) <= at)
        and ("to" not in window or at <= last_moment(window["to"]))
    )


def calendar_span(question: Question, window: Rule) -> tuple[datetime, datetime | None]:
    """Where a window of the calendar begins, and before which moment it ends (None: it lasts)."""
    zone = window.get("zone", question.zone)
    if "this" in window:
        return start_of_unit(question.as_of, window["this"], zone), None
    number, unit = full_units(window["last_full"])
    start = start_of_unit(question.as_of, unit, zone, back=number)
    return start, start_of_unit(question.as_of, unit, zone)


def full_units(text: str) -> tuple[int, str]:
    """How many of which unit.

    >>> full_units("3 weeks"), full_units("1 day")
    ((3, 'week'), (1, 'day'))
    """
    found = re.fullmatch(r"(\d+) (day|week|month|quarter|year)s?", text)
    if found is None:
        raise ValueError(f"{text!r} is no number of units of the calendar")
    return int(found[1]), found[2]


def moment_since(question: Question, window: Rule, brands: list[str] | None) -> datetime | None:
    """When the customer last or first did what the window runs since; None: never."""
    since = window["since_event"]
    happened = events_of(question, since.get("event"), since.get("where"), brands)
    if not happened:
        return None
    at: datetime = happened[0 if window["which"] == "first" else -1]["occurred_at"]
    return at
