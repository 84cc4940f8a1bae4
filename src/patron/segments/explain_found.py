"""What stands behind the verdict of a condition: the value that was found, and the rows.

The value is the aggregate that the condition's query compares behind HAVING, and the rows are those
of the same scan.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import cached_property
from typing import Any, NamedTuple

import msgspec
from sqlglot import exp

from patron.engines.duckdb import Cursor
from patron.segments import conditions, paths, tree
from patron.segments.algebra import Grouped, Listed, Signed
from patron.segments.concerns import Concerns
from patron.segments.conditions import DIALECT, column, one_of
from patron.segments.explain_asked import seen
from patron.segments.explain_probe import reading
from patron.segments.explain_strands import TOGETHER, Wanted, Woven, read_for, weave
from patron.segments.explain_values import Evidence
from patron.segments.frames import Asked, Rows, table
from patron.segments.history import Changed, Held
from patron.segments.metrics import Paired, PairTest, fraction
from patron.segments.moments import AS_OF, Moment
from patron.segments.picks import Picked, PickTest
from patron.segments.predicates import Always, MeasureTest, TraitTest
from patron.segments.questions import Question
from patron.segments.rankings import Ranked
from patron.segments.scans import Scan
from patron.segments.sql import Printer
from patron.segments.tree import Rule

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


@dataclasses.dataclass(frozen=True)
class Finding:
    """How to look into a condition.

    Attributes:
        table: The table that the rows lie in.
        where: Which rows of it.
        read: Makes the value of its text, and of the value of the newest row.
        value: The value as text.
        row: What of each row is shown, as text.
        shown: Makes it of its text.
        most: So many rows are shown at most; they stand for all others if it is 1.
        frame: What it was printed in.
    """

    table: Rows
    where: exp.Expr
    read: Callable[[str | None, Any], Any]
    value: exp.Expr | None = None
    row: exp.Expr | None = None
    shown: Callable[[str], Any] = _decoded
    most: int = MOST
    frame: Asked = dataclasses.field(default_factory=Asked)

    def needs(self) -> frozenset[Rows]:
        """The tables that the customer's rows are read of."""
        return frozenset({*read_for(self.table), *self.frame.needs})

    def reads(self) -> Question:
        """What has to be gathered for it, as of a question that asks nothing."""
        return self._reading

    @cached_property
    def wanted(self) -> Wanted:
        """The rows, each with what is shown of it."""
        shown = [] if self.row is None else [("shown", self.row)]
        return Wanted.of(self.table, (self.where,), shown)

    @cached_property
    def text(self) -> str | None:
        """The value in SQL."""
        return None if self.value is None else self.value.sql(DIALECT)

    @cached_property
    def _reading(self) -> Question:
        return reading(self.frame, [one for one in (self.where, self.value, self.row) if one])


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
    frame = Asked()
    match signed.profiles:
        case Grouped(scan, PairTest(right=test)) | Paired(right_scan=scan, right=test):
            return dataclasses.replace(_measured(Printer(frame), scan, test), frame=frame)
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
    made = _finding(Printer(frame), rule, signed, found)
    return None if made is None else dataclasses.replace(made, frame=frame)


def _finding(printer: Printer, rule: Rule, signed: Signed, found: Concerns) -> Finding | None:
    match signed.profiles:
        case Listed(name=name):
            return _listed(name)
        case Grouped(scan, TraitTest(path=path)):
            return _trait(printer, scan, path)
        case Held(scan=scan, test=TraitTest(path=path)) | Changed(scan=scan, path=path):
            return _trait(printer, scan, path, most=MOST)
        case Grouped(scan, Always()) if isinstance(rule, tree.Measured):
            lines = scan.table == "order_lines" and not tree.measure(rule)[1].lines
            return _measured(
                printer, scan, MeasureTest("events" if lines else "rows", None, ">", 0)
            )
        case Grouped(scan, MeasureTest() as test) if isinstance(rule, tree.Measured):
            return _measured(printer, scan, test)
        case Grouped(scan, PairTest(left=test)) | Paired(left_scan=scan, left=test):
            return _measured(printer, scan, test)
        case Grouped(scan, PickTest() as test):
            return _picked(printer, scan, test)
        case Picked(scan=scan, path=path):
            return _valued(printer, scan, path)
        case Ranked(ranking=ranking):
            return _measured(printer, ranking.scan, ranking.test)
    return _rows(printer, list(scans_in(signed.profiles)), found)


def look(
    cursor: Cursor, findings: Sequence[Finding], strands: Sequence[Wanted]
) -> tuple[list[Found], list[Woven]]:
    """Look into conditions, of the customer whom `OneCustomer` has read and asked about.

    Args:
        cursor: As there.
        findings: What is to be found.
        strands: Other rows, which are read together with those of the findings.
    """
    woven = weave(cursor, [*(one.wanted for one in findings), *strands])
    texts = _texts(cursor, findings)
    found = [_found(one, texts.get(at), woven[at]) for at, one in enumerate(findings)]
    return found, woven[len(findings) :]


def _texts(cursor: Cursor, findings: Sequence[Finding]) -> dict[int, str | None]:
    """The values of those that have one, as text."""
    found: dict[int, str | None] = {}
    for together in _together(findings):
        texts = list(dict.fromkeys(findings[at].text for at in together))
        rows = seen(findings[together[0]].table)
        row = cursor.execute(f"select {', '.join(map(str, texts))} from {rows}").one() or ()
        values = dict(zip(texts, row, strict=True))
        found.update((at, values[findings[at].text]) for at in together)
    return found


def _together(findings: Sequence[Finding]) -> Iterator[list[int]]:
    """Which values are found in one pass over the rows: those that read nothing but these."""
    alike: dict[Rows, list[int]] = {}
    for number, one in enumerate(findings):
        if one.value is None:
            continue
        if one.wanted.alone:
            yield [number]
        else:
            alike.setdefault(one.table, []).append(number)
    for numbers in alike.values():
        for start in range(0, len(numbers), TOGETHER):
            yield numbers[start : start + TOGETHER]


def _found(one: Finding, text: str | None, woven: Woven) -> Found:
    newest = range(len(woven.at) - 1, max(len(woven.at) - 1 - one.most, -1), -1)
    rows = woven.rows(newest)
    if one.row is not None:
        texts = woven.texts("shown", newest)
        values = [None if said is None else one.shown(said) for said in texts]
        rows = [msgspec.structs.replace(row, value=value)
                for row, value in zip(rows, values, strict=True)]  # fmt: skip
    total = min(len(woven.at), 1) if one.most == 1 else len(woven.at)
    value = one.read(text, rows[0].value if rows else None)
    return Found(value, Evidence(one.table, total, tuple(rows)))


# ── conditions of known kinds ──


def _trait(printer: Printer, scan: Scan, path: str, *, most: int = 1) -> Finding:
    """The observation that holds; with more rows, those that were made before it too."""
    name, operand = conditions.trait_operand(path)
    here = exp.and_(one_of("name", [name]), *printer.scanned(scan, bounded=False))
    value = _json(operand.read())
    return Finding("traits", here, lambda _, newest: newest, row=value, most=most)


def _measured(printer: Printer, scan: Scan, test: MeasureTest) -> Finding:
    """The measure, and the rows that it is taken of."""
    lines = scan.table == "order_lines"
    here = exp.and_(exp.true(), *printer.scanned(scan))
    over, under = (None if part is None else _filtered(part, here) for part in fraction(test, scan))
    if over is not None and under is not None:
        over = exp.Anonymous(this="concat", expressions=[over, exp.Literal.string("/"), under])
    read = amount_of(test)
    if test.path is None:
        return Finding(scan.table, here, lambda text, _: read(text), over)
    operand = conditions.operand(paths.split(test.path), lines=lines)
    typed = operand.kind == "number"
    return Finding(
        scan.table,
        here,
        lambda text, _: read(text),
        over,
        operand.read() if typed else _json(operand.read()),
        Decimal if typed else _decoded,
    )


def amount_of(test: MeasureTest) -> Callable[[str | None], Any]:
    """What makes the number of a measure of its text: one number, or two to be divided."""
    if test.path is None or test.measure == "distinct":
        return lambda text: int(text or 0)
    if test.measure == "sum":
        return lambda text: _amount(text or "0")
    return _amount


def _picked(printer: Printer, scan: Scan, test: PickTest) -> Finding:
    """The value of the first or last event that has one, and all events that have one."""
    found = _valued(printer, scan, test.path)
    return dataclasses.replace(
        found,
        read=lambda text, _: None if text is None else _decoded(text),
        value=_filtered(test.of_ranked(found.row or exp.null()), found.where),
    )


def _valued(printer: Printer, scan: Scan, path: str) -> Finding:
    """The rows that have a value."""
    operand = conditions.operand(paths.split(path), lines=scan.table == "order_lines")
    there = exp.Not(this=exp.Is(this=operand.read(), expression=exp.null()))
    here = exp.and_(there, *printer.scanned(scan))
    return Finding(scan.table, here, lambda _, __: None, row=_json(operand.read()))


def _listed(name: str) -> Finding:
    """The customer's identifiers that stand on a list."""
    pair = [column("type"), column("value")]
    entries = exp.select(*pair).from_(table("list_members")).where(one_of("list", [name]))
    on_it = exp.In(this=exp.Tuple(expressions=pair), query=exp.Subquery(this=entries))
    return Finding("identifiers", on_it, lambda _, newest: newest, row=column("value"), shown=str)


# ── conditions of any other kind ──


def scans_in(part: object) -> Iterator[Scan]:
    """Every scan that a set of a plan rests on."""
    if isinstance(part, Scan):
        yield part
    elif isinstance(part, tuple):
        for inner in part:
            yield from scans_in(inner)
    elif dataclasses.is_dataclass(part):
        for field in dataclasses.fields(part):
            yield from scans_in(getattr(part, field.name))


def _rows(printer: Printer, scans: Sequence[Scan], found: Concerns) -> Finding | None:
    """The rows that are scanned; else those of the names that the condition depends on."""
    of_traits = bool(found.traits) and not found.events
    for kind in ("order_lines", "events"):
        alike = [scan for scan in scans if scan.table == kind]
        if alike and not of_traits:
            heres = [exp.and_(exp.true(), *printer.scanned(scan)) for scan in alike]
            return Finding(kind, exp.or_(*heres), lambda _, __: None)
    names = sorted(name for name in (found.traits if of_traits else found.events) if name)
    named = one_of("name", names) if names and None not in found.events else exp.true()
    if of_traits:
        return Finding("traits", named, lambda _, __: None, row=_json(column("value")))
    return Finding("events", named, lambda _, __: None) if found.events else None


# ── SQL ──


def _filtered(aggregate: exp.Expr, here: exp.Expr) -> exp.Expr:
    """An aggregate of some rows, as text."""
    some = exp.Filter(this=aggregate, expression=exp.Where(this=here.copy()))
    return exp.cast(some, "VARCHAR", dialect=DIALECT)


def _json(value: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this="to_json", expressions=[value])


def _amount(text: str | None) -> Decimal | None:
    """A sum, or a sum and a number that it is to be divided by."""
    over, _, under = (text or "").partition("/")
    if not over or under == "0":
        return None
    if not under:
        return Decimal(over)
    return _EXACT.divide(Decimal(over), Decimal(under)).quantize(_SIX_PLACES, context=_EXACT)
