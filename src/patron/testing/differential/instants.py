"""The moments at which a rule is asked: just before, at and just after the edges of its windows."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from patron.testing.differential.drawn_values import Rule
from patron.testing.differential.histories import TICKS, length, local_midnight
from patron.testing.differential.worlds import World

_LENGTH = re.compile(r"\d+(min|h|d|w)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T.*)?")
_CALENDAR = {"this", "last_full", "unit", "refreshed", "top", "top_percent", "rfm"}
DAY = timedelta(days=1)


def draw_instants(chance: random.Random, world: World, rule: Rule, number: int) -> list[datetime]:
    """Moments to ask a rule at, in no order.

    Most lie at an edge: the time of a row that the rule may look at, plus or minus a length that
    the rule names, exactly or a microsecond off; a midnight or an hour of its calendar; a date that
    it names. Some are drawn from anywhere in the life of the world.
    """
    every = list(_parts(rule, world))
    lengths = [length(text) for _, text in every if isinstance(text, str) and _is_length(text)]
    named = {value for key, value in every if key == "event"}
    rows = [
        row["occurred_at"]
        for person in world["people"]
        for row in person["events"]
        if not named or row["name"] in named
    ]
    traits = any(key in ("trait", "changed", "group") for key, _ in every)
    if traits or not rows:
        rows += [row["occurred_at"] for one in world["people"] for row in one["traits"]]
    if any(key in ("entered", "left") for key, _ in every):
        rows += [at for changes in world["changes"].values() for _, _, at in changes]
    rows = rows or [one["first_seen_at"] for one in world["people"]]
    told = _told_dates(world) if traits and lengths else []
    fixed = [at for _, text in every for at in _dates(text)]
    zones = {str(value) for key, value in every if key == "zone"} | {world["time_zone"]}
    calendar = any(key in _CALENDAR or value == "anniversary" for key, value in every)
    early, late = min(rows), max(rows)
    return [
        _instant(chance, (rows, told, fixed), lengths, sorted(zones) if calendar else [])
        if chance.random() < 0.75
        else early + (late - early) * (1 - chance.random() ** 2 * 0.9)
        for _ in range(number)
    ]


def _instant(
    chance: random.Random,
    bases: tuple[list[datetime], list[datetime], list[datetime]],
    lengths: list[timedelta],
    zones: list[str],
) -> datetime:
    rows, told, fixed = bases
    drawn = chance.random()
    tick = chance.choice(TICKS)
    if fixed and drawn < 0.3:
        return chance.choice(fixed) + tick
    if zones and drawn < 0.6:
        return _calendar_edge(chance, chance.choice(rows), chance.choice(zones)) + tick
    if told and drawn < 0.5:
        return chance.choice(told) + chance.choice(lengths) * chance.choice((-1, 0, 1)) + tick
    ahead = chance.choice(lengths) if lengths and chance.random() < 0.8 else timedelta(0)
    return chance.choice(rows) + ahead + tick


def _calendar_edge(chance: random.Random, row: datetime, zone: str) -> datetime:
    """The start of a local day near a row, or of its week, month, quarter, year or hour."""
    local = row.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    day = datetime(local.year, local.month, local.day)  # noqa: DTZ001 - a calendar date
    edges = [
        day,
        day + DAY,
        day + chance.randint(1, 30) * DAY,
        day + (7 - day.weekday()) * DAY,
        (day.replace(day=1) + 32 * DAY).replace(day=1),
        (day.replace(month=1 + 3 * ((day.month - 1) // 3), day=1) + 95 * DAY).replace(day=1),
        datetime(day.year + 1, 1, 1),  # noqa: DTZ001
    ]
    if chance.random() < 0.1:
        return row.replace(minute=0, second=0, microsecond=0)
    return local_midnight(chance.choice(edges), zone)


def _parts(
    rule: Any,  # noqa: ANN401 - any part
    world: World,
    seen: frozenset[str] = frozenset(),
) -> Iterator[tuple[str, Any]]:
    """Every key with its plain value in a rule, and in the segments that it rests on."""
    if isinstance(rule, list):
        for part in rule:
            yield from _parts(part, world, seen)
    if not isinstance(rule, dict):
        return
    for key, value in rule.items():
        if isinstance(value, dict | list):
            yield key, None
            if isinstance(value, list):
                yield from ((key, part) for part in value if not isinstance(part, dict | list))
            yield from _parts(value, world, seen)
            continue
        yield key, value
        if key in ("in_segment", "was_in") and value not in seen:
            inner = world["segments"].get(value, {})
            yield from _parts(inner, world, seen | {value})


def _is_length(text: str) -> bool:
    return _LENGTH.fullmatch(text) is not None


def _dates(text: Any) -> list[datetime]:  # noqa: ANN401
    """The first moment that a date stands for, and the one after its last."""
    if not isinstance(text, str) or not _DATE.fullmatch(text):
        return []
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return []
    if at.tzinfo is not None:
        at = at.astimezone(UTC).replace(tzinfo=None)
    return [at, at + DAY] if len(text) == 10 else [at]


def _told_dates(world: World) -> list[datetime]:
    """Moments that traits tell of, near the life of the world."""
    found = [
        at for person in world["people"] for row in person["traits"] for at in _dates(row["value"])
    ]
    return [at for at in found if at.year > 2020]
