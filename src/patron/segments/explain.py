"""Why a customer is in a segment, or is not.

Every condition of the tree is asked by itself, as the rule is: planned and printed by the same
code, from rows that are gathered once. What is said of a condition is what counts for membership.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
import numpy as np
from msgspec import UNSET

from patron.engines.duckdb import Cursor
from patron.segments import values
from patron.segments.algebra import Signed
from patron.segments.catalogue import Catalogue
from patron.segments.concerns import Concerns, concerns
from patron.segments.explain_asked import Answers, Moments, OneCustomer
from patron.segments.explain_found import Finding, Found, finding
from patron.segments.explain_kinds import More, look_into, more
from patron.segments.explain_probe import About, Told
from patron.segments.explain_values import Brands, BrandVerdict, Detail, Evidence, Parts
from patron.segments.explain_when import Ahead, candidates, horizon
from patron.segments.frames import Rows
from patron.segments.moments import AS_OF, Moment
from patron.segments.plan import Planner
from patron.segments.plan_sets import earlier, everybody
from patron.segments.printer import print_rule
from patron.segments.questions import Question, Questions
from patron.segments.resolve import resolve
from patron.segments.tree import AtLeast, InSegment, OnBrands, Rule, WasIn, encode, join, scoped

ROWS_AT_ONCE = 5_000
"""So many rows are copied with the first question and moments ahead of it."""

MOMENTS_AT_ONCE = 128
"""So many of these moments there are at most."""

REMEMBERED = 256
"""The SQL of so many rules is kept: one segment is mostly explained for many customers."""


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
    nodes = _nodes(_Wanted.of(rule, catalogue))
    customer = OneCustomer(cursor, profile_id)
    questions = [*(node.question for node in nodes), *_others(nodes)]
    customer.read(_needs(nodes), questions)
    seen = customer.first_seen_at()
    until = horizon(nodes[0].concerns, nodes[0].question, as_of)
    times, dates = customer.times(), customer.dates(nodes[0].concerns.edges, as_of, until)
    moments = [_NEVER] * len(nodes)
    if seen is not None:
        moments = [candidates(node.concerns, times, dates, seen, as_of, until) for node in nodes]
    try:
        answers = _answer(cursor, customer, nodes, as_of, Ahead(moments, until))
    finally:
        customer.close()
    condition = _explained(nodes, 0, answers)
    return Explanation(
        as_of=as_of,
        profile_id=profile_id,
        member=condition.holds,
        first_seen_at=seen,
        changes_at=condition.changes_at,
        looked_until=answers.ahead.until,
        condition=condition,
    )


_NEVER: Moments = np.empty(0, dtype="datetime64[us]")


@dataclass(frozen=True)
class _Wanted:
    """A rule, and what of the catalogue its SQL depends on: equal for equal SQL."""

    key: tuple[object, ...]
    rule: Rule = field(compare=False)
    catalogue: Catalogue = field(compare=False)

    @staticmethod
    def of(rule: Rule, catalogue: Catalogue) -> _Wanted:
        used = resolve(rule, catalogue, unknown="warn").segments
        below = tuple((name, encode(catalogue.segments[name])) for name in used)
        key = (encode(rule), below, frozenset(catalogue.brands), catalogue.time_zone)
        return _Wanted(key, rule, catalogue)


@lru_cache(maxsize=REMEMBERED)
def _nodes(wanted: _Wanted) -> list[_Node]:
    return _Tree(wanted.catalogue).nodes(wanted.rule)


@dataclass
class _Node:
    """A condition of the tree, and all that is asked about it."""

    field: str
    rule: Rule
    question: Question
    concerns: Concerns
    finding: Finding | None
    probe: More | None
    inside: list[int]
    brands: Sequence[str] = ()


class _Tree:
    """Takes a rule apart into the conditions that are about the customer."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        # Conditions are asked one by one, and so share what is asked with those around them.
        self._planner = Planner(catalogue, largest=0)
        self._questions = Questions()
        self._nodes: list[_Node] = []
        self._told: set[tuple[str, Moment]] = set()

    def nodes(self, rule: Rule) -> list[_Node]:
        """All conditions, the whole rule first, which is asked just as for membership."""
        self._add(rule, "", self._planner)
        whole = Planner(self._catalogue).plan(rule)
        self._nodes[0].question = self._questions.question(whole)
        return self._nodes

    def _add(self, rule: Rule, path: str, planner: Planner) -> int:
        number = len(self._nodes)
        signed = asked = planner.plan(rule)
        if planner.now != AS_OF and signed.complement:
            # Whoever was not seen by then is not in the complement either.
            asked = planner.meeting([Signed(everybody(planner)), signed])
        found = concerns(rule, self._catalogue)
        node = _Node(path, rule, self._questions.question(asked), found, None, None, [])
        self._nodes.append(node)
        inside = self._inside(rule, path, planner)
        if isinstance(rule, OnBrands):
            node.brands = self._brands(rule)
        if not inside or isinstance(rule, InSegment | WasIn):
            node.probe = more(rule, signed, planner.now)
        if not inside and not isinstance(rule, InSegment | WasIn):
            node.finding = finding(rule, signed, found)
        node.inside = [self._add(*inner) for inner in inside]
        return number

    def _inside(self, rule: Rule, path: str, planner: Planner) -> list[tuple[Rule, str, Planner]]:
        """The conditions inside one: what they are, where, and as of when they are asked."""
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


def _needs(nodes: Sequence[_Node]) -> set[Rows]:
    """What has to be read of the customer."""
    needs = {need for node in nodes for need in node.question.needs}
    for node in nodes:
        needs.update(*(one.needs() for one in (node.finding, node.probe) if one))
    tables = {edge.rows for node in nodes for edge in node.concerns.edges}
    return needs | tables


def _others(nodes: Sequence[_Node]) -> list[Question]:
    """What has to be gathered for looking into conditions, beside what they ask."""
    every = [one.reads() for node in nodes for one in (node.finding, node.probe) if one]
    return [one for one in every if one is not None]


class _Answers(NamedTuple):
    """The verdicts, what is behind them, and when they change."""

    verdicts: Answers
    found: dict[int, Found]
    told: dict[int, Told]
    ahead: Ahead


def _answer(
    cursor: Cursor, customer: OneCustomer, nodes: Sequence[_Node], as_of: datetime, ahead: Ahead
) -> _Answers:
    # The first moments ahead are asked about together with the one that matters: mostly that is it.
    first = ahead.every[: max(0, min(MOMENTS_AT_ONCE, ROWS_AT_ONCE // (customer.size + 1)))]
    questions = [node.question for node in nodes]
    at = np.concatenate([np.array([as_of], dtype="datetime64[us]"), first])
    looked = {number: node.finding for number, node in enumerate(nodes) if node.finding}
    probed = {number: node.probe for number, node in enumerate(nodes) if node.probe}
    answers = customer.ask(at, questions, others=_others(nodes))
    about = About(customer.profile_id, as_of)
    found, told = look_into(cursor, looked, probed, about)
    ahead.begin(answers[:, 0])
    ahead.note(first, range(len(nodes)), answers[:, 1:])
    ahead.search(customer, questions, len(first))
    return _Answers(answers[:, 0], found, told, ahead)


def _explained(nodes: Sequence[_Node], number: int, answers: _Answers) -> Explained:
    node = nodes[number]
    value, evidence = answers.found.get(number, (None, None))
    told = answers.told.get(number) or _counted(node, answers.verdicts)
    if told is not None and told.value is not UNSET:
        value = told.value
    return Explained(
        field=node.field,
        kind=node.rule.__struct_encode_fields__[0],  # type: ignore[attr-defined]
        asked=print_rule(node.rule),
        holds=bool(answers.verdicts[number]),
        changes_at=answers.ahead.changes[number],
        value=value,
        evidence=evidence,
        detail=None if told is None else told.detail,
        conditions=tuple(_explained(nodes, inner, answers) for inner in node.inside),
    )


def _counted(node: _Node, verdicts: Answers) -> Told | None:
    """How many of the conditions inside one hold, where that is what it is about."""
    inside = [bool(verdicts[number]) for number in node.inside]
    match node.rule:
        case AtLeast():
            return Told(sum(inside), Parts(len(inside)))
        case OnBrands():
            brands = map(BrandVerdict, node.brands, inside)
            return Told(sum(inside), Brands(tuple(brands)))
    return None
