"""A plan as SQL of DuckDB, made of sqlglot expressions, which quote names and write literals.

`compile_members` is the whole road: resolve, plan, print.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Literal, NamedTuple

from sqlglot import exp

from patron.segments import conditions, paths, sql_sets, tree
from patron.segments.catalogue import Catalogue
from patron.segments.conditions import DIALECT, column, one_of
from patron.segments.frames import BASE, Asked, Bulk, Derived, Frame, Relations, Rows, named, table
from patron.segments.having import having, trait_names
from patron.segments.moments import AS_OF, Moment
from patron.segments.picks import PickTest
from patron.segments.plan import (
    Always,
    Anchor,
    Combined,
    Grouped,
    Listed,
    Meet,
    Planner,
    Profiles,
    Scan,
    Signed,
    Span,
    Special,
    Tallied,
    Test,
    Union,
)
from patron.segments.plan_sets import Ranking
from patron.segments.resolve import resolve
from patron.segments.tree import Rule


def compile_members(
    rule: Rule,
    *,
    as_of: datetime,
    catalogue: Catalogue,
    relations: Relations = BASE,
    profile_id: int | None = None,
) -> str:
    """The members of a rule as a query with one column, ``profile_id``, and one row per member.

    Args:
        rule: As `codec.decode` and `text.parse` give it.
        as_of: The moment that it is asked for: naive, in UTC. Nothing later is seen.
        catalogue: Where the segments are that the rule rests on.
        relations: The tables to read; see `Relations.of`.
        profile_id: Ask of this one customer only: the query gives one row or none.

    Raises:
        RuleError: It rests on unknown segments or lists or on itself, or compares what cannot be.

    >>> from patron.segments.text import parse
    >>> rule = parse('did "Order Completed" in the last 90 days')
    >>> print(compile_members(rule, as_of=datetime(2018, 1, 1), catalogue=Catalogue()))
    ... # doctest: +NORMALIZE_WHITESPACE
    SELECT "profile_id" FROM "events"
    WHERE "name" = 'Order Completed'
      AND "occurred_at" > CAST('2017-10-03 00:00:00' AS TIMESTAMP)
      AND "occurred_at" <= CAST('2018-01-01 00:00:00' AS TIMESTAMP)
    GROUP BY "profile_id"
    """
    resolve(rule, catalogue, unknown="warn")
    signed = Planner(catalogue).plan(rule)
    return Printer(Bulk(as_of, relations, profile_id)).members(signed).sql(DIALECT, copy=False)


class Leaf(NamedTuple):
    """A set of a plan that is made of no others, as it is asked for.

    Attributes:
        rows: The relation that `sql` is a test on the rows of one question of; None when it is a
            query of its own, with the column ``ask``.
        sql: The test, or the query.
    """

    rows: Rows | None
    sql: str


@dataclass(frozen=True, eq=False)
class Question:
    """A rule that can be asked of given customers: see `asked.py`.

    Attributes:
        plan: What it is made of.
        leaves: How each set is answered that is made of no others, by `id`.
        needs: The relations that it reads.
        columns: The columns of their rows that the leaves read.
        derived: The columns that are made for them.
        moments: The columns that the questions have to bring along, by name.
        rankings: Those that `ranked` has to hold, by key and the moment that each is made for.
    """

    plan: Signed
    leaves: dict[int, Leaf]
    needs: frozenset[Rows]
    columns: frozenset[str]
    derived: frozenset[Derived]
    moments: dict[str, Moment]
    rankings: dict[tuple[str, Moment], Ranking]

    @cached_property
    def sql(self) -> str:
        """The whole rule as one query with the column ``ask``."""
        return Printer(Asked()).members(self.plan).sql(DIALECT, copy=False)


def compile_question(rule: Rule, catalogue: Catalogue) -> Question:
    """The same rule, asked of given customers, each as of a moment of their own.

    Raises:
        RuleError: As `compile_members`.
    """
    resolve(rule, catalogue, unknown="warn")
    return Questions().question(Planner(catalogue).plan(rule))


class Questions:
    """Makes questions of plans; a set that several of them share is printed once."""

    def __init__(self) -> None:
        self._printed: dict[int, tuple[Profiles, Leaf, frozenset[str], Asked]] = {}

    def question(self, plan: Signed) -> Question:
        """A plan as a question about given customers."""
        parts = {id(part): self._print(part) for part in _leaves(plan.profiles)}
        frames = [frame for _, _, frame in parts.values()]
        return Question(
            plan=plan,
            leaves={key: leaf for key, (leaf, _, _) in parts.items()},
            needs=frozenset(need for frame in frames for need in frame.needs),
            columns=frozenset(name for _, names, _ in parts.values() for name in names),
            derived=frozenset(made for frame in frames for made in frame.derived),
            moments={name: at for frame in frames for name, at in frame.moments.items()},
            rankings={key: ranking for frame in frames for key, ranking in frame.rankings.items()},
        )

    def _print(self, profiles: Profiles) -> tuple[Leaf, frozenset[str], Asked]:
        if id(profiles) not in self._printed:
            frame = Asked()
            rows, part = Printer(frame).leaf(profiles, frame)
            if rows is not None:
                frame.needs.add(rows)
            read = frozenset(found.name for found in part.find_all(exp.Column))
            self._printed[id(profiles)] = profiles, Leaf(rows, part.sql(DIALECT)), read, frame
        return self._printed[id(profiles)][1:]


def universe(as_of: datetime) -> exp.Select:
    """Every profile that stands and was seen by then: whom "not" is about."""
    return Bulk(as_of).everybody(AS_OF)


class Printer:
    """Writes one plan down.

    Args:
        frame: Whom the query is about, and when.
    """

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.key = frame.key
        self._shared: dict[int, str] = {}

    def members(self, signed: Signed) -> exp.Query:
        """The query; sets that are used more than once stand in front of it, under a name."""
        shared = _used_twice(signed.profiles)
        written = [(f"set_{number}", profiles) for number, profiles in enumerate(shared, 1)]
        before = []
        for name, profiles in written:
            before.append((name, self.set(profiles)))
            self._shared[id(profiles)] = name
        query = self.set(signed.profiles)
        if signed.complement:
            everybody = named(self.frame.everybody(AS_OF), "everybody")
            query = exp.select(column(self.key)).from_(everybody)
            query = self._joined(query, "anti", signed.profiles, "members")
        for name, inner in before:
            query = query.with_(name, as_=inner, materialized=True, dialect=DIALECT, copy=False)
        return query

    def is_shared(self, profiles: Profiles) -> bool:
        """Whether a set stands in front of the query, under a name."""
        return id(profiles) in self._shared

    def set(self, profiles: Profiles) -> exp.Query:
        """The query for one set of the plan."""
        if id(profiles) in self._shared:
            return exp.select(column(self.key)).from_(table(self._shared[id(profiles)]))
        match profiles:
            case Grouped():
                return self._grouped(profiles)
            case Listed():
                return self._listed(profiles)
            case Union(parts=parts):
                return exp.union(*(self.set(part) for part in parts), copy=False)
            case Meet(inside=inside, outside=outside):
                return self._meet(inside, outside)
            case Special():
                return sql_sets.query(self, profiles)
            case _:
                return profiles.query(self)

    def _meet(self, inside: tuple[Profiles, ...], outside: tuple[Profiles, ...]) -> exp.Query:
        query = exp.select(column(self.key)).from_(named(self.set(inside[0]), "first"))
        for number, part in enumerate(inside[1:], 1):
            query = self._joined(query, "semi", part, f"with_{number}")
        for number, part in enumerate(outside, 1):
            query = self._joined(query, "anti", part, f"without_{number}")
        return query

    def _joined(self, query: exp.Select, how: str, profiles: Profiles, alias: str) -> exp.Select:
        # A copy of all that was joined so far, for each part, made long rules take long to print.
        return query.join(
            named(self.set(profiles), alias),
            using=[exp.to_identifier(self.key)],
            join_type=how,
            copy=False,
        )

    def _listed(self, listed: Listed) -> exp.Query:
        members = (
            self.frame.rows("identifiers")
            .distinct()
            .join(
                table("list_members"),
                using=[exp.to_identifier("type"), exp.to_identifier("value")],
                join_type="semi",
            )
        )
        entries = exp.select(column("type"), column("value")).from_(table("list_members"))
        entries = entries.where(
            exp.EQ(this=column("list"), expression=exp.Literal.string(listed.name))
        )
        members.args["joins"][0].set("this", named(entries, "entries"))
        seen = exp.select(column(self.key)).from_(named(members, "listed"))
        return seen.join(
            named(self.frame.everybody(listed.upto), "everybody"),
            using=[exp.to_identifier(self.key)],
            join_type="semi",
        )

    # ── scans ──

    def rows(self, scan: Scan) -> exp.Select:
        """The rows of a scan, with their key."""
        return self.frame.rows(scan.table).where(*self.scanned(scan))

    def _grouped(self, grouped: Grouped) -> exp.Query:
        if isinstance(grouped.test, PickTest) and isinstance(self.frame, Bulk):
            return grouped.test.of(grouped.scan).query(self)
        query, alone = self.grouped_rows(grouped.scan, grouped.test)
        if isinstance(grouped.test, Always):
            return query
        test = having(grouped.test, grouped.scan, self, alone=alone)
        return query.having(test, copy=False)

    def grouped_rows(self, scan: Scan, test: Test) -> tuple[exp.Select, bool]:
        """The rows of a scan that a test reads, grouped; and whether they are all of one trait."""
        wanted, alone = self._wanted(scan, test)
        return self.frame.rows(scan.table).where(*wanted).group_by(column(self.key)), alone

    def _wanted(self, scan: Scan, test: Test) -> tuple[list[exp.Expr], bool]:
        if scan.table != "traits":
            return self.scanned(scan), False
        names = sorted(trait_names(test))
        return [one_of("name", names), *self.scanned(scan)], len(names) == 1

    def leaf(self, profiles: Profiles, frame: Asked) -> tuple[Rows | None, exp.Expr]:
        """A set as it is asked for: many tests on the same rows are made in one pass over them."""
        if isinstance(profiles, Grouped):
            rows = profiles.scan.table
            wanted, alone = self._wanted(profiles.scan, profiles.test)
            test = having(profiles.test, profiles.scan, self, alone=alone)
            here = exp.and_(exp.true(), *(frame.derive(rows, each) for each in wanted))
            if not here.find(exp.Query) and not test.find(exp.Query):
                narrowed = _filtered(_derived(test, rows, frame), here)
                known = exp.Coalesce(this=narrowed, expressions=[exp.false()])
                if _needs_rows(profiles.test):
                    return rows, known
                some = _filtered(exp.Count(this=exp.Star()), here)
                any_row = exp.GT(this=some, expression=exp.Literal.number(0))
                always = isinstance(profiles.test, Always)
                return rows, any_row if always else exp.and_(any_row, known)
        return None, self.set(profiles)

    def scanned(self, scan: Scan, *, bounded: bool = True) -> list[exp.Expr]:
        """The conditions on the rows of a scan.

        Args:
            scan: Says which rows.
            bounded: Whether the bounds of its span count, beside what is seen at all.
        """
        span = scan.span if bounded else Span(scan.span.upto)
        if scan.table == "traits":
            return [*self.in_span(span), *sql_sets.of_brands(scan.brands)]
        return [*self._named_in_span(scan.span, scan.event), *self._beside_name(scan)]

    def fits(self, scan: Scan) -> list[exp.Expr]:
        """The conditions on the rows of a scan, whenever they happened."""
        if scan.table == "traits":
            return sql_sets.of_brands(scan.brands)
        timeless = replace(scan, span=Span(AS_OF))
        named = [] if scan.event is None else [one_of("name", [scan.event])]
        return [*named, *self._beside_name(timeless)]

    def _beside_name(self, scan: Scan) -> list[exp.Expr]:
        wanted = []
        if scan.brands:
            wanted.append(one_of("brand", scan.brands))
        if scan.currency is not None:
            wanted.append(one_of("currency", [scan.currency]))
        if scan.where is not None:
            wanted.append(self._filter(scan.where, scan, scan.table == "order_lines"))
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
                left = conditions.operand(paths.split(node.property), lines=lines)
                return conditions.condition(left, node.op, node.value)
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
        if isinstance(self.frame, Bulk):
            # They are going to be met with the scan: its bounds only let blocks be skipped.
            there = there.where(*self._named_in_span(replace(scan.span, anchor=None), scan.event))
        return there

    def _named_in_span(self, span: Span, event: str | None) -> list[exp.Expr]:
        named = [] if event is None else [one_of("name", [event])]
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


def _leaves(profiles: Profiles) -> list[Profiles]:
    """The sets of a plan that are made of no others."""
    match profiles:
        case Meet(inside=inside, outside=outside):
            return [leaf for part in (*inside, *outside) for leaf in _leaves(part)]
        case Union(parts=parts):
            return [leaf for part in parts for leaf in _leaves(part)]
        case Special() if profiles.inner():
            return [leaf for part in profiles.inner() for leaf in _leaves(part)]
    return [profiles]


_AGGREGATES = frozenset({"arg_max", "arg_min"})


def _derived(test: exp.Expr, rows: Rows, frame: Asked) -> exp.Expr:
    """A test on aggregates, with what they are taken of as columns."""

    def derive(node: exp.Expr) -> exp.Expr:
        return node if _aggregates(node) else frame.derive(rows, node)

    return test.transform(derive)


def _needs_rows(test: Test) -> bool:
    """Whether a test is surely false where no row is left to look at."""
    match test:
        case Combined(how="all" | "any", tests=tests):
            return all(_needs_rows(part) for part in tests)
        case Always() | Combined() | Tallied():
            return False
    return True


def _aggregates(node: exp.Expr) -> bool:
    """Whether a value is, or holds, one that takes many rows together."""
    return any(
        isinstance(part, exp.AggFunc | exp.Filter | exp.Where | exp.Tuple | exp.Distinct)
        or (isinstance(part, exp.Anonymous) and part.name in _AGGREGATES)
        for part in node.walk()
    )


def _filtered(test: exp.Expr, here: exp.Expr) -> exp.Expr:
    """A test on aggregates, each of which looks at some rows only."""

    def narrow(node: exp.Expr) -> exp.Expr:
        if isinstance(node, exp.Filter):
            both = exp.and_(here.copy(), node.expression.this)
            return exp.Filter(this=node.this, expression=exp.Where(this=both))
        named = isinstance(node, exp.Anonymous) and node.name in _AGGREGATES
        if named or isinstance(node, exp.AggFunc):
            return exp.Filter(this=node.copy(), expression=exp.Where(this=here.copy()))
        return node

    return test.transform(narrow)


def _used_twice(profiles: Profiles) -> list[Profiles]:
    """The sets that stand in a plan more than once, those that others hold first."""
    uses: Counter[int] = Counter()
    inner_first: list[Profiles] = []

    def visit(current: Profiles) -> None:
        uses[id(current)] += 1
        if uses[id(current)] > 1:
            return
        match current:
            case Meet(inside=inside, outside=outside):
                parts: tuple[Profiles, ...] = (*inside, *outside)
            case Union(parts=united):
                parts = united
            case Special():
                parts = current.inner()
            case _:
                parts = ()
        for part in parts:
            visit(part)
        inner_first.append(current)

    visit(profiles)
    return [current for current in inner_first if uses[id(current)] > 1]
