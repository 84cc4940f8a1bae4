"""Which observation of a trait holds, as SQL: by the rule of survivorship that is declared for it.

One query tells the value of a trait, either at the moment of the question or at every moment at
which it could become another: whenever something was observed, and whenever an observation ceased
to hold. What counts at a moment is what was observed by then, is not too old (unless set by hand),
and was not taken back: a null takes back what the same source said before it. Where the latest
observation wins, a null takes back what all sources said; what people set by hand is a matter of
its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp

from patron.segments import conditions
from patron.segments.algebra import Grouped
from patron.segments.comparable import comparable
from patron.segments.conditions import DIALECT, Operand, column, one_of
from patron.segments.frames import Asked, table
from patron.segments.having import trait_condition
from patron.segments.scans import Scan
from patron.spec.traits import USUAL_TRUST, Survivorship, Survivorships

if TYPE_CHECKING:
    from patron.segments.predicates import TraitTest
    from patron.segments.sql import Printer

_ORDER = "(occurred_at, source_id, message_id)"

_AT_EVERY_MOMENT = """
select {key}, occurred_at as moment from rows{late}
"""

_OVER_TIME = """
select rows.*, moments.moment
from (select distinct * from ({moments})) as moments
join rows on rows.{key} = moments.{key} and rows.occurred_at <= moments.moment
"""

_NUMBERED = """
select *, count(*) filter (counts and not by_hand) over (
    partition by {key}, moment, comparable) as times
from (select *, {comparable} as comparable from kept)
"""

_WINNERS = """
with rows as ({rows}),
told as (
    select *, {by_hand} as by_hand, {voice} as voice, {alive} as alive from ({seen}) as seen
),
kept as (
    select *, value is not null and alive and coalesce({order} > cleared, true) as counts
    from (
        select *, max({order}) filter (value is null) over (
            partition by {key}, moment, voice) as cleared
        from told
    ) as told
)
"""

_CHOSEN = """
select {key}, moment, {chosen} as chosen from {source} as kept group by {key}, moment
"""

_LATEST = """
select {key}, moment, case when by_hand.value is not null then by_hand else latest end as chosen
from (
    select {key}, moment, arg_max({row}, {order}) filter ({by_hand}) as by_hand,
        arg_max({row}, {order}) filter (not ({by_hand}) and ({alive})) as latest
    from ({rows}) as rows group by {key}, moment
) as latest
"""
"""Of the latest observation nothing has to be known but which it is, and a null that is the latest
clears all others: one pass tells, in less than half the time."""

_UNITED = """,
items as (
    select {key}, moment, item, {comparable} as comparable
    from (
        select {key}, moment, unnest(try_cast(value as variant[])) as item
        from kept where counts and not by_hand and {is_list}
    ) as lists
    where item is not null
),
united as (
    select {key}, moment, string_agg(item, ',' order by comparable) as items
    from (
        select {key}, moment, comparable, min(item::json::varchar) as item
        from items group by {key}, moment, comparable
    ) as items
    group by {key}, moment
),
latest as (
    select {key}, moment,
        arg_max({row}, {order}) filter (counts and by_hand) as by_hand,
        arg_max({row}, {order}) filter (counts and not by_hand and {is_list}) as latest
    from kept group by {key}, moment
)
select {key}, moment, case
    when by_hand is not null then by_hand
    when latest is not null then {{
        'value': ('[' || coalesce(items, '') || ']')::json::variant,
        'occurred_at': latest.occurred_at, 'source_id': latest.source_id
    }} end as chosen
from latest left join united using ({key}, moment)
"""

_ROW = "{'value': value, 'occurred_at': occurred_at, 'source_id': source_id}"
_IS_LIST = "starts_with(variant_typeof(value), 'ARRAY')"


def winners(
    rows: exp.Select,
    key: str | tuple[str, ...],
    rule: Survivorship,
    upto: exp.Expr,
    *,
    over_time: bool,
) -> exp.Select:
    """The values that hold of one trait.

    Args:
        rows: The observations up to `upto`, with the key and with occurred_at, source_id,
            message_id and value.
        key: The column that says whose each is; or several, when not over time.
        rule: Which of them wins.
        upto: The moment that is asked about, over the columns of `rows`.
        over_time: Tell the values at all moments at which another one may begin, up to `upto`;
            else the one at that moment.

    Returns:
        The key, the moment as `occurred_at`, `value` (NULL where nothing holds), and of the
        observation that won, or of the latest that took part, `source_id` and `told_at`.
    """
    keys = (key,) if isinstance(key, str) else key
    own = ", ".join(column(part).sql(DIALECT) for part in keys)
    hands = ", ".join(map(str, rule.by_hand))
    by_hand = f"source_id in ({hands})" if hands else "false"
    voice = "0" if rule.rule == "most_recent" else "source_id"
    length = None if rule.holds_for is None else _length(rule.holds_for)
    seen = "select * from rows"
    if over_time:
        late = ""
        if length is not None:
            late = (
                f" union all select {own}, occurred_at + {length} from rows"
                f" where occurred_at + {length} <= {upto.sql(DIALECT)}"
            )
        seen = _OVER_TIME.format(key=own, moments=_AT_EVERY_MOMENT.format(key=own, late=late))
    else:
        rows = rows.select(exp.alias_(upto, "moment", quoted=True))
    parts = {
        "rows": rows.sql(DIALECT),
        "seen": seen,
        "key": own,
        "by_hand": by_hand,
        # A null takes back what the same voice said.
        "voice": f"case when {by_hand} then -1 else {voice} end",
        "alive": "true" if length is None else f"{by_hand} or occurred_at > moment - {length}",
        "order": _ORDER,
        "row": _ROW,
    }
    query = sqlglot.parse_one(
        f"select {own}, moment as occurred_at, chosen.value as value, "
        "chosen.source_id as source_id, chosen.occurred_at as told_at "
        f"from ({_statement(rule, parts, over_time=over_time)}) as chosen",
        dialect=DIALECT,
    )
    assert isinstance(query, exp.Select)  # noqa: S101 - as it is written above
    return query


def _statement(rule: Survivorship, parts: dict[str, str], *, over_time: bool) -> str:
    """The query for the observations that are chosen."""
    if rule.rule == "most_recent" and not over_time:
        return _LATEST.format(**parts)
    winners = _WINNERS.format(**parts)
    if rule.rule == "union":
        united = _UNITED.format(**parts, comparable=_comparable("item"), is_list=_IS_LIST)
        return winners + united
    key = parts["key"]
    return winners + _CHOSEN.format(key=key, chosen=_chosen(rule), source=_source(rule, key))


def _source(rule: Survivorship, key: str) -> str:
    if rule.rule != "most_frequent":
        return "kept"
    return f"({_NUMBERED.format(key=key, comparable=_comparable('value'))})"


def _chosen(rule: Survivorship) -> str:
    """The observation that wins among those that count: one by hand, or else by the rule."""
    order = _ORDER[1:-1]
    match rule.rule:
        case "trusted":
            ranks = " ".join(f"when {source} then {-rank}" for source, rank in rule.ranks)
            rank = f"case source_id {ranks} else {-USUAL_TRUST} end" if ranks else "0"
            won = f"arg_max({_ROW}, ({rank}, {order}))"
        case "longest":
            texts = "case when variant_typeof(value) = 'VARCHAR' then length(value::varchar) end"
            won = f"arg_max({_ROW}, (coalesce({texts}, -1), {order}))"
        case "most_frequent":
            won = f"arg_max({_ROW}, (times, {order}))"
        case "first":
            won = f"arg_min({_ROW}, ({order}))"
        case _:
            won = f"arg_max({_ROW}, ({order}))"
    hand = f"arg_max({_ROW}, ({order})) filter (counts and by_hand)"
    return f"coalesce({hand}, {won} filter (counts and not by_hand))"


def _comparable(name: str) -> str:
    return comparable(Operand(exp.column(name), "variant")).sql(DIALECT)


def _length(span: timedelta) -> str:
    return conditions.length(span).sql(DIALECT)


def observed(
    printer: Printer, scan: Scan, name: str, rule: Survivorship, *, over_time: bool
) -> exp.Select:
    """The values that hold of a trait of those whom a query is about: see `winners`.

    Where it is only what was set by hand that makes a difference, only those are in it of whom
    anything was: `beside_hands` adds the others.

    The query has no columns yet; beside those of `winners` it may read what belongs to a question.
    """
    read = [column(one) for one in ("occurred_at", "source_id", "message_id", "value")]
    rows = printer.frame.rows("traits").select(*read)
    rows = rows.where(one_of("name", [name]), *printer.scanned(scan, bounded=False))
    if rule.only_by_hand:
        rows = rows.where(_in_hands(printer, scan, name, rule))
    upto = printer.frame.moment(scan.span.upto)
    rows = rows.select(*(part.copy() for part in upto.find_all(exp.Column)))
    found = winners(rows, printer.key, rule, upto, over_time=over_time)
    query = exp.select().from_(found.subquery("held"))
    if isinstance(printer.frame, Asked):
        # Whatever moments the questions bring along may be asked about.
        own = exp.to_identifier(printer.key, quoted=True)
        query = query.join(table("asked"), using=[own])
    return query


def beside_hands(
    printer: Printer,
    scan: Scan,
    path: str,
    rule: Survivorship,
    queries: tuple[exp.Query, exp.Query],
) -> exp.Query:
    """Those of whom something holds by a rule, given the queries by the usual one and by that."""
    usual, decided = queries
    if not rule.only_by_hand:
        return decided
    name, _ = conditions.trait_operand(path)
    others = exp.select(column(printer.key)).from_(usual.subquery("usual"))
    others = others.where(exp.Not(this=_in_hands(printer, scan, name, rule)))
    return exp.union(others, decided, distinct=False, copy=False)


def _in_hands(printer: Printer, scan: Scan, name: str, rule: Survivorship) -> exp.Expr:
    """Whether anything was ever set by hand of the customer of a row."""
    rows = printer.frame.rows("traits").where(
        one_of("name", [name]), set_by_hand(rule), *printer.scanned(scan, bounded=False)
    )
    return exp.In(this=column(printer.key), query=exp.Subquery(this=rows))


def set_by_hand(rule: Survivorship) -> exp.Expr:
    """Whether an observation was made by hand."""
    hands: list[exp.Expr] = [exp.Literal.number(source) for source in rule.by_hand]
    return exp.In(this=column("source_id"), expressions=hands)


@dataclass(frozen=True, eq=False)
class Survived:
    """The profiles of whom the observation of a trait that holds fulfils a test.

    Attributes:
        scan: The observations, up to now.
        test: The test.
        rule: Which of them holds.
    """

    scan: Scan
    test: TraitTest
    rule: Survivorship

    @property
    def key(self) -> str:
        """Equal for equal sets only."""
        return f"{self.scan.key} {self.test.key} by {self.rule.key}"

    def query(self, printer: Printer) -> exp.Query:
        """The set as SQL."""
        name, operand = conditions.trait_operand(self.test.path)
        found = observed(printer, self.scan, name, self.rule, over_time=False)
        verdict = conditions.certain(trait_condition(operand, self.test, printer.frame))
        decided = found.select(column(printer.key)).where(verdict)
        usual = Grouped(self.scan, self.test).query(printer)
        return beside_hands(printer, self.scan, self.test.path, self.rule, (usual, decided))


_USUAL = """
select profile_id, name, chosen.value as value, chosen.source_id as source_id,
    chosen.occurred_at as occurred_at
from (
    select profile_id, name, arg_max({row}, {order}) as chosen
    from {relation} where {here} group by profile_id, name
)
"""


def every_trait(relation: str, rules: Survivorships, upto: exp.Expr, *, of: str = "true") -> str:
    """The traits that hold of everybody, as SQL.

    Args:
        relation: Has the observations, such as ``current_traits``.
        rules: Which observation of each trait holds.
        upto: The moment that is asked about.
        of: SQL that says of which rows.

    Returns:
        A query with profile_id, name, value, occurred_at and source_id; the value may be NULL.
    """
    end = upto.sql(DIALECT)
    alike: dict[Survivorship, list[exp.Expr]] = {}
    for name, rule in sorted(rules.declared.items()):
        alike.setdefault(rule, []).append(exp.Literal.string(name))
    declared = [name for names in alike.values() for name in names]
    other = exp.Not(this=exp.In(this=column("name"), expressions=declared))
    here = f"({of}) and occurred_at <= {end}"
    usual = f"{here} and {other.sql(DIALECT)}" if declared else here
    parts = [
        _decided(relation, rule, upto, f"{here} and {_named(names)}")
        for rule, names in alike.items()
    ]
    if rules.others is None:
        parts.append(_USUAL.format(row=_ROW, order=_ORDER, relation=relation, here=usual))
    else:
        parts.append(_decided(relation, rules.others, upto, usual))
    return " union all ".join(f"({part})" for part in parts)


def _named(names: list[exp.Expr]) -> str:
    return exp.In(this=column("name"), expressions=names).sql(DIALECT)


def _decided(relation: str, rule: Survivorship, upto: exp.Expr, here: str) -> str:
    read = ("profile_id", "name", "occurred_at", "source_id", "message_id", "value")
    rows = exp.select(*map(column, read)).from_(table(relation))
    rows = rows.where(sqlglot.parse_one(here, dialect=DIALECT))
    found = winners(rows, ("profile_id", "name"), rule, upto, over_time=False).sql(DIALECT)
    return f"select profile_id, name, value, source_id, told_at as occurred_at from ({found})"


def traits_view(rules: Survivorships) -> str:
    """The statement that makes the view `customer_traits`, in which people ask.

    The view holds as of the variable `as_of` of a connection; without one, as of the end of time.
    """
    upto = sqlglot.parse_one(
        "coalesce(getvariable('as_of')::timestamp, timestamp '9999-12-31')", dialect=DIALECT
    )
    return (
        "create or replace view customer_traits as "
        "select t.profile_id, t.name, t.value, t.occurred_at, s.name as source "
        f"from ({every_trait('current_traits', rules, upto)}) as t "
        "join sources as s using (source_id) where t.value is not null"
    )
