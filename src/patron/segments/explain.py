"""Why a customer is in a segment, or is not.

Every condition of the tree is asked by itself, as live membership asks a rule: planned by the same
code, and answered from the customer's rows, which are read once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache, partial
from typing import Any, NamedTuple

import msgspec
import numpy as np
from msgspec import UNSET

from patron.engines.duckdb import Cursor
from patron.segments import values
from patron.segments.algebra import Signed
from patron.segments.catalogue import Catalogue
from patron.segments.computed import expanded
from patron.segments.concerns import Concerns, concerns
from patron.segments.explain_asked import Moments, OneCustomer
from patron.segments.explain_computed import ValueOf
from patron.segments.explain_found import Finding, Found, finding
from patron.segments.explain_kinds import More, look_into, more
from patron.segments.explain_others import OtherSide
from patron.segments.explain_probe import About, Told
from patron.segments.explain_strands import OfRows, read_for
from patron.segments.explain_values import Brands, BrandVerdict, Detail, Evidence, Parts
from patron.segments.explain_when import Ahead, candidates, horizon
from patron.segments.memory.answers import Answers
from patron.segments.memory.batch import Bools
from patron.segments.moments import AS_OF, Moment
from patron.segments.order_scans import READS
from patron.segments.plan import Planner
from patron.segments.plan_sets import earlier, everybody
from patron.segments.printer import print_rule
from patron.segments.questions import Question, Questions
from patron.segments.resolve import resolve
from patron.segments.tree import AtLeast, InSegment, OnBrands, Rule, WasIn, encode, join, scoped

REMEMBERED = 256
"""The plans of so many rules are kept: one segment is mostly explained for many customers."""


class Explained(msgspec.Struct, frozen=True):
    """One condition.

    Attributes:
        field: Its JSON path in the rule, or in the rule of the segment that it stands in.
        kind: The JSON key that says what it is: ``all``, ``not``, ``trait``, ``count`` …
        asked: Its text form.
        holds: Its verdict.
        changes_at: When the verdict would change if nothing more happened; None when it would not.
        value: What was found: a number, a trait's value, a time; None for nothing, and for "all",
            "any" and "not".
        evidence: The rows behind the verdict; None for conditions that rest on no rows of their
            own.
        detail: What there is to say beyond that, by kind.
        conditions: Those inside it. A segment's rule stands below the first condition that names
            it, and not again below others.
    """

    field: str
    kind: str
    asked: str
    holds: bool
    changes_at: datetime | None
    value: Any
    evidence: Evidence | None
    detail: Detail | None
    conditions: tuple[Explained, ...]


class Explanation(msgspec.Struct, frozen=True):
    """In or out, and why.

    Attributes:
        as_of: The moment that it holds for, in UTC.
        profile_id: The customer.
        member: Whether the customer fulfils the rule.
        first_seen_at: Before this, the customer was in no segment; None for one that never was.
        changes_at: When that would change if nothing more happened; None when it would not, as far
            as was looked.
        looked_until: How far was looked.
        condition: The whole rule.
    """

    as_of: datetime
    profile_id: int
    member: bool
    first_seen_at: datetime | None
    changes_at: datetime | None
    looked_until: datetime
    condition: Explained


def explain(
    cursor: Cursor, rule: Rule, profile_id: int, *, as_of: datetime, catalogue: Catalogue
) -> Explanation:
    """Why a customer fulfils a rule, or does not.

    Args:
        cursor: In a transaction, so that all is read from one state.
        rule: The rule.
        profile_id: A profile that stands.
        as_of: The moment that it is asked for, in UTC. Nothing later is seen.
        catalogue: Where the segments are that the rule rests on.

    Raises:
        RuleError: As `sql.compile_members` does.
    """
    tree = _tree(_Wanted.of(rule, catalogue))
    whole = tree.nodes[0].concerns
    customer = OneCustomer(cursor, profile_id, tree.answers)
    customer.read(tree.needs, tree.columns)
    rows = customer.remember()
    seen = customer.first_seen_at()
    until = horizon(whole, tree.nodes[0].plan, as_of)
    times, dates = customer.times(tree.needs), customer.dates(whole.edges, as_of, until)
    moments = [_NEVER] * len(tree.nodes)
    if seen is not None:
        moments = [
            candidates(node.concerns, times, dates, seen, as_of, until) for node in tree.nodes
        ]
    ahead = Ahead(moments, until)
    verdicts = ahead.ask(as_of, rows, partial(tree.ask, customer))
    found, told = tree.look(cursor, customer, About(profile_id, as_of, tree.moments))
    condition = _explained(tree.nodes, 0, _Answers(verdicts, found, told, ahead.changes))
    return Explanation(
        as_of=as_of,
        profile_id=profile_id,
        member=condition.holds,
        first_seen_at=seen,
        changes_at=condition.changes_at,
        looked_until=ahead.until,
        condition=condition,
    )


_NEVER: Moments = np.empty(0, dtype="datetime64[us]")


@dataclass(frozen=True)
class _Wanted:
    """A rule, and what of the catalogue its plan depends on: equal for equal plans."""

    key: tuple[object, ...]
    rule: Rule = field(compare=False)
    catalogue: Catalogue = field(compare=False)

    @staticmethod
    def of(rule: Rule, catalogue: Catalogue) -> _Wanted:
        found = resolve(rule, catalogue, unknown="warn")
        below = tuple((name, encode(catalogue.segments[name])) for name in found.segments)
        computed = tuple((name, encode(catalogue.computed[name])) for name in found.computed)
        brands = frozenset(catalogue.brands)
        declared = repr((catalogue.survivorships, catalogue.rates))
        key = (encode(rule), below, computed, brands, catalogue.time_zone, declared)
        return _Wanted(key, rule, catalogue)


@lru_cache(maxsize=REMEMBERED)
def _tree(wanted: _Wanted) -> _Tree:
    return _Tree(wanted.rule, wanted.catalogue)


@dataclass
class _Node:
    """A condition of the tree, and all that is asked about it."""

    field: str
    rule: Rule
    plan: Signed
    concerns: Concerns
    finding: Finding | None
    probe: More | None
    inside: list[int]
    brands: Sequence[str] = ()

    @cached_property
    def text(self) -> str:
        return print_rule(self.rule)

    def rows(self) -> list[OfRows]:
        """What is looked into by way of rows."""
        other = self.probe.finding if isinstance(self.probe, OtherSide) else self.probe
        return [one for one in (self.finding, other) if isinstance(one, OfRows)]

    def reads(self) -> list[Question]:
        """What has to be gathered before it is looked into."""
        reads: list[Question | None] = [one.reads for one in self.rows()]
        if self.probe is not None and not isinstance(self.probe, OfRows | OtherSide):
            reads.append(self.probe.reads)
        return [one for one in reads if one is not None]


class _Tree:
    """A rule taken apart into the conditions that are about the customer, the whole rule first.

    Attributes:
        nodes: The conditions.
        answers: Answers them.
        needs: The tables that are read of the customer.
        columns: The columns that are read of them.
        moments: Those that follow from the one that is asked for, by name.
    """

    def __init__(self, rule: Rule, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._told: set[tuple[str, Moment]] = set()
        self._asked: dict[int, Question] = {}
        self.nodes: list[_Node] = []
        self.answers = Answers()
        # Conditions are asked one by one, and so share what is asked with those around them.
        self._add(rule, "", Planner(catalogue, largest=0))
        rows = [one for node in self.nodes for one in node.rows()]
        reads = [one for node in self.nodes for one in node.reads()]
        self._gathered = [one for one in reads if one.needs]
        self.moments = {name: at for one in reads for name, at in one.moments.items()}
        edges = {edge.rows for node in self.nodes for edge in node.concerns.edges}
        remembered = self.answers.columns
        remembered.news = tuple(table for table in remembered.news if table in edges)
        self.needs = {
            *edges, *remembered.reads,
            *(need for one in rows for need in read_for(one.table)),
            *(need for one in self._gathered for need in one.needs),
        }  # fmt: skip
        self.columns = {name for one in reads for name in one.columns} | remembered.names
        if any(one.table == "orders" for one in rows):
            self.columns |= READS

    def _add(self, rule: Rule, path: str, planner: Planner) -> int:
        number = len(self.nodes)
        signed = asked = planner.plan(rule)
        if planner.now != AS_OF and signed.complement:
            # Whoever was not seen by then is not in the complement either.
            asked = planner.meeting([Signed(everybody(planner)), signed])
        self.answers.add(asked)
        found = concerns(rule, self._catalogue)
        node = _Node(path, rule, asked, found, None, None, [])
        self.nodes.append(node)
        inside = self._inside(rule, path, planner)
        if isinstance(rule, OnBrands):
            node.brands = self._brands(rule)
        computed = ValueOf.of(rule, self._catalogue, planner.now)
        if computed is not None:
            node.probe = computed
        elif not inside or isinstance(rule, InSegment | WasIn):
            node.probe = more(rule, signed, planner.now)
        if not inside and not isinstance(rule, InSegment | WasIn):
            node.finding = finding(rule, signed, found)
        node.inside = [self._add(*inner) for inner in inside]
        return number

    def _inside(self, rule: Rule, path: str, planner: Planner) -> list[tuple[Rule, str, Planner]]:
        """The conditions inside one: what they are, where, and as of when they are asked."""
        stands_for = expanded(rule, self._catalogue.computed)
        if stands_for is not None:
            return [(stands_for, "", planner)]
        match rule:
            case InSegment(in_segment=name):
                return self._segment(name, planner)
            case WasIn(was_in=name, at=at):
                return self._segment(name, planner.at(earlier(planner.now, values.ends(at))))
            case OnBrands(on_brands=inner):
                below = join(path, "on_brands")
                return [(scoped(inner, brand), below, planner) for brand in self._brands(rule)]
        return [
            (inner.rule, join(path, inner.step), planner)
            for inner in rule.inner()
            if inner.place in (None, "customer")
        ]

    def _brands(self, rule: OnBrands) -> list[str]:
        return sorted(set(rule.of) or self._catalogue.brands)

    def _segment(self, name: str, planner: Planner) -> list[tuple[Rule, str, Planner]]:
        if (name, planner.now) in self._told:
            return []
        self._told.add((name, planner.now))
        return [(self._catalogue.segments[name], "", planner)]

    def ask(self, customer: OneCustomer, as_of: Moments, numbers: Sequence[int]) -> Bools:
        """What some conditions come to, as of each moment."""
        plans = [self.nodes[number].plan for number in numbers]
        return customer.ask(as_of, plans, lambda at: self._question(numbers[at]))

    def look(
        self, cursor: Cursor, customer: OneCustomer, about: About
    ) -> tuple[dict[int, Found], dict[int, Told]]:
        """Look into those conditions that there is something to say of."""
        if self._gathered:
            customer.gather(np.array([about.as_of], dtype="datetime64[us]"), self._gathered)
        nodes = list(enumerate(self.nodes))
        looked = {number: node.finding for number, node in nodes if node.finding}
        probed = {number: node.probe for number, node in nodes if node.probe}
        return look_into(cursor, looked, probed, about)

    def _question(self, number: int) -> Question:
        if number not in self._asked:
            self._asked[number] = Questions().question(self.nodes[number].plan)
        return self._asked[number]


class _Answers(NamedTuple):
    """The verdicts, what is behind them, and when they change."""

    verdicts: Bools
    found: dict[int, Found]
    told: dict[int, Told]
    changes: list[datetime | None]


def _explained(nodes: Sequence[_Node], number: int, answers: _Answers) -> Explained:
    node = nodes[number]
    value, evidence = answers.found.get(number, (None, None))
    told = answers.told.get(number) or _counted(node, answers.verdicts)
    if told is not None and told.value is not UNSET:
        value = told.value
    return Explained(
        field=node.field,
        kind=node.rule.__struct_encode_fields__[0],  # type: ignore[attr-defined]
        asked=node.text,
        holds=bool(answers.verdicts[number]),
        changes_at=answers.changes[number],
        value=value,
        evidence=evidence,
        detail=None if told is None else told.detail,
        conditions=tuple(_explained(nodes, inner, answers) for inner in node.inside),
    )


def _counted(node: _Node, verdicts: Bools) -> Told | None:
    """How many of the conditions inside one hold, where that is what it is about."""
    inside = [bool(verdicts[number]) for number in node.inside]
    match node.rule:
        case AtLeast():
            return Told(sum(inside), Parts(len(inside)))
        case OnBrands():
            brands = map(BrandVerdict, node.brands, inside)
            return Told(sum(inside), Brands(tuple(brands)))
    return None
