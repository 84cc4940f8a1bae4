"""From the sets of a plan to what memory says of each question."""

from __future__ import annotations

import numpy as np

from patron.segments import conditions
from patron.segments.algebra import Compound, Grouped, Listed, Profiles, Signed, inner
from patron.segments.calculated import Calculated
from patron.segments.calculations import Leaf, Numbers
from patron.segments.conditions import column, one_of
from patron.segments.entries import Recorded
from patron.segments.groups import InGroup
from patron.segments.history import Changed, Held
from patron.segments.memory import lives, measures, orders, points, preferring
from patron.segments.memory.batch import (
    LONG_AGO,
    Bools,
    Seen,
    Verdict,
    either_unsure,
)
from patron.segments.memory.columns import Columns
from patron.segments.memory.histories import Batch
from patron.segments.memory.lives import Found
from patron.segments.memory.spans import kept, within
from patron.segments.memory.surviving import survived
from patron.segments.memory.tests import names, picked, tested, value_of
from patron.segments.metrics import Paired
from patron.segments.patterns import Resumed
from patron.segments.picks import Picked
from patron.segments.points import Balanced
from patron.segments.preferring import Favoured
from patron.segments.rankings import Ranked
from patron.segments.scans import Scan, scans_in
from patron.segments.sequences import Followed, Left
from patron.segments.surviving import Survived
from patron.segments.tallies import PerBrand, Tally
from patron.segments.universe import Everybody
from patron.spec.commerce import ORDER_EVENTS


class Answers:
    """Answers plans from memory; sets that several plans share are found once.

    Args:
        brands: Says of which brand each source is.
        households: Says which identifiers make households.

    Attributes:
        columns: What has to be remembered for it.
    """

    def __init__(self, brands: str = "", households: str = "") -> None:
        self.columns = Columns(brands=brands, households=households)
        self._found: dict[int, tuple[Profiles, Found]] = {}

    def add(self, plan: Signed) -> None:
        """Make ready for a plan."""
        self._find(plan.profiles)

    def answer(self, plan: Signed, batch: Batch) -> Verdict:
        """What memory says of each question, for a plan that was added."""
        true, unsure = self._inside(plan.profiles, batch)
        if plan.complement:
            true = batch.stands & ~true
        return Verdict(true, unsure)

    def _inside(self, profiles: Profiles, batch: Batch) -> Verdict:
        return batch.once(("set", id(profiles)), lambda: self._combined(profiles, batch))

    def _combined(self, profiles: Profiles, batch: Batch) -> Verdict:
        if not (isinstance(profiles, Compound) and profiles.inner()):
            true, unsure = self._found[id(profiles)][1](batch)
            return Verdict(true & batch.stands, unsure)
        parts = [self._inside(part, batch) for part in profiles.inner()]
        unsure = either_unsure(*(part.unsure for part in parts))
        return Verdict(profiles.holds([part.true for part in parts]), unsure)

    def _find(self, profiles: Profiles) -> None:
        for part in inner(profiles):
            self._find(part)
        if not inner(profiles) and id(profiles) not in self._found:
            # Held on to, so that no other set gets its id.
            self._found[id(profiles)] = profiles, found(profiles, self.columns)


def found(profiles: Profiles, columns: Columns) -> Found:
    """How a set that is made of no others is found in memory."""
    # Rankings are made of the tables.
    scans = [] if isinstance(profiles, Ranked) else list(scans_in(profiles))
    if all(scan.table != "orders" for scan in scans):
        return _found(profiles, columns)
    if any(scan.products is not None for scan in scans):
        return _of_costs(scans, columns)
    asked = Columns(brands=columns.brands, households=columns.households)
    find = _found(profiles, asked)
    columns.take(asked)
    return orders.answered(find, scans, asked, columns)


def _found(profiles: Profiles, columns: Columns) -> Found:
    match profiles:
        case Grouped():
            return _grouped(profiles, columns)
        case Paired():
            return _paired(profiles, columns)
        case Picked():
            return _picked(profiles, columns)
        case Calculated():
            return _calculated(profiles, columns)
        case Resumed():
            return lives.resumed(profiles, columns)
        case Survived():
            return survived(profiles, columns)
        case Held():
            return lives.held(profiles, columns)
        case Changed():
            return lives.changed(profiles, columns)
        case Followed():
            return lives.followed(profiles, columns)
        case Left():
            return lives.left(profiles, columns)
    return _special(profiles, columns)


def _special(profiles: Profiles, columns: Columns) -> Found:
    match profiles:
        case Favoured():
            return preferring.favoured(profiles, columns)
        case Listed(name=name, upto=upto):
            return lambda batch: Verdict(
                batch.listed(name) & (batch.first_seen <= batch.moment(upto))
            )
        case PerBrand():
            return _per_brand(profiles, columns)
        case Everybody():
            return lambda batch: Verdict(_share(profiles, batch))
        case Ranked(ranking=ranking, made_for=made_for):
            return lambda batch: Verdict(batch.ranked(ranking, batch.moment(made_for)))
        case Recorded():
            return _recorded(profiles, columns)
        case Balanced():
            return points.balanced(profiles, columns)
        case Tally():  # of no sets, for there are no brands yet
            return lambda batch: Verdict(np.zeros(len(batch), dtype=bool))
        case InGroup():
            member = columns.flag("group_members")
            return lambda batch: _untold(batch.seen(member))
    raise TypeError(f"{type(profiles).__name__} cannot be remembered")


def _of_costs(scans: list[Scan], columns: Columns) -> Found:
    """Costs are those of the catalogue and of several rows: whoever has any is asked in SQL."""
    flags = [columns.flag("events", one_of("name", sorted(ORDER_EVENTS)))]
    flags += [columns.fits(scan) for scan in scans if scan.table != "orders"]

    def find(batch: Batch) -> Verdict:
        return _untold(*(batch.seen(flag) for flag in flags))

    return find


def _untold(*seen: Seen) -> Verdict:
    """Those who have such rows are asked in SQL."""
    there = np.logical_or.reduce([rows.there() for rows in seen])
    return Verdict(there, there)


def _grouped(grouped: Grouped, columns: Columns) -> Found:
    rows, called = kept(grouped.scan, columns), names(grouped.test, columns)
    test = tested(grouped.test, grouped.scan, columns)

    def find(batch: Batch) -> Verdict:
        seen = batch.find(rows)
        if called is not None:
            seen = seen.where(seen.column(called))
        true, unsure = test(seen)
        return Verdict(true & seen.there(), unsure)

    return find


def _per_brand(profiles: PerBrand, columns: Columns) -> Found:
    rows = kept(profiles.scan, columns)
    test = tested(profiles.test, profiles.scan, columns)
    brand = columns.code(profiles.scan.table, column("brand"))

    def find(batch: Batch) -> Verdict:
        seen = batch.find(rows)
        parts, of = seen.regrouped(seen.column(brand))
        true, unsure = test(parts)
        brands = np.bincount(of[true], minlength=len(batch))
        some = np.bincount(of, minlength=len(batch)) > 0
        unclear = None
        if unsure is not None and unsure.any():
            unclear = np.zeros(len(batch), dtype=bool)
            unclear[of[unsure]] = True
        compared = measures.compare(brands, profiles.op, profiles.value)
        return Verdict(some & (brands > 0) & compared, unclear)

    return find


def _paired(paired: Paired, columns: Columns) -> Found:
    sides = [
        (kept(scan, columns), measures.measure(test, scan, columns), test.zero_of_nothing)
        for scan, test in ((paired.left_scan, paired.left), (paired.right_scan, paired.right))
    ]

    def find(batch: Batch) -> Verdict:
        seen = [batch.find(rows) for rows, _, _ in sides]
        there = [rows.there() for rows in seen]
        left, right = (taken(rows) for rows, (_, taken, _) in zip(seen, sides, strict=True))
        true, unsure = measures.compared(left, paired.op, right)
        true = true & (there[0] | there[1])
        for some, (_, _, zero) in zip(there, sides, strict=True):
            if not zero:
                true = true & some
        return Verdict(true, unsure)

    return find


def _calculated(found: Calculated, columns: Columns) -> Found:
    leaves = {id(leaf): (leaf.key, kept(leaf.scan, columns), measures.measured(leaf, columns))
              for leaf in found.formula.numbers if isinstance(leaf, Leaf)}  # fmt: skip

    def find(batch: Batch) -> Verdict:
        there = np.zeros(len(batch), dtype=bool)
        unsure: list[Bools | None] = []

        def take(leaf: Leaf) -> Numbers:
            key, rows, taken = leaves[id(leaf)]
            seen = batch.find(rows)
            np.logical_or(there, seen.there(), out=there)
            # What a score was then and is now, and how it grew, are made of the same measures.
            value = batch.once(("measured", key), lambda: taken(seen))
            unsure.append(value.unsure)
            return measures.rounded(value)

        true = found.fulfilled(found.formula.evaluate(take, len(batch)))
        return Verdict(true & there, either_unsure(*unsure))

    return find


def _picked(found: Picked, columns: Columns) -> Found:
    rows = kept(found.scan, columns)
    if found.which != "most_frequent":
        pick = picked(found, found.scan, columns)
        return lambda batch: pick(batch.find(rows))
    _, fits = value_of(found.path, found.op, found.value, found.scan, columns)
    scan = found.scan
    identity = columns.code(scan.table, scan.value(found.path).identity(), scan.reach)
    order = columns.order(found.scan.table)

    def find(batch: Batch) -> Verdict:
        seen = batch.find(rows)
        seen = seen.where(seen.column(identity) != 0)
        values, of = seen.regrouped(seen.column(identity))
        times, latest = values.count(), values.latest()
        most = np.zeros(len(batch), dtype=np.int64)
        np.maximum.at(most, of, times)
        top = (times == most[of]) & (times >= found.times)
        last = np.full(len(batch), LONG_AGO)
        np.maximum.at(last, of[top], latest[top])
        # Of values that are equally frequent, the one seen last counts.
        ends = values.where(top[values.ask] & (values.at == last[of[values.ask]]))
        best = Seen(batch, of[ends.ask], ends.at, ends.column)
        return Verdict(best.states([fits], order).says(fits))

    return find


def _recorded(recorded: Recorded, columns: Columns) -> Found:
    columns.segments.add(recorded.segment)
    change = columns.flag(
        "membership_changes",
        one_of("segment", [recorded.segment]),
        one_of("kind", [recorded.kind]),
        conditions.COMPARISONS["!="](
            this=column("reason"), expression=conditions.literal("merged")
        ),
    )
    inside = within(recorded.span, columns, seen=True)

    def find(batch: Batch) -> Verdict:
        seen = batch.seen(change)
        return Verdict(seen.where(inside(seen)).there())

    return find


def _share(everybody: Everybody, batch: Batch) -> Bools:
    seen = batch.first_seen <= batch.moment(everybody.upto)
    if everybody.below is None:
        return seen
    numbers = batch.once(("lots", everybody.seed), lambda: batch.lots(everybody.seed))
    drawn: Bools = numbers < everybody.below
    return seen & drawn
