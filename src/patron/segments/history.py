"""The states that a trait went through: whether it changed, and whether something held for a time.

At every moment a trait has the value of its last observation at or before it. An observation that
another one of the same moment follows (in the order of source and message id) never was a state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from msgspec import UNSET
from sqlglot import exp

from patron.segments import conditions
from patron.segments.comparable import comparable
from patron.segments.conditions import Operand, column, one_of
from patron.segments.expressions import call
from patron.segments.moments import Before
from patron.segments.scans import Scan
from patron.segments.surviving import beside_hands, observed
from patron.spec.traits import Survivorship

if TYPE_CHECKING:
    from patron.segments.predicates import TraitTest
    from patron.segments.sql import Printer


@dataclass(frozen=True, eq=False)
class Held:
    """The profiles of whom a test of a trait was true from a length of time before now on.

    Attributes:
        scan: The observations, up to now.
        test: The test.
        length: Of the span, which ends now and includes both its ends.
        always: Whether it was true at every moment of the span; else at one or more.
        rule: Which observation holds at each moment; None for the latest.
    """

    scan: Scan
    test: TraitTest
    length: timedelta
    always: bool
    rule: Survivorship | None = None

    @property
    def key(self) -> str:
        """Equal for equal sets only."""
        said = f"{self.scan.key} {self.test.key} held {self.length} {self.always}"
        return said if self.rule is None else f"{said} by {self.rule.key}"

    def query(self, printer: Printer) -> exp.Query:
        """The set as SQL."""
        begin = printer.frame.moment(Before(self.scan.span.upto, self.length))
        name, operand = conditions.trait_operand(self.test.path)
        verdict = conditions.condition(operand, self.test.op, self.test.value)
        # All that was observed by the beginning of the span is one state: that of its last.
        at = column("occurred_at")
        state = call("greatest", at, begin)
        early = exp.LTE(this=at.copy(), expression=begin.copy())
        verdict = conditions.certain(verdict)
        if self.rule is None:
            rows = printer.frame.rows("traits")
            rows = rows.where(one_of("name", [name]), *printer.scanned(self.scan))
            last = _last(verdict, "occurred_at")
        else:
            rows = observed(printer, self.scan, name, self.rule, over_time=True)
            rows = rows.select(column(printer.key))
            last = call("arg_max", verdict, at.copy())
        states = rows.select(
            exp.alias_(last, "held"), exp.alias_(call("bool_or", early), "early")
        ).group_by(column(printer.key), state)
        held = call("bool_and" if self.always else "bool_or", column("held"))
        if self.always:
            held = exp.and_(held, call("bool_or", column("early")))
        query = exp.select(column(printer.key)).from_(states.subquery("states"))
        query = query.group_by(column(printer.key)).having(held)
        if self.rule is None:
            return query
        usual = replace(self, rule=None).query(printer)
        return beside_hands(printer, self.scan, self.test.path, self.rule, (usual, query))


@dataclass(frozen=True, eq=False)
class Changed:
    """The profiles of whom a trait took another value.

    Attributes:
        scan: The observations, up to now; its other bounds say when the new value was taken.
        path: Of the trait.
        before: The value that it had, or UNSET.
        after: The value that it took, or UNSET.
        rule: Which observation holds at each moment; None for the latest.
    """

    scan: Scan
    path: str
    before: Any
    after: Any
    rule: Survivorship | None = None

    @property
    def key(self) -> str:
        """Equal for equal sets only."""
        said = f"{self.scan.key} {self.path!r} changed {self.before!r} {self.after!r}"
        return said if self.rule is None else f"{said} by {self.rule.key}"

    def query(self, printer: Printer) -> exp.Query:
        """The set as SQL."""
        key = printer.key
        name, operand = conditions.trait_operand(self.path)
        read = self._read(operand)
        if self.rule is None:
            states = self._states(printer, name, read)
        else:
            states = self._surviving(printer, name, read, self.rule)
        steps = exp.select(column(key), column("inside")).from_(states.subquery("states"))
        for state in read:
            order = exp.Order(expressions=[column("occurred_at")])
            earlier = exp.Window(
                this=call("lag", column(state)), partition_by=[column(key)], order=order
            )
            steps = steps.select(column(state), exp.alias_(earlier, f"earlier_{state}"))
        changes = exp.select(column(key)).distinct().from_(steps.subquery("steps"))
        changes = changes.where(column("inside"), *self._differs())
        if self.rule is None:
            return changes
        usual = replace(self, rule=None).query(printer)
        return beside_hands(printer, self.scan, self.path, self.rule, (usual, changes))

    def _surviving(
        self, printer: Printer, name: str, read: dict[str, exp.Expr], rule: Survivorship
    ) -> exp.Select:
        """The states, where a rule of its own says which observation holds."""
        bounds = printer.bounds(self.scan.span)
        inside = exp.and_(*bounds) if bounds else exp.true()
        values = (exp.alias_(value, which) for which, value in read.items())
        rows = observed(printer, self.scan, name, rule, over_time=True)
        columns = [column(printer.key), column("occurred_at"), exp.alias_(inside, "inside")]
        return rows.select(*columns, *values)

    def _states(self, printer: Printer, name: str, read: dict[str, exp.Expr]) -> exp.Select:
        """The states, where the latest observation holds."""
        key = printer.key
        seen = [one_of("name", [name]), *printer.scanned(self.scan, bounded=False)]
        bounds = printer.bounds(self.scan.span)
        candidates = printer.frame.rows("traits").where(*(part.copy() for part in seen))
        candidates = self._narrowed(candidates, bounds, read, key)
        rows = printer.frame.rows("traits").where(
            *seen, exp.In(this=column(key), query=exp.Subquery(this=candidates))
        )
        inside = call("bool_or", exp.and_(*bounds)) if bounds else exp.true()
        return rows.select(
            column("occurred_at"),
            exp.alias_(inside, "inside"),
            *(exp.alias_(_last(value), name) for name, value in read.items()),
        ).group_by(column(key), column("occurred_at"))

    def _narrowed(
        self, rows: exp.Select, bounds: list[exp.Expr], read: dict[str, exp.Expr], key: str
    ) -> exp.Select:
        """Those of whom an observation in the window could be a change: the others are left out."""
        span = self.scan.span
        if span.after is not None or span.since is not None:
            # A part of the table is enough to tell.
            taken = [read["is_after"].copy()] if self.after is not UNSET else []
            return rows.where(*(part.copy() for part in bounds), *taken)
        several = exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1))
        if "state" in read:
            return rows.group_by(column(key)).having(several)
        both = (call("bool_or", verdict.copy()) for verdict in read.values())
        return rows.group_by(column(key)).having(several, *both)

    def _read(self, operand: Operand) -> dict[str, exp.Expr]:
        """What has to be known of each state, by name."""
        if self.before is UNSET and self.after is UNSET:
            return {"state": comparable(operand)}
        asked = {"is_before": self.before, "is_after": self.after}
        return {
            name: conditions.certain(conditions.condition(operand, "=", value))
            for name, value in asked.items()
            if value is not UNSET
        }

    def _differs(self) -> list[exp.Expr]:
        """What makes a state a change from the one before; the first state has NULL before it."""
        if self.before is UNSET and self.after is UNSET:
            return [exp.NEQ(this=column("state"), expression=column("earlier_state"))]
        found: list[exp.Expr] = []
        if self.before is not UNSET:
            found += [column("earlier_is_before"), exp.Not(this=column("is_before"))]
        if self.after is not UNSET:
            found += [column("is_after"), exp.Not(this=column("earlier_is_after"))]
        return found


def _last(value: exp.Expr, *first: str) -> exp.Expr:
    """The value of the last of some observations; none of the values may be NULL."""
    ranks = [*first, "source_id", "message_id"]
    return call("arg_max", value, exp.Tuple(expressions=[column(rank) for rank in ranks]))
