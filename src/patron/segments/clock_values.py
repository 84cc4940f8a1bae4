"""The hour and the weekday at which something happened, as properties of it.

`occurred.hour` is a number from 0 to 23, `occurred.weekday` a text from "monday" to "sunday", by
the clock on the wall of a time zone: the workspace's, unless the path names one behind them.
"""

from __future__ import annotations

from typing import Literal

from sqlglot import exp

from patron.segments import paths, tree
from patron.segments.expressions import call
from patron.segments.tree import Rule

PARTS = ("hour", "weekday")
OCCURRED = "occurred"


def is_clock(path: str) -> bool:
    """Whether a property is about when something happened.

    >>> is_clock("occurred.hour"), is_clock("occurred")
    (True, False)
    """
    return path.startswith(f"{OCCURRED}.")


def clock_value(path: tuple[str, ...]) -> tuple[exp.Expr, Literal["text", "number"]] | None:
    """What reads the hour or the weekday of a row, and what it is; None for other properties."""
    match path:
        case ("occurred", "hour", zone):
            hour = call("hour", _local(zone))
            return exp.Cast(this=hour, to=exp.DataType.build("DECIMAL(18, 6)")), "number"
        case ("occurred", "weekday", zone):
            return call("lower", call("dayname", _local(zone))), "text"
    return None


def _local(zone: str) -> exp.Expr:
    """When a row happened, by the clock on the wall."""
    at = exp.column("occurred_at", quoted=True)
    utc = call("timezone", exp.Literal.string("UTC"), at)
    return call("timezone", exp.Literal.string(zone), utc)


def period(unit: str, zone: str) -> exp.Expr:
    """What tells the day, the week … of a row from others, by the clock on the wall: a text."""
    begun = call("date_trunc", exp.Literal.string(unit), _local(zone))
    return exp.Cast(this=begun, to=exp.DataType.build("VARCHAR"))


def in_zone(path: str, zone: str) -> str:
    """A property that, if it is about when something happened, names its time zone.

    >>> in_zone("occurred.hour", "Asia/Bangkok"), in_zone("category", "Asia/Bangkok")
    ('occurred.hour.Asia/Bangkok', 'category')
    """
    if not is_clock(path):
        return path
    first, part, *named = paths.split(path)
    return path if named else paths.unite((first, part, zone))


def filter_in_zone(where: Rule, zone: str) -> Rule:
    """A filter whose hours and weekdays name their time zone."""
    match where:
        case tree.Property() if is_clock(where.property):
            return tree.Property(in_zone(where.property, zone), where.op, where.value)
        case tree.All(all=parts):
            return tree.All(tuple(filter_in_zone(part, zone) for part in parts))
        case tree.AnyOf(any=parts):
            return tree.AnyOf(tuple(filter_in_zone(part, zone) for part in parts))
        case tree.Not(negated=inner):
            return tree.Not(filter_in_zone(inner, zone))
        case tree.AnyLine(any_line=inner):
            return tree.AnyLine(filter_in_zone(inner, zone))
        case tree.OfEvent(of_event=inner):
            return tree.OfEvent(filter_in_zone(inner, zone))
    return where
