"""A plan as SQL of DuckDB, made of sqlglot expressions, which quote names and write literals.

`compile_members` is the whole road: resolve, plan, print.
"""

from __future__ import annotations

from datetime import datetime

from sqlglot import exp

from patron.segments.algebra import Profiles, Signed, used_twice
from patron.segments.catalogue import Catalogue
from patron.segments.conditions import DIALECT, column
from patron.segments.frames import BASE, Bulk, Frame, Relations, named, table
from patron.segments.moments import AS_OF
from patron.segments.plan import Planner
from patron.segments.resolve import resolve
from patron.segments.sql_scans import ScanPrinter
from patron.segments.tree import Rule


def compile_members(
    rule: Rule,
    *,
    as_of: datetime,
    catalogue: Catalogue,
    relations: Relations = BASE,
) -> str:
    """The members of a rule as a query with one column, ``profile_id``, and one row per member.

    Args:
        rule: As `codec.decode` and `text.parse` give it.
        as_of: The moment that it is asked for: naive, in UTC. Nothing later is seen.
        catalogue: Where the segments are that the rule rests on.
        relations: The tables to read; see `Relations.of`.

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
    return members_within(Bulk(as_of, relations), rule, catalogue)


def members_within(frame: Bulk, rule: Rule, catalogue: Catalogue) -> str:
    """The members of a rule among those whom a frame is about, as `compile_members` gives them."""
    resolve(rule, catalogue, unknown="warn")
    signed = Planner(catalogue).plan(rule)
    query = Printer(frame).members(signed)
    # A complement is taken of those who stand.
    return (query if signed.complement else frame.standing(query)).sql(DIALECT, copy=False)


class Printer(ScanPrinter):
    """Writes one plan down.

    Args:
        frame: Whom the query is about, and when.
    """

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self._shared: dict[int, str] = {}

    def members(self, signed: Signed) -> exp.Query:
        """The query; sets that are used more than once stand in front of it, under a name."""
        shared = used_twice(signed.profiles)
        written = [(f"set_{number}", profiles) for number, profiles in enumerate(shared, 1)]
        before = []
        for name, profiles in written:
            before.append((name, self.set(profiles)))
            self._shared[id(profiles)] = name
        query = self.set(signed.profiles)
        if signed.complement:
            everybody = named(self.frame.everybody(AS_OF), "everybody")
            query = exp.select(column(self.key)).from_(everybody)
            query = self.joined(query, "anti", signed.profiles, "members")
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
        return profiles.query(self)

    def joined(self, query: exp.Select, how: str, profiles: Profiles, alias: str) -> exp.Select:
        """A query joined with a set, "semi" or "anti"."""
        # A copy of all that was joined so far, for each part, made long rules take long to print.
        return query.join(
            named(self.set(profiles), alias),
            using=[exp.to_identifier(self.key)],
            join_type=how,
            copy=False,
        )
