"""Prints the rows that a scan reads."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from sqlglot import exp

from patron.segments import conditions, entities, order_scans, paths, tree
from patron.segments.conditions import column, one_of
from patron.segments.frames import Bulk, Frame, named, table
from patron.segments.moments import AS_OF, Moment
from patron.segments.predicates import Test, trait_names
from patron.segments.scans import Anchor, Scan, Span
from patron.segments.tree import Rule
from patron.segments.tree.reached import Reached


class ScanPrinter:
    """Writes scans down.

    Args:
        frame: Whom the query is about, and when.
    """

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.key = frame.key

    def rows(self, scan: Scan) -> exp.Select:
        """The rows of a scan, with their key."""
        return self._from(scan).where(*self.scanned(scan))

    def _from(self, scan: Scan) -> exp.Select:
        if scan.table == "orders":
            costs = scan.products is not None
            rows = order_scans.orders(self.frame, scan.span.upto, costs=costs)
        else:
            rows = self.frame.rows(scan.table)
        if scan.reach is not None:
            source = rows.args["from_"].this
            lines = scan.table == "order_lines"
            reached = entities.reached_rows(source.copy(), [scan.reach], lines=lines)
            source.replace(named(reached, "reached"))
        return rows

    def grouped_rows(self, scan: Scan, test: Test) -> tuple[exp.Select, bool]:
        """The rows of a scan that a test reads, grouped; and whether they are all of one trait."""
        wanted, alone = self.wanted(scan, test)
        return self._from(scan).where(*wanted).group_by(column(self.key)), alone

    def wanted(self, scan: Scan, test: Test) -> tuple[list[exp.Expr], bool]:
        """The conditions on the rows that a test reads; and whether they are all of one trait."""
        if scan.table != "traits":
            return self.scanned(scan), False
        names = sorted(trait_names(test))
        return [one_of("name", names), *self.scanned(scan)], len(names) == 1

    def scanned(self, scan: Scan, *, bounded: bool = True) -> list[exp.Expr]:
        """The conditions on the rows of a scan.

        Args:
            scan: Says which rows.
            bounded: Whether the bounds of its span count, beside what is seen at all.
        """
        span = scan.span if bounded else Span(scan.span.upto)
        if scan.table == "traits":
            return [*self.in_span(span), *of_brands(scan.brands)]
        return [*self._named_in_span(scan.span, scan.events), *self._beside_name(scan)]

    def fits(self, scan: Scan) -> list[exp.Expr]:
        """The conditions on the rows of a scan, whenever they happened."""
        if scan.table == "traits":
            return of_brands(scan.brands)
        timeless = replace(scan, span=Span(AS_OF))
        named = [one_of("name", scan.events)] if scan.events else []
        return [*named, *self._beside_name(timeless)]

    def _beside_name(self, scan: Scan) -> list[exp.Expr]:
        wanted = []
        if scan.brands:
            wanted.append(one_of("brand", scan.brands))
        if scan.currency is not None:
            wanted.append(one_of("currency", [scan.currency]))
        if scan.where is not None:
            wanted.append(self._filter(scan.where, scan, scan.table == "order_lines"))
        if scan.products is not None:
            wanted.append(order_scans.of_state(scan.products))
        return wanted

    def _filter(self, node: Rule, scan: Scan, lines: bool) -> exp.Expr:
        match node:
            case tree.All(all=parts):
                return exp.and_(*(self._filter(part, scan, lines) for part in parts))
            case tree.AnyOf(any=parts):
                return exp.or_(*(self._filter(part, scan, lines) for part in parts))
            case tree.Not(negated=inner):
                return conditions.negation(self._filter(inner, scan, lines))
            case tree.AnyLine(any_line=inner):
                return self._elsewhere(inner, scan, lines=True)
            case tree.OfEvent(of_event=inner):
                return self._elsewhere(inner, scan, lines=False)
            case tree.Property():
                orders = scan.table == "orders"
                path = paths.split(node.property)
                left = conditions.operand(path, lines=lines, orders=orders)
                return conditions.condition(left, node.op, node.value)
            case Reached():
                return entities.condition(node, lines=lines)
        raise TypeError(f"{type(node).__name__} is no condition on an event")

    def _elsewhere(self, inner: Rule, scan: Scan, *, lines: bool) -> exp.Expr:
        """The same events in the other table: lines of an event, or the event of a line."""
        there = self.alongside(scan, "order_lines" if lines else "events")
        there = there.select(column("position"), append=False)
        there = there.where(self._filter(inner, scan, lines))
        return exp.In(this=column("position"), query=exp.Subquery(this=there))

    def alongside(self, scan: Scan, name: Literal["events", "order_lines"]) -> exp.Select:
        """Rows of the other table, those of the events of a scan among them."""
        there = self.frame.rows(name)
        if scan.table == "orders":
            # Its span is about when an order was placed, not about the event that tells of it.
            return there.where(*self.frame.seen(scan.span.upto))
        if isinstance(self.frame, Bulk):
            # They are going to be met with the scan: its bounds only let blocks be skipped.
            there = there.where(*self._named_in_span(replace(scan.span, anchor=None), scan.events))
        return there

    def _named_in_span(self, span: Span, events: tuple[str, ...]) -> list[exp.Expr]:
        named = [one_of("name", events)] if events else []
        return [*named, *self.in_span(span)]

    def in_span(self, span: Span) -> list[exp.Expr]:
        """The conditions that rows lie in a span."""
        return [*self.bounds(span), *self.frame.seen(span.upto)]

    def bounds(self, span: Span) -> list[exp.Expr]:
        """What makes a row lie within a span; it still has to be seen."""
        return [
            *self.begun(span),
            *self._at(exp.LTE, span.until),
            *self._at(exp.LT, span.before),
        ]

    def begun(self, span: Span) -> list[exp.Expr]:
        """What makes a row lie after the start of a span."""
        begun = [*self._at(exp.GT, span.after), *self._at(exp.GTE, span.since)]
        return begun if span.anchor is None else [*begun, self._since(span.anchor)]

    def _at(self, comparison: type[exp.Binary], limit: Moment | None) -> list[exp.Expr]:
        if limit is None:
            return []
        return [comparison(this=column("occurred_at"), expression=self.frame.moment(limit))]

    def _since(self, anchor: Anchor) -> exp.Expr:
        """Later than another row of the same customer.

        The subquery is grouped by the key that ties it to the row, so that DuckDB makes one join
        of it; and it names no table, so that it can stand wherever there are rows.
        """
        key, at = column(self.key), column("occurred_at")
        bound = exp.Max(this=at) if anchor.which == "last" else exp.Min(this=at)
        anchors = self.rows(anchor.scan).select(
            exp.alias_(key, "anchor_key", quoted=True),
            exp.alias_(bound, "anchor_at", quoted=True),
            append=False,
        )
        one = exp.select(column("anchor_at")).from_(named(anchors.group_by(key), "anchors"))
        one = one.where(exp.EQ(this=column("anchor_key"), expression=key.copy()))
        return exp.GT(this=at.copy(), expression=exp.Subquery(this=one))


def of_brands(brands: tuple[str, ...]) -> list[exp.Expr]:
    """What makes a row one that a source of these brands sent; nothing for none."""
    if not brands:
        return []
    sources = exp.select(column("source_id")).from_(table("sources"))
    sources = sources.where(one_of("brand", brands))
    return [exp.In(this=column("source_id"), query=exp.Subquery(this=sources))]
