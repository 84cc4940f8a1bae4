"""What there is to say of patterns, values that were picked, and carts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlglot import exp

from patron.segments import tree
from patron.segments.conditions import one_of
from patron.segments.explain_probe import About, Told
from patron.segments.explain_strands import Strands, Woven
from patron.segments.explain_values import Cart, First, Frequent, Pause, Period, Periods
from patron.segments.frames import Asked
from patron.segments.moments import StartOf
from patron.segments.patterns import FirstTimeTest, PeriodsTest, Resumed
from patron.segments.picks import Picked
from patron.segments.scans import Scan
from patron.segments.sequences import Left
from patron.segments.sql import Printer

Tell = Callable[[Woven, About], Told]


def strands(scan: Scan, tell: Tell, *others: exp.Expr, printer: Printer, frame: Asked) -> Strands:
    """Looks into the rows of a scan; each other kind is a part of them."""
    here = exp.and_(exp.true(), *printer.scanned(scan))
    kinds = (here, *(exp.and_(here.copy(), other) for other in others))
    assert scan.table != "traits"  # noqa: S101 - these scans are of events or their lines
    return Strands(table=scan.table, kinds=kinds, tell=tell, frame=frame)


# ── patterns ──


def first_time(scan: Scan, test: FirstTimeTest) -> Strands:
    """When such an event happened first."""
    frame = Asked()
    printer = Printer(frame)
    inside = exp.and_(exp.true(), *printer.bounds(test.window))
    return strands(scan, _first, inside, printer=printer, frame=frame)


def _first(woven: Woven, _: About) -> Told:
    if not len(woven.at):
        return Told(None, First(None, inside=False))
    return Told(woven.moment(0), First(woven.row(0), inside=bool(woven.kinds[1][0])))


def periods(scan: Scan, test: PeriodsTest) -> Strands:
    """Which units of the calendar hold such events."""
    newest = test.starts[0]
    assert isinstance(newest, StartOf)  # noqa: S101 - so they are planned
    ends = StartOf(newest.of, newest.unit, newest.back - 1, newest.zone)

    def tell(woven: Woven, about: About) -> Told:
        # Of two that begin at one and the same moment, where a calendar ends, one is empty.
        edges = [moment.at(about.as_of) for moment in (ends, *test.starts)][::-1]
        limits = np.searchsorted(woven.at, np.array(edges, dtype="datetime64[us]"))
        held = tuple(
            Period(_local_day(start, newest.zone), start, end, int(last - first))
            for start, end, first, last in zip(edges, edges[1:], limits, limits[1:], strict=False)
            if last > first
        )
        return Told(len(held), Periods(held))

    frame = Asked()
    return strands(scan, tell, printer=Printer(frame), frame=frame)


def _local_day(moment: datetime, zone: str) -> str:
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date().isoformat()


def stopped(scan: Scan) -> Strands:
    """When such an event happened last."""
    frame = Asked()
    return strands(scan, _last, printer=Printer(frame), frame=frame)


def _last(woven: Woven, about: About) -> Told:
    if not len(woven.at):
        return Told(None, Pause(None, None))
    seconds = (about.as_of - woven.moment(-1)).total_seconds()
    return Told(seconds, Pause(woven.row(len(woven.at) - 1), None))


def resumed(found: Resumed) -> Strands:
    """The longest pause that ended in the window."""
    frame = Asked()
    printer = Printer(frame)
    inside = exp.and_(exp.true(), *printer.bounds(found.window))
    return strands(found.scan, _longest_pause, inside, printer=printer, frame=frame)


def _longest_pause(woven: Woven, _: About) -> Told:
    ends = woven.of(1)
    # The last row that is strictly earlier.
    befores = np.searchsorted(woven.at, woven.at[ends], side="left") - 1
    ends, befores = ends[befores >= 0], befores[befores >= 0]
    if not len(ends):
        return Told(None, Pause(None, None))
    lengths = woven.at[ends] - woven.at[befores]
    # Of equally long ones the newest.
    best = len(lengths) - 1 - int(np.argmax(lengths[::-1]))
    before, after = woven.rows([befores[best], ends[best]])
    seconds = (woven.moment(ends[best]) - woven.moment(befores[best])).total_seconds()
    return Told(seconds, Pause(before, after))


# ── values that were picked ──


def picked(found: Picked) -> Strands:
    """The most frequent value; or the first or last one, of lines."""
    frame = Asked()
    printer = Printer(frame)
    value = found.scan.value(found.path)
    frequent = found.which == "most_frequent"
    there = value.present()
    if frequent:
        there = exp.Not(this=exp.Is(this=value.identity(), expression=exp.null()))
    here = exp.and_(there, *printer.scanned(found.scan))
    values = [("value", value.json())]
    if frequent:
        values.append(("identity", value.identity()))

    def tell(woven: Woven, _: About) -> Told:
        if not len(woven.at):
            return Told(None, Frequent(0, 0))
        if not frequent:
            place = 0 if found.which == "first" else len(woven.at) - 1
            return Told(_decoded(woven.texts("value", [place])[0]), Frequent(1, len(woven.at)))
        return _most_frequent(woven, found.times)

    return Strands(
        table=found.scan.table,
        kinds=(here,),
        values=tuple(values),
        tell=tell,
        frame=frame,
        reach=found.scan.reach,
    )


def _most_frequent(woven: Woven, often: int) -> Told:
    keys = woven.texts("identity")
    times = Counter(keys)
    most = max(times.values())
    if most < often:
        return Told(None, Frequent(most, len(keys)))
    # Of equally frequent ones the one that was seen last.
    place = max(at for at, key in enumerate(keys) if times[key] == most)
    return Told(_decoded(woven.texts("value", [place])[0]), Frequent(most, len(keys)))


def _decoded(text: str | None) -> Any:  # noqa: ANN401 - any JSON value
    return None if text is None else json.loads(text, parse_constant=str)


# ── carts ──


def cart(left: Left) -> Strands:
    """The open cart."""
    frame = Asked()
    printer = Printer(frame)
    rows = [*printer.frame.seen(left.span.upto)]
    if left.brands:
        rows.append(one_of("brand", left.brands))
    names = (tree.ORDERED, *tree.STAGES.values())
    kinds = tuple(exp.and_(one_of("name", [name]), *(row.copy() for row in rows)) for name in names)
    return Strands(table="events", kinds=kinds, tell=_cart, frame=frame)


def _cart(woven: Woven, _: About) -> Told:
    orders = woven.of(0)
    stages = np.logical_or.reduce(woven.kinds[1:])
    if len(orders):
        stages &= woven.at > woven.at[orders[-1]]
    ordered = woven.row(orders[-1]) if len(orders) else None
    events = np.flatnonzero(stages)
    if not len(events):
        return Told(None, Cart(0, None, ordered))
    furthest = [
        stage
        for stage, of_kind in zip(tree.STAGES, woven.kinds[1:], strict=True)
        if (of_kind & stages).any()
    ][-1]
    return Told(furthest, Cart(len(events), woven.row(events[-1]), ordered))
