"""Sets of those whose events followed one another, and of those who left a cart.

A sequence is found step by step. An event is *reached* when it ends a part of the sequence up to
its step. Of all reached events of the step before, the latest one that is strictly earlier is the
best for an event: it makes the time between them, and what lies in that time, the smallest. So if
any of them fulfils `within` and `without`, this one does, and one ASOF join finds it. `without`
then asks whether the latest of its events that is strictly earlier lies after that one: another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlglot import exp

from patron.segments import conditions, durations, tree
from patron.segments.conditions import DIALECT, one_of
from patron.segments.frames import named, table
from patron.segments.moments import Before, Moment
from patron.segments.scans import Scan, Span

if TYPE_CHECKING:
    from patron.segments.sql import Printer

AT = "occurred_at"


@dataclass(frozen=True)
class Link:
    """From the events of a step to those that were reached before it.

    Attributes:
        scan: The events of the step.
        within: The longest time between the two.
        without: Events of which none lies between the two.
        over: Only events up to this moment.
    """

    scan: Scan
    within: timedelta | None = None
    without: tuple[Scan, ...] = ()
    over: Moment | None = None

    @property
    def key(self) -> str:
        """Equal for equal links only."""
        without = [other.key for other in self.without]
        return repr((self.scan.key, self.within, without, self.over))


@dataclass(frozen=True, eq=False)
class Followed:
    """The profiles in whose events there is a sequence.

    Attributes:
        links: The steps; of the first only the events matter.
        absent: Events of which none follows the last step within the time.
    """

    links: tuple[Link, ...]
    absent: Link | None = None

    @staticmethod
    def of(rule: tree.Sequence, scan: Callable[[tree.Events], Scan]) -> Followed:
        """The set of a sequence, given what the events of each step are read by."""
        links = tuple(_link(rule, step, scan) for step in rule.sequence)
        if not rule.sequence[-1].absent:
            return Followed(links)
        *links_before, last, absent = links
        # The time that the sequence lies in does not hold back what comes after it.
        span = replace(absent.scan.span, until=None, before=None)
        over = Before(span.upto, absent.within or timedelta())
        return Followed(
            (*links_before, replace(last, over=over)),
            replace(absent, scan=replace(absent.scan, span=span)),
        )

    @property
    def key(self) -> str:
        """Equal for equal sets only."""
        absent = None if self.absent is None else self.absent.key
        return f"followed {([link.key for link in self.links], absent)!r}"

    def query(self, printer: Printer) -> exp.Query:
        """Its members."""
        first, *others = self.links
        reached = _rows(printer, first.scan, first.over)
        for number, link in enumerate(others, 2):
            reached = _next(printer, reached, link, f"step_{number}")
        if self.absent is not None:
            reached = _unfollowed(printer, reached, self.absent)
        members = exp.select(_of("reached", printer.key)).from_(named(reached, "reached"))
        return members.group_by(_of("reached", printer.key))


def _link(rule: tree.Sequence, step: tree.Step, scan: Callable[[tree.Events], Scan]) -> Link:
    return Link(
        scan(rule.events(step)),
        None if step.within is None else durations.duration(step.within),
        tuple(scan(rule.events(other)) for other in step.without),
    )


def _rows(printer: Printer, scan: Scan, over: Moment | None = None) -> exp.Select:
    """The events of a step: whose, and when."""
    rows = printer.frame.rows(scan.table).select(conditions.column(AT))
    rows = rows.where(*printer.scanned(scan))
    return rows if over is None else rows.where(*printer.frame.seen(over))


def _next(printer: Printer, reached: exp.Select, link: Link, name: str) -> exp.Select:
    """The events of a step that are reached from those of the step before."""
    key = printer.key
    query = exp.select(_of("event", key), _of("event", AT))
    query = query.from_(named(_rows(printer, link.scan, link.over), "event"))
    if link.within is None and not link.without:
        # Then every reached event is as good as the first, which is found without any sorting.
        first = exp.Alias(this=exp.Min(this=conditions.column(AT)), alias=exp.to_identifier(AT))
        firsts = exp.select(conditions.column(key), first).from_(named(reached, "reached"))
        firsts = firsts.group_by(conditions.column(key))
        return query.join(named(firsts, "before"), on=_later(key, "event", "before"))
    query = query.join(
        named(reached, "before"), on=_later(key, "event", "before"), join_type="asof"
    )
    if link.within is not None:
        latest = _plus(_of("before", AT), link.within)
        query = query.where(exp.LTE(this=_of("event", AT), expression=latest))
    return _without(printer, query, link.without, name) if link.without else query


def _without(
    printer: Printer, found: exp.Select, without: tuple[Scan, ...], name: str
) -> exp.Select:
    """Those found events between which and the one before there is nothing of the kind."""
    key = printer.key
    started = exp.Alias(this=_of("before", AT), alias=exp.to_identifier("started_at"))
    scans = [_rows(printer, scan) for scan in without]
    others: exp.Query = scans[0]
    for scan in scans[1:]:
        others = exp.union(others, scan, distinct=False, copy=False)
    # Only the customers that are left matter: mostly few, and the events in between many.
    kept = exp.select(_of("other", key), _of("other", AT)).from_(named(others, "other"))
    kept = kept.join(table(name), using=[exp.to_identifier(key)], join_type="semi")
    query = exp.select(_of(name, key), _of(name, AT)).from_(table(name))
    query = query.join(named(kept, "other"), on=_later(key, name, "other"), join_type="asof left")
    query = query.where(
        exp.or_(
            exp.Is(this=_of("other", AT), expression=exp.null()),
            exp.LTE(this=_of("other", AT), expression=_of(name, "started_at")),
        )
    )
    return query.with_(name, as_=found.select(started), materialized=True, dialect=DIALECT)


def _unfollowed(printer: Printer, reached: exp.Select, absent: Link) -> exp.Select:
    """The reached events that no event of the kind followed within the time."""
    key = printer.key
    query = exp.select(_of("event", key), _of("event", AT)).from_(named(reached, "event"))
    later = named(_rows(printer, absent.scan), "later")
    query = query.join(later, on=_later(key, "later", "event"), join_type="asof left")
    late = _plus(_of("event", AT), absent.within or timedelta())
    return query.where(
        exp.or_(
            exp.Is(this=_of("later", AT), expression=exp.null()),
            exp.GT(this=_of("later", AT), expression=late),
        )
    )


def _later(key: str, one: str, other: str) -> exp.Expr:
    return exp.and_(
        exp.EQ(this=_of(one, key), expression=_of(other, key)),
        exp.GT(this=_of(one, AT), expression=_of(other, AT)),
    )


@dataclass(frozen=True, eq=False)
class Left:
    """The profiles whose open cart was left.

    Attributes:
        span: When something last happened in it, and up to when is looked.
        idle: How long nothing has happened in it.
        stage: How far it came; None for any.
        brands: Of these brands only; empty for all.
    """

    span: Span
    idle: timedelta
    stage: str | None
    brands: tuple[str, ...]

    @property
    def key(self) -> str:
        """Equal for equal sets only."""
        return f"left {(self.span, self.idle, self.stage, self.brands)!r}"

    def query(self, printer: Printer) -> exp.Query:
        """Its members: one scan of the events that fill a cart and of those that close it."""
        stages = tuple(tree.STAGES.values())
        rows = printer.frame.rows("events").where(one_of("name", [*stages, tree.ORDERED]))
        if self.brands:
            rows = rows.where(one_of("brand", self.brands))
        rows = rows.where(*printer.frame.seen(self.span.upto))
        if self.stage is None:
            # What happened before the window decides nothing but how far the cart came.
            rows = rows.where(*printer.bounds(replace(self.span, until=None, before=None)))
        idle = Before(self.span.upto, self.idle)
        fits = exp.and_(*printer.bounds(self.span), _up_to(printer.frame.moment(idle)))
        # The test runs on each event, and the verdict of the last one counts.
        last_fits = exp.Anonymous(this="arg_max", expressions=[fits, conditions.column(AT)])
        rows = rows.group_by(conditions.column(printer.key))
        return rows.having(_filtered(last_fits, stages), _open(stages), *self._stage())

    def _stage(self) -> list[exp.Expr]:
        if self.stage is None:
            return []
        names = list(tree.STAGES)
        further = [tree.STAGES[name] for name in names[names.index(self.stage) + 1 :]]
        reached = [_open((tree.STAGES[self.stage],))]
        return [*reached, *([exp.Not(this=_open(tuple(further)))] if further else [])]


def _open(stages: tuple[str, ...]) -> exp.Expr:
    """Whether one of these happened after the last order; never NULL."""
    last = _filtered(exp.Max(this=conditions.column(AT)), stages)
    order = _filtered(exp.Max(this=conditions.column(AT)), (tree.ORDERED,))
    after = exp.GT(this=last, expression=order)
    never = exp.Not(this=exp.Is(this=last.copy(), expression=exp.null()))
    return exp.Coalesce(this=after, expressions=[never])


def _filtered(aggregate: exp.Expr, names: tuple[str, ...]) -> exp.Expr:
    return exp.Filter(this=aggregate, expression=exp.Where(this=one_of("name", names)))


def _up_to(moment: exp.Expr) -> exp.Expr:
    return exp.LTE(this=conditions.column(AT), expression=moment)


def _plus(at: exp.Expr, length: timedelta) -> exp.Expr:
    return exp.Add(this=at, expression=conditions.length(length))


def _of(alias: str, name: str) -> exp.Expr:
    return exp.column(name, table=alias, quoted=True)
