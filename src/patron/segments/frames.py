"""Whom a query is about, and when: all customers at one moment, or some, each at their own.

Both frames print the same plan. In `Bulk` the key of a customer is the profile id and every moment
a literal, so that the engine can skip what lies outside a window. In `Asked` the key is the number
of a question (a customer and a moment), and moments are columns beside the rows, so that one
statement answers any number of questions.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal, NamedTuple

import msgspec
from sqlglot import exp

from patron.engines.duckdb import Cursor
from patron.segments import conditions
from patron.segments.conditions import column
from patron.segments.moments import AS_OF, AsOf, Before, Fixed, Moment

if TYPE_CHECKING:
    from patron.segments.rankings import Ranking
    from patron.segments.rfm import LaidOut

Rows = Literal[
    "events",
    "order_lines",
    "traits",
    "identifiers",
    "group_members",
    "group_traits",
    "membership_changes",
    "orders",
]
"""What a query can read of customers; each table has its counterpart for questions."""


@dataclass(frozen=True)
class Between:
    """Profile ids above one and up to another."""

    after: int
    upto: int


Whom = int | tuple[int, ...] | Between | None
"""One customer, some by their ids, or everybody."""


class Relations(msgspec.Struct, frozen=True):
    """The names of the tables that a question about all customers reads.

    Attributes:
        events: With the columns of the table `events`.
        order_lines: With the columns of `order_lines`.
        traits: With the columns of `traits`.
        identifiers: With the columns of `identifiers`.
        group_members: With the columns of `group_members`.
        group_traits: With the columns of `group_traits`.
        membership_changes: With the columns of `membership_changes`, and `occurred_at`.
        profiles: With `profile_id`, `merged_into` and `first_seen_at`.
        early: Rows may lie before their customer was first seen, for they were made on a device
            that had been somebody else's.
    """

    events: str
    order_lines: str
    traits: str
    identifiers: str = "current_identifiers"
    group_members: str = "current_group_members"
    group_traits: str = "group_traits"
    membership_changes: str = "current_membership_changes"
    profiles: str = "profiles"
    early: bool = False

    @staticmethod
    def of(cursor: Cursor) -> Relations:
        """The tables themselves, or the views that follow merges while some wait for compaction."""
        waiting, shared = cursor.execute(
            "select exists (select 1 from profile_map), exists (select 1 from device_turns)"
        ).all()[0]
        return Relations.when(waiting=waiting, shared=shared)

    @staticmethod
    def when(*, waiting: bool, shared: bool) -> Relations:
        """The relations to read.

        Args:
            waiting: Merges wait for compaction.
            shared: There are devices that several people share.
        """
        return msgspec.structs.replace(CURRENT if waiting else BASE, early=shared)


_MOVED = """
select profile_id, survivor_id from profile_map
where survivor_id in (select unnest(?::bigint[])) order by profile_id
"""

COLUMNS: dict[Rows, tuple[str, ...]] = {
    "events": (
        "position", "identifier_id", "type", "name", "occurred_at", "received_at", "source_id",
        "brand", "channel", "order_id", "currency", "revenue", "total", "tax", "shipping",
        "discount", "coupon", "properties", "message_id",
    ),
    "order_lines": (
        "position", "line", "identifier_id", "name", "occurred_at", "brand", "currency",
        "product_id", "sku", "product_name", "category", "product_brand", "variant", "colour",
        "price", "quantity", "properties",
    ),
    "traits": (
        "position", "identifier_id", "name", "value", "occurred_at", "source_id", "message_id",
    ),
    "group_members": (
        "position", "identifier_id", "group_id", "occurred_at", "source_id", "message_id",
    ),
    "membership_changes": (
        "change_id", "segment", "version", "kind", "changed_at", "occurred_at", "recorded_at",
        "reason", "first_fill",
    ),
    "orders": (
        "position", "occurred_at", "source_id", "message_id", "brand", "channel", "order_id",
        "currency", "revenue", "total", "tax", "shipping", "discount", "coupon", "properties",
        "state", "gross", "exchanged", "refunded", "net", "cost", "margin",
    ),
}  # fmt: skip
"""What may be read of the rows of a customer, beside whose they are."""

_STORED: frozenset[Rows] = frozenset({"events", "order_lines", "traits", "group_members"})
"""What keeps the ids of merged profiles until compaction."""

BASE = Relations("events", "order_lines", "traits", group_members="group_members")
"""The tables themselves: exact, and fastest, while no merge waits for compaction."""

CURRENT = Relations("current_events", "current_order_lines", "current_traits")
"""The views that follow merges: always exact."""


@dataclass(frozen=True)
class Bulk:
    """Every customer, as of one moment.

    Attributes:
        as_of: The moment, naive UTC.
        relations: The tables to read.
        profile_id: Only this customer, or these.
        moved: Profiles merged into those customers, whose rows are still stored under their old
            ids, and into whom; None when that is not known, see `about`.
        scores: Has the scores of everybody for several questions; None: each makes its own.
    """

    as_of: datetime
    relations: Relations = BASE
    profile_id: Whom = None
    moved: tuple[tuple[int, int], ...] | None = None
    scores: LaidOut | None = None
    key: str = "profile_id"
    of_groups: tuple[str, ...] = ("group_id",)

    @staticmethod
    def about(cursor: Cursor, as_of: datetime, profile_id: Whom = None) -> Bulk:
        """The frame of everybody, or of some, over the tables that are right at present.

        The views that follow merges say whose a row is for all rows there are. Of a few customers
        it is found out first under which ids their rows are stored, so that the engine can skip
        all others.
        """
        frame = Bulk(as_of, Relations.of(cursor), profile_id)
        if frame.relations.events == BASE.events or not isinstance(profile_id, int | tuple):
            return frame
        ids = [profile_id] if isinstance(profile_id, int) else list(profile_id)
        return replace(frame, moved=tuple(cursor.execute(_MOVED, [ids]).all()))

    def moment(self, moment: Moment) -> exp.Expr:
        """A moment as SQL."""
        return conditions.moment(moment.at(self.as_of))

    def rows(self, name: Rows) -> exp.Select:
        """The rows of all customers, to be narrowed; with the column `key`."""
        followed = self.moved is not None and name in _STORED
        source = self._stored(name) if followed else table(getattr(self.relations, name))
        return self.narrowed(exp.select(column(self.key)).from_(source))

    def _stored(self, name: Rows) -> exp.Table | exp.Subquery:
        """Rows of the customers, and of profiles that were merged into them, as theirs."""
        stored = table(getattr(BASE, name))
        if not self.moved:
            return stored
        whose = exp.Case(this=column(self.key), default=column(self.key))
        for old, survivor in self.moved:
            whose = whose.when(exp.Literal.number(old), exp.Literal.number(survivor))
        followed = exp.Star(replace=[exp.alias_(whose, self.key, quoted=True)])
        rows = exp.select(followed).from_(stored)
        return named(self.narrowed(rows, moved=self.moved), "stored")

    def group_traits(self) -> exp.Select:
        """What is known of groups; with the columns `of_groups`."""
        return exp.select(*map(column, self.of_groups)).from_(table(self.relations.group_traits))

    def seen(self, upto: Moment) -> list[exp.Expr]:
        """What makes a row lie at or before a moment."""
        return [exp.LTE(this=column("occurred_at"), expression=self.moment(upto))]

    def everybody(self, upto: Moment) -> exp.Select:
        """Whom "not" is about: every profile that stands and was seen by then."""
        query = exp.select(column(self.key)).from_(table(self.relations.profiles))
        query = query.where(
            exp.Is(this=column("merged_into"), expression=exp.null()),
            exp.LTE(this=column("first_seen_at"), expression=self.moment(upto)),
        )
        return self.narrowed(query)

    def standing(self, query: exp.Query) -> exp.Query:
        """Those of a query who stand and were seen by the moment that is asked for."""
        if not self.relations.early:
            return query
        found = exp.select(column(self.key)).from_(named(query, "found"))
        everybody = named(self.everybody(AS_OF), "everybody")
        return found.join(everybody, using=[exp.to_identifier(self.key)], join_type="semi")

    def of_seen(self, rows: exp.Select) -> exp.Select:
        """Those rows whose customers stand and were seen by the moment that is asked for."""
        if not self.relations.early:
            return rows
        return rows.where(exp.In(this=column(self.key), query=self.everybody(AS_OF).subquery()))

    def narrowed(self, query: exp.Select, *, moved: tuple[tuple[int, int], ...] = ()) -> exp.Select:
        """A query with the column `key`, of those customers whom the frame is about.

        Args:
            query: What is to be narrowed.
            moved: Merged profiles that it is about, too, and into whom they were merged.
        """
        if self.profile_id is None:
            return query
        if isinstance(self.profile_id, int) and not moved:
            one = exp.Literal.number(self.profile_id)
            return query.where(exp.EQ(this=column(self.key), expression=one))
        if isinstance(self.profile_id, Between):
            after, upto = map(exp.Literal.number, (self.profile_id.after, self.profile_id.upto))
            return query.where(
                exp.GT(this=column(self.key), expression=after),
                exp.LTE(this=column(self.key), expression=upto),
            )
        known = self.profile_id if isinstance(self.profile_id, tuple) else (self.profile_id,)
        ids = [exp.Literal.number(one) for one in (*known, *(old for old, _ in moved))]
        return query.where(exp.In(this=column(self.key), expressions=ids))


OPEN = frozenset({"properties", "value"})
"""Columns that hold whatever was sent."""


class Derived(NamedTuple):
    """A column that gathered rows get.

    Attributes:
        rows: Which rows.
        name: Its name.
        sql: Its value, over the columns of the row.
    """

    rows: Rows
    name: str
    sql: str


@dataclass(frozen=True)
class Asked:
    """Questions, each about one customer as of a moment of its own: see `asked.py`.

    Attributes:
        needs: The relations that the printed query reads.
        moments: Columns that the questions have to bring along, by name.
        derived: Columns that are found out once, as the rows are gathered.
        rankings: Those that the relation `ranked` has to hold, by key and the moment that each is
            made for.
    """

    needs: set[Rows] = field(default_factory=set)
    moments: dict[str, Moment] = field(default_factory=dict)
    derived: set[Derived] = field(default_factory=set)
    rankings: dict[tuple[str, Moment], Ranking] = field(default_factory=dict)
    key: str = "ask"
    of_groups: tuple[str, ...] = ("ask", "group_id")

    def moment(self, moment: Moment) -> exp.Expr:
        """A moment as SQL: an expression over the columns of each row."""
        match moment:
            case AsOf():
                return column("as_of")
            case Fixed(moment=at):
                return conditions.moment(at)
            case Before(of=of, length=span):
                return exp.Sub(this=self.moment(of), expression=conditions.length(span))
        name = str(moment)
        self.moments[name] = moment
        return column(name)

    def derive(self, rows: Rows, value: exp.Expr) -> exp.Expr:
        """A value of each row that no moment has a part in, as a column of its own.

        What VARIANT columns hold is read once for all questions so, and need not be gathered.
        """
        names = {found.name for found in value.find_all(exp.Column)}
        if not names & OPEN or names & {"as_of", *self.moments} or value.find(exp.Query):
            return value
        sql = value.sql(conditions.DIALECT)
        name = f"derived {hashlib.md5(sql.encode(), usedforsecurity=False).hexdigest()}"
        self.derived.add(Derived(rows, name, sql))
        return column(name)

    def rows(self, name: Rows) -> exp.Select:
        """The rows of the customers asked about; with the column `key`."""
        self.need(name)
        return exp.select(column(self.key)).from_(table(f"asked_{name}"))

    def need(self, name: Rows) -> None:
        """Rows of a table have to be gathered, and those that they follow from."""
        self.needs.add(name)
        if name == "orders":
            self.needs.update(("events", "order_lines"))

    def group_traits(self) -> exp.Select:
        """What is known of the groups of the customers asked about; with `of_groups`."""
        self.needs.add("group_traits")
        return exp.select(*map(column, self.of_groups)).from_(table("asked_group_traits"))

    def seen(self, upto: Moment) -> list[exp.Expr]:
        """What makes a row lie at or before a moment; rows after `as_of` are not there at all."""
        if upto == AS_OF:
            return []
        return [exp.LTE(this=column("occurred_at"), expression=self.moment(upto))]

    def everybody(self, upto: Moment) -> exp.Select:
        """The questions about a profile that was seen by then."""
        query = exp.select(column(self.key)).from_(table("asked"))
        return query.where(exp.LTE(this=column("first_seen_at"), expression=self.moment(upto)))


Frame = Bulk | Asked


def table(name: str) -> exp.Table:
    """A table by its name."""
    return exp.Table(this=exp.to_identifier(name, quoted=True))


def named(query: exp.Query, alias: str) -> exp.Subquery:
    """A query to read from, under a name."""
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(alias)))
