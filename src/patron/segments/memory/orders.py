"""Orders as they stand (M44), by the events that are remembered of them.

Most orders are told by one event, and are what that event says. Of those that were refunded,
exchanged or cancelled, what is left hangs on all of their events: there, the tables are asked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sqlglot import exp

from patron.segments.conditions import DIALECT, column, one_of
from patron.segments.expressions import call
from patron.segments.memory.batch import NEVER, Asks, Bools, Seen, Verdict, either_unsure
from patron.segments.memory.columns import OF_WORTH, Column, Columns
from patron.segments.memory.rows import Ints
from patron.segments.moments import Moment
from patron.segments.scans import Scan
from patron.spec.commerce import ORDER_EVENTS, ORDER_STATES, ORDERED, TELLING

if TYPE_CHECKING:
    from patron.segments.memory.histories import Batch
    from patron.segments.memory.lives import Found

_AMOUNTS = frozenset({"net", "gross"})
"""What an order comes to by its lines, where it names no amount itself."""


@dataclass(frozen=True)
class Standing:
    """The orders of each question.

    Attributes:
        seen: Each as the last event that tells of it, at the moment when it was placed.
        tied: Whose orders are told by several events of one moment.
        moved: Whose orders were told again after they were placed.
        changed: Whose orders were cancelled, refunded or exchanged.
        by_line: Whose orders name no amount.
    """

    seen: Seen
    tied: Bools
    moved: Bools
    changed: Bools
    by_line: Bools

    def unsure(self, read: frozenset[str]) -> Bools:
        """For which questions memory cannot tell, where these columns of orders are read."""
        unsure = self.tied
        if "occurred_at" in read:
            unsure = unsure | self.moved
        if read & OF_WORTH:
            unsure = unsure | self.changed
        if read & _AMOUNTS:
            unsure = unsure | self.by_line
        return unsure


@dataclass(frozen=True)
class Orders:
    """What is remembered of events that orders follow from, up to a moment."""

    upto: Moment
    about: Column
    tells: Column
    lasts: Column
    by_line: Column
    order: Column

    @staticmethod
    def of(upto: Moment, columns: Columns) -> Orders:
        """Remembers it from now on."""

        def named(names: Iterable[str]) -> exp.Expr:
            return one_of("name", sorted(names))

        identified = exp.Not(this=_missing("order_id"))
        return Orders(
            upto=upto,
            about=columns.flag(
                "events", named(ORDER_EVENTS), exp.or_(identified, named([ORDERED]))
            ),
            tells=columns.flag("events", named(TELLING)),
            lasts=columns.flag("events", named(ORDER_STATES)),
            by_line=columns.flag("events", named(TELLING), _missing("revenue"), _missing("total")),
            order=columns.code("events", _order()),
        )

    def rows(self, batch: Batch) -> Standing:
        """The orders of the customers of questions."""
        return batch.once(self, lambda: self._standing(batch))

    def _standing(self, batch: Batch) -> Standing:
        events = batch.seen(self.about)
        events = events.where(events.at <= batch.moment(self.upto)[events.ask])
        orders, of = events.regrouped(events.column(self.order))
        tells = orders.column(self.tells)
        telling, others = orders.where(tells), orders.where(~tells)
        placed, last = telling.earliest(), telling.latest()
        latest = telling.where(telling.at == last[telling.ask])
        standing = placed != NEVER
        # One of several; where there are several, the tables are asked.
        chosen = latest.last
        order = chosen[np.lexsort((placed[latest.ask[chosen]], of[latest.ask[chosen]]))]
        part = latest.ask[order]
        seen = Seen(batch, of[part], placed[part], lambda one: latest.column(one)[order])
        return Standing(
            seen,
            tied=_those(batch, of, latest.count() > 1),
            moved=_those(batch, of, standing & (placed != last)),
            changed=_those(batch, of, standing & self._changed(others, last)),
            by_line=_those(batch, seen.ask, seen.column(self.by_line)),
        )

    def _changed(self, others: Seen, told: Ints) -> Bools:
        """Which orders have a refund or an exchange, or were cancelled after all."""
        final = ~others.column(self.lasts) | (others.at >= told[others.ask])
        return others.where(final).there()


def answered(find: Found, scans: Iterable[Scan], asked: Columns, columns: Columns) -> Found:
    """What memory says of a set of orders: unsure where it does not know what they come to.

    Args:
        find: Takes every order as it was last told.
        scans: What the set rests on, orders among them.
        asked: What it reads of them.
        columns: Gets what has to be remembered for it.
    """
    read = frozenset(asked.of_orders)
    every = {Orders.of(one.span.upto, columns) for one in scans if one.table == "orders"}

    def found(batch: Batch) -> Verdict:
        true, unsure = find(batch)
        unclear = np.logical_or.reduce([one.rows(batch).unsure(read) for one in every])
        return Verdict(true, either_unsure(unsure, unclear))

    return found


def _those(asks: Asks, ask: Ints, mask: Bools) -> Bools:
    found = np.zeros(len(asks), dtype=bool)
    found[ask[mask]] = True
    return found


def _missing(name: str) -> exp.Expr:
    return exp.Is(this=column(name), expression=exp.null())


def _order() -> exp.Expr:
    """Tells orders apart: by brand and id, and those without an id by their message."""
    named = call("to_json", exp.Array(expressions=[column("brand"), column("order_id")]))
    return exp.Case(
        ifs=[exp.If(
            this=_missing("order_id"),
            true=exp.cast(column("position"), "VARCHAR", dialect=DIALECT),
        )],
        default=exp.cast(named, "VARCHAR", dialect=DIALECT),
    )  # fmt: skip
