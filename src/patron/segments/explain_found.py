"""What stands behind the verdict of a condition: the value that was found, and the rows.

The rows are those of the scan that the condition is about, and the value is the measure that it
compares, taken of these rows.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import partial
from typing import Any, NamedTuple

import msgspec
from sqlglot import exp

from patron.segments import conditions, paths, tree
from patron.segments.algebra import Grouped, Listed, Signed
from patron.segments.concerns import Concerns
from patron.segments.conditions import column, one_of
from patron.segments.conversion import Conversion
from patron.segments.explain_strands import OfRows, Woven
from patron.segments.explain_values import Converted, Evidence, Row
from patron.segments.frames import Asked, Rows, table
from patron.segments.history import Changed, Held
from patron.segments.metrics import Paired, PairTest
from patron.segments.moments import AS_OF, Moment
from patron.segments.picks import Picked, PickTest
from patron.segments.predicates import Always, MeasureTest, TraitTest
from patron.segments.rankings import Ranked
from patron.segments.scans import Scan, scans_in
from patron.segments.sql import Printer
from patron.segments.surviving import Survived
from patron.segments.tree import Rule
from patron.spec.survivorship import Told, judged
from patron.spec.traits import Survivorship

MOST = 20
"""So many rows are shown at most."""

_SIX_PLACES = Decimal("0.000001")
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)


class Found(NamedTuple):
    """What was found for a condition.

    Attributes:
        value: A number, a trait's value, or None for nothing.
        evidence: The rows.
    """

    value: Any
    evidence: Evidence


def _decoded(text: str) -> Any:  # noqa: ANN401 - any JSON value
    """A value as it was sent; one too large for a number is stored as infinity, shown as text."""
    return json.loads(text, parse_constant=str)


def _newest(_: Woven, rows: Sequence[Row]) -> Any:  # noqa: ANN401 - any JSON value
    """What is shown of the newest row."""
    return rows[0].value if rows else None


@dataclasses.dataclass(frozen=True, kw_only=True)
class Finding(OfRows):
    """How to look into a condition.

    Attributes:
        read: Finds the value in the rows, of which the newest are shown.
        shown: Makes what is shown of a row of the text ``shown`` among its values.
        most: So many rows are shown at most; they stand for all others if it is 1.
        conversion: How amounts were converted, of rows with a ``currency`` and what is ``measured``
            among their values.
    """

    read: Callable[[Woven, Sequence[Row]], Any] = _newest
    shown: Callable[[str], Any] = _decoded
    most: int = MOST
    conversion: Conversion | None = None

    @property
    def where(self) -> exp.Expr:
        """Which rows of the table they are."""
        return self.kinds[0]

    def found(self, woven: Woven) -> Found:
        """The value, and the rows as they are shown."""
        newest = range(len(woven.at) - 1, max(len(woven.at) - 1 - self.most, -1), -1)
        rows = woven.rows(newest)
        if any(name == "shown" for name, _ in self.values):
            texts = woven.texts("shown", newest)
            values = [None if said is None else self.shown(said) for said in texts]
            rows = [msgspec.structs.replace(row, value=value)
                    for row, value in zip(rows, values, strict=True)]  # fmt: skip
        if self.conversion is not None:
            rows = [
                msgspec.structs.replace(row, converted=_converted(self.conversion, row, *said))
                for row, *said in zip(
                    rows,
                    woven.texts("currency", newest),
                    woven.texts("measured", newest),
                    strict=True,
                )
            ]
        total = min(len(woven.at), 1) if self.most == 1 else len(woven.at)
        return Found(self.read(woven, rows), Evidence(self.table, total, tuple(rows)))


@dataclasses.dataclass(frozen=True)
class _Then(Asked):
    """Reads rows as they were seen at a moment before the one that is asked for."""

    then: Moment = AS_OF

    def moment(self, moment: Moment) -> exp.Expr:
        """A moment as SQL."""
        return super().moment(self.then if moment == AS_OF else moment)

    def seen(self, upto: Moment) -> list[exp.Expr]:
        """What makes a row lie at or before a moment."""
        return [exp.LTE(this=column("occurred_at"), expression=self.moment(upto))]


def other_side(signed: Signed) -> Finding | None:
    """How to look into the measure that another one is compared with."""
    match signed.profiles:
        case Grouped(scan, PairTest(right=test)) | Paired(right_scan=scan, right=test):
            return _measured(Asked(), scan, test)
    return None


def finding(rule: Rule, signed: Signed, found: Concerns) -> Finding | None:
    """How to look into a condition that holds no others.

    Args:
        rule: The condition.
        signed: Its plan.
        found: What can change its verdict; says which rows are behind one of an unknown kind.

    Returns:
        None for a condition that rests on no rows.
    """
    frame = Asked()
    if isinstance(signed.profiles, Ranked):
        frame = _Then(then=signed.profiles.made_for)
    return _finding(frame, rule, signed, found)


def _finding(frame: Asked, rule: Rule, signed: Signed, found: Concerns) -> Finding | None:
    match signed.profiles:
        case Listed(name=name):
            return _listed(name)
        case Grouped(scan, TraitTest(path=path)):
            return _trait(frame, scan, path)
        case Survived(scan=scan, test=TraitTest(path=path), rule=decided):
            return _survived(frame, scan, path, decided)
        case Held(scan=scan, test=TraitTest(path=path)) | Changed(scan=scan, path=path):
            return _trait(frame, scan, path, most=MOST)
        case Grouped(scan, Always()) if isinstance(rule, tree.Measured):
            events = tree.measure(rule)[1]
            if events.returns:
                returns = MeasureTest("distinct", paths.unite(conditions.RETURN), ">", 0)
                return _measured(frame, scan, returns)
            lines = scan.table == "order_lines" and not events.lines
            return _measured(frame, scan, MeasureTest("events" if lines else "rows", None, ">", 0))
        case Grouped(scan, MeasureTest() as test) if isinstance(rule, tree.Measured):
            return _measured(frame, scan, test)
        case Grouped(scan, PairTest(left=test)) | Paired(left_scan=scan, left=test):
            return _measured(frame, scan, test)
        case Grouped(scan, PickTest() as test):
            return _picked(frame, scan, test)
        case Picked(scan=scan, path=path):
            return _valued(frame, scan, path)
        case Ranked(ranking=ranking):
            return _measured(frame, ranking.scan, ranking.test)
    return _rows(frame, list(scans_in(signed.profiles)), found)


# ── conditions of known kinds ──


def _trait(frame: Asked, scan: Scan, path: str, *, most: int = 1) -> Finding:
    """The observation that holds; with more rows, those that were made before it too."""
    name, operand = conditions.trait_operand(path)
    here = exp.and_(one_of("name", [name]), *Printer(frame).scanned(scan, bounded=False))
    shown = ("shown", _json(operand.read()))
    return Finding(table="traits", kinds=(here,), values=(shown,), frame=frame, most=most)


def _survived(frame: Asked, scan: Scan, path: str, rule: Survivorship) -> Finding:
    """The value that holds by a rule of its own, and all that was observed."""
    told = _trait(frame, scan, path, most=MOST)
    beside = (
        ("source", column("source_id")),
        ("whole", _json(column("value"))),
        ("upto", frame.moment(scan.span.upto)),
    )
    _, *inner = paths.split(path)

    def read(woven: Woven, _: Sequence[Row]) -> Any:  # noqa: ANN401 - any JSON value
        if not len(woven):
            return None
        columns = (woven.texts("source"), woven.texts("whole"))
        messages = [row.message_id or "" for row in woven.rows(range(len(woven)))]
        rows = [
            Told(woven.moment(place), int(source or 0), message, whole)
            for place, (source, whole, message) in enumerate(zip(*columns, messages, strict=True))
        ]
        upto = datetime.fromisoformat(woven.texts("upto", [0])[0] or "")
        value = judged(rows, rule, upto).value
        for part in inner:
            value = value.get(part) if isinstance(value, dict) else None
        return value

    return dataclasses.replace(told, values=(*told.values, *beside), read=read)


def _measured(frame: Asked, scan: Scan, test: MeasureTest) -> Finding:
    """The measure, and the rows that it is taken of."""
    here = exp.and_(exp.true(), *Printer(frame).scanned(scan))
    if test.path is None:
        count = Woven.messages if test.measure == "events" else Woven.__len__
        return Finding(
            table=scan.table, kinds=(here,), frame=frame, read=lambda woven, _: count(woven)
        )
    value = scan.value(test.path)
    shown = scan.value("refund_id") if paths.split(test.path) == conditions.RETURN else value
    typed = shown.operand.kind == "number"
    measured = value.identity() if test.measure == "distinct" else scan.number(test.path)
    return Finding(
        table=scan.table,
        kinds=(here,),
        values=(
            ("shown", shown.operand.number() if typed else shown.json()),
            ("measured", measured),
            *([] if scan.converted is None else [("currency", column("currency"))]),
        ),
        conversion=scan.converted,
        frame=frame,
        reach=scan.reach,
        read=lambda woven, _: _measure(test, woven.texts("measured")),
        shown=Decimal if typed else _decoded,
    )


def _converted(
    conversion: Conversion, row: Row, currency: str | None, measured: str | None
) -> Converted | None:
    """How the amount of a row was converted; None where it was not."""
    if currency == conversion.to or row.value is None or row.occurred_at is None:
        return None
    found = conversion.rate_of(currency, row.occurred_at)
    return Converted(
        to=conversion.to,
        currency=currency,
        amount=None if measured is None else Decimal(measured),
        rate=None if found is None else found.rate,
        since=None if found is None else found.since,
        definition=conversion.to.lower(),
    )


def _measure(test: MeasureTest, texts: Sequence[str | None]) -> int | Decimal | None:
    """A measure of the rows that have a value; in decimals, of which none is lost."""
    there = [text for text in texts if text is not None]
    if test.measure == "distinct":
        return len(set(there))
    numbers = [Decimal(text) for text in there]
    if test.measure == "sum":
        return sum(numbers, Decimal(0))
    if not numbers:
        return None
    if test.measure == "average":
        return average(sum(numbers, Decimal(0)), len(numbers))
    return min(numbers) if test.measure == "min" else max(numbers)


def average(total: Decimal, count: int) -> Decimal:
    """A sum divided by the number of what it is taken of, to six places."""
    return _EXACT.divide(total, count).quantize(_SIX_PLACES, context=_EXACT)


def _picked(frame: Asked, scan: Scan, test: PickTest) -> Finding:
    """The value of the first or last event that has one, and all events that have one."""

    def read(woven: Woven, _: Sequence[Row]) -> Any:  # noqa: ANN401 - any JSON value
        ends = woven.texts("shown", [0, -1] if len(woven) else [])
        text = dict(zip(("first", "last"), ends, strict=False)).get(test.which)
        return None if text is None else _decoded(text)

    return dataclasses.replace(_valued(frame, scan, test.path), read=read)


def _valued(frame: Asked, scan: Scan, path: str) -> Finding:
    """The rows that have a value."""
    value = scan.value(path)
    here = exp.and_(value.present(), *Printer(frame).scanned(scan))
    shown = ("shown", value.json())
    return Finding(
        table=scan.table,
        kinds=(here,),
        values=(shown,),
        frame=frame,
        reach=scan.reach,
        read=lambda *_: None,
    )


def _listed(name: str) -> Finding:
    """The customer's identifiers that stand on a list."""
    pair = [column("type"), column("value")]
    entries = exp.select(*pair).from_(table("list_members")).where(one_of("list", [name]))
    on_it = exp.In(this=exp.Tuple(expressions=pair), query=exp.Subquery(this=entries))
    shown = ("shown", column("value"))
    return Finding(table="identifiers", kinds=(on_it,), values=(shown,), frame=Asked(), shown=str)


# ── conditions of any other kind ──


def _rows(frame: Asked, scans: Sequence[Scan], found: Concerns) -> Finding | None:
    """The rows that are scanned; else the events of the names that the condition depends on."""
    silent = partial(Finding, frame=frame, read=lambda *_: None)
    if len({scan.table for scan in scans}) > 1:
        scans = [scan.of_events() for scan in scans]
    kinds: tuple[Rows, ...] = ("order_lines", "events", "orders")
    for kind in kinds:
        alike = [scan for scan in scans if scan.table == kind]
        if alike:
            heres = [exp.and_(exp.true(), *Printer(frame).scanned(scan)) for scan in alike]
            return silent(table=kind, kinds=(exp.or_(*heres),))
    names = sorted(name for name in found.events if name)
    named = one_of("name", names) if names and None not in found.events else exp.true()
    return silent(table="events", kinds=(named,)) if found.events else None


def _json(value: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="to_json", expressions=[value])
