"""Rules as questions about given customers: what each set asks of the rows, and what it reads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from sqlglot import exp

from patron.segments import order_scans
from patron.segments.algebra import Compound, Grouped, Profiles, Signed, leaves
from patron.segments.catalogue import Catalogue
from patron.segments.conditions import DIALECT
from patron.segments.expressions import quoted
from patron.segments.frames import Asked, Derived, Rows
from patron.segments.having import AGGREGATES, having, of_those
from patron.segments.moments import AS_OF, Moment
from patron.segments.plan import Planner
from patron.segments.rankings import Ranking
from patron.segments.resolve import resolve
from patron.segments.sql import Printer
from patron.segments.tree import Rule


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

    def reads(self) -> frozenset[str]:
        """The columns that are read, and those that derived ones are made of."""
        return self.columns.union(*(quoted(made.sql) for made in self.derived))

    @cached_property
    def meaning(self) -> str:
        """Equal for rules that ask the same of the same rows."""

        def said(profiles: Profiles) -> str:
            if isinstance(profiles, Compound) and profiles.inner():
                return profiles.said([said(part) for part in profiles.inner()])
            rows, sql = self.leaves[id(profiles)]
            return sql if rows is None else f'{sql} of "asked_{rows}"'

        return f"{'not ' if self.plan.complement else ''}{said(self.plan.profiles)}"


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
        parts = {id(part): self._print(part) for part in leaves(plan.profiles)}
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
            rows, part = _leaf(profiles, frame)
            if rows is not None:
                frame.need(rows)
            read = frozenset(found.name for found in part.find_all(exp.Column))
            if "orders" in frame.needs:
                read |= order_scans.READS
            self._printed[id(profiles)] = profiles, Leaf(rows, part.sql(DIALECT)), read, frame
        return self._printed[id(profiles)][1:]


def _leaf(profiles: Profiles, frame: Asked) -> tuple[Rows | None, exp.Expr]:
    """A set as it is asked for: many tests on the same rows are made in one pass over them."""
    printer = Printer(frame)
    if isinstance(profiles, Grouped) and not _past_orders(profiles) and not profiles.scan.reach:
        rows = profiles.scan.table
        wanted, alone = printer.wanted(profiles.scan, profiles.test)
        test = having(profiles.test, profiles.scan, printer, alone=alone)
        here = exp.and_(exp.true(), *(frame.derive(rows, each) for each in wanted))
        if not here.find(exp.Query) and not test.find(exp.Query):
            return rows, of_those(profiles.test, _derived(test, rows, frame), here)
    return None, printer.set(profiles)


def _past_orders(profiles: Grouped) -> bool:
    """Whether it is about orders as they stood at another moment than the one asked for."""
    return profiles.scan.table == "orders" and profiles.scan.span.upto != AS_OF


def _derived(test: exp.Expr, rows: Rows, frame: Asked) -> exp.Expr:
    """A test on aggregates, with what they are taken of as columns."""

    def derive(node: exp.Expr) -> exp.Expr:
        return node if _aggregates(node) else frame.derive(rows, node)

    return test.transform(derive)


def _aggregates(node: exp.Expr) -> bool:
    """Whether a value is, or holds, one that takes many rows together."""
    return any(
        isinstance(part, exp.AggFunc | exp.Filter | exp.Where | exp.Tuple | exp.Distinct)
        or (isinstance(part, exp.Anonymous) and part.name in AGGREGATES)
        for part in node.walk()
    )
